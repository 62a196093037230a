//! What differs between two values, as finely as their kinds allow.

use crate::value::{Data, Edit, Key, Value, diff_items, diff_lines};

use super::words::{one_word, visible};
use super::{END, Lines, Sign, json, key_width, padded, same, short};

/// Columns that an old and a new value may take together in one line, where either has parts.
const ONE_LINE: usize = 60;

/// Columns of a value of which an old and a new one are shown below each other.
const LONG_WORD: usize = 60;

/// What stands before a new value that is shown below the old one.
const ARROW: &str = "-> ";

/// Equal lines or elements next to a change that are shown to find one's way.
const LINES_AROUND: usize = 3;
const ELEMENTS_AROUND: usize = 1;

impl Lines {
    /// A value that differs.
    pub(in crate::view) fn change(
        &mut self,
        depth: usize,
        head: &str,
        old: &Value,
        new: &Value,
        tail: &str,
    ) {
        if old.is_sensitive() || new.is_sensitive() {
            self.hidden_change(depth, head, old, new, tail);
            return;
        }
        match (old.data(), new.data()) {
            (Data::String(before), Data::String(after)) => {
                self.text_change(depth, head, (old, before), (new, after), tail);
            }
            (Data::Map(_) | Data::Object(_), Data::Map(_) | Data::Object(_))
            | (
                Data::List(_) | Data::Set(_) | Data::Tuple(_),
                Data::List(_) | Data::Set(_) | Data::Tuple(_),
            ) => self.structure_change(depth, head, old, new, tail),
            _ => self.other_value(depth, head, old, new, tail),
        }
    }

    /// Of hidden values only that they change can be told, and whether they are hidden from now on.
    fn hidden_change(&mut self, depth: usize, head: &str, old: &Value, new: &Value, tail: &str) {
        let text = if old.is_sensitive() && new.is_sensitive() && new.is_known() {
            format!("{head}(sensitive value){tail}")
        } else {
            format!("{head}{} -> {}{tail}", short(old), short(new))
        };
        self.line(depth, Sign::Changed, text);
    }

    fn text_change(
        &mut self,
        depth: usize,
        head: &str,
        (old, before): (&Value, &str),
        (new, after): (&Value, &str),
        tail: &str,
    ) {
        match (json::of_text(before), json::of_text(after)) {
            (Some(before), Some(after)) if before == after => {
                let text = format!("{head}jsonencode(...){tail}");
                self.line(depth, Sign::Changed, text);
                self.remark(depth, "the same JSON, written in another way");
            }
            (Some(before), Some(after))
                if before.entries().is_some() == after.entries().is_some() =>
            {
                let head = format!("{head}jsonencode(");
                self.structure_change(depth, &head, &before, &after, &format!("){tail}"));
            }
            (None, None) if before.contains('\n') || after.contains('\n') => {
                self.line(depth, Sign::Changed, format!("{head}<<-{END}"));
                self.lines_of_texts(depth + 1, before, after);
                self.line(depth, Sign::Kept, format!("{END}{tail}"));
            }
            _ => self.other_value(depth, head, old, new, tail),
        }
    }

    fn lines_of_texts(&mut self, depth: usize, old: &str, new: &str) {
        let edits = diff_lines(old, new);
        for (run, place) in runs(&edits) {
            if run[0].0 == Edit::Kept {
                let shown = Shown::of(run.len(), LINES_AROUND, place);
                for (_, line) in &run[..shown.begin] {
                    self.line(depth, Sign::Kept, visible(line));
                }
                self.hidden(depth, shown.hidden, "line");
                for (_, line) in &run[shown.begin + shown.hidden..] {
                    self.line(depth, Sign::Kept, visible(line));
                }
            } else {
                for (edit, line) in run {
                    self.line(depth, sign_of(*edit), visible(line));
                }
            }
        }
        match (old.ends_with('\n'), new.ends_with('\n')) {
            (true, false) => self.remark(depth, "without a line break at the end from now on"),
            (false, true) => self.remark(depth, "with a line break at the end from now on"),
            _ => {}
        }
    }

