//! The provider in front of its own emulator.

use std::time::Duration;

use serde_json::json;

use crate::providers::bench::{Bench, Loss, Setup, text};
use crate::schema::{OnChange, ProblemKind};
use crate::sdk::emulator::LedgerOperation;
use crate::sdk::http::Request;
use crate::sdk::{
    ConfigureContext, Created, Deletion, Environment, ErrorKind, Provider as _, Reading, Recovery,
};
use crate::value::{Key, Type, Value};

use super::PROVIDER;

mod data;
mod profile;
mod seed;
mod servers;

const TYPE: &str = "apsara_ecs_snapshot";
const DISK: &str = "d-test000000000001";

pub(super) fn operation(request: &Request) -> String {
    let path = request.path().strip_prefix("/apsara/route/Ecs/").map(str::to_owned);
    let header = || request.header_value("x-acs-action").map(str::to_owned);
    path.or_else(header).or_else(|| request.query_value("Action")).unwrap_or_default()
}

pub(super) fn bench_with(setup: Setup<'_>) -> Bench {
    Bench::new(&PROVIDER, TYPE, operation, setup)
}

fn bench() -> Bench {
    bench_with(Setup::default())
}

fn knobs<'a>(knobs: &'a [(&'a str, u64)]) -> Bench {
    bench_with(Setup { knobs, ..Setup::default() })
}

fn arguments(name: &str) -> Vec<(&'static str, Value)> {
    vec![("disk_id", DISK.into()), ("name", name.into())]
}

fn tags(tags: &[(&str, &str)]) -> Value {
    let entries = tags.iter().map(|(key, value)| (Key::from(*key), Value::from(*value)));
    Value::map(Type::String, entries)
}

fn full() -> Vec<(&'static str, Value)> {
    let mut arguments = arguments("db-1");
    arguments.extend([
        ("description", "first".into()),
        ("category", Value::from("Standard")),
        ("retention_days", Value::from(30)),
        ("tags", tags(&[("env", "test"), ("empty", "")])),
    ]);
    arguments
}

#[tokio::test]
async fn create_read_update_delete_in_every_dialect() {
    for mode in ["apigw", "acs3", "rpc"] {
        let settings = [
            ("auth_mode", Some(mode)),
            ("stage", Some("RELEASE")),
            ("user_email", Some("ops@example.test")),
            ("api_version", Some("2016-01-01")),
            ("organization_id", Some("37")),
            ("resource_group_id", Some("8")),
        ];
        let bench = bench_with(Setup { settings: &settings, ..Setup::default() });
        let created = bench.create(&bench.planned(&full())).await;
        assert_eq!(text(&created, "status"), "accomplished", "{mode}");
        assert_eq!(text(&created, "expires_at"), "2026-12-20T12:00:00Z");
        assert_eq!(created.attribute("tags"), Some(&tags(&[("env", "test"), ("empty", "")])));
        assert_eq!(created.attribute("source_disk_size"), Some(&Value::from(40)));
        assert_eq!(bench.accepted(), [json!({ "snapshot_id": text(&created, "id") })]);
        let progress = bench.progress();
        assert!(progress.iter().any(|text| text.starts_with("creating, ")), "{progress:?}");
        assert_eq!(bench.read(&created).await, Reading::Present(created.clone()));
        let entry = bench.ledger(LedgerOperation::Create).remove(0);
        assert_eq!(entry.client_token.unwrap(), text(&created, "client_token"));
        bench.sent();

        let mut changed = arguments("夜间-2");
        changed.push(("retention_days", Value::from(30)));
        changed.push(("tags", tags(&[("env", "a b*~/ü&=+"), ("new", "x")])));
        let updated = bench.update(&created, &bench.planned(&changed)).await;
        assert_eq!(
            bench.sent(),
            ["ModifySnapshotAttribute", "UntagResources", "TagResources", "DescribeSnapshots"]
        );
        assert_eq!(text(&updated, "name"), "夜间-2");
        assert!(updated.attribute("description").unwrap().is_null());
        assert_eq!(updated.attribute("tags"), Some(&tags(&[("env", "a b*~/ü&=+"), ("new", "x")])));
        assert_eq!(text(&updated, "client_token"), text(&created, "client_token"));

        assert_eq!(bench.try_delete(&updated).await.unwrap(), Deletion::Deleted);
        assert_eq!(bench.read(&updated).await, Reading::Gone);
        assert_eq!(bench.try_delete(&updated).await.unwrap(), Deletion::Deleted);
        assert_eq!(bench.ledger(LedgerOperation::Delete).len(), 1);
    }
}

#[tokio::test]
async fn least_arguments_and_an_update_that_changes_nothing() {
    let bench = bench();
    let created = bench.create(&bench.planned(&[("disk_id", DISK.into())])).await;
    assert_eq!(text(&created, "name"), "sp-1");
    assert_eq!(text(&created, "category"), "Standard");
    for name in ["description", "retention_days", "tags", "expires_at"] {
        assert!(created.attribute(name).unwrap().is_null(), "{name}");
    }
    bench.sent();
    let again = bench.update(&created, &bench.planned(&[("disk_id", DISK.into())])).await;
    assert_eq!(bench.sent(), ["DescribeSnapshots"]);
    assert_eq!(again, created);
}

#[tokio::test]
async fn empty_and_absent_are_written_as_the_configuration_writes_them() {
    let bench = bench();
    let mut arguments = arguments("db-1");
    arguments.extend([("description", "".into()), ("tags", tags(&[]))]);
    let created = bench.create(&bench.planned(&arguments)).await;
    assert_eq!(created.attribute("description"), Some(&Value::from("")));
    assert_eq!(created.attribute("tags"), Some(&tags(&[])));
    assert_eq!(bench.read(&created).await, Reading::Present(created));
}

#[tokio::test]
async fn seed_003_an_answer_without_an_id_leads_to_the_marker() {
    let bench = knobs(&[("answer_without_id", 1), ("visibility_seconds", 8)]);
    let created = bench.create(&bench.planned(&full())).await;
    assert_eq!(text(&created, "id"), bench.ledger(LedgerOperation::Create)[0].id);
    assert_eq!(created.attribute("tags"), Some(&tags(&[("env", "test"), ("empty", "")])));
    assert_eq!(bench.ledger(LedgerOperation::Create).len(), 1);
    let orders = bench.sent().into_iter().filter(|sent| sent == "CreateSnapshot").count();
    assert_eq!(orders, 1, "the search comes before a repetition");
}

#[tokio::test]
async fn an_answer_without_an_id_repeats_the_same_token_once() {
    let bench = knobs(&[("answer_without_id", 1), ("visibility_seconds", 45)]);
    let created = bench.create(&bench.planned(&arguments("db-1"))).await;
    assert_eq!(text(&created, "status"), "accomplished");
    let orders = bench.sent().into_iter().filter(|sent| sent == "CreateSnapshot").count();
    assert_eq!(orders, 2);
    assert_eq!(bench.ledger(LedgerOperation::Create).len(), 1, "the token made it one snapshot");
}

#[tokio::test]
async fn an_answer_without_an_id_or_tags_is_found_by_what_is_new() {
    let bench = knobs(&[("answer_without_id", 1), ("tags_ignored", 1)]);
    let first = bench.create(&bench.planned(&arguments("db-1"))).await;
    let second = bench.create(&bench.planned(&arguments("db-1"))).await;
    assert_ne!(text(&first, "id"), text(&second, "id"));
}

#[tokio::test]
async fn a_failed_snapshot_is_tainted() {
    let bench = knobs(&[("creation_fails", 1)]);
    let created = bench.try_create(&bench.planned(&arguments("db-1"))).await.unwrap();
    let Created::Tainted(object, error) = created else { panic!("it must be tainted") };
    assert_eq!((text(&object, "status"), error.kind), ("failed".to_owned(), ErrorKind::Failed));
    assert_eq!(bench.try_delete(&object).await.unwrap(), Deletion::Deleted);
}

#[tokio::test]
async fn a_create_that_was_executed_is_found_by_its_marker() {
    let bench = bench();
    bench.create(&bench.planned(&arguments("db-1"))).await;
    let planned = bench.planned(&arguments("db-1"));
    let intent = bench.prepare(&planned).await;
    bench.lose("CreateSnapshot", Loss::Answer);
    let error = bench.resource.create(&bench.context(), &planned, &intent).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::OutcomeUnknown);
    bench.wait(Duration::from_mins(2)).await;
    // Somebody makes another one of the same name meanwhile.
    bench.create(&planned).await;
    let cx = bench.context();
    let recovery = bench.resource.recover(&cx, &planned, &intent, None).await.unwrap();
    let Recovery::Found(object) = recovery else { panic!("{recovery:?}") };
    assert_eq!(text(&object, "id"), bench.ledger(LedgerOperation::Create)[1].id);
    assert_eq!(text(&object, "status"), "accomplished");
    assert_eq!(object.attribute("tags"), Some(&Value::null(Type::map(Type::String))));
    assert_eq!(bench.ledger(LedgerOperation::Create).len(), 3);
}

