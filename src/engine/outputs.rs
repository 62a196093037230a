//! Outputs: what they were and what they will be.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::config::{Module, OutputDecl};
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::plan::{OutputChange, PlanMode};
use crate::state::{OutputRecord, State};
use crate::value::{Marks, Value};

use super::conditions::{self, Subject};
use super::evaluate::Repeated;
use super::frame::Frame;

/// Refuses what only outputs of called modules may be.
pub(super) fn check_root(module: &Module) -> Diagnostics {
    let ephemeral = module.outputs.values().filter(|output| output.ephemeral);
    ephemeral
        .map(|output| {
            let detail = format!(
                "The output `{}` is ephemeral, and those of the root module are kept in state.",
                output.name
            );
            Diagnostic::error(code::EPHEMERAL_NOT_ALLOWED, detail)
                .at(output.header)
                .help("take `ephemeral` out; only modules that are called may have such outputs")
        })
        .collect()
}

/// Evaluates an output, with the marks that tell from which instances it comes. Errors: its
/// conditions, those of its expression, a sensitive value that is not declared to be one where
/// people see it, an ephemeral one that is not declared to be one anywhere.
pub(super) fn value(evaluation: &Frame<'_>, output: &OutputDecl) -> Result<Value, Diagnostics> {
    let is_destroying = evaluation.evaluation.is_destroying.get();
    let conditions = if is_destroying { &[][..] } else { &output.preconditions[..] };
    let subject = Subject::Output(&output.name);
    let nobody = Repeated::default();
    let found = conditions::check(evaluation, conditions, &nobody, code::CONDITION_FAILED, subject);
    found.into_result(())?;
    let value = evaluation.evaluate(&output.value)?;
    let is_root = evaluation.address.is_root();
    let marks = value.deep_marks();
    if is_root && marks.is_sensitive() && !output.sensitive {
        let detail = format!("The output `{}` shows a value that is sensitive.", output.name);
        return Err(Diagnostic::error(code::SENSITIVE_NOT_ALLOWED, detail)
            .at(output.header)
            .label(output.value.span(), "this is sensitive")
            .help("add `sensitive = true` to the output")
            .into());
    }
    if marks.is_ephemeral() && !output.ephemeral {
        let (detail, help) = if is_root {
            ("is kept in state, and its value is", "leave the value out with `ephemeralasnull(…)`")
        } else {
            ("is not declared as such, and its value is", "add `ephemeral = true`")
        };
        let detail = format!("The output `{}` {detail} ephemeral.", output.name);
        return Err(Diagnostic::error(code::EPHEMERAL_NOT_ALLOWED, detail)
            .at(output.value.span())
            .help(help)
            .into());
    }
    if is_root {
        return Ok(value);
    }
    let value = if output.sensitive { value.sensitive() } else { value };
    Ok(if output.ephemeral { value.mark(&Marks::ephemeral()) } else { value })
}

/// Plans one output.
pub(super) fn plan(
    evaluation: &Frame<'_>,
    output: &OutputDecl,
    state: &State,
) -> Result<OutputChange, Diagnostics> {
    let prior = state.outputs.get(&output.name);
    Ok(OutputChange {
        prior: prior.map(|prior| prior.value.clone()),
        planned: Some(value(evaluation, output)?.map_marks(&Marks::without_provenance)),
        sensitive: output.sensitive,
        was_sensitive: prior.is_some_and(|prior| prior.sensitive),
    })
}

/// The outputs that go away.
pub(super) fn removed(
    module: &Module,
    state: &State,
    mode: PlanMode,
) -> BTreeMap<Arc<str>, OutputChange> {
    let gone = state
        .outputs
        .iter()
        .filter(|(name, _)| mode == PlanMode::Destroy || !module.outputs.contains_key(*name));
    gone.map(|(name, output)| {
        let change = OutputChange {
            prior: Some(output.value.clone()),
            planned: None,
            sensitive: output.sensitive,
            was_sensitive: output.sensitive,
        };
        (Arc::clone(name), change)
    })
    .collect()
}

/// An output as state keeps it.
pub(super) fn record(value: &Value, sensitive: bool) -> OutputRecord {
    OutputRecord { value: value.reveal(), sensitive }
}
