//! Objects as state files hold them: attributes of any type carry their type along.

use std::sync::Arc;

use crate::value::{Data, Key, ObjectAttribute, Path, PathSegment, Type, Value, convert};

use super::{CoerceError, Schema, TIMEOUTS};

impl Schema {
    /// An object of this schema in stored form, without marks. Unknown parts become null: they are
    /// of no use to whoever reads it.
    pub fn encode(&self, object: &Value) -> Value {
        let object = object.reveal();
        let entries = object.entries().unwrap_or_default().iter().map(|(name, value)| {
            let dynamic = self.attribute(name).is_some_and(|attribute| attribute.ty == Type::Any);
            let stored = if dynamic { with_type(value) } else { known(value) };
            (Key::clone(name), stored)
        });
        Value::object(entries.collect::<Vec<_>>())
    }

    /// An object of this schema from its stored form. Attributes that the schema does not know
    /// are dropped, those that are missing are null. Errors: an attribute of the wrong type.
    pub fn decode(&self, stored: &Value) -> Result<Value, CoerceError> {
        let mut entries: Vec<(Key, Value)> = Vec::with_capacity(self.attributes.len());
        for attribute in &self.attributes {
            let failed =
                |reason: String| CoerceError { attribute: attribute.name.to_owned(), reason };
            let value = match stored.attribute(attribute.name) {
                None => attribute.absent(),
                Some(value) if attribute.ty == Type::Any => without_type(value).map_err(failed)?,
                Some(value) => {
                    convert(value, &attribute.ty).map_err(|error| failed(error.to_string()))?
                }
            };
            entries.push((attribute.key(), value));
        }
        if let Some(ty) = self.timeouts_type() {
            let value = stored.attribute(TIMEOUTS).map(|value| convert(value, &ty));
            let value = value.and_then(Result::ok).unwrap_or_else(|| Value::null(ty));
            entries.push((Arc::from(TIMEOUTS), value));
        }
        Ok(Value::object(entries))
    }

    /// The parts of an object that are sensitive because of where their values came from.
    pub fn sensitive_paths(&self, object: &Value) -> Vec<Path> {
        let mut paths = Vec::new();
        for (name, value) in object.entries().unwrap_or_default() {
            if !self.attribute(name).is_some_and(|attribute| attribute.sensitive) {
                sensitive_parts(value, &Path::attribute(name.clone()), &mut paths);
            }
        }
        paths
    }
}

fn sensitive_parts(value: &Value, path: &Path, found: &mut Vec<Path>) {
    if value.is_sensitive() {
        found.push(path.clone());
        return;
    }
    for (index, item) in value.elements().unwrap_or_default().iter().enumerate() {
        sensitive_parts(item, &path.then(PathSegment::Index(index)), found);
    }
    let segment =
        if let Data::Map(_) = value.data() { PathSegment::Key } else { PathSegment::Attribute };
    for (key, item) in value.entries().unwrap_or_default() {
        sensitive_parts(item, &path.then(segment(key.clone())), found);
    }
}

/// `{ value, type }`; a null stays a plain null, as Terraform writes it.
fn with_type(value: &Value) -> Value {
    if value.is_null() || !value.is_known() {
        return Value::NULL;
    }
    let value = known(value);
    let ty = Value::of_json(&value.ty().to_json());
    Value::object([("value", value), ("type", ty)])
}

fn without_type(stored: &Value) -> Result<Value, String> {
    if stored.is_null() {
        return Ok(Value::NULL);
    }
    let (Some(value), Some(ty)) = (stored.attribute("value"), stored.attribute("type")) else {
        return Err("its type is not recorded beside it".to_owned());
    };
    let ty = Type::from_value(ty).map_err(|error| error.to_string())?;
    of_type(value.clone(), &ty)
}

/// A value as JSON implies it, as one of type `ty`.
pub(super) fn of_type(value: Value, ty: &Type) -> Result<Value, String> {
    if is_of(&value, ty) {
        return Ok(value);
    }
    convert(&value, ty).map_err(|error| error.to_string())
}

/// Tells whether a value as JSON implies it is of a type already. Collections are not: JSON has
/// tuples and objects.
fn is_of(value: &Value, ty: &Type) -> bool {
    match (value.data(), ty) {
        (Data::Bool(_), Type::Bool)
        | (Data::Number(_), Type::Number)
        | (Data::String(_), Type::String) => true,
        (Data::Tuple(items), Type::Tuple(types)) => {
            items.len() == types.len()
                && items.iter().zip(&**types).all(|(item, ty)| is_of(item, ty))
        }
        (Data::Object(items), Type::Object(attributes)) => {
            let fits = |((name, item), wanted): (&(Key, Value), &ObjectAttribute)| {
                *name == wanted.name && is_of(item, &wanted.ty)
            };
            items.len() == attributes.len() && items.iter().zip(&**attributes).all(fits)
        }
        _ => false,
    }
}

/// The same value with null in place of what is unknown.
fn known(value: &Value) -> Value {
    if value.is_wholly_known() {
        return value.clone();
    }
    match value.data() {
        Data::Unknown(unknown) => Value::null(unknown.ty.clone()),
        Data::Object(entries) => {
            Value::object(entries.iter().map(|(name, part)| (Key::clone(name), known(part))))
        }
        Data::Map(map) => Value::map(
            map.element_type.clone(),
            map.items.iter().map(|(name, part)| (Key::clone(name), known(part))),
        ),
        Data::Tuple(items) => Value::tuple(items.iter().map(known).collect()),
        Data::List(list) => {
            Value::list(list.element_type.clone(), list.items.iter().map(known).collect())
        }
        Data::Set(set) => {
            Value::list(set.element_type.clone(), set.items.iter().map(known).collect())
        }
        _ => value.clone(),
    }
}
