//! The functions of the provider that is built into Terraform: values as configuration text.

use std::fmt::Write as _;

use unicode_segmentation::UnicodeSegmentation as _;

use crate::diag::Diagnostics;
use crate::syntax::{self, Kind};
use crate::text::SourceMap;
use crate::value::{Data, Key, Type, Value};

use super::super::evaluator::Evaluator;
use super::super::{Environment, NoReferences};
use super::function::{Expects, FunctionError, Outcome, gives, text};
use super::{Function, Parameter};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "provider::terraform::encode_expr",
        &[Parameter::new("expr", Expects::Any)],
        "Writes a value as an expression.",
        gives::string,
        |_, arguments| encode(arguments, write_value),
    ),
    Function::new(
        "provider::terraform::encode_tfvars",
        &[Parameter::new("value", Expects::Any)],
        "Writes an object as a file of variables.",
        gives::string,
        |_, arguments| encode(arguments, write_variables),
    ),
    Function::new(
        "provider::terraform::decode_tfvars",
        &[Parameter::new("src", Expects::String)],
        "Reads a file of variables as an object.",
        gives::anything,
        |_, arguments| decode(text(arguments, 0)),
    ),
];

/// A line of configuration before it is laid out.
#[derive(Default)]
struct Line {
    text: String,
    /// Where its `=` stands, in bytes.
    equals: Option<usize>,
    /// Brackets opened less brackets closed.
    brackets: isize,
}

/// A wholly known value as an expression, over several lines where it has parts.
///
/// # Errors
///
/// A value that has no such form.
pub fn expression_text(value: &Value) -> Result<String, String> {
    let mut lines = vec![Line::default()];
    write_value(value, &mut lines)?;
    Ok(laid_out(&lines))
}

fn encode(arguments: &[Value], write: fn(&Value, &mut Vec<Line>) -> Result<(), String>) -> Outcome {
    let value = arguments.first().unwrap_or(&Value::NULL);
    if !value.is_wholly_known() {
        return Ok(Value::unknown_not_null(Type::String));
    }
    let mut lines = vec![Line::default()];
    write(value, &mut lines).map_err(|reason| FunctionError::argument(0, reason))?;
    Ok(Value::string(laid_out(&lines)))
}

fn write_variables(value: &Value, lines: &mut Vec<Line>) -> Result<(), String> {
    let Some(entries) = value.entries() else {
        return Err(format!("an object is needed, but this is {}", value.ty().phrase()));
    };
    if let Some((name, _)) = entries.iter().find(|(name, _)| !is_name(name)) {
        return Err(format!("`{name}` cannot be the name of a variable"));
    }
    write_entries(entries, lines)
}

/// Lines of `name = value`, the last one begun.
fn write_entries(entries: &[(Key, Value)], lines: &mut Vec<Line>) -> Result<(), String> {
    for (name, value) in entries {
        let name = if is_name(name) { name.to_string() } else { quoted(name) };
        let equals = Some(name.len() + 1);
        if let Some(line) = lines.last_mut() {
            *line = Line { text: format!("{name} = "), equals, brackets: 0 };
        }
        write_value(value, lines)?;
        lines.push(Line::default());
    }
    Ok(())
}

fn push(lines: &mut [Line], text: &str, brackets: isize) {
    if let Some(line) = lines.last_mut() {
        line.text.push_str(text);
        line.brackets += brackets;
    }
}

fn write_value(value: &Value, lines: &mut Vec<Line>) -> Result<(), String> {
    match value.data() {
        Data::Null(_) => push(lines, "null", 0),
        Data::Unknown(_) => return Err("a part is not known yet".to_owned()),
        Data::Bool(truth) => push(lines, &truth.to_string(), 0),
        Data::Number(number) => push(lines, &number.to_string(), 0),
        Data::String(text) => push(lines, &quoted(text), 0),
        Data::List(_) | Data::Set(_) | Data::Tuple(_) => {
            push(lines, "[", 1);
            for (index, item) in value.elements().unwrap_or_default().iter().enumerate() {
                push(lines, if index == 0 { "" } else { ", " }, 0);
                write_value(item, lines)?;
            }
            push(lines, "]", -1);
        }
        Data::Map(_) | Data::Object(_) => {
            let entries = value.entries().unwrap_or_default();
            push(lines, "{", 1);
            if !entries.is_empty() {
                lines.push(Line::default());
                write_entries(entries, lines)?;
            }
            push(lines, "}", -1);
        }
    }
    Ok(())
}

/// Indents lines by their brackets and aligns the `=` of neighbours.
fn laid_out(lines: &[Line]) -> String {
    let columns = columns(lines);
    let mut open: Vec<isize> = Vec::new();
    let mut text = String::new();
    for (index, (line, column)) in lines.iter().zip(columns).enumerate() {
        let mut closed = -line.brackets;
        while closed > 0
            && let Some(last) = open.pop()
        {
            if closed < last {
                open.push(last - closed);
            }
            closed -= last;
        }
        if index > 0 {
            text.push('\n');
        }
        if !line.text.is_empty() {
            text.push_str(&"  ".repeat(open.len()));
        }
        let (lead, rest) = line.text.split_at(line.equals.unwrap_or_default());
        text.push_str(lead);
        if let Some(column) = column {
            text.push_str(&" ".repeat(column - lead.graphemes(true).count()));
        }
        text.push_str(rest);
        if line.brackets > 0 {
            open.push(line.brackets);
        }
    }
    text
}

