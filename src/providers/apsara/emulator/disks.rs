//! Disks: any well-formed id is one, unless a record says otherwise.
//!
//! A list shows those that exist from the start, as many as the knob `disks` says, those of which
//! a record says something, and those of which a snapshot was ever made.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::sdk::emulator::Stage;
use crate::world::Timestamp;

use super::parameters::Checked;
use super::{Answer, Refusal, object, record};

/// What the ids of the disks from the start begin with; a number of 17 digits follows.
const FIRST_ID: &str = "d-emu";
/// When the first disk was made: 2026-01-01T00:00:00Z.
const FIRST_CREATION: i64 = 1_767_225_600;

/// A disk that differs from the others. What is absent is as with all others.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct DiskRecord {
    /// There is no disk with this id.
    missing: bool,
    /// Its status; `In_use` unless given.
    status: Option<String>,
    /// Its name; the id unless given.
    name: Option<String>,
    /// `system` or `data`; `data` unless given.
    disk_type: Option<String>,
    category: Option<String>,
    zone_id: Option<String>,
    /// The server it belongs to; none has an available disk.
    instance_id: Option<String>,
    /// The key with which it is encrypted, where it is.
    kms_key_id: Option<String>,
    resource_group_id: Option<String>,
    created_at: Option<Timestamp>,
    /// Why it is locked, where it is.
    lock_reason: Option<String>,
    tags: BTreeMap<String, String>,
}

/// A disk as the emulated vendor has it.
pub(super) struct EmulatedDisk {
    id: String,
    pub(super) status: String,
    name: String,
    pub(super) disk_type: String,
    category: String,
    zone_id: String,
    pub(super) instance_id: String,
    pub(super) kms_key_id: String,
    pub(super) resource_group_id: String,
    created_at: Timestamp,
    pub(super) lock_reason: Option<String>,
    tags: BTreeMap<String, String>,
}

/// The disk `id`, if there is one. The seed's own sample is masked with asterisks.
pub(super) fn find(id: &str, stage: &Stage<'_>) -> Option<EmulatedDisk> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'*');
    let well_formed = !id.is_empty() && id.len() <= 64 && id.bytes().all(allowed);
    let held = stage.store.get::<DiskRecord>("disks", id);
    let record = held.or_else(|| from_the_start(id, stage)).unwrap_or_default();
    (well_formed && !record.missing).then(|| EmulatedDisk::new(id, record))
}

/// Named and tagged, so that a rehearsal has something to choose from: the first is a system disk,
/// and every second one is backed up each day.
fn from_the_start(id: &str, stage: &Stage<'_>) -> Option<DiskRecord> {
    let number: u64 = id.strip_prefix(FIRST_ID)?.parse().ok()?;
    if start_id(number) != id || !(1..=stage.knob("disks")).contains(&number) {
        return None;
    }
    let hours = i64::try_from(number).ok()?.checked_mul(60 * 60)?;
    let backup = if number % 2 == 1 { "daily" } else { "weekly" };
    Some(DiskRecord {
        name: Some(format!("disk-{number}")),
        disk_type: (number == 1).then(|| "system".to_owned()),
        created_at: Some(Timestamp::from_epoch_seconds(FIRST_CREATION.checked_add(hours)?)),
        tags: BTreeMap::from([("backup".to_owned(), backup.to_owned())]),
        ..DiskRecord::default()
    })
}

fn start_id(number: u64) -> String {
    format!("{FIRST_ID}{number:017}")
}

impl EmulatedDisk {
    fn new(id: &str, record: DiskRecord) -> Self {
        let or = |text: Option<String>, default: &str| text.unwrap_or_else(|| default.to_owned());
        let status = or(record.status, "In_use");
        let server = if status == "Available" { "" } else { "i-emu00000000000000001" };
        Self {
            id: id.to_owned(),
            status,
            name: or(record.name, id),
            disk_type: or(record.disk_type, "data"),
            category: or(record.category, "cloud_ssd"),
            zone_id: or(record.zone_id, "emulator-1a"),
            instance_id: or(record.instance_id, server),
            kms_key_id: or(record.kms_key_id, ""),
            resource_group_id: or(record.resource_group_id, "rg-emulator"),
            created_at: record
                .created_at
                .unwrap_or_else(|| Timestamp::from_epoch_seconds(FIRST_CREATION)),
            lock_reason: record.lock_reason,
            tags: record.tags,
        }
    }

    fn json(&self) -> Json {
        let tag = |(key, value)| json!({ "TagKey": key, "TagValue": value });
        let lock = |reason: &String| json!({ "LockReason": reason });
        json!({
            "DiskId": self.id,
            "DiskName": self.name,
            "Status": self.status,
            "Type": self.disk_type,
            "Category": self.category,
            "Size": 40,
            "ZoneId": self.zone_id,
            "RegionId": "emulator-1",
            "InstanceId": self.instance_id,
            "Portable": self.disk_type == "data",
            "Encrypted": !self.kms_key_id.is_empty(),
            "KMSKeyId": self.kms_key_id,
            "SourceSnapshotId": "",
            "CreationTime": self.created_at,
            "AttachedTime": if self.instance_id.is_empty() { None } else { Some(self.created_at) },
            "OperationLocks": {
                "OperationLock": self.lock_reason.iter().map(lock).collect::<Vec<_>>(),
            },
            "Tags": { "Tag": self.tags.iter().map(tag).collect::<Vec<_>>() },
        })
    }
}

/// The ids that a list without ids goes through.
fn listed(stage: &Stage<'_>) -> BTreeSet<String> {
    let start = (1..=stage.knob("disks")).map(start_id);
    let records = stage.store.all::<DiskRecord>("disks").into_iter().map(|(id, _)| id);
    start.chain(records).chain(record::disks_with_snapshots(stage)).collect()
}

pub(super) fn describe(call: &Checked, stage: &mut Stage<'_>) -> Result<Answer, Refusal> {
    let page = call.page()?;
    let ids = match call.ids("DiskIds", "InvalidDiskIds.ValueNotSupported")? {
        Some(ids) => ids.into_iter().collect(),
        None => listed(stage),
    };
    let tags = call.tags()?;
    let is = |name: &str, held: &str| {
        call.text(name).is_none_or(|wanted| wanted == held || wanted.eq_ignore_ascii_case("all"))
    };
    let disks: Vec<_> = ids
        .into_iter()
        .filter_map(|id| find(&id, stage))
        .filter(|disk| {
            is("DiskName", &disk.name)
                && is("InstanceId", &disk.instance_id)
                && is("Status", &disk.status)
                && is("DiskType", &disk.disk_type)
                && is("Category", &disk.category)
                && super::tags::fit(&disk.tags, &tags)
        })
        .map(|disk| disk.json())
        .collect();
    Ok(object(&json!({
        "TotalCount": disks.len(),
        "PageNumber": page.number,
        "PageSize": page.size,
        "Disks": { "Disk": page.of(disks).collect::<Vec<_>>() },
    })))
}
