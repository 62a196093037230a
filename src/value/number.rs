//! Exact numbers: 64-bit integers where they suffice, 512-bit binary floats behind them.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use dashu_float::{Context, FBig, round::mode::HalfEven};
use dashu_int::ops::{Abs, BitTest};
use dashu_int::{IBig, Sign, UBig};

use super::number_text;

/// Bits of the mantissa, as Terraform's numbers have.
pub(super) const PRECISION: usize = 512;

/// Powers of two beyond this are refused, as the digits alone would fill memory.
const MAX_EXPONENT: usize = 1 << 20;

type Float = FBig<HalfEven, 2>;

/// A number of the language. Never passes through `f64`.
///
/// Canonical: every integer in the range of `i64` is held as one, so equal numbers look the same.
#[derive(Clone)]
pub struct Number(Repr);

#[derive(Clone)]
enum Repr {
    Small(i64),
    /// Equal to zero; the language prints the sign.
    NegativeZero,
    Large(Arc<Float>),
}

/// A text that is no number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not a number", shortened(.0))]
pub struct NumberError(pub(super) String);

/// The start of a text, which may be long.
fn shortened(text: &str) -> String {
    let start: String = text.chars().take(40).collect();
    if start.len() < text.len() { format!("{start}…") } else { start }
}

impl Number {
    /// Zero.
    pub const ZERO: Self = Self(Repr::Small(0));

    /// The number as a 64-bit integer, where it is one.
    pub fn as_i64(&self) -> Option<i64> {
        match &self.0 {
            Repr::Small(number) => Some(*number),
            Repr::NegativeZero => Some(0),
            Repr::Large(_) => None,
        }
    }

    /// The number as an index or count, where it can be one.
    pub fn as_u64(&self) -> Option<u64> {
        match &self.0 {
            Repr::Large(number) if number.repr().is_int() => {
                u64::try_from(number.to_int().value()).ok()
            }
            _ => self.as_i64().and_then(|number| u64::try_from(number).ok()),
        }
    }

    /// The nearest double; for functions that are defined on doubles only.
    #[allow(clippy::cast_precision_loss)]
    pub fn to_f64(&self) -> f64 {
        match &self.0 {
            Repr::Small(number) => *number as f64,
            Repr::NegativeZero => -0.0,
            Repr::Large(number) => number.to_f64().value(),
        }
    }

    /// The number with the fewest digits that reads back as this double; `None` for infinities
    /// and what is no number.
    pub fn from_f64(number: f64) -> Option<Self> {
        let float = Float::try_from(number).ok()?;
        if float.repr().is_infinite() {
            return None;
        }
        number_text::shortest(&Self::of(float), f64::MANTISSA_DIGITS as usize).parse().ok()
    }

    /// `mantissa * 2^exponent`, rounded to the precision of numbers.
    pub(super) fn of_parts(mantissa: IBig, exponent: isize) -> Self {
        let float = Float::from_parts(mantissa, exponent).with_precision(PRECISION).value();
        Self::of(float)
    }

    fn of(float: Float) -> Self {
        if float.repr().is_int() {
            let (mantissa, exponent) = (float.repr().significand(), float.repr().exponent());
            let bits = usize::try_from(exponent).unwrap_or(usize::MAX);
            if bits < 64
                && let Ok(small) = i64::try_from(mantissa << bits)
            {
                return Self(Repr::Small(small));
            }
        }
        Self(Repr::Large(Arc::new(float)))
    }

    fn float(&self) -> Float {
        match &self.0 {
            Repr::Small(small) => Float::from(*small),
            Repr::NegativeZero => Float::ZERO,
            Repr::Large(large) => Float::clone(large),
        }
    }

    /// Sign, mantissa and exponent of base two.
    pub(super) fn parts(&self) -> (Sign, UBig, isize) {
        let repr = self.float().into_repr();
        let (mantissa, exponent) = repr.into_parts();
        let sign = match self.0 {
            Repr::NegativeZero => Sign::Negative,
            _ => mantissa.sign(),
        };
        (sign, mantissa.abs().try_into().unwrap_or(UBig::ZERO), exponent)
    }

    fn both(
        &self,
        other: &Self,
        small: impl FnOnce(i64, i64) -> Option<i64>,
        large: impl FnOnce(&Context<HalfEven>, &Float, &Float) -> Option<Float>,
    ) -> Option<Self> {
        if let (Some(left), Some(right)) = (self.as_i64(), other.as_i64())
            && let Some(result) = small(left, right)
        {
            return Some(Self(Repr::Small(result)));
        }
        let context = Context::<HalfEven>::new(PRECISION);
        let result = large(&context, &self.float(), &other.float())?;
        let exponent = result.repr().exponent().unsigned_abs();
        // A difference of numbers near each other comes with more bits than were asked for.
        let (mantissa, exponent_of_two) = (result.repr().significand(), result.repr().exponent());
        (exponent <= MAX_EXPONENT).then(|| Self::of_parts(mantissa.clone(), exponent_of_two))
    }

    /// The sum; `None` where it is out of range.
    pub fn add(&self, other: &Self) -> Option<Self> {
        self.both(other, i64::checked_add, |context, left, right| {
            Some(context.add(left.repr(), right.repr()).ok()?.value())
        })
    }

