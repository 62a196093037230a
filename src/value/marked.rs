//! Marks put back onto the parts they belong to, after a value has been away: at a vendor, or in a
//! file.

use std::sync::Arc;

use super::{Data, Elements, Entries, PathSegment, Refinement, Type, Value};

impl Value {
    /// The value with the marks of `pattern`, part by part. A part whose counterpart has another
    /// shape takes all the marks in it.
    #[must_use]
    pub fn marked_like(&self, pattern: &Self) -> Self {
        if pattern.deep_marks().is_empty() {
            return self.clone();
        }
        let same_shape = match (self.data(), pattern.data()) {
            (Data::Object(_) | Data::Map(_), Data::Object(_) | Data::Map(_)) => true,
            (Data::List(_) | Data::Tuple(_), Data::List(_) | Data::Tuple(_)) => {
                self.children().count() == pattern.children().count()
            }
            _ => false,
        };
        if !same_shape {
            return self.clone().mark(&pattern.deep_marks());
        }
        let marked = self.map_parts(&|segment, part| {
            let counterpart = match segment {
                PathSegment::Attribute(name) | PathSegment::Key(name) => pattern.attribute(name),
                PathSegment::Index(index) => {
                    pattern.elements().and_then(|elements| elements.get(*index))
                }
            };
            counterpart.map_or_else(|| part.clone(), |pattern| part.marked_like(pattern))
        });
        marked.mark(pattern.marks())
    }

    /// A value of the same type of which nothing is known but its marks. It is in parts as far as
    /// some of them have marks that others have not.
    #[must_use]
    pub fn unknown_like(&self) -> Self {
        let marks = self.deep_marks();
        let has_parts =
            matches!(self.data(), Data::Object(_) | Data::Map(_) | Data::Tuple(_) | Data::List(_));
        if has_parts && marks != *self.marks() {
            return self.map_parts(&|_, part| part.unknown_like());
        }
        if self.is_null() {
            return self.clone();
        }
        let not_null = self.is_known() || self.is_never_null();
        let refinement = Refinement { not_null, ..Refinement::default() };
        Self::unknown_with(self.ty(), refinement).mark(&marks)
    }

    /// The value with the part at `path` sensitive. Where the way ends early, or leads into a set,
    /// everything from there on is.
    #[must_use]
    pub fn sensitive_at(&self, path: &[PathSegment]) -> Self {
        let Some((first, rest)) = path.split_first() else { return self.clone().sensitive() };
        let leads_on = match (first, self.data()) {
            (
                PathSegment::Attribute(name) | PathSegment::Key(name),
                Data::Object(_) | Data::Map(_),
            ) => self.attribute(name).is_some(),
            (PathSegment::Index(index), Data::List(_) | Data::Tuple(_)) => {
                *index < self.children().count()
            }
            _ => false,
        };
        if !leads_on {
            return self.clone().sensitive();
        }
        self.map_parts(&|segment, part| {
            if segment == first || first.name().is_some_and(|name| segment.name() == Some(name)) {
                part.sensitive_at(rest)
            } else {
                part.clone()
            }
        })
    }

    /// The value with null in place of everything that must not be stored.
    #[must_use]
    pub fn without_ephemeral(&self) -> Self {
        if self.marks().is_ephemeral() {
            return Self::null(self.ty()).with_marks(self.deep_marks().without_ephemeral());
        }
        if !self.deep_marks().is_ephemeral() {
            return self.clone();
        }
        self.map_parts(&|_, part| part.without_ephemeral())
    }

    /// The value with null in place of every part that is not known.
    #[must_use]
    pub fn without_unknown(&self) -> Self {
        match self.data() {
            Data::Unknown(unknown) => {
                Self::null(unknown.ty.clone()).with_marks(self.marks().clone())
            }
            _ if self.is_wholly_known() => self.clone(),
            Data::Set(set) => Self::null(Type::set(set.element_type.clone())),
            _ => self.map_parts(&|_, part| part.without_unknown()),
        }
    }

