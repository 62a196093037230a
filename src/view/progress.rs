//! Events as lines, as they happen.

use std::sync::Arc;

use crate::engine::{Event, Observer, StepVerb};
use crate::text::SourceMap;

use super::{Style, Terminal, elapsed, render_diagnostic};

/// Tells a person what is going on, one line an event.
pub struct HumanProgress {
    terminal: Arc<Terminal>,
}

impl HumanProgress {
    /// Progress on `terminal`.
    pub fn new(terminal: Arc<Terminal>) -> Self {
        Self { terminal }
    }
}

impl Observer for HumanProgress {
    fn event(&self, event: &Event) {
        let paint = self.terminal.look.paint;
        let named =
            |id: &Option<String>| id.as_ref().map_or_else(String::new, |id| format!(" [id={id}]"));
        match event {
            Event::Refreshing { .. } => {}
            Event::Refreshed { address, id } => {
                self.terminal.line(&format!("{address}: Refreshed{}", named(id)));
            }
            Event::Started { address, verb, id } => {
                let words = match verb {
                    StepVerb::Create => "Creating...",
                    StepVerb::Update => "Modifying...",
                    StepVerb::Delete => "Destroying...",
                };
                self.terminal.line(&format!("{address}: {words}{}", named(id)));
            }
            Event::Progress { address, text, elapsed: time } => {
                let text = paint.faint(&format!("{address}: {text} [{} elapsed]", elapsed(*time)));
                self.terminal.line(&text);
            }
            Event::Completed { address, verb, id, elapsed: time } => {
                let words = match verb {
                    StepVerb::Create => "Creation complete",
                    StepVerb::Update => "Modifications complete",
                    StepVerb::Delete => "Destruction complete",
                };
                let words = paint.paint(Style::Added, words);
                let line = format!("{address}: {words} after {}{}", elapsed(*time), named(id));
                self.terminal.line(&line);
            }
            Event::Failed { address, verb, elapsed: time } => {
                let words = match verb {
                    StepVerb::Create => "Creation failed",
                    StepVerb::Update => "Modifications failed",
                    StepVerb::Delete => "Destruction failed",
                };
                let words = paint.paint(Style::Removed, words);
                self.terminal.line(&format!("{address}: {words} after {}", elapsed(*time)));
            }
            Event::Forgotten { address } => {
                self.terminal.line(&format!("{address}: Forgotten; the object stays"));
            }
            Event::Noticed(diagnostic) => {
                let look = self.terminal.look;
                self.terminal.problem(&render_diagnostic(diagnostic, &SourceMap::default(), look));
            }
        }
    }
}
