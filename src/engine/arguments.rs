//! A block's body as an object of its schema.

use std::sync::Arc;

use crate::diag::{Diagnostic, Diagnostics, code};
use crate::schema::{Attribute, Constraint, Schema, TIMEOUTS};
use crate::syntax::{Block, Body};
use crate::text::Span;
use crate::value::{Key, Type, Value};

use super::evaluate::Repeated;
use super::frame::Frame;

/// Checks a body against its schema as far as that needs no values.
pub(super) fn check(schema: &Schema, body: &Body, header: Span, what: &str) -> Diagnostics {
    let mut problems = Diagnostics::default();
    for found in &body.attributes {
        match schema.attribute(&found.name) {
            Some(attribute) if attribute.is_settable() => {}
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
    for block in &body.blocks {
        problems.extend(check_block(schema, block, what));
    }
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

fn upper_first(text: &str) -> String {
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

fn check_block(schema: &Schema, block: &Block, what: &str) -> Diagnostics {
    if &*block.kind != TIMEOUTS || schema.timeouts.is_empty() {
        let diagnostic = if schema.attribute(&block.kind).is_some() {
            Diagnostic::error(
                code::BLOCK_SHAPE,
                format!("`{}` of {what} is an argument, not a block.", block.kind),
            )
            .at(block.header)
            .help(format!("write `{} = …`", block.kind))
        } else {
            Diagnostic::error(
                code::UNKNOWN_BLOCK,
                format!("{} has no `{}` blocks.", upper_first(what), block.kind),
            )
            .at(block.kind_span)
            .did_you_mean(
                &block.kind,
                [TIMEOUTS, "lifecycle"]
                    .into_iter()
                    .filter(|name| *name != TIMEOUTS || !schema.timeouts.is_empty()),
            )
        };
        return diagnostic.into();
    }
    let unknown =
        block.body.attributes.iter().filter(|found| !schema.timeouts.contains(&&*found.name));
    unknown
        .map(|found| {
            Diagnostic::error(
                code::UNKNOWN_ARGUMENT,
                format!("{} has no timeout `{}`.", upper_first(what), found.name),
            )
            .at(found.name_span)
            .did_you_mean(&found.name, schema.timeouts.iter().copied())
        })
        .collect()
}

/// Evaluates a body to an object in which everything that is not set is null. Problems of all
/// arguments at once.
pub(super) fn evaluate(
    evaluation: &Frame<'_>,
    schema: &Schema,
    body: &Body,
    repeated: &Repeated,
) -> Result<Value, Diagnostics> {
    let mut problems = Diagnostics::default();
    let mut entries: Vec<(Key, Value)> = Vec::with_capacity(schema.attributes.len() + 1);
    for attribute in &schema.attributes {
        let value = match body.attribute(attribute.name) {
            Some(found) if attribute.is_settable() => {
                problems.absorb(argument(evaluation, attribute, &found.value, repeated))
            }
            _ => None,
        };
        let value = value.unwrap_or_else(|| Value::null(attribute.ty.clone()));
        entries.push((Arc::from(attribute.name), value));
    }
    if let Some(ty) = schema.timeouts_type() {
        let value = body.blocks_of(TIMEOUTS).next().map_or_else(
            || Value::null(ty),
            |block| timeouts(evaluation, schema, &block.body, repeated, &mut problems),
        );
        entries.push((Arc::from(TIMEOUTS), value));
    }
    problems.into_result(Value::object(entries))
}

fn argument(
    evaluation: &Frame<'_>,
    attribute: &Attribute,
    expression: &crate::syntax::Expression,
    repeated: &Repeated,
) -> Result<Value, Diagnostics> {
    let value = evaluation.evaluate_as(expression, &attribute.ty, repeated)?;
    if value.deep_marks().is_ephemeral() {
        let detail = format!("`{}` is kept in state, and this value is ephemeral.", attribute.name);
        return Err(Diagnostic::error(code::NOT_ALLOWED_HERE, detail).at(expression.span()).into());
    }
    Ok(value)
}

fn timeouts(
    evaluation: &Frame<'_>,
    schema: &Schema,
    body: &Body,
    repeated: &Repeated,
    problems: &mut Diagnostics,
) -> Value {
    let entries = schema.timeouts.iter().map(|name| {
        let value = body.attribute(name).and_then(|found| {
            problems.absorb(evaluation.evaluate_as(&found.value, &Type::String, repeated))
        });
        (Key::from(*name), value.unwrap_or_else(|| Value::null(Type::String)))
    });
    Value::object(entries.collect::<Vec<_>>())
}
