//! Functions on numbers.

use crate::value::{Number, Type, Value, convert};

use super::function::{Expects, FunctionError, Outcome, Setting, gives, integer, items};
use super::{Function, Parameter};

const NUMBER: Parameter = Parameter::new("number", Expects::Number);

/// The longest list `range` makes.
const RANGE_LIMIT: usize = 1024;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "abs",
        &[NUMBER],
        "The number without its sign.",
        gives::number,
        |_, arguments| Ok(Value::number(number(arguments, 0)?.absolute())),
    ),
    Function::new(
        "ceil",
        &[NUMBER],
        "The next whole number upwards.",
        gives::number,
        |_, arguments| Ok(Value::number(number(arguments, 0)?.ceil())),
    ),
    Function::new(
        "floor",
        &[NUMBER],
        "The next whole number downwards.",
        gives::number,
        |_, arguments| Ok(Value::number(number(arguments, 0)?.floor())),
    ),
    Function::new("max", &[], "The largest number.", gives::number, |_, arguments| {
        extreme(arguments, true)
    })
    .variadic(NUMBER),
    Function::new("min", &[], "The smallest number.", gives::number, |_, arguments| {
        extreme(arguments, false)
    })
    .variadic(NUMBER),
    Function::new("signum", &[NUMBER], "The sign: -1, 0 or 1.", gives::number, signum),
    Function::new(
        "log",
        &[NUMBER, Parameter::new("base", Expects::Number)],
        "The logarithm to a base.",
        gives::number,
        log,
    ),
    Function::new(
        "pow",
        &[NUMBER, Parameter::new("power", Expects::Number)],
        "A power of a number.",
        gives::number,
        power,
    ),
    Function::new(
        "parseint",
        &[Parameter::new("text", Expects::Any), Parameter::new("base", Expects::Number)],
        "Reads a whole number in a base.",
        gives::number,
        parse_integer,
    ),
    Function::new(
        "sum",
        &[Parameter::new("list", Expects::Any)],
        "Adds numbers up.",
        gives::number,
        sum,
    ),
    Function::new("range", &[], "Numbers in a row.", gives::numbers, range).variadic(NUMBER),
];

fn number(arguments: &[Value], index: usize) -> Result<&Number, FunctionError> {
    arguments
        .get(index)
        .and_then(Value::as_number)
        .ok_or_else(|| FunctionError::argument(index, "a number is needed"))
}

fn extreme(arguments: &[Value], largest: bool) -> Outcome {
    let numbers = arguments.iter().filter_map(Value::as_number);
    let found = if largest { numbers.max() } else { numbers.min() };
    found
        .map(|number| Value::number(number.clone()))
        .ok_or_else(|| FunctionError::new("at least one number is needed"))
}

fn signum(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    Ok(Value::from(integer(arguments, 0)?.signum()))
}

fn of_double(result: f64) -> Outcome {
    Number::from_f64(result)
        .map(Value::number)
        .ok_or_else(|| FunctionError::new("the result is not a number that can be held"))
}

fn log(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let (value, base) = (number(arguments, 0)?.to_f64(), number(arguments, 1)?.to_f64());
    of_double(value.ln() / base.ln())
}

fn power(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    of_double(number(arguments, 0)?.to_f64().powf(number(arguments, 1)?.to_f64()))
}

fn parse_integer(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let value = arguments.first().unwrap_or(&Value::NULL);
    if value.ty() != Type::String {
        let reason = format!("a string is needed, but this is {}", value.ty().phrase());
        return Err(FunctionError::argument(0, reason));
    }
    let text =
        convert(value, &Type::String).map_err(|error| FunctionError::new(error.describe()))?;
    let text = text.as_str().unwrap_or_default();
    let base = integer(arguments, 1)?;
    if !(2..=62).contains(&base) {
        return Err(FunctionError::argument(1, "a base from 2 to 62 is needed"));
    }
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let fail = || FunctionError::argument(0, format!("it is not a whole number in base {base}"));
    if digits.is_empty() {
        return Err(fail());
    }
    let mut result = Number::ZERO;
    for digit in digits.chars() {
        let digit = digit_value(digit, base).ok_or_else(fail)?;
        result = result
            .multiply(&Number::from(base))
            .and_then(|shifted| shifted.add(&Number::from(digit)))
            .ok_or_else(fail)?;
    }
    Ok(Value::number(if negative && !result.is_zero() { result.negate() } else { result }))
}

fn digit_value(digit: char, base: i64) -> Option<i64> {
    let value = match digit {
        '0'..='9' | 'a'..='z' => i64::from(digit.to_digit(36)?),
        'A'..='Z' if base <= 36 => i64::from(digit.to_digit(36)?),
        'A'..='Z' => i64::from(digit.to_digit(36)?) + 26,
        _ => return None,
    };
    Some(value).filter(|value| *value < base)
}

fn sum(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let list = arguments.first().unwrap_or(&Value::NULL);
    if !matches!(list.ty(), Type::List(_) | Type::Set(_) | Type::Tuple(_)) {
        let reason =
            format!("a list, a set or a tuple is needed, but this is {}", list.ty().phrase());
        return Err(FunctionError::argument(0, reason));
    }
    if items(arguments, 0).is_empty() {
        return Err(FunctionError::argument(0, "it has no elements"));
    }
    let mut total = Number::ZERO;
    let mut known = true;
    for item in items(arguments, 0) {
        if item.is_null() {
            return Err(FunctionError::argument(0, "an element is null"));
        }
        let item = convert(item, &Type::Number)
            .map_err(|error| FunctionError::argument(0, error.describe()))?;
        match item.as_number() {
            Some(number) => {
                total = total
                    .add(number)
                    .ok_or_else(|| FunctionError::new("the sum is too large to be held"))?;
            }
            None => known = false,
        }
    }
    Ok(if known { Value::number(total) } else { Value::unknown_not_null(Type::Number) })
}

fn range(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let one = Number::from(1_i64);
    let (start, end, step) = match arguments.len() {
        1 => (Number::ZERO, number(arguments, 0)?.clone(), None),
        2 => (number(arguments, 0)?.clone(), number(arguments, 1)?.clone(), None),
        3 => (
            number(arguments, 0)?.clone(),
            number(arguments, 1)?.clone(),
            Some(number(arguments, 2)?.clone()),
        ),
        _ => return Err(FunctionError::new("one to three numbers are needed")),
    };
    let down = end < start;
    let step = step.unwrap_or_else(|| if down { one.negate() } else { one });
    if step.is_zero() {
        return Err(FunctionError::new("the step cannot be zero"));
    }
    if step.is_negative() != down && start != end {
        return Err(FunctionError::new("the step must lead from the start to the end"));
    }
    let mut numbers = Vec::new();
    let mut next = start;
    while if down { next > end } else { next < end } {
        if numbers.len() >= RANGE_LIMIT {
            let reason = format!("more than {RANGE_LIMIT} numbers cannot be made");
            return Err(FunctionError::new(reason));
        }
        numbers.push(Value::number(next.clone()));
        next = next.add(&step).ok_or_else(|| FunctionError::new("a number is too large"))?;
    }
    Ok(Value::list(Type::Number, numbers))
}
