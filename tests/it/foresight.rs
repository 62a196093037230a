//! What vendors are asked while planning, and what a plan says of their answers.

use serde_json::{Value as Json, json};

use crate::support::{Sandbox, hours_ago, tells};

const VOLUME: &str = "521752a6-acf6-4b2d-bc7a-119f9148cd8c";

fn resource(kind: &str, name: &str, arguments: &str) -> String {
    format!("resource \"{kind}\" \"{name}\" {{\n  {arguments}\n}}\n\n")
}

fn disk(name: &str, id: &str) -> String {
    resource(
        "zenlayer_disk_snapshot",
        name,
        &format!("disk_id = \"{id}\"\n  name    = \"nightly\""),
    )
}

fn event(name: &str, test: &str) -> String {
    let arguments = format!(
        "test_id        = \"{test}\"\n  display_name   = \"event {name}\"\n  from           = \
         timeadd(plantimestamp(), \"-5h\")\n  duration_hours = 1"
    );
    resource("thousandeyes_snapshot", name, &arguments)
}

#[test]
fn every_source_that_is_missing_or_unfit_is_told_before_anything_is_sent() {
    let server = "server_id       = \"WA1ALIASWB01\"\n  expiration_days = 7";
    let apsara = |id| format!("disk_id = \"{id}\"");
    let sandbox = Sandbox::with(
        &[
            disk("gone", "17"),
            disk("unable", "18"),
            disk("failed", "19"),
            disk("good", "20"),
            resource("apsara_ecs_snapshot", "gone", &apsara("d-gone")),
            resource("apsara_ecs_snapshot", "locked", &apsara("d-locked")),
            resource("ctl_server_snapshot", "gone", server),
            resource("openstack_compute_snapshot", "gone", &format!("volume_id = \"{VOLUME}\"")),
            event("gone", "817"),
            event("saved", "818"),
        ]
        .concat(),
    );
    let missing = json!({ "missing": true });
    sandbox.record("zenlayer", "disks", "17", &missing);
    sandbox.record("zenlayer", "disks", "18", &json!({ "snapshot_ability": false }));
    sandbox.record("zenlayer", "disks", "19", &json!({ "status": "FAILED" }));
    sandbox.record("apsara", "disks", "d-gone", &missing);
    sandbox.record("apsara", "disks", "d-locked", &json!({ "lock_reason": "security" }));
    sandbox.record("ctl", "servers", "wa1aliaswb01", &missing);
    sandbox.record("openstack", "volumes", VOLUME, &missing);
    sandbox.record("thousandeyes", "tests", "817", &missing);
    sandbox.record("thousandeyes", "tests", "818", &json!({ "savedEvent": 1 }));
    let told = sandbox.run("plan -emulate").failed();
    assert_eq!(told.stderr.matches("E0614").count(), 7, "{}", told.stderr);
    assert_eq!(told.stderr.matches("W0615").count(), 2, "{}", told.stderr);
    // Where records are trusted, nobody is asked.
    sandbox.quietly("plan -emulate -refresh=false").succeeded().never_says("E0614");
    tells!(sandbox);
}

#[test]
fn a_foreign_snapshot_in_the_only_slot_is_an_obstacle_unless_it_may_go() {
    let server = |more: &str| {
        let arguments = format!("server_id       = \"WA1ALIASWB01\"\n  expiration_days = 7{more}");
        resource("ctl_server_snapshot", "web", &arguments)
    };
    let sandbox = Sandbox::with(&server(""));
    sandbox.apply();
    // A replacement frees the slot itself, and somebody else's state knows nothing of it.
    sandbox.config(&server("\n  account_alias   = \"alias\""));
    sandbox.quietly("plan -emulate -replace=ctl_server_snapshot.web").succeeded();
    sandbox.quietly("state rm -emulate ctl_server_snapshot.web").succeeded();
    sandbox.run("plan -emulate").failed().says("E0614");
    sandbox.config(&server("\n  replace_existing = true"));
    sandbox.quietly("plan -emulate").succeeded().never_says("E0614");
    tells!(sandbox);
}

