//! The value itself.

use std::fmt;
use std::sync::Arc;

use super::{Marks, Number, Type};

/// A key of a map or name of an attribute.
pub type Key = Arc<str>;

/// A value of the language with its marks.
#[derive(Clone, PartialEq, Eq)]
pub struct Value {
    data: Data,
    marks: Marks,
}

/// What a value is, apart from its marks.
#[derive(Clone, PartialEq, Eq)]
pub enum Data {
    /// No value, of a type.
    Null(Type),
    /// Known after apply.
    Unknown(Arc<Unknown>),
    /// A truth value.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text, in Unicode's composed form.
    String(Arc<str>),
    /// Elements of one type, in order.
    List(Arc<Elements>),
    /// Elements of one type, each once, in the language's order.
    Set(Arc<Elements>),
    /// Elements of one type by key.
    Map(Arc<Entries>),
    /// Elements each of its own type.
    Tuple(Arc<[Value]>),
    /// Attributes each of its own type, sorted by name.
    Object(Arc<[(Key, Value)]>),
}

/// The elements of a list or set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elements {
    /// Type of every element.
    pub element_type: Type,
    /// The elements.
    pub items: Vec<Value>,
}

/// The entries of a map, sorted by key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entries {
    /// Type of every element.
    pub element_type: Type,
    /// The entries, sorted, each key once.
    pub items: Vec<(Key, Value)>,
}

/// What is known of a value that is known after apply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// Its type; [`Type::Any`] where not even that is known.
    pub ty: Type,
    /// What else is known.
    pub refinement: Refinement,
}

/// What is known of an unknown value besides its type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refinement {
    /// It will not be null.
    pub not_null: bool,
    /// A string that will start like this.
    pub prefix: Option<Arc<str>>,
    /// A collection that will have at least so many elements.
    pub min_length: Option<u64>,
    /// A collection that will have at most so many elements.
    pub max_length: Option<u64>,
}

impl From<Data> for Value {
    fn from(data: Data) -> Self {
        Self { data, marks: Marks::NONE }
    }
}

impl Value {
    /// The truth value `true`.
    pub const TRUE: Self = Self { data: Data::Bool(true), marks: Marks::NONE };
    /// The truth value `false`.
    pub const FALSE: Self = Self { data: Data::Bool(false), marks: Marks::NONE };
    /// A null whose type is not known.
    pub const NULL: Self = Self { data: Data::Null(Type::Any), marks: Marks::NONE };

    /// No value, of type `ty`.
    pub fn null(ty: Type) -> Self {
        Data::Null(ty).into()
    }

    /// A value of type `ty` that is known after apply.
    pub fn unknown(ty: Type) -> Self {
        Self::unknown_with(ty, Refinement::default())
    }

    /// A value that is known after apply, of which something is known.
    pub fn unknown_with(ty: Type, refinement: Refinement) -> Self {
        Data::Unknown(Arc::new(Unknown { ty, refinement })).into()
    }

    /// A truth value.
    pub fn bool(value: bool) -> Self {
        Data::Bool(value).into()
    }

    /// A number.
    pub fn number(number: impl Into<Number>) -> Self {
        Data::Number(number.into()).into()
    }

    /// A text, brought into Unicode's composed form.
    pub fn string(text: impl AsRef<str>) -> Self {
        let text = text.as_ref();
        let composed = match unicode_normalization::is_nfc_quick(text.chars()) {
            unicode_normalization::IsNormalized::Yes => Arc::from(text),
            _ => unicode_normalization::UnicodeNormalization::nfc(text).collect::<String>().into(),
        };
        Data::String(composed).into()
    }

    /// A list; its items must be of `element_type`.
    pub fn list(element_type: Type, items: Vec<Self>) -> Self {
        Data::List(Arc::new(Elements { element_type, items })).into()
    }

    /// A map; its items must be of `element_type`. Of equal keys the last one counts.
    pub fn map(element_type: Type, items: impl IntoIterator<Item = (Key, Self)>) -> Self {
        Data::Map(Arc::new(Entries { element_type, items: sorted(items) })).into()
    }

    /// A tuple.
    pub fn tuple(items: Vec<Self>) -> Self {
        Data::Tuple(items.into()).into()
    }

