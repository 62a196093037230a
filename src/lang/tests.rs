//! Marks, provenance, messages and type constraints.

mod bounds;
pub(super) mod filling;
mod holes;
pub(super) mod inputs;
mod properties;

use std::sync::Arc;

use crate::addr::{InstanceAddr, Reference};
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::syntax::{Expression, parse_expression};
use crate::text::{SourceMap, Span};
use crate::value::{Marks, Type, Value};

use super::{Environment, Evaluator, Scope, type_constraint};

struct Fixed;

fn instance(text: &str) -> Value {
    let address: InstanceAddr = text.parse().unwrap();
    Value::object([("id", Value::string(text)), ("list", Value::tuple(vec![Value::from(1)]))])
        .mark(&Marks::from_instance(Arc::new(address)))
}

impl Scope for Fixed {
    fn resolve(&self, reference: &Reference, span: Span) -> Result<Value, Diagnostics> {
        Ok(match reference.to_string().as_str() {
            "t.many" => Value::tuple(vec![instance("t.many[0]"), instance("t.many[1]")]),
            "t.keyed" => Value::object([
                ("a", instance("t.keyed[\"a\"]")),
                ("b", instance("t.keyed[\"b\"]")),
            ]),
            "t.one" => instance("t.one"),
            "t.index" => Value::from(1).mark(instance("t.one").marks()),
            "var.secret" => Value::string("hunter2").sensitive(),
            "var.secrets" => Value::object([("pin", Value::from(1))]).sensitive(),
            "var.token" => Value::string("hunter2").mark(&Marks::ephemeral()),
            "var.tokens" => Value::object([("pin", Value::from(1).mark(&Marks::ephemeral()))]),
            "var.later" => Value::unknown(Type::list(Type::String)),
            "var.pair" => Value::unknown(Type::tuple(vec![Type::String, Type::Number])),
            "var.decoded" => Value::object([("hunter2", 1.into())]).sensitive(),
            "var.none" => Value::list(Value::object([("a", 1.into())]).ty(), Vec::new()),
            "var.long" => Value::string("x".repeat(100)),
            "var.object" => Value::object([("name", Value::string("n")), ("size", 3.into())]),
            other => {
                return Err(Diagnostic::error(code::REFERENCE, format!("There is no {other}."))
                    .at(span)
                    .into());
            }
        })
    }
}

fn parsed(source: &str) -> (Expression, SourceMap) {
    let mut map = SourceMap::default();
    let file = map.add("test", source);
    let mut problems = Diagnostics::default();
    let expression = parse_expression(file, source, &mut problems);
    (expression.unwrap_or_else(|| panic!("{source}: {problems:?}")), map)
}

fn evaluated(source: &str) -> Result<Value, Diagnostics> {
    Evaluator::new(&Fixed, Environment::default()).evaluate(&parsed(source).0)
}

#[test]
fn provenance_is_that_of_the_instance_picked() {
    for (source, expected) in [
        ("t.many[1].id", "t.many[1]"),
        ("t.many[1]", "t.many[1]"),
        ("t.many.0.id", "t.many[0]"),
        ("t.keyed[\"a\"].id", "t.keyed[\"a\"]"),
        ("t.keyed.b.list[0]", "t.keyed[\"b\"]"),
        ("t.many[t.index].id", "t.many[1] t.one"),
        ("t.many[*].id", "t.many[0] t.many[1]"),
        ("t.many.*.id[0]", "t.many[0]"),
        ("[for i in t.many : i.id]", "t.many[0] t.many[1]"),
        ("{ for k, i in t.keyed : k => i.id }[\"b\"]", "t.keyed[\"b\"]"),
        ("\"${t.one.id}-${t.many[0].id}\"", "t.many[0] t.one"),
        ("true ? t.one.id : t.many[0].id", "t.one"),
        ("length(t.many)", ""),
        ("upper(t.one.id)", "t.one"),
        ("merge({ x = t.one.id }, { y = 1 })[\"y\"]", ""),
        ("element(t.many, 1).id", "t.many[1]"),
        ("lookup(t.keyed, \"a\", null).id", "t.keyed[\"a\"]"),
        ("values(t.keyed)[1].id", "t.keyed[\"b\"]"),
        ("keys(t.keyed)", ""),
        ("concat(t.many, [1])[0].id", "t.many[0]"),
        ("try(t.nope, t.one.id)", "t.one"),
    ] {
        let value = evaluated(source).unwrap_or_else(|problems| panic!("{source}: {problems:?}"));
        let marks = value.deep_marks();
        let from: Vec<_> = marks.provenance().map(ToString::to_string).collect();
        assert_eq!(from.join(" "), expected, "{source}");
    }
}

