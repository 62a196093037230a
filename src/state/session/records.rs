//! What a session knows, and what of it is saved.

use std::sync::Arc;

use super::super::{Digest, Entry, OpenIntent, State};
use super::SessionError;
use super::scribe::Next;

/// What is known while the session lasts.
pub(super) struct Records {
    pub(super) state: Arc<State>,
    /// The state as it was saved last, serial included: saving the same again is no new version.
    pub(super) saved: Option<Arc<State>>,
    /// What its bytes came to.
    pub(super) digest: Option<Digest>,
    pub(super) open: Vec<Arc<OpenIntent>>,
    pub(super) next_intent: u64,
    /// Whether the journal holds more than its first line.
    pub(super) noted: bool,
}

impl Records {
    /// The state as its next version, if its content differs from what was saved.
    pub(super) fn next_version(&self) -> Option<Arc<State>> {
        let changed = self.saved.as_ref().is_none_or(|saved| {
            saved.outputs != self.state.outputs
                || saved.resources != self.state.resources
                || saved.checks != self.state.checks
        });
        let first_of_nothing = self.saved.is_none() && self.state.is_empty();
        (changed && !first_of_nothing).then(|| {
            Arc::new(State { serial: self.state.serial.next(), ..State::clone(&self.state) })
        })
    }

    /// The journal that belongs to `next`, or to what is saved already.
    pub(super) fn compose(
        &self,
        next: Option<(&State, &Digest)>,
    ) -> Result<Next<'static>, SessionError> {
        let saving = next.map(|(state, digest)| Entry::Saving {
            lineage: state.lineage.clone(),
            serial: state.serial,
            digest: digest.clone(),
        });
        let base = match next {
            Some((state, digest)) => base_of(state, Some(digest)),
            None => base_of(self.saved.as_ref().unwrap_or(&self.state), self.digest.as_ref()),
        };
        let json = |entry: &Entry| serde_json::to_string(entry);
        let is_saved = next.is_some() || self.digest.is_some();
        let mut journal = Vec::with_capacity(self.open.len() + 1);
        let mut first = None;
        // The first line tells this state from others, so it stays where there is one to tell.
        if is_saved || !self.open.is_empty() {
            journal.push(json(&base)?);
        } else {
            first = Some(json(&base)?);
        }
        for intent in &self.open {
            journal.push(json(&Entry::Intent(Arc::clone(intent)))?);
        }
        let saving = saving.as_ref().map(json).transpose()?;
        let previous = self.saved.as_ref().map(|saved| saved.serial.0);
        Ok(Next { state: None, previous, saving, journal, first })
    }
}

/// The first line of the journal of a state.
pub(super) fn base_of(state: &State, digest: Option<&Digest>) -> Entry {
    Entry::Base { lineage: state.lineage.clone(), serial: state.serial, digest: digest.cloned() }
}
