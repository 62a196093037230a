//! The data types in front of the emulator.

use std::sync::Arc;

use crate::schema::Schema;
use crate::sdk::emulator::InProcess;
use crate::sdk::http::Transport;
use crate::sdk::{Configured, DataSpec};

use super::*;

pub(super) const DISKS: &str = "apsara_ecs_disks";
pub(super) const SNAPSHOTS: &str = "apsara_ecs_snapshots";
pub(super) const MODES: [&str; 3] = ["apigw", "acs3", "rpc"];

pub(super) fn spec(data: &str) -> DataSpec {
    PROVIDER.data_sources().into_iter().find(|spec| spec.type_name == data).unwrap()
}

pub(super) fn configured(bench: &Bench, mode: &str, transport: Arc<dyn Transport>) -> Configured {
    let settings = PROVIDER.emulator().unwrap().settings(&InProcess::base_url("apsara"));
    let settings = settings
        .into_iter()
        .map(|(name, text)| (name, text.map_or(Value::null(Type::String), Value::string)))
        .chain([("auth_mode", mode.into())]);
    let cx = ConfigureContext {
        world: bench.world.clone(),
        transport,
        environment: Environment::new(),
        keys: Arc::default(),
    };
    PROVIDER.configure(&Value::object(settings.collect::<Vec<_>>()), &cx).unwrap()
}

