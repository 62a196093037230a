//! Where two views differ, by their place in the document.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::numbers::{line, number};

/// How much of a value is shown.
const SHOWN: usize = 400;

/// Every difference, each with its place.
pub(super) fn differences(expected: &Json, came: &Json) -> Vec<String> {
    let mut found = Vec::new();
    collect(expected, came, "", &mut found);
    found
}

fn collect(expected: &Json, came: &Json, at: &str, found: &mut Vec<String>) {
    match (expected, came) {
        // Not part by part: a number is one thing.
        _ if [expected, came].iter().any(|one| number(one).is_some())
            && line(expected) != line(came) =>
        {
            found.push(told(at, &shown(expected), &shown(came)));
        }
        (Json::Object(expected), Json::Object(came)) => {
            for name in expected.keys().chain(came.keys()).collect::<BTreeSet<_>>() {
                let at = format!("{at}.{name}");
                match (expected.get(name), came.get(name)) {
                    (Some(expected), Some(came)) => collect(expected, came, &at, found),
                    (expected, came) => found.push(told(
                        &at,
                        &expected.map_or("nothing".to_owned(), shown),
                        &came.map_or("nothing".to_owned(), shown),
                    )),
                }
            }
        }
        (Json::Array(expected), Json::Array(came)) if expected.len() == came.len() => {
            for (index, (expected, came)) in expected.iter().zip(came).enumerate() {
                collect(expected, came, &format!("{at}[{index}]"), found);
            }
        }
        _ if expected != came => found.push(told(at, &shown(expected), &shown(came))),
        _ => {}
    }
}

fn told(at: &str, expected: &str, came: &str) -> String {
    let at = if at.is_empty() { "the whole" } else { at };
    format!("{at}\n      expected {expected}\n      came     {came}")
}

fn shown(value: &Json) -> String {
    let line = line(value);
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[test]
fn each_difference_is_told_with_its_place() {
    let read = |text| super::numbers::read(text).unwrap();
    let expected = read(r#"{"a": [1, {"b": 2.0}], "c": null, "d": [1, 2], "e": "1"}"#);
    let same = read(r#"{"e": "1", "d": [1.0, 2], "a": [1, {"b": 2}], "c": null}"#);
    assert_eq!(differences(&expected, &same), Vec::<String>::new());
    let other = read(r#"{"a": [1, {"b": 3}], "f": true, "d": [1], "e": 1}"#);
    let found = differences(&expected, &other);
    let places: Vec<_> = found.iter().map(|told| told.lines().next().unwrap()).collect();
    assert_eq!(places, [".a[1].b", ".c", ".d", ".e", ".f"]);
    assert!(found[0].ends_with("expected #2e+0\n      came     #3e+0"), "{}", found[0]);
}
