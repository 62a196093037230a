//! The data type `ctl_group_snapshots`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::schema::{Attribute, Problem, Rule, Schema};
use crate::sdk::{Context, DataSource, ErrorKind, ProviderError};
use crate::value::{Type, Value};

use super::super::arguments::{alias, group_id, ignoring_case};
use super::super::client::Cloud;
use super::super::wire::{Group, Server};

/// The servers of a group, and their snapshots.
pub(in crate::providers::ctl) struct GroupSnapshots(pub(in crate::providers::ctl) Cloud);

/// What the configuration says.
#[derive(Debug, Deserialize)]
pub(in crate::providers::ctl) struct Arguments {
    group_id: Option<String>,
    data_center: Option<String>,
    account_alias: Option<String>,
    include_subgroups: bool,
    server_name_prefix: Option<String>,
    server_status: Option<String>,
    with_snapshot: Option<bool>,
}

/// What the vendor says.
#[derive(Debug, Serialize)]
pub(in crate::providers::ctl) struct Found {
    id: String,
    account_alias: String,
    server_ids: Vec<String>,
    servers: Vec<Member>,
    snapshots: Vec<super::Found>,
}

/// A server of the group.
#[derive(Debug, Serialize)]
struct Member {
    id: String,
    name: Option<String>,
    group_id: String,
    group_name: Option<String>,
    status: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    storage_gigabytes: Option<u64>,
    can_be_copied: bool,
    snapshot_id: Option<String>,
}

impl Arguments {
    fn wants(&self, server: &Server, snapshots: Option<&[super::Found]>) -> bool {
        let begins = |prefix: &String| {
            let name = server.name.as_deref().or(server.id.as_deref()).unwrap_or_default();
            name.get(..prefix.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(prefix))
        };
        let status = |wanted: &String| {
            server.status.as_ref().is_some_and(|status| status.eq_ignore_ascii_case(wanted))
        };
        // A server whose snapshots are not told is neither with one nor without.
        let holds = |wanted: bool| snapshots.is_some_and(|held| held.is_empty() != wanted);
        self.server_name_prefix.as_ref().is_none_or(begins)
            && self.server_status.as_ref().is_none_or(status)
            && self.with_snapshot.is_none_or(holds)
    }
}

/// A group and, where that is wanted, all groups below it.
fn groups_of<'a>(group: &'a Group, deep: bool, found: &mut Vec<&'a Group>) {
    found.push(group);
    if deep {
        group.groups.iter().for_each(|group| groups_of(group, deep, found));
    }
}

/// The servers of a group by their ids in lower case; an error where the vendor told only links.
fn servers_of(group: &Group) -> Result<Vec<(String, &Server)>, ProviderError> {
    if group.servers.is_none() && group.links.iter().any(|link| link.rel == "server") {
        let message = format!("The vendor names the servers of group `{}` only.", group.id);
        return Err(ProviderError::new(ErrorKind::Answer, "Get Group", message)
            .help("look at single servers with `ctl_server`"));
    }
    let servers = group.servers.iter().flatten();
    Ok(servers.filter_map(|server| Some((server.id.as_ref()?.to_lowercase(), server))).collect())
}

impl GroupSnapshots {
    /// The groups to begin with: the one that is named, or those at the top of a data centre.
    async fn tops(
        &self,
        alias: &str,
        arguments: &Arguments,
    ) -> Result<(&'static str, Vec<String>), ProviderError> {
        if let Some(id) = &arguments.group_id {
            return Ok(("group_id", vec![id.clone()]));
        }
        let place = arguments.data_center.as_deref().unwrap_or_default();
        let tops = self.0.top_groups(alias, place).await?;
        match tops {
            Some(tops) if !tops.is_empty() => Ok(("data_center", tops)),
            Some(_) => Err(missing(
                "data_center",
                format!(
                    "The vendor shows no groups of data centre `{place}` to this user in account `{alias}`."
                ),
            )),
            None => Err(missing("data_center", format!("There is no data centre `{place}`."))),
        }
    }
}

fn missing(argument: &str, message: String) -> ProviderError {
    ProviderError::new(ErrorKind::NotOne, "Get Group", message)
        .attribute(argument)
        .help("look at the groups in the control portal, and at `account_alias`")
}

