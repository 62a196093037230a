//! The commands that change what is recorded: what they say, how they end, and what is in state then.

use serde_json::Value as Json;

use crate::support::{Sandbox, tells};

const DATA: &str = r#"
resource "terraform_data" "one" {
  input = 1
}

resource "terraform_data" "many" {
  count = 2
  input = terraform_data.one.id
}

module "m" {
  source   = "./m"
  for_each = toset(["a", "b"])
}
"#;

const INNER: &str = "resource \"terraform_data\" \"in\" {\n  input = 1\n}\n";

fn applied() -> Sandbox {
    let sandbox = Sandbox::with(DATA);
    sandbox.write("m/main.snap.hcl", INNER);
    sandbox.quietly("apply -auto-approve").succeeded();
    sandbox
}

fn state(sandbox: &Sandbox) -> Json {
    serde_json::from_str(&sandbox.read("state/default/state.json")).unwrap()
}

fn list(sandbox: &Sandbox) -> Vec<String> {
    let listed = sandbox.quietly("state list").succeeded();
    listed.stdout.lines().map(str::to_owned).collect()
}

#[test]
fn moving() {
    let sandbox = applied();
    let before = state(&sandbox)["serial"].as_u64().unwrap();
    sandbox.run("state mv -dry-run terraform_data.one terraform_data.uno").succeeded();
    assert_eq!(state(&sandbox)["serial"], before);
    sandbox.run("state mv terraform_data.one terraform_data.uno").succeeded();
    assert_eq!(state(&sandbox)["serial"], before + 1);
    assert!(sandbox.has("state/default/state.backup.json"));
    sandbox.run("state mv terraform_data.many[1] terraform_data.single").succeeded();
    sandbox.run("state mv module.m module.n").succeeded();
    sandbox.run("state mv 'module.n[\"a\"]' module.o").succeeded();
    sandbox.run("state mv terraform_data.uno module.o.terraform_data.uno").succeeded();
    sandbox.run("state list").succeeded();
    sandbox.note("what depended on what moved depends on it under its new name");
    let depends = sandbox.quietly("state show -json terraform_data.single").succeeded();
    let depends: Json = serde_json::from_str(&depends.stdout).unwrap();
    assert_eq!(depends["depends_on"], serde_json::json!(["module.o.terraform_data.uno"]));
    sandbox.run("state mv terraform_data.nope terraform_data.two").failed();
    sandbox.run("state mv terraform_data.singel terraform_data.two").failed();
    sandbox.run("state mv terraform_data.single terraform_data.many[0]").failed();
    sandbox.run("state mv terraform_data.many terraform_data.single").failed();
    sandbox.run("state mv module.o 'module.n[\"b\"]'").failed();
    sandbox.run("state mv terraform_data.single module.o").failed();
    sandbox.run("state mv terraform_data.single openstack_compute_snapshot.single").failed();
    sandbox.run("state mv terraform_data.single").failed();
    sandbox.run("state mv terraform_data. terraform_data.x").failed();
    tells!(sandbox);
}

#[test]
fn moving_into_another_file_and_back() {
    let sandbox = applied();
    sandbox
        .run("state mv -state-out=other.tfstate terraform_data.many module.x.terraform_data.many")
        .succeeded();
    sandbox.run("state list -state=other.tfstate").succeeded();
    sandbox.run("state list terraform_data.many").failed();
    sandbox
        .run("state mv -state=other.tfstate -state-out=state/default/state.json -backup=kept -backup-out=kept-out module.x.terraform_data.many[0] terraform_data.many[0]")
        .succeeded();
    assert!(sandbox.read("kept").contains("module.x"));
    assert!(sandbox.has("kept-out"));
    assert!(list(&sandbox).contains(&"terraform_data.many[0]".to_owned()));
    sandbox.run("state list -state=other.tfstate").succeeded();
    sandbox.run("state rm -state=other.tfstate -backup=- module.x").succeeded();
    sandbox.run("state list -state=nowhere.tfstate").failed();
    tells!(sandbox);
}

