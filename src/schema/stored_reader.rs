//! Many objects of state files, read straight from their text.

use std::cell::RefCell;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::text::{Names, Recent};
use crate::value::{JsonSeed, Key, Type, TypedError, Value, convert, read_json};

use super::stored::of_type;
use super::{Attribute, CoerceError, Schema, TIMEOUTS};

/// Reads objects in stored form as [`Schema::decode`] does, and remembers what recurs: names, and the
/// types that attributes of any type carry along.
#[derive(Debug, Default)]
pub struct StoredReader {
    names: RefCell<Names>,
    types: RefCell<Recent<Type>>,
}

impl StoredReader {
    /// An object of `schema` from the JSON of its stored form.
    ///
    /// # Errors
    ///
    /// An attribute of the wrong type, and a number out of all bounds.
    pub fn read(&self, schema: &Schema, text: &str) -> Result<Value, CoerceError> {
        let object = ObjectSeed { reader: self, schema, at: RefCell::default() };
        let mut deserializer = serde_json::Deserializer::from_str(text);
        (&object).deserialize(&mut deserializer).map_err(|error| CoerceError {
            attribute: object.at.take().unwrap_or_default().to_owned(),
            reason: without_place(&error.to_string()).to_owned(),
        })
    }

    /// The type in this JSON.
    fn type_of(&self, json: &str) -> Result<Type, TypedError> {
        let read = |text: &str| Type::from_value(&read_json(text)?);
        self.types.borrow_mut().get(json, read)
    }
}

/// A message without its line and column: they are those of one object, which nobody sees as a text.
fn without_place(message: &str) -> &str {
    message.rsplit_once(" at line ").map_or(message, |(message, _)| message)
}

struct ObjectSeed<'r> {
    reader: &'r StoredReader,
    schema: &'r Schema,
    /// The attribute that is being read.
    at: RefCell<Option<&'r str>>,
}

impl<'de> DeserializeSeed<'de> for &ObjectSeed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for &ObjectSeed<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let attributes = &self.schema.attributes;
        let mut found: Vec<Option<Value>> = vec![None; attributes.len()];
        let timeouts_type = self.schema.timeouts_type();
        let mut timeouts = None;
        while let Some(name) = access.next_key_seed(NameSeed(self))? {
            match name {
                Name::Attribute(place, attribute) => {
                    self.at.replace(Some(attribute.name));
                    let value = self.attribute(attribute, &mut access)?;
                    if let Some(place) = found.get_mut(place) {
                        *place = Some(value);
                    }
                }
                Name::Timeouts => timeouts = Some(access.next_value_seed(self.any())?),
                Name::Unknown => {
                    access.next_value::<IgnoredAny>()?;
                }
            }
        }
        let entries = attributes.iter().zip(found);
        let mut entries: Vec<(Key, Value)> = entries
            .map(|(attribute, value)| {
                (attribute.key(), value.unwrap_or_else(|| attribute.absent()))
            })
            .collect();
        if let Some(ty) = timeouts_type {
            let value = timeouts.and_then(|value| convert(&value, &ty).ok());
            entries.push((Key::from(TIMEOUTS), value.unwrap_or_else(|| Value::null(ty))));
        }
        Ok(Value::object(entries))
    }
}

impl<'r> ObjectSeed<'r> {
    fn any(&self) -> JsonSeed<'r> {
        JsonSeed::of_many(&self.reader.names)
    }

    fn attribute<'de, A: MapAccess<'de>>(
        &self,
        attribute: &Attribute,
        access: &mut A,
    ) -> Result<Value, A::Error> {
        if attribute.ty == Type::Any {
            return access.next_value_seed(TypedSeed(self));
        }
        let value = access.next_value_seed(self.any())?;
        convert(&value, &attribute.ty).map_err(A::Error::custom)
    }
}

/// A key of an object in stored form.
enum Name<'r> {
    Attribute(usize, &'r Attribute),
    Timeouts,
    Unknown,
}

