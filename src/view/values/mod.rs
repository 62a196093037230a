//! Values and their differences as lines.

mod difference;
mod json;
mod line;
#[cfg(test)]
mod tests;
mod words;

use crate::value::{Data, Value};

pub(super) use line::{Line, Lines, Sign};
pub(super) use words::{key_width, name, padded, short};

use words::{one_word, visible};

/// The word that ends a text of several lines.
const END: &str = "EOT";

impl Lines {
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
            self.line(depth, sign, format!("{head}{word}{tail}"));
            return;
        }
        if let Data::String(text) = value.data() {
            match json::of_text(text) {
                Some(inner) => {
                    self.structure(depth, sign, &format!("{head}jsonencode("), &inner, ")");
                    self.append(tail);
                }
                None => self.text(depth, sign, head, text, tail),
            }
        } else {
            self.structure(depth, sign, head, value, tail);
        }
    }

    /// A text of several lines.
    fn text(&mut self, depth: usize, sign: Sign, head: &str, text: &str, tail: &str) {
        self.line(depth, sign, format!("{head}<<-{END}"));
        for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
            self.line(depth + 1, Sign::Kept, visible(line));
        }
        if !text.ends_with('\n') {
            self.remark(depth + 1, "no line break at the end");
        }
        self.line(depth, Sign::Kept, format!("{END}{tail}"));
    }

    /// A value with parts.
    fn structure(&mut self, depth: usize, sign: Sign, head: &str, value: &Value, tail: &str) {
        if let Some(entries) = value.entries() {
            self.line(depth, sign, format!("{head}{{"));
            let width = key_width(entries.iter().map(|(key, _)| key));
            for (key, part) in entries {
                self.value(depth + 1, sign, &padded(key, width), part, "");
            }
            self.line(depth, Sign::Kept, format!("}}{tail}"));
        } else {
            self.line(depth, sign, format!("{head}["));
            for part in value.elements().unwrap_or_default() {
                self.value(depth + 1, sign, "", part, ",");
            }
            self.line(depth, Sign::Kept, format!("]{tail}"));
        }
    }
}

/// Tells whether two values look the same to people: data and whether they are hidden.
pub(super) fn same(old: &Value, new: &Value) -> bool {
    old == new && old.is_wholly_known()
}
