//! What the two lists have in common: how a request is filled in, and what fits.

use std::collections::BTreeMap;

use super::client::put_tags;
use super::signing::Parameters;

/// Adds the filters that are given, and those by tags.
pub(super) fn put_filters(
    request: &mut Parameters,
    filters: &[(&str, Option<&String>)],
    tags: Option<&BTreeMap<String, String>>,
) {
    for (name, value) in filters {
        request.extend(value.map(|value| ((*name).to_owned(), value.clone())));
    }
    put_tags(request, tags.into_iter().flatten().map(|(key, value)| (&**key, &**value)));
}

/// Whether a record is what a filter asked for. Some releases may ignore a filter; what a record does
/// not tell is left to the server, and so is the vendor's word for no filter.
pub(super) fn agrees(wanted: Option<&String>, held: Option<&String>) -> bool {
    let (Some(wanted), Some(held)) = (wanted, held) else { return true };
    wanted.eq_ignore_ascii_case("all") || wanted.eq_ignore_ascii_case(held)
}

/// Whether a record has all tags that were asked for. At the server an empty value stands for any.
pub(super) fn is_tagged(
    held: &BTreeMap<String, String>,
    tags: Option<&BTreeMap<String, String>>,
) -> bool {
    tags.into_iter().flatten().all(|(key, value)| held.get(key) == Some(value))
}

/// The vendor has no difference between an empty and an absent text.
pub(super) fn present(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_record_tells_must_agree() {
        let text = |text: &str| Some(text.to_owned());
        for (wanted, held, expected) in [
            (None, text("data"), true),
            (text("data"), None, true),
            (text("All"), text("In_use"), true),
            (text("Standard"), text("standard"), true),
            (text("data"), text("system"), false),
        ] {
            assert_eq!(agrees(wanted.as_ref(), held.as_ref()), expected, "{wanted:?} {held:?}");
        }
    }
}
