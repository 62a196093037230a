//! The data types `openstack_blockstorage_volume_v3` and `openstack_blockstorage_volumes_v3`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::schema::{Attribute, Problem, Rule, Schema};
use crate::sdk::{Context, DataSource, ErrorKind, ProviderError};
use crate::value::{Type, Value};
use crate::world::Timestamp;

use super::arguments::{region, uuid};
use super::choice::{NAMED, beside_id, candidates, in_order, no_such, only_one};
use super::client::{Api, Cloud, Region};
use super::wire::{WireAttachment, WireVolume};

const READ: &str = "read";

/// One volume.
pub(super) struct Volume(pub(super) Cloud);

/// All volumes that fit.
pub(super) struct Volumes(pub(super) Cloud);

/// Which volumes are wanted.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Wanted {
    region: Option<String>,
    id: Option<String>,
    name: Option<String>,
    status: Option<String>,
    bootable: Option<String>,
    metadata: Option<BTreeMap<String, String>>,
}

/// A volume as an expression sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Found {
    pub(super) id: String,
    pub(super) name: Option<String>,
    description: Option<String>,
    pub(super) status: String,
    pub(super) size: Option<u64>,
    availability_zone: Option<String>,
    volume_type: Option<String>,
    pub(super) bootable: Option<String>,
    pub(super) metadata: BTreeMap<String, String>,
    pub(super) attachments: Vec<WireAttachment>,
    snapshot_id: Option<String>,
    source_volid: Option<String>,
    created_at: Option<Timestamp>,
}

/// A volume with its region.
#[derive(Debug, Serialize)]
pub(super) struct FoundOne {
    region: Option<String>,
    #[serde(flatten)]
    pub(super) volume: Found,
}

/// Volumes with their region.
#[derive(Debug, Serialize)]
pub(super) struct FoundMany {
    region: Option<String>,
    pub(super) ids: Vec<String>,
    pub(super) volumes: Vec<Found>,
}

impl From<WireVolume> for Found {
    fn from(wire: WireVolume) -> Self {
        let nothing = WireAttachment::default();
        let mut attachments = wire.attachments;
        attachments.retain(|attachment| *attachment != nothing);
        attachments.sort();
        Self {
            id: wire.id,
            name: wire.name,
            description: wire.description,
            status: wire.status,
            size: wire.size,
            availability_zone: wire.availability_zone,
            volume_type: wire.volume_type,
            bootable: wire.bootable,
            metadata: wire.metadata,
            attachments,
            snapshot_id: wire.snapshot_id,
            source_volid: wire.source_volid,
            created_at: wire.created_at,
        }
    }
}

impl Wanted {
    /// Whether a volume is one of those. Databases take names for equal that are not, and nova
    /// takes no filters, so that everything is compared here.
    fn fits(&self, wire: &WireVolume) -> bool {
        let is = |wanted: &Option<String>, found: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| found == Some(wanted))
        };
        let mut metadata = self.metadata.iter().flatten();
        is(&self.name, wire.name.as_deref())
            && is(&self.status, Some(&wire.status))
            && is(&self.bootable, wire.bootable.as_deref())
            && metadata.all(|(key, value)| wire.metadata.get(key) == Some(value))
    }

    /// The volumes that fit, in order, with where they are.
    async fn find(&self, cloud: &Cloud) -> Result<(Api, Region, Vec<WireVolume>), ProviderError> {
        let api = cloud.best_api().await?;
        if api == Api::Compute && self.bootable.is_some() {
            let message = "The cloud has no block storage in its catalogue, and its compute \
                           service does not tell which volumes are bootable.";
            return Err(ProviderError::new(ErrorKind::Unsupported, READ, message)
                .attribute("bootable")
                .help("remove `bootable`, or name the service in `endpoint_overrides`"));
        }
        let region = cloud.region(api, self.region.as_deref()).await?;
        let filters = [("name", &self.name), ("status", &self.status)];
        let given = filters.iter().filter_map(|(key, value)| Some((*key, value.as_deref()?)));
        let found = cloud.volumes(api, &region, &given.collect::<Vec<_>>()).await?;
        let fitting = found.into_iter().filter(|wire| self.fits(wire)).collect();
        Ok((api, region, in_order(fitting, false)))
    }

    /// What is there, where nothing fits: for a message.
    async fn nothing(&self, cloud: &Cloud, api: Api, region: &Region) -> ProviderError {
        let all = in_order(cloud.volumes(api, region, &[]).await.unwrap_or_default(), false);
        let same: Vec<_> = all.iter().filter(|wire| wire.name == self.name).collect();
        let (what, near) = match &*same {
            [] => ("No volume of this name is in the project", all.iter().collect()),
            _ => ("No volume of this name fits the other arguments", same),
        };
        let message = match &*near {
            [] => format!("{what}, and no other one either."),
            near => format!("{what}. There is {}.", candidates(near, |wire| shown(wire))),
        };
        ProviderError::new(ErrorKind::NotOne, READ, message)
            .attribute("name")
            .help("look whether name, project and region are the right ones")
    }
}

/// How a message shows a volume.
fn shown(wire: &WireVolume) -> String {
    let name = wire.name.as_deref().unwrap_or_default();
    format!("`{}` called `{name}` ({})", wire.id, wire.status)
}

