//! Conditions with a message for people: rules of variables, pre- and postconditions.

use crate::config::{Validation, VariableDecl};
use crate::diag::{Code, Diagnostic, Diagnostics, code};
use crate::text::Span;
use crate::value::{Type, Value};

use super::evaluate::Repeated;
use super::frame::Frame;

/// Checks conditions; those that cannot be decided yet pass.
pub(super) fn check(
    evaluation: &Frame<'_>,
    conditions: &[Validation],
    repeated: &Repeated,
    code: Code,
    address: Option<&str>,
) -> Diagnostics {
    let mut problems = Diagnostics::default();
    for condition in conditions {
        let found = failure(evaluation, condition, repeated, code);
        if let Some((found, message)) = problems.absorb(found).flatten() {
            let found = found.at(condition.condition.span());
            problems.push(match address {
                Some(address) => found.address(address),
                None => found,
            });
            problems.extend(message);
        }
    }
    problems
}

/// Checks the rules of a variable. What they refuse stands where the value was given.
pub(super) fn rules_of_variable(frame: &Frame<'_>, variable: &VariableDecl) -> Diagnostics {
    let nobody = Repeated::default();
    let place = place_of_value(frame, variable);
    let mut problems = Diagnostics::default();
    for rule in &variable.validations {
        let found = failure(frame, rule, &nobody, code::VALIDATION_FAILED);
        if let Some((found, message)) = problems.absorb(found).flatten() {
            problems.push(found.at(place).label(rule.condition.span(), "this rule refuses it"));
            problems.extend(message);
        }
    }
    problems
}

/// Whether every rule of a variable can be told to hold or not.
pub(super) fn are_decided(frame: &Frame<'_>, variable: &VariableDecl) -> bool {
    let nobody = Repeated::default();
    variable.validations.iter().all(|rule| {
        let holds = frame.evaluate_as(&rule.condition, &Type::Bool, &nobody);
        holds.is_ok_and(|holds| holds.is_known())
    })
}

/// The argument of the caller, where one gives the value; otherwise the declaration.
fn place_of_value(frame: &Frame<'_>, variable: &VariableDecl) -> Span {
    let argument = frame.address.parent().and_then(|(caller, step)| {
        let caller = frame.evaluation.config.module(&caller.path())?;
        caller.calls.get(&step.name)?.arguments.get(&variable.name)
    });
    argument.map_or(variable.header, |argument| argument.value.span())
}

/// What is to be told where a condition does not hold, and what is wrong with its message. Errors:
/// those of its expressions.
fn failure(
    evaluation: &Frame<'_>,
    condition: &Validation,
    repeated: &Repeated,
    code: Code,
) -> Result<Option<(Diagnostic, Option<Diagnostic>)>, Diagnostics> {
    let holds = evaluation.evaluate_as(&condition.condition, &Type::Bool, repeated)?;
    if holds.is_null() {
        let detail = "A condition is true or false, and this one is null.";
        return Err(Diagnostic::error(code::NULL_NOT_ALLOWED, detail)
            .at(condition.condition.span())
            .involving(evaluation.involved(&condition.condition, repeated))
            .into());
    }
    if holds.as_bool() != Some(false) {
        return Ok(None);
    }
    let message = evaluation.evaluate_as(&condition.error_message, &Type::String, repeated)?;
    let told = Diagnostic::error(code, words(&message));
    let told = told.involving(evaluation.involved(&condition.condition, repeated));
    let told = if message.is_known() {
        told
    } else {
        told.label(condition.error_message.span(), "what it says is known only after apply")
    };
    // What people are told is kept, in logs if nowhere else.
    let kept = message.deep_marks().is_ephemeral().then(|| {
        let detail = "A message is shown, and this one is made from ephemeral values.";
        Diagnostic::error(code::EPHEMERAL_NOT_ALLOWED, detail)
            .at(condition.error_message.span())
            .help("leave the value out, perhaps with `ephemeralasnull(…)`")
    });
    Ok(Some((told, kept)))
}

fn words(message: &Value) -> String {
    if message.deep_marks().is_hidden() {
        return "The message about it is made from secret values and is not shown.".to_owned();
    }
    if message.is_null() {
        return "There is no message about it.".to_owned();
    }
    message.as_str().map_or_else(
        || "The message about it is known after apply.".to_owned(),
        |text| text.trim().to_owned(),
    )
}
