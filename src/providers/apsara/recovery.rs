//! What became of a create whose answer nobody saw, or whose answer holds no id.
//!
//! Every create carries a marker tag that no other has, so a search changes nothing and is exact.
//! A snapshot that might be ours and lacks the marker is never taken for ours by itself: tags may
//! be ignored by some releases, and somebody else may have made it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::sdk::{Context, Created, ErrorKind, ProviderError, Recovery};
use crate::world::Timestamp;

use super::arguments::{Arguments, MOST_TAGS};
use super::object::{Accepted, Object, Recorded};
use super::snapshot::{EcsSnapshot, GRACE};
use super::wire::DescribedSnapshot;

/// The vendor refuses signatures of clocks 15 minutes apart, so its times lie no further off.
const CLOCK_MARGIN: Duration = Duration::from_mins(15);
/// After so long no request can still be under way.
const SETTLED: Duration = Duration::from_mins(10);

/// What must be on disk before a create leaves.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Intent {
    /// At most 64 ASCII characters, unique between requests.
    pub(super) client_token: String,
    /// Absent where the setting forbids it or no tag is left for it.
    pub(super) marker: Option<Marker>,
    /// When we were about to send it.
    started_at: Timestamp,
    /// The disk's snapshots that were there before.
    existing: Vec<String>,
}

/// The tag that no other snapshot has.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Marker {
    pub(super) key: String,
    pub(super) value: String,
}

pub(super) async fn prepare(
    resource: &EcsSnapshot,
    cx: &Context,
    arguments: &Arguments,
) -> Result<Intent, ProviderError> {
    let existing = resource.api.snapshots_of(&arguments.disk_id).await?;
    let client_token = cx.world.ids.uuid();
    let tags = arguments.tags.as_ref();
    let room =
        |key: &&String| tags.is_none_or(|tags| tags.len() < MOST_TAGS && !tags.contains_key(*key));
    let marker = resource.api.marker_key.as_ref().filter(room);
    Ok(Intent {
        marker: marker.map(|key| Marker { key: key.clone(), value: client_token.clone() }),
        client_token,
        started_at: cx.world.clock.now(),
        existing: existing.into_iter().map(|snapshot| snapshot.snapshot_id).collect(),
    })
}

/// New snapshots of the disk that could come from one create.
struct Sighting {
    /// With the create's marker.
    marked: Vec<String>,
    /// Without any marker, of the right name and age.
    unmarked: Vec<String>,
}

impl Sighting {
    fn is_empty(&self) -> bool {
        self.marked.is_empty() && self.unmarked.is_empty()
    }

    /// The only one, or all.
    fn only(self) -> Result<String, Vec<String>> {
        let mut ids = if self.marked.is_empty() { self.unmarked } else { self.marked };
        match (ids.pop(), ids.is_empty()) {
            (Some(id), true) => Ok(id),
            (last, _) => {
                ids.extend(last);
                Err(ids)
            }
        }
    }
}

async fn look(
    resource: &EcsSnapshot,
    cx: &Context,
    arguments: &Arguments,
    intent: &Intent,
) -> Result<Sighting, ProviderError> {
    let mut sighting = Sighting { marked: Vec::new(), unmarked: Vec::new() };
    for snapshot in resource.api.snapshots_of(&arguments.disk_id).await? {
        let id = &snapshot.snapshot_id;
        if intent.existing.contains(id) || cx.is_claimed(id) {
            continue;
        }
        let ours = intent.marker.as_ref().map(|marker| marker.value.as_str());
        let key = intent.marker.as_ref().map(|marker| &marker.key);
        let key = key.or(resource.api.marker_key.as_ref());
        match key.and_then(|key| marker_of(key, arguments, &snapshot)) {
            Some(marker) if Some(marker) == ours => sighting.marked.push(snapshot.snapshot_id),
            // Another create of ours.
            Some(_) => {}
            None if could_be(&snapshot, arguments, intent) => {
                sighting.unmarked.push(snapshot.snapshot_id);
            }
            None => {}
        }
    }
    Ok(sighting)
}

/// The value of the marker tag, unless the configuration uses that key for a tag of its own.
fn marker_of<'a>(
    key: &str,
    arguments: &Arguments,
    snapshot: &'a DescribedSnapshot,
) -> Option<&'a str> {
    if arguments.tags.as_ref().is_some_and(|tags| tags.contains_key(key)) {
        return None;
    }
    snapshot.tag_list().find(|tag| tag.key == key).map(|tag| tag.value.as_str())
}

