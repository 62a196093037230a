//! A block's body as an object of its schema.

use std::borrow::Cow;
use std::sync::Arc;

use crate::diag::{Diagnostic, Diagnostics, code};
use crate::schema::{Constraint, Schema, TIMEOUTS};
use crate::syntax::Body;
use crate::text::Span;
use crate::value::{Key, Value};

use super::evaluate::Repeated;
use super::frame::Frame;
use super::{blocks, report};

/// After so many problems of one body the rest is not looked at: nobody reads more, and each takes
/// memory.
const MOST_PROBLEMS: usize = 10_000;

/// A body with the blocks of its schema, which in JSON look like arguments.
fn shaped<'b>(schema: &Schema, body: &'b Body) -> Cow<'b, Body> {
    body.with_blocks(|name| schema.block(name).map(|nested| nested.label_count()))
}

/// Checks a body against its schema as far as that needs no values.
pub(super) fn check(schema: &Schema, body: &Body, header: Span, what: &str) -> Diagnostics {
    let body = &*shaped(schema, body);
    let mut problems = Diagnostics::default();
    for found in &body.attributes {
        if problems.len() >= MOST_PROBLEMS {
            break;
        }
        match schema.attribute(&found.name) {
            Some(attribute) if attribute.block.is_some() => problems.push(
                Diagnostic::error(
                    code::BLOCK_SHAPE,
                    format!("`{}` of {what} is written as blocks.", found.name),
                )
                .at(found.name_span)
                .help(format!(
                    "write `{0} {{ … }}`, or `dynamic \"{0}\" {{ … }}` for those of a collection",
                    found.name
                )),
            ),
            Some(attribute) if attribute.is_settable() => {}
            // Null says that nothing is given, here as elsewhere.
            Some(_) if found.value.as_literal().is_some_and(Value::is_null) => {}
            Some(_) => problems.push(
                Diagnostic::error(
                    code::READ_ONLY,
                    format!("`{}` of {what} is set by the vendor and cannot be given.", found.name),
                )
                .at(found.name_span)
                .help("remove this line"),
            ),
            None => problems.push(unknown_argument(schema, &found.name, found.name_span, what)),
        }
    }
    problems.extend(blocks::check(schema, body, header, what));
    for attribute in &schema.attributes {
        if attribute.constraint == Constraint::Required && body.attribute(attribute.name).is_none()
        {
            problems.push(
                Diagnostic::error(
                    code::MISSING_ARGUMENT,
                    format!(
                        "{} needs `{}`. {}",
                        upper_first(what),
                        attribute.name,
                        attribute.description
                    ),
                )
                .at(header),
            );
        }
    }
    problems
}

pub(super) fn upper_first(text: &str) -> String {
    let mut characters = text.chars();
    characters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

fn unknown_argument(schema: &Schema, name: &str, span: Span, what: &str) -> Diagnostic {
    let settable = schema.attributes.iter().filter(|attribute| attribute.is_settable());
    Diagnostic::error(
        code::UNKNOWN_ARGUMENT,
        format!("{} has no argument `{name}`.", upper_first(what)),
    )
    .at(span)
    .did_you_mean(name, settable.map(|attribute| attribute.name))
}

/// Evaluates a body whose object is kept in state: nothing in it may be ephemeral.
pub(super) fn evaluate_kept(
    evaluation: &Frame<'_>,
    schema: &Schema,
    body: &Body,
    repeated: &Repeated,
) -> Result<Value, Diagnostics> {
    let object = evaluate(evaluation, schema, body, repeated)?;
    let mut problems = Diagnostics::default();
    for (name, value) in object.entries().unwrap_or_default() {
        if value.deep_marks().is_ephemeral() {
            let detail = format!("`{name}` is kept in state, and this value is ephemeral.");
            let place = report::place(Some(body), Some(body.span), Some(name));
            let problem = Diagnostic::error(code::EPHEMERAL_NOT_ALLOWED, detail);
            problems.push(problem.at_if_missing(place));
        }
    }
    problems.into_result(object)
}

/// Evaluates a body to an object in which everything that is not set is null. Problems of all
/// arguments at once.
pub(super) fn evaluate(
    evaluation: &Frame<'_>,
    schema: &Schema,
    body: &Body,
    repeated: &Repeated,
) -> Result<Value, Diagnostics> {
    let body = &*shaped(schema, body);
    let mut problems = Diagnostics::default();
    let mut entries: Vec<(Key, Value)> = Vec::with_capacity(schema.attributes.len() + 1);
    for attribute in &schema.attributes {
        let value = match (&attribute.block, body.attribute(attribute.name)) {
            (Some(nested), _) => {
                let of = (attribute.name, &**nested);
                problems.absorb(blocks::evaluate(evaluation, of, body, repeated))
            }
            (None, Some(found)) if attribute.is_settable() => {
                problems.absorb(evaluation.evaluate_as(&found.value, &attribute.ty, repeated))
            }
            _ => None,
        };
        let value = value.unwrap_or_else(|| attribute.absent());
        entries.push((attribute.key(), value));
    }
    if let (Some(nested), Some(ty)) = (schema.block(TIMEOUTS), schema.timeouts_type()) {
        let given = !body.blocks.is_empty();
        let value =
            given.then(|| blocks::evaluate(evaluation, (TIMEOUTS, &nested), body, repeated));
        let value = value.and_then(|value| problems.absorb(value));
        entries.push((Arc::from(TIMEOUTS), value.unwrap_or_else(|| Value::null(ty))));
    }
    problems.into_result(Value::object(entries))
}
