//! Functions that decide themselves what becomes of their arguments.

use std::fmt::Write as _;

use crate::diag::{Diagnostic, Diagnostics, code};
use crate::syntax::{Call, Expression};
use crate::text::Span;
use crate::value::{Type, Value};

use super::super::evaluator::{Evaluated, Inner, fail};
use super::function::{Expects, gives};
use super::{Function, Parameter};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::lazy(
        "try",
        &[],
        "The first of its arguments that has no error.",
        gives::anything,
        try_each,
    )
    .variadic(Parameter::new("expressions", Expects::Any)),
    Function::lazy(
        "can",
        &[Parameter::new("expression", Expects::Any).or_unknown()],
        "Tells whether its argument can be evaluated without an error.",
        gives::bool,
        can,
    ),
];

/// What only the console offers.
pub(super) const CONSOLE: &[Function] = &[Function::lazy(
    "type",
    &[Parameter::new("value", Expects::Any)],
    "The type of a value, as type constraints are written.",
    gives::string,
    type_of,
)];

/// The first argument that has a value.
fn try_each(inner: &Inner<'_>, _: &Function, call: &Call, span: Span) -> Evaluated {
    let mut all = Diagnostics::default();
    for argument in &call.arguments {
        match inner.quietly().evaluate(argument) {
            // Whether this one works out can be told only when it is known.
            Ok(value) if !value.is_wholly_known() && depends_on_unknown(argument) => {
                return Ok(Value::unknown(Type::Any).mark(&value.deep_marks()));
            }
            Ok(value) => return Ok(value),
            Err(problems) => {
                #[cfg(any(test, fuzzing))]
                crate::value::guesses::note_error(1_000_000);
                all.extend(problems);
            }
        }
    }
    if call.arguments.is_empty() {
        return Err(fail(code::FUNCTION_ARGUMENTS, span, "`try` needs at least one argument."));
    }
    let mut diagnostic = Diagnostic::error(
        code::FUNCTION_FAILED,
        "None of the arguments of `try` has a value; what is wrong with each is said below.",
    )
    .at(span);
    for problem in &all {
        let text = problem.detail.clone();
        diagnostic = match problem.span() {
            Some(span) => diagnostic.label(span, text),
            None => diagnostic.help(text),
        };
    }
    Err(diagnostic.into())
}

/// Whether the argument has a value.
fn can(inner: &Inner<'_>, _: &Function, call: &Call, _: Span) -> Evaluated {
    let [argument] = &*call.arguments else { return Ok(Value::FALSE) };
    match inner.quietly().evaluate(argument) {
        Ok(value) if !value.is_wholly_known() && depends_on_unknown(argument) => {
            Ok(Value::unknown_not_null(Type::Bool))
        }
        Ok(_) => Ok(Value::TRUE),
        Err(_) => {
            #[cfg(any(test, fuzzing))]
            crate::value::guesses::note_error(1_000_000);
            Ok(Value::FALSE)
        }
    }
}

/// A bare literal or a tuple of them cannot fail later.
fn depends_on_unknown(argument: &Expression) -> bool {
    argument.as_literal().is_none()
}

fn type_of(inner: &Inner<'_>, _: &Function, call: &Call, _: Span) -> Evaluated {
    let mut text = String::new();
    if let [argument] = &*call.arguments {
        write_type(&inner.evaluate(argument)?.ty(), 0, &mut text);
    }
    Ok(Value::string(text))
}

/// Writes a type with each part of tuples and objects on a line of its own.
fn write_type(ty: &Type, level: usize, text: &mut String) {
    let indent = "    ".repeat(level + 1);
    let end = "    ".repeat(level);
    match ty {
        Type::List(element) | Type::Set(element) | Type::Map(element) => {
            let whole = ty.to_string();
            let (name, _) = whole.split_once('(').unwrap_or((&whole, ""));
            let _ = write!(text, "{name}(");
            write_type(element, level, text);
            text.push(')');
        }
        Type::Tuple(elements) if !elements.is_empty() => {
            text.push_str("tuple([\n");
            for element in elements.iter() {
                text.push_str(&indent);
                write_type(element, level + 1, text);
                text.push_str(",\n");
            }
            let _ = write!(text, "{end}])");
        }
        Type::Object(attributes) if !attributes.is_empty() => {
            text.push_str("object({\n");
            for attribute in attributes.iter() {
                let _ = write!(text, "{indent}{}: ", attribute.name);
                write_type(&attribute.ty, level + 1, text);
                text.push_str(",\n");
            }
            let _ = write!(text, "{end}}})");
        }
        Type::Any => text.push_str("dynamic"),
        plain => {
            let _ = write!(text, "{plain}");
        }
    }
}
