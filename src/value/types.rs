//! Types of values.

use std::fmt;
use std::sync::Arc;

use super::Key;

/// The type of a value, or a constraint on it where [`Type::Any`] occurs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Type {
    /// Not known yet, or not constrained.
    Any,
    /// `true` and `false`.
    Bool,
    /// Numbers.
    Number,
    /// Text.
    String,
    /// Elements of one type, in order.
    List(Arc<Type>),
    /// Elements of one type, each once.
    Set(Arc<Type>),
    /// Elements of one type by key.
    Map(Arc<Type>),
    /// Elements each of its own type, in order.
    Tuple(Arc<Vec<Type>>),
    /// Attributes each of its own type, sorted by name.
    Object(Arc<Vec<ObjectAttribute>>),
}

/// One attribute of an object type.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectAttribute {
    /// Its name.
    pub name: Key,
    /// Its type.
    pub ty: Type,
    /// May be left out in a conversion, which then gives null. Only constraints have these.
    pub optional: bool,
}

impl Type {
    /// A list of `element`.
    pub fn list(element: Self) -> Self {
        Self::List(Arc::new(element))
    }

    /// A set of `element`.
    pub fn set(element: Self) -> Self {
        Self::Set(Arc::new(element))
    }

    /// A map of `element`.
    pub fn map(element: Self) -> Self {
        Self::Map(Arc::new(element))
    }

    /// A tuple of `elements`.
    pub fn tuple(elements: Vec<Self>) -> Self {
        Self::Tuple(Arc::new(elements))
    }

    /// An object with `attributes`, all required.
    pub fn object<N: Into<Key>>(attributes: impl IntoIterator<Item = (N, Self)>) -> Self {
        Self::object_with(attributes.into_iter().map(|(name, ty)| ObjectAttribute {
            name: name.into(),
            ty,
            optional: false,
        }))
    }

    /// An object with `attributes`, some of which may be optional.
    pub fn object_with(attributes: impl IntoIterator<Item = ObjectAttribute>) -> Self {
        let mut attributes: Vec<_> = attributes.into_iter().collect();
        attributes.sort_by(|left, right| left.name.cmp(&right.name));
        attributes.dedup_by(|later, earlier| later.name == earlier.name);
        Self::Object(Arc::new(attributes))
    }

    /// The type of the attribute `name` of an object type.
    pub fn attribute(&self, name: &str) -> Option<&ObjectAttribute> {
        let Self::Object(attributes) = self else { return None };
        let index = attributes.binary_search_by(|attribute| (*attribute.name).cmp(name)).ok()?;
        attributes.get(index)
    }

    /// Tells whether some part is [`Type::Any`].
    pub fn has_any(&self) -> bool {
        match self {
            Self::Any => true,
            Self::Bool | Self::Number | Self::String => false,
            Self::List(element) | Self::Set(element) | Self::Map(element) => element.has_any(),
            Self::Tuple(elements) => elements.iter().any(Self::has_any),
            Self::Object(attributes) => attributes.iter().any(|attribute| attribute.ty.has_any()),
        }
    }

    /// Tells whether this is a bool, number or string.
    pub fn is_primitive(&self) -> bool {
        matches!(self, Self::Bool | Self::Number | Self::String)
    }
}

/// As type constraints are written: `list(string)`.
impl fmt::Display for Type {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => formatter.write_str("any"),
            Self::Bool => formatter.write_str("bool"),
            Self::Number => formatter.write_str("number"),
            Self::String => formatter.write_str("string"),
            Self::List(element) => write!(formatter, "list({element})"),
            Self::Set(element) => write!(formatter, "set({element})"),
            Self::Map(element) => write!(formatter, "map({element})"),
            Self::Tuple(elements) => {
                formatter.write_str("tuple([")?;
                for (index, element) in elements.iter().enumerate() {
                    let comma = if index == 0 { "" } else { ", " };
                    write!(formatter, "{comma}{element}")?;
                }
                formatter.write_str("])")
            }
            Self::Object(attributes) => {
                formatter.write_str("object({")?;
                for (index, attribute) in attributes.iter().enumerate() {
                    let comma = if index == 0 { "" } else { ", " };
                    let ObjectAttribute { name, ty, optional } = attribute;
                    if *optional {
                        write!(formatter, "{comma}{name} = optional({ty})")?;
                    } else {
                        write!(formatter, "{comma}{name} = {ty}")?;
                    }
                }
                formatter.write_str("})")
            }
        }
    }
}