#[tokio::test]
async fn a_lost_create_that_failed_is_not_taken_for_a_good_one() {
    let bench = knobs(&[("creation_fails", 1)]);
    let planned = bench.planned(&arguments("db-1"));
    let intent = bench.prepare(&planned).await;
    bench.lose("CreateSnapshot", Loss::Answer);
    bench.resource.create(&bench.context(), &planned, &intent).await.unwrap_err();
    let recovery = bench.recover(&planned, &intent).await;
    let Recovery::Tainted(object, _) = recovery else { panic!("{recovery:?}") };
    assert_eq!(text(&object, "status"), "failed");
}

#[tokio::test]
async fn a_create_that_never_arrived_is_absent() {
    let bench = bench();
    let planned = bench.planned(&arguments("db-1"));
    let intent = bench.prepare(&planned).await;
    bench.lose("CreateSnapshot", Loss::Request);
    bench.resource.create(&bench.context(), &planned, &intent).await.unwrap_err();
    bench.sent();
    assert_eq!(bench.recover(&planned, &intent).await, Recovery::Absent);
    assert_eq!(bench.sent(), ["DescribeSnapshots"; 2]);
}

#[tokio::test]
async fn a_snapshot_that_may_be_somebody_elses_is_uncertain() {
    let bench = knobs(&[("tags_ignored", 1)]);
    let planned = bench.planned(&arguments("db-1"));
    let intent = bench.prepare(&planned).await;
    bench.lose("CreateSnapshot", Loss::Answer);
    bench.resource.create(&bench.context(), &planned, &intent).await.unwrap_err();
    let recovery = bench.recover(&planned, &intent).await;
    let Recovery::Uncertain(reason) = recovery else { panic!("{recovery:?}") };
    assert!(reason.contains("marker"), "{reason}");
}

