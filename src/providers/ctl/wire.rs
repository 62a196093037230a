//! Bodies as they are sent and received.

use serde::{Deserialize, Deserializer, Serialize};

use crate::world::Timestamp;

/// How the vendor names a snapshot: the moment the work began, in UTC.
pub(super) const NAME_PATTERN: &str = "%Y-%m-%d.%H:%M:%S";

/// Servers with more storage cannot be copied: "Creating and Managing Server Snapshots".
const LARGEST_GIGABYTES: u64 = 1024;

/// The body of a create.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreateBody<'a> {
    pub(super) snapshot_expiration_days: u64,
    pub(super) server_ids: [&'a str; 1],
}

/// What became of the request for one server.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry {
    pub(super) server: String,
    pub(super) is_queued: bool,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) links: Vec<Link>,
    pub(super) error_message: Option<String>,
}

/// A way to something.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Link {
    pub(super) rel: String,
    /// A path without host.
    pub(super) href: String,
    pub(super) id: Option<String>,
}

/// The answer of the login.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Login {
    pub(super) account_alias: String,
    pub(super) bearer_token: String,
}

/// Where a job is.
#[derive(Debug, Deserialize)]
pub(super) struct Status {
    pub(super) status: String,
}

/// A server, as far as it matters here.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Server {
    #[serde(default, deserialize_with = "text")]
    pub(super) id: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(super) name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(super) description: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(super) group_id: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(super) location_id: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(super) os_type: Option<String>,
    pub(super) status: Option<String>,
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(super) storage_type: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) is_template: bool,
    /// Absent while a server is being built.
    pub(super) details: Option<Details>,
    pub(super) change_info: Option<ChangeInfo>,
}

/// When a server was changed. The end of a snapshot's job counts as well.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ChangeInfo {
    #[serde(default, deserialize_with = "text")]
    modified_date: Option<String>,
}

/// The part of a server that holds its snapshots.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Details {
    #[serde(default, deserialize_with = "text")]
    pub(super) power_state: Option<String>,
    #[serde(default, deserialize_with = "whole")]
    pub(super) cpu: Option<u64>,
    #[serde(rename = "memoryMB", default, deserialize_with = "whole")]
    pub(super) memory_megabytes: Option<u64>,
    #[serde(rename = "storageGB", default, deserialize_with = "whole")]
    pub(super) storage_gigabytes: Option<u64>,
    /// Absent where the vendor does not know; empty where there are none.
    pub(super) snapshots: Option<Vec<ServerSnapshot>>,
}

/// A group with all that is below it.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Group {
    pub(super) id: String,
    #[serde(default, deserialize_with = "text")]
    pub(super) name: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) groups: Vec<Group>,
    /// Absent where only links to the servers were asked for.
    pub(super) servers: Option<Vec<Server>>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) links: Vec<Link>,
}

/// A data centre: the way to its groups.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct DataCenter {
    #[serde(default, deserialize_with = "or_default")]
    pub(super) links: Vec<Link>,
}

/// A snapshot as its server shows it: a name and links, nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct ServerSnapshot {
    pub(super) name: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) links: Vec<Link>,
}

impl Server {
    /// The snapshots; `None` where the vendor does not tell.
    pub(super) fn snapshots(&self) -> Option<&[ServerSnapshot]> {
        self.details.as_ref()?.snapshots.as_deref()
    }

    /// When it was last changed, where that is told as an instant.
    pub(super) fn modified_at(&self) -> Option<Timestamp> {
        let text = self.change_info.as_ref()?.modified_date.as_deref()?;
        Timestamp::parse_lenient(text).ok()
    }

    /// Why it cannot be copied, whatever its slot holds; as the end of a sentence about it.
    pub(super) fn obstacle(&self) -> Option<String> {
        if let Some(status) = self.status.as_deref().filter(|status| *status != "active") {
            return Some(format!("is `{status}`; it must be `active`"));
        }
        if self.is_template {
            return Some("is a template, which cannot be copied".to_owned());
        }
        if let Some(kind) = self.kind.as_deref().filter(|kind| *kind != "standard") {
            return Some(format!("is of type `{kind}`; only standard servers have snapshots"));
        }
        let gigabytes = self.details.as_ref().and_then(|details| details.storage_gigabytes);
        let gigabytes = gigabytes.filter(|gigabytes| *gigabytes > LARGEST_GIGABYTES)?;
        Some(format!("has {gigabytes} GB of storage; snapshots end at {LARGEST_GIGABYTES}"))
    }

    /// The snapshot with this id.
    pub(super) fn snapshot(&self, id: &str) -> Option<&ServerSnapshot> {
        self.snapshots()?.iter().find(|snapshot| snapshot.id() == Some(id))
    }
}

impl ServerSnapshot {
    /// Its id, which stands only at the end of the link to itself.
    pub(super) fn id(&self) -> Option<&str> {
        let href = self.href("self").or_else(|| self.href("delete"))?;
        href.trim_end_matches('/').rsplit('/').next().filter(|id| !id.is_empty())
    }

    /// The path of a link.
    pub(super) fn href(&self, rel: &str) -> Option<&str> {
        self.links.iter().find(|link| link.rel == rel).map(|link| &*link.href)
    }

    /// The path of the request that deletes it.
    pub(super) fn delete_href(&self) -> Option<&str> {
        self.href("delete").or_else(|| self.href("self"))
    }

    /// When the work on it began.
    pub(super) fn began_at(&self) -> Option<Timestamp> {
        Timestamp::parse_utc(NAME_PATTERN, &self.name).ok()
    }
}

/// A `null` means the same as a missing key.
fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// A text; anything else is as if it were not told.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match serde_json::Value::deserialize(deserializer)? {
        serde_json::Value::String(text) => Some(text),
        _ => None,
    })
}

/// A whole number, also as a text or with a fraction; anything else is as if it were not told.
fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let json = serde_json::Value::deserialize(deserializer)?;
    let text = json.as_str().map_or_else(|| json.to_string(), str::to_owned);
    Ok(text.trim().split('.').next().and_then(|digits| digits.parse().ok()))
}

/// That the vendor does not tell what a server holds.
pub(super) fn unknown(server_id: &str, server: &Server) -> String {
    let status = server.status.as_deref().unwrap_or("not told");
    format!(
        "The vendor does not tell the snapshots of server `{server_id}`, whose status is `{status}`."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nulls_and_texts_are_read() {
        let entry = r#"{"server":"a","isQueued":false,"links":null,"errorMessage":null}"#;
        assert_eq!(serde_json::from_str::<Entry>(entry).unwrap().links, []);
        let server = r#"{"isTemplate":null,"extra":1,"details":{"storageGB":"60","snapshots":[{"name":"x","links":null}]}}"#;
        let server: Server = serde_json::from_str(server).unwrap();
        assert_eq!(server.snapshots().unwrap()[0].id(), None);
        assert_eq!(server.details.unwrap().storage_gigabytes, Some(60));
        let untold: Details = serde_json::from_str(r#"{"storageGB":null}"#).unwrap();
        assert_eq!((untold.storage_gigabytes, untold.snapshots), (None, None));
    }
}
