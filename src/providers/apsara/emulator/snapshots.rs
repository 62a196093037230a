//! The operations on snapshots.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::providers::apsara::rules;
use crate::providers::apsara::signing::Parameters;
use crate::sdk::emulator::{LedgerOperation, Stage};
use crate::world::Timestamp;

use super::disks::EmulatedDisk;
use super::parameters::Checked;
use super::record::{self, SnapshotRecord};
use super::{Answer, Refusal, Route, disks, object};

const TOKENS: &str = "client_tokens";

/// What a client token was first used for.
#[derive(Serialize, Deserialize)]
struct TokenUse {
    parameters: Parameters,
    snapshot_id: String,
}

pub(super) fn create(call: &Checked, stage: &mut Stage<'_>) -> Result<Answer, Refusal> {
    let disk_id = call.required("DiskId")?.to_owned();
    let ordered = order(call, &disk_id, stage.now)?;
    let token = token(call)?;
    if let Some(token) = &token
        && let Some(used) = stage.store.get::<TokenUse>(TOKENS, token)
    {
        return repeated(call, used);
    }
    check_disk(&disk_id, stage)?;
    let after = |knob: &str| stage.now.saturating_add(Duration::from_secs(stage.knob(knob)));
    let (visible_at, ready_at) = (after("visibility_seconds"), after("creation_seconds"));
    let number = stage.store.count_up("snapshots");
    let id = format!("s-emu{number:017}");
    let mut snapshot = SnapshotRecord {
        id: id.clone(),
        client_token: token.clone(),
        visible_at,
        ready_at,
        fails: stage.knob("creation_fails") > 0,
        ..ordered
    };
    if snapshot.name.is_empty() {
        snapshot.name = format!("sp-{number}");
    }
    if stage.knob("tags_ignored") > 0 {
        snapshot.tags.clear();
    }
    snapshot.put(stage.store);
    stage.record(snapshot.entry(LedgerOperation::Create));
    if let Some(token) = token {
        let used = TokenUse { parameters: call.parameters.clone(), snapshot_id: id.clone() };
        stage.store.put(TOKENS, &token, &used);
    }
    Ok(object(&json!({ "SnapshotId": id })))
}

/// The page *Ensure idempotency*: the same token and parameters, the same answer.
fn repeated(call: &Checked, used: TokenUse) -> Result<Answer, Refusal> {
    if used.parameters == call.parameters {
        return Ok(object(&json!({ "SnapshotId": used.snapshot_id })));
    }
    Err(Refusal::service(
        400,
        "IdempotentParameterMismatch",
        "the client token was used before with other parameters",
    ))
}

/// A snapshot as ordered; what the world adds to it is still open.
fn order(call: &Checked, disk_id: &str, now: Timestamp) -> Result<SnapshotRecord, Refusal> {
    let (name, description) = texts(call)?;
    let category = call.text("Category").unwrap_or("Standard");
    if !["standard", "flash"].contains(&category.to_lowercase().as_str()) {
        return Err(Refusal::service(
            400,
            "InvalidCategory.ValueNotSupported",
            format!("Category must be Standard or Flash, not {category}"),
        ));
    }
    Ok(SnapshotRecord {
        id: String::new(),
        disk_id: disk_id.to_owned(),
        name: name.unwrap_or_default(),
        description: description.unwrap_or_default(),
        category: category.to_owned(),
        retention_days: call.number("RetentionDays", 1..=65536, "InvalidRetentionDays")?,
        tags: call.tags()?,
        client_token: None,
        created_at: now.whole_seconds(),
        visible_at: now,
        ready_at: now,
        fails: false,
        gone_at: None,
        in_use: false,
        automatic: false,
    })
}

/// The seed: "only supports ASCII characters and cannot exceed 64 characters."
fn token(call: &Checked) -> Result<Option<String>, Refusal> {
    let token = call.text("ClientToken").map(str::to_owned);
    if token.as_ref().is_some_and(|token| !token.is_ascii() || token.len() > 64) {
        return Err(Refusal::service(
            400,
            "InvalidClientToken.Malformed",
            "ClientToken must be at most 64 ASCII characters",
        ));
    }
    Ok(token)
}

