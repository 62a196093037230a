//! Attributes of recorded objects.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::schema::{CoerceError, Schema, StoredReader};
use crate::value::{AsJson, JsonText, TypedError, Value};

/// The attributes of an object in stored form, without marks. What is read from a file stays text
/// until somebody looks at it.
#[derive(Clone, Debug)]
pub struct StoredAttributes(Held);

#[derive(Clone, Debug)]
enum Held {
    Text(JsonText),
    Value(Value),
}

impl StoredAttributes {
    /// The attributes as an object.
    ///
    /// # Errors
    ///
    /// Where a number in the file is out of all bounds.
    pub fn value(&self) -> Result<Cow<'_, Value>, TypedError> {
        match &self.0 {
            Held::Text(text) => text.value().map(Cow::Owned),
            Held::Value(value) => Ok(Cow::Borrowed(value)),
        }
    }

    /// The attributes as an object of `schema`.
    ///
    /// # Errors
    ///
    /// An attribute of the wrong type, and a number out of all bounds.
    pub fn read(&self, schema: &Schema, reader: &StoredReader) -> Result<Value, CoerceError> {
        match &self.0 {
            Held::Text(text) => reader.read(schema, text.as_str()),
            Held::Value(value) => schema.decode(value),
        }
    }

    /// Tells whether they are an object, as they have to be.
    pub(super) fn is_object(&self) -> bool {
        match &self.0 {
            Held::Text(text) => text.is_object(),
            Held::Value(value) => value.entries().is_some(),
        }
    }
}

impl From<&RawValue> for StoredAttributes {
    fn from(json: &RawValue) -> Self {
        Self(Held::Text(JsonText::compact(json.get())))
    }
}

impl From<Value> for StoredAttributes {
    fn from(value: Value) -> Self {
        Self(Held::Value(value))
    }
}

impl PartialEq for StoredAttributes {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Held::Text(left), Held::Text(right)) if left == right => true,
            _ => match (self.value(), other.value()) {
                (Ok(left), Ok(right)) => left == right,
                _ => false,
            },
        }
    }
}

impl Serialize for StoredAttributes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Held::Text(text) => text.serialize(serializer),
            Held::Value(value) => AsJson(value).serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for StoredAttributes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        JsonText::deserialize(deserializer).map(|text| Self(Held::Text(text)))
    }
}
