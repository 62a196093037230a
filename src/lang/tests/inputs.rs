//! Inputs of every kind, and what must hold for every expression of them.

// The fuzz target `eval` compiles this file too.
use std::sync::LazyLock;

use crate::addr::Reference;
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::lang::{Environment, Evaluator, Scope};
use crate::syntax::Expression;
use crate::text::Span;
use crate::value::{Data, Marks, Refinement, Type, Value, convert, guesses};

use super::filling::contradiction;

/// An input that becomes known later.
struct Later {
    name: &'static str,
    ty: Type,
    /// What is known of it before.
    known: Refinement,
    /// What it may become.
    values: Vec<Value>,
    marks: Marks,
}

impl Later {
    fn new(name: &'static str, ty: Type, known: Refinement, values: Vec<Value>) -> Self {
        Self { name, ty, known, values, marks: Marks::NONE }
    }

    fn marked(self, marks: Marks) -> Self {
        Self { marks, ..self }
    }
}

fn text(text: &str) -> Value {
    Value::string(text)
}

fn list(items: &[i64]) -> Value {
    Value::list(Type::Number, items.iter().copied().map(Value::from).collect())
}

fn set(items: &[&str]) -> Value {
    Value::set(Type::String, items.iter().map(|item| text(item)).collect())
}

fn map(keys: &[&str]) -> Value {
    Value::map(Type::String, keys.iter().map(|key| ((*key).into(), text(key))))
}

fn object(a: Value) -> Value {
    Value::object([("a", a), ("b", Value::from(2))])
}

/// What the texts that must never be told hold.
pub(crate) const SECRET: &str = "hunter2";

/// How many inputs become known later.
pub(crate) const LATER: usize = 16;

static INPUTS: LazyLock<[Later; LATER]> = LazyLock::new(|| {
    let (strings, numbers) = (Type::String, Type::list(Type::Number));
    let nothing = Refinement::default;
    let pair = Type::tuple(vec![Type::Number, Type::String]);
    let objects = Type::list(Type::object([("a", Type::String), ("b", Type::Number)]));
    let texts = vec![text("x"), text(""), text("12"), text("true"), Value::null(strings.clone())];
    let plain = [
        Later::new("text", strings.clone(), nothing(), texts),
        Later::new(
            "name",
            strings.clone(),
            Refinement::prefix("pre-"),
            vec![text("pre-"), text("pre-x"), text("pre-\u{301}")],
        ),
        Later::new(
            "number",
            Type::Number,
            Refinement::not_null(),
            vec![0.into(), 1.into(), Value::from(-3)],
        ),
        Later::new(
            "truth",
            Type::Bool,
            nothing(),
            vec![Value::TRUE, Value::FALSE, Value::null(Type::Bool)],
        ),
        Later::new(
            "list",
            numbers.clone(),
            Refinement::length(1, Some(2)),
            vec![list(&[1]), list(&[1, 1]), list(&[3, -2])],
        ),
        Later::new("two", numbers, Refinement::length(2, Some(2)), vec![list(&[0, 1])]),
        Later::new(
            "set",
            Type::set(strings.clone()),
            Refinement::not_null(),
            vec![set(&[]), set(&["a"]), set(&["a", "b"])],
        ),
        Later::new(
            "map",
            Type::map(strings.clone()),
            nothing(),
            vec![map(&[]), map(&["a"]), map(&["a", "b"]), Value::null(Type::map(Type::String))],
        ),
        Later::new(
            "object",
            object(text("")).ty(),
            Refinement::not_null(),
            vec![object(text("x")), object(Value::null(Type::String))],
        ),
        Later::new(
            "objects",
            objects.clone(),
            nothing(),
            vec![
                Value::list(object(text("")).ty(), vec![object(text("x")), object(text("y"))]),
                Value::list(object(text("")).ty(), Vec::new()),
                Value::null(objects),
            ],
        ),
        Later::new(
            "pair",
            pair,
            Refinement::not_null(),
            vec![Value::tuple(vec![1.into(), text("a")]), Value::tuple(vec![0.into(), text("")])],
        ),
        Later::new(
            "any",
            Type::Any,
            nothing(),
            vec![text("a"), 3.into(), object(Value::TRUE), Value::NULL, list(&[1])],
        ),
    ];
    let secrets = || vec![text(SECRET), text("a"), text("1")];
    let [a, b, c, d, e, f, g, h, i, j, k, l] = plain;
    let hidden = [
        Later::new("secret", strings.clone(), nothing(), secrets()).marked(Marks::sensitive()),
        Later::new("token", strings, nothing(), secrets()).marked(Marks::ephemeral()),
        Later::new("vault", Type::map(Type::String), nothing(), vec![map(&[]), map(&["a"])])
            .marked(Marks::sensitive()),
        Later::new("pin", Type::Number, Refinement::not_null(), vec![1.into(), 0.into(), 7.into()])
            .marked(Marks::sensitive()),
    ];
    let [m, n, o, p] = hidden;
    [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p]
});