fn attributes() -> [(&'static str, Type, &'static str); 8] {
    let attachment = ["attachment_id", "device", "host_name", "server_id"];
    let attachment = Type::object(attachment.map(|name| (name, Type::String)));
    [
        ("description", Type::String, "Its description."),
        ("size", Type::Number, "Its size in GiB."),
        ("availability_zone", Type::String, "Where its storage stands."),
        ("volume_type", Type::String, "The kind of storage."),
        (
            "attachments",
            Type::list(attachment),
            "Where it is attached: server, device there, and more as far as the cloud tells.",
        ),
        ("snapshot_id", Type::String, "The snapshot it was made from."),
        ("source_volid", Type::String, "The volume it was made from."),
        ("created_at", Type::String, "When it was made, RFC 3339 in UTC."),
    ]
}

/// The arguments that narrow a search down.
fn filters(new: fn(&'static str, Type, &'static str) -> Attribute) -> [Attribute; 3] {
    [
        new("status", Type::String, "The status, such as `available`."),
        new(
            "bootable",
            Type::String,
            "Whether a server can start from it: `\"true\"` or `\"false\"`. The compute service \
             does not tell.",
        )
        .rule(Rule::one_of(&["true", "false"])),
        new(
            "metadata",
            Type::map(Type::String),
            "Texts by key. As an argument: those it has, among others.",
        ),
    ]
}

impl DataSource for Volume {
    const TYPE: &'static str = "openstack_blockstorage_volume_v3";
    type Arguments = Wanted;
    type Found = FoundOne;

    fn schema() -> Schema {
        let id = Attribute::optional_computed("id", Type::String, "Its UUID.");
        let name = "Its exact name, where the id is not given.";
        let mut schema = vec![uuid(id), Attribute::optional_computed("name", Type::String, name)];
        schema.extend(filters(Attribute::optional_computed));
        schema.push(region("Its region; the provider's unless set."));
        let told = attributes().into_iter();
        schema.extend(told.map(|(name, ty, meaning)| Attribute::computed(name, ty, meaning)));
        Schema::new(
            "A volume of block storage, by its id or by its name. Exactly one must fit. A cloud \
             without block storage in its catalogue is asked through the compute service.",
            schema,
        )
    }

    fn validate(arguments: &Value) -> Vec<Problem> {
        let is_set = |name: &str| arguments.attribute(name).is_some_and(|value| !value.is_null());
        if !is_set("id") && !is_set("name") {
            return vec![
                Problem::missing("name", "Neither `id` nor `name` says which volume is meant.")
                    .help("set `id`, or `name` and what else tells it from others"),
            ];
        }
        beside_id(arguments, &["name", "status", "bootable", "metadata"], "volume")
    }

    async fn read(&self, _cx: &Context, wanted: Wanted) -> Result<FoundOne, ProviderError> {
        let cloud = &self.0;
        if let Some(id) = &wanted.id {
            let api = cloud.best_api().await?;
            let region = cloud.region(api, wanted.region.as_deref()).await?;
            let volume = cloud.volume(api, &region, id).await?;
            let volume = volume.ok_or_else(|| no_such("volume", id))?;
            return Ok(FoundOne { region: region.0, volume: volume.into() });
        }
        let (api, region, found) = wanted.find(cloud).await?;
        if found.is_empty() {
            return Err(wanted.nothing(cloud, api, &region).await);
        }
        let volume = only_one(found, "volumes", shown, |error| {
            error
                .attribute("name")
                .help("give `id`, or narrow it down with `status`, `bootable` or `metadata`")
        })?;
        Ok(FoundOne { region: region.0, volume: volume.into() })
    }
}

impl DataSource for Volumes {
    const TYPE: &'static str = "openstack_blockstorage_volumes_v3";
    type Arguments = Wanted;
    type Found = FoundMany;

    fn schema() -> Schema {
        let mut schema = vec![Attribute::optional("name", Type::String, "The exact name.")];
        schema.extend(filters(Attribute::optional));
        schema.push(region("Their region; the provider's unless set."));
        let own = filters(Attribute::optional).map(|filter| (filter.name, filter.ty));
        let told = attributes().into_iter().map(|(name, ty, _)| (name, ty));
        let volume = Type::object(NAMED.into_iter().chain(own).chain(told));
        schema.extend([
            Attribute::computed("ids", Type::list(Type::String), "Their UUIDs, in that order."),
            Attribute::computed(
                "volumes",
                Type::list(volume),
                "The volumes, with the attributes that a single one has.",
            ),
        ]);
        Schema::new(
            "The volumes of the project that fit, the oldest first; of equal age by id. None is an \
             empty list.",
            schema,
        )
    }

    async fn read(&self, _cx: &Context, wanted: Wanted) -> Result<FoundMany, ProviderError> {
        let (_, region, found) = wanted.find(&self.0).await?;
        let volumes: Vec<Found> = found.into_iter().map(Found::from).collect();
        let ids = volumes.iter().map(|volume| volume.id.clone()).collect();
        Ok(FoundMany { region: region.0, ids, volumes })
    }
}
