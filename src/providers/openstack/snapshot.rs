//! The resource type `openstack_compute_snapshot`.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::schema::{Attribute, Rule, Schema};
use crate::sdk::http::Poll;
use crate::sdk::{
    Context, Created, Deletion, ErrorKind, ProviderError, Reading, Recovery, Replacement, Resource,
};
use crate::value::Type;
use crate::world::Timestamp;

use super::client::{Asked, Cloud, Reach, Region};
use super::wire::{NewSnapshot, WireSnapshot};

/// Patience unless a `timeouts` block says otherwise.
const PATIENCE: Duration = Duration::from_mins(10);
/// How far back the list is searched around an intent: far more than clocks of one cloud differ.
const SEARCH_MARGIN: Duration = Duration::from_mins(10);
/// The longest time from an intent to its object: what is younger may be somebody else's.
const UNDER_WAY: Duration = Duration::from_hours(1);
/// How long a request that is still under way may take to show up in the list.
const SECOND_LOOK: Duration = Duration::from_secs(10);

/// A snapshot of a volume.
pub(super) struct Snapshot {
    cloud: Cloud,
}

/// What the configuration says.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Arguments {
    region: Option<String>,
    volume_id: String,
    name: Option<String>,
    description: Option<String>,
    #[serde(default)]
    force: Option<bool>,
}

/// A snapshot as state holds it. `force` is ours alone and is never read back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Object {
    pub(super) id: String,
    pub(super) region: Option<String>,
    pub(super) volume_id: Option<String>,
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
    pub(super) size: Option<u64>,
    pub(super) status: Option<String>,
    pub(super) created_at: Option<Timestamp>,
}

/// What a search needs after a create whose answer was lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Intent {
    region: Region,
    /// Young snapshots of the volume with this name that were there before.
    known: Vec<String>,
    /// The server's clock before the create.
    noted_at: Timestamp,
}

/// What the cloud told about a request it took.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Handle {
    id: String,
    region: Region,
}

impl Snapshot {
    /// Snapshots of a cloud.
    pub(super) fn new(cloud: Cloud) -> Self {
        Self { cloud }
    }

    /// Waits until a snapshot is done, for better or worse.
    async fn finish(
        &self,
        cx: &Context,
        handle: &Handle,
    ) -> Result<Created<Object>, ProviderError> {
        let poll = poll(cx.timeout("create", PATIENCE));
        let finished = poll
            .until(&cx.world, "create", || async {
                let Some(wire) = self.cloud.show(&handle.region, &handle.id).await? else {
                    return Err(ProviderError::new(
                        ErrorKind::NotFound,
                        "create",
                        format!("Snapshot `{}` disappeared while it was being made.", handle.id),
                    ));
                };
                cx.progress(&wire.status);
                Ok(matches!(&*wire.status, "available" | "error" | "error_deleting")
                    .then_some(wire))
            })
            .await;
        match finished {
            Ok(wire) if wire.status == "available" => {
                Ok(Created::Ready(object(wire, &handle.region)))
            }
            Ok(wire) => {
                let error = ProviderError::new(
                    ErrorKind::Failed,
                    "create",
                    format!("Snapshot `{}` went into status `{}`.", wire.id, wire.status),
                )
                .help("the reason is in the messages of block storage: `openstack volume message list`; the failed snapshot counts against the quota until it is deleted");
                Ok(Created::Tainted(object(wire, &handle.region), error))
            }
            Err(error) if error.kind == ErrorKind::TimedOut => {
                match self.cloud.show(&handle.region, &handle.id).await? {
                    Some(wire) => Ok(Created::Tainted(object(wire, &handle.region), error)),
                    None => Err(error),
                }
            }
            Err(error) => Err(error),
        }
    }

