//! Data types of `apsara`: disks by tag and by name, a snapshot of each, and the newest of them.

use serde_json::json;

use crate::support::{Sandbox, WORLD};

const CONFIG: &str = r#"
data "apsara_ecs_disks" "daily" {
  tags = { backup = "daily" }
}

resource "apsara_ecs_snapshot" "daily" {
  for_each = toset(data.apsara_ecs_disks.daily.ids)
  disk_id  = each.value
  name     = "daily-${each.value}"
}

data "apsara_ecs_snapshots" "newest" {
  depends_on  = [apsara_ecs_snapshot.daily]
  status      = "accomplished"
  most_recent = true
}

output "newest" {
  value = data.apsara_ecs_snapshots.newest.snapshots[*].name
}
"#;

#[test]
fn disks_with_a_tag_get_a_snapshot_each_and_the_second_plan_is_empty() {
    for mode in ["apigw", "acs3", "rpc"] {
        tells_the_same_twice(mode);
    }
}

fn tells_the_same_twice(mode: &str) {
    // The profile is nobody's: a rehearsal has keys of its own and reads no file.
    let provider =
        format!("provider \"apsara\" {{\n  auth_mode = \"{mode}\"\n  profile = \"x\"\n}}\n");
    let sandbox = Sandbox::with(&format!("{provider}{CONFIG}"));
    sandbox.quietly("validate").succeeded();
    sandbox.apply().says("2 added");
    let mut made = sandbox.created();
    made.sort();
    assert_eq!(made, ["daily-d-emu00000000000000001", "daily-d-emu00000000000000003"]);
    sandbox.quietly("plan -emulate -detailed-exitcode").exits(0);
    let newest = sandbox.quietly("output -emulate -json newest").succeeded().stdout;
    let newest: Vec<String> = serde_json::from_str(&newest).unwrap();
    assert_eq!(newest.len(), 1);
    assert!(made.contains(&newest[0]), "{newest:?}");

    // Another disk with the tag: one more snapshot, and it is the newest.
    let disk = json!({ "name": "late", "tags": { "backup": "daily" } });
    sandbox.record("apsara", "disks", "d-4711", &disk);
    sandbox.apply().says("1 added");
    let newest = sandbox.quietly("output -emulate -json newest").succeeded().stdout;
    assert_eq!(newest.trim(), json!([format!("daily-{}", "d-4711")]).to_string());
    sandbox.quietly("plan -emulate -detailed-exitcode").exits(0);
    sandbox.quietly("destroy -emulate -auto-approve").succeeded();
    let deleted = sandbox.ledger().iter().filter(|entry| entry["operation"] == "delete").count();
    assert_eq!(deleted, 3);
}

#[test]
fn names_are_compared_exactly_and_nothing_found_is_no_error() {
    let sandbox = Sandbox::with(
        r#"
data "apsara_ecs_disks" "one" {
  name = "disk-1"
}

data "apsara_ecs_disks" "none" {
  name = "disk-"
}

data "apsara_ecs_snapshots" "none" {
  most_recent = true
}

resource "apsara_ecs_snapshot" "one" {
  for_each = { for disk in data.apsara_ecs_disks.one.disks : disk.name => disk }
  disk_id  = each.value.id
  name     = "type-${each.value.disk_type}"
}

output "nothing" {
  value = concat(data.apsara_ecs_disks.none.ids, data.apsara_ecs_snapshots.none.ids)
}
"#,
    );
    sandbox.quietly("init -emulate").succeeded();
    sandbox.quietly(&format!("emulator knobs -data={WORLD} apsara.disks=120")).succeeded();
    sandbox.apply().says("1 added");
    assert_eq!(sandbox.created(), ["type-system"]);
    let nothing = sandbox.quietly("output -emulate -json nothing").succeeded().stdout;
    assert_eq!(nothing.trim(), "[]");
}

#[test]
fn a_filter_that_cannot_be_meant_is_refused_before_anybody_is_asked() {
    let sandbox = Sandbox::with(
        r#"
data "apsara_ecs_snapshots" "x" {
  status = "ready"
}
"#,
    );
    let said = sandbox.quietly("validate").failed().text();
    assert!(said.contains("`status` must be one of") && said.contains("`ready`"), "{said}");
    assert!(sandbox.quietly("plan -emulate").failed().text().contains("`status` must be one of"));
}
