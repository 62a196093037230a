//! What each command prints, and how it ends.

use crate::support::{EMULATED_STATE, Sandbox, tells};

const ONE: &str = r#"
resource "openstack_compute_snapshot" "daily" {
  volume_id   = "521752a6-acf6-4b2d-bc7a-119f9148cd8c"
  name        = "snap-001"
  description = "Daily backup"
}

output "snapshot_id" {
  value = openstack_compute_snapshot.daily.id
}
"#;

const DATA: &str = r#"
resource "terraform_data" "one" {
  input = { size = 1, tags = ["a", "b"], none = null }
}

resource "terraform_data" "two" {
  input = terraform_data.one.output.size + 1
}

output "two" {
  value = terraform_data.two.output
}
"#;

#[test]
fn a_first_plan_apply_plan_destroy() {
    let sandbox = Sandbox::with(ONE);
    sandbox.run("plan -emulate").succeeded();
    sandbox.run("apply -emulate -auto-approve").succeeded();
    sandbox.run("plan -emulate -detailed-exitcode").succeeded();
    sandbox.run("destroy -emulate -auto-approve").succeeded();
    sandbox.run("plan -emulate -destroy -detailed-exitcode").succeeded();
    sandbox.run("emulator ledger").succeeded();
    tells!(sandbox);
}

#[test]
fn looking_commands_show_state_in_their_forms() {
    let sandbox = Sandbox::with(DATA);
    sandbox.run("show").succeeded();
    sandbox.run("output").succeeded();
    sandbox.run("state list").failed();
    sandbox.quietly("apply -auto-approve").succeeded();
    sandbox.run("show").succeeded();
    sandbox.run("output").succeeded();
    sandbox.run("output two").succeeded();
    sandbox.run("output -raw two").succeeded();
    sandbox.run("output -json").succeeded();
    sandbox.run("output -json two").succeeded();
    sandbox.run("output three").failed();
    sandbox.run("output -raw").failed();
    sandbox.run("state list").succeeded();
    sandbox.run("state list terraform_data.two").succeeded();
    sandbox.run("state show terraform_data.one").succeeded();
    sandbox.run("state show terraform_data.tow").failed();
    sandbox.run("graph").succeeded();
    sandbox.quietly("graph -module-depth=-1").succeeded();
    tells!(sandbox);
}

#[test]
fn init_validate_and_version_need_nothing() {
    let sandbox = Sandbox::empty();
    sandbox.run("init").succeeded();
    sandbox.run("validate").failed();
    sandbox.config(ONE);
    sandbox.run("init").succeeded();
    sandbox.run("init -input=false").succeeded();
    sandbox.run("validate").succeeded();
    sandbox.run("validate -emulate").succeeded();
    sandbox.run("version").succeeded();
    sandbox.run("--version").succeeded();
    tells!(sandbox);
}

#[test]
fn help_names_every_command_and_usage_errors_go_to_standard_error() {
    let sandbox = Sandbox::empty();
    sandbox.run("-help").succeeded();
    sandbox.run("plan -help").succeeded();
    sandbox.run("").exits(127);
    sandbox.run("state").exits(1);
    sandbox.run("state show -h").succeeded();
    sandbox.run("plann").failed();
    sandbox.run("state lst").failed();
    sandbox.run("state show").failed();
    sandbox.run("completions bahs").failed();
    sandbox.run("plan -dstroy").failed();
    sandbox.run("plan -auto-approve").failed();
    sandbox.run("plan some.plan").failed();
    sandbox.run("plan -out").failed();
    sandbox.run("plan -refresh=maybe").failed();
    sandbox.run("emulator serve -listen=here").failed();
    sandbox.run("plan -parallelism=0").failed();
    sandbox.run("plan -parallelism=many").failed();
    sandbox.run("plan -lock-timeout=soon").failed();
    sandbox.run("plan -refresh-only -destroy").failed();
    sandbox.run("plan -nonsense").failed();
    sandbox.run("-chdir=nowhere plan").failed();
    sandbox.config(DATA);
    sandbox.run("plan -target=terraform_data").failed();
    sandbox.run("plan -target=terraform_data.three").succeeded();
    sandbox.run("plan -replace=terraform_data.three").failed();
    sandbox.run("plan -refresh-only -refresh=false").failed();
    sandbox.run("plan -var one").failed();
    sandbox.run("plan -var one=1").failed();
    sandbox.run("plan -var-file=nowhere.tfvars").failed();
    sandbox.run("apply nowhere.plan").failed();
    sandbox.run("show nowhere.plan").failed();
    sandbox.run("destroy some.plan").failed();
    sandbox.run("apply -destroy some.plan").failed();
    sandbox.run("emulator serve -listen 0.0.0.0:0").failed();
    sandbox.run("emulator knobs openstack.nonsense=1").failed();
    sandbox.run("emulator knobs openstack=1").failed();
    sandbox.run("recover -absent=terraform_data.one").failed();
    tells!(sandbox);
}