    /// Two values with parts of the same kind.
    fn structure_change(&mut self, depth: usize, head: &str, old: &Value, new: &Value, tail: &str) {
        let (open, close) = if old.entries().is_some() { ("{", "}") } else { ("[", "]") };
        self.line(depth, Sign::Changed, format!("{head}{open}"));
        if old.entries().is_some() {
            self.entries(depth + 1, old, new);
        } else {
            self.items(depth + 1, old, new);
        }
        let (was, is) = (sort(old), sort(new));
        if was != is {
            self.remark(depth + 1, &format!("{was} becomes {is}"));
        }
        self.line(depth, Sign::Kept, format!("{close}{tail}"));
    }

    /// Values that have no parts to compare, or parts of different kinds.
    fn other_value(&mut self, depth: usize, head: &str, old: &Value, new: &Value, tail: &str) {
        let words = (one_word(old), one_word(new));
        if let (Some(old), Some(new)) = &words {
            let sign = if new == "null" { Sign::Removed } else { Sign::Changed };
            let head_width = head.chars().count();
            if old.chars().count().min(new.chars().count()) > LONG_WORD && head_width >= ARROW.len()
            {
                // Below each other, so that one sees where they differ.
                let indent = " ".repeat(head_width - ARROW.len());
                self.line(depth, sign, format!("{head}{old}"));
                self.line(depth, Sign::Kept, format!("{indent}{ARROW}{new}{tail}"));
            } else {
                self.line(depth, sign, format!("{head}{old} -> {new}{tail}"));
            }
            return;
        }
        let line = format!("{} -> {}", short(old), short(new));
        if line.chars().count() <= ONE_LINE && !line.contains("\\n") {
            let sign = if new.is_null() { Sign::Removed } else { Sign::Changed };
            self.line(depth, sign, format!("{head}{line}{tail}"));
            return;
        }
        let first = self.0.len();
        self.value(depth, Sign::Removed, head, old, "");
        match words.1 {
            Some(word) => {
                if let Some(line) = self.0.get_mut(first).filter(|_| !new.is_null()) {
                    line.sign = Sign::Changed;
                }
                self.append(&format!(" -> {word}{tail}"));
            }
            None => self.value(depth, Sign::Added, head, new, tail),
        }
    }

    fn entries(&mut self, depth: usize, old: &Value, new: &Value) {
        let empty = &[][..];
        let (before, after) = (old.entries().unwrap_or(empty), new.entries().unwrap_or(empty));
        let mut keys: Vec<&Key> = before.iter().chain(after).map(|(key, _)| key).collect();
        keys.sort();
        keys.dedup();
        let pairs: Vec<_> =
            keys.into_iter().map(|key| (key, old.attribute(key), new.attribute(key))).collect();
        let is_same = |pair: &(&Key, Option<&Value>, Option<&Value>)| match (pair.1, pair.2) {
            (Some(old), Some(new)) => same(old, new),
            _ => false,
        };
        let width = key_width(pairs.iter().filter(|pair| !is_same(pair)).map(|pair| pair.0));
        let hidden = pairs.iter().filter(|pair| is_same(pair)).count();
        for (key, old, new) in pairs.iter().filter(|pair| !is_same(pair)) {
            let head = padded(key, width);
            match (old, new) {
                (Some(old), Some(new)) => self.change(depth, &head, old, new, ""),
                (Some(old), None) => self.value(depth, Sign::Removed, &head, old, ""),
                (None, Some(new)) => self.value(depth, Sign::Added, &head, new, ""),
                (None, None) => {}
            }
        }
        self.hidden(depth, hidden, "attribute");
    }

