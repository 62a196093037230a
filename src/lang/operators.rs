//! Operators and conditionals.

use crate::diag::{Diagnostic, Diagnostics, code};
use crate::syntax::{BinaryOperator, Conditional, UnaryOperator};
use crate::text::Span;
use crate::value::{Data, Marks, Number, Refinement, Type, Value, convert, equals, unify};

use super::evaluator::{Evaluated, Inner, fail};

/// A value and where it stands.
pub(super) type Operand<'v> = (&'v Value, Span);

/// `!x` and `-x`.
pub(super) fn unary(operator: UnaryOperator, value: &Value, span: Span) -> Evaluated {
    let (symbol, ty) = match operator {
        UnaryOperator::Not => ("!", Type::Bool),
        UnaryOperator::Negate => ("-", Type::Number),
    };
    let operand = operand(symbol, &ty, (value, span))?;
    let result = match operand.data() {
        Data::Bool(truth) => Value::bool(!truth),
        Data::Number(number) => Value::number(number.negate()),
        _ => Value::unknown_not_null(ty),
    };
    Ok(result.mark(operand.marks()))
}

fn operand(symbol: &str, ty: &Type, (value, span): Operand<'_>) -> Evaluated {
    if value.is_null() {
        return Err(fail(
            code::OPERAND,
            span,
            format!("The operator `{symbol}` needs {}, but this is null.", ty.phrase()),
        ));
    }
    convert(value, ty).map_err(|error| {
        let detail = format!("The operator `{symbol}` cannot be used here: {}.", error.describe());
        fail(code::OPERAND, span, detail)
    })
}

/// `x + y` and so on.
pub(super) fn binary(
    operator: BinaryOperator,
    left: Operand<'_>,
    right: Operand<'_>,
    span: Span,
) -> Evaluated {
    use BinaryOperator as Op;
    match operator {
        Op::Equal => Ok(equals(left.0, right.0)),
        Op::NotEqual => {
            let equal = equals(left.0, right.0);
            Ok(match equal.as_bool() {
                Some(truth) => Value::bool(!truth).mark(equal.marks()),
                None => equal,
            })
        }
        Op::And | Op::Or => {
            let (left, right) = operands(operator, &Type::Bool, left, right)?;
            let marks = left.marks().union(right.marks());
            let result = match (left.as_bool(), right.as_bool()) {
                (Some(left), Some(right)) if operator == Op::And => Value::bool(left && right),
                (Some(left), Some(right)) => Value::bool(left || right),
                _ => Value::unknown_not_null(Type::Bool),
            };
            Ok(result.mark(&marks))
        }
        Op::Less | Op::LessOrEqual | Op::Greater | Op::GreaterOrEqual => {
            let (left, right) = operands(operator, &Type::Number, left, right)?;
            let marks = left.marks().union(right.marks());
            let result = match (left.as_number(), right.as_number()) {
                (Some(left), Some(right)) => Value::bool(match operator {
                    Op::Less => left < right,
                    Op::LessOrEqual => left <= right,
                    Op::Greater => left > right,
                    _ => left >= right,
                }),
                _ => Value::unknown_not_null(Type::Bool),
            };
            Ok(result.mark(&marks))
        }
        Op::Add | Op::Subtract | Op::Multiply | Op::Divide | Op::Remainder => {
            let (left, right) = operands(operator, &Type::Number, left, right)?;
            let marks = left.marks().union(right.marks());
            let result = match (left.as_number(), right.as_number()) {
                (Some(left), Some(right)) => Value::number(
                    arithmetic(operator, left, right)
                        .ok_or_else(|| no_result(operator, right, span))?,
                ),
                _ => Value::unknown_not_null(Type::Number),
            };
            Ok(result.mark(&marks))
        }
    }
}

fn operands(
    operator: BinaryOperator,
    ty: &Type,
    left: Operand<'_>,
    right: Operand<'_>,
) -> Result<(Value, Value), Diagnostics> {
    let mut problems = Diagnostics::default();
    let left = problems.absorb(operand(operator.symbol(), ty, left));
    let right = problems.absorb(operand(operator.symbol(), ty, right));
    match (left, right) {
        (Some(left), Some(right)) => Ok((left, right)),
        _ => Err(problems),
    }
}

fn arithmetic(operator: BinaryOperator, left: &Number, right: &Number) -> Option<Number> {
    match operator {
        BinaryOperator::Add => left.add(right),
        BinaryOperator::Subtract => left.subtract(right),
        BinaryOperator::Multiply => left.multiply(right),
        BinaryOperator::Divide => left.divide(right),
        _ => left.remainder(right),
    }
}

fn no_result(operator: BinaryOperator, right: &Number, span: Span) -> Diagnostics {
    let detail = if operator == BinaryOperator::Divide && right.is_zero() {
        "A number cannot be divided by zero.".to_owned()
    } else {
        format!("The result of `{}` is out of range.", operator.symbol())
    };
    fail(code::ARITHMETIC, span, detail)
}

