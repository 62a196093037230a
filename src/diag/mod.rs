//! Diagnostics as data: what is wrong, where, why, and what to do.
//!
//! In: facts from any layer. Out: [`Diagnostic`] and [`Diagnostics`], which `view` renders. The
//! table of all codes is [`code`], their long forms are in [`explain`]. It knows nothing of terminals and prints nothing.

pub mod code;
mod diagnostic;
pub mod explain;

pub use code::Code;
pub use diagnostic::{
    CalledFunction, Diagnostic, Diagnostics, Fact, Help, Involved, Label, NamedValue, Patch,
    Severity, SignatureParameter,
};
