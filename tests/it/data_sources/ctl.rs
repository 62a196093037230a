//! Data types of `ctl`.

use serde_json::json;

use crate::support::Sandbox;

const EVERY_SERVER: &str = r#"
data "ctl_group_snapshots" "web" {
  data_center        = "wa1"
  server_name_prefix = "WA1ALIASAPP"
}

resource "ctl_server_snapshot" "each" {
  for_each = toset([for server in data.ctl_group_snapshots.web.servers : server.id if server.can_be_copied])

  server_id       = each.key
  expiration_days = 7
}

output "held" {
  value = [for snapshot in data.ctl_group_snapshots.web.snapshots : snapshot.id]
}
"#;

/// What was made, by server and number.
fn made(sandbox: &Sandbox) -> Vec<String> {
    let ledger = sandbox.ledger();
    let creates = ledger.iter().filter(|entry| entry["operation"] == "create");
    let mut ids: Vec<_> = creates.map(|entry| entry["id"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    ids
}

#[test]
fn every_server_of_a_group_gets_a_snapshot_and_then_nothing_changes() {
    let sandbox = Sandbox::with(EVERY_SERVER);
    sandbox.apply();
    assert_eq!(made(&sandbox), ["wa1aliasapp01/1", "wa1aliasapp02/1", "wa1aliasapp03/1"]);
    // Only the output sees what was made meanwhile, as data is looked up anew each time.
    sandbox.quietly("plan -emulate -detailed-exitcode").says("alias/wa1aliasapp01/1");
    sandbox.apply();
    sandbox.quietly("plan -emulate -detailed-exitcode").exits(0);
    // A server that comes is copied as well, and one that cannot be is not.
    sandbox.knobs("ctl.servers=5");
    sandbox.record("ctl", "servers", "wa1aliasapp04", &json!({ "isTemplate": true }));
    sandbox.apply();
    assert_eq!(made(&sandbox).last().unwrap(), "wa1aliasapp05/1");
    assert_eq!(made(&sandbox).len(), 4);
}

#[test]
fn a_snapshot_made_in_the_same_run_is_looked_up_after_it() {
    let sandbox = Sandbox::with(
        r#"
resource "ctl_server_snapshot" "a" {
  server_id       = "WA1ALIASWB01"
  expiration_days = 3
}

data "ctl_server" "a" {
  server_id  = ctl_server_snapshot.a.server_id
  depends_on = [ctl_server_snapshot.a]
}

data "ctl_server_snapshot" "a" {
  server_id       = ctl_server_snapshot.a.server_id
  expiration_days = ctl_server_snapshot.a.expiration_days
  depends_on      = [ctl_server_snapshot.a]
}

output "same" {
  value = [
    data.ctl_server_snapshot.a.id == ctl_server_snapshot.a.id,
    data.ctl_server_snapshot.a.expires_at == ctl_server_snapshot.a.expires_at,
    data.ctl_server.a.snapshots[0].id == ctl_server_snapshot.a.id,
    data.ctl_server.a.data_center == "WA1",
  ]
}
"#,
    );
    sandbox.apply();
    let output = sandbox.quietly("output -emulate -json same").succeeded();
    let same: Vec<bool> = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(same, [true; 4]);
    sandbox.quietly("plan -emulate -detailed-exitcode").exits(0);
}

#[test]
fn what_is_not_there_or_named_twice_is_told_at_its_place() {
    let data = |type_name: &str, arguments: &str| {
        Sandbox::with(&format!("data \"{type_name}\" \"a\" {{\n{arguments}\n}}\n"))
    };
    let server = "  server_id = \"WA1ALIASWB01\"";
    data("ctl_server_snapshot", server)
        .quietly("plan -emulate")
        .failed()
        .says("Server `WA1ALIASWB01` holds no snapshot")
        .says("main.snap.hcl:2");
    let sandbox = data("ctl_server", server);
    sandbox.record("ctl", "servers", "wa1aliaswb01", &json!({ "missing": true }));
    sandbox
        .quietly("plan -emulate")
        .failed()
        .says("There is no server `WA1ALIASWB01` in account `alias`")
        .says("main.snap.hcl:2");
    data("ctl_group_snapshots", "  group_id = \"web\"")
        .quietly("plan -emulate")
        .failed()
        .says("There is no group `web`");
    let twice = "  group_id    = \"2a5c0b9662cf4fc8bf6180f139facdc0\"\n  data_center = \"WA1\"";
    data("ctl_group_snapshots", twice)
        .quietly("plan -emulate")
        .failed()
        .says("`group_id` and `data_center` both tell which servers are");
    data("ctl_group_snapshots", "").quietly("plan -emulate").failed().says("No group is named");
}

#[test]
fn a_snapshot_is_taken_in_by_its_server_alone() {
    let resource = "resource \"ctl_server_snapshot\" \"a\" {\n  server_id       = \"WA1ALIASWB01\"\n  expiration_days = 7\n}\n";
    let sandbox = Sandbox::with(resource);
    sandbox.apply();
    sandbox.quietly("state rm -emulate ctl_server_snapshot.a").succeeded();
    let typed = "import -emulate ctl_server_snapshot.a wa1aliaswb01";
    sandbox.quietly(typed).succeeded().says("W0820").says("`expires_at` is assumed");
    sandbox.quietly("state rm -emulate ctl_server_snapshot.a").succeeded();
    let import = "import {\n  to = ctl_server_snapshot.a\n  id = \"wa1aliaswb01\"\n}\n";
    sandbox.config(&format!("{resource}{import}"));
    sandbox.apply().says("1 imported, 0 added, 1 changed, 0 destroyed");
    let state = sandbox.state();
    let attributes = &state["resources"][0]["instances"][0]["attributes"];
    assert_eq!(attributes["id"], "alias/wa1aliaswb01/1");
    assert_eq!(attributes["expiration_days"], 7);
    assert!(attributes["expires_at"].is_string(), "{attributes}");
    sandbox.quietly("plan -emulate -detailed-exitcode").exits(0);
    // From now on the days bind as they do for what was made here.
    sandbox.config(&resource.replace("= 7", "= 8"));
    sandbox.quietly("plan -emulate").succeeded().says("1 to add, 0 to change, 1 to destroy");
    assert_eq!(made(&sandbox).len(), 1);
}
