//! Data `apsara_ecs_snapshots`: the snapshots that fit some filters.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::schema::{Attribute, Rule, Schema};
use crate::sdk::choice::{
    batches, ids_filter, in_order, instant, most_recent, text_filter, word_filter,
};
use crate::sdk::{Context, DataSource, ProviderError};
use crate::value::Type;
use crate::world::Timestamp;

use super::arguments::tags_attribute;
use super::client::{Api, BULK, id_list};
use super::lists::{agrees, is_tagged, present, put_filters};
use super::signing::Parameters;
use super::wire::{DescribedSnapshot, tag_map};

/// The form of the filter by creation, on the page `DescribeSnapshots`: `yyyy-MM-ddTHH:mmZ`.
const MINUTE_PATTERN: &str = "%Y-%m-%dT%H:%MZ";

pub(super) struct EcsSnapshots {
    api: Arc<Api>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Arguments {
    snapshot_ids: Option<Vec<String>>,
    disk_id: Option<String>,
    instance_id: Option<String>,
    name: Option<String>,
    status: Option<String>,
    snapshot_type: Option<String>,
    usage: Option<String>,
    source_disk_type: Option<String>,
    category: Option<String>,
    encrypted: Option<bool>,
    kms_key_id: Option<String>,
    resource_group_id: Option<String>,
    snapshot_link_id: Option<String>,
    creation_start_time: Option<String>,
    tags: Option<BTreeMap<String, String>>,
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
    disk_id: Option<String>,
    name: Option<String>,
    description: Option<String>,
    status: String,
    progress: Option<String>,
    remain_time: Option<u64>,
    creation_time: Option<String>,
    last_modified_time: Option<String>,
    retention_days: Option<u64>,
    category: Option<String>,
    snapshot_type: Option<String>,
    source_disk_size: Option<u64>,
    source_disk_type: Option<String>,
    encrypted: Option<bool>,
    kms_key_id: Option<String>,
    usage: Option<String>,
    instant_access: Option<bool>,
    available: Option<bool>,
    product_code: Option<String>,
    region_id: Option<String>,
    resource_group_id: Option<String>,
    snapshot_link_id: Option<String>,
    snapshot_sn: Option<String>,
    tags: BTreeMap<String, String>,
}

impl From<DescribedSnapshot> for Entry {
    fn from(snapshot: DescribedSnapshot) -> Self {
        Self {
            tags: tag_map(snapshot.tag_list()),
            id: snapshot.snapshot_id,
            disk_id: snapshot.source_disk_id,
            name: present(snapshot.snapshot_name),
            description: present(snapshot.description),
            status: snapshot.status,
            progress: snapshot.progress,
            remain_time: snapshot.remain_time,
            creation_time: snapshot.creation_time,
            last_modified_time: snapshot.last_modified_time,
            retention_days: snapshot.retention_days,
            category: snapshot.category,
            snapshot_type: snapshot.snapshot_type,
            source_disk_size: snapshot.source_disk_size,
            source_disk_type: snapshot.source_disk_type,
            encrypted: snapshot.encrypted,
            kms_key_id: present(snapshot.kms_key_id),
            usage: snapshot.usage,
            instant_access: snapshot.instant_access,
            available: snapshot.available,
            product_code: present(snapshot.product_code),
            region_id: snapshot.region_id,
            resource_group_id: present(snapshot.resource_group_id),
            snapshot_link_id: present(snapshot.snapshot_link_id),
            snapshot_sn: present(snapshot.snapshot_sn),
        }
    }
}

impl DataSource for EcsSnapshots {
    const TYPE: &'static str = "apsara_ecs_snapshots";
    type Arguments = Arguments;
    type Found = Found;

    fn schema() -> Schema {
        let mut attributes = filters();
        attributes.extend([
            Attribute::computed(
                "ids",
                Type::list(Type::String),
                "Ids of the snapshots, oldest snapshot first.",
            ),
            Attribute::computed(
                "snapshots",
                Type::list(snapshot_type()),
                "The snapshots in the same order, with every tag that the vendor shows. Times are \
                 as the vendor writes them, `remain_time` is in seconds, sizes are in GiB; \
                 `retention_days` is null where a snapshot is kept for ever.",
            ),
        ]);
        Schema::new(
            "The snapshots of Apsara Stack ECS disks that fit every filter that is given; none may \
             fit.",
            attributes,
        )
    }

