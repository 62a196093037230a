//! The vendor's API in memory.
//!
//! In: a request as any client sends it. Out: the documented answer, with signatures, statuses,
//! delays, quota and expiry checked by the vendor's rules. Status is told from time at each
//! request: records hold the instants at which they become ready or go away.
//!
//! Any well-formed disk id exists. A record in the collection `disks` overrides that, with the
//! fields of [`disks::DiskRecord`]. Lists of disks begin with as many as the knob `disks` says, and
//! show others once they are used.

mod access;
mod disks;
mod parameters;
mod record;
mod snapshots;

use serde::Serialize;
use serde_json::json;

use crate::sdk::emulator::{Emulator, Knob, Stage};
use crate::sdk::http::{Method, Request, Response};
use crate::world::Timestamp;

/// Zenlayer Elastic Compute in memory.
pub(super) struct ZenlayerEmulator;

impl Emulator for ZenlayerEmulator {
    fn vendor(&self) -> &'static str {
        "zenlayer"
    }

    fn answer(&self, request: &Request, stage: &mut Stage<'_>) -> Response {
        let request_id = format!("T{}", stage.ids.uuid().to_uppercase());
        match route(request, stage) {
            Ok(mut response) => {
                response.insert("requestId".to_owned(), json!(request_id));
                Response::json(200, &json!({ "requestId": request_id, "response": response }))
            }
            Err(refusal) => refusal.response(&request_id),
        }
    }

    fn settings(&self, base_url: &str) -> Vec<(&'static str, Option<String>)> {
        vec![
            ("endpoint", Some(base_url.to_owned())),
            ("access_key_id", Some(access::KEY_ID.to_owned())),
            ("access_key_password", Some(access::KEY_PASSWORD.to_owned())),
            ("token", None),
        ]
    }

    fn other_credentials(&self) -> Vec<(&'static str, &'static str)> {
        vec![("token", access::TOKEN)]
    }

    fn knobs(&self) -> Vec<Knob> {
        let knob = |name, default, description| Knob { name, default, description };
        vec![
            knob("creation_seconds", 20, "seconds from a create to `AVAILABLE`"),
            knob("deletion_seconds", 5, "seconds for which a deleted snapshot shows `DELETING`"),
            knob("visibility_seconds", 0, "seconds until reads show a new snapshot"),
            knob("snapshots_per_disk", 1000, "snapshots of one disk that may exist at a time"),
            knob("creation_fails", 0, "1 makes new snapshots end as `FAILED`"),
            knob(
                "disks",
                3,
                "disks that are listed from the start, called `disk-1` and so on, with a tag \
                 `backup`, `daily` and `weekly` by turns; any other exists once it is named",
            ),
        ]
    }

    fn throttled(&self, _request: &Request, _now: Timestamp) -> Response {
        Refusal::new(429, "REQUEST_LIMIT_EXCEEDED", "Too many requests.").response("T-THROTTLED")
    }
}

/// The object inside `response`.
type Answer = serde_json::Map<String, serde_json::Value>;

/// What every answer other than a success holds.
struct Refusal {
    status: u16,
    code: &'static str,
    message: String,
}

impl Refusal {
    fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    /// The vendor's Python client breaks where one of the three is missing.
    fn response(&self, request_id: &str) -> Response {
        let Self { status, code, message } = self;
        Response::json(
            *status,
            &json!({ "requestId": request_id, "code": code, "message": message }),
        )
    }
}

fn route(request: &Request, stage: &mut Stage<'_>) -> Result<Answer, Refusal> {
    if request.path() != "/api/v2/zec" || request.method != Method::Post {
        return Err(Refusal::new(
            404,
            "INVALID_PARAMETER_VALUE",
            "only POST /api/v2/zec is answered here",
        ));
    }
    access::check(request, stage.now)?;
    let action = request.header_value("x-zc-action").unwrap_or_default();
    match action {
        "CreateSnapshot" => snapshots::create(&parameters::read(request)?, stage),
        "DescribeSnapshots" => snapshots::describe(&parameters::read(request)?, stage),
        "ModifySnapshotsAttribute" => snapshots::modify(&parameters::read(request)?, stage),
        "DeleteSnapshots" => snapshots::delete(&parameters::read(request)?, stage),
        "ApplySnapshot" => snapshots::apply(&parameters::read(request)?, stage),
        "DescribeDisks" => disks::describe(&parameters::read(request)?, stage),
        "" => Err(Refusal::new(400, "MISSING_PARAMETER", "the header X-ZC-Action is missing")),
        other => Err(Refusal::new(
            400,
            "INVALID_PARAMETER_VALUE",
            format!("there is no operation {other}"),
        )),
    }
}

/// The server's filters by name are fuzzy; a vendor client sends `^name$` to be exact.
fn matches_name(name: &str, pattern: &str) -> bool {
    match pattern.strip_prefix('^').and_then(|rest| rest.strip_suffix('$')) {
        Some(exact) => name == exact,
        None => name.contains(pattern),
    }
}

fn object(body: &impl Serialize) -> Answer {
    match serde_json::to_value(body) {
        Ok(serde_json::Value::Object(object)) => object,
        _ => Answer::new(),
    }
}
