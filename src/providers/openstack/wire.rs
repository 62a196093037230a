//! Bodies of `os-snapshots` as they are sent and received.

use serde::{Deserialize, Deserializer, Serialize, de};

use crate::world::Timestamp;

/// The body of a create.
#[derive(Debug, Serialize)]
pub(super) struct CreateBody<'a> {
    /// What to make.
    pub(super) snapshot: NewSnapshot<'a>,
}

/// What to make; no other key is allowed, and none may be null.
#[derive(Debug, Serialize)]
pub(super) struct NewSnapshot<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) display_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) display_description: Option<&'a str>,
    pub(super) volume_id: &'a str,
    pub(super) force: bool,
}

/// A snapshot in an answer.
#[derive(Debug, Deserialize)]
pub(super) struct One {
    /// The snapshot.
    pub(super) snapshot: WireSnapshot,
}

/// One page of a list.
#[derive(Debug, Deserialize)]
pub(super) struct Page {
    /// The snapshots, newest first.
    pub(super) snapshots: Vec<WireSnapshot>,
}

/// A snapshot as nova tells it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireSnapshot {
    /// Its id; the user's document shows `"100"`, real clouds give UUIDs.
    #[serde(deserialize_with = "text_or_number")]
    pub(super) id: String,
    /// Its volume; the user's document shows the number 12, real clouds give UUIDs.
    #[serde(deserialize_with = "text_or_number")]
    pub(super) volume_id: String,
    /// Where it is in its life.
    pub(super) status: String,
    /// Size in GiB.
    #[serde(default, deserialize_with = "size")]
    pub(super) size: Option<u64>,
    /// When it was made; without a zone, meaning UTC.
    #[serde(default, deserialize_with = "instant")]
    pub(super) created_at: Option<Timestamp>,
    /// Its name.
    pub(super) display_name: Option<String>,
    /// Its description.
    pub(super) display_description: Option<String>,
}

fn text_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    match serde_json::Value::deserialize(deserializer)? {
        serde_json::Value::String(text) => Ok(text),
        serde_json::Value::Number(number) => Ok(number.to_string()),
        other => Err(de::Error::custom(format!("expected a text or a number, found {other}"))),
    }
}

/// A whole number, also as a text. Anything else is not told: a snapshot that exists must not be
/// lost over it.
fn size<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let json = serde_json::Value::deserialize(deserializer)?;
    Ok(json.as_u64().or_else(|| json.as_str()?.trim().parse().ok()))
}

/// An instant; a text that is none is not told.
fn instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let json = serde_json::Value::deserialize(deserializer)?;
    Ok(json.as_str().and_then(|text| Timestamp::parse_lenient(text).ok()))
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
}
