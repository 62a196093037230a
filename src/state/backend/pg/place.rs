//! The state of a workspace in a database, and its lock.

use std::sync::Arc;

use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::world::BoxFuture;

use super::super::lock_info::{LockInfo, new_id};
use super::super::watch::{Heartbeat, Watch};
use super::super::{
    Backend, BackendError, Contents, Hold, Lease, LockHolder, LockState, Moment, Outcome,
    Replacement,
};
use super::session::{Database, Session, is_not_made};
use super::writer::{Held, Writer};

/// The state of one workspace.
pub(super) struct PgBackend {
    database: Arc<Database>,
    workspace: String,
    watch: Watch,
    /// A session that holds no lock, for the next question.
    idle: Mutex<Option<Session>>,
}

impl PgBackend {
    pub(super) fn new(database: Arc<Database>, workspace: &str) -> Self {
        let (workspace, watch) = (workspace.to_owned(), Watch::default());
        Self { database, workspace, watch, idle: Mutex::default() }
    }

    async fn session(&self, idle: &mut Option<Session>) -> Result<Session, BackendError> {
        // A session may have ended while nobody looked, and only an answer shows that it did not.
        if let Some(session) = idle.take()
            && session.client.batch_execute("").await.is_ok()
        {
            return Ok(session);
        }
        self.database.connect().await
    }

    async fn look(&self) -> Result<Contents, BackendError> {
        let mut idle = self.idle.lock().await;
        let session = self.session(&mut idle).await?;
        // A session that failed is not asked again.
        let read = self.database.read(&session, &self.workspace).await;
        let read = read.map_err(|error| self.database.sql(&error))?;
        *idle = Some(session);
        Ok(read.contents)
    }

    async fn take(&self, holder: &LockHolder) -> Result<PgHold, BackendError> {
        let mut idle = self.idle.lock().await;
        let sql = |error| self.database.sql(&error);
        let mut session = self.session(&mut idle).await?;
        let asked = Instant::now();
        let seen = match self.database.lease(&session, &self.workspace).await {
            Err(error) if is_not_made(&error) => {
                self.database.prepare(&session).await?;
                self.database.lease(&session, &self.workspace).await.map_err(sql)?
            }
            seen => seen.map_err(sql)?,
        };
        if let Some(held) = &seen.held {
            if !self.watch.is_silent(&seen.sign(), None, asked, held.term) {
                *idle = Some(session);
                return Err(held.locked());
            }
            self.database.end_session(&session, held.process, held.started).await?;
        }
        let info = LockInfo::new(new_id(self.database.term.0, holder), holder);
        let since = Moment::now();
        let taken = match self.database.take(&mut session, &self.workspace, &seen, &info).await {
            Ok(taken) => taken,
            Err(error) => {
                // A session that failed otherwise is dropped, and with it what it may have locked.
                if matches!(error, BackendError::Locked(_)) {
                    *idle = Some(session);
                }
                return Err(error);
            }
        };
        let lease = Lease::until(since, self.database.term.held());
        let held = Held { taken, lease: lease.clone() };
        let database = Arc::clone(&self.database);
        let writer = Writer::new(database, session, &self.workspace, Some(held)).await?;
        Ok(PgHold::new(writer, Some(lease), &self.database))
    }

    async fn begin_without_lock(&self) -> Result<PgHold, BackendError> {
        let session = self.database.connect().await?;
        self.database.prepare(&session).await?;
        let database = Arc::clone(&self.database);
        let writer = Writer::new(database, session, &self.workspace, None).await?;
        Ok(PgHold::new(writer, None, &self.database))
    }

    async fn find_holder(&self) -> Result<Option<LockState>, BackendError> {
        let mut idle = self.idle.lock().await;
        let session = self.session(&mut idle).await?;
        let sql = |error| self.database.sql(&error);
        let held = match self.database.lease(&session, &self.workspace).await {
            Err(error) if is_not_made(&error) => None,
            lease => lease.map_err(sql)?.held,
        };
        let found = match held {
            Some(held) => Some(LockState { holder: held.info.holder() }),
            None => match self.database.advisory_holder(&session, &self.workspace).await {
                Err(error) if is_not_made(&error) => None,
                holder => holder.map_err(sql)?.map(|holder| LockState { holder: Some(holder) }),
            },
        };
        *idle = Some(session);
        Ok(found)
    }
}

impl Backend for PgBackend {
    fn place(&self) -> String {
        self.database.place(&self.workspace)
    }

    fn read(&self) -> Outcome<'_, Contents> {
        Box::pin(self.look())
    }

    fn lock<'a>(&'a self, holder: &'a LockHolder) -> Outcome<'a, Box<dyn Hold>> {
        Box::pin(async { Ok(Box::new(self.take(holder).await?) as Box<dyn Hold>) })
    }

    fn without_lock(&self) -> Outcome<'_, Box<dyn Hold>> {
        Box::pin(async { Ok(Box::new(self.begin_without_lock().await?) as Box<dyn Hold>) })
    }

    fn holder(&self) -> Outcome<'_, Option<LockState>> {
        Box::pin(self.find_holder())
    }
}

/// The right to write a workspace.
struct PgHold {
    writer: Arc<Mutex<Writer>>,
    lease: Lease,
    heartbeat: Option<Heartbeat>,
}

impl PgHold {
    fn new(writer: Writer, lease: Option<Lease>, database: &Database) -> Self {
        let writer = Arc::new(Mutex::new(writer));
        let heartbeat = lease.is_some().then(|| {
            let writer = Arc::clone(&writer);
            Heartbeat::start(database.term, move || {
                let writer = Arc::clone(&writer);
                async move { writer.lock().await.beat().await }
            })
        });
        Self { writer, lease: lease.unwrap_or_else(Lease::unlimited), heartbeat }
    }
}

impl Hold for PgHold {
    fn read(&mut self) -> Outcome<'_, Contents> {
        Box::pin(async { self.writer.lock().await.read().await })
    }

    fn append<'a>(&'a mut self, lines: &'a [u8]) -> Outcome<'a, ()> {
        Box::pin(async { self.writer.lock().await.append(lines).await })
    }

    fn replace<'a>(&'a mut self, next: Replacement<'a>) -> Outcome<'a, ()> {
        Box::pin(async move { self.writer.lock().await.replace(next).await })
    }

    fn lease(&self) -> Lease {
        self.lease.clone()
    }

    fn release(self: Box<Self>) -> BoxFuture<'static, ()> {
        let Self { writer, heartbeat, .. } = *self;
        drop(heartbeat);
        Box::pin(async move { writer.lock().await.release().await })
    }
}
