//! `for` expressions and splats.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diag::{Diagnostic, Diagnostics, code};
use crate::syntax::{For, Splat};
use crate::text::Span;
use crate::value::{Data, Key, Marks, Refinement, Type, Value, convert, unify};

use super::evaluator::{Evaluated, Inner, fail, object_key};
use super::limits::{self, Weight};
use super::operators;

/// Keys and values of what can be gone through; `None` where it is unknown.
pub(super) fn elements(
    source: &Value,
    span: Span,
) -> Result<Option<Vec<(Value, Value)>>, Diagnostics> {
    match source.data() {
        Data::Null(_) => {
            Err(fail(code::NULL_NOT_ALLOWED, span, "A null cannot be gone through with `for`."))
        }
        Data::Unknown(unknown) => match unknown.ty {
            Type::Bool | Type::Number | Type::String => Err(not_iterable(&unknown.ty, span)),
            _ => Ok(None),
        },
        Data::List(list) => Ok(Some(positions(&list.items))),
        Data::Tuple(items) => Ok(Some(positions(items))),
        Data::Set(set) => {
            Ok(Some(set.items.iter().map(|item| (item.clone(), item.clone())).collect()))
        }
        Data::Map(_) | Data::Object(_) => {
            let entries = source.entries().unwrap_or_default().iter();
            Ok(Some(
                entries
                    .map(|(key, value)| (Data::String(Arc::clone(key)).into(), value.clone()))
                    .collect(),
            ))
        }
        _ => Err(not_iterable(&source.ty(), span)),
    }
}

fn positions(items: &[Value]) -> Vec<(Value, Value)> {
    items.iter().enumerate().map(|(index, item)| (Value::number(index), item.clone())).collect()
}

fn not_iterable(ty: &Type, span: Span) -> Diagnostics {
    fail(
        code::FOR_EXPRESSION,
        span,
        format!(
            "`for` goes through lists, sets, tuples, maps and objects; {} is none.",
            ty.phrase()
        ),
    )
}

