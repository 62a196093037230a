//! The verbs of format texts, such as `%-5.2f`.

use unicode_segmentation::UnicodeSegmentation;

use crate::value::{Number, Type, Value, convert};

use super::encoding::escaped_json;
use super::function::FunctionError;

/// Literal text or a verb.
pub(super) enum Piece {
    Literal(String),
    Verb(Verb),
}

/// One `%…`.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one flag character")]
pub(super) struct Verb {
    /// As it is written.
    pub(super) source: String,
    /// Which value it shows, from 1.
    pub(super) argument: usize,
    /// Whether the value was named by `[n]`.
    pub(super) positional: bool,
    letter: char,
    left: bool,
    plus: bool,
    space: bool,
    zero: bool,
    sharp: bool,
    width: Option<usize>,
    precision: Option<usize>,
}

/// Widths and precisions beyond this are refused.
const LIMIT: usize = 100_000;

/// Takes a format text apart.
pub(super) fn pieces(format: &str) -> Result<Vec<Piece>, FunctionError> {
    let mut pieces = Vec::new();
    let mut next = 0;
    let mut rest = format;
    while let Some((literal, after)) = rest.split_once('%') {
        if !literal.is_empty() {
            pieces.push(Piece::Literal(literal.to_owned()));
        }
        if let Some(after) = after.strip_prefix('%') {
            pieces.push(Piece::Literal("%".to_owned()));
            rest = after;
            continue;
        }
        let (verb, after) = read(after, &mut next)?;
        pieces.push(Piece::Verb(verb));
        rest = after;
    }
    pieces.push(Piece::Literal(rest.to_owned()));
    Ok(pieces)
}

fn read<'f>(format: &'f str, next: &mut usize) -> Result<(Verb, &'f str), FunctionError> {
    let mut verb = Verb::default();
    let mut rest = format;
    loop {
        let mut characters = rest.chars();
        match characters.next() {
            Some('-') => verb.left = true,
            Some('+') => verb.plus = true,
            Some(' ') => verb.space = true,
            Some('0') => verb.zero = true,
            Some('#') => verb.sharp = true,
            _ => break,
        }
        rest = characters.as_str();
    }
    (verb.width, rest) = number(rest)?;
    if let Some(after) = rest.strip_prefix('.') {
        let (precision, after) = number(after)?;
        verb.precision = Some(precision.unwrap_or(0));
        rest = after;
    }
    if let Some(after) = rest.strip_prefix('[') {
        let (position, after) = number(after)?;
        let after = after.strip_prefix(']');
        let (Some(position @ 1..), Some(after)) = (position, after) else {
            return Err(FunctionError::argument(0, "`[` must be followed by a number and `]`"));
        };
        *next = position - 1;
        verb.positional = true;
        rest = after;
    }
    let Some(letter) = rest.chars().next() else {
        return Err(FunctionError::argument(0, "a verb must follow `%`; a percent sign is `%%`"));
    };
    if !"vtbdoxXeEfgGsq".contains(letter) {
        return Err(FunctionError::argument(0, format!("there is no verb `%{letter}`")));
    }
    rest = rest.get(letter.len_utf8()..).unwrap_or_default();
    *next += 1;
    verb.argument = *next;
    verb.letter = letter;
    verb.source = format!("%{}", format.get(..format.len() - rest.len()).unwrap_or_default());
    Ok((verb, rest))
}

fn number(text: &str) -> Result<(Option<usize>, &str), FunctionError> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    if digits.is_empty() {
        return Ok((None, rest));
    }
    match digits.parse() {
        Ok(number) if number <= LIMIT => Ok((Some(number), rest)),
        _ => Err(FunctionError::argument(0, format!("the number {digits} is too large"))),
    }
}

