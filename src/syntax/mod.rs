//! Configuration text to trees.
//!
//! In: the text of one file. Out: a [`Body`] of attributes and blocks with compact, span-carrying
//! [`Expression`]s whose references are resolved as far as their own words tell, and every syntax
//! error of the file. It knows nothing of schemas, of what is declared elsewhere, or of values at
//! run time. The only home of the `hcl` crate.
//!
//! A file is cut into items by our own `lexer`. Of an expression, `brackets` and `cut` read what stands
//! in brackets part by part, `traversal` plain paths, `template` strings and heredocs, all from the
//! source itself; the rest `hcl::edit` reads from text that `prepare` has cleaned (same length, so spans
//! stay true), and `lower` turns its trees into ours and drops them.

mod brackets;
#[cfg(test)]
mod conformance;
mod cut;
mod expression;
mod format;
mod inspect;
mod json;
mod lexer;
mod lower;
mod prepare;
mod quoted;
mod reference;
mod refusal;
mod structure;
mod template;
#[cfg(test)]
mod tests;
mod traversal;
mod tree;
mod unfinished;
mod unquote;

pub use expression::{
    BinaryOperator, Call, Conditional, Directive, Expression, For, Kind, ObjectItem, ReferenceNode,
    Splat, TemplatePart, UnaryOperator,
};
pub use format::format;
pub use inspect::TraversalStep;
pub use json::{BlockShape, Reading, Shape, parse_json};
pub use structure::{check, parse, parse_expression, parse_template};
pub use tree::{Attribute, Block, Body, Label};
pub use unfinished::is_unfinished;
