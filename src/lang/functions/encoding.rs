//! Functions between values and encoded text.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::value::{Type, Value, read_json, write_json};

use super::super::limits;
use super::function::{Expects, FunctionError, Outcome, Setting, gives, text};
use super::{Function, Parameter};

const TEXT: Parameter = Parameter::new("text", Expects::String);

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "jsonencode",
        &[Parameter::new("value", Expects::Any).or_null().or_unknown()],
        "Writes a value as JSON.",
        gives::string,
        json_encode,
    ),
    Function::new("jsondecode", &[TEXT], "Reads JSON.", gives::anything, json_decode).nullable(),
    Function::new(
        "base64encode",
        &[TEXT],
        "Encodes a text in base 64.",
        gives::string,
        |_, arguments| Ok(Value::string(STANDARD.encode(text(arguments, 0)))),
    ),
    Function::new(
        "base64decode",
        &[TEXT],
        "Decodes a text from base 64.",
        gives::string,
        base64_decode,
    ),
    Function::new(
        "urlencode",
        &[TEXT],
        "Encodes a text for a query string.",
        gives::string,
        url_encode,
    ),
];

/// JSON as it may stand inside HTML.
pub(super) fn escaped_json(value: &Value) -> Result<String, FunctionError> {
    let json = write_json(value).map_err(|error| FunctionError::argument(0, error.reason))?;
    if !json.contains(['<', '>', '&', '\u{2028}', '\u{2029}', '\u{8}', '\u{c}'])
        && !json.contains("\\b")
        && !json.contains("\\f")
    {
        return Ok(json);
    }
    let mut escaped = String::with_capacity(json.len());
    let mut after_backslash = false;
    for character in json.chars() {
        match character {
            'b' if after_backslash => escaped.push_str("u0008"),
            'f' if after_backslash => escaped.push_str("u000c"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(escaped, "\\u{:04x}", u32::from(character));
            }
            other => escaped.push(other),
        }
        after_backslash = character == '\\' && !after_backslash;
    }
    Ok(escaped)
}

fn json_encode(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let value = arguments.first().unwrap_or(&Value::NULL);
    if !value.is_wholly_known() {
        return Ok(Value::unknown_not_null(Type::String));
    }
    Ok(Value::string(escaped_json(value)?))
}

/// How many values a JSON text holds at most.
fn json_values(json: &str) -> usize {
    let mut values = 1;
    let mut quoted = false;
    let mut escaped = false;
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b',' | b'[' | b'{' if !quoted => values += 1,
            _ => {}
        }
    }
    values
}

fn json_decode(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    if json_values(text(arguments, 0)) > limits::ELEMENTS {
        return Err(FunctionError::too_large(0));
    }
    read_json(text(arguments, 0))
        .map_err(|error| FunctionError::argument(0, format!("it is not JSON: {}", error.reason)))
}

/// The bytes of a text in base 64, line ends left out.
pub(super) fn base64_bytes(encoded: &str) -> Result<Vec<u8>, FunctionError> {
    let joined: String = encoded.chars().filter(|c| !matches!(c, '\n' | '\r')).collect();
    STANDARD.decode(joined).map_err(|_| FunctionError::argument(0, "it is not text in base 64"))
}

fn base64_decode(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let bytes = base64_bytes(text(arguments, 0))?;
    String::from_utf8(bytes)
        .map(Value::string)
        .map_err(|_| FunctionError::argument(0, "the decoded bytes are not UTF-8 text"))
}

fn url_encode(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let mut encoded = String::new();
    for byte in text(arguments, 0).bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                encoded.push(char::from(byte));
            }
            b' ' => encoded.push('+'),
            other => {
                let _ = write!(encoded, "%{other:02X}");
            }
        }
    }
    Ok(Value::string(encoded))
}
