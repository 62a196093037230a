//! A state while its lock is held: every change is in the journal before it counts.

mod doubt;
mod error;
mod opened;
mod records;
mod scribe;
mod tracked;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::addr::{InstanceAddr, ProviderConfigAddr};
use crate::world::{Timestamp, World};

use super::backend::{Contents, Hold, Lease, lock_within, pause};
use super::file::{StoredObject, write_state};
use super::journal::{RecordChange, Text, apply_change, apply_outcome};
use super::{
    Backend, BackendError, DeposedKey, Digest, Entry, EntryOutcome, IntentId, Lineage, LockHolder,
    ObjectRecord, OpenIntent, Operation, Serial, State,
};

pub use error::SessionError;
pub use opened::Trust;
pub use tracked::Tracked;

use doubt::Doubt;
use opened::{Findings, Opened};
use records::Records;
use scribe::{Next, Noted, Scribe};

/// How often whoever has no lock looks at a state and a journal that do not fit each other.
const MOST_LOOKS: u32 = 4;

/// A state with its journal. With a lock it can be changed; without one it is only looked at.
pub struct Session {
    backend: Box<dyn Backend>,
    scribe: Scribe,
    records: Mutex<Records>,
    /// Why what was found is not what was saved last.
    doubt: Option<Doubt>,
}

impl Session {
    /// Takes the lock and opens the state, with everything folded in that an interrupted run left
    /// in the journal. A state that was never saved begins empty, with a new lineage.
    pub async fn open(
        tracked: impl Into<Tracked>,
        holder: &LockHolder,
        patience: Duration,
        world: &World,
        trust: Trust,
    ) -> Result<Self, SessionError> {
        let tracked = tracked.into();
        let hold = lock_within(&*tracked.backend, holder, patience).await?;
        Self::with_hold(tracked, hold, world, trust).await
    }

    /// The same without taking the lock, for whoever asks for that: two of them at once lose what
    /// one of them notes.
    pub async fn open_without_lock(
        tracked: impl Into<Tracked>,
        world: &World,
        trust: Trust,
    ) -> Result<Self, SessionError> {
        let tracked = tracked.into();
        let hold = tracked.backend.without_lock().await?;
        Self::with_hold(tracked, hold, world, trust).await
    }

    async fn with_hold(
        tracked: Tracked,
        mut hold: Box<dyn Hold>,
        world: &World,
        trust: Trust,
    ) -> Result<Self, SessionError> {
        let found = Self::find(&tracked, &mut *hold, trust).await;
        let opened = match found.and_then(|findings| Opened::of(findings, &tracked, world, trust)) {
            Ok(opened) => opened,
            Err(error) => {
                hold.release().await;
                return Err(error);
            }
        };
        let session = opened.into_session(tracked.backend, Some(hold))?;
        if session.doubt.is_some() {
            return Ok(session);
        }
        // What an interrupted run left becomes part of the state.
        if session.records().noted {
            session.checkpoint().await?;
        }
        session.scribe.keep_watermark().await;
        Ok(session)
    }

    /// What is there, and why that is not all where it is taken as it is found.
    async fn find(
        tracked: &Tracked,
        hold: &mut dyn Hold,
        trust: Trust,
    ) -> Result<Findings, SessionError> {
        let recalled = tracked.recall();
        match hold.read().await {
            Err(error @ BackendError::Sealed { .. }) if trust == Trust::AsFound => {
                let contents = Contents { state: None, journal: hold.read_journal().await? };
                Ok(Findings { contents, unread: Some(error.into()), recalled })
            }
            found => Ok(Findings { contents: found?, unread: None, recalled }),
        }
    }

    /// Opens the state without a lock. Nothing can be saved.
    pub async fn look(
        tracked: impl Into<Tracked>,
        world: &World,
        trust: Trust,
    ) -> Result<Self, SessionError> {
        let tracked = tracked.into();
        let mut looks = 0;
        loop {
            let recalled = tracked.recall();
            let contents = tracked.backend.read().await?;
            let findings = Findings { contents, unread: None, recalled };
            let opened = Opened::of(findings, &tracked, world, trust);
            looks += 1;
            // Whoever holds the lock may just have replaced one of both, state and journal.
            let do_not_fit = |error: &SessionError| {
                matches!(error, SessionError::Journal { .. } | SessionError::Receded { .. })
            };
            let doubt = opened.as_ref().map_or_else(Some, Opened::doubt);
            if looks == MOST_LOOKS || !doubt.is_some_and(do_not_fit) {
                return opened?.into_session(tracked.backend, None);
            }
            pause().await;
        }
    }

    /// Why what was found is not what was saved last; only where it was taken [`Trust::AsFound`].
    pub fn doubt(&self) -> Option<&SessionError> {
        self.doubt.as_ref().map(|doubt| &doubt.reason)
    }

