//! The provider against its own emulator, and both against the user's document.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::providers::testing::Bench;
use crate::schema::ProblemKind;
use crate::sdk::http::{Method, Response};
use crate::sdk::{
    Created, Deletion, ErrorKind, Provider as _, Reading, Recovery, Replacement, Resource as _,
    ResourceSpec,
};
use crate::value::{Type, Value};

use super::arguments::Arguments;
use super::emulator::{ALIAS, CtlEmulator, NOT_QUEUED, PASSWORD, USERNAME};
use super::snapshot::{Intent, Object, Snapshot};
use super::{PROVIDER, settings};

mod bulk;
mod data;
mod document;
mod import;
mod seed;

const SERVER: &str = "WA1ALIASWB01";

fn bench(knobs: &[(&str, u64)]) -> Bench {
    Bench::new(Arc::new(CtlEmulator), "2026-03-04T05:06:07Z", knobs)
}

fn provider_with(bench: &Bench, changes: &[(&'static str, &str)]) -> Snapshot {
    let cloud = settings::cloud(&bench.settings(changes), &bench.configure_context());
    Snapshot::new(cloud.map_err(|problems| format!("{problems:?}")).unwrap())
}

fn provider(bench: &Bench) -> Snapshot {
    provider_with(bench, &[])
}

fn arguments() -> Arguments {
    serde_json::from_value(json!({ "server_id": SERVER, "expiration_days": 7 })).unwrap()
}

fn replacing() -> Arguments {
    let json = json!({ "server_id": SERVER, "expiration_days": 7, "replace_existing": true });
    serde_json::from_value(json).unwrap()
}

fn put_server(bench: &Bench, id: &str, record: Json) {
    bench.host.edit("ctl", |store| store.put("servers", id, &record)).unwrap();
}

async fn create_with(
    bench: &Bench,
    snapshot: &Snapshot,
    arguments: Arguments,
) -> Result<Object, crate::sdk::ProviderError> {
    let cx = bench.context();
    let intent = snapshot.prepare(&cx, &arguments).await?;
    match snapshot.create(&cx, arguments, &intent).await? {
        Created::Ready(object) => Ok(object),
        Created::Tainted(_, error) => Err(error),
    }
}

async fn create(bench: &Bench, snapshot: &Snapshot) -> Object {
    create_with(bench, snapshot, arguments()).await.unwrap()
}

/// Lets a create be carried out without an answer, as when the connection breaks.
async fn lose_a_create(bench: &Bench, snapshot: &Snapshot) -> Intent {
    let cx = bench.context();
    let intent = snapshot.prepare(&cx, &arguments()).await.unwrap();
    bench.lose(|request| request.path().ends_with("createSnapshot"));
    let error = snapshot.create(&cx, arguments(), &intent).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::OutcomeUnknown);
    bench.lose_nothing();
    intent
}

#[tokio::test]
async fn an_object_is_created_read_and_deleted() {
    let bench = bench(&[]);
    let snapshot = provider(&bench);
    let handles = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&handles);
    let cx = bench.context().on_accepted(move |handle| {
        sink.lock().unwrap().push(handle);
        std::future::ready(Ok(()))
    });
    let intent = snapshot.prepare(&cx, &arguments()).await.unwrap();
    let Created::Ready(object) = snapshot.create(&cx, arguments(), &intent).await.unwrap() else {
        panic!("tainted")
    };
    assert_eq!(*handles.lock().unwrap(), [json!({ "status_id": "wa1-12345" })]);
    assert_eq!(object.id, "alias/wa1aliaswb01/1");
    assert_eq!(object.server_id, SERVER);
    assert_eq!(object.account_alias.as_deref(), Some("alias"));
    assert_eq!(object.name.as_deref(), Some("2026-03-04.05:06:09"));
    assert_eq!(object.created_at.unwrap().to_string(), "2026-03-04T05:06:09Z");
    assert_eq!(object.expires_at.unwrap().to_string(), "2026-03-11T05:06:09Z");
    let href = "/v2/servers/alias/wa1aliaswb01/snapshots/1";
    assert_eq!(object.delete_href.as_deref(), Some(href));
    assert_eq!(object.restore_href.as_deref(), Some(&*format!("{href}/restore")));
    let reading = snapshot.read(&cx, object.clone()).await.unwrap();
    assert_eq!(reading, Reading::Present(object.clone()));
    assert_eq!(snapshot.delete(&cx, object.clone()).await.unwrap(), Deletion::Deleted);
    assert_eq!(snapshot.read(&cx, object.clone()).await.unwrap(), Reading::Gone);
    assert_eq!(snapshot.delete(&cx, object).await.unwrap(), Deletion::Deleted);
    // Numbers are never used again.
    assert_eq!(create(&bench, &snapshot).await.snapshot_id, "2");
}