/// A wholly known value as the verb shows it; the error is a phrase.
pub(super) fn render(verb: &Verb, value: &Value) -> Result<String, String> {
    let shown = match verb.letter {
        'v' if verb.sharp => json(value)?,
        'v' => match value.ty() {
            Type::String => value.as_str().map_or_else(|| "null".to_owned(), str::to_owned),
            Type::Number if !value.is_null() => return rendered_number(verb, value, 'g'),
            Type::Bool if !value.is_null() => string(value)?,
            _ => json(value)?,
        },
        's' => string(value)?,
        'q' => json(&Value::string(string(value)?))?,
        't' => {
            let truth = converted(value, &Type::Bool)?;
            truth.as_bool().map(|truth| truth.to_string()).unwrap_or_default()
        }
        letter => return rendered_number(verb, value, letter),
    };
    let shown = match verb.precision {
        Some(precision) if matches!(verb.letter, 's' | 'q' | 'v') => {
            shown.graphemes(true).take(precision).collect()
        }
        _ => shown,
    };
    Ok(padded(verb, &shown, false))
}

fn json(value: &Value) -> Result<String, String> {
    escaped_json(value).map_err(|error| error.reason)
}

fn converted(value: &Value, ty: &Type) -> Result<Value, String> {
    if value.is_null() {
        return Err("null cannot be shown".to_owned());
    }
    convert(value, ty).map_err(|error| error.describe())
}

fn string(value: &Value) -> Result<String, String> {
    let text = converted(value, &Type::String)?;
    Ok(text.as_str().unwrap_or_default().to_owned())
}

fn padded(verb: &Verb, shown: &str, numeric: bool) -> String {
    // Most verbs have no width, and counting what people take for characters is slow.
    let Some(width) = verb.width else { return shown.to_owned() };
    let missing = width.saturating_sub(shown.graphemes(true).count());
    if missing == 0 {
        shown.to_owned()
    } else if verb.left {
        format!("{shown}{}", " ".repeat(missing))
    } else if verb.zero && numeric {
        let digits = shown.trim_start_matches(['+', '-', ' ']);
        let (sign, _) = shown.split_at(shown.len() - digits.len());
        format!("{sign}{}{digits}", "0".repeat(missing))
    } else {
        format!("{}{shown}", " ".repeat(missing))
    }
}

fn rendered_number(verb: &Verb, value: &Value, letter: char) -> Result<String, String> {
    let value = converted(value, &Type::Number)?;
    let number = value.as_number().cloned().unwrap_or(Number::ZERO);
    // A zero can be negative too, among fractions.
    let fraction = matches!(letter, 'f' | 'e' | 'E' | 'g' | 'G' | 'v');
    let negative = number.is_negative() || fraction && number.is_negative_zero();
    let magnitude = number.absolute();
    let digits = match letter {
        'd' => whole(&magnitude, 10)?,
        'b' => prefixed(verb, "0b", &whole(&magnitude, 2)?),
        'o' => prefixed(verb, "0", &whole(&magnitude, 8)?),
        'x' => prefixed(verb, "0x", &whole(&magnitude, 16)?),
        'X' => prefixed(verb, "0X", &whole(&magnitude, 16)?.to_uppercase()),
        'f' => fixed(&magnitude, verb.precision.unwrap_or(6)),
        'e' | 'E' => scientific(&magnitude, Some(verb.precision.unwrap_or(6)), letter),
        'G' => general(&magnitude, verb.precision, 'E'),
        _ => general(&magnitude, verb.precision, 'e'),
    };
    let sign = if negative {
        "-"
    } else if verb.plus {
        "+"
    } else if verb.space {
        " "
    } else {
        ""
    };
    Ok(padded(verb, &format!("{sign}{digits}"), true))
}

fn prefixed(verb: &Verb, prefix: &str, digits: &str) -> String {
    if verb.sharp { format!("{prefix}{digits}") } else { digits.to_owned() }
}

fn whole(number: &Number, radix: u8) -> Result<String, String> {
    number.to_radix(radix).ok_or_else(|| "a whole number is needed".to_owned())
}

/// All significant digits of a number and the power of ten of the point before them.
struct Decimal {
    digits: Vec<u8>,
    /// The value is `0.DIGITS * 10^point`.
    point: i64,
}

