//! Functions from a list to another one.

use std::collections::BTreeSet;

use crate::value::{Data, Refinement, Type, Value};

use super::collection::{Typed, ty, wrong};
use super::function::{Expects, FunctionError, Outcome, Setting, gives, integer, items};
use super::{Function, Parameter};

const LIST: Parameter = Parameter::new("list", Expects::Any);

pub(super) const FUNCTIONS: &[Function] = &[
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
        "chunklist",
        &[Parameter::new("list", Expects::List), Parameter::new("size", Expects::Number)],
        "Cuts a list into lists of a size.",
        chunks_type,
        chunks,
    ),
];

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
    if let Some(set) = arguments.first().filter(|set| set.is_unsettled()) {
        let (least, most) = set.length_bounds();
        let refinement = Refinement::length(least, most);
        return Ok(Value::unknown_with(reverse_type(arguments)?, refinement));
    }
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
    let mut seen = BTreeSet::new();
    for item in items(arguments, 0) {
        if seen.insert(item.fingerprint()) {
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
