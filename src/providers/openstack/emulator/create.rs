//! Making a snapshot: what nova checks, and what block storage checks behind it.

use std::time::Duration;

use serde_json::{Map, Value as Json, json};

use crate::sdk::emulator::{LedgerEntry, LedgerOperation, Stage};
use crate::sdk::http::{Request, Response};

use super::keystone::Session;
use super::record::{Record, SNAPSHOTS, living, volume};
use super::{api_error, bad_request, fault, python};

/// Largest body the servers read.
const BODY_LIMIT: usize = 114_688;
const INVALID_INPUT: &str = "nova.exception.InvalidInput";
const TRUE: [&str; 10] = ["True", "TRUE", "true", "1", "ON", "On", "on", "YES", "Yes", "yes"];
const FALSE: [&str; 10] = ["False", "FALSE", "false", "0", "OFF", "Off", "off", "NO", "No", "no"];

struct Wanted {
    volume_id: String,
    name: Option<String>,
    description: Option<String>,
    force: bool,
}

/// Answers `POST os-snapshots`.
pub(super) fn answer(request: &Request, session: &Session, stage: &mut Stage<'_>) -> Response {
    match body(request).and_then(|body| wanted(&body)) {
        Ok(wanted) => make(wanted, session, stage),
        Err(refusal) => refusal,
    }
}

fn body(request: &Request) -> Result<Json, Response> {
    let content_type = request.header_value("Content-Type").unwrap_or_default();
    if content_type.contains("xml") {
        return Err(fault(415, "badMediaType", "Unsupported Content-Type"));
    }
    if request.body.len() > BODY_LIMIT {
        let message =
            "The server could not comply with the request since it is larger than allowed.";
        let body = json!({
            "message": message, "code": "413 Request Entity Too Large",
            "title": "Request Entity Too Large",
        });
        return Err(Response::json(413, &body));
    }
    if request.body.is_empty() {
        return Err(bad_request(
            "Invalid input for field/attribute None. Value: None. None is not of type 'object'",
        ));
    }
    let text = std::str::from_utf8(&request.body).map_err(|_| api_error("UnicodeDecodeError"))?;
    serde_json::from_str(text).map_err(|_| bad_request("Malformed request body"))
}

fn invalid(attribute: &str, value: &Json, reason: &str) -> Response {
    let value = python(value);
    bad_request(format!("Invalid input for field/attribute {attribute}. Value: {value}. {reason}"))
}

fn check_keys(
    attribute: &str,
    object: &Map<String, Json>,
    allowed: &[&str],
    required: &str,
) -> Result<(), Response> {
    let whole = Json::Object(object.clone());
    if let Some(key) = object.keys().find(|key| !allowed.contains(&key.as_str())) {
        let reason = format!("Additional properties are not allowed ('{key}' was unexpected)");
        return Err(invalid(attribute, &whole, &reason));
    }
    if object.contains_key(required) {
        return Ok(());
    }
    Err(invalid(attribute, &whole, &format!("'{required}' is a required property")))
}

/// What nova's schema asks for.
fn wanted(body: &Json) -> Result<Wanted, Response> {
    let object = |attribute: &str, json: &Json| {
        let reason = format!("{} is not of type 'object'", python(json));
        json.as_object().cloned().ok_or_else(|| invalid(attribute, json, &reason))
    };
    let outer = object("None", body)?;
    check_keys("None", &outer, &["snapshot"], "snapshot")?;
    let snapshot = object("snapshot", &body["snapshot"])?;
    let allowed = ["display_name", "display_description", "volume_id", "force"];
    check_keys("snapshot", &snapshot, &allowed, "volume_id")?;
    let text = |key: &str| match snapshot.get(key) {
        None => Ok(None),
        // White space at either end is taken away.
        Some(Json::String(text)) => Ok(Some(text.trim().to_owned())),
        Some(other) => {
            Err(invalid(key, other, &format!("{} is not of type 'string'", python(other))))
        }
    };
    let force = match snapshot.get("force") {
        None => false,
        Some(Json::Bool(force)) => *force,
        Some(Json::String(text)) if TRUE.contains(&text.as_str()) => true,
        Some(Json::String(text)) if FALSE.contains(&text.as_str()) => false,
        Some(Json::String(text)) => {
            let reason = format!("'{text}' is not one of [True, 'True', 'TRUE', 'true', …]");
            return Err(invalid("force", &Json::from(text.as_str()), &reason));
        }
        Some(other) => {
            let reason = format!("{} is not of type 'boolean', 'string'", python(other));
            return Err(invalid("force", other, &reason));
        }
    };
    Ok(Wanted {
        volume_id: text("volume_id")?.unwrap_or_default(),
        name: text("display_name")?,
        description: text("display_description")?,
        force,
    })
}

fn is_uuid(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_hexdigit).count();
    digits == 32 && text.len() == 36 && text.bytes().filter(|byte| *byte == b'-').count() == 4
}

/// What block storage checks; whatever it refuses comes back through nova as a 500.
fn make(wanted: Wanted, session: &Session, stage: &mut Stage<'_>) -> Response {
    let too_long =
        |text: &Option<String>| text.as_ref().is_some_and(|text| text.chars().count() > 255);
    if !is_uuid(&wanted.volume_id) || too_long(&wanted.name) || too_long(&wanted.description) {
        return api_error(INVALID_INPUT);
    }
    let volume_id = wanted.volume_id.to_lowercase();
    let Some(volume) = volume(stage, &volume_id) else {
        return api_error("nova.exception.VolumeNotFound");
    };
    let allowed = volume.status == "available" || wanted.force && volume.status == "in-use";
    if !allowed {
        return api_error(INVALID_INPUT);
    }
    let living = living(stage, &session.project_id);
    let gigabytes = living.iter().map(|record| record.size).sum::<u64>() + volume.size;
    let over = |quota: u64, wanted: u64| quota > 0 && wanted > quota;
    if over(stage.knob("snapshot_quota"), living.len() as u64 + 1)
        || over(stage.knob("gigabyte_quota"), gigabytes)
    {
        return fault(403, "forbidden", "Quota exceeded for resources: snapshots");
    }
    let seconds = Duration::from_secs(stage.knob("create_seconds"));
    let record = Record {
        id: stage.ids.uuid(),
        project_id: session.project_id.clone(),
        volume_id,
        name: wanted.name,
        description: wanted.description,
        size: volume.size,
        sequence: stage.store.count_up("snapshots"),
        created_at: stage.now,
        done_at: stage.now.saturating_add(seconds),
        fails: stage.knob("creates_fail") == 1,
        gone_at: None,
        deletion_fails: false,
    };
    stage.store.put(SNAPSHOTS, &record.id, &record);
    let entry = LedgerEntry::new(LedgerOperation::Create, &record.id, &record.volume_id);
    stage.record(entry.name(record.name.as_deref()));
    Response::json(
        200,
        &json!({ "snapshot": record.nova_json(stage.now, "%Y-%m-%dT%H:%M:%S.%6f") }),
    )
}
