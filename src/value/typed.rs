//! Between values and Rust structures, by way of serde.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Data, Key, Type, Value};

/// A value that does not fit a structure, with the way to the part that does not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {reason}")]
pub struct TypedError {
    /// Where in the value.
    pub path: String,
    /// What is wrong there.
    pub reason: String,
}

/// Fills a structure from a wholly known value. Marks are dropped: the caller is about to send it.
pub fn from_value<T: DeserializeOwned>(value: &Value) -> Result<T, TypedError> {
    let json = to_json(value)?;
    serde_path_to_error::deserialize(json).map_err(|error| TypedError {
        path: error.path().to_string(),
        reason: error.inner().to_string(),
    })
}

/// Turns a structure into a value of type `ty`; what `ty` does not name is left out.
pub fn to_value<T: Serialize>(object: &T, ty: &Type) -> Result<Value, TypedError> {
    let json = serde_json::to_value(object)
        .map_err(|error| TypedError { path: String::new(), reason: error.to_string() })?;
    of_json(&json, ty, "")
}

fn to_json(value: &Value) -> Result<serde_json::Value, TypedError> {
    Ok(match value.data() {
        Data::Null(_) => serde_json::Value::Null,
        Data::Unknown(_) => {
            return Err(TypedError { path: String::new(), reason: "is not known yet".to_owned() });
        }
        Data::Bool(truth) => (*truth).into(),
        Data::Number(number) => number
            .to_string()
            .parse::<serde_json::Number>()
            .map(serde_json::Value::Number)
            .map_err(|error| TypedError { path: String::new(), reason: error.to_string() })?,
        Data::String(text) => (&**text).into(),
        Data::List(_) | Data::Set(_) | Data::Tuple(_) => serde_json::Value::Array(
            value.elements().unwrap_or_default().iter().map(to_json).collect::<Result<_, _>>()?,
        ),
        Data::Map(_) | Data::Object(_) => serde_json::Value::Object(
            value
                .entries()
                .unwrap_or_default()
                .iter()
                .map(|(key, part)| Ok((key.to_string(), to_json(part)?)))
                .collect::<Result<_, TypedError>>()?,
        ),
    })
}

fn of_json(json: &serde_json::Value, ty: &Type, path: &str) -> Result<Value, TypedError> {
    use serde_json::Value as Json;
    let mismatch =
        || TypedError { path: path.to_owned(), reason: format!("expected {ty}, found {json}") };
    Ok(match (ty, json) {
        (_, Json::Null) => Value::null(ty.clone()),
        (Type::Bool | Type::Any, Json::Bool(truth)) => Value::bool(*truth),
        (Type::Number | Type::Any, Json::Number(number)) => {
            Value::number(number.as_str().parse::<super::Number>().map_err(|_| mismatch())?)
        }
        (Type::String | Type::Any, Json::String(text)) => Value::string(text),
        (Type::List(element), Json::Array(items)) => {
            Value::list(Type::clone(element), items_of(items, element, path)?)
        }
        (Type::Map(element), Json::Object(entries)) => Value::map(
            Type::clone(element),
            entries
                .iter()
                .map(|(key, part)| {
                    Ok((Key::from(key.as_str()), of_json(part, element, &format!("{path}.{key}"))?))
                })
                .collect::<Result<Vec<_>, TypedError>>()?,
        ),
        (Type::Object(attributes), Json::Object(entries)) => Value::object(
            attributes
                .iter()
                .map(|attribute| {
                    let part = entries.get(&*attribute.name).unwrap_or(&Json::Null);
                    let path = format!("{path}.{}", attribute.name);
                    Ok((Key::clone(&attribute.name), of_json(part, &attribute.ty, &path)?))
                })
                .collect::<Result<Vec<_>, TypedError>>()?,
        ),
        (Type::Any, Json::Array(items)) => Value::tuple(items_of(items, &Type::Any, path)?),
        (Type::Any, Json::Object(entries)) => Value::object(
            entries
                .iter()
                .map(|(key, part)| {
                    let path = format!("{path}.{key}");
                    Ok((Key::from(key.as_str()), of_json(part, &Type::Any, &path)?))
                })
                .collect::<Result<Vec<_>, TypedError>>()?,
        ),
        _ => return Err(mismatch()),
    })
}

fn items_of(
    items: &[serde_json::Value],
    element: &Type,
    path: &str,
) -> Result<Vec<Value>, TypedError> {
    items
        .iter()
        .enumerate()
        .map(|(index, item)| of_json(item, element, &format!("{path}[{index}]")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    struct Disk {
        id: String,
        size: Option<u64>,
    }

    #[test]
    fn structures_round_trip() {
        let ty = Type::object([("id", Type::String), ("size", Type::Number)]);
        let disk = Disk { id: "d-1".to_owned(), size: None };
        let value = to_value(&disk, &ty).unwrap();
        assert_eq!(value.attribute("size"), Some(&Value::null(Type::Number)));
        assert_eq!(from_value::<Disk>(&value).unwrap(), disk);
    }

    #[test]
    fn errors_name_the_place() {
        let value = Value::object([("id", Value::from(true)), ("size", Value::from(1))]);
        assert_eq!(from_value::<Disk>(&value).unwrap_err().path, "id");
    }
}
