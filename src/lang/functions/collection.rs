//! Functions that look at one collection.

use unicode_segmentation::UnicodeSegmentation;

use crate::value::{Data, Key, Marks, Type, Value, convert, equals};

use super::function::{Expects, FunctionError, Outcome, Setting, gives, integer, items, text};
use super::{Function, Parameter};

const LIST: Parameter = Parameter::new("list", Expects::Any);

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "length",
        &[Parameter::new("value", Expects::Any).or_unknown().with_marks()],
        "Counts the elements of a collection or the characters of a text.",
        gives::number,
        length,
    ),
    Function::new(
        "keys",
        &[Parameter::new("map", Expects::Any).or_unknown().with_marks()],
        "The keys of a map or object, sorted.",
        gives::anything,
        keys,
    ),
    Function::new(
        "values",
        &[Parameter::new("map", Expects::Any).with_marks()],
        "The values of a map or object, sorted by key.",
        values_type,
        values,
    ),
    Function::new(
        "element",
        &[LIST.with_marks(), Parameter::new("index", Expects::Number)],
        "One element by position, starting over at the end.",
        element_type,
        element,
    )
    .nullable(),
    Function::new(
        "index",
        &[LIST, Parameter::new("value", Expects::Any)],
        "The position of a value in a list.",
        gives::number,
        index,
    ),
    Function::new(
        "contains",
        &[LIST, Parameter::new("value", Expects::Any).or_unknown()],
        "Tells whether a value is in a collection.",
        gives::bool,
        contains,
    ),
    Function::new(
        "lookup",
        &[Parameter::new("map", Expects::Any).with_marks(), Parameter::new("key", Expects::String)],
        "The value under a key, or a default.",
        lookup_type,
        lookup,
    )
    .variadic(Parameter::new("default", Expects::Any).or_null().or_unknown().with_marks())
    .nullable(),
    Function::new(
        "flatten",
        &[LIST],
        "Replaces lists in a list by their elements.",
        gives::anything,
        flatten,
    ),
    Function::new(
        "one",
        &[LIST],
        "The only element of a list, or null where it is empty.",
        one_type,
        one,
    )
    .nullable(),
    Function::new(
        "alltrue",
        &[Parameter::new("list", Expects::Bools)],
        "Tells whether all elements are true.",
        gives::bool,
        all_true,
    ),
    Function::new(
        "anytrue",
        &[Parameter::new("list", Expects::Bools)],
        "Tells whether some element is true.",
        gives::bool,
        any_true,
    ),
];

pub(super) type Typed = Result<Type, FunctionError>;

pub(super) fn ty(arguments: &[Value], index: usize) -> Type {
    arguments.get(index).map_or(Type::Any, Value::ty)
}

pub(super) fn wrong(index: usize, wanted: &str, found: &Type) -> FunctionError {
    FunctionError::argument(index, format!("{wanted} is needed, but this is {}", found.phrase()))
}

fn length(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let Some(value) = arguments.first() else { return Ok(Value::unknown(Type::Number)) };
    let found = match (value.kind(), value.as_str()) {
        (Type::String, Some(text)) => Value::number(text.graphemes(true).count()),
        (Type::String | Type::Any, None) if !value.is_known() => {
            Value::unknown_not_null(Type::Number)
        }
        (Type::List(_) | Type::Set(_) | Type::Map(_) | Type::Tuple(_) | Type::Object(_), _) => {
            match value.length_bounds() {
                (min, Some(max)) if min == max => {
                    Value::number(usize::try_from(min).unwrap_or(usize::MAX))
                }
                _ => Value::unknown_not_null(Type::Number),
            }
        }
        (other, _) => return Err(wrong(0, "a collection or a string", &other)),
    };
    Ok(found.mark(value.marks()))
}

fn keys(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let Some(map) = arguments.first() else { return Ok(Value::unknown(Type::Any)) };
    let names = |entries: &[(Key, Value)]| {
        entries.iter().map(|(key, _)| Value::from(Data::String(Key::clone(key)))).collect()
    };
    let result = match (map.kind(), map.entries()) {
        (Type::Object(_), Some(entries)) => Value::tuple(names(entries)),
        (Type::Object(attributes), None) => {
            Value::tuple(attributes.iter().map(|part| Value::string(&part.name)).collect())
        }
        (Type::Map(_), Some(entries)) => Value::list(Type::String, names(entries)),
        (Type::Map(_), None) => Value::unknown_not_null(Type::list(Type::String)),
        (Type::Any, _) => Value::unknown(Type::Any),
        (other, _) => return Err(wrong(0, "a map or an object", &other)),
    };
    Ok(result.mark(map.marks()))
}

