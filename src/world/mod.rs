//! The outside that every layer is handed: time, fresh identifiers, the wish to stop; and files that
//! are none.
//!
//! In: nothing. Out: [`World`], cheap to clone, real or fixed. This is the only home of reading
//! the clock and of random identifiers; no other module may ask the system for either, so that the
//! same inputs give the same bytes. It knows nothing of snapshots.

mod cancel;
mod clock;
pub mod faults;
mod files;
mod ids;
mod timestamp;

use std::sync::Arc;

pub use cancel::Cancel;
pub use clock::{Clock, RealClock, VirtualClock};
pub use files::read_regular;
pub use ids::{Ids, RandomIds, SequentialIds};
pub use timestamp::{Timestamp, TimestampError};

/// A boxed future that may move between threads: what traits with erased types return.
pub type BoxFuture<'a, T> = std::pin::Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Time, identifiers and cancellation, handed down from `cli` to whoever needs them.
#[derive(Clone)]
pub struct World {
    /// Tells and spends time.
    pub clock: Arc<dyn Clock>,
    /// Makes identifiers nobody has used before.
    pub ids: Arc<dyn Ids>,
    /// Set once a person or the system asks the run to end.
    pub cancel: Cancel,
}

impl World {
    /// The world of a production run.
    pub fn real() -> Self {
        Self { clock: Arc::new(RealClock), ids: Arc::new(RandomIds), cancel: Cancel::default() }
    }

    /// A world in which waiting costs nothing, starting at `start`; identifiers stay random.
    ///
    /// Rehearsals use it: the emulators' delays and quotas pass in no time.
    pub fn rehearsal(start: Timestamp) -> Self {
        Self {
            clock: Arc::new(VirtualClock::starting_at(start)),
            ids: Arc::new(RandomIds),
            cancel: Cancel::default(),
        }
    }

    /// A world that is the same in every run: a virtual clock and counted identifiers.
    pub fn fixed(start: Timestamp) -> Self {
        Self {
            clock: Arc::new(VirtualClock::starting_at(start)),
            ids: Arc::new(SequentialIds::default()),
            cancel: Cancel::default(),
        }
    }
}
