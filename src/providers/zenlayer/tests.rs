//! The provider in front of its own emulator, and the emulator in front of raw requests.

use std::time::Duration;

use serde_json::json;

use crate::providers::bench::{Bench, Loss, Setup, text};
use crate::schema::{OnChange, ProblemKind};
use crate::sdk::emulator::LedgerOperation;
use crate::sdk::http::{Method, Request, Response};
use crate::sdk::{
    ConfigureContext, Created, Deletion, Environment, ErrorKind, Provider as _, Reading, Recovery,
};
use crate::value::{Type, Value};
use crate::world::Timestamp;

use super::PROVIDER;
use super::signing::Signed;

mod data;
mod import;
mod recovery;
mod seed;

const TYPE: &str = "zenlayer_disk_snapshot";
const DISK: &str = "1700000000000000042";

fn operation(request: &Request) -> String {
    request.header_value("x-zc-action").unwrap_or_default().to_owned()
}

fn bench_with(setup: Setup<'_>) -> Bench {
    Bench::new(&PROVIDER, TYPE, operation, setup)
}

fn bench() -> Bench {
    bench_with(Setup::default())
}

fn arguments(name: &str) -> Vec<(&'static str, Value)> {
    vec![("disk_id", DISK.into()), ("name", name.into())]
}

#[tokio::test]
async fn create_read_update_delete() {
    let bench = bench();
    let planned = bench.planned(&[
        ("disk_id", DISK.into()),
        ("name", "db-1".into()),
        ("retention_time", "2026-12-24T00:00:00Z".into()),
    ]);
    let created = bench.create(&planned).await;
    assert_eq!(text(&created, "status"), "AVAILABLE");
    assert_eq!(text(&created, "expires_at"), "2026-12-24T00:00:00Z");
    assert_eq!(text(&created, "resource_group_id"), "rg-emulator");
    assert_eq!(bench.accepted(), [json!({ "snapshot_id": text(&created, "id") })]);
    assert!(bench.progress().contains(&"creating".to_owned()));
    assert_eq!(bench.read(&created).await, Reading::Present(created.clone()));
    bench.sent();

    let renamed = bench.update(&created, &bench.planned(&arguments("db-2"))).await;
    assert_eq!(bench.sent(), ["ModifySnapshotsAttribute", "DescribeSnapshots"]);
    assert_eq!(text(&renamed, "name"), "db-2");
    assert!(renamed.attribute("retention_time").unwrap().is_null());
    assert!(renamed.attribute("expires_at").unwrap().is_null());

    assert_eq!(bench.try_delete(&renamed).await.unwrap(), Deletion::Deleted);
    assert_eq!(bench.read(&renamed).await, Reading::Gone);
    assert_eq!(bench.try_delete(&renamed).await.unwrap(), Deletion::Deleted);
    assert_eq!(bench.ledger(LedgerOperation::Create).len(), 1);
    assert_eq!(bench.ledger(LedgerOperation::Delete).len(), 1);
}

#[tokio::test]
async fn an_update_sends_only_what_changed() {
    let bench = bench();
    let created = bench.create(&bench.planned(&arguments("db-1"))).await;
    let mut kept = arguments("db-1");
    kept.push(("retention_time", "2027-01-01T00:00:00Z".into()));
    let retained = bench.update(&created, &bench.planned(&kept)).await;
    assert_eq!(text(&retained, "expires_at"), "2027-01-01T00:00:00Z");
    bench.sent();
    bench.update(&retained, &bench.planned(&kept)).await;
    assert_eq!(bench.sent(), ["DescribeSnapshots"]);
}

#[tokio::test]
async fn a_failed_snapshot_is_tainted() {
    let bench = bench_with(Setup { knobs: &[("creation_fails", 1)], ..Setup::default() });
    let Ok(Created::Tainted(object, error)) =
        bench.try_create(&bench.planned(&arguments("db-1"))).await
    else {
        panic!("it must be tainted");
    };
    assert_eq!(text(&object, "status"), "FAILED");
    assert_eq!(error.kind, ErrorKind::Failed);
    assert_eq!(bench.try_delete(&object).await.unwrap(), Deletion::Deleted);
}

