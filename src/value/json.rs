//! Values and types from and to JSON, every digit kept.

use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::ser::{Error as _, SerializeMap, SerializeSeq};
use serde::{Deserialize, Serialize, Serializer};

use crate::text::Names;

use super::{Data, Key, Number, Type, TypedError, Value};

/// The key under which `serde_json` hands over numbers whose digits it keeps.
pub(super) const NUMBER_KEY: &str = "$serde_json::private::Number";

/// Writes a wholly known value as compact JSON with sorted keys. Marks are not looked at: the
/// caller has decided that the audience may see the value.
///
/// # Errors
///
/// Where a part is unknown.
pub fn write_json(value: &Value) -> Result<String, TypedError> {
    serde_json::to_string(&AsJson(value))
        .map_err(|error| TypedError { path: String::new(), reason: error.to_string() })
}

/// Reads JSON text; arrays become tuples and objects become objects.
///
/// # Errors
///
/// Where the text is no JSON.
pub fn read_json(text: &str) -> Result<Value, TypedError> {
    read_json_as(text, &Type::Any)
}

/// Reads JSON text as a value of type `ty`; attributes that `ty` does not name are left out,
/// missing ones are null.
///
/// # Errors
///
/// Where the text is no JSON or does not fit the type.
pub fn read_json_as(text: &str, ty: &Type) -> Result<Value, TypedError> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let failed =
        |error: serde_json::Error| TypedError { path: String::new(), reason: error.to_string() };
    let value = JsonSeed::new(ty).deserialize(&mut deserializer).map_err(failed)?;
    deserializer.end().map_err(failed)?;
    Ok(value)
}

/// A value as serde writes it; an unknown part is an error.
#[derive(Clone, Copy, Debug)]
pub struct AsJson<'v>(pub &'v Value);

impl Serialize for AsJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.data() {
            Data::Null(_) => serializer.serialize_unit(),
            Data::Unknown(_) => Err(S::Error::custom("a part of the value is not known yet")),
            Data::Bool(truth) => serializer.serialize_bool(*truth),
            Data::Number(number) => match number.as_i64() {
                Some(small) => serializer.serialize_i64(small),
                None => serde_json::Number::from_string_unchecked(number.to_string())
                    .serialize(serializer),
            },
            Data::String(text) => serializer.serialize_str(text),
            Data::List(_) | Data::Set(_) | Data::Tuple(_) => {
                let items = self.0.elements().unwrap_or_default();
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(&AsJson(item))?;
                }
                list.end()
            }
            Data::Map(_) | Data::Object(_) => {
                let entries = self.0.entries().unwrap_or_default();
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                for (key, item) in entries {
                    map.serialize_entry(&**key, &AsJson(item))?;
                }
                map.end()
            }
        }
    }
}

/// Reads a value of a type with serde, straight from the text.
#[derive(Clone, Copy, Debug)]
pub struct JsonSeed<'t> {
    ty: &'t Type,
    names: Option<&'t RefCell<Names>>,
}

impl<'t> JsonSeed<'t> {
    /// Reads a value of type `ty`.
    pub fn new(ty: &'t Type) -> Self {
        Self { ty, names: None }
    }

    /// Reads one of many values of any type: what they name is kept once.
    pub fn of_many(names: &'t RefCell<Names>) -> Self {
        Self { ty: &Type::Any, names: Some(names) }
    }
}

impl<'de> DeserializeSeed<'de> for JsonSeed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl JsonSeed<'_> {
    fn mismatch<E: serde::de::Error>(self, found: &str) -> E {
        E::custom(format!("{} is needed, but this is {found}", self.ty.phrase()))
    }

    fn element(&self, index: usize) -> Option<&Type> {
        match self.ty {
            Type::Any => Some(&Type::Any),
            Type::List(element) | Type::Set(element) => Some(element),
            Type::Tuple(elements) => elements.get(index),
            _ => None,
        }
    }

    fn number<E: serde::de::Error>(self, digits: &str) -> Result<Value, E> {
        match self.ty {
            Type::Any | Type::Number => {
                digits.parse::<Number>().map(Value::number).map_err(E::custom)
            }
            _ => Err(self.mismatch("a number")),
        }
    }
}

/// Reads a key of an object, made of the text itself: there is one for each part of a large document.
struct NameSeed<'t>(Option<&'t RefCell<Names>>);