#[test]
fn forgetting() {
    let sandbox = applied();
    sandbox.run("state rm -dry-run terraform_data.many module.m").succeeded();
    assert_eq!(list(&sandbox).len(), 5);
    sandbox.run("state rm terraform_data.many[7]").failed();
    sandbox.run("state rm terraform_data.many[0] terraform_data.nope").succeeded();
    assert_eq!(list(&sandbox).len(), 4, "what matches nothing stands in nobody's way");
    sandbox.run("state rm terraform_data.many module.m.terraform_data.in").succeeded();
    sandbox.run("state rm").failed();
    assert_eq!(list(&sandbox), ["terraform_data.one"]);
    tells!(sandbox);
}

#[test]
fn taking_out_and_putting_back() {
    let sandbox = applied();
    let pulled = sandbox.quietly("state pull").succeeded().stdout;
    assert_eq!(pulled, sandbox.read("state/default/state.json"));
    sandbox.write("same.json", &pulled);
    sandbox.run("state push same.json").succeeded();
    sandbox.quietly("state rm module.m").succeeded();
    sandbox.run("state push same.json").failed();
    let serial = state(&sandbox)["serial"].as_u64().unwrap();
    sandbox.run("state push -force same.json").succeeded();
    assert_eq!(state(&sandbox)["serial"], serial + 1, "plans made before must not fit");
    assert_eq!(list(&sandbox).len(), 5);
    let mut other: Json = serde_json::from_str(&pulled).unwrap();
    other["lineage"] = "another".into();
    other["serial"] = 70.into();
    sandbox.write("other.json", other.to_string());
    sandbox.run("state push other.json").failed();
    sandbox.run("state push -force other.json").succeeded();
    assert_eq!(
        (&state(&sandbox)["lineage"], &state(&sandbox)["serial"]),
        (&"another".into(), &70.into())
    );
    other["serial"] = 71.into();
    sandbox.types(&other.to_string());
    sandbox.run("state push -").succeeded();
    other["outputs"]["x"] = serde_json::json!({ "value": 1, "type": "number" });
    sandbox.write("other.json", other.to_string());
    sandbox.run("state push other.json").failed();
    sandbox.write("torn.json", "{");
    sandbox.run("state push torn.json").failed();
    sandbox.write("newer.json", "{ \"version\": 5 }");
    sandbox.run("state push newer.json").failed();
    sandbox.run("state push nowhere.json").failed();
    tells!(sandbox);
}

#[test]
fn a_state_may_be_pushed_where_there_is_none() {
    let sandbox = applied();
    sandbox.write("given.json", sandbox.read("state/default/state.json"));
    for folder in ["state", ".snapform"] {
        std::fs::remove_dir_all(sandbox.path(folder)).unwrap();
    }
    let nothing = sandbox.quietly("state pull").succeeded();
    assert_eq!(nothing.stdout, "");
    sandbox.quietly("state push given.json").succeeded();
    assert_eq!(sandbox.read("state/default/state.json"), sandbox.read("given.json"));
    sandbox.quietly("plan -detailed-exitcode").exits(0);
}

#[test]
fn marking_as_damaged_and_taking_the_mark_away() {
    let sandbox = applied();
    sandbox.run("taint terraform_data.many[1]").succeeded();
    sandbox.run("taint terraform_data.many[1]").succeeded();
    sandbox.run("state show terraform_data.many[1]").succeeded();
    sandbox.quietly("plan -detailed-exitcode").exits(2).says("terraform_data.many[1]");
    sandbox.run("untaint terraform_data.many[1]").succeeded();
    sandbox.quietly("plan -detailed-exitcode").exits(0);
    sandbox.run("untaint terraform_data.many[1]").failed();
    sandbox.run("untaint -allow-missing terraform_data.many[1]").failed();
    sandbox.run("taint terraform_data.many").failed();
    sandbox.run("taint data.terraform_remote_state.x").failed();
    sandbox.run("taint module.m").failed();
    sandbox.run("taint -allow-missing terraform_data.nope").succeeded();
    sandbox.run("untaint -allow-missing terraform_data.nope").succeeded();
    let before = sandbox.read("state/default/state.json");
    sandbox.run("taint -state-out=changed.json terraform_data.one").succeeded();
    assert_eq!(sandbox.read("state/default/state.json"), before);
    assert!(sandbox.read("changed.json").contains("tainted"));
    tells!(sandbox);
}

