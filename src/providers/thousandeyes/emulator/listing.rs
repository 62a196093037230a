//! Tests and saved events.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::sdk::emulator::{LedgerEntry, LedgerOperation, Stage};
use crate::sdk::http::Response;
use crate::world::Timestamp;

use super::{EMAIL, Version, error};

/// Collection of tests that differ from the ordinary.
const TESTS: &str = "tests";
/// Collection of snapshots, by the number of the test that carries them.
const SNAPSHOTS: &str = "snapshots";

/// A snapshot.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) test_id: u64,
    pub(super) source_test_id: u64,
    pub(super) display_name: String,
    pub(super) public: bool,
    pub(super) shared_at: Timestamp,
    pub(super) listed_at: Timestamp,
    pub(super) expires_at: Timestamp,
}

/// Number of the first test that exists from the start, as in the vendor's example.
const FIRST: u64 = 19955;

/// A test that differs from the ordinary.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Source {
    missing: bool,
    test_name: Option<String>,
    #[serde(rename = "type")]
    kind: String,
    saved_event: u64,
    created_by: String,
}

impl Default for Source {
    fn default() -> Self {
        Self {
            missing: false,
            test_name: None,
            kind: "http-server".to_owned(),
            saved_event: 0,
            created_by: format!("Rehearsal ({EMAIL})"),
        }
    }
}

/// How v6 writes instants in answers.
pub(super) const V6_DATE: &str = "%Y-%m-%d %H:%M:%S";

/// Puts a snapshot into the world.
pub(super) fn keep(stage: &mut Stage<'_>, record: &Record) {
    let id = record.test_id.to_string();
    stage.store.put(SNAPSHOTS, &id, record);
    let entry = LedgerEntry::new(LedgerOperation::Create, id, record.source_test_id.to_string());
    stage.record(entry.name(Some(&record.display_name)));
}

/// The instant after which a snapshot is removed.
pub(super) fn end_of_life(stage: &Stage<'_>) -> Timestamp {
    let days = stage.knob("life_days");
    stage.now.saturating_add(Duration::from_secs(days.saturating_mul(24 * 3600)))
}

/// The snapshots that live. Those whose time is over leave the world here.
fn living(stage: &mut Stage<'_>) -> Vec<Record> {
    let mut records = Vec::new();
    for (id, record) in stage.store.all::<Record>(SNAPSHOTS) {
        if record.expires_at > stage.now {
            records.push(record);
            continue;
        }
        stage.store.remove(SNAPSHOTS, &id);
        let source = record.source_test_id.to_string();
        let entry = LedgerEntry::new(LedgerOperation::Expire, id, source);
        stage.record(entry.name(Some(&record.display_name)));
    }
    records
}

/// Whether a test can be frozen: it exists and is not frozen already.
pub(super) fn is_source(stage: &mut Stage<'_>, id: u64) -> bool {
    let source: Source = stage.store.get(TESTS, &id.to_string()).unwrap_or_default();
    let is_snapshot = living(stage).iter().any(|record| record.test_id == id);
    !source.missing && source.saved_event == 0 && !is_snapshot
}

fn entry(version: Version, id: &str, source: &Source, created_at: Timestamp) -> Json {
    let name = source.test_name.clone().unwrap_or_else(|| format!("test {id}"));
    let (saved, by) = (source.saved_event == 1, &source.created_by);
    match version {
        Version::V6 => json!({
            "testId": id.parse::<u64>().unwrap_or_default(), "testName": name,
            "type": source.kind, "interval": 300, "enabled": 1,
            "savedEvent": u8::from(saved), "liveShare": 0,
            "createdDate": created_at.format(V6_DATE), "createdBy": by,
        }),
        Version::V7 => json!({
            "testId": id, "testName": name, "type": source.kind, "interval": 300,
            "enabled": true, "savedEvent": saved, "liveShare": false,
            "createdDate": created_at.whole_seconds().to_string(), "createdBy": by,
            "_links": { "self": { "href": format!("https://api.thousandeyes.com/v7/tests/{id}") } },
        }),
    }
}

/// The tests that are no snapshots of this world: those of the start, and those of the collection.
fn sources(stage: &Stage<'_>) -> BTreeMap<String, Source> {
    let start = (FIRST..).take(usize::try_from(stage.knob("tests")).unwrap_or_default());
    let mut sources: BTreeMap<String, Source> =
        start.map(|id| (id.to_string(), Source::default())).collect();
    sources.extend(stage.store.all::<Source>(TESTS));
    sources
}

/// When the tests were made that are no snapshots.
fn long_ago() -> Timestamp {
    Timestamp::from_epoch_seconds(1_500_000_000)
}

fn entries(version: Version, stage: &mut Stage<'_>) -> Vec<(String, Json)> {
    let mut entries = Vec::new();
    for (id, source) in sources(stage) {
        if !source.missing {
            let json = entry(version, &id, &source, long_ago());
            entries.push((id, json));
        }
    }
    for record in living(stage) {
        // A share link shows nowhere.
        if !record.public && record.listed_at <= stage.now {
            let id = record.test_id.to_string();
            let frozen: Source =
                stage.store.get(TESTS, &record.source_test_id.to_string()).unwrap_or_default();
            let (test_name, saved_event) = (Some(record.display_name.clone()), 1);
            let source = Source { test_name, saved_event, kind: frozen.kind, ..Source::default() };
            let json = entry(version, &id, &source, record.shared_at);
            entries.push((id, json));
        }
    }
    entries
}

fn answer(version: Version, tests: Vec<Json>) -> Response {
    match version {
        Version::V6 => Response::json(200, &json!({ "test": tests })),
        Version::V7 => {
            let itself = json!({ "self": { "href": "https://api.thousandeyes.com/v7/tests" } });
            Response::json(200, &json!({ "tests": tests, "_links": itself }))
        }
    }
}

/// Answers with all tests.
pub(super) fn tests(version: Version, stage: &mut Stage<'_>) -> Response {
    let tests = entries(version, stage).into_iter().map(|(_, json)| json).collect();
    answer(version, tests)
}

/// Answers with one test, in a list nevertheless. Any number is one, also where the list lacks it,
/// but for those of share links, which show nowhere.
pub(super) fn test(version: Version, id: &str, stage: &mut Stage<'_>) -> Response {
    if let Some((_, json)) = entries(version, stage).into_iter().find(|(listed, _)| listed == id) {
        return answer(version, vec![json]);
    }
    match id.parse() {
        Ok(number) if is_source(stage, number) => {
            let json = entry(version, id, &Source::default(), long_ago());
            answer(version, vec![json])
        }
        _ => error(version, 404, "There is no such test."),
    }
}

/// Deletes a test. What the vendor answers where it carries a private snapshot is written nowhere, so
/// a knob decides.
pub(super) fn delete(version: Version, id: &str, stage: &mut Stage<'_>) -> Response {
    if let Some(record) = living(stage).into_iter().find(|record| record.test_id.to_string() == id)
    {
        if record.public || stage.knob("saved_events_deletable") == 0 {
            return error(version, 400, "A saved event cannot be deleted.");
        }
        stage.store.remove(SNAPSHOTS, id);
        let source = record.source_test_id.to_string();
        let entry = LedgerEntry::new(LedgerOperation::Delete, id, source);
        stage.record(entry.name(Some(&record.display_name)));
        return Response::new(204);
    }
    if !entries(version, stage).iter().any(|(listed, _)| listed == id) {
        return error(version, 404, "There is no such test.");
    }
    stage.store.put(TESTS, id, &json!({ "missing": true }));
    Response::new(204)
}
