//! Differences of texts and sequences.

use std::collections::BTreeMap;
use std::ops::Range;

use similar::{Algorithm, DiffTag, TextDiff, capture_diff_slices};

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
pub fn diff_lines<'t>(old: &'t str, new: &'t str) -> Vec<(Edit, &'t str)> {
    let (before, after) = (lines(old), lines(new));
    let text = |(edit, index): (Edit, usize)| {
        let lines = if edit == Edit::Removed { &before } else { &after };
        (edit, lines.get(index).copied().unwrap_or_default())
    };
    diff_items(&before, &after).into_iter().map(text).collect()
}

/// The lines of a text; the break at its end begins no further one.
fn lines(text: &str) -> Vec<&str> {
    let whole = text.strip_suffix('\n').unwrap_or(text);
    if text.is_empty() { Vec::new() } else { whole.split('\n').collect() }
}

/// The difference of two texts in the unified form that `patch` reads, with three lines around each
/// change; empty where there is none.
pub fn unified_diff(old: (&str, &str), new: (&str, &str)) -> String {
    let diff = TextDiff::from_lines(old.1, new.1);
    diff.unified_diff().header(old.0, new.0).to_string()
}

/// The elements of both sequences in order, each with what became of it and its position in the
/// sequence it is in (the new one where it is in both).
///
/// The shortest difference takes time that grows with the square of what differs. So only parts of
/// up to `SMALL` elements are compared like that; longer ones are cut at elements that are in both
/// of them once, and what has none of these is taken as wholly changed.
pub fn diff_items<T: Ord>(old: &[T], new: &[T]) -> Vec<(Edit, usize)> {
    let mut known = BTreeMap::new();
    let (old, new) = (numbered(old, &mut known), numbered(new, &mut known));
    let mut edits = Vec::with_capacity(old.len().max(new.len()));
    let (begin, end) = (equal_before(&old, &new), equal_behind(&old, &new));
    let (old_end, new_end) = (old.len() - end, new.len() - end);
    kept(0..begin, &mut edits);
    if small(&(begin..old_end), &(begin..new_end)) {
        compare(&old, &new, begin..old_end, begin..new_end, &mut edits);
    } else {
        between_anchors(&old, &new, begin..old_end, begin..new_end, &mut edits);
    }
    kept(new_end..new.len(), &mut edits);
    edits
}

/// Elements of two parts that may be compared each with each.
const SMALL: usize = 1000;

type Edits = Vec<(Edit, usize)>;

fn small(old: &Range<usize>, new: &Range<usize>) -> bool {
    old.len() + new.len() <= SMALL
}

/// The same number for the same element.
fn numbered<'t, T: Ord>(items: &'t [T], known: &mut BTreeMap<&'t T, usize>) -> Vec<usize> {
    let number = |item| {
        let next = known.len();
        *known.entry(item).or_insert(next)
    };
    items.iter().map(number).collect()
}

fn equal_before(old: &[usize], new: &[usize]) -> usize {
    old.iter().zip(new).take_while(|(old, new)| old == new).count()
}

/// How many elements at the end are the same, without those that are so at the beginning.
fn equal_behind(old: &[usize], new: &[usize]) -> usize {
    let begin = equal_before(old, new);
    let rest = (old.len() - begin).min(new.len() - begin);
    let pairs = old.iter().rev().zip(new.iter().rev()).take(rest);
    pairs.take_while(|(old, new)| old == new).count()
}

fn kept(range: Range<usize>, edits: &mut Edits) {
    edits.extend(range.map(|index| (Edit::Kept, index)));
}

fn replaced(old: Range<usize>, new: Range<usize>, edits: &mut Edits) {
    edits.extend(old.map(|index| (Edit::Removed, index)));
    edits.extend(new.map(|index| (Edit::Added, index)));
}

/// The shortest difference of two small parts.
fn compare(
    old: &[usize],
    new: &[usize],
    old_range: Range<usize>,
    new_range: Range<usize>,
    edits: &mut Edits,
) {
    let (old_start, new_start) = (old_range.start, new_range.start);
    let (old, new) = (&old[old_range], &new[new_range]);
    for operation in capture_diff_slices(Algorithm::Myers, old, new) {
        let (tag, old, new) = operation.as_tag_tuple();
        let old = old.start + old_start..old.end + old_start;
        let new = new.start + new_start..new.end + new_start;
        match tag {
            DiffTag::Equal => kept(new, edits),
            DiffTag::Delete | DiffTag::Insert | DiffTag::Replace => replaced(old, new, edits),
        }
    }
}

