//! Functions with regular expressions.

use regex::{Captures, Regex};

use crate::value::{Key, Type, Value};

use super::super::limits::{self, Weight};
use super::function::{Expects, FunctionError, Outcome, Setting, text};
use super::{Function, Parameter};

const TEXT: Parameter = Parameter::new("text", Expects::String);
const PATTERN: Parameter = Parameter::new("pattern", Expects::String);

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("regex", &[PATTERN, TEXT], "The first match of a pattern.", match_type, first),
    Function::new("regexall", &[PATTERN, TEXT], "All matches of a pattern.", matches_type, all),
    Function::new(
        "replace",
        &[TEXT, Parameter::new("part", Expects::String), Parameter::new("with", Expects::String)],
        "Replaces a part, or, written `/pattern/`, what matches a pattern.",
        super::function::gives::string,
        replace,
    ),
];

fn compile(pattern: &str, argument: usize) -> Result<Regex, FunctionError> {
    Regex::new(&unquoted(pattern)).map_err(|error| {
        let reason = error.to_string();
        let last = reason.lines().last().unwrap_or_default().trim_start_matches("error: ");
        FunctionError::argument(argument, format!("it is not a pattern: {last}"))
    })
}

/// `\Q…\E` quotes what stands between; `\z` and `(?P<name>` are written alike everywhere.
fn unquoted(pattern: &str) -> String {
    let mut result = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once("\\Q") {
        let (quoted, after) = after.split_once("\\E").unwrap_or((after, ""));
        result.push_str(before);
        result.push_str(&regex::escape(quoted));
        rest = after;
    }
    result.push_str(rest);
    result
}

/// What a match of the pattern is: a text, a tuple of groups, or an object of named ones.
fn shape(pattern: &Regex) -> Result<Type, FunctionError> {
    let groups: Vec<_> = pattern.capture_names().skip(1).collect();
    let named: Vec<_> = groups.iter().flatten().copied().collect();
    if groups.is_empty() {
        Ok(Type::String)
    } else if named.is_empty() {
        Ok(Type::tuple(vec![Type::String; groups.len()]))
    } else if named.len() == groups.len() {
        Ok(Type::object(named.into_iter().map(|name| (name, Type::String))))
    } else {
        Err(FunctionError::argument(0, "either all of its groups must have names or none"))
    }
}

fn match_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    match arguments.first().and_then(Value::as_str) {
        Some(pattern) => shape(&compile(pattern, 0)?),
        None => Ok(Type::Any),
    }
}

fn matches_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    match arguments.first().and_then(Value::as_str) {
        Some(pattern) => Ok(Type::list(shape(&compile(pattern, 0)?)?)),
        None => Ok(Type::list(Type::Any)),
    }
}

fn value_of(captures: &Captures<'_>, pattern: &Regex, shape: &Type) -> Value {
    let group = |index: usize| {
        captures
            .get(index)
            .map_or_else(|| Value::null(Type::String), |found| Value::string(found.as_str()))
    };
    match shape {
        Type::Tuple(groups) => Value::tuple((1..=groups.len()).map(group).collect()),
        Type::Object(_) => Value::object(
            pattern
                .capture_names()
                .enumerate()
                .filter_map(|(index, name)| Some((Key::from(name?), group(index)))),
        ),
        _ => group(0),
    }
}

fn first(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let pattern = compile(text(arguments, 0), 0)?;
    let shape = shape(&pattern)?;
    match pattern.captures(text(arguments, 1)) {
        Some(captures) => Ok(value_of(&captures, &pattern, &shape)),
        None => Err(FunctionError::argument(1, "the pattern does not match it")),
    }
}

fn all(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let pattern = compile(text(arguments, 0), 0)?;
    let shape = shape(&pattern)?;
    let mut weight = Weight::default();
    let mut found = Vec::new();
    for captures in pattern.captures_iter(text(arguments, 1)) {
        let value = value_of(&captures, &pattern, &shape);
        weight.add(&value)?;
        found.push(value);
    }
    Ok(Value::list(shape.clone(), found))
}

fn replace(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let (whole, part, with) = (text(arguments, 0), text(arguments, 1), text(arguments, 2));
    let inner = part.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
    let Some(pattern) = inner else {
        let added = whole.matches(part).count().saturating_mul(with.len());
        if added > limits::TEXT {
            return Err(FunctionError::too_large(2));
        }
        return Ok(Value::string(whole.replace(part, with)));
    };
    let mut replaced = String::new();
    let mut end = 0;
    for captures in compile(pattern, 1)?.captures_iter(whole) {
        let Some(found) = captures.get(0) else { continue };
        replaced.push_str(whole.get(end..found.start()).unwrap_or_default());
        captures.expand(with, &mut replaced);
        if replaced.len() > limits::TEXT {
            return Err(FunctionError::too_large(2));
        }
        end = found.end();
    }
    replaced.push_str(whole.get(end..).unwrap_or_default());
    Ok(Value::string(replaced))
}
