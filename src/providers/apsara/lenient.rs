//! Values that the vendor writes now as numbers, now as texts.

use serde::{Deserialize as _, Deserializer, de};

/// A whole number, also as a text; absent where empty.
pub(super) fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let json = serde_json::Value::deserialize(deserializer)?;
    let number = match &json {
        serde_json::Value::Null => return Ok(None),
        serde_json::Value::String(text) if text.trim().is_empty() => return Ok(None),
        serde_json::Value::String(text) => text.trim().parse().ok(),
        other => other.as_u64(),
    };
    let wrong = || de::Error::custom(format!("expected a whole number, found {json}"));
    number.ok_or_else(wrong).map(Some)
}

/// A truth value, also as a text.
pub(super) fn truth<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    let json = serde_json::Value::deserialize(deserializer)?;
    match &json {
        serde_json::Value::Null => Ok(None),
        serde_json::Value::Bool(truth) => Ok(Some(*truth)),
        serde_json::Value::String(text) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
        serde_json::Value::String(text) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
        serde_json::Value::String(text) if text.is_empty() => Ok(None),
        other => Err(de::Error::custom(format!("expected true or false, found {other}"))),
    }
}

/// A text, also where it is written as a number.
pub(super) fn text_of(json: &serde_json::Value) -> Option<String> {
    match json {
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Number(number) => Some(number.to_string()),
        serde_json::Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}
