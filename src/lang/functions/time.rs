//! Functions on instants, which keep the offset they were written with.

use crate::value::{Type, Value};

use super::function::{Expects, FunctionError, Outcome, Setting, gives, text};
use super::instant::{Instant, read_duration};
use super::{Function, Parameter};

const INSTANT: Parameter = Parameter::new("timestamp", Expects::String);

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("timestamp", &[], "The time of apply; known after apply.", gives::string, now),
    Function::new("plantimestamp", &[], "The time of the plan.", gives::string, plan_time),
    Function::new(
        "timeadd",
        &[INSTANT, Parameter::new("duration", Expects::String)],
        "Adds a duration such as `1h30m`.",
        gives::string,
        add,
    ),
    Function::new(
        "timecmp",
        &[INSTANT, Parameter::new("other", Expects::String)],
        "Compares instants: -1, 0 or 1.",
        gives::number,
        compare,
    ),
    Function::new(
        "formatdate",
        &[Parameter::new("format", Expects::String), INSTANT],
        "Prints an instant by a pattern such as `DD MMM YYYY`.",
        gives::string,
        format,
    ),
];

fn now(setting: &Setting<'_>, _: &[Value]) -> Outcome {
    Ok(match setting.environment.apply_time {
        Some(time) => Value::string(time.whole_seconds().to_string()),
        None => Value::unknown_not_null(Type::String),
    })
}

fn plan_time(setting: &Setting<'_>, _: &[Value]) -> Outcome {
    Ok(match setting.environment.plan_time {
        Some(time) => Value::string(time.whole_seconds().to_string()),
        None => Value::unknown_not_null(Type::String),
    })
}

fn instant(arguments: &[Value], index: usize) -> Result<Instant, FunctionError> {
    Instant::read(text(arguments, index)).ok_or_else(|| {
        FunctionError::argument(index, "it is not a time such as `2026-01-31T12:00:00Z`")
    })
}

fn add(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let instant = instant(arguments, 0)?;
    let duration = read_duration(text(arguments, 1))
        .ok_or_else(|| FunctionError::argument(1, "it is not a duration such as `1h30m`"))?;
    let later = instant
        .add_nanoseconds(duration)
        .ok_or_else(|| FunctionError::new("the result is out of range"))?;
    Ok(Value::string(later.to_string()))
}

fn compare(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let order = instant(arguments, 0)?.moment().cmp(&instant(arguments, 1)?.moment());
    Ok(Value::from(i64::from(order as i8)))
}

fn format(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let instant = instant(arguments, 1)?;
    let mut result = String::new();
    let mut rest = text(arguments, 0);
    while let Some(first) = rest.chars().next() {
        if first == '\'' {
            let (quoted, after) = quoted(rest)?;
            result.push_str(&quoted);
            rest = after;
            continue;
        }
        let length = rest.chars().take_while(|c| *c == first).map(char::len_utf8).sum();
        let (verb, after) = rest.split_at(length);
        rest = after;
        if first.is_ascii_alphabetic() {
            let printed = instant.print(verb).ok_or_else(|| {
                FunctionError::argument(
                    0,
                    format!(
                        "`{verb}` stands for nothing; literal letters are put in single quotes"
                    ),
                )
            })?;
            result.push_str(&printed);
        } else {
            result.push_str(verb);
        }
    }
    Ok(Value::string(result))
}

/// Reads `'…'`, in which two quotes stand for one.
fn quoted(text: &str) -> Result<(String, &str), FunctionError> {
    let fail = || FunctionError::argument(0, "a quote is never closed");
    if let Some(rest) = text.strip_prefix("''") {
        return Ok(("'".to_owned(), rest));
    }
    let mut result = String::new();
    let mut rest = text.get(1..).unwrap_or_default();
    loop {
        let end = rest.find('\'').ok_or_else(fail)?;
        result.push_str(rest.get(..end).unwrap_or_default());
        rest = rest.get(end + 1..).unwrap_or_default();
        match rest.strip_prefix('\'') {
            Some(after) => {
                result.push('\'');
                rest = after;
            }
            None => return Ok((result, rest)),
        }
    }
}
