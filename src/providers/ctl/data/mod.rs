//! What is looked up: a server, its snapshot, and the servers of a group.
//!
//! In: wire structures. Out: the data types and the shapes they share. Nothing here changes
//! anything at the vendor.

mod group_snapshots;
mod server;
mod server_snapshot;

use serde::Serialize;

use crate::schema::{Attribute, Rule};
use crate::sdk::{ErrorKind, ProviderError};
use crate::value::Type;
use crate::world::Timestamp;

use super::arguments::{alias, ignoring_case, server_id};
use super::client::Cloud;
use super::wire::{self, ServerSnapshot};

pub(super) use group_snapshots::GroupSnapshots;
pub(super) use server::Server;
pub(super) use server_snapshot::Snapshot;

/// A snapshot as data shows it.
#[derive(Debug, Serialize)]
struct Found {
    id: String,
    server_id: String,
    snapshot_id: String,
    name: String,
    created_at: Option<Timestamp>,
    restore_href: Option<String>,
    delete_href: Option<String>,
}

impl Found {
    /// A snapshot of a server; `None` where no link tells its id.
    fn of(alias: &str, server: &str, snapshot: &ServerSnapshot) -> Option<Self> {
        let id = snapshot.id()?;
        Some(Self {
            id: format!("{alias}/{server}/{id}"),
            server_id: server.to_owned(),
            snapshot_id: id.to_owned(),
            name: snapshot.name.clone(),
            created_at: snapshot.began_at(),
            restore_href: snapshot.href("restore").map(str::to_owned),
            delete_href: snapshot.delete_href().map(str::to_owned),
        })
    }

    /// The snapshots of a server, oldest first; `None` where the vendor does not tell them.
    fn all(alias: &str, id: &str, server: &wire::Server) -> Option<Vec<Self>> {
        let found = server.snapshots()?.iter();
        let mut found: Vec<_> = found.filter_map(|held| Self::of(alias, id, held)).collect();
        found.sort_by(|one, other| {
            (one.created_at, &one.snapshot_id).cmp(&(other.created_at, &other.snapshot_id))
        });
        Some(found)
    }
}

/// The type of a list of snapshots.
fn snapshots_type() -> Type {
    let names =
        ["id", "server_id", "snapshot_id", "name", "created_at", "restore_href", "delete_href"];
    Type::list(Type::object(names.map(|name| (name, Type::String))))
}

/// The arguments that name one server.
fn place_attributes() -> Vec<Attribute> {
    vec![
        Attribute::required(
            "server_id",
            Type::String,
            "The server, such as `WA1ALIASWB01`. Upper or lower case makes no difference.",
        )
        .rule(Rule::text("the id of a server, without blanks, `/`, `?` and `#`", server_id))
        .equivalent(ignoring_case),
        account_alias(),
    ]
}

fn account_alias() -> Attribute {
    Attribute::optional_computed(
        "account_alias",
        Type::String,
        "Account of the servers; the provider's unless set.",
    )
    .rule(Rule::text("the alias of an account", alias))
}

/// Looks at a server that must be there.
async fn server_of(cloud: &Cloud, alias: &str, id: &str) -> Result<wire::Server, ProviderError> {
    cloud.server(alias, id).await?.server.ok_or_else(|| {
        let message = format!("There is no server `{id}` in account `{alias}`.");
        ProviderError::new(ErrorKind::NotOne, "Get Server", message)
            .attribute("server_id")
            .help("look at the server's id in the control portal, and at `account_alias`")
    })
}