/// The names of all inputs.
pub(crate) fn names() -> impl Iterator<Item = String> {
    let known = ["known", "code", "mixed", "part", "members"];
    INPUTS.iter().map(|input| input.name).chain(known).map(|name| format!("var.{name}"))
}

/// Inputs at some time.
struct Inputs<'c> {
    /// Which value each one has or will have.
    choices: &'c [u8],
    /// Whether the one at a position is known already.
    is_known: &'c dyn Fn(usize) -> bool,
}

impl Inputs<'_> {
    fn value(&self, name: &str) -> Option<Value> {
        Some(match name {
            "known" => text("a"),
            "code" => Value::from(1).sensitive(),
            "mixed" => Value::tuple(vec![self.value("text")?, 1.into()]),
            "part" => Value::object([("a", self.value("name")?), ("b", 1.into())]),
            "members" => Value::set(Type::String, vec![text("a"), self.value("text")?]),
            _ => {
                let place = INPUTS.iter().position(|input| input.name == name)?;
                let input = INPUTS.get(place)?;
                let choice = usize::from(*self.choices.get(place)?);
                let known = input.values.get(choice % input.values.len())?.clone();
                let value = if (self.is_known)(place) {
                    known
                } else {
                    Value::unknown_refined(input.ty.clone(), input.known.clone())
                };
                value.mark(&input.marks)
            }
        })
    }
}

impl Scope for Inputs<'_> {
    fn resolve(&self, reference: &Reference, span: Span) -> Result<Value, Diagnostics> {
        let name = reference.to_string();
        name.strip_prefix("var.").and_then(|name| self.value(name)).ok_or_else(|| {
            Diagnostic::error(code::REFERENCE, format!("There is no {name}.")).at(span).into()
        })
    }
}

/// What an expression gives, and how many types were guessed on the way.
type Found = (Result<Value, Diagnostics>, usize);

fn found(expression: &Expression, choices: &[u8], is_known: &dyn Fn(usize) -> bool) -> Found {
    let inputs = Inputs { choices, is_known };
    let before = guesses::count();
    let result = Evaluator::new(&inputs, Environment::default()).evaluate(expression);
    (result, guesses::count() - before)
}

