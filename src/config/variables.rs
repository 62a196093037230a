//! Values that are given to variables from outside.

use std::path::Path;
use std::sync::Arc;

use crate::diag::{Diagnostic, Diagnostics, code};
use crate::syntax::{self, Expression};
use crate::text::SourceMap;

use super::load::{LoadedFile, is_json, read_text};
use super::shapes;

/// Where a value was given; later ones win.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AssignmentSource {
    /// An environment variable `TF_VAR_NAME`.
    Environment,
    /// A variable file, by the name people know it under.
    File(String),
    /// The option `-var`.
    Option,
    /// Typed when asked for.
    Prompt,
}

/// A value for a variable: an expression without references, or text that the variable's type
/// tells how to read.
#[derive(Clone, Debug)]
pub enum Assignment {
    /// From a file: an expression.
    Expression(Expression),
    /// From outside any file: text.
    Text(Arc<str>),
}

/// Reads a variable file.
pub fn read_variables_file(
    path: &Path,
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
) -> Vec<(Arc<str>, Assignment, AssignmentSource)> {
    let Some(file) = diagnostics.absorb(read_text(path)) else { return Vec::new() };
    decode_variables(file, sources, diagnostics)
}

/// The values in the text of a variable file, which is JSON where its name says so.
pub fn decode_variables(
    file: LoadedFile,
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
) -> Vec<(Arc<str>, Assignment, AssignmentSource)> {
    let id = sources.add(file.name.as_str(), Arc::clone(&file.text));
    let body = if is_json(&file.name) {
        syntax::parse_json(id, &file.text, &shapes::VALUES, diagnostics)
    } else {
        syntax::parse(id, &file.text, diagnostics)
    };
    for block in &body.blocks {
        diagnostics.push(
            Diagnostic::error(
                code::BLOCK_SHAPE,
                format!("A variable file holds values only, and `{}` begins a block.", block.kind),
            )
            .at(block.header),
        );
    }
    let source = AssignmentSource::File(file.name);
    body.attributes
        .into_iter()
        .map(|attribute| (attribute.name, Assignment::Expression(attribute.value), source.clone()))
        .collect()
}