#[tokio::test]
async fn the_engine_sees_whole_objects() {
    let bench = bench(&[]);
    let configured =
        PROVIDER.configure(&bench.settings(&[]), &bench.configure_context()).ok().unwrap();
    let resource = &configured.resources[Snapshot::TYPE];
    let spec = ResourceSpec::of::<Snapshot>();
    assert!(matches!(spec.replacement, Replacement::DeleteFirstOnly(_)));
    assert_eq!(spec.exclusive_by, Some("server_id"));
    let attributes = spec.schema.attributes.iter().map(|attribute| {
        let value = match attribute.name {
            "server_id" => Value::string(SERVER),
            "expiration_days" => Value::from(7),
            "replace_existing" => Value::FALSE,
            _ => Value::unknown(attribute.ty.clone()),
        };
        (attribute.name, value)
    });
    let timeouts =
        Value::object([("create", Value::string("5m")), ("delete", Value::null(Type::String))]);
    let planned = Value::object(attributes.chain([("timeouts", timeouts)]).collect::<Vec<_>>());
    let cx = bench.context();
    let intent = resource.prepare(&cx, &planned).await.unwrap();
    let Created::Ready(object) = resource.create(&cx, &planned, &intent).await.unwrap() else {
        panic!("tainted")
    };
    assert!(object.is_wholly_known());
    assert_eq!(object.attribute("expiration_days"), Some(&Value::from(7)));
    let readings = resource.read_many(&cx, std::slice::from_ref(&object)).await;
    assert_eq!(readings[0], Ok(Reading::Present(object)));
}

#[tokio::test]
async fn a_server_that_cannot_be_copied_is_refused_before_anything_is_sent() {
    let bench = bench(&[]);
    let cases = [
        json!({ "missing": true }),
        json!({ "status": "archived" }),
        json!({ "type": "hyperscale" }),
        json!({ "isTemplate": true }),
        json!({ "storageGB": 2000 }),
    ];
    for record in cases {
        put_server(&bench, &SERVER.to_lowercase(), record.clone());
        let error = create_with(&bench, &provider(&bench), arguments()).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Refused, "{record}");
        assert_eq!(error.attribute.as_deref(), Some("server_id"), "{record}");
    }
    assert!(!bench.requests().iter().any(|request| request.ends_with("createSnapshot")));
}

#[tokio::test]
async fn a_taken_slot_is_refused_or_freed() {
    let bench = bench(&[]);
    // Somebody else made the first.
    create(&bench, &provider(&bench)).await;
    let snapshot = provider(&bench);
    let error = create_with(&bench, &snapshot, arguments()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Refused);
    assert!(error.help.unwrap().contains("replace_existing"));
    let second = create_with(&bench, &snapshot, replacing()).await.unwrap();
    assert_eq!(second.snapshot_id, "2");
}

