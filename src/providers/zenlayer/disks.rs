//! Data `zenlayer_disks`: the disks that fit some filters.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::schema::{Attribute, Schema};
use crate::sdk::choice::{batches, ids_filter, in_order, instant, text_filter, word_filter};
use crate::sdk::{Context, DataSource, ProviderError};
use crate::value::Type;

use super::client::{Api, BULK};
use super::lists::{is_tagged, tag_filters};
use super::wire::{DescribeDisks, DescribedDisk, Tag};

/// The statuses of the page *Data Structures*.
const STATUSES: &[&str] = &[
    "CREATING",
    "IN_USE",
    "AVAILABLE",
    "CHANGING",
    "ATTACHING",
    "DETACHING",
    "DELETING",
    "RECYCLED",
    "RECYCLING",
    "FAILED",
    "SNAPSHOT_CREATING",
    "ROLLING_BACK",
];

pub(super) struct Disks {
    api: Arc<Api>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Arguments {
    disk_ids: Option<Vec<String>>,
    name: Option<String>,
    disk_type: Option<String>,
    disk_category: Option<String>,
    disk_status: Option<String>,
    instance_id: Option<String>,
    zone_id: Option<String>,
    region_id: Option<String>,
    snapshot_ability: Option<bool>,
    resource_group_id: Option<String>,
    tags: Option<BTreeMap<String, String>>,
    tag_keys: Option<Vec<String>>,
}

#[derive(Serialize)]
pub(super) struct Found {
    ids: Vec<String>,
    disks: Vec<Entry>,
}

/// A disk as the list shows it.
#[derive(Serialize)]
struct Entry {
    id: String,
    name: Option<String>,
    region_id: Option<String>,
    zone_id: Option<String>,
    disk_type: Option<String>,
    disk_category: Option<String>,
    disk_size: Option<i64>,
    disk_status: Option<String>,
    portable: Option<bool>,
    instance_id: Option<String>,
    instance_name: Option<String>,
    create_time: Option<String>,
    expired_time: Option<String>,
    period: Option<i64>,
    resource_group_id: Option<String>,
    resource_group_name: Option<String>,
    serial: Option<String>,
    snapshot_ability: Option<bool>,
    auto_snapshot_policy_id: Option<String>,
    bursting_enabled: Option<bool>,
    tags: BTreeMap<String, String>,
}

impl From<DescribedDisk> for Entry {
    fn from(disk: DescribedDisk) -> Self {
        Self {
            tags: disk.tag_map(),
            id: disk.disk_id,
            name: disk.disk_name,
            region_id: disk.region_id,
            zone_id: disk.zone_id,
            disk_type: disk.disk_type,
            disk_category: disk.disk_category,
            disk_size: disk.disk_size,
            disk_status: disk.disk_status,
            portable: disk.portable,
            instance_id: disk.instance_id,
            instance_name: disk.instance_name,
            create_time: disk.create_time,
            expired_time: disk.expired_time,
            period: disk.period,
            resource_group_id: disk.resource_group_id,
            resource_group_name: disk.resource_group_name,
            serial: disk.serial,
            snapshot_ability: disk.snapshot_ability,
            auto_snapshot_policy_id: disk.auto_snapshot_policy_id,
            bursting_enabled: disk.bursting_enabled,
        }
    }
}

impl DataSource for Disks {
    const TYPE: &'static str = "zenlayer_disks";
    type Arguments = Arguments;
    type Found = Found;

    fn schema() -> Schema {
        let mut attributes = vec![
            ids_filter("disk_ids", "Only disks with these ids. An empty list finds nothing."),
            text_filter("name", "Only disks of exactly this name."),
            word_filter("disk_type", &["SYSTEM", "DATA"], "Only disks of this type."),
            text_filter("disk_category", "Only disks of this category."),
            word_filter("disk_status", STATUSES, "Only disks in this status."),
            text_filter("instance_id", "Only disks of this server."),
            text_filter("zone_id", "Only disks in this zone."),
            text_filter("region_id", "Only disks in this region."),
            Attribute::optional(
                "snapshot_ability",
                Type::Bool,
                "Only disks that support snapshots, or only those that do not.",
            ),
            text_filter("resource_group_id", "Only disks in this resource group."),
        ];
        attributes.extend(tag_filters());
        attributes.extend([
            Attribute::computed(
                "ids",
                Type::list(Type::String),
                "Ids of the disks, oldest disk first.",
            ),
            Attribute::computed(
                "disks",
                Type::list(disk_type()),
                "The disks in the same order. Times are as Zenlayer writes them, sizes are in GiB.",
            ),
        ]);
        Schema::new(
            "The Zenlayer disks that fit every filter that is given; none may fit.",
            attributes,
        )
    }

    async fn read(&self, _cx: &Context, arguments: Arguments) -> Result<Found, ProviderError> {
        let mut disks = Vec::new();
        for disk_ids in batches(arguments.disk_ids.as_deref(), BULK) {
            disks.extend(self.api.disks(&arguments.request(disk_ids.unwrap_or_default())).await?);
        }
        disks.retain(|disk| arguments.fits(disk));
        let disks =
            in_order(disks, false, |disk| (instant(disk.create_time.as_deref()), &disk.disk_id));
        let disks: Vec<_> = disks.into_iter().map(Entry::from).collect();
        Ok(Found { ids: disks.iter().map(|disk| disk.id.clone()).collect(), disks })
    }
}

impl Disks {
    pub(super) fn new(api: Arc<Api>) -> Self {
        Self { api }
    }
}

impl Arguments {
    /// All but the name, because the server's filter by name is fuzzy.
    fn request<'a>(&'a self, disk_ids: Vec<&'a str>) -> DescribeDisks<'a> {
        let tags = self.tags.iter().flatten();
        DescribeDisks {
            disk_ids,
            disk_type: self.disk_type.as_deref(),
            disk_category: self.disk_category.as_deref(),
            disk_status: self.disk_status.as_deref(),
            instance_id: self.instance_id.as_deref(),
            zone_id: self.zone_id.as_deref(),
            region_id: self.region_id.as_deref(),
            snapshot_ability: self.snapshot_ability,
            resource_group_id: self.resource_group_id.as_deref(),
            tags: tags.map(|(key, value)| Tag { key: key.clone(), value: value.clone() }).collect(),
            tag_keys: self.tag_keys.iter().flatten().map(String::as_str).collect(),
        }
    }

    /// Whether several tags at the server mean all of them or any is not documented.
    fn fits(&self, disk: &DescribedDisk) -> bool {
        let asked = |id: &String| *id == disk.disk_id;
        self.disk_ids.as_ref().is_none_or(|ids| ids.iter().any(asked))
            && self.name.as_ref().is_none_or(|name| disk.disk_name.as_ref() == Some(name))
            && is_tagged(&disk.tag_map(), self.tags.as_ref(), self.tag_keys.as_deref())
    }
}

fn disk_type() -> Type {
    let text = |name: &'static str| (name, Type::String);
    Type::object([
        text("id"),
        text("name"),
        text("region_id"),
        text("zone_id"),
        text("disk_type"),
        text("disk_category"),
        ("disk_size", Type::Number),
        text("disk_status"),
        ("portable", Type::Bool),
        text("instance_id"),
        text("instance_name"),
        text("create_time"),
        text("expired_time"),
        ("period", Type::Number),
        text("resource_group_id"),
        text("resource_group_name"),
        text("serial"),
        ("snapshot_ability", Type::Bool),
        text("auto_snapshot_policy_id"),
        ("bursting_enabled", Type::Bool),
        ("tags", Type::map(Type::String)),
    ])
}
