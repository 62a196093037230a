//! Workspaces, the environment, and the commands that look at modules and providers.

use crate::support::{Sandbox, tells};

const DATA: &str = "resource \"terraform_data\" \"one\" {\n  input = terraform.workspace\n}\n";

#[test]
fn workspaces_keep_several_states() {
    let sandbox = Sandbox::with(DATA);
    sandbox.run("workspace list").succeeded();
    sandbox.run("workspace show").succeeded();
    sandbox.run("workspace new blue").succeeded();
    sandbox.quietly("apply -auto-approve").succeeded();
    assert!(sandbox.read("state/blue/state.json").contains("\"blue\""));
    assert_eq!(sandbox.read(".snapform/environment"), "blue");
    sandbox.run("workspace list").succeeded();
    sandbox.run("workspace new blue").failed();
    sandbox.run("workspace new ../x").failed();
    sandbox.run("workspace new .x").failed();
    sandbox.run("workspace new default").failed();
    sandbox.run("workspace select bleu").failed();
    sandbox.run("workspace select default").succeeded();
    sandbox.run("state list").failed();
    sandbox.run("workspace select -or-create green").succeeded();
    sandbox.run("workspace select -or-create=false red").failed();
    sandbox.run("workspace delete green").failed();
    sandbox.run("workspace delete default").failed();
    sandbox.run("workspace delete red").failed();
    sandbox.run("workspace delete blue").failed();
    sandbox.run("workspace new -state=state/blue/state.json copy").succeeded();
    sandbox.run("state list").succeeded();
    let lineage = |name: &str| {
        let state: serde_json::Value =
            serde_json::from_str(&sandbox.read(&format!("state/{name}/state.json"))).unwrap();
        state["lineage"].clone()
    };
    assert_ne!(lineage("blue"), lineage("copy"));
    sandbox.run("workspace new -state=nowhere.json more").failed();
    sandbox.run("workspace delete -force blue").succeeded();
    sandbox.run("workspace delete green").succeeded();
    assert!(!sandbox.has("state/blue") && !sandbox.has("state/green"));
    sandbox.run("workspace list").succeeded();
    tells!(sandbox);
}

#[test]
fn a_workspace_in_use_is_not_deleted_and_rehearsals_have_their_own() {
    let sandbox = Sandbox::with(DATA);
    sandbox.quietly("workspace new blue").succeeded();
    let running = sandbox.start_waiting("apply");
    while !running.line().contains("Only `yes`") {}
    sandbox.quietly("workspace select default").succeeded();
    sandbox.quietly("workspace delete -force blue").failed().says("E0704");
    running.kill();
    sandbox.quietly("workspace select -emulate blue").failed().says("E1007");
    sandbox.quietly("workspace new -emulate blue").succeeded();
    sandbox.quietly("apply -emulate -auto-approve").succeeded();
    assert!(sandbox.has(".snapform/emulator/state/blue/state.json"));
}

#[test]
fn the_environment_decides_over_what_is_selected() {
    let sandbox = Sandbox::with(DATA);
    sandbox.quietly("workspace new blue").succeeded();
    sandbox.env("TF_WORKSPACE", "green");
    sandbox.run("workspace show").succeeded();
    sandbox.run("workspace list").succeeded();
    sandbox.run("workspace select blue").failed();
    sandbox.run("workspace new red").failed();
    sandbox.run("workspace new green").succeeded();
    sandbox.env("SNAPFORM_WORKSPACE", "blue");
    sandbox.run("workspace show").succeeded();
    sandbox.env("SNAPFORM_WORKSPACE", "../blue");
    sandbox.run("plan").failed();
    tells!(sandbox);
}

#[test]
fn a_selection_that_cannot_be_meant_is_not_taken_for_another_one() {
    let sandbox = Sandbox::with(DATA);
    sandbox.write(".snapform/environment", "../blue");
    sandbox.quietly("plan").failed().says("E1007").says("`.snapform/environment` says so");
    std::fs::remove_file(sandbox.path(".snapform/environment")).unwrap();
    std::fs::create_dir(sandbox.path(".snapform/environment")).unwrap();
    sandbox.quietly("plan").failed().says("`.snapform/environment` cannot be read");
}

