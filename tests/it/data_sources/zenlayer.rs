//! Data types of `zenlayer`: disks by tag and by name, a snapshot of each, and the newest of them.

use serde_json::json;

use crate::support::{Sandbox, WORLD};

const CONFIG: &str = r#"
data "zenlayer_disks" "daily" {
  tags = { backup = "daily" }
}

resource "zenlayer_disk_snapshot" "daily" {
  for_each = toset(data.zenlayer_disks.daily.ids)
  disk_id  = each.value
  name     = "daily-${each.value}"
}

data "zenlayer_disk_snapshots" "newest" {
  depends_on  = [zenlayer_disk_snapshot.daily]
  status      = "AVAILABLE"
  most_recent = true
}

output "newest" {
  value = data.zenlayer_disk_snapshots.newest.snapshots[*].name
}
"#;

#[test]
fn disks_with_a_tag_get_a_snapshot_each_and_the_second_plan_is_empty() {
    let sandbox = Sandbox::with(CONFIG);
    sandbox.quietly("validate").succeeded();
    sandbox.apply().says("2 added");
    let mut made = sandbox.created();
    made.sort();
    assert_eq!(made, ["daily-1700000000000000001", "daily-1700000000000000003"]);
    sandbox.quietly("plan -emulate -detailed-exitcode").exits(0);
    let newest = sandbox.quietly("output -emulate -json newest").succeeded().stdout;
    let newest: Vec<String> = serde_json::from_str(&newest).unwrap();
    assert_eq!(newest.len(), 1);
    assert!(made.contains(&newest[0]), "{newest:?}");

    // Another disk with the tag: one more snapshot, and it is the newest.
    let disk = json!({ "name": "late", "tags": { "backup": "daily" } });
    sandbox.record("zenlayer", "disks", "4711", &disk);
    sandbox.apply().says("1 added");
    let newest = sandbox.quietly("output -emulate -json newest").succeeded().stdout;
    assert_eq!(newest.trim(), json!([format!("daily-{}", "4711")]).to_string());
    sandbox.quietly("plan -emulate -detailed-exitcode").exits(0);
    sandbox.quietly("destroy -emulate -auto-approve").succeeded();
    let deleted = sandbox.ledger().iter().filter(|entry| entry["operation"] == "delete").count();
    assert_eq!(deleted, 3);
}

#[test]
fn names_are_compared_exactly_and_nothing_found_is_no_error() {
    let sandbox = Sandbox::with(
        r#"
data "zenlayer_disks" "one" {
  name = "disk-1"
}

data "zenlayer_disks" "none" {
  name = "disk-"
}

data "zenlayer_disk_snapshots" "none" {
  most_recent = true
}

data "zenlayer_disk_snapshots" "all" {}

resource "zenlayer_disk_snapshot" "one" {
  for_each = { for disk in data.zenlayer_disks.one.disks : disk.name => disk }
  disk_id  = each.value.id
  name     = "type-${each.value.disk_type}"
}

output "newest_only" {
  value = [data.zenlayer_disk_snapshots.none, data.zenlayer_disk_snapshots.all][*].most_recent
}

output "nothing" {
  value = concat(data.zenlayer_disks.none.ids, data.zenlayer_disk_snapshots.none.ids)
}
"#,
    );
    sandbox.quietly("init -emulate").succeeded();
    sandbox.quietly(&format!("emulator knobs -data={WORLD} zenlayer.disks=120")).succeeded();
    sandbox.apply().says("1 added");
    assert_eq!(sandbox.created(), ["type-SYSTEM"]);
    let nothing = sandbox.quietly("output -emulate -json nothing").succeeded().stdout;
    assert_eq!(nothing.trim(), "[]");
    // Where nothing is said, the default counts, as it does for resources.
    let newest_only = sandbox.quietly("output -emulate -json newest_only").succeeded().stdout;
    assert_eq!(newest_only.trim(), "[true,false]");
}

#[test]
fn a_filter_that_cannot_be_meant_is_refused_before_anybody_is_asked() {
    let sandbox = Sandbox::with(
        r#"
data "zenlayer_disk_snapshots" "x" {
  status = "ready"
}
"#,
    );
    let said = sandbox.quietly("validate").failed().text();
    assert!(said.contains("`status` must be one of") && said.contains("`ready`"), "{said}");
    assert!(sandbox.quietly("plan -emulate").failed().text().contains("`status` must be one of"));
}
