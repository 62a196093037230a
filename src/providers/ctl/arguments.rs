//! Rules of the arguments, and the attributes that the vendor sets.

use std::time::Duration;

use serde::Deserialize;

use crate::schema::Attribute;
use crate::sdk::{Sharing, Unique};
use crate::value::{Type, Value};

/// What the configuration says.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Arguments {
    pub(super) server_id: String,
    pub(super) expiration_days: u64,
    pub(super) account_alias: Option<String>,
    pub(super) replace_existing: Option<bool>,
}

/// The most days for which the vendor makes a snapshot.
pub(super) const MOST_DAYS: u64 = 10;
/// What the vendor's documents on managing snapshots say of a server.
pub(super) const ONE_SLOT: &str = "a server holds one snapshot at the most";
/// Servers' ids are unique in all accounts.
pub(super) const ONE_OF_A_SERVER: Unique =
    Unique { arguments: &["server_id"], reason: ONE_SLOT, sharing: Sharing::Refused, unless: None };

/// How long the vendor keeps a snapshot that was made for so many days.
pub(super) fn life(days: u64) -> Duration {
    Duration::from_secs(days * 24 * 3600)
}

pub(super) fn ignoring_case(prior: &Value, desired: &Value) -> bool {
    match (prior.as_str(), desired.as_str()) {
        (Some(prior), Some(desired)) => prior.eq_ignore_ascii_case(desired),
        _ => false,
    }
}

pub(super) fn server_id(text: &str) -> Result<(), String> {
    let fits = |character: char| !character.is_whitespace() && !"/?#".contains(character);
    if !text.is_empty() && text.chars().all(fits) {
        Ok(())
    } else {
        Err(format!("must be the id of a server such as `WA1ALIASWB01`, not `{text}`"))
    }
}

pub(super) fn alias(text: &str) -> Result<(), String> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        Ok(())
    } else {
        Err(format!("must be letters and digits only, not `{text}`"))
    }
}

pub(super) fn group_id(text: &str) -> Result<(), String> {
    if server_id(text).is_ok() {
        Ok(())
    } else {
        Err(format!(
            "must be the id of a group such as `2a5c0b9662cf4fc8bf6180f139facdc0`, not `{text}`"
        ))
    }
}

pub(super) fn computed_attributes() -> Vec<Attribute> {
    let text = |name, description| Attribute::computed(name, Type::String, description);
    vec![
        text("id", "Account, server and snapshot as `alias/server/snapshot`, in lower case."),
        text("snapshot_id", "The vendor's id, a small number that counts within the server."),
        text("name", "The vendor's name: the moment the work began, `yyyy-MM-dd.HH:mm:ss` in UTC."),
        text("created_at", "The moment the work began, RFC 3339 in UTC."),
        text(
            "expires_at",
            "When the vendor will remove it: `created_at` and `expiration_days` days. An estimate, \
             for the vendor does not tell it; after an import, as long as the configuration is right.",
        ),
        text("restore_href", "Path of the request that takes the server back to this snapshot."),
        text("delete_href", "Path of the request that deletes this snapshot."),
        text("last_status_id", "Id of the job that made it, for questions to the vendor."),
    ]
}
