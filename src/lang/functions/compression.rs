//! Compressed texts.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::value::Value;

use super::function::{Expects, FunctionError, Outcome, Setting, gives, text};
use super::{Function, Parameter};

pub(super) const FUNCTIONS: &[Function] = &[Function::new(
    "base64gzip",
    &[Parameter::new("str", Expects::String)],
    "Compresses a text with gzip, in base 64.",
    gives::string,
    gzip,
)];

fn gzip(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let failed = |error: std::io::Error| FunctionError::new(error.to_string());
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text(arguments, 0).as_bytes()).map_err(failed)?;
    Ok(Value::string(STANDARD.encode(encoder.finish().map_err(failed)?)))
}
