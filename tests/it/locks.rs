//! One run at a time, and a lock that dies with its process.

use crate::support::{EMULATED_STATE, Sandbox, tells};

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

#[test]
fn of_two_applies_at_once_exactly_one_runs() {
    let config = "resource \"zenlayer_disk_snapshot\" \"a\" {\n  count   = 20\n  disk_id = \"17${count.index}\"\n  name    = \"n-${count.index}\"\n}\n";
    let sandbox = Sandbox::with(config);
    let both = [(); 2].map(|()| sandbox.start("apply -emulate -auto-approve"));
    let both = both.map(crate::support::Running::finish);
    let ran: Vec<_> = both.iter().filter(|output| output.stdout.contains("20 added")).collect();
    for output in &both {
        assert!(!output.text().contains("journal"), "{}", output.text());
        let refused = output.code == Some(1) && output.stderr.contains("E0704");
        let idle = output.code == Some(0) && output.stdout.contains("No changes.");
        let applied = output.code == Some(0) && output.stdout.contains("20 added");
        assert!(refused || idle || applied, "{}", output.text());
    }
    assert_eq!(ran.len(), 1);
    assert_eq!(sandbox.created().len(), 20);
    assert!(sandbox.nothing_open(EMULATED_STATE));
}
