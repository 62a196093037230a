//! The part of cinder v3 that has to do with snapshots: them, volumes, limits, messages.

use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::sdk::emulator::Stage;
use crate::sdk::http::{Method, Request, Response};

use super::create::{changed, wanted_by_cinder};
use super::keystone::Session;
use super::record::{Record, STORED, find, living};
use super::storage::{self, Refusal};
use super::{
    after_project, bad_request, fault, keystone, limits, metadata, no_route, not_allowed, pages,
    versions, volumes,
};

/// How long a message is kept, as cinder's `message_ttl` is by default.
const MESSAGE_LIFE: Duration = Duration::from_secs(30 * 24 * 3600);
/// The microversion from which cinder tells why steps failed.
const MESSAGES_SINCE: u32 = 3;
/// The server's newest microversion.
pub(super) const NEWEST_MINOR: u32 = 71;

/// Answers a request below `/volume/v3`.
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
    let version = match microversion(request) {
        Ok(version) => version,
        Err(refusal) => return refusal,
    };
    let parts: Vec<_> = rest.split('/').skip(1).collect();
    let response = match (request.method, &*parts) {
        (Method::Get, [] | [""]) => versions::of_cinder(request, 200),
        (Method::Post, ["snapshots"]) => create(request, version, session, stage),
        (Method::Get, ["snapshots"]) => list(request, version, &PLAIN, session, stage),
        (Method::Get, ["snapshots", "detail"]) => {
            list(request, version, &Shape::whole(version), session, stage)
        }
        (method, ["snapshots", id, inner @ ..]) => match find(stage, &session.project_id, id) {
            Some(record) => member(request, version, method, inner, record, stage),
            None => not_found("Snapshot", id),
        },
        (Method::Get, ["volumes"]) => {
            list_volumes(request, version, stage, volumes::Volume::cinder_brief)
        }
        (Method::Get, ["volumes", "detail"]) => {
            list_volumes(request, version, stage, volumes::Volume::cinder_json)
        }
        (Method::Get, ["volumes", id]) => match volumes::find(stage, id) {
            Some(volume) => {
                Response::json(200, &json!({ "volume": volume.cinder_json(&request.host()) }))
            }
            None => not_found("Volume", id),
        },
        (Method::Get, ["limits"]) => limits::absolute(session, stage),
        (Method::Get, ["os-quota-sets", project]) => {
            limits::quota(request, project, session, stage)
        }
        (Method::Get, ["messages"]) if version >= MESSAGES_SINCE => messages(session, stage),
        // What is there in a later microversion only is missing in another way than what never is.
        (Method::Get, ["messages"]) => {
            fault(404, "itemNotFound", "The resource could not be found.")
        }
        _ => no_route(),
    };
    response.header("OpenStack-API-Version", format!("volume 3.{version}"))
}

/// The minor number that a request wants; 0 unless it says.
fn microversion(request: &Request) -> Result<u32, Response> {
    let Some(header) = request.header_value("OpenStack-API-Version") else { return Ok(0) };
    let own = header.split(',').find_map(|part| part.trim().strip_prefix("volume "));
    // A header that names other services only is refused, where nova would ignore it.
    let Some(asked) = own else { return Err(bad_request("Invalid service catalog: volume.")) };
    match asked.trim().strip_prefix("3.").and_then(|minor| minor.parse().ok()) {
        Some(minor) if minor <= NEWEST_MINOR => Ok(minor),
        Some(_) => {
            let message = format!(
                "Version {asked} is not supported by the API. Minimum is 3.0 and maximum is 3.{NEWEST_MINOR}."
            );
            Err(fault(406, "computeFault", message))
        }
        None => Err(bad_request(format!("API Version String {asked} is of invalid format."))),
    }
}

fn member(
    request: &Request,
    version: u32,
    method: Method,
    inner: &[&str],
    record: Record,
    stage: &mut Stage<'_>,
) -> Response {
    match (method, inner) {
        (Method::Get, []) => {
            let body = snapshot(&record, stage, &Shape::whole(version));
            Response::json(200, &json!({ "snapshot": body }))
        }
        (Method::Put, []) => update(request, version, record, stage),
        (Method::Delete, []) => match storage::delete(stage, record) {
            Ok(()) => Response::new(202).header("Content-Type", "text/html"),
            Err(refusal) => refused(&refusal),
        },
        (Method::Post, ["action"]) => action(request),
        (_, ["metadata"]) => metadata::answer(request, None, record, stage),
        (_, ["metadata", key]) => {
            let key = decoded(key);
            metadata::answer(request, Some(&key), record, stage)
        }
        _ => no_route(),
    }
}

/// Answers what only an administrator may do, and the emulator's user is none.
fn action(request: &Request) -> Response {
    let body: Json = request.json_body().unwrap_or_default();
    let asked = body.as_object().and_then(|body| body.keys().next().cloned()).unwrap_or_default();
    match &*asked {
        "os-reset_status" => not_allowed("volume_extension:snapshot_admin_actions:reset_status"),
        "os-force_delete" => not_allowed("volume_extension:snapshot_admin_actions:force_delete"),
        other => bad_request(format!("There is no such action: {other}")),
    }
}

/// One part of a path without its percent signs.
fn decoded(part: &str) -> String {
    let request = Request::new(Method::Get, &format!("http://path.invalid/?part={part}"));
    let decoded = request.ok().and_then(|request| request.query_value("part"));
    decoded.unwrap_or_else(|| part.to_owned())
}

fn not_found(what: &str, id: &str) -> Response {
    fault(404, "itemNotFound", format!("{what} {id} could not be found."))
}

