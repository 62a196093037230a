//! The arguments and attributes of a disk snapshot with their rules.

use std::time::Duration;

use serde::Deserialize;

use crate::schema::{Attribute, Problem, Rule};
use crate::value::{Type, Value};
use crate::world::Timestamp;

use super::wire::{read_time_strictly, write_time};

/// What the configuration says.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Arguments {
    pub(super) disk_id: String,
    pub(super) name: String,
    pub(super) retention_time: Option<Timestamp>,
    pub(super) mark_name: Option<bool>,
}

/// The seed: "The specified time must be 24 hours after the current time."
pub(super) const LEAST_RETENTION: Duration = Duration::from_hours(24);

pub(super) fn retention_of(value: &Value) -> Option<Timestamp> {
    let text = value.attribute("retention_time")?.reveal();
    read_time_strictly(text.as_str()?)
}

pub(super) fn retention_problem(end: Timestamp, now: Timestamp) -> Option<Problem> {
    let least = now.saturating_add(LEAST_RETENTION);
    (end < least).then(|| {
        Problem::rule(
            "retention_time",
            format!(
                "`retention_time` must be at least 24 hours ahead, so {} or later; {} is not.",
                write_time(least),
                write_time(end)
            ),
        )
        .help("choose a later time, or leave it out to keep the snapshot for ever")
    })
}

pub(super) fn attributes() -> Vec<Attribute> {
    let computed = Attribute::computed;
    vec![
        Attribute::required("disk_id", Type::String, "Id of the disk to copy.")
            .force_new()
            .rule(Rule::text("not empty", not_empty)),
        Attribute::required("name", Type::String, "Name of the snapshot; it need not be unique.")
            .rule(Rule::text(
                "2 to 63 letters, digits, `-` and `.`, beginning and ending with a letter or digit",
                name_rule,
            )),
        Attribute::optional(
            "retention_time",
            Type::String,
            "When Zenlayer deletes the snapshot: UTC as `YYYY-MM-DDTHH:MM:SSZ`, at least 24 hours \
             ahead when it is set or changed. Without it the snapshot is kept for ever.",
        )
        .rule(Rule::text("UTC as `YYYY-MM-DDTHH:MM:SSZ`", time_rule))
        .equivalent(same_instant),
        Attribute::optional(
            "mark_name",
            Type::Bool,
            "Whether a create goes out under a name with a mark of its own, which is taken away once the \
             snapshot is there: then a search finds what a lost create made for certain.",
        )
        .record_only(),
        computed("id", Type::String, "Zenlayer's id of the snapshot."),
        computed(
            "status",
            Type::String,
            "`CREATING`, `AVAILABLE`, `FAILED`, `ROLLING_BACK` or `DELETING`.",
        ),
        computed("zone_id", Type::String, "Zone in which the disk and the snapshot are."),
        computed("snapshot_type", Type::String, "`Manual`, or `Auto` where a policy made it."),
        computed("create_time", Type::String, "When it was created, as Zenlayer writes it."),
        computed("expires_at", Type::String, "When it ends; null where it is kept for ever."),
        computed("resource_group_id", Type::String, "Resource group; it follows the disk's."),
        computed("disk_ability", Type::Bool, "Whether a new disk can be made from it."),
    ]
}

fn not_empty(text: &str) -> Result<(), String> {
    if text.trim().is_empty() { Err("must not be empty".to_owned()) } else { Ok(()) }
}

/// The rule of the vendor's own provider for Terraform; the page `CreateSnapshot` gives none.
fn name_rule(text: &str) -> Result<(), String> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    let ends = [text.bytes().next(), text.bytes().next_back()];
    if !(2..=63).contains(&text.chars().count()) {
        Err(format!("must have 2 to 63 characters, not {}", text.chars().count()))
    } else if !text.bytes().all(allowed) {
        Err(format!("may hold letters, digits, `-` and `.` only; `{text}` does not"))
    } else if !ends.into_iter().flatten().all(|byte| byte.is_ascii_alphanumeric()) {
        Err(format!("must begin and end with a letter or digit; `{text}` does not"))
    } else {
        Ok(())
    }
}

fn time_rule(text: &str) -> Result<(), String> {
    read_time_strictly(text)
        .map(|_| ())
        .ok_or_else(|| format!("must be UTC written as `YYYY-MM-DDTHH:MM:SSZ`, not `{text}`"))
}

fn same_instant(prior: &Value, desired: &Value) -> bool {
    let instant =
        |value: &Value| value.as_str().and_then(|text| Timestamp::parse_lenient(text).ok());
    instant(prior).is_some() && instant(prior) == instant(desired)
}
