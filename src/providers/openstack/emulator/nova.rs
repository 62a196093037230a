//! Nova's `os-snapshots`, and as much of `os-volumes` as is looked at.

use serde_json::json;

use crate::sdk::emulator::Stage;
use crate::sdk::http::{Method, Request, Response};

use super::keystone::Session;
use super::record::{STORED, find, living};
use super::{after_project, api_error, create, fault, no_route, page, storage, volumes};

/// Last microversion that has `os-snapshots`, and the server's newest.
const LAST_MINOR: u32 = 35;
pub(super) const NEWEST_MINOR: u32 = 100;

/// Answers a request below `/v2.1`.
pub(super) fn answer(
    request: &Request,
    path: &str,
    session: &Session,
    stage: &mut Stage<'_>,
) -> Response {
    let rest = match after_project(path, session) {
        Ok(rest) => rest,
        Err(refusal) => return refusal,
    };
    if request.method == Method::Options {
        return Response::new(200);
    }
    if let Some(refusal) = microversion(request) {
        return refusal;
    }
    if let (Method::Get, Some(rest)) = (request.method, rest.strip_prefix("/os-volumes")) {
        return answer_volumes(request, rest, stage);
    }
    match (request.method, rest.strip_prefix("/os-snapshots")) {
        (Method::Post, Some("")) => create::answer(request, session, stage),
        (Method::Get, Some("" | "/detail")) => list(request, session, stage),
        (Method::Get, Some(id)) if is_member(id) => show(&id[1..], session, stage),
        (Method::Delete, Some(id)) if is_member(id) => delete(&id[1..], session, stage),
        _ => no_route(),
    }
}

/// Answers a look at `os-volumes`, whose lists take no filters.
fn answer_volumes(request: &Request, rest: &str, stage: &Stage<'_>) -> Response {
    match rest {
        "" | "/detail" => match page(request, volumes::all(stage), stage.knob("page_maximum")) {
            Ok(volumes) => {
                let shown: Vec<_> = volumes.iter().map(volumes::Volume::nova_json).collect();
                Response::json(200, &json!({ "volumes": shown }))
            }
            Err(refusal) => refusal,
        },
        id if is_member(id) => match volumes::find(stage, &id[1..]) {
            Some(volume) => Response::json(200, &json!({ "volume": volume.nova_json() })),
            None => {
                let message = format!("Volume {} could not be found.", &id[1..]);
                fault(404, "itemNotFound", message)
            }
        },
        _ => no_route(),
    }
}

fn is_member(path: &str) -> bool {
    path.len() > 1 && path.starts_with('/') && !path[1..].contains('/')
}

/// The answer to a microversion that has no `os-snapshots`, or that does not exist.
fn microversion(request: &Request) -> Option<Response> {
    let own = request.header_value("X-OpenStack-Nova-API-Version");
    let shared = request
        .header_value("OpenStack-API-Version")
        .and_then(|value| value.split(',').find_map(|part| part.trim().strip_prefix("compute ")));
    let asked = shared.or(own)?.trim();
    let gone = || fault(404, "itemNotFound", "The resource could not be found.");
    if asked == "latest" {
        return Some(gone());
    }
    let minor = asked.strip_prefix("2.").and_then(|minor| minor.parse::<u32>().ok());
    match minor {
        None => {
            let message = format!(
                "API Version String {asked} is of invalid format. Must be of format MajorNum.MinorNum."
            );
            Some(super::bad_request(message))
        }
        Some(minor) if minor == 0 || minor > NEWEST_MINOR => {
            let message = format!(
                "Version {asked} is not supported by the API. Minimum is 2.1 and maximum is 2.{NEWEST_MINOR}."
            );
            Some(fault(406, "computeFault", message))
        }
        Some(minor) => (minor > LAST_MINOR).then(gone),
    }
}

fn not_found(id: &str) -> Response {
    fault(404, "itemNotFound", format!("Snapshot {id} could not be found."))
}

fn list(request: &Request, session: &Session, stage: &mut Stage<'_>) -> Response {
    let records = living(stage, &session.project_id);
    match page(request, records, stage.knob("page_maximum")) {
        Ok(records) => {
            let snapshots: Vec<_> =
                records.iter().map(|record| record.nova_json(stage.now, STORED)).collect();
            Response::json(200, &json!({ "snapshots": snapshots }))
        }
        Err(refusal) => refusal,
    }
}

fn show(id: &str, session: &Session, stage: &mut Stage<'_>) -> Response {
    match find(stage, &session.project_id, id) {
        Some(record) => {
            Response::json(200, &json!({ "snapshot": record.nova_json(stage.now, STORED) }))
        }
        None => not_found(id),
    }
}

fn delete(id: &str, session: &Session, stage: &mut Stage<'_>) -> Response {
    let Some(record) = find(stage, &session.project_id, id) else { return not_found(id) };
    match storage::delete(stage, record) {
        Ok(()) => Response::new(202).header("Content-Type", "application/json"),
        Err(_) => api_error("nova.exception.InvalidInput"),
    }
}
