//! Values in plan files: exact types, what is unknown, and marks.

use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use serde_json::{Value as Json, json};

use crate::value::{Data, JsonValue, Key, Marks, Refinement, Type, Value};

/// A value as a plan file holds it: one word for what it is, then the rest.
#[derive(Clone, Debug, PartialEq)]
pub struct Encoded(pub Value);

impl Serialize for Encoded {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        encode(&self.0).map_err(ser::Error::custom)?.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Encoded {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Json::deserialize(deserializer)?;
        decode(&json).map(Self).map_err(de::Error::custom)
    }
}

fn encode(value: &Value) -> Result<Json, serde_json::Error> {
    let list = |items: &[Value]| items.iter().map(encode).collect::<Result<Vec<_>, _>>();
    let map = |items: &[(Key, Value)]| {
        let pairs = items.iter().map(|(key, value)| Ok((key.to_string(), encode(value)?)));
        pairs.collect::<Result<serde_json::Map<_, _>, serde_json::Error>>()
    };
    if value.marks().is_ephemeral() {
        return Err(ser::Error::custom("an ephemeral value is never saved"));
    }
    let plain = match value.data() {
        Data::Null(ty) => json!({ "null": ty.to_json() }),
        Data::Unknown(unknown) => {
            let Refinement { not_null, prefix, min_length, max_length } = &unknown.refinement;
            json!({ "unknown": unknown.ty.to_json(), "not_null": not_null, "prefix": prefix,
                    "min_length": min_length, "max_length": max_length })
        }
        Data::Bool(_) | Data::Number(_) | Data::String(_) => {
            serde_json::to_value(JsonValue(value.clone().with_marks(Marks::NONE)))?
        }
        Data::List(data) => {
            json!({ "list": list(&data.items)?, "of": data.element_type.to_json() })
        }
        Data::Set(data) => json!({ "set": list(&data.items)?, "of": data.element_type.to_json() }),
        Data::Map(data) => json!({ "map": map(&data.items)?, "of": data.element_type.to_json() }),
        Data::Tuple(items) => json!({ "tuple": list(items)? }),
        Data::Object(items) => json!({ "object": map(items)? }),
    };
    Ok(if value.is_sensitive() { json!({ "sensitive": plain }) } else { plain })
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
