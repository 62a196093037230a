//! Conversions between types.

use std::sync::Arc;

use super::unify::unify;
use super::{Data, Key, Number, Path, PathSegment, Refinement, Type, Value};

/// A value that has no form in the wanted type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.describe())]
pub struct ConversionError {
    /// The part that does not fit; empty where the value itself does not.
    pub path: Path,
    /// What is wrong with that part, without its value.
    pub reason: String,
}

impl ConversionError {
    fn new(reason: impl Into<String>) -> Self {
        Self { path: Path::default(), reason: reason.into() }
    }

    fn within(mut self, segment: PathSegment) -> Self {
        self.path.0.insert(0, segment);
        self
    }

    /// One phrase: the part, if it is one, and what is wrong with it.
    pub fn describe(&self) -> String {
        if self.path.0.is_empty() {
            self.reason.clone()
        } else {
            format!("{}: {}", self.path, self.reason)
        }
    }
}

/// Gives `value` the type `ty`. Where `ty` holds [`Type::Any`], one type is found for all elements
/// of a collection; marks and what is known of unknown values are handed on.
///
/// # Errors
///
/// Where the value, or a part of it, has no form in the wanted type.
pub fn convert(value: &Value, ty: &Type) -> Result<Value, ConversionError> {
    if *ty == Type::Any || (!ty.has_any() && has_type(value, ty)) {
        return Ok(value.clone());
    }
    converted(value, ty).map_err(|error| {
        // Names of attributes, and the way to a part, may come out of a secret.
        let own = error.path.0.is_empty();
        let hidden = value.marks().is_hidden() || own && value.deep_marks().is_hidden();
        if hidden { mismatch(&value.kind(), ty) } else { error }
    })
}

fn converted(value: &Value, ty: &Type) -> Result<Value, ConversionError> {
    let converted = match value.data() {
        Data::Null(from) => {
            let to = convert_type(from, ty).ok_or_else(|| mismatch(from, ty))?;
            Value::null(to)
        }
        Data::Unknown(unknown) => {
            let to = convert_type(&unknown.ty, ty).ok_or_else(|| mismatch(&unknown.ty, ty))?;
            let refinement = carried(&unknown.refinement, &unknown.ty, &to);
            Value::unknown_with(to, refinement)
        }
        _ => known(value, ty)?,
    };
    Ok(converted.mark(value.marks()))
}

/// Tells whether the value already is of a type without [`Type::Any`], without building its type.
fn has_type(value: &Value, ty: &Type) -> bool {
    match (value.data(), ty) {
        (Data::Null(own), _) => own == ty,
        (Data::Unknown(unknown), _) => unknown.ty == *ty,
        (Data::Bool(_), Type::Bool)
        | (Data::Number(_), Type::Number)
        | (Data::String(_), Type::String) => true,
        (Data::List(list), Type::List(element)) | (Data::Set(list), Type::Set(element)) => {
            list.element_type == **element
        }
        (Data::Map(map), Type::Map(element)) => map.element_type == **element,
        (Data::Tuple(items), Type::Tuple(types)) => {
            items.len() == types.len()
                && items.iter().zip(types.iter()).all(|(item, ty)| has_type(item, ty))
        }
        (Data::Object(items), Type::Object(attributes)) => {
            items.len() == attributes.len()
                && items.iter().zip(attributes.iter()).all(|((name, item), attribute)| {
                    *name == attribute.name && !attribute.optional && has_type(item, &attribute.ty)
                })
        }
        _ => false,
    }
}

fn carried(refinement: &Refinement, from: &Type, to: &Type) -> Refinement {
    let same_kind = std::mem::discriminant(from) == std::mem::discriminant(to);
    let lengths = same_kind || matches!((from, to), (Type::Set(_), Type::List(_)));
    Refinement {
        not_null: refinement.not_null,
        prefix: refinement.prefix.clone().filter(|_| same_kind),
        min_length: match (from, to) {
            (Type::List(_), Type::Set(_)) => refinement.min_length.map(|length| length.min(1)),
            _ => refinement.min_length.filter(|_| lengths),
        },
        max_length: refinement
            .max_length
            .filter(|_| lengths || matches!((from, to), (Type::List(_), Type::Set(_)))),
    }
}

fn mismatch(from: &Type, to: &Type) -> ConversionError {
    ConversionError::new(format!("{} is needed, but this is {}", to.phrase(), from.phrase()))
}