#[test]
fn one_dash_is_as_good_as_two() {
    let sandbox = Sandbox::with(DATA);
    let one = sandbox.quietly("plan -no-color -detailed-exitcode -refresh=false -input=false");
    let two = sandbox.quietly("plan --no-color --detailed-exitcode --refresh=false --input=false");
    assert_eq!(one.stdout, two.stdout);
    assert_eq!((one.code, two.code), (Some(2), Some(2)));
    assert!(one.stderr.is_empty() && two.stderr.is_empty());
}

#[test]
fn the_detailed_exit_code_tells_changes_from_none_and_from_errors() {
    let sandbox = Sandbox::with(DATA);
    sandbox.quietly("plan -detailed-exitcode").exits(2);
    sandbox.quietly("plan").exits(0);
    sandbox.quietly("apply -auto-approve").exits(0);
    sandbox.quietly("plan -detailed-exitcode").exits(0);
    sandbox.quietly("plan -destroy -detailed-exitcode").exits(2);
    sandbox.config("resource");
    sandbox.quietly("plan -detailed-exitcode").exits(1);
}

#[test]
fn only_an_output_that_changes_is_a_change() {
    let sandbox = Sandbox::with("output \"a\" {\n  value = 1\n}\n");
    sandbox.run("apply -auto-approve").succeeded();
    sandbox.config("output \"a\" {\n  value = 2\n}\noutput \"b\" {\n  value = [1, \"x\"]\n}\n");
    sandbox.run("plan -detailed-exitcode").exits(2);
    sandbox.run("apply -auto-approve").succeeded();
    sandbox.config("");
    sandbox.run("apply -auto-approve").succeeded();
    sandbox.run("output").succeeded();
    tells!(sandbox);
}

#[test]
fn apply_asks_and_only_yes_means_yes() {
    let sandbox = Sandbox::with(DATA);
    sandbox.types("no\n");
    sandbox.run("apply").failed();
    sandbox.types("");
    sandbox.run("apply").failed();
    sandbox.run("apply -input=false").failed();
    assert!(!sandbox.has("state/default/state.json"));
    sandbox.types("yes\n");
    sandbox.run("apply").succeeded();
    sandbox.types("yes\n");
    sandbox.run("destroy").succeeded();
    tells!(sandbox);
}

#[test]
fn chdir_moves_everything_into_that_folder() {
    let sandbox = Sandbox::empty();
    sandbox.write("deep/down/main.snap.hcl", DATA);
    sandbox.quietly("-chdir=deep/down apply -auto-approve").succeeded();
    assert!(sandbox.has("deep/down/state/default/state.json"));
    assert!(!sandbox.has("state"));
    sandbox.quietly("-chdir=deep/down output -raw two").succeeded().says("2");
}

#[test]
fn emulated_state_and_real_state_never_mix() {
    let sandbox = Sandbox::with(DATA);
    sandbox.quietly("apply -emulate -auto-approve").succeeded();
    assert!(sandbox.has(&format!("{EMULATED_STATE}/state.json")));
    assert!(!sandbox.has("state"));
    sandbox.quietly("plan -detailed-exitcode").exits(2);
    sandbox.env("SNAPFORM_EMULATE", "1");
    sandbox.quietly("plan -detailed-exitcode").exits(0).says("Emulating:");
}

#[test]
fn each_workspace_has_a_state_of_its_own() {
    let sandbox = Sandbox::with("output \"name\" {\n  value = terraform.workspace\n}\n");
    sandbox.quietly("apply -auto-approve").succeeded();
    sandbox.env("TF_WORKSPACE", "prod");
    sandbox.quietly("apply -auto-approve").succeeded().says("name = \"prod\"");
    assert!(sandbox.has("state/prod/state.json") && sandbox.has("state/default/state.json"));
    sandbox.env("TF_WORKSPACE", "../evil");
    sandbox.run("plan").failed();
    tells!(sandbox);
}

#[cfg(unix)]
#[test]
fn state_plan_and_journal_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = Sandbox::with(DATA);
    sandbox.quietly("plan -out=saved.plan").succeeded();
    sandbox.quietly("apply -auto-approve").succeeded();
    sandbox.quietly("destroy -auto-approve").succeeded();
    let mode =
        |name: &str| std::fs::metadata(sandbox.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("saved.plan"), 0o600);
    assert_eq!(mode("state/default"), 0o700);
    for name in ["state.json", "state.backup.json", "lock"] {
        assert_eq!(mode(&format!("state/default/{name}")), 0o600, "{name}");
    }
}

#[test]
fn functions_are_explained() {
    let sandbox = Sandbox::with("");
    sandbox.run("functions cidrsubnets").succeeded();
    sandbox.run("functions lookup").succeeded();
    sandbox.run("functions core::sensitive").succeeded();
    sandbox.run("functions jsonencod").failed();
    sandbox.run("metadata functions").failed();
    sandbox.quietly("metadata functions -json").succeeded();
    tells!(sandbox);
}
