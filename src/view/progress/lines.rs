//! One line an event.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::addr::InstanceAddr;
use crate::engine::Event;

use super::super::Terminal;
use super::{Pace, words};

/// Bytes of lines that are written together.
const TOGETHER: usize = 64 * 1024;

/// How long nothing is said while nothing changes.
const SILENCE: Duration = Duration::from_secs(10);

/// Progress as plain lines.
pub(super) struct LineProgress {
    terminal: Arc<Terminal>,
    pace: Pace,
    /// What was said last about an instance, and when.
    said: Mutex<BTreeMap<InstanceAddr, (String, Duration)>>,
    /// Lines about objects that were read. They come by thousands at once, and are written together.
    read: Mutex<String>,
}

impl LineProgress {
    pub(super) fn new(terminal: Arc<Terminal>, pace: Pace) -> Self {
        Self { terminal, pace, said: Mutex::default(), read: Mutex::default() }
    }

    pub(super) fn event(&self, event: &Event) {
        let paint = self.terminal.look.paint;
        match event {
            Event::Refreshed { address, id } => {
                self.refreshed(&words::refreshed(address, id.as_ref()));
            }
            Event::AllRefreshed => self.all_refreshed(),
            Event::Started { address, verb, id } => {
                self.terminal.line(&words::started(address, *verb, id.as_ref()));
            }
            Event::Progress { address, text, elapsed } => {
                if self.is_news(address, text, *elapsed) {
                    self.terminal.line(&words::progress(address, text, *elapsed, paint));
                }
            }
            _ => {
                if let Event::Completed { address, .. } | Event::Failed { address, .. } = event {
                    self.said.lock().unwrap_or_else(PoisonError::into_inner).remove(address);
                }
                if let Some(line) = words::ended(event, paint) {
                    self.terminal.line(&line);
                }
            }
        }
    }

    fn refreshed(&self, line: &str) {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        read.push_str(line);
        read.push('\n');
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

    /// Whether `text` is worth a line: it is news, or there was none for a while and somebody waits.
    fn is_news(&self, address: &InstanceAddr, text: &str, now: Duration) -> bool {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let known = said.get(address).is_some_and(|(last, then)| {
            let recent = *then <= now && now.saturating_sub(*then) < SILENCE;
            last == text && (recent || self.pace == Pace::Events)
        });
        if !known {
            said.insert(address.clone(), (text.to_owned(), now));
        }
        !known
    }
}