fn values_type(arguments: &[Value]) -> Typed {
    match ty(arguments, 0) {
        Type::Map(element) => Ok(Type::list(Type::clone(&element))),
        Type::Object(attributes) => {
            Ok(Type::tuple(attributes.iter().map(|attribute| attribute.ty.clone()).collect()))
        }
        other => Err(wrong(0, "a map or an object", &other)),
    }
}

fn values(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let result = values_type(arguments)?;
    let Some(map) = arguments.first() else { return Ok(Value::unknown(Type::Any)) };
    let found = map.entries().unwrap_or_default().iter().map(|(_, value)| value.clone()).collect();
    let list = match result {
        Type::List(element) => Value::list(Type::clone(&element), found),
        _ => Value::tuple(found),
    };
    Ok(list.mark(map.marks()))
}

fn element_type(arguments: &[Value]) -> Typed {
    match ty(arguments, 0) {
        Type::List(element) => Ok(Type::clone(&element)),
        Type::Tuple(elements) => {
            let position =
                arguments.get(1).filter(|index| index.is_known()).map(|_| integer(arguments, 1));
            match position {
                Some(position) => {
                    let at = wrapped(position?, elements.len())?;
                    Ok(elements.get(at).cloned().unwrap_or(Type::Any))
                }
                None => Ok(Type::Any),
            }
        }
        other => Err(wrong(0, "a list or a tuple", &other)),
    }
}

fn wrapped(position: i64, length: usize) -> Result<usize, FunctionError> {
    let position = usize::try_from(position)
        .map_err(|_| FunctionError::argument(1, "it cannot be less than zero"))?;
    if length == 0 {
        return Err(FunctionError::argument(0, "it has no elements"));
    }
    Ok(position % length)
}

fn element(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let Some(list) = arguments.first() else { return Ok(Value::unknown(Type::Any)) };
    let items = items(arguments, 0);
    let position = integer(arguments, 1)?;
    let at = match list.data() {
        // Only lists count from the end.
        Data::List(_) if !items.is_empty() => {
            let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
            usize::try_from(position.rem_euclid(length)).unwrap_or_default()
        }
        Data::List(_) | Data::Tuple(_) => wrapped(position, items.len())?,
        _ => return Err(wrong(0, "a list or a tuple", &list.kind())),
    };
    Ok(items.get(at).cloned().unwrap_or(Value::NULL).mark(list.marks()))
}

fn index(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let list = arguments.first().unwrap_or(&Value::NULL);
    if !matches!(list.kind(), Type::List(_) | Type::Tuple(_)) {
        return Err(wrong(0, "a list or a tuple", &list.kind()));
    }
    let wanted = arguments.get(1).unwrap_or(&Value::NULL);
    if items(arguments, 0).is_empty() {
        return Err(FunctionError::argument(0, "it has no elements"));
    }
    for (position, item) in items(arguments, 0).iter().enumerate() {
        match equals(item, wanted).as_bool() {
            Some(true) => return Ok(Value::number(position)),
            Some(false) => {}
            None => return Ok(Value::unknown_not_null(Type::Number)),
        }
    }
    Err(FunctionError::argument(1, "it is not in the list"))
}

fn contains(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let list = arguments.first().unwrap_or(&Value::NULL);
    if !matches!(list.kind(), Type::List(_) | Type::Tuple(_) | Type::Set(_)) {
        return Err(wrong(0, "a list, a tuple or a set", &list.kind()));
    }
    let wanted = arguments.get(1).unwrap_or(&Value::NULL);
    let mut known = true;
    for item in items(arguments, 0) {
        match equals(item, wanted).as_bool() {
            Some(true) => return Ok(Value::TRUE),
            Some(false) => {}
            None => known = false,
        }
    }
    Ok(if known { Value::FALSE } else { Value::unknown_not_null(Type::Bool) })
}

fn lookup_type(arguments: &[Value]) -> Typed {
    let map = arguments.first().unwrap_or(&Value::NULL);
    match map.data() {
        Data::Map(map) => Ok(map.element_type.clone()),
        Data::Unknown(unknown) => match &unknown.ty {
            Type::Map(element) => Ok(Type::clone(element)),
            ty @ Type::Object(_) => attribute_type(arguments, |key| {
                ty.attribute(key).map(|attribute| attribute.ty.clone())
            }),
            other => Err(wrong(0, "a map or an object", other)),
        },
        Data::Object(_) => attribute_type(arguments, |key| map.attribute(key).map(Value::ty)),
        _ => Err(wrong(0, "a map or an object", &map.kind())),
    }
}