    /// Makes what the journal tells part of the state that is about to take the place of what was
    /// found, unless that is in no doubt: then it is part of it already. Gives what it names and the
    /// state has another object for.
    pub fn take_along(&self, state: &mut State) -> Vec<(InstanceAddr, ObjectRecord)> {
        let Some(doubt) = &self.doubt else { return Vec::new() };
        doubt.take_along(state, &self.records().earlier)
    }

    fn records(&self) -> MutexGuard<'_, Records> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state as it is now, all outcomes included. Whoever keeps it makes the next change copy
    /// it.
    pub fn state(&self) -> Arc<State> {
        Arc::clone(&self.records().state)
    }

    /// The highest serial under which a state of `lineage` was saved here, as far as that is known.
    pub fn highest_serial(&self, lineage: &Lineage) -> Option<Serial> {
        self.records().highest(lineage)
    }

    /// Remembers nothing of the place any more: it is to be given up.
    pub async fn forget_watermark(&self) {
        self.scribe.forget_watermark().await;
    }

    /// Why it could not be remembered how far the state has come, once.
    pub async fn watermark_trouble(&self) -> Option<String> {
        self.scribe.watermark_trouble().await
    }

    /// Where the state is kept, for messages.
    pub fn place(&self) -> String {
        self.backend.place()
    }

    /// How long calls may be made that count on the lock.
    pub fn lease(&self) -> Lease {
        self.scribe.lease().clone()
    }

    /// Tells whether anything was ever saved.
    pub fn exists(&self) -> bool {
        let records = self.records();
        records.saved.is_some() || !records.state.is_empty()
    }

    /// The intents whose outcome nobody has noted, oldest first.
    pub fn open_intents(&self) -> Vec<Arc<OpenIntent>> {
        self.records().open.clone()
    }

    /// The intent `id`, while its outcome is not noted.
    pub fn open_intent(&self, id: IntentId) -> Option<Arc<OpenIntent>> {
        self.records().open.iter().find(|open| open.id == id).cloned()
    }

    /// Gives the lock back. Nothing can be written from then on.
    pub async fn close(&self) {
        self.scribe.release().await;
    }

