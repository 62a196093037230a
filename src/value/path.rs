//! A way into a value.

use std::fmt;

use super::{Key, Value};

/// One step into a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PathSegment {
    /// An attribute of an object; of a map a key, where nobody knows better.
    Attribute(Key),
    /// A key of a map.
    Key(Key),
    /// A position in a list or tuple.
    Index(usize),
}

impl PathSegment {
    /// The name or key of the part it leads to.
    pub fn name(&self) -> Option<&Key> {
        match self {
            Self::Attribute(name) | Self::Key(name) => Some(name),
            Self::Index(_) => None,
        }
    }
}

/// A way from a value to one of its parts; the empty way is the value itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path(pub Vec<PathSegment>);

impl Path {
    /// The way to one attribute.
    pub fn attribute(name: impl Into<Key>) -> Self {
        Self(vec![PathSegment::Attribute(name.into())])
    }

    /// This way and one step more.
    #[must_use]
    pub fn then(&self, segment: PathSegment) -> Self {
        let mut segments = self.0.clone();
        segments.push(segment);
        Self(segments)
    }

    /// The attribute at its start.
    pub fn root_attribute(&self) -> Option<&str> {
        match self.0.first() {
            Some(PathSegment::Attribute(name)) => Some(name),
            _ => None,
        }
    }

    /// The part of `value` it leads to.
    pub fn get<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        self.0.iter().try_fold(value, |part, segment| match segment {
            PathSegment::Attribute(name) | PathSegment::Key(name) => part.attribute(name),
            PathSegment::Index(index) => part.elements()?.get(*index),
        })
    }
}

impl fmt::Display for Path {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, segment) in self.0.iter().enumerate() {
            match segment {
                PathSegment::Attribute(name) if index == 0 => formatter.write_str(name)?,
                PathSegment::Attribute(name) => write!(formatter, ".{name}")?,
                PathSegment::Key(name) => write!(formatter, "[{name:?}]")?,
                PathSegment::Index(position) => write!(formatter, "[{position}]")?,
            }
        }
        Ok(())
    }
}