fn attribute_type(arguments: &[Value], find: impl Fn(&str) -> Option<Type>) -> Typed {
    let Some(key) = arguments.get(1).and_then(Value::as_str) else { return Ok(Type::Any) };
    match (find(key), arguments.get(2)) {
        (Some(ty), _) => Ok(ty),
        (None, Some(default)) => Ok(default.ty()),
        (None, None) => Err(no_such_key(key)),
    }
}

fn no_such_key(key: &str) -> FunctionError {
    FunctionError::argument(1, format!("there is no element `{key}`, and no default is given"))
}

fn lookup(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    if arguments.len() > 3 {
        return Err(FunctionError::new("only one default can be given"));
    }
    let result = lookup_type(arguments)?;
    let Some(map) = arguments.first() else { return Ok(Value::unknown(Type::Any)) };
    let key = text(arguments, 1);
    let found = match (map.attribute(key), arguments.get(2)) {
        (Some(found), _) => found.clone(),
        (None, Some(default)) => default.clone(),
        (None, None) => return Err(no_such_key(key)),
    };
    let converted =
        convert(&found, &result).map_err(|error| FunctionError::argument(2, error.describe()))?;
    Ok(converted.mark(map.marks()))
}

fn flatten(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let list = arguments.first().unwrap_or(&Value::NULL);
    if !matches!(list.kind(), Type::List(_) | Type::Tuple(_) | Type::Set(_)) {
        return Err(wrong(0, "a list, a tuple or a set", &list.kind()));
    }
    let mut flat = Vec::new();
    let mut marks = Marks::NONE;
    if flatten_into(list, &mut flat, &mut marks) {
        Ok(Value::tuple(flat).mark(&marks))
    } else {
        Ok(Value::unknown(Type::Any).mark(&list.deep_marks()))
    }
}

/// False where the number of elements, or their order, is not known.
fn flatten_into(list: &Value, flat: &mut Vec<Value>, marks: &mut Marks) -> bool {
    *marks = marks.union(list.marks());
    if list.is_unsettled() {
        return false;
    }
    for item in list.elements().unwrap_or_default() {
        match (item.data(), item.ty()) {
            (Data::Unknown(_), Type::List(_) | Type::Set(_) | Type::Any) => return false,
            // A null stays as it is.
            (Data::Unknown(_), Type::Tuple(_)) if !item.is_never_null() => return false,
            (Data::Unknown(_), Type::Tuple(types)) => {
                let parts = types.iter().map(|ty| Value::unknown(ty.clone())).collect();
                if !flatten_into(&Value::tuple(parts).mark(item.marks()), flat, marks) {
                    return false;
                }
            }
            (Data::List(_) | Data::Set(_) | Data::Tuple(_), _) => {
                if !flatten_into(item, flat, marks) {
                    return false;
                }
            }
            _ => flat.push(item.clone()),
        }
    }
    true
}

fn one_type(arguments: &[Value]) -> Typed {
    match ty(arguments, 0) {
        Type::List(element) | Type::Set(element) => Ok(Type::clone(&element)),
        Type::Tuple(elements) => match elements.as_slice() {
            [] => Ok(Type::Any),
            [only] => Ok(only.clone()),
            _ => Err(FunctionError::argument(0, "it has more than one element")),
        },
        other => Err(wrong(0, "a list, a set or a tuple", &other)),
    }
}

fn one(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let ty = one_type(arguments)?;
    let list = arguments.first().unwrap_or(&Value::NULL);
    match items(arguments, 0) {
        [] => Ok(Value::null(ty)),
        [only] => Ok(only.clone()),
        // Elements of a set that are unknown may turn out to be the same.
        _ if matches!(list.data(), Data::Set(_)) && !list.is_wholly_known() => {
            Ok(Value::unknown(ty))
        }
        _ => Err(FunctionError::argument(0, "it has more than one element")),
    }
}

fn all_true(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    decided(items(arguments, 0), false)
}

fn any_true(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    decided(items(arguments, 0), true)
}

/// One element that is `decisive` (or, for `false`, null) settles it.
fn decided(items: &[Value], decisive: bool) -> Outcome {
    let settles = |item: &Value| match item.as_bool() {
        Some(truth) => truth == decisive,
        None => !decisive && item.is_null(),
    };
    Ok(if items.iter().any(settles) {
        Value::bool(decisive)
    } else if items.iter().all(Value::is_known) {
        Value::bool(!decisive)
    } else {
        Value::unknown_not_null(Type::Bool)
    })
}
