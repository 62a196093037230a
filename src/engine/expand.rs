//! `count` and `for_each` to instances.

use std::sync::Arc;

use crate::addr::InstanceKey;
use crate::config::Repetition;
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::syntax::Expression;
use crate::value::{Data, Type, Value};

use super::evaluate::{Expanded, Repeated};
use super::frame::Frame;

/// More instances than this are taken for a mistake: each costs memory before anything is shown.
const MOST_INSTANCES: u64 = 10_000_000;

/// The instances of a resource or a module call.
pub(super) fn instances(
    frame: &Frame<'_>,
    repetition: &Repetition,
) -> Result<Expanded, Diagnostics> {
    match repetition {
        Repetition::Single => {
            Ok(Expanded { instances: vec![Repeated::default()], ..Expanded::default() })
        }
        Repetition::Count(expression) => count(frame, expression, MOST_INSTANCES),
        Repetition::ForEach(expression) => for_each(frame, expression),
    }
}

/// Instances that stand for all others: those of `count` differ in a number only, and the first one
/// is enough.
pub(super) fn examples(
    frame: &Frame<'_>,
    repetition: &Repetition,
) -> Result<Expanded, Diagnostics> {
    match repetition {
        Repetition::Count(expression) => count(frame, expression, 1),
        other => instances(frame, other),
    }
}

/// The first instances of `count`, at most so many.
fn count(frame: &Frame<'_>, expression: &Expression, most: u64) -> Result<Expanded, Diagnostics> {
    let refuse =
        |code, detail: String| Err(Diagnostic::error(code, detail).at(expression.span()).into());
    let value = frame.evaluate_as(expression, &Type::Number, &Repeated::default())?;
    // The number shows in the plan whatever it came from, so a secret one is taken as meant.
    let hidden = value.marks().is_sensitive();
    let marks = value.marks().without_sensitive();
    let value = value.with_marks(marks);
    if let Some(problem) = unusable(&value, expression, "count") {
        return Err(problem.into());
    }
    let number = value.as_number();
    let shown = |number: &dyn ToString| {
        if hidden { "the one given".to_owned() } else { number.to_string() }
    };
    match number.and_then(crate::value::Number::as_u64) {
        Some(count) if count <= MOST_INSTANCES => {
            let instances = (0..count.min(most))
                .map(|index| Repeated { key: InstanceKey::Index(index), ..Repeated::default() });
            let (instances, marks) = (instances.collect(), value.marks().clone());
            Ok(Expanded { instances, marks, assumed: false })
        }
        Some(count) => refuse(
            code::INSTANCE_KEYS,
            format!(
                "`count` is {}, and at most {MOST_INSTANCES} instances are possible.",
                shown(&count)
            ),
        ),
        None => refuse(
            code::INSTANCE_KEYS,
            format!(
                "`count` must be a whole number from 0 upwards, not {}.",
                number.map_or_else(|| "null".to_owned(), |number| shown(number))
            ),
        ),
    }
}

fn for_each(frame: &Frame<'_>, expression: &Expression) -> Result<Expanded, Diagnostics> {
    let value = frame.evaluate(expression)?;
    if let Some(problem) = unusable(&value, expression, "for_each") {
        return Err(problem.into());
    }
    let wrong = |found: String| {
        Diagnostics::from(
            Diagnostic::error(
                code::INSTANCE_KEYS,
                format!("`for_each` takes a map, an object or a set of strings, not {found}."),
            )
            .at(expression.span())
            .help("turn a list into a set with `toset(…)`"),
        )
    };
    let repeated = |name: &Arc<str>, each: &Value| Repeated {
        key: InstanceKey::Name(Arc::clone(name)),
        each_value: Some(each.clone()),
        ..Repeated::default()
    };
    let instances = match value.data() {
        Data::Map(_) | Data::Object(_) => {
            let entries = value.entries().unwrap_or_default();
            entries.iter().map(|(name, each)| repeated(name, each)).collect()
        }
        Data::Set(set) => {
            let mut instances = Vec::with_capacity(set.items.len());
            for item in &set.items {
                if let Some(problem) = unusable(item, expression, "an element of `for_each`") {
                    return Err(problem.into());
                }
                let Data::String(name) = item.data() else {
                    return Err(wrong(format!("a {}", value.ty())));
                };
                instances.push(repeated(name, item));
            }
            instances
        }
        _ => return Err(wrong(format!("a {}", value.ty()))),
    };
    Ok(Expanded { instances, marks: value.marks().clone(), assumed: false })
}

/// Why a value cannot decide how many instances there are.
fn unusable(value: &Value, expression: &Expression, what: &str) -> Option<Diagnostic> {
    let problem =
        |code, detail: String| Some(Diagnostic::error(code, detail).at(expression.span()));
    if value.marks().is_sensitive() {
        return problem(
            code::SENSITIVE_NOT_ALLOWED,
            format!("`{what}` is sensitive, and the addresses of instances are shown to people."),
        );
    }
    if value.marks().is_ephemeral() {
        return problem(
            code::EPHEMERAL_NOT_ALLOWED,
            format!("`{what}` is ephemeral, and instances outlast this run."),
        );
    }
    if !value.is_known() {
        let sources: Vec<_> =
            value.marks().provenance().map(|source| format!("`{source}`")).collect();
        let cause = if sources.is_empty() {
            "a value that is known after apply".to_owned()
        } else {
            format!("what is known of {} after apply", sources.join(", "))
        };
        return problem(
            code::UNKNOWN_NOT_ALLOWED,
            format!("`{what}` depends on {cause}, so the instances cannot be told while planning."),
        )
        .map(|problem| {
            problem.help("use values that are known now as keys, or apply what is needed first with `-target`")
        });
    }
    if value.is_null() {
        return problem(code::NULL_NOT_ALLOWED, format!("`{what}` is null."));
    }
    None
}
