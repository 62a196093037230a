//! Which values had a part in what went wrong, told without giving secrets away.

use std::fmt::Write as _;

use crate::diag::{CalledFunction, Diagnostics, Involved, NamedValue, SignatureParameter};
use crate::syntax::{Expression, Kind, TraversalStep};
use crate::value::{Data, Type, Value};

use super::FunctionTable;
use super::evaluator::Inner;

/// More values than this would hide the message.
const MOST_VALUES: usize = 8;

/// More characters of a text than this say no more.
const MOST_CHARACTERS: usize = 80;

/// Adds the values of the references in `expression`, whose own evaluation failed, to those
/// problems that nobody could say more about from further inside.
pub(super) fn explain(
    inner: &Inner<'_>,
    expression: &Expression,
    problems: Diagnostics,
) -> Diagnostics {
    let whole = expression.span();
    let mut known: Option<Involved> = None;
    let explained = problems.into_iter().map(|problem| {
        let is_here = problem.span().is_some_and(|span| {
            span.file == whole.file && span.start >= whole.start && span.end <= whole.end
        });
        if problem.involved.is_some() || !is_here {
            return problem;
        }
        problem.involving(known.get_or_insert_with(|| involved(inner, expression)).clone())
    });
    explained.collect()
}

/// What had a part in the value of `expression`.
pub(super) fn involved(inner: &Inner<'_>, expression: &Expression) -> Involved {
    let quiet = inner.quietly();
    let mut values: Vec<NamedValue> = traversals(expression)
        .into_iter()
        .filter_map(|found| {
            let (found, value) = longest(&quiet, found)?;
            Some(NamedValue { traversal: text(found)?, statement: statement(&value) })
        })
        .collect();
    values.sort();
    values.dedup();
    values.truncate(MOST_VALUES);
    let call = match expression.kind() {
        Kind::Call(call) => called(&call.name),
        _ => None,
    };
    Involved { values, call }
}

/// The references in an expression, each with the attributes and elements that are taken of it.
fn traversals(expression: &Expression) -> Vec<&Expression> {
    let mut found: Vec<&Expression> = Vec::new();
    collect(expression, &mut found);
    found
}

fn collect<'e>(expression: &'e Expression, found: &mut Vec<&'e Expression>) {
    if expression.as_traversal().is_some() {
        found.push(expression);
        return;
    }
    expression.parts(&mut |part| collect(part, found));
}

/// As much of a traversal as has a value: where the last step fails, what it was taken of.
fn longest<'e>(
    inner: &Inner<'_>,
    mut traversal: &'e Expression,
) -> Option<(&'e Expression, Value)> {
    loop {
        if let Ok(value) = inner.evaluate(traversal) {
            return Some((traversal, value));
        }
        traversal = match traversal.kind() {
            Kind::Attribute(part) => &part.0,
            Kind::Index(part) => &part.0,
            _ => return None,
        };
    }
}

/// A traversal as it is written.
fn text(traversal: &Expression) -> Option<String> {
    let mut text = String::new();
    for step in traversal.as_traversal()? {
        match step {
            TraversalStep::Name { name, .. } if text.is_empty() => text.push_str(&name),
            TraversalStep::Name { name, .. } => {
                let _ = write!(text, ".{name}");
            }
            TraversalStep::Index { key, .. } => {
                let _ = write!(text, "[{}]", key.to_json());
            }
        }
    }
    Some(text)
}

/// What a value is, as words after its name. Secrets are only said to be some.
fn statement(value: &Value) -> String {
    if value.marks().is_ephemeral() {
        return "is an ephemeral value".to_owned();
    }
    if value.marks().is_sensitive() {
        return "is a sensitive value".to_owned();
    }
    let count = |noun: &str| {
        let (phrase, count) = (value.ty().phrase(), value.children().count());
        let plural = if count == 1 { "" } else { "s" };
        match count {
            0 => format!("is {phrase} without {noun}s"),
            count => format!("is {phrase} with {count} {noun}{plural}"),
        }
    };
    match value.data() {
        Data::Null(_) => "is null".to_owned(),
        Data::Unknown(unknown) if unknown.ty == Type::Any => "is known after apply".to_owned(),
        Data::Unknown(unknown) => format!("is {}, known after apply", unknown.ty.phrase()),
        Data::Bool(truth) => format!("is {truth}"),
        Data::Number(number) => format!("is {number}"),
        Data::String(text) => format!("is {}", quoted(text)),
        Data::Object(_) => count("attribute"),
        _ => count("element"),
    }
}

/// A text in quotation marks on one line, cut where it is long.
fn quoted(text: &str) -> String {
    let mut shown: String = text.chars().take(MOST_CHARACTERS).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    serde_json::Value::from(shown).to_string()
}

fn called(name: &str) -> Option<CalledFunction> {
    let function = FunctionTable::get(name)?;
    let parameter = |parameter: &super::Parameter| SignatureParameter {
        name: parameter.name,
        ty: parameter.expects.ty().to_json(),
    };
    let arguments = function.parameters.iter();
    let arguments: Vec<_> =
        arguments.map(|parameter| Value::unknown(parameter.expects.ty())).collect();
    let returns = (function.result)(&arguments).ok();
    Some(CalledFunction {
        called_as: name.to_owned(),
        name: function.name,
        parameters: function.parameters.iter().map(parameter).collect(),
        variadic: function.variadic.as_ref().map(parameter),
        returns: returns.unwrap_or(Type::Any).to_json(),
    })
}
