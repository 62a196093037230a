//! The operations on snapshots.

use std::time::Duration;

use serde_json::json;

use crate::sdk::emulator::{LedgerOperation, Stage};
use crate::world::Timestamp;

use super::parameters::Parameters;
use super::record::{self, SnapshotRecord};
use super::{Answer, Refusal, disks, matches_name, object};

/// Ids have 19 digits in every sample.
const FIRST_ID: u64 = 1_900_000_000_000_000_000;
/// The longest name any client of the vendor allows.
const LONGEST_NAME: usize = 64;

pub(super) fn create(parameters: &Parameters, stage: &mut Stage<'_>) -> Result<Answer, Refusal> {
    let disk_id = parameters.required_text("diskId")?;
    let name = parameters.required_text("snapshotName")?;
    check_name(&name)?;
    let retention = parameters.time("retentionTime")?;
    let not_found =
        || Refusal::new(404, "INVALID_DISK_NOT_FOUND", format!("disk {disk_id} does not exist"));
    let disk = disks::find(&disk_id, stage).ok_or_else(not_found)?;
    check_retention(retention, stage.now)?;
    let status = disk.status(stage);
    if !matches!(status.as_str(), "IN_USE" | "AVAILABLE") || !disk.snapshot_ability {
        return Err(Refusal::new(
            400,
            "UNSUPPORTED_OPERATION_DISK_STATUS",
            format!("disk {disk_id} is {status} or supports no snapshots"),
        ));
    }
    let quota = stage.knob("snapshots_per_disk");
    if record::of_disk(&disk_id, stage).len() as u64 >= quota {
        return Err(Refusal::new(
            400,
            "INVALID_SNAPSHOT_QUOTA_EXCEED",
            format!("{quota} snapshots are allowed"),
        ));
    }
    let after = |knob: &str| stage.now.saturating_add(Duration::from_secs(stage.knob(knob)));
    let (visible_at, ready_at) = (after("visibility_seconds"), after("creation_seconds"));
    let snapshot = SnapshotRecord {
        id: (FIRST_ID + stage.store.count_up("snapshots")).to_string(),
        disk_id,
        name,
        created_at: stage.now.whole_seconds(),
        visible_at,
        ready_at,
        fails: stage.knob("creation_fails") > 0,
        retention,
        gone_at: None,
        rolling_back_until: None,
        automatic: false,
        undeletable: false,
    };
    snapshot.put(stage.store);
    stage.record(snapshot.entry(LedgerOperation::Create));
    Ok(object(&json!({ "snapshotId": snapshot.id })))
}

pub(super) fn describe(parameters: &Parameters, stage: &mut Stage<'_>) -> Result<Answer, Refusal> {
    let (first, size) = parameters.page()?;
    let ids = parameters.texts("snapshotIds")?;
    let disk_ids = parameters.texts("diskIds")?;
    let snapshots: Vec<_> = match (&ids, &disk_ids) {
        (Some(ids), _) => ids.iter().filter_map(|id| record::find(id, stage)).collect(),
        (None, Some(disks)) => disks.iter().flat_map(|disk| record::of_disk(disk, stage)).collect(),
        (None, None) => record::all(stage),
    };
    let name = parameters.text("snapshotName")?;
    let mut texts = Vec::new();
    for field in ["status", "snapshotType", "zoneId"] {
        texts.extend(parameters.text(field)?.map(|text| (field, text)));
    }
    let disk_type = parameters.text("diskType")?;
    let group = parameters.text("resourceGroupId")?;
    let now = stage.now;
    let mut found = Vec::new();
    for snapshot in snapshots {
        let disk = disks::find(&snapshot.disk_id, stage);
        let of_disk = |wanted: &Option<String>, held: fn(&disks::EmulatedDisk) -> &String| {
            wanted.is_none() || wanted.as_ref() == disk.as_ref().map(held)
        };
        let json = snapshot.json(disk.as_ref(), now);
        let fits = snapshot.visible_at <= now
            && disk_ids.as_ref().is_none_or(|disks| disks.contains(&snapshot.disk_id))
            && name.as_ref().is_none_or(|pattern| matches_name(&snapshot.name, pattern))
            && of_disk(&disk_type, |disk| &disk.disk_type)
            && of_disk(&group, |disk| &disk.resource_group_id)
            && texts.iter().all(|(field, text)| json[*field] == **text);
        if fits {
            found.push(json);
        }
    }
    let total = found.len();
    let page: Vec<_> = found.into_iter().skip(first).take(size).collect();
    Ok(object(&json!({ "totalCount": total, "dataSet": page })))
}

