//! Writes to the database: each write is one transaction that also makes sure that the lock is ours
//! and that the state is the one that was read.

use std::sync::Arc;

use super::super::placeholder::{KEY, members};
use super::super::watch::Beat;
use super::super::{BackendError, Contents, Lease, Moment, Replacement};
use super::lock::{Taken, try_again, unlock};
use super::session::{Database, Session, is_broken, is_not_made};

/// The lock in whose name is written.
pub(super) struct Held {
    pub(super) taken: Taken,
    pub(super) lease: Lease,
}

/// The only one of this process who writes a workspace.
pub(super) struct Writer {
    database: Arc<Database>,
    session: Session,
    /// Whether the session is known to be of no use any more.
    is_broken: bool,
    workspace: String,
    pub(super) held: Option<Held>,
    /// What tells this version of the state from others: the transaction that wrote it.
    version: Option<String>,
    /// The position of the next lines of the journal.
    position: i64,
}

/// Why a write was not done.
enum Refusal {
    /// The lock is somebody else's.
    Lost,
    /// The state is another one than that which was read.
    Conflict,
    /// The database said so, or did not answer.
    Sql(tokio_postgres::Error),
}

impl From<tokio_postgres::Error> for Refusal {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Sql(error)
    }
}

/// What is there of a workspace.
pub(super) struct Read {
    pub(super) contents: Contents,
    version: Option<String>,
    position: i64,
}

impl Database {
    /// Reads everything as it is at one moment.
    pub(super) async fn read(
        &self,
        session: &Session,
        workspace: &str,
    ) -> Result<Read, tokio_postgres::Error> {
        let (states, journal) = (self.states(), self.journal());
        let all = format!(
            "SELECT (SELECT data FROM {states} WHERE name = $1), \
             (SELECT xmin::text FROM {states} WHERE name = $1), \
             string_agg(lines, ''::bytea ORDER BY position), \
             coalesce(max(position), 0) FROM {journal} WHERE name = $1"
        );
        let row = match session.client.query_one(&all, &[&workspace]).await {
            // Terraform alone has been here, or nobody.
            Err(error) if is_not_made(&error) => {
                let state = format!("SELECT data, xmin::text FROM {states} WHERE name = $1");
                let found = match session.client.query_opt(&state, &[&workspace]).await {
                    Err(error) if is_not_made(&error) => None,
                    found => found?,
                };
                let data = found.as_ref().and_then(|row| row.get(0));
                let version = found.as_ref().and_then(|row| row.get(1));
                let contents = Contents { state: saved(data), journal: Vec::new() };
                return Ok(Read { contents, version, position: 1 });
            }
            row => row?,
        };
        let journal: Option<Vec<u8>> = row.get(2);
        let contents = Contents { state: saved(row.get(0)), journal: journal.unwrap_or_default() };
        Ok(Read { contents, version: row.get(1), position: row.get::<_, i64>(3) + 1 })
    }
}

/// A state that was saved; the empty one that stands for none has a mark.
fn saved(data: Option<String>) -> Option<Vec<u8>> {
    let is_marked = |data: &str| {
        members(data).is_ok_and(|members| members.iter().any(|member| member.name == KEY))
    };
    data.filter(|data| data.len() > 4096 || !is_marked(data)).map(String::into_bytes)
}

impl Writer {
    /// A writer who begins with what is there.
    pub(super) async fn new(
        database: Arc<Database>,
        session: Session,
        workspace: &str,
        held: Option<Held>,
    ) -> Result<Self, BackendError> {
        let read = database.read(&session, workspace).await;
        let read = read.map_err(|error| database.sql(&error))?;
        let Read { version, position, .. } = read;
        let workspace = workspace.to_owned();
        Ok(Self { database, session, is_broken: false, workspace, held, version, position })
    }

    /// Reads what is there; what is written next must replace exactly this.
    pub(super) async fn read(&mut self) -> Result<Contents, BackendError> {
        self.revive().await?;
        let mut read = self.try_read().await;
        if self.has_broken(&read) {
            self.revive().await?;
            read = self.try_read().await;
        }
        let read = self.judge(read)?;
        self.version = read.version;
        self.position = read.position;
        Ok(read.contents)
    }

    async fn try_read(&self) -> Result<Read, Refusal> {
        Ok(self.database.read(&self.session, &self.workspace).await?)
    }