#[tokio::test]
async fn a_create_that_was_executed_is_found_again() {
    let bench = bench();
    bench.create(&bench.planned(&arguments("db-1"))).await;
    let planned = bench.planned(&arguments("db-1"));
    let intent = bench.prepare(&planned).await;
    bench.lose("CreateSnapshot", Loss::Answer);
    let error = bench.resource.create(&bench.context(), &planned, &intent).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::OutcomeUnknown);
    let fresh = bench.context();
    let recovery = bench.resource.recover(&fresh, &planned, &intent, None).await.unwrap();
    let Recovery::Found(object) = recovery else { panic!("{recovery:?}") };
    assert_eq!(text(&object, "id"), bench.ledger(LedgerOperation::Create)[1].id);
    assert_eq!(text(&object, "status"), "AVAILABLE");
    assert_eq!(bench.ledger(LedgerOperation::Create).len(), 2);
}

#[tokio::test]
async fn a_lost_create_that_failed_is_not_taken_for_a_good_one() {
    let bench = bench_with(Setup { knobs: &[("creation_fails", 1)], ..Setup::default() });
    let planned = bench.planned(&arguments("db-1"));
    let intent = bench.prepare(&planned).await;
    bench.lose("CreateSnapshot", Loss::Answer);
    bench.resource.create(&bench.context(), &planned, &intent).await.unwrap_err();
    let recovery = bench.recover(&planned, &intent).await;
    let Recovery::Tainted(object, _) = recovery else { panic!("{recovery:?}") };
    assert_eq!(text(&object, "status"), "FAILED");
}

#[tokio::test]
async fn a_create_that_never_arrived_is_absent() {
    let bench = bench();
    let planned = bench.planned(&arguments("db-1"));
    let intent = bench.prepare(&planned).await;
    bench.lose("CreateSnapshot", Loss::Request);
    let error = bench.resource.create(&bench.context(), &planned, &intent).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::OutcomeUnknown);
    bench.sent();
    assert_eq!(bench.recover(&planned, &intent).await, Recovery::Absent);
    assert_eq!(bench.sent().len(), 2, "it looks again after the time reads may lag");
}

#[tokio::test]
async fn several_candidates_are_uncertain() {
    let bench = bench();
    let planned = bench.planned(&arguments("db-1"));
    let intent = bench.prepare(&planned).await;
    bench.create(&planned).await;
    bench.create(&planned).await;
    let cx = bench.context();
    let recovery = bench.resource.recover(&cx, &planned, &intent, None).await.unwrap();
    let Recovery::Uncertain(reason) = recovery else { panic!("{recovery:?}") };
    assert!(reason.contains("1900000000000000001"), "{reason}");
}

#[tokio::test]
async fn a_run_that_died_while_waiting_goes_on_by_id() {
    let bench = bench_with(Setup {
        knobs: &[("creation_seconds", 600), ("visibility_seconds", 10)],
        ..Setup::default()
    });
    let mut arguments = arguments("db-1");
    arguments.push(("timeouts", Value::object([("create", Value::from("1m"))])));
    let planned = bench.planned(&arguments);
    let intent = bench.prepare(&planned).await;
    let error = bench.resource.create(&bench.context(), &planned, &intent).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::OutcomeUnknown, "the order stands");
    assert!(error.message.contains("60 seconds"), "{error}");
    bench.wait(Duration::from_mins(20)).await;
    let Recovery::Found(object) = bench.recover(&planned, &intent).await else { panic!() };
    assert_eq!(text(&object, "status"), "AVAILABLE");
    assert_eq!(bench.ledger(LedgerOperation::Create).len(), 1);
}

