//! A state that was never saved, for places where Terraform must find one.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::Deserializer as _;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;

use super::super::{Lineage, State, write_state};
use crate::world::World;

/// The key for what is ours in a document of Terraform, which leaves out keys that it does not know
/// when it writes.
pub(super) const KEY: &str = "snapform";

/// An empty state as Terraform reads it.
pub(super) fn empty_state() -> Result<String, serde_json::Error> {
    let bytes = write_state(&State::empty(Lineage(World::real().ids.uuid())))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A member of an object in JSON: its name and where its value stands.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) value: Range<usize>,
}

/// The members of the object that `text` is. Positions are wanted and not values, because what is
/// not ours must stay as it is to the byte.
pub(super) fn members(text: &str) -> Result<Vec<Member>, serde_json::Error> {
    struct Members(usize);

    impl<'de> Visitor<'de> for Members {
        type Value = Vec<Member>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a state, which is an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut found = Vec::new();
            while let Some((name, value)) = map.next_entry::<Cow<'de, str>, &'de RawValue>()? {
                let start = value.get().as_ptr().addr() - self.0;
                let value = start..start + value.get().len();
                found.push(Member { name: name.into_owned(), value });
            }
            Ok(found)
        }
    }

    let mut deserializer = serde_json::Deserializer::from_str(text);
    let found = deserializer.deserialize_map(Members(text.as_ptr().addr()))?;
    deserializer.end()?;
    Ok(found)
}

/// Puts what is ours behind the last member of the object `text`.
pub(super) fn with_ours(text: &str, ours: &str) -> Option<String> {
    let (before, after) = text.split_at_checked(text.rfind('}')?)?;
    let comma = if before.trim_end().ends_with('{') { "" } else { "," };
    Some(format!("{before}{comma}\"{KEY}\":{ours}{after}"))
}

/// The object `text` without what is ours, whose value stands there.
pub(super) fn without_ours(text: &str, value: &Range<usize>) -> String {
    let before = text.get(..value.start).unwrap_or_default();
    let before = before.rfind('"').and_then(|end| before.get(..end)).unwrap_or_default();
    let before = before.rfind('"').and_then(|start| before.get(..start)).unwrap_or_default();
    let after = text.get(value.end..).unwrap_or_default();
    let trimmed = before.trim_end();
    match (trimmed.strip_suffix(','), after.trim_start().strip_prefix(',')) {
        (Some(before), _) => format!("{before}{after}"),
        (None, Some(after)) => format!("{before}{after}"),
        (None, None) => format!("{before}{after}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_found_where_they_stand() {
        let text = "{ \"a\" : [1, {\"b\":2}],\n\"c\\u0064\":\"}\" }\n";
        let found = members(text).unwrap();
        let found: Vec<_> =
            found.iter().map(|member| (&*member.name, &text[member.value.clone()])).collect();
        assert_eq!(found, [("a", "[1, {\"b\":2}]"), ("cd", "\"}\"")]);
        for bad in ["", "[]", "{} x", "{\"a\":}"] {
            assert!(members(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_is_ours_comes_and_goes_without_a_trace() {
        for text in ["{}", "{\n  \"serial\": 3\n}\n", "{\"a\":\"snapform\"} \n\n", "{ }"] {
            let with = with_ours(text, "{\"journal\":\"x }\"}").unwrap();
            let found = members(&with).unwrap();
            let ours = found.last().unwrap();
            assert_eq!(ours.name, KEY);
            assert_eq!(without_ours(&with, &ours.value), text);
        }
        let moved = r#"{"snapform": {"journal": ""}, "serial": 1}"#;
        let found = members(moved).unwrap();
        assert_eq!(without_ours(moved, &found[0].value), r#"{ "serial": 1}"#);
    }
}
