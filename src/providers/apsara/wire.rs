//! What answers hold, as the vendor's pages spell it.

use serde::Deserialize;

use super::lenient;

/// One page of `DescribeSnapshots`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Page {
    #[serde(default, deserialize_with = "lenient::number")]
    pub(super) total_count: Option<u64>,
    pub(super) snapshots: Option<SnapshotList>,
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
