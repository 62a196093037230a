//! The state on an HTTP server, and its lock.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::world::{BoxFuture, World};

use super::super::lock_info::{LockInfo, lease_of, new_id};
use super::super::watch::{Heartbeat, Term, Watch};
use super::super::{
    Backend, BackendError, Contents, Hold, Lease, LockHolder, LockState, Moment, Outcome,
    Replacement,
};
use super::document::LeaseNote;
use super::server::{Locking, Server, locked};
use super::writer::{Held, Writer, document};

/// The state on an HTTP server.
pub(super) struct HttpBackend {
    server: Arc<Server>,
    term: Term,
    watch: Watch,
}

/// How long a write of somebody who takes over at the same time may be under way.
const SETTLING: Duration = Duration::from_millis(500);

/// Why a server without locks and versions is not enough.
const NO_GUARD: &str = "the server neither keeps locks nor compares versions, so two runs at once \
                        could not be told apart: set `lock_address` and `unlock_address`, or go \
                        without a lock on purpose (`-lock=false`)";

impl HttpBackend {
    pub(super) fn new(server: Arc<Server>, term: Term) -> Self {
        Self { server, term, watch: Watch::default() }
    }

    async fn take(&self, holder: &LockHolder) -> Result<HttpHold, BackendError> {
        let info = LockInfo::new(new_id(self.term.0, holder), holder);
        let since = Moment::now();
        let mut is_taken_over = false;
        if let Locking::Held(found) = self.server.lock(&info).await? {
            self.take_over(&found, &info).await?;
            is_taken_over = true;
        }
        let lease = Lease::until(since, self.term.held());
        let held = Held { info: info.clone(), holder: holder.clone(), term: self.term, lease };
        match self.begin(held, is_taken_over).await {
            Ok(writer) => Ok(HttpHold::new(writer, self.term)),
            // The lock at the server is the other's by now, and not every server checks whose it is.
            Err(BackendError::Lost { .. } | BackendError::Conflict { .. }) => {
                let read = document(&self.server, &self.server.get().await?)?;
                Err(locked(read.lease.map(|note| note.holder)))
            }
            Err(error) => {
                // The lock must not stay behind, and why it is no use is what matters.
                let _ = self.server.unlock(&info).await;
                Err(error)
            }
        }
    }

    /// Takes the lock of a holder of our kind that has been silent for long enough; fails where
    /// nobody may take it.
    async fn take_over(&self, found: &LockInfo, info: &LockInfo) -> Result<(), BackendError> {
        let Some(lease) = lease_of(&found.id) else { return Err(locked(found.holder())) };
        let begin = format!("{} ", found.id);
        // Asking for the lock costs little, reading the document may cost much.
        if let Some(seen) = self.watch.glance(&begin, lease / 10) {
            return Err(locked(seen.holder));
        }
        let asked = Instant::now();
        let read = document(&self.server, &self.server.get().await?)?;
        let note = read.lease.filter(|note| note.id == found.id);
        let beat = note.as_ref().map_or(0, |note| note.beat);
        let holder = note.map(|note| note.holder).or_else(|| found.holder());
        let sign = format!("{begin}{beat}");
        if !self.watch.is_silent(&sign, holder.as_ref(), asked, lease) {
            return Err(locked(holder));
        }
        // Somebody else may have been faster, and not every server checks whose lock is ended.
        match self.server.lock(info).await? {
            Locking::Granted => return Ok(()),
            Locking::Held(now) if now.id != found.id => return Err(locked(now.holder())),
            Locking::Held(_) => self.server.unlock(&LockInfo::named(&found.id)).await?,
        }
        match self.server.lock(info).await? {
            Locking::Granted => Ok(()),
            Locking::Held(now) => Err(locked(now.holder())),
        }
    }

    /// What there is to do once the server has given its lock. Without a lock of the server's, the
    /// sign of life in the document is the lock.
    async fn begin(&self, held: Held, is_taken_over: bool) -> Result<Writer, BackendError> {
        let asked = Instant::now();
        let found = self.server.get().await?;
        let left = document(&self.server, &found)?.lease;
        if let Some(note) = &left {
            self.check_silence(note, asked)?;
        }
        let mut writer = Writer::new(Arc::clone(&self.server), Some(held), found)?;
        if !self.server.keeps_locks() {
            self.claim(&mut writer).await?;
        } else if is_taken_over || left.is_some() {
            // Whoever was silent must find at once that the lock is no longer its own.
            writer.write(|_| ()).await?;
            if !writer.is_compared() {
                // Two that take over at once write one after the other; the later one stays.
                tokio::time::sleep(SETTLING).await;
                writer.look().await?;
            }
        }
        Ok(writer)
    }

    fn check_silence(&self, note: &LeaseNote, asked: Instant) -> Result<(), BackendError> {
        let sign = format!("{} {}", note.id, note.beat);
        let lease = Duration::from_millis(note.milliseconds);
        if self.watch.is_silent(&sign, Some(&note.holder), asked, lease) {
            return Ok(());
        }
        Err(locked(Some(note.holder.clone())))
    }