fn known(value: &Value, ty: &Type) -> Result<Value, ConversionError> {
    match (value.data(), ty) {
        (Data::Bool(truth), Type::String) => {
            Ok(Value::string(if *truth { "true" } else { "false" }))
        }
        (Data::Number(number), Type::String) => Ok(Value::string(number.to_string())),
        (Data::String(text), Type::Number) => text
            .parse::<Number>()
            .map(Value::number)
            .map_err(|_| ConversionError::new("a number is needed, but this text is none")),
        (Data::String(text), Type::Bool) => match &**text {
            "true" | "1" => Ok(Value::TRUE),
            "false" | "0" => Ok(Value::FALSE),
            _ => Err(ConversionError::new(
                "a bool is needed, but this text is neither \"true\" nor \"false\"",
            )),
        },
        (Data::List(_) | Data::Set(_) | Data::Tuple(_), Type::List(element)) => {
            list(value, element)
        }
        (Data::List(_) | Data::Set(_) | Data::Tuple(_), Type::Set(element)) => {
            let (element, items) = items(value, element)?;
            Ok(collected(items, element, Value::set, Type::set))
        }
        (Data::Map(_) | Data::Object(_), Type::Map(element)) => map(value, element),
        (Data::Tuple(items), Type::Tuple(types)) if items.len() == types.len() => {
            let converted =
                items.iter().zip(types.iter()).enumerate().map(|(index, (item, ty))| {
                    convert(item, ty).map_err(|error| error.within(PathSegment::Index(index)))
                });
            Ok(Value::tuple(converted.collect::<Result<_, _>>()?))
        }
        (Data::Tuple(items), Type::Tuple(types)) => Err(ConversionError::new(format!(
            "{} elements are needed, but there are {}",
            types.len(),
            items.len()
        ))),
        (Data::Map(_) | Data::Object(_), Type::Object(attributes)) => {
            let mut converted = Vec::with_capacity(attributes.len());
            for attribute in attributes.iter() {
                let part = match value.attribute(&attribute.name) {
                    Some(part) => convert(part, &attribute.ty).map_err(|error| {
                        error.within(PathSegment::Attribute(Arc::clone(&attribute.name)))
                    })?,
                    None if attribute.optional => Value::null(attribute.ty.without_optional()),
                    None => {
                        return Err(ConversionError::new(format!(
                            "the attribute `{}` is missing",
                            attribute.name
                        )));
                    }
                };
                converted.push((Arc::clone(&attribute.name), part));
            }
            Ok(Value::object(converted))
        }
        _ if has_type(value, ty) => Ok(value.clone()),
        _ => Err(mismatch(&value.ty(), ty)),
    }
}

fn list(value: &Value, element: &Type) -> Result<Value, ConversionError> {
    let (element, items) = items(value, element)?;
    let list = collected(items, element, Value::list, Type::list);
    if value.is_unsettled() {
        let (least, most) = value.length_bounds();
        return Ok(Value::unknown_with(list.ty(), Refinement::length(least, most)));
    }
    Ok(list)
}

/// A collection; where not even its element type is known, an unknown one.
fn collected(
    items: Vec<Value>,
    element: Type,
    make: impl FnOnce(Type, Vec<Value>) -> Value,
    ty: impl FnOnce(Type) -> Type,
) -> Value {
    if element == Type::Any && items.iter().any(|item| item.ty() != Type::Any) {
        Value::unknown(ty(Type::Any))
    } else {
        make(element, items)
    }
}

fn items(value: &Value, element: &Type) -> Result<(Type, Vec<Value>), ConversionError> {
    let own_type = match value.data() {
        Data::List(list) | Data::Set(list) => Some(&list.element_type),
        _ => None,
    };
    let items = value.elements().unwrap_or_default();
    let mut converted = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        converted
            .push(convert(item, element).map_err(|error| error.within(PathSegment::Index(index)))?);
    }
    let (element, converted) = settle(element, own_type, converted)?;
    Ok((element, converted))
}

