//! Texts that hold JSON.

use crate::value::{Value, read_json};

/// The object or array that a text holds. Scalars are shown as the texts they are, and so is what
/// the value would not tell completely: a key that stands twice.
pub(super) fn of_text(text: &str) -> Option<Value> {
    let trimmed = text.trim();
    let looks = (trimmed.starts_with('{') && trimmed.ends_with('}'))
        || (trimmed.starts_with('[') && trimmed.ends_with(']'));
    if !looks || trimmed.len() < 3 {
        return None;
    }
    let value = read_json(trimmed).ok()?;
    let is_structure = value.children().next().is_some();
    (is_structure && keys(&value) == keys_of_text(trimmed)).then_some(value)
}

/// How many keys the objects in a value have.
fn keys(value: &Value) -> usize {
    let own = value.entries().map_or(0, <[_]>::len);
    own + value.children().map(keys).sum::<usize>()
}

/// How many keys a JSON text has: the colons outside of its strings.
fn keys_of_text(text: &str) -> usize {
    let (mut quoted, mut escaped, mut colons) = (false, false, 0);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b':' if !quoted => colons += 1,
            _ => {}
        }
    }
    colons
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_and_arrays_are_taken_for_json_and_nothing_else() {
        for text in [r#"{"a":1}"#, " [1, {\"b:\": \"\\\":\"}]\n"] {
            assert!(of_text(text).is_some(), "{text}");
        }
        for text in ["{}", "[]", "1", "\"a\"", "{a}", "[1,]", r#"{"a":1,"a":2}"#, "", "[web]"] {
            assert!(of_text(text).is_none(), "{text}");
        }
    }
}
