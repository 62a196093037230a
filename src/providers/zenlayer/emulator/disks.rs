//! Disks: any well-formed id is one, unless a record says otherwise.
//!
//! A list shows those that exist from the start, as many as the knob `disks` says, those of which
//! a record says something, and those of which a snapshot was ever made.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::sdk::emulator::Stage;
use crate::world::Timestamp;

use super::parameters::Parameters;
use super::{Answer, Refusal, matches_name, object, record};

/// Ids have 18 or 19 digits in every sample; those from the start count on from here.
const FIRST_ID: u64 = 1_700_000_000_000_000_000;
/// When the first disk was made: 2026-01-01T00:00:00Z.
const FIRST_CREATION: i64 = 1_767_225_600;

/// A disk that differs from the others. What is absent is as with all others.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct DiskRecord {
    /// There is no disk with this id.
    missing: bool,
    /// Its status; `IN_USE` unless given.
    status: Option<String>,
    /// Whether it supports snapshots; it does unless given.
    snapshot_ability: Option<bool>,
    /// Its name; the id unless given.
    name: Option<String>,
    /// `SYSTEM` or `DATA`; `DATA` unless given.
    disk_type: Option<String>,
    disk_category: Option<String>,
    region_id: Option<String>,
    zone_id: Option<String>,
    /// The server it belongs to; none has an available disk.
    instance_id: Option<String>,
    resource_group_id: Option<String>,
    created_at: Option<Timestamp>,
    tags: BTreeMap<String, String>,
}

/// A disk as the emulated vendor has it.
pub(super) struct EmulatedDisk {
    pub(super) id: String,
    /// What it would be if no snapshot were made of it.
    idle_status: String,
    pub(super) snapshot_ability: bool,
    name: String,
    pub(super) disk_type: String,
    disk_category: String,
    region_id: String,
    pub(super) zone_id: String,
    instance_id: Option<String>,
    pub(super) resource_group_id: String,
    created_at: Timestamp,
    tags: BTreeMap<String, String>,
}

/// The disk `id`, if there is one.
pub(super) fn find(id: &str, stage: &Stage<'_>) -> Option<EmulatedDisk> {
    let well_formed = !id.is_empty()
        && id.len() <= 64
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    let held = stage.store.get::<DiskRecord>("disks", id);
    let record = held.or_else(|| from_the_start(id, stage)).unwrap_or_default();
    (well_formed && !record.missing).then(|| EmulatedDisk::new(id, record))
}

/// Its place among the disks that exist from the start, from 1.
fn number(id: &str, stage: &Stage<'_>) -> Option<u64> {
    let number = id.parse::<u64>().ok()?.checked_sub(FIRST_ID)?;
    (1..=stage.knob("disks")).contains(&number).then_some(number)
}

/// Named and tagged, so that a rehearsal has something to choose from: the first is a system disk,
/// and every second one is backed up each day.
fn from_the_start(id: &str, stage: &Stage<'_>) -> Option<DiskRecord> {
    let number = number(id, stage)?;
    let hours = i64::try_from(number).ok()?.checked_mul(60 * 60)?;
    let backup = if number % 2 == 1 { "daily" } else { "weekly" };
    Some(DiskRecord {
        name: Some(format!("disk-{number}")),
        disk_type: (number == 1).then(|| "SYSTEM".to_owned()),
        created_at: Some(Timestamp::from_epoch_seconds(FIRST_CREATION.checked_add(hours)?)),
        tags: BTreeMap::from([("backup".to_owned(), backup.to_owned())]),
        ..DiskRecord::default()
    })
}