#[test]
fn what_is_sensitive_stays_so_and_is_never_told() {
    for source in [
        "upper(var.secret)",
        "\"a-${var.secret}\"",
        "var.secrets.pin + 1",
        "var.secret == \"x\" ? 1 : 2",
        "[for x in [var.secret] : x][0]",
        "jsonencode({ a = var.secret })",
    ] {
        assert!(evaluated(source).unwrap().deep_marks().is_sensitive(), "{source}");
    }
    for source in [
        "var.secret + 1",
        "{ a = 1 }[var.secret]",
        "tonumber(var.secret)",
        "regex(\"[0-9]{3}\", \"${var.secret}\")",
        "format(\"%d\", var.secret)",
        "parseint(var.secret, 10)",
        "base64decode(var.secret)",
        "jsondecode(var.secret)",
        "{ (var.secret) = 1 }.a",
        "{ for x in [var.secret, var.secret] : x => 1 }",
        "file(var.secret)",
        "index([\"a\"], var.secret)",
        "upper([var.decoded])",
        "[for x in sensitive([var.secret]) : x + 1]",
        "[for x in nonsensitive([sensitive(\"a\")]) : var.secret + 1]",
        "{ for x in split(\"-\", \"${var.secret}-${var.secret}\") : x => 1 }",
        "[var.decoded][*].b",
        "split(\"-\", var.secret)[*].b",
        "[for x in toset(keys(var.decoded)) : { a = 1 }[x]]",
        "\"%{ for x in keys(var.decoded) }${x + 1}%{ endfor }\"",
        "upper(csvdecode(var.secret))",
        "var.decoded == 1 ? 1 : tolist([var.decoded]) + 1",
    ] {
        let problems = evaluated(source).expect_err(source);
        assert!(!format!("{problems:?}").contains("hunter2"), "{source}: {problems:?}");
    }
}

#[test]
fn what_is_ephemeral_stays_so_and_is_never_told() {
    for source in [
        "upper(var.token)",
        "\"a-${var.token}\"",
        "\"%{ if var.token == 1 }a%{ endif }\"",
        "-var.tokens.pin",
        "var.tokens.pin + 1",
        "var.tokens.pin > 1",
        "var.token == \"x\"",
        "!(var.token == \"x\")",
        "var.token == \"x\" ? 1 : 2",
        "true ? var.token : 2",
        "[for x in [var.token] : x][0]",
        "[for x in [var.token] : 1 if x == 2]",
        "{ for x in [var.token] : x => 1 }",
        "{ for x in [var.token] : x => 1... }",
        "[for k, v in { (var.token) = 1 } : v]",
        "{ (var.token) = 1 }",
        "[var.tokens][*].pin",
        "values(var.tokens)",
        "{ a = 1 }[var.tokens.pin == 1 ? \"a\" : \"a\"]",
        "[1, 2][var.tokens.pin]",
        "toset([var.token])",
        "tolist([var.token, 1])",
        "jsonencode({ a = var.token })",
        "sensitive(var.token)",
        "nonsensitive(sensitive(var.token))",
        "try(var.token, 1)",
        "coalesce(null, var.token)",
        "merge(var.tokens, {}).pin",
        "templatestring(var.token, {})",
        "length(var.token)",
    ] {
        let value = evaluated(source).unwrap_or_else(|problems| panic!("{source}: {problems:?}"));
        assert!(value.deep_marks().is_ephemeral(), "{source}");
    }
    for source in ["ephemeralasnull(var.token)", "ephemeralasnull([1, var.tokens])", "var.object"] {
        assert!(!evaluated(source).unwrap().deep_marks().is_ephemeral(), "{source}");
    }
    for source in [
        "var.token + 1",
        "{ a = 1 }[var.token]",
        "{ (var.token) = 1 }.a",
        "format(\"%d\", var.token)",
        "base64decode(var.token)",
        "index([\"a\"], var.token)",
        "{ for x in [var.token, var.token] : x => 1 }",
    ] {
        let problems = evaluated(source).expect_err(source);
        assert!(!format!("{problems:?}").contains("hunter2"), "{source}: {problems:?}");
    }
}