    fn items(&mut self, depth: usize, old: &Value, new: &Value) {
        let (before, after) =
            (old.elements().unwrap_or_default(), new.elements().unwrap_or_default());
        let identities = |items: &[Value]| items.iter().map(identity).collect::<Vec<_>>();
        let edits = diff_items(&identities(before), &identities(after));
        let in_order = !matches!(new.data(), Data::Set(_));
        for (run, place) in runs(&edits) {
            if run[0].0 == Edit::Kept {
                let items = run.iter().filter_map(|(_, index)| after.get(*index)).collect();
                self.kept_items(depth, items, Shown::of(run.len(), ELEMENTS_AROUND, place));
                continue;
            }
            let of = |wanted, items: &'_ [Value]| -> Vec<Value> {
                let indices = run.iter().filter(|(edit, _)| *edit == wanted);
                indices.filter_map(|(_, index)| items.get(*index).cloned()).collect()
            };
            let (gone, come) = (of(Edit::Removed, before), of(Edit::Added, after));
            let pairs = gone.iter().zip(&come);
            let alike = in_order && pairs.clone().all(|(old, new)| have_comparable_parts(old, new));
            let paired = if alike { pairs.len() } else { 0 };
            for (old, new) in pairs.take(paired) {
                self.change(depth, "", old, new, ",");
            }
            for item in &gone[paired..] {
                self.value(depth, Sign::Removed, "", item, ",");
            }
            for item in &come[paired..] {
                self.value(depth, Sign::Added, "", item, ",");
            }
        }
    }

    /// Elements that stay: those next to a change, where they are short, and how many others.
    fn kept_items(&mut self, depth: usize, items: Vec<&Value>, shown: Shown) {
        let behind = shown.begin + shown.hidden;
        let is_shown = |index: usize| {
            (index < shown.begin || index >= behind) && one_word(items[index]).is_some()
        };
        let mut hidden = 0;
        for (index, item) in items.iter().enumerate() {
            if is_shown(index) {
                self.hidden(depth, hidden, "element");
                hidden = 0;
                self.value(depth, Sign::Kept, "", item, ",");
            } else {
                hidden += 1;
            }
        }
        self.hidden(depth, hidden, "element");
    }
}

/// How much of a run of equal parts is shown at its begin, and how much is hidden behind that.
struct Shown {
    begin: usize,
    hidden: usize,
}

/// Whether there is nothing before a run, and nothing behind it.
#[derive(Clone, Copy)]
struct RunPlace {
    is_first: bool,
    is_last: bool,
}

impl Shown {
    /// `around` parts next to each change are shown; a single one is not worth hiding.
    fn of(length: usize, around: usize, place: RunPlace) -> Self {
        let begin = if place.is_first { 0 } else { around };
        let end = if place.is_last { 0 } else { around };
        let hidden = length.saturating_sub(begin + end);
        if hidden <= 1 { Self { begin: length, hidden: 0 } } else { Self { begin, hidden } }
    }
}

/// The edits in runs of those that are kept and those that are not.
fn runs<T>(edits: &[(Edit, T)]) -> impl Iterator<Item = (&[(Edit, T)], RunPlace)> {
    let mut at = 0;
    edits.chunk_by(|left, right| (left.0 == Edit::Kept) == (right.0 == Edit::Kept)).map(
        move |run| {
            let is_first = at == 0;
            at += run.len();
            (run, RunPlace { is_first, is_last: at == edits.len() })
        },
    )
}

fn sign_of(edit: Edit) -> Sign {
    match edit {
        Edit::Kept => Sign::Kept,
        Edit::Removed => Sign::Removed,
        Edit::Added => Sign::Added,
    }
}

/// A text that two elements share only where they look the same to people.
fn identity(item: &Value) -> String {
    let hidden = if item.deep_marks().is_sensitive() { "hidden " } else { "" };
    format!("{hidden}{}", item.fingerprint())
}

/// Whether two elements of which one takes the other's place have parts that can be compared.
fn have_comparable_parts(old: &Value, new: &Value) -> bool {
    let lines = |value: &Value| match value.data() {
        Data::String(text) => text.contains('\n') || json::of_text(text).is_some(),
        _ => false,
    };
    !old.is_sensitive()
        && !new.is_sensitive()
        && ((old.entries().is_some() && new.entries().is_some())
            || (old.elements().is_some() && new.elements().is_some())
            || (lines(old) && lines(new)))
}

/// What people call a value with parts, where two of them may hold the same and still differ.
fn sort(value: &Value) -> &'static str {
    match value.data() {
        Data::List(_) => "a list",
        Data::Set(_) => "a set",
        Data::Map(_) => "a map",
        // What is written in brackets becomes whatever it is used as.
        Data::Tuple(_) => "a tuple",
        _ => "an object",
    }
}
