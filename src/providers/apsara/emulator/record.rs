//! A snapshot as the emulated vendor keeps it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::sdk::emulator::{LedgerEntry, LedgerOperation, Stage, Store};
use crate::world::Timestamp;

use super::disks::EmulatedDisk;

const SNAPSHOTS: &str = "snapshots";
/// The ids of each disk's snapshots, so that no request looks at all of them without need.
const BY_DISK: &str = "snapshots_by_disk";

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct SnapshotRecord {
    pub(super) id: String,
    pub(super) disk_id: String,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) category: String,
    pub(super) retention_days: Option<u64>,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) client_token: Option<String>,
    pub(super) created_at: Timestamp,
    /// When reads begin to show it.
    pub(super) visible_at: Timestamp,
    /// When it leaves `progressing`.
    pub(super) ready_at: Timestamp,
    /// Whether it ends as `failed`.
    pub(super) fails: bool,
    /// When a delete that was asked for is complete.
    pub(super) gone_at: Option<Timestamp>,
    /// Something was made from it: a delete needs `Force`.
    #[serde(default)]
    pub(super) in_use: bool,
    /// Made by a policy.
    #[serde(default)]
    pub(super) automatic: bool,
}

impl SnapshotRecord {
    pub(super) fn status(&self, now: Timestamp) -> &'static str {
        if now < self.ready_at {
            "progressing"
        } else if self.fails {
            "failed"
        } else {
            "accomplished"
        }
    }

    /// A running creation keeps the disk busy, unless a delete has cancelled it.
    pub(super) fn is_running(&self, now: Timestamp) -> bool {
        self.gone_at.is_none() && now < self.ready_at
    }

    fn percent(&self, now: Timestamp) -> u64 {
        if now >= self.ready_at {
            return 100;
        }
        let whole = self.ready_at.since(self.created_at).as_secs().max(1);
        (now.since(self.created_at).as_secs() * 100 / whole).min(99)
    }

    fn expires_at(&self) -> Option<Timestamp> {
        let day = 24 * 60 * 60;
        self.retention_days.map(|days| {
            self.created_at.saturating_add(Duration::from_secs(days.saturating_mul(day)))
        })
    }

    /// What was made from it.
    pub(super) fn usage(&self) -> &'static str {
        if self.in_use { "disk" } else { "none" }
    }

    /// Who made it.
    pub(super) fn snapshot_type(&self) -> &'static str {
        if self.automatic { "auto" } else { "user" }
    }

    /// The snapshots of a disk form one chain.
    pub(super) fn link_id(&self) -> String {
        format!("sl-{}", self.disk_id)
    }

    /// Type, key and group are those of the disk, where there still is one.
    pub(super) fn json(&self, disk: Option<&EmulatedDisk>, now: Timestamp) -> serde_json::Value {
        let tags: Vec<_> = self
            .tags
            .iter()
            .map(|(key, value)| json!({ "TagKey": key, "TagValue": value }))
            .collect();
        let mut snapshot = json!({
            "SnapshotId": self.id,
            "SnapshotName": self.name,
            "Description": self.description,
            "Category": self.category,
            "Status": self.status(now),
            "Progress": format!("{}%", self.percent(now)),
            "CreationTime": self.created_at,
            "LastModifiedTime": self.created_at,
            "SnapshotType": self.snapshot_type(),
            "SourceDiskId": self.disk_id,
            "SourceDiskSize": "40",
            "SourceDiskType": disk.map(|disk| &disk.disk_type),
            "Encrypted": disk.is_some_and(|disk| !disk.kms_key_id.is_empty()),
            "KMSKeyId": disk.map(|disk| &disk.kms_key_id),
            "Usage": self.usage(),
            "InstantAccess": false,
            "Available": self.status(now) == "accomplished",
            "RemainTime": self.ready_at.since(now).as_secs(),
            "SnapshotLinkId": self.link_id(),
            "SnapshotSN": self.id,
            "ProductCode": "",
            "RegionId": "emulator-1",
            "ResourceGroupId": disk.map(|disk| &disk.resource_group_id),
            "Tags": { "Tag": tags },
        });
        if let (Some(days), Some(fields)) = (self.retention_days, snapshot.as_object_mut()) {
            fields.insert("RetentionDays".to_owned(), json!(days));
        }
        snapshot
    }

    pub(super) fn entry(&self, operation: LedgerOperation) -> LedgerEntry {
        LedgerEntry::new(operation, &self.id, &self.disk_id)
            .name(Some(&self.name))
            .client_token(self.client_token.as_deref())
    }

    pub(super) fn put(&self, store: &mut Store) {
        let mut ids: Vec<String> = store.get(BY_DISK, &self.disk_id).unwrap_or_default();
        if !ids.contains(&self.id) {
            ids.push(self.id.clone());
            store.put(BY_DISK, &self.disk_id, &ids);
        }
        store.put(SNAPSHOTS, &self.id, self);
    }

    fn remove(&self, store: &mut Store) {
        let mut ids: Vec<String> = store.get(BY_DISK, &self.disk_id).unwrap_or_default();
        ids.retain(|id| *id != self.id);
        store.put(BY_DISK, &self.disk_id, &ids);
        store.remove(SNAPSHOTS, &self.id);
    }
}

/// The snapshot `id` if it still exists; what time has ended is taken out of the world here.
pub(super) fn find(id: &str, stage: &mut Stage<'_>) -> Option<SnapshotRecord> {
    let record: SnapshotRecord = stage.store.get(SNAPSHOTS, id)?;
    if record.gone_at.is_some_and(|gone| gone <= stage.now) {
        record.remove(stage.store);
        return None;
    }
    if record.expires_at().is_some_and(|end| end <= stage.now) {
        record.remove(stage.store);
        stage.record(record.entry(LedgerOperation::Expire));
        return None;
    }
    Some(record)
}

/// The snapshots of a disk that still exist, oldest first.
pub(super) fn of_disk(disk_id: &str, stage: &mut Stage<'_>) -> Vec<SnapshotRecord> {
    let ids: Vec<String> = stage.store.get(BY_DISK, disk_id).unwrap_or_default();
    ids.iter().filter_map(|id| find(id, stage)).collect()
}

/// The disks of which a snapshot was ever made.
pub(super) fn disks_with_snapshots(stage: &Stage<'_>) -> impl Iterator<Item = String> + use<> {
    stage.store.all::<Vec<String>>(BY_DISK).into_iter().map(|(disk_id, _)| disk_id)
}

/// Every snapshot that still exists.
pub(super) fn all(stage: &mut Stage<'_>) -> Vec<SnapshotRecord> {
    let disks = stage.store.all::<Vec<String>>(BY_DISK);
    disks.iter().flat_map(|(disk_id, _)| of_disk(disk_id, stage)).collect()
}
