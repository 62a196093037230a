//! Leases of others: how long somebody must have been silent, and by whose clock.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::schema::{Attribute, Problem, Rule, parse_duration};
use crate::sdk::Settings;
use crate::value::Type;

use super::{LockHolder, LockState};

/// The setting for the length of a lease.
const LEASE: &str = "lease";

/// How long a holder may be silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Term(pub(super) Duration);

impl Term {
    /// The setting, which Terraform does not know.
    pub(super) fn setting() -> Attribute {
        Attribute::optional(
            LEASE,
            Type::String,
            "How long a run that holds the lock may give no sign of life before another one takes \
             over, such as `30s`. This setting is ours: Terraform has no such thing.",
        )
        .default("30s")
        .rule(Rule::text("a duration of at least `1s`", |text| {
            match parse_duration(text) {
                Some(duration) if duration >= Duration::from_secs(1) => Ok(()),
                _ => Err("must be a duration of at least one second, such as `30s`".to_owned()),
            }
        }))
    }

    /// What the settings say.
    pub(super) fn of(settings: &Settings<'_>, problems: &mut Vec<Problem>) -> Self {
        let text = settings.text(LEASE).unwrap_or_default();
        Self(parse_duration(&text).unwrap_or_else(|| {
            problems.push(Problem::rule(LEASE, format!("`{text}` is not a duration.")));
            Duration::ZERO
        }))
    }

    /// After what time the next sign of life is due.
    pub(super) fn renewal(self) -> Duration {
        self.0 / 3
    }

    /// How long the holder itself counts on its lock: it stops well before others may take over, for
    /// a call that has left may take its time.
    pub(super) fn held(self) -> Duration {
        self.0 * 5 / 6
    }
}

/// What a backend has seen of somebody else's lock. Clocks of two machines need not agree: all that
/// counts is how long a sign of life has stayed the same on our own steady clock.
#[derive(Debug, Default)]
pub(super) struct Watch(Mutex<Option<Seen>>);

#[derive(Debug)]
struct Seen {
    sign: String,
    since: Instant,
    looked: Instant,
    holder: Option<LockHolder>,
}

impl Watch {
    fn seen(&self) -> MutexGuard<'_, Option<Seen>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of a sign of life that was there after `asked`, and tells whether it has been the
    /// same for the whole of `lease`.
    pub(super) fn is_silent(
        &self,
        sign: &str,
        holder: Option<&LockHolder>,
        asked: Instant,
        lease: Duration,
    ) -> bool {
        let mut seen = self.seen();
        match &mut *seen {
            Some(seen) if seen.sign == sign => {
                seen.looked = asked;
                asked.saturating_duration_since(seen.since) >= lease
            }
            _ => {
                let now = Instant::now();
                let holder = holder.cloned();
                *seen = Some(Seen { sign: sign.to_owned(), since: now, looked: now, holder });
                false
            }
        }
    }

    /// The holder as seen last, where its sign began like this and `pause` has not passed since:
    /// then it is too early to look again.
    pub(super) fn glance(&self, begin: &str, pause: Duration) -> Option<LockState> {
        let seen = self.seen();
        let seen = seen.as_ref().filter(|seen| seen.sign.starts_with(begin))?;
        (seen.looked.elapsed() < pause).then(|| LockState { holder: seen.holder.clone() })
    }
}

/// What became of a sign of life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beat {
    /// It was taken.
    Taken,
    /// Nobody knows.
    Unclear,
    /// Somebody else holds the lock.
    Lost,
}

/// Gives signs of life until it is dropped.
#[derive(Debug)]
pub(super) struct Heartbeat(#[expect(dead_code, reason = "it ends with its owner")] JoinSet<()>);

impl Heartbeat {
    /// Calls `beat` each time that a sign of life is due, until the lock is lost.
    pub(super) fn start<F, B>(term: Term, beat: F) -> Self
    where
        F: Fn() -> B + Send + 'static,
        B: Future<Output = Beat> + Send,
    {
        let mut task = JoinSet::new();
        task.spawn(async move {
            let mut pause = term.renewal();
            loop {
                tokio::time::sleep(pause).await;
                pause = match beat().await {
                    Beat::Taken => term.renewal(),
                    // There is still time for several more before the lease ends.
                    Beat::Unclear => term.renewal() / 8,
                    Beat::Lost => return,
                };
            }
        });
        Self(task)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    const LEASE: Duration = Duration::from_secs(30);

    #[tokio::test(start_paused = true)]
    async fn only_who_was_watched_in_silence_for_a_whole_lease_is_silent() {
        let watch = Watch::default();
        let look = |sign: &str| watch.is_silent(sign, None, Instant::now(), LEASE);
        assert!(!look("a 1"));
        tokio::time::advance(Duration::from_millis(29_999)).await;
        assert!(!look("a 1"));
        assert!(!look("a 2"), "a sign of life");
        tokio::time::advance(Duration::from_secs(29)).await;
        assert!(!look("b 2"), "somebody else");
        tokio::time::advance(LEASE).await;
        assert!(!look("a 2"), "nobody looked meanwhile");
        tokio::time::advance(LEASE).await;
        assert!(look("a 2"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_heart_beats_three_times_a_lease_and_no_longer_than_its_owner() {
        let beats = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&beats);
        let heartbeat = Heartbeat::start(Term(LEASE), move || {
            let count = counted.fetch_add(1, Ordering::SeqCst);
            async move { if count == 3 { Beat::Unclear } else { Beat::Taken } }
        });
        tokio::time::sleep(Duration::from_secs(31)).await;
        assert_eq!(beats.load(Ordering::SeqCst), 3);
        tokio::time::sleep(Duration::from_secs(12)).await;
        assert_eq!(beats.load(Ordering::SeqCst), 5, "again soon after it was not heard");
        drop(heartbeat);
        tokio::time::sleep(Duration::from_secs(60)).await;
        assert_eq!(beats.load(Ordering::SeqCst), 5);
    }
}
