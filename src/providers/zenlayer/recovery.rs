//! What became of a create whose answer nobody saw. Zenlayer has no token, so it is a search.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::sdk::{Context, Created, ProviderError, Recovery};
use crate::world::Timestamp;

use super::arguments::Arguments;
use super::snapshot::{Accepted, CREATE_PATIENCE, DiskSnapshot, GRACE, Object, vanished};
use super::wire::{DescribedSnapshot, ModifySnapshots};

/// The vendor refuses signatures of clocks 5 minutes apart, so its times lie no further off.
const CLOCK_MARGIN: Duration = Duration::from_mins(10);
/// After so long no request can still be under way.
const SETTLED: Duration = Duration::from_mins(10);

/// The longest time from sending a create to its object: what is younger may be somebody else's.
const UNDER_WAY: Duration = Duration::from_hours(1);

/// The longest name; a mark is part of it.
const MOST_CHARACTERS: usize = 63;

/// What must be on disk before a create leaves.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Intent {
    /// When we were about to send it.
    started_at: Timestamp,
    /// Snapshots with this disk and name that were there before.
    existing: Vec<String>,
    /// The name with its mark, where that is wanted.
    #[serde(default)]
    marked_name: Option<String>,
}

impl Intent {
    /// The name that the vendor gets.
    pub(super) fn name<'i>(&'i self, arguments: &'i Arguments) -> &'i str {
        self.marked_name.as_deref().unwrap_or(&arguments.name)
    }
}

pub(super) async fn prepare(
    resource: &DiskSnapshot,
    cx: &Context,
    arguments: &Arguments,
) -> Result<Intent, ProviderError> {
    let namesakes = namesakes(resource, arguments, &arguments.name).await?;
    let existing = namesakes.into_iter().map(|snapshot| snapshot.snapshot_id).collect();
    let marked_name = (arguments.mark_name == Some(true)).then(|| {
        let uuid = cx.world.ids.uuid();
        let mark = uuid.rsplit('-').next().unwrap_or_default();
        let room = MOST_CHARACTERS - mark.len() - 1;
        format!("{}-{mark}", arguments.name.chars().take(room).collect::<String>())
    });
    Ok(Intent { started_at: cx.world.clock.now(), existing, marked_name })
}

/// Takes the mark away from the name, because the id is known by now. A snapshot of no use keeps it.
pub(super) async fn unmark(
    resource: &DiskSnapshot,
    arguments: &Arguments,
    created: Created<Object>,
) -> Result<Created<Object>, ProviderError> {
    let Created::Ready(mut object) = created else { return Ok(created) };
    if arguments.mark_name != Some(true) || object.name.as_deref() == Some(&*arguments.name) {
        return Ok(Created::Ready(object));
    }
    let change = ModifySnapshots {
        snapshot_ids: [&object.id],
        snapshot_name: Some(&arguments.name),
        retention_time: None,
        is_permanent: None,
    };
    resource.api.modify_snapshot(&change).await?;
    object.name = Some(arguments.name.clone());
    Ok(Created::Ready(object))
}

pub(super) async fn recover(
    resource: &DiskSnapshot,
    cx: &Context,
    arguments: &Arguments,
    intent: &Intent,
    accepted: Option<serde_json::Value>,
) -> Result<Recovery<Object>, ProviderError> {
    let accepted = accepted.and_then(|json| serde_json::from_value::<Accepted>(json).ok());
    if let Some(Accepted { snapshot_id }) = accepted {
        return by_id(resource, cx, (arguments, intent), &snapshot_id).await;
    }
    let mut candidates = candidates(resource, cx, arguments, intent).await?;
    if candidates.is_empty() && cx.world.clock.now().since(intent.started_at) < SETTLED {
        cx.progress("looking again for the snapshot");
        cx.world.clock.sleep(GRACE).await;
        candidates = self::candidates(resource, cx, arguments, intent).await?;
    }
    let under_way = cx.timeout("create", CREATE_PATIENCE) + UNDER_WAY;
    let latest = intent.started_at.saturating_add(under_way);
    match candidates.as_slice() {
        [] => Ok(Recovery::Absent),
        [only] if created(only).is_some_and(|created| created > latest) => {
            Ok(Recovery::Uncertain(format!(
                "Snapshot `{}` has the disk and the name, but was made so long after the lost \
                 create that it may be somebody else's.",
                only.snapshot_id
            )))
        }
        [only] => found(resource, cx, arguments, &only.snapshot_id).await,
        several => Ok(Recovery::Uncertain(format!(
            "Several snapshots of disk `{}` are called `{}` and are as young as the lost create: \
             {}. Zenlayer offers nothing to tell them apart.",
            arguments.disk_id,
            intent.name(arguments),
            several
                .iter()
                .map(|snapshot| format!("`{}`", snapshot.snapshot_id))
                .collect::<Vec<_>>()
                .join(", ")
        ))),
    }
}

/// The vendor gave an id. Where it is not listed, even long after the order, it is gone; soon after
/// it nobody can know, and the intent stays open.
async fn by_id(
    resource: &DiskSnapshot,
    cx: &Context,
    (arguments, intent): (&Arguments, &Intent),
    id: &str,
) -> Result<Recovery<Object>, ProviderError> {
    if resource.api.snapshot(id).await?.is_none() {
        cx.world.clock.sleep(GRACE).await;
        if resource.api.snapshot(id).await?.is_none() {
            if cx.world.clock.now().since(intent.started_at) < SETTLED {
                return Err(vanished(id));
            }
            return Ok(Recovery::Absent);
        }
    }
    found(resource, cx, arguments, id).await
}

async fn found(
    resource: &DiskSnapshot,
    cx: &Context,
    arguments: &Arguments,
    id: &str,
) -> Result<Recovery<Object>, ProviderError> {
    let created = resource.settle(cx, id).await?;
    Ok(match unmark(resource, arguments, created).await? {
        Created::Ready(object) => Recovery::Found(object),
        Created::Tainted(object, error) => Recovery::Tainted(object, error),
    })
}

async fn candidates(
    resource: &DiskSnapshot,
    cx: &Context,
    arguments: &Arguments,
    intent: &Intent,
) -> Result<Vec<DescribedSnapshot>, ProviderError> {
    let earliest = intent.started_at.saturating_sub(CLOCK_MARGIN);
    let mut snapshots = namesakes(resource, arguments, intent.name(arguments)).await?;
    snapshots.retain(|snapshot| {
        !intent.existing.contains(&snapshot.snapshot_id)
            && !cx.is_claimed(&snapshot.snapshot_id)
            && created(snapshot).is_none_or(|created| created >= earliest)
    });
    Ok(snapshots)
}

fn created(snapshot: &DescribedSnapshot) -> Option<Timestamp> {
    Timestamp::parse_lenient(snapshot.create_time.as_deref()?).ok()
}

/// Names are compared here: the vendor's filter by name is no exact match.
async fn namesakes(
    resource: &DiskSnapshot,
    arguments: &Arguments,
    name: &str,
) -> Result<Vec<DescribedSnapshot>, ProviderError> {
    let mut snapshots = resource.api.manual_snapshots_of(&arguments.disk_id).await?;
    snapshots.retain(|snapshot| {
        snapshot.snapshot_name.as_deref() == Some(name)
            && snapshot.disk_id.as_deref().is_none_or(|disk| disk == arguments.disk_id)
    });
    Ok(snapshots)
}
