//! Data types of `openstack`, and what is made from them.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use snapform::world::faults::CrashPoint;

use crate::support::served::{DATA, Served};
use crate::support::{EMULATED_STATE, Sandbox, tells};

const EVERY_VOLUME: &str = r#"
variable "origin" {
  default = "nightly"
}

data "openstack_blockstorage_volumes_v3" "all" {}

resource "openstack_blockstorage_snapshot_v3" "each" {
  for_each = toset(data.openstack_blockstorage_volumes_v3.all.ids)

  volume_id = each.key
  name      = "of-${each.key}"
  metadata  = { origin = var.origin }
}

output "volumes" {
  value = data.openstack_blockstorage_volumes_v3.all.volumes[*].name
}
"#;

/// The volumes that the emulated project has from the beginning.
const FIRST: &str = "7620fb1a-0b22-462e-aeec-000000000001";
const LATER: &str = "99999999-0b22-462e-aeec-2521601c6ed0";

/// What is left of all that was made, by id, with its volume.
fn living(sandbox: &Sandbox) -> BTreeMap<String, String> {
    let mut living = BTreeMap::new();
    for entry in sandbox.ledger() {
        let text = |name: &str| entry[name].as_str().unwrap().to_owned();
        match entry["operation"].as_str() {
            Some("create") => assert!(living.insert(text("id"), text("source")).is_none()),
            Some("delete") => assert!(living.remove(&text("id")).is_some()),
            _ => {}
        }
    }
    living
}

/// What the state holds of the snapshots, by id, with its volume.
fn held(sandbox: &Sandbox) -> BTreeMap<String, String> {
    let state = sandbox.state();
    let resources = state["resources"].as_array().unwrap().iter();
    let instances = resources
        .filter(|resource| resource["mode"] == "managed")
        .flat_map(|resource| resource["instances"].as_array().unwrap());
    let text = |json: &Json| json.as_str().unwrap().to_owned();
    let pairs = instances.map(|instance| {
        let attributes = &instance["attributes"];
        (text(&attributes["id"]), text(&attributes["volume_id"]))
    });
    pairs.collect()
}

#[test]
fn every_volume_gets_its_snapshot_and_a_later_one_its_own() {
    let sandbox = Sandbox::with(EVERY_VOLUME);
    sandbox.apply().says("3 added, 0 changed, 0 destroyed");
    assert_eq!(sandbox.created().len(), 3);
    assert_eq!(held(&sandbox), living(&sandbox));
    assert!(living(&sandbox).values().any(|volume| volume == FIRST));
    sandbox.quietly("plan -emulate -detailed-exitcode").exits(0);

    let volume = json!({ "name": "later", "created_at": "2026-03-01T00:00:00Z" });
    sandbox.record("openstack", "volumes", LATER, &volume);
    sandbox.apply().says("1 added, 0 changed, 0 destroyed");
    let names = sandbox.quietly("output -emulate -json volumes").succeeded().stdout;
    let names: Json = serde_json::from_str(&names).unwrap();
    assert_eq!(names, json!(["volume-1", "volume-2", "volume-3", "later"]));

    let changed = "apply -emulate -auto-approve -var origin=weekly";
    sandbox.quietly(changed).succeeded().says("0 added, 4 changed, 0 destroyed");
    let unchanged = "plan -emulate -detailed-exitcode -var origin=weekly";
    sandbox.quietly(unchanged).exits(0);
    assert_eq!(sandbox.created().len(), 4, "nothing was replaced");

    sandbox.record("openstack", "volumes", LATER, &json!({ "missing": true }));
    let without = sandbox.quietly(changed).succeeded();
    without.says("0 added, 0 changed, 1 destroyed");
    assert_eq!(held(&sandbox), living(&sandbox));
    sandbox.quietly("destroy -emulate -auto-approve").succeeded();
    assert_eq!(living(&sandbox), BTreeMap::new());
}

#[test]
fn a_project_without_volumes_is_no_error() {
    let sandbox = Sandbox::with(EVERY_VOLUME);
    sandbox.apply();
    sandbox.knobs("openstack.volumes=0");
    sandbox.apply().says("3 destroyed");
    sandbox.quietly("plan -emulate -detailed-exitcode").exits(0);
}

