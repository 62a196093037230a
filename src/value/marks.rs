//! What rides along with a value.

use std::sync::Arc;

use crate::addr::InstanceAddr;

/// Marks of a value: hidden from people, never stored, and where it came from.
///
/// Two sets of marks are equal when they agree on sensitive and ephemeral; provenance orders work
/// and changes no meaning.
#[derive(Clone, Debug, Default)]
pub struct Marks(Option<Arc<MarkSet>>);

#[derive(Clone, Debug, Default)]
struct MarkSet {
    sensitive: bool,
    ephemeral: bool,
    /// In order, each once. Nearly always one, for which a set would make room for eleven.
    provenance: Vec<Arc<InstanceAddr>>,
}

impl Marks {
    /// No marks at all.
    pub const NONE: Self = Self(None);

    /// Only the mark of sensitive values.
    pub fn sensitive() -> Self {
        Self(Some(Arc::new(MarkSet { sensitive: true, ..MarkSet::default() })))
    }

    /// Only the mark of ephemeral values.
    pub fn ephemeral() -> Self {
        Self(Some(Arc::new(MarkSet { ephemeral: true, ..MarkSet::default() })))
    }

    /// Only the note that the value came from `instance`.
    pub fn from_instance(instance: Arc<InstanceAddr>) -> Self {
        Self(Some(Arc::new(MarkSet { provenance: vec![instance], ..MarkSet::default() })))
    }

    /// Tells whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Tells whether the value must be hidden from people.
    pub fn is_sensitive(&self) -> bool {
        self.0.as_ref().is_some_and(|set| set.sensitive)
    }

    /// Tells whether the value must never be stored.
    pub fn is_ephemeral(&self) -> bool {
        self.0.as_ref().is_some_and(|set| set.ephemeral)
    }

    /// Tells whether the value must not be quoted to people.
    pub fn is_hidden(&self) -> bool {
        self.is_sensitive() || self.is_ephemeral()
    }

    /// The instances the value came from, in order.
    pub fn provenance(&self) -> impl Iterator<Item = &Arc<InstanceAddr>> {
        self.0.iter().flat_map(|set| &set.provenance)
    }

    /// The marks of both.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        match (&self.0, &other.0) {
            (_, None) => self.clone(),
            (None, _) => other.clone(),
            (Some(left), Some(right)) if Arc::ptr_eq(left, right) => self.clone(),
            (Some(left), Some(right)) => Self(Some(Arc::new(MarkSet {
                sensitive: left.sensitive || right.sensitive,
                ephemeral: left.ephemeral || right.ephemeral,
                provenance: united(&left.provenance, &right.provenance),
            }))),
        }
    }

    /// The same marks without the one for sensitive values.
    #[must_use]
    pub fn without_sensitive(&self) -> Self {
        self.without(|set| set.sensitive = false)
    }

    /// The same marks without the one for ephemeral values.
    #[must_use]
    pub fn without_ephemeral(&self) -> Self {
        self.without(|set| set.ephemeral = false)
    }

    /// The same marks without the note where the value came from.
    #[must_use]
    pub fn without_provenance(&self) -> Self {
        self.without(|set| set.provenance.clear())
    }

    fn without(&self, change: impl FnOnce(&mut MarkSet)) -> Self {
        let Some(set) = &self.0 else { return Self::NONE };
        let mut set = MarkSet::clone(set);
        change(&mut set);
        if set.sensitive || set.ephemeral || !set.provenance.is_empty() {
            Self(Some(Arc::new(set)))
        } else {
            Self::NONE
        }
    }
}

/// The instances of both lists, in order, each once.
fn united(left: &[Arc<InstanceAddr>], right: &[Arc<InstanceAddr>]) -> Vec<Arc<InstanceAddr>> {
    let mut both: Vec<_> = left.iter().chain(right).map(Arc::clone).collect();
    both.sort_unstable();
    both.dedup();
    both
}

impl PartialEq for Marks {
    fn eq(&self, other: &Self) -> bool {
        self.is_sensitive() == other.is_sensitive() && self.is_ephemeral() == other.is_ephemeral()
    }
}

impl Eq for Marks {}
