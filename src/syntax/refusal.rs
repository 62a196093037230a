//! Words for what is refused.

/// A sentence without the middle of an endless word in it.
pub(super) fn shortened(detail: String) -> String {
    const KEPT: usize = 200;
    let cut = (detail.char_indices().nth(KEPT), detail.char_indices().rev().nth(KEPT));
    match cut {
        (Some((start, _)), Some((end, _))) if start < end => {
            let parts = (detail.get(..start), detail.get(end..));
            format!("{} … {}", parts.0.unwrap_or_default(), parts.1.unwrap_or_default())
        }
        _ => detail,
    }
}

/// What the parser says could stand in the place, as a sentence.
pub(super) fn possible(message: &str) -> String {
    let expected = match message.strip_prefix("expected ") {
        Some(expected) => expected,
        None => match message.split_once("; expected ") {
            Some((_, expected)) => expected,
            None => return String::new(),
        },
    };
    // Where a letter, a digit and brackets are expected, a value is.
    if expected.contains("letter") {
        return " A value is missing.".to_owned();
    }
    format!(" Possible here: {expected}.")
}