/// Name and description as far as they are given; the description may be given as empty.
fn texts(call: &Checked) -> Result<(Option<String>, Option<String>), Refusal> {
    let name = call.text("SnapshotName").map(str::to_owned);
    if let Some(name) = &name {
        rules::name(name).map_err(|reason| {
            Refusal::service(400, "InvalidSnapshotName.Malformed", format!("SnapshotName {reason}"))
        })?;
    }
    let description = call.parameters.get("Description").cloned();
    if let Some(description) = &description {
        // Documented with this status.
        rules::description(description).map_err(|reason| {
            Refusal::service(404, "InvalidDescription.Malformed", format!("Description {reason}"))
        })?;
    }
    Ok((name, description))
}

fn check_disk(disk_id: &str, stage: &mut Stage<'_>) -> Result<(), Refusal> {
    let missing = || {
        Refusal::service(404, "InvalidDiskId.NotFound", format!("disk {disk_id} does not exist"))
    };
    let disk = disks::find(disk_id, stage).ok_or_else(missing)?;
    if !matches!(&*disk.status, "In_use" | "Available") {
        return Err(Refusal::service(
            403,
            "IncorrectDiskStatus",
            format!("disk {disk_id} is {}", disk.status),
        ));
    }
    if disk.lock_reason.as_deref() == Some("security") {
        return Err(Refusal::service(
            403,
            "InstanceLockedForSecurity",
            format!("disk {disk_id} is locked for security"),
        ));
    }
    let now = stage.now;
    let snapshots = record::of_disk(disk_id, stage);
    if snapshots.iter().any(|snapshot| snapshot.is_running(now)) {
        return Err(Refusal::service(
            403,
            "IncorrectDiskStatus.CreatingSnapshot",
            format!("a snapshot of disk {disk_id} is being made"),
        ));
    }
    let quota = stage.knob("snapshots_per_disk");
    if snapshots.len() as u64 >= quota {
        return Err(Refusal::service(
            403,
            "QuotaExceed.Snapshot",
            format!("{quota} snapshots of a disk are allowed"),
        ));
    }
    Ok(())
}

/// The filters by a word: name, the words it takes, and how another word is refused.
const WORDS: [(&str, &[&str], u16, &str); 4] = [
    ("Status", &["progressing", "accomplished", "failed", "all"], 404, "InvalidStatus.NotFound"),
    ("SnapshotType", &["auto", "user", "all"], 404, "InvalidSnapshotType.NotFound"),
    ("Usage", &["image", "disk", "image_disk", "none"], 400, "InvalidUsage"),
    ("SourceDiskType", &["system", "data"], 400, "InvalidSourceDiskType"),
];

pub(super) fn describe(call: &Checked, stage: &mut Stage<'_>) -> Result<Answer, Refusal> {
    let page = call.page()?;
    for (name, words, status, code) in WORDS {
        let wrong = call.text(name).filter(|word| !words.contains(&&*word.to_lowercase()));
        if let Some(word) = wrong {
            return Err(Refusal::service(status, code, format!("{name} cannot be {word}")));
        }
    }
    let ids = call.ids("SnapshotIds", "InvalidSnapshotIds.Malformed")?;
    let (since, tags) = (creation_start(call)?, call.tags()?);
    if call.flag("DryRun") {
        return Err(Refusal::service(400, "DryRunOperation", "the request would succeed"));
    }
    let snapshots: Vec<_> = match (ids, call.text("DiskId")) {
        (Some(ids), _) => ids.iter().filter_map(|id| record::find(id, stage)).collect(),
        (None, Some(disk_id)) => record::of_disk(disk_id, stage),
        (None, None) => record::all(stage),
    };
    let now = stage.now;
    let mut found = Vec::new();
    for snapshot in snapshots {
        let disk = disks::find(&snapshot.disk_id, stage);
        if snapshot.visible_at <= now
            && since.is_none_or(|since| snapshot.created_at >= since)
            && super::tags::fit(&snapshot.tags, &tags)
            && fits(call, &snapshot, disk.as_ref(), now)
        {
            found.push(snapshot.json(disk.as_ref(), now));
        }
    }
    Ok(object(&json!({
        "TotalCount": found.len(),
        "PageNumber": page.number,
        "PageSize": page.size,
        "Snapshots": { "Snapshot": page.of(found).collect::<Vec<_>>() },
    })))
}