fn could_be(snapshot: &DescribedSnapshot, arguments: &Arguments, intent: &Intent) -> bool {
    let created = snapshot.creation_time.as_deref();
    let created = created.and_then(|text| Timestamp::parse_lenient(text).ok());
    let earliest = intent.started_at.saturating_sub(CLOCK_MARGIN);
    created.is_none_or(|created| created >= earliest)
        && snapshot.snapshot_type.as_deref().is_none_or(|origin| origin == "user")
        && arguments.name.as_ref().is_none_or(|name| snapshot.snapshot_name.as_ref() == Some(name))
        && snapshot.retention_days == arguments.retention_days
}

/// The id of a snapshot that was accepted for certain; `None` where none shows up in time.
pub(super) async fn id_of_accepted(
    resource: &EcsSnapshot,
    cx: &Context,
    arguments: &Arguments,
    intent: &Intent,
) -> Result<Option<String>, ProviderError> {
    let started = cx.world.clock.now();
    loop {
        let sighting = look(resource, cx, arguments, intent).await?;
        // One without the marker that was sent may be a stranger's that shows earlier than ours.
        let patient = cx.world.clock.now().since(started) < GRACE;
        let awaited = intent.marker.is_some() && sighting.marked.is_empty() && patient;
        if !sighting.is_empty() && !awaited {
            return sighting.only().map(Some).map_err(|ids| {
                ProviderError::new(
                    ErrorKind::OutcomeUnknown,
                    "CreateSnapshot",
                    format!(
                        "Apsara gave no id to the new snapshot of disk `{}`, and it may be any of \
                         {}.",
                        arguments.disk_id,
                        listed(&ids)
                    ),
                )
                .help("find out which one it is, then import it")
            });
        }
        if cx.world.clock.now().since(started) >= GRACE {
            return Ok(None);
        }
        cx.world.clock.sleep(GRACE / 3).await;
    }
}

pub(super) async fn recover(
    resource: &EcsSnapshot,
    cx: &Context,
    arguments: &Arguments,
    intent: &Intent,
    accepted: Option<serde_json::Value>,
) -> Result<Recovery<Object>, ProviderError> {
    let recorded = Recorded::new(arguments, &intent.client_token);
    let accepted = accepted.and_then(|json| serde_json::from_value::<Accepted>(json).ok());
    if let Some(Accepted { snapshot_id: Some(id) }) = &accepted {
        return by_id(resource, cx, id, intent.started_at, &recorded).await;
    }
    let mut sighting = look(resource, cx, arguments, intent).await?;
    if sighting.is_empty() && cx.world.clock.now().since(intent.started_at) < SETTLED {
        cx.progress("looking again for the snapshot");
        cx.world.clock.sleep(GRACE).await;
        sighting = look(resource, cx, arguments, intent).await?;
    }
    if sighting.is_empty() && accepted.is_some() {
        return Ok(Recovery::Uncertain(format!(
            "Apsara accepted the create, gave no id, and lists no new snapshot of disk `{}`.",
            arguments.disk_id
        )));
    }
    if sighting.is_empty() {
        return Ok(Recovery::Absent);
    }
    let unmarked = intent.marker.is_some() && sighting.marked.is_empty();
    match sighting.only() {
        Ok(id) if !unmarked => found(resource, cx, &id, &recorded).await,
        Ok(id) => Ok(Recovery::Uncertain(format!(
            "Snapshot `{id}` of disk `{}` is as young as the lost create and does not carry its \
             marker: either this release keeps no tags, or somebody else made it.",
            arguments.disk_id
        ))),
        Err(ids) => Ok(Recovery::Uncertain(format!(
            "The lost create may have made any of the snapshots {} of disk `{}`.",
            listed(&ids),
            arguments.disk_id
        ))),
    }
}

/// The vendor gave an id. Where it is not listed, it is gone, unless reads may still lag behind.
async fn by_id(
    resource: &EcsSnapshot,
    cx: &Context,
    id: &str,
    started_at: Timestamp,
    recorded: &Recorded<'_>,
) -> Result<Recovery<Object>, ProviderError> {
    if resource.api.snapshot(id).await?.is_none() {
        cx.world.clock.sleep(GRACE).await;
        if resource.api.snapshot(id).await?.is_none() {
            if cx.world.clock.now().since(started_at) < SETTLED {
                return Ok(Recovery::Uncertain(format!(
                    "Apsara gave the id `{id}` a short while ago and does not list it yet."
                )));
            }
            return Ok(Recovery::Absent);
        }
    }
    found(resource, cx, id, recorded).await
}

async fn found(
    resource: &EcsSnapshot,
    cx: &Context,
    id: &str,
    recorded: &Recorded<'_>,
) -> Result<Recovery<Object>, ProviderError> {
    Ok(match resource.settle(cx, id, recorded).await? {
        Created::Ready(object) => Recovery::Found(object),
        Created::Tainted(object, error) => Recovery::Tainted(object, error),
    })
}

fn listed(ids: &[String]) -> String {
    ids.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ")
}
