//! What a session knows, and what of it is saved.

use std::sync::Arc;

use crate::world::World;

use super::super::journal::Base;
use super::super::{Digest, Entry, Journal, Lineage, OpenIntent, Serial, State};
use super::SessionError;
use super::scribe::Next;

/// What is known while the session lasts.
pub(super) struct Records {
    pub(super) state: Arc<State>,
    /// The state as it was saved last, serial included: saving the same again is no new version.
    pub(super) saved: Option<Arc<State>>,
    /// What its bytes came to.
    pub(super) digest: Option<Digest>,
    /// The first line of the journal.
    pub(super) base: Base,
    /// What was saved at other times, or was about to be.
    pub(super) earlier: Vec<(Lineage, Serial)>,
    pub(super) open: Vec<Arc<OpenIntent>>,
    pub(super) next_intent: u64,
    /// Whether the journal holds more than its first line.
    pub(super) noted: bool,
}

impl Records {
    /// What is known once state and journal are read: nothing of the journal is part of it yet.
    pub(super) fn begin(
        saved: Option<Arc<State>>,
        digest: Option<Digest>,
        journal: &Journal,
        world: &World,
    ) -> Self {
        let state = saved.clone().unwrap_or_else(|| {
            let lineage = journal.base().map(|base| base.lineage.clone());
            Arc::new(State::empty(lineage.unwrap_or_else(|| Lineage(world.ids.uuid()))))
        });
        let base = journal.base().cloned().unwrap_or_else(|| base_of(&state, digest.as_ref()));
        Self {
            next_intent: journal.next_intent().0,
            noted: false,
            open: Vec::new(),
            earlier: journal.saved().collect(),
            state,
            saved,
            digest,
            base,
        }
    }

    /// Makes what the journal holds part of it.
    pub(super) fn fold(&mut self, journal: &Journal, is_doubtful: bool) {
        if journal.is_empty() {
            return;
        }
        self.open = if is_doubtful {
            // What was noted belongs to another state; what is open, to nobody else.
            journal.fold(&mut State::empty(self.state.lineage.clone()))
        } else {
            journal.fold(Arc::make_mut(&mut self.state))
        };
    }

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
        let base = base.behind(&self.base);
        let json = |entry: &Entry| serde_json::to_string(entry);
        let first_line = json(&Entry::Base(base.clone()))?;
        let is_saved = next.is_some() || self.digest.is_some();
        let mut journal = Vec::with_capacity(self.open.len() + 1);
        let mut first = None;
        // The first line tells this state from others, so it stays where there is one to tell.
        if is_saved || !self.open.is_empty() {
            journal.push(first_line);
        } else {
            first = Some(first_line);
        }
        for intent in &self.open {
            journal.push(json(&Entry::Intent(Arc::clone(intent)))?);
        }
        let saving = saving.as_ref().map(json).transpose()?;
        let previous = self.saved.as_ref().map(|saved| saved.serial.0);
        Ok(Next { state: None, previous, saving, base, journal, first })
    }

    /// The highest serial of `lineage` that is known here.
    pub(super) fn highest(&self, lineage: &Lineage) -> Option<Serial> {
        let own = self.earlier.iter().filter(|(known, _)| known == lineage);
        let saved = self.saved.as_ref().filter(|saved| saved.lineage == *lineage);
        own.map(|(_, serial)| *serial).chain(saved.map(|saved| saved.serial)).max()
    }
}

/// The first line of the first journal of a state.
pub(super) fn base_of(state: &State, digest: Option<&Digest>) -> Base {
    let (lineage, serial) = (state.lineage.clone(), state.serial);
    Base { lineage, serial, generation: 0, digest: digest.cloned() }
}
