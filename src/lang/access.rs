//! Attributes and elements.

use crate::diag::{Diagnostic, Diagnostics, code};
use crate::text::Span;
use crate::value::{Data, Type, Value, convert};

use super::evaluator::{Evaluated, fail};

/// `object.name`. The result has the attribute's marks and the object's own.
///
/// # Errors
///
/// Where there is no such attribute, or can be none.
pub fn attribute(object: &Value, name: &str, span: Span) -> Evaluated {
    let found = match object.data() {
        Data::Object(_) | Data::Map(_) => {
            object.attribute(name).cloned().ok_or_else(|| missing(object, name, span))
        }
        Data::Unknown(unknown) => match &unknown.ty {
            Type::Any => Ok(Value::unknown(Type::Any)),
            Type::Map(element) => Ok(Value::unknown(Type::clone(element))),
            ty @ Type::Object(_) => match ty.attribute(name) {
                Some(attribute) => Ok(Value::unknown(attribute.ty.clone())),
                None => Err(missing(object, name, span)),
            },
            ty => Err(no_attributes(ty, name, span)),
        },
        Data::Null(_) => Err(fail(
            code::NULL_NOT_ALLOWED,
            span,
            format!("The value before `.{name}` is null, so it has no attributes."),
        )),
        _ => Err(no_attributes(&object.ty(), name, span)),
    };
    found.map(|value| value.mark(object.marks()))
}

fn missing(object: &Value, name: &str, span: Span) -> Diagnostics {
    let ty = object.ty();
    let what = if matches!(ty, Type::Map(_)) { "map" } else { "object" };
    let names: Vec<&str> = match &ty {
        // Keys may be secrets themselves, such as those of a decoded text.
        _ if object.marks().is_hidden() => Vec::new(),
        Type::Object(attributes) => attributes.iter().map(|attribute| &*attribute.name).collect(),
        _ => object.entries().unwrap_or_default().iter().map(|(key, _)| &**key).collect(),
    };
    let offered = match names.len() {
        0 => String::new(),
        1..=12 => format!(" It has: `{}`.", names.join("`, `")),
        more => format!(" It has {more} others."),
    };
    let noun = if what == "map" { "element" } else { "attribute" };
    Diagnostic::error(
        code::ATTRIBUTE_ACCESS,
        format!("This {what} has no {noun} called `{name}`.{offered}"),
    )
    .at(span)
    .did_you_mean(name, names)
    .into()
}

fn no_attributes(ty: &Type, name: &str, span: Span) -> Diagnostics {
    let diagnostic = Diagnostic::error(
        code::ATTRIBUTE_ACCESS,
        format!(
            "`.{name}` cannot be taken of {}: only objects and maps have attributes.",
            ty.phrase()
        ),
    )
    .at(span);
    match ty {
        Type::List(_) | Type::Set(_) | Type::Tuple(_) => diagnostic
            .help(format!(
                "take it of every element with `[*].{name}`, or of one with `[0].{name}`"
            ))
            .into(),
        _ => diagnostic.into(),
    }
}

/// `collection[key]`. The result has the element's marks, the key's and the collection's own, not
/// those of other elements.
pub(super) fn index(value: &Value, key: &Value, span: Span, source: Span) -> Evaluated {
    if value.is_null() {
        return Err(fail(
            code::NULL_NOT_ALLOWED,
            source,
            "This value is null, so it has no elements.",
        ));
    }
    if key.is_null() {
        return Err(fail(code::NULL_NOT_ALLOWED, span, "An index cannot be null."));
    }
    // The type of a whole collection is not asked for: it may be large, and indices many.
    let found = match value.data() {
        Data::List(_) | Data::Tuple(_) => position(value, key, span),
        Data::Map(_) | Data::Object(_) => named(value, key, span),
        Data::Set(_) => Err(no_positions(span)),
        Data::Unknown(unknown) => match &unknown.ty {
            Type::Any => Ok(Value::unknown(Type::Any)),
            Type::List(_) | Type::Tuple(_) => position(value, key, span),
            Type::Map(_) | Type::Object(_) => named(value, key, span),
            Type::Set(_) => Err(no_positions(span)),
            other => Err(no_elements(other, span)),
        },
        _ => Err(no_elements(&value.ty(), span)),
    };
    let found = found.map(|found| found.mark(&key.deep_marks()).mark(value.marks()));
    // Whichever it will be, it may be one that is hidden.
    if key.is_known() { found } else { found.map(|found| found.mark(&value.deep_marks())) }
}

