//! What is known of unknown values.

use std::sync::Arc;

use super::{Data, Refinement, Type, Unknown, Value};

impl Refinement {
    /// Known not to be null.
    pub fn not_null() -> Self {
        Self { not_null: true, ..Self::default() }
    }

    /// A text that starts with `prefix`, and so is not null.
    pub fn prefix(prefix: impl Into<Arc<str>>) -> Self {
        let prefix: Arc<str> = prefix.into();
        Self {
            not_null: true,
            prefix: Some(prefix).filter(|text| !text.is_empty()),
            ..Self::default()
        }
    }

    /// A collection of so many elements at least and at most, and so not null.
    pub fn length(min: u64, max: Option<u64>) -> Self {
        Self {
            not_null: true,
            prefix: None,
            min_length: Some(min).filter(|min| *min > 0),
            max_length: max,
        }
    }
}

impl Value {
    /// A value of type `ty` that is known after apply and will not be null.
    pub fn unknown_not_null(ty: Type) -> Self {
        Self::unknown_with(ty, Refinement::not_null())
    }

    /// An unknown value, or the list of unknown elements that it must be when so much is known.
    pub fn unknown_refined(ty: Type, refinement: Refinement) -> Self {
        match (&ty, refinement.max_length) {
            (Type::List(element), Some(length @ ..=1024))
                if refinement.not_null && refinement.min_length.unwrap_or(0) == length =>
            {
                let items = (0..length).map(|_| Self::unknown(Type::clone(element))).collect();
                Self::list(Type::clone(element), items)
            }
            _ => Self::unknown_with(ty, refinement),
        }
    }

    /// What is known of it, where it is unknown.
    pub fn as_unknown(&self) -> Option<&Unknown> {
        match self.data() {
            Data::Unknown(unknown) => Some(unknown),
            _ => None,
        }
    }

    /// Tells whether it is certain not to be null, even where it is unknown.
    pub fn is_never_null(&self) -> bool {
        match self.data() {
            Data::Null(_) => false,
            Data::Unknown(unknown) => unknown.refinement.not_null,
            _ => true,
        }
    }

    /// The same value; where it is unknown, known not to be null.
    #[must_use]
    pub fn refine_not_null(self) -> Self {
        match self.data() {
            Data::Unknown(unknown) if !unknown.refinement.not_null => {
                let refinement = Refinement { not_null: true, ..unknown.refinement.clone() };
                Self::unknown_with(unknown.ty.clone(), refinement).with_marks(self.marks().clone())
            }
            _ => self,
        }
    }

    /// Tells whether elements of a set may turn out to be the same, or to stand in another order,
    /// because some are unknown.
    pub fn is_unsettled(&self) -> bool {
        matches!(self.data(), Data::Set(set) if set.items.len() > 1) && !self.is_wholly_known()
    }

    /// How many elements a collection, tuple or object has, at least and at most.
    pub fn length_bounds(&self) -> (u64, Option<u64>) {
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        match self.data() {
            Data::Unknown(unknown) => match &unknown.ty {
                Type::Tuple(elements) => (count(elements.len()), Some(count(elements.len()))),
                Type::Object(elements) => (count(elements.len()), Some(count(elements.len()))),
                _ => {
                    let refinement = &unknown.refinement;
                    (refinement.min_length.unwrap_or(0), refinement.max_length)
                }
            },
            Data::Set(set) if !self.is_wholly_known() => {
                (count(set.items.len()).min(1), Some(count(set.items.len())))
            }
            _ => {
                let length = count(self.children().count());
                (length, Some(length))
            }
        }
    }
}
