//! A saved plan is carried out as it is, once, and only where it fits.

use crate::support::{Sandbox, tells};

fn config(input: u8) -> String {
    format!("resource \"terraform_data\" \"a\" {{\n  input = {input}\n}}\n")
}

#[test]
fn a_saved_plan_is_shown_and_carried_out_once() {
    let sandbox = Sandbox::with(&config(1));
    sandbox.run("plan -out=one.plan").succeeded();
    sandbox.run("show one.plan").succeeded();
    sandbox.note("what is declared meanwhile makes no difference");
    sandbox.config(&config(7));
    sandbox.run("apply one.plan").succeeded();
    sandbox.run("output -json").succeeded();
    sandbox.quietly("state show terraform_data.a").succeeded().says("input  = 1");
    sandbox.run("apply one.plan").failed();
    tells!(sandbox);
}

#[test]
fn a_plan_that_no_longer_fits_is_refused() {
    let sandbox = Sandbox::with(&config(1));
    sandbox.quietly("apply -auto-approve").succeeded();
    sandbox.config(&config(2));
    sandbox.quietly("plan -out=two.plan").succeeded();
    sandbox.config(&config(3));
    sandbox.quietly("apply -auto-approve").succeeded();
    sandbox.note("the state went on");
    sandbox.run("apply two.plan").failed();
    sandbox.note("another workspace");
    sandbox.env("TF_WORKSPACE", "other");
    sandbox.run("apply two.plan").failed();
    sandbox.env("TF_WORKSPACE", "default");
    sandbox.note("another state under the same name");
    for folder in ["state", ".snapform"] {
        std::fs::remove_dir_all(sandbox.path(folder)).unwrap();
    }
    sandbox.run("apply two.plan").failed();
    sandbox.quietly("apply -auto-approve").succeeded();
    sandbox.run("apply two.plan").failed();
    tells!(sandbox);
}

#[test]
fn an_altered_or_torn_plan_is_refused() {
    let sandbox = Sandbox::with(&config(1));
    sandbox.quietly("plan -out=one.plan").succeeded();
    let text = sandbox.read("one.plan");
    sandbox.write("altered.plan", text.replace("input = 1", "input = 9"));
    sandbox.run("apply altered.plan").failed();
    sandbox.write("torn.plan", &text[..text.len() / 2]);
    sandbox.run("apply torn.plan").failed();
    sandbox.write("other.plan", "PK\x03\x04 something else");
    sandbox.run("show other.plan").failed();
    sandbox.write("empty.plan", "");
    sandbox.run("show empty.plan").failed();
    sandbox.write("newer.plan", text.replacen("snapform-plan-1", "snapform-plan-9", 1));
    sandbox.run("show newer.plan").failed();
    assert!(!sandbox.has("state/default/state.json"));
    tells!(sandbox);
}

#[test]
fn an_emulated_plan_never_meets_the_vendors_nor_the_other_way_round() {
    let sandbox = Sandbox::with(&config(1));
    sandbox.quietly("plan -emulate -out=emulated.plan").succeeded();
    sandbox.quietly("plan -out=real.plan").succeeded();
    sandbox.run("apply emulated.plan").failed();
    sandbox.run("apply -emulate real.plan").failed();
    sandbox.run("apply -emulate emulated.plan").succeeded();
    assert!(!sandbox.has("state/default/state.json"));
    tells!(sandbox);
}

#[test]
fn what_plans_does_not_go_with_a_saved_plan() {
    let sandbox = Sandbox::with(&config(1));
    sandbox.quietly("plan -out=one.plan").succeeded();
    for option in
        ["-replace=terraform_data.a", "-target=terraform_data.a", "-destroy", "-refresh=false"]
    {
        sandbox.quietly(&format!("apply {option} one.plan")).failed().says("as it is");
    }
    sandbox.quietly("apply one.plan").succeeded();
}

#[test]
fn a_destroy_and_a_refresh_can_be_saved_too() {
    let sandbox = Sandbox::with(&config(1));
    sandbox.quietly("apply -auto-approve").succeeded();
    sandbox.quietly("plan -refresh-only -out=refresh.plan").succeeded();
    sandbox.run("apply refresh.plan").succeeded();
    sandbox.quietly("plan -destroy -out=destroy.plan").succeeded();
    sandbox.run("apply destroy.plan").succeeded();
    sandbox.run("state list").succeeded();
    tells!(sandbox);
}

#[test]
fn a_plan_that_failed_is_not_saved() {
    let sandbox = Sandbox::with("resource \"terraform_data\" \"a\" {\n  input = local.none\n}\n");
    sandbox.quietly("plan -out=one.plan").failed();
    assert!(!sandbox.has("one.plan"));
}
