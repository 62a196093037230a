//! The settings of a `backend` block.

use crate::config::{BackendDecl, Config, references};
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::schema::{Problem, Schema};
use crate::value::Value;

use super::evaluate::{Evaluation, Repeated};
use super::{Surroundings, Variables, arguments, report};

/// What a `backend` block sets; what it does not is null. Where states are kept must be known before
/// anything else is, so it may use functions and no named values.
///
/// # Errors
///
/// Settings that the kind of backend does not have, or of the wrong type, and named values.
pub fn backend_settings(
    declared: &BackendDecl,
    schema: &Schema,
    config: &Config,
    surroundings: Surroundings<'_>,
) -> Result<Value, Diagnostics> {
    let BackendDecl { kind, body, header, .. } = declared;
    let what = format!("a `{kind}` backend");
    let mut problems = Diagnostics::default();
    // What the block leaves out, an option of init or the environment may give.
    for attribute in body.attributes.iter().filter(|found| schema.attribute(&found.name).is_none())
    {
        let known = schema.attributes.iter().map(|attribute| attribute.name);
        let detail = format!("A `{kind}` backend has no setting `{}`.", attribute.name);
        problems.push(
            Diagnostic::error(code::UNKNOWN_ARGUMENT, detail)
                .at(attribute.name_span)
                .did_you_mean(&attribute.name, known),
        );
    }
    for block in &body.blocks {
        if schema.block(&block.kind).is_none() {
            let detail =
                format!("{} has no blocks `{}`.", arguments::upper_first(&what), block.kind);
            problems.push(Diagnostic::error(code::UNKNOWN_BLOCK, detail).at(block.kind_span));
        }
    }
    for (reference, span) in references(body) {
        let detail = format!("`{reference}` is not known yet where states are kept is told.");
        problems.push(Diagnostic::error(code::UNKNOWN_NOT_ALLOWED, detail).at(span).help(
            "write the setting itself, or leave it out and give it by an environment variable \
                 or `init -backend-config=NAME=VALUE`",
        ));
    }
    if problems.has_errors() {
        return Err(problems);
    }
    let variables = Variables::new();
    let evaluation = Evaluation::new(config, &variables, surroundings);
    let Some(root) = evaluation.root() else {
        let detail = "There is no root module.";
        return Err(Diagnostic::error(code::NO_CONFIGURATION, detail).at(*header).into());
    };
    arguments::evaluate(&root, schema, body, &Repeated::default())
}

/// Problems of settings, at their places in the block.
pub fn backend_problems(declared: &BackendDecl, problems: Vec<Problem>) -> Diagnostics {
    let of = |problem| report::of_problem(problem, Some(&declared.body), Some(declared.header));
    problems.into_iter().map(of).collect()
}