/// All or nothing: one unknown id fails the call.
pub(super) fn modify(parameters: &Parameters, stage: &mut Stage<'_>) -> Result<Answer, Refusal> {
    let ids = parameters.ids("snapshotIds")?;
    let name = parameters.text("snapshotName")?;
    let retention = parameters.time("retentionTime")?;
    let permanent = parameters.truth("isPermanent")?.unwrap_or(false);
    if retention.is_some() && permanent {
        return Err(Refusal::new(
            400,
            "INVALID_PARAMETER_VALUE",
            "retentionTime and isPermanent contradict each other",
        ));
    }
    if let Some(name) = &name {
        check_name(name)?;
    }
    check_retention(retention, stage.now)?;
    let mut snapshots = Vec::with_capacity(ids.len());
    for id in &ids {
        snapshots.push(record::find(id, stage).ok_or_else(|| not_found(id))?);
    }
    for mut snapshot in snapshots {
        if let Some(name) = &name {
            snapshot.name.clone_from(name);
        }
        if permanent {
            snapshot.retention = None;
        }
        snapshot.retention = retention.or(snapshot.retention);
        snapshot.put(stage.store);
        stage.record(snapshot.entry(LedgerOperation::Change));
    }
    Ok(Answer::new())
}

pub(super) fn delete(parameters: &Parameters, stage: &mut Stage<'_>) -> Result<Answer, Refusal> {
    let ids = parameters.ids("snapshotIds")?;
    let mut snapshots = Vec::with_capacity(ids.len());
    for id in &ids {
        let snapshot = record::find(id, stage).ok_or_else(|| not_found(id))?;
        match snapshot.status(stage.now) {
            "CREATING" | "ROLLING_BACK" => {
                return Err(snapshot_status(&snapshot, stage.now));
            }
            _ => snapshots.push(snapshot),
        }
    }
    let gone_at = stage.now.saturating_add(Duration::from_secs(stage.knob("deletion_seconds")));
    let mut undeleted = Vec::new();
    for mut snapshot in snapshots {
        if snapshot.undeletable {
            undeleted.push(snapshot.id);
        } else if snapshot.gone_at.is_none() {
            snapshot.gone_at = Some(gone_at);
            snapshot.put(stage.store);
            stage.record(snapshot.entry(LedgerOperation::Delete));
        }
    }
    Ok(object(&json!({ "snapshotIds": undeleted })))
}

/// Rolls the disk back.
pub(super) fn apply(parameters: &Parameters, stage: &mut Stage<'_>) -> Result<Answer, Refusal> {
    let id = parameters.required_text("snapshotId")?;
    let disk_id = parameters.required_text("diskId")?;
    let mut snapshot = record::find(&id, stage).ok_or_else(|| not_found(&id))?;
    if snapshot.disk_id != disk_id {
        return Err(Refusal::new(
            404,
            "INVALID_DISK_NOT_FOUND",
            format!("snapshot {id} is not of disk {disk_id}"),
        ));
    }
    if snapshot.status(stage.now) != "AVAILABLE" {
        return Err(snapshot_status(&snapshot, stage.now));
    }
    let end = stage.now.saturating_add(Duration::from_secs(stage.knob("creation_seconds")));
    snapshot.rolling_back_until = Some(end);
    snapshot.put(stage.store);
    Ok(Answer::new())
}

fn check_name(name: &str) -> Result<(), Refusal> {
    if name.chars().count() > LONGEST_NAME {
        return Err(Refusal::new(
            400,
            "INVALID_PARAMETER_EXCEED_LENGTH",
            format!("snapshotName is longer than {LONGEST_NAME} characters"),
        ));
    }
    Ok(())
}

/// The seed: "It must be 24 hours after the current time."
fn check_retention(retention: Option<Timestamp>, now: Timestamp) -> Result<(), Refusal> {
    let least = now.saturating_add(Duration::from_hours(24));
    if retention.is_some_and(|end| end < least) {
        return Err(Refusal::new(
            400,
            "INVALID_SNAPSHOT_RETENTION_TIME",
            "retentionTime must be 24 hours after the current time",
        ));
    }
    Ok(())
}

fn not_found(id: &str) -> Refusal {
    Refusal::new(404, "INVALID_DISK_SNAPSHOT_NOT_FOUND", format!("snapshot {id} does not exist"))
}

fn snapshot_status(snapshot: &SnapshotRecord, now: Timestamp) -> Refusal {
    Refusal::new(
        400,
        "OPERATION_DENIED_DISK_SNAPSHOT_STATUS",
        format!("snapshot {} is {}", snapshot.id, snapshot.status(now)),
    )
}
