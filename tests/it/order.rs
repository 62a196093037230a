//! What refers to something is made after it and deleted before it, whatever the vendors.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::support::{Sandbox, hours_ago, tells};

/// Each name, and the name it is made from.
const NEEDS: [(&str, &str); 6] = [
    ("ecs-wa1aliaswb01", "wa1aliaswb01"),
    ("disk-ecs-wa1aliaswb01-1", "ecs-wa1aliaswb01"),
    ("disk-ecs-wa1aliaswb01-2", "ecs-wa1aliaswb01"),
    ("volume-2", "disk-ecs-wa1aliaswb01-1"),
    ("volume-2", "disk-ecs-wa1aliaswb01-2"),
    ("after volume-2", "volume-2"),
];

fn chain() -> String {
    format!(
        r#"
resource "thousandeyes_snapshot" "last" {{
  test_id        = 19955
  display_name   = "after ${{openstack_compute_snapshot.volume.name}}"
  from           = "{}"
  duration_hours = 1
}}

resource "openstack_compute_snapshot" "volume" {{
  volume_id = "521752a6-acf6-4b2d-bc7a-119f9148cd8c"
  name      = "volume-${{length([for disk in zenlayer_disk_snapshot.disk : disk.id])}}"
}}

resource "zenlayer_disk_snapshot" "disk" {{
  for_each = toset(["1", "2"])
  disk_id  = "170000000000000000${{each.key}}"
  name     = "disk-${{apsara_ecs_snapshot.ecs.name}}-${{each.key}}"
}}

resource "apsara_ecs_snapshot" "ecs" {{
  disk_id = "d-bp1s5fnvk4gn2tws0001"
  name    = "ecs-${{split("/", ctl_server_snapshot.first.id)[1]}}"
}}

resource "ctl_server_snapshot" "first" {{
  server_id       = "WA1ALIASWB01"
  expiration_days = 7
}}
"#,
        hours_ago(5)
    )
}

/// The names of the ledger's entries for `operation`, with their instants.
fn instants(ledger: &[Json], operation: &str) -> BTreeMap<String, String> {
    let entries = ledger.iter().filter(|entry| entry["operation"] == operation);
    let named = entries.map(|entry| {
        // A server's snapshot is named by the vendor: here the server stands for it.
        let key = if entry["vendor"] == "ctl" { "source" } else { "name" };
        let name = entry[key].as_str().unwrap().to_lowercase();
        (name, entry["time"].as_str().unwrap().to_owned())
    });
    named.collect()
}

#[test]
fn references_order_creates_and_deletes_across_vendors() {
    let sandbox = Sandbox::with(&chain());
    sandbox.quietly("apply -emulate -auto-approve -parallelism=50").succeeded().says("6 added");
    let created = instants(&sandbox.ledger(), "create");
    assert_eq!(created.len(), 6, "{created:?}");
    for (name, needed) in NEEDS {
        assert!(created[needed] < created[name], "{name} after {needed}: {created:?}");
    }
    sandbox.quietly("plan -emulate -detailed-exitcode").exits(0);
    let output = sandbox.quietly("destroy -emulate -auto-approve -parallelism=50").succeeded();
    let deleted = instants(&sandbox.ledger(), "delete");
    assert_eq!(deleted.len(), 5, "all but what ThousandEyes keeps: {deleted:?}");
    for (name, needed) in NEEDS.into_iter().filter(|(name, _)| !name.starts_with("after")) {
        assert!(deleted[name] < deleted[needed], "{name} before {needed}: {deleted:?}");
    }
    output.says("5 destroyed, 1 forgotten");
}

#[test]
fn what_a_vendor_cannot_delete_is_said_and_forgotten() {
    let sandbox = Sandbox::with(&format!(
        "resource \"thousandeyes_snapshot\" \"kept\" {{\n  test_id        = 19955\n  display_name   = \"kept\"\n  from           = \"{}\"\n  duration_hours = 1\n}}\n",
        hours_ago(5)
    ));
    sandbox.apply();
    sandbox.run("destroy -emulate -auto-approve").succeeded().says("W0609");
    sandbox.run("state list -emulate").succeeded();
    sandbox.run("emulator ledger").succeeded();
    tells!(sandbox);
}

#[test]
fn what_does_not_refer_to_each_other_is_made_at_the_same_time() {
    let sandbox = Sandbox::with(
        "resource \"apsara_ecs_snapshot\" \"a\" {\n  count   = 8\n  disk_id = \"d-bp1s5fnvk4gn2tws000${count.index}\"\n  name    = \"n-${count.index}\"\n}\n",
    );
    sandbox.quietly("apply -emulate -auto-approve -parallelism=8").succeeded();
    let created = instants(&sandbox.ledger(), "create");
    let (first, last) = (created.values().min().unwrap(), created.values().max().unwrap());
    let instant = |text: &str| text.parse::<snapform::world::Timestamp>().unwrap();
    assert!(instant(last).since(instant(first)).as_secs() < 10, "{created:?}");
}

#[test]
fn a_provider_may_limit_how_many_of_its_steps_are_under_way() {
    let sandbox = Sandbox::with(
        "provider \"apsara\" {\n  max_parallelism = 2\n}\n\nresource \"apsara_ecs_snapshot\" \"a\" {\n  count   = 6\n  disk_id = \"d-bp1s5fnvk4gn2tws000${count.index}\"\n  name    = \"n-${count.index}\"\n}\n\nresource \"zenlayer_disk_snapshot\" \"z\" {\n  count   = 4\n  disk_id = \"170000000000000000${count.index}\"\n  name    = \"z-${count.index}\"\n}\n",
    );
    sandbox.quietly("apply -emulate -auto-approve -parallelism=10").succeeded();
    let instant = |text: &String| text.parse::<snapform::world::Timestamp>().unwrap();
    let created = instants(&sandbox.ledger(), "create");
    let of = |letter: &str| {
        let found = created.iter().filter(|(name, _)| name.starts_with(letter));
        let mut instants: Vec<_> = found.map(|(_, text)| instant(text)).collect();
        instants.sort();
        instants
    };
    let (limited, free) = (of("n"), of("z"));
    assert!(free[3].since(free[0]).as_secs() < 10, "{created:?}");
    for pair in limited.windows(3) {
        assert!(pair[2].since(pair[0]).as_secs() > 10, "three at once: {created:?}");
    }
}
