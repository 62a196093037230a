//! Attributes that several types have, and the rules of their values.

use crate::schema::{Attribute, Rule};
use crate::value::{Type, Value};

use super::wire::MARKER;

/// Name or description.
pub(super) fn label(name: &'static str, description: &'static str) -> Attribute {
    Attribute::optional(name, Type::String, description)
        .rule(Rule::length(0, 255))
        .rule(Rule::text("no white space at either end", trimmed))
}

/// An attribute that holds the UUID of a volume or a snapshot.
pub(super) fn uuid(attribute: Attribute) -> Attribute {
    attribute.rule(Rule::text("a UUID in lower case with dashes", is_uuid))
}

/// Whether attached volumes are taken as well.
pub(super) fn force() -> Attribute {
    let description = "Allows a snapshot of a volume that is attached. Only a create looks at it.";
    Attribute::optional("force", Type::Bool, description).default(false).record_only()
}

/// The region.
pub(super) fn region(description: &'static str) -> Attribute {
    Attribute::optional_computed("region", Type::String, description)
}

/// What the cloud tells of a snapshot.
pub(super) fn told() -> [Attribute; 4] {
    [
        Attribute::computed("id", Type::String, "The cloud's id of the snapshot."),
        Attribute::computed("size", Type::Number, "Size of the volume in GiB."),
        Attribute::computed(
            "status",
            Type::String,
            "Where the snapshot is in its life: `available` when all is well, `error` when making \
             it failed.",
        )
        .volatile(),
        Attribute::computed("created_at", Type::String, "When it was made, RFC 3339 in UTC."),
    ]
}

/// Texts by key that a snapshot carries.
pub(super) fn metadata(description: &'static str) -> Attribute {
    Attribute::optional("metadata", Type::map(Type::String), description)
        .default(Value::map(Type::String, []))
        .rule(Rule::new(
            "keys of 1 to 255 letters, digits, blanks and `-_:./`; values of up to 255 characters",
            texts,
        ))
}

fn trimmed(text: &str) -> Result<(), String> {
    if text == text.trim() {
        Ok(())
    } else {
        Err("must not begin or end with white space, because the cloud takes it away".to_owned())
    }
}

/// The ids of clouds are lower-case UUIDs; others come back as a 500, or in another case.
fn is_uuid(text: &str) -> Result<(), String> {
    let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let fits = text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => digit(byte),
        });
    if fits {
        Ok(())
    } else {
        Err(format!("must be a UUID in lower case with dashes, not `{text}`"))
    }
}

fn texts(metadata: &Value) -> Result<(), String> {
    for (key, value) in metadata.entries().unwrap_or_default() {
        let allowed = |letter: char| letter.is_ascii_alphanumeric() || "-_:. /".contains(letter);
        if &**key == MARKER {
            return Err(format!(
                "must not hold the key `{MARKER}`, by which a create that was cut off is found again"
            ));
        }
        if key.is_empty() || key.chars().count() > 255 || !key.chars().all(allowed) {
            return Err(format!(
                "must have keys of 1 to 255 letters, digits, blanks and `-_:./`, not `{key}`"
            ));
        }
        match value.as_str().map(|text| text.chars().count()) {
            None => return Err(format!("must hold texts, and there is none at `{key}`")),
            Some(length) if length > 255 => {
                return Err(format!(
                    "must hold texts of up to 255 characters; the one at `{key}` has {length}"
                ));
            }
            Some(_) => {}
        }
    }
    Ok(())
}
