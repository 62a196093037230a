//! The vendor's API in memory: creates, the list of tests, the limits.
//!
//! In: requests of API v6 with either path ending, and of v7. Out: answers as the vendor's
//! documents show them, with the rate headers on every one. Any test number exists unless the
//! collection `tests` says otherwise: `{"missing":true}`, `{"testName":"checkout"}`,
//! `{"type":"page-load"}`, `{"createdBy":"Ops"}` or `{"savedEvent":1}`. The list shows the tests that
//! stand there, as many as the knob `tests` says, and private snapshots.

mod create;
mod limits;
mod listing;

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;

use crate::sdk::emulator::{Emulator, Knob, Stage};
use crate::sdk::http::{Method, Request, Response};
use crate::world::Timestamp;

/// The emulated vendor.
#[derive(Clone, Copy, Debug)]
pub(super) struct ThousandEyesEmulator;

/// E-mail address of the only user.
pub(super) const EMAIL: &str = "rehearsal@example.test";
/// Token of the only user, for both ways to sign in.
pub(super) const TOKEN: &str = "rehearsal-token";
/// Number of the only user, as in the vendor's example.
const USER_ID: u64 = 5784;

/// Which API a request speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    V6,
    V7,
}

impl Emulator for ThousandEyesEmulator {
    fn vendor(&self) -> &'static str {
        "thousandeyes"
    }

    fn answer(&self, request: &Request, stage: &mut Stage<'_>) -> Response {
        let response = match limits::admit(stage) {
            Ok(()) => route(request, stage),
            Err(refusal) => refusal,
        };
        let response = limits::with_headers(response, stage);
        response.header("Date", stage.now.format("%a, %d %b %Y %H:%M:%S GMT"))
    }

    fn settings(&self, base_url: &str) -> Vec<(&'static str, Option<String>)> {
        // A bearer token, because both versions take one.
        vec![
            ("base_url", Some(base_url.to_owned())),
            ("email", None),
            ("auth_token", None),
            ("bearer_token", Some(TOKEN.to_owned())),
        ]
    }

    fn other_credentials(&self) -> Vec<(&'static str, &'static str)> {
        vec![("email", EMAIL), ("auth_token", TOKEN)]
    }

    fn knobs(&self) -> Vec<Knob> {
        let knob = |name, default, description| Knob { name, default, description };
        vec![
            knob("create_quota", 10, "Snapshots the organization may create within the window."),
            knob("create_quota_seconds", 3600, "Length of that window in seconds."),
            knob("create_quota_status", 429, "HTTP status of a create beyond the quota."),
            knob("may_create", 1, "0 takes away the permission `Create snapshot shares`."),
            knob("may_share", 1, "0 switches off public snapshots."),
            knob("v7_public_saves", 0, "1: `isPublic: true` of API v7 makes a saved event."),
            knob("saved_events_deletable", 0, "1: deleting the test of a private snapshot works."),
            knob("tests", 3, "Tests that are listed from the start."),
            knob("rate_limit", 240, "Requests the organization may send within a minute."),
            knob("refusal_limit", 120, "Refused credentials within an hour that block the sender."),
            knob("list_lag_seconds", 0, "Seconds until a private snapshot is listed."),
            knob("life_days", 30, "Days until a snapshot is removed."),
        ]
    }

    /// The minute's requests of the organization are used up: other runs sent them.
    fn throttled(&self, _request: &Request, now: Timestamp) -> Response {
        let reset = now.saturating_add(Duration::from_secs(5)).epoch_seconds();
        error(Version::V6, 429, "Too many requests.")
            .header("X-Organization-Rate-Limit-Limit", "240")
            .header("X-Organization-Rate-Limit-Remaining", "0")
            .header("X-Organization-Rate-Limit-Reset", reset.to_string())
    }
}

fn route(request: &Request, stage: &mut Stage<'_>) -> Response {
    let path = request.path().trim_end_matches(".json").to_owned();
    let parts: Vec<_> = path.trim_matches('/').split('/').collect();
    if (request.method, &*parts) == (Method::Get, &["v6", "status"]) {
        return Response::json(200, &json!({ "timestamp": stage.now.epoch_milliseconds() }));
    }
    let version = match parts.first() {
        Some(&"v6") => Version::V6,
        Some(&"v7") => Version::V7,
        _ => return Response::new(301).header("Location", "/v7"),
    };
    if let Some(refusal) = refusal(request, version, stage) {
        return refusal;
    }
    match (request.method, &*parts) {
        (Method::Post, ["v6", "snapshot"]) => create::v6(request, stage),
        (Method::Post, ["v7", "tests", id, "snapshot"]) => create::v7(request, id, stage),
        (Method::Post, ["v6", "tests", _, id, "delete"])
        | (Method::Delete, ["v7", "tests", _, id]) => listing::delete(version, id, stage),
        (Method::Get, [_, "tests"]) => listing::tests(version, stage),
        (Method::Get, [_, "tests", id]) => listing::test(version, id, stage),
        (_, ["v6", "snapshot"]) => error(version, 405, "The method is not allowed here."),
        _ => error(version, 404, "There is no such endpoint."),
    }
}

/// An error as each version writes it.
fn error(version: Version, status: u16, text: &str) -> Response {
    match version {
        Version::V6 => Response::json(status, &json!({ "errorMessage": text })),
        // The vendor's page has a shape of its own for this status.
        Version::V7 if status == 401 => {
            let body = json!({ "error": "invalid_token", "error_description": text });
            Response::json(status, &body)
        }
        Version::V7 => {
            let mut body =
                json!({ "type": "about:blank", "title": text, "status": status, "detail": text });
            if status == 400 {
                let error = json!({ "code": "invalid", "field": "snapshot", "message": text });
                body["errors"] = json!([error]);
            }
            let response = Response::new(status).header("Content-Type", "application/problem+json");
            Response { body: serde_json::to_vec(&body).unwrap_or_default(), ..response }
        }
    }
}

/// What stops a request before anything is looked at: credentials, account group, format.
fn refusal(request: &Request, version: Version, stage: &mut Stage<'_>) -> Option<Response> {
    let header = request.header_value("Authorization").unwrap_or_default();
    let basic = format!("Basic {}", BASE64_STANDARD.encode(format!("{EMAIL}:{TOKEN}")));
    let accepted = header == format!("Bearer {TOKEN}") || version == Version::V6 && header == basic;
    if !accepted {
        return Some(limits::refuse_credentials(version, stage));
    }
    if let Some(group) = request.query_value("aid")
        && !(group.parse::<u64>().is_ok_and(|group| group > 0))
    {
        return Some(error(version, 400, "The account group is not one of yours."));
    }
    if request.query_value("format").is_some_and(|format| format != "json") {
        return Some(error(version, 406, "This emulator answers in JSON only."));
    }
    let content_type = request.header_value("Content-Type").unwrap_or_default();
    let has_body = !request.body.is_empty();
    if request.method == Method::Post && has_body && !content_type.contains("json") {
        return Some(error(version, 415, "The body must be JSON."));
    }
    None
}
