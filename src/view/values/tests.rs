//! Values and differences as people see them.

use super::*;
use crate::value::{Type, read_json};

fn shown(value: &Value) -> String {
    let mut lines = Lines::default();
    lines.value(0, Sign::Added, "value = ", value, "");
    lines.plain()
}

fn differ(old: &Value, new: &Value) -> String {
    let mut lines = Lines::default();
    lines.change(0, "value = ", old, new, "");
    lines.plain()
}

/// Values as JSON writes them.
fn json(text: &str) -> Value {
    read_json(text).unwrap()
}

fn numbered(lines: std::ops::Range<u32>) -> String {
    let lines: Vec<_> = lines.map(|line| format!("line {line}\n")).collect();
    lines.concat()
}

#[test]
fn of_a_long_text_the_changed_lines_are_shown_with_some_around() {
    let old = numbered(0..300);
    let new = old.replace("line 100\n", "line one hundred\n").replace("line 290\n", "");
    insta::assert_snapshot!(differ(&Value::from(&*old), &Value::from(&*new)));
}

#[test]
fn texts_differ_by_lines_and_show_what_cannot_be_seen() {
    let pairs = [
        ("a\nb\nc\n", "a\nx\nc\n"),
        ("a\nb\n", "a\nb"),
        ("one", "one\ntwo\n"),
        ("a\r\nb\r\n", "a\nb\n"),
        ("a\nb\n", "a\n\u{1b}[31mb\n"),
        ("one", "t\u{7}wo"),
    ];
    let texts = pairs.map(|(old, new)| differ(&Value::from(old), &Value::from(new)));
    assert_ne!(shown(&Value::from("a\nb")), shown(&Value::from("a\nb\n")));
    insta::assert_snapshot!(texts.join("\n"));
}

#[test]
fn long_words_stand_below_each_other() {
    let (old, new) = ("a-long-word-".repeat(6), "a-long-word-".repeat(5) + "a-long-ward-");
    let text = differ(&Value::from(&*old), &Value::from(&*new));
    let [first, second] = text.lines().collect::<Vec<_>>()[..] else { panic!("{text}") };
    assert_eq!(first, format!("  ~ value = \"{old}\""));
    assert_eq!(second, format!("         -> \"{new}\""));
}

#[test]
fn json_in_texts_is_shown_and_compared_by_its_parts() {
    let policy = |version: u32, action: &str| {
        let inner = format!("{{\\\"deep\\\": {version}}}");
        format!(
            r#"{{"version": {version}, "rules": [{{"do": "{action}", "on": ["a", "b", "c"]}}, 1, 2, 3, 4, 5], "inner": "{inner}"}}"#
        )
    };
    let (old, new) = (policy(1, "read"), policy(2, "write"));
    let nested = |text: &str| Value::object([("policies", Value::tuple(vec![Value::from(text)]))]);
    let texts = [
        shown(&Value::from(&*old)),
        differ(&Value::from(&*old), &Value::from(&*new)),
        differ(&nested(&old), &nested(&new)),
        differ(&Value::from("{\"a\": 1}"), &Value::from("{\"a\":1}")),
        differ(&Value::from("{\"a\":1}"), &Value::from("[1]")),
        differ(&Value::from(&*old), &Value::unknown(Type::String)),
        differ(&Value::from(&*old), &Value::NULL),
        differ(&Value::from("{\"a\":1,\"a\":2}"), &Value::from("{\"a\":1,\"a\":3}")),
    ];
    insta::assert_snapshot!(texts.join("\n"));
}

#[test]
fn sequences_differ_by_elements() {
    let texts = [
        differ(
            &json(r#"["a", "b", "c", "d", "e", "f"]"#),
            &json(r#"["a", "b", "x", "c", "d", "f"]"#),
        ),
        differ(&json(r#"[{"a": 1, "b": 2}, {"a": 3}]"#), &json(r#"[{"a": 1, "b": 5}, {"a": 3}]"#)),
        differ(&json("[[1, 2], 7, 8, [3]]"), &json("[[1, 3], 7, 8, [3], 4]")),
        differ(&json("[1, 2]"), &json("[]")),
        differ(
            &Value::set(Type::String, vec!["a".into(), "b".into()]),
            &Value::set(Type::String, vec!["b".into(), "c".into()]),
        ),
        differ(
            &Value::list(Type::Any, vec![Value::from("x").sensitive(), Value::from(1)]),
            &Value::list(Type::Any, vec![Value::from("y").sensitive(), Value::from(1)]),
        ),
    ];
    insta::assert_snapshot!(texts.join("\n"));
}

#[test]
fn a_change_of_type_is_seen() {
    let long =
        json(r#"{"first": "a rather long text", "second": "another rather long text", "n": 1}"#);
    let texts = [
        differ(&Value::from(1), &Value::from("1")),
        differ(&json(r#"{"a": 1}"#), &json("[1]")),
        differ(&long, &Value::from("text")),
        differ(&long, &json(r#"["first", "second", "third", "and one more so that it is long"]"#)),
        differ(&long, &Value::unknown(Type::Any)),
        differ(&Value::from("text"), &Value::NULL),
        differ(&Value::NULL, &Value::from("text")),
        differ(
            &Value::list(Type::String, vec!["a".into()]),
            &Value::set(Type::String, vec!["a".into()]),
        ),
        differ(&json(r#"{"a": 1}"#), &Value::map(Type::Number, [("a".into(), Value::from(2))])),
    ];
    insta::assert_snapshot!(texts.join("\n"));
}

#[test]
fn secrets_stay_hidden_and_their_changes_do_not() {
    let secret = |text: &str| Value::from(text).sensitive();
    let object = |text: &str| {
        Value::object([
            ("name", Value::from("n")),
            ("password", secret(text)),
            ("size", i64::try_from(text.len()).unwrap().into()),
        ])
    };
    let texts = [
        shown(&object("one")),
        differ(&object("one"), &object("three")),
        differ(&secret("a"), &secret("b")),
        differ(&Value::from("a"), &secret("a")),
        differ(&secret("a\nb"), &Value::unknown(Type::String).sensitive()),
    ];
    assert!(texts.iter().all(|text| !text.contains("one") && !text.contains("three")));
    insta::assert_snapshot!(texts.join("\n"));
}
