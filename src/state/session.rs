//! A state while its lock is held: every change is in the journal before it counts.

use std::sync::Arc;
use std::time::Duration;

use crate::addr::{InstanceAddr, ProviderConfigAddr};
use crate::world::{Timestamp, World};

use super::backend::{Guard, lock_within};
use super::file::{StateFileError, StoredObject, read_state, write_state};
use super::journal::{RecordChange, Text, apply_change, apply_outcome};
use super::{
    Backend, BackendError, DeposedKey, Entry, EntryOutcome, IntentId, Journal, JournalError,
    Lineage, LockHolder, ObjectRecord, OpenIntent, Operation, State,
};

/// A state that cannot be opened or changed.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The backend failed.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// The state's bytes are not a state.
    #[error("{place}: {reason}")]
    File {
        /// Where the state is.
        place: String,
        /// What is wrong with it.
        reason: StateFileError,
    },
    /// The journal cannot be used.
    #[error("{place}: {reason}")]
    Journal {
        /// Where the state is.
        place: String,
        /// What is wrong with its journal.
        reason: JournalError,
    },
    /// Something cannot be written as JSON.
    #[error("cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// A state with its journal. With a lock it can be changed; without one it is only looked at.
pub struct Session {
    backend: Box<dyn Backend>,
    guard: Option<Box<dyn Guard>>,
    state: Arc<State>,
    /// The state as it was saved last, serial included: saving the same again is no new version.
    saved: Option<Arc<State>>,
    open: Vec<OpenIntent>,
    next_intent: u64,
    /// Whether the journal has its first line.
    begun: bool,
    /// How many entries the journal holds.
    entries: usize,
}

impl Session {
    /// Takes the lock and opens the state, with everything folded in that an interrupted run left
    /// in the journal. A state that was never saved begins empty, with a new lineage.
    pub async fn open(
        backend: Box<dyn Backend>,
        holder: &LockHolder,
        patience: Duration,
        world: &World,
    ) -> Result<Self, SessionError> {
        let guard = lock_within(&*backend, holder, patience).await?;
        let mut session = Self::open_without_lock(backend, world)?;
        session.guard = Some(guard);
        Ok(session)
    }

    /// The same without taking the lock, for whoever asks for that: two of them at once lose what
    /// one of them notes.
    pub fn open_without_lock(
        backend: Box<dyn Backend>,
        world: &World,
    ) -> Result<Self, SessionError> {
        let mut session = Self::look(backend, world)?;
        if session.entries > 0 {
            session.checkpoint()?;
        }
        Ok(session)
    }

    /// Opens the state without a lock. Nothing can be saved.
    pub fn look(backend: Box<dyn Backend>, world: &World) -> Result<Self, SessionError> {
        let place = backend.place();
        let in_journal = |reason| SessionError::Journal { place: place.clone(), reason };
        let bytes = backend.read()?;
        let journal_bytes = backend.read_journal()?;
        let journal = Journal::read(&journal_bytes).map_err(in_journal)?;
        let saved = bytes
            .as_deref()
            .map(read_state)
            .transpose()
            .map_err(|reason| SessionError::File { place: place.clone(), reason })?
            .map(Arc::new);
        // The bytes of a large state take as much as all that is made of them.
        drop(bytes);
        let mut state = saved.clone().unwrap_or_else(|| {
            let lineage = journal.lineage().cloned();
            Arc::new(State::empty(lineage.unwrap_or_else(|| Lineage(world.ids.uuid()))))
        });
        let open = if journal.lineage().is_none() && journal.is_empty() {
            Vec::new()
        } else {
            journal.fold(Arc::make_mut(&mut state)).map_err(in_journal)?
        };
        Ok(Self {
            backend,
            guard: None,
            state,
            saved,
            open,
            next_intent: journal.next_intent().0,
            begun: journal.lineage().is_some(),
            // Bytes without a whole entry are a torn first line, which must go before the next one.
            entries: journal.len().max(usize::from(!journal_bytes.is_empty())),
        })
    }

    /// The state, all outcomes included.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The state as it is now, to look at while the session goes on.
    pub fn shared_state(&self) -> Arc<State> {
        Arc::clone(&self.state)
    }

