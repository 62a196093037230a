//! Conditions with a message for people: rules of variables, pre- and postconditions.

use std::sync::Arc;

use crate::addr::{CheckedObject, CheckedObjectAddr, InstanceKey, LocalCheckable, LocalResource};
use crate::config::{Validation, VariableDecl};
use crate::diag::{Code, Diagnostic, Diagnostics, code};
use crate::state::CheckStatus;
use crate::text::Span;
use crate::value::{Type, Value};

use super::evaluate::Repeated;
use super::frame::Frame;

/// What conditions belong to, in the module of a frame.
#[derive(Clone, Copy, Debug)]
pub(super) enum Subject<'a> {
    /// A `check` block.
    Check(&'a Arc<str>),
    /// An output.
    Output(&'a Arc<str>),
    /// An instance of a resource.
    Resource(&'a LocalResource, &'a InstanceKey),
    /// A variable.
    Variable(&'a Arc<str>),
}

impl Subject<'_> {
    fn address(self, frame: &Frame<'_>) -> CheckedObjectAddr {
        let (local, key) = match self {
            Self::Check(name) => (LocalCheckable::Check(Arc::clone(name)), InstanceKey::None),
            Self::Output(name) => (LocalCheckable::Output(Arc::clone(name)), InstanceKey::None),
            Self::Resource(local, key) => (LocalCheckable::Resource(local.clone()), key.clone()),
            Self::Variable(name) => (LocalCheckable::Variable(Arc::clone(name)), InstanceKey::None),
        };
        CheckedObjectAddr { object: CheckedObject { module: frame.address.clone(), key }, local }
    }
}

/// Checks conditions, and notes what they say; those that cannot be decided yet pass.
pub(super) fn check(
    frame: &Frame<'_>,
    conditions: &[Validation],
    repeated: &Repeated,
    code: Code,
    subject: Subject<'_>,
) -> Diagnostics {
    if conditions.is_empty() {
        return Diagnostics::default();
    }
    let address = subject.address(frame);
    let name = address.to_string();
    let told = told(frame, conditions, repeated, code, &address);
    let at = |(condition, found): (&Validation, Diagnostic)| {
        found.at(condition.condition.span()).address(&name)
    };
    told.failed.into_iter().map(at).chain(told.others).collect()
}

/// Checks the rules of a variable. What they refuse stands where the value was given.
pub(super) fn rules_of_variable(frame: &Frame<'_>, variable: &VariableDecl) -> Diagnostics {
    if variable.validations.is_empty() {
        return Diagnostics::default();
    }
    let nobody = Repeated::default();
    let place = place_of_value(frame, variable);
    let address = Subject::Variable(&variable.name).address(frame);
    let told = told(frame, &variable.validations, &nobody, code::VALIDATION_FAILED, &address);
    let at = |(rule, found): (&Validation, Diagnostic)| {
        found.at(place).label(rule.condition.span(), "this rule refuses it")
    };
    told.failed.into_iter().map(at).chain(told.others).collect()
}

/// What conditions have to tell.
#[derive(Default)]
struct Told<'c> {
    /// Those that do not hold.
    failed: Vec<(&'c Validation, Diagnostic)>,
    /// What else is wrong with them.
    others: Vec<Diagnostic>,
}

/// Checks conditions, and notes for their object what they say.
fn told<'c>(
    frame: &Frame<'_>,
    conditions: &'c [Validation],
    repeated: &Repeated,
    code: Code,
    address: &CheckedObjectAddr,
) -> Told<'c> {
    let mut told = Told::default();
    for condition in conditions {
        let (status, failure) = match judge(frame, condition, repeated, code) {
            Ok(Verdict::Holds) => (CheckStatus::Pass, None),
            Ok(Verdict::Open) => {
                told.others.extend(open(frame, condition, address));
                (CheckStatus::Unknown, None)
            }
            Ok(Verdict::Fails(told_of_it)) => {
                let (found, other) = *told_of_it;
                let message = found.detail.clone();
                told.failed.push((condition, found));
                told.others.extend(other);
                (CheckStatus::Fail, Some(message))
            }
            Err(found) => {
                told.others.extend(found);
                (CheckStatus::Error, None)
            }
        };
        let place = condition.condition.span();
        frame.evaluation.checked.borrow_mut().note(address, place, status, failure);
    }
    told
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

/// What is to be told of a condition that cannot be decided: those of checks promise to be looked at.
fn open(
    frame: &Frame<'_>,
    condition: &Validation,
    address: &CheckedObjectAddr,
) -> Option<Diagnostic> {
    let planning = frame.evaluation.surroundings.apply_time.is_none();
    let is_check = matches!(address.local, LocalCheckable::Check(_));
    (planning && is_check).then(|| {
        let detail = "Whether this holds is known after apply, which looks at it.";
        Diagnostic::warning(code::CHECK_OPEN, detail)
            .at(condition.condition.span())
            .address(address)
    })
}

/// What became of a condition.
enum Verdict {
    Holds,
    /// That cannot be told yet.
    Open,
    /// What is to be told about it, and what is wrong with its message.
    Fails(Box<(Diagnostic, Option<Diagnostic>)>),
}

/// Evaluates a condition, and its message where it does not hold. Errors: those of its expressions.
fn judge(
    evaluation: &Frame<'_>,
    condition: &Validation,
    repeated: &Repeated,
    code: Code,
) -> Result<Verdict, Diagnostics> {
    let holds = evaluation.evaluate_as(&condition.condition, &Type::Bool, repeated)?;
    if holds.is_null() {
        let detail = "A condition is true or false, and this one is null.";
        return Err(Diagnostic::error(code::NULL_NOT_ALLOWED, detail)
            .at(condition.condition.span())
            .involving(evaluation.involved(&condition.condition, repeated))
            .into());
    }
    if evaluation.evaluation.rests_on_pending(&holds) {
        return Ok(Verdict::Open);
    }
    match holds.as_bool() {
        Some(true) => return Ok(Verdict::Holds),
        None => return Ok(Verdict::Open),
        Some(false) => {}
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
    Ok(Verdict::Fails(Box::new((told, kept))))
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