#[tokio::test]
async fn expired_is_not_gone() {
    let bench = bench();
    let mut with_end = arguments("db-1");
    with_end.push(("retention_time", "2026-11-22T00:00:00Z".into()));
    let ending = bench.create(&bench.planned(&with_end)).await;
    bench.wait(Duration::from_hours(48)).await;
    assert_eq!(bench.read(&ending).await, Reading::Expired);
    assert_eq!(bench.ledger(LedgerOperation::Expire).len(), 1);
}

#[tokio::test]
async fn reads_come_a_hundred_at_a_time() {
    let bench = bench_with(Setup { knobs: &[("creation_seconds", 0)], ..Setup::default() });
    let mut objects = Vec::new();
    for index in 0..300 {
        objects.push(bench.create(&bench.planned(&arguments(&format!("db-{index}")))).await);
    }
    let missing = bench.imported("1900000000000009999");
    objects[120] = missing;
    bench.sent();
    let readings = bench.resource.read_many(&bench.context(), &objects).await;
    assert_eq!(bench.sent(), ["DescribeSnapshots"; 3]);
    assert_eq!(readings.len(), 300);
    for (index, reading) in readings.into_iter().enumerate() {
        let expected =
            if index == 120 { Reading::Gone } else { Reading::Present(objects[index].clone()) };
        assert_eq!(reading.unwrap(), expected);
    }
}

#[tokio::test]
async fn a_busy_disk_is_waited_for_and_an_unfit_one_is_not() {
    let bench = bench();
    let (first, second) = (bench.planned(&arguments("db-1")), bench.planned(&arguments("db-2")));
    let (first, second) = tokio::join!(bench.create(&first), bench.create(&second));
    assert_ne!(text(&first, "id"), text(&second, "id"));
    bench.put("disks", DISK, &json!({ "status": "RECYCLED" }));
    let error = bench.try_create(&bench.planned(&arguments("db-3"))).await.unwrap_err();
    assert_eq!(error.code.as_deref(), Some("UNSUPPORTED_OPERATION_DISK_STATUS"));
    assert!(error.message.contains("RECYCLED"), "{error}");
    bench.put("disks", DISK, &json!({ "snapshot_ability": false }));
    let error = bench.try_create(&bench.planned(&arguments("db-3"))).await.unwrap_err();
    assert!(error.message.contains("snapshotAbility"), "{error}");
    bench.put("disks", DISK, &json!({ "missing": true }));
    let error = bench.try_create(&bench.planned(&arguments("db-3"))).await.unwrap_err();
    assert_eq!(error.code.as_deref(), Some("INVALID_DISK_NOT_FOUND"));
    assert_eq!(error.attribute.as_deref(), Some("disk_id"));
    assert!(error.request_id.is_some());
}

#[tokio::test]
async fn a_quota_is_an_error_of_its_own() {
    let bench = bench_with(Setup { knobs: &[("snapshots_per_disk", 1)], ..Setup::default() });
    bench.create(&bench.planned(&arguments("db-1"))).await;
    let error = bench.try_create(&bench.planned(&arguments("db-2"))).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Quota);
    assert_eq!(error.code.as_deref(), Some("INVALID_SNAPSHOT_QUOTA_EXCEED"));
}

#[tokio::test]
async fn an_id_inside_a_200_is_a_failed_delete() {
    let bench = bench();
    let created = bench.create(&bench.planned(&arguments("db-1"))).await;
    bench.edit("snapshots", &text(&created, "id"), "undeletable", json!(true));
    let error = bench.try_delete(&created).await.unwrap_err();
    assert_eq!((error.kind, error.status), (ErrorKind::Refused, Some(200)));
}

