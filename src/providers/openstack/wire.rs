//! Bodies of snapshots and volumes as they are sent and received.
//!
//! Nova answers in camelCase and cinder in `snake_case`; either is understood everywhere.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::Value as Json;

use crate::world::Timestamp;

/// The key of metadata under which a create of ours leaves its mark. People do not see it.
pub(super) const MARKER: &str = "snapform-create";

/// The body of a create.
#[derive(Debug, Serialize)]
pub(super) struct CreateBody<'a> {
    /// What to make.
    pub(super) snapshot: NewSnapshot<'a>,
}

/// What to make; no other key is allowed.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum NewSnapshot<'a> {
    /// As nova takes it; nothing may be null.
    Compute {
        #[serde(skip_serializing_if = "Option::is_none")]
        display_name: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        display_description: Option<&'a str>,
        volume_id: &'a str,
        force: bool,
    },
    /// As cinder takes it.
    BlockStorage {
        volume_id: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        description: Option<&'a str>,
        metadata: &'a BTreeMap<String, String>,
        /// Sent only when true: from microversion 3.66 on `false` is refused.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        force: bool,
    },
}

/// What to change, by name; null clears, and what is absent stays.
pub(super) type Changes<'a> = BTreeMap<&'static str, Option<&'a str>>;

/// A snapshot in an answer.
#[derive(Debug, Deserialize)]
pub(super) struct One {
    /// The snapshot.
    pub(super) snapshot: WireSnapshot,
}

/// A volume in an answer.
#[derive(Debug, Deserialize)]
pub(super) struct OneVolume {
    /// The volume.
    pub(super) volume: WireVolume,
}

/// One page of a list.
#[derive(Debug, Deserialize)]
#[serde(bound = "T: serde::de::DeserializeOwned")]
pub(super) struct Page<T> {
    /// The entries, newest first.
    #[serde(rename = "snapshots", alias = "volumes")]
    pub(super) entries: Vec<T>,
    /// Where it goes on; nova never says.
    #[serde(default, rename = "snapshots_links", alias = "volumes_links")]
    pub(super) links: Vec<Link>,
}

/// A link to another page.
#[derive(Debug, Deserialize)]
pub(super) struct Link {
    /// What the other page is to this one.
    pub(super) rel: String,
    /// Its address.
    pub(super) href: String,
}

/// What lists are made of.
pub(super) trait Listed {
    /// Its id.
    fn id(&self) -> &str;
    /// When it was made.
    fn created_at(&self) -> Option<Timestamp>;
}

/// What a project may have.
#[derive(Debug, Deserialize)]
pub(super) struct Limits {
    /// By service.
    pub(super) limits: AllLimits,
}

/// Limits of both kinds, of which rates do not count here.
#[derive(Debug, Deserialize)]
pub(super) struct AllLimits {
    /// Of numbers and sizes.
    pub(super) absolute: Quotas,
}

/// What a project may have and has, as block storage tells; a negative limit is none.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Quotas {
    #[serde(deserialize_with = "limit")]
    pub(super) max_total_snapshots: Option<u64>,
    pub(super) total_snapshots_used: u64,
    #[serde(deserialize_with = "limit")]
    pub(super) max_total_volume_gigabytes: Option<u64>,
    pub(super) total_gigabytes_used: u64,
}

fn limit<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    Ok(Option::<i64>::deserialize(deserializer)?.and_then(|limit| u64::try_from(limit).ok()))
}

/// Messages about steps that failed.
#[derive(Debug, Deserialize)]
pub(super) struct MessagePage {
    /// The messages.
    pub(super) messages: Vec<Message>,
}

/// Why a step failed.
#[derive(Debug, Deserialize)]
pub(super) struct Message {
    /// What it was about.
    #[serde(default)]
    pub(super) resource_uuid: String,
    /// The reason, for people.
    pub(super) user_message: String,
}

/// A snapshot as either service tells it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct WireSnapshot {
    /// Its id; the user's document shows `"100"`, real clouds give UUIDs.
    #[serde(deserialize_with = "text_or_number")]
    pub(super) id: String,
    /// Its volume; the user's document shows the number 12, real clouds give UUIDs.
    #[serde(alias = "volumeId", deserialize_with = "text_or_number")]
    pub(super) volume_id: String,
    /// Where it is in its life.
    pub(super) status: String,
    /// Size in GiB.
    #[serde(default, deserialize_with = "size")]
    pub(super) size: Option<u64>,
    /// When it was made; without a zone, meaning UTC.
    #[serde(default, alias = "createdAt", deserialize_with = "instant")]
    pub(super) created_at: Option<Timestamp>,
    /// Its name.
    #[serde(alias = "displayName")]
    pub(super) name: Option<String>,
    /// Its description.
    #[serde(alias = "displayDescription")]
    pub(super) description: Option<String>,
    /// Texts by key; nova never tells them.
    #[serde(default, deserialize_with = "texts")]
    pub(super) metadata: BTreeMap<String, String>,
}

impl WireSnapshot {
    /// The mark that a create of ours left.
    pub(super) fn marker(&self) -> Option<&str> {
        self.metadata.get(MARKER).map(String::as_str)
    }

    /// The metadata without that mark.
    pub(super) fn own_metadata(&self) -> BTreeMap<String, String> {
        let own = self.metadata.iter().filter(|(key, _)| *key != MARKER);
        own.map(|(key, value)| (key.clone(), value.clone())).collect()
    }
}