    /// The same container with each part replaced; sets and values without parts stay.
    fn map_parts(&self, change: &dyn Fn(&PathSegment, &Self) -> Self) -> Self {
        let in_order = |items: &[Self]| {
            let items = items.iter().enumerate();
            items.map(|(index, item)| change(&PathSegment::Index(index), item)).collect::<Vec<_>>()
        };
        let by_name = |items: &[(super::Key, Self)]| {
            let changed = |(name, item): &(super::Key, Self)| {
                (name.clone(), change(&PathSegment::Attribute(name.clone()), item))
            };
            items.iter().map(changed).collect::<Vec<_>>()
        };
        let data = match self.data() {
            Data::Object(items) => Data::Object(by_name(items).into()),
            Data::Map(map) => Data::Map(Arc::new(Entries {
                element_type: map.element_type.clone(),
                items: by_name(&map.items),
            })),
            Data::Tuple(items) => Data::Tuple(in_order(items).into()),
            Data::List(list) => Data::List(Arc::new(Elements {
                element_type: list.element_type.clone(),
                items: in_order(&list.items),
            })),
            other => other.clone(),
        };
        Self::from(data).with_marks(self.marks().clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Marks, Path};

    fn login(password: Value) -> Value {
        Value::object([("name", Value::from("ada")), ("password", password)])
    }

    #[test]
    fn marks_go_back_to_the_parts_they_came_from() {
        let planned = Value::tuple(vec![login(Value::from("x").sensitive()), Value::from(1)]);
        let returned = planned.reveal().marked_like(&planned);
        assert_eq!(returned, planned);
        assert!(!returned.children().next().unwrap().attribute("name").unwrap().is_sensitive());
        let unlike = Value::from("flat").marked_like(&planned);
        assert!(unlike.is_sensitive());
    }

    #[test]
    fn what_is_not_known_yet_keeps_the_marks_of_its_parts() {
        let later = login(Value::from("x").sensitive()).unknown_like();
        assert!(!later.is_sensitive());
        let part = |name: &str| later.attribute(name).unwrap();
        assert!(part("password").is_sensitive() && !part("password").is_known());
        assert!(!part("name").is_sensitive() && !part("name").is_known());
        assert!(!login(Value::from("x")).unknown_like().is_known());
        assert!(login(Value::from("x")).sensitive().unknown_like().is_sensitive());
    }

    #[test]
    fn what_must_not_be_stored_becomes_null_and_the_rest_stays() {
        let gone = |value: Value| value.mark(&Marks::ephemeral());
        let partly = login(gone(Value::from("x")).sensitive());
        let kept = partly.without_ephemeral();
        assert_eq!(kept, login(Value::null(Type::String).sensitive()));
        assert_eq!(gone(login(Value::from("x"))).without_ephemeral(), Value::null(kept.ty()));
        assert_eq!(login(Value::from("x")).without_ephemeral(), login(Value::from("x")));
        let unknown = gone(Value::unknown(Type::Number)).without_ephemeral();
        assert_eq!(unknown, Value::null(Type::Number));
    }

    #[test]
    fn what_is_not_known_becomes_null_of_its_type() {
        let half = Value::tuple(vec![Value::from(1), Value::unknown(Type::String)]);
        let told = Value::tuple(vec![Value::from(1), Value::null(Type::String)]);
        assert_eq!(login(half).without_unknown(), login(told));
        assert_eq!(login(Value::from(1)).without_unknown(), login(Value::from(1)));
    }

    #[test]
    fn a_path_makes_its_end_sensitive_or_as_much_as_it_reaches() {
        let value = login(Value::from("x"));
        let path = Path::attribute("password").0;
        assert_eq!(value.sensitive_at(&path), login(Value::from("x").sensitive()));
        let beyond = Path::attribute("password").then(PathSegment::Index(3)).0;
        assert_eq!(value.sensitive_at(&beyond), login(Value::from("x").sensitive()));
        assert!(value.sensitive_at(&Path::attribute("other").0).is_sensitive());
    }
}
