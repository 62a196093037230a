//! Groups: a tree for each account and data centre.
//!
//! Every data centre has a group at the top and below it `Default Group`, where all servers are of
//! which the collection `servers` says nothing else: those that the knob `servers` wants, those
//! that a request has touched, and those of the collection. A record may name another group, as
//! `{"group":"ID"}`; groups are in the collection `groups`, as
//! `{"alias":"alias","location":"wa1","name":"Web","parent":"ID"}`. Any other id of 32 hexadecimal
//! digits is a group as well, with servers of its own.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::sdk::emulator::Stage;
use crate::sdk::http::{Request, Response};

use super::slot::SLOTS;
use super::{SERVERS, change_info, find_server, long_ago, message, server_json};

const GROUPS: &str = "groups";
const DEFAULT: &str = "Default Group";
/// Where groups are of which nothing is known: the data centre that the login names.
const LOCATION: &str = "wa1";

/// A group.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Group {
    missing: bool,
    alias: String,
    location: String,
    name: String,
    parent: Option<String>,
}

fn groups(stage: &Stage<'_>) -> Vec<(String, Group)> {
    stage.store.all(GROUPS)
}

/// The id of a group; it is made when there is none like it.
fn found_or_made(stage: &mut Stage<'_>, wanted: Group) -> String {
    let same = |group: &Group| {
        group.alias == wanted.alias
            && group.location == wanted.location
            && group.name == wanted.name
            && group.parent == wanted.parent
    };
    if let Some((id, _)) = groups(stage).into_iter().find(|(_, group)| same(group)) {
        return id;
    }
    let id = stage.ids.uuid().replace('-', "");
    stage.store.put(GROUPS, &id, &wanted);
    id
}

fn top_name(location: &str) -> String {
    format!("{} Hardware", location.to_uppercase())
}

/// The group at the top of a data centre.
fn top(stage: &mut Stage<'_>, alias: &str, location: &str) -> String {
    let name = top_name(location);
    let (alias, location) = (alias.to_owned(), location.to_owned());
    found_or_made(stage, Group { alias, location, name, ..Group::default() })
}

/// The group of servers of which nothing else is said.
pub(super) fn home(stage: &mut Stage<'_>, alias: &str, location: &str) -> String {
    let parent = Some(top(stage, alias, location));
    let (alias, location) = (alias.to_owned(), location.to_owned());
    let name = DEFAULT.to_owned();
    found_or_made(stage, Group { alias, location, name, parent, ..Group::default() })
}

fn center_json(alias: &str, location: &str, links: Vec<Json>) -> Json {
    let itself = json!({ "rel": "self", "href": format!("/v2/datacenters/{alias}/{location}") });
    let links: Vec<_> = std::iter::once(itself).chain(links).collect();
    json!({ "id": location, "name": location.to_uppercase(), "links": links })
}

/// Answers with the data centres of an account: the one that the login names, and those that have
/// groups. The page *Get Data Center List* shows a bare array.
pub(super) fn data_centers(alias: &str, stage: &Stage<'_>) -> Response {
    let alias = alias.to_lowercase();
    let with_groups = groups(stage).into_iter().map(|(_, group)| group);
    let with_groups = with_groups.filter(|group| group.alias == alias && !group.missing);
    let mut locations: BTreeSet<_> = with_groups.map(|group| group.location).collect();
    locations.insert(LOCATION.to_owned());
    let centers = locations.iter().map(|location| center_json(&alias, location, Vec::new()));
    Response::json(200, &centers.collect::<Vec<_>>())
}

/// Answers where the groups of a data centre begin.
pub(super) fn data_center(
    request: &Request,
    alias: &str,
    location: &str,
    stage: &mut Stage<'_>,
) -> Response {
    let (alias, location) = (alias.to_lowercase(), location.to_lowercase());
    if location.len() != 3 || !location.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return message(404, "The data center cannot be found.");
    }
    let mut links = Vec::new();
    // The vendor's Python client writes `GroupLinks`.
    let wants_groups = request
        .url
        .query_pairs()
        .any(|(name, value)| name.eq_ignore_ascii_case("groupLinks") && value == "true");
    // Links that a role may not follow are left out.
    if wants_groups && stage.knob("tree_access") == 1 {
        home(stage, &alias, &location);
        let id = top(stage, &alias, &location);
        let name = top_name(&location);
        let href = format!("/v2/groups/{alias}/{id}");
        links.push(json!({ "rel": "group", "href": href, "id": id, "name": name }));
    }
    Response::json(200, &center_json(&alias, &location, links))
}