#[tokio::test]
async fn a_delete_waits_out_the_creation() {
    let bench = bench();
    let planned = bench.planned(&arguments("db-1"));
    let mut short = arguments("db-1");
    short.push(("timeouts", Value::object([("create", Value::from("1s"))])));
    bench.try_create(&bench.planned(&short)).await.unwrap_err();
    let id = bench.accepted()[0]["snapshot_id"].as_str().unwrap().to_owned();
    let object = bench.imported(&id);
    assert_eq!(bench.try_delete(&object).await.unwrap(), Deletion::Deleted);
    assert!(bench.progress().iter().any(|text| text.contains("CREATING")));
    bench.create(&planned).await;
}

#[tokio::test]
async fn wrong_credentials_and_tokens() {
    for (settings, code) in [
        (("access_key_id", Some("AKother")), "AUTHFAILURE_INVALID_AUTHORIZATION"),
        (("access_key_password", Some("hunter2-wrong")), "AUTHFAILURE_SIGNATURE_FAILURE"),
    ] {
        let bench = bench_with(Setup { settings: &[settings], ..Setup::default() });
        let error = bench.try_create(&bench.planned(&arguments("db-1"))).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Credentials);
        assert_eq!(error.code.as_deref(), Some(code));
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
    let bench = bench_with(Setup {
        settings: &[
            ("access_key_id", None),
            ("access_key_password", None),
            ("token", Some("zenlayer-emulator-token")),
        ],
        ..Setup::default()
    });
    bench.create(&bench.planned(&arguments("db-1"))).await;
}

/// A request as a client of the vendor's sends it.
fn raw(bench: &Bench, action: &str, body: &str) -> Response {
    raw_at(bench, action, body, bench.now())
}

fn raw_at(bench: &Bench, action: &str, body: &str, time: Timestamp) -> Response {
    let timestamp = time.epoch_seconds().to_string();
    let signed = Signed {
        content_type: "application/json",
        host: "console.zenlayer.com",
        timestamp: &timestamp,
        body: body.as_bytes(),
    };
    let authorization = signed.authorization("AKemulator", "zenlayer-emulator-password");
    let request = Request::new(Method::Post, "http://zenlayer.emulator/api/v2/zec")
        .unwrap()
        .header("host", "console.zenlayer.com")
        .header("content-type", "application/json")
        .header("x-zc-action", action)
        .header("x-zc-version", "2025-09-01")
        .header("x-zc-timestamp", timestamp.clone())
        .header("x-zc-signature-method", "ZC2-HMAC-SHA256")
        .header("authorization", authorization)
        .body(body);
    bench.answer(&request)
}

fn json_of(response: &Response) -> serde_json::Value {
    serde_json::from_slice(&response.body).unwrap()
}

#[tokio::test]
async fn seed_001_the_sample_request_is_refused_only_for_its_age() {
    let bench = bench();
    let sample = "{\n  \"diskId\": \"diskId1\",\n  \"snapshotName\": \"xxx\",\n  \
                  \"retentionTime\": \"2025-07-16T01:26:39Z\"\n}";
    let refused = raw(&bench, "CreateSnapshot", sample);
    assert_eq!(refused.status, 400);
    let refused = json_of(&refused);
    assert_eq!(refused["code"], "INVALID_SNAPSHOT_RETENTION_TIME");
    assert!(refused["requestId"].is_string() && refused["message"].is_string());
    let later = sample.replace("2025", "2027");
    let created = json_of(&raw(&bench, "CreateSnapshot", &later));
    assert_eq!(created["requestId"], created["response"]["requestId"]);
    assert!(created["response"]["snapshotId"].is_string());
    assert_eq!(created.as_object().unwrap().len(), 2);
}