fn refused(refusal: &Refusal) -> Response {
    match refusal {
        Refusal::NoVolume(id) => not_found("Volume", id),
        Refusal::Invalid(words) => bad_request(words),
        // A quota is a 413 here, and its `Retry-After: 0` is no invitation.
        Refusal::Quota(words) => {
            let inner = json!({ "code": 413, "message": words, "retryAfter": "0" });
            Response::json(413, &json!({ "overLimit": inner })).header("Retry-After", "0")
        }
    }
}

fn create(request: &Request, version: u32, session: &Session, stage: &mut Stage<'_>) -> Response {
    let wanted = match wanted_by_cinder(request, version) {
        Ok(wanted) => wanted,
        Err(refusal) => return refusal,
    };
    match storage::make(wanted, session, stage) {
        Ok(record) => {
            let shape = Shape { time: "%Y-%m-%dT%H:%M:%S.%6f", version, ..PLAIN };
            let body = snapshot(&record, stage, &shape);
            Response::json(202, &json!({ "snapshot": body }))
        }
        Err(refusal) => refused(&refusal),
    }
}

fn update(request: &Request, version: u32, record: Record, stage: &mut Stage<'_>) -> Response {
    let before = record.updated_at;
    let changed = match changed(request, record) {
        Ok(changed) => changed,
        Err(refusal) => return refusal,
    };
    // The answer still has the time of the change before this one.
    let answered = Record { updated_at: before, ..changed.clone() };
    storage::change(stage, changed);
    let shape = Shape { version, ..PLAIN };
    Response::json(200, &json!({ "snapshot": snapshot(&answered, stage, &shape) }))
}

/// What an answer tells of a snapshot.
struct Shape {
    /// How its creation is written.
    time: &'static str,
    /// The minor number of the microversion, of which the keys are.
    version: u32,
    /// With the attributes that only whole ones have.
    extended: bool,
}

/// As in lists without details, to which no microversion adds anything.
const PLAIN: Shape = Shape { time: STORED, version: 0, extended: false };

impl Shape {
    fn whole(version: u32) -> Self {
        Self { version, extended: true, ..PLAIN }
    }
}

fn snapshot(record: &Record, stage: &Stage<'_>, shape: &Shape) -> Json {
    let status = record.status(stage.now);
    let done = (status != "creating").then_some(record.done_at);
    let mut body = json!({
        "id": record.id,
        "created_at": record.created_at.format(shape.time),
        "updated_at": record.updated_at.or(done).map(|time| time.format(STORED)),
        "name": record.name,
        "description": record.description,
        "volume_id": record.volume_id,
        "status": status,
        "size": record.size,
        "metadata": record.metadata,
    });
    let added = [
        (14, "group_snapshot_id", Json::Null),
        (41, "user_id", keystone::USER_ID.into()),
        (65, "consumes_quota", true.into()),
    ];
    for (since, key, value) in added {
        if shape.version >= since {
            body[key] = value;
        }
    }
    if shape.extended {
        let progress = if status == "creating" { "0%" } else { "100%" };
        body["os-extended-snapshot-attributes:progress"] = progress.into();
        body["os-extended-snapshot-attributes:project_id"] = record.project_id.clone().into();
    }
    body
}

fn list(
    request: &Request,
    version: u32,
    shape: &Shape,
    session: &Session,
    stage: &mut Stage<'_>,
) -> Response {
    if let Some(refusal) = pages::no_filters(request, version) {
        return refusal;
    }
    let mut records = living(stage, &session.project_id);
    records.retain(|record| {
        pages::fits(request, "name", record.name.as_deref())
            && pages::fits(request, "status", Some(record.status(stage.now)))
            && pages::fits(request, "volume_id", Some(&record.volume_id))
            && (version < 22 || pages::fits_metadata(request, &record.metadata))
    });
    if let Err(refusal) = pages::sort(request, version, &mut records) {
        return refusal;
    }
    let shown = |record: &Record| (record.id.clone(), snapshot(record, stage, shape));
    let entries = records.iter().map(shown).collect();
    pages::answer(request, version, "snapshots", entries, stage.knob("page_maximum"))
}

fn list_volumes(
    request: &Request,
    version: u32,
    stage: &Stage<'_>,
    shape: fn(&volumes::Volume, &str) -> Json,
) -> Response {
    let volumes = volumes::all(stage).into_iter().filter(|volume| {
        pages::fits(request, "name", volume.name.as_deref())
            && pages::fits(request, "status", Some(&volume.status))
            && pages::fits(request, "bootable", Some(&volume.bootable.to_string()))
    });
    let host = request.host();
    let entries = volumes.map(|volume| (volume.id.clone(), shape(&volume, &host))).collect();
    pages::answer(request, version, "volumes", entries, stage.knob("page_maximum"))
}

/// Why snapshots ended in `error`.
fn messages(session: &Session, stage: &mut Stage<'_>) -> Response {
    let now = stage.now;
    let failed = living(stage, &session.project_id).into_iter();
    let failed = failed.filter(|record| record.status(now) == "error");
    let messages = failed.map(|record| {
        json!({
            "id": record.id,
            "event_id": "VOLUME_VOLUME_SNAPSHOT_009_013",
            "user_message": "create snapshot:Snapshot failed to create.",
            "message_level": "ERROR",
            "resource_type": "VOLUME_SNAPSHOT",
            "resource_uuid": record.id,
            "request_id": format!("req-{}", record.id),
            "created_at": record.done_at.format(STORED),
            "guaranteed_until": record.done_at.saturating_add(MESSAGE_LIFE).format(STORED),
        })
    });
    Response::json(200, &json!({ "messages": messages.collect::<Vec<_>>() }))
}
