//! Tokens and the catalogue.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::sdk::emulator::Stage;
use crate::sdk::http::{Method, Request, Response};
use crate::world::Timestamp;

use super::{CREDENTIAL_ID, CREDENTIAL_SECRET, PASSWORD, PROJECT, PROJECT_ID, USER};

/// Id of the only user.
pub(super) const USER_ID: &str = "5a10e5fc0f7d4a0d9c1e2b3a4c5d6e7f";
const TOKENS: &str = "tokens";
/// When all tokens were revoked, under their own name.
const REVOKED: &str = "revoked";

/// Whom a token is for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Session {
    /// The project.
    pub(super) project_id: String,
    issued_at: Timestamp,
    expires_at: Timestamp,
}

/// The session behind the token of a request, while it lives.
pub(super) fn session(request: &Request, stage: &Stage<'_>) -> Option<Session> {
    let token = request.header_value("X-Auth-Token")?;
    let session: Session = stage.store.get(TOKENS, token)?;
    let revoked: Option<Timestamp> = stage.store.get(REVOKED, TOKENS);
    // Times are whole seconds here: a token of the very second counts as one from before.
    let is_revoked =
        revoked.is_some_and(|at| session.issued_at.whole_seconds() <= at.whole_seconds());
    (session.expires_at > stage.now && !is_revoked).then_some(session)
}

/// No token, or none that is accepted: the same at every service.
pub(super) fn unauthorized(request: &Request) -> Response {
    let header = format!("Keystone uri=\"http://{}/v3\"", request.host());
    error(401, "Unauthorized", "The request you have made requires authentication.")
        .header("WWW-Authenticate", header)
}

fn error(status: u16, title: &str, message: &str) -> Response {
    let body = json!({ "error": { "code": status, "title": title, "message": message } });
    Response::json(status, &body)
}

/// Answers what is neither nova's nor cinder's.
pub(super) fn answer(request: &Request, path: &str, stage: &mut Stage<'_>) -> Response {
    match (request.method, path) {
        (Method::Post, "/v3/auth/tokens") => sign_in(request, stage),
        (_, "/v3/auth/tokens") => {
            let message = "The method is not allowed for the requested URL.";
            Response::json(405, &json!({ "message": message }))
        }
        (Method::Get, "/") => {
            Response::json(300, &json!({ "versions": { "values": [version(request)] } }))
        }
        (Method::Get, "/v3" | "/v3/") => {
            Response::json(200, &json!({ "version": version(request) }))
        }
        _ => Response {
            body: b"<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n".to_vec(),
            ..Response::new(404).header("Content-Type", "text/html; charset=utf-8")
        },
    }
}

fn version(request: &Request) -> Json {
    let href = format!("http://{}/v3/", request.host());
    json!({
        "id": "v3.14", "status": "stable", "updated": "2020-04-07T00:00:00Z",
        "links": [{ "rel": "self", "href": href }],
        "media-types": [{
            "base": "application/json", "type": "application/vnd.openstack.identity-v3+json",
        }],
    })
}

fn sign_in(request: &Request, stage: &mut Stage<'_>) -> Response {
    let json_type = request.header_value("Content-Type").unwrap_or_default();
    let body: Json = match request.json_body() {
        Ok(body) if json_type.starts_with("application/json") => body,
        _ => return error(400, "Bad Request", "Expecting to find valid JSON in request body."),
    };
    let identity = &body["auth"]["identity"];
    match identity["methods"][0].as_str() {
        Some("password") => with_password(request, &body["auth"], stage),
        Some("application_credential") => with_credential(request, &body["auth"], stage),
        _ => error(400, "Bad Request", "Invalid input for field 'identity/methods'."),
    }
}

/// Whether `named` is the thing with this id, or with this name in the default domain; `None` when
/// it is given by name without a domain.
fn is(named: &Json, id: &str, name: &str) -> Option<bool> {
    if let Some(given) = named["id"].as_str() {
        return Some(given == id);
    }
    let domain = &named["domain"];
    let in_default = domain["id"] == "default" || domain["name"] == "Default";
    if domain.is_null() { None } else { Some(in_default && named["name"] == name) }
}

