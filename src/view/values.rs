//! Values and their differences as lines of a plan.

use crate::value::{Data, Edit, Key, Value, diff_items, diff_lines};

use super::{Paint, Style};

/// How a line of a plan begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    Kept,
    Added,
    Changed,
    Removed,
}

impl Sign {
    fn text(self, paint: Paint) -> String {
        match self {
            Self::Kept => " ".to_owned(),
            Self::Added => paint.paint(Style::Added, "+"),
            Self::Changed => paint.paint(Style::Changed, "~"),
            Self::Removed => paint.paint(Style::Removed, "-"),
        }
    }
}

/// Writes lines with signs and indentation.
pub(super) struct Writer {
    pub(super) paint: Paint,
    pub(super) text: String,
}

impl Writer {
    pub(super) fn line(&mut self, depth: usize, sign: Sign, text: &str) {
        let indent = " ".repeat(depth * 4 + 2);
        let line = format!("{indent}{} {text}", sign.text(self.paint));
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    /// `head` is what stands before the value, such as `name = `; `tail` what stands behind it.
    pub(super) fn value(
        &mut self,
        depth: usize,
        sign: Sign,
        head: &str,
        value: &Value,
        tail: &str,
    ) {
        if let Some(word) = one_word(value) {
            self.line(depth, sign, &format!("{head}{word}{tail}"));
            return;
        }
        match value.data() {
            Data::String(text) if text.contains('\n') => {
                self.line(depth, sign, &format!("{head}<<-EOT"));
                for line in text.lines() {
                    self.line(depth + 1, Sign::Kept, line);
                }
                self.line(depth, Sign::Kept, &format!("EOT{tail}"));
            }
            Data::Map(_) | Data::Object(_) => {
                let entries = value.entries().unwrap_or_default();
                self.line(depth, sign, &format!("{head}{{"));
                let width = key_width(entries.iter().map(|(key, _)| key));
                for (key, part) in entries {
                    self.value(depth + 1, sign, &padded(key, width), part, "");
                }
                self.line(depth, Sign::Kept, &format!("}}{tail}"));
            }
            _ => {
                self.line(depth, sign, &format!("{head}["));
                for part in value.elements().unwrap_or_default() {
                    self.value(depth + 1, sign, "", part, ",");
                }
                self.line(depth, Sign::Kept, &format!("]{tail}"));
            }
        }
    }

    /// A value that differs, as finely as its kind allows.
    pub(super) fn change(
        &mut self,
        depth: usize,
        head: &str,
        old: &Value,
        new: &Value,
        tail: &str,
    ) {
        let hidden = old.is_sensitive() || new.is_sensitive();
        match (old.data(), new.data()) {
            (Data::String(old), Data::String(new))
                if !hidden && (old.contains('\n') || new.contains('\n')) =>
            {
                self.line(depth, Sign::Changed, &format!("{head}<<-EOT"));
                for (edit, line) in diff_lines(old, new) {
                    self.line(depth + 1, sign_of(edit), &line);
                }
                self.line(depth, Sign::Kept, &format!("EOT{tail}"));
            }
            (Data::Map(_) | Data::Object(_), Data::Map(_) | Data::Object(_)) if !hidden => {
                self.line(depth, Sign::Changed, &format!("{head}{{"));
                self.entries(depth + 1, old, new);
                self.line(depth, Sign::Kept, &format!("}}{tail}"));
            }
            (before, after) if !hidden && is_sequence(before) && is_sequence(after) => {
                self.line(depth, Sign::Changed, &format!("{head}["));
                self.items(depth + 1, old, new);
                self.line(depth, Sign::Kept, &format!("]{tail}"));
            }
            _ => {
                let text = format!("{head}{} -> {}{tail}", short(old), short(new));
                self.line(depth, Sign::Changed, &text);
            }
        }
    }

    fn entries(&mut self, depth: usize, old: &Value, new: &Value) {
        let empty = &[][..];
        let (before, after) = (old.entries().unwrap_or(empty), new.entries().unwrap_or(empty));
        let mut keys: Vec<&Key> = before.iter().chain(after).map(|(key, _)| key).collect();
        keys.sort();
        keys.dedup();
        let width = key_width(keys.iter().copied());
        let mut hidden = 0;
        for key in keys {
            let head = padded(key, width);
            match (old.attribute(key), new.attribute(key)) {
                (Some(old), Some(new)) if same(old, new) => hidden += 1,
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
        let keys =
            |items: &[Value]| items.iter().map(|item| format!("{item:?}")).collect::<Vec<_>>();
        let mut hidden = 0;
        for (edit, index) in diff_items(&keys(before), &keys(after)) {
            match edit {
                Edit::Kept => hidden += 1,
                Edit::Removed => {
                    if let Some(item) = before.get(index) {
                        self.value(depth, Sign::Removed, "", item, ",");
                    }
                }
                Edit::Added => {
                    if let Some(item) = after.get(index) {
                        self.value(depth, Sign::Added, "", item, ",");
                    }
                }
            }
        }
        self.hidden(depth, hidden, "element");
    }

    pub(super) fn hidden(&mut self, depth: usize, count: usize, noun: &str) {
        if count > 0 {
            let text =
                format!("# ({} hidden)", super::counted(count, &format!("unchanged {noun}")));
            let text = self.paint.faint(&text);
            self.line(depth, Sign::Kept, &text);
        }
    }
}

fn sign_of(edit: Edit) -> Sign {
    match edit {
        Edit::Kept => Sign::Kept,
        Edit::Removed => Sign::Removed,
        Edit::Added => Sign::Added,
    }
}

fn is_sequence(data: &Data) -> bool {
    matches!(data, Data::List(_) | Data::Set(_) | Data::Tuple(_))
}

/// Tells whether two values look the same to people: data and whether they are hidden.
pub(super) fn same(old: &Value, new: &Value) -> bool {
    old == new && old.is_wholly_known()
}

/// The value in one word, where one line is enough for it.
fn one_word(value: &Value) -> Option<String> {
    if value.is_sensitive() {
        return Some("(sensitive value)".to_owned());
    }
    Some(match value.data() {
        Data::Null(_) => "null".to_owned(),
        Data::Unknown(_) => "(known after apply)".to_owned(),
        Data::Bool(truth) => truth.to_string(),
        Data::Number(number) => number.to_string(),
        Data::String(text) if text.contains('\n') => return None,
        Data::String(text) => quoted(text),
        Data::List(_) | Data::Set(_) | Data::Tuple(_) if value.children().next().is_none() => {
            "[]".to_owned()
        }
        Data::Map(_) | Data::Object(_) if value.children().next().is_none() => "{}".to_owned(),
        _ => return None,
    })
}

/// The value in one line, however long.
pub(super) fn short(value: &Value) -> String {
    if let Some(word) = one_word(value) {
        return word;
    }
    match value.data() {
        Data::String(text) => quoted(text),
        Data::Map(_) | Data::Object(_) => {
            let entries = value.entries().unwrap_or_default().iter();
            let parts: Vec<_> =
                entries.map(|(key, part)| format!("{} = {}", name(key), short(part))).collect();
            format!("{{ {} }}", parts.join(", "))
        }
        _ => {
            let parts: Vec<_> = value.elements().unwrap_or_default().iter().map(short).collect();
            format!("[{}]", parts.join(", "))
        }
    }
}

/// A text as HCL writes it, with control characters made visible.
fn quoted(text: &str) -> String {
    let escaped: String = text
        .chars()
        .map(|character| match character {
            '"' => "\\\"".to_owned(),
            '\\' => "\\\\".to_owned(),
            '\n' => "\\n".to_owned(),
            '\r' => "\\r".to_owned(),
            '\t' => "\\t".to_owned(),
            control if control.is_control() => format!("\\u{:04x}", u32::from(control)),
            other => other.to_string(),
        })
        .collect();
    format!("\"{}\"", escaped.replace("${", "$${").replace("%{", "%%{"))
}

/// A key as HCL writes it.
fn name(key: &str) -> String {
    let plain =
        key.chars().all(|character| character.is_alphanumeric() || "_-".contains(character));
    if plain && !key.is_empty() { key.to_owned() } else { quoted(key) }
}

pub(super) fn key_width<'a>(keys: impl Iterator<Item = &'a Key>) -> usize {
    keys.map(|key| name(key).chars().count()).max().unwrap_or_default()
}

pub(super) fn padded(key: &str, width: usize) -> String {
    let name = name(key);
    format!("{name}{} = ", " ".repeat(width.saturating_sub(name.chars().count())))
}
