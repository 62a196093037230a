//! The vendor's API in memory: login, servers, the queue, snapshots.
//!
//! In: requests as any client sends them, JSON and form. Out: answers as the vendor's documents and
//! recordings show them. Any well-formed server id exists, active and without a snapshot, unless
//! the collection `servers` says otherwise under its lower-case id: `{"missing":true}` or
//! `{"status":"archived","type":"standard","isTemplate":false,"storageGB":60}`. The groups of servers
//! are told of in `groups`.

mod groups;
mod queue;
mod slot;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::sdk::emulator::{Emulator, Knob, Stage};
use crate::sdk::http::{Method, Request, Response};
use crate::world::Timestamp;

use slot::Slot;

/// The emulated vendor.
#[derive(Clone, Copy, Debug)]
pub(super) struct CtlEmulator;

/// Name of the only user.
pub(super) const USERNAME: &str = "rehearsal@example.test";
/// Password of the only user.
pub(super) const PASSWORD: &str = "rehearsal-password";
/// Account of the only user; other accounts count as its sub-accounts.
pub(super) const ALIAS: &str = "ALIAS";
/// What the vendor says of a server that it does not know or that is in the wrong state. The
/// vendor's own client compares with this very text.
pub(super) const NOT_QUEUED: &str = "The operation cannot be queued because the server cannot be \
                                     found or it is not in a valid state.";

const TOKENS: &str = "tokens";
const SERVERS: &str = "servers";

#[derive(Serialize, Deserialize)]
struct Login {
    username: String,
    password: String,
}

/// A server that differs from the ordinary.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Server {
    missing: bool,
    status: String,
    #[serde(rename = "type")]
    kind: String,
    is_template: bool,
    #[serde(rename = "storageGB")]
    storage_gigabytes: u64,
    /// Its group, where that is not the default one of its data centre.
    group: Option<String>,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            missing: false,
            status: "active".to_owned(),
            kind: "standard".to_owned(),
            is_template: false,
            storage_gigabytes: 60,
            group: None,
        }
    }
}

impl Emulator for CtlEmulator {
    fn vendor(&self) -> &'static str {
        "ctl"
    }

    fn answer(&self, request: &Request, stage: &mut Stage<'_>) -> Response {
        route(request, stage)
            .header("Date", stage.now.format("%a, %d %b %Y %H:%M:%S GMT"))
            .header("Cache-Control", "no-cache")
            .header("Pragma", "no-cache")
            .header("Expires", "-1")
    }

    fn settings(&self, base_url: &str) -> Vec<(&'static str, Option<String>)> {
        vec![
            ("base_url", Some(base_url.to_owned())),
            ("username", Some(USERNAME.to_owned())),
            ("password", Some(PASSWORD.to_owned())),
            ("bearer_token", None),
        ]
    }

    fn knobs(&self) -> Vec<Knob> {
        let knob = |name, default, description| Knob { name, default, description };
        vec![
            knob("queue_seconds", 2, "Seconds until a job begins on a server that is free."),
            knob("job_seconds", 15, "Seconds a job takes for each server."),
            knob("list_lag_seconds", 0, "Seconds until a server shows what a job did."),
            knob("jobs_fail", 0, "1: jobs end in status `failed` and do nothing."),
            knob("servers", 3, "Servers that each group of a fresh world has from the start."),
            knob("tree_access", 1, "0: the user may not look at groups."),
            knob("tree_lag_seconds", 0, "Seconds until a group shows what its servers show."),
            knob("token_seconds", 14 * 24 * 3600, "Seconds a token lives."),
        ]
    }
}

fn route(request: &Request, stage: &mut Stage<'_>) -> Response {
    let path = request.path().to_owned();
    let parts: Vec<_> = path.trim_matches('/').split('/').collect();
    if (request.method, &*parts) == (Method::Post, &["v2", "authentication", "login"]) {
        return log_in(request, stage);
    }
    if !has_token(request, stage) {
        return message(401, "Authorization has been denied for this request.");
    }
    match (request.method, &*parts) {
        (Method::Post, ["v2", "operations", alias, "servers", "createSnapshot"]) => {
            queue::create(request, alias, stage)
        }
        (Method::Get, ["v2", "operations", _, "status", id]) => queue::status(id, stage),
        (Method::Get, ["v2", "servers", alias, id]) => server(alias, id, stage),
        (Method::Get, ["v2", "datacenters", alias]) => groups::data_centers(alias, stage),
        (Method::Get, ["v2", "datacenters", alias, location]) => {
            groups::data_center(request, alias, location, stage)
        }
        (Method::Get, ["v2", "groups", alias, id]) => groups::group(request, alias, id, stage),
        (Method::Delete, ["v2", "servers", alias, server, "snapshots", id]) => {
            queue::delete(alias, server, id, stage)
        }
        (Method::Post, ["v2", "servers", alias, server, "snapshots", id, "restore"]) => {
            queue::restore(alias, server, id, stage)
        }
        _ => message(404, "No HTTP resource was found that matches the request URI."),
    }
}

