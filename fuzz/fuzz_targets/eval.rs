//! Any text as an expression: evaluating it never panics, and what is known while inputs are
//! unknown stays true once they are known.

#![no_main]

use libfuzzer_sys::fuzz_target;
use snapform::addr::Reference;
use snapform::diag::{Diagnostic, Diagnostics, code};
use snapform::lang::{Environment, Evaluator, Scope};
use snapform::syntax::parse_expression;
use snapform::text::{SourceMap, Span};
use snapform::value;
use snapform::value::{Refinement, Type, Value, convert, read_json, write_json};

#[path = "../../src/lang/tests/filling.rs"]
mod filling;

/// Inputs, of which some may be unknown yet.
struct Inputs {
    known: bool,
}

impl Inputs {
    fn later(&self, value: Value, refinement: Refinement) -> Value {
        if self.known { value } else { Value::unknown_with(value.ty(), refinement) }
    }

    fn value(&self, name: &str) -> Option<Value> {
        let numbers = || vec![Value::from(3), Value::from(-1)];
        let names = || Value::object([("a", Value::string("x")), ("b", Value::from(2))]);
        Some(match name {
            "var.s" => Value::string("te\u{301}xt"),
            "var.n" => Value::from(7),
            "var.l" => Value::list(Type::Number, numbers()),
            "var.o" => names(),
            "var.p" => Value::string("hunter2").sensitive(),
            "var.z" => Value::null(Type::String),
            "var.us" => self.later(Value::string("abc"), Refinement::prefix("ab")),
            "var.un" => self.later(Value::from(2), Refinement::not_null()),
            "var.ub" => self.later(Value::TRUE, Refinement::default()),
            "var.ul" => {
                self.later(Value::list(Type::Number, numbers()), Refinement::length(1, Some(3)))
            }
            "var.ue" => self.later(Value::set(Type::Number, numbers()), Refinement::not_null()),
            "var.um" => self.later(
                Value::map(Type::String, [("k".into(), Value::string("v"))]),
                Refinement::default(),
            ),
            "var.uo" => self.later(names(), Refinement::not_null()),
            "var.uz" => self.later(Value::null(Type::String), Refinement::default()),
            "var.up" => self.later(Value::string("pw"), Refinement::default()).sensitive(),
            "var.ua" => {
                let value = Value::tuple(vec![Value::TRUE, names()]);
                if self.known { value } else { Value::unknown(Type::Any) }
            }
            _ => return None,
        })
    }
}

impl Scope for Inputs {
    fn resolve(&self, reference: &Reference, span: Span) -> Result<Value, Diagnostics> {
        self.value(&reference.to_string()).ok_or_else(|| {
            Diagnostic::error(code::REFERENCE, format!("There is no {reference}.")).at(span).into()
        })
    }
}

fuzz_target!(|data: &[u8]| {
    let Ok(source) = std::str::from_utf8(data) else { return };
    let mut map = SourceMap::default();
    let file = map.add("fuzz", source);
    let mut problems = Diagnostics::default();
    let Some(expression) = parse_expression(file, source, &mut problems) else { return };
    if problems.has_errors() {
        return;
    }
    let evaluated = |known| {
        let inputs = Inputs { known };
        Evaluator::new(&inputs, Environment::default()).evaluate(&expression)
    };
    let (before, after) = (evaluated(false), evaluated(true));
    let Ok(after) = after else { return };
    let before = before.unwrap_or_else(|problems| panic!("only while unknown: {problems:?}"));
    if let Some(contradiction) = filling::contradiction(&before, &after) {
        panic!("{contradiction}");
    }
    for value in [&before, &after] {
        assert_eq!(convert(value, &value.ty()).as_ref(), Ok(value), "to its own type");
    }
    if let Ok(json) = write_json(&after) {
        let again = read_json(&json).map(|value| write_json(&value));
        assert_eq!(again, Ok(Ok(json)), "JSON came back otherwise");
    }
});
