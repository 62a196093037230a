//! The time range of a snapshot: texts into instants, and the documented limits.

use std::time::Duration;

use crate::schema::Problem;
use crate::value::Value;
use crate::world::Timestamp;

/// Lengths in hours that the vendor allows.
pub(super) const HOURS: [i64; 7] = [1, 2, 4, 6, 12, 24, 48];
/// How long the vendor keeps a test's results.
const RETENTION: Duration = Duration::from_hours(90 * 24);

/// An instant as a person writes it: RFC 3339, or the same without a zone, meaning UTC.
pub(super) fn instant(text: &str) -> Option<Timestamp> {
    Timestamp::parse_lenient(text).ok()
}

/// The instant `hours` after `from`.
pub(super) fn after(from: Timestamp, hours: u64) -> Timestamp {
    from.saturating_add(Duration::from_secs(hours * 3600))
}

/// The rule of `from` and `to`.
pub(super) fn check_text(text: &str) -> Result<(), String> {
    match instant(text) {
        None => Err(format!(
            "must be a date and time in UTC such as `2026-01-31T12:00:00Z`, not `{text}`"
        )),
        Some(time) if time != time.whole_seconds() => {
            Err(format!("must be a whole second, not `{text}`"))
        }
        Some(_) => Ok(()),
    }
}

/// Whether two texts mean the same instant.
pub(super) fn same_instant(prior: &Value, desired: &Value) -> bool {
    let instant = |value: &Value| value.as_str().and_then(instant);
    instant(prior).is_some_and(|prior| instant(desired) == Some(prior))
}

/// Checks the range as a whole; parts may be unknown.
pub(super) fn validate(arguments: &Value, now: Timestamp) -> Vec<Problem> {
    let argument = |name: &str| arguments.attribute(name).map(Value::reveal);
    let is_null = |name: &str| argument(name).is_none_or(|value| value.is_null());
    let mut problems = Vec::new();
    if is_null("to") && is_null("duration_hours") {
        problems.push(
            Problem::combination("to", "The end of the time range is missing.")
                .help("set either `to` or `duration_hours`"),
        );
    }
    if !is_null("to") && !is_null("duration_hours") {
        problems.push(
            Problem::combination(
                "duration_hours",
                "`to` and `duration_hours` both tell the end of the time range.",
            )
            .help("keep one of them"),
        );
        return problems;
    }
    let time = |name: &str| argument(name).and_then(|value| value.as_str().and_then(instant));
    let hours = argument("duration_hours").and_then(|value| value.as_number()?.as_u64());
    let Some(from) = time("from") else { return problems };
    if from < now.saturating_sub(RETENTION) {
        problems.push(Problem::advice(
            "from",
            "`from` is more than 90 days ago, and the vendor keeps results for about 90 days: the snapshot may be empty or refused.",
        ));
    }
    let Some(to) = time("to").or_else(|| Some(after(from, hours?))) else { return problems };
    let end = if is_null("to") { "duration_hours" } else { "to" };
    problems.extend(check_range(end, from, to, now));
    problems
}

/// Checks a range whose end is told by the argument `end`.
fn check_range(
    end: &'static str,
    from: Timestamp,
    to: Timestamp,
    now: Timestamp,
) -> Option<Problem> {
    if from >= to {
        return Some(Problem::combination(
            "to",
            format!("`to` ({to}) must be later than `from` ({from})."),
        ));
    }
    let seconds = to.since(from).as_secs();
    if !HOURS.iter().any(|hours| u64::try_from(hours * 3600) == Ok(seconds)) {
        let length = length(seconds);
        let message = format!(
            "The time from `from` to `to` must be 1, 2, 4, 6, 12, 24 or 48 hours, not {length}."
        );
        return Some(Problem::combination("to", message).help("move `from` or `to`"));
    }
    (to > now).then(|| {
        Problem::combination(end, format!("The time range ends at {to}, which lies in the future."))
            .help("snapshots hold results that exist already: choose an earlier range")
    })
}

fn length(seconds: u64) -> String {
    let parts = [(seconds / 3600, "hour"), (seconds / 60 % 60, "minute"), (seconds % 60, "second")];
    let parts = parts.iter().filter(|(count, _)| *count > 0);
    let parts =
        parts.map(|(count, unit)| format!("{count} {unit}{}", if *count == 1 { "" } else { "s" }));
    parts.collect::<Vec<_>>().join(" and ")
}