#[tokio::test]
async fn a_second_resource_on_one_server_does_not_take_the_firsts_slot() {
    let bench = bench(&[]);
    let made = create(&bench, &provider(&bench)).await;
    let snapshot = provider(&bench);
    let cx = bench.context();
    // State holds it, as a refresh shows.
    snapshot.read_many(&cx, vec![made.clone()]).await;
    let mut lower = replacing();
    lower.server_id = SERVER.to_lowercase();
    for arguments in [arguments(), replacing(), lower] {
        bench.requests();
        let error = create_with(&bench, &snapshot, arguments).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Refused);
        assert!(error.message.contains("another resource here"), "{error}");
        assert!(bench.requests().iter().all(|line| line.starts_with("GET")));
    }
    // Its own replacement deletes first, and then the slot is free.
    snapshot.delete(&cx, made).await.unwrap();
    assert_eq!(create_with(&bench, &snapshot, replacing()).await.unwrap().snapshot_id, "2");
}

#[tokio::test]
async fn a_refusal_at_the_queue_is_an_error_with_the_vendors_words() {
    let bench = bench(&[]);
    let snapshot = provider(&bench);
    let cx = bench.context();
    let intent = snapshot.prepare(&cx, &arguments()).await.unwrap();
    put_server(&bench, &SERVER.to_lowercase(), json!({ "missing": true }));
    let error = snapshot.create(&cx, arguments(), &intent).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Refused);
    assert!(error.message.contains(NOT_QUEUED.trim_end_matches('.')), "{error}");
}

#[tokio::test]
async fn a_job_that_fails_leaves_nothing() {
    let bench = bench(&[("jobs_fail", 1)]);
    let snapshot = provider(&bench);
    let error = create_with(&bench, &snapshot, arguments()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Refused);
    assert!(error.message.contains("wa1-12345"), "{error}");
}

#[tokio::test]
async fn a_list_that_lags_behind_its_job_is_waited_for() {
    let bench = bench(&[("list_lag_seconds", 120)]);
    let snapshot = provider(&bench);
    let object = create(&bench, &snapshot).await;
    assert_eq!(object.snapshot_id, "1");
    let cx = bench.context();
    assert_eq!(snapshot.delete(&cx, object.clone()).await.unwrap(), Deletion::Deleted);
    assert_eq!(snapshot.read(&cx, object).await.unwrap(), Reading::Gone);
}

#[tokio::test]
async fn a_job_that_takes_too_long_is_not_settled() {
    let bench = bench(&[("job_seconds", 7200)]);
    let snapshot = provider(&bench);
    let mut cx = bench.context();
    cx.timeouts.insert("create".to_owned(), Duration::from_secs(60));
    let intent = snapshot.prepare(&cx, &arguments()).await.unwrap();
    let error = snapshot.create(&cx, arguments(), &intent).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::OutcomeUnknown);
    assert!(error.message.contains("executing"), "{error}");
    let handle = Some(json!({ "status_id": "wa1-12345" }));
    let patient = {
        let mut cx = bench.context();
        cx.timeouts.insert("create".to_owned(), Duration::from_secs(10_000));
        cx
    };
    let recovery = snapshot.recover(&patient, arguments(), intent, handle).await.unwrap();
    assert!(matches!(recovery, Recovery::Found(_)), "{recovery:?}");
}

#[tokio::test]
async fn seed_000_an_expired_snapshot_is_told_from_one_that_was_removed() {
    let bench = bench(&[]);
    let snapshot = provider(&bench);
    let object = create(&bench, &snapshot).await;
    bench.pass(7 * 24 * 3600).await;
    let cx = bench.context();
    assert_eq!(snapshot.read(&cx, object.clone()).await.unwrap(), Reading::Expired);
    bench.requests();
    assert_eq!(snapshot.delete(&cx, object).await.unwrap(), Deletion::Deleted);
    assert!(!bench.requests().iter().any(|request| request.starts_with("DELETE")));
}

