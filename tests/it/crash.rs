//! Killed at any moment and run again: nothing is made twice, and nothing is lost.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::Value as Json;

use crate::support::{EMULATED_STATE, Sandbox, WORLD, hours_ago};

/// A hundred snapshots at five vendors.
fn hundred() -> String {
    format!(
        r#"
provider "thousandeyes" {{
  create_quota = 1000
}}

resource "ctl_server_snapshot" "web" {{
  count           = 20
  server_id       = format("WA1ALIASWB%02d", count.index)
  expiration_days = 7
}}

resource "zenlayer_disk_snapshot" "disk" {{
  count   = 20
  disk_id = format("17000000000000000%02d", count.index)
  name    = "disk-${{count.index}}"
}}

resource "thousandeyes_snapshot" "test" {{
  count          = 20
  test_id        = 20000 + count.index
  display_name   = "test-${{count.index}}"
  from           = "{}"
  duration_hours = 1
}}

resource "apsara_ecs_snapshot" "ecs" {{
  count   = 20
  disk_id = format("d-bp1s5fnvk4gn2tws%04d", count.index)
  name    = "ecs-${{count.index}}"
}}

resource "openstack_compute_snapshot" "volume" {{
  count     = 20
  volume_id = format("521752a6-acf6-4b2d-bc7a-1190000000%02d", count.index)
  name      = "volume-${{count.index}}"
}}
"#,
        hours_ago(5)
    )
}

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with(&hundred());
    sandbox.knobs(
        "openstack.snapshot_quota=0 openstack.gigabyte_quota=0 thousandeyes.create_quota=1000",
    );
    sandbox
}

/// How many bytes the emulators' worlds and the journal hold. Each request and each note makes it
/// grow, so it tells how far a run has come without asking a clock.
fn progress(sandbox: &Sandbox) -> u64 {
    let vendors = ["apsara", "ctl", "openstack", "thousandeyes", "zenlayer"];
    let worlds = vendors.iter().map(|vendor| format!("{WORLD}/{vendor}.jsonl"));
    let files = worlds.chain([format!("{EMULATED_STATE}/journal.jsonl")]);
    files.filter_map(|name| Some(fs::metadata(sandbox.path(&name)).ok()?.len())).sum()
}

/// The vendor's id of every object in state, by vendor.
fn in_state(sandbox: &Sandbox) -> Vec<(String, String)> {
    let mut ids = Vec::new();
    for resource in sandbox.state()["resources"].as_array().unwrap() {
        let kind = resource["type"].as_str().unwrap();
        let vendor = kind.split('_').next().unwrap();
        for instance in resource["instances"].as_array().unwrap() {
            let attributes = &instance["attributes"];
            let id = if vendor == "ctl" { &attributes["snapshot_id"] } else { &attributes["id"] };
            let id = id.as_str().unwrap().to_owned();
            let id = match vendor {
                "ctl" => {
                    format!("{}/{id}", attributes["server_id"].as_str().unwrap().to_lowercase())
                }
                _ => id,
            };
            ids.push((vendor.to_owned(), id));
        }
    }
    ids
}

/// The same of every object that the ledger says exists.
fn at_the_vendors(ledger: &[Json]) -> Vec<(String, String)> {
    let mut ids = Vec::new();
    for entry in ledger {
        let text = |name: &str| entry[name].as_str().unwrap().to_owned();
        let id = match &*text("vendor") {
            "ctl" => {
                let id = text("id");
                let last = id.rsplit('/').next().unwrap().to_owned();
                format!("{}/{last}", text("source").to_lowercase())
            }
            _ => text("id"),
        };
        let object = (text("vendor"), id);
        match entry["operation"].as_str().unwrap() {
            "create" => ids.push(object),
            "delete" | "expire" => ids.retain(|known| *known != object),
            _ => {}
        }
    }
    ids
}

/// How often each thing was made, by vendor, source and name.
fn creates(ledger: &[Json]) -> BTreeMap<(String, String, String), usize> {
    let mut counts = BTreeMap::new();
    for entry in ledger.iter().filter(|entry| entry["operation"] == "create") {
        let text = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
        // A server's snapshot is named by the vendor, so its source alone tells it.
        let name = if entry["vendor"] == "ctl" { String::new() } else { text("name") };
        *counts.entry((text("vendor"), text("source"), name)).or_default() += 1;
    }
    counts
}

