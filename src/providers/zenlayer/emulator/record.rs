//! A snapshot as the emulated vendor keeps it.

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
    pub(super) created_at: Timestamp,
    /// When reads begin to show it.
    pub(super) visible_at: Timestamp,
    /// When it leaves `CREATING`.
    pub(super) ready_at: Timestamp,
    /// Whether it ends as `FAILED`.
    pub(super) fails: bool,
    /// When the vendor deletes it by itself.
    pub(super) retention: Option<Timestamp>,
    /// When a delete that was asked for is complete.
    pub(super) gone_at: Option<Timestamp>,
    /// Until when the disk is being rolled back to it.
    pub(super) rolling_back_until: Option<Timestamp>,
    /// Made by a policy.
    #[serde(default)]
    pub(super) automatic: bool,
    /// A delete answers 200 and does nothing.
    #[serde(default)]
    pub(super) undeletable: bool,
}

impl SnapshotRecord {
    pub(super) fn status(&self, now: Timestamp) -> &'static str {
        if self.gone_at.is_some() {
            "DELETING"
        } else if now < self.ready_at {
            "CREATING"
        } else if self.fails {
            "FAILED"
        } else if self.rolling_back_until.is_some_and(|end| now < end) {
            "ROLLING_BACK"
        } else {
            "AVAILABLE"
        }
    }

    /// Zone and resource group are those of the disk, where there still is one.
    pub(super) fn json(&self, disk: Option<&EmulatedDisk>, now: Timestamp) -> serde_json::Value {
        let status = self.status(now);
        json!({
            "snapshotId": self.id,
            "snapshotName": self.name,
            "zoneId": disk.map(|disk| &disk.zone_id),
            "status": status,
            "snapshotType": if self.automatic { "Auto" } else { "Manual" },
            "retentionTime": self.retention,
            "diskId": self.disk_id,
            "createTime": self.created_at,
            "diskAbility": status == "AVAILABLE",
            "resourceGroup": {
                "resourceGroupId": disk.map(|disk| &disk.resource_group_id),
                "resourceGroupName": "Default",
            },
        })
    }

    pub(super) fn entry(&self, operation: LedgerOperation) -> LedgerEntry {
        LedgerEntry::new(operation, &self.id, &self.disk_id).name(Some(&self.name))
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
    if record.retention.is_some_and(|end| end <= stage.now) {
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
