//! Configuration written as JSON, as the same trees.
//!
//! In: the text of one file and the [`Shape`] of what it holds, for in JSON a block and an argument
//! look alike. Out: a [`Body`] like one that [`super::parse`] gives, with spans into the JSON text.
//! Strings are templates, but where the shape says that they are texts or expressions.
//!
//! The reader is our own: no crate at hand gives places, exact numbers and a limit of depth, and
//! templates need the place of each character behind its escapes.

mod lower;
mod nested;
mod reader;
mod shape;
#[cfg(test)]
mod tests;

pub use shape::{BlockShape, Reading, Shape};

pub(super) use reader::Origin;

use crate::diag::Diagnostics;
use crate::text::FileId;

use super::Body;

/// A member of this name is a comment.
const COMMENT: &str = "//";

/// Reads a file. Every error lands in `diagnostics`; what can be read comes back.
pub fn parse_json(
    file: FileId,
    source: &str,
    shape: &Shape,
    diagnostics: &mut Diagnostics,
) -> Body {
    lower::read(file, source, shape, diagnostics)
}
