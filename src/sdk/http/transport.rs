//! The seam between us and the network.

use std::sync::Arc;

use crate::world::BoxFuture;

use super::{Request, Response, Trust};

/// Carries a request somewhere and brings the answer.
pub trait Transport: Send + Sync {
    /// Sends one request once.
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>>;

    /// Whether it meets servers that have to prove who they are.
    fn encrypts(&self) -> bool {
        false
    }

    /// The same way to servers that are believed by `trust`.
    ///
    /// # Errors
    ///
    /// A certificate or a key cannot be used, or there are no servers to believe; the text says why.
    fn trusting(&self, _trust: Trust) -> Result<Arc<dyn Transport>, String> {
        Err("nothing is encrypted on this way".to_owned())
    }
}

/// How far a request got that has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interruption {
    /// It never left: no connection.
    NotSent,
    /// It may have arrived: the connection broke or the answer took too long.
    Interrupted,
}

/// A request without an answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TransportError {
    /// How far the request got.
    pub interruption: Interruption,
    /// What happened, for people; no credentials.
    pub message: String,
}
