//! Events as lines, as they happen.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::addr::InstanceAddr;
use crate::engine::{Event, Observer, StepVerb};

use super::{Style, Terminal, elapsed};

/// Tells a person what is going on, one line an event.
pub struct HumanProgress {
    terminal: Arc<Terminal>,
    /// What was said last about an instance, and when.
    said: Mutex<BTreeMap<InstanceAddr, (String, Duration)>>,
}

/// How long nothing is said while nothing changes.
const SILENCE: Duration = Duration::from_secs(10);

impl HumanProgress {
    /// Progress on `terminal`.
    pub fn new(terminal: Arc<Terminal>) -> Self {
        Self { terminal, said: Mutex::default() }
    }

    /// Whether `text` is worth a line: it is news, or there was none for a while.
    fn is_news(&self, address: &InstanceAddr, text: &str, now: Duration) -> bool {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let known = said.get(address).is_some_and(|(last, then)| {
            last == text && *then <= now && now.saturating_sub(*then) < SILENCE
        });
        if !known {
            said.insert(address.clone(), (text.to_owned(), now));
        }
        !known
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
                    StepVerb::Read => "Reading...",
                    StepVerb::Create => "Creating...",
                    StepVerb::Update => "Modifying...",
                    StepVerb::Delete => "Destroying...",
                };
                self.terminal.line(&format!("{address}: {words}{}", named(id)));
            }
            Event::Progress { address, text, elapsed: time } => {
                if self.is_news(address, text, *time) {
                    let time = elapsed(*time);
                    self.terminal
                        .line(&paint.faint(&format!("{address}: {text} [{time} elapsed]")));
                }
            }
            Event::Completed { address, verb, id, elapsed: time } => {
                let words = match verb {
                    StepVerb::Read => "Read complete",
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
                    StepVerb::Read => "Read failed",
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
        }
    }
}
