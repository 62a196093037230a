//! Functions that look at one collection.

use unicode_segmentation::UnicodeSegmentation;

use crate::value::{Data, Marks, Refinement, Type, Value, convert, equals, unify};

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
        &[LIST, Parameter::new("value", Expects::Any).or_unknown().or_null()],
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
        "slice",
        &[
            LIST.with_marks(),
            Parameter::new("start", Expects::Number),
            Parameter::new("end", Expects::Number),
        ],
        "The elements from one position to before another.",
        gives::anything,
        slice,
    ),
    Function::new("reverse", &[LIST], "Turns a list around.", reverse_type, reverse),
    Function::new(
        "sort",
        &[Parameter::new("list", Expects::Strings)],
        "Sorts texts.",
        gives::strings,
        sort,
    ),
    Function::new(
        "distinct",
        &[Parameter::new("list", Expects::List)],
        "Removes repeated elements.",
        gives::same,
        distinct,
    ),
    Function::new(
        "compact",
        &[Parameter::new("list", Expects::Strings)],
        "Removes null and empty texts.",
        gives::strings,
        compact,
    ),
    Function::new(
        "flatten",
        &[LIST],
        "Replaces lists in a list by their elements.",
        gives::anything,
        flatten,
    ),
    Function::new(
        "chunklist",
        &[Parameter::new("list", Expects::List), Parameter::new("size", Expects::Number)],
        "Cuts a list into lists of a size.",
        chunks_type,
        chunks,
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

type Typed = Result<Type, FunctionError>;

fn ty(arguments: &[Value], index: usize) -> Type {
    arguments.get(index).map_or(Type::Any, Value::ty)
}

fn wrong(index: usize, wanted: &str, found: &Type) -> FunctionError {
    FunctionError::argument(index, format!("{wanted} is needed, but this is {}", found.phrase()))
}

fn length(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let Some(value) = arguments.first() else { return Ok(Value::unknown(Type::Number)) };
    let found = match (value.ty(), value.as_str()) {
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
    let strings = |names: Vec<Value>| match map.ty() {
        Type::Map(_) => Value::list(Type::String, names),
        _ => Value::tuple(names),
    };
    let result = match (map.ty(), map.entries()) {
        (Type::Object(attributes), _) => {
            strings(attributes.iter().map(|attribute| Value::string(&attribute.name)).collect())
        }
        (Type::Map(_), Some(entries)) => {
            strings(entries.iter().map(|(key, _)| Value::string(key)).collect())
        }
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
    element_type(arguments)?;
    let Some(list) = arguments.first() else { return Ok(Value::unknown(Type::Any)) };
    let items = items(arguments, 0);
    let position = integer(arguments, 1)?;
    let at = match list.ty() {
        // Only lists count from the end.
        Type::List(_) if !items.is_empty() => {
            let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
            usize::try_from(position.rem_euclid(length)).unwrap_or_default()
        }
        _ => wrapped(position, items.len())?,
    };
    Ok(items.get(at).cloned().unwrap_or(Value::NULL).mark(list.marks()))
}

fn index(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let list = arguments.first().unwrap_or(&Value::NULL);
    if !matches!(list.ty(), Type::List(_) | Type::Tuple(_)) {
        return Err(wrong(0, "a list or a tuple", &list.ty()));
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
    if !matches!(list.ty(), Type::List(_) | Type::Tuple(_) | Type::Set(_)) {
        return Err(wrong(0, "a list, a tuple or a set", &list.ty()));
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
    match ty(arguments, 0) {
        Type::Map(element) => Ok(Type::clone(&element)),
        ty @ Type::Object(_) => match arguments.get(1).and_then(Value::as_str) {
            Some(key) => match (ty.attribute(key), arguments.get(2)) {
                (Some(attribute), _) => Ok(attribute.ty.clone()),
                (None, Some(default)) => Ok(default.ty()),
                (None, None) => Err(no_such_key(key)),
            },
            None => Ok(Type::Any),
        },
        other => Err(wrong(0, "a map or an object", &other)),
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

fn slice(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let list = arguments.first().unwrap_or(&Value::NULL);
    let items = match list.data() {
        Data::List(list) => &list.items,
        Data::Tuple(items) => &**items,
        _ => return Err(wrong(0, "a list or a tuple", &list.ty())),
    };
    let bound = |index: usize| {
        let position = usize::try_from(integer(arguments, index)?)
            .map_err(|_| FunctionError::argument(index, "it cannot be less than zero"))?;
        if position > items.len() {
            let reason = format!("it cannot be more than the number of elements, {}", items.len());
            return Err(FunctionError::argument(index, reason));
        }
        Ok(position)
    };
    let (start, end) = (bound(1)?, bound(2)?);
    if start > end {
        return Err(FunctionError::argument(1, "it cannot be more than the end"));
    }
    let part = items.get(start..end).unwrap_or_default().to_vec();
    let result = match list.ty() {
        Type::List(element) => Value::list(Type::clone(&element), part),
        _ => Value::tuple(part),
    };
    Ok(result.mark(list.marks()))
}

fn reverse_type(arguments: &[Value]) -> Typed {
    match ty(arguments, 0) {
        Type::Tuple(elements) => Ok(Type::tuple(elements.iter().rev().cloned().collect())),
        Type::List(element) | Type::Set(element) => Ok(Type::list(Type::clone(&element))),
        other => Err(wrong(0, "a list or a tuple", &other)),
    }
}

fn reverse(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let turned: Vec<_> = items(arguments, 0).iter().rev().cloned().collect();
    Ok(match reverse_type(arguments)? {
        Type::List(element) => Value::list(Type::clone(&element), turned),
        _ => Value::tuple(turned),
    })
}

/// A list of the same type and as many elements, none of which is known.
fn unknown_list(list: &Value, exact: bool) -> Value {
    let (min, max) = list.length_bounds();
    let refinement = Refinement::length(if exact { min } else { min.min(1) }, max);
    Value::unknown_refined(list.ty(), refinement)
}

fn sort(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let list = arguments.first().unwrap_or(&Value::NULL);
    if !list.is_wholly_known() {
        return Ok(unknown_list(list, true));
    }
    let mut sorted = items(arguments, 0).to_vec();
    if sorted.iter().any(Value::is_null) {
        return Err(FunctionError::argument(0, "an element is null"));
    }
    sorted.sort_by(|left, right| left.as_str().cmp(&right.as_str()));
    Ok(Value::list(Type::String, sorted))
}

fn distinct(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let list = arguments.first().unwrap_or(&Value::NULL);
    if !list.is_wholly_known() {
        return Ok(unknown_list(list, false));
    }
    let mut kept: Vec<Value> = Vec::new();
    for item in items(arguments, 0) {
        if !kept.contains(item) {
            kept.push(item.clone());
        }
    }
    match list.ty() {
        Type::List(element) => Ok(Value::list(Type::clone(&element), kept)),
        other => Err(wrong(0, "a list", &other)),
    }
}

fn compact(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let list = arguments.first().unwrap_or(&Value::NULL);
    if !list.is_wholly_known() {
        return Ok(Value::unknown_not_null(list.ty()));
    }
    let full = |item: &&Value| item.as_str().is_some_and(|text| !text.is_empty());
    Ok(Value::list(Type::String, items(arguments, 0).iter().filter(full).cloned().collect()))
}

fn flatten(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let list = arguments.first().unwrap_or(&Value::NULL);
    if !matches!(list.ty(), Type::List(_) | Type::Tuple(_) | Type::Set(_)) {
        return Err(wrong(0, "a list, a tuple or a set", &list.ty()));
    }
    let mut flat = Vec::new();
    let mut marks = Marks::NONE;
    if flatten_into(list, &mut flat, &mut marks) {
        Ok(Value::tuple(flat).mark(&marks))
    } else {
        Ok(Value::unknown(Type::Any).mark(&marks))
    }
}

/// False where the number of elements is not known.
fn flatten_into(list: &Value, flat: &mut Vec<Value>, marks: &mut Marks) -> bool {
    *marks = marks.union(list.marks());
    for item in list.elements().unwrap_or_default() {
        match (item.data(), item.ty()) {
            (Data::Unknown(_), Type::List(_) | Type::Set(_) | Type::Any) => return false,
            (Data::Unknown(_), Type::Tuple(types)) => {
                flat.extend(types.iter().map(|ty| Value::unknown(ty.clone())));
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

fn chunks_type(arguments: &[Value]) -> Typed {
    Ok(Type::list(ty(arguments, 0)))
}

fn chunks(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let size = usize::try_from(integer(arguments, 1)?)
        .map_err(|_| FunctionError::argument(1, "it cannot be less than zero"))?;
    let all = items(arguments, 0);
    let list = ty(arguments, 0);
    let Type::List(element) = &list else { return Err(wrong(0, "a list", &list)) };
    let size = if size == 0 { all.len().max(1) } else { size };
    let chunks = all.chunks(size).map(|chunk| Value::list(Type::clone(element), chunk.to_vec()));
    Ok(Value::list(list.clone(), chunks.collect()))
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

/// The one type of `values`, and the values in it.
pub(super) fn unified(values: &[Value]) -> Result<(Type, Vec<Value>), FunctionError> {
    let types: Vec<_> = values.iter().map(Value::ty).collect();
    let ty =
        unify(&types).ok_or_else(|| FunctionError::new("the arguments have no type in common"))?;
    let converted = values.iter().map(|value| convert(value, &ty)).collect::<Result<_, _>>();
    Ok((ty, converted.map_err(|error| FunctionError::new(error.describe()))?))
}
