//! The data type `ctl_server`.

use serde::{Deserialize, Serialize};

use crate::schema::{Attribute, Schema};
use crate::sdk::{Context, DataSource, ProviderError};
use crate::value::Type;
use crate::world::Timestamp;

use super::super::client::Cloud;

/// A server, by its id.
pub(in crate::providers::ctl) struct Server(pub(in crate::providers::ctl) Cloud);

/// What the configuration says.
#[derive(Debug, Deserialize)]
pub(in crate::providers::ctl) struct Arguments {
    server_id: String,
    account_alias: Option<String>,
}

/// What the vendor says.
#[derive(Debug, Serialize)]
pub(in crate::providers::ctl) struct Found {
    id: String,
    account_alias: String,
    name: Option<String>,
    description: Option<String>,
    data_center: Option<String>,
    group_id: Option<String>,
    status: Option<String>,
    power_state: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    is_template: bool,
    os_type: Option<String>,
    storage_type: Option<String>,
    cpu: Option<u64>,
    memory_megabytes: Option<u64>,
    storage_gigabytes: Option<u64>,
    modified_at: Option<Timestamp>,
    can_be_copied: bool,
    snapshots: Option<Vec<super::Found>>,
}

impl DataSource for Server {
    const TYPE: &'static str = "ctl_server";
    type Arguments = Arguments;
    type Found = Found;

    fn schema() -> Schema {
        let text = |name, description| Attribute::computed(name, Type::String, description);
        let number = |name, description| Attribute::computed(name, Type::Number, description);
        let truth = |name, description| Attribute::computed(name, Type::Bool, description);
        let mut attributes = super::place_attributes();
        attributes.extend([
            text("id", "The server's id as the vendor writes it, in lower case."),
            text("name", "The server's name."),
            text("description", "What people wrote about it."),
            text("data_center", "The data centre, such as `WA1`."),
            text("group_id", "The group that it belongs to."),
            text("status", "Such as `active` or `archived`."),
            text("power_state", "`started`, `stopped` or `paused`."),
            text(
                "type",
                "Such as `standard` or `hyperscale`; only standard servers have snapshots.",
            ),
            truth("is_template", "Whether it is a template, which has no snapshots."),
            text("os_type", "The operating system."),
            text("storage_type", "The kind of storage."),
            number("cpu", "Processors."),
            number("memory_megabytes", "Memory in MB."),
            number("storage_gigabytes", "Storage in GB; snapshots end at 1024."),
            text(
                "modified_at",
                "When it was last changed, RFC 3339 in UTC. The end of a snapshot's job counts.",
            ),
            truth(
                "can_be_copied",
                "Whether it is one of which a snapshot can be made, whatever its slot holds.",
            ),
            Attribute::computed(
                "snapshots",
                super::snapshots_type(),
                "Its snapshots, of which there is one at the most. Null where the vendor does not \
                 tell them, as of an archived server.",
            ),
        ]);
        Schema::new("A server, by its id.", attributes)
    }

    async fn read(&self, _: &Context, arguments: Arguments) -> Result<Found, ProviderError> {
        let alias = self.0.alias(arguments.account_alias.as_deref()).await?;
        let server = super::server_of(&self.0, &alias, &arguments.server_id).await?;
        let id = server.id.as_ref().unwrap_or(&arguments.server_id).to_lowercase();
        let can_be_copied = server.obstacle().is_none();
        let snapshots = super::Found::all(&alias, &id, &server);
        let modified_at = server.modified_at();
        let details = server.details;
        let detail =
            |number: fn(&super::wire::Details) -> Option<u64>| details.as_ref().and_then(number);
        Ok(Found {
            account_alias: arguments.account_alias.unwrap_or(alias),
            name: server.name,
            description: server.description,
            data_center: server.location_id,
            group_id: server.group_id,
            status: server.status,
            kind: server.kind,
            is_template: server.is_template,
            os_type: server.os_type,
            storage_type: server.storage_type,
            cpu: detail(|details| details.cpu),
            memory_megabytes: detail(|details| details.memory_megabytes),
            storage_gigabytes: detail(|details| details.storage_gigabytes),
            power_state: details.and_then(|details| details.power_state),
            modified_at,
            can_be_copied,
            snapshots,
            id,
        })
    }
}
