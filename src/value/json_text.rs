//! JSON that stays text.

use std::fmt;
use std::sync::Arc;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use super::json::{AsJson, NUMBER_KEY};
use super::{TypedError, Value, read_json};

/// A JSON document as compact text: a fraction of the memory that its value takes, for documents of
/// which most are never looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonText(Arc<str>);

impl JsonText {
    /// A document without the white space between its parts. `text` must be JSON.
    pub fn compact(text: &str) -> Self {
        let mut kept = Vec::with_capacity(text.len());
        let mut rest = text.as_bytes();
        while let Some((first, after)) = rest.split_first() {
            rest = after;
            match first {
                b' ' | b'\n' | b'\r' | b'\t' => {
                    let blanks = rest.iter().position(|byte| *byte > b' ').unwrap_or(rest.len());
                    rest = rest.get(blanks..).unwrap_or_default();
                }
                b'"' => {
                    let (string, after) = rest.split_at(end_of_string(rest));
                    kept.push(b'"');
                    kept.extend_from_slice(string);
                    rest = after;
                }
                other => kept.push(*other),
            }
        }
        // Only whole characters were left out.
        Self(String::from_utf8(kept).map_or_else(|_| Arc::from(text), Arc::from))
    }

    /// The value that the document implies.
    ///
    /// # Errors
    ///
    /// Where a number is out of all bounds.
    pub fn value(&self) -> Result<Value, TypedError> {
        read_json(&self.0)
    }

    /// The document.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Tells whether the document is an object.
    pub fn is_object(&self) -> bool {
        self.0.starts_with('{')
    }
}

/// Where a string ends whose opening quote stands before `text`: behind its closing quote.
fn end_of_string(text: &[u8]) -> usize {
    let mut start = 0;
    let ends = |byte: &u8| matches!(byte, b'"' | b'\\');
    while let Some(length) = text.get(start..).and_then(|rest| rest.iter().position(ends)) {
        let end = start + length;
        if text.get(end) == Some(&b'"') {
            return end + 1;
        }
        start = end + 2;
    }
    text.len()
}

/// As the value would be written: keys sorted, numbers in their one form.
impl Serialize for JsonText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let value = self.value().map_err(serde::ser::Error::custom)?;
        AsJson(&value).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for JsonText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut text = Vec::new();
        Copy(&mut text).deserialize(deserializer)?;
        let text = String::from_utf8(text).map_err(D::Error::custom)?;
        Ok(Self(Arc::from(text)))
    }
}

/// Tells whether a key says that the digits of a number follow.
fn is_number_key(quoted: &[u8]) -> bool {
    let name = quoted.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\""));
    name == Some(NUMBER_KEY.as_bytes())
}

/// Writes what is read to the end of a text.
struct Copy<'t>(&'t mut Vec<u8>);

impl Copy<'_> {
    fn put<E: serde::de::Error>(self, part: impl Serialize) -> Result<(), E> {
        serde_json::to_writer(self.0, &part).map_err(E::custom)
    }
}

impl<'de> DeserializeSeed<'de> for Copy<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Copy<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any JSON")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        self.put(())
    }

    fn visit_bool<E: serde::de::Error>(self, truth: bool) -> Result<(), E> {
        self.put(truth)
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<(), E> {
        self.put(number)
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<(), E> {
        self.put(number)
    }

    fn visit_u128<E: serde::de::Error>(self, number: u128) -> Result<(), E> {
        self.put(number)
    }

    fn visit_i128<E: serde::de::Error>(self, number: i128) -> Result<(), E> {
        self.put(number)
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<(), E> {
        self.put(number)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        self.put(text)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<(), A::Error> {
        self.0.push(b'[');
        let start = self.0.len();
        loop {
            let end = self.0.len();
            if end > start {
                self.0.push(b',');
            }
            if access.next_element_seed(Copy(self.0))?.is_none() {
                self.0.truncate(end);
                break;
            }
        }
        self.0.push(b']');
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<(), A::Error> {
        let before = self.0.len();
        self.0.push(b'{');
        let start = self.0.len();
        loop {
            let end = self.0.len();
            if end > start {
                self.0.push(b',');
            }
            let key = self.0.len();
            if access.next_key_seed(Copy(self.0))?.is_none() {
                self.0.truncate(end);
                break;
            }
            if self.0.get(key..).is_some_and(is_number_key) {
                self.0.truncate(before);
                self.0.extend(access.next_value::<String>()?.bytes());
                return Ok(());
            }
            self.0.push(b':');
            access.next_value_seed(Copy(self.0))?;
        }
        self.0.push(b'}');
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::write_json;

    #[test]
    fn what_is_kept_is_what_was_read() {
        let text = r#" { "b" : [ 0.10, 123456789012345678901234567890 , -2, null, true ],
            "a": { "x": "y\"é", "e": {}, "l": [] } } "#;
        let kept: JsonText = serde_json::from_str(text).unwrap();
        let compact = r#"{"b":[0.10,123456789012345678901234567890,-2,null,true],"a":{"x":"y\"é","e":{},"l":[]}}"#;
        assert_eq!(&*kept.0, compact);
        assert_eq!(JsonText::compact(text), kept);
        let quotes = r#"[ "a \" b \\", "\\\"" , "" ]"#;
        assert_eq!(&*JsonText::compact(quotes).0, r#"["a \" b \\","\\\"",""]"#);
        assert!(kept.is_object());
        let value = read_json(text).unwrap();
        assert_eq!(kept.value().unwrap(), value);
        assert_eq!(serde_json::to_string(&kept).unwrap(), write_json(&value).unwrap());
    }
}