impl Decimal {
    fn of(number: &Number) -> Self {
        let text = number.to_string();
        // Zero keeps its sign, too.
        let text = text.trim_start_matches('-');
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let all: Vec<u8> = whole.bytes().chain(fraction.bytes()).map(|b| b - b'0').collect();
        let leading = all.iter().take_while(|digit| **digit == 0).count();
        let mut digits: Vec<u8> = all.into_iter().skip(leading).collect();
        while digits.last() == Some(&0) {
            digits.pop();
        }
        let length = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let point = if digits.is_empty() { 0 } else { length(whole.len()) - length(leading) };
        Self { digits, point }
    }

    /// Keeps `count` digits, rounding half to even.
    fn round(&mut self, count: i64) {
        let Ok(keep) = usize::try_from(count) else {
            self.digits.clear();
            self.point = 0;
            return;
        };
        if keep >= self.digits.len() {
            return;
        }
        let rest = self.digits.split_off(keep);
        let half = rest.first().copied().unwrap_or(0);
        let exact = rest.iter().skip(1).all(|digit| *digit == 0);
        let odd = self.digits.last().is_some_and(|digit| digit % 2 == 1);
        if half > 5 || half == 5 && (!exact || odd) {
            self.increment();
        }
        while self.digits.last() == Some(&0) {
            self.digits.pop();
        }
        if self.digits.is_empty() {
            self.point = 0;
        }
    }

    fn increment(&mut self) {
        for digit in self.digits.iter_mut().rev() {
            if *digit < 9 {
                *digit += 1;
                return;
            }
            *digit = 0;
        }
        self.digits.insert(0, 1);
        self.point += 1;
    }

    fn digit(&self, index: i64) -> char {
        let digit = usize::try_from(index).ok().and_then(|index| self.digits.get(index));
        char::from(b'0' + digit.copied().unwrap_or(0))
    }
}

fn fixed(number: &Number, precision: usize) -> String {
    let places = i64::try_from(precision).unwrap_or(i64::MAX);
    let mut decimal = Decimal::of(number);
    decimal.round(decimal.point.saturating_add(places));
    let mut text = String::new();
    if decimal.point <= 0 {
        text.push('0');
    }
    for index in 0..decimal.point.max(0) {
        text.push(decimal.digit(index));
    }
    if precision > 0 {
        text.push('.');
        for place in 0..places {
            text.push(decimal.digit(decimal.point + place));
        }
    }
    text
}

/// `d.ddde±dd`; all digits where no precision is given.
fn scientific(number: &Number, precision: Option<usize>, letter: char) -> String {
    let mut decimal = Decimal::of(number);
    let places = match precision {
        Some(precision) => i64::try_from(precision).unwrap_or(i64::MAX),
        None => i64::try_from(decimal.digits.len()).unwrap_or(1).max(1) - 1,
    };
    decimal.round(places.saturating_add(1));
    let mut text = String::from(decimal.digit(0));
    if places > 0 {
        text.push('.');
        for place in 1..=places {
            text.push(decimal.digit(place));
        }
    }
    let exponent = if decimal.digits.is_empty() { 0 } else { decimal.point - 1 };
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{text}{letter}{sign}{:02}", exponent.abs())
}

/// The shorter of plain and scientific.
fn general(number: &Number, precision: Option<usize>, letter: char) -> String {
    let mut decimal = Decimal::of(number);
    let count = |digits: usize| i64::try_from(digits).unwrap_or(i64::MAX);
    if let Some(precision) = precision {
        decimal.round(count(precision.max(1)));
    }
    let digits = count(decimal.digits.len());
    let limit = match precision {
        // Without a precision plain digits serve up to 21 places.
        None => 21,
        Some(precision) if count(precision) > digits && digits >= decimal.point => digits,
        Some(precision) => count(precision.max(1)),
    };
    let exponent = if decimal.digits.is_empty() { 0 } else { decimal.point - 1 };
    if exponent < -4 || exponent >= limit {
        let places = usize::try_from(digits - 1).unwrap_or(0);
        return scientific(number, Some(places), letter);
    }
    let places = usize::try_from((digits - decimal.point).max(0)).unwrap_or(0);
    fixed(number, places)
}