#[tokio::test]
async fn without_a_marker_the_only_new_one_is_found_and_of_several_none() {
    let bench = bench_with(Setup { settings: &[("marker_tag", Some(""))], ..Setup::default() });
    let planned = bench.planned(&arguments("db-1"));
    let intent = bench.prepare(&planned).await;
    assert!(intent["marker"].is_null());
    bench.lose("CreateSnapshot", Loss::Answer);
    bench.resource.create(&bench.context(), &planned, &intent).await.unwrap_err();
    assert!(matches!(bench.recover(&planned, &intent).await, Recovery::Found(_)));
    bench.create(&planned).await;
    let cx = bench.context();
    let recovery = bench.resource.recover(&cx, &planned, &intent, None).await.unwrap();
    assert!(matches!(recovery, Recovery::Uncertain(_)), "{recovery:?}");
}

#[tokio::test]
async fn seed_003_twenty_tags_leave_no_room_for_the_marker() {
    let bench = bench();
    let keys: Vec<_> = (0..20).map(|index| format!("k{index}")).collect();
    let twenty: Vec<_> = keys.iter().map(|key| (key.as_str(), "v")).collect();
    let mut arguments = arguments("db-1");
    arguments.push(("tags", tags(&twenty)));
    let planned = bench.planned(&arguments);
    assert!(bench.prepare(&planned).await["marker"].is_null());
    let created = bench.create(&planned).await;
    assert_eq!(created.attribute("tags"), Some(&tags(&twenty)));
}

#[tokio::test]
async fn a_run_that_died_while_waiting_goes_on_by_id() {
    let bench = knobs(&[("creation_seconds", 600)]);
    let mut arguments = arguments("db-1");
    arguments.push(("timeouts", Value::object([("create", Value::from("1m"))])));
    let planned = bench.planned(&arguments);
    let intent = bench.prepare(&planned).await;
    let error = bench.resource.create(&bench.context(), &planned, &intent).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::OutcomeUnknown, "the order stands");
    assert!(error.message.contains("60 seconds"), "{error}");
    bench.wait(Duration::from_mins(20)).await;
    let Recovery::Found(object) = bench.recover(&planned, &intent).await else { panic!() };
    assert_eq!(text(&object, "status"), "accomplished");
}

#[tokio::test]
async fn expired_is_not_gone() {
    let bench = bench();
    let mut arguments = arguments("db-1");
    arguments.push(("retention_days", Value::from(1)));
    let ending = bench.create(&bench.planned(&arguments)).await;
    bench.wait(Duration::from_hours(24)).await;
    assert_eq!(bench.read(&ending).await, Reading::Expired);
    assert_eq!(bench.ledger(LedgerOperation::Expire).len(), 1);
}