fn message(status: u16, text: &str) -> Response {
    Response::json(status, &json!({ "message": text }))
}

/// The vendor's clients log in with JSON, and one of them with a form.
fn log_in(request: &Request, stage: &mut Stage<'_>) -> Response {
    let from_form = || {
        let pairs = request.form_pairs();
        let part = |wanted: &str| {
            pairs.iter().find(|(name, _)| name == wanted).map(|(_, text)| text.clone())
        };
        Some(Login { username: part("username")?, password: part("password")? })
    };
    let login = request.json_body::<Login>().ok().or_else(from_form);
    if !login.is_some_and(|login| login.username == USERNAME && login.password == PASSWORD) {
        return message(
            400,
            "We didn't recognize the username or password you entered. Please try again.",
        );
    }
    let token = format!("rehearsal.{}.token", stage.ids.uuid());
    let life = std::time::Duration::from_secs(stage.knob("token_seconds"));
    stage.store.put(TOKENS, &token, &stage.now.saturating_add(life));
    let body = json!({
        "userName": USERNAME,
        "accountAlias": ALIAS,
        "locationAlias": "WA1",
        "roles": ["ServerAdmin"],
        "bearerToken": token,
    });
    Response::json(200, &body)
}

fn has_token(request: &Request, stage: &Stage<'_>) -> bool {
    let header = request.header_value("Authorization").unwrap_or_default();
    let end = header
        .strip_prefix("Bearer ")
        .and_then(|token| stage.store.get::<Timestamp>(TOKENS, token));
    end.is_some_and(|end| end > stage.now)
}

/// A server by its id in lower case; any well-formed one exists unless the world says otherwise.
fn find_server(stage: &Stage<'_>, id: &str) -> Option<Server> {
    let well_formed = id.len() >= 4
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    let server: Server = stage.store.get(SERVERS, id).unwrap_or_default();
    (well_formed && !server.missing).then_some(server)
}

fn server(alias: &str, id: &str, stage: &mut Stage<'_>) -> Response {
    let (alias, id) = (alias.to_lowercase(), id.to_lowercase());
    match server_json(&alias, &id, stage.now, stage) {
        Some(body) => Response::json(200, &body),
        // The vendor's 404 for a server has an empty body.
        None => Response::new(404),
    }
}

/// When servers and groups were made.
fn long_ago() -> Timestamp {
    Timestamp::from_epoch_seconds(1_420_070_400)
}

/// Who changed something, and when.
fn change_info(modified_at: Timestamp) -> Json {
    json!({
        "createdDate": long_ago().to_string(), "createdBy": USERNAME,
        "modifiedDate": modified_at.whole_seconds().to_string(), "modifiedBy": USERNAME,
    })
}

/// A server as it shows, with the snapshots that showed at `seen_at`; `None` where there is none.
fn server_json(alias: &str, id: &str, seen_at: Timestamp, stage: &mut Stage<'_>) -> Option<Json> {
    let server = find_server(stage, id)?;
    let location = id.get(..3).unwrap_or_default();
    let group = server.group.unwrap_or_else(|| groups::home(stage, alias, location));
    let mut details = json!({
        "powerState": "started", "cpu": 1, "memoryMB": 2048,
        "storageGB": server.storage_gigabytes, "inMaintenanceMode": false,
    });
    // A server that is not active may lack the key, which does not mean that it has no snapshots.
    let mut modified_at = long_ago();
    if server.status == "active" {
        let slot = Slot::of(stage, id);
        // The vendor's recordings show that this moves when a job ends.
        if slot.free_at <= seen_at {
            modified_at = modified_at.max(slot.free_at);
        }
        let shown = slot.shown(seen_at);
        let shown = shown.iter().map(|snapshot| snapshot.json(alias, id));
        details["snapshots"] = Json::Array(shown.collect());
    }
    Some(json!({
        "id": id,
        "name": id.to_uppercase(),
        "description": "",
        "groupId": group,
        "locationId": location.to_uppercase(),
        "osType": "Ubuntu 64-bit",
        "status": server.status,
        "isTemplate": server.is_template,
        "type": server.kind,
        "storageType": "standard",
        "details": details,
        "changeInfo": change_info(modified_at),
        "links": [{ "rel": "self", "href": format!("/v2/servers/{alias}/{id}") }],
    }))
}
