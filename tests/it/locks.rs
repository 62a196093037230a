//! One run at a time, and a lock that dies with its process.

use crate::support::{Sandbox, tells};

const CONFIG: &str = "resource \"terraform_data\" \"a\" {\n  input = 1\n}\n";

/// Starts an apply that holds the lock while it waits for its approval, by asking a person who
/// never answers: its standard input stays open.
fn holder(sandbox: &Sandbox) -> crate::support::Running {
    let running = sandbox.start_waiting("apply");
    while !running.line().contains("Only `yes`") {}
    running
}

#[test]
fn a_second_run_is_told_who_holds_the_lock() {
    let sandbox = Sandbox::with(CONFIG);
    sandbox.env("USER", "ada");
    sandbox.env("HOSTNAME", "bench");
    sandbox.quietly("apply -auto-approve").succeeded();
    sandbox.config(&CONFIG.replace('1', "2"));
    let first = holder(&sandbox);
    sandbox.run("plan").failed();
    sandbox.run("apply -auto-approve -lock-timeout=100ms").failed();
    sandbox.note("looking needs no lock");
    sandbox.run("state list").succeeded();
    first.kill();
    sandbox.note("the lock died with its process");
    sandbox.run("apply -auto-approve").succeeded();
    tells!(sandbox);
}

#[test]
fn a_patient_run_takes_over_when_the_first_one_ends() {
    let sandbox = Sandbox::with(CONFIG);
    let first = holder(&sandbox);
    let second = sandbox.start("apply -auto-approve -lock-timeout=50s");
    first.kill();
    second.finish().succeeded().says("1 added");
}
