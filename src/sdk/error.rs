//! What goes wrong between us and a vendor.

use std::fmt;

use super::http::Response;

/// What an error means for the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The vendor said no; asking again the same way is of no use.
    Refused,
    /// The object is not there.
    NotFound,
    /// What was looked up is one object, and none or several fit.
    NotOne,
    /// The credentials are not accepted.
    Credentials,
    /// A quota is used up; waiting or deleting helps.
    Quota,
    /// Too many requests, and our patience ended.
    Throttled,
    /// Nobody answers, or only with server errors; nothing was changed.
    Unavailable,
    /// A request that changes something left, and its outcome is not known.
    OutcomeUnknown,
    /// The object exists and went into a failed status.
    Failed,
    /// Waiting for completion took too long.
    TimedOut,
    /// The answer does not have the documented shape.
    Answer,
    /// The vendor has no such operation.
    Unsupported,
    /// The run was asked to stop.
    Cancelled,
    /// A note of ours that must precede a call could not be written; no call was made.
    Journal,
}

/// An error of one operation at one vendor. Never holds a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ProviderError {
    /// What it means.
    pub kind: ErrorKind,
    /// The vendor's name of the operation, such as `CreateSnapshot`.
    pub operation: String,
    /// What happened, as full sentences.
    pub message: String,
    /// HTTP status of the answer.
    pub status: Option<u16>,
    /// The vendor's own code.
    pub code: Option<String>,
    /// What the vendor wants to be told when asked for help.
    pub request_id: Option<String>,
    /// The argument to blame, where one is.
    pub attribute: Option<String>,
    /// What to do.
    pub help: Option<String>,
}

impl ProviderError {
    /// An error of `operation` without details yet.
    pub fn new(kind: ErrorKind, operation: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            kind,
            operation: operation.into(),
            message: message.into(),
            status: None,
            code: None,
            request_id: None,
            attribute: None,
            help: None,
        }
    }

    /// Adds the HTTP status.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// Adds what every answer tells: its status, and the id by which the vendor knows the request.
    #[must_use]
    pub fn answered(mut self, response: &Response) -> Self {
        self.status = Some(response.status);
        self.request_id = response.request_id().map(str::to_owned);
        self
    }

    /// Adds the vendor's code.
    #[must_use]
    pub fn code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// Adds the vendor's request id.
    #[must_use]
    pub fn request_id(mut self, id: impl Into<String>) -> Self {
        self.request_id = Some(id.into());
        self
    }

    /// Names the argument to blame.
    #[must_use]
    pub fn attribute(mut self, name: impl Into<String>) -> Self {
        self.attribute = Some(name.into());
        self
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for ProviderError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.operation, self.message)?;
        if let Some(status) = self.status {
            write!(formatter, " (HTTP {status}")?;
            if let Some(code) = &self.code {
                write!(formatter, ", {code}")?;
            }
            formatter.write_str(")")?;
        }
        Ok(())
    }
}
