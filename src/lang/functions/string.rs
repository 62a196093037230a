//! Functions on text.

use unicode_segmentation::UnicodeSegmentation;

use crate::value::{Data, Type, Value};

use super::super::limits;
use super::function::{Expects, FunctionError, Outcome, Setting, gives, integer, text};
use super::{Function, Parameter};

const TEXT: Parameter = Parameter::new("text", Expects::String);

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "chomp",
        &[TEXT],
        "Removes line ends from the end of a text.",
        gives::string,
        chomp,
    ),
    Function::new("lower", &[TEXT], "Makes all letters small.", gives::string, lower),
    Function::new("upper", &[TEXT], "Makes all letters capital.", gives::string, upper),
    Function::new(
        "title",
        &[TEXT],
        "Makes the first letter of every word capital.",
        gives::string,
        title,
    ),
    Function::new("strrev", &[TEXT], "Turns a text around.", gives::string, reverse),
    Function::new(
        "trimspace",
        &[TEXT],
        "Removes white space from both ends.",
        gives::string,
        trim_space,
    ),
    Function::new(
        "trim",
        &[TEXT, Parameter::new("characters", Expects::String)],
        "Removes given characters from both ends.",
        gives::string,
        trim,
    ),
    Function::new(
        "trimprefix",
        &[TEXT, Parameter::new("prefix", Expects::String)],
        "Removes a prefix, if there is one.",
        gives::string,
        trim_prefix,
    ),
    Function::new(
        "trimsuffix",
        &[TEXT, Parameter::new("suffix", Expects::String)],
        "Removes a suffix, if there is one.",
        gives::string,
        trim_suffix,
    ),
    Function::new(
        "startswith",
        &[TEXT.or_unknown(), Parameter::new("prefix", Expects::String)],
        "Tells whether a text starts with a prefix.",
        gives::bool,
        starts_with,
    ),
    Function::new(
        "endswith",
        &[TEXT, Parameter::new("suffix", Expects::String)],
        "Tells whether a text ends with a suffix.",
        gives::bool,
        ends_with,
    ),
    Function::new(
        "strcontains",
        &[TEXT, Parameter::new("part", Expects::String)],
        "Tells whether a text holds another one.",
        gives::bool,
        contains,
    ),
    Function::new(
        "substr",
        &[
            TEXT,
            Parameter::new("offset", Expects::Number),
            Parameter::new("length", Expects::Number),
        ],
        "Cuts out a part by characters.",
        gives::string,
        substring,
    ),
    Function::new(
        "split",
        &[Parameter::new("separator", Expects::String), TEXT],
        "Cuts a text at every separator.",
        gives::strings,
        split,
    ),
    Function::new(
        "join",
        &[Parameter::new("separator", Expects::String)],
        "Joins lists of texts.",
        gives::string,
        join,
    )
    .variadic(Parameter::new("lists", Expects::Strings).or_unknown()),
    Function::new(
        "indent",
        &[Parameter::new("spaces", Expects::Number), TEXT],
        "Moves all lines but the first to the right.",
        gives::string,
        indent,
    ),
];

fn string(text: impl AsRef<str>) -> Outcome {
    Ok(Value::string(text))
}

fn chomp(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    string(text(arguments, 0).trim_end_matches(['\n', '\r']))
}

/// One character for one, as simple case mapping has it: `ß` stays what it is.
fn map_case<I: Iterator<Item = char>>(text: &str, map: impl Fn(char) -> I) -> String {
    text.chars()
        .map(|character| {
            let mut mapped = map(character);
            match (mapped.next(), mapped.next()) {
                (Some(single), None) => single,
                _ => character,
            }
        })
        .collect()
}

fn lower(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    string(map_case(text(arguments, 0), |c| {
        if c == 'İ' { 'i'.to_lowercase() } else { c.to_lowercase() }
    }))
}

fn upper(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    string(map_case(text(arguments, 0), char::to_uppercase))
}

