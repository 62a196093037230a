//! What counts in a stream of events.

use serde_json::{Map, Value as Json, json};

use super::documents::some;
use super::numbers::{line, read};

/// What happened, one entry for an event; without versions, logs, diagnostics and progress, which
/// come as they please.
fn entries(text: &str) -> Vec<Map<String, Json>> {
    const PASSED_OVER: [&str; 4] = ["version", "log", "diagnostic", "apply_progress"];
    let mut entries = Vec::new();
    for event in text.lines() {
        let event = read(event).unwrap_or_else(|_| json!({ "type": "not JSON" }));
        let Some(kind) = event["type"].as_str().filter(|kind| !PASSED_OVER.contains(kind)) else {
            continue;
        };
        let mut entry = Map::new();
        entry.insert("type".into(), kind.into());
        if let Some(change) = event.get("change") {
            entry.insert("address".into(), change["resource"]["addr"].clone());
            entry.extend(some(change, &["action", "reason", "importing"]));
            let previous = &change["previous_resource"]["addr"];
            if !previous.is_null() {
                entry.insert("previous".into(), previous.clone());
            }
        } else if let Some(hook) = event.get("hook") {
            entry.insert("address".into(), hook["resource"]["addr"].clone());
            entry.extend(some(hook, &["action"]));
        } else {
            entry.extend(some(&event, &["changes", "outputs"]));
        }
        entries.push(entry);
    }
    entries
}

fn phase(kind: &str) -> &str {
    match kind.split('_').next().unwrap_or_default() {
        "refresh" => "refresh",
        "planned" => "plan",
        "resource" => "drift",
        "change" => "summary",
        "apply" => "apply",
        "outputs" => "outputs",
        _ => kind,
    }
}

/// For each address what happened to it, the phases of the run, and what has no address.
pub(super) fn by_address(text: &str) -> Json {
    let mut addresses: Map<String, Json> = Map::new();
    let mut phases: Vec<String> = Vec::new();
    let mut others = Vec::new();
    for entry in entries(text) {
        let phase = phase(entry["type"].as_str().unwrap_or_default()).to_owned();
        let Some(address) = entry.get("address").and_then(Json::as_str) else {
            others.push(Json::Object(entry));
            note(&mut phases, phase);
            continue;
        };
        let part = if ["plan", "drift"].contains(&&*phase) { "planned" } else { "done" };
        let view = addresses
            .entry(address.to_owned())
            .or_insert_with(|| json!({ "planned": [], "done": [] }));
        view[part].as_array_mut().unwrap().push(Json::Object(entry));
        note(&mut phases, phase);
    }
    for (_, view) in &mut addresses {
        // Several only where a deposed object is beside the current one.
        view["planned"].as_array_mut().unwrap().sort_by_cached_key(line);
    }
    json!({ "addresses": addresses, "phases": phases, "rest": others })
}

fn note(phases: &mut Vec<String>, phase: String) {
    if phases.last() != Some(&phase) {
        phases.push(phase);
    }
}

/// The whole stream in its order, for runs in which nothing goes on at the same time.
pub(super) fn in_order(text: &str) -> Json {
    entries(text).into_iter().map(Json::Object).collect()
}

/// Whether of each pair of events the first came before the second.
pub(super) fn before(text: &str, pairs: &[(String, String)]) -> Json {
    let seen: Vec<_> = entries(text)
        .iter()
        .map(|entry| {
            let part = |name| entry.get(name).and_then(Json::as_str).unwrap_or("None");
            format!("{} {} {}", part("type"), part("address"), part("action"))
        })
        .collect();
    let place = |event: &String| seen.iter().position(|one| one == event);
    let views = pairs.iter().map(|(first, second)| {
        let came = match (place(first), place(second)) {
            (Some(first), Some(second)) => (first < second).into(),
            _ => "missing".into(),
        };
        (format!("{first} < {second}"), came)
    });
    Json::Object(views.collect())
}
