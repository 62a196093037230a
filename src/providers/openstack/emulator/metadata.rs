//! Metadata of a snapshot: what cinder accepts, and the calls below `…/metadata`.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::sdk::emulator::Stage;
use crate::sdk::http::{Method, Request, Response};

use super::create::{cinder_body, invalid};
use super::record::Record;
use super::{bad_request, fault, no_route, python, storage};

/// Answers a request below `snapshots/{id}/metadata`.
pub(super) fn answer(
    request: &Request,
    key: Option<&str>,
    record: Record,
    stage: &mut Stage<'_>,
) -> Response {
    let changed = match (request.method, key) {
        (Method::Get, None) => return whole(&record.metadata),
        (Method::Get, Some(key)) => {
            return match record.metadata.get(key) {
                Some(value) => one(key, value),
                None => no_key(&record.id, key),
            };
        }
        (Method::Post, None) => part(request, "metadata").map(|given| {
            let mut merged = record.metadata.clone();
            merged.extend(given);
            merged
        }),
        (Method::Put, None) => part(request, "metadata"),
        (Method::Put, Some(key)) => part(request, "meta").and_then(|given| {
            if given.len() != 1 || !given.contains_key(key) {
                return Err(bad_request("Request body and URI mismatch"));
            }
            let mut merged = record.metadata.clone();
            merged.extend(given);
            Ok(merged)
        }),
        (Method::Delete, Some(key)) if record.metadata.contains_key(key) => {
            let mut rest = record.metadata.clone();
            rest.remove(key);
            storage::change(stage, Record { metadata: rest, ..record });
            return Response::new(200);
        }
        (Method::Delete, Some(key)) => return no_key(&record.id, key),
        _ => return no_route(),
    };
    let metadata = match changed {
        Ok(metadata) => metadata,
        Err(refusal) => return refusal,
    };
    let response = match key.and_then(|key| Some((key, metadata.get(key)?))) {
        Some((key, value)) => one(key, value),
        None => whole(&metadata),
    };
    storage::change(stage, Record { metadata, ..record });
    response
}

fn whole(metadata: &BTreeMap<String, String>) -> Response {
    Response::json(200, &json!({ "metadata": metadata }))
}

fn one(key: &str, value: &str) -> Response {
    Response::json(200, &json!({ "meta": { key: value } }))
}

fn no_key(id: &str, key: &str) -> Response {
    let message = format!("Snapshot {id} has no metadata with key {key}.");
    fault(404, "itemNotFound", message)
}

/// The texts below `name` of a body.
fn part(request: &Request, name: &str) -> Result<BTreeMap<String, String>, Response> {
    let body = cinder_body(request)?;
    let only = body.as_object().filter(|body| body.len() == 1).and_then(|body| body.get(name));
    match only {
        Some(given) => texts(name, given),
        None => Err(invalid("None", &body, &format!("'{name}' is a required property"))),
    }
}

/// What cinder takes for metadata: `^[a-zA-Z0-9-_:. /]{1,255}$` with texts of up to 255 characters.
pub(super) fn texts(name: &str, json: &Json) -> Result<BTreeMap<String, String>, Response> {
    let Some(entries) = json.as_object() else {
        let reason = format!("{} is not of type 'object'", python(json));
        return Err(invalid(name, json, &reason));
    };
    let mut texts = BTreeMap::new();
    for (key, value) in entries {
        let letters =
            key.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_:. /".contains(letter));
        if !letters || key.is_empty() || key.len() > 255 {
            let reason = format!("'{key}' does not match any of the regexes");
            return Err(invalid(name, json, &reason));
        }
        match value.as_str() {
            Some(text) if text.chars().count() <= 255 => texts.insert(key.clone(), text.to_owned()),
            _ => {
                let reason = format!("{} is not of type 'string'", python(value));
                return Err(invalid(name, json, &reason));
            }
        };
    }
    Ok(texts)
}
