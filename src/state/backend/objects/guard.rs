//! The lock object while it is held, and the task that gives signs of life.

use std::time::Duration;

use object_store::UpdateVersion;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};

use super::super::{BackendError, Lease, Moment};
use super::bucket::{Expected, Put};
use super::note::LockNote;
use super::site::Site;

/// How many signs of life there are in the time of a lease.
const SIGNS: u32 = 3;

/// Which part of a lease its holder does not count on, so that clocks may run unevenly.
const MARGIN: u32 = 6;

/// How many attempts at a sign of life there may be in the time between two.
const ATTEMPTS: u32 = 8;

/// A lock that is held. Where it is dropped, signs of life end, and others may take over after the
/// time of the lease.
pub(super) struct Guard {
    id: String,
    lease: Lease,
    stop: oneshot::Sender<()>,
    heart: JoinSet<Heart>,
}

/// Who gives signs of life.
struct Heart {
    site: Site,
    note: LockNote,
    version: UpdateVersion,
    lease: Lease,
}

impl Guard {
    /// Keeps the lock that was taken with `note` by a request that left at `sent`.
    pub(super) fn new(site: Site, note: LockNote, version: UpdateVersion, sent: Moment) -> Self {
        let lease = Lease::until(sent, counted_on(site.lease));
        let (stop, stopped) = oneshot::channel();
        let id = note.id.clone();
        let mut heart = JoinSet::new();
        let beating = Heart { site, note, version, lease: lease.clone() };
        heart.spawn(beating.beat(sent.steady, stopped));
        Self { id, lease, stop, heart }
    }

    /// Names this taking of the lock.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn lease(&self) -> &Lease {
        &self.lease
    }

    /// Ends the signs of life.
    #[cfg(test)]
    pub(super) fn put_to_sleep(&mut self) {
        self.heart.abort_all();
    }

    /// Fails where somebody else holds the lock. What was read before this is no newer than what
    /// they wrote, so that a conditional write in its place is no threat to them.
    pub(super) async fn check(&self, site: &Site) -> Result<(), BackendError> {
        let found = site.bucket.get(&site.paths.lock).await?;
        let note = found.and_then(|found| LockNote::read(&found.bytes));
        if note.is_some_and(|note| note.id == self.id) {
            return Ok(());
        }
        self.lease.end();
        Err(BackendError::Lost { place: site.place() })
    }

    /// Gives the lock back. It is renewed before, because no bucket deletes an object only if
    /// nobody has written it: after that, there is the time of a lease to delete it in.
    pub(super) async fn release(mut self) {
        // The receiver is gone only if the task is.
        let _ = self.stop.send(());
        let Some(Ok(mut heart)) = self.heart.join_next().await else { return };
        self.lease.end();
        if heart.renew().await.unwrap_or(false) {
            // Whoever wants the lock gets it after the time of the lease where this fails.
            let _ = heart.site.bucket.delete(&heart.site.paths.lock).await;
        }
    }
}

/// The part of a lease that its holder counts on.
fn counted_on(lease: Duration) -> Duration {
    lease.saturating_sub(lease / MARGIN)
}

impl Heart {
    /// Renews the lock until it is lost or given back.
    async fn beat(mut self, taken: Instant, mut stopped: oneshot::Receiver<()>) -> Self {
        let whole = self.site.lease;
        let (pace, pause) = (whole / SIGNS, whole / SIGNS / ATTEMPTS);
        let mut due = taken + pace;
        loop {
            if is_stopped(&mut stopped, due).await {
                return self;
            }
            // Later attempts send the same bytes, and the first one may be the one that arrived.
            let sent = Moment::now();
            loop {
                match timeout(pace, self.renew()).await {
                    Ok(Ok(true)) => break,
                    Ok(Ok(false)) => {
                        self.lease.end();
                        return self;
                    }
                    Ok(Err(_)) | Err(_) => {}
                }
                if is_stopped(&mut stopped, Instant::now() + pause).await {
                    return self;
                }
            }
            self.lease.prolong(sent, counted_on(whole));
            due = sent.steady + pace;
        }
    }

    /// Gives one sign of life; `false` where somebody else has taken the lock or taken it away.
    async fn renew(&mut self) -> Result<bool, BackendError> {
        let next = self.note.renewed();
        let expected = Expected::Version(self.version.clone());
        match self.site.bucket.put(&self.site.paths.lock, &next.bytes(), &expected).await? {
            Put::Done(version) => {
                self.note = next;
                self.version = version;
                Ok(true)
            }
            Put::Refused(_) => Ok(false),
        }
    }
}

/// Waits until `due`; `true` where the lock is given back before.
async fn is_stopped(stopped: &mut oneshot::Receiver<()>, due: Instant) -> bool {
    tokio::select! {
        biased;
        _ = stopped => true,
        () = sleep_until(due) => false,
    }
}