/// Of 100 requests 35 go wrong: they are refused, break off, or were carried out without an answer.
#[test]
fn nothing_is_made_twice_on_a_bad_line() {
    for seed in 1..=3 {
        let sandbox = Sandbox::with(EVERY_VOLUME);
        sandbox.apply();
        sandbox.quietly("destroy -emulate -auto-approve").succeeded();
        sandbox.knobs(&format!("openstack.fault_percent=35 openstack.fault_seed={seed}"));
        let mut runs = (0..8).map(|_| sandbox.quietly("apply -emulate -auto-approve"));
        runs.find(|run| run.code == Some(0)).expect("no run of eight went through");
        sandbox.knobs("openstack.fault_percent=0");
        sandbox.apply();
        assert_eq!(living(&sandbox).len(), 3, "seed {seed}");
        assert_eq!(held(&sandbox), living(&sandbox), "seed {seed}");
    }
}

/// A snapshot of a volume of its own.
fn snapshot(label: &str, number: u32, origin: &str) -> String {
    format!(
        "resource \"openstack_blockstorage_snapshot_v3\" \"{label}\" {{
  volume_id = \"7620fb1a-0b22-462e-aeec-00000000000{number}\"
  name      = \"{origin}-{label}\"
  metadata  = {{ origin = \"{origin}\" }}
}}
"
    )
}

/// Dead at every named moment of a run that makes one, changes one in place and deletes one.
#[test]
fn a_run_that_dies_anywhere_is_finished_by_the_next() {
    let prepared = Sandbox::with(&[snapshot("gone", 1, "a"), snapshot("kept", 2, "a")].concat());
    prepared.apply();
    prepared.config(&[snapshot("kept", 2, "b"), snapshot("new", 3, "b")].concat());
    let mut deaths = 0;
    for point in CrashPoint::ALL {
        for passage in [1, 2, 3, 5, 8] {
            let sandbox = prepared.copy();
            sandbox.env("SNAPFORM_CRASH_AT", &format!("{}:{passage}", point.name()));
            let died = sandbox.quietly("apply -emulate -auto-approve").code.is_none();
            sandbox.env("SNAPFORM_CRASH_AT", "");
            if !died {
                break;
            }
            deaths += 1;
            sandbox.apply();
            let when = format!("dead at {point:?}, passage {passage}");
            assert_eq!(sandbox.created().len(), 3, "{when}");
            assert_eq!(held(&sandbox), living(&sandbox), "{when}");
            assert!(sandbox.nothing_open(EMULATED_STATE), "{when}");
            sandbox.quietly("plan -emulate -detailed-exitcode").exits(0);
        }
    }
    assert!(deaths > 20, "only {deaths} deaths");
}

/// The mark by which a lost create is found is nobody's business.
#[test]
fn what_exists_is_taken_in_by_its_id_and_shows_no_mark() {
    let resource = snapshot("a", 1, "import");
    let sandbox = Sandbox::with(&resource);
    sandbox.apply();
    let (id, _) = held(&sandbox).pop_first().unwrap();
    let marked = sandbox.read(".snapform/emulator/openstack.jsonl");
    assert!(marked.contains("snapform-create"), "there is nothing to hide");
    sandbox.forget_emulated_state();
    let import = "openstack_blockstorage_snapshot_v3.a";
    sandbox.config(&format!("{resource}import {{\n  to = {import}\n  id = \"{id}\"\n}}\n"));
    let applied = sandbox.apply().says("1 imported, 0 added");
    sandbox.quietly("plan -emulate -detailed-exitcode").exits(0);
    assert_eq!(sandbox.created().len(), 1);
    let attributes = &sandbox.state()["resources"][0]["instances"][0]["attributes"];
    assert_eq!(attributes["metadata"], json!({ "origin": "import" }));
    sandbox.config(&format!(
        "{resource}data \"openstack_blockstorage_snapshots_v3\" \"all\" {{}}\n\noutput \"all\" {{\n  value = data.openstack_blockstorage_snapshots_v3.all.snapshots\n}}\n"
    ));
    let shown = sandbox.apply();
    for output in [applied, shown] {
        assert!(!output.text().contains("snapform-create"), "{}", output.text());
    }
}

