//! Real time and virtual time.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::{BoxFuture, Timestamp};

/// Tells the time and waits.
pub trait Clock: Send + Sync {
    /// Returns the present instant.
    fn now(&self) -> Timestamp;
    /// Waits until `duration` has passed on this clock.
    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()>;
}

/// The system's clock.
#[derive(Clone, Copy, Debug)]
pub struct RealClock;

impl Clock for RealClock {
    fn now(&self) -> Timestamp {
        Timestamp::of_system()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// A clock that stands still until everybody waits, then jumps to the earliest deadline.
///
/// It must run on a single-threaded executor whose tasks do no real waiting of their own: a round
/// in which every task got its turn and still only sleepers are left is how it knows that nothing
/// else can happen at the present instant.
#[derive(Debug)]
pub struct VirtualClock {
    inner: Mutex<Virtual>,
}

#[derive(Debug)]
struct Virtual {
    now: Timestamp,
    next_ticket: u64,
    /// Deadlines of everybody asleep, with a ticket so that equal deadlines stay apart.
    sleepers: std::collections::BTreeSet<(Timestamp, u64)>,
}

/// How often a sleeper lets the others run before it concludes that all of them sleep.
const ROUNDS_BEFORE_JUMP: u32 = 4;

impl VirtualClock {
    /// A clock that shows `start` and moves only when somebody sleeps.
    pub fn starting_at(start: Timestamp) -> Self {
        Self {
            inner: Mutex::new(Virtual {
                now: start,
                next_ticket: 0,
                sleepers: std::collections::BTreeSet::new(),
            }),
        }
    }

    /// Moves the clock forward by hand, as a test does to let something expire.
    pub fn advance(&self, duration: Duration) {
        let mut inner = self.lock();
        inner.now = inner.now.saturating_add(duration);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Virtual> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes a sleeper off the list however its sleep ends.
struct Asleep<'a> {
    clock: &'a VirtualClock,
    entry: (Timestamp, u64),
}

impl Drop for Asleep<'_> {
    fn drop(&mut self) {
        self.clock.lock().sleepers.remove(&self.entry);
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        self.lock().now
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let entry = {
                let mut inner = self.lock();
                let entry = (inner.now.saturating_add(duration), inner.next_ticket);
                inner.next_ticket += 1;
                inner.sleepers.insert(entry);
                entry
            };
            let _asleep = Asleep { clock: self, entry };
            let mut idle_rounds = 0;
            loop {
                tokio::task::yield_now().await;
                let mut inner = self.lock();
                if inner.now >= entry.0 {
                    return;
                }
                if inner.sleepers.first() == Some(&entry) {
                    idle_rounds += 1;
                    if idle_rounds >= ROUNDS_BEFORE_JUMP {
                        inner.now = entry.0;
                        return;
                    }
                } else {
                    idle_rounds = 0;
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn sleepers_wake_in_order_of_deadline_and_time_passes_once() {
        let start: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let clock = VirtualClock::starting_at(start);
        let order = Mutex::new(Vec::new());
        let sleeper = async |seconds: u64| {
            clock.sleep(Duration::from_secs(seconds)).await;
            order.lock().unwrap().push((seconds, clock.now()));
        };
        tokio::join!(sleeper(30), sleeper(10), sleeper(20));
        let woken = order.into_inner().unwrap();
        assert_eq!(woken.iter().map(|entry| entry.0).collect::<Vec<_>>(), [10, 20, 30]);
        assert_eq!(woken[2].1.to_string(), "2026-01-01T00:00:30Z");
    }
}
