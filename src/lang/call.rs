//! Function calls.

use crate::diag::{Diagnostic, Diagnostics, code};
use crate::syntax::{Call, Expression, Kind};
use crate::text::Span;
use crate::value::{Data, Marks, Type, Value, convert};

use super::evaluator::{Evaluated, Inner, fail};
use super::functions::{Calling, Function, FunctionError, FunctionTable, Setting};
use super::limits::{self, Weight};

/// The value of a function call.
pub(super) fn evaluate(inner: &Inner<'_>, call: &Call, span: Span) -> Evaluated {
    let function = find(inner, call)?;
    let calculate = match function.call {
        Calling::Values(calculate) => calculate,
        Calling::Expressions(evaluate) => {
            check_count(function, call.arguments.len(), call, span)?;
            return evaluate(inner, function, call, span);
        }
    };
    if function.name == "templatestring"
        && let Some(template) = call.arguments.first()
        && matches!(template.kind(), Kind::Literal(_) | Kind::Template(_))
    {
        let detail = "The template of `templatestring` must be given by reference: one written in \
                      place is a text with sequences already.";
        return Err(fail(code::FUNCTION_ARGUMENTS, template.span(), detail));
    }
    let (arguments, spans, marks) = match arguments(inner, call)? {
        Ok(arguments) => arguments,
        Err(marks) => return Ok(Value::unknown(Type::Any).mark(&marks)),
    };
    check_count(function, arguments.len(), call, span)?;
    let arguments = converted(function, &arguments, &spans)?;
    run(inner, (function, calculate), &arguments, &spans, call).map(|value| value.mark(&marks))
}

