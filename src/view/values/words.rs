//! Values and names in one line.

use std::borrow::Cow;

use crate::text::steers;
use crate::value::{Data, Key, Value};

/// The value in one word, where one line is enough for it.
pub(super) fn one_word(value: &Value) -> Option<String> {
    if value.is_sensitive() {
        return Some("(sensitive value)".to_owned());
    }
    Some(match value.data() {
        Data::Null(_) => "null".to_owned(),
        Data::Unknown(_) => "(known after apply)".to_owned(),
        Data::Bool(truth) => truth.to_string(),
        Data::Number(number) => number.to_string(),
        Data::String(text) if text.contains('\n') || super::json::of_text(text).is_some() => {
            return None;
        }
        Data::String(text) => quoted(text),
        Data::List(_) | Data::Set(_) | Data::Tuple(_) if value.children().next().is_none() => {
            "[]".to_owned()
        }
        Data::Map(_) | Data::Object(_) if value.children().next().is_none() => "{}".to_owned(),
        _ => return None,
    })
}

/// The value in one line, however long.
pub(in crate::view) fn short(value: &Value) -> String {
    if let Some(word) = one_word(value) {
        return word;
    }
    match value.data() {
        Data::String(text) => quoted(text),
        Data::Map(_) | Data::Object(_) => {
            let entries = value.entries().unwrap_or_default().iter();
            let parts: Vec<_> =
                entries.map(|(key, part)| format!("{} = {}", name(key), short(part))).collect();
            format!("{{ {} }}", parts.join(", "))
        }
        _ => {
            let parts: Vec<_> = value.elements().unwrap_or_default().iter().map(short).collect();
            format!("[{}]", parts.join(", "))
        }
    }
}

/// A text as HCL writes it, with control characters made visible.
pub(super) fn quoted(text: &str) -> String {
    // Most texts have nothing in them that is written in another way.
    let is_plain = |byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\' | b'{');
    if text.bytes().all(is_plain) {
        return format!("\"{text}\"");
    }
    let mut escaped = String::with_capacity(text.len() + 2);
    escaped.push('"');
    for character in text.chars() {
        match character {
            '"' => escaped.push_str("\\\""),
            '\\' => escaped.push_str("\\\\"),
            '\n' => escaped.push_str("\\n"),
            '\t' => escaped.push_str("\\t"),
            other => push_visible(other, &mut escaped),
        }
    }
    escaped.push('"');
    escaped.replace("${", "$${").replace("%{", "%%{")
}

/// A line of a text: what could move the cursor or change colours is made visible.
pub(super) fn visible(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    for character in line.chars() {
        if character == '\t' {
            text.push('\t');
        } else {
            push_visible(character, &mut text);
        }
    }
    text
}

fn push_visible(character: char, text: &mut String) {
    match character {
        '\r' => text.push_str("\\r"),
        other if steers(other) => {
            text.push_str(&format!("\\u{:04x}", u32::from(other)));
        }
        other => text.push(other),
    }
}

/// A key as HCL writes it.
pub(in crate::view) fn name(key: &str) -> Cow<'_, str> {
    let fits = |character: char| character.is_alphanumeric() || matches!(character, '_' | '-');
    if !key.is_empty() && key.chars().all(fits) {
        Cow::Borrowed(key)
    } else {
        Cow::Owned(quoted(key))
    }
}

pub(in crate::view) fn key_width<'a>(keys: impl Iterator<Item = &'a Key>) -> usize {
    keys.map(|key| name(key).chars().count()).max().unwrap_or_default()
}

pub(in crate::view) fn padded(key: &str, width: usize) -> String {
    let name = name(key);
    let blanks = width.saturating_sub(name.chars().count());
    format!("{name}{:blanks$} = ", "")
}
