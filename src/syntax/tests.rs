//! What comes out of a text.

use crate::diag::{Diagnostics, code};
use crate::text::SourceMap;

use super::{Body, Expression, TraversalStep, parse, parse_expression, parse_template};

fn read(source: &str) -> (Body, Diagnostics, SourceMap) {
    let mut map = SourceMap::default();
    let file = map.add("test", source);
    let mut problems = Diagnostics::default();
    let body = parse(file, source, &mut problems);
    (body, problems, map)
}

fn expression(source: &str) -> Expression {
    let mut map = SourceMap::default();
    let file = map.add("test", source);
    let mut problems = Diagnostics::default();
    let expression = parse_expression(file, source, &mut problems);
    assert!(problems.is_empty(), "{source}: {problems:?}");
    expression.unwrap()
}

#[test]
fn every_broken_item_is_reported_and_good_ones_survive() {
    let source = "a = 1 +\nb = 2\nc \"x\" {\n  d = [1,\n    2)\n  e = \"ok\"\n}\n}\nf = 3\n\
                  g {\n  h = \"open\n  i = 4\n}\n";
    let (body, problems, map) = read(source);
    let lines: Vec<_> =
        problems.iter().map(|problem| map.start(problem.span().unwrap()).line).collect();
    assert_eq!(lines, [1, 5, 8, 11], "{problems:?}");
    let names: Vec<_> = body.attributes.iter().map(|attribute| &*attribute.name).collect();
    assert_eq!(names, ["b", "f"]);
    assert_eq!(&*body.blocks[0].body.attributes[0].name, "e");
    assert_eq!(&*body.blocks[1].body.attributes[0].name, "i");
}

#[test]
fn spans_cover_what_is_written() {
    let (body, problems, map) =
        read("\u{feff}resource \"t\" \"né\" {\n  x = [\n    a.b[0].c, # note\n  ]\n}\n");
    assert!(problems.is_empty(), "{problems:?}");
    let block = &body.blocks[0];
    assert_eq!(map.slice(block.header), "resource \"t\" \"né\"");
    assert_eq!(map.slice(block.labels[1].span), "\"né\"");
    let attribute = &block.body.attributes[0];
    assert_eq!(map.slice(attribute.name_span), "x");
    let item = &attribute.value.list_items().unwrap()[0];
    assert_eq!(map.slice(item.span()), "a.b[0].c");
    let (reference, span) = item.references().remove(0);
    assert_eq!((reference.to_string().as_str(), map.slice(span)), ("a.b", "a.b"));
    assert!(map.slice(block.span).ends_with('}'));
}

#[test]
fn references_leave_out_names_bound_by_for() {
    for (source, expected) in [
        ("[for k, v in var.m : \"${k}${v.x}${local.y}\"]", "var.m local.y"),
        ("\"%{ for x in a.b ~}${x.id}${each.key}%{ endfor }${t.x}\"", "a.b each.key t.x"),
        ("data.a.b.c[count.index].d", "data.a.b count.index"),
        ("<<-E\n  ${path.module}/${var.f(1)}\n  E\n", "path.module"),
        ("module.m[each.value].out[*].id", "module.m each.value"),
        ("{ (var.k) = self.id, k = terraform.workspace }", "var.k self terraform.workspace"),
    ] {
        let mut map = SourceMap::default();
        let file = map.add("test", source);
        let Some(found) = parse_expression(file, source, &mut Diagnostics::default()) else {
            assert!(source.contains("(1)"), "{source}");
            continue;
        };
        let found: Vec<_> =
            found.references().into_iter().map(|(reference, _)| reference.to_string()).collect();
        assert_eq!(found.join(" "), expected, "{source}");
    }
}

