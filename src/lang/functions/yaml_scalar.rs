//! What a scalar of YAML stands for: the rules of YAML 1.1 as the language has them.
//!
//! `yes` and `on` are truth values, `017` is 17, `0o17` is 15, and a date is a timestamp.

use crate::value::{Number, Value};

use super::encoding::base64_bytes;
use super::instant::Instant;

/// The namespace of YAML's own tags.
const OWN: &str = "tag:yaml.org,2002:";

/// The value of a scalar with its tag, if it has one. `plain` tells that it stands without quotes.
pub(super) fn resolve(text: &str, plain: bool, tag: Option<&str>) -> Result<Value, String> {
    let Some(tag) = tag else {
        return if plain {
            Ok(implied(text)?.unwrap_or_else(|| text.into()))
        } else {
            Ok(text.into())
        };
    };
    let value = match tag.strip_prefix(OWN) {
        Some("str") => Some(text.into()),
        Some("binary") => base64_bytes(text).ok().map(|_| text.into()),
        Some("null") => Some(Value::NULL),
        Some("bool" | "int" | "float" | "timestamp") => implied(text)?,
        _ => return Err(format!("the tag `{}` is not supported", short(tag))),
    };
    match value {
        Some(value) if plain => Ok(value),
        // In quotes the tag only has to fit.
        Some(_) => Ok(text.into()),
        None => Err(format!("`{text}` is not what the tag `{}` says", short(tag))),
    }
}

/// A tag as people write it.
pub(super) fn short(tag: &str) -> String {
    match tag.strip_prefix(OWN) {
        Some(name) => format!("!!{name}"),
        None => tag.to_owned(),
    }
}

/// Whether a tag names the kind of collection it stands at.
pub(super) fn fits_collection(tag: Option<&str>, kind: &str) -> bool {
    tag.is_none_or(|tag| tag.strip_prefix(OWN) == Some(kind))
}

/// What a bare scalar stands for, `None` where it is just a text.
fn implied(text: &str) -> Result<Option<Value>, String> {
    Ok(match text {
        "" | "~" | "null" | "Null" | "NULL" => Some(Value::NULL),
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" | "true" | "True" | "TRUE" => {
            Some(Value::TRUE)
        }
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" | "false" | "False" | "FALSE" => {
            Some(Value::FALSE)
        }
        ".nan" | ".NaN" | ".NAN" => return Err("not-a-number is not supported".to_owned()),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" | "-.inf" | "-.Inf" | "-.INF" => {
            return Err("infinities are not supported".to_owned());
        }
        _ => match number(text)? {
            Some(number) => Some(Value::number(number)),
            None => timestamp(text).map(Value::string),
        },
    })
}

fn number(text: &str) -> Result<Option<Number>, String> {
    let too_large = || format!("the number `{text}` is too large");
    for (prefix, base) in [("0x", 16), ("0o", 8)] {
        let Some(digits) = text.strip_prefix(prefix) else { continue };
        if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(base)) {
            return Ok(None);
        }
        let number = u64::from_str_radix(digits, base).map_err(|_| too_large())?;
        return number.to_string().parse().map(Some).map_err(|_| too_large());
    }
    let starts =
        text.trim_start_matches(['+', '-']).starts_with(|c: char| c.is_ascii_digit() || c == '.');
    let has_digit = |part: &str| part.bytes().any(|byte| byte.is_ascii_digit());
    let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
    if !starts || !has_digit(mantissa) {
        return Ok(None);
    }
    let decimal = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    match text.parse() {
        Ok(number) => Ok(Some(number)),
        // The form is right where a small exponent in its place would do.
        Err(_)
            if decimal && format!("{mantissa}e0").parse::<Number>().is_ok() && exponent(text) =>
        {
            Err(too_large())
        }
        Err(_) => Ok(None),
    }
}

