//! How long a lock is good for.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::world::{Clock as _, RealClock, Timestamp};

/// A moment by both clocks. Nobody sets the steady one, but it stands still while the machine sleeps;
/// the other one goes on, and may be set.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// By the steady clock, by which signs of life are given, too; tests can let it stand still.
    pub steady: Instant,
    wall: Timestamp,
}

impl Moment {
    /// This moment.
    pub fn now() -> Self {
        Self { steady: Instant::now(), wall: RealClock.now() }
    }

    /// How much time may have passed since `earlier`: what the clock says that went on further.
    fn since(&self, earlier: &Self) -> Duration {
        self.steady.saturating_duration_since(earlier.steady).max(self.wall.since(earlier.wall))
    }
}

/// Tells whether a lock is still held for sure. A process that was stopped for a while or cut off, or
/// whose machine slept, cannot know whether somebody else has taken over: it finds its lease past its
/// end, and makes no further call.
#[derive(Clone, Debug, Default)]
pub struct Lease(Option<Arc<Mutex<Term>>>);

#[derive(Clone, Copy, Debug)]
struct Term {
    since: Moment,
    duration: Duration,
}

impl Lease {
    /// A lock that is held until it is given back: the system ends it with the process.
    pub fn unlimited() -> Self {
        Self(None)
    }

    /// A lock that is held for `duration` after `since`, unless it is prolonged.
    pub fn until(since: Moment, duration: Duration) -> Self {
        Self(Some(Arc::new(Mutex::new(Term { since, duration }))))
    }

    /// Holds it for `duration` after `since`: the moment before the sign of life left.
    pub fn prolong(&self, since: Moment, duration: Duration) {
        if let Some(term) = &self.0 {
            *term.lock().unwrap_or_else(PoisonError::into_inner) = Term { since, duration };
        }
    }

    /// Ends it at once, because somebody else has taken over.
    pub fn end(&self) {
        self.prolong(Moment::now(), Duration::ZERO);
    }

    /// Whether the lock is held for sure.
    pub fn is_held(&self) -> bool {
        self.is_held_at(Moment::now())
    }

    fn is_held_at(&self, now: Moment) -> bool {
        self.0.as_ref().is_none_or(|term| {
            let Term { since, duration } = *term.lock().unwrap_or_else(PoisonError::into_inner);
            now.since(&since) < duration
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn later(moment: Moment, steady: Duration, wall: Duration) -> Moment {
        Moment { steady: moment.steady + steady, wall: moment.wall.saturating_add(wall) }
    }

    #[test]
    fn a_lease_ends_unless_it_is_prolonged() {
        let start = Moment::now();
        let after = |seconds| later(start, seconds * SECOND, seconds * SECOND);
        let lease = Lease::until(start, 30 * SECOND);
        let other = lease.clone();
        assert!(lease.is_held_at(after(29)));
        assert!(!lease.is_held_at(after(30)));
        other.prolong(after(10), 30 * SECOND);
        assert!(lease.is_held_at(after(39)));
        other.end();
        assert!(!lease.is_held());
        assert!(Lease::unlimited().is_held_at(after(1_000_000)));
    }

    /// The steady clock stands still meanwhile.
    #[test]
    fn a_lease_ends_while_the_machine_sleeps() {
        let start = Moment::now();
        let lease = Lease::until(start, 30 * SECOND);
        assert!(lease.is_held_at(later(start, SECOND, 29 * SECOND)));
        assert!(!lease.is_held_at(later(start, SECOND, 30 * SECOND)));
    }

    #[test]
    fn a_clock_that_is_set_back_prolongs_nothing() {
        let start = Moment::now();
        let lease = Lease::until(later(start, Duration::ZERO, 3_600 * SECOND), 30 * SECOND);
        assert!(lease.is_held_at(later(start, 29 * SECOND, Duration::ZERO)));
        assert!(!lease.is_held_at(later(start, 30 * SECOND, Duration::ZERO)));
    }
}
