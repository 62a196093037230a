//! Exact numbers: 64-bit integers where they suffice, 512-bit binary floats behind them.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use dashu_float::{Context, FBig, round::mode::HalfEven};

/// Bits of the mantissa, as Terraform's numbers have.
const PRECISION: usize = 512;

/// A number of the language. Never passes through `f64`.
#[derive(Clone)]
pub struct Number(Repr);

#[derive(Clone)]
enum Repr {
    Small(i64),
    Large(Arc<FBig<HalfEven, 2>>),
}

/// A text that is no number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a number")]
pub struct NumberError(String);

impl Number {
    /// The number as a 64-bit integer, where it is one.
    pub fn as_i64(&self) -> Option<i64> {
        match &self.0 {
            Repr::Small(number) => Some(*number),
            Repr::Large(_) => None,
        }
    }

    /// The number as an index or count, where it can be one.
    pub fn as_u64(&self) -> Option<u64> {
        self.as_i64().and_then(|number| u64::try_from(number).ok())
    }
}

impl From<i64> for Number {
    fn from(number: i64) -> Self {
        Self(Repr::Small(number))
    }
}

impl FromStr for Number {
    type Err = NumberError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(small) = text.parse::<i64>() {
            return Ok(Self(Repr::Small(small)));
        }
        let decimal = FBig::<HalfEven, 10>::from_str(text)
            .map_err(|_| NumberError(text.to_owned()))?
            .with_precision(0)
            .value();
        let binary = Context::<HalfEven>::new(PRECISION);
        let large = decimal.with_base_and_precision::<2>(binary.precision()).value();
        Ok(Self(Repr::Large(Arc::new(large))))
    }
}

impl fmt::Display for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Small(number) => number.fmt(formatter),
            Repr::Large(number) => {
                write!(formatter, "{}", number.to_decimal().value())
            }
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
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let large = |number: &Self| match &number.0 {
            Repr::Small(small) => FBig::<HalfEven, 2>::from(*small),
            Repr::Large(large) => FBig::clone(large),
        };
        match (&self.0, &other.0) {
            (Repr::Small(left), Repr::Small(right)) => left.cmp(right),
            _ => large(self).cmp(&large(other)),
        }
    }
}