/// A volume as either service tells it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct WireVolume {
    /// Its id.
    #[serde(deserialize_with = "text_or_number")]
    pub(super) id: String,
    /// Its name.
    #[serde(alias = "displayName")]
    pub(super) name: Option<String>,
    /// Its description.
    #[serde(alias = "displayDescription")]
    pub(super) description: Option<String>,
    /// Where it is in its life.
    pub(super) status: String,
    /// Size in GiB.
    #[serde(default, deserialize_with = "size")]
    pub(super) size: Option<u64>,
    /// Where its storage stands.
    #[serde(default, alias = "availabilityZone")]
    pub(super) availability_zone: Option<String>,
    /// The kind of storage.
    #[serde(default, alias = "volumeType")]
    pub(super) volume_type: Option<String>,
    /// The snapshot it was made from.
    #[serde(default, alias = "snapshotId")]
    pub(super) snapshot_id: Option<String>,
    /// The volume it was made from.
    #[serde(default)]
    pub(super) source_volid: Option<String>,
    /// Whether a server can start from it, as a text; nova does not tell.
    #[serde(default, deserialize_with = "truth")]
    pub(super) bootable: Option<String>,
    /// Texts by key.
    #[serde(default, deserialize_with = "texts")]
    pub(super) metadata: BTreeMap<String, String>,
    /// Where it is attached; nova lists one without anything in it where it is not.
    #[serde(default)]
    pub(super) attachments: Vec<WireAttachment>,
    /// When it was made; without a zone, meaning UTC.
    #[serde(default, alias = "createdAt", deserialize_with = "instant")]
    pub(super) created_at: Option<Timestamp>,
}

/// Where a volume is attached.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct WireAttachment {
    /// The server.
    #[serde(alias = "serverId")]
    pub(super) server_id: Option<String>,
    /// Its name for the volume.
    pub(super) device: Option<String>,
    /// The id of the attachment; nova does not tell.
    pub(super) attachment_id: Option<String>,
    /// The machine below the server; most people are not told.
    pub(super) host_name: Option<String>,
}

impl Listed for WireSnapshot {
    fn id(&self) -> &str {
        &self.id
    }

    fn created_at(&self) -> Option<Timestamp> {
        self.created_at
    }
}

impl Listed for WireVolume {
    fn id(&self) -> &str {
        &self.id
    }

    fn created_at(&self) -> Option<Timestamp> {
        self.created_at
    }
}

fn text_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    match Json::deserialize(deserializer)? {
        Json::String(text) => Ok(text),
        Json::Number(number) => Ok(number.to_string()),
        other => Err(de::Error::custom(format!("expected a text or a number, found {other}"))),
    }
}

/// A whole number, also as a text. Anything else is not told: a snapshot that exists must not be
/// lost over it.
fn size<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let json = Json::deserialize(deserializer)?;
    Ok(json.as_u64().or_else(|| json.as_str()?.trim().parse().ok()))
}

/// An instant; a text that is none is not told.
fn instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let json = Json::deserialize(deserializer)?;
    Ok(json.as_str().and_then(|text| Timestamp::parse_lenient(text).ok()))
}

/// A truth value as the text that cinder makes of it.
fn truth<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let json = Json::deserialize(deserializer)?;
    Ok(json
        .as_bool()
        .map(|truth| truth.to_string())
        .or_else(|| json.as_str().map(str::to_lowercase)))
}

/// Texts by key; null is none.
fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_texts_and_odd_times_are_read() {
        let json = r#"{"snapshot":{"id":7,"volumeId":12,"status":"creating","size":"100","createdAt":"soon"}}"#;
        let wire = serde_json::from_str::<One>(json).unwrap().snapshot;
        assert_eq!((&*wire.id, wire.size, wire.created_at), ("7", Some(100), None));
        let json = r#"{"snapshot":{"id":"7","volumeId":"12","status":"creating","createdAt":"2013-02-25T16:27:54.724209"}}"#;
        let wire = serde_json::from_str::<One>(json).unwrap().snapshot;
        assert!(wire.size.is_none() && wire.created_at.is_some());
    }

    #[test]
    fn both_services_are_understood() {
        let nova = r#"{"volume":{"id":"v","displayName":"a","status":"in-use","size":1,
            "availabilityZone":"nova","volumeType":null,"snapshotId":null,"metadata":{},
            "attachments":[{"device":"/dev/vdb","serverId":"s","id":"v","volumeId":"v"}],
            "createdAt":"2026-11-20T13:30:04.000000"}}"#;
        let cinder = r#"{"volume":{"id":"v","name":"a","status":"in-use","size":1,
            "availability_zone":"nova","volume_type":null,"snapshot_id":null,"metadata":{},
            "attachments":[{"device":"/dev/vdb","server_id":"s","id":"v","volume_id":"v"}],
            "created_at":"2026-11-20T13:30:04.000000"}}"#;
        let read = |json| serde_json::from_str::<OneVolume>(json).unwrap().volume;
        assert_eq!(read(nova), read(cinder));
        assert_eq!(read(nova).attachments[0].server_id.as_deref(), Some("s"));
        let json = r#"{"volume":{"id":"v","status":"x","bootable":"true","metadata":null}}"#;
        assert_eq!(read(json).bootable.as_deref(), Some("true"));
    }
}
