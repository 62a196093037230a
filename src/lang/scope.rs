//! What the evaluator must be told from outside.

use uuid::Uuid;

use crate::addr::Reference;
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::text::Span;
use crate::value::Value;
use crate::world::{Ids, Timestamp};

/// Knows what references stand for.
pub trait Scope {
    /// The value of `reference`, which stands at `span`.
    ///
    /// # Errors
    ///
    /// Where nothing of that name is declared, or it may not be used here.
    fn resolve(&self, reference: &Reference, span: Span) -> Result<Value, Diagnostics>;
}

/// A scope in which nothing can be referred to.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoReferences;

impl Scope for NoReferences {
    fn resolve(&self, reference: &Reference, span: Span) -> Result<Value, Diagnostics> {
        Err(Diagnostic::error(
            code::NOT_ALLOWED_HERE,
            format!("Only fixed values can be used here, so `{reference}` cannot be referred to."),
        )
        .at(span)
        .into())
    }
}

/// A file that could not be given to an expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct FileError {
    /// Why, in words that fit after "the file … ".
    pub reason: String,
}

/// Reads files for functions. Relative paths are relative to where the command runs.
pub trait FileReader {
    /// The bytes of a file.
    ///
    /// # Errors
    ///
    /// Where the file is not there or cannot be read.
    fn read(&self, path: &str) -> Result<Vec<u8>, FileError>;

    /// Tells whether there is a regular file.
    ///
    /// # Errors
    ///
    /// Where something other than a file is there.
    fn exists(&self, path: &str) -> Result<bool, FileError>;

    /// The regular files below a directory, as paths relative to it with `/` between the parts;
    /// none where the directory is not there.
    ///
    /// # Errors
    ///
    /// Where the directory cannot be read.
    fn list(&self, directory: &str) -> Result<Vec<String>, FileError> {
        Err(FileError { reason: format!("is not to be seen: `{directory}` cannot be listed here") })
    }

    /// The directory that `~` stands for.
    fn home(&self) -> Option<String> {
        None
    }

    /// The directory that relative paths start from.
    fn current_directory(&self) -> Option<String> {
        None
    }
}

/// What functions may look at besides their arguments.
#[derive(Clone, Copy, Default)]
pub struct Environment<'a> {
    /// Reads files; without one, file functions fail.
    pub files: Option<&'a dyn FileReader>,
    /// When the plan is made; without one, `plantimestamp()` is unknown.
    pub plan_time: Option<Timestamp>,
    /// The time now, while applying; without one, `timestamp()` is unknown.
    pub apply_time: Option<Timestamp>,
    /// Fresh ids, while applying; without them, what is random is unknown.
    pub ids: Option<&'a dyn Ids>,
}

impl Environment<'_> {
    /// An id nobody has used before; `None` while planning.
    pub(super) fn fresh_id(&self) -> Option<Uuid> {
        self.ids.and_then(|ids| Uuid::parse_str(&ids.uuid()).ok())
    }
}
