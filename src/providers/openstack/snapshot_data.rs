//! The data types `openstack_blockstorage_snapshot_v3` and `openstack_blockstorage_snapshots_v3`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::schema::{Attribute, Problem, Schema};
use crate::sdk::choice::most_recent;
use crate::sdk::{Context, DataSource, ErrorKind, ProviderError};
use crate::value::{Type, Value};
use crate::world::Timestamp;

use super::arguments::{region, uuid};
use super::choice::{NAMED, beside_id, candidates, in_order, no_such, only_one};
use super::client::{Api, Cloud, Region};
use super::listing::Reach;
use super::wire::WireSnapshot;

const READ: &str = "read";

/// One snapshot.
pub(super) struct SnapshotData(pub(super) Cloud);

/// All snapshots that fit.
pub(super) struct Snapshots(pub(super) Cloud);

/// Which snapshots are wanted.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Wanted {
    region: Option<String>,
    id: Option<String>,
    name: Option<String>,
    status: Option<String>,
    volume_id: Option<String>,
    #[serde(default)]
    most_recent: bool,
}

/// A snapshot as an expression sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Found {
    pub(super) id: String,
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
    pub(super) status: String,
    pub(super) volume_id: String,
    pub(super) size: Option<u64>,
    pub(super) metadata: BTreeMap<String, String>,
    pub(super) created_at: Option<Timestamp>,
}

/// A snapshot with its region.
#[derive(Debug, Serialize)]
pub(super) struct FoundOne {
    region: Option<String>,
    #[serde(flatten)]
    pub(super) snapshot: Found,
}

/// Snapshots with their region.
#[derive(Debug, Serialize)]
pub(super) struct FoundMany {
    region: Option<String>,
    pub(super) ids: Vec<String>,
    pub(super) snapshots: Vec<Found>,
}

impl From<WireSnapshot> for Found {
    fn from(wire: WireSnapshot) -> Self {
        Self {
            metadata: wire.own_metadata(),
            id: wire.id,
            name: wire.name,
            description: wire.description,
            status: wire.status,
            volume_id: wire.volume_id,
            size: wire.size,
            created_at: wire.created_at,
        }
    }
}

impl Wanted {
    /// Whether a snapshot is one of those. Databases take names for equal that are not, and nova
    /// takes no filters, so that everything is compared here.
    fn fits(&self, wire: &WireSnapshot) -> bool {
        let is = |wanted: &Option<String>, found: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| found == Some(wanted))
        };
        is(&self.name, wire.name.as_deref())
            && is(&self.status, Some(&wire.status))
            && is(&self.volume_id, Some(&wire.volume_id))
    }

    /// The snapshots that fit, in order, with where they are.
    async fn find(&self, cloud: &Cloud) -> Result<(Api, Region, Vec<WireSnapshot>), ProviderError> {
        let api = cloud.best_api().await?;
        let region = cloud.region(api, self.region.as_deref()).await?;
        let filters =
            [("name", &self.name), ("status", &self.status), ("volume_id", &self.volume_id)];
        let given = filters.iter().filter_map(|(key, value)| Some((*key, value.as_deref()?)));
        let given: Vec<_> = given.collect();
        let listing = cloud.snapshots(api, &region, Reach::All, &given).await?;
        let fitting = listing.entries.into_iter().filter(|wire| self.fits(wire)).collect();
        Ok((api, region, in_order(fitting, self.most_recent)))
    }

    /// What is there, where nothing fits: for a message.
    async fn nothing(&self, cloud: &Cloud, api: Api, region: &Region) -> ProviderError {
        let listing = cloud.snapshots(api, region, Reach::All, &[]).await;
        let all = in_order(listing.map(|listing| listing.entries).unwrap_or_default(), false);
        let message = match &*all {
            [] => "The project has no snapshots.".to_owned(),
            all => format!("No snapshot fits. There is {}.", candidates(all, shown)),
        };
        let arguments = [("name", &self.name), ("volume_id", &self.volume_id)];
        let blamed = arguments.iter().find(|(_, value)| value.is_some());
        let error = ProviderError::new(ErrorKind::NotOne, READ, message);
        blamed
            .map_or(error.clone(), |(name, _)| error.attribute(*name))
            .help("look whether the arguments, project and region are the right ones")
    }
}

/// How a message shows a snapshot.
fn shown(wire: &WireSnapshot) -> String {
    let name = wire.name.as_deref().unwrap_or_default();
    let made = wire.created_at.map_or_else(String::new, |time| format!(", {time}"));
    format!("`{}` called `{name}` ({}{made})", wire.id, wire.status)
}

