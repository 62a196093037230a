//! What comes out of JSON.

use crate::diag::{Diagnostics, code};
use crate::text::SourceMap;

use super::super::{Body, Kind};
use super::{BlockShape, Reading, Shape, parse_json};

static INNER: Shape = Shape {
    blocks: &[],
    readings: &[("as", Reading::Expression), ("is", Reading::Text)],
    others: Some(Reading::Template),
};

static FILE: Shape = Shape {
    blocks: &[
        BlockShape { kind: "b", labels: 0, body: &INNER },
        BlockShape { kind: "c", labels: 2, body: &INNER },
    ],
    readings: &[],
    others: None,
};

fn read(source: &str) -> (Body, Diagnostics, SourceMap) {
    let mut map = SourceMap::default();
    let file = map.add("test", source);
    let mut problems = Diagnostics::default();
    let body = parse_json(file, source, &FILE, &mut problems);
    (body, problems, map)
}

#[test]
fn objects_and_arrays_are_blocks_as_the_shape_says() {
    let (body, problems, map) = read(
        r#"[{"//": 1, "b": {"x": 1}}, {"b": [{}, {"x": 2}], "c": {"k": {"l": {}, "m": [{}, null]}}},
            {"c": [{"n": [{"o": {}}]}], "b": null}]"#,
    );
    assert!(problems.is_empty(), "{problems:?}");
    let told = body.blocks.iter().map(|block| {
        let labels: Vec<_> = block.labels.iter().map(|label| &*label.text).collect();
        format!("{} {} {}", block.kind, labels.join("."), block.body.attributes.len())
    });
    let told: Vec<_> = told.collect();
    assert_eq!(told, ["b  1", "b  0", "b  1", "c k.l 0", "c k.m 0", "c k.m 0", "c n.o 0"]);
    assert_eq!(map.slice(body.blocks[3].header), "l");
    assert_eq!(map.slice(body.blocks[2].span), r#"{"x": 2}"#);
}

#[test]
fn places_behind_escapes_are_those_of_the_text() {
    let (body, problems, map) = read(
        r#"{"b": {"x": "\u00e9 \"${ var.a }\" \ud83d\ude00\t${f(\"k\", var.b)}", "as": "a.b[\"c\"].d"}}"#,
    );
    assert!(problems.is_empty(), "{problems:?}");
    let attributes = &body.blocks[0].body.attributes;
    let mut seen = Vec::new();
    attributes[0].value.visit(&mut |part| seen.push(map.slice(part.span())));
    let whole = r#""\u00e9 \"${ var.a }\" \ud83d\ude00\t${f(\"k\", var.b)}""#;
    assert_eq!(seen, [whole, "var.a", r#"f(\"k\", var.b)"#, r#"\"k\""#, "var.b"]);
    let (reference, span) = attributes[1].value.references().remove(0);
    assert_eq!((reference.to_string().as_str(), map.slice(span)), ("a.b", "a.b"));
    assert_eq!(map.slice(attributes[1].name_span), "as");
}

#[test]
fn strings_are_read_as_the_shape_says() {
    let (body, problems, _) = read(
        r#"{"b": {"x": "${[1]}", "y": "a${1}", "is": "${x}", "as": ["a.b", {"c.d": "e.f"}],
            "n": -1.50e1, "k": {"${1}": 2}, "t": "$${", "u": "e\u0301"}}"#,
    );
    assert!(problems.is_empty(), "{problems:?}");
    let value = |name: &str| &body.blocks[0].body.attribute(name).unwrap().value;
    assert!(matches!(value("x").kind(), Kind::Parenthesis(_)));
    assert!(matches!(value("y").kind(), Kind::Template(_)));
    assert_eq!(value("is").as_literal_string().as_deref(), Some("${x}"));
    assert_eq!(value("t").as_literal_string().as_deref(), Some("${"));
    assert_eq!(value("u").as_literal_string().as_deref(), Some("\u{e9}"));
    let items = value("as").list_items().unwrap();
    assert!(items[0].as_traversal().is_some());
    let inner = &items[1].object_items().unwrap()[0];
    assert_eq!(inner.key.as_literal_string().as_deref(), Some("c.d"));
    assert!(inner.value.as_traversal().is_some());
    assert_eq!(value("n").as_literal().unwrap().as_number().unwrap().to_string(), "-15");
    assert!(matches!(value("k").object_items().unwrap()[0].key.kind(), Kind::Parenthesis(_)));
}

