//! Numbers from and to decimal digits.

use dashu_int::{IBig, Sign, UBig};

use super::number::PRECISION;
use super::{Number, NumberError};

/// Exponents beyond this are refused: the digits alone would fill memory.
const MAX_EXPONENT: i64 = 100_000;

/// Longer texts are refused: reading digits takes more than linear time.
const DIGITS: usize = 1_000_000;

/// Reads `[sign] digits [. digits] [e [sign] digits]`, rounding once to 512 bits, half to even.
pub(super) fn read(text: &str) -> Result<Number, NumberError> {
    let fail = || NumberError(text.to_owned());
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = match rest.find(['e', 'E']) {
        Some(at) => {
            let (mantissa, exponent) = rest.split_at(at);
            let exponent = exponent.get(1..).unwrap_or_default();
            let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            let too_long = digits.len() > DIGITS;
            if too_long || digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(fail());
            }
            (mantissa, exponent.parse::<i64>().map_err(|_| fail())?)
        }
        None => (rest, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let too_long = digits.len() > DIGITS;
    if too_long || digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(fail());
    }
    let scale = exponent - i64::try_from(fraction.len()).map_err(|_| fail())?;
    if scale.abs() > MAX_EXPONENT {
        return Err(fail());
    }
    let digits = UBig::from_str_radix(&digits, 10).map_err(|_| fail())?;
    let number = scaled(digits, scale);
    Ok(if negative { number.negate() } else { number })
}

/// `digits * 10^scale`.
fn scaled(digits: UBig, scale: i64) -> Number {
    let power = UBig::from(10_u8).pow(usize::try_from(scale.unsigned_abs()).unwrap_or_default());
    if scale >= 0 {
        return Number::of_parts(IBig::from(digits * power), 0);
    }
    // Two bits more than the precision, and a last bit that tells whether anything was cut off,
    // are enough to round right.
    let wanted = PRECISION + 2 + Number::significant_bits(&power);
    let shift = wanted.saturating_sub(Number::significant_bits(&digits));
    let dividend = digits << shift;
    let quotient = &dividend / &power;
    let sticky = if &quotient * &power == dividend { UBig::ZERO } else { UBig::ONE };
    let mantissa = (quotient << 1) + sticky;
    Number::of_parts(IBig::from(mantissa), -1 - isize::try_from(shift).unwrap_or_default())
}

/// The shortest decimal, without exponent, that reads back as the same number of `precision` bits.
pub(super) fn shortest(number: &Number, precision: usize) -> String {
    let (sign, mantissa, exponent) = number.parts();
    let minus = if sign == Sign::Negative { "-" } else { "" };
    if mantissa == UBig::ZERO {
        return format!("{minus}0");
    }
    let shift = precision.saturating_sub(Number::significant_bits(&mantissa));
    let mantissa = mantissa << shift;
    let exponent = exponent - isize::try_from(shift).unwrap_or_default();
    // Half a unit in the last place either way reads back as the same number; the ends themselves
    // do where rounding to even would choose this one.
    let inclusive = &mantissa % 2_u8 == 0;
    let middle = mantissa << 1;
    let exponent = exponent - 1;
    let (factor, point) = if exponent >= 0 {
        (UBig::ONE << exponent.unsigned_abs(), 0)
    } else {
        (UBig::from(5_u8).pow(exponent.unsigned_abs()), exponent.unsigned_abs())
    };
    let lower = ((&middle - UBig::ONE) * &factor).to_string();
    let upper = ((&middle + UBig::ONE) * &factor).to_string();
    let middle = (middle * factor).to_string();
    let width = upper.len();
    // Widths of `format!` end at 65,535.
    let zeros = |count: usize| "0".repeat(count);
    let pad = |digits: &str| (zeros(width - digits.len()) + digits).into_bytes();
    let digits = cut(&pad(&lower), &pad(&middle), &pad(&upper), inclusive);
    format!("{minus}{}", place_point(&digits, width, point))
}

