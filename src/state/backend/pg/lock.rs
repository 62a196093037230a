//! Terraform's lock, and the lease beside it.
//!
//! Terraform takes an advisory lock on the number of the state's row, or on -1 while there is no row.
//! It ends with its session, so it says nothing of a holder whose connection broke or who stands
//! still: that is what the lease is for. Only whoever has both holds the lock.

use std::time::Duration;

use tokio_postgres::Transaction;
use tokio_postgres::error::SqlState;

use crate::world::Timestamp;

use super::super::lock_info::LockInfo;
use super::super::placeholder::{KEY, empty_state, with_ours};
use super::super::{BackendError, LockHolder};
use super::session::{Database, Session};

/// The number that Terraform locks while it makes a state.
const CREATION: i64 = -1;

/// Everybody who takes the lock of any state has that one for a moment. Only a Terraform that makes a
/// state has it for long.
const CREATION_TRIES: u32 = 20;
const CREATION_PAUSE: Duration = Duration::from_millis(25);

/// Who holds the lock, as the table says.
#[derive(Debug)]
pub(super) struct Lease {
    pub(super) epoch: i64,
    pub(super) beat: i64,
    pub(super) held: Option<HeldLease>,
}

/// A lease that was not given back.
#[derive(Debug)]
pub(super) struct HeldLease {
    pub(super) term: Duration,
    pub(super) info: LockInfo,
    pub(super) process: i32,
    pub(super) started: i64,
}

/// The lock, just taken.
#[derive(Debug)]
pub(super) struct Taken {
    /// The number of the state's row.
    pub(super) row: i64,
    pub(super) epoch: i64,
}

impl HeldLease {
    pub(super) fn locked(&self) -> BackendError {
        BackendError::Locked(self.info.holder().map(Box::new))
    }
}

impl Lease {
    /// Changes with every sign of life, and is never the same again.
    pub(super) fn sign(&self) -> String {
        format!("{} {}", self.epoch, self.beat)
    }
}

impl Database {
    /// Reads the lease of a workspace.
    pub(super) async fn lease(
        &self,
        session: &Session,
        workspace: &str,
    ) -> Result<Lease, tokio_postgres::Error> {
        let select = self.select_lease("");
        Ok(lease_in(session.client.query_opt(&select, &[&workspace]).await?.as_ref()))
    }

    fn select_lease(&self, end: &str) -> String {
        format!(
            "SELECT epoch, beat, milliseconds, info, process, started FROM {} WHERE name = $1 {end}",
            self.leases()
        )
    }

    /// Takes the lock in one transaction: `seen` is the lease as it was when it was found free, or
    /// silent for long enough. After [`BackendError::Locked`] the session holds no lock.
    pub(super) async fn take(
        &self,
        session: &mut Session,
        workspace: &str,
        seen: &Lease,
        info: &LockInfo,
    ) -> Result<Taken, BackendError> {
        let (process, started) = (session.process, session.started);
        let sql = |error| self.sql(&error);
        let work = session.client.transaction().await.map_err(sql)?;
        let now = match self.hold_lease(&work, workspace).await {
            Err(error) if error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE) => {
                let holder = seen.held.as_ref().and_then(|held| held.info.holder());
                return Err(BackendError::Locked(holder.map(Box::new)));
            }
            found => found.map_err(sql)?,
        };
        if now.sign() != seen.sign() {
            return Err(now.held.map_or(BackendError::Locked(None), |held| held.locked()));
        }
        let (row, is_new) = self.advisory(&work, workspace).await?;
        let update = format!(
            "UPDATE {} SET epoch = epoch + 1, beat = 0, milliseconds = $2, info = $3, \
             process = $4, started = $5 WHERE name = $1 RETURNING epoch",
            self.leases()
        );
        let term = i64::try_from(self.term.0.as_millis()).unwrap_or(i64::MAX);
        let text = serde_json::to_string(info).map_err(|error| self.failed(error.to_string()))?;
        let found = work.query_one(&update, &[&workspace, &term, &text, &process, &started]).await;
        let epoch = found.map_err(sql)?.get(0);
        work.commit().await.map_err(sql)?;
        if is_new {
            // Others may look only now, when they can see the row.
            unlock(session, CREATION).await.map_err(sql)?;
        }
        Ok(Taken { row, epoch })
    }

    /// Makes all who want the lock go one by one.
    async fn hold_lease(
        &self,
        work: &Transaction<'_>,
        workspace: &str,
    ) -> Result<Lease, tokio_postgres::Error> {
        work.batch_execute("SET LOCAL lock_timeout = '5s'").await?;
        let insert = format!(
            "INSERT INTO {} (name) VALUES ($1) ON CONFLICT (name) DO NOTHING",
            self.leases()
        );
        work.execute(&insert, &[&workspace]).await?;
        let found = work.query_opt(&self.select_lease("FOR UPDATE"), &[&workspace]).await?;
        Ok(lease_in(found.as_ref()))
    }

    /// Takes the advisory lock as Terraform does. Where there is no row yet, an empty state becomes
    /// one, so that states of other names can be made meanwhile.
    async fn advisory(
        &self,
        work: &Transaction<'_>,
        workspace: &str,
    ) -> Result<(i64, bool), BackendError> {
        let sql = |error| self.sql(&error);
        let mut is_creating = try_lock(work, CREATION).await.map_err(sql)?;
        for _ in 0..CREATION_TRIES {
            if is_creating {
                break;
            }
            tokio::time::sleep(CREATION_PAUSE).await;
            is_creating = try_lock(work, CREATION).await.map_err(sql)?;
        }
        let number = format!("SELECT id FROM {} WHERE name = $1", self.states());
        let found = work.query_opt(&number, &[&workspace]).await.map_err(sql)?;
        if !is_creating {
            return Err(self.busy(work, CREATION).await);
        }
        if let Some(row) = found {
            let row = row.get(0);
            let is_locked = try_lock(work, row).await.map_err(sql)?;
            unlock_in(work, CREATION).await.map_err(sql)?;
            return if is_locked { Ok((row, false)) } else { Err(self.busy(work, row).await) };
        }
        let empty = empty_state().ok().and_then(|state| with_ours(&state, "{}"));
        let empty = empty.ok_or_else(|| self.failed(format!("no empty state for `{KEY}`")))?;
        let insert =
            format!("INSERT INTO {} (name, data) VALUES ($1, $2) RETURNING id", self.states());
        let row = work.query_one(&insert, &[&workspace, &empty]).await.map_err(sql)?.get(0);
        if try_lock(work, row).await.map_err(sql)? {
            return Ok((row, true));
        }
        unlock_in(work, CREATION).await.map_err(sql)?;
        Err(self.busy(work, row).await)
    }

    /// Says whose session holds an advisory lock: that of a Terraform, for ours have leases.
    async fn busy(&self, work: &Transaction<'_>, number: i64) -> BackendError {
        let row = work.query_opt(HOLDER, &[&number]).await;
        BackendError::Locked(row.ok().flatten().map(|row| Box::new(holder_in(&row))))
    }

    /// Whose session holds Terraform's lock of a workspace.
    pub(super) async fn advisory_holder(
        &self,
        session: &Session,
        workspace: &str,
    ) -> Result<Option<LockHolder>, tokio_postgres::Error> {
        let number = format!("SELECT id FROM {} WHERE name = $1", self.states());
        let row = session.client.query_opt(&number, &[&workspace]).await?;
        let number = row.map_or(CREATION, |row| row.get(0));
        Ok(session.client.query_opt(HOLDER, &[&number]).await?.map(|row| holder_in(&row)))
    }
}

