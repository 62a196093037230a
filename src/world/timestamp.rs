//! An instant: the only home of the time library.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// An instant in UTC, printed and read as RFC 3339.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(jiff::Timestamp);

/// A text that is no instant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a date and time such as 2026-01-31T12:00:00Z")]
pub struct TimestampError(String);

impl Timestamp {
    /// The start of 1970, the origin of epoch seconds.
    pub const EPOCH: Self = Self(jiff::Timestamp::UNIX_EPOCH);

    /// Asks the system; callers outside this folder go through [`super::Clock`].
    pub(super) fn of_system() -> Self {
        #[expect(clippy::disallowed_methods, reason = "the one place that asks the system")]
        Self(jiff::Timestamp::now())
    }

    /// The instant `seconds` after the start of 1970; out-of-range values stop at the ends.
    pub fn from_epoch_seconds(seconds: i64) -> Self {
        let clamped =
            seconds.clamp(jiff::Timestamp::MIN.as_second(), jiff::Timestamp::MAX.as_second());
        Self(jiff::Timestamp::from_second(clamped).unwrap_or(jiff::Timestamp::UNIX_EPOCH))
    }

    /// Whole seconds since the start of 1970.
    pub fn epoch_seconds(self) -> i64 {
        self.0.as_second()
    }

    /// Whole milliseconds since the start of 1970.
    pub fn epoch_milliseconds(self) -> i64 {
        self.0.as_millisecond()
    }

    /// The instant `duration` later, stopping at the end of representable time.
    #[must_use]
    pub fn saturating_add(self, duration: Duration) -> Self {
        self.0.checked_add(duration).map_or(Self(jiff::Timestamp::MAX), Self)
    }

    /// The instant `duration` earlier, stopping at the start of representable time.
    #[must_use]
    pub fn saturating_sub(self, duration: Duration) -> Self {
        self.0.checked_sub(duration).map_or(Self(jiff::Timestamp::MIN), Self)
    }

    /// Time from `earlier` to this instant; zero where `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::try_from(self.0.duration_since(earlier.0)).unwrap_or(Duration::ZERO)
    }

    /// The same instant without its fraction of a second.
    #[must_use]
    pub fn whole_seconds(self) -> Self {
        Self::from_epoch_seconds(self.epoch_seconds())
    }

    /// Prints with a strftime pattern, in UTC; a pattern that fails gives the RFC 3339 form.
    pub fn format(self, pattern: &str) -> String {
        jiff::fmt::strtime::format(pattern, self.0).unwrap_or_else(|_| self.to_string())
    }

    /// Reads a text without a zone by a strptime pattern and takes it as UTC.
    pub fn parse_utc(pattern: &str, text: &str) -> Result<Self, TimestampError> {
        jiff::fmt::strtime::parse(pattern, text)
            .and_then(|parts| parts.to_datetime())
            .and_then(|civil| civil.to_zoned(jiff::tz::TimeZone::UTC))
            .map(|zoned| Self(zoned.timestamp()))
            .map_err(|_| TimestampError(text.to_owned()))
    }

    /// Reads RFC 3339, or the same without a zone (with `T` or a blank), taken as UTC.
    pub fn parse_lenient(text: &str) -> Result<Self, TimestampError> {
        text.parse()
            .or_else(|_| {
                text.trim().parse::<jiff::civil::DateTime>().map_err(|_| ()).and_then(|civil| {
                    civil
                        .to_zoned(jiff::tz::TimeZone::UTC)
                        .map(|zoned| Self(zoned.timestamp()))
                        .map_err(|_| ())
                })
            })
            .map_err(|()| TimestampError(text.to_owned()))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self).map_err(|_| TimestampError(text.to_owned()))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse_lenient(&text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_forms_vendors_write() {
        for text in ["2018-10-06T00:00:00", "2018-10-06 00:00:00", "2018-10-06T00:00:00Z"] {
            assert_eq!(
                Timestamp::parse_lenient(text).unwrap().to_string(),
                "2018-10-06T00:00:00Z",
                "{text}"
            );
        }
        let fraction = Timestamp::parse_lenient("2013-02-25T16:27:54.724209").unwrap();
        assert_eq!(fraction.whole_seconds().to_string(), "2013-02-25T16:27:54Z");
        assert!(Timestamp::parse_lenient("yesterday").is_err());
    }

    #[test]
    fn prints_and_reads_by_pattern() {
        let instant: Timestamp = "2026-03-04T05:06:07Z".parse().unwrap();
        let text = instant.format("%Y-%m-%d.%H:%M:%S");
        assert_eq!(text, "2026-03-04.05:06:07");
        assert_eq!(Timestamp::parse_utc("%Y-%m-%d.%H:%M:%S", &text).unwrap(), instant);
    }
}
