//! Texts with sequences.

use crate::diag::code;
use crate::syntax::{Directive, TemplatePart};
use crate::text::Span;
use crate::value::{Marks, Refinement, Type, Value, convert};

use super::evaluator::{Evaluated, Inner, fail};
use super::{for_expression, limits, operators};

/// The text that `parts` make; the known start of it where some part is unknown.
pub(super) fn evaluate(inner: &Inner<'_>, parts: &[TemplatePart], span: Span) -> Evaluated {
    let mut text = String::new();
    let mut known = true;
    let mut marks = Marks::NONE;
    let mut problems = crate::diag::Diagnostics::default();
    for part in parts {
        let value = match part {
            TemplatePart::Literal(literal) => {
                if known {
                    text.push_str(literal);
                }
                continue;
            }
            TemplatePart::Interpolation(expression) => {
                inner.evaluate(expression).and_then(|value| interpolated(&value, expression.span()))
            }
            TemplatePart::Directive(part) => directive(inner, part, span),
        };
        let Some(value) = problems.absorb(value) else { continue };
        marks = marks.union(value.marks());
        match value.as_str() {
            Some(part) if known => {
                limits::check_text(text.len() + part.len(), span)?;
                text.push_str(part);
            }
            Some(_) => {}
            None => {
                if known
                    && let Some(prefix) =
                        value.as_unknown().and_then(|u| u.refinement.prefix.as_ref())
                {
                    text.push_str(prefix);
                }
                known = false;
            }
        }
    }
    let value = if known {
        Value::string(text)
    } else {
        Value::unknown_with(Type::String, Refinement::prefix(text))
    };
    problems.into_result(value.mark(&marks))
}

fn interpolated(value: &Value, span: Span) -> Evaluated {
    if value.is_null() {
        return Err(fail(code::TEMPLATE, span, "A null cannot be part of a text."));
    }
    convert(value, &Type::String).map_err(|_| {
        let detail = format!(
            "{} cannot be part of a text: only strings, numbers and bools can.",
            sentence(&value.ty())
        );
        fail(code::TEMPLATE, span, detail)
    })
}

fn sentence(ty: &Type) -> String {
    let phrase = ty.phrase();
    let mut letters = phrase.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn directive(inner: &Inner<'_>, directive: &Directive, span: Span) -> Evaluated {
    match directive {
        Directive::If { condition, then, otherwise } => {
            let decided = inner.evaluate(condition)?;
            let told = |unless: bool| match decided.as_bool() {
                Some(truth) if truth == unless => inner.quietly(),
                _ => *inner,
            };
            let then = evaluate(&told(false), then, span);
            let otherwise = evaluate(&told(true), otherwise, span);
            operators::choose_text(&decided, condition.span(), then, otherwise)
        }
        Directive::For { key, value, collection, body } => {
            let source = inner.evaluate(collection)?;
            let source_span = collection.span();
            let elements = for_expression::elements(&source, source_span)?;
            let mut marks = source.marks().clone();
            let Some(elements) = elements else {
                return Ok(Value::unknown_not_null(Type::String).mark(&marks));
            };
            let mut text = String::new();
            let mut known = !source.is_unsettled();
            for (position, element) in elements {
                inner.budget.step(source_span)?;
                let part = for_expression::bound_of(
                    inner,
                    (key.as_ref(), value),
                    (position, element),
                    (source.marks(), source_span),
                    |inner| evaluate(inner, body, span),
                )?;
                marks = marks.union(part.marks());
                match part.as_str() {
                    Some(part) if known => {
                        limits::check_text(text.len() + part.len(), span)?;
                        text.push_str(part);
                    }
                    Some(_) => {}
                    None => known = false,
                }
            }
            let result = if known {
                Value::string(text)
            } else {
                Value::unknown_with(Type::String, Refinement::prefix(text))
            };
            Ok(result.mark(&marks))
        }
    }
}
