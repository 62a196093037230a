//! Where state is kept: bytes in, bytes out, one holder of the lock at a time.
//!
//! In: the bytes of a state and the lines of a journal. Out: [`Backend`] and its implementations.
//! It knows nothing of what the bytes mean.

mod local;
mod memory;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::world::Timestamp;

pub use local::{Backup, LocalBackend, LockState};
pub use memory::MemoryBackend;

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
}

/// A backend that failed.
#[derive(Debug, thiserror::Error)]
pub enum BackendError {
    /// Somebody else holds the lock.
    #[error("the state is locked")]
    Locked(Option<LockHolder>),
    /// A file or a connection failed.
    #[error("{place}: {reason}")]
    Failed {
        /// The file or address.
        place: String,
        /// What happened.
        reason: String,
    },
}

/// Holds a lock until it is dropped; the lock dies with its process.
pub trait Guard: Send {}

/// A place for the state of one workspace.
pub trait Backend: Send + Sync {
    /// Where it is, for messages.
    fn place(&self) -> String;

    /// The state's bytes; `None` where nothing was ever saved.
    fn read(&self) -> Result<Option<Vec<u8>>, BackendError>;

    /// The journal's bytes; empty where there is none.
    fn read_journal(&self) -> Result<Vec<u8>, BackendError>;

    /// Takes the lock, or fails at once with its holder.
    fn lock(&self, holder: &LockHolder) -> Result<Box<dyn Guard>, BackendError>;

    /// Replaces the state as a whole: after a death at any moment the old or the new one is there.
    fn write(&self, bytes: &[u8]) -> Result<(), BackendError>;

    /// Adds to the journal; on return the bytes survive a loss of power.
    fn append_journal(&self, bytes: &[u8]) -> Result<(), BackendError>;

    /// Replaces the journal as a whole; empty bytes remove it.
    fn write_journal(&self, bytes: &[u8]) -> Result<(), BackendError>;
}

/// How long to wait before trying a lock again.
const LOCK_PAUSE: Duration = Duration::from_millis(200);

/// Takes the lock of `backend`, trying again until `patience` has passed in real time: whoever holds
/// the lock lives on real time, also while we rehearse on a virtual clock.
pub async fn lock_within(
    backend: &dyn Backend,
    holder: &LockHolder,
    patience: Duration,
) -> Result<Box<dyn Guard>, BackendError> {
    let mut waited = Duration::ZERO;
    loop {
        match backend.lock(holder) {
            Err(BackendError::Locked(_)) if waited < patience => {
                tokio::time::sleep(LOCK_PAUSE).await;
                waited += LOCK_PAUSE;
            }
            result => return result,
        }
    }
}
