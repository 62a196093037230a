//! JSON with every digit.

use std::fmt;
use std::sync::Arc;

use serde::de::{self, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap as _, SerializeSeq as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value as Json;

use super::{Data, Key, Number, ObjectAttribute, Type, Value};

/// A value as JSON: marks are dropped, an unknown value cannot be written. What is read has the
/// type that the JSON implies: arrays are tuples, objects are objects.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonValue(pub Value);

/// Under this name `serde_json` hands over numbers that fit neither `i64` nor `u64`.
const NUMBER_TOKEN: &str = "$serde_json::private::Number";

impl Serialize for JsonValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Borrowed(&self.0).serialize(serializer)
    }
}

struct Borrowed<'a>(&'a Value);

impl Serialize for Borrowed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.data() {
            Data::Null(_) => serializer.serialize_unit(),
            Data::Unknown(_) => {
                Err(serde::ser::Error::custom("a value that is known after apply has no JSON form"))
            }
            Data::Bool(truth) => serializer.serialize_bool(*truth),
            Data::Number(number) => match number.as_i64() {
                Some(small) => serializer.serialize_i64(small),
                None => number
                    .to_string()
                    .parse::<serde_json::Number>()
                    .map_err(serde::ser::Error::custom)?
                    .serialize(serializer),
            },
            Data::String(text) => serializer.serialize_str(text),
            Data::List(_) | Data::Set(_) | Data::Tuple(_) => {
                let items = self.0.elements().unwrap_or_default();
                let mut sequence = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    sequence.serialize_element(&Borrowed(item))?;
                }
                sequence.end()
            }
            Data::Map(_) | Data::Object(_) => {
                let entries = self.0.entries().unwrap_or_default();
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                for (key, value) in entries {
                    map.serialize_entry(&**key, &Borrowed(value))?;
                }
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for JsonValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor).map(Self)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::NULL)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Value, E> {
        Ok(Value::bool(truth))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::number(number))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Value, E> {
        match i64::try_from(number) {
            Ok(small) => Ok(Value::number(small)),
            Err(_) => number.to_string().parse::<Number>().map(Value::number).map_err(E::custom),
        }
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::string(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(JsonValue(item)) = sequence.next_element()? {
            items.push(item);
        }
        Ok(Value::tuple(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries: Vec<(Key, Value)> = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            if entries.is_empty() && key == NUMBER_TOKEN {
                let digits: String = map.next_value()?;
                return digits.parse::<Number>().map(Value::number).map_err(de::Error::custom);
            }
            let JsonValue(value) = map.next_value()?;
            entries.push((Arc::from(key), value));
        }
        Ok(Value::object(entries))
    }
}

impl Value {
    /// The value that a JSON document implies.
    pub fn of_json(json: &Json) -> Self {
        match json {
            Json::Null => Self::NULL,
            Json::Bool(truth) => Self::bool(*truth),
            Json::Number(number) => {
                number.as_str().parse::<Number>().map_or(Self::NULL, Self::number)
            }
            Json::String(text) => Self::string(text),
            Json::Array(items) => Self::tuple(items.iter().map(Self::of_json).collect()),
            Json::Object(entries) => Self::object(
                entries.iter().map(|(key, value)| (Key::from(key.as_str()), Self::of_json(value))),
            ),
        }
    }

    /// The value as a JSON document; null in place of what is unknown.
    pub fn to_json(&self) -> Json {
        serde_json::to_value(Borrowed(self)).unwrap_or(Json::Null)
    }
}

impl Type {
    /// The type as state files write it: `"string"`, `["list","string"]`.
    pub fn to_json(&self) -> Json {
        match self {
            Self::Any => "dynamic".into(),
            Self::Bool => "bool".into(),
            Self::Number => "number".into(),
            Self::String => "string".into(),
            Self::List(element) => Json::from(vec!["list".into(), element.to_json()]),
            Self::Set(element) => Json::from(vec!["set".into(), element.to_json()]),
            Self::Map(element) => Json::from(vec!["map".into(), element.to_json()]),
            Self::Tuple(elements) => {
                let elements: Vec<_> = elements.iter().map(Self::to_json).collect();
                Json::from(vec![Json::from("tuple"), elements.into()])
            }
            Self::Object(attributes) => {
                let types: serde_json::Map<_, _> = attributes
                    .iter()
                    .map(|attribute| (attribute.name.to_string(), attribute.ty.to_json()))
                    .collect();
                Json::from(vec![Json::from("object"), types.into()])
            }
        }
    }

    /// The type from the form of state files.
    pub fn from_json(json: &Json) -> Result<Self, String> {
        let malformed = || format!("`{json}` is not a type");
        match json {
            Json::String(word) => match word.as_str() {
                "dynamic" => Ok(Self::Any),
                "bool" => Ok(Self::Bool),
                "number" => Ok(Self::Number),
                "string" => Ok(Self::String),
                _ => Err(malformed()),
            },
            Json::Array(parts) => match parts.as_slice() {
                [Json::String(word), inner] => match (word.as_str(), inner) {
                    ("list", element) => Ok(Self::list(Self::from_json(element)?)),
                    ("set", element) => Ok(Self::set(Self::from_json(element)?)),
                    ("map", element) => Ok(Self::map(Self::from_json(element)?)),
                    ("tuple", Json::Array(elements)) => Ok(Self::tuple(
                        elements.iter().map(Self::from_json).collect::<Result<_, _>>()?,
                    )),
                    ("object", Json::Object(types)) => {
                        let attributes = types.iter().map(|(name, ty)| {
                            Ok(ObjectAttribute {
                                name: Key::from(name.as_str()),
                                ty: Self::from_json(ty)?,
                                optional: false,
                            })
                        });
                        Ok(Self::object_with(attributes.collect::<Result<Vec<_>, String>>()?))
                    }
                    _ => Err(malformed()),
                },
                _ => Err(malformed()),
            },
            _ => Err(malformed()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_digit_survives() {
        for text in ["0", "-7", "18446744073709551616", "0.1", "12345678901234567890123.5", "{}"] {
            let JsonValue(value) = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&JsonValue(value)).unwrap(), text);
        }
    }

    #[test]
    fn types_come_back() {
        let ty = Type::object([("a", Type::list(Type::Any)), ("b", Type::tuple(vec![Type::Bool]))]);
        assert_eq!(Type::from_json(&ty.to_json()).unwrap(), ty);
        assert!(Type::from_json(&Json::Null).is_err());
    }
}
