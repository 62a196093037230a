//! Source texts and places in them.
//!
//! In: file names and contents. Out: [`SourceMap`], [`FileId`], [`Span`], [`LineColumn`] and
//! suggestions for mistyped words. It knows nothing of any syntax.

mod recent;
mod source_map;
mod suggest;

pub use recent::{Names, Recent};
pub use source_map::{FileId, LineColumn, SourceFile, SourceMap, Span};
pub use suggest::closest;
