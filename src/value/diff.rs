//! Differences of texts and sequences.

use similar::{Algorithm, ChangeTag, TextDiff, capture_diff_slices};

/// What became of one line or element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edit {
    /// It is in both.
    Kept,
    /// It is only in the old one.
    Removed,
    /// It is only in the new one.
    Added,
}

/// The lines of both texts in order, each with what became of it, without line breaks.
pub fn diff_lines(old: &str, new: &str) -> Vec<(Edit, String)> {
    let diff = TextDiff::from_lines(old, new);
    let changes = diff.iter_all_changes().map(|change| {
        let line = change.value().trim_end_matches(['\n', '\r']).to_owned();
        (edit(change.tag()), line)
    });
    changes.collect()
}

/// The difference of two texts in the unified form that `patch` reads, with three lines around each
/// change; empty where there is none.
pub fn unified_diff(old: (&str, &str), new: (&str, &str)) -> String {
    let diff = TextDiff::from_lines(old.1, new.1);
    diff.unified_diff().header(old.0, new.0).to_string()
}

/// The elements of both sequences in order, each with what became of it and its position in the
/// sequence it is in (the new one where it is in both).
pub fn diff_items(old: &[String], new: &[String]) -> Vec<(Edit, usize)> {
    let mut edits = Vec::new();
    for operation in capture_diff_slices(Algorithm::Myers, old, new) {
        let (tag, old_range, new_range) = operation.as_tag_tuple();
        match tag {
            similar::DiffTag::Equal => edits.extend(new_range.map(|index| (Edit::Kept, index))),
            similar::DiffTag::Delete | similar::DiffTag::Insert | similar::DiffTag::Replace => {
                edits.extend(old_range.map(|index| (Edit::Removed, index)));
                edits.extend(new_range.map(|index| (Edit::Added, index)));
            }
        }
    }
    edits
}

fn edit(tag: ChangeTag) -> Edit {
    match tag {
        ChangeTag::Equal => Edit::Kept,
        ChangeTag::Delete => Edit::Removed,
        ChangeTag::Insert => Edit::Added,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_items_keep_their_order() {
        let lines = diff_lines("a\nb\nc\n", "a\nx\nc\n");
        let tags: Vec<_> = lines.iter().map(|(edit, line)| (*edit, line.as_str())).collect();
        assert_eq!(
            tags,
            [(Edit::Kept, "a"), (Edit::Removed, "b"), (Edit::Added, "x"), (Edit::Kept, "c")]
        );
        let text = |items: &[&str]| items.iter().map(|item| (*item).to_owned()).collect::<Vec<_>>();
        let items = diff_items(&text(&["1", "2"]), &text(&["0", "1"]));
        assert_eq!(items, [(Edit::Added, 0), (Edit::Kept, 1), (Edit::Removed, 1)]);
    }
}