/// Checks what must hold after everything was finished.
fn assert_exactly_once(sandbox: &Sandbox, when: &str) {
    let ledger = sandbox.ledger();
    let twice: Vec<_> = creates(&ledger).into_iter().filter(|(_, count)| *count > 1).collect();
    assert!(twice.is_empty(), "{when}: made more than once: {twice:?}");
    let there = at_the_vendors(&ledger);
    let recorded = in_state(sandbox);
    let unique: BTreeSet<_> = recorded.iter().collect();
    assert_eq!(unique.len(), recorded.len(), "{when}: in state twice");
    assert_eq!(unique, there.iter().collect(), "{when}");
    assert_eq!(there.len(), 100, "{when}");
    assert!(sandbox.nothing_open(EMULATED_STATE), "{when}");
    sandbox.quietly("plan -emulate -detailed-exitcode").exits(0);
}

/// Starts an apply and kills it once it has come `bytes` further; `false` where it ended before.
fn kill_after(sandbox: &Sandbox, bytes: u64) -> bool {
    let mut running = sandbox.start("apply -emulate -auto-approve");
    let start = progress(sandbox);
    let arrived = running.wait_until(|| progress(sandbox) >= start + bytes);
    let output = running.kill();
    arrived && output.code.is_none()
}

fn kills_wanted() -> u64 {
    #[expect(clippy::disallowed_methods, reason = "a longer run is asked for by the environment")]
    let wanted = std::env::var("SNAPFORM_TEST_KILLS");
    wanted.ok().and_then(|text| text.parse().ok()).unwrap_or(10)
}

#[test]
fn a_killed_apply_is_taken_up_and_nothing_is_made_twice() {
    let whole = sandbox();
    whole.apply();
    let size = progress(&whole);
    assert_exactly_once(&whole, "without a kill");
    let wanted = kills_wanted();
    let mut killed = 0;
    let mut taken_up = 0;
    for round in 0..wanted {
        let sandbox = sandbox();
        // Odd fractions, so that longer runs fall between the moments of shorter ones.
        let moment = size * (2 * round + 1) / (2 * wanted);
        killed += u64::from(kill_after(&sandbox, moment));
        let when = format!("killed {moment} bytes into {size}");
        let output = sandbox.quietly("apply -emulate -auto-approve");
        assert_eq!(output.code, Some(0), "{when}:\n{}", output.stderr);
        taken_up += output.text().matches("W0706").count();
        assert_exactly_once(&sandbox, &when);
    }
    println!(
        "{killed} of {wanted} runs killed in mid-apply, {taken_up} creates taken up; 0 duplicates, 0 lost"
    );
    assert!(taken_up > 0, "no kill left a create open: the moments prove nothing");
    assert!(killed * 4 >= wanted * 3, "only {killed} of {wanted} kills hit a running apply");
}

#[test]
fn an_apply_that_is_killed_again_and_again_comes_to_its_end() {
    let sandbox = sandbox();
    let mut killed = 0;
    while kill_after(&sandbox, 30_000) {
        killed += 1;
        assert!(killed < 100, "it gets nowhere");
    }
    sandbox.apply();
    println!("killed {killed} times on one state; 0 duplicates, 0 lost");
    assert!(killed >= 3, "{killed}");
    assert_exactly_once(&sandbox, "killed again and again");
}

#[cfg(unix)]
#[test]
fn an_interrupted_apply_ends_in_good_order_and_goes_on() {
    let sandbox = sandbox();
    let mut running = sandbox.start("apply -emulate -auto-approve -parallelism=3");
    let start = progress(&sandbox);
    assert!(running.wait_until(|| progress(&sandbox) >= start + 20_000));
    running.interrupt();
    running.finish().failed().says("Interrupted:").says("E0902").says("not complete");
    assert!(sandbox.nothing_open(EMULATED_STATE));
    sandbox.apply();
    assert_exactly_once(&sandbox, "interrupted");
}

#[test]
fn a_killed_destroy_is_taken_up() {
    let sandbox = sandbox();
    sandbox.apply();
    let mut running = sandbox.start("destroy -emulate -auto-approve");
    let start = progress(&sandbox);
    running.wait_until(|| progress(&sandbox) >= start + 40_000);
    running.kill();
    sandbox.quietly("destroy -emulate -auto-approve").succeeded();
    let left = at_the_vendors(&sandbox.ledger());
    assert!(left.iter().all(|(vendor, _)| vendor == "thousandeyes"), "{left:?}");
    assert_eq!(sandbox.quietly("state list -emulate").succeeded().stdout, "");
}
