//! The resource type `openstack_blockstorage_snapshot_v3`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::schema::{Attribute, Schema};
use crate::sdk::{
    Context, Created, Deletion, ErrorKind, Intended, Obstacle, ProviderError, Reading, Recovery,
    Replacement, Resource,
};
use crate::value::Type;
use crate::world::Timestamp;

use super::arguments::{force, label, metadata, region, told, uuid};
use super::client::{Api, Cloud, Region};
use super::foresight::{self, Copying};
use super::life::{Handle, Life, Recorded, SECOND_LOOK};
use super::listing::Reach;
use super::wire::{Changes, MARKER, NewSnapshot, WireSnapshot};

/// A snapshot of a volume.
pub(super) struct BlockSnapshot {
    life: Life,
}

/// What the configuration says.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Arguments {
    region: Option<String>,
    volume_id: String,
    name: Option<String>,
    description: Option<String>,
    metadata: Option<BTreeMap<String, String>>,
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
    /// Without the mark of the create.
    pub(super) metadata: Option<BTreeMap<String, String>>,
    pub(super) size: Option<u64>,
    pub(super) status: Option<String>,
    pub(super) created_at: Option<Timestamp>,
}

impl Recorded for Object {
    fn of(wire: WireSnapshot, region: &Region) -> Self {
        Self {
            metadata: Some(wire.own_metadata()),
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

/// What finds again what a create made whose answer was lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Intent {
    region: Region,
    /// A text that nothing else has, in the metadata of what is made.
    marker: String,
}

impl BlockSnapshot {
    /// Snapshots of a cloud.
    pub(super) fn new(cloud: Cloud) -> Self {
        Self { life: Life::new(cloud, Api::BlockStorage) }
    }

    /// The snapshots with the mark of a lost create.
    async fn marked(
        &self,
        arguments: &Arguments,
        intent: &Intent,
    ) -> Result<Vec<WireSnapshot>, ProviderError> {
        let filters = [("volume_id", arguments.volume_id.as_str())];
        let (api, region) = (Api::BlockStorage, &intent.region);
        let listing = self.life.cloud.snapshots(api, region, Reach::All, &filters).await?;
        let mut snapshots = listing.entries;
        snapshots.retain(|wire| wire.marker() == Some(&intent.marker));
        Ok(snapshots)
    }
}

impl Resource for BlockSnapshot {
    const TYPE: &'static str = "openstack_blockstorage_snapshot_v3";
    const REPLACEMENT: Replacement = Replacement::CreateFirst;
    const UPDATES: bool = true;
    const FORESEES: bool = true;
    type Arguments = Arguments;
    type Object = Object;
    type Intent = Intent;

    fn schema() -> Schema {
        let volume = "The volume to copy: its UUID.";
        let volume = Attribute::required("volume_id", Type::String, volume);
        let mut attributes = vec![
            uuid(volume).force_new(),
            label("name", "Name of the snapshot; need not be unique."),
            label("description", "Description of the snapshot."),
            metadata("Texts by key. A change replaces all of them."),
            force(),
            region("Region of the volume; the provider's unless set.").force_new(),
        ];
        attributes.extend(told());
        Schema::new(
            "A snapshot of a block storage volume, made through block storage itself (cinder v3).",
            attributes,
        )
        .timeouts(&["create", "delete"])
    }

    async fn foresee(
        &self,
        _cx: &Context,
        intended: &Intended<Arguments, Object>,
    ) -> Result<Vec<Obstacle>, ProviderError> {
        foresight::foresee(&self.life.cloud, Api::BlockStorage, intended).await
    }

    async fn prepare(&self, cx: &Context, arguments: &Arguments) -> Result<Intent, ProviderError> {
        let region = self.life.region(arguments.region.as_deref()).await?;
        Ok(Intent { region, marker: cx.world.ids.uuid() })
    }

    async fn create(
        &self,
        cx: &Context,
        arguments: Arguments,
        intent: &Intent,
    ) -> Result<Created<Object>, ProviderError> {
        let mut metadata = arguments.metadata.unwrap_or_default();
        metadata.insert(MARKER.to_owned(), intent.marker.clone());
        let new = NewSnapshot::BlockStorage {
            volume_id: &arguments.volume_id,
            name: arguments.name.as_deref(),
            description: arguments.description.as_deref(),
            metadata: &metadata,
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

    async fn update(
        &self,
        _cx: &Context,
        prior: Object,
        arguments: Arguments,
    ) -> Result<Object, ProviderError> {
        let (cloud, id) = (&self.life.cloud, &*prior.id);
        let region = self.life.region(prior.region.as_deref()).await?;
        let texts = [
            ("name", &prior.name, &arguments.name),
            ("description", &prior.description, &arguments.description),
        ];
        let changed = texts.iter().filter(|(_, old, new)| old != new);
        let changes: Changes<'_> = changed.map(|(name, _, new)| (*name, new.as_deref())).collect();
        if !changes.is_empty() {
            cloud.change(&region, id, &changes).await?;
        }
        let metadata = arguments.metadata.unwrap_or_default();
        if prior.metadata.unwrap_or_default() != metadata {
            // The mark of the create goes with the rest: state knows the id by now.
            cloud.replace_metadata(&region, id, &metadata).await?;
        }
        let wire = cloud.show(Api::BlockStorage, &region, id).await?;
        let wire = wire.ok_or_else(|| {
            let message = format!("Snapshot `{id}` disappeared while it was being changed.");
            ProviderError::new(ErrorKind::NotFound, "update", message)
        })?;
        Ok(Object::of(wire, &region))
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
        let mut found = self.marked(&arguments, &intent).await?;
        if found.is_empty() {
            cx.world.clock.sleep(SECOND_LOOK).await;
            found = self.marked(&arguments, &intent).await?;
        }
        match &*found {
            [] => Ok(Recovery::Absent),
            [wire] => {
                let handle = Handle { id: wire.id.clone(), region: intent.region };
                self.life.recover(cx, &handle).await
            }
            several => {
                let ids = several.iter().map(|wire| &*wire.id).collect::<Vec<_>>().join("`, `");
                Ok(Recovery::Uncertain(format!(
                    "Several snapshots have the mark of this one create: `{ids}`. Something \
                     between you and the cloud may have sent it twice."
                )))
            }
        }
    }
}
