//! What goes over the wire, as the vendor's pages spell it.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, de};

use crate::sdk::Listed;
use crate::world::Timestamp;

/// The form of instants on the seed's page `CreateSnapshot`: `YYYY-MM-ddTHH:mm:ssZ`.
const TIME_PATTERN: &str = "%Y-%m-%dT%H:%M:%SZ";

/// The only documented form of an instant.
pub(super) fn write_time(time: Timestamp) -> String {
    time.format(TIME_PATTERN)
}

/// Reads the documented form and nothing else.
pub(super) fn read_time_strictly(text: &str) -> Option<Timestamp> {
    let time = Timestamp::parse_utc(TIME_PATTERN, text).ok()?;
    (write_time(time) == text).then_some(time)
}

#[derive(Deserialize)]
pub(super) struct Envelope<T> {
    pub(super) response: T,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreateSnapshot<'a> {
    pub(super) disk_id: &'a str,
    pub(super) snapshot_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) retention_time: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreatedSnapshot {
    pub(super) snapshot_id: String,
}

#[derive(Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DescribeSnapshots<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) snapshot_ids: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) disk_ids: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) zone_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) snapshot_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) disk_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) resource_group_id: Option<&'a str>,
}

/// The request for one page of a list.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Paged<'a, F> {
    #[serde(flatten)]
    pub(super) filter: &'a F,
    pub(super) page_num: u64,
    pub(super) page_size: usize,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Page<T> {
    #[serde(deserialize_with = "count")]
    pub(super) total_count: u64,
    #[serde(default = "Vec::new")]
    pub(super) data_set: Vec<T>,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub(super) struct DescribedSnapshot {
    pub(super) snapshot_id: String,
    pub(super) snapshot_name: Option<String>,
    pub(super) zone_id: Option<String>,
    pub(super) status: String,
    pub(super) snapshot_type: Option<String>,
    pub(super) retention_time: Option<String>,
    pub(super) disk_id: Option<String>,
    pub(super) create_time: Option<String>,
    pub(super) disk_ability: Option<bool>,
    pub(super) resource_group: Option<ResourceGroup>,
    /// One example on the vendor's pages shows the group's id and name here instead.
    pub(super) resource_group_id: Option<String>,
    pub(super) resource_group_name: Option<String>,
}

impl DescribedSnapshot {
    /// Whether a policy made it.
    pub(super) fn is_automatic(&self) -> bool {
        self.snapshot_type.as_deref() == Some("Auto")
    }
}

impl Listed for DescribedSnapshot {
    fn id(&self) -> &str {
        &self.snapshot_id
    }
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResourceGroup {
    pub(super) resource_group_id: Option<String>,
    pub(super) resource_group_name: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ModifySnapshots<'a> {
    pub(super) snapshot_ids: [&'a str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) snapshot_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) retention_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) is_permanent: Option<bool>,
}

/// An answer without details of its own.
#[derive(Deserialize)]
pub(super) struct Done {}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeleteSnapshots<'a> {
    pub(super) snapshot_ids: [&'a str; 1],
}

/// The ids that were *not* deleted.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Undeleted {
    pub(super) snapshot_ids: Option<Vec<String>>,
}

#[derive(Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DescribeDisks<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) disk_ids: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) disk_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) disk_category: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) disk_status: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) instance_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) zone_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) region_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) snapshot_ability: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) resource_group_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) tags: Vec<Tag>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) tag_keys: Vec<&'a str>,
}

/// Requests write a tag as records do: the page gives them no form of their own.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Tag {
    pub(super) key: String,
    #[serde(default)]
    pub(super) value: String,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct TagList {
    pub(super) tags: Option<Vec<Tag>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DescribedDisk {
    pub(super) disk_id: String,
    pub(super) disk_name: Option<String>,
    pub(super) region_id: Option<String>,
    pub(super) zone_id: Option<String>,
    pub(super) disk_type: Option<String>,
    pub(super) portable: Option<bool>,
    pub(super) disk_category: Option<String>,
    #[serde(default, deserialize_with = "number")]
    pub(super) disk_size: Option<i64>,
    pub(super) disk_status: Option<String>,
    pub(super) instance_id: Option<String>,
    pub(super) instance_name: Option<String>,
    pub(super) create_time: Option<String>,
    pub(super) expired_time: Option<String>,
    #[serde(default, deserialize_with = "number")]
    pub(super) period: Option<i64>,
    pub(super) resource_group_id: Option<String>,
    pub(super) resource_group_name: Option<String>,
    pub(super) serial: Option<String>,
    pub(super) snapshot_ability: Option<bool>,
    pub(super) auto_snapshot_policy_id: Option<String>,
    pub(super) bursting_enabled: Option<bool>,
    pub(super) tags: Option<TagList>,
}

impl DescribedDisk {
    pub(super) fn tag_map(&self) -> BTreeMap<String, String> {
        let tags = self.tags.iter().flat_map(|list| list.tags.iter().flatten());
        tags.map(|tag| (tag.key.clone(), tag.value.clone())).collect()
    }
}

impl Listed for DescribedDisk {
    fn id(&self) -> &str {
        &self.disk_id
    }
}

/// What every answer with a status other than 200 holds.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Refusal {
    pub(super) request_id: Option<String>,
    pub(super) code: Option<String>,
    pub(super) message: Option<String>,
}

/// A whole number, also where it is written as a text.
pub(super) fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let json = serde_json::Value::deserialize(deserializer)?;
    let number = match &json {
        serde_json::Value::String(text) => text.trim().parse().ok(),
        other => other.as_u64(),
    };
    number.ok_or_else(|| de::Error::custom(format!("expected a whole number, found {json}")))
}

/// A whole number, also as a text; absent where empty.
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    let json = serde_json::Value::deserialize(deserializer)?;
    let number = match &json {
        serde_json::Value::Null => return Ok(None),
        serde_json::Value::String(text) if text.trim().is_empty() => return Ok(None),
        serde_json::Value::String(text) => text.trim().parse().ok(),
        other => other.as_i64(),
    };
    let wrong = || de::Error::custom(format!("expected a whole number, found {json}"));
    number.ok_or_else(wrong).map(Some)
}