fn refused() -> Response {
    error(401, "Unauthorized", "The request you have made requires authentication.")
}

fn with_password(request: &Request, auth: &Json, stage: &mut Stage<'_>) -> Response {
    let user = &auth["identity"]["password"]["user"];
    let missing = |what| error(400, "Bad Request", &format!("Expecting to find domain in {what}."));
    let Some(is_user) = is(user, USER_ID, USER) else { return missing("user") };
    let project = &auth["scope"]["project"];
    let scoped = match project {
        Json::Null => false,
        project => match is(project, PROJECT_ID, PROJECT) {
            Some(true) => true,
            Some(false) => return refused(),
            None => return missing("project"),
        },
    };
    if is_user && user["password"] == PASSWORD {
        token(request, "password", scoped, stage)
    } else {
        refused()
    }
}

fn with_credential(request: &Request, auth: &Json, stage: &mut Stage<'_>) -> Response {
    let credential = &auth["identity"]["application_credential"];
    let known = match credential["id"].as_str() {
        Some(id) => id == CREDENTIAL_ID,
        None => {
            credential["name"] == "rehearsal"
                && is(&credential["user"], USER_ID, USER).unwrap_or_default()
        }
    };
    if !known {
        let name = credential["id"].as_str().unwrap_or_default();
        let message = format!("Could not find Application Credential: {name}.");
        return error(404, "Not Found", &message);
    }
    // Any scope, even the right one, is refused beside an application credential.
    if credential["secret"] == CREDENTIAL_SECRET && auth["scope"].is_null() {
        token(request, "application_credential", true, stage)
    } else {
        refused()
    }
}

fn token(request: &Request, method: &str, scoped: bool, stage: &mut Stage<'_>) -> Response {
    let secret = format!("gAAAAAB{}", stage.ids.uuid().replace('-', "").repeat(6));
    let expires_at = stage.now.saturating_add(Duration::from_secs(stage.knob("token_seconds")));
    let time = |time: Timestamp| time.format("%Y-%m-%dT%H:%M:%S.000000Z");
    let domain = json!({ "id": "default", "name": "Default" });
    let mut body = json!({
        "methods": [method],
        "user": { "domain": domain, "id": USER_ID, "name": USER, "password_expires_at": null },
        "audit_ids": ["mM3EPDuCQLKUuzEw16WP8g"],
        "expires_at": time(expires_at),
        "issued_at": time(stage.now),
    });
    let project_id = if scoped { PROJECT_ID } else { "" }.to_owned();
    let session = Session { project_id, issued_at: stage.now, expires_at };
    stage.store.put(TOKENS, &secret, &session);
    if scoped {
        body["project"] = json!({ "domain": domain, "id": PROJECT_ID, "name": PROJECT });
        body["is_domain"] = false.into();
        body["roles"] = json!([{ "id": "190c5d7e9f1a4b3c8d6e5f4a3b2c1d0e", "name": "member" }]);
        body["catalog"] = catalog(request, stage.knob("block_storage") == 1);
    }
    Response::json(201, &json!({ "token": body })).header("X-Subject-Token", secret)
}

/// Addresses that lead back to where the client came in.
fn catalog(request: &Request, has_block_storage: bool) -> Json {
    let host = request.host();
    let service = |kind: &str, name: &str, path: &str| {
        let endpoints = ["public", "internal"].map(|interface| {
            json!({
                "id": format!("{name}-{interface}"), "interface": interface,
                "region": "RegionOne", "region_id": "RegionOne",
                "url": format!("http://{host}{path}"),
            })
        });
        json!({ "id": name, "type": kind, "name": name, "endpoints": endpoints })
    };
    let mut services = vec![
        service("compute", "nova", &format!("/v2.1/{PROJECT_ID}")),
        service("identity", "keystone", ""),
    ];
    if has_block_storage {
        services.push(service("block-storage", "cinder", &format!("/volume/v3/{PROJECT_ID}")));
    }
    Json::Array(services)
}
