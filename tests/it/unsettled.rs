//! What a create of which nobody knows the outcome does to everything around it.

use serde_json::Value as Json;

use crate::support::Sandbox;

const PREDECESSOR: &str = "d-bp1s5fnvk4gn2tws0001";
const SUCCESSOR: &str = "d-bp1s5fnvk4gn2tws0002";

fn snapshot(disk: &str) -> String {
    format!("resource \"apsara_ecs_snapshot\" \"a\" {{\n  disk_id = \"{disk}\"\n}}\n")
}

/// What was created and deleted, by source.
fn happened(sandbox: &Sandbox) -> Vec<(String, String)> {
    let text = |entry: &Json, name: &str| entry[name].as_str().unwrap().to_owned();
    let ledger = sandbox.ledger();
    ledger.iter().map(|entry| (text(entry, "operation"), text(entry, "source"))).collect()
}

/// A snapshot, and a replacement of it whose create comes to light too late and without its mark.
fn replaced() -> Sandbox {
    let sandbox = Sandbox::with(&snapshot(PREDECESSOR));
    sandbox.apply();
    sandbox.knobs("apsara.answer_without_id=1 apsara.tags_ignored=1 apsara.visibility_seconds=75");
    sandbox.config(&snapshot(SUCCESSOR));
    sandbox.quietly("apply -emulate -auto-approve").exits(4).says("E0606");
    sandbox
}

#[test]
fn the_predecessor_stays_until_its_successor_is_there_for_certain() {
    let sandbox = replaced();
    sandbox.quietly("apply -emulate -auto-approve").exits(4).says("E0707");
    assert!(happened(&sandbox).iter().all(|(operation, _)| operation == "create"));
    // A person's word that nothing was made brings it back as the current object.
    sandbox.quietly("recover -emulate -absent=apsara_ecs_snapshot.a").succeeded();
    sandbox.quietly("state list -emulate").succeeded().says("apsara_ecs_snapshot.a\n");
    sandbox.knobs("apsara.answer_without_id=0 apsara.visibility_seconds=0");
    sandbox.quietly("apply -emulate -auto-approve").succeeded().says("1 added");
    assert_eq!(happened(&sandbox).last().unwrap(), &("delete".into(), PREDECESSOR.into()));
}

#[test]
fn what_a_person_says_was_made_takes_its_place() {
    let sandbox = replaced();
    let ledger = sandbox.ledger();
    let of = |source: &str| {
        let found = ledger.iter().find(|entry| entry["source"] == source).unwrap();
        found["id"].as_str().unwrap().to_owned()
    };
    sandbox.knobs("apsara.answer_without_id=0 apsara.visibility_seconds=0");
    // Neither what belongs to somebody else nor what is not there can be it.
    let adopt =
        |id: &str| sandbox.quietly(&format!("recover -emulate -adopt=apsara_ecs_snapshot.a={id}"));
    adopt(&of(PREDECESSOR)).failed().says("E0717");
    adopt("s-emu99999999999999999").failed().says("E0717");
    adopt(&of(SUCCESSOR)).succeeded();
    // The predecessor waits for its deletion only now.
    sandbox.quietly("apply -emulate -auto-approve").succeeded().says("1 destroyed");
    assert_eq!(happened(&sandbox).last().unwrap(), &("delete".into(), PREDECESSOR.into()));
    sandbox.quietly("plan -emulate -detailed-exitcode").exits(0);
}

#[test]
fn what_needs_an_unsettled_create_waits_with_it() {
    let sandbox = replaced();
    let users = "
resource \"terraform_data\" \"user\" {
  input = apsara_ecs_snapshot.a.id
}
resource \"terraform_data\" \"after_user\" {
  depends_on = [terraform_data.user]
}
resource \"terraform_data\" \"other\" {}
output \"id\" {
  value = terraform_data.user.output
}
";
    sandbox.config(&format!("{}{users}", snapshot(SUCCESSOR)));
    let output = sandbox.quietly("apply -emulate -auto-approve").exits(4);
    output.says("E0707").says("`terraform_data.after_user` and 1 more need").says("1 added");
    let made = sandbox.quietly("state list -emulate").succeeded();
    assert!(!made.text().contains("user"), "{}", made.text());
    sandbox.knobs("apsara.answer_without_id=0 apsara.visibility_seconds=0");
    sandbox.quietly("recover -emulate -absent=apsara_ecs_snapshot.a").succeeded();
    sandbox.quietly("apply -emulate -auto-approve").succeeded().says("3 added");
}

#[test]
fn a_saved_plan_that_was_begun_is_not_sent_again() {
    let sandbox = Sandbox::with(&snapshot(PREDECESSOR));
    sandbox.knobs("apsara.answer_without_id=1 apsara.visibility_seconds=100000");
    sandbox.quietly("plan -emulate -out=one.plan").succeeded();
    // The vendor took it and shows nothing: that it is absent cannot be said of it.
    sandbox.quietly("apply -emulate one.plan").exits(4).says("E0606");
    sandbox.quietly("apply -emulate one.plan").failed().says("E0802");
    sandbox.quietly("apply -emulate -auto-approve").exits(4).says("E0707");
    assert_eq!(happened(&sandbox).len(), 1);
}

#[test]
fn outputs_do_not_tell_what_was_only_planned() {
    let config = |name: &str| {
        format!(
            "
resource \"openstack_compute_snapshot\" \"a\" {{
  volume_id = \"521752a6-acf6-4b2d-bc7a-119f9148cd8c\"
  name      = \"{name}\"
}}
output \"name\" {{
  value = openstack_compute_snapshot.a.name
}}
output \"plain\" {{
  value = \"{name}\"
}}
"
        )
    };
    let sandbox = Sandbox::with(&config("one"));
    sandbox.apply();
    sandbox.knobs("openstack.snapshot_quota=1");
    sandbox.config(&config("two"));
    sandbox.quietly("apply -emulate -auto-approve").failed().says("E0605");
    assert_eq!(sandbox.state()["outputs"]["name"]["value"], "one");
    assert_eq!(sandbox.state()["outputs"]["plain"]["value"], "two");
    sandbox.knobs("openstack.snapshot_quota=10");
    sandbox.apply();
    assert_eq!(sandbox.state()["outputs"]["name"]["value"], "two");
}

#[test]
fn an_id_that_is_not_listed_yet_is_not_taken_for_nothing() {
    let sandbox = Sandbox::with(&snapshot(PREDECESSOR));
    sandbox.knobs("apsara.visibility_seconds=200");
    sandbox.quietly("apply -emulate -auto-approve").exits(4).says("E0606");
    // Each look takes a while; once it is listed, it is adopted.
    for _ in 0..5 {
        sandbox.quietly("recover -emulate");
    }
    sandbox.quietly("plan -emulate -detailed-exitcode").exits(0);
    assert_eq!(happened(&sandbox).len(), 1);
}