/// The difference of two long parts, cut at what is in both of them once and in the same order.
fn between_anchors(
    old: &[usize],
    new: &[usize],
    old_range: Range<usize>,
    new_range: Range<usize>,
    edits: &mut Edits,
) {
    let (mut old_at, mut new_at) = (old_range.start, new_range.start);
    let ends = [(old_range.end, new_range.end)];
    let anchors = anchors(old, new, old_range, new_range);
    for (old_anchor, new_anchor) in anchors.into_iter().chain(ends) {
        let (old_gap, new_gap) = (old_at..old_anchor, new_at..new_anchor);
        if small(&old_gap, &new_gap) {
            compare(old, new, old_gap, new_gap, edits);
        } else {
            replaced(old_gap, new_gap, edits);
        }
        if new_anchor < ends[0].1 {
            kept(new_anchor..new_anchor + 1, edits);
        }
        (old_at, new_at) = (old_anchor + 1, new_anchor + 1);
    }
}

/// The longest row of pairs that grows on both sides, of elements that are once in either part.
fn anchors(
    old: &[usize],
    new: &[usize],
    old_range: Range<usize>,
    new_range: Range<usize>,
) -> Vec<(usize, usize)> {
    let only = |items: &[usize], range: Range<usize>| {
        let mut places: BTreeMap<usize, Option<usize>> = BTreeMap::new();
        for index in range {
            let known = places.contains_key(&items[index]);
            places.insert(items[index], (!known).then_some(index));
        }
        places
    };
    let places = only(new, new_range);
    let mut pairs: Vec<_> = only(old, old_range)
        .into_iter()
        .filter_map(|(item, place)| Some((place?, (*places.get(&item)?)?)))
        .collect();
    pairs.sort_unstable();
    longest_rising(&pairs)
}

/// The longest part of pairs, sorted by the first number, in which the second one rises.
fn longest_rising(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    // For each length, the pair with the lowest end of a row of that length.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(pairs.len());
    for (index, pair) in pairs.iter().enumerate() {
        let length = ends.partition_point(|end| pairs[*end].1 < pair.1);
        before.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        if length == ends.len() {
            ends.push(index);
        } else {
            ends[length] = index;
        }
    }
    let last = ends.last().copied();
    let row = std::iter::successors(last, |index| before[*index]);
    let mut row: Vec<_> = row.map(|index| pairs[index]).collect();
    row.reverse();
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What stays and what comes, put together: the new sequence, if the difference is right; and
    /// what stays and what goes, the old one.
    fn check(old: &[u32], new: &[u32]) -> usize {
        let edits = diff_items(old, new);
        let of =
            |wanted| edits.iter().filter(move |(edit, _)| *edit == wanted || *edit == Edit::Kept);
        let after: Vec<_> = of(Edit::Added).map(|(_, index)| new[*index]).collect();
        assert_eq!(after, new);
        let before: Vec<_> = of(Edit::Removed)
            .map(|(edit, index)| if *edit == Edit::Kept { new[*index] } else { old[*index] })
            .collect();
        assert_eq!(before, old);
        edits.iter().filter(|(edit, _)| *edit != Edit::Kept).count()
    }

    #[test]
    fn lines_and_items_keep_their_order() {
        assert_eq!(
            diff_lines("a\nb\nc\n", "a\nx\nc\n"),
            [(Edit::Kept, "a"), (Edit::Removed, "b"), (Edit::Added, "x"), (Edit::Kept, "c")]
        );
        assert_eq!(diff_lines("", "\n"), [(Edit::Added, "")]);
        let items = diff_items(&["1", "2"], &["0", "1"]);
        assert_eq!(items, [(Edit::Added, 0), (Edit::Kept, 1), (Edit::Removed, 1)]);
    }

    #[test]
    fn long_sequences_are_compared_soon() {
        let long: Vec<u32> = (0..100_000).collect();
        let backwards: Vec<u32> = long.iter().rev().copied().collect();
        check(&long, &backwards);
        let mut changed = long.clone();
        changed[5] = 1_000_000;
        changed[99_990] = 1_000_001;
        changed.remove(50_000);
        assert_eq!(check(&long, &changed), 5);
        let few: Vec<u32> = long.iter().map(|number| number % 7).collect();
        let other: Vec<u32> = long.iter().map(|number| number / 3 % 11).collect();
        check(&few, &other);
        check(&long, &[]);
    }

    #[test]
    fn every_difference_puts_both_sequences_together_again() {
        // Numbers as good as random, the same in every run.
        let mut seed = 1_u32;
        let mut next = |below: u32| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 8) % below
        };
        for round in 0..60 {
            let (length, kinds) = (next(1500), 1 + next(3000));
            let old: Vec<u32> = (0..length).map(|_| next(kinds)).collect();
            let mut new = old.clone();
            for _ in 0..next(if round % 2 == 0 { 10 } else { 2000 }) {
                let place = next(u32::try_from(new.len()).unwrap() + 1) as usize;
                if place < new.len() && next(2) == 0 {
                    new.remove(place);
                } else {
                    new.insert(place, next(kinds));
                }
            }
            check(&old, &new);
        }
    }
}