/// Whether a snapshot of `disk` fits every filter by a single text.
fn fits(
    call: &Checked,
    snapshot: &SnapshotRecord,
    disk: Option<&EmulatedDisk>,
    now: Timestamp,
) -> bool {
    let is = |name: &str, held: &str| {
        call.text(name).is_none_or(|wanted| wanted.eq_ignore_ascii_case(held))
    };
    let is_or_all = |name: &str, held: &str| is(name, held) || is(name, "all");
    let of_disk = |name: &str, held: fn(&EmulatedDisk) -> &str| is(name, disk.map_or("", held));
    let encrypted = disk.is_some_and(|disk| !disk.kms_key_id.is_empty());
    is("DiskId", &snapshot.disk_id)
        && is("SnapshotName", &snapshot.name)
        && is_or_all("Status", snapshot.status(now))
        && is_or_all("SnapshotType", snapshot.snapshot_type())
        && is("Usage", snapshot.usage())
        && is("Category", &snapshot.category)
        && is("SnapshotLinkId", &snapshot.link_id())
        && is("Encrypted", if encrypted { "true" } else { "false" })
        && of_disk("SourceDiskType", |disk| &disk.disk_type)
        && of_disk("InstanceId", |disk| &disk.instance_id)
        && of_disk("KMSKeyId", |disk| &disk.kms_key_id)
        && of_disk("ResourceGroupId", |disk| &disk.resource_group_id)
}

/// The only filter that comes as a key and a value.
fn creation_start(call: &Checked) -> Result<Option<Timestamp>, Refusal> {
    let Some(key) = call.text("Filter.1.Key") else { return Ok(None) };
    let refused = |message: String| Refusal::service(404, "InvalidFilterKey.NotFound", message);
    if key != "CreationStartTime" {
        return Err(refused(format!("there is no filter {key}")));
    }
    let value = call.text("Filter.1.Value").unwrap_or_default();
    let since = Timestamp::parse_utc("%Y-%m-%dT%H:%MZ", value);
    since.map(Some).map_err(|_| refused(format!("{value} is not written as yyyy-MM-ddTHH:mmZ")))
}

pub(super) fn modify(call: &Checked, stage: &mut Stage<'_>) -> Result<Answer, Refusal> {
    let id = call.required("SnapshotId")?;
    let (name, description) = texts(call)?;
    let days = call.number("RetentionDays", 1..=65536, "InvalidRetentionDays")?;
    let mut snapshot = record::find(id, stage).ok_or_else(|| not_found(id))?;
    snapshot.name = name.unwrap_or(snapshot.name);
    snapshot.description = description.unwrap_or(snapshot.description);
    // The portal's page does not list it; natively it may only grow.
    if let Some(days) = days.filter(|_| call.route == Route::Native) {
        if snapshot.retention_days.is_none_or(|held| days <= held) {
            return Err(Refusal::service(
                400,
                "InvalidRetentionDays",
                "RetentionDays may only be extended",
            ));
        }
        snapshot.retention_days = Some(days);
    }
    snapshot.put(stage.store);
    stage.record(snapshot.entry(LedgerOperation::Change));
    Ok(Answer::new())
}

/// A running creation is cancelled.
pub(super) fn delete(call: &Checked, stage: &mut Stage<'_>) -> Result<Answer, Refusal> {
    let id = call.required("SnapshotId")?;
    let mut snapshot = record::find(id, stage).ok_or_else(|| not_found(id))?;
    if snapshot.in_use && !call.flag("Force") {
        return Err(Refusal::service(
            403,
            "SnapshotCreatedDisk",
            format!("disks were made from snapshot {id}"),
        ));
    }
    if snapshot.gone_at.is_none() {
        let seconds = Duration::from_secs(stage.knob("deletion_seconds"));
        snapshot.gone_at = Some(stage.now.saturating_add(seconds));
        snapshot.put(stage.store);
        stage.record(snapshot.entry(LedgerOperation::Delete));
    }
    Ok(Answer::new())
}

fn not_found(id: &str) -> Refusal {
    Refusal::service(404, "InvalidSnapshotId.NotFound", format!("snapshot {id} does not exist"))
}
