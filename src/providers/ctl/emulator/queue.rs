//! Jobs: queued at a request, worked off one after another on each server.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::sdk::emulator::{LedgerEntry, LedgerOperation, Stage};
use crate::sdk::http::{Request, Response};
use crate::world::Timestamp;

use super::slot::Slot;
use super::{NOT_QUEUED, find_server, message};

const JOBS: &str = "jobs";
/// Number of the first job, as in the vendor's example.
const FIRST_JOB: u64 = 12345;

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Job {
    begin: Timestamp,
    end: Timestamp,
    fails: bool,
}

/// A create as JSON or form tells it.
struct Wanted {
    days: u64,
    servers: Vec<String>,
}

fn seconds(stage: &Stage<'_>, knob: &str) -> Duration {
    Duration::from_secs(stage.knob(knob))
}

fn fails(stage: &Stage<'_>) -> bool {
    stage.knob("jobs_fail") == 1
}

fn new_job(stage: &mut Stage<'_>, server: &str) -> String {
    let number = FIRST_JOB - 1 + stage.store.count_up("jobs");
    format!("{}-{number}", server.get(..3).unwrap_or("wa1"))
}

fn status_link(alias: &str, job: &str) -> Json {
    json!({ "rel": "status", "href": format!("/v2/operations/{alias}/status/{job}"), "id": job })
}

/// Answers a question after a job.
pub(super) fn status(id: &str, stage: &mut Stage<'_>) -> Response {
    let Some(job) = stage.store.get::<Job>(JOBS, &id.to_lowercase()) else {
        return message(404, "The status cannot be found.");
    };
    let status = match stage.now {
        now if now < job.begin => "notStarted",
        now if now < job.end => "executing",
        _ if job.fails => "failed",
        _ => "succeeded",
    };
    Response::json(200, &json!({ "status": status }))
}

fn bad_days() -> Response {
    let reason = "The field SnapshotExpirationDays must be between 1 and 10.";
    let body = json!({
        "message": "The request is invalid.",
        "modelState": { "body.snapshotExpirationDays": [reason] },
    });
    Response::json(400, &body)
}

fn bad_body() -> Response {
    let body = json!({
        "message": "The request is invalid.",
        "modelState": { "body": ["snapshotExpirationDays and serverIds are required."] },
    });
    Response::json(400, &body)
}

/// Days come as an integer or as a text of digits; servers as a list or, in a form, bare.
fn wanted(request: &Request) -> Option<Wanted> {
    let whole = |json: &Json| match json {
        Json::Number(number) => number.as_u64(),
        Json::String(text) => text.parse().ok(),
        _ => None,
    };
    if let Ok(body) = request.json_body::<Json>() {
        let servers = body.get("serverIds")?.as_array()?.iter();
        let servers = servers.map(|id| id.as_str().map(str::to_owned)).collect::<Option<_>>()?;
        return Some(Wanted { days: whole(body.get("snapshotExpirationDays")?)?, servers });
    }
    let pairs = request.form_pairs();
    let days = pairs.iter().find(|(name, _)| name == "snapshotExpirationDays")?.1.parse().ok()?;
    let servers = pairs.into_iter().filter(|(name, _)| name == "serverIds").map(|(_, id)| id);
    Some(Wanted { days, servers: servers.collect() })
}

/// Answers a create: one entry for each server; those that are queued share one job.
pub(super) fn create(request: &Request, alias: &str, stage: &mut Stage<'_>) -> Response {
    let alias = alias.to_lowercase();
    let Some(wanted) = wanted(request).filter(|wanted| !wanted.servers.is_empty()) else {
        return bad_body();
    };
    if !(1..=10).contains(&wanted.days) {
        return bad_days();
    }
    let mut job = None;
    let mut entries = Vec::new();
    let mut turn = stage.now.saturating_add(seconds(stage, "queue_seconds"));
    let begin = turn;
    for server in &wanted.servers {
        let server = server.to_lowercase();
        let Some(end) = queue_create(stage, &server, turn, wanted.days) else {
            entries.push(json!({
                "server": server, "isQueued": false, "errorMessage": NOT_QUEUED,
            }));
            continue;
        };
        turn = end;
        let id: &String = job.get_or_insert_with(|| new_job(stage, &server));
        entries.push(json!({
            "server": server, "isQueued": true, "links": [status_link(&alias, id)],
        }));
    }
    if let Some(id) = job {
        let job = Job { begin, end: turn, fails: fails(stage) };
        stage.store.put(JOBS, &id, &job);
    }
    Response::json(200, &entries)
}

/// Queues the work on one server, not before `turn`, and gives its end; `None` where the server
/// cannot be copied, or where its slot will still be taken then.
fn queue_create(
    stage: &mut Stage<'_>,
    server: &str,
    turn: Timestamp,
    days: u64,
) -> Option<Timestamp> {
    let found = find_server(stage, server)?;
    let fit = found.status == "active" && found.kind == "standard" && !found.is_template;
    let mut slot = Slot::of(stage, server);
    let begin = turn.max(slot.free_at);
    if !fit || slot.is_taken(begin) {
        return None;
    }
    let end = begin.saturating_add(seconds(stage, "job_seconds"));
    slot.free_at = end;
    if !fails(stage) {
        let lag = seconds(stage, "list_lag_seconds");
        let id = slot.add(begin, end, lag, days);
        let id = format!("{server}/{id}");
        stage.record(LedgerEntry::new(LedgerOperation::Create, id, server));
    }
    slot.keep(stage, server);
    Some(end)
}

fn single_job(
    stage: &mut Stage<'_>,
    alias: &str,
    server: &str,
    slot: &mut Slot,
) -> (Json, Timestamp) {
    let begin = stage.now.saturating_add(seconds(stage, "queue_seconds")).max(slot.free_at);
    let end = begin.saturating_add(seconds(stage, "job_seconds"));
    slot.free_at = end;
    let id = new_job(stage, server);
    let job = Job { begin, end, fails: fails(stage) };
    stage.store.put(JOBS, &id, &job);
    (status_link(alias, &id), end)
}

/// Answers a deletion: one link, to the job.
pub(super) fn delete(alias: &str, server: &str, id: &str, stage: &mut Stage<'_>) -> Response {
    let (alias, server) = (alias.to_lowercase(), server.to_lowercase());
    let mut slot = Slot::of(stage, &server);
    if find_server(stage, &server).is_none() || slot.held(id, stage.now).is_none() {
        return Response::new(404);
    }
    let (link, end) = single_job(stage, &alias, &server, &mut slot);
    let lag = seconds(stage, "list_lag_seconds");
    let succeeds = !fails(stage);
    if let Some(snapshot) = slot.held(id, stage.now).filter(|_| succeeds) {
        snapshot.delete(end, lag);
        let id = format!("{server}/{id}");
        stage.record(LedgerEntry::new(LedgerOperation::Delete, id, &server));
    }
    slot.keep(stage, &server);
    Response::json(200, &link)
}

/// Answers a restore, which keeps the snapshot.
pub(super) fn restore(alias: &str, server: &str, id: &str, stage: &mut Stage<'_>) -> Response {
    let (alias, server) = (alias.to_lowercase(), server.to_lowercase());
    let mut slot = Slot::of(stage, &server);
    if find_server(stage, &server).is_none() || slot.held(id, stage.now).is_none() {
        return Response::new(404);
    }
    let (link, _) = single_job(stage, &alias, &server, &mut slot);
    slot.keep(stage, &server);
    Response::json(200, &link)
}