    /// Where the state is kept, for messages.
    pub fn place(&self) -> String {
        self.backend.place()
    }

    /// Tells whether anything was ever saved.
    pub fn exists(&self) -> bool {
        self.saved.is_some() || !self.state.is_empty()
    }

    /// The intents whose outcome nobody has noted, oldest first.
    pub fn open_intents(&self) -> &[OpenIntent] {
        &self.open
    }

    /// Gives the lock back at the end of a run, and leaves the records to the end of the process.
    pub fn close(self) {
        drop(self.guard);
        std::mem::forget((self.state, self.saved));
    }

    /// Changes what is only saved at the end, such as outputs.
    pub fn edit(&mut self, change: impl FnOnce(&mut State)) {
        change(Arc::make_mut(&mut self.state));
    }

    /// Notes that a call is about to leave. On return the note is on disk; on error the call must
    /// not be made.
    pub fn intend(
        &mut self,
        intent: NewIntent<'_>,
        now: Timestamp,
    ) -> Result<IntentId, SessionError> {
        let id = IntentId(self.next_intent);
        let intent = OpenIntent {
            id,
            time: now,
            operation: intent.operation,
            address: Text(intent.address.clone()),
            deposed: intent.deposed.cloned(),
            provider: Text(intent.provider.clone()),
            object: StoredObject(intent.object),
            search: intent.search,
            accepted: None,
        };
        self.append(&Entry::Intent(Box::new(intent.clone())))?;
        self.next_intent += 1;
        self.open.push(intent);
        Ok(id)
    }

    /// Notes the vendor's handle for a request it took.
    pub fn accepted(
        &mut self,
        intent: IntentId,
        handle: serde_json::Value,
    ) -> Result<(), SessionError> {
        self.append(&Entry::Accepted { intent, handle: handle.clone() })?;
        if let Some(open) = self.open.iter_mut().find(|open| open.id == intent) {
            open.accepted = Some(handle);
        }
        Ok(())
    }

    /// Notes what became of an intent and makes it part of the state.
    pub fn settle(&mut self, intent: IntentId, outcome: Settled) -> Result<(), SessionError> {
        let outcome = match outcome {
            Settled::Object(object) => EntryOutcome::Object(Box::new(StoredObject(*object))),
            Settled::Gone => EntryOutcome::Gone,
            Settled::Nothing => EntryOutcome::Nothing,
        };
        if let Some(position) = self.open.iter().position(|open| open.id == intent) {
            let open = self.open.remove(position);
            apply_outcome(Arc::make_mut(&mut self.state), &open, &outcome);
        }
        self.append(&Entry::Outcome { intent, outcome })
    }

    /// Notes that the current object awaits deletion.
    pub fn depose(&mut self, address: &InstanceAddr, key: &DeposedKey) -> Result<(), SessionError> {
        self.record(address, RecordChange::Deposed(key.clone()))
    }

    /// Notes that a deposed object is current again, because its successor was not made.
    pub fn restore(
        &mut self,
        address: &InstanceAddr,
        key: &DeposedKey,
    ) -> Result<(), SessionError> {
        self.record(address, RecordChange::Restored(key.clone()))
    }

    /// Notes that an object is no longer ours.
    pub fn forget(
        &mut self,
        address: &InstanceAddr,
        deposed: Option<&DeposedKey>,
    ) -> Result<(), SessionError> {
        self.record(address, RecordChange::Forgotten(deposed.cloned()))
    }

    /// Notes what a read showed.
    pub fn seen(
        &mut self,
        address: &InstanceAddr,
        provider: &ProviderConfigAddr,
        deposed: Option<&DeposedKey>,
        object: ObjectRecord,
    ) -> Result<(), SessionError> {
        self.record(
            address,
            RecordChange::Seen {
                provider: Text(provider.clone()),
                deposed: deposed.cloned(),
                object: Box::new(StoredObject(object)),
            },
        )
    }

    fn record(&mut self, address: &InstanceAddr, change: RecordChange) -> Result<(), SessionError> {
        // Unlike an outcome, which has happened, what cannot be noted must not count.
        self.append(&Entry::Recorded { address: Text(address.clone()), change: change.clone() })?;
        apply_change(Arc::make_mut(&mut self.state), address, &change);
        Ok(())
    }

