//! An instant with its offset, as RFC 3339 writes it.

use std::fmt;

const NANOSECONDS: i128 = 1_000_000_000;
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// A point in time and the offset of the clock that shows it.
pub(super) struct Instant {
    /// Nanoseconds since 1970, UTC.
    moment: i128,
    /// Minutes the clock is ahead of UTC.
    offset: i64,
}

/// What a clock shows.
struct Civil {
    year: i64,
    month: usize,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    weekday: usize,
}

impl Instant {
    /// Reads `2026-01-31T12:00:00[.5](Z|+01:00)`.
    pub(super) fn read(text: &str) -> Option<Self> {
        if !text.is_ascii() {
            return None;
        }
        let number = |from: usize, to: usize| digits(text.get(from..to)?);
        let sign = |at: usize, wanted: &str| text.get(at..=at).filter(|found| *found == wanted);
        sign(4, "-")?;
        sign(7, "-")?;
        sign(10, "T")?;
        sign(13, ":")?;
        sign(16, ":")?;
        let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
        let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
        let valid = (1..=12).contains(&month)
            && (1..=days_in_month(year, month)).contains(&day)
            && hour < 24
            && minute < 60
            && second < 60;
        if !valid {
            return None;
        }
        let rest = text.get(19..)?;
        let (fraction, zone) = match rest.strip_prefix('.') {
            Some(rest) => {
                let end = rest.find(|c: char| !c.is_ascii_digit())?;
                let shown = format!("{:0<9}", rest.get(..end.min(9))?);
                if end == 0 {
                    return None;
                }
                (digits(shown.get(..9)?)?, rest.get(end..)?)
            }
            None => (0, rest),
        };
        let offset = read_offset(zone)?;
        let seconds =
            days_from_civil(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
        let moment = i128::from(seconds - offset * 60) * NANOSECONDS + i128::from(fraction);
        Some(Self { moment, offset })
    }

    /// Nanoseconds since 1970, UTC.
    pub(super) fn moment(&self) -> i128 {
        self.moment
    }

    /// The instant so much later, by the same clock.
    pub(super) fn add_nanoseconds(&self, nanoseconds: i128) -> Option<Self> {
        let moment = self.moment.checked_add(nanoseconds)?;
        let later = Self { moment, offset: self.offset };
        (0..=9999).contains(&later.civil().year).then_some(later)
    }

    fn civil(&self) -> Civil {
        let seconds = i64::try_from(self.moment.div_euclid(NANOSECONDS)).unwrap_or_default();
        let local = seconds + self.offset * 60;
        let (days, time) = (local.div_euclid(86_400), local.rem_euclid(86_400));
        let (year, month, day) = civil_from_days(days);
        Civil {
            year,
            month: usize::try_from(month - 1).unwrap_or_default(),
            day,
            hour: time / 3600,
            minute: time / 60 % 60,
            second: time % 60,
            weekday: usize::try_from((days + 4).rem_euclid(7)).unwrap_or_default(),
        }
    }

    /// What a verb of a date pattern stands for.
    pub(super) fn print(&self, verb: &str) -> Option<String> {
        let civil = self.civil();
        let month = MONTHS.get(civil.month)?;
        let weekday = WEEKDAYS.get(civil.weekday)?;
        let half_day = if civil.hour % 12 == 0 { 12 } else { civil.hour % 12 };
        let noon = civil.hour >= 12;
        Some(match verb {
            "YYYY" => format!("{:04}", civil.year),
            "YY" => format!("{:02}", civil.year % 100),
            "MMMM" => (*month).to_owned(),
            "MMM" => month.get(..3)?.to_owned(),
            "MM" => format!("{:02}", civil.month + 1),
            "M" => (civil.month + 1).to_string(),
            "DD" => format!("{:02}", civil.day),
            "D" => civil.day.to_string(),
            "EEEE" => (*weekday).to_owned(),
            "EEE" => weekday.get(..3)?.to_owned(),
            "hh" => format!("{:02}", civil.hour),
            "h" => civil.hour.to_string(),
            "HH" => format!("{half_day:02}"),
            "H" => half_day.to_string(),
            "AA" => if noon { "PM" } else { "AM" }.to_owned(),
            "aa" => if noon { "pm" } else { "am" }.to_owned(),
            "mm" => format!("{:02}", civil.minute),
            "m" => civil.minute.to_string(),
            "ss" => format!("{:02}", civil.second),
            "s" => civil.second.to_string(),
            "Z" if self.offset == 0 => "Z".to_owned(),
            "ZZZ" if self.offset == 0 => "UTC".to_owned(),
            "Z" | "ZZZZZ" => self.zone(":"),
            "ZZZ" | "ZZZZ" => self.zone(""),
            _ => return None,
        })
    }

    fn zone(&self, separator: &str) -> String {
        let sign = if self.offset < 0 { '-' } else { '+' };
        let minutes = self.offset.abs();
        format!("{sign}{:02}{separator}{:02}", minutes / 60, minutes % 60)
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let civil = self.civil();
        let zone = if self.offset == 0 { "Z".to_owned() } else { self.zone(":") };
        write!(
            formatter,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{zone}",
            civil.year,
            civil.month + 1,
            civil.day,
            civil.hour,
            civil.minute,
            civil.second
        )
    }
}

fn digits(text: &str) -> Option<i64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

fn read_offset(zone: &str) -> Option<i64> {
    if zone == "Z" {
        return Some(0);
    }
    let (sign, rest) = match zone.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, zone.strip_prefix('+')?),
    };
    let (hours, minutes) = rest.split_once(':')?;
    if hours.len() != 2 || minutes.len() != 2 {
        return None;
    }
    let (hours, minutes) = (digits(hours)?, digits(minutes)?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days since 1970 of a date; years start in March so that leap days come last.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day_of_year - (153 * shifted + 2) / 5 + 1)
}

/// Nanoseconds of a duration such as `-1h30m` or `1.5s`.
pub(super) fn read_duration(text: &str) -> Option<i128> {
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total: i128 = 0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at(end);
        let unit_end = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, after) = after.split_at(unit_end);
        let unit: i128 = match unit {
            "ns" => 1,
            "us" | "µs" | "μs" => 1000,
            "ms" => 1_000_000,
            "s" => NANOSECONDS,
            "m" => 60 * NANOSECONDS,
            "h" => 3600 * NANOSECONDS,
            _ => return None,
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
        total = total.checked_add(whole.checked_mul(unit)?)?;
        let fraction = fraction.get(..fraction.len().min(15)).unwrap_or_default();
        if !fraction.is_empty() {
            let scale = 10_i128.pow(u32::try_from(fraction.len()).ok()?);
            total += fraction.parse::<i128>().ok()? * unit / scale;
        }
        rest = after;
    }
    Some(sign * total)
}
