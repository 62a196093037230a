//! One type for several values.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::convert::convert_type;
use super::{Key, Type};

/// The type all of `types` can be converted to with the least loss; `None` where there is none.
pub fn unify(types: &[Type]) -> Option<Type> {
    let first = types.first()?;
    if types.iter().all(|ty| ty == first) {
        return Some(first.clone());
    }
    #[cfg(any(test, fuzzing))]
    super::guesses::note(types);
    if let Some(settled) = unify_structures(types) {
        return settled;
    }
    preferred(types).into_iter().find_map(|index| {
        let wanted = types.get(index)?;
        types
            .iter()
            .all(|ty| ty == wanted || convert_type(ty, wanted).is_some())
            .then(|| wanted.clone())
    })
}

#[derive(Default)]
struct Census {
    map: usize,
    list: usize,
    set: usize,
    object: usize,
    tuple: usize,
    any: usize,
}

fn census(types: &[Type]) -> Census {
    let mut count = Census::default();
    for ty in types {
        match ty {
            Type::Map(_) => count.map += 1,
            Type::List(_) => count.list += 1,
            Type::Set(_) => count.set += 1,
            Type::Object(_) => count.object += 1,
            Type::Tuple(_) => count.tuple += 1,
            Type::Any => count.any += 1,
            Type::Bool | Type::Number | Type::String => {}
        }
    }
    count
}

/// `Some` where the kinds of types alone decide how the answer is found.
#[expect(clippy::option_option, reason = "not decided, decided that there is none, or found")]
fn unify_structures(types: &[Type]) -> Option<Option<Type>> {
    let count = census(types);
    let all = |number: usize| number > 0 && number + count.any == types.len();
    let dynamic = count.any > 0;
    if all(count.map) {
        return Some(collections(types, dynamic, Type::map));
    }
    if count.map > 0 && all(count.map + count.object) {
        if let Some(ty @ Type::Map(_)) =
            disguised(types, |ty| matches!(ty, Type::Object(_)), objects_to_map)
        {
            return Some(Some(ty));
        }
    } else if all(count.list) {
        return Some(collections(types, dynamic, Type::list));
    } else if count.list > 0 && all(count.list + count.tuple) {
        if let Some(ty @ Type::List(_)) =
            disguised(types, |ty| matches!(ty, Type::Tuple(_)), tuples_to_list)
        {
            return Some(Some(ty));
        }
    } else if all(count.set) {
        return Some(collections(types, dynamic, Type::set));
    } else if all(count.object) {
        return Some(if dynamic { Some(Type::Any) } else { objects(types) });
    } else if all(count.tuple) {
        return Some(if dynamic { Some(Type::Any) } else { tuples(types) });
    } else if count.object > 0 && count.tuple > 0 {
        return Some(None);
    }
    None
}

fn collections(types: &[Type], dynamic: bool, make: impl FnOnce(Type) -> Type) -> Option<Type> {
    if dynamic {
        return Some(Type::Any);
    }
    let elements: Vec<_> = types
        .iter()
        .filter_map(|ty| match ty {
            Type::List(element) | Type::Set(element) | Type::Map(element) => {
                Some(Type::clone(element))
            }
            _ => None,
        })
        .collect();
    unify(&elements).map(make)
}

/// Takes the structures among `types` for the collection they may be meant as, and tries again.
fn disguised(
    types: &[Type],
    is_structure: impl Fn(&Type) -> bool,
    collect: impl Fn(&[Type]) -> Option<Type>,
) -> Option<Type> {
    let structures: Vec<_> = types.iter().filter(|ty| is_structure(ty)).cloned().collect();
    let collection = collect(&structures)?;
    let replaced: Vec<_> = types
        .iter()
        .map(|ty| if is_structure(ty) { collection.clone() } else { ty.clone() })
        .collect();
    unify(&replaced)
}

fn objects(types: &[Type]) -> Option<Type> {
    let Some(Type::Object(first)) = types.first() else { return None };
    let names = |ty: &Type| -> BTreeSet<Key> {
        match ty {
            Type::Object(attributes) => {
                attributes.iter().map(|attribute| Arc::clone(&attribute.name)).collect()
            }
            _ => BTreeSet::new(),
        }
    };
    let expected = types.first().map(names)?;
    if types.iter().any(|ty| names(ty) != expected) {
        return objects_to_map(types);
    }
    let mut unified = Vec::with_capacity(first.len());
    for attribute in first.iter() {
        let across: Vec<_> = types
            .iter()
            .filter_map(|ty| ty.attribute(&attribute.name).map(|own| own.ty.clone()))
            .collect();
        unified.push((Arc::clone(&attribute.name), unify(&across)?));
    }
    Some(Type::object(unified))
}

fn objects_to_map(types: &[Type]) -> Option<Type> {
    let mut all = Vec::new();
    for ty in types {
        if let Type::Object(attributes) = ty {
            all.extend(attributes.iter().map(|attribute| attribute.ty.clone()));
        }
    }
    unify(&all).map(Type::map)
}

fn tuples(types: &[Type]) -> Option<Type> {
    let Some(Type::Tuple(first)) = types.first() else { return None };
    let length = |ty: &Type| match ty {
        Type::Tuple(elements) => elements.len(),
        _ => 0,
    };
    if types.iter().any(|ty| length(ty) != first.len()) {
        return tuples_to_list(types);
    }
    let unified = (0..first.len()).map(|index| {
        let across: Vec<_> = types
            .iter()
            .filter_map(|ty| match ty {
                Type::Tuple(elements) => elements.get(index).cloned(),
                _ => None,
            })
            .collect();
        unify(&across)
    });
    unified.collect::<Option<_>>().map(Type::tuple)
}

fn tuples_to_list(types: &[Type]) -> Option<Type> {
    let mut all = Vec::new();
    for ty in types {
        if let Type::Tuple(elements) = ty {
            all.extend(elements.iter().cloned());
        }
    }
    unify(&all).map(Type::list)
}

/// Indices of `types`, those that make better results first, else in the order given.
fn preferred(types: &[Type]) -> Vec<usize> {
    let mut rest: Vec<usize> = (0..types.len()).collect();
    let mut order = Vec::with_capacity(types.len());
    while !rest.is_empty() {
        let next = rest
            .iter()
            .position(|candidate| {
                rest.iter().all(|other| match (types.get(*other), types.get(*candidate)) {
                    (Some(other), Some(candidate)) => {
                        preference(other, candidate) != Ordering::Less
                    }
                    _ => true,
                })
            })
            .unwrap_or(0);
        order.push(rest.remove(next));
    }
    order
}

/// `Less` where `left` makes the better result.
fn preference(left: &Type, right: &Type) -> Ordering {
    match (left, right) {
        (Type::Any, Type::Any) => Ordering::Equal,
        (Type::List(left), Type::List(right))
        | (Type::Set(left), Type::Set(right))
        | (Type::Map(left), Type::Map(right)) => preference(left, right),
        (_, Type::Any)
        | (Type::String, Type::Bool | Type::Number)
        | (Type::List(_) | Type::Tuple(_), Type::Set(_))
        | (Type::Map(_), Type::Object(_))
        | (Type::List(_), Type::Tuple(_)) => Ordering::Less,
        (Type::Any, _)
        | (Type::Bool | Type::Number, Type::String)
        | (Type::Set(_), Type::List(_) | Type::Tuple(_))
        | (Type::Object(_), Type::Map(_))
        | (Type::Tuple(_), Type::List(_)) => Ordering::Greater,
        _ => Ordering::Equal,
    }
}