/// A whole object: what is given, what is assumed, and null for the rest.
pub(super) fn whole(schema: &Schema, given: &[(&'static str, Value)]) -> Value {
    for (name, _) in given {
        assert!(schema.attribute(name).unwrap().is_settable(), "{name}");
    }
    Value::object(schema.attributes.iter().map(|attribute| {
        let value = given.iter().find(|(name, _)| *name == attribute.name);
        let silent = || attribute.default.clone().unwrap_or_else(|| attribute.absent());
        (Key::from(attribute.name), value.map_or_else(silent, |(_, value)| value.clone()))
    }))
}

async fn read_by(bench: &Bench, mode: &str, data: &str, given: &[(&'static str, Value)]) -> Value {
    let spec = spec(data);
    let arguments = whole(&spec.schema, given);
    assert_eq!(spec.schema.check_rules(&arguments), []);
    let source = configured(bench, mode, bench.wire.clone()).data[data].clone();
    let found = source.read(&bench.context(), &arguments).await.unwrap();
    assert!(found.is_wholly_known());
    assert_eq!(found.ty(), spec.schema.object_type());
    found
}

async fn read(bench: &Bench, data: &str, given: &[(&'static str, Value)]) -> Value {
    read_by(bench, "apigw", data, given).await
}

pub(super) fn ids_of(found: &Value) -> Vec<String> {
    let ids = found.attribute("ids").unwrap();
    ids.children().map(|id| id.as_str().unwrap().to_owned()).collect()
}

async fn ids(bench: &Bench, data: &str, given: &[(&'static str, Value)]) -> Vec<String> {
    ids_of(&read(bench, data, given).await)
}

pub(super) fn first(found: &Value, name: &str) -> Value {
    found.attribute(name).unwrap().children().next().unwrap().clone()
}

pub(super) fn list(texts: &[&str]) -> Value {
    Value::list(Type::String, texts.iter().map(|text| Value::from(*text)).collect())
}

pub(super) const FIRST: &str = "d-emu00000000000000001";
pub(super) const SECOND: &str = "d-emu00000000000000002";
pub(super) const THIRD: &str = "d-emu00000000000000003";

/// Three disks from the start, and two that differ.
fn assorted() -> Bench {
    let bench = bench();
    let boot = json!({
        "name": "boot-1", "disk_type": "system", "category": "cloud_essd", "zone_id": "z-2",
        "instance_id": "i-2", "kms_key_id": "key-1", "created_at": "2025-01-01T00:00:00Z",
        "lock_reason": "security", "tags": { "backup": "daily", "team": "" },
    });
    bench.put("disks", "d-boot", &boot);
    let spare = json!({
        "name": "boot-10", "status": "Available", "created_at": "2026-06-01T00:00:00Z",
        "tags": { "backup": "dailyish", "team": "web" },
    });
    bench.put("disks", "d-spare", &spare);
    bench.put("disks", "d-gone", &json!({ "missing": true }));
    bench
}

#[tokio::test]
async fn disks_are_found_by_every_filter_in_every_dialect() {
    let bench = assorted();
    let all: &[&str] = &["d-boot", FIRST, SECOND, THIRD, "d-spare"];
    let cases: &[(&'static str, Value, &[&str])] = &[
        ("disk_ids", list(&["d-spare", "d-boot", "d-gone", "d-boot"]), &["d-boot", "d-spare"]),
        ("disk_ids", list(&["d-other"]), &["d-other"]),
        ("name", "boot-1".into(), &["d-boot"]),
        ("name", "boot".into(), &[]),
        ("instance_id", "i-2".into(), &["d-boot"]),
        ("status", "Available".into(), &["d-spare"]),
        ("status", "Creating".into(), &[]),
        ("status", "All".into(), all),
        ("disk_type", "system".into(), &["d-boot", FIRST]),
        ("disk_type", "all".into(), all),
        ("category", "cloud_essd".into(), &["d-boot"]),
        ("tags", tags(&[("backup", "daily")]), &["d-boot", FIRST, THIRD]),
        ("tags", tags(&[("backup", "dailyish"), ("team", "web")]), &["d-spare"]),
        ("tags", tags(&[("backup", "daily"), ("team", "web")]), &[]),
        ("tags", tags(&[("team", "")]), &["d-boot"]),
        ("tags", tags(&[]), all),
    ];
    for mode in MODES {
        for (name, value, expected) in cases {
            bench.sent();
            let found = read_by(&bench, mode, DISKS, &[(name, value.clone())]).await;
            assert_eq!(ids_of(&found), *expected, "{mode} {name} {value:?}");
            assert_eq!(bench.sent(), ["DescribeDisks"], "{mode} {name}");
        }
    }
}

#[tokio::test]
async fn a_disk_is_shown_with_all_that_is_known_of_it() {
    let bench = assorted();
    let found = read(&bench, DISKS, &[("disk_ids", list(&["d-boot"]))]).await;
    let disk = first(&found, "disks");
    for (name, expected) in [
        ("id", "d-boot"),
        ("name", "boot-1"),
        ("status", "In_use"),
        ("disk_type", "system"),
        ("category", "cloud_essd"),
        ("zone_id", "z-2"),
        ("region_id", "emulator-1"),
        ("instance_id", "i-2"),
        ("kms_key_id", "key-1"),
        ("creation_time", "2025-01-01T00:00:00Z"),
        ("attached_time", "2025-01-01T00:00:00Z"),
    ] {
        assert_eq!(text(&disk, name), expected, "{name}");
    }
    assert_eq!(disk.attribute("size"), Some(&Value::from(40)));
    assert_eq!(disk.attribute("portable"), Some(&false.into()));
    assert_eq!(disk.attribute("encrypted"), Some(&Value::TRUE));
    assert_eq!(disk.attribute("operation_locks"), Some(&list(&["security"])));
    assert_eq!(disk.attribute("tags"), Some(&tags(&[("backup", "daily"), ("team", "")])));
    assert!(disk.attribute("source_snapshot_id").unwrap().is_null());
    // A lock that the list shows is one that a create runs into.
    let planned = bench.planned(&[("disk_id", "d-boot".into())]);
    let error = bench.try_create(&planned).await.unwrap_err();
    assert_eq!(error.code.as_deref(), Some("InstanceLockedForSecurity"));
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
    let source = configured(&bench, "rpc", bench.wire.clone()).data[DISKS].clone();
    let found = source.read(&bench.context(), &arguments).await.unwrap();
    assert_eq!(found, read(&bench, DISKS, &[("name", "boot-1".into())]).await);
}

#[tokio::test]
async fn an_empty_list_of_ids_finds_nothing_and_asks_nobody() {
    let bench = assorted();
    for (data, filter) in [(DISKS, "disk_ids"), (SNAPSHOTS, "snapshot_ids")] {
        let found = read(&bench, data, &[(filter, list(&[]))]).await;
        assert_eq!(found.attribute("ids"), Some(&list(&[])), "{data}");
        assert!(bench.sent().is_empty());
    }
    assert!(ids(&bench, SNAPSHOTS, &[]).await.is_empty());
}

/// Snapshots of two disks, one each hour; gives their ids, oldest first.
async fn hourly(bench: &Bench) -> Vec<String> {
    let key = json!({ "kms_key_id": "key-1", "instance_id": "i-2", "resource_group_id": "rg-2" });
    bench.put("disks", SECOND, &key);
    let mut made = Vec::new();
    for (disk, name, category, tag) in [
        (FIRST, "db-1", "Standard", "a"),
        (SECOND, "db-1", "Flash", "b"),
        (FIRST, "db-10", "Standard", ""),
        (SECOND, "web", "Standard", "a"),
        (FIRST, "db-1", "Standard", "ab"),
    ] {
        let planned = bench.planned(&[
            ("disk_id", disk.into()),
            ("name", name.into()),
            ("category", category.into()),
            ("tags", tags(&[("set", tag)])),
        ]);
        made.push(text(&bench.create(&planned).await, "id"));
        bench.wait(Duration::from_hours(1)).await;
    }
    bench.edit("snapshots", &made[3], "automatic", json!(true));
    bench.edit("snapshots", &made[0], "in_use", json!(true));
    bench.edit("snapshots", &made[1], "fails", json!(true));
    made
}

#[tokio::test]
async fn snapshots_are_found_by_every_filter_in_every_dialect_oldest_first() {
    let bench = bench();
    let made = hourly(&bench).await;
    let all: &[usize] = &[0, 1, 2, 3, 4];
    let link = format!("sl-{SECOND}");
    let cases: &[(&'static str, Value, &[usize])] = &[
        ("snapshot_ids", list(&[&made[4], &made[0], &made[4], "s-0"]), &[0, 4]),
        ("disk_id", SECOND.into(), &[1, 3]),
        ("instance_id", "i-2".into(), &[1, 3]),
        ("name", "db-1".into(), &[0, 1, 4]),
        ("name", "db".into(), &[]),
        ("status", "failed".into(), &[1]),
        ("status", "all".into(), all),
        ("snapshot_type", "auto".into(), &[3]),
        ("snapshot_type", "user".into(), &[0, 1, 2, 4]),
        ("snapshot_type", "all".into(), all),
        ("usage", "disk".into(), &[0]),
        ("usage", "image".into(), &[]),
        ("source_disk_type", "system".into(), &[0, 2, 4]),
        ("category", "Flash".into(), &[1]),
        ("encrypted", true.into(), &[1, 3]),
        ("encrypted", false.into(), &[0, 2, 4]),
        ("kms_key_id", "key-1".into(), &[1, 3]),
        ("resource_group_id", "rg-2".into(), &[1, 3]),
        ("snapshot_link_id", (&*link).into(), &[1, 3]),
        ("creation_start_time", "2026-11-20T13:00Z".into(), &[1, 2, 3, 4]),
        ("creation_start_time", "2026-11-21T00:00Z".into(), &[]),
        ("tags", tags(&[("set", "a")]), &[0, 3]),
        ("tags", tags(&[("set", "")]), &[2]),
        ("most_recent", true.into(), &[4]),
        ("most_recent", false.into(), all),
    ];
    for mode in MODES {
        for (name, value, expected) in cases {
            bench.sent();
            let expected: Vec<_> = expected.iter().map(|index| made[*index].clone()).collect();
            let found = read_by(&bench, mode, SNAPSHOTS, &[(name, value.clone())]).await;
            assert_eq!(ids_of(&found), expected, "{mode} {name} {value:?}");
            assert_eq!(bench.sent(), ["DescribeSnapshots"], "{mode} {name}");
        }
    }
}

#[tokio::test]
async fn a_snapshot_is_shown_with_all_that_is_known_of_it() {
    let bench = bench();
    let made = hourly(&bench).await;
    let newest = [("name", "db-1".into()), ("most_recent", true.into())];
    let snapshot = first(&read(&bench, SNAPSHOTS, &newest).await, "snapshots");
    for (name, expected) in [
        ("id", &*made[4]),
        ("disk_id", FIRST),
        ("name", "db-1"),
        ("status", "accomplished"),
        ("progress", "100%"),
        ("category", "Standard"),
        ("snapshot_type", "user"),
        ("source_disk_type", "system"),
        ("usage", "none"),
        ("region_id", "emulator-1"),
        ("resource_group_id", "rg-emulator"),
        ("snapshot_sn", &*made[4]),
    ] {
        assert_eq!(text(&snapshot, name), expected, "{name}");
    }
    assert_eq!(text(&snapshot, "snapshot_link_id"), format!("sl-{FIRST}"));
    assert_eq!(text(&snapshot, "creation_time"), text(&snapshot, "last_modified_time"));
    assert_eq!(snapshot.attribute("source_disk_size"), Some(&Value::from(40)));
    assert_eq!(snapshot.attribute("remain_time"), Some(&Value::from(0)));
    assert_eq!(snapshot.attribute("available"), Some(&Value::TRUE));
    for name in ["description", "retention_days", "kms_key_id", "product_code"] {
        assert!(snapshot.attribute(name).unwrap().is_null(), "{name}");
    }
    let shown = snapshot.attribute("tags").unwrap().entries().unwrap();
    let keys: Vec<_> = shown.iter().map(|(key, _)| key.to_string()).collect();
    assert_eq!(keys, ["set", "snapform-marker"]);
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
    let knobs = [("disks", 300), ("creation_seconds", 0), ("snapshots_per_disk", 1000)];
    let bench = super::knobs(&knobs);
    let mut objects = Vec::new();
    for _ in 0..300 {
        objects.push(bench.create(&bench.planned(&[("disk_id", FIRST.into())])).await);
    }
    bench.sent();
    let disks = ids(&bench, DISKS, &[]).await;
    assert_eq!((disks.len(), bench.sent().len()), (300, 3));
    let snapshots = ids(&bench, SNAPSHOTS, &[]).await;
    assert_eq!((snapshots.len(), bench.sent().len()), (300, 3));
    let many: Vec<_> = disks.iter().map(String::as_str).collect();
    assert_eq!(ids(&bench, DISKS, &[("disk_ids", list(&many))]).await, disks);
    assert_eq!(bench.sent().len(), 3);
    let readings = bench.resource.read_many(&bench.context(), &objects).await;
    assert_eq!(bench.sent().len(), 3);
    assert!(readings.into_iter().all(|reading| matches!(reading, Ok(Reading::Present(_)))));
}

#[test]
fn filters_that_cannot_be_meant_are_refused() {
    let null = Value::list(Type::String, vec![Value::null(Type::String)]);
    for (data, name, value) in [
        (DISKS, "disk_ids", list(&[""])),
        (DISKS, "disk_ids", null.clone()),
        (DISKS, "name", "".into()),
        (DISKS, "status", "IN_USE".into()),
        (DISKS, "disk_type", "DATA".into()),
        (DISKS, "category", "".into()),
        (DISKS, "tags", tags(&[("acs:x", "v")])),
        (SNAPSHOTS, "snapshot_ids", null),
        (SNAPSHOTS, "disk_id", "".into()),
        (SNAPSHOTS, "status", "done".into()),
        (SNAPSHOTS, "snapshot_type", "timer".into()),
        (SNAPSHOTS, "usage", "server".into()),
        (SNAPSHOTS, "source_disk_type", "all".into()),
        (SNAPSHOTS, "category", "flash".into()),
        (SNAPSHOTS, "creation_start_time", "2026-11-20T13:00:00Z".into()),
        (SNAPSHOTS, "creation_start_time", "2026-11-20T13:0Z".into()),
        (SNAPSHOTS, "creation_start_time", "2026-13-20T13:00Z".into()),
        (SNAPSHOTS, "tags", tags(&[("", "v")])),
    ] {
        let schema = spec(data).schema;
        let problems = schema.check_rules(&whole(&schema, &[(name, value.clone())]));
        let paths: Vec<_> = problems.iter().map(|problem| problem.path.to_string()).collect();
        assert_eq!(paths, [name], "{data} {value:?}");
    }
}
