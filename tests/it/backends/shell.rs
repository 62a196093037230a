//! The command line with its state elsewhere: kills, stops, and moves.

use std::process::Command;

use super::server::{Habits, Server};
use crate::support::served::{DATA, Served};
use crate::support::{Running, Sandbox};

const RESOURCES: &str = "\nresource \"zenlayer_disk_snapshot\" \"a\" {\n  count   = 3\n  disk_id = \"17${count.index}\"\n  name    = \"night-${count.index}\"\n}\n";

/// A configuration whose state is kept by a server, with a short lease.
fn sandbox() -> (Sandbox, Served, Server) {
    let server = Server::new(Habits::default());
    let address = server.serve();
    let sandbox = Sandbox::empty();
    let served = Served::of(&sandbox);
    let backend = format!(
        "terraform {{\n  backend \"http\" {{\n    address        = \"{address}/state\"\n    lock_address   = \"{address}/lock\"\n    unlock_address = \"{address}/lock\"\n    lease          = \"2s\"\n  }}\n}}\n\n"
    );
    sandbox.config(&format!("{backend}{}{RESOURCES}", served.providers()));
    sandbox.env("USER", "ada");
    (sandbox, served, server)
}

fn creates(sandbox: &Sandbox) -> usize {
    let ledger = sandbox.ledger_of(DATA);
    ledger.iter().filter(|entry| entry["operation"] == "create").count()
}

#[test]
fn a_run_that_dies_is_followed_within_its_lease_and_nothing_is_made_twice() {
    let (sandbox, _served, server) = sandbox();
    sandbox.env("SNAPFORM_CRASH_AT", "receive:4");
    assert_eq!(sandbox.quietly("apply -auto-approve -parallelism=1").code, None);
    sandbox.env("SNAPFORM_CRASH_AT", "");
    sandbox.quietly("plan").failed().says("E0704").says("ada");
    sandbox.quietly("apply -auto-approve -lock-timeout=30s").succeeded();
    assert_eq!(creates(&sandbox), 3);
    sandbox.quietly("plan -detailed-exitcode").exits(0);
    assert!(server.lock().is_none(), "the lock was given back");
    assert!(!sandbox.has("state"), "nothing is kept here");
}

/// A process that is stopped past its lease, and then goes on.
#[cfg(unix)]
#[test]
fn a_run_that_slept_past_its_lease_neither_sends_nor_writes() {
    let (sandbox, _served, _server) = sandbox();
    let first = sandbox.start_waiting("apply");
    while !first.line().contains("Only `yes`") {}
    signal(&first, "-STOP");
    sandbox.quietly("apply -auto-approve -lock-timeout=30s").succeeded().says("3 added");
    signal(&first, "-CONT");
    let late = first.answer("yes\n");
    assert_eq!(late.code, Some(1), "{}", late.text());
    assert!(late.text().contains("E0716"), "{}", late.text());
    assert_eq!(creates(&sandbox), 3);
    sandbox.quietly("plan -detailed-exitcode").exits(0);
}

#[cfg(unix)]
fn signal(running: &Running, name: &str) {
    let process = running.process().to_string();
    assert!(Command::new("kill").args([name, &process]).status().unwrap().success());
}

#[test]
fn a_state_moves_to_a_server_and_back() {
    let (sandbox, served, server) = sandbox();
    let there = sandbox.read("main.snap.hcl");
    let here = format!("{}{RESOURCES}", served.providers());
    sandbox.config(&here);
    sandbox.quietly("apply -auto-approve").succeeded();
    sandbox.config(&there);
    sandbox.quietly("plan").failed().says("E0719");
    sandbox.quietly("init -migrate-state").succeeded().says("`http` backend");
    sandbox.quietly("plan -detailed-exitcode").exits(0);
    assert!(server.document().unwrap().contains("zenlayer_disk_snapshot"));
    sandbox.config(&here);
    sandbox.quietly("init -migrate-state").succeeded();
    sandbox.quietly("plan -detailed-exitcode").exits(0);
    assert_eq!(creates(&sandbox), 3);
}
