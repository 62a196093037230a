//! Events as they happen: lines in a place of their own on a terminal, plain lines elsewhere.

mod lines;
mod live;
#[cfg(test)]
mod tests;
mod usual;
mod words;

use std::sync::Arc;

use crate::engine::{Event, Observer};

use super::Terminal;

use lines::LineProgress;
use live::LiveProgress;

/// How progress is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pace {
    /// Each step under way has a line at the bottom of the terminal, which changes.
    Live,
    /// One line an event, and one now and then for what takes long.
    #[default]
    Lines,
    /// One line an event, and nothing in between: for logs.
    Events,
}

/// Tells a person what is going on.
pub struct HumanProgress {
    told: Told,
    /// Whether it is told which objects are read before planning.
    tells_reads: bool,
}

enum Told {
    Live(LiveProgress),
    Lines(LineProgress),
}

impl HumanProgress {
    /// Progress on `terminal`, at its pace.
    pub fn new(terminal: Arc<Terminal>) -> Self {
        Self::of(terminal, None)
    }

    /// Progress of a run of so many steps.
    pub fn expecting(terminal: Arc<Terminal>, steps: usize) -> Self {
        Self::of(terminal, Some(steps))
    }

    fn of(terminal: Arc<Terminal>, steps: Option<usize>) -> Self {
        let told = match terminal.pace() {
            Pace::Live => Told::Live(LiveProgress::new(terminal, steps)),
            pace => Told::Lines(LineProgress::new(terminal, pace)),
        };
        Self { told, tells_reads: true }
    }

    /// The same without a word about objects that are read before planning.
    #[must_use]
    pub fn without_reads(self) -> Self {
        Self { tells_reads: false, ..self }
    }
}

impl Observer for HumanProgress {
    fn event(&self, event: &Event) {
        let is_read = matches!(
            event,
            Event::Refreshing { .. } | Event::Refreshed { .. } | Event::AllRefreshed
        );
        if is_read && !self.tells_reads {
            return;
        }
        match &self.told {
            Told::Live(live) => live.event(event),
            Told::Lines(lines) => lines.event(event),
        }
    }
}
