//! Data `apsara_ecs_disks`: the disks that fit some filters.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::schema::{Attribute, Schema};
use crate::sdk::choice::{batches, ids_filter, in_order, instant, text_filter, word_filter};
use crate::sdk::{Context, DataSource, ProviderError};
use crate::value::Type;

use super::arguments::tags_attribute;
use super::client::{Api, BULK, id_list};
use super::lists::{agrees, is_tagged, present, put_filters};
use super::signing::Parameters;
use super::wire::DescribedDisk;

pub(super) struct EcsDisks {
    api: Arc<Api>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Arguments {
    disk_ids: Option<Vec<String>>,
    name: Option<String>,
    instance_id: Option<String>,
    status: Option<String>,
    disk_type: Option<String>,
    category: Option<String>,
    tags: Option<BTreeMap<String, String>>,
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
    status: Option<String>,
    disk_type: Option<String>,
    category: Option<String>,
    size: Option<u64>,
    zone_id: Option<String>,
    region_id: Option<String>,
    instance_id: Option<String>,
    portable: Option<bool>,
    encrypted: Option<bool>,
    kms_key_id: Option<String>,
    source_snapshot_id: Option<String>,
    creation_time: Option<String>,
    attached_time: Option<String>,
    operation_locks: Vec<String>,
    tags: BTreeMap<String, String>,
}

impl From<DescribedDisk> for Entry {
    fn from(disk: DescribedDisk) -> Self {
        Self {
            operation_locks: disk.lock_reasons(),
            tags: disk.tag_map(),
            id: disk.disk_id,
            name: present(disk.disk_name),
            status: disk.status,
            disk_type: disk.disk_type,
            category: disk.category,
            size: disk.size,
            zone_id: disk.zone_id,
            region_id: disk.region_id,
            instance_id: present(disk.instance_id),
            portable: disk.portable,
            encrypted: disk.encrypted,
            kms_key_id: present(disk.kms_key_id),
            source_snapshot_id: present(disk.source_snapshot_id),
            creation_time: disk.creation_time,
            attached_time: present(disk.attached_time),
        }
    }
}

impl DataSource for EcsDisks {
    const TYPE: &'static str = "apsara_ecs_disks";
    type Arguments = Arguments;
    type Found = Found;

    fn schema() -> Schema {
        const STATUSES: &[&str] =
            &["In_use", "Available", "Attaching", "Detaching", "Creating", "ReIniting", "All"];
        let attributes = vec![
            ids_filter("disk_ids", "Only disks with these ids. An empty list finds nothing."),
            text_filter("name", "Only disks of exactly this name."),
            text_filter("instance_id", "Only disks of this server."),
            word_filter("status", STATUSES, "Only disks in this status."),
            word_filter("disk_type", &["all", "system", "data"], "Only disks of this type."),
            text_filter("category", "Only disks of this category, such as `cloud_ssd`."),
            tags_attribute("Only disks with all of these tags. A value counts as a whole."),
            Attribute::computed(
                "ids",
                Type::list(Type::String),
                "Ids of the disks, oldest disk first.",
            ),
            Attribute::computed(
                "disks",
                Type::list(disk_type()),
                "The disks in the same order. Times are as the vendor writes them, sizes are in \
                 GiB; `operation_locks` says why a disk is locked, such as `security`.",
            ),
        ];
        Schema::new(
            "The Apsara Stack ECS disks that fit every filter that is given; none may fit.",
            attributes,
        )
    }

    async fn read(&self, _cx: &Context, arguments: Arguments) -> Result<Found, ProviderError> {
        let mut disks = Vec::new();
        for ids in batches(arguments.disk_ids.as_deref(), BULK) {
            disks.extend(self.api.disks(arguments.request(ids.as_deref())).await?);
        }
        disks.retain(|disk| arguments.fits(disk));
        let disks =
            in_order(disks, false, |disk| (instant(disk.creation_time.as_deref()), &disk.disk_id));
        let disks: Vec<_> = disks.into_iter().map(Entry::from).collect();
        Ok(Found { ids: disks.iter().map(|disk| disk.id.clone()).collect(), disks })
    }
}

impl EcsDisks {
    pub(super) fn new(api: Arc<Api>) -> Self {
        Self { api }
    }
}

impl Arguments {
    /// All but the name: how the server matches it is not documented.
    fn request(&self, ids: Option<&[&str]>) -> Parameters {
        let ids = ids.map(id_list);
        let mut request = Parameters::new();
        let filters = [
            ("DiskIds", ids.as_ref()),
            ("InstanceId", self.instance_id.as_ref()),
            ("Status", self.status.as_ref()),
            ("DiskType", self.disk_type.as_ref()),
            ("Category", self.category.as_ref()),
        ];
        put_filters(&mut request, &filters, self.tags.as_ref());
        request
    }

    fn fits(&self, disk: &DescribedDisk) -> bool {
        self.disk_ids.as_ref().is_none_or(|ids| ids.contains(&disk.disk_id))
            && self.name.as_ref().is_none_or(|name| disk.disk_name.as_ref() == Some(name))
            && agrees(self.instance_id.as_ref(), disk.instance_id.as_ref())
            && agrees(self.status.as_ref(), disk.status.as_ref())
            && agrees(self.disk_type.as_ref(), disk.disk_type.as_ref())
            && agrees(self.category.as_ref(), disk.category.as_ref())
            && is_tagged(&disk.tag_map(), self.tags.as_ref())
    }
}

fn disk_type() -> Type {
    let text = |name: &'static str| (name, Type::String);
    Type::object([
        text("id"),
        text("name"),
        text("status"),
        text("disk_type"),
        text("category"),
        ("size", Type::Number),
        text("zone_id"),
        text("region_id"),
        text("instance_id"),
        ("portable", Type::Bool),
        ("encrypted", Type::Bool),
        text("kms_key_id"),
        text("source_snapshot_id"),
        text("creation_time"),
        text("attached_time"),
        ("operation_locks", Type::list(Type::String)),
        ("tags", Type::map(Type::String)),
    ])
}
