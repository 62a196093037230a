//! JSON whose numbers are compared by value, to the last digit.
//!
//! A number becomes `{"#": "1.5e+0"}`: one text for all spellings of one value, which no string of a
//! document can be mistaken for. The recorded results hold numbers in the same way.

use serde_json::{Map, Value as Json};

/// The one key of an object that stands for a number.
const NUMBER: &str = "#";

/// Reads a document, with its numbers made comparable.
pub(super) fn read(text: &str) -> Result<Json, String> {
    serde_json::from_str(text).map(comparable).map_err(|error| error.to_string())
}

fn comparable(value: Json) -> Json {
    match value {
        Json::Number(number) => {
            let mut object = Map::new();
            object.insert(NUMBER.to_owned(), Json::String(exact(&number.to_string())));
            Json::Object(object)
        }
        Json::Array(items) => items.into_iter().map(comparable).collect(),
        Json::Object(parts) => {
            Json::Object(parts.into_iter().map(|(name, part)| (name, comparable(part))).collect())
        }
        other => other,
    }
}

/// The value of a decimal number, however it was spelled: its first digit, a point and the others,
/// and the power of ten.
fn exact(text: &str) -> String {
    let (mantissa, power) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let power: i64 = power.parse().unwrap();
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let significant = digits.trim_start_matches('0');
    let leading = digits.len() - significant.len();
    let power = power + i64::try_from(whole.len()).unwrap() - 1 - i64::try_from(leading).unwrap();
    let significant = significant.trim_end_matches('0');
    if significant.is_empty() {
        return "0".to_owned();
    }
    let (first, others) = significant.split_at(1);
    let point = if others.is_empty() { "" } else { "." };
    format!("{sign}{first}{point}{others}e{power:+}")
}

/// The text of a number, where this is one.
pub(super) fn number(value: &Json) -> Option<&str> {
    let object = value.as_object().filter(|object| object.len() == 1)?;
    object.get(NUMBER)?.as_str()
}

/// One line for a value, by which lists are sorted and differences shown. Equal texts mean equal
/// values.
pub(super) fn line(value: &Json) -> String {
    if let Some(number) = number(value) {
        return format!("#{number}");
    }
    match value {
        Json::Object(parts) => {
            let mut parts: Vec<_> = parts.iter().collect();
            parts.sort_by_key(|(name, _)| *name);
            let parts = parts.iter().map(|(name, part)| format!("{}: {}", text(name), line(part)));
            format!("{{{}}}", parts.collect::<Vec<_>>().join(", "))
        }
        Json::Array(items) => {
            format!("[{}]", items.iter().map(line).collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

fn text(name: &str) -> String {
    Json::from(name).to_string()
}

#[test]
fn every_spelling_of_a_number_is_one_text() {
    for (spelled, meant) in [
        ("0", "0"),
        ("-0.0e7", "0"),
        ("1", "1e+0"),
        ("10.50", "1.05e+1"),
        ("1.05E1", "1.05e+1"),
        ("0.00120", "1.2e-3"),
        ("-1200e-6", "-1.2e-3"),
        ("12345678901234567890123", "1.2345678901234567890123e+22"),
        ("1e-400", "1e-400"),
    ] {
        assert_eq!(exact(spelled), meant, "{spelled}");
    }
    assert_ne!(read("9007199254740993").unwrap(), read("9007199254740992").unwrap());
    assert_ne!(read("[1]").unwrap(), read(r##"["#1e+0"]"##).unwrap());
}