#[tokio::test]
async fn raw_requests_may_write_numbers_as_texts_and_bodies_with_blanks() {
    let bench = bench();
    let order = r#"{"diskId": "d-1", "snapshotName": "a\u00fc", "retentionTime": null}"#;
    assert_eq!(raw(&bench, "CreateSnapshot", order).status, 200);
    let listed = raw(&bench, "DescribeSnapshots", r#"{"pageNum": "1", "pageSize": "5"}"#);
    let listed = json_of(&listed);
    assert_eq!(listed["response"]["totalCount"], 1);
    assert_eq!(listed["response"]["dataSet"][0]["snapshotName"], "aü");
    assert_eq!(listed["response"]["dataSet"][0]["status"], "CREATING");
    let disks = json_of(&raw(&bench, "DescribeDisks", r#"{"diskIds": ["d-1"]}"#));
    assert_eq!(disks["response"]["dataSet"][0]["diskStatus"], "SNAPSHOT_CREATING");
    let everything = json_of(&raw(&bench, "DescribeSnapshots", ""));
    assert_eq!(everything["response"]["totalCount"], 1);
    let many: Vec<_> = (0..101).map(|id| id.to_string()).collect();
    let refused = raw(&bench, "DeleteSnapshots", &json!({ "snapshotIds": many }).to_string());
    assert_eq!(json_of(&refused)["code"], "INVALID_PARAMETER_EXCEED_MAXIMUM");
    let unknown = raw(&bench, "DeleteSnapshots", r#"{"snapshotIds": ["1"]}"#);
    assert_eq!(
        (unknown.status, json_of(&unknown)["code"].clone()),
        (404, json!("INVALID_DISK_SNAPSHOT_NOT_FOUND"))
    );
    let missing = raw(&bench, "CreateSnapshot", "{}");
    assert_eq!(json_of(&missing)["code"], "MISSING_PARAMETER");
}

#[tokio::test]
async fn an_old_signature_is_refused_and_a_repeated_one_is_not() {
    let bench = bench();
    let old = bench.now().saturating_sub(Duration::from_secs(301));
    let refused = raw_at(&bench, "DescribeSnapshots", "{}", old);
    assert_eq!(
        (refused.status, json_of(&refused)["code"].clone()),
        (401, json!("AUTHFAILURE_SIGNATURE_EXPIRED"))
    );
    assert_eq!(raw(&bench, "DescribeSnapshots", "{}").status, 200);
    assert_eq!(raw(&bench, "DescribeSnapshots", "{}").status, 200);
}

#[tokio::test]
async fn rolling_back_takes_a_ready_snapshot() {
    let bench = bench();
    let created = bench.create(&bench.planned(&arguments("db-1"))).await;
    let id = text(&created, "id");
    let body = json!({ "snapshotId": id, "diskId": DISK }).to_string();
    assert_eq!(raw(&bench, "ApplySnapshot", &body).status, 200);
    let again = raw(&bench, "ApplySnapshot", &body);
    assert_eq!(json_of(&again)["code"], "OPERATION_DENIED_DISK_SNAPSHOT_STATUS");
}

fn configure(settings: &[(&'static str, &str)], environment: &[(&str, &str)]) -> Vec<String> {
    let bench = bench();
    let cx = ConfigureContext {
        world: bench.world.clone(),
        transport: bench.wire.clone(),
        environment: environment
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect::<Environment>(),
        keys: std::sync::Arc::default(),
    };
    let settings = settings.iter().map(|(name, value)| (*name, Value::string(value)));
    match PROVIDER.configure(&Value::object(settings.collect::<Vec<_>>()), &cx) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.into_iter().map(|problem| problem.message).collect(),
    }
}

#[test]
fn settings_come_from_the_block_or_the_environment_and_all_problems_at_once() {
    let pair = [
        ("ZENLAYERCLOUD_ACCESS_KEY_ID", "a"),
        ("ZENLAYERCLOUD_ACCESS_KEY_PASSWORD", "b"),
        ("ZENLAYERCLOUD_DOMAIN", "console.example.test"),
    ];
    assert!(configure(&[], &pair).is_empty());
    assert!(configure(&[("token", "t")], &pair).is_empty());
    assert_eq!(configure(&[("token", "t"), ("access_key_id", "a")], &[]).len(), 1);
    let problems = configure(&[("endpoint", "http://console.example.test")], &[]);
    assert_eq!(problems.len(), 3, "{problems:?}");
    let plain = [pair[0], pair[1], pair[2], ("ZENLAYERCLOUD_SCHEME", "HTTP")];
    assert_eq!(configure(&[], &plain).len(), 1, "credentials must not travel in the clear");
}

fn problems(arguments: &[(&'static str, Value)]) -> Vec<(ProblemKind, String)> {
    let bench = bench();
    let spec = PROVIDER.resources().remove(0);
    let value = bench.planned(arguments);
    let mut problems = spec.schema.check_rules(&value);
    problems.extend((spec.validate)(&value, bench.now()));
    problems.into_iter().map(|problem| (problem.kind, problem.message)).collect()
}

#[test]
fn rules_of_single_arguments() {
    assert_eq!(problems(&arguments("db-1")), []);
    for name in ["x", "-a", "a-", "a b", "é1", &"a".repeat(64)] {
        assert_eq!(problems(&arguments(name)).len(), 1, "{name}");
    }
    for time in ["2027-01-01", "2027-01-01T00:00:00+08:00", "2027-02-30T00:00:00Z", "soon"] {
        let mut arguments = arguments("db-1");
        arguments.push(("retention_time", time.into()));
        let found = problems(&arguments);
        assert_eq!(found[0].0, ProblemKind::Rule, "{time}: {found:?}");
    }
    let unknown = [("disk_id", Value::unknown(Type::String)), ("name", "db-1".into())];
    assert_eq!(problems(&unknown), []);
    let strange = [("disk_id", "diskId1".into()), ("name", "xxx".into())];
    assert_eq!(problems(&strange)[0].0, ProblemKind::Advice);
}

#[test]
fn seed_001_the_24_hours_bind_only_what_is_set_or_changed() {
    let bench = bench();
    let spec = PROVIDER.resources().remove(0);
    let with_end = |end: &str| {
        let mut arguments = arguments("db-1");
        arguments.push(("retention_time", end.into()));
        bench.planned(&arguments)
    };
    let check = |prior: Option<&Value>, planned: &Value| {
        (spec.validate_change)(prior, planned, bench.now()).len()
    };
    let (near, far) = (with_end("2026-11-21T11:59:59Z"), with_end("2026-11-21T12:00:00Z"));
    assert_eq!(check(None, &near), 1);
    assert_eq!(check(None, &far), 0);
    assert_eq!(check(Some(&far), &near), 1);
    assert_eq!(check(Some(&near), &near), 0);
    assert_eq!(check(Some(&near), &bench.planned(&arguments("db-1"))), 0);
    let warned = (spec.validate)(&far, bench.now());
    assert_eq!(warned[0].kind, ProblemKind::Advice);
    assert_eq!((spec.validate)(&with_end("2026-11-21T12:15:00Z"), bench.now()), []);
}

#[tokio::test]
async fn the_24_hours_are_checked_again_before_a_create() {
    let bench = bench();
    let mut arguments = arguments("db-1");
    arguments.push(("retention_time", "2026-11-21T00:00:00Z".into()));
    let error = bench.try_create(&bench.planned(&arguments)).await.unwrap_err();
    assert_eq!(error.attribute.as_deref(), Some("retention_time"));
    assert!(bench.sent().is_empty());
}

#[test]
fn the_end_is_known_as_soon_as_the_argument_is() {
    let bench = bench();
    let spec = PROVIDER.resources().remove(0);
    let mut arguments = arguments("db-1");
    arguments.push(("retention_time", "2027-01-01T00:00:00Z".into()));
    let planned = (spec.plan)(None, bench.planned(&arguments));
    assert_eq!(text(&planned, "expires_at"), "2027-01-01T00:00:00Z");
    let disk = spec.schema.attribute("disk_id").unwrap();
    assert_eq!(disk.on_change, OnChange::Replace);
}
