//! One out of what was found, and words for what cannot be chosen.

use crate::sdk::{ErrorKind, ProviderError, choice, listed};
use crate::value::Type;

use super::wire::Listed;

/// How many candidates a message names.
const SHOWN: usize = 10;

/// What everything in a list has.
pub(super) const NAMED: [(&str, Type); 2] = [("id", Type::String), ("name", Type::String)];

/// The oldest first, and of equal age by id; where only the newest one is wanted, that one alone.
pub(super) fn in_order<T: Listed>(found: Vec<T>, most_recent: bool) -> Vec<T> {
    choice::in_order(found, most_recent, |entry| (entry.created_at(), entry.id()))
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
            let candidates = candidates(&found, shown);
            let message = format!("{} {plural} fit: {candidates}.", found.len());
            Err(explain(ProviderError::new(ErrorKind::NotOne, "read", message)))
        }
    }
}

/// The first few of `candidates`, and how many there are besides.
pub(super) fn candidates<T>(found: &[T], shown: impl Fn(&T) -> String) -> String {
    listed(found.iter().map(shown), SHOWN)
}
