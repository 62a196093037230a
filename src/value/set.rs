//! Sets: each element once, in the language's order.

use std::cmp::Ordering;
use std::fmt::Write as _;
use std::sync::Arc;

use super::{Data, Elements, Marks, Type, Value};

impl Value {
    /// A set of `items`, which must be of `element_type`. Marks of elements become marks of the
    /// set, for which element is which cannot be told any more.
    pub fn set(element_type: Type, items: Vec<Self>) -> Self {
        let marks = items.iter().fold(Marks::NONE, |marks, item| marks.union(&item.deep_marks()));
        let mut items = if marks.is_empty() {
            items
        } else {
            items.iter().map(|item| item.map_marks(&|_| Marks::NONE)).collect()
        };
        let simple =
            |item: &Self| matches!(item.data(), Data::String(_) | Data::Number(_) | Data::Bool(_));
        if items.iter().all(simple) {
            items.sort_by(order);
        } else {
            items.sort_by_cached_key(|item| (rank(item), item.fingerprint()));
        }
        items.dedup_by(|later, earlier| earlier.is_wholly_known() && later == earlier);
        Self::from(Data::Set(Arc::new(Elements { element_type, items }))).mark(&marks)
    }

    /// A text that two values of one type share only where they are equal, marks aside.
    pub fn fingerprint(&self) -> String {
        let mut text = String::new();
        write_fingerprint(self, &mut text);
        text
    }
}

/// Unknown values last, null before them.
fn rank(value: &Value) -> u8 {
    match value.data() {
        Data::Unknown(_) => 2,
        Data::Null(_) => 1,
        _ => 0,
    }
}

/// The order in which sets show texts, numbers and bools; for structures any fixed one would do.
fn order(left: &Value, right: &Value) -> Ordering {
    match (left.data(), right.data()) {
        (Data::String(left), Data::String(right)) => left.cmp(right),
        (Data::Number(left), Data::Number(right)) => left.cmp(right),
        (Data::Bool(left), Data::Bool(right)) => left.cmp(right),
        _ => Ordering::Equal,
    }
}

fn write_fingerprint(value: &Value, text: &mut String) {
    match value.data() {
        Data::Null(_) => text.push_str("null"),
        Data::Unknown(_) => text.push('?'),
        Data::Bool(truth) => text.push(if *truth { 'T' } else { 'F' }),
        Data::Number(number) => {
            let _ = write!(text, "{number}");
        }
        Data::String(inner) => {
            let _ = write!(text, "{inner:?}");
        }
        Data::List(_) | Data::Set(_) | Data::Tuple(_) => {
            text.push('[');
            for item in value.children() {
                write_fingerprint(item, text);
                text.push(';');
            }
            text.push(']');
        }
        Data::Map(map) => {
            text.push('{');
            for (key, item) in &map.items {
                let _ = write!(text, "{key:?}:");
                write_fingerprint(item, text);
                text.push(';');
            }
            text.push('}');
        }
        Data::Object(items) => {
            text.push('<');
            for (_, item) in items.iter() {
                write_fingerprint(item, text);
                text.push(';');
            }
            text.push('>');
        }
    }
}