/// Runs `work` with the names of a `for` bound.
fn bound<T>(
    inner: &Inner<'_>,
    key_name: Option<&Arc<str>>,
    value_name: &Arc<str>,
    key: Value,
    value: Value,
    work: impl FnOnce(&Inner<'_>) -> T,
) -> T {
    match key_name {
        Some(key_name) => {
            inner.with(key_name, key, |inner| inner.with(value_name, value, |inner| work(inner)))
        }
        None => inner.with(value_name, value, |inner| work(inner)),
    }
}

/// The same for an element of a collection with `marks`. It carries none of them, for the result
/// will as a whole; but where something goes wrong, messages must know what they may not tell.
pub(super) fn bound_of<T>(
    inner: &Inner<'_>,
    names: (Option<&Arc<str>>, &Arc<str>),
    (key, value): (Value, Value),
    (marks, span): (&Marks, Span),
    mut work: impl FnMut(&Inner<'_>) -> Result<T, Diagnostics>,
) -> Result<T, Diagnostics> {
    let (key_name, value_name) = names;
    let plain = bound(inner, key_name, value_name, key.clone(), value.clone(), &mut work);
    if plain.is_ok() || !marks.is_hidden() {
        return plain;
    }
    bound(inner, key_name, value_name, key.mark(marks), value.mark(marks), &mut work)
        .and(Err(fail(code::FOR_EXPRESSION, span, "An element that is hidden does not fit.")))
}

/// The results of a `for` so far.
struct Gathered {
    marks: Marks,
    /// Whether some key or condition was unknown, so that the shape of the result is.
    unknown: bool,
    /// Whether elements of the collection may turn out to be the same.
    unsettled: bool,
    values: Vec<Value>,
    named: BTreeMap<Key, Value>,
    groups: BTreeMap<Key, Vec<Value>>,
    weight: Weight,
}

/// `[for …]` and `{for …}`.
pub(super) fn evaluate(inner: &Inner<'_>, parts: &For) -> Evaluated {
    let source = inner.evaluate(&parts.collection)?;
    let Some(elements) = elements(&source, parts.collection.span())? else {
        return Ok(Value::unknown(Type::Any).mark(source.marks()));
    };
    let mut gathered = Gathered {
        marks: source.marks().clone(),
        unknown: false,
        unsettled: source.is_unsettled(),
        values: Vec::new(),
        named: BTreeMap::new(),
        groups: BTreeMap::new(),
        weight: Weight::default(),
    };
    for (key, value) in elements {
        inner.budget.step(parts.collection.span())?;
        let names = (parts.key_name.as_ref(), &parts.value_name);
        let from = (source.marks(), parts.collection.span());
        bound_of(inner, names, (key, value), from, |inner| step(inner, parts, &mut gathered))?;
    }
    // Elements of such a set may still come in another order, or be fewer.
    let in_order = parts.key.is_none() || gathered.groups.values().any(|group| group.len() > 1);
    gathered.unknown |= in_order && gathered.unsettled;
    if gathered.unknown {
        let gone = gathered.values.iter().chain(gathered.named.values());
        let marks = gone.chain(gathered.groups.values().flatten()).map(Value::deep_marks);
        gathered.marks = marks.fold(gathered.marks, |all, own| all.union(&own));
    }
    let result = if gathered.unknown {
        Value::unknown(Type::Any)
    } else if parts.key.is_none() {
        Value::tuple(gathered.values)
    } else if parts.grouping {
        let groups = gathered.groups.into_iter();
        Value::object(groups.map(|(key, values)| (key, Value::tuple(values))))
    } else {
        Value::object(gathered.named)
    };
    Ok(result.mark(&gathered.marks))
}

fn step(inner: &Inner<'_>, parts: &For, gathered: &mut Gathered) -> Result<(), Diagnostics> {
    if let Some(condition) = &parts.condition {
        let decided = inner.evaluate(condition)?;
        let decided = operators::truth(&decided, condition.span())?;
        gathered.marks = gathered.marks.union(decided.marks());
        match decided.as_bool() {
            Some(true) => {}
            Some(false) => return Ok(()),
            None => {
                gathered.unknown = true;
                return Ok(());
            }
        }
    }
    let Some(key) = &parts.key else {
        let value = inner.evaluate(&parts.value)?;
        gathered.weight.add(&value).map_err(|_| limits::too_large(parts.value.span()))?;
        gathered.values.push(value);
        return Ok(());
    };
    let (key_value, value) = inner.both(key, &parts.value)?;
    gathered.weight.add(&value).map_err(|_| limits::too_large(parts.value.span()))?;
    let (name, marks) = object_key(&key_value, key.span())?;
    gathered.marks = gathered.marks.union(&marks);
    let Some(name) = name else {
        gathered.unknown = true;
        gathered.marks = gathered.marks.union(&value.deep_marks());
        return Ok(());
    };
    if parts.grouping {
        gathered.groups.entry(name).or_default().push(value);
    } else if gathered.named.insert(Arc::clone(&name), value).is_some() {
        if gathered.unsettled {
            gathered.unknown = true;
            return Ok(());
        }
        let which =
            if marks.is_hidden() { "one key".to_owned() } else { format!("the key `{name}`") };
        return Err(Diagnostic::error(
            code::FOR_EXPRESSION,
            format!("Two elements give {which}, and an object can hold only one of them."),
        )
        .at(key.span())
        .help("put `...` after the value to gather the values of equal keys in lists")
        .into());
    }
    Ok(())
}

/// `list[*].…` and `list.*.…`; a single value counts as a list of one, null as an empty one.
pub(super) fn splat(inner: &Inner<'_>, splat: &Splat) -> Evaluated {
    let source = inner.evaluate(&splat.source)?;
    let each = |item: &Value| {
        inner.budget.step(splat.source.span())?;
        let found = inner.with_item(item, |inner| inner.evaluate(&splat.each));
        if found.is_ok() || !source.marks().is_hidden() {
            return found;
        }
        let hidden = item.clone().mark(source.marks());
        inner.with_item(&hidden, |inner| inner.evaluate(&splat.each))
    };
    let ty = source.ty();
    let result = match (&ty, source.data()) {
        (Type::List(_) | Type::Set(_) | Type::Tuple(_), Data::Null(_)) => Err(fail(
            code::NULL_NOT_ALLOWED,
            splat.source.span(),
            "A null list has no elements to be taken apart.",
        )),
        (_, Data::Null(_)) => Ok(Value::tuple(Vec::new())),
        (Type::Any, _) => Ok(Value::unknown(Type::Any)),
        (Type::List(element) | Type::Set(element), Data::Unknown(unknown)) => {
            let result = each(&Value::unknown(Type::clone(element)))?;
            let refinement =
                Refinement { prefix: None, not_null: true, ..unknown.refinement.clone() };
            Ok(Value::unknown_with(Type::list(result.ty()), refinement).mark(result.marks()))
        }
        (Type::List(element) | Type::Set(element), _) => {
            let items = source.elements().unwrap_or_default();
            let results = items.iter().map(&each).collect::<Result<Vec<_>, _>>()?;
            let list = list_of(results, || each(&Value::unknown(Type::clone(element))));
            Ok(if source.is_unsettled() { in_some_order(&source, &list) } else { list })
        }
        (Type::Tuple(types), Data::Unknown(_)) => {
            let items = types.iter().map(|ty| each(&Value::unknown(ty.clone())));
            Ok(Value::tuple(items.collect::<Result<_, _>>()?))
        }
        (Type::Tuple(_), _) => {
            let items = source.elements().unwrap_or_default().iter();
            Ok(Value::tuple(items.map(&each).collect::<Result<_, _>>()?))
        }
        (_, Data::Unknown(_)) if !source.is_never_null() => {
            each(&source)?;
            Ok(Value::unknown(Type::Any))
        }
        _ => {
            let bare = source.clone().with_marks(Marks::NONE);
            Ok(Value::tuple(vec![each(&bare)?]))
        }
    };
    result.map(|value| value.mark(source.marks()))
}

/// What is known of a list from a set whose elements are not all known.
fn in_some_order(set: &Value, list: &Value) -> Value {
    let (least, most) = set.length_bounds();
    let result = match list.ty() {
        ty @ Type::List(_) => Value::unknown_with(ty, Refinement::length(least, most)),
        _ => Value::unknown_not_null(Type::Any),
    };
    result.mark(&list.deep_marks())
}

fn list_of(items: Vec<Value>, empty: impl FnOnce() -> Evaluated) -> Value {
    let types: Vec<_> = items.iter().map(Value::ty).collect();
    let Some(ty) = unify(&types) else {
        return if items.is_empty() {
            Value::list(empty().map_or(Type::Any, |value| value.ty()), items)
        } else {
            Value::tuple(items)
        };
    };
    if ty == Type::Any && types.iter().any(|own| *own != Type::Any) {
        return Value::tuple(items);
    }
    let converted = items.iter().map(|item| convert(item, &ty)).collect::<Result<Vec<_>, _>>();
    converted.map_or_else(|_| Value::tuple(items.clone()), |items| Value::list(ty, items))
}
