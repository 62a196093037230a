//! What a block may hold: attributes, their types, rules and meaning, as data.
//!
//! In: declarations by providers. Out: [`Schema`], checked against values; documentation and JSON
//! come from the same data. It knows nothing of files, expressions or vendors.

mod attribute;
mod check;
mod describe;
mod duration;
mod nested;
mod rule;
mod stored;
mod stored_reader;

pub use attribute::{Attribute, Constraint, Equivalence, OnChange, Schema, TIMEOUTS};
pub use check::{CoerceError, Problem, ProblemKind};
pub use duration::parse_duration;
pub use nested::{NestedBlock, Nesting};
pub use rule::Rule;
pub use stored_reader::StoredReader;