/// `x ? y : z`: both results are evaluated for their types, problems of the other one are not
/// reported.
pub(super) fn conditional(inner: &Inner<'_>, parts: &Conditional) -> Evaluated {
    let quiet = inner.quietly();
    let mut then = quiet.evaluate(&parts.then);
    let mut otherwise = quiet.evaluate(&parts.otherwise);
    let condition = inner.evaluate(&parts.condition)?;
    match condition.as_bool() {
        // Only the problems of the result that is chosen are told, so only they are explained.
        Some(true) if inner.explains && then.is_err() => then = inner.evaluate(&parts.then),
        Some(false) if inner.explains && otherwise.is_err() => {
            otherwise = inner.evaluate(&parts.otherwise);
        }
        _ => {}
    }
    choose(&condition, parts.condition.span(), then, otherwise, parts)
}

fn choose(
    condition: &Value,
    span: Span,
    then: Evaluated,
    otherwise: Evaluated,
    parts: &Conditional,
) -> Evaluated {
    let ty =
        result_type(&then, &otherwise).ok_or_else(|| disagreement(&then, &otherwise, parts))?;
    let condition = truth(condition, span)?;
    match condition.as_bool() {
        Some(truth) => {
            let (chosen, chosen_span) = if truth {
                (then?, parts.then.span())
            } else {
                (otherwise?, parts.otherwise.span())
            };
            let value = convert(&chosen, &ty).map_err(|error| {
                let detail = format!(
                    "The two results of this conditional become {}, and this one cannot: {}.",
                    ty.phrase(),
                    error.describe()
                );
                fail(code::CONDITIONAL_TYPES, chosen_span, detail)
            })?;
            Ok(value.mark(condition.marks()))
        }
        None => Ok(undecided(&condition, then.ok(), otherwise.ok(), ty)),
    }
}

/// A condition as a bool, maybe unknown, with its marks.
pub(super) fn truth(condition: &Value, span: Span) -> Evaluated {
    if condition.is_null() {
        return Err(fail(
            code::NULL_NOT_ALLOWED,
            span,
            "A condition must be true or false, but this is null.",
        ));
    }
    convert(condition, &Type::Bool).map_err(|error| {
        let detail = format!("A condition must be true or false: {}.", error.describe());
        fail(code::CONVERSION, span, detail)
    })
}

fn result_type(then: &Evaluated, otherwise: &Evaluated) -> Option<Type> {
    let (Ok(then), Ok(otherwise)) = (then, otherwise) else {
        #[cfg(any(test, fuzzing))]
        crate::value::guesses::note_error(1_000);
        return Some(Type::Any);
    };
    let untyped_null = |value: &Value| matches!(value.data(), Data::Null(Type::Any));
    if untyped_null(then) {
        return Some(otherwise.ty());
    }
    if untyped_null(otherwise) {
        return Some(then.ty());
    }
    unify(&[then.ty(), otherwise.ty()])
}

fn disagreement(then: &Evaluated, otherwise: &Evaluated, parts: &Conditional) -> Diagnostics {
    let phrase = |value: &Evaluated| {
        value.as_ref().map_or_else(|_| "unusable".to_owned(), |value| value.ty().phrase())
    };
    Diagnostic::error(
        code::CONDITIONAL_TYPES,
        format!(
            "Both results of a conditional must have a type in common, but the first is {} and the \
             second {}.",
            phrase(then),
            phrase(otherwise)
        ),
    )
    .at(parts.then.span().to(parts.otherwise.span()))
    .label(parts.then.span(), phrase(then))
    .label(parts.otherwise.span(), phrase(otherwise))
    .into()
}

/// What is known of a conditional whose condition is unknown.
fn undecided(condition: &Value, then: Option<Value>, otherwise: Option<Value>, ty: Type) -> Value {
    let mut marks = condition.deep_marks();
    for value in [&then, &otherwise].into_iter().flatten() {
        marks = marks.union(&value.deep_marks());
    }
    let (Some(then), Some(otherwise)) = (then, otherwise) else {
        return Value::unknown(ty).mark(&marks);
    };
    let result = match (convert(&then, &ty), convert(&otherwise, &ty)) {
        (Ok(then), Ok(otherwise)) => between(&then, &otherwise, ty),
        _ => Value::unknown(ty),
    };
    result.mark(&marks)
}

fn between(then: &Value, otherwise: &Value, ty: Type) -> Value {
    if then.is_null() && otherwise.is_null() {
        return Value::null(ty);
    }
    if !(then.is_never_null() && otherwise.is_never_null()) {
        return Value::unknown(ty);
    }
    let collection = matches!(ty, Type::List(_) | Type::Set(_) | Type::Map(_));
    let refinement = if collection {
        let ((then_min, then_max), (other_min, other_max)) =
            (then.length_bounds(), otherwise.length_bounds());
        Refinement::length(then_min.min(other_min), then_max.zip(other_max).map(|(a, b)| a.max(b)))
    } else {
        Refinement::not_null()
    };
    Value::unknown_refined(ty, refinement)
}

/// The value of `%{ if }`: texts need no common type to be found.
pub(super) fn choose_text(
    condition: &Value,
    span: Span,
    then: Evaluated,
    otherwise: Evaluated,
) -> Evaluated {
    let condition = truth(condition, span)?;
    match condition.as_bool() {
        Some(true) => Ok(then?.mark(condition.marks())),
        Some(false) => Ok(otherwise?.mark(condition.marks())),
        None => {
            let marks = [then.ok(), otherwise.ok()]
                .iter()
                .flatten()
                .fold(Marks::clone(condition.marks()), |marks, value| marks.union(value.marks()));
            Ok(Value::unknown_not_null(Type::String).mark(&marks))
        }
    }
}