fn title(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let mut result = String::new();
    let mut start = true;
    for character in text(arguments, 0).chars() {
        if start {
            result.push_str(&map_case(character.to_string().as_str(), char::to_uppercase));
        } else {
            result.push(character);
        }
        start = !(character.is_alphanumeric() || character == '_' || character == '\'');
        if character == '\'' {
            start = false;
        }
    }
    string(result)
}

fn reverse(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    string(text(arguments, 0).graphemes(true).rev().collect::<String>())
}

fn trim_space(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    string(text(arguments, 0).trim())
}

fn trim(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let characters = text(arguments, 1);
    string(text(arguments, 0).trim_matches(|character| characters.contains(character)))
}

fn trim_prefix(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let whole = text(arguments, 0);
    string(whole.strip_prefix(text(arguments, 1)).unwrap_or(whole))
}

fn trim_suffix(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let whole = text(arguments, 0);
    string(whole.strip_suffix(text(arguments, 1)).unwrap_or(whole))
}

fn starts_with(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let prefix = text(arguments, 1);
    let Some(Data::Unknown(unknown)) = arguments.first().map(Value::data) else {
        return Ok(Value::bool(text(arguments, 0).starts_with(prefix)));
    };
    let known = unknown.refinement.prefix.as_deref().unwrap_or_default();
    Ok(if known.starts_with(prefix) {
        Value::TRUE
    } else if prefix.starts_with(known) {
        Value::unknown_not_null(Type::Bool)
    } else {
        Value::FALSE
    })
}

fn ends_with(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    Ok(Value::bool(text(arguments, 0).ends_with(text(arguments, 1))))
}

fn contains(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    Ok(Value::bool(text(arguments, 0).contains(text(arguments, 1))))
}

fn substring(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let whole = text(arguments, 0);
    let (offset, length) = (integer(arguments, 1)?, integer(arguments, 2)?);
    let total = i64::try_from(whole.graphemes(true).count()).unwrap_or(i64::MAX);
    let start = if offset < 0 { (total + offset).max(0) } else { offset.min(total) };
    let end = if length < 0 { total } else { start.saturating_add(length).min(total) };
    let start = usize::try_from(start).unwrap_or(0);
    let count = usize::try_from(end).unwrap_or(0).saturating_sub(start);
    string(whole.graphemes(true).skip(start).take(count).collect::<String>())
}

fn split(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let (separator, whole) = (text(arguments, 0), text(arguments, 1));
    if whole.matches(separator).count() >= limits::ELEMENTS {
        return Err(FunctionError::too_large(1));
    }
    let parts: Vec<Value> = if separator.is_empty() {
        whole.chars().map(|character| Value::string(character.to_string())).collect()
    } else {
        whole.split(separator).map(Value::string).collect()
    };
    Ok(Value::list(Type::String, parts))
}

fn join(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let mut parts = Vec::new();
    let mut known = true;
    for (index, list) in arguments.iter().enumerate().skip(1) {
        known &= list.is_known();
        for item in list.elements().unwrap_or_default() {
            match item.data() {
                Data::String(part) => parts.push(&**part),
                Data::Null(_) => {
                    return Err(FunctionError::argument(index, "an element is null"));
                }
                _ => known = false,
            }
        }
    }
    if arguments.len() < 2 {
        return Err(FunctionError::new("at least one list is needed"));
    }
    let separators = parts.len().saturating_mul(text(arguments, 0).len());
    if separators > limits::TEXT {
        return Err(FunctionError::too_large(0));
    }
    Ok(if known {
        Value::string(parts.join(text(arguments, 0)))
    } else {
        Value::unknown_not_null(Type::String)
    })
}

fn indent(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let spaces = usize::try_from(integer(arguments, 0)?)
        .map_err(|_| FunctionError::argument(0, "it cannot be less than zero"))?;
    let lines = text(arguments, 1).matches('\n').count();
    if spaces > limits::TEXT || spaces.saturating_mul(lines) > limits::TEXT {
        return Err(FunctionError::too_large(0));
    }
    let padding = format!("\n{}", " ".repeat(spaces));
    string(text(arguments, 1).replace('\n', &padding))
}
