//! The resource type `openstack_compute_snapshot`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::schema::{Attribute, Schema};
use crate::sdk::{
    Context, Created, Deletion, ErrorKind, Gathering, Intended, Obstacle, ProviderError, Reading,
    Recovery, Replacement, Resource,
};
use crate::value::Type;
use crate::world::Timestamp;

use super::arguments::{force, label, region, told, uuid};
use super::client::{Api, Cloud, Region};
use super::foresight::{self, Copying};
use super::life::{Handle, Life, Recorded, SECOND_LOOK};
use super::listing::{Listing, Reach};
use super::wire::{NewSnapshot, WireSnapshot};

/// How far back the list is searched around an intent: far more than clocks of one cloud differ.
const SEARCH_MARGIN: Duration = Duration::from_mins(10);
/// So many young snapshots are much.
const MUCH: usize = 100;
/// The longest time from an intent to its object: what is younger may be somebody else's.
const UNDER_WAY: Duration = Duration::from_hours(1);

/// A snapshot of a volume.
pub(super) struct Snapshot {
    life: Life,
    /// By region: the snapshots of the last minutes, as creates that begin together share them.
    recent: Gathering<Arc<Listing<WireSnapshot>>>,
    /// Whether much was young the last time, as while many are made: then a list takes fewer pages.
    much: AtomicBool,
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

impl Recorded for Object {
    fn of(wire: WireSnapshot, region: &Region) -> Self {
        Self {
            id: wire.id,
            region: region.0.clone(),
            volume_id: Some(wire.volume_id),
            name: wire.name,
            description: wire.description,
            size: wire.size,
            status: Some(wire.status),
            created_at: wire.created_at,
        }
    }

    fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn size(&self) -> u64 {
        self.size.unwrap_or_default()
    }
}

impl Copying for Arguments {
    fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    fn volume_id(&self) -> &str {
        &self.volume_id
    }

    fn force(&self) -> bool {
        self.force.unwrap_or_default()
    }
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

impl Snapshot {
    /// Snapshots of a cloud.
    pub(super) fn new(cloud: Cloud) -> Self {
        let recent = Gathering::new(cloud.world().clone(), 1);
        Self { life: Life::new(cloud, Api::Compute), recent, much: AtomicBool::default() }
    }

    /// The snapshots that were made in a region lately, with the server's clock.
    async fn recent(&self, region: &Region) -> Result<Arc<Listing<WireSnapshot>>, ProviderError> {
        let key = region.0.clone().unwrap_or_default();
        let ask = async |keys: Vec<String>| {
            let reach = Reach::Recent(SEARCH_MARGIN * 2, self.much.load(Ordering::Relaxed));
            let listing = self.life.cloud.snapshots(Api::Compute, region, reach, &[]).await?;
            self.much.store(listing.entries.len() >= MUCH, Ordering::Relaxed);
            let listing = Arc::new(listing);
            Ok(keys.into_iter().map(|key| (key, Arc::clone(&listing))).collect())
        };
        self.recent.ask(&key, ask).await?.ok_or_else(|| {
            let message = "The list of snapshots was not looked at.";
            ProviderError::new(ErrorKind::Answer, "GET os-snapshots", message)
        })
    }

    /// The snapshots that a lost create may have made.
    async fn candidates(
        &self,
        cx: &Context,
        arguments: &Arguments,
        intent: &Intent,
    ) -> Result<Vec<WireSnapshot>, ProviderError> {
        let since = intent.noted_at.saturating_sub(SEARCH_MARGIN);
        let cloud = &self.life.cloud;
        let reach = Reach::Since(since);
        let listing = cloud.snapshots(Api::Compute, &intent.region, reach, &[]).await?;
        let mut snapshots = listing.entries;
        snapshots.retain(|wire| {
            is_of(wire, arguments)
                && wire.description == arguments.description
                && !intent.known.contains(&wire.id)
                && !cx.is_claimed(&wire.id)
                && wire.created_at.is_none_or(|time| time >= since)
        });
        snapshots.sort_by(|left, right| left.id.cmp(&right.id));
        Ok(snapshots)
    }
}

fn is_of(wire: &WireSnapshot, arguments: &Arguments) -> bool {
    wire.volume_id == arguments.volume_id && wire.name == arguments.name
}

impl Resource for Snapshot {
    const TYPE: &'static str = "openstack_compute_snapshot";
    const REPLACEMENT: Replacement = Replacement::CreateFirst;
    /// A search for a lost create must not meet another create of ours that is still under way.
    const EXCLUSIVE_BY: Option<&'static str> = Some("volume_id");
    const FORESEES: bool = true;
    type Arguments = Arguments;
    type Object = Object;
    type Intent = Intent;

    fn schema() -> Schema {
        let name = "Name of the snapshot (`display_name`); need not be unique.";
        let description = "Description of the snapshot (`display_description`).";
        let mut attributes = vec![
            uuid(Attribute::required("volume_id", Type::String, "The volume to copy: its UUID."))
                .force_new(),
            label("name", name).force_new(),
            label("description", description).force_new(),
            force(),
            region("Region of the volume; the provider's unless set.").force_new(),
        ];
        attributes.extend(told());
        Schema::new(
            "A snapshot of a block storage volume, made through the compute API (`os-snapshots`).",
            attributes,
        )
        .timeouts(&["create", "delete"])
    }

    async fn foresee(
        &self,
        _cx: &Context,
        intended: &Intended<Arguments, Object>,
    ) -> Result<Vec<Obstacle>, ProviderError> {
        foresight::foresee(&self.life.cloud, Api::Compute, intended).await
    }

    async fn prepare(&self, cx: &Context, arguments: &Arguments) -> Result<Intent, ProviderError> {
        let region = self.life.region(arguments.region.as_deref()).await?;
        let listing = self.recent(&region).await?;
        let noted_at = listing.server_time.unwrap_or_else(|| cx.world.clock.now());
        let known = listing.entries.iter().filter(|wire| is_of(wire, arguments));
        let known = known.map(|wire| wire.id.clone()).collect();
        Ok(Intent { region, known, noted_at })
    }

    async fn create(
        &self,
        cx: &Context,
        arguments: Arguments,
        intent: &Intent,
    ) -> Result<Created<Object>, ProviderError> {
        let new = NewSnapshot::Compute {
            display_name: arguments.name.as_deref(),
            display_description: arguments.description.as_deref(),
            volume_id: &arguments.volume_id,
            force: arguments.force.unwrap_or_default(),
        };
        self.life.create(cx, &intent.region, new).await
    }

    async fn read(&self, _cx: &Context, prior: Object) -> Result<Reading<Object>, ProviderError> {
        self.life.read(&prior).await
    }

    async fn read_many(
        &self,
        _cx: &Context,
        priors: Vec<Object>,
    ) -> Vec<Result<Reading<Object>, ProviderError>> {
        self.life.read_many(priors).await
    }

    async fn delete(&self, cx: &Context, prior: Object) -> Result<Deletion, ProviderError> {
        self.life.delete(cx, &prior).await
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
            return self.life.recover(cx, &handle).await;
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
                self.life.recover(cx, &handle).await
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
