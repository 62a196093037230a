//! Writes the document, and never over what somebody else wrote.
//!
//! A server that compares versions is told which one to replace. Any other is asked before each
//! write what is there; between the two, a server that checks the name of the lock is still safe.

use std::sync::Arc;

use crate::sdk::auth::sha256_hex;

use super::super::lock_info::LockInfo;
use super::super::watch::{Beat, Term};
use super::super::{BackendError, Contents, Lease, LockHolder, Moment};
use super::document::{Document, LeaseNote};
use super::server::{Condition, Found, Sent, Server, locked};

/// A tag that no version has: whoever takes a write on this condition does not compare.
const NO_VERSION: &str = "\"snapform-asks-whether-this-is-compared\"";

/// The lock in whose name is written.
pub(super) struct Held {
    pub(super) info: LockInfo,
    pub(super) holder: LockHolder,
    pub(super) term: Term,
    pub(super) lease: Lease,
}

/// Whether the server compares versions before it writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Compares {
    Unknown,
    Yes,
    No,
}

/// The only one of this process who writes the document.
pub(super) struct Writer {
    pub(super) server: Arc<Server>,
    /// The lock; `None` for whoever asked to write without.
    pub(super) held: Option<Held>,
    document: Document,
    /// What the whole document comes to that was read or written last; `None` where there was none.
    version: Option<String>,
    tag: Option<String>,
    /// A version that may have been written: nobody knows.
    doubtful: Option<String>,
    compares: Compares,
}

impl Writer {
    /// A writer who begins with what was found.
    pub(super) fn new(
        server: Arc<Server>,
        held: Option<Held>,
        found: Found,
    ) -> Result<Self, BackendError> {
        let document = document(&server, &found)?;
        let version = found.text.as_deref().map(version_of);
        let (tag, compares) = (found.tag, Compares::Unknown);
        Ok(Self { server, held, document, version, tag, doubtful: None, compares })
    }

    /// Whether the server is known to compare versions.
    pub(super) fn is_compared(&self) -> bool {
        self.compares == Compares::Yes
    }

    /// Reads what is there; what is written next must replace exactly this.
    pub(super) async fn read(&mut self) -> Result<Contents, BackendError> {
        let found = self.server.get().await?;
        let read = document(&self.server, &found)?;
        if self.is_of_another(&read) {
            return Err(self.lost());
        }
        self.version = found.text.as_deref().map(version_of);
        self.tag = found.tag;
        self.doubtful = None;
        self.document = read;
        Ok(self.document.contents())
    }

    /// Writes the next version, with a sign of life in it.
    pub(super) async fn write(
        &mut self,
        change: impl FnOnce(&mut Document),
    ) -> Result<(), BackendError> {
        let since = Moment::now();
        let mut next = self.document.next(change);
        if let Some(held) = &self.held {
            let beat = self.document.lease.as_ref().filter(|lease| lease.id == held.info.id);
            next.lease = Some(LeaseNote {
                id: held.info.id.clone(),
                beat: beat.map_or(0, |lease| lease.beat) + 1,
                milliseconds: u64::try_from(held.term.0.as_millis()).unwrap_or(u64::MAX),
                holder: held.holder.clone(),
            });
        }
        self.send(next).await?;
        if let Some(held) = &self.held {
            held.lease.prolong(since, held.term.held());
        }
        Ok(())
    }

    /// Takes our sign of life out of the document, where there is one.
    pub(super) async fn leave(&mut self) -> Result<(), BackendError> {
        if self.document.lease.is_none() {
            // Who held it for too long without a word may have been followed by somebody.
            let is_late = self.held.as_ref().is_some_and(|held| !held.lease.is_held());
            return if is_late { self.look().await } else { Ok(()) };
        }
        let next = self.document.next(|next| next.lease = None);
        self.send(next).await
    }