    /// The snapshots that a lost create may have made.
    async fn candidates(
        &self,
        cx: &Context,
        arguments: &Arguments,
        intent: &Intent,
    ) -> Result<Vec<WireSnapshot>, ProviderError> {
        let since = intent.noted_at.saturating_sub(SEARCH_MARGIN);
        let mut snapshots = self.cloud.list(&intent.region, Reach::Since(since)).await?.snapshots;
        snapshots.retain(|wire| {
            is_of(wire, arguments)
                && wire.display_description == arguments.description
                && !intent.known.contains(&wire.id)
                && !cx.is_claimed(&wire.id)
                && wire.created_at.is_none_or(|time| time >= since)
        });
        // The list may shift between two pages and show one snapshot twice.
        snapshots.sort_by(|left, right| left.id.cmp(&right.id));
        snapshots.dedup_by(|left, right| left.id == right.id);
        Ok(snapshots)
    }

    async fn recover_finished(
        &self,
        cx: &Context,
        handle: &Handle,
    ) -> Result<Recovery<Object>, ProviderError> {
        match self.finish(cx, handle).await {
            Ok(Created::Ready(object)) => Ok(Recovery::Found(object)),
            Ok(Created::Tainted(object, error)) => Ok(Recovery::Tainted(object, error)),
            Err(error) if error.kind == ErrorKind::NotFound => Ok(Recovery::Absent),
            Err(error) => Err(error),
        }
    }

    /// Asks for the deletion until the cloud takes it; `false` when there is nothing to wait for.
    async fn ask_to_delete(
        &self,
        cx: &Context,
        region: &Region,
        id: &str,
        poll: Poll,
    ) -> Result<bool, ProviderError> {
        let refused_before = AtomicBool::new(false);
        poll.until(&cx.world, "delete", || async {
            match self.cloud.delete(region, id).await? {
                Asked::Accepted => return Ok(Some(true)),
                Asked::Gone => return Ok(Some(false)),
                Asked::WrongStatus => {}
            }
            let Some(wire) = self.cloud.show(region, id).await? else { return Ok(Some(false)) };
            match &*wire.status {
                "deleting" => Ok(Some(true)),
                "error_deleting" => Err(stuck(id)),
                // It may have become so between the two requests.
                "available" | "error" if !refused_before.swap(true, Ordering::Relaxed) => Ok(None),
                "available" | "error" => Err(ProviderError::new(
                    ErrorKind::Refused,
                    "delete",
                    format!(
                        "Block storage refuses to delete snapshot `{id}`, which is `{}`.",
                        wire.status
                    ),
                )
                .help("it may be part of a group, or something made from it still needs it")),
                busy => {
                    cx.progress(&format!("waiting, {busy}"));
                    Ok(None)
                }
            }
        })
        .await
    }
}

fn poll(patience: Duration) -> Poll {
    Poll { first: Duration::from_millis(500), longest: Duration::from_secs(5), patience }
}

fn object(wire: WireSnapshot, region: &Region) -> Object {
    Object {
        id: wire.id,
        region: region.0.clone(),
        volume_id: Some(wire.volume_id),
        name: wire.display_name,
        description: wire.display_description,
        size: wire.size,
        status: Some(wire.status),
        created_at: wire.created_at,
    }
}

fn is_of(wire: &WireSnapshot, arguments: &Arguments) -> bool {
    wire.volume_id == arguments.volume_id && wire.display_name == arguments.name
}

/// A snapshot that is being deleted counts as gone.
fn reading(wire: Option<WireSnapshot>, region: &Region) -> Reading<Object> {
    match wire {
        None => Reading::Gone,
        Some(wire) => match &*wire.status {
            "deleting" | "deleted" => Reading::Gone,
            "error" | "error_deleting" => {
                let reason = format!("its status is `{}`", wire.status);
                Reading::Failed(object(wire, region), reason)
            }
            _ => Reading::Present(object(wire, region)),
        },
    }
}

fn stuck(id: &str) -> ProviderError {
    ProviderError::new(
        ErrorKind::Failed,
        "delete",
        format!("Deleting snapshot `{id}` failed: it is `error_deleting`, and nobody but an administrator can do anything about it."),
    )
    .help("ask an administrator to reset the snapshot's status, then destroy again")
}

