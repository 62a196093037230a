//! What the user's document says besides its samples.

use super::*;

fn order(retention_time: &serde_json::Value) -> String {
    json!({ "diskId": DISK, "snapshotName": "xxx", "retentionTime": retention_time }).to_string()
}

fn refused(bench: &Bench, body: &str) -> (u16, String) {
    let response = raw(bench, "CreateSnapshot", body);
    let code = json_of(&response)["code"].as_str().unwrap_or_default().to_owned();
    (response.status, code)
}

#[tokio::test]
async fn seed_001_every_refusal_has_its_status_and_its_code() {
    let bench = bench_with(Setup { knobs: &[("snapshots_per_disk", 0)], ..Setup::default() });
    let plain = order(&json!(null));
    let told = |status, code: &str| (status, code.to_owned());
    assert_eq!(refused(&bench, &plain), told(400, "INVALID_SNAPSHOT_QUOTA_EXCEED"));
    let bench = self::bench();
    let early = order(&json!("2026-11-21T11:59:00Z"));
    assert_eq!(refused(&bench, &early), told(400, "INVALID_SNAPSHOT_RETENTION_TIME"));
    bench.put("disks", DISK, &json!({ "status": "RECYCLED" }));
    assert_eq!(refused(&bench, &plain), told(400, "UNSUPPORTED_OPERATION_DISK_STATUS"));
    bench.put("disks", DISK, &json!({ "missing": true }));
    assert_eq!(refused(&bench, &plain), told(404, "INVALID_DISK_NOT_FOUND"));
}

#[tokio::test]
async fn seed_001_the_disk_must_be_in_use_or_available_and_be_able() {
    for (status, able, expected) in [
        ("IN_USE", true, 200),
        ("AVAILABLE", true, 200),
        ("ATTACHING", true, 400),
        ("RECYCLED", true, 400),
        ("IN_USE", false, 400),
    ] {
        let bench = bench();
        bench.put("disks", DISK, &json!({ "status": status, "snapshot_ability": able }));
        let disk = raw(&bench, "DescribeDisks", &json!({ "diskIds": [DISK] }).to_string());
        let disk = json_of(&disk)["response"]["dataSet"][0].clone();
        // The field by which `DescribeDisks` tells the document's `SnapshotAbility`.
        assert_eq!((&disk["diskStatus"], &disk["snapshotAbility"]), (&json!(status), &json!(able)));
        let (answer, _) = refused(&bench, &order(&json!(null)));
        assert_eq!(answer, expected, "{status} {able}");
    }
}

#[tokio::test]
async fn seed_001_without_a_retention_time_it_is_kept_for_ever() {
    let bench = bench();
    let made = bench.create(&bench.planned(&arguments("db-1"))).await;
    assert!(made.attribute("retention_time").unwrap().is_null());
    assert!(made.attribute("expires_at").unwrap().is_null());
    bench.wait(Duration::from_hours(24 * 3650)).await;
    assert!(matches!(bench.read(&made).await, Reading::Present(_)));
}

#[test]
fn seed_001_a_retention_time_has_one_form() {
    for (time, expected) in [
        // YYYY-MM-ddTHH:mm:ssZ
        ("2027-07-16T01:26:39Z", 0),
        ("2027-07-16T01:26:39", 1),
        ("2027-07-16 01:26:39Z", 1),
        ("2027-07-16T01:26:39.5Z", 1),
        ("2027-07-16", 1),
    ] {
        let mut given = arguments("db-1");
        given.push(("retention_time", time.into()));
        assert_eq!(problems(&given).len(), expected, "{time}");
    }
}

#[test]
fn seed_001_disk_and_name_are_required_and_the_time_is_not() {
    use crate::schema::Constraint;
    let schema = PROVIDER.resources().remove(0).schema;
    for (name, sent, expected) in [
        ("disk_id", "diskId", Constraint::Required),
        ("name", "snapshotName", Constraint::Required),
        ("retention_time", "retentionTime", Constraint::Optional),
    ] {
        assert_eq!(schema.attribute(name).unwrap().constraint, expected, "{sent}");
    }
}

#[test]
fn two_spellings_of_one_instant_are_no_change() {
    let schema = PROVIDER.resources().remove(0).schema;
    let end = schema.attribute("retention_time").unwrap();
    let same = |left: &str, right: &str| end.same(&left.into(), &right.into());
    assert!(same("2027-07-16T01:26:39Z", "2027-07-16T01:26:39+00:00"));
    assert!(same("2027-07-16T01:26:39Z", "2027-07-16T03:26:39+02:00"));
    assert!(!same("2027-07-16T01:26:39Z", "2027-07-16T01:26:40Z"));
}

#[tokio::test]
async fn a_delete_that_comes_to_nothing_is_an_error() {
    let bench = bench_with(Setup { knobs: &[("deletion_seconds", 86_400)], ..Setup::default() });
    let made = bench.create(&bench.planned(&arguments("db-1"))).await;
    let id = text(&made, "id");
    let comes_back = async {
        bench.wait(Duration::from_mins(1)).await;
        bench.edit("snapshots", &id, "gone_at", json!(null));
    };
    let (deleted, ()) = tokio::join!(bench.try_delete(&made), comes_back);
    let error = deleted.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Failed);
    assert!(error.message.contains("`AVAILABLE`"), "{error}");
}

#[test]
fn nothing_in_a_snapshot_is_secret() {
    let schema = PROVIDER.resources().remove(0).schema;
    assert!(schema.attributes.iter().all(|attribute| !attribute.sensitive));
}