fn settable_attributes() -> Vec<Attribute> {
    vec![
        Attribute::optional(
            "group_id",
            Type::String,
            "The group, such as `2a5c0b9662cf4fc8bf6180f139facdc0`. Either this or `data_center`.",
        )
        .rule(Rule::text("the id of a group, without blanks, `/`, `?` and `#`", group_id)),
        Attribute::optional(
            "data_center",
            Type::String,
            "A data centre such as `WA1`: all groups in it. Takes one more request.",
        )
        .rule(Rule::text("the code of a data centre", alias))
        .equivalent(ignoring_case),
        super::account_alias(),
        Attribute::optional(
            "include_subgroups",
            Type::Bool,
            "Whether the groups below count as well.",
        )
        .default(true),
        Attribute::optional(
            "server_name_prefix",
            Type::String,
            "Only servers whose name begins so, in upper or lower case.",
        ),
        Attribute::optional(
            "server_status",
            Type::String,
            "Only servers in this status, such as `active`.",
        ),
        Attribute::optional(
            "with_snapshot",
            Type::Bool,
            "`true`: only servers that hold a snapshot; `false`: only those that hold none. Servers \
             of which the vendor does not tell it are neither.",
        ),
    ]
}

/// The type of the list of servers.
fn members_type() -> Type {
    let texts = ["id", "name", "group_id", "group_name", "status", "type", "snapshot_id"];
    let texts = texts.map(|name| (name, Type::String));
    let others = [("storage_gigabytes", Type::Number), ("can_be_copied", Type::Bool)];
    Type::list(Type::object(texts.into_iter().chain(others)))
}

impl DataSource for GroupSnapshots {
    const TYPE: &'static str = "ctl_group_snapshots";
    type Arguments = Arguments;
    type Found = Found;

    fn schema() -> Schema {
        let mut attributes = settable_attributes();
        attributes.extend([
            Attribute::computed(
                "id",
                Type::String,
                "Account and group, or account and data centre.",
            ),
            Attribute::computed(
                "server_ids",
                Type::list(Type::String),
                "The ids of the servers, in lower case, in alphabetical order.",
            ),
            Attribute::computed(
                "servers",
                members_type(),
                "The same servers. `can_be_copied` tells whether a snapshot can be made of one, \
                 whatever its slot holds; `snapshot_id` is null where it holds none or the vendor \
                 does not tell.",
            ),
            Attribute::computed(
                "snapshots",
                super::snapshots_type(),
                "The snapshots of these servers, in the order of the servers.",
            ),
        ]);
        Schema::new(
            "The servers of a group and of the groups below it, and their snapshots. The vendor \
             tells them all in one answer. None is no error.",
            attributes,
        )
    }

    fn validate(arguments: &Value) -> Vec<Problem> {
        let is_null = |name: &str| arguments.attribute(name).is_none_or(Value::is_null);
        match (is_null("group_id"), is_null("data_center")) {
            (true, true) => vec![
                Problem::combination("group_id", "No group is named.")
                    .help("set either `group_id` or `data_center`"),
            ],
            (false, false) => vec![
                Problem::combination(
                    "data_center",
                    "`group_id` and `data_center` both tell which servers are meant.",
                )
                .help("keep one of them"),
            ],
            _ => Vec::new(),
        }
    }

    async fn read(&self, _: &Context, arguments: Arguments) -> Result<Found, ProviderError> {
        let alias = self.0.alias(arguments.account_alias.as_deref()).await?;
        let (argument, tops) = self.tops(&alias, &arguments).await?;
        let mut members = BTreeMap::new();
        for top in &tops {
            let group = self.0.group(&alias, top).await?;
            let Some(group) = group else {
                let message = format!("There is no group `{top}` in account `{alias}`.");
                return Err(missing(argument, message));
            };
            let mut groups = Vec::new();
            groups_of(&group, arguments.include_subgroups, &mut groups);
            for group in groups {
                for (id, server) in servers_of(group)? {
                    let held = super::Found::all(&alias, &id, server);
                    if arguments.wants(server, held.as_deref()) {
                        let held = held.unwrap_or_default();
                        members.insert(id.clone(), (member(id, group, server, &held), held));
                    }
                }
            }
        }
        let place = arguments.group_id.or(arguments.data_center).unwrap_or_default();
        let mut found = Found {
            id: format!("{alias}/{}", place.to_lowercase()),
            account_alias: arguments.account_alias.unwrap_or(alias),
            server_ids: members.keys().cloned().collect(),
            servers: Vec::new(),
            snapshots: Vec::new(),
        };
        for (member, held) in members.into_values() {
            found.servers.push(member);
            found.snapshots.extend(held);
        }
        Ok(found)
    }
}

fn member(id: String, group: &Group, server: &Server, held: &[super::Found]) -> Member {
    Member {
        id,
        name: server.name.clone(),
        group_id: group.id.clone(),
        group_name: group.name.clone(),
        status: server.status.clone(),
        kind: server.kind.clone(),
        storage_gigabytes: server.details.as_ref().and_then(|details| details.storage_gigabytes),
        can_be_copied: server.obstacle().is_none(),
        snapshot_id: held.first().map(|held| held.snapshot_id.clone()),
    }
}