/// What is picked, or how, is known only later; what may be picked is hidden at once.
#[test]
fn what_is_unknown_yet_hides_what_it_may_hold() {
    for source in [
        "var.later[0] == \"x\" ? var.token : \"b\"",
        "var.later[0] == \"x\" ? [var.token] : []",
        "var.later[0] == \"x\" ? { a = var.token } : { a = 1 }",
        "\"%{ if var.later[0] == \"x\" }${var.token}%{ endif }\"",
        "[var.token, 1][length(var.later)]",
        "tolist([var.token, 1])[length(var.later)]",
        "{ a = var.token }[var.later[0]]",
        "element([var.token], length(var.later))",
        "lookup({ a = 1 }, var.later[0], var.token)",
        "lookup({ a = var.token }, var.later[0], 1)",
        "slice([var.token, 1], 0, length(var.later))",
        "coalesce(var.later[0], var.token)",
        "coalescelist(var.later, [var.token])",
        "concat(var.later, [var.token])",
        "[for x in toset([\"a\", var.later[0]]) : x == var.token]",
        "flatten([var.later, var.token])",
        "flatten([var.token, var.later])",
        "merge({ a = var.token }, { (var.later[0]) = 1 })",
        "zipmap(var.later, [var.token])",
        "max(var.tokens.pin, var.later...)",
        "concat([var.token], var.later...)",
        "{ (var.later[0]) = var.token }",
        "{ for x in [var.token] : var.later[0] => x }",
        "[for x in toset([\"a\", var.later[0]]) : [x, var.token]]",
        "one(toset([var.token, var.later[0]]))",
        "setproduct(toset([var.later[0], \"a\"]), [var.token])",
        "matchkeys([var.token], [var.later[0]], [\"a\"])",
        "values({ (var.later[0]) = var.token })",
        "transpose({ a = [var.token], b = var.later })",
        "distinct([var.later[0], var.token])",
        "reverse(flatten([var.later, var.token]))",
        "chunklist(flatten([var.later, var.token]), 1)",
    ] {
        let value = evaluated(source).unwrap_or_else(|problems| panic!("{source}: {problems:?}"));
        assert!(value.deep_marks().is_ephemeral(), "{source}: {value:?}");
    }
}

/// Found by fuzzing: each said more than could be known.
#[test]
fn nothing_is_promised_of_what_may_still_be_null_or_in_another_order() {
    for (source, expected) in [
        ("flatten([var.pair, \"a\"])", "unknown(any)"),
        ("coalescelist(var.pair, [1])", "unknown(any)"),
        ("reverse(toset([\"a\", var.later[0]]))", "unknown(list(string))"),
        ("tolist(toset([\"a\", var.later[0]]))", "unknown(list(string))"),
        ("[for x in toset([\"a\", var.later[0]]) : x]", "unknown(any)"),
        ("max(toset([1, length(var.later)])...)", "unknown(any)"),
        ("merge(tomap({ a = 1 }), tomap({ b = jsondecode(var.later[0]) }))", "unknown(any)"),
        ("var.later[0] == var.pair", "unknown(bool)"),
        ("var.pair == [1, 2]", "unknown(bool)"),
        ("var.pair == [1]", "false"),
    ] {
        let value = evaluated(source).unwrap_or_else(|problems| panic!("{source}: {problems:?}"));
        assert_eq!(format!("{value:?}"), expected, "{source}");
    }
    evaluated("alltrue(var.none)").expect_err("empty, but of objects");
}

#[test]
fn a_negative_zero_is_formatted_with_its_sign() {
    for (verb, expected) in
        [("%f", "-0.000000"), ("%e", "-0.000000e+00"), ("%g", "-0"), ("%.2f", "-0.00"), ("%d", "0")]
    {
        let value = evaluated(&format!("format(\"{verb}\", -0)")).unwrap();
        assert_eq!(value.as_str(), Some(expected), "{verb}");
    }
}

#[test]
fn messages_name_what_is_meant() {
    for (source, place, part) in [
        ("var.object.nmae", "nmae", "did you mean `name`?"),
        ("uper(\"a\")", "uper", "did you mean `upper`?"),
        ("1 + true", "true", "a number is needed, but this is a bool"),
        ("[1, 2][5]", "5", "they run from 0 to 1"),
        ("replace(\"a\", \"b\")", "replace(\"a\", \"b\")", "replace(text, part, with)"),
        ("foo", "foo", "a text must be quoted"),
        ("\"a${null}\"", "null", "cannot be part of a text"),
        ("{ for x in [1, 1] : x => x }", "x", "put `...`"),
        ("1 / 0", "1 / 0", "divided by zero"),
        ("null ? 1 : 2", "null", "must be true or false"),
    ] {
        let (expression, map) = parsed(source);
        let problems =
            Evaluator::new(&Fixed, Environment::default()).evaluate(&expression).unwrap_err();
        let problem = problems.iter().next().unwrap();
        assert_eq!(map.slice(problem.span().unwrap()), place, "{source}");
        let all = format!("{} {:?}", problem.detail, problem.helps);
        assert!(all.contains(part), "{source}: {all}");
    }
}

