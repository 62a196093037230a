//! The command line with its state elsewhere: kills, stops, two at once, and moves.

use std::any::Any;
use std::process::Command;

use crate::backends::pg;
use crate::backends::server::{Habits, Server};
#[cfg(all(feature = "s3", feature = "gcs", feature = "azurerm"))]
use crate::buckets::{azurerm, gcs, s3};
use crate::faults::rounds;
use crate::support::served::{DATA, Served};
use crate::support::{Running, Sandbox};

const RESOURCES: &str = "\nresource \"zenlayer_disk_snapshot\" \"a\" {\n  count   = 3\n  disk_id = \"17${count.index}\"\n  name    = \"night-${count.index}\"\n}\n";

/// Where a state can be, with a short lease.
struct Site {
    /// The type of the backend.
    name: &'static str,
    /// The lines of its block.
    block: String,
    /// What serves it, for as long as the test goes on.
    _server: Box<dyn Any>,
}

impl Site {
    fn new(name: &'static str, block: String, server: impl Any) -> Self {
        Self { name, block, _server: Box::new(server) }
    }

    /// All that there are here. In databases, tests meet under one name.
    fn all(test: &str) -> Vec<Self> {
        let server = Server::new(Habits::default());
        let mut sites = vec![Self::new("http", http_block(&server), server)];
        sites.extend(pg::site(test).map(|(cluster, block)| Self::new("pg", block, cluster)));
        #[cfg(all(feature = "s3", feature = "gcs", feature = "azurerm"))]
        {
            sites.push(Self::new("gcs", gcs::site(), ()));
            sites.extend(s3::site().map(|(server, block)| Self::new("s3", block, server)));
            let azurite = azurerm::site();
            sites.extend(azurite.map(|(server, block)| Self::new("azurerm", block, server)));
        }
        sites
    }

    /// The beginning of a configuration whose state is there.
    fn head(&self, served: &Served) -> String {
        let (name, block, providers) = (self.name, &self.block, served.providers());
        format!("terraform {{\n  backend \"{name}\" {{\n{block}}}\n}}\n\n{providers}")
    }

    /// A sandbox whose state is there, with three snapshots to make.
    fn sandbox(&self) -> (Sandbox, Served) {
        let sandbox = Sandbox::empty();
        let served = Served::of(&sandbox);
        sandbox.config(&format!("{}{RESOURCES}", self.head(&served)));
        sandbox.env("USER", "ada");
        (sandbox, served)
    }
}

fn http_block(server: &Server) -> String {
    let address = server.serve();
    format!(
        "address = \"{address}/state\"\nlock_address = \"{address}/lock\"\nunlock_address = \"{address}/lock\"\nlease = \"2s\"\n"
    )
}

fn creates(sandbox: &Sandbox) -> usize {
    let ledger = sandbox.ledger_of(DATA);
    ledger.iter().filter(|entry| entry["operation"] == "create").count()
}

#[test]
fn a_run_that_dies_is_followed_within_its_lease_and_nothing_is_made_twice() {
    for site in Site::all("elsewhere_dies") {
        let (sandbox, _served) = site.sandbox();
        sandbox.env("SNAPFORM_CRASH_AT", "receive:4");
        assert_eq!(
            sandbox.quietly("apply -auto-approve -parallelism=1").code,
            None,
            "{}",
            site.name
        );
        sandbox.env("SNAPFORM_CRASH_AT", "");
        sandbox.quietly("plan").failed().says("E0704").says("ada");
        sandbox.quietly("apply -auto-approve -lock-timeout=30s").succeeded();
        assert_eq!(creates(&sandbox), 3, "{}", site.name);
        sandbox.quietly("plan -detailed-exitcode").exits(0);
        assert!(!sandbox.has("state"), "nothing is kept here");
    }
}

/// A process that is stopped past its lease, and then goes on.
#[cfg(unix)]
#[test]
fn a_run_that_slept_past_its_lease_neither_sends_nor_writes() {
    for site in Site::all("elsewhere_slept") {
        let (sandbox, _served) = site.sandbox();
        let first = sandbox.start_waiting("apply");
        while !first.line().contains("Only `yes`") {}
        signal(&first, "-STOP");
        let second = sandbox.quietly("apply -auto-approve -lock-timeout=30s");
        second.succeeded().says("3 added");
        signal(&first, "-CONT");
        let late = first.answer("yes\n");
        assert_eq!(late.code, Some(1), "{}: {}", site.name, late.text());
        assert!(late.text().contains("E0716"), "{}: {}", site.name, late.text());
        assert_eq!(creates(&sandbox), 3, "{}", site.name);
        sandbox.quietly("plan -detailed-exitcode").exits(0);
    }
}

#[cfg(unix)]
fn signal(running: &Running, name: &str) {
    let process = running.process().to_string();
    assert!(Command::new("kill").args([name, &process]).status().unwrap().success());
}

/// In each round what the round before made is deleted, and as much is made anew.
#[test]
fn of_two_applies_at_once_exactly_one_runs_wherever_the_state_is() {
    let wanted = rounds(2, 100);
    for site in Site::all("elsewhere_both") {
        let (sandbox, served) = site.sandbox();
        let mut refused = 0;
        for round in 1..=wanted {
            let resources = RESOURCES.replace("\"a\"", &format!("\"round_{round}\""));
            sandbox.config(&format!("{}{resources}", site.head(&served)));
            let both = [(); 2].map(|()| sandbox.start("apply -auto-approve")).map(Running::finish);
            let ran = both.iter().filter(|output| output.stdout.contains("3 added")).count();
            let when = format!("{}, round {round}", site.name);
            for output in &both {
                let is_refused = output.code == Some(1) && output.stderr.contains("E0704");
                let is_idle = output.code == Some(0) && output.stdout.contains("No changes.");
                let applied = output.code == Some(0) && output.stdout.contains("3 added");
                assert!(is_refused || is_idle || applied, "{when}: {}", output.text());
                assert!(!is_refused || output.stderr.contains("ada"), "{when}: {}", output.stderr);
                refused += u32::from(is_refused);
            }
            assert_eq!(ran, 1, "{when}");
            assert_eq!(creates(&sandbox) as u64, 3 * round, "{when}");
        }
        say(&format!(
            "two applies at once on a state of `{}`: {wanted} times, {refused} refused with the holder's name; 0 duplicates",
            site.name
        ));
    }
}

#[expect(clippy::print_stdout, reason = "their figures are what these tests are for")]
fn say(figure: &str) {
    println!("{figure}");
}

#[test]
fn a_state_moves_to_a_server_and_back() {
    let server = Server::new(Habits::default());
    let site = Site::new("http", http_block(&server), ());
    let (sandbox, served) = site.sandbox();
    let there = sandbox.read("main.snap.hcl");
    let here = format!("{}{RESOURCES}", served.providers());
    sandbox.config(&here);
    sandbox.quietly("apply -auto-approve").succeeded();
    sandbox.config(&there);
    sandbox.quietly("plan").failed().says("E0719");
    sandbox.quietly("init -migrate-state").succeeded().says("`http` backend");
    sandbox.quietly("plan -detailed-exitcode").exits(0);
    assert!(server.document().unwrap().contains("zenlayer_disk_snapshot"));
    assert!(server.lock().is_none(), "the lock was given back");
    sandbox.config(&here);
    sandbox.quietly("init -migrate-state").succeeded();
    sandbox.quietly("plan -detailed-exitcode").exits(0);
    assert_eq!(creates(&sandbox), 3);
}