    /// The difference; `None` where it is out of range.
    pub fn subtract(&self, other: &Self) -> Option<Self> {
        self.both(other, i64::checked_sub, |context, left, right| {
            Some(context.sub(left.repr(), right.repr()).ok()?.value())
        })
    }

    /// The product; `None` where it is out of range.
    pub fn multiply(&self, other: &Self) -> Option<Self> {
        self.both(other, i64::checked_mul, |context, left, right| {
            Some(context.mul(left.repr(), right.repr()).ok()?.value())
        })
    }

    /// The quotient; `None` where `other` is zero or it is out of range.
    pub fn divide(&self, other: &Self) -> Option<Self> {
        if other.is_zero() {
            return None;
        }
        let exact = |left: i64, right: i64| {
            if left.checked_rem(right)? == 0 { left.checked_div(right) } else { None }
        };
        self.both(other, exact, |context, left, right| {
            Some(context.div(left.repr(), right.repr()).ok()?.value())
        })
    }

    /// What is left after dividing toward zero; by zero, the number itself.
    pub fn remainder(&self, other: &Self) -> Option<Self> {
        if other.is_zero() {
            return Some(self.clone());
        }
        if let (Some(left), Some(right)) = (self.as_i64(), other.as_i64())
            && let Some(result) = left.checked_rem(right)
        {
            return Some(Self(Repr::Small(result)));
        }
        let whole = self.divide(other)?.truncate();
        self.subtract(&whole.multiply(other)?)
    }

    /// The number with the other sign.
    #[must_use]
    pub fn negate(&self) -> Self {
        match &self.0 {
            Repr::Small(0) => Self(Repr::NegativeZero),
            Repr::NegativeZero => Self(Repr::Small(0)),
            Repr::Small(small) => small
                .checked_neg()
                .map_or_else(|| Self::of(-self.float()), |result| Self(Repr::Small(result))),
            Repr::Large(large) => Self::of(-Float::clone(large)),
        }
    }

    /// The number without its sign.
    #[must_use]
    pub fn absolute(&self) -> Self {
        if self.is_negative() { self.negate() } else { self.clone() }
    }

    /// The number without its fraction.
    #[must_use]
    pub fn truncate(&self) -> Self {
        match &self.0 {
            Repr::Large(large) => Self::of(large.trunc()),
            _ => self.clone(),
        }
    }

    /// The next integer toward minus infinity.
    #[must_use]
    pub fn floor(&self) -> Self {
        match &self.0 {
            Repr::Large(large) => Self::of(large.floor()),
            _ => self.clone(),
        }
    }

    /// The next integer toward infinity.
    #[must_use]
    pub fn ceil(&self) -> Self {
        match &self.0 {
            Repr::Large(large) => Self::of(large.ceil()),
            _ => self.clone(),
        }
    }

    /// Tells whether it has no fraction.
    pub fn is_integer(&self) -> bool {
        match &self.0 {
            Repr::Large(large) => large.repr().is_int(),
            _ => true,
        }
    }

    /// Tells whether it is zero.
    pub fn is_zero(&self) -> bool {
        matches!(self.0, Repr::Small(0) | Repr::NegativeZero)
    }

    /// Tells whether it is the zero that came of a sign change.
    pub fn is_negative_zero(&self) -> bool {
        matches!(self.0, Repr::NegativeZero)
    }

    /// Tells whether it is less than zero.
    pub fn is_negative(&self) -> bool {
        match &self.0 {
            Repr::Small(small) => *small < 0,
            Repr::NegativeZero => false,
            Repr::Large(large) => large.repr().sign() == Sign::Negative,
        }
    }

    /// Bits of the mantissa that count.
    pub(super) fn significant_bits(mantissa: &UBig) -> usize {
        mantissa.bit_len()
    }

    /// The digits of an integer in `radix` (2 to 36); `None` for fractions.
    pub fn to_radix(&self, radix: u8) -> Option<String> {
        if !self.is_integer() || !(2..=36).contains(&radix) {
            return None;
        }
        Some(self.float().to_int().value().in_radix(radix).to_string())
    }
}

impl From<i64> for Number {
    fn from(number: i64) -> Self {
        Self(Repr::Small(number))
    }
}

impl From<usize> for Number {
    fn from(number: usize) -> Self {
        i64::try_from(number).map_or_else(|_| Self::of_parts(IBig::from(number), 0), Self::from)
    }
}

impl FromStr for Number {
    type Err = NumberError;

    /// Reads decimal digits with an optional sign, fraction and exponent.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(small) = text.parse::<i64>() {
            return Ok(if small == 0 && text.starts_with('-') {
                Self(Repr::NegativeZero)
            } else {
                Self(Repr::Small(small))
            });
        }
        number_text::read(text)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Small(number) => number.fmt(formatter),
            Repr::NegativeZero => formatter.write_str("-0"),
            Repr::Large(_) => formatter.write_str(&number_text::shortest(self, PRECISION)),
        }
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.as_i64(), other.as_i64()) {
            (Some(left), Some(right)) => left.cmp(&right),
            _ => self.float().cmp(&other.float()),
        }
    }
}
