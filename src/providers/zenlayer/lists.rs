//! What the two lists have in common: the size of a request, and tags.

use std::collections::BTreeMap;

use crate::schema::{Attribute, Rule};
use crate::value::{Type, Value};

/// The page `DescribeDisks`: at most 20 tags, at most 20 keys.
const MOST_TAGS: usize = 20;
/// The vendor's own provider: keys and values have 1 to 64 characters.
const LONGEST_TAG: usize = 64;

/// The filters by tags.
pub(super) fn tag_filters() -> Vec<Attribute> {
    vec![
        Attribute::optional(
            "tags",
            Type::map(Type::String),
            "Only disks with all of these tags. A value counts as a whole.",
        )
        .rule(Rule::new("at most 20 tags; keys and values of 1 to 64 characters", tags_rule)),
        Attribute::optional(
            "tag_keys",
            Type::list(Type::String),
            "Only disks with a tag of each of these keys, whatever its value.",
        )
        .rule(Rule::new("at most 20 keys of 1 to 64 characters", keys_rule)),
    ]
}

/// Tells whether a record has all tags that were asked for.
pub(super) fn is_tagged(
    held: &BTreeMap<String, String>,
    tags: Option<&BTreeMap<String, String>>,
    keys: Option<&[String]>,
) -> bool {
    tags.into_iter().flatten().all(|(key, value)| held.get(key) == Some(value))
        && keys.into_iter().flatten().all(|key| held.contains_key(key))
}

fn keys_rule(keys: &Value) -> Result<(), String> {
    limited(keys)?;
    keys.children().try_for_each(|key| part("key", key))
}

fn tags_rule(tags: &Value) -> Result<(), String> {
    limited(tags)?;
    tags.entries().unwrap_or_default().iter().try_for_each(|(key, value)| {
        part("key", &Value::string(key)).and_then(|()| part("value", value))
    })
}

fn limited(tags: &Value) -> Result<(), String> {
    match tags.children().count() {
        count if count > MOST_TAGS => Err(format!("must have at most {MOST_TAGS}, not {count}")),
        _ => Ok(()),
    }
}

fn part(what: &str, text: &Value) -> Result<(), String> {
    let length = text.as_str().map_or(0, |text| text.chars().count());
    if (1..=LONGEST_TAG).contains(&length) {
        Ok(())
    } else {
        Err(format!("must have tags whose {what} has 1 to {LONGEST_TAG} characters, not {length}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_must_have_every_tag_that_is_asked_for() {
        let map = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
        };
        let held = map(&[("backup", "daily"), ("team", "db")]);
        for (tags, keys, expected) in [
            (None, None, true),
            (Some(map(&[])), Some(&[][..]), true),
            (Some(map(&[("backup", "daily")])), None, true),
            (Some(map(&[("backup", "daily"), ("team", "db")])), None, true),
            (Some(map(&[("backup", "dail")])), None, false),
            (Some(map(&[("backup", "daily"), ("team", "web")])), None, false),
            (None, Some(&["team"][..]), true),
            (None, Some(&["team", "cost"][..]), false),
        ] {
            let keys = keys.map(|keys| keys.iter().map(ToString::to_string).collect::<Vec<_>>());
            assert_eq!(is_tagged(&held, tags.as_ref(), keys.as_deref()), expected, "{tags:?}");
        }
    }
}
