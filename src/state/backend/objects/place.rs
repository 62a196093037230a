//! The backend: takes the lock, or tells who has it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::time::Instant;

use super::super::{Backend, BackendError, Contents, Hold, LockHolder, LockState, Moment, Outcome};
use super::bucket::{Expected, Found, Put};
use super::guard::Guard;
use super::hold::ObjectHold;
use super::note::LockNote;
use super::records::Head;
use super::site::Site;
use super::takeover::{Entered, enter};

/// The state of one workspace in a bucket.
#[derive(Debug)]
pub(super) struct ObjectBackend {
    site: Site,
    watched: Mutex<Option<Watched>>,
}

/// A lock of somebody else that has not changed since it was first seen.
#[derive(Clone, Debug)]
struct Watched {
    bytes: Vec<u8>,
    since: Instant,
}

impl ObjectBackend {
    pub(super) fn new(site: Site) -> Self {
        Self { site, watched: Mutex::default() }
    }

    fn watched(&self) -> MutexGuard<'_, Option<Watched>> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the lock that was `found` may be taken over: this backend has seen it unchanged for
    /// the whole time of its lease. A lock of Terraform's gives no sign of life, so the want of one
    /// tells nothing.
    fn has_expired(&self, found: &Found, note: Option<&LockNote>, asked: Instant) -> bool {
        let Some(lease) = note.and_then(LockNote::lease) else { return false };
        let lease = lease.max(self.site.lease);
        let mut watched = self.watched();
        match &*watched {
            Some(before) if before.bytes == found.bytes => {
                asked.saturating_duration_since(before.since) >= lease
            }
            _ => {
                *watched = Some(Watched { bytes: found.bytes.clone(), since: Instant::now() });
                false
            }
        }
    }

    /// Takes the lock object, or says who has it.
    async fn take(&self, holder: &LockHolder) -> Result<Guard, BackendError> {
        let site = &self.site;
        let asked = Instant::now();
        let found = site.bucket.get(&site.paths.lock).await?;
        if let Some(found) = &found {
            let note = LockNote::read(&found.bytes);
            if !self.has_expired(found, note.as_ref(), asked) {
                return Err(locked(note.as_ref()));
            }
        }
        let id = site.ids.uuid();
        let note = LockNote::of(id, holder, site.lease, &site.place());
        let sent = Moment::now();
        let expected = Expected::of(found.as_ref());
        match site.bucket.put(&site.paths.lock, &note.bytes(), &expected).await? {
            Put::Done(version) => {
                *self.watched() = None;
                Ok(Guard::new(site.clone(), note, version, sent))
            }
            Put::Refused(found) => {
                Err(locked(found.and_then(|found| LockNote::read(&found.bytes)).as_ref()))
            }
        }
    }

    pub(super) async fn lock_now(&self, holder: &LockHolder) -> Result<ObjectHold, BackendError> {
        let guard = self.take(holder).await?;
        let entered = async {
            match self.noted_lock().await? {
                Some(note) => Err(locked(Some(&note))),
                None => enter(&self.site, &guard).await,
            }
        };
        match entered.await {
            Ok(entered) => Ok(ObjectHold::new(self.site.clone(), Some(guard), entered)),
            Err(error) => {
                guard.release().await;
                Err(error)
            }
        }
    }

    /// The lock that Terraform has noted at the state itself, where it does so.
    async fn noted_lock(&self) -> Result<Option<LockNote>, BackendError> {
        let Some(name) = self.site.paths.lock_note else { return Ok(None) };
        let noted = self.site.bucket.metadata(&self.site.paths.state, name).await?;
        Ok(noted.and_then(|text| LockNote::read(&STANDARD.decode(text).ok()?)))
    }

    async fn find_holder(&self) -> Result<Option<LockState>, BackendError> {
        if let Some(found) = self.site.bucket.get(&self.site.paths.lock).await? {
            let holder = LockNote::read(&found.bytes).map(|note| note.holder());
            return Ok(Some(LockState { holder }));
        }
        let noted = self.noted_lock().await?;
        Ok(noted.map(|note| LockState { holder: Some(note.holder()) }))
    }

    async fn enter_without_lock(&self) -> Result<Box<dyn Hold>, BackendError> {
        let site = &self.site;
        let head = loop {
            if let Some(standing) = site.head().await? {
                break standing;
            }
            let head = Head::new(site.ids.uuid(), None, site.ids.uuid());
            if let Some(standing) = site.put_head(head, None).await? {
                break standing;
            }
        };
        let next = site.next_number(&head.head.about.generation).await?;
        let state = site.bucket.version(&site.paths.state).await?;
        Ok(Box::new(ObjectHold::new(site.clone(), None, Entered { head, next, state })))
    }
}

fn locked(note: Option<&LockNote>) -> BackendError {
    BackendError::Locked(note.map(LockNote::holder).map(Box::new))
}

impl Backend for ObjectBackend {
    fn place(&self) -> String {
        self.site.place()
    }

    fn read(&self) -> Outcome<'_, Contents> {
        Box::pin(async { Ok(self.site.read().await?.contents) })
    }

    fn lock<'a>(&'a self, holder: &'a LockHolder) -> Outcome<'a, Box<dyn Hold>> {
        Box::pin(async {
            let hold = self.lock_now(holder).await?;
            Ok(Box::new(hold) as Box<dyn Hold>)
        })
    }

    fn without_lock(&self) -> Outcome<'_, Box<dyn Hold>> {
        Box::pin(self.enter_without_lock())
    }

    fn holder(&self) -> Outcome<'_, Option<LockState>> {
        Box::pin(self.find_holder())
    }
}
