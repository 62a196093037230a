//! Values as the console shows them: in the notation of expressions.

use crate::text::steers;
use crate::value::{Data, Key, Type, Value};

/// A value as an expression that would yield it, over several lines where it has parts.
pub fn render_value(value: &Value) -> String {
    let mut text = String::new();
    write_value(&mut text, value, 0);
    text
}

fn write_value(text: &mut String, value: &Value, indent: usize) {
    if value.marks().is_sensitive() {
        text.push_str("(sensitive value)");
        return;
    }
    if value.marks().is_ephemeral() {
        text.push_str("(ephemeral value)");
        return;
    }
    match value.data() {
        Data::Unknown(_) => text.push_str("(known after apply)"),
        Data::Null(ty) => text.push_str(&null(ty)),
        Data::Bool(truth) => text.push_str(if *truth { "true" } else { "false" }),
        Data::Number(number) => text.push_str(&number.to_string()),
        Data::String(string) if is_lines(string) => heredoc(text, string, indent),
        Data::String(string) => text.push_str(&quoted(string)),
        Data::Tuple(items) => list(text, ("[", "]"), items, indent),
        Data::List(list_value) => list(text, ("tolist([", "])"), &list_value.items, indent),
        Data::Set(set) => list(text, ("toset([", "])"), &set.items, indent),
        Data::Object(entries) => object(text, ("{", "}"), entries, indent),
        Data::Map(map) => object(text, ("tomap({", "})"), &map.items, indent),
    }
}

fn null(ty: &Type) -> String {
    let of = |element: &Type| match element {
        Type::Any => "dynamic".to_owned(),
        other => other.to_string(),
    };
    match ty {
        Type::Any => "null".to_owned(),
        Type::Bool => "tobool(null)".to_owned(),
        Type::Number => "tonumber(null)".to_owned(),
        Type::String => "tostring(null)".to_owned(),
        Type::List(element) => format!("tolist(null) /* of {} */", of(element)),
        Type::Set(element) => format!("toset(null) /* of {} */", of(element)),
        Type::Map(element) => format!("tomap(null) /* of {} */", of(element)),
        Type::Object(_) => "null /* object */".to_owned(),
        Type::Tuple(_) => "null /* tuple */".to_owned(),
    }
}

fn list(text: &mut String, (open, close): (&str, &str), items: &[Value], indent: usize) {
    text.push_str(open);
    if !items.is_empty() {
        text.push('\n');
        for item in items {
            blanks(text, indent + 2);
            write_value(text, item, indent + 2);
            text.push_str(",\n");
        }
        blanks(text, indent);
    }
    text.push_str(close);
}

fn object(text: &mut String, (open, close): (&str, &str), entries: &[(Key, Value)], indent: usize) {
    text.push_str(open);
    if !entries.is_empty() {
        text.push('\n');
        for (key, value) in entries {
            blanks(text, indent + 2);
            text.push_str(&quoted(key));
            text.push_str(" = ");
            write_value(text, value, indent + 2);
            text.push('\n');
        }
        blanks(text, indent);
    }
    text.push_str(close);
}

/// Whether a text has several lines that can be shown as they are: nothing is spelled out in them.
fn is_lines(string: &str) -> bool {
    let plain = |character: char| matches!(character, '\n' | '\t') || !steers(character);
    string.contains('\n') && string.replace("\r\n", "\n").chars().all(plain)
}

/// A text of several lines; the closing word is one that no line of it is.
fn heredoc(text: &mut String, string: &str, indent: usize) {
    let mut word = "EOT".to_owned();
    while string.lines().any(|line| line.trim() == word) {
        word.push('_');
    }
    text.push_str(if indent == 0 { "<<" } else { "<<-" });
    text.push_str(&word);
    text.push('\n');
    // A line break at the end shows as an empty line: without one, the closing word follows at once.
    for line in string.split('\n') {
        blanks(text, indent);
        text.push_str(line);
        text.push('\n');
    }
    blanks(text, indent);
    text.push_str(&word);
}

fn quoted(string: &str) -> String {
    let mut text = String::with_capacity(string.len() + 2);
    text.push('"');
    for character in string.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\t' => text.push_str("\\t"),
            '\r' => text.push_str("\\r"),
            '\u{7}' => text.push_str("\\a"),
            '\u{8}' => text.push_str("\\b"),
            '\u{b}' => text.push_str("\\v"),
            '\u{c}' => text.push_str("\\f"),
            other if other.is_ascii_control() => {
                text.push_str(&format!("\\x{:02x}", u32::from(other)));
            }
            other if is_unseen(other) && u32::from(other) > 0xffff => {
                text.push_str(&format!("\\U{:08x}", u32::from(other)));
            }
            other if is_unseen(other) => {
                text.push_str(&format!("\\u{:04x}", u32::from(other)));
            }
            other => text.push(other),
        }
    }
    text.push('"');
    text
}

/// Whether nobody could see a character, or take it for a blank: controls, marks that steer the
/// layout, blanks of other widths, and what has no shape of its own.
fn is_unseen(character: char) -> bool {
    let code = u32::from(character);
    let steers = matches!(
        code,
        0xad | 0x600..=0x605
            | 0x61c
            | 0x6dd
            | 0x70f
            | 0x8e2
            | 0x180e
            | 0x200b..=0x200f
            | 0x202a..=0x202e
            | 0x2060..=0x206f
            | 0xfeff
            | 0xfff9..=0xfffb
            | 0x1_10bd
            | 0xe_0001
            | 0xe_0020..=0xe_007f
    );
    let is_private = matches!(code, 0xe000..=0xf8ff | 0xf_0000..=0x10_ffff);
    let is_blank = character.is_whitespace() && character != ' ';
    steers || is_private || is_blank || character.is_control()
}

fn blanks(text: &mut String, count: usize) {
    text.extend(std::iter::repeat_n(' ', count));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_look_like_expressions() {
        let list = Value::list(Type::String, vec![Value::from("a"), Value::from("l1\nl2")]);
        let value = Value::object([
            ("a", Value::tuple(vec![Value::from(1), Value::object([("b", Value::NULL)])])),
            ("empty", Value::object::<&str>([])),
            ("list", list),
            ("later", Value::unknown(Type::Any)),
            ("map", Value::map(Type::Bool, [(Key::from("x y"), Value::TRUE)])),
            ("none", Value::null(Type::list(Type::Number))),
            ("secret", Value::from("x").sensitive()),
        ]);
        insta::assert_snapshot!(render_value(&value));
        assert_eq!(render_value(&Value::from("a\nEOT\nb")), "<<EOT_\na\nEOT\nb\nEOT_");
        assert_eq!(render_value(&Value::from("q \"x\" ${a} é \t")), "\"q \\\"x\\\" ${a} é \\t\"");
    }

    #[test]
    fn what_nobody_could_see_is_spelled_out() {
        let shown = |text: &str| render_value(&Value::from(text));
        let unseen = "\u{7}\u{1}\u{7f}\u{a0}\u{200b}\u{feff}\u{202e}\u{f0000}";
        assert_eq!(shown(unseen), r#""\a\x01\x7f\u00a0\u200b\ufeff\u202e\U000f0000""#);
        assert_eq!(shown("é 日本 😀"), "\"é 日本 😀\"");
        assert_eq!(shown("a\n\u{1b}[2J"), r#""a\n\x1b[2J""#);
        assert_eq!(shown("a\r\nb"), "<<EOT\na\r\nb\nEOT");
        let object = Value::object([("a\nb", Value::from(1))]);
        assert_eq!(render_value(&object), "{\n  \"a\\nb\" = 1\n}");
    }
}
