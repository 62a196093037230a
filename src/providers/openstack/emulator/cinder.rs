//! The little of cinder v3 that looks at what nova made: snapshots, volumes, limits.

use serde_json::{Value as Json, json};

use crate::sdk::emulator::Stage;
use crate::sdk::http::{Method, Request, Response};

use super::keystone::Session;
use super::record::{Record, find, living, volume};
use super::{after_project, fault, no_route, page};

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
    if request.method != Method::Get {
        return no_route();
    }
    let parts: Vec<_> = rest.split('/').skip(1).collect();
    let response = match &*parts {
        ["snapshots"] | ["snapshots", "detail"] => list(request, session, stage),
        ["snapshots", id] => match find(stage, &session.project_id, id) {
            Some(record) => Response::json(200, &json!({ "snapshot": snapshot(&record, stage) })),
            None => not_found("Snapshot", id),
        },
        ["volumes", id] => match volume(stage, id) {
            Some(volume) => {
                let body = json!({ "id": id, "status": volume.status, "size": volume.size });
                Response::json(200, &json!({ "volume": body }))
            }
            None => not_found("Volume", id),
        },
        ["limits"] => limits(session, stage),
        _ => no_route(),
    };
    response.header("OpenStack-API-Version", "volume 3.0")
}

fn not_found(what: &str, id: &str) -> Response {
    fault(404, "itemNotFound", format!("{what} {id} could not be found."))
}

fn snapshot(record: &Record, stage: &Stage<'_>) -> Json {
    let status = record.status(stage.now);
    let progress = if status == "creating" { "0%" } else { "100%" };
    json!({
        "id": record.id,
        "created_at": record.created_at.format("%Y-%m-%dT%H:%M:%S.000000"),
        "updated_at": null,
        "name": record.name,
        "description": record.description,
        "volume_id": record.volume_id,
        "status": status,
        "size": record.size,
        "metadata": {},
        "os-extended-snapshot-attributes:progress": progress,
        "os-extended-snapshot-attributes:project_id": record.project_id,
    })
}

fn list(request: &Request, session: &Session, stage: &mut Stage<'_>) -> Response {
    let mut records = living(stage, &session.project_id);
    for (name, part) in [
        ("name", (|record| record.name.clone()) as fn(&Record) -> Option<String>),
        ("volume_id", |record| Some(record.volume_id.clone())),
    ] {
        if let Some(wanted) = request.query_value(name) {
            records.retain(|record| part(record).as_ref() == Some(&wanted));
        }
    }
    match page(request, records, stage.knob("page_maximum")) {
        Ok(records) => {
            let snapshots: Vec<_> = records.iter().map(|record| snapshot(record, stage)).collect();
            Response::json(200, &json!({ "snapshots": snapshots }))
        }
        Err(refusal) => refusal,
    }
}

fn limits(session: &Session, stage: &mut Stage<'_>) -> Response {
    let living = living(stage, &session.project_id);
    let used: u64 = living.iter().map(|record| record.size).sum();
    let most = |name: &str| match stage.knob(name) {
        0 => json!(-1),
        most => json!(most),
    };
    let absolute = json!({
        "maxTotalSnapshots": most("snapshot_quota"),
        "totalSnapshotsUsed": living.len(),
        "maxTotalVolumeGigabytes": most("gigabyte_quota"),
        "totalGigabytesUsed": used,
    });
    Response::json(200, &json!({ "limits": { "rate": [], "absolute": absolute } }))
}
