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

    /// The same type with every attribute required, as values have it.
    #[must_use]
    pub fn without_optional(&self) -> Self {
        match self {
            Self::Any | Self::Bool | Self::Number | Self::String => self.clone(),
            Self::List(element) => Self::list(element.without_optional()),
            Self::Set(element) => Self::set(element.without_optional()),
            Self::Map(element) => Self::map(element.without_optional()),
            Self::Tuple(elements) => {
                Self::tuple(elements.iter().map(Self::without_optional).collect())
            }
            Self::Object(attributes) => {
                Self::object(attributes.iter().map(|attribute| {
                    (Key::clone(&attribute.name), attribute.ty.without_optional())
                }))
            }
        }
    }

    /// The kind of type in words, with an article: `a list`, `an object`.
    pub fn phrase(&self) -> String {
        match self {
            Self::Any => "a value of any type".to_owned(),
            Self::Bool => "a bool".to_owned(),
            Self::Number => "a number".to_owned(),
            Self::String => "a string".to_owned(),
            Self::List(element) if **element == Self::Any => "a list".to_owned(),
            Self::Set(element) if **element == Self::Any => "a set".to_owned(),
            Self::Map(element) if **element == Self::Any => "a map".to_owned(),
            Self::List(element) => format!("a list of {element}"),
            Self::Set(element) => format!("a set of {element}"),
            Self::Map(element) => format!("a map of {element}"),
            Self::Tuple(_) => "a tuple".to_owned(),
            Self::Object(_) => "an object".to_owned(),
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