    fn append(&mut self, entry: &Entry) -> Result<(), SessionError> {
        let mut bytes = Vec::new();
        if !self.begun {
            bytes.extend(Journal::line(&self.base())?);
        }
        bytes.extend(Journal::line(entry)?);
        self.backend.append_journal(&bytes)?;
        self.begun = true;
        self.entries += 1;
        Ok(())
    }

    /// Puts another state in the place of this one, serial and lineage included. Open intents stay
    /// open.
    pub fn replace(&mut self, state: State) -> Result<(), SessionError> {
        self.backend.write(&write_state(&state)?)?;
        self.state = Arc::new(state);
        self.saved = Some(Arc::clone(&self.state));
        self.begin_journal()
    }

    fn base(&self) -> Entry {
        Entry::Base { lineage: self.state.lineage.clone(), serial: self.state.serial }
    }

    /// Saves the state, as the next version if its content changed, and starts the journal afresh
    /// with the intents that are still open.
    pub fn checkpoint(&mut self) -> Result<(), SessionError> {
        let changed = self.saved.as_ref().is_none_or(|saved| {
            saved.outputs != self.state.outputs
                || saved.resources != self.state.resources
                || saved.checks != self.state.checks
        });
        let first_of_nothing = self.saved.is_none() && self.state.is_empty();
        if changed && !first_of_nothing {
            let mut next = State::clone(&self.state);
            next.serial = self.state.serial.next();
            self.backend.write(&write_state(&next)?)?;
            self.state = Arc::new(next);
            self.saved = Some(Arc::clone(&self.state));
        }
        self.begin_journal()
    }

    /// Starts the journal afresh, on the state that was just saved.
    fn begin_journal(&mut self) -> Result<(), SessionError> {
        let mut journal = Vec::new();
        if !self.open.is_empty() {
            journal.extend(Journal::line(&self.base())?);
            for intent in &self.open {
                journal.extend(Journal::line(&Entry::Intent(Box::new(intent.clone())))?);
            }
        }
        if self.entries > 0 {
            self.backend.write_journal(&journal)?;
        }
        self.begun = !self.open.is_empty();
        self.entries = self.open.len();
        Ok(())
    }
}

/// A call that is about to leave.
pub struct NewIntent<'a> {
    /// What it is meant to do.
    pub operation: Operation,
    /// The instance.
    pub address: &'a InstanceAddr,
    /// The deposed object meant, where it is not the current one.
    pub deposed: Option<&'a DeposedKey>,
    /// The provider configuration.
    pub provider: &'a ProviderConfigAddr,
    /// The planned object, or the one to delete.
    pub object: ObjectRecord,
    /// What the provider wants to know when it has to find out what happened.
    pub search: serde_json::Value,
}

/// What became of a call.
#[derive(Clone, Debug, PartialEq)]
pub enum Settled {
    /// The object is now like this.
    Object(Box<ObjectRecord>),
    /// The object is gone.
    Gone,
    /// Nothing was changed.
    Nothing,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::addr::{InstanceKey, ResourceAddr};
    use crate::state::{LocalBackend, ObjectStatus};
    use crate::value::Value;

    #[test]
    fn what_cannot_be_noted_does_not_count() {
        let folder = tempfile::tempdir().unwrap();
        let backend = Box::new(LocalBackend::new(folder.path()));
        let mut session = Session::look(backend, &World::real()).unwrap();
        let address = ResourceAddr::managed("t_a", "x").instance(InstanceKey::None);
        let object = ObjectRecord {
            status: ObjectStatus::Ready,
            schema_version: 0,
            attributes: Value::object([("id", Value::from("s-1"))]).into(),
            sensitive: Vec::new(),
            dependencies: crate::state::Dependencies::default(),
            create_before_destroy: false,
        };
        let provider = ProviderConfigAddr::default_of("t");
        session.edit(|state| state.set_object(&address, &provider, None, object));
        std::fs::create_dir(folder.path().join("journal.jsonl")).unwrap();
        let key = DeposedKey("00000001".to_owned());
        assert!(session.depose(&address, &key).is_err());
        assert!(session.forget(&address, None).is_err());
        assert!(session.state().object(&address).is_some());
    }
}