    async fn read(&self, _cx: &Context, arguments: Arguments) -> Result<Found, ProviderError> {
        let mut snapshots = Vec::new();
        for ids in batches(arguments.snapshot_ids.as_deref(), BULK) {
            snapshots.extend(self.api.snapshots(arguments.request(ids.as_deref())).await?);
        }
        snapshots.retain(|snapshot| arguments.fits(snapshot));
        let snapshots = in_order(snapshots, arguments.most_recent, |snapshot| {
            (instant(snapshot.creation_time.as_deref()), &snapshot.snapshot_id)
        });
        let snapshots: Vec<_> = snapshots.into_iter().map(Entry::from).collect();
        let ids = snapshots.iter().map(|snapshot| snapshot.id.clone()).collect();
        Ok(Found { ids, snapshots })
    }
}

impl EcsSnapshots {
    pub(super) fn new(api: Arc<Api>) -> Self {
        Self { api }
    }
}

impl Arguments {
    /// All but the name: how the server matches it is not documented.
    fn request(&self, ids: Option<&[&str]>) -> Parameters {
        let ids = ids.map(id_list);
        let encrypted = self.encrypted.map(|truth| truth.to_string());
        let since = self.creation_start_time.as_ref();
        let since_key = since.map(|_| "CreationStartTime".to_owned());
        let mut request = Parameters::new();
        let filters = [
            ("SnapshotIds", ids.as_ref()),
            ("DiskId", self.disk_id.as_ref()),
            ("InstanceId", self.instance_id.as_ref()),
            ("Status", self.status.as_ref()),
            ("SnapshotType", self.snapshot_type.as_ref()),
            ("Usage", self.usage.as_ref()),
            ("SourceDiskType", self.source_disk_type.as_ref()),
            ("Category", self.category.as_ref()),
            ("Encrypted", encrypted.as_ref()),
            ("KMSKeyId", self.kms_key_id.as_ref()),
            ("ResourceGroupId", self.resource_group_id.as_ref()),
            ("SnapshotLinkId", self.snapshot_link_id.as_ref()),
            ("Filter.1.Key", since_key.as_ref()),
            ("Filter.1.Value", since),
        ];
        put_filters(&mut request, &filters, self.tags.as_ref());
        request
    }

    /// Type and usage are left to the server: which of a record's words fit which filter, such as
    /// `timer` and `auto`, is not documented.
    fn fits(&self, snapshot: &DescribedSnapshot) -> bool {
        let since = self.creation_start_time.as_deref();
        let since = since.and_then(|text| Timestamp::parse_utc(MINUTE_PATTERN, text).ok());
        let created = instant(snapshot.creation_time.as_deref());
        let young = |since| created.is_none_or(|created| created >= since);
        self.snapshot_ids.as_ref().is_none_or(|ids| ids.contains(&snapshot.snapshot_id))
            && agrees(self.disk_id.as_ref(), snapshot.source_disk_id.as_ref())
            && self.name.as_ref().is_none_or(|name| snapshot.snapshot_name.as_ref() == Some(name))
            && agrees(self.status.as_ref(), Some(&snapshot.status))
            && agrees(self.source_disk_type.as_ref(), snapshot.source_disk_type.as_ref())
            && agrees(self.category.as_ref(), snapshot.category.as_ref())
            && self.encrypted.is_none_or(|wanted| snapshot.encrypted.is_none_or(|is| is == wanted))
            && since.is_none_or(young)
            && is_tagged(&tag_map(snapshot.tag_list()), self.tags.as_ref())
    }
}

fn filters() -> Vec<Attribute> {
    vec![
        ids_filter("snapshot_ids", "Only snapshots with these ids. An empty list finds nothing."),
        text_filter("disk_id", "Only snapshots of this disk."),
        text_filter("instance_id", "Only snapshots of this server's disks."),
        text_filter("name", "Only snapshots of exactly this name; several may have it."),
        word_filter(
            "status",
            &["progressing", "accomplished", "failed", "all"],
            "Only snapshots in this status.",
        ),
        word_filter(
            "snapshot_type",
            &["auto", "user", "all"],
            "Only snapshots that a policy made, or only those that somebody ordered.",
        ),
        word_filter(
            "usage",
            &["image", "disk", "image_disk", "none"],
            "Only snapshots from which this was made.",
        ),
        word_filter("source_disk_type", &["system", "data"], "Only snapshots of such disks."),
        word_filter("category", &["Standard", "Flash"], "Only snapshots of this category."),
        Attribute::optional(
            "encrypted",
            Type::Bool,
            "Only snapshots that are encrypted, or only those that are not.",
        ),
        text_filter("kms_key_id", "Only snapshots that are encrypted with this key."),
        text_filter("resource_group_id", "Only snapshots in this resource group."),
        text_filter("snapshot_link_id", "Only snapshots of this chain of snapshots."),
        Attribute::optional(
            "creation_start_time",
            Type::String,
            "Only snapshots that were made then or later: UTC as `YYYY-MM-DDTHH:MMZ`.",
        )
        .rule(Rule::text("UTC as `YYYY-MM-DDTHH:MMZ`", |text| {
            let minute = Timestamp::parse_utc(MINUTE_PATTERN, text).ok();
            match minute.filter(|minute| minute.format(MINUTE_PATTERN) == text) {
                Some(_) => Ok(()),
                None => Err(format!("must be UTC written as `YYYY-MM-DDTHH:MMZ`, not `{text}`")),
            }
        })),
        tags_attribute("Only snapshots with all of these tags. A value counts as a whole."),
        most_recent(
            "Whether only the newest one of those that fit is kept; with `status = \
             \"accomplished\"` it is one that is ready.",
        ),
    ]
}

fn snapshot_type() -> Type {
    let text = |name: &'static str| (name, Type::String);
    Type::object([
        text("id"),
        text("disk_id"),
        text("name"),
        text("description"),
        text("status"),
        text("progress"),
        ("remain_time", Type::Number),
        text("creation_time"),
        text("last_modified_time"),
        ("retention_days", Type::Number),
        text("category"),
        text("snapshot_type"),
        ("source_disk_size", Type::Number),
        text("source_disk_type"),
        ("encrypted", Type::Bool),
        text("kms_key_id"),
        text("usage"),
        ("instant_access", Type::Bool),
        ("available", Type::Bool),
        text("product_code"),
        text("region_id"),
        text("resource_group_id"),
        text("snapshot_link_id"),
        text("snapshot_sn"),
        ("tags", Type::map(Type::String)),
    ])
}
