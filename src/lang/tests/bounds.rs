//! Expressions that would fill any memory end with an error.

use std::fmt::Write as _;

use crate::diag::{Code, code};
use crate::syntax::parse_expression;
use crate::text::SourceMap;

use super::super::limits::Budget;
use super::{Diagnostics, Environment, Evaluator, Span, Value, evaluated};
use crate::lang::NoReferences;

/// `start`, bound to a name, then `step` of the last name bound to the next one, so many times.
fn repeated(start: &str, step: &str, times: usize) -> String {
    let mut text = format!("[for a0 in [{start}] : ");
    for number in 1..=times {
        let step = step.replace('@', &format!("a{}", number - 1));
        let _ = write!(text, "[for a{number} in [{step}] : ");
    }
    let _ = write!(text, "length(jsonencode(a{times})){}", "]".repeat(times + 1));
    text
}

fn problems(source: &str) -> Diagnostics {
    let mut map = SourceMap::default();
    let file = map.add("test", source);
    let expression = parse_expression(file, source, &mut Diagnostics::default()).unwrap();
    let found = Evaluator::new(&NoReferences, Environment::default()).evaluate(&expression);
    found.map(|value| format!("{value:?}").len()).expect_err(source)
}

fn check(source: &str, code: Code) {
    let start: String = source.chars().take(120).collect();
    let problems = problems(source);
    assert!(problems.iter().all(|problem| problem.code == code), "{start}: {problems:?}");
}

#[test]
fn what_doubles_forever_is_refused() {
    for (source, code) in [
        (
            repeated("\"0123456789\"", "\"${@}${@}${@}${@}${@}${@}${@}${@}${@}${@}\"", 12),
            code::VALUE_LIMIT,
        ),
        (repeated("\"0123456789\"", "join(@, [@, @, @, @])", 12), code::VALUE_LIMIT),
        (
            repeated("\"0123456789\"", "format(\"%s%[1]s%[1]s%[1]s%[1]s%[1]s\", @)", 12),
            code::FUNCTION_FAILED,
        ),
        (
            repeated(
                "\"0123456789\"",
                "\"%{ for x in [1, 2, 3, 4, 5, 6, 7, 8] }${@}%{ endfor }\"",
                12,
            ),
            code::VALUE_LIMIT,
        ),
        (repeated("[1]", "[@, @, @, @, @, @, @, @, @, @]", 12), code::VALUE_LIMIT),
        (repeated("[1]", "{ a = @, b = @, c = @, d = @, e = @, f = @ }", 12), code::VALUE_LIMIT),
        (repeated("[1]", "concat(@, @, @, @, @, @, @, @, @, @)", 12), code::FUNCTION_FAILED),
        (repeated("1e99999", "@ * @", 12), code::ARITHMETIC),
        (repeated("1e-99999", "@ * @", 12), code::ARITHMETIC),
    ] {
        check(&source, code);
    }
}

#[test]
fn functions_that_make_much_of_little_are_bounded() {
    let long = "join(\"\", [for i in range(1000) : \"0123456789\"])";
    for (source, code) in [
        ("setproduct(range(1000), range(1000), range(1000))".to_owned(), code::FUNCTION_FAILED),
        ("range(0, 1e9)".to_owned(), code::FUNCTION_FAILED),
        ("pow(2, 1e9)".to_owned(), code::FUNCTION_FAILED),
        ("indent(1000000000, \"a\\nb\")".to_owned(), code::FUNCTION_FAILED),
        (
            "format(join(\"\", [for i in range(1000) : \"%[1]99999s\"]), 1)".to_owned(),
            code::FUNCTION_FAILED,
        ),
        (
            format!("formatlist(\"%s%[2]d\", replace({long}, \"0\", {long}), range(1000))"),
            code::FUNCTION_FAILED,
        ),
        (format!("replace({long}, \"\", {long})"), code::FUNCTION_FAILED),
        (
            format!("replace({long}, \"/./\", \"$0$0{}\")", "$0".repeat(10_000)),
            code::FUNCTION_FAILED,
        ),
        (
            format!("join({long}, range(1000), range(1000), range(1000), range(1000))"),
            code::FUNCTION_FAILED,
        ),
        (
            format!("split(\"\", replace({long}, \"/./\", format(\"%0200d\", 0)))"),
            code::FUNCTION_FAILED,
        ),
        (
            format!("regexall(\".\", replace({long}, \"/./\", format(\"%0200d\", 0)))"),
            code::FUNCTION_FAILED,
        ),
        (
            format!("jsondecode(\"[${{replace({long}, \"/./\", \"{}\")}}1]\")", "[],".repeat(110)),
            code::FUNCTION_FAILED,
        ),
        (
            format!("csvdecode(replace({long}, \"/./\", \"{}\"))", ",".repeat(110)),
            code::FUNCTION_FAILED,
        ),
        (
            "[for a in range(1000) : [for b in range(1000) : [for c in range(1000) : 1]]]"
                .to_owned(),
            code::VALUE_LIMIT,
        ),
    ] {
        check(&source, code);
    }
}

#[test]
fn what_is_merely_large_is_made() {
    for (source, expected) in [
        ("length([for a in range(1000) : [for b in range(300) : b]])", 1000),
        ("length(setproduct(range(1000), range(200)))", 200_000),
        ("length(join(\"\", [for a in range(1000) : format(\"%01000d\", a)]))", 1_000_000),
        ("length(flatten([for a in range(500) : range(1000)]))", 500_000),
    ] {
        let value = evaluated(source).unwrap_or_else(|problems| panic!("{source}: {problems:?}"));
        assert_eq!(value, Value::from(expected), "{source}");
    }
}

#[test]
fn an_expression_goes_through_so_many_elements_and_no_more() {
    let mut map = SourceMap::default();
    let span = Span::new(map.add("test", "x"), 0, 1);
    let budget = Budget::default();
    for _ in 0..5_000_000 {
        budget.step(span).unwrap();
    }
    let problems = budget.step(span).unwrap_err();
    assert_eq!(problems.iter().next().unwrap().code, code::VALUE_LIMIT);
}