/// Finds the one type for elements that have been converted to `wanted`.
fn settle(
    wanted: &Type,
    own_type: Option<&Type>,
    items: Vec<Value>,
) -> Result<(Type, Vec<Value>), ConversionError> {
    if !wanted.has_any() {
        // That there are none is no reason to take what is refused while they are unknown.
        if let Some(own_type) = own_type.filter(|_| items.is_empty()) {
            convert_type(own_type, wanted).ok_or_else(|| mismatch(own_type, wanted))?;
        }
        return Ok((wanted.without_optional(), items));
    }
    if let Some(own_type) = own_type {
        let ty = convert_type(own_type, wanted).ok_or_else(|| mismatch(own_type, wanted))?;
        if !ty.has_any() || items.is_empty() {
            return Ok((ty, items));
        }
    }
    if items.is_empty() {
        return Ok((wanted.without_optional(), items));
    }
    let types: Vec<_> = items.iter().map(Value::ty).collect();
    let ty =
        unify(&types).ok_or_else(|| ConversionError::new("its elements have no type in common"))?;
    if ty == Type::Any
        && types.iter().any(|own| *own != Type::Any)
        && items.iter().all(Value::is_known)
    {
        return Err(ConversionError::new("its elements have no type in common"));
    }
    let items = items.iter().map(|item| convert(item, &ty)).collect::<Result<_, _>>()?;
    Ok((ty, items))
}

fn map(value: &Value, element: &Type) -> Result<Value, ConversionError> {
    let own_type = match value.data() {
        Data::Map(map) => Some(&map.element_type),
        _ => None,
    };
    let entries = value.entries().unwrap_or_default();
    let mut items = Vec::with_capacity(entries.len());
    for (key, item) in entries {
        items.push(
            convert(item, element)
                .map_err(|error| error.within(PathSegment::Attribute(Arc::clone(key))))?,
        );
    }
    let (element, items) = settle(element, own_type, items)?;
    if element == Type::Any && items.iter().any(|item| item.ty() != Type::Any) {
        return Ok(Value::unknown(Type::map(Type::Any)));
    }
    let keys = entries.iter().map(|(key, _)| Key::clone(key));
    Ok(Value::map(element, keys.zip(items)))
}

/// The type that a value of type `from` has after conversion to `to`; `None` where no value of it
/// can be converted.
pub fn convert_type(from: &Type, to: &Type) -> Option<Type> {
    Some(match (from, to) {
        (_, Type::Any) => from.clone(),
        (Type::Any, _) => to.without_optional(),
        (Type::Bool, Type::Bool)
        | (Type::Number, Type::Number)
        | (Type::String, Type::String | Type::Bool | Type::Number)
        | (Type::Bool | Type::Number, Type::String) => to.clone(),
        (Type::List(own) | Type::Set(own), Type::List(element)) => {
            Type::list(convert_type(own, element)?)
        }
        (Type::List(own) | Type::Set(own), Type::Set(element)) => {
            Type::set(convert_type(own, element)?)
        }
        (Type::Tuple(own), Type::List(element)) => Type::list(common(own.iter(), element)?),
        (Type::Tuple(own), Type::Set(element)) => Type::set(common(own.iter(), element)?),
        (Type::Map(own), Type::Map(element)) => Type::map(convert_type(own, element)?),
        (Type::Object(own), Type::Map(element)) => {
            Type::map(common(own.iter().map(|attribute| &attribute.ty), element)?)
        }
        (Type::Tuple(own), Type::Tuple(types)) if own.len() == types.len() => Type::tuple(
            own.iter()
                .zip(types.iter())
                .map(|(from, to)| convert_type(from, to))
                .collect::<Option<_>>()?,
        ),
        (Type::Object(_) | Type::Map(_), Type::Object(attributes)) => {
            let mut converted = Vec::with_capacity(attributes.len());
            for attribute in attributes.iter() {
                let own = match from {
                    Type::Map(element) => Some(&**element),
                    _ => from.attribute(&attribute.name).map(|own| &own.ty),
                };
                let ty = match own {
                    Some(own) => convert_type(own, &attribute.ty)?,
                    None if attribute.optional => attribute.ty.without_optional(),
                    None => return None,
                };
                converted.push((Arc::clone(&attribute.name), ty));
            }
            Type::object(converted)
        }
        _ => return None,
    })
}

fn common<'t>(own: impl Iterator<Item = &'t Type>, element: &Type) -> Option<Type> {
    let types: Vec<_> = own.map(|ty| convert_type(ty, element)).collect::<Option<_>>()?;
    if element.has_any() && !types.is_empty() {
        unify(&types)
    } else {
        Some(element.without_optional())
    }
}
