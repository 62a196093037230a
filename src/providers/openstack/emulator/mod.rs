//! Keystone v3, and what nova and cinder v3 have to do with snapshots, in memory, on one host.
//!
//! In: requests as any OpenStack client sends them. Out: answers of the shapes that real servers
//! give (release 2025.1, on `MariaDB`), wrong statuses included. Both services show one world.
//!
//! Any well-formed volume id exists with 10 GiB unless the collection `volumes` says otherwise:
//! `{"status":"in-use","size":40}`, or `{"missing":true}`. Lists show what that collection holds,
//! and as many more as the knob `volumes` says.

mod cinder;
mod create;
mod keystone;
mod limits;
mod metadata;
mod nova;
mod pages;
mod record;
mod storage;
mod versions;
mod volumes;

use serde_json::{Value as Json, json};

use crate::sdk::emulator::{Emulator, Knob, Stage};
use crate::sdk::http::{Method, Request, Response};

use keystone::Session;

/// The emulated cloud.
#[derive(Clone, Copy, Debug)]
pub(super) struct OpenStackEmulator;

/// User name of the only user.
pub(super) const USER: &str = "rehearsal";
/// Password of the only user.
pub(super) const PASSWORD: &str = "rehearsal-password";
/// Name of the only project.
pub(super) const PROJECT: &str = "rehearsal";
/// Id of the only project.
pub(super) const PROJECT_ID: &str = "0e467c2e911e40628b4a0485c54f1ef6";
/// Id of the only application credential.
pub(super) const CREDENTIAL_ID: &str = "2f4c0d6e8a1b4c3d9e5f7a6b8c0d1e2f";
/// Secret of the only application credential.
pub(super) const CREDENTIAL_SECRET: &str = "rehearsal-secret";

impl Emulator for OpenStackEmulator {
    fn vendor(&self) -> &'static str {
        "openstack"
    }

    fn answer(&self, request: &Request, stage: &mut Stage<'_>) -> Response {
        let path = request.path().to_owned();
        route(request, &path, stage)
            .header("X-OpenStack-Request-ID", format!("req-{}", stage.ids.uuid()))
            .header("Date", stage.now.format("%a, %d %b %Y %H:%M:%S GMT"))
    }

    fn settings(&self, base_url: &str) -> Vec<(&'static str, Option<String>)> {
        let set = |text: &str| Some(text.to_owned());
        vec![
            ("cloud", None),
            ("auth_url", Some(format!("{base_url}/v3"))),
            ("user_name", set(USER)),
            ("user_id", None),
            ("password", set(PASSWORD)),
            ("user_domain_name", set("Default")),
            ("user_domain_id", None),
            ("project_name", set(PROJECT)),
            ("project_id", None),
            ("project_domain_name", set("Default")),
            ("project_domain_id", None),
            ("application_credential_id", None),
            ("application_credential_name", None),
            ("application_credential_secret", None),
            ("endpoint_overrides", None),
        ]
    }

    fn other_credentials(&self) -> Vec<(&'static str, &'static str)> {
        vec![
            ("application_credential_id", CREDENTIAL_ID),
            ("application_credential_secret", CREDENTIAL_SECRET),
            ("project_id", PROJECT_ID),
        ]
    }

    fn knobs(&self) -> Vec<Knob> {
        let knob = |name, default, description| Knob { name, default, description };
        vec![
            knob("create_seconds", 3, "Seconds until a snapshot is done."),
            knob("delete_seconds", 1, "Seconds until a deleted snapshot is gone."),
            knob("creates_fail", 0, "1: snapshots end in status `error`."),
            knob("deletes_fail", 0, "1: deletions end in status `error_deleting`."),
            knob(
                "snapshot_quota",
                10,
                "Snapshots the project may have, as cinder's default is; 0: any number.",
            ),
            knob(
                "gigabyte_quota",
                1000,
                "GiB all volumes and snapshots together may have, as cinder's default is; 0: any number.",
            ),
            knob("page_maximum", 1000, "Entries of a list at the most in one answer."),
            knob(
                "volumes",
                3,
                "Volumes the project has from the beginning: `volume-1` and so on, 10 GiB each.",
            ),
            knob("block_storage", 1, "0: the catalogue lists no block storage."),
            knob("token_seconds", 3600, "Seconds a token lives."),
        ]
    }
}