/// The fewest leading digits of `middle`, rounded, that still lie between the ends.
fn cut(lower: &[u8], middle: &[u8], upper: &[u8], inclusive: bool) -> String {
    for length in 1..=middle.len() {
        let head = |digits: &[u8]| -> Vec<u8> { digits.iter().copied().take(length).collect() };
        let (low, mid, up) = (head(lower), head(middle), head(upper));
        let rest_is_zero = |digits: &[u8]| digits.iter().skip(length).all(|digit| *digit == b'0');
        let down_fits = mid > low || inclusive && mid == low && rest_is_zero(lower);
        let next = increment(&mid);
        let same_length = next.len() == up.len();
        let up_fits =
            same_length && (next < up || next == up && (inclusive || !rest_is_zero(upper)));
        let chosen = match (down_fits, up_fits) {
            (false, false) => continue,
            (true, false) => mid,
            (false, true) => next,
            (true, true) => {
                let mut half = vec![b'5'];
                half.resize(middle.len() - length, b'0');
                let rest = middle.get(length..).unwrap_or_default();
                let odd = mid.last().is_some_and(|digit| digit % 2 == 1);
                match rest.cmp(half.as_slice()) {
                    std::cmp::Ordering::Greater => next,
                    std::cmp::Ordering::Equal if odd => next,
                    _ => mid,
                }
            }
        };
        return String::from_utf8(chosen).unwrap_or_default();
    }
    String::from_utf8_lossy(middle).into_owned()
}

fn increment(digits: &[u8]) -> Vec<u8> {
    let mut digits = digits.to_vec();
    for digit in digits.iter_mut().rev() {
        if *digit == b'9' {
            *digit = b'0';
        } else {
            *digit += 1;
            return digits;
        }
    }
    digits.insert(0, b'1');
    digits
}

/// Writes `digits`, the first ones of `width`, with the point `point` places from the end.
fn place_point(digits: &str, width: usize, point: usize) -> String {
    let mut all = digits.to_owned() + &"0".repeat(width.saturating_sub(digits.len()));
    if all.len() <= point {
        all = format!("{}{all}", "0".repeat(point - all.len() + 1));
    }
    let (whole, fraction) = all.split_at(all.len() - point);
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_read_and_print() {
        for (text, printed) in [
            ("0.1", "0.1"),
            ("1.50", "1.5"),
            ("1e3", "1000"),
            ("5e-324", &format!("0.{}5", "0".repeat(323))),
            ("18446744073709551616", "18446744073709551616"),
            ("-0", "-0"),
            ("-9223372036854775808", "-9223372036854775808"),
            ("123456789.987654321", "123456789.987654321"),
            ("1e30", "1000000000000000000000000000000"),
        ] {
            assert_eq!(text.parse::<Number>().unwrap().to_string(), printed, "{text}");
        }
        for exponent in [70_000, 99_999] {
            let text = format!("1{}", "0".repeat(exponent));
            assert_eq!(format!("1e{exponent}").parse::<Number>().unwrap().to_string(), text);
            let small = format!("0.{}1", "0".repeat(exponent - 1));
            assert_eq!(format!("1e-{exponent}").parse::<Number>().unwrap().to_string(), small);
        }
        for text in ["", "-", "1e", "0x10", "1_000", "1.2.3", "inf", "nan", "1e999999999"] {
            assert!(text.parse::<Number>().is_err(), "{text}");
        }
    }

    #[test]
    fn arithmetic_has_512_bits() {
        let number = |text: &str| text.parse::<Number>().unwrap();
        let third = number("1").divide(&number("3")).unwrap();
        assert_eq!(third.to_string(), format!("0.{}5", "3".repeat(154)));
        assert_eq!(number("0.1").add(&number("0.2")), Some(number("0.3")));
        assert_eq!(number("5").remainder(&number("0")), Some(number("5")));
        assert_eq!(number("-7").remainder(&number("3")), Some(number("-1")));
        assert_eq!(
            number("9223372036854775807").add(&number("1")).unwrap().to_string(),
            "9223372036854775808"
        );
        // Found by fuzzing: one bit too many was kept, and the number did not read as it was written.
        let sum = third.add(&number("3")).unwrap();
        assert_eq!(sum.subtract(&third), Some(number("3")));
        let seventh = number("1").divide(&number("7")).unwrap();
        assert_eq!(seventh.multiply(&number("7")), Some(number("1")));
    }
}