/// Whether what follows the `e` of a number is an exponent.
fn exponent(text: &str) -> bool {
    text.split_once(['e', 'E']).is_some_and(|(_, exponent)| {
        let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// A date, or a date with a time, as RFC 3339 writes it; fractions of seconds are left out.
fn timestamp(text: &str) -> Option<String> {
    let (date, time) = match text.find(['T', 't', ' ']) {
        Some(at) => (text.get(..at)?, Some((text.get(at..=at)?, text.get(at + 1..)?))),
        None => (text, None),
    };
    let mut padded = padded(date, '-')?;
    if padded.len() != 10 || date.find('-') != Some(4) {
        return None;
    }
    padded.push('T');
    match time {
        None => padded.push_str("00:00:00Z"),
        Some((separator, time)) => {
            // Only behind a `T` an offset must follow, and behind a blank none may.
            let zone = time.find(['Z', '+', '-']).unwrap_or(time.len());
            let (clock, zone) = time.split_at(zone);
            if zone.is_empty() != (separator == " ") {
                return None;
            }
            let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
            if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            padded.push_str(&self::padded(clock, ':')?);
            padded.push_str(if zone.is_empty() { "Z" } else { zone });
        }
    }
    Instant::read(&padded).map(|instant| instant.to_string())
}

/// Three numbers with at least two digits each.
fn padded(text: &str, separator: char) -> Option<String> {
    let parts: Vec<_> = text.split(separator).map(|part| format!("{part:0>2}")).collect();
    let digits = |part: &String| part.bytes().all(|byte| byte.is_ascii_digit());
    let whole = !text.split(separator).any(str::is_empty);
    (parts.len() == 3 && whole && parts.iter().all(digits))
        .then(|| parts.join(&separator.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::write_json;

    #[test]
    fn scalars_stand_for_what_the_language_takes_them_for() {
        for (text, expected) in [
            ("yes", "true"),
            ("N", "false"),
            ("oFF", r#""oFF""#),
            ("Null", "null"),
            ("", "null"),
            ("017", "17"),
            ("0o17", "15"),
            ("0o18", r#""0o18""#),
            ("0x1F", "31"),
            ("-0x1F", r#""-0x1F""#),
            ("0X1f", r#""0X1f""#),
            ("0b101", r#""0b101""#),
            ("0xFFFFFFFFFFFFFFFF", "18446744073709551615"),
            ("1_000", r#""1_000""#),
            ("+12", "12"),
            (".5", "0.5"),
            ("5.", "5"),
            ("1E-2", "0.01"),
            ("1e", r#""1e""#),
            ("1.2.3", r#""1.2.3""#),
            (".", r#"".""#),
            ("+-1", r#""+-1""#),
            ("--1", r#""--1""#),
            ("e1", r#""e1""#),
            ("12:30", r#""12:30""#),
            ("2024-1-2", r#""2024-01-02T00:00:00Z""#),
            ("2024-02-30", r#""2024-02-30""#),
            ("024-02-03", r#""024-02-03""#),
            ("2024-01-02 03:04:05", r#""2024-01-02T03:04:05Z""#),
            ("2024-01-02 03:04:05Z", r#""2024-01-02 03:04:05Z""#),
            ("2024-01-02t03:04:05.5+02:00", r#""2024-01-02T03:04:05+02:00""#),
            ("2024-01-02T3:4:5Z", r#""2024-01-02T03:04:05Z""#),
            ("2024-01-02T03:04:05", r#""2024-01-02T03:04:05""#),
            ("2024-01-02T25:04:05Z", r#""2024-01-02T25:04:05Z""#),
        ] {
            let value = resolve(text, true, None).unwrap();
            assert_eq!(write_json(&value).unwrap(), expected, "{text}");
        }
        for text in ["0x1FFFFFFFFFFFFFFFFFFFF", ".nan", "-.inf", "1e999999999"] {
            assert!(resolve(text, true, None).is_err(), "{text}");
        }
    }

    #[test]
    fn tags_say_what_a_scalar_must_be() {
        for (tag, text, plain, expected) in [
            ("str", "5", true, Ok(r#""5""#)),
            ("int", "5", true, Ok("5")),
            ("int", "a", true, Err("`a` is not what the tag `!!int` says")),
            ("int", "5", false, Ok(r#""5""#)),
            ("int", "a", false, Err("`a` is not what the tag `!!int` says")),
            ("float", "0x10", true, Ok("16")),
            ("null", "x", true, Ok("null")),
            ("null", "", false, Ok(r#""""#)),
            ("binary", "aGVsbG8=", true, Ok(r#""aGVsbG8=""#)),
            ("binary", "a b", false, Err("`a b` is not what the tag `!!binary` says")),
            ("set", "x", true, Err("the tag `!!set` is not supported")),
        ] {
            let found = resolve(text, plain, Some(&format!("{OWN}{tag}")));
            let found = found.map(|value| write_json(&value).unwrap());
            assert_eq!(found.as_deref().map_err(String::as_str), expected, "!!{tag} {text}");
        }
    }
}
