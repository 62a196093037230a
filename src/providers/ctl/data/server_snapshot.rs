//! The data type `ctl_server_snapshot`.

use serde::{Deserialize, Serialize};

use crate::schema::{Attribute, Rule, Schema};
use crate::sdk::{Context, DataSource, ErrorKind, ProviderError};
use crate::value::Type;
use crate::world::Timestamp;

use super::super::arguments::MOST_DAYS;
use super::super::arguments::life;
use super::super::client::Cloud;
use super::super::wire::unknown;

/// The one snapshot of a server.
pub(in crate::providers::ctl) struct Snapshot(pub(in crate::providers::ctl) Cloud);

/// What the configuration says.
#[derive(Debug, Deserialize)]
pub(in crate::providers::ctl) struct Arguments {
    server_id: String,
    account_alias: Option<String>,
    expiration_days: Option<u64>,
}

/// What the vendor says.
#[derive(Debug, Serialize)]
pub(in crate::providers::ctl) struct Found {
    account_alias: String,
    id: String,
    snapshot_id: String,
    name: String,
    created_at: Option<Timestamp>,
    expires_at: Option<Timestamp>,
    latest_expiry: Option<Timestamp>,
    restore_href: Option<String>,
    delete_href: Option<String>,
}

impl DataSource for Snapshot {
    const TYPE: &'static str = "ctl_server_snapshot";
    type Arguments = Arguments;
    type Found = Found;

    fn schema() -> Schema {
        let text = |name, description| Attribute::computed(name, Type::String, description);
        let mut attributes = super::place_attributes();
        attributes.extend([
            Attribute::optional(
                "expiration_days",
                Type::Number,
                "For how many days the snapshot was made, where that is known: the vendor does not \
                 tell it.",
            )
            .rule(Rule::whole_number(1, 10)),
            text("id", "Account, server and snapshot as `alias/server/snapshot`, in lower case."),
            text("snapshot_id", "The vendor's id, a small number that counts within the server."),
            text("name", "The vendor's name: the moment the work began, in UTC."),
            text("created_at", "The moment the work began, RFC 3339 in UTC."),
            text(
                "expires_at",
                "When the vendor will remove it: `created_at` and `expiration_days` days. An \
                 estimate; null unless `expiration_days` is set.",
            ),
            text(
                "latest_expiry",
                "When it will be gone at the latest: 10 days after `created_at`. An estimate.",
            ),
            text("restore_href", "Path of the request that takes the server back to it."),
            text("delete_href", "Path of the request that deletes it."),
        ]);
        Schema::new(
            "The snapshot that a server holds; a server without one is an error.",
            attributes,
        )
    }

    async fn read(&self, _: &Context, arguments: Arguments) -> Result<Found, ProviderError> {
        let asked = &arguments.server_id;
        let alias = self.0.alias(arguments.account_alias.as_deref()).await?;
        let server = super::server_of(&self.0, &alias, asked).await?;
        let id = server.id.as_ref().unwrap_or(asked).to_lowercase();
        let refuse = |message| {
            ProviderError::new(ErrorKind::NotOne, "Get Server", message).attribute("server_id")
        };
        let held = super::Found::all(&alias, &id, &server)
            .ok_or_else(|| refuse(unknown(asked, &server)).help("restore the server"))?;
        let ids: Vec<_> = held.iter().map(|held| held.snapshot_id.clone()).collect();
        let mut held = held.into_iter();
        let found = match (held.next(), held.next()) {
            (Some(found), None) => found,
            (None, _) => {
                let message = format!("Server `{asked}` holds no snapshot.");
                return Err(refuse(message).help(
                    "make one first, or look with `ctl_group_snapshots`, where none is no error",
                ));
            }
            _ => {
                let ids = ids.join("`, `");
                return Err(refuse(format!("Server `{asked}` holds several snapshots: `{ids}`.")));
            }
        };
        let end = |days| Some(found.created_at?.saturating_add(life(days)));
        Ok(Found {
            account_alias: arguments.account_alias.unwrap_or(alias),
            expires_at: arguments.expiration_days.and_then(end),
            latest_expiry: end(MOST_DAYS),
            id: found.id,
            snapshot_id: found.snapshot_id,
            name: found.name,
            created_at: found.created_at,
            restore_href: found.restore_href,
            delete_href: found.delete_href,
        })
    }
}