#[test]
fn none_and_several_are_told_at_their_place() {
    let sandbox = Sandbox::empty();
    let attached = json!({ "name": "volume-2", "status": "in-use" });
    for (data, arguments) in [
        ("volume_v3", "name = \"volume-2\""),
        ("volume_v3", "name   = \"volume-2\"\n  status = \"error\""),
        ("volume_v3", "name = \"volume-7\""),
        ("volume_v3", "status = \"in-use\""),
        ("volume_v3", "id   = \"7620fb1a-0b22-462e-aeec-000000000001\"\n  name = \"volume-1\""),
        ("snapshot_v3", "volume_id = \"7620fb1a-0b22-462e-aeec-000000000001\""),
        ("snapshot_v3", "name = \"nightly\""),
    ] {
        sandbox.config(&format!(
            "data \"openstack_blockstorage_{data}\" \"one\" {{\n  {arguments}\n}}\n"
        ));
        if !sandbox.has(".snapform/emulator/openstack.jsonl") {
            sandbox.record("openstack", "volumes", LATER, &attached);
        }
        sandbox.note(arguments);
        sandbox.run("plan -emulate").failed();
    }
    tells!(sandbox);
}

#[test]
fn the_newest_snapshot_is_taken_where_it_is_wanted() {
    let snapshots = "resource \"openstack_blockstorage_snapshot_v3\" \"old\" {
  volume_id = \"7620fb1a-0b22-462e-aeec-000000000001\"
  name      = \"nightly\"
}

resource \"openstack_blockstorage_snapshot_v3\" \"new\" {
  depends_on = [openstack_blockstorage_snapshot_v3.old]
  volume_id  = \"7620fb1a-0b22-462e-aeec-000000000001\"
  name       = \"nightly\"
}
";
    let sandbox = Sandbox::with(snapshots);
    sandbox.apply();
    sandbox.config(&format!(
        "{snapshots}
data \"openstack_blockstorage_snapshot_v3\" \"newest\" {{
  name        = \"nightly\"
  most_recent = true
}}

output \"newest\" {{
  value = data.openstack_blockstorage_snapshot_v3.newest.id == openstack_blockstorage_snapshot_v3.new.id
}}
"
    ));
    sandbox.apply();
    assert_eq!(sandbox.quietly("output -emulate newest").succeeded().stdout.trim(), "true");
}

/// A whole run against a served cloud that only `clouds.yaml` and `secure.yaml` describe.
#[test]
fn a_cloud_is_taken_from_the_files_of_the_current_folder() {
    let sandbox = Sandbox::with(&format!("provider \"openstack\" {{}}\n{EVERY_VOLUME}"));
    let served = Served::of(&sandbox);
    let setting = |name| served.setting("openstack", name);
    let clouds = format!(
        "clouds:
  dev:
    auth:
      auth_url: {}
      username: {}
      user_domain_name: Default
      project_name: {}
    region_name: RegionOne
",
        setting("auth_url"),
        setting("user_name"),
        setting("project_name"),
    );
    let password = setting("password");
    sandbox.write("clouds.yaml", clouds);
    sandbox.quietly("plan").failed().says("`auth_url` is not set");
    sandbox.env("OS_CLOUD", "dev");
    sandbox.quietly("plan").failed().says("clouds.yaml").says("password");
    let secure = format!("clouds: {{ dev: {{ auth: {{ password: {password} }} }} }}\n");
    sandbox.write("secure.yaml", secure);
    sandbox.quietly("apply -auto-approve").succeeded().says("3 added");
    sandbox.quietly("plan -detailed-exitcode").exits(0);
    assert_eq!(sandbox.ledger_of(DATA).len(), 3);
    for (path, bytes) in sandbox.files() {
        let holds = bytes.windows(password.len()).any(|window| window == password.as_bytes());
        assert!(!holds || path.ends_with("secure.yaml"), "{} holds the password", path.display());
    }
    // While emulating, nobody reads them.
    sandbox.write("clouds.yaml", "this: is: no: yaml");
    sandbox.quietly("plan -emulate").succeeded().says("3 to add");
}
