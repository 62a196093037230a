//! The data types in front of the emulator, and in front of a server whose lists never end.

use std::sync::Arc;

use crate::schema::Schema;
use crate::sdk::emulator::InProcess;
use crate::sdk::http::{Transport, TransportError};
use crate::sdk::{Configured, DataSpec, ProviderError};
use crate::value::Key;
use crate::world::BoxFuture;

use super::*;

const DISKS: &str = "zenlayer_disks";
const SNAPSHOTS: &str = "zenlayer_disk_snapshots";

fn spec(data: &str) -> DataSpec {
    PROVIDER.data_sources().into_iter().find(|spec| spec.type_name == data).unwrap()
}

fn configured(bench: &Bench, transport: Arc<dyn Transport>) -> Configured {
    let settings = PROVIDER.emulator().unwrap().settings(&InProcess::base_url("zenlayer"));
    let settings = settings
        .into_iter()
        .map(|(name, text)| (name, text.map_or(Value::null(Type::String), Value::string)));
    let cx = ConfigureContext {
        world: bench.world.clone(),
        transport,
        environment: Environment::new(),
        keys: Arc::default(),
    };
    PROVIDER.configure(&Value::object(settings.collect::<Vec<_>>()), &cx).unwrap()
}

/// A whole object: what is given, what is assumed, and null for the rest.
fn whole(schema: &Schema, given: &[(&'static str, Value)]) -> Value {
    for (name, _) in given {
        assert!(schema.attribute(name).unwrap().is_settable(), "{name}");
    }
    Value::object(schema.attributes.iter().map(|attribute| {
        let value = given.iter().find(|(name, _)| *name == attribute.name);
        let silent = || attribute.default.clone().unwrap_or_else(|| attribute.absent());
        (Key::from(attribute.name), value.map_or_else(silent, |(_, value)| value.clone()))
    }))
}

async fn read(bench: &Bench, data: &str, given: &[(&'static str, Value)]) -> Value {
    let spec = spec(data);
    let arguments = whole(&spec.schema, given);
    assert_eq!(spec.schema.check_rules(&arguments), []);
    let source = configured(bench, bench.wire.clone()).data[data].clone();
    let found = source.read(&bench.context(), &arguments).await.unwrap();
    assert!(found.is_wholly_known());
    assert_eq!(found.ty(), spec.schema.object_type());
    found
}

fn texts(list: &Value) -> Vec<String> {
    list.children().map(|text| text.as_str().unwrap().to_owned()).collect()
}

async fn ids(bench: &Bench, data: &str, given: &[(&'static str, Value)]) -> Vec<String> {
    texts(read(bench, data, given).await.attribute("ids").unwrap())
}

fn list(texts: &[&str]) -> Value {
    Value::list(Type::String, texts.iter().map(|text| Value::from(*text)).collect())
}

fn map(pairs: &[(&str, &str)]) -> Value {
    Value::map(Type::String, pairs.iter().map(|(key, value)| (Key::from(*key), (*value).into())))
}

fn bench_of(knobs: &[(&str, u64)]) -> Bench {
    bench_with(Setup { knobs, ..Setup::default() })
}

/// Three disks from the start, and two that differ.
fn assorted() -> Bench {
    let bench = bench();
    let boot = json!({
        "name": "boot-1", "disk_type": "SYSTEM", "disk_category": "Basic NVMe SSD",
        "region_id": "asia-east-1", "zone_id": "asia-east-1a", "instance_id": "18",
        "resource_group_id": "rg-2", "created_at": "2025-01-01T00:00:00Z",
        "snapshot_ability": false, "tags": { "backup": "daily", "team": "db" },
    });
    bench.put("disks", "21", &boot);
    let spare = json!({
        "name": "boot-10", "status": "AVAILABLE", "created_at": "2026-06-01T00:00:00Z",
        "tags": { "backup": "dailyish", "team": "web" },
    });
    bench.put("disks", "20", &spare);
    bench.put("disks", "19", &json!({ "missing": true }));
    bench
}

const FIRST: &str = "1700000000000000001";
const SECOND: &str = "1700000000000000002";
const THIRD: &str = "1700000000000000003";

#[tokio::test]
async fn disks_are_found_by_every_filter_in_one_request() {
    let bench = assorted();
    let cases: &[(&'static str, Value, &[&str])] = &[
        ("disk_ids", list(&["20", "21", "20", "no disk", "19"]), &["21", "20"]),
        ("disk_ids", list(&["4711"]), &["4711"]),
        ("name", "boot-1".into(), &["21"]),
        ("name", "boot".into(), &[]),
        ("name", "^boot-1$".into(), &[]),
        ("disk_type", "SYSTEM".into(), &["21", FIRST]),
        ("disk_category", "Basic NVMe SSD".into(), &["21"]),
        ("disk_status", "AVAILABLE".into(), &["20"]),
        ("disk_status", "FAILED".into(), &[]),
        ("instance_id", "18".into(), &["21"]),
        ("zone_id", "asia-east-1a".into(), &["21"]),
        ("region_id", "asia-east-1".into(), &["21"]),
        ("snapshot_ability", false.into(), &["21"]),
        ("snapshot_ability", true.into(), &[FIRST, SECOND, THIRD, "20"]),
        ("resource_group_id", "rg-2".into(), &["21"]),
        ("tags", map(&[("backup", "daily")]), &["21", FIRST, THIRD]),
        ("tags", map(&[("backup", "daily"), ("team", "db")]), &["21"]),
        ("tags", map(&[("backup", "daily"), ("team", "web")]), &[]),
        ("tags", map(&[]), &["21", FIRST, SECOND, THIRD, "20"]),
        ("tag_keys", list(&["team"]), &["21", "20"]),
        ("tag_keys", list(&["team", "cost"]), &[]),
    ];
    for (name, value, expected) in cases {
        bench.sent();
        assert_eq!(
            ids(&bench, DISKS, &[(name, value.clone())]).await,
            *expected,
            "{name} {value:?}"
        );
        assert_eq!(bench.sent(), ["DescribeDisks"], "{name}");
    }
    let both = [("tags", map(&[("backup", "daily")])), ("disk_type", "DATA".into())];
    assert_eq!(ids(&bench, DISKS, &both).await, [THIRD]);
}

#[tokio::test]
async fn a_disk_is_shown_with_all_that_is_known_of_it() {
    let bench = assorted();
    let found = read(&bench, DISKS, &[("disk_ids", list(&["21"]))]).await;
    assert_eq!(found.attribute("disk_ids"), Some(&list(&["21"])));
    let disk = found.attribute("disks").unwrap().children().next().unwrap().clone();
    for (name, expected) in [
        ("id", "21"),
        ("name", "boot-1"),
        ("region_id", "asia-east-1"),
        ("zone_id", "asia-east-1a"),
        ("disk_type", "SYSTEM"),
        ("disk_category", "Basic NVMe SSD"),
        ("disk_status", "IN_USE"),
        ("instance_id", "18"),
        ("instance_name", "server"),
        ("create_time", "2025-01-01T00:00:00Z"),
        ("resource_group_id", "rg-2"),
        ("resource_group_name", "Default"),
        ("serial", "21"),
    ] {
        assert_eq!(text(&disk, name), expected, "{name}");
    }
    assert_eq!(disk.attribute("disk_size"), Some(&Value::from(40)));
    assert_eq!(disk.attribute("tags"), Some(&map(&[("backup", "daily"), ("team", "db")])));
    for (name, truth) in
        [("portable", false), ("snapshot_ability", false), ("bursting_enabled", false)]
    {
        assert_eq!(disk.attribute(name), Some(&truth.into()), "{name}");
    }
    for name in ["expired_time", "period", "auto_snapshot_policy_id"] {
        assert!(disk.attribute(name).unwrap().is_null(), "{name}");
    }
}

#[tokio::test]
async fn a_read_that_was_put_off_to_the_apply_does_not_know_what_it_will_find() {
    let bench = assorted();
    let schema = spec(DISKS).schema;
    let entries = whole(&schema, &[("name", "boot-1".into())]);
    let entries = entries.entries().unwrap().iter().map(|(name, value)| {
        let attribute = schema.attribute(name).unwrap();
        let value = if attribute.is_computed() {
            Value::unknown(attribute.ty.clone())
        } else {
            value.clone()
        };
        (name.clone(), value)
    });
    let arguments = Value::object(entries.collect::<Vec<_>>());
    let source = configured(&bench, bench.wire.clone()).data[DISKS].clone();
    let found = source.read(&bench.context(), &arguments).await.unwrap();
    assert_eq!(found, read(&bench, DISKS, &[("name", "boot-1".into())]).await);
}

#[tokio::test]
async fn an_empty_list_of_ids_finds_nothing_and_asks_nobody() {
    let bench = assorted();
    for (data, filter) in
        [(DISKS, "disk_ids"), (SNAPSHOTS, "disk_ids"), (SNAPSHOTS, "snapshot_ids")]
    {
        let found = read(&bench, data, &[(filter, list(&[]))]).await;
        assert_eq!(found.attribute("ids"), Some(&list(&[])), "{data} {filter}");
        assert!(bench.sent().is_empty());
    }
    assert!(ids(&bench, SNAPSHOTS, &[]).await.is_empty());
}

#[tokio::test]
async fn disks_tell_of_the_snapshots_that_are_made_of_them() {
    let bench = bench();
    let other = [("disk_id", "4711".into()), ("name", "db-1".into())];
    assert_eq!(ids(&bench, DISKS, &[]).await, [FIRST, SECOND, THIRD]);
    let created = bench.create(&bench.planned(&other)).await;
    assert_eq!(ids(&bench, DISKS, &[]).await, ["4711", FIRST, SECOND, THIRD]);
    raw(&bench, "CreateSnapshot", r#"{"diskId": "4711", "snapshotName": "db-2"}"#);
    let busy = [("disk_status", "SNAPSHOT_CREATING".into())];
    assert_eq!(ids(&bench, DISKS, &busy).await, ["4711"]);
    bench.wait(Duration::from_mins(1)).await;
    assert!(ids(&bench, DISKS, &busy).await.is_empty());
    let rollback = json!({ "snapshotId": text(&created, "id"), "diskId": "4711" }).to_string();
    assert_eq!(raw(&bench, "ApplySnapshot", &rollback).status, 200);
    let rolling = [("disk_status", "ROLLING_BACK".into())];
    assert_eq!(ids(&bench, DISKS, &rolling).await, ["4711"]);
    let refused = raw(&bench, "CreateSnapshot", r#"{"diskId": "4711", "snapshotName": "db-3"}"#);
    assert_eq!(json_of(&refused)["code"], "UNSUPPORTED_OPERATION_DISK_STATUS");
    bench.try_delete(&created).await.unwrap();
    assert!(ids(&bench, DISKS, &rolling).await.is_empty());
    assert_eq!(ids(&bench, DISKS, &[]).await.len(), 4, "a disk outlives its snapshots");
}

/// Snapshots of two disks, one each hour; gives their ids, oldest first.
async fn hourly(bench: &Bench) -> Vec<String> {
    let mut made = Vec::new();
    for (disk, name) in
        [(FIRST, "db-1"), (SECOND, "db-1"), (FIRST, "db-10"), (SECOND, "web"), (FIRST, "db-1")]
    {
        let planned = bench.planned(&[("disk_id", disk.into()), ("name", name.into())]);
        made.push(text(&bench.create(&planned).await, "id"));
        bench.wait(Duration::from_hours(1)).await;
    }
    made
}

#[tokio::test]
async fn snapshots_are_found_by_every_filter_oldest_first() {
    let bench = bench();
    let made = hourly(&bench).await;
    bench.edit("snapshots", &made[3], "automatic", json!(true));
    bench.put("disks", SECOND, &json!({ "zone_id": "z-2", "resource_group_id": "rg-2" }));
    raw(&bench, "DeleteSnapshots", &json!({ "snapshotIds": [made[1]] }).to_string());
    let all: &[usize] = &[0, 1, 2, 3, 4];
    let cases: &[(&'static str, Value, &[usize])] = &[
        ("snapshot_ids", list(&[&made[4], &made[0], &made[4], "1"]), &[0, 4]),
        ("disk_ids", list(&[SECOND]), &[1, 3]),
        ("disk_ids", list(&[SECOND, FIRST]), all),
        ("name", "db-1".into(), &[0, 1, 4]),
        ("name", "db".into(), &[]),
        ("zone_id", "z-2".into(), &[1, 3]),
        ("status", "AVAILABLE".into(), &[0, 2, 3, 4]),
        ("status", "DELETING".into(), &[1]),
        ("snapshot_type", "Auto".into(), &[3]),
        ("snapshot_type", "Manual".into(), &[0, 1, 2, 4]),
        ("disk_type", "SYSTEM".into(), &[0, 2, 4]),
        ("disk_type", "DATA".into(), &[1, 3]),
        ("resource_group_id", "rg-2".into(), &[1, 3]),
        ("most_recent", true.into(), &[4]),
        ("most_recent", false.into(), all),
    ];
    for (name, value, expected) in cases {
        bench.sent();
        let expected: Vec<_> = expected.iter().map(|index| made[*index].clone()).collect();
        let given = [(*name, value.clone())];
        assert_eq!(ids(&bench, SNAPSHOTS, &given).await, expected, "{name} {value:?}");
        assert_eq!(bench.sent(), ["DescribeSnapshots"], "{name}");
    }
    let ordered = bench.ledger(LedgerOperation::Create)[4].time.whole_seconds().to_string();
    let newest = [("name", "db-1".into()), ("most_recent", true.into())];
    let found = read(&bench, SNAPSHOTS, &newest).await;
    let newest = found.attribute("snapshots").unwrap().children().next().unwrap().clone();
    for (name, expected) in [
        ("id", &*made[4]),
        ("name", "db-1"),
        ("disk_id", FIRST),
        ("zone_id", "emulator-1a"),
        ("status", "AVAILABLE"),
        ("snapshot_type", "Manual"),
        ("create_time", &*ordered),
        ("resource_group_id", "rg-emulator"),
        ("resource_group_name", "Default"),
    ] {
        assert_eq!(text(&newest, name), expected, "{name}");
    }
    assert!(newest.attribute("retention_time").unwrap().is_null());
    assert_eq!(newest.attribute("disk_ability"), Some(&Value::TRUE));
}

#[tokio::test]
async fn a_list_whose_answer_is_lost_is_asked_for_again() {
    let bench = bench();
    for (data, operation, loss) in
        [(DISKS, "DescribeDisks", Loss::Answer), (SNAPSHOTS, "DescribeSnapshots", Loss::Request)]
    {
        bench.lose(operation, loss);
        ids(&bench, data, &[]).await;
        assert_eq!(bench.sent(), [operation; 2]);
    }
}

#[tokio::test]
async fn lists_of_300_take_as_many_requests_as_pages() {
    let bench = bench_of(&[("disks", 300), ("creation_seconds", 0)]);
    for index in 0..300 {
        let body = json!({ "diskId": FIRST, "snapshotName": format!("s{index}") }).to_string();
        assert_eq!(raw(&bench, "CreateSnapshot", &body).status, 200);
    }
    bench.sent();
    let disks = ids(&bench, DISKS, &[]).await;
    assert_eq!((disks.len(), bench.sent().len()), (300, 3));
    let snapshots = ids(&bench, SNAPSHOTS, &[]).await;
    assert_eq!((snapshots.len(), bench.sent().len()), (300, 3));
    let many: Vec<_> = disks.iter().map(String::as_str).collect();
    assert_eq!(ids(&bench, DISKS, &[("disk_ids", list(&many))]).await, disks);
    assert_eq!(bench.sent().len(), 3);
}

#[test]
fn filters_that_cannot_be_meant_are_refused() {
    let many: Vec<_> = (0..21).map(|index| format!("k{index}")).collect();
    let many: Vec<_> = many.iter().map(String::as_str).collect();
    let tags: Vec<_> = many.iter().map(|key| (*key, "v")).collect();
    let long = "k".repeat(65);
    let null = Value::list(Type::String, vec![Value::null(Type::String)]);
    for (data, name, value) in [
        (DISKS, "disk_ids", list(&[""])),
        (DISKS, "disk_ids", null.clone()),
        (DISKS, "name", "".into()),
        (DISKS, "disk_type", "data".into()),
        (DISKS, "disk_status", "In_use".into()),
        (DISKS, "zone_id", "".into()),
        (DISKS, "tags", map(&tags)),
        (DISKS, "tags", map(&[("k", "")])),
        (DISKS, "tags", map(&[(&*long, "v")])),
        (DISKS, "tag_keys", list(&many)),
        (DISKS, "tag_keys", null),
        (SNAPSHOTS, "snapshot_ids", list(&[" "])),
        (SNAPSHOTS, "status", "available".into()),
        (SNAPSHOTS, "snapshot_type", "manual".into()),
        (SNAPSHOTS, "disk_type", "ROOT".into()),
        (SNAPSHOTS, "name", "".into()),
    ] {
        let schema = spec(data).schema;
        let problems = schema.check_rules(&whole(&schema, &[(name, value.clone())]));
        let paths: Vec<_> = problems.iter().map(|problem| problem.path.to_string()).collect();
        assert_eq!(paths, [name], "{data} {value:?}");
    }
}

/// A server that answers every list with the same records and any length.
struct Stubborn {
    total: u64,
    records: serde_json::Value,
}

impl Transport for Stubborn {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        assert!(operation(&request).starts_with("Describe"));
        let response = json!({ "totalCount": self.total.to_string(), "dataSet": self.records });
        let answer = Response::json(200, &json!({ "requestId": "T1", "response": response }));
        Box::pin(std::future::ready(Ok(answer)))
    }
}

#[tokio::test]
async fn a_list_without_an_end_is_an_error_for_data_and_refresh_alike() {
    let bench = bench();
    let record =
        json!({ "diskId": FIRST, "snapshotId": "19", "snapshotName": "a", "status": "AVAILABLE" });
    let configured = configured(&bench, Arc::new(Stubborn { total: 7, records: json!([record]) }));
    let mut errors: Vec<ProviderError> = Vec::new();
    for data in [DISKS, SNAPSHOTS] {
        let arguments = whole(&spec(data).schema, &[]);
        errors.push(configured.data[data].read(&bench.context(), &arguments).await.unwrap_err());
    }
    let objects = [bench.imported("19"), bench.imported("20")];
    let readings = configured.resources[TYPE].read_many(&bench.context(), &objects).await;
    errors.extend(readings.into_iter().map(Result::unwrap_err));
    assert_eq!(errors.len(), 4);
    for error in errors {
        assert_eq!(error.kind, ErrorKind::Answer, "{error}");
        assert!(error.message.contains("a record came twice"), "{error}");
    }
}

/// What a data type finds at a server that answers with these records.
async fn found_among(
    data: &str,
    records: serde_json::Value,
    filters: &[(&'static str, Value)],
) -> Value {
    let bench = bench();
    let total = records.as_array().unwrap().len() as u64;
    let configured = configured(&bench, Arc::new(Stubborn { total, records }));
    let arguments = whole(&spec(data).schema, filters);
    configured.data[data].read(&bench.context(), &arguments).await.unwrap()
}

#[tokio::test]
async fn records_may_be_sparse_and_written_otherwise() {
    let disks = json!([
        { "diskId": "5", "createTime": "2026-03-01 00:00:00" },
        { "diskId": "4", "createTime": "2026-02-01T08:00:00+08:00", "diskSize": "40", "period": "",
          "tags": { "tags": null } },
        { "diskId": "3", "createTime": "yesterday", "tags": null },
        { "diskId": "2", "tags": { "tags": [{ "key": "k" }] } },
    ]);
    let found = found_among(DISKS, disks, &[]).await;
    let ids = found.attribute("ids").unwrap();
    assert_eq!(texts(ids), ["2", "3", "4", "5"], "without a readable time they come first");
    let disks = found.attribute("disks").unwrap().children().cloned().collect::<Vec<_>>();
    assert_eq!(disks[0].attribute("tags"), Some(&map(&[("k", "")])));
    assert_eq!(disks[2].attribute("disk_size"), Some(&Value::from(40)));
    assert!(disks[2].attribute("period").unwrap().is_null());

    let snapshots = json!([
        { "snapshotId": "9", "status": "AVAILABLE", "createTime": "2026-03-01T00:00:00Z",
          "retentionTime": "2027-01-01T08:00:00.5+08:00", "resourceGroupId": "rg-1",
          "resourceGroupName": "One" },
        { "snapshotId": "99", "status": "AVAILABLE" },
    ]);
    let found = found_among(SNAPSHOTS, snapshots, &[("most_recent", true.into())]).await;
    let newest = found.attribute("snapshots").unwrap().children().next().unwrap().clone();
    for (name, expected) in [
        ("id", "9"),
        ("retention_time", "2027-01-01T00:00:00Z"),
        ("resource_group_id", "rg-1"),
        ("resource_group_name", "One"),
    ] {
        assert_eq!(text(&newest, name), expected, "{name}");
    }
    let ours = json!([
        { "snapshotId": "1", "status": "AVAILABLE", "snapshotName": "db-1" },
        { "snapshotId": "2", "status": "AVAILABLE", "snapshotName": "db-10" },
    ]);
    let found = found_among(SNAPSHOTS, ours, &[("name", "db-1".into())]).await;
    assert_eq!(texts(found.attribute("ids").unwrap()), ["1"]);
}

#[tokio::test]
async fn the_emulator_lists_disks_in_pages_and_checks_the_filters() {
    let bench = bench_of(&[("disks", 5)]);
    for (body, total, expected) in [
        (json!({}), 5, 5),
        (json!({ "pageNum": 2, "pageSize": 2 }), 5, 2),
        (json!({ "pageNum": 3, "pageSize": 2 }), 5, 1),
        (json!({ "pageNum": 4, "pageSize": 2 }), 5, 0),
        (json!({ "diskName": "isk-" }), 5, 5),
        (json!({ "diskName": "^disk-1$" }), 1, 1),
        (json!({ "tags": [{ "key": "backup", "value": "weekly" }] }), 2, 2),
        (json!({ "tagKeys": ["backup"], "diskType": "SYSTEM" }), 1, 1),
    ] {
        let listed = json_of(&raw(&bench, "DescribeDisks", &body.to_string()));
        let (found, page) = (&listed["response"]["totalCount"], &listed["response"]["dataSet"]);
        assert_eq!((found, page.as_array().unwrap().len()), (&json!(total), expected), "{body}");
    }
    let many: Vec<_> = (0..21).map(|key| json!({ "key": key.to_string(), "value": "" })).collect();
    let keys: Vec<_> = (0..21).map(|key| key.to_string()).collect();
    for (body, code) in [
        (json!({ "tags": many }), "INVALID_PARAMETER_EXCEED_MAXIMUM"),
        (json!({ "tagKeys": keys }), "INVALID_PARAMETER_EXCEED_MAXIMUM"),
        (json!({ "pageSize": 1001 }), "INVALID_PARAMETER_EXCEED_MAXIMUM"),
        (json!({ "pageNum": 0 }), "INVALID_PARAMETER_LESS_MINIMUM"),
        (json!({ "tags": { "backup": "daily" } }), "INVALID_PARAMETER_TYPE"),
        (json!({ "tags": [{ "key": "backup" }] }), "INVALID_PARAMETER_TYPE"),
        (json!({ "snapshotAbility": 1 }), "INVALID_PARAMETER_TYPE"),
    ] {
        let refused = raw(&bench, "DescribeDisks", &body.to_string());
        assert_eq!(
            (refused.status, json_of(&refused)["code"].clone()),
            (400, json!(code)),
            "{body}"
        );
    }
}
