//! One line an event.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::addr::InstanceAddr;
use crate::engine::Event;

use super::super::Terminal;
use super::{Pace, words};

/// Bytes of lines that are written together.
const TOGETHER: usize = 64 * 1024;

/// Of more objects than that nobody reads a line each.
const MOST_NAMED: usize = 100;

/// How long nothing is said while nothing changes.
const SILENCE: Duration = Duration::from_secs(10);

/// Progress as plain lines.
pub(super) struct LineProgress {
    terminal: Arc<Terminal>,
    pace: Pace,
    /// What was said last about an instance, and when.
    said: Mutex<BTreeMap<InstanceAddr, (String, Duration)>>,
    read: Mutex<Read>,
}

/// What is to be said of objects that were read. They come by thousands at once.
#[derive(Default)]
struct Read {
    /// Lines that are written together.
    lines: String,
    /// How many there were, where they are only counted.
    counted: Option<usize>,
}

impl LineProgress {
    pub(super) fn new(terminal: Arc<Terminal>, pace: Pace) -> Self {
        Self { terminal, pace, said: Mutex::default(), read: Mutex::default() }
    }

    pub(super) fn event(&self, event: &Event) {
        let paint = self.terminal.look.paint;
        match event {
            Event::Refreshing { objects } => {
                self.read().counted = (*objects > MOST_NAMED).then_some(0);
            }
            Event::Refreshed { address, id } => self.refreshed(address, id.as_ref()),
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
                if let Event::Completed { address, .. }
                | Event::Failed { address, .. }
                | Event::Withdrawn { address, .. } = event
                {
                    self.said.lock().unwrap_or_else(PoisonError::into_inner).remove(address);
                }
                if let Some(line) = words::ended(event, paint) {
                    self.terminal.line(&line);
                }
            }
        }
    }

    fn refreshed(&self, address: &InstanceAddr, id: Option<&String>) {
        let mut read = self.read();
        if let Some(counted) = &mut read.counted {
            *counted += 1;
            return;
        }
        read.lines.push_str(&words::refreshed(address, id));
        read.lines.push('\n');
        if read.lines.len() >= TOGETHER {
            self.terminal.text(&std::mem::take(&mut read.lines));
        }
    }

    fn all_refreshed(&self) {
        let read = std::mem::take(&mut *self.read());
        if let Some(counted) = read.counted {
            self.terminal.line(&words::all_refreshed(counted));
        }
        if !read.lines.is_empty() {
            self.terminal.text(&read.lines);
        }
    }

    fn read(&self) -> MutexGuard<'_, Read> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
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
