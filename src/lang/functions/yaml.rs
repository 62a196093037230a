//! Writing YAML.

use std::fmt::Write as _;

use crate::value::{Data, Type, Value};

use super::function::{Expects, FunctionError, Outcome, Setting, gives};
use super::{Function, Parameter};

pub(super) const FUNCTIONS: &[Function] = &[Function::new(
    "yamlencode",
    &[Parameter::new("value", Expects::Any).or_null().or_unknown()],
    "Writes a value as YAML.",
    gives::string,
    encode,
)];

fn encode(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let value = arguments.first().unwrap_or(&Value::NULL);
    if !value.is_wholly_known() {
        return Ok(Value::unknown_not_null(Type::String));
    }
    let mut text = String::new();
    write(value, 0, &mut text).map_err(|reason| FunctionError::argument(0, reason))?;
    let mut text = text.trim_start_matches([' ', '\n']).to_owned();
    let bare = matches!(value.data(), Data::Null(_) | Data::Bool(_) | Data::Number(_));
    text.push_str(match (bare, text.ends_with('\n')) {
        (true, _) => "\n...\n",
        (false, true) => "",
        (false, false) => "\n",
    });
    Ok(Value::string(text))
}

/// Writes a value behind `key:` or `-`: scalars after a blank, collections on lines of their own.
fn write(value: &Value, level: usize, text: &mut String) -> Result<(), String> {
    let indent = "  ".repeat(level);
    match value.data() {
        Data::Null(_) => text.push_str(" null"),
        Data::Unknown(_) => return Err("a part is not known yet".to_owned()),
        Data::Bool(truth) => {
            let _ = write!(text, " {truth}");
        }
        Data::Number(number) => {
            let _ = write!(text, " {number}");
        }
        Data::String(inner) => write_string(inner, level, text),
        Data::List(_) | Data::Set(_) | Data::Tuple(_) => {
            let items = value.elements().unwrap_or_default();
            if items.is_empty() {
                text.push_str(" []");
            }
            for item in items {
                let _ = write!(text, "\n{indent}-");
                write_item(item, level + 1, text)?;
            }
        }
        Data::Map(_) | Data::Object(_) => {
            let entries = value.entries().unwrap_or_default();
            if entries.is_empty() {
                text.push_str(" {}");
            }
            for (key, item) in entries {
                let _ = write!(text, "\n{indent}{}:", quoted(key));
                // A list stands under its key without an indent of its own.
                let list = matches!(item.data(), Data::List(_) | Data::Set(_) | Data::Tuple(_));
                write(item, if list { level } else { level + 1 }, text)?;
            }
        }
    }
    Ok(())
}

/// An item of a list: the first line of a collection stands behind its dash.
fn write_item(item: &Value, level: usize, text: &mut String) -> Result<(), String> {
    let mut inner = String::new();
    write(item, level, &mut inner)?;
    match inner.strip_prefix('\n') {
        Some(lines) => {
            text.push(' ');
            text.push_str(lines.trim_start());
        }
        None => text.push_str(&inner),
    }
    Ok(())
}

fn write_string(inner: &str, level: usize, text: &mut String) {
    let printable = inner.chars().all(|c| c == '\n' || is_plain(c));
    let blank_start =
        inner.starts_with([' ', '\n']) || inner.lines().any(|line| line.ends_with(' '));
    if !inner.contains('\n') || !printable || blank_start {
        text.push(' ');
        text.push_str(&quoted(inner));
        return;
    }
    let chomp = if inner.ends_with("\n\n") {
        "+"
    } else if inner.ends_with('\n') {
        ""
    } else {
        "-"
    };
    let _ = write!(text, " |{chomp}");
    let indent = "  ".repeat(level.max(1));
    for line in inner.strip_suffix('\n').unwrap_or(inner).split('\n') {
        text.push('\n');
        if !line.is_empty() {
            text.push_str(&indent);
            text.push_str(line);
        }
    }
}

fn is_plain(character: char) -> bool {
    !character.is_control() && u32::from(character) < 0x1_0000 && character != '\u{feff}'
}

fn quoted(inner: &str) -> String {
    let mut text = String::from("\"");
    for character in inner.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            plain if is_plain(plain) => text.push(plain),
            other => {
                let code = u32::from(other);
                let _ = match code {
                    0..=0xff => write!(text, "\\x{code:02X}"),
                    0x100..=0xffff => write!(text, "\\u{code:04X}"),
                    _ => write!(text, "\\U{code:08X}"),
                };
            }
        }
    }
    text.push('"');
    text
}
