//! Functions that bring several collections together.

use std::collections::{BTreeMap, BTreeSet};

use crate::value::{Data, Key, Marks, Type, Value, convert, unify};

use super::super::limits::{self, TooLarge, Weight};
use super::function::{Expects, FunctionError, Outcome, Setting, gives, items};
use super::{Function, Parameter};

const MAPS: Parameter = Parameter::new("maps", Expects::Any).or_null().with_marks();
const SETS: Parameter = Parameter::new("sets", Expects::Set);
const SET: Parameter = Parameter::new("set", Expects::Set);
const ANY: Parameter = Parameter::new("values", Expects::Any).or_null().or_unknown();

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("concat", &[], "Puts lists behind each other.", gives::anything, concat)
        .variadic(Parameter::new("lists", Expects::Any).or_unknown().with_marks()),
    Function::new(
        "merge",
        &[],
        "Puts maps or objects together; later ones win.",
        gives::anything,
        merge,
    )
    .nullable()
    .variadic(MAPS),
    Function::new(
        "zipmap",
        &[
            Parameter::new("keys", Expects::Strings),
            Parameter::new("values", Expects::Any).or_unknown(),
        ],
        "Makes a map of keys and values.",
        gives::anything,
        zipmap,
    ),
    Function::new("setunion", &[SET], "The elements of any of the sets.", sets_type, union)
        .variadic(SETS),
    Function::new(
        "setintersection",
        &[SET],
        "The elements all sets have.",
        sets_type,
        intersection,
    )
    .variadic(SETS),
    Function::new(
        "setsubtract",
        &[SET, Parameter::new("without", Expects::Set)],
        "The elements of the first set that are not in the second.",
        sets_type,
        subtract,
    ),
    Function::new("setproduct", &[], "All combinations of elements.", gives::anything, product)
        .variadic(Parameter::new("sets", Expects::Any)),
    Function::new(
        "coalesce",
        &[],
        "The first value that is neither null nor an empty text.",
        gives::anything,
        coalesce,
    )
    .variadic(ANY),
    Function::new(
        "coalescelist",
        &[],
        "The first list that is not empty.",
        gives::anything,
        coalesce_list,
    )
    .variadic(Parameter::new("lists", Expects::Any).or_null().or_unknown()),
    Function::new(
        "matchkeys",
        &[
            Parameter::new("values", Expects::List),
            Parameter::new("keys", Expects::List),
            Parameter::new("wanted", Expects::List),
        ],
        "The values whose keys are wanted.",
        gives::same,
        match_keys,
    ),
    Function::new(
        "transpose",
        &[Parameter::new("map", Expects::StringLists)],
        "Swaps keys and values of a map of lists.",
        transposed_type,
        transpose,
    ),
];

fn concat(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    if arguments.is_empty() {
        return Err(FunctionError::new("at least one list is needed"));
    }
    let marks = arguments.iter().fold(Marks::NONE, |marks, list| marks.union(list.marks()));
    let mut elements = Vec::new();
    let mut weight = Weight::default();
    for (index, list) in arguments.iter().enumerate() {
        weight.add(list)?;
        match list.ty() {
            Type::List(element) => elements.push(Type::clone(&element)),
            Type::Tuple(_) => {}
            Type::Any => return Ok(Value::unknown(Type::Any).mark(&marks)),
            other => {
                let reason = format!("a list or a tuple is needed, but this is {}", other.phrase());
                return Err(FunctionError::argument(index, reason));
            }
        }
    }
    let common = if elements.len() == arguments.len() { unify(&elements) } else { None };
    let unknown_list =
        arguments.iter().any(|list| !list.is_known() && matches!(list.ty(), Type::List(_)));
    if unknown_list {
        let ty = common.map_or(Type::Any, Type::list);
        let marks = arguments.iter().fold(marks, |marks, list| marks.union(&list.deep_marks()));
        return Ok(Value::unknown_not_null(ty).mark(&marks));
    }
    let mut all = Vec::new();
    for list in arguments {
        match (list.ty(), list.elements()) {
            (_, Some(items)) => all.extend(items.iter().cloned()),
            (Type::Tuple(types), None) => {
                all.extend(types.iter().map(|ty| Value::unknown(ty.clone())));
            }
            _ => {}
        }
    }
    let result = match common {
        Some(ty) => {
            let converted = all.iter().map(|item| convert(item, &ty)).collect::<Result<_, _>>();
            Value::list(ty, converted.map_err(|error| FunctionError::new(error.describe()))?)
        }
        None => Value::tuple(all),
    };
    Ok(result.mark(&marks))
}