/// For each line the column of its `=` where it is aligned: in runs of lines with whole values.
fn columns(lines: &[Line]) -> Vec<Option<usize>> {
    let width = |line: &Line| match line.equals {
        Some(equals) if line.brackets == 0 => {
            Some(line.text.get(..equals).unwrap_or_default().graphemes(true).count())
        }
        _ => None,
    };
    let widths: Vec<_> = lines.iter().map(width).collect();
    let mut columns = Vec::with_capacity(widths.len());
    for run in widths.chunk_by(|left, right| left.is_some() == right.is_some()) {
        let widest = run.iter().flatten().max().copied();
        columns.extend(run.iter().map(|_| widest));
    }
    columns
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '$' | '%' => {
                quoted.push(character);
                if characters.peek() == Some(&'{') {
                    quoted.push(character);
                }
            }
            plain if !plain.is_control() && (plain == ' ' || !plain.is_whitespace()) => {
                quoted.push(plain);
            }
            other => {
                let code = u32::from(other);
                let _ = match code {
                    0..=0xffff => write!(quoted, "\\u{code:04x}"),
                    _ => write!(quoted, "\\U{code:08x}"),
                };
            }
        }
    }
    quoted.push('"');
    quoted
}

fn decode(source: &str) -> Outcome {
    let mut map = SourceMap::default();
    let file = map.add("text", source);
    let mut problems = Diagnostics::default();
    let body = syntax::parse(file, source, &mut problems);
    let evaluator = Evaluator::new(&NoReferences, Environment::default());
    let refused = |problems: Diagnostics| {
        let told = problems.iter().map(|problem| {
            let line = problem.span().map_or(1, |span| map.start(span).line);
            format!("line {line}: {}", problem.detail.trim_end_matches('.'))
        });
        FunctionError::argument(0, told.collect::<Vec<_>>().join("; "))
    };
    if !problems.is_empty() {
        return Err(refused(problems));
    }
    if let Some(block) = body.blocks.first() {
        let reason = format!("a file of variables holds no blocks such as `{}`", block.kind);
        return Err(FunctionError::argument(0, reason));
    }
    let mut entries: Vec<(Key, Value)> = Vec::new();
    for attribute in &body.attributes {
        let mut calls = None;
        attribute.value.visit(&mut |part| {
            if let Kind::Call(call) = part.kind() {
                calls = Some(call.name.to_string());
            }
        });
        if let Some(name) = calls {
            let reason = format!("functions such as `{name}` cannot be called there");
            return Err(FunctionError::argument(0, reason));
        }
        let value = evaluator.evaluate(&attribute.value).map_err(refused)?;
        entries.push((Key::clone(&attribute.name), value));
    }
    Ok(Value::object(entries))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::read_json;

    #[test]
    fn values_are_laid_out_as_the_formatter_would() {
        let all = r#"{"1a":2,"a":{"b":1},"c":3,"for":1,"k-1":"v","list":[1,[2,3]],"long":2,
            "objects":[{"x":1,"yy":2},{"z":[{"q":1}]},{}],"é":1}"#;
        let value = read_json(all).unwrap();
        let shown = encode(&[value], write_value).unwrap();
        insta::assert_snapshot!(shown.as_str().unwrap(), @r#"
        {
          "1a" = 2
          a = {
            b = 1
          }
          c    = 3
          for  = 1
          k-1  = "v"
          list = [1, [2, 3]]
          long = 2
          objects = [{
            x  = 1
            yy = 2
            }, {
            z = [{
              q = 1
            }]
          }, {}]
          é = 1
        }
        "#);
        let text = Value::string("a\"b\\\n\t\u{1}\u{a0}é🎉%{x}${y}$x $${");
        let shown = encode(&[text], write_value).unwrap();
        let expected = r#""a\"b\\\n\t\u0001\u00a0é🎉%%{x}$${y}$x $$${""#;
        assert_eq!(shown.as_str(), Some(expected));
    }

    #[test]
    fn files_of_variables_come_back() {
        let value = read_json(r#"{"a":1,"bb":"${x}","c":{"d":[null,{"e":true}]}}"#).unwrap();
        let written = encode(std::slice::from_ref(&value), write_variables).unwrap();
        assert_eq!(decode(written.as_str().unwrap()), Ok(value));
        for (source, expected) in [
            ("a = 1 + 1\nb = upper(\"x\")", "functions such as `upper` cannot be called there"),
            ("a = 1\na = 2", "line 2: "),
            ("a = b", "line 1: `b` alone"),
            ("a = var.b", "line 1: Only fixed values"),
            ("a {}\n", "no blocks such as `a`"),
        ] {
            let reason = decode(source).unwrap_err().reason;
            assert!(reason.contains(expected), "{source}: {reason}");
        }
        let refused = encode(&[read_json(r#"{"a b":1}"#).unwrap()], write_variables).unwrap_err();
        assert_eq!(refused.reason, "`a b` cannot be the name of a variable");
    }
}
