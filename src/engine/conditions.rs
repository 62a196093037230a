//! Conditions with a message for people: rules of variables, pre- and postconditions.

use crate::config::Validation;
use crate::diag::{Code, Diagnostic, Diagnostics};
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
        let holds = evaluation.evaluate_as(&condition.condition, &Type::Bool, repeated);
        let Some(holds) = problems.absorb(holds) else { continue };
        if holds.as_bool() == Some(false) || holds.is_null() {
            let message = evaluation.evaluate_as(&condition.error_message, &Type::String, repeated);
            let Some(message) = problems.absorb(message) else { continue };
            let diagnostic =
                Diagnostic::error(code, words(&message)).at(condition.condition.span());
            let diagnostic =
                diagnostic.involving(evaluation.involved(&condition.condition, repeated));
            problems.push(match address {
                Some(address) => diagnostic.address(address),
                None => diagnostic,
            });
        }
    }
    problems
}

fn words(message: &Value) -> String {
    if message.deep_marks().is_hidden() {
        return "The message about it is made from secret values and is not shown.".to_owned();
    }
    message.as_str().map_or_else(
        || "The message about it is known after apply.".to_owned(),
        |text| text.trim().to_owned(),
    )
}