    /// Adds lines to the journal. Their position makes them the same lines if they are sent again.
    pub(super) async fn append(&mut self, lines: &[u8]) -> Result<(), BackendError> {
        let since = Moment::now();
        self.revive().await?;
        let mut done = self.try_append(lines).await;
        if self.has_broken(&done) {
            self.revive().await?;
            done = self.try_append(lines).await;
        }
        self.judge(done)?;
        self.position += 1;
        self.prolong(since);
        Ok(())
    }

    async fn try_append(&mut self, lines: &[u8]) -> Result<(), Refusal> {
        let (leases, journal, states) =
            (self.database.leases(), self.database.journal(), self.database.states());
        let epoch = self.held.as_ref().map(|held| held.taken.epoch);
        // Without a lock there is no lease that could be another's.
        let append = format!(
            "WITH held AS (UPDATE {leases} SET beat = beat + 1 \
             WHERE name = $1 AND epoch = $2 AND info IS NOT NULL RETURNING name) \
             INSERT INTO {journal} (name, position, lines) SELECT $1, $3, $4 \
             WHERE ($2::bigint IS NULL OR EXISTS (SELECT FROM held)) \
             AND (SELECT xmin::text FROM {states} WHERE name = $1) IS NOT DISTINCT FROM $5 \
             ON CONFLICT (name, position) DO UPDATE SET lines = excluded.lines"
        );
        let parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 5] =
            [&self.workspace, &epoch, &self.position, &lines, &self.version];
        match self.session.client.execute(&append, &parameters).await? {
            0 => Err(self.why_not().await?),
            _ => Ok(()),
        }
    }

    /// Puts other contents in the place of these.
    pub(super) async fn replace(&mut self, next: Replacement<'_>) -> Result<(), BackendError> {
        let since = Moment::now();
        self.revive().await?;
        let state = next.state.map(std::str::from_utf8).transpose();
        let state = state.map_err(|_| self.database.failed("only text can be kept"))?;
        let mut done = self.try_replace(state, next.journal).await;
        if self.has_broken(&done) {
            self.revive().await?;
            // The commit may have been carried out, and only the word of it lost.
            let found = self.database.read(&self.session, &self.workspace).await;
            let found = found.map_err(|error| self.database.sql(&error))?;
            let is_written = found.contents.journal == next.journal
                && next.state.is_none_or(|state| found.contents.state.as_deref() == Some(state));
            done = if is_written {
                Ok(found.version)
            } else {
                self.try_replace(state, next.journal).await
            };
        }
        self.version = self.judge(done)?;
        self.position = 2;
        self.prolong(since);
        Ok(())
    }

    async fn try_replace(
        &mut self,
        state: Option<&str>,
        lines: &[u8],
    ) -> Result<Option<String>, Refusal> {
        let (leases, journal, states) =
            (self.database.leases(), self.database.journal(), self.database.states());
        let (name, version) = (&self.workspace, &self.version);
        let work = self.session.client.transaction().await?;
        if let Some(held) = &self.held {
            let beat = format!(
                "UPDATE {leases} SET beat = beat + 1 \
                 WHERE name = $1 AND epoch = $2 AND info IS NOT NULL"
            );
            if work.execute(&beat, &[name, &held.taken.epoch]).await? == 0 {
                return Err(Refusal::Lost);
            }
        }
        let same = format!("SELECT xmin::text FROM {states} WHERE name = $1 FOR UPDATE");
        let found = work.query_opt(&same, &[name]).await?.and_then(|row| row.get(0));
        if found != *version {
            return Err(Refusal::Conflict);
        }
        if let Some(state) = state {
            let write = format!(
                "INSERT INTO {states} (name, data) VALUES ($1, $2) \
                 ON CONFLICT (name) DO UPDATE SET data = excluded.data"
            );
            work.execute(&write, &[name, &state]).await?;
        }
        work.execute(&format!("DELETE FROM {journal} WHERE name = $1"), &[name]).await?;
        if !lines.is_empty() {
            let insert =
                format!("INSERT INTO {journal} (name, position, lines) VALUES ($1, 1, $2)");
            work.execute(&insert, &[name, &lines]).await?;
        }
        let read = format!("SELECT xmin::text FROM {states} WHERE name = $1");
        let version = work.query_opt(&read, &[name]).await?.and_then(|row| row.get(0));
        work.commit().await?;
        Ok(version)
    }

    /// Gives a sign of life.
    pub(super) async fn beat(&mut self) -> Beat {
        let since = Moment::now();
        let Some(epoch) = self.held.as_ref().map(|held| held.taken.epoch) else {
            return Beat::Lost;
        };
        match self.revive().await {
            Ok(()) => {}
            Err(BackendError::Lost { .. }) => return Beat::Lost,
            Err(_) => return Beat::Unclear,
        }
        let beat = format!(
            "UPDATE {} SET beat = beat + 1 WHERE name = $1 AND epoch = $2 AND info IS NOT NULL",
            self.database.leases()
        );
        match self.session.client.execute(&beat, &[&self.workspace, &epoch]).await {
            Ok(0) => {
                let _ = self.lost();
                Beat::Lost
            }
            Ok(_) => {
                self.prolong(since);
                Beat::Taken
            }
            Err(error) => {
                self.is_broken |= is_broken(&error);
                Beat::Unclear
            }
        }
    }

    /// Gives the lock back.
    pub(super) async fn release(&mut self) {
        let Some(Held { taken, .. }) = self.held.take() else { return };
        let free = format!(
            "UPDATE {} SET info = NULL, process = NULL, started = NULL \
             WHERE name = $1 AND epoch = $2",
            self.database.leases()
        );
        // What cannot be given back ends with the session and the lease.
        let _ = self.session.client.execute(&free, &[&self.workspace, &taken.epoch]).await;
        let _ = unlock(&self.session, taken.row).await;
    }

    /// Replaces a session that broke. The lock ended with it, so it is taken once more, unless
    /// somebody else has it.
    async fn revive(&mut self) -> Result<(), BackendError> {
        if !self.is_broken && !self.session.client.is_closed() {
            return Ok(());
        }
        let session = self.database.connect().await?;
        if let Some(held) = &self.held {
            let sql = |error| self.database.sql(&error);
            // The server may not have noticed yet that the former session is gone.
            let former = &self.session;
            self.database.end_session(&session, former.process, former.started).await?;
            let own = format!(
                "UPDATE {} SET process = $3, started = $4 \
                 WHERE name = $1 AND epoch = $2 AND info IS NOT NULL",
                self.database.leases()
            );
            let Taken { row, epoch } = held.taken;
            let is_free = try_again(&session, row).await.map_err(sql)?;
            let (process, started) = (session.process, session.started);
            let parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 4] =
                [&self.workspace, &epoch, &process, &started];
            let is_ours = session.client.execute(&own, &parameters).await.map_err(sql)? == 1;
            if !is_free || !is_ours {
                return Err(self.lost());
            }
        }
        self.session = session;
        self.is_broken = false;
        Ok(())
    }

    /// Whether something was not done because the session ended.
    fn has_broken<T>(&mut self, done: &Result<T, Refusal>) -> bool {
        let has_broken = matches!(done, Err(Refusal::Sql(error)) if is_broken(error));
        self.is_broken |= has_broken;
        has_broken
    }

    /// Why nothing was written: the lock is gone, or the state is another one.
    async fn why_not(&self) -> Result<Refusal, tokio_postgres::Error> {
        let Some(held) = &self.held else { return Ok(Refusal::Conflict) };
        let lease = self.database.lease(&self.session, &self.workspace).await?;
        let is_ours = lease.epoch == held.taken.epoch && lease.held.is_some();
        Ok(if is_ours { Refusal::Conflict } else { Refusal::Lost })
    }

    fn judge<T>(&self, done: Result<T, Refusal>) -> Result<T, BackendError> {
        done.map_err(|refusal| match refusal {
            Refusal::Lost => self.lost(),
            Refusal::Conflict => BackendError::Conflict { place: self.place() },
            Refusal::Sql(error) => self.database.sql(&error),
        })
    }

    fn lost(&self) -> BackendError {
        if let Some(held) = &self.held {
            held.lease.end();
        }
        BackendError::Lost { place: self.place() }
    }

    fn prolong(&self, since: Moment) {
        if let Some(held) = &self.held {
            held.lease.prolong(since, self.database.term.held());
        }
    }

    fn place(&self) -> String {
        self.database.place(&self.workspace)
    }
}
