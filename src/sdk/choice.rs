//! What data types that list things have in common: filters, ids in batches, and an order that stays.

use std::collections::BTreeSet;

use crate::schema::{Attribute, Rule};
use crate::value::{Type, Value};
use crate::world::Timestamp;

/// A filter by ids.
pub fn ids_filter(name: &'static str, description: &'static str) -> Attribute {
    Attribute::optional(name, Type::list(Type::String), description)
        .rule(Rule::new("texts that are not empty", texts_rule))
}

/// A filter by one text.
pub fn text_filter(name: &'static str, description: &'static str) -> Attribute {
    Attribute::optional(name, Type::String, description).rule(Rule::length(1, 255))
}

/// A filter by one of a few words.
pub fn word_filter(
    name: &'static str,
    words: &'static [&'static str],
    description: &'static str,
) -> Attribute {
    Attribute::optional(name, Type::String, description).rule(Rule::one_of(words))
}

/// The argument that keeps only the newest one of those that fit.
pub fn most_recent(description: &'static str) -> Attribute {
    Attribute::optional("most_recent", Type::Bool, description).default(false)
}

fn texts_rule(texts: &Value) -> Result<(), String> {
    let good = |text: &Value| text.as_str().is_some_and(|text| !text.trim().is_empty());
    if texts.children().all(good) {
        Ok(())
    } else {
        Err("must hold no null and no empty text".to_owned())
    }
}

/// The ids to ask for, each once, at most so many at a time. Without a filter it is one request without
/// ids; an empty filter lets nothing through, so nothing is asked.
pub fn batches(ids: Option<&[String]>, most: usize) -> Vec<Option<Vec<&str>>> {
    let Some(ids) = ids else { return vec![None] };
    let ids: BTreeSet<_> = ids.iter().map(String::as_str).collect();
    ids.into_iter().collect::<Vec<_>>().chunks(most).map(|ids| Some(ids.to_vec())).collect()
}

/// The oldest first, and of equal age by id; where only the newest one is wanted, that one alone. What
/// tells no time comes before all others, so that it is never the newest.
pub fn in_order<T>(
    mut found: Vec<T>,
    most_recent: bool,
    by: impl Fn(&T) -> (Option<Timestamp>, &str),
) -> Vec<T> {
    found.sort_by_cached_key(|entry| {
        let (time, id) = by(entry);
        (time, id.to_owned())
    });
    if most_recent {
        found.drain(..found.len().saturating_sub(1));
    }
    found
}

/// An instant as a vendor writes it; one that cannot be read counts as none.
pub fn instant(text: Option<&str>) -> Option<Timestamp> {
    Timestamp::parse_lenient(text?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_asked_for_once_and_so_many_at_a_time() {
        assert_eq!(batches(None, 100), [None]);
        assert!(batches(Some(&[]), 100).is_empty());
        let ids: Vec<_> = (0..250).map(|id| format!("{:03}", id % 201)).collect();
        let lengths = batches(Some(&ids), 100).into_iter().map(|ids| ids.unwrap().len());
        assert_eq!(lengths.collect::<Vec<_>>(), [100, 100, 1]);
    }

    #[test]
    fn the_newest_is_last_and_never_one_without_a_time() {
        let all = vec![
            ("b", Some("2026-02-01T00:00:00Z")),
            ("d", None),
            ("a", Some("2026-02-01T00:00:00Z")),
            ("c", Some("2026-01-01T00:00:00Z")),
            ("e", Some("soon")),
        ];
        let ordered = |most_recent| {
            let found = in_order(all.clone(), most_recent, |(id, time)| (instant(*time), id));
            found.into_iter().map(|(id, _)| id).collect::<String>()
        };
        assert_eq!([ordered(false), ordered(true)], ["decab", "b"]);
        assert!(in_order(Vec::<()>::new(), true, |()| (None, "")).is_empty());
    }
}