impl<'de> DeserializeSeed<'de> for NameSeed<'_> {
    type Value = Key;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Key, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for NameSeed<'_> {
    type Value = Key;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Key, E> {
        Ok(self.0.map_or_else(|| Key::from(text), |names| names.borrow_mut().get(text)))
    }
}

impl<'de> Visitor<'de> for JsonSeed<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.ty.phrase())
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Value, E> {
        Ok(Value::null(self.ty.without_optional()))
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<Value, E> {
        self.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E: serde::de::Error>(self, truth: bool) -> Result<Value, E> {
        match self.ty {
            Type::Any | Type::Bool => Ok(Value::bool(truth)),
            _ => Err(self.mismatch("a bool")),
        }
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Value, E> {
        self.number(&number.to_string())
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Value, E> {
        self.number(&number.to_string())
    }

    fn visit_u128<E: serde::de::Error>(self, number: u128) -> Result<Value, E> {
        self.number(&number.to_string())
    }

    fn visit_i128<E: serde::de::Error>(self, number: i128) -> Result<Value, E> {
        self.number(&number.to_string())
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Value, E> {
        self.number(&number.to_string())
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Value, E> {
        match self.ty {
            Type::Any | Type::String => Ok(Value::string(text)),
            _ => Err(self.mismatch("a string")),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        loop {
            let Some(element) = self.element(items.len()) else {
                // Past the end of a tuple nothing may follow.
                if access.next_element::<serde::de::IgnoredAny>()?.is_some() {
                    return Err(self.mismatch("a list of another length"));
                }
                break;
            };
            match access.next_element_seed(JsonSeed { ty: element, ..self })? {
                Some(item) => items.push(item),
                None => break,
            }
        }
        match self.ty {
            Type::List(element) => Ok(Value::list(element.without_optional(), items)),
            Type::Set(element) => Ok(Value::set(element.without_optional(), items)),
            Type::Any => Ok(Value::tuple(items)),
            Type::Tuple(elements) if elements.len() == items.len() => Ok(Value::tuple(items)),
            _ => Err(self.mismatch("a list")),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut entries: Vec<(Key, Value)> = Vec::new();
        while let Some(key) = access.next_key_seed(NameSeed(self.names))? {
            if *key == *NUMBER_KEY {
                let digits = access.next_value::<String>()?;
                return self.number(&digits);
            }
            let ty = match self.ty {
                Type::Any => Some(&Type::Any),
                Type::Map(element) => Some(&**element),
                Type::Object(_) => self.ty.attribute(&key).map(|attribute| &attribute.ty),
                _ => return Err(self.mismatch("an object")),
            };
            match ty {
                Some(ty) => {
                    let value = access
                        .next_value_seed(JsonSeed { ty, ..self })
                        .map_err(|error| A::Error::custom(format!("{key}: {error}")))?;
                    entries.push((key, value));
                }
                None => {
                    access.next_value::<serde::de::IgnoredAny>()?;
                }
            }
        }
        match self.ty {
            Type::Map(element) => Ok(Value::map(element.without_optional(), entries)),
            Type::Object(attributes) => {
                let nulls = attributes.iter().map(|attribute| {
                    (Arc::clone(&attribute.name), Value::null(attribute.ty.without_optional()))
                });
                Ok(Value::object(nulls.chain(entries).collect::<Vec<_>>()))
            }
            Type::Any => Ok(Value::object(entries)),
            _ => Err(self.mismatch("an object")),
        }
    }
}

impl Type {
    /// The type as state files write it: `"string"`, `["list","string"]`, `["object",{…}]`.
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::json;
        match self {
            Self::Any => json!("dynamic"),
            Self::Bool => json!("bool"),
            Self::Number => json!("number"),
            Self::String => json!("string"),
            Self::List(element) => json!(["list", element.to_json()]),
            Self::Set(element) => json!(["set", element.to_json()]),
            Self::Map(element) => json!(["map", element.to_json()]),
            Self::Tuple(elements) => {
                json!(["tuple", elements.iter().map(Self::to_json).collect::<Vec<_>>()])
            }
            Self::Object(attributes) => {
                let types: serde_json::Map<_, _> = attributes
                    .iter()
                    .map(|attribute| (attribute.name.to_string(), attribute.ty.to_json()))
                    .collect();
                let optional: Vec<_> = attributes
                    .iter()
                    .filter(|attribute| attribute.optional)
                    .map(|attribute| attribute.name.to_string())
                    .collect();
                if optional.is_empty() {
                    json!(["object", types])
                } else {
                    json!(["object", types, optional])
                }
            }
        }
    }

    /// Reads a type as state files write it.
    ///
    /// # Errors
    ///
    /// Where it is none.
    pub fn from_json(json: &serde_json::Value) -> Result<Self, TypedError> {
        Self::from_value(&Value::of_json(json))
    }

    /// Reads a type as state files write it, from the value of its JSON.
    ///
    /// # Errors
    ///
    /// Where it is none.
    pub fn from_value(value: &Value) -> Result<Self, TypedError> {
        let fail = || {
            let reason = format!("{} is not a type", value.to_json());
            TypedError { path: String::new(), reason }
        };
        if let Some(word) = value.as_str() {
            return match word {
                "dynamic" => Ok(Self::Any),
                "bool" => Ok(Self::Bool),
                "number" => Ok(Self::Number),
                "string" => Ok(Self::String),
                _ => Err(fail()),
            };
        }
        let Some([kind, inner, rest @ ..]) = value.elements() else { return Err(fail()) };
        match (kind.as_str().ok_or_else(fail)?, inner.data(), rest) {
            ("list", _, []) => Ok(Self::list(Self::from_value(inner)?)),
            ("set", _, []) => Ok(Self::set(Self::from_value(inner)?)),
            ("map", _, []) => Ok(Self::map(Self::from_value(inner)?)),
            ("tuple", Data::Tuple(elements), []) => {
                Ok(Self::tuple(elements.iter().map(Self::from_value).collect::<Result<_, _>>()?))
            }
            ("object", Data::Object(attributes), _) => {
                let optional = match rest {
                    [names] => names.elements().unwrap_or_default(),
                    _ => &[],
                };
                let attributes = attributes.iter().map(|(name, ty)| {
                    Ok(super::ObjectAttribute {
                        name: Key::clone(name),
                        ty: Self::from_value(ty)?,
                        optional: optional.iter().any(|other| other.as_str() == Some(name)),
                    })
                });
                Ok(Self::object_with(attributes.collect::<Result<Vec<_>, TypedError>>()?))
            }
            _ => Err(fail()),
        }
    }
}

impl Serialize for Type {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_json().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Type {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = serde_json::Value::deserialize(deserializer)?;
        Self::from_json(&json).map_err(D::Error::custom)
    }
}

/// A value as JSON: marks are dropped, an unknown part is an error. What is read has the type that
/// the JSON implies: arrays are tuples, objects are objects.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonValue(pub Value);

impl Serialize for JsonValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        AsJson(&self.0).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for JsonValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        JsonSeed::new(&Type::Any).deserialize(deserializer).map(Self)
    }
}

impl Value {
    /// The value that a JSON document implies; for large texts [`read_json`] is the way.
    pub fn of_json(json: &serde_json::Value) -> Self {
        JsonSeed::new(&Type::Any).deserialize(json).unwrap_or(Self::NULL)
    }

    /// The value as a JSON document; null where some part is unknown.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(AsJson(self)).unwrap_or(serde_json::Value::Null)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_survive() {
        let text =
            r#"{"a":0.1,"b":[123456789012345678901234567890,1e3,-0.5,null,true],"c":"x\"<"}"#;
        let value = read_json(text).unwrap();
        assert_eq!(
            write_json(&value).unwrap(),
            r#"{"a":0.1,"b":[123456789012345678901234567890,1000,-0.5,null,true],"c":"x\"<"}"#
        );
    }

    #[test]
    fn typed_reading_fills_and_drops() {
        let ty = Type::object([("a", Type::set(Type::String)), ("b", Type::Number)]);
        let value = read_json_as(r#"{"a":["y","x","y"],"z":[1,{"q":2}]}"#, &ty).unwrap();
        assert_eq!(write_json(&value).unwrap(), r#"{"a":["x","y"],"b":null}"#);
        assert_eq!(value.ty(), ty);
        let error = read_json_as(r#"{"a":[1]}"#, &ty).unwrap_err();
        assert!(error.reason.starts_with("a: a string is needed"), "{error}");
    }

    #[test]
    fn types_round_trip() {
        for text in [
            r#""string""#,
            r#"["list",["map","number"]]"#,
            r#"["object",{"a":"bool","b":["tuple",["string","dynamic"]]}]"#,
            r#"["object",{"a":"bool"},["a"]]"#,
        ] {
            let ty: Type = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&ty).unwrap(), text);
        }
    }
}