struct NameSeed<'s, 'r>(&'s ObjectSeed<'r>);

impl<'de, 'r> DeserializeSeed<'de> for NameSeed<'_, 'r> {
    type Value = Name<'r>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Name<'r>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'r> Visitor<'_> for NameSeed<'_, 'r> {
    type Value = Name<'r>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Name<'r>, E> {
        let mut attributes = self.0.schema.attributes.iter().enumerate();
        Ok(match attributes.find(|(_, attribute)| attribute.name == text) {
            Some((place, attribute)) => Name::Attribute(place, attribute),
            None if text == TIMEOUTS => Name::Timeouts,
            None => Name::Unknown,
        })
    }
}

/// A key of what is recorded with its type.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Part {
    Value,
    Type,
    #[serde(other)]
    Other,
}

/// Reads `{ value, type }`, or null.
struct TypedSeed<'s, 'r>(&'s ObjectSeed<'r>);

impl<'de> DeserializeSeed<'de> for TypedSeed<'_, '_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for TypedSeed<'_, '_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value with its type beside it, or null")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Value, E> {
        Ok(Value::NULL)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let (mut value, mut ty) = (None, None);
        while let Some(part) = access.next_key()? {
            match part {
                Part::Value => value = Some(access.next_value_seed(self.0.any())?),
                Part::Type => ty = Some(access.next_value::<&RawValue>()?),
                Part::Other => {
                    access.next_value::<IgnoredAny>()?;
                }
            }
        }
        let (Some(value), Some(ty)) = (value, ty) else {
            return Err(A::Error::custom("its type is not recorded beside it"));
        };
        let ty = self.0.reader.type_of(ty.get());
        let ty = ty.map_err(|error| A::Error::custom(error.reason))?;
        of_type(value, &ty).map_err(A::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::write_json;

    fn schema() -> Schema {
        let attributes = vec![
            Attribute::computed("id", Type::String, "Its id."),
            Attribute::optional("any", Type::Any, "Anything."),
            Attribute::optional("size", Type::Number, "A size."),
        ];
        Schema::new("For tests.", attributes)
    }

    #[test]
    fn it_reads_what_decode_reads() {
        let reader = StoredReader::default();
        let typed = r#"{"type":["object",{"a":"string","b":["list","number"]}],"value":{"a":"x","b":[1,2]}}"#;
        for text in [
            r#"{"id":"x","any":null,"size":null}"#.to_owned(),
            format!(r#"{{"any":{typed},"id":"x","more":[1,{{"a":2}}],"size":"7"}}"#),
            format!(r#"{{"any":{typed}}}"#),
            r#"{"any":{"value":"x","type":"string"},"size":1.50}"#.to_owned(),
            r#"{"any":{"value":null,"type":"string"}}"#.to_owned(),
        ] {
            let slow = schema().decode(&read_json(&text).unwrap()).unwrap();
            for _ in 0..2 {
                assert_eq!(reader.read(&schema(), &text), Ok(slow.clone()), "{text}");
            }
            assert_eq!(reader.read(&schema(), &text).unwrap().ty(), slow.ty());
        }
    }

    #[test]
    fn it_names_the_attribute_that_does_not_fit() {
        for (text, attribute) in [
            (r#"{"id":"x","size":"many"}"#, "size"),
            (r#"{"any":{"value":1}}"#, "any"),
            (r#"{"any":{"value":1,"type":"numeral"}}"#, "any"),
            (r#"{"any":[1]}"#, "any"),
        ] {
            let error = StoredReader::default().read(&schema(), text).unwrap_err();
            assert_eq!(error.attribute, attribute, "{}", error.reason);
            assert!(!error.reason.contains("line"), "{}", error.reason);
            assert!(schema().decode(&read_json(text).unwrap()).is_err());
        }
        let read = StoredReader::default().read(&schema(), r#"{"id":"x"}"#).unwrap();
        assert_eq!(write_json(&read).unwrap(), r#"{"any":null,"id":"x","size":null}"#);
    }
}
