//! Block storage itself: what it refuses, and what it does.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::sdk::emulator::{LedgerEntry, LedgerOperation, Stage};

use super::keystone::Session;
use super::record::{Record, SNAPSHOTS, living};
use super::volumes;

/// What a create asks for, whichever service it came through.
pub(super) struct Wanted {
    pub(super) volume_id: String,
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
    pub(super) metadata: BTreeMap<String, String>,
    pub(super) force: bool,
}

/// Why block storage refuses.
pub(super) enum Refusal {
    /// There is no volume with this id in this project.
    NoVolume(String),
    /// The request or the volume's status does not fit.
    Invalid(String),
    /// A quota is used up.
    Quota(String),
}

/// Begins a snapshot.
pub(super) fn make(
    wanted: Wanted,
    session: &Session,
    stage: &mut Stage<'_>,
) -> Result<Record, Refusal> {
    let too_long =
        |text: &Option<String>| text.as_ref().is_some_and(|text| text.chars().count() > 255);
    if !volumes::is_uuid(&wanted.volume_id) {
        let id = &wanted.volume_id;
        return Err(Refusal::Invalid(format!(
            "Invalid input for field/attribute volume_id. Value: {id}. '{id}' is not valid under any of the given schemas"
        )));
    }
    if too_long(&wanted.name) || too_long(&wanted.description) {
        return Err(Refusal::Invalid("A text has more than 255 characters.".to_owned()));
    }
    let volume_id = wanted.volume_id.to_lowercase();
    let Some(volume) = volumes::find(stage, &volume_id) else {
        return Err(Refusal::NoVolume(volume_id));
    };
    let allowed = volume.status == "available" || wanted.force && volume.status == "in-use";
    if !allowed {
        return Err(Refusal::Invalid(format!(
            "Invalid volume: Volume {volume_id} status must be available, but current status is: {}.",
            volume.status
        )));
    }
    check_quota(volume.size, session, stage)?;
    let seconds = Duration::from_secs(stage.knob("create_seconds"));
    let record = Record {
        id: stage.ids.uuid(),
        project_id: session.project_id.clone(),
        volume_id,
        name: wanted.name,
        description: wanted.description,
        metadata: wanted.metadata,
        size: volume.size,
        sequence: stage.store.count_up("snapshots"),
        created_at: stage.now,
        updated_at: None,
        done_at: stage.now.saturating_add(seconds),
        fails: stage.knob("creates_fail") == 1,
        gone_at: None,
        deletion_fails: false,
    };
    stage.store.put(SNAPSHOTS, &record.id, &record);
    let entry = LedgerEntry::new(LedgerOperation::Create, &record.id, &record.volume_id);
    stage.record(entry.name(record.name.as_deref()));
    Ok(record)
}

/// The quota of snapshots and the one of gigabytes; 0 is any number.
fn check_quota(size: u64, session: &Session, stage: &mut Stage<'_>) -> Result<(), Refusal> {
    let (snapshots, gigabytes) = (stage.knob("snapshot_quota"), stage.knob("gigabyte_quota"));
    if (snapshots, gigabytes) == (0, 0) {
        return Ok(());
    }
    let living = living(stage, &session.project_id);
    if snapshots > 0 && living.len() as u64 >= snapshots {
        return Err(Refusal::Quota(format!(
            "SnapshotLimitExceeded: Maximum number of snapshots allowed ({snapshots}) exceeded"
        )));
    }
    let copies = living.iter().map(|record| record.size).sum::<u64>();
    let used = copies + volumes::gigabytes(stage);
    if gigabytes > 0 && used + size > gigabytes {
        return Err(Refusal::Quota(format!(
            "VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota. Requested {size}G, quota is {gigabytes}G and {used}G has been consumed."
        )));
    }
    Ok(())
}

/// Keeps a snapshot that was changed by hand.
pub(super) fn change(stage: &mut Stage<'_>, changed: Record) {
    let record = Record { updated_at: Some(stage.now), ..changed };
    stage.store.put(SNAPSHOTS, &record.id, &record);
    let entry = LedgerEntry::new(LedgerOperation::Change, &record.id, &record.volume_id);
    stage.record(entry.name(record.name.as_deref()));
}

/// Begins a deletion where the status allows one.
pub(super) fn delete(stage: &mut Stage<'_>, mut record: Record) -> Result<(), Refusal> {
    if !matches!(record.status(stage.now), "available" | "error") {
        let words = "Invalid snapshot: Snapshot status must be available or error and must not be part of a group.";
        return Err(Refusal::Invalid(words.to_owned()));
    }
    let seconds = Duration::from_secs(stage.knob("delete_seconds"));
    record.gone_at = Some(stage.now.saturating_add(seconds));
    record.deletion_fails = stage.knob("deletes_fail") == 1;
    stage.store.put(SNAPSHOTS, &record.id, &record);
    if !record.deletion_fails {
        let entry = LedgerEntry::new(LedgerOperation::Delete, &record.id, &record.volume_id);
        stage.record(entry.name(record.name.as_deref()));
    }
    Ok(())
}