/// A map whose elements have no type because one is not known yet.
fn is_untyped(map: &Value) -> bool {
    matches!(map.data(), Data::Map(map) if map.element_type == Type::Any) && !map.is_wholly_known()
}

fn merge(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let mut merged: BTreeMap<Key, Value> = BTreeMap::new();
    let marks = arguments.iter().fold(Marks::NONE, |marks, map| marks.union(map.marks()));
    // The element type all arguments share, as long as all of them are maps.
    let mut shared: Option<Option<Type>> = None;
    let mut weight = Weight::default();
    for (index, map) in arguments.iter().enumerate() {
        weight.add(map)?;
        let element = match map.data() {
            Data::Null(Type::Any) => continue,
            Data::Map(map) => Some(map.element_type.clone()),
            Data::Null(Type::Map(element)) => Some(Type::clone(element)),
            Data::Object(_) | Data::Null(Type::Object(_)) => None,
            _ => {
                let found = map.kind().phrase();
                let reason = format!("a map or an object is needed, but this is {found}");
                return Err(FunctionError::argument(index, reason));
            }
        };
        shared = match shared {
            None => Some(element),
            Some(first) if first == element => Some(first),
            // Whether both are maps of one type shows later.
            Some(Some(_)) if element.is_some() && arguments.iter().any(is_untyped) => {
                let hidden = arguments.iter().map(Value::deep_marks);
                let marks = hidden.fold(Marks::NONE, |all, own| all.union(&own));
                return Ok(Value::unknown_not_null(Type::Any).mark(&marks));
            }
            Some(_) => Some(None),
        };
        for (key, value) in map.entries().unwrap_or_default() {
            merged.insert(Key::clone(key), value.clone());
        }
    }
    let result = match shared.flatten() {
        Some(element) if arguments.iter().all(Value::is_null) => Value::null(Type::map(element)),
        Some(element) => Value::map(element, merged),
        None => Value::object(merged),
    };
    Ok(result.mark(&marks))
}

fn zipmap(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let (keys, Some(values)) = (items(arguments, 0), arguments.get(1)) else {
        return Ok(Value::unknown(Type::Any));
    };
    let keys_known = keys.iter().all(Value::is_known);
    let unknown = match values.ty() {
        Type::List(element) => Value::unknown_not_null(Type::map(Type::clone(&element))),
        Type::Tuple(_) | Type::Any => Value::unknown(Type::Any),
        other => {
            let reason = format!("a list or a tuple is needed, but this is {}", other.phrase());
            return Err(FunctionError::argument(1, reason));
        }
    };
    if keys.iter().any(Value::is_null) {
        return Err(FunctionError::argument(0, "a key is null"));
    }
    let values_items: Vec<Value> = match (values.ty(), values.elements()) {
        (_, Some(items)) => items.to_vec(),
        (Type::Tuple(types), None) => types.iter().map(|ty| Value::unknown(ty.clone())).collect(),
        _ => return Ok(unknown),
    };
    if keys.len() != values_items.len() {
        let reason = format!("there are {} keys but {} values", keys.len(), values_items.len());
        return Err(FunctionError::new(reason));
    }
    if !keys_known {
        return Ok(unknown);
    }
    let pairs = keys.iter().filter_map(Value::as_str).map(Key::from).zip(values_items);
    Ok(match values.ty() {
        Type::List(element) => Value::map(Type::clone(&element), pairs),
        _ => Value::object(pairs),
    })
}

fn has_no_elements(set: &Value) -> bool {
    set.is_known() && set.children().next().is_none()
}

fn sets_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    let types: Vec<_> = arguments
        .iter()
        .filter_map(|set| match set.ty() {
            // An empty set fits any other.
            Type::Set(element) if *element == Type::Any && has_no_elements(set) => None,
            Type::Set(element) => Some(Type::clone(&element)),
            _ => None,
        })
        .collect();
    if types.is_empty() {
        return Ok(Type::set(Type::Any));
    }
    let element = unify(&types)
        .ok_or_else(|| FunctionError::new("the sets have no element type in common"))?;
    Ok(Type::set(element))
}