#[test]
fn another_provider() {
    let sandbox = applied();
    let source = "registry.terraform.io/hashicorp/terraform";
    sandbox.run(&format!("state replace-provider terraform {source}")).succeeded();
    sandbox.run("state replace-provider zenlayer ctl").succeeded();
    sandbox.run("state replace-provider terraform opnstack").failed();
    sandbox.run("state replace-provider terraform a/b/c/d").failed();
    sandbox.types("no\n");
    sandbox.run("state replace-provider terraform openstack").failed();
    sandbox.types("yes\n");
    sandbox.run("state replace-provider terraform openstack").succeeded();
    assert!(sandbox.read("state/default/state.json").contains("snapform/openstack"));
    sandbox.quietly("state replace-provider -auto-approve openstack terraform").succeeded();
    sandbox.quietly("plan -detailed-exitcode").exits(0);
    tells!(sandbox);
}

#[test]
fn there_is_no_state_to_change() {
    let sandbox = Sandbox::with(DATA);
    sandbox.write("m/main.snap.hcl", INNER);
    for command in [
        "state list",
        "state show a.b",
        "state rm a.b",
        "state mv a.b a.c",
        "taint a.b",
        "untaint a.b",
    ] {
        sandbox.quietly(command).failed().says("E0713");
    }
    sandbox.quietly("taint -allow-missing a.b").succeeded().says("W0712");
    assert!(!sandbox.has("state/default/state.json"));
}

fn snapshot(disk: &str) -> String {
    let snapshot = "resource \"apsara_ecs_snapshot\" \"a\" {\n  disk_id = \"DISK\"\n}\n";
    format!("{}resource \"terraform_data\" \"b\" {{}}\n", snapshot.replace("DISK", disk))
}

#[test]
fn what_an_interrupted_create_may_have_made_is_not_lost() {
    let sandbox = Sandbox::with(&snapshot("d-bp1s5fnvk4gn2tws0001"));
    sandbox.env("SNAPFORM_EMULATE", "1");
    sandbox.quietly("workspace new blue").succeeded();
    sandbox.apply();
    sandbox.knobs("apsara.answer_without_id=1 apsara.tags_ignored=1 apsara.visibility_seconds=75");
    sandbox.config(&snapshot("d-bp1s5fnvk4gn2tws0002"));
    sandbox.quietly("apply -auto-approve").exits(4).says("E0606");
    sandbox.run("state rm apsara_ecs_snapshot.a").failed();
    sandbox.run("state mv apsara_ecs_snapshot.a apsara_ecs_snapshot.b").failed();
    sandbox.write("given.json", sandbox.quietly("state pull").succeeded().stdout);
    sandbox.run("state push -force given.json").failed();
    sandbox.run("taint apsara_ecs_snapshot.a").failed();
    sandbox.run("import apsara_ecs_snapshot.a s-1").failed();
    sandbox.note("what is of no concern to it can be changed");
    sandbox.run("state rm terraform_data.b").succeeded();
    let journal = sandbox.read(".snapform/emulator/state/blue/journal.jsonl");
    assert_eq!(journal.matches("\"entry\":\"intent\"").count(), 1);
    sandbox.quietly("state rm apsara_ecs_snapshot.a").failed();
    sandbox.quietly("workspace select default").succeeded();
    sandbox.run("workspace delete blue").failed();
    assert!(sandbox.has(".snapform/emulator/state/blue/journal.jsonl"));
    tells!(sandbox);
}

#[test]
fn a_lock_is_held_unless_that_is_unwanted() {
    let sandbox = applied();
    sandbox.config(&DATA.replace("input = 1", "input = 2"));
    sandbox.env("USER", "ada");
    let first = sandbox.start_waiting("apply");
    while !first.line().contains("Only `yes`") {}
    for command in ["state rm module.m", "state mv module.m module.n", "taint terraform_data.one"] {
        sandbox.quietly(command).failed().says("E0704").says("ada");
    }
    sandbox.run("force-unlock 1234").failed();
    sandbox.quietly("taint -lock=false terraform_data.one").succeeded().says("W0709");
    first.kill();
    sandbox.run("force-unlock -force 1234").failed();
    tells!(sandbox);
}

