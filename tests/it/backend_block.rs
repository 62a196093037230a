//! Where states are kept: the `backend` block, and `init` that settles it.

use crate::support::{Sandbox, tells};

const RESOURCE: &str = "resource \"terraform_data\" \"a\" {\n  input = 1\n}\n";

fn with_backend(settings: &str) -> String {
    format!("terraform {{\n  backend \"local\" {{\n{settings}  }}\n}}\n\n{RESOURCE}")
}

#[test]
fn a_local_backend_has_terraforms_files() {
    let sandbox = Sandbox::with(&with_backend("    path = \"kept/here.tfstate\"\n"));
    sandbox.run("init").succeeded();
    sandbox.quietly("apply -auto-approve").succeeded();
    assert!(sandbox.has("kept/here.tfstate"));
    assert!(!sandbox.has("state"));
    sandbox.run("state list").succeeded();
    sandbox.run("workspace new blue").succeeded();
    sandbox.quietly("apply -auto-approve").succeeded();
    assert!(sandbox.has("terraform.tfstate.d/blue/terraform.tfstate"));
    sandbox.run("workspace list").succeeded();
    sandbox.run("apply -auto-approve -state-out=x").failed();
    sandbox.note("where nothing is to be moved, nobody has to run init");
    let other = Sandbox::with(&with_backend(""));
    other.quietly("apply -auto-approve").succeeded();
    assert!(other.has("terraform.tfstate"));
    tells!(sandbox);
}

#[test]
fn settings_that_cannot_be_are_told_at_their_places() {
    let sandbox = Sandbox::empty();
    for (what, config) in [
        ("no such kind", "terraform {\n  backend \"locale\" {}\n}\n"),
        ("no such setting", "terraform {\n  backend \"local\" {\n    pat = \"x\"\n  }\n}\n"),
        (
            "a named value",
            "variable \"x\" {\n  default = \"y\"\n}\n\nterraform {\n  backend \"local\" {\n    path = var.x\n  }\n}\n",
        ),
        ("two of them", "terraform {\n  backend \"local\" {}\n  backend \"local\" {}\n}\n"),
        ("a block inside", "terraform {\n  backend \"local\" {\n    x {}\n  }\n}\n"),
    ] {
        sandbox.note(what);
        sandbox.config(config);
        sandbox.run("init").failed();
        sandbox.quietly("plan").failed();
    }
    sandbox.note("a function is no named value");
    sandbox.config(&with_backend("    path = lower(\"UP.tfstate\")\n"));
    sandbox.quietly("apply -auto-approve").succeeded();
    assert!(sandbox.has("up.tfstate"));
    tells!(sandbox);
}

#[test]
fn states_move_where_the_block_says_and_back() {
    let sandbox = Sandbox::with(RESOURCE);
    sandbox.quietly("apply -auto-approve").succeeded();
    sandbox.quietly("workspace new blue").succeeded();
    sandbox.quietly("apply -auto-approve").succeeded();
    let blue = sandbox.quietly("state show terraform_data.a").stdout;
    sandbox.config(&with_backend("    path = \"one.tfstate\"\n"));
    sandbox.run("plan").failed().says("E0719");
    sandbox.run("init").failed().says("E0719");
    sandbox.run("init -migrate-state").succeeded();
    sandbox.run("plan -detailed-exitcode").exits(0);
    assert_eq!(sandbox.quietly("state show terraform_data.a").stdout, blue);
    sandbox.note("elsewhere by the block");
    sandbox.config(&with_backend("    path = \"two.tfstate\"\n"));
    sandbox.run("plan").failed().says("E0719");
    sandbox.run("init -migrate-state").succeeded();
    sandbox.run("plan -detailed-exitcode").exits(0);
    sandbox.note("elsewhere by an option, which is remembered");
    sandbox.config(&with_backend(""));
    sandbox.run("init -migrate-state -backend-config=path=three.tfstate").succeeded();
    sandbox.quietly("workspace select default").succeeded();
    assert!(sandbox.has("three.tfstate"));
    sandbox.run("plan -detailed-exitcode").exits(0);
    sandbox.write("settings.hcl", "path = \"four.tfstate\"\n");
    sandbox.run("init -migrate-state -backend-config=settings.hcl").succeeded();
    assert!(sandbox.has("four.tfstate"));
    sandbox.run("init -backend-config=pat=x").failed();
    sandbox.note("back to this folder");
    sandbox.config(RESOURCE);
    sandbox.run("plan").failed().says("E0719");
    sandbox.run("init -migrate-state").succeeded();
    sandbox.run("plan -detailed-exitcode").exits(0);
    sandbox.run("state list").succeeded();
    tells!(sandbox);
}

#[test]
fn what_is_newer_or_another_state_is_not_written_over() {
    let sandbox = Sandbox::with(RESOURCE);
    sandbox.quietly("apply -auto-approve").succeeded();
    let moved = with_backend("    path = \"there.tfstate\"\n");
    sandbox.config(&moved);
    sandbox.quietly("init -migrate-state").succeeded();
    sandbox.config(&moved.replace("input = 1", "input = 2"));
    sandbox.quietly("apply -auto-approve").succeeded();
    sandbox.note("a fresh clone, with the old state still in its folder");
    std::fs::remove_file(sandbox.path(".snapform/backend.json")).unwrap();
    sandbox.run("init -migrate-state").failed().says("newer");
    sandbox.run("init -reconfigure").succeeded();
    sandbox.run("plan -detailed-exitcode").exits(0);
    sandbox.note("another state is there");
    let stranger = Sandbox::with(RESOURCE);
    stranger.quietly("apply -auto-approve").succeeded();
    stranger.write("there.tfstate", sandbox.read("there.tfstate"));
    stranger.config(&moved);
    let told = stranger.quietly("init -migrate-state").failed().says("another state");
    assert!(told.text().contains("-force-copy"), "{}", told.text());
    stranger.quietly("init -migrate-state -force-copy").succeeded();
    stranger.quietly("plan -detailed-exitcode").exits(0);
    tells!(sandbox);
}

/// What an interrupted run left open moves along, and is open in one place only.
#[test]
fn open_creates_move_with_their_state() {
    let config = "provider \"thousandeyes\" {}\n\nresource \"zenlayer_disk_snapshot\" \"a\" {\n  disk_id = \"17\"\n  name    = \"night\"\n}\n";
    let sandbox = Sandbox::empty();
    let served = crate::support::served::Served::of(&sandbox);
    let config =
        format!("{}\n{}", served.providers(), config.replace("provider \"thousandeyes\" {}\n", ""));
    sandbox.config(&config);
    sandbox.env("SNAPFORM_CRASH_AT", "receive:3");
    let died = sandbox.quietly("apply -auto-approve");
    assert_eq!(died.code, None, "{}", died.text());
    sandbox.env("SNAPFORM_CRASH_AT", "");
    assert!(sandbox.read("state/default/journal.jsonl").contains("\"entry\":\"intent\""));
    sandbox.config(&format!(
        "terraform {{\n  backend \"local\" {{\n    path = \"there.tfstate\"\n  }}\n}}\n{config}"
    ));
    sandbox.run("init -migrate-state").succeeded();
    // Nothing was ever saved in the old place, so nothing is left of it.
    assert!(!sandbox.has("state/default/journal.jsonl"));
    sandbox.run("apply -auto-approve").succeeded().says("W0706");
    let created = sandbox.ledger_of(crate::support::served::DATA);
    assert_eq!(created.iter().filter(|entry| entry["operation"] == "create").count(), 1);
}