#[tokio::test]
async fn reads_come_a_hundred_at_a_time() {
    let bench = knobs(&[("creation_seconds", 0), ("snapshots_per_disk", 1000)]);
    let mut objects = Vec::new();
    for index in 0..250 {
        let disk = format!("d-test{:014}", index % 7);
        objects.push(bench.create(&bench.planned(&[("disk_id", Value::from(&*disk))])).await);
    }
    objects[120] = bench.imported("s-emu00000000000009999");
    bench.sent();
    let readings = bench.resource.read_many(&bench.context(), &objects).await;
    assert_eq!(bench.sent(), ["DescribeSnapshots"; 3]);
    for (index, reading) in readings.into_iter().enumerate() {
        let expected =
            if index == 120 { Reading::Gone } else { Reading::Present(objects[index].clone()) };
        assert_eq!(reading.unwrap(), expected);
    }
}

#[tokio::test]
async fn an_import_begins_with_the_id_alone() {
    let bench = bench();
    let created = bench.create(&bench.planned(&full())).await;
    let imported = bench.imported(&text(&created, "id"));
    let Reading::Present(read) = bench.read(&imported).await else { panic!() };
    assert_eq!(text(&read, "name"), "db-1");
    assert_eq!(read.attribute("tags"), created.attribute("tags"));
    bench.sent();
    for id in ["", "s 1", "apsara/s-1", "s-1\n"] {
        let error = bench.resource.import(&bench.context(), id).await.unwrap_err();
        assert!(error.message.contains("is no id of a snapshot"), "{error}");
    }
    assert!(bench.sent().is_empty());
}

#[tokio::test]
async fn a_busy_disk_is_waited_for_and_an_unfit_one_only_for_a_while() {
    let bench = bench();
    let (first, second) = (bench.planned(&arguments("db-1")), bench.planned(&arguments("db-2")));
    let (first, second) = tokio::join!(bench.create(&first), bench.create(&second));
    assert_ne!(text(&first, "id"), text(&second, "id"));
    bench.put("disks", DISK, &json!({ "status": "Detaching" }));
    let before = bench.now();
    let error = bench.try_create(&bench.planned(&arguments("db-3"))).await.unwrap_err();
    assert_eq!(error.code.as_deref(), Some("IncorrectDiskStatus"));
    assert!(bench.now().since(before) < Duration::from_mins(5));
    bench.put("disks", DISK, &json!({ "missing": true }));
    let error = bench.try_create(&bench.planned(&arguments("db-3"))).await.unwrap_err();
    assert_eq!(error.code.as_deref(), Some("InvalidDiskId.NotFound"));
    assert_eq!(error.attribute.as_deref(), Some("disk_id"));
    assert!(error.request_id.is_some());
}

#[tokio::test]
async fn a_quota_is_an_error_of_its_own() {
    let bench = knobs(&[("snapshots_per_disk", 1)]);
    bench.create(&bench.planned(&arguments("db-1"))).await;
    let error = bench.try_create(&bench.planned(&arguments("db-2"))).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Quota);
}

#[tokio::test]
async fn a_used_snapshot_is_deleted_only_by_force() {
    let bench = bench();
    let mut arguments = arguments("db-1");
    let created = bench.create(&bench.planned(&arguments)).await;
    bench.edit("snapshots", &text(&created, "id"), "in_use", json!(true));
    let error = bench.try_delete(&created).await.unwrap_err();
    assert_eq!(error.attribute.as_deref(), Some("force_delete"));
    arguments.push(("force_delete", true.into()));
    let forced = bench.update(&created, &bench.planned(&arguments)).await;
    assert_eq!(forced.attribute("force_delete"), Some(&Value::TRUE));
    assert_eq!(bench.try_delete(&forced).await.unwrap(), Deletion::Deleted);
}

#[tokio::test]
async fn wrong_credentials_in_every_dialect() {
    for (mode, setting, code) in [
        ("apigw", "app_key", "Invalid AppKey"),
        ("apigw", "app_secret", "Invalid Signature"),
        ("acs3", "access_key_id", "InvalidAccessKeyId.NotFound"),
        ("acs3", "access_key_secret", "SignatureDoesNotMatch"),
        ("rpc", "access_key_id", "InvalidAccessKeyId.NotFound"),
        ("rpc", "access_key_secret", "SignatureDoesNotMatch"),
    ] {
        let settings = [("auth_mode", Some(mode)), (setting, Some("hunter2"))];
        let bench = bench_with(Setup { settings: &settings, ..Setup::default() });
        let error = bench.try_create(&bench.planned(&arguments("db-1"))).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Credentials, "{mode} {setting}");
        assert_eq!(error.code.as_deref(), Some(code));
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
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
        Err(problems) => problems.into_iter().map(|problem| problem.path.to_string()).collect(),
    }
}

