//! One out of what was found, and words for what cannot be chosen.

use crate::schema::Problem;
use crate::sdk::{ErrorKind, ProviderError, choice, listed};
use crate::value::{Type, Value};

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

/// Complaints about arguments beside `id`, of which each could only contradict it. What is false
/// narrows nothing down.
pub(super) fn beside_id(arguments: &Value, others: &[&'static str], what: &str) -> Vec<Problem> {
    let is_set = |name: &str| {
        let value = arguments.attribute(name);
        value.is_some_and(|value| !value.is_null() && value.as_bool() != Some(false))
    };
    let needless = |name: &&'static str| {
        let message =
            format!("`id` says which {what} is meant, and `{name}` could only contradict it.");
        Problem::combination(name, message).help(format!("remove `{name}`, or `id`"))
    };
    others.iter().filter(|name| is_set("id") && is_set(name)).map(needless).collect()
}

/// The error where nothing has an id.
pub(super) fn no_such(what: &str, id: &str) -> ProviderError {
    let message = format!("There is no {what} `{id}` in this project.");
    ProviderError::new(ErrorKind::NotOne, "read", message)
        .attribute("id")
        .help("look whether id, project and region are the right ones")
}

/// The first few of `candidates`, and how many there are besides.
pub(super) fn candidates<T>(found: &[T], shown: impl Fn(&T) -> String) -> String {
    listed(found.iter().map(shown), SHOWN)
}
