//! What holds for every expression: knowing more never contradicts what was known before.

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::addr::Reference;
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::text::Span;
use crate::value::{Marks, Refinement, Type, Value};

use super::filling::contradiction;
use super::{Environment, Evaluator, Scope, parsed};

/// Inputs of every kind, of which some become known later.
struct Inputs<'r> {
    /// What the later ones become; `None` while they are unknown.
    choices: Option<&'r [u8]>,
}

/// Each input that becomes known later: its type, what is known of it before, what it may become.
fn later(name: &str) -> Option<(Type, Refinement, Vec<Value>)> {
    let text = |text: &str| Value::string(text);
    let list =
        |items: &[i64]| Value::list(Type::Number, items.iter().copied().map(Value::from).collect());
    let texts =
        |items: &[&str]| Value::set(Type::String, items.iter().map(|item| text(item)).collect());
    let map =
        |keys: &[&str]| Value::map(Type::String, keys.iter().map(|key| ((*key).into(), text(key))));
    let object = |a: Value| Value::object([("a", a), ("b", Value::from(2))]);
    let object_type = || Type::object([("a", Type::String), ("b", Type::Number)]);
    let nothing = Refinement::default;
    Some(match name {
        "var.text" => (
            Type::String,
            nothing(),
            vec![text("x"), text(""), text("12"), text("true"), Value::null(Type::String)],
        ),
        "var.name" => (
            Type::String,
            Refinement::prefix("pre-"),
            vec![text("pre-"), text("pre-x"), text("pre-\u{301}")],
        ),
        "var.number" => {
            (Type::Number, Refinement::not_null(), vec![0.into(), 1.into(), Value::from(-3)])
        }
        "var.truth" => {
            (Type::Bool, nothing(), vec![Value::TRUE, Value::FALSE, Value::null(Type::Bool)])
        }
        "var.list" => (
            Type::list(Type::Number),
            Refinement::length(1, Some(2)),
            vec![list(&[1]), list(&[1, 1]), list(&[3, -2])],
        ),
        "var.set" => (
            Type::set(Type::String),
            Refinement::not_null(),
            vec![texts(&[]), texts(&["a"]), texts(&["a", "b"])],
        ),
        "var.map" => (
            Type::map(Type::String),
            nothing(),
            vec![map(&[]), map(&["a"]), map(&["a", "b"]), Value::null(Type::map(Type::String))],
        ),
        "var.object" => (
            object_type(),
            Refinement::not_null(),
            vec![object(text("x")), object(Value::null(Type::String))],
        ),
        "var.any" => (
            Type::Any,
            nothing(),
            vec![text("a"), 3.into(), object(Value::TRUE), Value::NULL, list(&[1])],
        ),
        "var.secret" => (Type::String, nothing(), vec![text("hunter2"), text("a")]),
        _ => return None,
    })
}

const LATER: [&str; 10] = [
    "var.text",
    "var.name",
    "var.number",
    "var.truth",
    "var.list",
    "var.set",
    "var.map",
    "var.object",
    "var.any",
    "var.secret",
];

impl Scope for Inputs<'_> {
    fn resolve(&self, reference: &Reference, span: Span) -> Result<Value, Diagnostics> {
        let name = reference.to_string();
        let missing =
            || Diagnostic::error(code::REFERENCE, format!("There is no {name}.")).at(span).into();
        if let Some((ty, refinement, values)) = later(&name) {
            let place = LATER.iter().position(|other| *other == name).unwrap();
            let value = match self.choices {
                Some(choices) => values[usize::from(choices[place]) % values.len()].clone(),
                None => Value::unknown_with(ty, refinement),
            };
            let marks = if name == "var.secret" { Marks::sensitive() } else { Marks::NONE };
            return Ok(value.mark(&marks));
        }
        Ok(match name.as_str() {
            "var.known" => Value::string("a"),
            "var.pin" => Value::from(1).sensitive(),
            "var.mixed" => Value::tuple(vec![self.resolve_named("var.text", span)?, 1.into()]),
            "var.part" => {
                Value::object([("a", self.resolve_named("var.name", span)?), ("b", 1.into())])
            }
            _ => return Err(missing()),
        })
    }
}

impl Inputs<'_> {
    fn resolve_named(&self, name: &str, span: Span) -> Result<Value, Diagnostics> {
        let words = name.strip_prefix("var.").unwrap();
        self.resolve(&Reference::Variable(words.into()), span)
    }
}

fn leaf() -> impl Strategy<Value = String> {
    let fixed = [
        "1",
        "0",
        "2.5",
        "\"a\"",
        "\"\"",
        "\"pre-\"",
        "true",
        "false",
        "null",
        "[]",
        "{}",
        "var.known",
        "var.pin",
        "var.mixed",
        "var.part",
    ];
    let all: Vec<_> = fixed.into_iter().chain(LATER).map(str::to_owned).collect();
    proptest::sample::select(all)
}

const CASES: usize = 5000;

