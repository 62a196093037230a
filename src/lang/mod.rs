//! Meaning of expressions.
//!
//! In: [`Expression`](crate::syntax::Expression)s and a [`Scope`] that knows what references stand
//! for. Out: [`Value`](crate::value::Value)s or diagnostics, type constraints, and the table of
//! functions. It knows nothing of blocks, schemas, resources or files on disk: texts come through
//! [`FileReader`], the time through [`Environment`].

mod access;
mod call;
mod constraint;
mod evaluator;
mod for_expression;
mod functions;
mod involved;
mod limits;
mod operators;
mod scope;
mod templates;

#[cfg(test)]
mod conformance;
#[cfg(test)]
mod tests;

pub use access::attribute;
pub use constraint::{TypeConstraint, type_constraint};
pub use evaluator::Evaluator;
pub use functions::{
    Expects, Family, Function, FunctionError, FunctionTable, Page, Parameter, Signatures,
    expression_text, read_yaml,
};
pub use scope::{Environment, FileError, FileReader, NoReferences, Scope};
