//! The arguments of `thousandeyes_snapshot` with their rules, and the attributes that the vendor sets.

use serde::Deserialize;

use crate::schema::{Attribute, Rule};
use crate::sdk::{Sharing, Unique};
use crate::value::Type;

use super::range::{HOURS, check_text, same_instant};

/// What the configuration says.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Arguments {
    pub(super) test_id: String,
    pub(super) display_name: String,
    pub(super) from: String,
    pub(super) to: Option<String>,
    pub(super) duration_hours: Option<u64>,
    pub(super) public: Option<bool>,
    pub(super) account_group_id: Option<u64>,
    pub(super) mark_title: Option<bool>,
    pub(super) on_unknown_outcome: Option<String>,
}

/// Saved events are tests, and names of tests are unique in an account group. The seed does not say
/// that a title may not be used again.
pub(super) const ONE_OF_A_TITLE: Unique = Unique {
    arguments: &["display_name", "account_group_id"],
    reason: "a snapshot whose create got no answer can only be looked for by its title",
    sharing: Sharing::Advised,
    unless: Some("mark_title"),
};

pub(super) fn test_id(text: &str) -> Result<(), String> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits && text.parse::<i64>().is_ok() {
        Ok(())
    } else {
        Err(format!("must be the number of a test such as `19955`, not `{text}`"))
    }
}

fn display_name(text: &str) -> Result<(), String> {
    if text.trim().is_empty() { Err("must not be empty".to_owned()) } else { Ok(()) }
}

pub(super) fn settable_attributes() -> Vec<Attribute> {
    let time_rule = || Rule::text("a date and time in UTC, whole seconds", check_text);
    vec![
        Attribute::required("test_id", Type::String, "The test whose results are frozen: its number.")
            .force_new()
            .untold()
            .rule(Rule::text("a whole number in digits", test_id)),
        Attribute::required("display_name", Type::String, "Title of the snapshot.")
            .force_new()
            .rule(Rule::text("not empty", display_name)),
        Attribute::required(
            "from",
            Type::String,
            "Begin of the time range, RFC 3339; without a zone it means UTC.",
        )
        .force_new()
        .untold()
        .rule(time_rule())
        .equivalent(same_instant),
        Attribute::optional_computed(
            "to",
            Type::String,
            "End of the time range, 1, 2, 4, 6, 12, 24 or 48 hours after `from`. Either this or \
             `duration_hours`.",
        )
        .force_new()
        .untold()
        .rule(time_rule())
        .equivalent(same_instant),
        Attribute::optional(
            "duration_hours",
            Type::Number,
            "Length of the time range in hours, instead of `to`.",
        )
        .force_new()
        .rule(Rule::one_of_numbers(&HOURS)),
        Attribute::optional(
            "public",
            Type::Bool,
            "Whether anyone who has the link may look (a share link); otherwise it is a saved event \
             of the account group.",
        )
        .default(false)
        .force_new(),
    ]
}

/// Where a snapshot is made, and what is done when nobody knows whether it was.
pub(super) fn other_attributes() -> Vec<Attribute> {
    vec![
        Attribute::optional(
            "account_group_id",
            Type::Number,
            "Account group of the test; the provider's unless set.",
        )
        .force_new()
        .rule(Rule::whole_number(1, i64::MAX)),
        Attribute::optional(
            "mark_title",
            Type::Bool,
            "Whether each create adds a mark of its own to the title, such as `[3f2a9c1e7b60]`: then a \
             search finds what a lost create made for certain, and a person can.",
        )
        .record_only(),
        Attribute::optional(
            "on_unknown_outcome",
            Type::String,
            "What becomes of a public create whose answer was lost: `fail`, which is meant unless set, \
             leaves it to a person to look whether the snapshot is there; `retry` sends it again, \
             which may leave a second public link for 30 days.",
        )
        .record_only()
        .rule(Rule::one_of(&["fail", "retry"])),
    ]
}

pub(super) fn computed_attributes() -> Vec<Attribute> {
    let text = |name, description| Attribute::computed(name, Type::String, description);
    let number = |name, description| Attribute::computed(name, Type::Number, description);
    vec![
        text("id", "The same as `snapshot_test_id`."),
        text(
            "link_id",
            "The vendor's id of the link. Whoever knows it can look at a public snapshot.",
        )
        .sensitive(),
        text(
            "view_url",
            "Where people look at it. Whoever knows it can look at a public snapshot.",
        )
        .sensitive(),
        text("snapshot_test_id", "The new test that carries the frozen results."),
        text("source_test_id", "The test that was asked for."),
        text("user_id", "The user who made it."),
        text("share_date", "When it was made, RFC 3339 in UTC."),
        text(
            "expires_at",
            "When the vendor will remove it: 30 days after `share_date`. The vendor does not tell it.",
        ),
        number("start_round_id", "First round of results, in seconds since the start of 1970."),
        number("end_round_id", "Last round of results, in seconds since the start of 1970."),
        number("round_id", "Round shown first, in seconds since the start of 1970."),
        text("extra_params", "What the vendor adds to the link; empty so far."),
    ]
}
