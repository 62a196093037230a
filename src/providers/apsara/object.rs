//! A snapshot as state holds it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::world::Timestamp;

use super::arguments::Arguments;
use super::wire::DescribedSnapshot;

/// All but the id may be absent, as it is right after an import.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq, Eq)]
pub(super) struct Object {
    pub(super) id: String,
    disk_id: Option<String>,
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
    category: Option<String>,
    pub(super) retention_days: Option<u64>,
    pub(super) tags: Option<BTreeMap<String, String>>,
    pub(super) force_delete: Option<bool>,
    pub(super) client_token: Option<String>,
    status: Option<String>,
    progress: Option<String>,
    creation_time: Option<Timestamp>,
    pub(super) expires_at: Option<Timestamp>,
    source_disk_size: Option<u64>,
    source_disk_type: Option<String>,
    snapshot_type: Option<String>,
    usage: Option<String>,
    encrypted: Option<bool>,
    kms_key_id: Option<String>,
    resource_group: Option<String>,
}

/// The handle of an accepted create.
#[derive(Serialize, Deserialize)]
pub(super) struct Accepted {
    /// Absent where the answer held none.
    pub(super) snapshot_id: Option<String>,
}

/// What the vendor does not tell, or tells in another form than the configuration.
#[derive(Clone, Debug)]
pub(super) struct Recorded<'a> {
    description: Option<&'a str>,
    category: Option<&'a str>,
    tags: Option<&'a BTreeMap<String, String>>,
    force_delete: Option<bool>,
    client_token: Option<&'a str>,
    marker_key: Option<&'a str>,
}

impl<'a> Recorded<'a> {
    pub(super) fn new(arguments: &'a Arguments, client_token: &'a str) -> Self {
        Self {
            description: arguments.description.as_deref(),
            category: arguments.category.as_deref(),
            tags: arguments.tags.as_ref(),
            force_delete: arguments.force_delete,
            client_token: Some(client_token).filter(|token| !token.is_empty()),
            marker_key: None,
        }
    }

    /// Keeps our marker out of the tags.
    pub(super) fn marked_by(&self, key: Option<&'a str>) -> Self {
        Self { marker_key: key, ..self.clone() }
    }
}

impl Object {
    /// What is known of a snapshot that is taken over.
    pub(super) fn imported(id: &str) -> Self {
        Self { id: id.to_owned(), ..Self::default() }
    }

    pub(super) fn recorded(&self) -> Recorded<'_> {
        Recorded {
            description: self.description.as_deref(),
            category: self.category.as_deref(),
            tags: self.tags.as_ref(),
            force_delete: self.force_delete,
            client_token: self.client_token.as_deref(),
            marker_key: None,
        }
    }

    pub(super) fn of(snapshot: DescribedSnapshot, recorded: &Recorded<'_>) -> Self {
        let created = snapshot.creation_time.as_deref();
        let created = created.and_then(|text| Timestamp::parse_lenient(text).ok());
        let end = created.zip(snapshot.retention_days).map(|(created, days)| {
            created.saturating_add(Duration::from_secs(days.saturating_mul(24 * 60 * 60)))
        });
        let tags = tags(&snapshot, recorded);
        Self {
            id: snapshot.snapshot_id,
            disk_id: snapshot.source_disk_id,
            name: snapshot.snapshot_name,
            description: unless_empty(snapshot.description, recorded.description),
            category: spelled_as(snapshot.category, recorded.category),
            retention_days: snapshot.retention_days,
            tags,
            force_delete: recorded.force_delete,
            client_token: recorded.client_token.map(str::to_owned),
            status: Some(snapshot.status),
            progress: snapshot.progress,
            creation_time: created,
            expires_at: end,
            source_disk_size: snapshot.source_disk_size,
            source_disk_type: snapshot.source_disk_type,
            snapshot_type: snapshot.snapshot_type,
            usage: snapshot.usage,
            encrypted: snapshot.encrypted,
            kms_key_id: snapshot.kms_key_id.filter(|key| !key.is_empty()),
            resource_group: snapshot.resource_group_id,
        }
    }
}

/// Without our marker and without the vendor's own tags, which nobody else may set. No tags at all
/// are written the way the configuration writes it: absent or empty.
fn tags(snapshot: &DescribedSnapshot, recorded: &Recorded<'_>) -> Option<BTreeMap<String, String>> {
    let own = |key: &str| recorded.tags.is_some_and(|tags| tags.contains_key(key));
    let tags: BTreeMap<_, _> = snapshot
        .tag_list()
        .filter(|tag| own(&tag.key) || recorded.marker_key != Some(&*tag.key))
        .filter(|tag| !tag.key.starts_with("acs:"))
        .map(|tag| (tag.key.clone(), tag.value.clone()))
        .collect();
    if tags.is_empty() { recorded.tags.map(|_| tags) } else { Some(tags) }
}

/// The vendor has no difference between an empty and an absent text.
fn unless_empty(text: Option<String>, recorded: Option<&str>) -> Option<String> {
    let empty = || recorded.is_some().then(String::new);
    text.filter(|text| !text.is_empty()).or_else(empty)
}

/// The seed writes `Standard` where sibling pages write `standard`.
fn spelled_as(text: Option<String>, recorded: Option<&str>) -> Option<String> {
    match (text, recorded) {
        (Some(text), Some(recorded)) if text.eq_ignore_ascii_case(recorded) => {
            Some(recorded.to_owned())
        }
        (Some(text), _) => Some(text),
        // Some releases do not show it; what was asked for then still counts.
        (None, recorded) => recorded.map(str::to_owned),
    }
}
