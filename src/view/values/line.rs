//! Lines of a plan: a sign, an indentation, a text. Colours come last.

use super::super::{Paint, Style};

/// How a line of a plan begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::view) enum Sign {
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

/// One line without its line break.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::view) struct Line {
    pub(in crate::view) depth: usize,
    pub(in crate::view) sign: Sign,
    pub(in crate::view) text: String,
    /// Whether the argument that begins here forces a replacement.
    pub(in crate::view) forces: bool,
    /// Whether it is only a remark.
    pub(in crate::view) remark: bool,
}

impl Line {
    /// What stands behind an argument that forces a replacement.
    pub(in crate::view) const FORCES: &'static str = " # forces replacement";

    /// The line as it stands on a terminal, with its line break.
    pub(in crate::view) fn write(&self, paint: Paint, to: &mut String) {
        to.extend(std::iter::repeat_n(' ', self.depth * 4 + 2));
        let text = if self.remark { paint.faint(&self.text) } else { self.text.clone() };
        let forces =
            if self.forces { paint.paint(Style::Removed, Self::FORCES) } else { String::new() };
        let line = format!("{} {text}{forces}", self.sign.text(paint));
        to.push_str(line.trim_end());
        if line.trim_end().is_empty() {
            let indent = to.trim_end_matches(' ').len();
            to.truncate(indent);
        }
        to.push('\n');
    }
}

/// Lines one below the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::view) struct Lines(pub(in crate::view) Vec<Line>);

impl Lines {
    pub(in crate::view) fn line(&mut self, depth: usize, sign: Sign, text: impl Into<String>) {
        self.0.push(Line { depth, sign, text: text.into(), forces: false, remark: false });
    }

    /// A line that is not part of any value.
    pub(in crate::view) fn remark(&mut self, depth: usize, text: &str) {
        let text = format!("# ({text})");
        self.0.push(Line { depth, sign: Sign::Kept, text, forces: false, remark: true });
    }

    /// How many parts are not shown, where there are any.
    pub(in crate::view) fn hidden(&mut self, depth: usize, count: usize, noun: &str) {
        if count > 0 {
            let what = super::super::counted(count, &format!("unchanged {noun}"));
            self.remark(depth, &format!("{what} hidden"));
        }
    }

    /// Puts `text` behind the last line.
    pub(super) fn append(&mut self, text: &str) {
        if let Some(last) = self.0.last_mut() {
            last.text.push_str(text);
        }
    }

    /// The text without colours.
    pub(in crate::view) fn plain(&self) -> String {
        let mut text = String::new();
        self.write(Paint::PLAIN, &mut text);
        text
    }

    pub(in crate::view) fn write(&self, paint: Paint, to: &mut String) {
        for line in &self.0 {
            line.write(paint, to);
        }
    }
}
