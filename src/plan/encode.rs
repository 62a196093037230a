//! Values in plan files: exact types, what is unknown, and marks.

use std::sync::Arc;

use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use serde_json::Value as Json;

use crate::value::{AsJson, Data, Key, Refinement, Type, Value};

/// A value as a plan file holds it: one word for what it is, then the rest.
#[derive(Clone, Debug, PartialEq)]
pub struct Encoded(pub Value);

impl Serialize for Encoded {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Part(&self.0).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Encoded {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Json::deserialize(deserializer)?;
        decode(&json).map(Self).map_err(de::Error::custom)
    }
}

/// A value or a part of one.
struct Part<'v>(&'v Value);

impl Serialize for Part<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let marks = self.0.marks();
        if marks.is_ephemeral() {
            return Err(ser::Error::custom("an ephemeral value is never saved"));
        }
        if marks.is_sensitive() {
            serializer.collect_map([("sensitive", Plain(self.0))])
        } else {
            Plain(self.0).serialize(serializer)
        }
    }
}

/// A value without its own marks.
struct Plain<'v>(&'v Value);

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.data() {
            Data::Null(ty) => serializer.collect_map([("null", ty.to_json())]),
            Data::Unknown(unknown) => {
                let Refinement { not_null, prefix, min_length, max_length } = &unknown.refinement;
                let mut map = serializer.serialize_map(None)?;
                map.serialize_entry("unknown", &unknown.ty.to_json())?;
                if *not_null {
                    map.serialize_entry("not_null", not_null)?;
                }
                if let Some(prefix) = prefix {
                    map.serialize_entry("prefix", prefix)?;
                }
                if let Some(least) = min_length {
                    map.serialize_entry("min_length", least)?;
                }
                if let Some(most) = max_length {
                    map.serialize_entry("max_length", most)?;
                }
                map.end()
            }
            Data::Bool(_) | Data::Number(_) | Data::String(_) => {
                AsJson(self.0).serialize(serializer)
            }
            Data::List(data) => {
                of_type(serializer, "list", &Items(&data.items), &data.element_type)
            }
            Data::Set(data) => of_type(serializer, "set", &Items(&data.items), &data.element_type),
            Data::Map(data) => {
                of_type(serializer, "map", &Entries(&data.items), &data.element_type)
            }
            Data::Tuple(items) => serializer.collect_map([("tuple", Items(items))]),
            Data::Object(items) => serializer.collect_map([("object", Entries(items))]),
        }
    }
}

fn of_type<S: Serializer>(
    serializer: S,
    kind: &str,
    items: &impl Serialize,
    ty: &Type,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(2))?;
    map.serialize_entry(kind, items)?;
    map.serialize_entry("of", &ty.to_json())?;
    map.end()
}

struct Items<'v>(&'v [Value]);

impl Serialize for Items<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(Part))
    }
}

struct Entries<'v>(&'v [(Key, Value)]);

impl Serialize for Entries<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (&**key, Part(value))))
    }
}

fn decode(json: &Json) -> Result<Value, String> {
    let Json::Object(fields) = json else {
        return Ok(Value::of_json(json));
    };
    let ty = |name: &str| {
        let field = fields.get(name).ok_or_else(|| format!("`{name}` is missing"))?;
        Type::from_json(field).map_err(|error| error.to_string())
    };
    let items = |json: &Json| -> Result<Vec<Value>, String> {
        json.as_array().ok_or("a list is missing")?.iter().map(decode).collect()
    };
    let entries = |json: &Json| -> Result<Vec<(Key, Value)>, String> {
        let map = json.as_object().ok_or("an object is missing")?;
        map.iter().map(|(key, value)| Ok((Key::from(key.as_str()), decode(value)?))).collect()
    };
    if let Some(inner) = fields.get("sensitive") {
        return Ok(decode(inner)?.sensitive());
    }
    if fields.contains_key("null") {
        return Ok(Value::null(ty("null")?));
    }
    if fields.contains_key("unknown") {
        let refinement = Refinement {
            not_null: fields.get("not_null").and_then(Json::as_bool).unwrap_or_default(),
            prefix: fields.get("prefix").and_then(Json::as_str).map(Arc::from),
            min_length: fields.get("min_length").and_then(Json::as_u64),
            max_length: fields.get("max_length").and_then(Json::as_u64),
        };
        return Ok(Value::unknown_with(ty("unknown")?, refinement));
    }
    if let Some(list) = fields.get("list") {
        return Ok(Value::list(ty("of")?, items(list)?));
    }
    if let Some(set) = fields.get("set") {
        return Ok(Value::set(ty("of")?, items(set)?));
    }
    if let Some(map) = fields.get("map") {
        return Ok(Value::map(ty("of")?, entries(map)?));
    }
    if let Some(tuple) = fields.get("tuple") {
        return Ok(Value::tuple(items(tuple)?));
    }
    if let Some(object) = fields.get("object") {
        return Ok(Value::object(entries(object)?));
    }
    Err("a value of an unknown kind".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_value_comes_back() {
        let values = [
            Value::null(Type::list(Type::String)),
            Value::TRUE,
            Value::from(-3),
            Value::number("1e30".parse::<crate::value::Number>().unwrap()),
            Value::number("0.1".parse::<crate::value::Number>().unwrap()),
            Value::number("12345678901234567890".parse::<crate::value::Number>().unwrap()),
            Value::from("x"),
            Value::unknown_with(
                Type::String,
                Refinement { not_null: true, prefix: Some("a".into()), ..Refinement::default() },
            ),
            Value::list(Type::Number, vec![Value::from(1)]),
            Value::set(Type::String, vec![Value::from("b"), Value::from("a")]),
            Value::map(Type::Bool, [("k".into(), Value::TRUE)]),
            Value::tuple(vec![Value::from("secret").sensitive(), Value::unknown(Type::Any)]),
            Value::object([("null", Value::from(1)), ("sensitive", Value::from("s"))]),
            Value::number("0.1".parse::<crate::value::Number>().unwrap()),
        ];
        for value in values {
            let text = serde_json::to_string(&Encoded(value.clone())).unwrap();
            assert_eq!(serde_json::from_str::<Encoded>(&text).unwrap().0, value, "{text}");
        }
    }
}