    /// Changes what is only saved at the end, such as outputs.
    pub fn edit<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(Arc::make_mut(&mut self.records().state))
    }

    /// Notes that a call is about to leave. On return the note is on disk; on error the call must
    /// not be made.
    pub async fn intend(
        &self,
        intent: NewIntent<'_>,
        now: Timestamp,
    ) -> Result<IntentId, SessionError> {
        let (id, noted) = {
            let mut records = self.records();
            let id = IntentId(records.next_intent);
            let intent = Entry::Intent(Arc::new(OpenIntent {
                id,
                time: now,
                operation: intent.operation,
                address: Text(intent.address.clone()),
                deposed: intent.deposed.cloned(),
                provider: Text(intent.provider.clone()),
                object: StoredObject(intent.object),
                search: intent.search,
                accepted: None,
            }));
            let noted = self.note(&mut records, &intent)?;
            records.next_intent += 1;
            if let Entry::Intent(intent) = intent {
                records.open.push(intent);
            }
            (id, noted)
        };
        if let Err(error) = noted.written().await {
            self.records().open.retain(|open| open.id != id);
            return Err(error.into());
        }
        // Whoever slept since must not send what another run may be sending by now.
        if !self.scribe.lease().is_held() {
            return Err(BackendError::Lost { place: self.place() }.into());
        }
        Ok(id)
    }

    /// Notes the vendor's handle for a request it took.
    pub async fn accepted(
        &self,
        intent: IntentId,
        handle: serde_json::Value,
    ) -> Result<(), SessionError> {
        let noted = {
            let mut records = self.records();
            if let Some(open) = records.open.iter_mut().find(|open| open.id == intent) {
                Arc::make_mut(open).accepted = Some(handle.clone());
            }
            self.note(&mut records, &Entry::Accepted { intent, handle })?
        };
        Ok(noted.written().await?)
    }

    /// Notes what became of an intent and makes it part of the state, which it is even where it
    /// cannot be noted: it has happened.
    pub async fn settle(&self, intent: IntentId, outcome: Settled) -> Result<(), SessionError> {
        let outcome = match outcome {
            Settled::Object(object) => EntryOutcome::Object(Box::new(StoredObject(*object))),
            Settled::Gone => EntryOutcome::Gone,
            Settled::Nothing => EntryOutcome::Nothing,
        };
        let noted = {
            let mut records = self.records();
            if let Some(position) = records.open.iter().position(|open| open.id == intent) {
                let open = records.open.remove(position);
                apply_outcome(Arc::make_mut(&mut records.state), &open, &outcome);
            }
            self.note(&mut records, &Entry::Outcome { intent, outcome })?
        };
        Ok(noted.written().await?)
    }

    /// Notes that the current object awaits deletion.
    pub async fn depose(
        &self,
        address: &InstanceAddr,
        key: &DeposedKey,
    ) -> Result<(), SessionError> {
        self.record(address, RecordChange::Deposed(key.clone())).await
    }

    /// Notes that a deposed object is current again, because its successor was not made.
    pub async fn restore(
        &self,
        address: &InstanceAddr,
        key: &DeposedKey,
    ) -> Result<(), SessionError> {
        self.record(address, RecordChange::Restored(key.clone())).await
    }

    /// Notes that an object is no longer ours.
    pub async fn forget(
        &self,
        address: &InstanceAddr,
        deposed: Option<&DeposedKey>,
    ) -> Result<(), SessionError> {
        self.record(address, RecordChange::Forgotten(deposed.cloned())).await
    }

    /// Notes what a read showed.
    pub async fn seen(
        &self,
        address: &InstanceAddr,
        provider: &ProviderConfigAddr,
        deposed: Option<&DeposedKey>,
        object: ObjectRecord,
    ) -> Result<(), SessionError> {
        let seen = RecordChange::Seen {
            provider: Text(provider.clone()),
            deposed: deposed.cloned(),
            object: Box::new(StoredObject(object)),
        };
        self.record(address, seen).await
    }

    async fn record(
        &self,
        address: &InstanceAddr,
        change: RecordChange,
    ) -> Result<(), SessionError> {
        let entry = Entry::Recorded { address: Text(address.clone()), change };
        let noted = self.note(&mut self.records(), &entry)?;
        // Unlike an outcome, which has happened, what cannot be noted must not count.
        noted.written().await?;
        if let Entry::Recorded { address, change } = &entry {
            apply_change(Arc::make_mut(&mut self.records().state), &address.0, change);
        }
        Ok(())
    }

    /// Lines an entry up, in the order in which the records change.
    fn note(&self, records: &mut Records, entry: &Entry) -> Result<Noted<'_>, serde_json::Error> {
        let noted = self.scribe.note(serde_json::to_string(entry)?);
        records.noted = true;
        Ok(noted)
    }

    /// Puts another state in the place of this one, serial and lineage included. Open intents stay
    /// open.
    pub async fn replace(&self, state: State) -> Result<(), SessionError> {
        let next = Arc::new(state);
        self.save(Some(Arc::clone(&next))).await?;
        self.records().state = next;
        Ok(())
    }

    /// Puts the state of another place in the place of this one, with the intents that are open
    /// there.
    pub async fn take_over(
        &self,
        state: Arc<State>,
        open: Vec<Arc<OpenIntent>>,
    ) -> Result<(), SessionError> {
        {
            let mut records = self.records();
            let last = open.iter().map(|intent| intent.id.0).max().unwrap_or_default();
            records.next_intent = records.next_intent.max(last + 1);
            records.noted |= records.open != open;
            records.open = open;
        }
        let is_other = self.records().state != state;
        self.save(is_other.then(|| Arc::clone(&state))).await?;
        self.records().state = state;
        Ok(())
    }

    /// Saves the state, as the next version if its content changed, and starts the journal afresh
    /// with the intents that are still open. What is not kept as it would be today, such as in the
    /// clear although there is a key, is saved in any case.
    pub async fn checkpoint(&self) -> Result<(), SessionError> {
        let is_outdated = self.scribe.is_outdated().await;
        let next = {
            let records = self.records();
            records.next_version().or_else(|| records.saved.clone().filter(|_| is_outdated))
        };
        let serial = next.as_ref().map(|next| next.serial);
        self.save(next).await?;
        if let Some(serial) = serial {
            Arc::make_mut(&mut self.records().state).serial = serial;
        }
        Ok(())
    }

    async fn save(&self, next: Option<Arc<State>>) -> Result<(), SessionError> {
        let bytes = next.as_deref().map(write_state).transpose()?;
        let digest = bytes.as_deref().map(Digest::of);
        let elsewhere = self.scribe.leaves_original().await;
        let composed = {
            let records = self.records();
            if bytes.is_none() && !records.noted {
                return Ok(());
            }
            records.compose(next.as_deref().zip(digest.as_ref()).filter(|_| !elsewhere))?
        };
        let base = composed.base.clone();
        self.scribe.replace(Next { state: bytes.as_deref(), ..composed }).await?;
        let mut records = self.records();
        records.base = base;
        if next.is_some() {
            records.saved = next;
        }
        if digest.is_some() && !elsewhere {
            records.digest = digest;
        }
        records.noted = !records.open.is_empty();
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
mod tests;
