//! Data `zenlayer_disk_snapshots`: the snapshots that fit some filters.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::schema::{Attribute, Schema};
use crate::sdk::choice::{
    batches, ids_filter, in_order, instant, most_recent, text_filter, word_filter,
};
use crate::sdk::{Context, DataSource, ProviderError};
use crate::value::Type;
use crate::world::Timestamp;

use super::client::{Api, BULK};
use super::wire::{DescribeSnapshots, DescribedSnapshot};

pub(super) struct DiskSnapshots {
    api: Arc<Api>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Arguments {
    snapshot_ids: Option<Vec<String>>,
    disk_ids: Option<Vec<String>>,
    name: Option<String>,
    zone_id: Option<String>,
    status: Option<String>,
    snapshot_type: Option<String>,
    disk_type: Option<String>,
    resource_group_id: Option<String>,
    most_recent: bool,
}

#[derive(Serialize)]
pub(super) struct Found {
    ids: Vec<String>,
    snapshots: Vec<Entry>,
}

/// A snapshot as the list shows it.
#[derive(Serialize)]
struct Entry {
    id: String,
    name: Option<String>,
    disk_id: Option<String>,
    zone_id: Option<String>,
    status: String,
    snapshot_type: Option<String>,
    retention_time: Option<String>,
    create_time: Option<String>,
    disk_ability: Option<bool>,
    resource_group_id: Option<String>,
    resource_group_name: Option<String>,
}

impl From<DescribedSnapshot> for Entry {
    fn from(snapshot: DescribedSnapshot) -> Self {
        let (group_id, group_name) = snapshot
            .resource_group
            .map_or((None, None), |group| (group.resource_group_id, group.resource_group_name));
        // In the same form as the resource has it, where it can be read.
        let alike = |text: String| match Timestamp::parse_lenient(&text) {
            Ok(end) => end.whole_seconds().to_string(),
            Err(_) => text,
        };
        Self {
            id: snapshot.snapshot_id,
            name: snapshot.snapshot_name,
            disk_id: snapshot.disk_id,
            zone_id: snapshot.zone_id,
            status: snapshot.status,
            snapshot_type: snapshot.snapshot_type,
            retention_time: snapshot.retention_time.map(alike),
            create_time: snapshot.create_time,
            disk_ability: snapshot.disk_ability,
            resource_group_id: group_id.or(snapshot.resource_group_id),
            resource_group_name: group_name.or(snapshot.resource_group_name),
        }
    }
}

impl DataSource for DiskSnapshots {
    const TYPE: &'static str = "zenlayer_disk_snapshots";
    type Arguments = Arguments;
    type Found = Found;

    fn schema() -> Schema {
        const STATUSES: &[&str] = &["CREATING", "AVAILABLE", "FAILED", "ROLLING_BACK", "DELETING"];
        let attributes = vec![
            ids_filter(
                "snapshot_ids",
                "Only snapshots with these ids. An empty list finds nothing.",
            ),
            ids_filter("disk_ids", "Only snapshots of these disks. An empty list finds nothing."),
            text_filter("name", "Only snapshots of exactly this name; several may have it."),
            text_filter("zone_id", "Only snapshots in this zone."),
            word_filter("status", STATUSES, "Only snapshots in this status."),
            word_filter(
                "snapshot_type",
                &["Manual", "Auto"],
                "Only snapshots that somebody ordered, or only those that a policy made.",
            ),
            word_filter("disk_type", &["SYSTEM", "DATA"], "Only snapshots of disks of this type."),
            text_filter("resource_group_id", "Only snapshots in this resource group."),
            most_recent(
                "Whether only the newest one of those that fit is kept; with `status = \
                 \"AVAILABLE\"` it is one that is ready.",
            ),
            Attribute::computed(
                "ids",
                Type::list(Type::String),
                "Ids of the snapshots, oldest snapshot first.",
            ),
            Attribute::computed(
                "snapshots",
                Type::list(snapshot_type()),
                "The snapshots in the same order. `create_time` is as Zenlayer writes it; \
                 `retention_time` is null where a snapshot is kept for ever.",
            ),
        ];
        Schema::new(
            "The snapshots of Zenlayer disks that fit every filter that is given; none may fit.",
            attributes,
        )
    }

    async fn read(&self, _cx: &Context, arguments: Arguments) -> Result<Found, ProviderError> {
        let mut snapshots = Vec::new();
        for snapshot_ids in batches(arguments.snapshot_ids.as_deref(), BULK) {
            for disk_ids in batches(arguments.disk_ids.as_deref(), BULK) {
                let snapshot_ids = snapshot_ids.clone().unwrap_or_default();
                let request = arguments.request(snapshot_ids, disk_ids.unwrap_or_default());
                snapshots.extend(self.api.snapshots(&request).await?);
            }
        }
        snapshots.retain(|snapshot| arguments.fits(snapshot));
        let snapshots = in_order(snapshots, arguments.most_recent, |snapshot| {
            (instant(snapshot.create_time.as_deref()), &snapshot.snapshot_id)
        });
        let snapshots: Vec<_> = snapshots.into_iter().map(Entry::from).collect();
        let ids = snapshots.iter().map(|snapshot| snapshot.id.clone()).collect();
        Ok(Found { ids, snapshots })
    }
}

impl DiskSnapshots {
    pub(super) fn new(api: Arc<Api>) -> Self {
        Self { api }
    }
}

impl Arguments {
    /// All but the name, because the server's filter by name is fuzzy.
    fn request<'a>(
        &'a self,
        snapshot_ids: Vec<&'a str>,
        disk_ids: Vec<&'a str>,
    ) -> DescribeSnapshots<'a> {
        DescribeSnapshots {
            snapshot_ids,
            disk_ids,
            zone_id: self.zone_id.as_deref(),
            status: self.status.as_deref(),
            snapshot_type: self.snapshot_type.as_deref(),
            disk_type: self.disk_type.as_deref(),
            resource_group_id: self.resource_group_id.as_deref(),
        }
    }

    fn fits(&self, snapshot: &DescribedSnapshot) -> bool {
        let lets = |ids: &Option<Vec<String>>, id: Option<&String>| {
            ids.as_ref().is_none_or(|ids| id.is_some_and(|id| ids.contains(id)))
        };
        lets(&self.snapshot_ids, Some(&snapshot.snapshot_id))
            && lets(&self.disk_ids, snapshot.disk_id.as_ref())
            && self.name.as_ref().is_none_or(|name| snapshot.snapshot_name.as_ref() == Some(name))
    }
}

fn snapshot_type() -> Type {
    let text = |name: &'static str| (name, Type::String);
    Type::object([
        text("id"),
        text("name"),
        text("disk_id"),
        text("zone_id"),
        text("status"),
        text("snapshot_type"),
        text("retention_time"),
        text("create_time"),
        ("disk_ability", Type::Bool),
        text("resource_group_id"),
        text("resource_group_name"),
    ])
}
