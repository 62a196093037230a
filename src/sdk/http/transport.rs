//! The seam between us and the network.

use crate::world::BoxFuture;

use super::{Request, Response};

/// Carries a request somewhere and brings the answer.
pub trait Transport: Send + Sync {
    /// Sends one request once.
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>>;
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