#[test]
fn static_questions_are_answered() {
    assert_eq!(expression("create_before_destroy").as_keyword(), Some("create_before_destroy"));
    assert_eq!(expression("\"a$${b}\"").as_literal_string().as_deref(), Some("a${b}"));
    assert_eq!(expression("list(string)").as_call().unwrap().0, "list");
    assert_eq!(expression("{ a = 1 }").object_items().unwrap().len(), 1);
    let steps = expression("tags[\"k\"].x.0").as_traversal().unwrap();
    assert_eq!(steps.len(), 4);
    assert!(matches!(&steps[0], TraversalStep::Name { name, .. } if &**name == "tags"));
    assert!(matches!(&steps[1], TraversalStep::Index { key, .. } if key.as_str() == Some("k")));
    let steps = expression("aws.west").as_traversal().unwrap();
    assert!(matches!(&steps[1], TraversalStep::Name { name, .. } if &**name == "west"));
    assert!(expression("a[b.c]").as_traversal().is_none());
}

#[test]
fn depth_is_refused_not_overflown() {
    let deep = |open: &str, close: &str, levels: usize| {
        format!("a = {}1{}\n", open.repeat(levels), close.repeat(levels))
    };
    for source in [
        deep("(", ")", 5000),
        deep("[", "]", 5000),
        deep("f(", ")", 5000),
        deep("{ a = ", " }", 5000),
        deep("\"${", "}\"", 5000),
        deep("-", "", 5000),
        format!("a = 1{}\n", " + 1".repeat(5000)),
        format!("{}{}", "b {\n".repeat(5000), "}\n".repeat(5000)),
    ] {
        let (_, problems, _) = read(&source);
        let first = problems.iter().next().unwrap();
        assert_eq!(first.code, code::SYNTAX_LIMIT, "{}", source.get(..12).unwrap());
    }
}

#[test]
fn duplicates_point_to_the_first() {
    let (body, problems, map) = read("a = 1\na = 2\n");
    let codes: Vec<_> = problems.iter().map(|problem| problem.code).collect();
    assert_eq!(codes, [code::DUPLICATE]);
    let first = problems.iter().next().unwrap();
    assert_eq!(map.start(first.labels[1].span).line, 1);
    assert_eq!(body.attributes.len(), 1);
}

/// What is cut into items may be deeper than `hcl::edit` goes, and may be followed by more.
#[test]
fn brackets_are_read_item_by_item() {
    for source in [
        "a = { x = 1, x = 2 }\n".to_owned(),
        format!("a = {}1{}\n", "[".repeat(150), "]".repeat(150)),
        format!("a = {}1{}\n", "(".repeat(150), ")".repeat(150)),
        format!("a = {}1{}\n", "{ x = ".repeat(150), " }".repeat(150)),
        "a = { x = 1 }.x + [1, 2][0] + [1, 2].0 + (3) * ({ y = [4] }).y[0]\n".to_owned(),
        "a = [{ x = 1 }, { x = 2 }][*].x\nb = [{ x = 1 }].*.x[0]\n".to_owned(),
        "a = {\n  # one\n  x = [ # two\n    1,\n\n    2, ]\n\n  \"y\" : f(\n    1,\n    { z = 1 }\n  ), z = 2,\n}\n"
            .to_owned(),
        "a = { (x ? \"y\" : \"z\") = 1, \"${b}\" = 2, 3 = 4, null = 5, for2 = 6, if = 7 }\n".to_owned(),
        "a = [for x in [1, 2] : [x, { y = x }] if (x > 1)]\nb = { for k, v in { x = 1 } : k => [v] }\n"
            .to_owned(),
        "a = x ? [1] : [2]\nb = -[1][0]\nc = !(true)\nd = [-1, !true]\ne = in(1)\n".to_owned(),
    ] {
        let (_, problems, _) = read(&source);
        assert!(problems.is_empty(), "{source}: {problems:?}");
    }
    for (source, place) in [
        ("a = [1 2]\n", 7),
        ("a = [,1]\n", 5),
        ("a = [1,,2]\n", 7),
        ("a = { x }\n", 8),
        ("a = { x = 1 y = 2 }\n", 12),
        ("a = { x = 1,, y = 2 }\n", 12),
        ("a = {\n  x = 1\n  , y = 2\n}\n", 16),
        ("a = { x = }\n", 10),
        ("a = { x\n= 1 }\n", 7),
        ("a = (1, 2)\n", 6),
        ("a = ()\n", 5),
        ("a = [1}\n", 6),
        ("a = [1\n", 4),
        ("a = { x = [1, y = 2 }\n", 20),
        ("a = {\n  x = 1 +\n  2\n}\n", 14),
    ] {
        let (_, problems, _) = read(source);
        let first = problems.iter().filter_map(crate::diag::Diagnostic::span).min();
        assert_eq!(first.map(|span| span.start), Some(place), "{source}: {problems:?}");
    }
}