#[test]
fn settings_fit_the_dialect_and_all_problems_come_at_once() {
    let environment = [
        ("ALIBABACLOUDSTACK_REGION", "r"),
        ("ALIBABACLOUDSTACK_ACCESS_KEY", "a"),
        ("ALIBABACLOUDSTACK_SECRET_KEY", "s"),
    ];
    let endpoint = ("endpoint", "https://ecs.example.test");
    assert!(configure(&[endpoint, ("auth_mode", "acs3")], &environment).is_empty());
    assert!(configure(&[endpoint, ("auth_mode", "rpc")], &environment).is_empty());
    assert_eq!(configure(&[endpoint], &environment), ["app_key", "app_secret"]);
    assert_eq!(
        configure(&[("auth_mode", "rpc")], &[]),
        ["endpoint", "region", "access_key_id", "access_key_secret"]
    );
    for (mode, of_the_other, missing) in [
        ("apigw", "access_key_id", ["app_key", "app_secret"]),
        ("apigw", "profile", ["app_key", "app_secret"]),
        ("acs3", "app_key", ["access_key_id", "access_key_secret"]),
        ("rpc", "app_secret", ["access_key_id", "access_key_secret"]),
    ] {
        let settings = [endpoint, ("region", "r"), ("auth_mode", mode), (of_the_other, "x")];
        assert_eq!(configure(&settings, &[]), ["auth_mode", missing[0], missing[1]], "{mode}");
        let both = [settings[0], settings[1], settings[2], settings[3], (missing[0], "x")];
        assert_eq!(configure(&both, &[]), [missing[1]], "{mode}: it says itself what is missing");
    }
    let plain = [("endpoint", "http://ecs.example.test"), ("auth_mode", "rpc")];
    assert_eq!(configure(&plain, &environment), ["endpoint"]);
}

fn problems(arguments: &[(&'static str, Value)]) -> Vec<(ProblemKind, String)> {
    let bench = bench();
    let spec = PROVIDER.resources().remove(0);
    let value = bench.planned(arguments);
    let mut problems = spec.schema.check_rules(&value);
    problems.extend((spec.validate)(&value, bench.now()));
    problems.into_iter().map(|problem| (problem.kind, problem.path.to_string())).collect()
}

#[test]
fn seed_003_rules_are_checked_without_a_network() {
    assert_eq!(problems(&full()), []);
    let many: Vec<_> = (0..21).map(|index| format!("k{index}")).collect();
    let many: Vec<_> = many.iter().map(|key| (key.as_str(), "v")).collect();
    let cases: Vec<(&'static str, Value)> = vec![
        ("disk_id", "".into()),
        ("name", "auto-1".into()),
        ("description", "https://x".into()),
        ("category", "flash".into()),
        ("retention_days", Value::from(0)),
        ("retention_days", Value::from(65537)),
        ("retention_days", Value::number("1.5".parse::<crate::value::Number>().unwrap())),
        ("tags", tags(&many)),
        ("tags", tags(&[("aliyun", "x")])),
        ("tags", tags(&[("x", "acs:x")])),
        ("tags", Value::map(Type::String, [(Key::from("x"), Value::null(Type::String))])),
    ];
    for (name, value) in cases {
        let mut arguments = arguments("db-1");
        arguments.retain(|(given, _)| *given != name);
        arguments.push((name, value.clone()));
        let found = problems(&arguments);
        assert_eq!(found, [(ProblemKind::Rule, name.to_owned())], "{name} = {value:?}");
    }
    assert_eq!(problems(&[("disk_id", "disk1".into())])[0].0, ProblemKind::Advice);
    assert_eq!(problems(&[("disk_id", Value::unknown(Type::String))]), []);
}

#[test]
fn what_forces_a_new_snapshot() {
    let schema = PROVIDER.resources().remove(0).schema;
    for (name, expected) in [
        ("disk_id", OnChange::Replace),
        ("category", OnChange::Replace),
        ("retention_days", OnChange::Replace),
        ("name", OnChange::Update),
        ("description", OnChange::Update),
        ("tags", OnChange::Update),
        ("force_delete", OnChange::Record),
    ] {
        assert_eq!(schema.attribute(name).unwrap().on_change, expected, "{name}");
    }
}