fn route(request: &Request, path: &str, stage: &mut Stage<'_>) -> Response {
    match (request.method, path) {
        (Method::Get, "/volume" | "/volume/") => return versions::of_cinder(request, 300),
        (Method::Get, "/v2.1" | "/v2.1/") => return versions::of_nova(request),
        _ => {}
    }
    if let Some(rest) = path.strip_prefix("/volume/v3") {
        return signed_in(request, stage, |session, stage| {
            cinder::answer(request, rest, &session, stage)
        });
    }
    match path.strip_prefix("/v2.1") {
        Some(rest) => {
            signed_in(request, stage, |session, stage| nova::answer(request, rest, &session, stage))
                .header("OpenStack-API-Version", "compute 2.1")
                .header("X-OpenStack-Nova-API-Version", "2.1")
        }
        None => keystone::answer(request, path, stage),
    }
}

/// Answers with `answer` when the request has a living token, else as every service does.
fn signed_in(
    request: &Request,
    stage: &mut Stage<'_>,
    answer: impl FnOnce(Session, &mut Stage<'_>) -> Response,
) -> Response {
    match keystone::session(request, stage) {
        Some(session) => answer(session, stage),
        None => keystone::unauthorized(request),
    }
}

/// An error as nova and cinder wrap it.
fn fault(status: u16, kind: &str, message: impl AsRef<str>) -> Response {
    let mut body = serde_json::Map::new();
    body.insert(kind.to_owned(), json!({ "code": status, "message": message.as_ref() }));
    Response::json(status, &body)
}

/// A 500 of nova with the class that tells what really happened.
fn api_error(class: &str) -> Response {
    let message = format!(
        "Unexpected API Error. Please report this at http://bugs.launchpad.net/nova/ and attach \
         the Nova API log if possible.\n<class '{class}'>"
    );
    fault(500, "computeFault", message)
}

/// No such route or method: the code is a text here.
fn no_route() -> Response {
    let message = "The resource could not be found.<br /><br />\n\n\n";
    let body = json!({ "message": message, "code": "404 Not Found", "title": "Not Found" });
    Response::json(404, &body)
}

fn bad_request(message: impl AsRef<str>) -> Response {
    fault(400, "badRequest", message)
}

/// The refusal of a policy.
fn not_allowed(policy: &str) -> Response {
    fault(403, "forbidden", format!("Policy doesn't allow {policy} to be performed."))
}

/// Takes the project off the front of a path: `Ok` with what follows, an answer when it is another
/// project than the token's.
fn after_project<'p>(path: &'p str, session: &Session) -> Result<&'p str, Response> {
    let rest = path.strip_prefix('/').unwrap_or(path);
    let (first, after) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    if first == session.project_id {
        return Ok(after);
    }
    let is_project = first.len() == 32
        && first.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    if is_project {
        let own = &session.project_id;
        return Err(bad_request(format!(
            "Malformed request URL: URL's project_id '{first}' doesn't match Context's project_id '{own}'"
        )));
    }
    Ok(path)
}

/// Part of a list by `limit` and `offset`; the server's maximum cuts without a word.
fn page<T>(request: &Request, items: Vec<T>, maximum: u64) -> Result<Vec<T>, Response> {
    let number = |name: &str| match request.query_value(name) {
        None => Ok(0),
        Some(text) => text.parse::<usize>().map_err(|_| {
            bad_request(format!("Invalid input for query parameters {name}. Value: {text}."))
        }),
    };
    let (limit, offset) = (number("limit")?, number("offset")?);
    let maximum = usize::try_from(maximum).unwrap_or(usize::MAX);
    let limit = if limit == 0 { maximum } else { limit.min(maximum) };
    Ok(items.into_iter().skip(offset).take(limit).collect())
}

/// How error messages of the servers show a JSON value: as Python writes it.
fn python(json: &Json) -> String {
    match json {
        Json::Null => "None".to_owned(),
        Json::Bool(true) => "True".to_owned(),
        Json::Bool(false) => "False".to_owned(),
        Json::Number(number) => number.to_string(),
        Json::String(text) => format!("'{text}'"),
        Json::Array(items) => {
            format!("[{}]", items.iter().map(python).collect::<Vec<_>>().join(", "))
        }
        Json::Object(entries) => {
            let entries = entries.iter().map(|(key, value)| format!("'{key}': {}", python(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
    }
}
