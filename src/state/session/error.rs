//! What can go wrong with a session.

use super::super::watermark::Receded;
use super::super::{BackendError, JournalError, StateFileError};

/// A state that cannot be opened or changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// The backend failed.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// The state's bytes are not a state.
    #[error("{place}: {reason}")]
    File {
        /// Where the state is.
        place: String,
        /// What is wrong with it.
        reason: StateFileError,
    },
    /// The journal cannot be used.
    #[error("{place}: {reason}")]
    Journal {
        /// Where the state is.
        place: String,
        /// What is wrong with its journal.
        reason: JournalError,
    },
    /// What is kept had come further already.
    #[error("{place}: {reason}")]
    Receded {
        /// Where the state is.
        place: String,
        /// What is missing.
        reason: Receded,
        /// The file that remembers it.
        known: String,
    },
    /// Something cannot be written as JSON.
    #[error("cannot be written as JSON: {0}")]
    Json(String),
}

impl From<serde_json::Error> for SessionError {
    fn from(error: serde_json::Error) -> Self {
        Self::Json(error.to_string())
    }
}
