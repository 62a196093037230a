//! Takes out of what was seen whatever differs between two runs.

use std::collections::BTreeMap;

use regex::{Captures, Regex};
use serde_json::{Map, Value as Json};

use super::numbers::number;

/// Masks all views of one scenario, with one numbering of identifiers: an identifier that was kept
/// has the number it had before, a new one has a new number.
pub(super) struct Mask<'a> {
    identifier: Regex,
    time: Regex,
    provider: Regex,
    folder: &'a str,
    /// Whether the messages of checks are looked at, or only how many there are.
    messages: bool,
    seen: BTreeMap<String, usize>,
}

impl<'a> Mask<'a> {
    pub(super) fn new(folder: &'a str, messages: bool) -> Self {
        let identifier = r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b";
        let time = r"\b2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z";
        Self {
            identifier: Regex::new(identifier).unwrap(),
            time: Regex::new(time).unwrap(),
            provider: Regex::new(r#"provider\["[^"]*"\]"#).unwrap(),
            folder,
            messages,
            seen: BTreeMap::new(),
        }
    }

    fn text(&mut self, text: &str) -> String {
        let seen = &mut self.seen;
        let text = self.identifier.replace_all(text, |found: &Captures<'_>| {
            let next = seen.len() + 1;
            format!("<id {}>", seen.entry(found[0].to_owned()).or_insert(next))
        });
        let text = self.time.replace_all(&text, "<time>");
        let text = self.provider.replace_all(&text, r#"provider["…"]"#);
        text.replace(self.folder, "<work>")
    }

    pub(super) fn value(&mut self, value: &Json) -> Json {
        if number(value).is_some() {
            return value.clone();
        }
        match value {
            Json::String(text) => self.text(text).into(),
            Json::Array(items) => items.iter().map(|item| self.value(item)).collect(),
            Json::Object(parts) => {
                // By name, so that identifiers are numbered in one order in every run.
                let mut parts: Vec<_> = parts.iter().collect();
                parts.sort_by_key(|(name, _)| *name);
                let mut masked = Map::new();
                for (name, part) in parts {
                    let count = part.as_array().filter(|_| name == "problems" && !self.messages);
                    let name = self.text(name);
                    let part = count.map_or_else(|| self.value(part), |all| all.len().into());
                    masked.insert(name, part);
                }
                Json::Object(masked)
            }
            other => other.clone(),
        }
    }
}

#[test]
fn an_identifier_keeps_its_number() {
    let mut mask = Mask::new("/tmp/x", false);
    let (one, two) =
        ("0d5e2a64-6f4b-4cf0-9f0e-3a5f3f6b0c11", "1d5e2a64-6f4b-4cf0-9f0e-3a5f3f6b0c11");
    let first = mask.value(&serde_json::json!({ "b": one, "a": two, "problems": ["x", "y"] }));
    assert_eq!(first, serde_json::json!({ "a": "<id 1>", "b": "<id 2>", "problems": 2 }));
    let second = mask.value(&serde_json::json!([format!("/tmp/x/{one}"), "2026-01-02T03:04:05Z"]));
    assert_eq!(second, serde_json::json!(["<work>/<id 2>", "<time>"]));
}
