//! Disks: any well-formed id is one, unless a record says otherwise.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::sdk::emulator::Stage;

use super::parameters::Parameters;
use super::{Answer, Refusal, object, record};

/// A disk that differs from the others.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct DiskRecord {
    /// Its status; `IN_USE` unless given.
    pub(super) status: Option<String>,
    /// Whether it supports snapshots; it does unless given.
    pub(super) snapshot_ability: Option<bool>,
    /// There is no disk with this id.
    pub(super) missing: bool,
}

/// The disk `id`, if there is one.
pub(super) fn find(id: &str, stage: &Stage<'_>) -> Option<DiskRecord> {
    let well_formed = !id.is_empty()
        && id.len() <= 64
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    let record: DiskRecord = stage.store.get("disks", id).unwrap_or_default();
    (well_formed && !record.missing).then_some(record)
}

/// A disk of which a snapshot is being made says so.
pub(super) fn status(id: &str, disk: &DiskRecord, stage: &mut Stage<'_>) -> String {
    let now = stage.now;
    let snapshots = record::of_disk(id, stage);
    if snapshots.iter().any(|snapshot| snapshot.status(now) == "CREATING") {
        return "SNAPSHOT_CREATING".to_owned();
    }
    disk.status.clone().unwrap_or_else(|| "IN_USE".to_owned())
}

pub(super) fn describe(parameters: &Parameters, stage: &mut Stage<'_>) -> Result<Answer, Refusal> {
    let (first, size) = parameters.page()?;
    let ids = parameters.texts("diskIds")?.unwrap_or_else(|| {
        stage.store.all::<DiskRecord>("disks").into_iter().map(|(id, _)| id).collect()
    });
    let wanted_status = parameters.text("diskStatus")?;
    let wanted_ability = parameters.truth("snapshotAbility")?;
    let mut disks = Vec::new();
    for id in ids {
        let Some(disk) = find(&id, stage) else { continue };
        let status = status(&id, &disk, stage);
        let ability = disk.snapshot_ability.unwrap_or(true);
        if wanted_status.as_ref().is_some_and(|wanted| *wanted != status)
            || wanted_ability.is_some_and(|wanted| wanted != ability)
        {
            continue;
        }
        disks.push(json!({
            "diskId": id,
            "diskName": id,
            "regionId": "emulator-1",
            "zoneId": "emulator-1a",
            "diskType": "DATA",
            "portable": true,
            "diskCategory": "Standard NVMe SSD",
            "diskSize": 40,
            "diskStatus": status,
            "snapshotAbility": ability,
            "resourceGroupId": "rg-emulator",
            "resourceGroupName": "Default",
            "tags": {"tags": []},
        }));
    }
    let total = disks.len();
    let page: Vec<_> = disks.into_iter().skip(first).take(size).collect();
    Ok(object(&json!({ "totalCount": total, "dataSet": page })))
}