    /// An object. Of equal names the last one counts.
    pub fn object<K: Into<Key>>(attributes: impl IntoIterator<Item = (K, Self)>) -> Self {
        let attributes = attributes.into_iter().map(|(name, value)| (name.into(), value));
        Data::Object(sorted(attributes).into()).into()
    }

    /// What the value is, apart from its own marks; parts keep theirs.
    pub fn data(&self) -> &Data {
        &self.data
    }

    /// The value's own marks, not those of its parts.
    pub fn marks(&self) -> &Marks {
        &self.marks
    }

    /// The same value with `marks` added to its own.
    #[must_use]
    pub fn mark(mut self, marks: &Marks) -> Self {
        if !marks.is_empty() {
            self.marks = self.marks.union(marks);
        }
        self
    }

    /// The same value with `marks` in place of its own.
    #[must_use]
    pub fn with_marks(mut self, marks: Marks) -> Self {
        self.marks = marks;
        self
    }

    /// The same value marked sensitive.
    #[must_use]
    pub fn sensitive(self) -> Self {
        self.mark(&Marks::sensitive())
    }

    /// The data of a value for an audience that may see it: the one place where a sensitive value
    /// is looked at on purpose. Marks of all parts are gone from the result.
    #[must_use]
    pub fn reveal(&self) -> Self {
        self.map_marks(&|_| Marks::NONE)
    }

    /// The same value with every mark, its own and those of its parts, replaced by `change`.
    #[must_use]
    pub fn map_marks(&self, change: &dyn Fn(&Marks) -> Marks) -> Self {
        let data = if self.has_deep_marks() {
            match &self.data {
                Data::List(list) => Data::List(Arc::new(list.map_marks(change))),
                Data::Set(set) => Data::Set(Arc::new(set.map_marks(change))),
                Data::Map(map) => Data::Map(Arc::new(Entries {
                    element_type: map.element_type.clone(),
                    items: map_entries(&map.items, change),
                })),
                Data::Tuple(items) => {
                    Data::Tuple(items.iter().map(|item| item.map_marks(change)).collect())
                }
                Data::Object(items) => Data::Object(map_entries(items, change).into()),
                other => other.clone(),
            }
        } else {
            self.data.clone()
        };
        Self { data, marks: change(&self.marks) }
    }

    fn has_deep_marks(&self) -> bool {
        self.children().any(|child| !child.marks.is_empty() || child.has_deep_marks())
    }

    /// The union of its own marks and those of all its parts.
    pub fn deep_marks(&self) -> Marks {
        self.children().fold(self.marks.clone(), |marks, child| marks.union(&child.deep_marks()))
    }

    /// Tells whether the value itself, not only a part, is sensitive.
    pub fn is_sensitive(&self) -> bool {
        self.marks.is_sensitive()
    }

    /// Tells whether the value is null.
    pub fn is_null(&self) -> bool {
        matches!(self.data, Data::Null(_))
    }

    /// Tells whether the value itself is known; parts of it may still be unknown.
    pub fn is_known(&self) -> bool {
        !matches!(self.data, Data::Unknown(_))
    }

    /// Tells whether the value and all its parts are known.
    pub fn is_wholly_known(&self) -> bool {
        self.is_known() && self.children().all(Self::is_wholly_known)
    }