    /// Gives a sign of life.
    pub(super) async fn beat(&mut self) -> Beat {
        match self.write(|_| ()).await {
            Ok(()) => Beat::Taken,
            Err(BackendError::Lost { .. } | BackendError::Locked(_)) => Beat::Lost,
            Err(_) => Beat::Unclear,
        }
    }

    async fn send(&mut self, next: Document) -> Result<(), BackendError> {
        let text = next.text().map_err(|reason| self.server.failed(reason))?;
        if self.compares != Compares::Yes || self.tag.is_none() || self.doubtful.is_some() {
            self.look().await?;
        }
        loop {
            let is_question = self.compares == Compares::Unknown && self.tag.is_some();
            let condition = match (&self.tag, &self.version) {
                (Some(_), _) if is_question => Condition::Tag(NO_VERSION),
                (Some(tag), _) if self.compares == Compares::Yes => Condition::Tag(tag),
                (None, None) => Condition::Absent,
                _ => Condition::Always,
            };
            let lock = self.held.as_ref().map(|held| held.info.id.as_str());
            match self.server.put(&text, lock, condition).await {
                Ok(Sent::Done(tag)) => {
                    if is_question {
                        self.compares = Compares::No;
                    }
                    self.take(next, &text, tag);
                    return Ok(());
                }
                Ok(Sent::Refused) if is_question => self.compares = Compares::Yes,
                Ok(Sent::Refused) => {
                    let place = self.server.place();
                    return self.find_out(next, &text, BackendError::Conflict { place }).await;
                }
                Ok(Sent::Locked) if self.held.is_some() => return Err(self.lost()),
                Ok(Sent::Locked) => return Err(locked(None)),
                Err(error) => return self.find_out(next, &text, error).await,
            }
        }
    }

    /// Makes sure that what is there is what we know.
    pub(super) async fn look(&mut self) -> Result<(), BackendError> {
        let found = self.server.get().await?;
        let version = found.text.as_deref().map(version_of);
        let is_known =
            version == self.version || (self.doubtful.is_some() && version == self.doubtful);
        if !is_known {
            return Err(self.changed(&found));
        }
        self.version = version;
        self.tag = found.tag;
        self.doubtful = None;
        Ok(())
    }

    /// After a write whose end nobody saw: it is there, or it is not, or somebody else was faster.
    async fn find_out(
        &mut self,
        next: Document,
        text: &str,
        error: BackendError,
    ) -> Result<(), BackendError> {
        let written = version_of(text);
        let Ok(found) = self.server.get().await else {
            self.doubtful = Some(written);
            return Err(error);
        };
        let version = found.text.as_deref().map(version_of);
        if version.as_ref() == Some(&written) {
            self.take(next, text, found.tag);
            return Ok(());
        }
        if version == self.version {
            self.tag = found.tag;
            return Err(error);
        }
        Err(self.changed(&found))
    }

    fn take(&mut self, next: Document, text: &str, tag: Option<String>) {
        self.document = next;
        self.version = Some(version_of(text));
        self.tag = tag;
        self.doubtful = None;
    }

    /// Why what is there is not what we know.
    fn changed(&self, found: &Found) -> BackendError {
        match document(&self.server, found) {
            Ok(document) if self.is_of_another(&document) => self.lost(),
            _ => BackendError::Conflict { place: self.server.place() },
        }
    }

    /// Whether somebody else has given a sign of life since the lock was ours.
    fn is_of_another(&self, document: &Document) -> bool {
        let lease = document.lease.as_ref();
        self.held.as_ref().zip(lease).is_some_and(|(held, lease)| held.info.id != lease.id)
    }

    fn lost(&self) -> BackendError {
        if let Some(held) = &self.held {
            held.lease.end();
        }
        BackendError::Lost { place: self.server.place() }
    }
}

/// The document that was found, or an empty one.
pub(super) fn document(server: &Server, found: &Found) -> Result<Document, BackendError> {
    let document = found.text.as_deref().map_or_else(Document::empty, Document::read);
    document.map_err(|reason| server.failed(reason))
}

fn version_of(text: &str) -> String {
    sha256_hex(text.as_bytes())
}
