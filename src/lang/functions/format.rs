//! `format` and `formatlist`.

use crate::value::{Data, Refinement, Type, Unknown, Value};

use super::super::limits::{self, Weight};
use super::format_verb::{Piece, pieces, render};
use super::function::{Expects, FunctionError, Outcome, Setting, text};
use super::{Function, Parameter};

const FORMAT: Parameter = Parameter::new("format", Expects::String);
const VALUES: Parameter = Parameter::new("values", Expects::Any).or_null().or_unknown();

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("format", &[FORMAT], "Puts values into a text.", text_type, format)
        .variadic(VALUES),
    Function::new(
        "formatlist",
        &[FORMAT],
        "Puts the elements of lists into texts, one by one.",
        texts_type,
        format_list,
    )
    .variadic(VALUES),
];

/// Whether a value to put in has no type yet: it may be null, and then there is no text.
fn untyped(arguments: &[Value]) -> bool {
    let untyped = |value: &Value| value.as_unknown().is_some_and(|known| known.ty == Type::Any);
    arguments.iter().skip(1).any(untyped)
}

fn text_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    Ok(if untyped(arguments) { Type::Any } else { Type::String })
}

fn texts_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    Ok(if untyped(arguments) { Type::Any } else { Type::list(Type::String) })
}

fn format(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let values = arguments.get(1..).unwrap_or_default();
    fill(&pieces(text(arguments, 0))?, values)
}

fn fill(pieces: &[Piece], values: &[Value]) -> Outcome {
    let mut result = String::new();
    let mut used = 0;
    for piece in pieces {
        match piece {
            Piece::Literal(literal) => result.push_str(literal),
            Piece::Verb(verb) => {
                used = used.max(verb.argument);
                let position = verb.argument;
                let Some(value) = position.checked_sub(1).and_then(|at| values.get(at)) else {
                    let reason = format!(
                        "the verb `{}` needs a value {position}, but only {} are given",
                        verb.source,
                        values.len()
                    );
                    return Err(FunctionError::argument(0, reason));
                };
                let untyped_null = matches!(value.data(), Data::Null(Type::Any));
                if untyped_null || !value.is_wholly_known() {
                    let prefix = Refinement::prefix(result);
                    return Ok(Value::unknown_with(Type::String, prefix));
                }
                let rendered = render(verb, value)
                    .map_err(|reason| FunctionError::argument(position, reason))?;
                result.push_str(&rendered);
                if result.len() > limits::TEXT {
                    return Err(FunctionError::too_large(0));
                }
            }
        }
    }
    let positional =
        pieces.iter().any(|piece| matches!(piece, Piece::Verb(verb) if verb.positional));
    if used < values.len() && !positional {
        let reason = format!("it uses {used} values, but {} are given", values.len());
        return Err(FunctionError::argument(0, reason));
    }
    Ok(Value::string(result))
}

fn format_list(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let pieces = pieces(text(arguments, 0))?;
    let values = arguments.get(1..).unwrap_or_default();
    let mut length = None;
    for (index, value) in values.iter().enumerate() {
        if value.is_unsettled() {
            return Ok(Value::unknown_not_null(Type::list(Type::String)));
        }
        let own = match (value.ty(), value.elements()) {
            (Type::List(_) | Type::Set(_) | Type::Tuple(_), Some(items)) => items.len(),
            (Type::Tuple(types), None) => types.len(),
            (Type::List(_) | Type::Set(_) | Type::Any, None) if !value.is_known() => {
                return Ok(Value::unknown_not_null(Type::list(Type::String)));
            }
            _ => continue,
        };
        match length {
            Some(first) if first != own => {
                let reason = format!("it has {own} elements, but another list has {first}");
                return Err(FunctionError::argument(index + 1, reason));
            }
            _ => length = Some(own),
        }
    }
    let mut weight = Weight::default();
    let mut results = Vec::new();
    for row in 0..length.unwrap_or(1) {
        let picked: Vec<Value> = values
            .iter()
            .map(|value| match (value.as_unknown(), value.elements()) {
                (_, Some(items)) => items.get(row).cloned().unwrap_or(Value::NULL),
                (Some(Unknown { ty: Type::Tuple(_), .. }), _) => Value::unknown(Type::Any),
                _ => value.clone(),
            })
            .collect();
        let filled = fill(&pieces, &picked)?;
        weight.add(&filled)?;
        results.push(filled);
    }
    Ok(Value::list(Type::String, results))
}
