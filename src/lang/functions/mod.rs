//! The functions of the language, by family.
//!
//! In: values that fit a function's parameters. Out: its result, or why there is none. A function
//! is data: name, parameters, what its result is, and a pure `call`. It knows nothing of syntax
//! except where it reads templates, and of the outside only what [`Setting`] holds.

// Every function has the one type that the table asks for.
#![allow(clippy::unnecessary_wraps)]

mod charset;
mod cipher;
mod collection;
mod combine;
mod compression;
mod encoding;
mod files;
mod format;
mod format_verb;
mod function;
mod glob;
mod hash;
mod instant;
mod lazy;
mod manual;
mod network;
mod number;
mod regular;
mod sequence;
mod signature;
mod string;
mod table;
mod tabular;
mod tfvars;
mod time;
mod type_conversion;
mod yaml;
mod yaml_read;
mod yaml_scalar;

pub(super) use function::{Calling, Setting};
pub use function::{Expects, Function, FunctionError, Parameter};
pub use manual::Page;
pub use signature::Signatures;
pub use table::{Family, FunctionTable};
pub use tfvars::expression_text;
pub use yaml_read::read_yaml;