/// After the cloud took the request an error no longer means that nothing was made.
fn outcome_unknown(error: ProviderError, id: &str) -> ProviderError {
    if error.kind == ErrorKind::NotFound {
        return error;
    }
    let message =
        format!("Snapshot `{id}` is being made, but it cannot be watched: {}", error.message);
    ProviderError { kind: ErrorKind::OutcomeUnknown, message, ..error }
}

fn trimmed(text: &str) -> Result<(), String> {
    if text == text.trim() {
        Ok(())
    } else {
        Err("must not begin or end with white space, because the cloud takes it away".to_owned())
    }
}

/// The ids of clouds are lower-case UUIDs; others come back as a 500, or in another case.
fn volume_id(text: &str) -> Result<(), String> {
    let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let fits = text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => digit(byte),
        });
    if fits {
        Ok(())
    } else {
        Err(format!("must be a UUID in lower case with dashes, not `{text}`"))
    }
}

impl Resource for Snapshot {
    const TYPE: &'static str = "openstack_compute_snapshot";
    const REPLACEMENT: Replacement = Replacement::CreateFirst;
    /// A search for a lost create must not meet another create of ours that is still under way.
    const EXCLUSIVE_BY: Option<&'static str> = Some("volume_id");
    type Arguments = Arguments;
    type Object = Object;
    type Intent = Intent;

    fn schema() -> Schema {
        let label = |name, description| {
            Attribute::optional(name, Type::String, description)
                .force_new()
                .rule(Rule::length(0, 255))
                .rule(Rule::text("no white space at either end", trimmed))
        };
        Schema::new(
            "A snapshot of a block storage volume, made through the compute API (`os-snapshots`).",
            vec![
                Attribute::required("volume_id", Type::String, "The volume to copy: its UUID.")
                    .force_new()
                    .rule(Rule::text("a UUID in lower case with dashes", volume_id)),
                label("name", "Name of the snapshot (`display_name`); need not be unique."),
                label("description", "Description of the snapshot (`display_description`)."),
                Attribute::optional(
                    "force",
                    Type::Bool,
                    "Allows a snapshot of a volume that is attached. Only a create looks at it.",
                )
                .default(false)
                .record_only(),
                Attribute::optional_computed(
                    "region",
                    Type::String,
                    "Region of the volume; the provider's unless set.",
                )
                .force_new(),
                Attribute::computed("id", Type::String, "The cloud's id of the snapshot."),
                Attribute::computed("size", Type::Number, "Size of the volume in GiB."),
                Attribute::computed(
                    "status",
                    Type::String,
                    "Where the snapshot is in its life: `available` when all is well, `error` when \
                     making it failed.",
                )
                .volatile(),
                Attribute::computed(
                    "created_at",
                    Type::String,
                    "When it was made, RFC 3339 in UTC.",
                ),
            ],
        )
        .timeouts(&["create", "delete"])
    }

    async fn prepare(&self, cx: &Context, arguments: &Arguments) -> Result<Intent, ProviderError> {
        let region = self.cloud.region(arguments.region.as_deref()).await?;
        let listing = self.cloud.list(&region, Reach::Recent(SEARCH_MARGIN * 2)).await?;
        let noted_at = listing.server_time.unwrap_or_else(|| cx.world.clock.now());
        let known = listing.snapshots.into_iter().filter(|wire| is_of(wire, arguments));
        Ok(Intent { region, known: known.map(|wire| wire.id).collect(), noted_at })
    }

    async fn create(
        &self,
        cx: &Context,
        arguments: Arguments,
        intent: &Intent,
    ) -> Result<Created<Object>, ProviderError> {
        let new = NewSnapshot {
            display_name: arguments.name.as_deref(),
            display_description: arguments.description.as_deref(),
            volume_id: &arguments.volume_id,
            force: arguments.force.unwrap_or_default(),
        };
        let wire = self.cloud.create(&intent.region, new).await?;
        let handle = Handle { id: wire.id, region: intent.region.clone() };
        let unknown = |error| outcome_unknown(error, &handle.id);
        cx.accepted(&handle).await.map_err(unknown)?;
        self.finish(cx, &handle).await.map_err(unknown)
    }

