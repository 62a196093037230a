//! How long a lock is good for.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Tells whether a lock is still held for sure. A process that was stopped for a while, or cut off,
/// cannot know whether somebody else has taken over: it finds its lease past its end, and makes no
/// further call. It counts on the steady clock, which nobody sets.
#[derive(Clone, Debug, Default)]
pub struct Lease(Option<Arc<Mutex<Instant>>>);

impl Lease {
    /// A lock that is held until it is given back: the system ends it with the process.
    pub fn unlimited() -> Self {
        Self(None)
    }

    /// A lock that is held for `duration` after `since`, unless it is prolonged.
    pub fn until(since: Instant, duration: Duration) -> Self {
        Self(Some(Arc::new(Mutex::new(since + duration))))
    }

    /// Holds it for `duration` after `since`: the moment before the sign of life left.
    pub fn prolong(&self, since: Instant, duration: Duration) {
        if let Some(end) = &self.0 {
            *end.lock().unwrap_or_else(PoisonError::into_inner) = since + duration;
        }
    }

    /// Ends it at once, because somebody else has taken over.
    pub fn end(&self) {
        self.prolong(now(), Duration::ZERO);
    }

    /// Whether the lock is held for sure.
    pub fn is_held(&self) -> bool {
        self.is_held_at(now())
    }

    fn is_held_at(&self, now: Instant) -> bool {
        self.0.as_ref().is_none_or(|end| now < *end.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Now, on the clock on which backends renew their leases.
fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_ends_unless_it_is_prolonged() {
        let (start, second) = (now(), Duration::from_secs(1));
        let lease = Lease::until(start, 30 * second);
        let other = lease.clone();
        assert!(lease.is_held_at(start + 29 * second));
        assert!(!lease.is_held_at(start + 30 * second));
        other.prolong(start + 10 * second, 30 * second);
        assert!(lease.is_held_at(start + 39 * second));
        other.end();
        assert!(!lease.is_held());
        assert!(Lease::unlimited().is_held_at(start + 1_000_000 * second));
    }
}
