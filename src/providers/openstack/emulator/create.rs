//! Making and changing a snapshot: what nova and cinder check in the body.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use crate::sdk::emulator::Stage;
use crate::sdk::http::{Request, Response};

use super::keystone::Session;
use super::record::Record;
use super::storage::{Refusal, Wanted, make};
use super::{api_error, bad_request, fault, metadata, python};

/// Largest body the servers read.
const BODY_LIMIT: usize = 114_688;
const TRUE: [&str; 10] = ["True", "TRUE", "true", "1", "ON", "On", "on", "YES", "Yes", "yes"];
const FALSE: [&str; 10] = ["False", "FALSE", "false", "0", "OFF", "Off", "off", "NO", "No", "no"];

/// Answers `POST os-snapshots`.
pub(super) fn answer(request: &Request, session: &Session, stage: &mut Stage<'_>) -> Response {
    match body(request).and_then(|body| wanted(&body, &NOVA)) {
        Ok(wanted) => match make(wanted, session, stage) {
            Ok(record) => {
                let snapshot = record.nova_json(stage.now, "%Y-%m-%dT%H:%M:%S.%6f");
                Response::json(200, &json!({ "snapshot": snapshot }))
            }
            Err(refusal) => through_nova(&refusal),
        },
        Err(refusal) => refusal,
    }
}

/// What block storage refuses comes back through nova as a 500, but for the quota.
fn through_nova(refusal: &Refusal) -> Response {
    match refusal {
        Refusal::NoVolume(_) => api_error("nova.exception.VolumeNotFound"),
        Refusal::Invalid(_) => api_error("nova.exception.InvalidInput"),
        Refusal::Quota(_) => fault(403, "forbidden", "Quota exceeded for resources: snapshots"),
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

/// The refusal of a value that the schema does not allow.
pub(super) fn invalid(attribute: &str, value: &Json, reason: &str) -> Response {
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

/// The names that the arguments have in one of the two services.
struct Names {
    allowed: &'static [&'static str],
    name: &'static str,
    description: &'static str,
    /// Further words for yes and no.
    short: [&'static [&'static str]; 2],
}

const NOVA: Names = Names {
    allowed: &["display_name", "display_description", "volume_id", "force"],
    name: "display_name",
    description: "display_description",
    short: [&[], &[]],
};
const CINDER: Names = Names {
    allowed: &["name", "display_name", "description", "volume_id", "force", "metadata"],
    name: "name",
    description: "description",
    short: [&["y", "t"], &["n", "f"]],
};

/// The body of a request to cinder, which differs from nova in what is no JSON.
pub(super) fn cinder_body(request: &Request) -> Result<Json, Response> {
    let is_json = |kind: &str| kind.starts_with("application/json");
    if !request.header_value("Content-Type").is_none_or(is_json) {
        return Err(fault(415, "badMediaType", "Unsupported Content-Type"));
    }
    if request.body.is_empty() {
        return Err(api_error("TypeError"));
    }
    if std::str::from_utf8(&request.body).is_err() {
        return Err(bad_request("Malformed request body"));
    }
    body(request)
}

/// What a cinder create asks for, at the microversion with this minor number.
pub(super) fn wanted_by_cinder(request: &Request, version: u32) -> Result<Wanted, Response> {
    let mut body = cinder_body(request)?;
    // Cinder takes null for "not given".
    if let Some(snapshot) = body.get_mut("snapshot").and_then(Json::as_object_mut) {
        snapshot.retain(|_, value| !value.is_null());
    }
    let wanted = wanted(&body, &CINDER)?;
    // From here on attached volumes are taken in any case, and nobody may say otherwise.
    let needs_no_force = version >= 66;
    if let (true, false, Some(given)) =
        (needs_no_force, wanted.force, body["snapshot"].get("force"))
    {
        return Err(invalid("force", given, "It must be true from microversion 3.66 on"));
    }
    Ok(Wanted { force: wanted.force || needs_no_force, ..wanted })
}

/// A snapshot as a `PUT` at cinder wants it; null clears.
pub(super) fn changed(request: &Request, mut record: Record) -> Result<Record, Response> {
    let body = cinder_body(request)?;
    let given = body.get("snapshot").and_then(Json::as_object).cloned().unwrap_or_default();
    if given.is_empty() {
        return Err(invalid("snapshot", &body, "There is nothing to change"));
    }
    // The names of today come last, so that they win.
    let mut given: Vec<_> = given.into_iter().collect();
    given.sort_by_key(|(key, _)| !key.starts_with("display_"));
    for (key, value) in given {
        let text = match &value {
            Json::Null => None,
            Json::String(text) if text.chars().count() <= 255 => Some(text.trim().to_owned()),
            Json::String(_) => return Err(invalid(&key, &value, "It is too long")),
            other => {
                let reason = format!("{} is not of type 'string'", python(other));
                return Err(invalid(&key, other, &reason));
            }
        };
        match &*key {
            "name" | "display_name" => record.name = text,
            "description" | "display_description" => record.description = text,
            other => {
                let reason =
                    format!("Additional properties are not allowed ('{other}' was unexpected)");
                return Err(invalid("snapshot", &body, &reason));
            }
        }
    }
    Ok(record)
}

fn wanted(body: &Json, names: &Names) -> Result<Wanted, Response> {
    let object = |attribute: &str, json: &Json| {
        let reason = format!("{} is not of type 'object'", python(json));
        json.as_object().cloned().ok_or_else(|| invalid(attribute, json, &reason))
    };
    let outer = object("None", body)?;
    check_keys("None", &outer, &["snapshot"], "snapshot")?;
    let snapshot = object("snapshot", &body["snapshot"])?;
    check_keys("snapshot", &snapshot, names.allowed, "volume_id")?;
    let text = |key: &str| match snapshot.get(key) {
        None => Ok(None),
        // White space at either end is taken away.
        Some(Json::String(text)) => Ok(Some(text.trim().to_owned())),
        Some(other) => {
            Err(invalid(key, other, &format!("{} is not of type 'string'", python(other))))
        }
    };
    Ok(Wanted {
        volume_id: text("volume_id")?.unwrap_or_default(),
        name: text(names.name)?.map_or_else(|| text("display_name"), |name| Ok(Some(name)))?,
        description: text(names.description)?,
        metadata: match snapshot.get("metadata") {
            Some(given) => metadata::texts("metadata", given)?,
            None => BTreeMap::new(),
        },
        force: snapshot.get("force").map_or(Ok(false), |json| force(json, names))?,
    })
}

fn force(json: &Json, names: &Names) -> Result<bool, Response> {
    let [yes, no] = names.short;
    let is =
        |words: &[&str], short: &[&str], text: &str| words.contains(&text) || short.contains(&text);
    match json {
        Json::Bool(force) => Ok(*force),
        Json::String(text) if is(&TRUE, yes, text) => Ok(true),
        Json::String(text) if is(&FALSE, no, text) => Ok(false),
        Json::String(text) => {
            let reason = format!("'{text}' is not one of [True, 'True', 'TRUE', 'true', …]");
            Err(invalid("force", json, &reason))
        }
        other => {
            let reason = format!("{} is not of type 'boolean', 'string'", python(other));
            Err(invalid("force", other, &reason))
        }
    }
}