#[test]
fn problems_say_which_values_had_a_part_in_them() {
    for (source, expected) in [
        ("var.object.size + true", "var.object.size is 3"),
        ("true + var.object.name", "var.object.name is \"n\""),
        ("var.object.nmae", "var.object is an object with 2 attributes"),
        ("[1, 2][var.object.size]", "var.object.size is 3"),
        ("t.many[var.object.size].id", "t.many is a tuple with 2 elements, var.object.size is 3"),
        ("parseint(var.object.name, 10)", "var.object.name is \"n\""),
        ("upper([var.object.size])", "var.object.size is 3"),
        ("[var.object, { a = 1 + \"x\" }]", ""),
        ("[for size in [1] : size / 0 + var.object.size]", "size is 1"),
        ("var.object.size == 3 ? var.object.nope : 1", "var.object is an object with 2 attributes"),
        ("{ a = 1 }[var.long]", &format!("var.long is \"{}…\"", "x".repeat(80))),
        ("1 + var.secret", "var.secret is a sensitive value"),
        ("{ a = var.secrets }.b", "var.secrets is a sensitive value"),
        ("[1][var.secrets.pin]", "var.secrets.pin is a sensitive value"),
        ("parseint(var.token, 10)", "var.token is an ephemeral value"),
        ("-var.later", "var.later is a list of string, known after apply"),
        ("upper(var.later)", "var.later is a list of string, known after apply"),
        ("var.nope + var.object.size", ""),
    ] {
        let problems = evaluated(source).expect_err(source);
        let involved = problems.iter().next().and_then(|problem| problem.involved.as_ref());
        let values = involved.iter().flat_map(|involved| &involved.values);
        let said: Vec<_> =
            values.map(|value| format!("{} {}", value.traversal, value.statement)).collect();
        assert_eq!(said.join(", "), expected, "{source}");
    }
}

#[test]
fn bound_names_hide_references() {
    let bound = [(Arc::from("disk"), Value::object([("value", Value::from(7))]))].into();
    let evaluator = Evaluator::new(&Fixed, Environment::default());
    let (expression, _) = parsed("disk.value + length(var.object)");
    assert_eq!(evaluator.evaluate_with(&expression, &bound).unwrap(), Value::from(9));
    assert!(evaluator.evaluate(&expression).is_err());
}

#[test]
fn problems_of_siblings_are_all_reported() {
    let problems = evaluated("[var.a, { x = var.b, y = upper(var.c) }, 1 + \"x\"]").unwrap_err();
    assert_eq!(problems.len(), 4, "{problems:?}");
}

#[test]
fn constraints_fill_defaults() {
    for (ty, value, expected) in [
        (
            "object({ a = optional(string, \"x\"), b = optional(number) })",
            "{}",
            r#"{"a": "x", "b": null(number)}"#,
        ),
        (
            "map(object({ p = optional(object({ q = optional(bool, true) }), {}) }))",
            "{ k = {} }",
            r#"{"k": {"p": {"q": true}}}"#,
        ),
        ("list(object({ n = optional(number, 1) }))", "[{ n = null }]", r#"[{"n": 1}]"#),
        ("tuple([string, any])", "[1, true]", r#"["1", true]"#),
        ("set(string)", "[\"b\", \"a\", \"b\"]", r#"{"a", "b"}"#),
    ] {
        let constraint = type_constraint(&parsed(ty).0).unwrap();
        let value = constraint.apply(&evaluated(value).unwrap()).unwrap();
        assert_eq!(format!("{value:?}"), expected, "{ty}");
    }
    for (ty, part) in [
        ("strng", "did you mean `string`?"),
        ("\"string\"", "without quotes"),
        ("list", ""),
        ("set", "set(string)"),
        ("object({ a = optional(number, \"x\") })", "does not fit"),
        ("list(string, number)", "takes one type"),
        ("optional(string)", "attributes of an object"),
    ] {
        match type_constraint(&parsed(ty).0) {
            Ok(constraint) => assert_eq!((constraint.ty, part), (Type::list(Type::Any), "")),
            Err(problems) => assert!(format!("{problems:?}").contains(part), "{ty}: {problems:?}"),
        }
    }
}

#[test]
fn functions_are_described() {
    let mut names: Vec<_> = super::FunctionTable::names().collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
    for name in names {
        let Some(function) = super::FunctionTable::get(name) else { continue };
        assert!(function.description.ends_with('.'), "{name}");
    }
}

/// The deepest expression that is read can be evaluated on a small stack.
#[test]
fn the_deepest_expression_is_evaluated() {
    let mut source = "1".to_owned();
    for _ in 0..9 {
        source = format!("\"x${{{}{source}{}}}\"", "[".repeat(16), "][0]".repeat(16));
    }
    let value = evaluated(&source).unwrap();
    assert_eq!(value.as_str(), Some(format!("{}1", "x".repeat(9)).as_str()));
    let chain = format!("1{}", " + 1".repeat(127));
    assert_eq!(evaluated(&chain).unwrap(), Value::from(128));
}