/// The arguments by which either type finds; for one snapshot the rest is told as well.
fn filters(new: fn(&'static str, Type, &'static str) -> Attribute) -> [Attribute; 3] {
    [
        new("name", Type::String, "The exact name."),
        new("status", Type::String, "The status, such as `available`."),
        uuid(new("volume_id", Type::String, "The volume it was made of.")),
    ]
}

fn attributes() -> [(&'static str, Type, &'static str); 4] {
    [
        ("description", Type::String, "Its description."),
        ("size", Type::Number, "Size of the volume in GiB."),
        (
            "metadata",
            Type::map(Type::String),
            "Texts by key; empty where only the compute service can be asked.",
        ),
        ("created_at", Type::String, "When it was made, RFC 3339 in UTC."),
    ]
}

impl DataSource for SnapshotData {
    const TYPE: &'static str = "openstack_blockstorage_snapshot_v3";
    type Arguments = Wanted;
    type Found = FoundOne;

    fn schema() -> Schema {
        let id = Attribute::optional_computed("id", Type::String, "Its UUID.");
        let mut schema = vec![uuid(id)];
        schema.extend(filters(Attribute::optional_computed));
        schema.push(most_recent("Takes the newest one where several fit."));
        schema.push(region("Its region; the provider's unless set."));
        let told = attributes().into_iter();
        schema.extend(told.map(|(name, ty, meaning)| Attribute::computed(name, ty, meaning)));
        Schema::new(
            "A snapshot of a volume, by its id or by what is known of it. Exactly one must fit, \
             unless the newest is wanted. A cloud without block storage in its catalogue is asked \
             through the compute service.",
            schema,
        )
    }

    fn validate(arguments: &Value) -> Vec<Problem> {
        beside_id(arguments, &["name", "status", "volume_id", "most_recent"], "snapshot")
    }

    async fn read(&self, _cx: &Context, wanted: Wanted) -> Result<FoundOne, ProviderError> {
        let cloud = &self.0;
        if let Some(id) = &wanted.id {
            let api = cloud.best_api().await?;
            let region = cloud.region(api, wanted.region.as_deref()).await?;
            let snapshot = cloud.show(api, &region, id).await?;
            let snapshot = snapshot.ok_or_else(|| no_such("snapshot", id))?;
            return Ok(FoundOne { region: region.0, snapshot: snapshot.into() });
        }
        let (api, region, found) = wanted.find(cloud).await?;
        if found.is_empty() {
            return Err(wanted.nothing(cloud, api, &region).await);
        }
        let snapshot = only_one(found, "snapshots", shown, |error| {
            error.help(
                "set `most_recent = true` for the newest, narrow it down with `name`, `status` or \
                 `volume_id`, or give `id`",
            )
        })?;
        Ok(FoundOne { region: region.0, snapshot: snapshot.into() })
    }
}

impl DataSource for Snapshots {
    const TYPE: &'static str = "openstack_blockstorage_snapshots_v3";
    type Arguments = Wanted;
    type Found = FoundMany;

    fn schema() -> Schema {
        let mut schema = filters(Attribute::optional).to_vec();
        schema.push(most_recent("Keeps only the newest one of those that fit."));
        schema.push(region("Their region; the provider's unless set."));
        let own = [("status", Type::String), ("volume_id", Type::String)];
        let told = attributes().into_iter().map(|(name, ty, _)| (name, ty));
        let snapshot = Type::object(NAMED.into_iter().chain(own).chain(told));
        schema.extend([
            Attribute::computed("ids", Type::list(Type::String), "Their UUIDs, in that order."),
            Attribute::computed(
                "snapshots",
                Type::list(snapshot),
                "The snapshots, with the attributes that a single one has.",
            ),
        ]);
        Schema::new(
            "The snapshots of the project that fit, the oldest first; of equal age by id. None is \
             an empty list.",
            schema,
        )
    }

    async fn read(&self, _cx: &Context, wanted: Wanted) -> Result<FoundMany, ProviderError> {
        let (_, region, found) = wanted.find(&self.0).await?;
        let snapshots: Vec<Found> = found.into_iter().map(Found::from).collect();
        let ids = snapshots.iter().map(|snapshot| snapshot.id.clone()).collect();
        Ok(FoundMany { region: region.0, ids, snapshots })
    }
}