/// Checks an expression with the values that `choices` pick. `Ok(None)` where it has no value with
/// them, so that there is nothing to compare.
pub(crate) fn check(expression: &Expression, choices: &[u8]) -> Result<Option<Value>, String> {
    let (after, known) = found(expression, choices, &|_| true);
    let (before, unknown) = found(expression, choices, &|_| false);
    for result in [&after, &before] {
        if let Err(problems) = result
            && format!("{problems:?}").contains(SECRET)
        {
            return Err(format!("it tells a secret: {problems:?}"));
        }
    }
    let Ok(after) = after else { return Ok(None) };
    let half = |place: usize| choices.get(place).is_some_and(|choice| choice & 64 == 0);
    let (middle, between) = found(expression, choices, &half);
    let untyped = is_untyped(expression);
    let fits = |before: &Found, after: &Found| {
        let (Ok(before), true) = (&before.0, before.1 == after.1) else { return Ok(()) };
        let Ok(after) = &after.0 else { return Ok(()) };
        match contradiction(before, after) {
            Some(found) if !(untyped && same_when_converted(before, after)) => Err(found),
            _ => Ok(()),
        }
    };
    let all = [(before, unknown), (middle, between), (Ok(after.clone()), known)];
    for (result, guesses) in &all {
        match result {
            Err(_) if *guesses != known => {}
            // The type of an element tells that it has no such attribute, though there may be none.
            Err(problems)
                if !problems.iter().all(|problem| problem.code == code::ATTRIBUTE_ACCESS) =>
            {
                return Err(format!("refused only before: {problems:?}"));
            }
            _ => {}
        }
    }
    let [before, middle, last] = &all;
    fits(before, middle)?;
    fits(middle, last)?;
    fits(before, last)?;
    hides(expression, choices, &after, known)?;
    Ok(Some(after))
}

/// Takes marks off, or tells of them, or tells whether there is an error: as in Terraform.
pub(crate) const TELLING: [&str; 5] =
    ["can", "try", "issensitive", "nonsensitive", "ephemeralasnull"];

/// Whether there are values in it of which not even the type is known: it decides on other types.
fn is_untyped(expression: &Expression) -> bool {
    let mut untyped = false;
    expression.visit(&mut |part| {
        untyped |= part.as_call().is_some_and(|(name, _)| name.contains("decode"));
        untyped |= part.references().iter().any(|(name, _)| name.to_string() == "var.any");
    });
    untyped
}

/// What does not carry a mark must be the same whatever the hidden inputs are.
fn hides(
    expression: &Expression,
    choices: &[u8],
    value: &Value,
    known: usize,
) -> Result<(), String> {
    let mut tells = false;
    expression.visit(&mut |part| {
        tells |= part.as_call().is_some_and(|(name, _)| {
            TELLING.contains(&name.strip_prefix("core::").unwrap_or(name))
                || name.ends_with("templatestring")
        });
    });
    if tells {
        return Ok(());
    }
    for marks in [Marks::sensitive(), Marks::ephemeral()] {
        let mut others = choices.to_vec();
        for (choice, input) in others.iter_mut().zip(INPUTS.iter()) {
            *choice = choice.wrapping_add(u8::from(input.marks == marks));
        }
        let (Ok(other), guesses) = found(expression, &others, &|_| true) else { continue };
        if guesses != known {
            continue;
        }
        let (shown, other) = (redacted(value, &marks), redacted(&other, &marks));
        if shown != other {
            return Err(format!("{shown:?} was {other:?} with another secret"));
        }
    }
    Ok(())
}

/// The value without what `marks` hide.
fn redacted(value: &Value, marks: &Marks) -> Value {
    let own = value.marks();
    if (own.is_sensitive() && marks.is_sensitive()) || (own.is_ephemeral() && marks.is_ephemeral())
    {
        return text("(hidden)");
    }
    match value.data() {
        Data::List(_) | Data::Tuple(_) => {
            Value::tuple(value.children().map(|item| redacted(item, marks)).collect())
        }
        Data::Map(_) | Data::Object(_) => {
            let entries = value.entries().unwrap_or_default().iter();
            Value::object(entries.map(|(key, item)| (key.clone(), redacted(item, marks))))
        }
        _ => value.reveal(),
    }
}

/// Tells whether `before` says the same as `after`, but for its type.
pub(crate) fn same_when_converted(before: &Value, after: &Value) -> bool {
    let converted = convert(&before.reveal(), &after.ty());
    converted.is_ok_and(|value| contradiction(&value, &after.reveal()).is_none())
}