type Members = Vec<Vec<Value>>;

/// The element type and elements of all sets; `None` where some element is unknown.
fn members(arguments: &[Value]) -> Result<(Type, Option<Members>), FunctionError> {
    let ty = sets_type(arguments)?;
    let Type::Set(element) = &ty else { return Ok((Type::Any, None)) };
    if !arguments.iter().all(Value::is_wholly_known) {
        return Ok((Type::clone(element), None));
    }
    let sets = arguments
        .iter()
        .map(|set| {
            let converted =
                convert(set, &ty).map_err(|error| FunctionError::new(error.describe()))?;
            Ok(converted.elements().unwrap_or_default().to_vec())
        })
        .collect::<Result<_, FunctionError>>()?;
    Ok((Type::clone(element), Some(sets)))
}

fn set_operation(arguments: &[Value], work: impl FnOnce(Members) -> Vec<Value>) -> Outcome {
    let (element, sets) = members(arguments)?;
    Ok(match sets {
        Some(sets) => Value::set(element, work(sets)),
        None => Value::unknown_not_null(Type::set(element)),
    })
}

fn union(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    // Unknown elements can only add to a union.
    if !arguments.iter().all(Value::is_wholly_known) && arguments.iter().all(Value::is_known) {
        let Type::Set(element) = sets_type(arguments)? else {
            return Ok(Value::unknown(Type::Any));
        };
        let mut all = Vec::new();
        for item in arguments.iter().flat_map(|set| set.elements().unwrap_or_default()) {
            all.push(
                convert(item, &element).map_err(|error| FunctionError::new(error.describe()))?,
            );
        }
        return Ok(Value::set(Type::clone(&element), all));
    }
    set_operation(arguments, |sets| sets.into_iter().flatten().collect())
}

fn fingerprints(items: &[Value]) -> BTreeSet<String> {
    items.iter().map(Value::fingerprint).collect()
}

fn intersection(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    set_operation(arguments, |mut sets| {
        let first = if sets.is_empty() { Vec::new() } else { sets.remove(0) };
        let sets: Vec<_> = sets.iter().map(|set| fingerprints(set)).collect();
        first
            .into_iter()
            .filter(|item| sets.iter().all(|set| set.contains(&item.fingerprint())))
            .collect()
    })
}

fn subtract(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    set_operation(arguments, |mut sets| {
        let first = if sets.is_empty() { Vec::new() } else { sets.remove(0) };
        let sets: Vec<_> = sets.iter().map(|set| fingerprints(set)).collect();
        first
            .into_iter()
            .filter(|item| !sets.iter().any(|set| set.contains(&item.fingerprint())))
            .collect()
    })
}

fn product(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    if arguments.len() < 2 {
        return Err(FunctionError::new("at least two sets or lists are needed"));
    }
    let mut types = Vec::new();
    let mut lists = Vec::new();
    let mut ordered = false;
    for (index, argument) in arguments.iter().enumerate() {
        ordered |= !matches!(argument.ty(), Type::Set(_));
        let list = convert(argument, &Type::list(Type::Any))
            .map_err(|error| FunctionError::argument(index, error.describe()))?;
        match list.ty() {
            Type::List(element) => types.push(Type::clone(&element)),
            _ => types.push(Type::Any),
        }
        lists.push(list);
    }
    let combinations = lists.iter().fold(lists.len() + 1, |product, list| {
        product.saturating_mul(list.elements().map_or(1, <[Value]>::len))
    });
    if combinations > limits::ELEMENTS {
        return Err(FunctionError::from(TooLarge));
    }
    let element = Type::tuple(types);
    if !ordered && arguments.iter().any(|set| !set.is_wholly_known()) {
        return Ok(Value::unknown_not_null(Type::set(element)));
    }
    if lists.iter().any(|list| !list.is_known()) {
        return Ok(Value::unknown_not_null(Type::list(element)));
    }
    let mut rows: Vec<Vec<Value>> = vec![Vec::new()];
    for list in &lists {
        let choices = list.elements().unwrap_or_default();
        rows = rows
            .iter()
            .flat_map(|row| {
                choices.iter().map(move |choice| {
                    let mut longer = row.clone();
                    longer.push(choice.clone());
                    longer
                })
            })
            .collect();
    }
    let rows: Vec<_> = rows.into_iter().map(Value::tuple).collect();
    Ok(if ordered { Value::list(element, rows) } else { Value::set(element, rows) })
}