/// Forms of expressions; `@` stands for a smaller one.
const FORMS: &[&str] = &[
    "@ + @",
    "@ * @",
    "@ - @",
    "@ / @",
    "@ % @",
    "-@",
    "!@",
    "@ == @",
    "@ != @",
    "@ < @",
    "@ >= @",
    "@ && @",
    "@ || @",
    "@ ? @ : @",
    "(@)",
    "[@, @]",
    "[@]",
    "{ a = @, b = @ }",
    "{ (@) = @ }",
    "@[0]",
    "@[@]",
    "@.a",
    "@[*]",
    "@[*].a",
    "@.*.a",
    "[for x in @ : x]",
    "[for x in @ : @]",
    "{ for k, x in @ : k => x }",
    "[for x in @ : x if x == @]",
    "{ for x in @ : \"${x}\" => @... }",
    "\"x-${@}\"",
    "\"${@}-${@}\"",
    "\"${@}\"",
    "\"%{ if @ }a%{ else }${@}%{ endif }\"",
    "\"%{ for x in @ }${x}%{ endfor }\"",
    "abs(@)",
    "alltrue(@)",
    "anytrue(@)",
    "base64encode(@)",
    "can(@)",
    "ceil(@)",
    "chomp(@)",
    "chunklist(@, @)",
    "coalesce(@, @)",
    "coalescelist(@, @)",
    "compact(@)",
    "concat(@, @)",
    "contains(@, @)",
    "distinct(@)",
    "element(@, @)",
    "endswith(@, @)",
    "flatten(@)",
    "floor(@)",
    "format(\"%s-%v\", @, @)",
    "format(\"%d\", @)",
    "formatlist(\"%s%s\", @, @)",
    "indent(@, @)",
    "index(@, @)",
    "issensitive(@)",
    "join(@, @)",
    "jsondecode(@)",
    "jsonencode(@)",
    "keys(@)",
    "length(@)",
    "lookup(@, @, @)",
    "lower(@)",
    "matchkeys(@, @, @)",
    "max(@, @)",
    "md5(@)",
    "merge(@, @)",
    "min(@, @)",
    "nonsensitive(@)",
    "one(@)",
    "parseint(@, 10)",
    "pow(@, @)",
    "range(@)",
    "regex(\"[a-z]\", @)",
    "regexall(\"[a-z]\", @)",
    "replace(@, @, @)",
    "reverse(@)",
    "sensitive(@)",
    "setintersection(@, @)",
    "setproduct(@, @)",
    "setsubtract(@, @)",
    "setunion(@, @)",
    "signum(@)",
    "slice(@, 0, @)",
    "sort(@)",
    "split(@, @)",
    "startswith(@, @)",
    "strcontains(@, @)",
    "strrev(@)",
    "substr(@, 0, @)",
    "sum(@)",
    "title(@)",
    "tobool(@)",
    "tolist(@)",
    "tomap(@)",
    "tonumber(@)",
    "toset(@)",
    "tostring(@)",
    "transpose(@)",
    "trim(@, @)",
    "trimprefix(@, @)",
    "trimspace(@)",
    "try(@, @)",
    "upper(@)",
    "values(@)",
    "yamlencode(@)",
    "yamldecode(@)",
    "zipmap(@, @)",
    "provider::terraform::encode_expr(@)",
    "cidrhost(\"10.0.0.0/8\", @)",
    "templatestring(var.name, { x = @ })",
    "base64gzip(@)",
    "textencodebase64(@, \"UTF-16\")",
    "csvdecode(@)",
];

fn expression() -> impl Strategy<Value = String> {
    leaf().prop_recursive(4, 24, 3, |inner| {
        (proptest::sample::select(FORMS), proptest::collection::vec(inner, 3)).prop_map(
            |(form, parts)| {
                let mut parts = parts.into_iter().cycle();
                form.split('@').enumerate().fold(String::new(), |text, (index, piece)| {
                    let part = if index == 0 { String::new() } else { parts.next().unwrap() };
                    let binary = form.starts_with('@') || form.starts_with(['-', '!']);
                    let part = if binary && index > 0 { format!("({part})") } else { part };
                    text + &part + piece
                })
            },
        )
    })
}

/// What `source` says while inputs are unknown must fit what it says once they are known.
fn check(source: &str, choices: &[u8]) -> Result<(), String> {
    let (expression, _) = parsed(source);
    let evaluate = |choices| {
        let inputs = Inputs { choices };
        Evaluator::new(&inputs, Environment::default()).evaluate(&expression)
    };
    let Ok(after) = evaluate(Some(choices)) else { return Ok(()) };
    let before = match evaluate(None) {
        Ok(before) => before,
        // The type of an element tells that it has no such attribute, though there may be none.
        Err(problems) if problems.iter().all(|problem| problem.code == code::ATTRIBUTE_ACCESS) => {
            return Ok(());
        }
        Err(problems) => return Err(format!("refused only before: {problems:?}")),
    };
    contradiction(&before, &after).map_or(Ok(()), Err)
}

#[test]
fn knowing_more_contradicts_nothing() {
    let config = Config { failure_persistence: None, ..Config::default() };
    let seed = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, seed);
    let choices = proptest::collection::vec(any::<u8>(), LATER.len());
    let mut found = Vec::new();
    for _ in 0..CASES {
        let (source, choices) = (expression(), &choices).new_tree(&mut runner).unwrap().current();
        if let Err(reason) = check(&source, &choices) {
            found.push(format!("{source}\n    with {choices:?}: {reason}"));
        }
    }
    found.sort_by_key(String::len);
    found.truncate(40);
    assert!(found.is_empty(), "{}", found.join("\n"));
}