#[test]
fn the_selection_is_remembered_in_the_data_folder() {
    let sandbox = Sandbox::with(DATA);
    sandbox.env("TF_DATA_DIR", "elsewhere");
    sandbox.quietly("workspace new blue").succeeded();
    assert_eq!(sandbox.read("elsewhere/environment"), "blue");
    sandbox.env("SNAPFORM_DATA_DIR", "ours");
    assert_eq!(sandbox.quietly("workspace show").succeeded().stdout, "default\n");
}

const VARIABLE: &str = "variable \"x\" {}\noutput \"x\" {\n  value = var.x\n}\n";

#[test]
fn arguments_and_values_come_from_the_environment() {
    let sandbox = Sandbox::with(VARIABLE);
    let value = |sandbox: &Sandbox, command: &str| {
        sandbox.types("var.x\n");
        sandbox.quietly(command).succeeded().stdout
    };
    sandbox.env("TF_VAR_x", "theirs");
    assert_eq!(value(&sandbox, "console"), "\"theirs\"\n");
    sandbox.env("SNAPFORM_VAR_x", "ours");
    assert_eq!(value(&sandbox, "console"), "\"ours\"\n");
    sandbox.env("TF_CLI_ARGS_console", "-var 'x=for console'");
    assert_eq!(value(&sandbox, "console"), "\"for console\"\n");
    sandbox.env("TF_CLI_ARGS", "-var=x=for\\ all -no-color");
    assert_eq!(value(&sandbox, "console"), "\"for all\"\n");
    assert_eq!(value(&sandbox, "console -var x=typed"), "\"typed\"\n");
    sandbox.env("SNAPFORM_CLI_ARGS", "-var=x=instead");
    assert_eq!(value(&sandbox, "console"), "\"instead\"\n");
    sandbox.env("SNAPFORM_CLI_ARGS", "-var='x");
    sandbox.quietly("console").failed().says("SNAPFORM_CLI_ARGS has a quotation mark");
}

#[test]
fn arguments_of_the_environment_stand_behind_the_words_of_the_command() {
    let sandbox = Sandbox::with(DATA);
    sandbox.quietly("apply -auto-approve").succeeded();
    sandbox.env("TF_CLI_ARGS_state_list", "terraform_data.nope");
    sandbox.quietly("-chdir=. state list").failed().says("E0801");
    sandbox.env("TF_CLI_ARGS_plan", "-detailed-exitcode -refresh=false -input=false");
    sandbox.quietly("plan -refresh=true -input=true").exits(0);
    sandbox.config(&DATA.replace("one", "two"));
    sandbox.quietly("plan").exits(2);
    sandbox.env("TF_CLI_ARGS_force_unlock", "-nonsense");
    sandbox.quietly("force-unlock 1").failed().says("`-nonsense`");
}

#[test]
fn switches_may_be_spelled_out_as_scripts_do() {
    let sandbox = Sandbox::with(DATA);
    sandbox.quietly("plan -detailed-exitcode=true -lock=0 -input=f").exits(2).says("W0709");
    sandbox.quietly("plan -detailed-exitcode=false").exits(0);
    sandbox.quietly("apply -auto-approve=false -input=0").failed().says("E1004");
    sandbox.quietly("apply -auto-approve=1").succeeded();
    sandbox.quietly("state rm -dry-run=true terraform_data.one").succeeded().says("Would forget");
    sandbox.quietly("plan -lock=maybe").failed();
}

#[test]
fn nobody_is_asked_where_the_environment_says_so() {
    let sandbox = Sandbox::with(DATA);
    sandbox.env("TF_INPUT", "0");
    sandbox.types("yes\n");
    sandbox.quietly("apply").failed().says("E1004");
    sandbox.env("SNAPFORM_INPUT", "true");
    sandbox.types("yes\n");
    sandbox.quietly("apply").succeeded();
}