fn coalesce(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    if arguments.is_empty() {
        return Err(FunctionError::new("at least one argument is needed"));
    }
    let typed: Vec<_> = arguments
        .iter()
        .filter(|value| !matches!(value.data(), Data::Null(Type::Any)))
        .cloned()
        .collect();
    if typed.is_empty() {
        return Err(FunctionError::new("all of them are null or empty texts"));
    }
    let (ty, values) = unified(&typed)?;
    for value in values {
        if !value.is_known() {
            return Ok(Value::unknown_not_null(ty));
        }
        let empty = value.as_str().is_some_and(str::is_empty);
        if !value.is_null() && !empty {
            return Ok(value);
        }
    }
    Err(FunctionError::new("all of them are null or empty texts"))
}

fn coalesce_list(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    if arguments.is_empty() {
        return Err(FunctionError::new("at least one list is needed"));
    }
    for (index, list) in arguments.iter().enumerate() {
        match list.ty() {
            Type::Any if !list.is_known() => return Ok(Value::unknown(Type::Any)),
            Type::List(_) | Type::Tuple(_) if list.is_null() => continue,
            Type::List(_) | Type::Tuple(_) => {}
            other => {
                let reason = format!("a list or a tuple is needed, but this is {}", other.phrase());
                return Err(FunctionError::argument(index, reason));
            }
        }
        match list.length_bounds() {
            (1.., _) if list.is_never_null() => return Ok(list.clone()),
            (0, Some(0)) => {}
            _ => return Ok(Value::unknown(Type::Any)),
        }
    }
    Err(FunctionError::new("all of them are null or empty"))
}

fn match_keys(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let ty = arguments.first().map_or(Type::Any, Value::ty);
    if !arguments.iter().skip(1).all(Value::is_wholly_known) {
        return Ok(Value::unknown_not_null(ty));
    }
    let (values, keys) = (items(arguments, 0), items(arguments, 1));
    if values.len() != keys.len() {
        let reason = format!("there are {} values but {} keys", values.len(), keys.len());
        return Err(FunctionError::new(reason));
    }
    let lists: Vec<_> = arguments.iter().skip(1).cloned().collect();
    let (_, lists) = unified(&lists)?;
    let wanted = lists.get(1).and_then(Value::elements).unwrap_or_default();
    let keys = lists.first().and_then(Value::elements).unwrap_or_default();
    let wanted = fingerprints(wanted);
    let chosen = values
        .iter()
        .zip(keys)
        .filter(|(_, key)| wanted.contains(&key.fingerprint()))
        .map(|(value, _)| value.clone())
        .collect();
    match ty {
        Type::List(element) => Ok(Value::list(Type::clone(&element), chosen)),
        _ => Ok(Value::tuple(chosen)),
    }
}

fn transposed_type(_: &[Value]) -> Result<Type, FunctionError> {
    Ok(Expects::StringLists.ty())
}

fn transpose(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let map = arguments.first().unwrap_or(&Value::NULL);
    if !map.is_wholly_known() {
        return Ok(Value::unknown_not_null(Expects::StringLists.ty()));
    }
    let mut swapped: BTreeMap<Key, Vec<Value>> = BTreeMap::new();
    for (key, list) in map.entries().unwrap_or_default() {
        for item in list.elements().unwrap_or_default() {
            let Some(text) = item.as_str() else {
                return Err(FunctionError::argument(0, "an element is null"));
            };
            swapped.entry(Key::from(text)).or_default().push(Value::string(key));
        }
    }
    let lists = swapped.into_iter().map(|(key, list)| (key, Value::list(Type::String, list)));
    Ok(Value::map(Type::list(Type::String), lists))
}

/// The one type of `values`, and the values in it.
fn unified(values: &[Value]) -> Result<(Type, Vec<Value>), FunctionError> {
    let types: Vec<_> = values.iter().map(Value::ty).collect();
    let ty =
        unify(&types).ok_or_else(|| FunctionError::new("the arguments have no type in common"))?;
    let converted = values.iter().map(|value| convert(value, &ty)).collect::<Result<_, _>>();
    Ok((ty, converted.map_err(|error| FunctionError::new(error.describe()))?))
}
