//! Reading YAML: the events of `saphyr_parser` to values.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};

use crate::value::{Key, Type, Value, convert};

use super::super::limits;
use super::function::{Expects, FunctionError, Outcome, Setting, gives, text};
use super::yaml_scalar::{fits_collection, resolve, short};
use super::{Function, Parameter};

pub(super) const FUNCTIONS: &[Function] = &[Function::new(
    "yamldecode",
    &[Parameter::new("src", Expects::String)],
    "Reads YAML.",
    gives::anything,
    |_: &Setting<'_>, arguments: &[Value]| -> Outcome {
        read_yaml(text(arguments, 0)).map_err(|reason| FunctionError::argument(0, reason))
    },
)
.nullable()];

/// Collections in collections, at most so many: every later step takes stack for each.
const DEPTH: usize = 128;

/// A collection that is being read.
struct Open {
    anchor: usize,
    /// How many values are in it, those that aliases repeat included.
    size: usize,
    content: Content,
}

enum Content {
    Sequence(Vec<Value>),
    Mapping { entries: Vec<(Key, Value)>, key: Option<Entry> },
}

/// What the next value in a mapping is for.
enum Entry {
    Key(Key),
    /// `<<`: the entries of the value are put in here.
    Merge,
}

#[derive(Default)]
struct Reader {
    open: Vec<Open>,
    /// What anchors stand for, with its size.
    anchors: BTreeMap<usize, (Value, usize)>,
    document: Option<Value>,
    /// How many collections in brackets surround the next event.
    brackets: usize,
}

/// The value of a text that holds one YAML document.
///
/// # Errors
///
/// Why it has none, with the line.
pub fn read_yaml(source: &str) -> Result<Value, String> {
    check_directives(source)?;
    let lines: Vec<&str> = source.lines().collect();
    let mut reader = Reader::default();
    let mut parser = Parser::new_from_str(source);
    while let Some(event) = parser.next_event() {
        let (event, span) = event.map_err(|error| {
            let place = error.marker();
            format!("it is not YAML: line {}: {}", place.line(), error.info())
        })?;
        let start = span.start;
        let line = lines.get(start.line() - 1).copied().unwrap_or_default();
        reader
            .check_indent(&event, line, start.col())
            .and_then(|()| reader.take(event))
            .map_err(|reason| format!("line {}: {reason}", start.line()))?;
    }
    reader.document.ok_or_else(|| "it holds no value".to_owned())
}

/// Directives stand before the document; the parser lets all of them pass.
fn check_directives(source: &str) -> Result<(), String> {
    let source = source.strip_prefix('\u{feff}').unwrap_or(source);
    for line in source.lines() {
        match line.split_whitespace().next() {
            None => {}
            Some(word) if word.starts_with('#') => {}
            Some("%YAML") if line.split_whitespace().nth(1) == Some("1.1") => {}
            Some("%YAML") => return Err("only version 1.1 of YAML is supported".to_owned()),
            Some("%TAG") => {}
            Some(word) if line.starts_with('%') => {
                return Err(format!("there is no directive `{word}`"));
            }
            Some(_) => break,
        }
    }
    Ok(())
}

fn tag_name(tag: Option<Cow<'_, Tag>>) -> Option<String> {
    tag.map(|tag| format!("{}{}", tag.handle, tag.suffix))
}

impl Reader {
    /// Tabs may not indent, except between the brackets of a collection; the parser lets them pass.
    fn check_indent(&mut self, event: &Event<'_>, line: &str, column: usize) -> Result<(), String> {
        let begins = matches!(
            event,
            Event::Alias(_)
                | Event::Scalar(..)
                | Event::SequenceStart(..)
                | Event::MappingStart(..)
        );
        let mut before = line.chars();
        let indent: String = before.by_ref().take(column).collect();
        let blank = indent.chars().all(|c| matches!(c, ' ' | '\t'));
        if begins && self.brackets == 0 && blank && indent.contains('\t') {
            return Err("a tab cannot indent; use blanks".to_owned());
        }
        let bracket = matches!(before.next(), Some('[' | '{'));
        match event {
            Event::SequenceStart(..) | Event::MappingStart(..) if bracket || self.brackets > 0 => {
                self.brackets += 1;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                self.brackets = self.brackets.saturating_sub(1);
            }
            _ => {}
        }
        Ok(())
    }

