//! What the two lists have in common: ids in batches, filters and their rules, order.

use std::collections::{BTreeMap, BTreeSet};

use crate::schema::{Attribute, Rule};
use crate::value::{Type, Value};
use crate::world::Timestamp;

use super::client::put_tags;
use super::signing::Parameters;

/// Most ids in one request.
pub(super) const BULK: usize = 100;

/// The ids to ask for, each once, as many at a time as one request takes. Without a filter it is one
/// request without ids; an empty filter lets nothing through, so nothing is asked.
pub(super) fn batches(ids: Option<&[String]>) -> Vec<Option<Vec<&str>>> {
    let Some(ids) = ids else { return vec![None] };
    let ids: BTreeSet<_> = ids.iter().map(String::as_str).collect();
    ids.into_iter().collect::<Vec<_>>().chunks(BULK).map(|ids| Some(ids.to_vec())).collect()
}

/// Oldest first. What has no readable time comes before all others, so that it is never the newest.
pub(super) fn age(creation_time: Option<&str>) -> Option<Timestamp> {
    Timestamp::parse_lenient(creation_time?).ok()
}

/// A filter by ids.
pub(super) fn ids_filter(name: &'static str, description: &'static str) -> Attribute {
    Attribute::optional(name, Type::list(Type::String), description).rule(Rule::new(
        "texts that are not empty",
        |texts: &Value| {
            let good = |text: &Value| text.as_str().is_some_and(|text| !text.trim().is_empty());
            if texts.children().all(good) {
                Ok(())
            } else {
                Err("must hold no null and no empty text".to_owned())
            }
        },
    ))
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

/// Adds the filters that are given, and those by tags.
pub(super) fn put_filters(
    request: &mut Parameters,
    filters: &[(&str, Option<&String>)],
    tags: Option<&BTreeMap<String, String>>,
) {
    for (name, value) in filters {
        request.extend(value.map(|value| ((*name).to_owned(), value.clone())));
    }
    put_tags(request, tags.into_iter().flatten().map(|(key, value)| (&**key, &**value)));
}

/// Whether a record is what a filter asked for. Some releases may ignore a filter; what a record does
/// not tell is left to the server, and so is the vendor's word for no filter.
pub(super) fn agrees(wanted: Option<&String>, held: Option<&String>) -> bool {
    let (Some(wanted), Some(held)) = (wanted, held) else { return true };
    wanted.eq_ignore_ascii_case("all") || wanted.eq_ignore_ascii_case(held)
}

/// Whether a record has all tags that were asked for. At the server an empty value stands for any.
pub(super) fn is_tagged(
    held: &BTreeMap<String, String>,
    tags: Option<&BTreeMap<String, String>>,
) -> bool {
    tags.into_iter().flatten().all(|(key, value)| held.get(key) == Some(value))
}

/// The vendor has no difference between an empty and an absent text.
pub(super) fn present(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_asked_for_once_and_a_hundred_at_a_time() {
        assert_eq!(batches(None), [None]);
        assert!(batches(Some(&[])).is_empty());
        let ids: Vec<_> = (0..250).map(|id| format!("{:03}", id % 201)).collect();
        let lengths = batches(Some(&ids)).into_iter().map(|ids| ids.unwrap().len());
        assert_eq!(lengths.collect::<Vec<_>>(), [100, 100, 1]);
    }

    #[test]
    fn what_a_record_tells_must_agree() {
        let text = |text: &str| Some(text.to_owned());
        for (wanted, held, expected) in [
            (None, text("data"), true),
            (text("data"), None, true),
            (text("All"), text("In_use"), true),
            (text("Standard"), text("standard"), true),
            (text("data"), text("system"), false),
        ] {
            assert_eq!(agrees(wanted.as_ref(), held.as_ref()), expected, "{wanted:?} {held:?}");
        }
    }
}
