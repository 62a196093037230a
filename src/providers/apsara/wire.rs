//! What answers hold, as the vendor's pages spell it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::sdk::Listed;

use super::lenient;

/// One page of a list.
pub(super) trait Page: DeserializeOwned {
    type Record: Listed + Send;

    /// The length of the whole list, where it is told, and the records of this page; nothing where
    /// this is no page of a list, such as a proxy's own answer.
    fn parts(self) -> Option<(Option<u64>, Vec<Self::Record>)>;
}

/// One page of `DescribeSnapshots`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SnapshotPage {
    #[serde(default, deserialize_with = "lenient::number")]
    pub(super) total_count: Option<u64>,
    pub(super) snapshots: Option<SnapshotList>,
}

impl Page for SnapshotPage {
    type Record = DescribedSnapshot;

    fn parts(self) -> Option<(Option<u64>, Vec<DescribedSnapshot>)> {
        let is_list = self.snapshots.is_some() || self.total_count.is_some();
        let snapshots = self.snapshots.and_then(|list| list.snapshot);
        is_list.then(|| (self.total_count, snapshots.unwrap_or_default()))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SnapshotList {
    pub(super) snapshot: Option<Vec<DescribedSnapshot>>,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DescribedSnapshot {
    pub(super) snapshot_id: String,
    pub(super) snapshot_name: Option<String>,
    pub(super) description: Option<String>,
    #[serde(default)]
    pub(super) status: String,
    pub(super) progress: Option<String>,
    pub(super) creation_time: Option<String>,
    #[serde(default, deserialize_with = "lenient::number")]
    pub(super) retention_days: Option<u64>,
    pub(super) category: Option<String>,
    pub(super) snapshot_type: Option<String>,
    pub(super) source_disk_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::number")]
    pub(super) source_disk_size: Option<u64>,
    pub(super) source_disk_type: Option<String>,
    #[serde(default, deserialize_with = "lenient::truth")]
    pub(super) encrypted: Option<bool>,
    #[serde(rename = "KMSKeyId")]
    pub(super) kms_key_id: Option<String>,
    pub(super) usage: Option<String>,
    pub(super) resource_group_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::number")]
    pub(super) remain_time: Option<u64>,
    pub(super) last_modified_time: Option<String>,
    #[serde(default, deserialize_with = "lenient::truth")]
    pub(super) instant_access: Option<bool>,
    pub(super) product_code: Option<String>,
    pub(super) region_id: Option<String>,
    pub(super) snapshot_link_id: Option<String>,
    #[serde(rename = "SnapshotSN")]
    pub(super) snapshot_sn: Option<String>,
    #[serde(default, deserialize_with = "lenient::truth")]
    pub(super) available: Option<bool>,
    pub(super) tags: Option<TagList>,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TagList {
    pub(super) tag: Option<Vec<Tag>>,
}

/// Answers say `TagKey` where requests say `Key`.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Tag {
    #[serde(rename = "TagKey", alias = "Key")]
    pub(super) key: String,
    #[serde(rename = "TagValue", alias = "Value", default)]
    pub(super) value: String,
}

impl DescribedSnapshot {
    pub(super) fn tag_list(&self) -> impl Iterator<Item = &Tag> {
        self.tags.iter().flat_map(|tags| tags.tag.iter().flatten())
    }
}

impl Listed for DescribedSnapshot {
    fn id(&self) -> &str {
        &self.snapshot_id
    }
}

/// One page of `DescribeDisks`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DiskPage {
    #[serde(default, deserialize_with = "lenient::number")]
    total_count: Option<u64>,
    disks: Option<DiskList>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DiskList {
    disk: Option<Vec<DescribedDisk>>,
}

impl Page for DiskPage {
    type Record = DescribedDisk;

    fn parts(self) -> Option<(Option<u64>, Vec<DescribedDisk>)> {
        let is_list = self.disks.is_some() || self.total_count.is_some();
        let disks = self.disks.and_then(|list| list.disk);
        is_list.then(|| (self.total_count, disks.unwrap_or_default()))
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DescribedDisk {
    pub(super) disk_id: String,
    pub(super) disk_name: Option<String>,
    pub(super) status: Option<String>,
    #[serde(rename = "Type")]
    pub(super) disk_type: Option<String>,
    pub(super) category: Option<String>,
    #[serde(default, deserialize_with = "lenient::number")]
    pub(super) size: Option<u64>,
    pub(super) zone_id: Option<String>,
    pub(super) region_id: Option<String>,
    pub(super) instance_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::truth")]
    pub(super) portable: Option<bool>,
    #[serde(default, deserialize_with = "lenient::truth")]
    pub(super) encrypted: Option<bool>,
    #[serde(rename = "KMSKeyId")]
    pub(super) kms_key_id: Option<String>,
    pub(super) source_snapshot_id: Option<String>,
    pub(super) creation_time: Option<String>,
    pub(super) attached_time: Option<String>,
    operation_locks: Option<LockList>,
    tags: Option<TagList>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct LockList {
    operation_lock: Option<Vec<Lock>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Lock {
    lock_reason: Option<String>,
}

impl DescribedDisk {
    /// Why it is locked, where it is.
    pub(super) fn lock_reasons(&self) -> Vec<String> {
        let locks = self.operation_locks.iter().flat_map(|list| list.operation_lock.iter());
        locks.flatten().filter_map(|lock| lock.lock_reason.clone()).collect()
    }

    pub(super) fn tag_map(&self) -> BTreeMap<String, String> {
        tag_map(self.tags.iter().flat_map(|tags| tags.tag.iter().flatten()))
    }
}

impl Listed for DescribedDisk {
    fn id(&self) -> &str {
        &self.disk_id
    }
}

/// Tags by key.
pub(super) fn tag_map<'a>(tags: impl Iterator<Item = &'a Tag>) -> BTreeMap<String, String> {
    tags.map(|tag| (tag.key.clone(), tag.value.clone())).collect()
}
