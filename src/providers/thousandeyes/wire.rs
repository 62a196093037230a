//! Bodies as they are sent and received, of API v6 and of its successor.

use serde::{Deserialize, Deserializer, Serialize, de};

use crate::world::Timestamp;

/// How the vendor writes instants in requests: UTC without a zone.
pub(super) const DATE_PATTERN: &str = "%Y-%m-%dT%H:%M:%S";

/// The body of a v6 create.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreateV6<'a> {
    pub(super) test_id: u64,
    pub(super) display_name: &'a str,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) is_public: u8,
}

/// The body of a v7 create.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreateV7<'a> {
    pub(super) display_name: &'a str,
    pub(super) start_date: String,
    pub(super) end_date: String,
    pub(super) is_public: bool,
}

/// The answer to a v6 create.
#[derive(Debug, Deserialize)]
pub(super) struct CreatedV6 {
    pub(super) link: Made,
}

/// What was made, as both versions tell it. Nothing tells it again.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Made {
    #[serde(rename = "linkId", alias = "id")]
    pub(super) link_id: String,
    /// v6 only; v7 has it among the links.
    pub(super) view_url: Option<String>,
    #[serde(rename = "_links")]
    pub(super) links: Option<Links>,
    /// The new test that carries the frozen results.
    #[serde(deserialize_with = "text_or_number")]
    pub(super) test_id: String,
    #[serde(deserialize_with = "text_or_number")]
    pub(super) source_test_id: String,
    #[serde(deserialize_with = "text_or_number")]
    pub(super) uid: String,
    pub(super) share_date: Timestamp,
    pub(super) start_round_id: Option<u64>,
    pub(super) end_round_id: Option<u64>,
    pub(super) round_id: Option<u64>,
    pub(super) extra_params: Option<String>,
    /// v7 only: the new test itself.
    test: Option<serde_json::Value>,
}

/// The links of a v7 answer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Links {
    app_link: Option<Link>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct Link {
    href: String,
}

impl Made {
    /// Whether it is a saved event, which is private; v6 does not tell.
    pub(super) fn saved_event(&self) -> Option<bool> {
        self.test.as_ref()?.get("savedEvent")?.as_bool()
    }

    /// Where people look at it.
    pub(super) fn view_url(&self) -> Option<String> {
        let link = || Some(self.links.as_ref()?.app_link.as_ref()?.href.clone());
        self.view_url.clone().or_else(link)
    }
}

/// The list of tests.
#[derive(Debug, Deserialize)]
pub(super) struct Tests {
    #[serde(rename = "test", alias = "tests")]
    pub(super) tests: Vec<Test>,
}

/// A test, as far as it matters here.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Test {
    #[serde(rename = "testId", deserialize_with = "text_or_number")]
    pub(super) id: String,
    #[serde(rename = "testName")]
    pub(super) name: Option<String>,
    #[serde(rename = "type", default, deserialize_with = "text")]
    pub(super) kind: Option<String>,
    /// Seconds between two rounds.
    #[serde(default, deserialize_with = "whole")]
    pub(super) interval: Option<u64>,
    #[serde(default, deserialize_with = "truth")]
    pub(super) enabled: bool,
    /// Whether it is a private snapshot; 1 in v6, true in v7.
    #[serde(default, deserialize_with = "truth")]
    pub(super) saved_event: bool,
    pub(super) created_date: Option<Timestamp>,
    pub(super) created_by: Option<String>,
}

impl Test {
    /// Its id as a number, by which lists are in order.
    pub(super) fn number(&self) -> u64 {
        self.id.parse().unwrap_or(u64::MAX)
    }
}

/// The vendor's clock.
#[derive(Debug, Deserialize)]
pub(super) struct Status {
    /// Milliseconds since the start of 1970.
    pub(super) timestamp: i64,
}

fn text_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    match serde_json::Value::deserialize(deserializer)? {
        serde_json::Value::String(text) => Ok(text),
        serde_json::Value::Number(number) => Ok(number.to_string()),
        other => Err(de::Error::custom(format!("expected a text or a number, found {other}"))),
    }
}

fn truth<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(match serde_json::Value::deserialize(deserializer)? {
        serde_json::Value::Bool(truth) => truth,
        serde_json::Value::Number(number) => number.as_u64() == Some(1),
        _ => false,
    })
}

/// A text; anything else is as if it were not told.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(serde_json::Value::deserialize(deserializer)?.as_str().map(str::to_owned))
}

/// A whole number; anything else is as if it were not told.
fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    Ok(serde_json::Value::deserialize(deserializer)?.as_u64())
}
