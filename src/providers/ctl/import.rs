//! Snapshots that are taken in: how a person names one, and what only the configuration tells of it.

use crate::schema::Problem;
use crate::value::{Key, Value};
use crate::world::Timestamp;

use super::arguments::{MOST_DAYS, alias, life, server_id};
use super::snapshot::Object;

/// Reads `SERVER`, `SERVER/SNAPSHOT` or `ALIAS/SERVER/SNAPSHOT`; the latter two may end with
/// `/DAYS`, which the vendor never tells. A snapshot is a number within its server, and no server's
/// id is a number, so the forms cannot be mistaken for each other.
pub(super) fn named(id: &str) -> Result<Object, String> {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<_> = id.split('/').collect();
    let (account, server, snapshot, days) = match *parts {
        [server] => (None, server, "", None),
        [server, snapshot] => (None, server, snapshot, None),
        [server, snapshot, days] if is_number(snapshot) => (None, server, snapshot, Some(days)),
        [account, server, snapshot] => (Some(account), server, snapshot, None),
        [account, server, snapshot, days] => (Some(account), server, snapshot, Some(days)),
        _ => return Err(form()),
    };
    let days = days.map(|days| days.parse().ok().filter(|days| (1..=MOST_DAYS).contains(days)));
    let fits = server_id(server).is_ok()
        && (parts.len() == 1 || is_number(snapshot))
        && account.is_none_or(|account| alias(account).is_ok());
    if !fits || is_number(server) || days == Some(None) {
        return Err(form());
    }
    Ok(Object {
        server_id: server.to_owned(),
        snapshot_id: snapshot.to_owned(),
        id: id.to_owned(),
        expiration_days: days.flatten(),
        account_alias: account.map(str::to_owned),
        name: None,
        created_at: None,
        expires_at: None,
        restore_href: None,
        delete_href: None,
        last_status_id: None,
    })
}

/// After an import the days come from the configuration, and with them the end, which so is assumed.
pub(super) fn with_end(prior: Option<&Value>, planned: Value) -> Value {
    let is_null = |prior: &Value| prior.attribute("expires_at").is_none_or(Value::is_null);
    if !prior.is_some_and(is_null) {
        return planned;
    }
    let days = planned.attribute("expiration_days").and_then(|days| days.as_number()?.as_u64());
    let begin = planned.attribute("created_at").and_then(Value::as_str);
    let begin = begin.and_then(|text| text.parse::<Timestamp>().ok());
    let Some((begin, days)) = begin.zip(days) else { return planned };
    let end = Value::string(begin.saturating_add(life(days)).to_string());
    let entries = planned.entries().unwrap_or_default().iter().map(|(name, value)| {
        let value = if &**name == "expires_at" { &end } else { value };
        (Key::clone(name), value.clone())
    });
    Value::object(entries.collect::<Vec<_>>())
}

/// What is told of every snapshot that is taken in.
pub(super) fn assumption() -> Problem {
    Problem::advice(
        "id",
        "The vendor does not tell when it will remove this snapshot: `expires_at` is assumed, \
         `expiration_days` days after `created_at`.",
    )
    .help("let `expiration_days` be the days that the snapshot was made for")
}

fn form() -> String {
    "A snapshot is named by its server, with the account in front and the snapshot's number behind \
     where that is needed: `SERVER`, `SERVER/SNAPSHOT` or `ALIAS/SERVER/SNAPSHOT`. The days that \
     it was made for, 1 to 10, may follow a snapshot's number as `/DAYS`."
        .to_owned()
}
