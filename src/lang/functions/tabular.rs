//! Text with values between commas.

use std::collections::BTreeSet;

use crate::value::{Key, Type, Value};

use super::super::limits;
use super::function::{Expects, FunctionError, Outcome, Setting, gives, text};
use super::{Function, Parameter};

pub(super) const FUNCTIONS: &[Function] = &[Function::new(
    "csvdecode",
    &[Parameter::new("text", Expects::String)],
    "Reads lines of values between commas; the first line names them.",
    gives::anything,
    decode,
)];

fn decode(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let cells = text(arguments, 0).bytes().filter(|byte| matches!(byte, b',' | b'\n')).count();
    if cells > limits::ELEMENTS {
        return Err(FunctionError::too_large(0));
    }
    let mut rows =
        rows(text(arguments, 0)).map_err(|reason| FunctionError::argument(0, reason))?.into_iter();
    let Some(names) = rows.next() else {
        return Err(FunctionError::argument(0, "the line with the names is missing"));
    };
    let mut seen = BTreeSet::new();
    for name in &names {
        if !seen.insert(name) {
            return Err(FunctionError::argument(0, format!("the name `{name}` occurs twice")));
        }
    }
    let ty = Type::object(names.iter().map(|name| (name.as_str(), Type::String)));
    let mut objects = Vec::new();
    for (number, row) in rows.enumerate() {
        if row.len() != names.len() {
            let reason = format!(
                "row {} has {} values, but there are {} names",
                number + 1,
                row.len(),
                names.len()
            );
            return Err(FunctionError::argument(0, reason));
        }
        let pairs = names.iter().zip(row);
        objects.push(Value::object(
            pairs.map(|(name, value)| (Key::from(name.as_str()), Value::string(value))),
        ));
    }
    Ok(Value::list(ty, objects))
}

/// The values of every line that is not empty; the error is a phrase.
fn rows(text: &str) -> Result<Vec<Vec<String>>, String> {
    let mut rows = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix('\n')) {
            rest = after;
            continue;
        }
        let mut row = Vec::new();
        loop {
            let (value, after) = value(rest)?;
            row.push(value);
            let Some(next) = after.strip_prefix(',') else {
                rest = after;
                break;
            };
            rest = next;
        }
        rows.push(row);
    }
    Ok(rows)
}

/// One value and what comes after it.
fn value(text: &str) -> Result<(String, &str), String> {
    let Some(mut rest) = text.strip_prefix('"') else {
        let end = text.find([',', '\n']).unwrap_or(text.len());
        let (value, after) = text.split_at(end);
        let value = if after.starts_with(',') { value } else { value.trim_end_matches('\r') };
        if value.contains('"') {
            return Err("a quote stands inside a value that does not start with one".to_owned());
        }
        return Ok((value.to_owned(), after));
    };
    let mut value = String::new();
    loop {
        let end = rest.find('"').ok_or("a quote is never closed")?;
        value.push_str(rest.get(..end).unwrap_or_default());
        rest = rest.get(end + 1..).unwrap_or_default();
        match rest.strip_prefix('"') {
            Some(after) => {
                value.push('"');
                rest = after;
            }
            None if rest.is_empty()
                || rest.starts_with([',', '\n'])
                || rest.starts_with("\r\n") =>
            {
                return Ok((value.replace("\r\n", "\n"), rest));
            }
            None => return Err("text follows a closing quote".to_owned()),
        }
    }
}