fn find(inner: &Inner<'_>, call: &Call) -> Result<&'static Function, Diagnostics> {
    let name = call.name.strip_prefix("core::").unwrap_or(&call.name);
    let in_console = || FunctionTable::of_console().iter().find(|function| function.name == name);
    if let Some(function) = in_console() {
        return if inner.console {
            Ok(function)
        } else {
            let detail = format!("`{name}` can be called in the console only.");
            Err(fail(code::UNKNOWN_FUNCTION, call.name_span, detail))
        };
    }
    FunctionTable::get(name).ok_or_else(|| {
        Diagnostic::error(code::UNKNOWN_FUNCTION, format!("There is no function called `{name}`."))
            .at(call.name_span)
            .did_you_mean(name, FunctionTable::names())
            .into()
    })
}

type Calculate = fn(&Setting<'_>, &[Value]) -> Result<Value, FunctionError>;

type Arguments = (Vec<Value>, Vec<Span>, Marks);

/// The arguments, with the last one taken apart where it is to be; where that is unknown, only the
/// marks of what is not known yet.
fn arguments(inner: &Inner<'_>, call: &Call) -> Result<Result<Arguments, Marks>, Diagnostics> {
    let mut values = inner.all(&call.arguments)?;
    let mut spans: Vec<_> = call.arguments.iter().map(Expression::span).collect();
    if !call.expand {
        return Ok(Ok((values, spans, Marks::NONE)));
    }
    let (Some(last), Some(span)) = (values.pop(), spans.pop()) else {
        return Ok(Ok((values, spans, Marks::NONE)));
    };
    let waiting = || {
        let all = values.iter().chain([&last]).map(Value::deep_marks);
        Ok(Err(all.fold(Marks::NONE, |marks, own| marks.union(&own))))
    };
    match last.data() {
        Data::Null(_) => Err(fail(
            code::NULL_NOT_ALLOWED,
            span,
            "The value before `...` must be a list, tuple or set, but it is null.",
        )),
        Data::Unknown(unknown)
            if matches!(unknown.ty, Type::Any | Type::List(_) | Type::Set(_) | Type::Tuple(_)) =>
        {
            waiting()
        }
        Data::Set(_) if last.is_unsettled() => waiting(),
        Data::List(_) | Data::Set(_) | Data::Tuple(_) => {
            for item in last.elements().unwrap_or_default() {
                values.push(item.clone());
                spans.push(span);
            }
            Ok(Ok((values, spans, last.marks().clone())))
        }
        _ => Err(fail(
            code::CONVERSION,
            span,
            format!(
                "The value before `...` must be a list, tuple or set, but it is {}.",
                last.ty().phrase()
            ),
        )),
    }
}

fn check_count(
    function: &Function,
    count: usize,
    call: &Call,
    span: Span,
) -> Result<(), Diagnostics> {
    let needed = function.parameters.len();
    let missing = function.parameters.get(count);
    let detail = match missing {
        Some(parameter) => format!(
            "`{}` needs {}{needed} argument{}, and `{}` is missing.",
            function.name,
            if function.variadic.is_some() { "at least " } else { "" },
            if needed == 1 { "" } else { "s" },
            parameter.name
        ),
        None if count > needed && function.variadic.is_none() => format!(
            "`{}` takes {}, but {count} are given.",
            function.name,
            match needed {
                0 => "no arguments".to_owned(),
                1 => "one argument".to_owned(),
                more => format!("{more} arguments"),
            }
        ),
        None => return Ok(()),
    };
    let place = call.arguments.get(needed).map_or(span, Expression::span);
    Err(Diagnostic::error(code::FUNCTION_ARGUMENTS, detail)
        .at(if missing.is_some() { span } else { place })
        .help(format!("it is called as `{}`", function.signature()))
        .into())
}

fn converted(
    function: &Function,
    arguments: &[Value],
    spans: &[Span],
) -> Result<Vec<Value>, Diagnostics> {
    let mut problems = Diagnostics::default();
    let mut values = Vec::with_capacity(arguments.len());
    for (index, argument) in arguments.iter().enumerate() {
        let Some(parameter) = function.parameter(index) else { continue };
        let refused = |code, what: String| {
            let detail =
                format!("The argument `{}` of `{}` {what}.", parameter.name, function.name);
            let diagnostic = Diagnostic::error(code, detail);
            spans.get(index).map_or(diagnostic.clone(), |span| diagnostic.at(*span))
        };
        if argument.is_null() && !parameter.null {
            problems.push(refused(code::NULL_NOT_ALLOWED, "cannot be null".to_owned()));
            continue;
        }
        match convert(argument, &parameter.expects.ty()) {
            Ok(value) => values.push(value),
            Err(error) => problems
                .push(refused(code::CONVERSION, format!("does not fit: {}", error.describe()))),
        }
    }
    problems.into_result(values)
}

/// Calls a function with arguments that fit its parameters.
fn run(
    inner: &Inner<'_>,
    (function, calculate): (&Function, Calculate),
    arguments: &[Value],
    spans: &[Span],
    call: &Call,
) -> Evaluated {
    let mut marks = Marks::NONE;
    let mut bare = Vec::with_capacity(arguments.len());
    let mut undecided = false;
    let mut weight = Weight::default();
    for (index, argument) in arguments.iter().enumerate() {
        let Some(parameter) = function.parameter(index) else { continue };
        if parameter.marked {
            bare.push(argument.clone());
        } else {
            let span = spans.get(index).copied().unwrap_or(call.name_span);
            weight.add(argument).map_err(|_| limits::too_large(span))?;
            marks = marks.union(&argument.deep_marks());
            bare.push(argument.map_marks(&|_| Marks::NONE));
        }
        undecided |= !parameter.unknown && !argument.is_known();
    }
    let setting = Setting {
        scope: inner.scope,
        environment: inner.environment,
        in_template: inner.in_template,
        budget: inner.budget,
    };
    if undecided {
        // Which parts of them the result will hold is not known either.
        marks = bare.iter().fold(marks, |marks, argument| marks.union(&argument.deep_marks()));
    }
    let untyped = |(index, argument): (usize, &Value)| {
        function.parameter(index).is_some_and(|parameter| !parameter.unknown)
            && argument.as_unknown().is_some_and(|unknown| unknown.ty == Type::Any)
    };
    let result = if undecided && bare.iter().enumerate().any(untyped) {
        Ok(Value::unknown(Type::Any))
    } else if undecided {
        (function.result)(&bare).map(|ty| {
            if function.nullable { Value::unknown(ty) } else { Value::unknown_not_null(ty) }
        })
    } else {
        calculate(&setting, &bare)
    };
    if let Ok(value) = &result {
        limits::check_text(value.as_str().map_or(0, str::len), call.name_span)?;
    }
    result
        .map(|value| value.mark(&marks))
        .map_err(|error| refused(function, error, spans, call, &marks))
}

fn refused(
    function: &Function,
    error: FunctionError,
    spans: &[Span],
    call: &Call,
    marks: &Marks,
) -> Diagnostics {
    let span = error.argument.and_then(|index| spans.get(index).copied()).unwrap_or(call.name_span);
    if let Some(inner) = error.inner {
        return inner.into_iter().map(|problem| problem.at_if_missing(Some(span))).collect();
    }
    // What a function says may hold parts of its arguments.
    let reason = if marks.is_hidden() {
        "the reason is not shown, for an argument is secret".to_owned()
    } else {
        error.reason
    };
    let detail = match error.argument.and_then(|index| function.parameter(index)) {
        Some(parameter) => {
            format!("`{}` has no result for this `{}`: {reason}.", function.name, parameter.name)
        }
        None => format!("`{}` has no result for these arguments: {reason}.", function.name),
    };
    fail(code::FUNCTION_FAILED, span, detail)
}