/// Answers with a group and all that is below it.
pub(super) fn group(request: &Request, alias: &str, id: &str, stage: &mut Stage<'_>) -> Response {
    let (alias, id) = (alias.to_lowercase(), id.to_lowercase());
    if stage.knob("tree_access") == 0 {
        return message(403, "The role of this user does not allow the operation.");
    }
    let Some(group) = find(stage, &alias, &id) else {
        return message(404, "The group cannot be found.");
    };
    let detailed = request.query_value("serverDetail").as_deref() == Some("detailed");
    Response::json(200, &tree(stage, &id, &group, detailed))
}

/// A group by its id; one of which nothing is known gets servers of its own.
fn find(stage: &mut Stage<'_>, alias: &str, id: &str) -> Option<Group> {
    if let Some(group) = stage.store.get::<Group>(GROUPS, id) {
        return (!group.missing && group.alias == alias).then_some(group);
    }
    if id.len() != 32 || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let number = stage.store.count_up("groups");
    let parent = Some(top(stage, alias, LOCATION));
    let (name, location) = (format!("Group {number}"), LOCATION.to_owned());
    let group = Group { alias: alias.to_owned(), location, name, parent, missing: false };
    stage.store.put(GROUPS, id, &group);
    for server in 1..=stage.knob("servers") {
        let server = format!("{LOCATION}{alias}grp{number}{server:02}");
        stage.store.put(SERVERS, &server, &json!({ "group": id }));
    }
    Some(group)
}

fn tree(stage: &mut Stage<'_>, id: &str, group: &Group, detailed: bool) -> Json {
    let below = groups(stage).into_iter();
    let below: Vec<_> =
        below.filter(|(_, child)| !child.missing && child.parent.as_deref() == Some(id)).collect();
    let below: Vec<_> =
        below.iter().map(|(child, group)| tree(stage, child, group, detailed)).collect();
    let members = members(stage, id, group);
    let alias = &group.alias;
    let mut links = vec![json!({ "rel": "self", "href": format!("/v2/groups/{alias}/{id}") })];
    let mut body = json!({
        "id": id, "name": group.name, "description": group.name, "locationId": group.location.to_uppercase(),
        "type": "default", "status": "active", "serversCount": members.len(), "groups": below,
    });
    if detailed {
        let lag = Duration::from_secs(stage.knob("tree_lag_seconds"));
        let seen_at = stage.now.saturating_sub(lag);
        let servers = members.iter().filter_map(|id| server_json(alias, id, seen_at, stage));
        body["servers"] = Json::Array(servers.collect());
    }
    for server in members {
        let href = format!("/v2/servers/{alias}/{server}");
        links.push(json!({ "rel": "server", "href": href, "id": server }));
    }
    body["links"] = Json::Array(links);
    body["changeInfo"] = change_info(long_ago());
    body
}

/// The servers of one group.
fn members(stage: &mut Stage<'_>, id: &str, group: &Group) -> Vec<String> {
    let begin = format!("{}{}", group.location, group.alias);
    let home = home(stage, &group.alias, &group.location);
    let mut known: BTreeSet<String> =
        (1..=stage.knob("servers")).map(|number| format!("{begin}app{number:02}")).collect();
    for collection in [SERVERS, SLOTS] {
        let records = stage.store.all::<Json>(collection).into_iter().map(|(id, _)| id);
        known.extend(records.filter(|id| id.starts_with(&begin)));
    }
    known.retain(|server| {
        find_server(stage, server)
            .is_some_and(|found| found.group.as_deref().unwrap_or(&home) == id)
    });
    known.into_iter().collect()
}
