//! From what is kept to a session.

use std::sync::{Arc, Mutex};

use crate::world::World;

use super::super::backend::{Contents, Hold};
use super::super::file::{read_state, write_state};
use super::super::journal::Found;
use super::super::watermark::{Keeper, Recalled, Watermark};
use super::super::{Backend, Digest, Entry, Journal, State};
use super::doubt::Doubt;
use super::records::Records;
use super::scribe::{Head, Scribe};
use super::{Session, SessionError, Tracked};

/// Whether what is found must be what was saved last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// It must.
    Checked,
    /// Anything goes, for whoever looks at it to put something else in its place.
    AsFound,
}

/// What was found, and what was known of it before.
pub(super) struct Findings {
    pub(super) contents: Contents,
    /// Why there is no state among the contents although there is one.
    pub(super) unread: Option<SessionError>,
    pub(super) recalled: Recalled,
}

/// What was found, made sense of.
pub(super) struct Opened {
    records: Records,
    journal: Journal,
    keeper: Keeper,
    place: String,
    doubt: Option<SessionError>,
}

impl Opened {
    pub(super) fn of(
        findings: Findings,
        tracked: &Tracked,
        world: &World,
        trust: Trust,
    ) -> Result<Self, SessionError> {
        let Findings { contents, unread, recalled } = findings;
        let place = tracked.backend.place();
        let in_journal = |reason| SessionError::Journal { place: place.clone(), reason };
        let in_file = |reason| SessionError::File { place: place.clone(), reason };
        let any = trust == Trust::AsFound;
        let (journal, damage) = match Journal::read(&contents.journal).map_err(in_journal) {
            Err(error) if any => (Journal::salvage(&contents.journal), Some(error)),
            journal => (journal?, None),
        };
        let saved = contents.state.as_deref().map(read_state).transpose().map_err(in_file);
        let (saved, mut doubt) = match saved {
            Err(error) if any => (None, Some(error)),
            saved => (saved?.map(Arc::new), unread.or(damage)),
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
        let fits = journal.check(found.as_ref()).map_err(in_journal).and_then(|()| {
            let state = found.as_ref().map(|found| (found.lineage, found.serial));
            let has_come = |known: &Watermark| {
                known.check(state, journal.base(), journal.whole_lines(&contents.journal))
            };
            let known = recalled.watermark.as_ref();
            known.map_or(Ok(()), has_come).map_err(|reason| tracked.receded(reason))
        });
        match fits {
            Err(error) if any => doubt = doubt.or(Some(error)),
            fits => fits?,
        }
        let is_outrun = found.is_some_and(|found| !journal.goes_on_from(&found));
        let is_torn = journal.whole() != contents.journal.len();
        let mut records = Records::begin(saved, digest, &journal, world);
        records.earlier.extend(recalled.watermark.map(|known| (known.lineage, known.serial)));
        records.noted = journal.len() > 1 || is_torn || is_outrun;
        records.fold(&journal, doubt.is_some());
        Ok(Self { records, journal, keeper: recalled.keeper, place, doubt })
    }

    /// Why what was found is not what was saved last.
    pub(super) fn doubt(&self) -> Option<&SessionError> {
        self.doubt.as_ref()
    }

    pub(super) fn into_session(
        self,
        backend: Box<dyn Backend>,
        hold: Option<Box<dyn Hold>>,
    ) -> Result<Session, SessionError> {
        let Self { records, journal, keeper, place, doubt } = self;
        let first = match journal.len() {
            0 => Some(serde_json::to_string(&Entry::Base(records.base.clone()))?),
            _ => None,
        };
        let (base, chain) = (records.base.clone(), journal.chain().clone());
        let head = Head::behind(base, journal.len(), chain, first);
        let scribe = Scribe::new(hold, place, head, keeper);
        let doubt = doubt.map(|reason| Doubt { reason, journal });
        Ok(Session { backend, scribe, records: Mutex::new(records), doubt })
    }
}
