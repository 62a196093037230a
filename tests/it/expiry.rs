//! Objects that end by themselves: what is said before, and what is planned afterwards.

use crate::support::{Sandbox, hours_ago, tells};

/// A snapshot that lives for two days, with a policy.
fn config(policy: &str) -> String {
    let policy = match policy {
        "" => String::new(),
        policy => format!("\n\n  lifecycle {{\n    on_expiry = \"{policy}\"\n  }}"),
    };
    format!(
        "resource \"ctl_server_snapshot\" \"daily\" {{\n  server_id       = \"WA1ALIASWB01\"\n  expiration_days = 2{policy}\n}}\n\noutput \"name\" {{\n  value = ctl_server_snapshot.daily.name\n}}\n"
    )
}

fn expired(policy: &str) -> Sandbox {
    let sandbox = Sandbox::with(&config(policy));
    sandbox.quietly("apply -emulate -auto-approve").succeeded();
    sandbox.quietly("emulator wait 3d").succeeded();
    sandbox
}

fn creates(sandbox: &Sandbox) -> usize {
    sandbox.ledger().iter().filter(|entry| entry["operation"] == "create").count()
}

#[test]
fn the_end_is_told_before_it_comes() {
    let sandbox = Sandbox::with(&config(""));
    sandbox.quietly("apply -emulate -auto-approve").succeeded().never_says("W0819");
    sandbox.quietly("plan -emulate").succeeded().never_says("W0819");
    sandbox.quietly("plan -emulate -warn-expiry=3d").succeeded().says("W0819");
    sandbox.quietly("emulator wait 30h").succeeded();
    sandbox.run("plan -emulate -detailed-exitcode").exits(0);
    sandbox.quietly("plan -emulate -warn-expiry=0s").succeeded().never_says("W0819");
    sandbox.quietly("plan -emulate -warn-expiry=soon").failed().says("7d");
    sandbox.quietly("emulator wait 3d").succeeded();
    sandbox.run("plan -emulate -refresh=false -detailed-exitcode").exits(0);
    tells!(sandbox);
}

#[test]
fn what_has_expired_is_made_anew_unless_the_block_wants_something_else() {
    let sandbox = expired("");
    sandbox.run("plan -emulate -detailed-exitcode").exits(2);
    sandbox.quietly("apply -emulate -auto-approve").succeeded();
    sandbox.quietly("plan -emulate -detailed-exitcode").exits(0);
    assert_eq!(creates(&sandbox), 2);
    tells!(sandbox);
}

#[test]
fn what_is_forgotten_stays_on_record_and_nothing_is_made() {
    let sandbox = expired("forget");
    let before = sandbox.state();
    sandbox.run("plan -emulate -detailed-exitcode").exits(0);
    sandbox.quietly("apply -emulate -auto-approve").succeeded();
    sandbox.quietly("apply -emulate -auto-approve -refresh-only").succeeded();
    assert_eq!(sandbox.state()["resources"], before["resources"]);
    assert_eq!(creates(&sandbox), 1);
    sandbox.note("other arguments ask for another one");
    sandbox.config(&config("forget").replace("= 2", "= 3"));
    sandbox.run("apply -emulate -auto-approve").succeeded();
    assert_eq!(creates(&sandbox), 2);
    sandbox.quietly("emulator wait 4d").succeeded();
    sandbox.note("so does a request");
    sandbox.quietly("apply -emulate -auto-approve -replace=ctl_server_snapshot.daily").succeeded();
    assert_eq!(creates(&sandbox), 3);
    sandbox.quietly("emulator wait 4d").succeeded();
    sandbox.note("without a block there is nothing to remember");
    sandbox.config("");
    sandbox.run("apply -emulate -auto-approve").succeeded();
    assert_eq!(sandbox.state()["resources"].as_array().map(Vec::len), Some(0));
    tells!(sandbox);
}

#[test]
fn a_block_can_refuse_to_plan_for_what_has_expired() {
    let sandbox = expired("error");
    sandbox.run("plan -emulate").failed().says("E0817");
    assert_eq!(creates(&sandbox), 1);
    sandbox.run("apply -emulate -auto-approve -replace=ctl_server_snapshot.daily").succeeded();
    assert_eq!(creates(&sandbox), 2);
    sandbox.quietly("emulator wait 3d").succeeded();
    sandbox.quietly("destroy -emulate -auto-approve").succeeded();
    sandbox.note("words that mean nothing are refused");
    sandbox.config(&config("recreated"));
    sandbox.run("validate").failed();
    tells!(sandbox);
}

#[test]
fn many_ends_are_counted() {
    let test = format!(
        "resource \"thousandeyes_snapshot\" \"many\" {{\n  count          = 12\n  test_id        = 20000 + count.index\n  display_name   = \"n-${{count.index}}\"\n  from           = \"{}\"\n  duration_hours = 1\n}}\n\nprovider \"thousandeyes\" {{\n  create_quota = 100\n}}\n",
        hours_ago(5)
    );
    let sandbox = Sandbox::with(&test);
    sandbox.quietly("emulator knobs thousandeyes.create_quota=100").succeeded();
    // All at the same moment, so that they end in the same second.
    sandbox.quietly("apply -emulate -auto-approve -parallelism=12").succeeded();
    sandbox.quietly("plan -emulate -warn-expiry=31d").succeeded().says("and 7 more end");
}
