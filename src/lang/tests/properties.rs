//! What holds for every expression: knowing more never contradicts what was known before.

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::lang::FunctionTable;

use super::inputs::{LATER, check, names};
use super::parsed;

fn leaf() -> impl Strategy<Value = String> {
    let fixed = ["1", "0", "2.5", "\"a\"", "\"\"", "\"pre-\"", "true", "false", "null", "[]", "{}"];
    let all: Vec<_> = fixed.into_iter().map(str::to_owned).chain(names()).collect();
    proptest::sample::select(all)
}

/// How many expressions that have a value are tried.
const CASES: usize = 3_000;

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

/// [`FORMS`], and a call of every function that is in none of them.
fn forms() -> Vec<String> {
    let mut forms: Vec<String> = FORMS.iter().map(|form| (*form).to_owned()).collect();
    for function in FunctionTable::all() {
        let start = format!("{}(", function.name);
        // One of these takes long on purpose.
        if function.name != "bcrypt" && !forms.iter().any(|form| form.starts_with(&start)) {
            let count = function.parameters.len() + usize::from(function.variadic.is_some());
            forms.push(format!("{start}{})", vec!["@"; count].join(", ")));
        }
        if function.variadic.is_some() {
            let arguments = vec!["@"; function.parameters.len() + 1].join(", ");
            forms.push(format!("{start}{arguments}...)"));
        }
    }
    forms
}

fn expression() -> impl Strategy<Value = String> {
    let forms = forms();
    leaf().prop_recursive(4, 24, 3, move |inner| {
        (proptest::sample::select(forms.clone()), proptest::collection::vec(inner, 3)).prop_map(
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

#[test]
fn knowing_more_contradicts_nothing() {
    let config = Config { failure_persistence: None, ..Config::default() };
    let seed = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, seed);
    let choices = proptest::collection::vec(any::<u8>(), LATER);
    let (mut found, mut compared) = (Vec::new(), 0);
    // Most random expressions have no value.
    while compared < CASES && found.len() < 1000 {
        let (source, choices) = (expression(), &choices).new_tree(&mut runner).unwrap().current();
        match check(&parsed(&source).0, &choices) {
            Ok(value) => compared += usize::from(value.is_some()),
            Err(reason) => found.push(format!("{source}\n    with {choices:?}: {reason}")),
        }
    }
    found.sort_by_key(String::len);
    found.truncate(40);
    assert!(found.is_empty(), "{}", found.join("\n"));
}
