//! Source texts and places in them.
//!
//! In: file names and contents. Out: [`SourceMap`], [`FileId`], [`Span`], [`LineColumn`],
//! suggestions for mistyped words, lists in one sentence, and other people's texts in a form that is
//! safe to look at. It knows nothing of any syntax.

mod listed;
mod recent;
mod source_map;
mod suggest;
mod visible;

pub use listed::listed;
pub use recent::{Names, Recent};
pub use source_map::{FileId, LineColumn, SourceFile, SourceMap, Span};
pub use suggest::closest;
pub use visible::{one_line, spelled_out, steers};