fn no_positions(span: Span) -> Diagnostics {
    Diagnostic::error(
        code::ATTRIBUTE_ACCESS,
        "The elements of a set have no positions and no keys, so none can be picked by index.",
    )
    .at(span)
    .help("convert it with `tolist`, or go through it with `for`")
    .into()
}

fn no_elements(ty: &Type, span: Span) -> Diagnostics {
    let detail = format!("An element cannot be taken of {}.", ty.phrase());
    fail(code::ATTRIBUTE_ACCESS, span, detail)
}

fn position(value: &Value, key: &Value, span: Span) -> Evaluated {
    let number = convert(key, &Type::Number).map_err(|_| {
        let detail =
            format!("Lists and tuples are indexed by number; {} is none.", key.ty().phrase());
        fail(code::ATTRIBUTE_ACCESS, span, detail)
    })?;
    let Some(number) = number.as_number().cloned() else {
        return Ok(Value::unknown(element_type(value)));
    };
    let index = number.as_u64().and_then(|index| usize::try_from(index).ok());
    let shown = if key.deep_marks().is_hidden() { "given".to_owned() } else { number.to_string() };
    let Some(index) = index else {
        return Err(fail(
            code::ATTRIBUTE_ACCESS,
            span,
            format!("The index {shown} is not a whole number from 0 up."),
        ));
    };
    if let Some(Type::Tuple(types)) = value.as_unknown().map(|unknown| &unknown.ty) {
        return match types.get(index) {
            Some(ty) => Ok(Value::unknown(ty.clone())),
            None => Err(out_of_range(types.len(), &shown, span)),
        };
    }
    match value.elements() {
        Some(items) => {
            items.get(index).cloned().ok_or_else(|| out_of_range(items.len(), &shown, span))
        }
        None => Ok(Value::unknown(element_type(value))),
    }
}

fn out_of_range(length: usize, shown: &str, span: Span) -> Diagnostics {
    let detail = match length {
        0 => format!("There is no element {shown}: there are none at all."),
        1 => format!("There is no element {shown}: the only one is 0."),
        more => format!("There is no element {shown}: they run from 0 to {}.", more - 1),
    };
    fail(code::ATTRIBUTE_ACCESS, span, detail)
}

fn named(value: &Value, key: &Value, span: Span) -> Evaluated {
    let text = convert(key, &Type::String).map_err(|_| {
        let detail =
            format!("Maps and objects are indexed by string; {} is none.", key.ty().phrase());
        fail(code::ATTRIBUTE_ACCESS, span, detail)
    })?;
    let Some(name) = text.as_str() else {
        return Ok(Value::unknown(element_type(value)));
    };
    if value.is_known() {
        let hidden = key.deep_marks().is_hidden();
        return value.attribute(name).cloned().ok_or_else(|| {
            if hidden {
                fail(code::ATTRIBUTE_ACCESS, span, "There is no element with the given key.")
            } else {
                missing(value, name, span)
            }
        });
    }
    match value.as_unknown().map(|unknown| &unknown.ty) {
        Some(ty @ Type::Object(_)) => match ty.attribute(name) {
            Some(attribute) => Ok(Value::unknown(attribute.ty.clone())),
            None => Err(missing(value, name, span)),
        },
        _ => Ok(Value::unknown(element_type(value))),
    }
}

/// The type an element has whichever it is.
fn element_type(value: &Value) -> Type {
    match value.data() {
        Data::List(list) => list.element_type.clone(),
        Data::Map(map) => map.element_type.clone(),
        Data::Unknown(unknown) => match &unknown.ty {
            Type::List(element) | Type::Map(element) => Type::clone(element),
            _ => Type::Any,
        },
        _ => Type::Any,
    }
}