#[test]
fn a_volume_in_use_wants_force() {
    let snapshot = |more: &str| {
        let arguments = format!("volume_id = \"{VOLUME}\"{more}");
        resource("openstack_blockstorage_snapshot_v3", "data", &arguments)
    };
    let sandbox = Sandbox::with(&snapshot(""));
    sandbox.record("openstack", "volumes", VOLUME, &json!({ "status": "in-use", "size": 40 }));
    sandbox.run("plan -emulate").succeeded().says("W0615");
    sandbox.config(&snapshot("\n  force     = true"));
    sandbox.quietly("plan -emulate").succeeded().never_says("W0615");
    tells!(sandbox);
}

#[test]
fn a_plan_that_needs_more_than_a_quota_leaves_says_so() {
    let volumes = |count: u8| {
        let arguments = format!("count     = {count}\n  volume_id = \"{VOLUME}\"");
        resource("openstack_blockstorage_snapshot_v3", "data", &arguments)
    };
    let sandbox = Sandbox::with(&volumes(2));
    sandbox.quietly("emulator knobs openstack.snapshot_quota=3").succeeded();
    sandbox.quietly("apply -emulate -auto-approve").succeeded().never_says("W0616");
    sandbox.config(&volumes(4));
    sandbox.run("plan -emulate").succeeded().says("W0616");
    // What goes makes room.
    sandbox.config(&volumes(3));
    let replaced = "plan -emulate -replace=openstack_blockstorage_snapshot_v3.data[0]";
    sandbox.quietly(replaced).succeeded().never_says("W0616");
    tells!(sandbox);
}

#[test]
fn the_hourly_quota_tells_when_the_last_create_can_be_made() {
    let events = |count: u8| {
        let arguments = format!(
            "count          = {count}\n  test_id        = \"817\"\n  display_name   = \"event \
             ${{count.index}}\"\n  from           = \"{}\"\n  duration_hours = 1",
            hours_ago(5)
        );
        resource("thousandeyes_snapshot", "a", &arguments)
    };
    let sandbox = Sandbox::with(&events(8));
    sandbox.quietly("apply -emulate -auto-approve").succeeded().never_says("W0616");
    sandbox.config(&events(11));
    sandbox.run("plan -emulate").succeeded().says("W0616").says("8 are used up");
    let waiting = "provider \"thousandeyes\" {\n  wait_for_quota = true\n}\n\n";
    sandbox.config(&format!("{waiting}{}", events(11)));
    sandbox.run("plan -emulate").succeeded().says("waits for its turn");
    tells!(sandbox);
}

#[test]
fn a_vendor_that_cannot_be_asked_is_told_and_the_plan_stands() {
    let sandbox = Sandbox::with(&disk("a", "17"));
    sandbox.quietly("emulator knobs zenlayer.fault_percent=100").succeeded();
    // What goes wrong differs from run to run.
    let told = sandbox.quietly("plan -emulate").succeeded();
    told.says("W0617").says("1 object of `zenlayer_disk_snapshot`").says("1 to add");
}

#[test]
fn the_sources_of_many_creates_cost_a_call_for_each_hundred() {
    let many = "count   = 250\n  disk_id = 1000 + count.index\n  name    = \"nightly\"";
    let sandbox = Sandbox::with(&resource("zenlayer_disk_snapshot", "a", many));
    sandbox.env("SNAPFORM_LOG", "debug");
    let log = sandbox.quietly("plan -emulate -log=json").succeeded().stderr;
    let asked = log.lines().filter(|line| {
        let line: Json = serde_json::from_str(line).unwrap_or_default();
        line["@message"] == "request"
    });
    assert_eq!(asked.count(), 3, "{log}");
}
