//! Where state is kept: bytes in, bytes out, one holder of the lock at a time.
//!
//! In: the bytes of a state and the lines of a journal. Out: [`Backend`] and its implementations;
//! only whoever has a [`Hold`] can write. It knows nothing of what the bytes mean.

mod http;
mod kind;
mod lease;
mod local;
mod lock_info;
mod memory;
#[cfg(any(feature = "s3", feature = "gcs", feature = "azurerm"))]
mod objects;
mod pg;
mod placeholder;
mod sealed;
mod watch;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::sdk::seal::SealError;
use crate::world::{BoxFuture, Timestamp};

pub use http::HttpKind;
pub use kind::{DEFAULT_WORKSPACE, Kind, Store, kinds};
pub use lease::Lease;
use lease::Moment;
pub(super) use local::disk;
pub use local::{Backup, LocalBackend, LocalStore};
pub use memory::MemoryBackend;
#[cfg(feature = "azurerm")]
pub use objects::Azurerm;
#[cfg(feature = "gcs")]
pub use objects::Gcs;
#[cfg(feature = "s3")]
pub use objects::S3;
pub use pg::PgKind;
pub use sealed::{Kept, Sealed};

/// Who holds a lock, for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockHolder {
    /// Name of the person's account.
    pub user: String,
    /// Name of the machine.
    pub host: String,
    /// Number of the process.
    pub process: u32,
    /// The command, such as `apply`.
    pub command: String,
    /// Since when.
    pub since: Timestamp,
    /// The page of the CI job that it runs in.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub job: Option<String>,
}

/// A backend that failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BackendError {
    /// Somebody else holds the lock.
    #[error("the state is locked")]
    Locked(Option<Box<LockHolder>>),
    /// The lock was held, and somebody else has taken it since.
    #[error("{place}: the lock was lost to somebody else, because this run gave no sign of life")]
    Lost {
        /// Where the state is.
        place: String,
    },
    /// Somebody else wrote what was to be replaced.
    #[error("{place}: somebody else has changed it since it was read")]
    Conflict {
        /// What was to be replaced.
        place: String,
    },
    /// What is there is encrypted and cannot be opened, or what comes cannot be encrypted.
    #[error("{place}: {reason}")]
    Sealed {
        /// The state, or its journal.
        place: String,
        /// Why.
        reason: SealError,
    },
    /// A file or a connection failed.
    #[error("{place}: {reason}")]
    Failed {
        /// The file or address.
        place: String,
        /// What happened.
        reason: String,
    },
}

/// All that is kept of one workspace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// The state's bytes; `None` where nothing was ever saved.
    pub state: Option<Vec<u8>>,
    /// The journal's bytes; empty where there is none.
    pub journal: Vec<u8>,
}

/// A lock that somebody holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockState {
    /// Who it is, where the note could be read.
    pub holder: Option<LockHolder>,
}

/// What a backend gives once it is there.
pub type Outcome<'a, T> = BoxFuture<'a, Result<T, BackendError>>;

/// A place for the state of one workspace.
pub trait Backend: Send + Sync {
    /// Where it is, for messages.
    fn place(&self) -> String;

    /// What tells it from every other place, for what is remembered of it: the same state may be kept
    /// with one journal or another.
    fn identity(&self) -> String {
        self.place()
    }

    /// What is there, for whoever only looks.
    fn read(&self) -> Outcome<'_, Contents>;

    /// Takes the lock, or fails at once with its holder. A lock whose holder has given no sign of
    /// life for the time of a lease is taken over, and what the former holder may still send is
    /// refused from then on.
    fn lock<'a>(&'a self, holder: &'a LockHolder) -> Outcome<'a, Box<dyn Hold>>;

    /// Writes without the lock, for whoever asks for that.
    fn without_lock(&self) -> Outcome<'_, Box<dyn Hold>>;

    /// Who holds the lock; `None` where nobody does.
    fn holder(&self) -> Outcome<'_, Option<LockState>>;
}

/// What to put in the place of all that is kept.
#[derive(Clone, Copy, Debug)]
pub struct Replacement<'a> {
    /// The new state; `None` leaves the old one.
    pub state: Option<&'a [u8]>,
    /// The new journal; empty bytes take it away.
    pub journal: &'a [u8],
    /// The serial of the state that is replaced, for whoever keeps earlier ones.
    pub previous: Option<u64>,
}

/// The right to write, as long as the lock is held. It ends with [`Hold::release`], and where that
/// is not called, with its process or its lease.
pub trait Hold: Send + Sync {
    /// What is there. What is written later must replace exactly this.
    fn read(&mut self) -> Outcome<'_, Contents>;

    /// The journal alone, for whoever is about to replace a state that cannot be opened.
    fn read_journal(&mut self) -> Outcome<'_, Vec<u8>> {
        Box::pin(async { Ok(self.read().await?.journal) })
    }

    /// Adds lines to the journal. On return they survive a loss of power; after a failure none of
    /// them is there.
    fn append<'a>(&'a mut self, lines: &'a [u8]) -> Outcome<'a, ()>;

    /// Replaces the state, then the journal. After a death at any moment each of them is the old or
    /// the new one, and the journal is not newer than the state.
    fn replace<'a>(&'a mut self, next: Replacement<'a>) -> Outcome<'a, ()>;

    /// How long calls may be made that count on the lock.
    fn lease(&self) -> Lease;

    /// Whether what is saved goes elsewhere and what was read stays as it is.
    fn leaves_original(&self) -> bool {
        false
    }

    /// Whether the state that was read is kept in another form than it would be today, such as in
    /// the clear although there is a key: the next save writes it, whether or not it changed.
    fn is_outdated(&self) -> bool {
        false
    }

    /// Gives the lock back.
    fn release(self: Box<Self>) -> BoxFuture<'static, ()>;
}

/// How long whoever only looks waits for a save to be over.
const LOOK_PAUSE: Duration = Duration::from_millis(25);

/// Waits before looking again, in real time.
pub(super) async fn pause() {
    tokio::time::sleep(LOOK_PAUSE).await;
}

/// How long to wait before trying a lock again.
const LOCK_PAUSE: Duration = Duration::from_millis(200);

/// Takes the lock of `backend`, trying again until `patience` has passed in real time: whoever holds
/// the lock lives on real time, also while we rehearse on a virtual clock.
pub async fn lock_within(
    backend: &dyn Backend,
    holder: &LockHolder,
    patience: Duration,
) -> Result<Box<dyn Hold>, BackendError> {
    let begun = tokio::time::Instant::now();
    loop {
        match backend.lock(holder).await {
            Err(BackendError::Locked(_)) if begun.elapsed() < patience => {
                tokio::time::sleep(LOCK_PAUSE).await;
            }
            result => return result,
        }
    }
}