    /// Puts our sign of life where nobody else's is, which needs a server that compares versions.
    async fn claim(&self, writer: &mut Writer) -> Result<(), BackendError> {
        // The first write asks whether versions are compared; before it there may be no version.
        for _ in 0..2 {
            match writer.write(|_| ()).await {
                Ok(()) if writer.is_compared() => return Ok(()),
                Ok(()) => {}
                Err(error) => return Err(error),
            }
        }
        writer.leave().await?;
        Err(self.server.failed(NO_GUARD))
    }

    async fn find_holder(&self) -> Result<Option<LockState>, BackendError> {
        let read = document(&self.server, &self.server.get().await?)?;
        if let Some(note) = read.lease {
            return Ok(Some(LockState { holder: Some(note.holder) }));
        }
        if !self.server.keeps_locks() {
            return Ok(None);
        }
        // There is no other question that a server of this kind answers.
        let world = World::real();
        let asking = LockHolder {
            user: "snapform".to_owned(),
            host: "somebody who only looks".to_owned(),
            process: std::process::id(),
            command: "look".to_owned(),
            since: world.clock.now(),
            job: None,
        };
        let info = LockInfo::new(new_id(self.term.0, &asking), &asking);
        match self.server.lock(&info).await? {
            Locking::Held(found) => Ok(Some(LockState { holder: found.holder() })),
            Locking::Granted => self.server.unlock(&info).await.map(|()| None),
        }
    }
}

impl Backend for HttpBackend {
    fn place(&self) -> String {
        self.server.place()
    }

    fn read(&self) -> Outcome<'_, Contents> {
        Box::pin(async {
            let found = self.server.get().await?;
            Ok(document(&self.server, &found)?.contents())
        })
    }

    fn lock<'a>(&'a self, holder: &'a LockHolder) -> Outcome<'a, Box<dyn Hold>> {
        Box::pin(async { Ok(Box::new(self.take(holder).await?) as Box<dyn Hold>) })
    }

    fn without_lock(&self) -> Outcome<'_, Box<dyn Hold>> {
        Box::pin(async {
            let found = self.server.get().await?;
            let writer = Writer::new(Arc::clone(&self.server), None, found)?;
            Ok(Box::new(HttpHold::new(writer, self.term)) as Box<dyn Hold>)
        })
    }

    fn holder(&self) -> Outcome<'_, Option<LockState>> {
        Box::pin(self.find_holder())
    }
}

/// The right to write the document.
struct HttpHold {
    writer: Arc<Mutex<Writer>>,
    lease: Lease,
    heartbeat: Option<Heartbeat>,
}

impl HttpHold {
    fn new(writer: Writer, term: Term) -> Self {
        let lease = writer.held.as_ref().map(|held| held.lease.clone());
        let writer = Arc::new(Mutex::new(writer));
        let heartbeat = lease.is_some().then(|| {
            let writer = Arc::clone(&writer);
            Heartbeat::start(term, move || {
                let writer = Arc::clone(&writer);
                async move { writer.lock().await.beat().await }
            })
        });
        Self { writer, lease: lease.unwrap_or_else(Lease::unlimited), heartbeat }
    }

    async fn change(
        &self,
        state: Option<&[u8]>,
        journal: &[u8],
        is_appended: bool,
    ) -> Result<(), BackendError> {
        let mut writer = self.writer.lock().await;
        let text = |bytes| {
            std::str::from_utf8(bytes).map_err(|_| writer.server.failed("only text can be kept"))
        };
        let (state, journal) = (state.map(text).transpose()?, text(journal)?);
        let change = writer.write(|next| {
            if is_appended {
                next.append(journal);
            } else {
                next.replace(state, journal);
            }
        });
        change.await
    }
}

impl Hold for HttpHold {
    fn read(&mut self) -> Outcome<'_, Contents> {
        Box::pin(async { self.writer.lock().await.read().await })
    }

    fn append<'a>(&'a mut self, lines: &'a [u8]) -> Outcome<'a, ()> {
        Box::pin(self.change(None, lines, true))
    }

    fn replace<'a>(&'a mut self, next: Replacement<'a>) -> Outcome<'a, ()> {
        Box::pin(self.change(next.state, next.journal, false))
    }

    fn lease(&self) -> Lease {
        self.lease.clone()
    }

    fn release(self: Box<Self>) -> BoxFuture<'static, ()> {
        let Self { writer, heartbeat, .. } = *self;
        drop(heartbeat);
        Box::pin(async move {
            let mut writer = writer.lock().await;
            let Some(info) = writer.held.as_ref().map(|held| held.info.clone()) else { return };
            // What cannot be given back ends by itself, with the lease; what is somebody else's by
            // now must not end, and not every server checks that.
            let left = writer.leave().await;
            if !matches!(left, Err(BackendError::Lost { .. } | BackendError::Conflict { .. })) {
                let _ = writer.server.unlock(&info).await;
            }
        })
    }
}
