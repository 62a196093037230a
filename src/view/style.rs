//! Colours, or none.

use anstyle::{AnsiColor, Effects};

/// What a piece of text is, from which its colour follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Something new, or success.
    Added,
    /// Something that changes.
    Changed,
    /// Something that goes away.
    Removed,
    /// What matters most.
    Strong,
    /// What matters least.
    Faint,
    /// A step at work.
    Active,
}

/// Paints texts, or leaves them as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paint {
    /// Whether to use colours.
    pub colours: bool,
}

impl Paint {
    /// Leaves texts as they are.
    pub const PLAIN: Self = Self { colours: false };

    /// `text` in its colour.
    pub fn paint(self, style: Style, text: &str) -> String {
        if !self.colours || text.is_empty() {
            return text.to_owned();
        }
        let style = match style {
            Style::Added => AnsiColor::Green.on_default(),
            Style::Changed => AnsiColor::Yellow.on_default(),
            Style::Removed => AnsiColor::Red.on_default(),
            Style::Strong => anstyle::Style::new().effects(Effects::BOLD),
            Style::Faint => anstyle::Style::new().effects(Effects::DIMMED),
            Style::Active => AnsiColor::Cyan.on_default(),
        };
        format!("{}{text}{}", style.render(), style.render_reset())
    }

    /// `text` in bold.
    pub fn strong(self, text: &str) -> String {
        self.paint(Style::Strong, text)
    }

    /// `text` in grey.
    pub fn faint(self, text: &str) -> String {
        self.paint(Style::Faint, text)
    }
}