    fn take(&mut self, event: Event<'_>) -> Result<(), String> {
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
            Event::DocumentStart(_) if self.document.is_some() => {
                Err("only one document can be read".to_owned())
            }
            Event::DocumentStart(_) => Ok(()),
            Event::Alias(anchor) => {
                if self.wants_key() {
                    return Err("an alias cannot be a key".to_owned());
                }
                let (value, size) = self.anchors.get(&anchor).cloned().ok_or(
                    "an alias must refer to a value before it that does not contain the alias",
                )?;
                self.put(value, size, 0)
            }
            Event::Scalar(text, style, anchor, tag) => {
                let tag = tag_name(tag);
                let plain = style == ScalarStyle::Plain;
                if self.wants_key() {
                    return self.put_key(&text, plain, tag.as_deref());
                }
                let value = resolve(&text, plain, tag.as_deref())?;
                self.put(value, 1, anchor)
            }
            Event::SequenceStart(anchor, tag) => {
                self.start("seq", anchor, tag, Content::Sequence(Vec::new()))
            }
            Event::MappingStart(anchor, tag) => {
                let content = Content::Mapping { entries: Vec::new(), key: None };
                self.start("map", anchor, tag, content)
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(open) = self.open.pop() else { return Ok(()) };
                let value = match open.content {
                    Content::Sequence(items) => Value::tuple(items),
                    Content::Mapping { entries, .. } => Value::object(entries),
                };
                self.put(value, open.size, open.anchor)
            }
        }
    }

    fn wants_key(&self) -> bool {
        self.open
            .last()
            .is_some_and(|open| matches!(open.content, Content::Mapping { key: None, .. }))
    }

    fn start(
        &mut self,
        kind: &str,
        anchor: usize,
        tag: Option<Cow<'_, Tag>>,
        content: Content,
    ) -> Result<(), String> {
        if self.wants_key() {
            return Err("a collection cannot be a key".to_owned());
        }
        let tag = tag_name(tag);
        if !fits_collection(tag.as_deref(), kind) {
            let tag = short(tag.as_deref().unwrap_or_default());
            return Err(format!("the tag `{tag}` does not fit a collection of this kind"));
        }
        if self.open.len() >= DEPTH {
            return Err(format!("it is nested more than {DEPTH} levels deep"));
        }
        self.open.push(Open { anchor, size: 1, content });
        Ok(())
    }

    fn put_key(&mut self, text: &str, plain: bool, tag: Option<&str>) -> Result<(), String> {
        let entry = if text == "<<" && tag.is_none() {
            Entry::Merge
        } else {
            let value = resolve(text, plain, tag)?;
            let name = convert(&value, &Type::String)
                .ok()
                .and_then(|name| name.as_str().map(Arc::from))
                .ok_or("a key cannot be null")?;
            Entry::Key(name)
        };
        if let Some(Open { content: Content::Mapping { key, .. }, .. }) = self.open.last_mut() {
            *key = Some(entry);
        }
        Ok(())
    }

    /// Puts a value where it belongs: into the innermost collection, or as the document.
    fn put(&mut self, value: Value, size: usize, anchor: usize) -> Result<(), String> {
        if anchor != 0 {
            self.anchors.insert(anchor, (value.clone(), size));
        }
        let Some(open) = self.open.last_mut() else {
            self.document = Some(value);
            return Ok(());
        };
        open.size += size;
        if open.size > limits::ELEMENTS {
            return Err(format!("its aliases repeat more than {} values", limits::ELEMENTS));
        }
        match &mut open.content {
            Content::Sequence(items) => items.push(value),
            Content::Mapping { entries, key } => match key.take() {
                Some(Entry::Key(key)) => entries.push((key, value)),
                Some(Entry::Merge) => match value.entries() {
                    Some(merged) => entries.extend(merged.iter().cloned()),
                    None => return Err("only a mapping can be merged with `<<`".to_owned()),
                },
                None => {}
            },
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::write_json;

    #[test]
    fn documents_have_the_values_that_the_language_gives_them() {
        for (source, expected) in [
            ("a: &x 1\nb: *x\n", r#"{"a":1,"b":1}"#),
            ("[&x a, *x]", r#"["a","a"]"#),
            ("a: &x {p: 1}\nb:\n  <<: *x\n  q: 2\n", r#"{"a":{"p":1},"b":{"p":1,"q":2}}"#),
            ("a: &x {p: 1}\nb:\n  p: 5\n  <<: *x\n", r#"{"a":{"p":1},"b":{"p":1}}"#),
            ("\"<<\": {a: 1}\n", r#"{"a":1}"#),
            ("!!str <<: {a: 1}\n", r#"{"<<":{"a":1}}"#),
            ("- <<\n", r#"["<<"]"#),
            ("1: a\n2.5: b\nyes: d\n0x10: e", r#"{"1":"a","16":"e","2.5":"b","true":"d"}"#),
            ("2024-01-02: c\n", r#"{"2024-01-02T00:00:00Z":"c"}"#),
            ("a: 1\n... # x\n", r#"{"a":1}"#),
            ("%YAML 1.1\n---\na: 1\n", r#"{"a":1}"#),
            ("%TAG !e! tag:yaml.org,2002:\n---\na: !e!str 1\n", r#"{"a":"1"}"#),
            ("a: !<tag:yaml.org,2002:str> 1\n", r#"{"a":"1"}"#),
            ("a: \"\\x41\\u00e9\\U0001F600\\_\\N\"\n", "{\"a\":\"Aé😀\u{a0}\u{85}\"}"),
            ("a: >-\n  x\n  y\n\n  z\n    w\n", r#"{"a":"x y\nz\n  w"}"#),
            ("a:\n  - b\n  -\n  - c: d\n", r#"{"a":["b",null,{"c":"d"}]}"#),
            ("[a: 1, b]", r#"[{"a":1},"b"]"#),
            ("{a:1}", r#"{"a:1":null}"#),
            ("? a\n", r#"{"a":null}"#),
            ("!!str", r#""""#),
            ("a: !!null", r#"{"a":null}"#),
            ("\u{feff}a: 1", r#"{"a":1}"#),
            ("-", "[null]"),
        ] {
            let value = read_yaml(source).unwrap_or_else(|reason| panic!("{source}: {reason}"));
            assert_eq!(write_json(&value).unwrap(), expected, "{source}");
        }
    }

    #[test]
    fn what_is_no_single_value_is_refused_with_its_line() {
        let bomb = "a: &a [1,1,1,1,1,1,1,1,1,1]\n".to_owned()
            + &["ab", "bc", "cd", "de", "ef", "fg", "gh"]
                .map(|pair| {
                    let (from, to) = pair.split_at(1);
                    format!("{to}: &{to} [{}]\n", vec![format!("*{from}"); 10].join(","))
                })
                .concat();
        for (source, expected) in [
            ("", "it holds no value"),
            ("# x\n", "it holds no value"),
            ("a: 1\n---\nb: 2\n", "line 2: only one document"),
            ("a: &x [1, *x]\n", "line 1: an alias must refer"),
            ("a: *x\n", "line 1"),
            ("? [a]\n: b\n", "line 1: a collection cannot be a key"),
            ("~: c\n", "line 1: a key cannot be null"),
            ("<<: 5\n", "line 1: only a mapping can be merged"),
            ("a: !foo 5", "line 1: the tag `!foo` is not supported"),
            ("!!set {a, b}", "line 1: the tag `!!set` does not fit"),
            ("%YAML 1.2\n---\na: 1\n", "only version 1.1"),
            ("%FOO bar\n---\na: 1\n", "no directive `%FOO`"),
            ("\ta: 1", "line 1: a tab cannot indent"),
            ("a:\n\t- b", "tab"),
            ("a: b: c", "it is not YAML: line 1"),
            ("[1,2", "it is not YAML"),
            (&bomb, "its aliases repeat more than"),
            (&"[".repeat(1000), "recursion limit"),
            (&"- ".repeat(200), "nested more than 128 levels"),
        ] {
            let reason = read_yaml(source).expect_err(source);
            assert!(reason.contains(expected), "{source}: {reason}");
        }
    }
}
