//! What the two lists have in common: ids in batches, rules of filters, order.

use std::collections::{BTreeMap, BTreeSet};

use crate::schema::{Attribute, Rule};
use crate::value::{Type, Value};
use crate::world::Timestamp;

/// Most ids in one request, so that what it finds fits one page.
pub(super) const BULK: usize = 100;
/// The page `DescribeDisks`: at most 20 tags, at most 20 keys.
const MOST_TAGS: usize = 20;
/// The vendor's own provider: keys and values have 1 to 64 characters.
const LONGEST_TAG: usize = 64;

/// The ids to ask for, each once, as many at a time as one request takes. Without a filter it is one
/// request without ids; an empty filter lets nothing through, so nothing is asked.
pub(super) fn batches(ids: Option<&[String]>) -> Vec<Vec<&str>> {
    let Some(ids) = ids else { return vec![Vec::new()] };
    let ids: BTreeSet<_> = ids.iter().map(String::as_str).collect();
    ids.into_iter().collect::<Vec<_>>().chunks(BULK).map(<[_]>::to_vec).collect()
}

/// Oldest first. What has no readable time comes before all others, so that it is never the newest.
pub(super) fn age(create_time: Option<&str>) -> Option<Timestamp> {
    Timestamp::parse_lenient(create_time?).ok()
}

/// A filter by ids.
pub(super) fn ids_filter(name: &'static str, description: &'static str) -> Attribute {
    Attribute::optional(name, Type::list(Type::String), description)
        .rule(Rule::new("texts that are not empty", texts_rule))
}

/// A filter by one text.
pub(super) fn text_filter(name: &'static str, description: &'static str) -> Attribute {
    Attribute::optional(name, Type::String, description).rule(Rule::length(1, 255))
}

/// A filter by one of a few words.
pub(super) fn word_filter(
    name: &'static str,
    words: &'static [&'static str],
    description: &'static str,
) -> Attribute {
    Attribute::optional(name, Type::String, description).rule(Rule::one_of(words))
}

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

fn texts_rule(texts: &Value) -> Result<(), String> {
    let good = |text: &Value| text.as_str().is_some_and(|text| !text.trim().is_empty());
    if texts.children().all(good) {
        Ok(())
    } else {
        Err("must hold no null and no empty text".to_owned())
    }
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
    fn ids_are_asked_for_once_and_a_hundred_at_a_time() {
        assert_eq!(batches(None), [Vec::<&str>::new()]);
        assert!(batches(Some(&[])).is_empty());
        let ids: Vec<_> = (0..250).map(|id| format!("{:03}", id % 201)).collect();
        let batches = batches(Some(&ids));
        assert_eq!(batches.iter().map(Vec::len).collect::<Vec<_>>(), [100, 100, 1]);
    }

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