#[tokio::test]
async fn a_missing_list_is_not_an_empty_one() {
    let bench = bench(&[]);
    let snapshot = provider(&bench);
    let object = create(&bench, &snapshot).await;
    put_server(&bench, &SERVER.to_lowercase(), json!({ "status": "archived" }));
    let cx = bench.context();
    let reading = snapshot.read(&cx, object.clone()).await.unwrap();
    assert!(matches!(reading, Reading::NotVerifiable(kept, _) if kept == object));
    let error = snapshot.delete(&cx, object.clone()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Refused);
    put_server(&bench, &SERVER.to_lowercase(), json!({ "missing": true }));
    assert_eq!(snapshot.read(&cx, object).await.unwrap(), Reading::Gone);
}

#[tokio::test]
async fn objects_of_one_server_are_read_with_one_request() {
    let bench = bench(&[]);
    let snapshot = provider(&bench);
    let object = create(&bench, &snapshot).await;
    let other = Object { snapshot_id: "99".to_owned(), ..object.clone() };
    let lower = Object { server_id: SERVER.to_lowercase(), ..object.clone() };
    bench.requests();
    let cx = bench.context();
    let readings = snapshot.read_many(&cx, vec![object.clone(), other, lower.clone()]).await;
    assert_eq!(bench.requests(), ["GET /v2/servers/alias/wa1aliaswb01"]);
    let expected = [Reading::Present(object), Reading::Gone, Reading::Present(lower)];
    assert_eq!(readings.into_iter().map(Result::unwrap).collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn a_lost_create_is_found_and_made_once() {
    let bench = bench(&[]);
    let snapshot = provider(&bench);
    let intent = lose_a_create(&bench, &snapshot).await;
    let recovery = snapshot.recover(&bench.context(), arguments(), intent, None).await.unwrap();
    let Recovery::Found(object) = recovery else { panic!("{recovery:?}") };
    assert_eq!(object.id, "alias/wa1aliaswb01/1");
}

#[tokio::test]
async fn what_was_made_long_after_a_lost_create_is_not_adopted() {
    let bench = bench(&[]);
    let snapshot = provider(&bench);
    let cx = bench.context();
    let lost = snapshot.prepare(&cx, &arguments()).await.unwrap();
    bench.pass(48 * 3600).await;
    let intent = snapshot.prepare(&cx, &arguments()).await.unwrap();
    snapshot.create(&cx, arguments(), &intent).await.unwrap();
    let recovery = snapshot.recover(&cx, arguments(), lost, None).await.unwrap();
    assert!(matches!(recovery, Recovery::Uncertain(_)), "{recovery:?}");
}

#[tokio::test]
async fn a_create_that_never_arrived_is_absent() {
    let bench = bench(&[]);
    let snapshot = provider(&bench);
    let cx = bench.context();
    let intent = snapshot.prepare(&cx, &arguments()).await.unwrap();
    let recovery = snapshot.recover(&cx, arguments(), intent, None).await.unwrap();
    assert_eq!(recovery, Recovery::Absent);
}

#[tokio::test]
async fn a_lost_create_on_a_server_that_tells_nothing_is_uncertain() {
    let bench = bench(&[]);
    let snapshot = provider(&bench);
    let intent = lose_a_create(&bench, &snapshot).await;
    put_server(&bench, &SERVER.to_lowercase(), json!({ "status": "archived" }));
    let recovery = snapshot.recover(&bench.context(), arguments(), intent, None).await.unwrap();
    assert!(matches!(recovery, Recovery::Uncertain(_)), "{recovery:?}");
}

#[tokio::test]
async fn a_queued_create_is_recovered_by_its_job() {
    let bench = bench(&[]);
    let snapshot = provider(&bench);
    let intent = lose_a_create(&bench, &snapshot).await;
    for (job, found) in [("wa1-12345", true), ("wa1-1", true)] {
        let handle = Some(json!({ "status_id": job }));
        let recovery =
            snapshot.recover(&bench.context(), arguments(), intent.clone(), handle).await.unwrap();
        assert_eq!(matches!(recovery, Recovery::Found(_)), found, "{recovery:?}");
    }
    let failing = self::bench(&[("jobs_fail", 1)]);
    let snapshot = provider(&failing);
    let intent = lose_a_create(&failing, &snapshot).await;
    let handle = Some(json!({ "status_id": "wa1-12345" }));
    let recovery = snapshot.recover(&failing.context(), arguments(), intent, handle).await.unwrap();
    assert_eq!(recovery, Recovery::Absent);
}

#[tokio::test]
async fn wrong_credentials_stop_at_once() {
    let bench = bench(&[]);
    let snapshot = provider_with(&bench, &[("password", "wrong-password")]);
    let error = create_with(&bench, &snapshot, arguments()).await.unwrap_err();
    assert_eq!((error.kind, error.status), (ErrorKind::Credentials, Some(400)));
    assert!(!error.to_string().contains("wrong-password"));
    assert_eq!(bench.requests(), ["POST /v2/authentication/login"]);
    let tokens = [("bearer_token", "stale"), ("username", ""), ("password", "")];
    let settings = bench.settings(&[&tokens[..], &[("account_alias", ALIAS)]].concat());
    let without: Vec<_> = settings
        .entries()
        .unwrap()
        .iter()
        .filter(|(_, value)| value.as_str() != Some(""))
        .cloned()
        .collect();
    let cloud = settings::cloud(&Value::object(without), &bench.configure_context()).ok().unwrap();
    let error = create_with(&bench, &Snapshot::new(cloud), arguments()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Credentials);
    assert_eq!(bench.requests().len(), 1);
}

#[tokio::test]
async fn a_token_that_ends_is_fetched_anew() {
    let bench = bench(&[("token_seconds", 3600)]);
    let snapshot = provider(&bench);
    let object = create(&bench, &snapshot).await;
    bench.pass(7200).await;
    bench.requests();
    snapshot.read(&bench.context(), object).await.unwrap();
    let server = "GET /v2/servers/alias/WA1ALIASWB01";
    assert_eq!(bench.requests(), [server, "POST /v2/authentication/login", server]);
}

#[test]
fn settings_problems_come_all_at_once() {
    let bench = bench(&[]);
    let problems =
        |value: &Value| settings::cloud(value, &bench.configure_context()).err().unwrap();
    let nothing = problems(&Value::object(Vec::<(&str, Value)>::new()));
    let missing: Vec<_> =
        nothing.iter().filter_map(|problem| problem.path.root_attribute()).collect();
    assert_eq!(missing, ["username", "password"]);
    let both = problems(&bench.settings(&[("bearer_token", "t")]));
    let kinds: Vec<_> = both.iter().map(|problem| problem.kind).collect();
    assert_eq!(kinds, [ProblemKind::Combination, ProblemKind::Missing]);
}

#[test]
fn seed_000_the_documented_rules_are_checked_without_a_network() {
    let schema = Snapshot::schema();
    let problems = |name: &'static str, value: Value| {
        let problems = schema.check_rules(&Value::object([(name, value)]));
        problems.iter().filter(|problem| problem.kind == ProblemKind::Rule).count()
    };
    for (days, expected) in [(0, 1), (1, 0), (10, 0), (11, 1)] {
        assert_eq!(problems("expiration_days", Value::from(days)), expected, "{days}");
    }
    for (id, expected) in [("", 1), ("a/b", 1), ("a b", 1), ("a?b", 1), (SERVER, 0)] {
        assert_eq!(problems("server_id", Value::string(id)), expected, "{id}");
    }
    let attribute = schema.attribute("server_id").unwrap();
    assert!(attribute.same(&Value::string("wa1aliaswb01"), &Value::string(SERVER)));
    assert!(!attribute.same(&Value::string("wa1aliaswb02"), &Value::string(SERVER)));
}
