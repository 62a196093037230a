//! Takes out of a story what differs between two runs of the same test.

use std::path::Path;
use std::sync::LazyLock;

use regex::{Captures, Regex};

/// Placeholders of ids, which a configuration may hold as well: there they stay.
const KEPT: [&str; 2] = ["[uuid]", "[zenlayer-id]"];

static FILTERS: LazyLock<Vec<(Regex, &'static str)>> = LazyLock::new(|| {
    let patterns = [
        (r"\d{4}-\d\d-\d\d[T. ]\d\d:\d\d:\d\d(\.\d+)?Z?", "[instant]"),
        (r"\b\d{10}\b", "[seconds]"),
        (r"(?i)\bT?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "[uuid]"),
        (r"\bs-[0-9a-z]{16,}\b", "[apsara-id]"),
        (r"\b\d{19}\b", "[zenlayer-id]"),
        (r"\breq-\[uuid\]", "[request]"),
        (r"\b(?:\d+m)?\d+s elapsed", "[time] elapsed"),
        (r"after (?:\d+m)?\d+s\b", "after [time]"),
        (r"127\.0\.0\.1:\d+", "[address]"),
        (r"process \d+", "process [pid]"),
        (r"on (linux|macos|windows)_\w+", "on [platform]"),
    ];
    patterns.map(|(pattern, shown)| (Regex::new(pattern).unwrap(), shown)).into()
});

/// `text` without what differs; what stands in the sandbox's own files stays.
pub(super) fn filter(text: &str, folder: &Path, own: &str) -> String {
    let mut text = text.replace(&folder.display().to_string(), "[folder]");
    for (pattern, shown) in FILTERS.iter() {
        let replaced = pattern.replace_all(&text, |found: &Captures<'_>| {
            let found = &found[0];
            if KEPT.contains(shown) && own.contains(found) {
                found.to_owned()
            } else {
                (*shown).to_owned()
            }
        });
        text = replaced.into_owned();
    }
    text
}