/// The session that holds an advisory lock with a number of 64 bits.
const HOLDER: &str = "SELECT usename::text, coalesce(client_addr::text, 'the same host'), pid, \
     coalesce(nullif(application_name, ''), 'terraform'), \
     extract(epoch FROM backend_start)::bigint \
     FROM pg_locks JOIN pg_stat_activity USING (pid) \
     WHERE locktype = 'advisory' AND objsubid = 1 AND granted \
     AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
     AND ((classid::bigint << 32) | objid::bigint) = $1";

fn holder_in(row: &tokio_postgres::Row) -> LockHolder {
    let process: i32 = row.get(2);
    LockHolder {
        user: row.get::<_, Option<String>>(0).unwrap_or_default(),
        host: row.get(1),
        process: u32::try_from(process).unwrap_or_default(),
        command: row.get(3),
        since: Timestamp::from_epoch_seconds(row.get::<_, Option<i64>>(4).unwrap_or_default()),
        job: None,
    }
}

fn lease_in(row: Option<&tokio_postgres::Row>) -> Lease {
    let Some(row) = row else { return Lease { epoch: 0, beat: 0, held: None } };
    let info: Option<String> = row.get(3);
    let held = info.map(|info| HeldLease {
        term: Duration::from_millis(
            row.get::<_, Option<i64>>(2).and_then(|term| term.try_into().ok()).unwrap_or_default(),
        ),
        info: serde_json::from_str(&info).unwrap_or_default(),
        process: row.get::<_, Option<i32>>(4).unwrap_or_default(),
        started: row.get::<_, Option<i64>>(5).unwrap_or_default(),
    });
    Lease { epoch: row.get(0), beat: row.get(1), held }
}

async fn try_lock(work: &Transaction<'_>, number: i64) -> Result<bool, tokio_postgres::Error> {
    Ok(work.query_one("SELECT pg_try_advisory_lock($1)", &[&number]).await?.get(0))
}

async fn unlock_in(work: &Transaction<'_>, number: i64) -> Result<(), tokio_postgres::Error> {
    work.query_one("SELECT pg_advisory_unlock($1)", &[&number]).await.map(|_| ())
}

/// Takes the advisory lock of a row once more, for a session that replaces a broken one.
pub(super) async fn try_again(
    session: &Session,
    number: i64,
) -> Result<bool, tokio_postgres::Error> {
    Ok(session.client.query_one("SELECT pg_try_advisory_lock($1)", &[&number]).await?.get(0))
}

/// Gives an advisory lock back.
pub(super) async fn unlock(session: &Session, number: i64) -> Result<(), tokio_postgres::Error> {
    session.client.query_one("SELECT pg_advisory_unlock($1)", &[&number]).await.map(|_| ())
}
