//! A way into a value.

use std::fmt;

use super::{Key, Value};

/// One step into a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PathSegment {
    /// An attribute of an object, or a key of a map.
    Attribute(Key),
    /// A position in a list or tuple.
    Index(usize),
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
            PathSegment::Attribute(name) => part.attribute(name),
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
                PathSegment::Index(position) => write!(formatter, "[{position}]")?,
            }
        }
        Ok(())
    }
}
