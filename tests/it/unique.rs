//! Arguments that no two instances should share, and sources on which one thing is done at a time.

use snapform::world::Timestamp;

use crate::support::{Sandbox, hours_ago};

fn server(name: &str, server_id: &str) -> String {
    format!(
        "resource \"ctl_server_snapshot\" \"{name}\" {{\n  server_id       = \"{server_id}\"\n  expiration_days = 7\n}}\n"
    )
}

fn title(name: &str, rest: &str) -> String {
    format!(
        "resource \"thousandeyes_snapshot\" \"{name}\" {{\n  test_id        = 19955\n  display_name   = \"outage\"\n  from           = \"{}\"\n  duration_hours = 1\n{rest}}}\n",
        hours_ago(5)
    )
}

#[test]
fn two_snapshots_of_one_server_are_refused_whatever_its_spelling() {
    let both = format!("{}{}", server("a", "WA1ALIASWB01"), server("b", "wa1aliaswb01"));
    let sandbox = Sandbox::with(&both);
    let refused = sandbox.quietly("plan -emulate").failed().says("E0505").says("`server_id`");
    refused.says("main.snap.hcl:6:21").says("and here").says("holds one snapshot");
    // What is there already counts as well, and the order of the blocks does not.
    sandbox.config(&server("b", "wa1aliaswb01"));
    sandbox.apply();
    sandbox.config(&both);
    sandbox.quietly("plan -emulate").failed().says("E0505");
    let apart = format!("{}{}", server("a", "WA1ALIASWB02"), server("b", "wa1aliaswb01"));
    sandbox.config(&apart);
    sandbox.quietly("plan -emulate").succeeded();
}

#[test]
fn instances_of_one_block_are_compared_too() {
    let counted = "resource \"ctl_server_snapshot\" \"a\" {\n  count           = 3\n  server_id       = \"WA1ALIASWB01\"\n  expiration_days = 7\n}\n";
    let refused = Sandbox::with(counted).quietly("plan -emulate").failed();
    refused.says("`ctl_server_snapshot.a[0]` and `ctl_server_snapshot.a[2]`");
}

#[test]
fn two_snapshots_of_one_title_are_told_unless_their_groups_differ() {
    let sandbox = Sandbox::with(&format!("{}{}", title("a", ""), title("b", "")));
    let told = sandbox.quietly("plan -emulate").succeeded().says("W0506");
    told.says("`display_name`").says("only be looked for by its title");
    let apart = title("b", "  account_group_id = 11\n");
    sandbox.config(&format!("{}{apart}", title("a", "")));
    assert!(!sandbox.quietly("plan -emulate").succeeded().text().contains("W0506"));
    // A mark in the title tells it from others.
    sandbox.config(&format!("{}{}", title("a", ""), title("b", "  mark_title = true\n")));
    assert!(!sandbox.quietly("plan -emulate").succeeded().text().contains("W0506"));
    sandbox.config(&format!("{}{}", title("a", ""), title("b", "  mark_title = false\n")));
    sandbox.quietly("plan -emulate").succeeded().says("W0506");
    // What exists twice, and stays, is not told again.
    sandbox.config(&format!("{}{}", title("a", ""), title("b", "")));
    sandbox.apply();
    assert!(!sandbox.quietly("plan -emulate").succeeded().text().contains("W0506"));
}

#[test]
fn each_provider_configuration_counts_by_itself() {
    let other = server("b", "WA1ALIASWB01").replace("days = 7", "days = 7\n  provider = ctl.other");
    let alias = "provider \"ctl\" {\n  alias = \"other\"\n}\n";
    let sandbox = Sandbox::with(&format!("{}{other}{alias}", server("a", "WA1ALIASWB01")));
    sandbox.quietly("plan -emulate").succeeded();
}

/// When something was made, the first first.
fn creates(sandbox: &Sandbox) -> Vec<Timestamp> {
    let ledger = sandbox.ledger();
    let made = ledger.iter().filter(|entry| entry["operation"] == "create");
    let mut instants: Vec<Timestamp> =
        made.map(|entry| entry["time"].as_str().unwrap().parse().unwrap()).collect();
    instants.sort();
    instants
}

#[test]
fn creates_of_one_source_go_one_by_one() {
    for (type_name, source) in [
        ("zenlayer_disk_snapshot", "disk_id = \"1700000000000000042\""),
        ("apsara_ecs_snapshot", "disk_id = \"d-bp1s5fnvk4gn2tws0001\""),
        ("openstack_compute_snapshot", "volume_id = \"521752a6-acf6-4b2d-bc7a-119f9148cd8c\""),
    ] {
        let config = format!(
            "resource \"{type_name}\" \"a\" {{\n  count = 3\n  {source}\n  name = \"number-${{count.index}}\"\n}}\n"
        );
        let sandbox = Sandbox::with(&config);
        sandbox.apply();
        let instants = creates(&sandbox);
        assert_eq!(instants.len(), 3, "{type_name}");
        for pair in instants.windows(2) {
            assert!(pair[1].since(pair[0]).as_secs() >= 3, "{type_name}: {instants:?}");
        }
    }
}

#[test]
fn block_storage_makes_many_of_one_volume_at_once() {
    let sandbox = Sandbox::with(
        "resource \"openstack_blockstorage_snapshot_v3\" \"a\" {\n  count     = 8\n  volume_id = \"521752a6-acf6-4b2d-bc7a-119f9148cd8c\"\n}\n",
    );
    sandbox.knobs("openstack.create_seconds=60");
    sandbox.quietly("apply -emulate -auto-approve -parallelism=8").succeeded();
    let instants = creates(&sandbox);
    assert_eq!(instants.len(), 8);
    assert!(instants[7].since(instants[0]).as_secs() < 10, "{instants:?}");
}
