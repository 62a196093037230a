//! One out of what was found, and words for what cannot be chosen.

use crate::sdk::{ErrorKind, ProviderError};
use crate::value::Type;

use super::wire::Listed;

/// How many candidates a message names.
const SHOWN: usize = 10;

/// What everything in a list has.
pub(super) const NAMED: [(&str, Type); 2] = [("id", Type::String), ("name", Type::String)];

/// The oldest first, and of equal age by id: an order that stays.
pub(super) fn in_order<T: Listed>(mut found: Vec<T>) -> Vec<T> {
    found.sort_by(|left, right| {
        (left.created_at(), left.id()).cmp(&(right.created_at(), right.id()))
    });
    found
}

/// The only one, where it is the only one.
pub(super) fn only_one<T>(
    mut found: Vec<T>,
    plural: &str,
    shown: impl Fn(&T) -> String,
    explain: impl FnOnce(ProviderError) -> ProviderError,
) -> Result<T, ProviderError> {
    match found.pop() {
        Some(one) if found.is_empty() => Ok(one),
        last => {
            found.extend(last);
            let candidates = listed(found.iter().map(shown));
            let message = format!("{} {plural} fit: {candidates}.", found.len());
            Err(explain(ProviderError::new(ErrorKind::NotOne, "read", message)))
        }
    }
}

/// The first few of `candidates`, and how many there are besides.
pub(super) fn listed(candidates: impl Iterator<Item = String>) -> String {
    let all: Vec<_> = candidates.collect();
    let few = all.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    match all.len().saturating_sub(SHOWN) {
        0 => few,
        more => format!("{few} and {more} more"),
    }
}