/// No text, however mangled, makes reading fail other than by diagnostics.
#[test]
fn mangled_texts_are_only_refused() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/conformance/syntax.jsonl");
    let text = std::fs::read_to_string(path).unwrap();
    for (number, line) in text.lines().enumerate() {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        let source = record["source"].as_str().unwrap();
        let step = 1 + source.len() / 15;
        for cut in (0..source.len()).step_by(step).filter(|at| source.is_char_boundary(*at)) {
            read(&source[..cut]);
            read(&source[cut..]);
            let insert = ["\"", "${", "}", "<<E\n", "%{", "\\", "[", "é", "/*"][number % 9];
            let (before, after) = source.split_at(cut);
            read(&format!("{before}{insert}{after}"));
        }
    }
}

#[test]
fn expressions_are_compact() {
    assert!(size_of::<Expression>() <= 56, "{}", size_of::<Expression>());
}

/// Long files keep all their blocks.
#[test]
fn many_blocks_are_read() {
    let block = "resource \"terraform_data\" \"r\" {\n  input = { name = \"snap-${var.env}-1\", tags = \
                 merge(local.tags, { n = 1 }), prev = terraform_data.r.output.name }\n}\n";
    let (body, problems, _) = read(&block.repeat(2000));
    assert!(problems.is_empty());
    assert_eq!(body.blocks.len(), 2000);
}

/// What random changes to texts brought up: accepted and refused as Terraform does.
#[test]
fn line_ends_and_brackets_mean_what_they_mean_to_terraform() {
    for (source, valid) in [
        ("a = \"%{ if true }x%{ # note\n endif }\"\n", true),
        ("a = \"%{ if true }x%{ endif // note\n}\"\n", true),
        ("a = \"%{ if true }x%{ endif ~ }\"\n", false),
        ("a = \"${x ~ }\"\n", false),
        ("a = <<E\nx\r\nE\n", true),
        ("a = <<E\nx\ry\nE\n", false),
        ("a = x[*]\n", true),
        ("a = x[\n*]\n", false),
        ("a = x[*\n]\n", false),
        ("a = { for = 1 }\n", false),
        ("a = { \"for\" = 1 }\n", true),
        ("a = [for]\n", false),
        ("a = x.0 .y\n", true),
        ("a = 1 .5\n", false),
        ("a = x.0. 1\n", false),
        ("a = [\n  for\n  x\n  in y : x]\n", true),
    ] {
        let (_, problems, _) = read(source);
        assert_eq!(problems.is_empty(), valid, "{source}: {problems:?}");
    }
}

#[test]
fn directives_in_each_other_are_counted() {
    let nested =
        |depth: usize| format!("{}x{}", "%{ if true }".repeat(depth), "%{ endif }".repeat(depth));
    let mut problems = Diagnostics::default();
    let file = SourceMap::default().add("a.tpl", "");
    assert!(parse_template(file, &nested(300), &mut problems).is_some(), "{problems:?}");
    for depth in [321, 100_000] {
        let mut problems = Diagnostics::default();
        assert!(parse_template(file, &nested(depth), &mut problems).is_none());
        assert_eq!(
            problems.iter().map(|problem| problem.code).collect::<Vec<_>>(),
            [code::SYNTAX_LIMIT]
        );
    }
    // One after the other they are not.
    let row = "%{ for x in [] }%{ endfor }%{ if true }%{ else }%{ endif }".repeat(1000);
    assert!(parse_template(file, &row, &mut problems).is_some(), "{problems:?}");
}