#[test]
fn checking_a_folder() {
    let sandbox = Sandbox::empty();
    sandbox.run("init").succeeded();
    sandbox.run("get").succeeded();
    sandbox.run("modules -json").succeeded();
    sandbox.run("providers").failed();
    sandbox.config(DATA);
    let flags = "-backend=false -upgrade -migrate-state -force-copy -get=true \
                 -lockfile=readonly -input=false -lock=false -lock-timeout=3s -no-color \
                 -ignore-remote-version -test-directory=t";
    let flags = flags.split_whitespace().collect::<Vec<_>>().join(" ");
    sandbox.run(&format!("init {flags}")).succeeded();
    sandbox.run("init -backend-config=bucket=b -plugin-dir=p").succeeded();
    sandbox.run("init -from-module=./x").failed();
    sandbox.run("init -nonsense").failed();
    sandbox.run("init -reconfigure -migrate-state").failed();
    sandbox
        .run("init -compact-warnings -backend-config=bucket=b -cloud=false -var=a=b -var-file=x")
        .succeeded();
    sandbox.run("init -json -backend-config=bucket=b").succeeded();
    sandbox.env("TF_IN_AUTOMATION", "1");
    sandbox.run("init").succeeded();
    sandbox.config("module \"m\" {\n  source = \"./nowhere\"\n}\n");
    sandbox.run("init").failed();
    sandbox.run("init -json").failed();
    sandbox.run("get -update").failed();
    sandbox.write("state/default/state.json", "{");
    sandbox.config(DATA);
    sandbox.run("init").failed();
    tells!(sandbox);
}

#[test]
fn modules_and_providers_as_trees() {
    let sandbox = Sandbox::with(
        "provider \"ctl\" {\n  username = \"u\"\n  password = \"p\"\n}\nmodule \"a\" {\n  source = \"./a\"\n}\nmodule \"b\" {\n  source = \"./a\"\n}\nresource \"terraform_data\" \"x\" {}\n",
    );
    sandbox.write("a/main.snap.hcl", "module \"c\" {\n  source = \"./c\"\n}\n");
    let inner =
        "resource \"zenlayer_disk_snapshot\" \"s\" {\n  disk_id = \"1\"\n  name    = \"n\"\n}\n";
    sandbox.write("a/c/main.snap.hcl", inner);
    sandbox.run("providers").succeeded();
    sandbox.run("modules").succeeded();
    sandbox.run("modules -json").succeeded();
    sandbox.run("get -update").succeeded();
    sandbox.run("providers schema").failed();
    let schemas = sandbox.quietly("providers schema -json").succeeded();
    let schemas: serde_json::Value = serde_json::from_str(&schemas.stdout).unwrap();
    let schemas = schemas["provider_schemas"].as_object().unwrap();
    let names: Vec<_> = schemas.keys().map(|name| name.rsplit('/').next().unwrap()).collect();
    assert_eq!(names, ["ctl", "zenlayer", "terraform"]);
    let ctl = &schemas["snapform.dev/snapform/ctl"]["provider"]["block"]["attributes"];
    assert_eq!(ctl["password"]["sensitive"], true);
    let id = &schemas["terraform.io/builtin/terraform"]["resource_schemas"]["terraform_data"]["block"]
        ["attributes"]["id"];
    assert_eq!((&id["type"], &id["computed"]), (&"string".into(), &true.into()));
    tells!(sandbox);
}

#[test]
fn what_has_no_meaning_here_says_why_and_fails() {
    let sandbox = Sandbox::empty();
    for command in [
        "login",
        "logout app.terraform.io",
        "test -verbose",
        "cloud migrate",
        "rpcapi",
        "providers mirror -platform=linux_amd64 dir",
        "providers lock",
    ] {
        sandbox.run(command).failed();
    }
    tells!(sandbox);
}

#[test]
fn outputs_for_people_and_for_programs() {
    let sandbox = Sandbox::with(
        r#"
output "text" {
  value = "line 1\nline 2\n"
}
output "object" {
  value = { a = [1, null], "b c" = "x\ny", "${"$"}{d}" = {} }
}
output "map" {
  value = tomap({ k = toset(["b", "a"]) })
}
output "hidden" {
  value     = "psst"
  sensitive = true
}
"#,
    );
    sandbox.run("output").succeeded();
    sandbox.run("output -json").succeeded();
    sandbox.run("output text").succeeded();
    sandbox.quietly("apply -auto-approve").succeeded();
    sandbox.run("output").succeeded();
    sandbox.run("output -no-color text").succeeded();
    sandbox.run("output -raw text").succeeded();
    sandbox.run("output hidden").succeeded();
    sandbox.run("output -raw hidden").succeeded();
    sandbox.run("output -json hidden").succeeded();
    sandbox.run("output -json object").succeeded();
    sandbox.run("output -raw map").failed();
    sandbox.run("output -raw").failed();
    sandbox.run("output txet").failed();
    sandbox.run("output a b").failed();
    sandbox.run("output -state=state/default/state.json text").succeeded();
    sandbox.run("output -state=nowhere.json").succeeded();
    tells!(sandbox);
}