#[test]
fn importing() {
    let sandbox = applied();
    sandbox.quietly("state rm terraform_data.many module.m").succeeded();
    sandbox.run("import terraform_data.many[1] id-1").succeeded();
    sandbox.run("import 'module.m[\"a\"].terraform_data.in' id-2").succeeded();
    let show = sandbox.quietly("state show -json terraform_data.many[1]").succeeded();
    let show: Json = serde_json::from_str(&show.stdout).unwrap();
    assert_eq!(show["values"]["id"], "id-1");
    assert_eq!(show["depends_on"], serde_json::json!(["terraform_data.one"]));
    sandbox.run("import terraform_data.many[1] id-1").failed();
    sandbox.run("import terraform_data.many[7] x").failed();
    sandbox.run("import terraform_data.many x").failed();
    sandbox.run("import terraform_data.mayn[0] x").failed();
    sandbox.run("import 'module.m[\"z\"].terraform_data.in' x").failed();
    sandbox.run("import 'terraform_data.one[\"z\"]' x").failed();
    sandbox.run("import data.terraform_remote_state.x x").failed();
    sandbox.run("import terraform_data.many[0] ''").failed();
    sandbox.run("import -config=elsewhere terraform_data.many[0] x").failed();
    sandbox.run("import terraform_data.many[0]").failed();
    tells!(sandbox);
}

#[test]
fn importing_what_a_vendor_has_and_what_it_has_not() {
    let config = "resource \"openstack_compute_snapshot\" \"a\" {\n  volume_id = \"521752a6-acf6-4b2d-bc7a-119f9148cd8c\"\n  name      = \"a\"\n}\n";
    let sandbox = Sandbox::with(config);
    sandbox.apply();
    let id = sandbox.state()["resources"][0]["instances"][0]["attributes"]["id"].clone();
    let id = id.as_str().unwrap();
    sandbox.quietly("state rm -emulate openstack_compute_snapshot.a").succeeded();
    let nobody = "00000000-0000-4000-8000-000000000000";
    sandbox
        .quietly(&format!("import -emulate openstack_compute_snapshot.a {nobody}"))
        .failed()
        .says("E0814");
    sandbox.quietly(&format!("import -emulate openstack_compute_snapshot.a {id}")).succeeded();
    // What the vendor does not tell of the object comes from the configuration.
    sandbox.quietly("apply -emulate -auto-approve").succeeded().says("1 changed");
    sandbox.quietly("plan -emulate -detailed-exitcode").exits(0);
    assert_eq!(sandbox.created(), ["a"]);
}

#[test]
fn refreshing_is_an_apply_that_only_looks() {
    let sandbox = Sandbox::with(
        "resource \"zenlayer_disk_snapshot\" \"a\" {\n  disk_id = \"17\"\n  name    = \"nn\"\n}\n",
    );
    sandbox.apply();
    let ledger = sandbox.ledger().len();
    sandbox
        .quietly("refresh -emulate -target=zenlayer_disk_snapshot.a")
        .succeeded()
        .says("Apply complete!");
    sandbox.quietly("refresh -emulate -lock-timeout=1s -parallelism=3 -input=false").succeeded();
    let events = sandbox.quietly("refresh -emulate -json").succeeded().stdout;
    let events: Vec<Json> =
        events.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(events.iter().any(|event| event["type"] == "refresh_complete"), "{events:?}");
    assert_eq!(sandbox.ledger().len(), ledger);
    sandbox.quietly("refresh -emulate some.plan").failed();
}

#[test]
fn refreshing_may_read_and_write_other_files() {
    let sandbox = Sandbox::with("output \"at\" {\n  value = \"here\"\n}\n");
    sandbox.quietly("refresh -state-out=out.tfstate -backup=-").succeeded();
    assert!(sandbox.read("out.tfstate").contains("here"));
    assert!(!sandbox.has("state/default/state.json"));
    sandbox.config("output \"at\" {\n  value = \"there\"\n}\n");
    sandbox.quietly("refresh -state=out.tfstate -backup=kept.tfstate").succeeded();
    assert!(sandbox.read("out.tfstate").contains("there"));
    assert!(sandbox.read("kept.tfstate").contains("here"));
}