#[test]
fn what_is_no_json_is_refused_at_its_place() {
    for (source, place) in [
        ("", 0),
        ("{} x", 3),
        ("{'a': 1}", 1),
        ("{\"b\": {}, }", 10),
        ("{b: {}}", 1),
        ("{\"b\" {}}", 5),
        ("{\"b\": {\"x\": 01}}", 12),
        ("{\"b\": {\"x\": 1.}}", 12),
        ("{\"b\": {\"x\": -}}", 12),
        ("{\"b\": {\"x\": tru}}", 12),
        ("{\"b\": {\"x\": \"\\x\"}}", 13),
        ("{\"b\": {\"x\": \"\\u12g4\"}}", 13),
        ("{\"b\": {\"x\": \"a\tb\"}}", 14),
        ("{\"b\": {\"x\": \"a\nb\"}}", 12),
        ("{\"b\": {\"x\": \"a", 12),
        ("{\"b\": [1 2]}", 9),
        ("{\"b\": [1", 8),
    ] {
        let (_, problems, _) = read(source);
        let first = problems.iter().next().unwrap();
        let found = (first.code, first.span().unwrap().start);
        assert_eq!(found, (code::SYNTAX, place), "{source}: {}", first.detail);
    }
    for deep in ["[".repeat(100_000), "{\"b\":".repeat(100_000)] {
        assert_eq!(read(&deep).1.iter().next().unwrap().code, code::SYNTAX_LIMIT);
    }
}

#[test]
fn all_that_is_wrong_with_the_content_is_told_at_once() {
    let (body, problems, map) = read(
        "{\"b\": {\"x\": 1, \"x\": 2, \"a b\": 1, \"y\": \"${1 +}\", \"z\": {\"k\": 1, \"k\": 2}},\n\
         \"d\": {}, \"c\": {\"k\": {}, \"l\": 1},\n\"b\": 1}",
    );
    let told: Vec<_> = problems
        .iter()
        .map(|problem| (problem.code.name(), map.start(problem.span().unwrap()).line))
        .collect();
    let expected = [
        ("E0207", 1),
        ("E0210", 1),
        ("E0101", 1),
        ("E0207", 1),
        ("E0204", 2),
        ("E0204", 2),
        ("E0204", 3),
    ];
    assert_eq!(told, expected, "{problems:?}");
    assert!(body.blocks.iter().any(|block| &*block.kind == "d"), "its reader refuses it");
}

#[test]
fn blocks_that_only_a_schema_knows_are_made_of_arguments() {
    let (mut body, problems, map) = read(
        r#"{"b": {"x": {"p": 1, "//": 2}, "y": [{}, {"q": {"r": 1}}], "z": {"l": {"p": "${v.a}"}},
            "w": null, "t": "text", "o": {"k": 1}}}"#,
    );
    assert!(problems.is_empty(), "{problems:?}");
    let labels = |name: &str| match name {
        "z" => Some(1),
        "o" => None,
        _ => Some(0),
    };
    let outer = body.blocks.remove(0).body;
    let body = outer.with_blocks(labels);
    let arguments: Vec<_> = body.attributes.iter().map(|argument| &*argument.name).collect();
    assert_eq!(arguments, ["t", "o"], "what is no block stays");
    let told = body.blocks.iter().map(|block| {
        let labels: Vec<_> = block.labels.iter().map(|label| &*label.text).collect();
        format!("{} {:?} {}", block.kind, labels, block.body.attributes.len())
    });
    let told: Vec<_> = told.collect();
    assert_eq!(told, ["x [] 1", "y [] 0", "y [] 1", "z [\"l\"] 1"]);
    assert_eq!(map.slice(body.blocks[3].header), "l");
    let inner = body.blocks[2].body.with_blocks(|_| Some(0));
    assert_eq!(&*inner.blocks[0].kind, "q", "the bodies made are from JSON too");
}
