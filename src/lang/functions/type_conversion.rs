//! Functions that change the type or the marks of a value.

use crate::value::{Marks, Type, Value, convert};

use super::function::{Expects, FunctionError, Outcome, Setting, gives};
use super::{Function, Parameter};

const VALUE: Parameter = Parameter::new("value", Expects::Any).or_null().or_unknown().with_marks();

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("tostring", &[VALUE], "Converts to a string.", gives::string, |_, arguments| {
        to(arguments, &Type::String)
    })
    .nullable(),
    Function::new("tonumber", &[VALUE], "Converts to a number.", gives::number, |_, arguments| {
        to(arguments, &Type::Number)
    })
    .nullable(),
    Function::new("tobool", &[VALUE], "Converts to a bool.", gives::bool, |_, arguments| {
        to(arguments, &Type::Bool)
    })
    .nullable(),
    Function::new("tolist", &[VALUE], "Converts to a list.", gives::list, |_, arguments| {
        to(arguments, &Type::list(Type::Any))
    })
    .nullable(),
    Function::new("toset", &[VALUE], "Converts to a set.", gives::set, |_, arguments| {
        to(arguments, &Type::set(Type::Any))
    })
    .nullable(),
    Function::new("tomap", &[VALUE], "Converts to a map.", gives::map, |_, arguments| {
        to(arguments, &Type::map(Type::Any))
    })
    .nullable(),
    Function::new("sensitive", &[VALUE], "Hides a value from people.", gives::same, sensitive)
        .nullable(),
    Function::new(
        "nonsensitive",
        &[VALUE],
        "Shows a value that was hidden.",
        gives::same,
        nonsensitive,
    )
    .nullable(),
    Function::new(
        "issensitive",
        &[VALUE],
        "Tells whether a value is hidden.",
        gives::bool,
        is_sensitive,
    ),
    Function::new(
        "ephemeralasnull",
        &[VALUE],
        "Replaces what must not be stored by null.",
        gives::same,
        ephemeral_as_null,
    )
    .nullable(),
];

fn first(arguments: &[Value]) -> &Value {
    arguments.first().unwrap_or(&Value::NULL)
}

fn to(arguments: &[Value], ty: &Type) -> Outcome {
    convert(first(arguments), ty).map_err(|error| FunctionError::argument(0, error.describe()))
}

fn sensitive(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    Ok(first(arguments).clone().sensitive())
}

fn nonsensitive(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let value = first(arguments);
    Ok(value.clone().with_marks(value.marks().without_sensitive()))
}

fn is_sensitive(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let value = first(arguments);
    Ok(if value.is_sensitive() {
        Value::TRUE
    } else if value.is_known() {
        Value::FALSE
    } else {
        Value::unknown_not_null(Type::Bool)
    }
    .with_marks(Marks::NONE))
}

fn ephemeral_as_null(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    Ok(first(arguments).without_ephemeral())
}
