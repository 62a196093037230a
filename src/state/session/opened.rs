//! From what is kept to a session.

use std::sync::{Arc, Mutex};

use crate::world::World;

use super::super::backend::{Contents, Hold};
use super::super::file::{read_state, write_state};
use super::super::journal::Found;
use super::super::{Backend, Digest, Journal, Lineage, State};
use super::records::{Records, base_of};
use super::scribe::Scribe;
use super::{Session, SessionError};

/// Whether what is found must be what was saved last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// It must.
    Checked,
    /// Anything goes, for whoever looks at it to put something else in its place.
    AsFound,
}

/// What was found, made sense of.
pub(super) struct Opened {
    records: Records,
    journal: Journal,
    place: String,
    doubt: Option<SessionError>,
}

impl Opened {
    /// `unread` says why there is no state among `contents` although there is one.
    pub(super) fn of(
        contents: Contents,
        unread: Option<SessionError>,
        place: String,
        world: &World,
        trust: Trust,
    ) -> Result<Self, SessionError> {
        let in_journal = |reason| SessionError::Journal { place: place.clone(), reason };
        let in_file = |reason| SessionError::File { place: place.clone(), reason };
        let journal = Journal::read(&contents.journal).map_err(in_journal)?;
        let saved = contents.state.as_deref().map(read_state).transpose().map_err(in_file);
        let (saved, mut doubt) = match saved {
            Err(error) if trust == Trust::AsFound => (None, Some(error)),
            saved => (saved?.map(Arc::new), unread),
        };
        let digest = contents.state.as_deref().map(Digest::of);
        // The bytes of a large state take as much as all that is made of them.
        drop(contents.state);
        let under = |serial| {
            let state = State { serial, ..State::clone(saved.as_deref()?) };
            write_state(&state).ok().as_deref().map(Digest::of)
        };
        let found = saved.as_deref().zip(digest.as_ref()).map(|(state, digest)| Found {
            lineage: &state.lineage,
            serial: state.serial,
            digest,
            under: &under,
        });
        match journal.check(found.as_ref()).map_err(in_journal) {
            Err(error) if trust == Trust::AsFound => doubt = doubt.or(Some(error)),
            checked => checked?,
        }
        let mut state = saved.clone().unwrap_or_else(|| {
            let lineage = journal.lineage().cloned();
            Arc::new(State::empty(lineage.unwrap_or_else(|| Lineage(world.ids.uuid()))))
        });
        let open = if journal.is_empty() {
            Vec::new()
        } else if doubt.is_some() {
            // What was noted belongs to another state; what is open, to nobody else.
            journal.fold(&mut State::empty(state.lineage.clone()))
        } else {
            journal.fold(Arc::make_mut(&mut state))
        };
        let is_torn = journal.whole() != contents.journal.len();
        let records = Records {
            next_intent: journal.next_intent().0,
            noted: journal.len() > 1 || is_torn,
            state,
            saved,
            digest,
            open,
        };
        Ok(Self { records, journal, place, doubt })
    }

    pub(super) fn into_session(
        self,
        backend: Box<dyn Backend>,
        hold: Option<Box<dyn Hold>>,
    ) -> Result<Session, SessionError> {
        let Self { records, journal, place, doubt } = self;
        let first = match journal.len() {
            0 => {
                let state = records.saved.as_ref().unwrap_or(&records.state);
                Some(serde_json::to_string(&base_of(state, records.digest.as_ref()))?)
            }
            _ => None,
        };
        let scribe = Scribe::new(hold, place, journal.chain().clone(), first);
        Ok(Session { backend, scribe, records: Mutex::new(records), doubt })
    }
}