impl EmulatedDisk {
    fn new(id: &str, record: DiskRecord) -> Self {
        let or = |text: Option<String>, default: &str| text.unwrap_or_else(|| default.to_owned());
        let idle_status = or(record.status, "IN_USE");
        let attached = idle_status != "AVAILABLE";
        let server = attached.then(|| or(record.instance_id, "1800000000000000001"));
        Self {
            id: id.to_owned(),
            idle_status,
            snapshot_ability: record.snapshot_ability.unwrap_or(true),
            name: or(record.name, id),
            disk_type: or(record.disk_type, "DATA"),
            disk_category: or(record.disk_category, "Standard NVMe SSD"),
            region_id: or(record.region_id, "emulator-1"),
            zone_id: or(record.zone_id, "emulator-1a"),
            instance_id: server,
            resource_group_id: or(record.resource_group_id, "rg-emulator"),
            created_at: record
                .created_at
                .unwrap_or_else(|| Timestamp::from_epoch_seconds(FIRST_CREATION)),
            tags: record.tags,
        }
    }

    /// A disk of which a snapshot is being made, or that is being rolled back to one, says so.
    pub(super) fn status(&self, stage: &mut Stage<'_>) -> String {
        let now = stage.now;
        let snapshots = record::of_disk(&self.id, stage);
        let any = |status: &str| snapshots.iter().any(|snapshot| snapshot.status(now) == status);
        if any("CREATING") {
            "SNAPSHOT_CREATING".to_owned()
        } else if any("ROLLING_BACK") {
            "ROLLING_BACK".to_owned()
        } else {
            self.idle_status.clone()
        }
    }

    fn json(&self, stage: &mut Stage<'_>) -> Json {
        let tag = |(key, value)| json!({ "key": key, "value": value });
        json!({
            "diskId": self.id,
            "diskName": self.name,
            "regionId": self.region_id,
            "zoneId": self.zone_id,
            "diskType": self.disk_type,
            "portable": self.disk_type == "DATA",
            "diskCategory": self.disk_category,
            "diskSize": 40,
            "diskStatus": self.status(stage),
            "instanceId": self.instance_id,
            "instanceName": self.instance_id.as_ref().map(|_| "server"),
            "createTime": self.created_at,
            "expiredTime": null,
            "period": null,
            "resourceGroupId": self.resource_group_id,
            "resourceGroupName": "Default",
            "serial": self.id,
            "snapshotAbility": self.snapshot_ability,
            "autoSnapshotPolicyId": null,
            "burstingEnabled": false,
            "tags": { "tags": self.tags.iter().map(tag).collect::<Vec<_>>() },
        })
    }
}

/// The ids that a list without ids goes through.
fn listed(stage: &Stage<'_>) -> BTreeSet<String> {
    let start = (1..=stage.knob("disks")).map(|number| (FIRST_ID + number).to_string());
    let records = stage.store.all::<DiskRecord>("disks").into_iter().map(|(id, _)| id);
    start.chain(records).chain(record::disks_with_snapshots(stage)).collect()
}

pub(super) fn describe(parameters: &Parameters, stage: &mut Stage<'_>) -> Result<Answer, Refusal> {
    let (first, size) = parameters.page()?;
    let ids = match parameters.texts("diskIds")? {
        Some(ids) => ids.into_iter().collect(),
        None => listed(stage),
    };
    let mut texts = Vec::new();
    for field in [
        "diskType",
        "diskCategory",
        "diskStatus",
        "instanceId",
        "zoneId",
        "regionId",
        "resourceGroupId",
    ] {
        texts.extend(parameters.text(field)?.map(|text| (field, text)));
    }
    let name = parameters.text("diskName")?;
    let ability = parameters.truth("snapshotAbility")?;
    let tags = parameters.tags("tags")?;
    let keys = parameters.tag_keys("tagKeys")?;
    let mut disks = Vec::new();
    for id in ids {
        let Some(disk) = find(&id, stage) else { continue };
        let fits = name.as_ref().is_none_or(|pattern| matches_name(&disk.name, pattern))
            && ability.is_none_or(|wanted| wanted == disk.snapshot_ability)
            && tags.iter().all(|(key, value)| disk.tags.get(key) == Some(value))
            && keys.iter().all(|key| disk.tags.contains_key(key));
        let json = disk.json(stage);
        if fits && texts.iter().all(|(field, text)| json[*field] == **text) {
            disks.push(json);
        }
    }
    let total = disks.len();
    let page: Vec<_> = disks.into_iter().skip(first).take(size).collect();
    Ok(object(&json!({ "totalCount": total, "dataSet": page })))
}