    /// The truth value it is, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match &self.data {
            Data::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The number it is, if it is one.
    pub fn as_number(&self) -> Option<&Number> {
        match &self.data {
            Data::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The text it is, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match &self.data {
            Data::String(text) => Some(text),
            _ => None,
        }
    }

    /// The elements of a list, set or tuple.
    pub fn elements(&self) -> Option<&[Self]> {
        match &self.data {
            Data::List(list) | Data::Set(list) => Some(&list.items),
            Data::Tuple(items) => Some(items),
            _ => None,
        }
    }

    /// The entries of a map or object, sorted.
    pub fn entries(&self) -> Option<&[(Key, Self)]> {
        match &self.data {
            Data::Map(map) => Some(&map.items),
            Data::Object(items) => Some(items),
            _ => None,
        }
    }

    /// The element of a map or object under `name`.
    pub fn attribute(&self, name: &str) -> Option<&Self> {
        let entries = self.entries()?;
        let index = entries.binary_search_by(|(key, _)| (**key).cmp(name)).ok()?;
        entries.get(index).map(|(_, value)| value)
    }

    /// Its direct parts.
    pub fn children(&self) -> impl Iterator<Item = &Self> {
        let elements = self.elements().unwrap_or_default().iter();
        elements.chain(self.entries().unwrap_or_default().iter().map(|(_, value)| value))
    }

    /// Its type as far as its kind tells, without types of parts: what is cheap to ask of large
    /// values. Parts are [`Type::Any`], tuples and objects are empty.
    pub fn kind(&self) -> Type {
        match &self.data {
            Data::List(_) => Type::list(Type::Any),
            Data::Set(_) => Type::set(Type::Any),
            Data::Map(_) => Type::map(Type::Any),
            Data::Tuple(_) => Type::tuple(Vec::new()),
            Data::Object(_) => Type::Object(Arc::new(Vec::new())),
            _ => self.ty(),
        }
    }

    /// Its exact type.
    pub fn ty(&self) -> Type {
        match &self.data {
            Data::Null(ty) => ty.clone(),
            Data::Unknown(unknown) => unknown.ty.clone(),
            Data::Bool(_) => Type::Bool,
            Data::Number(_) => Type::Number,
            Data::String(_) => Type::String,
            Data::List(list) => Type::list(list.element_type.clone()),
            Data::Set(set) => Type::set(set.element_type.clone()),
            Data::Map(map) => Type::map(map.element_type.clone()),
            Data::Tuple(items) => Type::tuple(items.iter().map(Self::ty).collect()),
            Data::Object(items) => {
                Type::object(items.iter().map(|(name, value)| (Arc::clone(name), value.ty())))
            }
        }
    }
}

impl Elements {
    fn map_marks(&self, change: &dyn Fn(&Marks) -> Marks) -> Self {
        Self {
            element_type: self.element_type.clone(),
            items: self.items.iter().map(|item| item.map_marks(change)).collect(),
        }
    }
}

fn map_entries(items: &[(Key, Value)], change: &dyn Fn(&Marks) -> Marks) -> Vec<(Key, Value)> {
    items.iter().map(|(key, value)| (Arc::clone(key), value.map_marks(change))).collect()
}

fn sorted(items: impl IntoIterator<Item = (Key, Value)>) -> Vec<(Key, Value)> {
    let mut items: Vec<_> = items.into_iter().collect();
    if !items.is_sorted_by(|left, right| left.0 < right.0) {
        items.sort_by(|left, right| left.0.cmp(&right.0));
        items.reverse();
        items.dedup_by(|earlier, later| earlier.0 == later.0);
        items.reverse();
    }
    items
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::string(text)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::bool(value)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::number(number)
    }
}

/// For logs and test failures; a sensitive value shows only that it is one.
impl fmt::Debug for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_sensitive() {
            return formatter.write_str("(sensitive)");
        }
        fmt::Debug::fmt(&self.data, formatter)
    }
}

impl fmt::Debug for Data {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null(ty) => write!(formatter, "null({ty})"),
            Self::Unknown(unknown) => write!(formatter, "unknown({})", unknown.ty),
            Self::Bool(value) => fmt::Debug::fmt(value, formatter),
            Self::Number(number) => fmt::Debug::fmt(number, formatter),
            Self::String(text) => fmt::Debug::fmt(text, formatter),
            Self::List(list) => formatter.debug_list().entries(&list.items).finish(),
            Self::Set(set) => formatter.debug_set().entries(&set.items).finish(),
            Self::Tuple(items) => formatter.debug_list().entries(items.iter()).finish(),
            Self::Map(map) => formatter
                .debug_map()
                .entries(map.items.iter().map(|(key, value)| (key, value)))
                .finish(),
            Self::Object(items) => formatter
                .debug_map()
                .entries(items.iter().map(|(key, value)| (key, value)))
                .finish(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_equal_names_counts() {
        let object = Value::object([("b", 1.into()), ("a", 2.into()), ("b", Value::from(3))]);
        assert_eq!(object.attribute("b"), Some(&Value::from(3)));
        assert_eq!(object.entries().unwrap().len(), 2);
    }

    #[test]
    fn debug_output_hides_what_is_sensitive() {
        let object = Value::object([("password", Value::string("hunter2").sensitive())]);
        assert!(!format!("{object:?}").contains("hunter2"));
    }

    #[test]
    fn revealing_takes_off_deep_marks() {
        let object = Value::object([("password", Value::string("x").sensitive())]);
        assert!(object.deep_marks().is_sensitive());
        assert!(!object.reveal().deep_marks().is_sensitive());
    }
}
