//! The language's `==`.

use super::{Data, Key, Marks, ObjectAttribute, Type, Value};

/// Whether two values are equal: true, false, or unknown, with the marks of both.
///
/// Values of different types are never equal, `1` and `"1"` among them.
pub fn equals(left: &Value, right: &Value) -> Value {
    let marks = left.deep_marks().union(&right.deep_marks());
    let result = if marks.is_empty() {
        compare(left, right)
    } else {
        let bare = |value: &Value| value.map_marks(&|_| Marks::NONE);
        compare(&bare(left), &bare(right))
    };
    let result = result.map_or_else(|| Value::unknown_not_null(Type::Bool), Value::bool);
    result.mark(&marks)
}

/// `None`: not known yet.
fn compare(left: &Value, right: &Value) -> Option<bool> {
    match (left.is_null(), right.is_null()) {
        (true, true) => return Some(true),
        (true, false) => return if right.is_never_null() { Some(false) } else { None },
        (false, true) => return if left.is_never_null() { Some(false) } else { None },
        (false, false) => {}
    }
    if !left.is_known() || !right.is_known() {
        return compare_unknown(left, right);
    }
    match (left.data(), right.data()) {
        (Data::Bool(left), Data::Bool(right)) => Some(left == right),
        (Data::Number(left), Data::Number(right)) => Some(left == right),
        (Data::String(left), Data::String(right)) => Some(left == right),
        (Data::Tuple(left), Data::Tuple(right)) => {
            if left.len() != right.len() {
                return Some(false);
            }
            all(left.iter().zip(right.iter()))
        }
        (Data::Object(left), Data::Object(right)) => {
            if left.len() != right.len() || left.iter().zip(right.iter()).any(|(l, r)| l.0 != r.0) {
                return Some(false);
            }
            all(left.iter().zip(right.iter()).map(|(left, right)| (&left.1, &right.1)))
        }
        (Data::List(own), Data::List(other)) => {
            if differ(&own.element_type, &other.element_type)
                || own.items.len() != other.items.len()
            {
                return Some(false);
            }
            all(own.items.iter().zip(&other.items))
        }
        (Data::Set(own), Data::Set(other)) => {
            if differ(&own.element_type, &other.element_type) {
                return Some(false);
            }
            if !left.is_wholly_known() || !right.is_wholly_known() {
                return None;
            }
            Some(own.items == other.items)
        }
        (Data::Map(own), Data::Map(other)) => {
            if differ(&own.element_type, &other.element_type)
                || own.items.len() != other.items.len()
                || own.items.iter().zip(&other.items).any(|(own, other)| own.0 != other.0)
            {
                return Some(false);
            }
            all(own.items.iter().zip(&other.items).map(|(own, other)| (&own.1, &other.1)))
        }
        _ => Some(false),
    }
}

fn all<'v>(pairs: impl Iterator<Item = (&'v Value, &'v Value)>) -> Option<bool> {
    let mut result = Some(true);
    for (left, right) in pairs {
        match compare(left, right) {
            Some(true) => {}
            Some(false) => return Some(false),
            None => result = None,
        }
    }
    result
}

fn differ(left: &Type, right: &Type) -> bool {
    left != right && !left.has_any() && !right.has_any()
}

/// Whether values of both types are compared part by part.
fn same_shape(left: &Type, right: &Type) -> bool {
    match (left, right) {
        (Type::Tuple(left), Type::Tuple(right)) => left.len() == right.len(),
        (Type::Object(left), Type::Object(right)) => {
            let names = |ty: &[ObjectAttribute]| {
                ty.iter().map(|attribute| Key::clone(&attribute.name)).collect::<Vec<_>>()
            };
            names(left) == names(right)
        }
        _ => false,
    }
}

fn compare_unknown(left: &Value, right: &Value) -> Option<bool> {
    let (left_type, right_type) = (left.ty(), right.ty());
    if differ(&left_type, &right_type) {
        // Two nulls are equal, whatever their types, and so are containers of nothing else.
        let undecided =
            !(left.is_never_null() || right.is_never_null()) || same_shape(&left_type, &right_type);
        return if undecided { None } else { Some(false) };
    }
    let excluded = |unknown: &Value, other: &Value| match (unknown.data(), other.as_str()) {
        (Data::Unknown(unknown), Some(text)) => {
            unknown.refinement.prefix.as_ref().is_some_and(|prefix| !text.starts_with(&**prefix))
        }
        _ => false,
    };
    if excluded(left, right) || excluded(right, left) { Some(false) } else { None }
}
