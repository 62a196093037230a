//! Events as lines, as they happen.

use std::collections::BTreeMap;
use std::fmt::Write as _;
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
    /// Lines about objects that were read. They come by thousands at once, and are written together.
    read: Mutex<String>,
}

/// Bytes of lines that are written together.
const TOGETHER: usize = 64 * 1024;

/// How long nothing is said while nothing changes.
const SILENCE: Duration = Duration::from_secs(10);

impl HumanProgress {
    /// Progress on `terminal`.
    pub fn new(terminal: Arc<Terminal>) -> Self {
        Self { terminal, said: Mutex::default(), read: Mutex::default() }
    }

    fn refreshed(&self, address: &InstanceAddr, id: Option<&String>) {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = match id {
            Some(id) => writeln!(read, "{address}: Refreshed [id={id}]"),
            None => writeln!(read, "{address}: Refreshed"),
        };
        if read.len() >= TOGETHER {
            self.terminal.text(&std::mem::take(&mut *read));
        }
    }

    fn all_refreshed(&self) {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if !read.is_empty() {
            self.terminal.text(&std::mem::take(&mut *read));
        }
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
            Event::Refreshed { address, id } => self.refreshed(address, id.as_ref()),
            Event::AllRefreshed => self.all_refreshed(),
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