    async fn read(&self, _cx: &Context, prior: Object) -> Result<Reading<Object>, ProviderError> {
        let region = self.cloud.region(prior.region.as_deref()).await?;
        Ok(reading(self.cloud.show(&region, &prior.id).await?, &region))
    }

    async fn read_many(
        &self,
        cx: &Context,
        priors: Vec<Object>,
    ) -> Vec<Result<Reading<Object>, ProviderError>> {
        let mut counts = BTreeMap::<_, usize>::new();
        for prior in &priors {
            *counts.entry(prior.region.clone()).or_default() += 1;
        }
        let mut listed = BTreeMap::new();
        for (region, _) in counts.into_iter().filter(|(_, count)| *count > 1) {
            let list = async {
                let place = self.cloud.region(region.as_deref()).await?;
                let snapshots = self.cloud.list(&place, Reach::All).await?.snapshots.into_iter();
                let by_id: BTreeMap<_, _> = snapshots.map(|wire| (wire.id.clone(), wire)).collect();
                Ok::<_, ProviderError>((place, by_id))
            };
            listed.insert(region.clone(), list.await);
        }
        let mut readings = Vec::with_capacity(priors.len());
        for prior in priors {
            readings.push(match listed.get(&prior.region) {
                Some(Err(error)) => Err(error.clone()),
                Some(Ok((region, by_id))) if by_id.contains_key(&prior.id) => {
                    Ok(reading(by_id.get(&prior.id).cloned(), region))
                }
                // A list read in pages can miss what moved meanwhile: a look at the object decides.
                _ => self.read(cx, prior).await,
            });
        }
        readings
    }

    async fn delete(&self, cx: &Context, prior: Object) -> Result<Deletion, ProviderError> {
        let region = self.cloud.region(prior.region.as_deref()).await?;
        let poll = poll(cx.timeout("delete", PATIENCE));
        if !self.ask_to_delete(cx, &region, &prior.id, poll).await? {
            return Ok(Deletion::Deleted);
        }
        poll.until(&cx.world, "delete", || async {
            let Some(wire) = self.cloud.show(&region, &prior.id).await? else {
                return Ok(Some(Deletion::Deleted));
            };
            cx.progress(&wire.status);
            match &*wire.status {
                "error_deleting" => Err(stuck(&prior.id)),
                "available" => Err(ProviderError::new(
                    ErrorKind::Failed,
                    "delete",
                    format!(
                        "The storage would not let go of snapshot `{}`: it is available again.",
                        prior.id
                    ),
                )
                .help("a volume made from it may still need it")),
                "deleted" => Ok(Some(Deletion::Deleted)),
                _ => Ok(None),
            }
        })
        .await
    }

    async fn recover(
        &self,
        cx: &Context,
        arguments: Arguments,
        intent: Intent,
        accepted: Option<serde_json::Value>,
    ) -> Result<Recovery<Object>, ProviderError> {
        let handle = accepted.and_then(|json| serde_json::from_value::<Handle>(json).ok());
        if let Some(handle) = handle {
            return self.recover_finished(cx, &handle).await;
        }
        let mut found = self.candidates(cx, &arguments, &intent).await?;
        if found.is_empty() {
            cx.world.clock.sleep(SECOND_LOOK).await;
            found = self.candidates(cx, &arguments, &intent).await?;
        }
        let latest = intent.noted_at.saturating_add(UNDER_WAY);
        match &*found {
            [] => Ok(Recovery::Absent),
            [wire] if wire.created_at.is_some_and(|time| time > latest) => {
                Ok(Recovery::Uncertain(format!(
                    "Snapshot `{}` fits, but was made so long after the lost create that it may be \
                     somebody else's.",
                    wire.id
                )))
            }
            [wire] => {
                let handle = Handle { id: wire.id.clone(), region: intent.region };
                self.recover_finished(cx, &handle).await
            }
            several => {
                let ids = several.iter().map(|wire| &*wire.id).collect::<Vec<_>>().join("`, `");
                Ok(Recovery::Uncertain(format!(
                    "Several snapshots of the volume with this name and description have appeared \
                     since: `{ids}`. Another run may have made them."
                )))
            }
        }
    }
}
