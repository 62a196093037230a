//! Killed at any moment and run again.

use std::fs;

use crate::support::{EMULATED_STATE, Sandbox, WORLD};

use super::oracle::assert_settled;
use super::{PROVIDERS, VENDORS, applied, rounds, snapshots};

/// Two snapshots at each of five vendors are there.
fn ten() -> Sandbox {
    let old = VENDORS.map(|vendor| snapshots(vendor, "old", 80, 2));
    let sandbox = applied(&old.concat());
    sandbox.config(&fifty());
    sandbox
}

/// Ten other ones at each of them are wanted in their place.
fn fifty() -> String {
    format!("{PROVIDERS}{}", VENDORS.map(|vendor| snapshots(vendor, "new", 10, 10)).concat())
}

/// How many bytes the emulators' worlds and the journal hold. Each request and each note makes it
/// grow, so it tells how far a run has come without asking a clock.
fn progress(sandbox: &Sandbox) -> u64 {
    let worlds = VENDORS.iter().map(|vendor| format!("{WORLD}/{vendor}.jsonl"));
    let files = worlds.chain([format!("{EMULATED_STATE}/journal.jsonl")]);
    files.filter_map(|name| Some(fs::metadata(sandbox.path(&name)).ok()?.len())).sum()
}

/// Starts an apply and kills it once it has come `bytes` further; `false` where it ended before.
fn kill_after(sandbox: &Sandbox, bytes: u64) -> bool {
    let mut running = sandbox.start("apply -emulate -auto-approve");
    let start = progress(sandbox);
    let arrived = running.wait_until(|| progress(sandbox) >= start + bytes);
    let output = running.kill();
    arrived && output.code.is_none()
}

#[test]
fn a_killed_apply_is_taken_up_and_nothing_is_made_twice() {
    let prepared = ten();
    let whole = prepared.copy();
    let start = progress(&whole);
    whole.apply();
    let size = progress(&whole) - start;
    assert_settled(&whole, "without a kill");
    let wanted = rounds(10, 1_000);
    let (mut killed, mut taken_up, mut converged) = (0, 0, 0);
    for round in 0..wanted {
        let sandbox = prepared.copy();
        // Odd fractions, so that longer runs fall between the moments of shorter ones.
        let moment = size * (2 * round + 1) / (2 * wanted);
        killed += u64::from(kill_after(&sandbox, moment));
        let when = format!("killed {moment} bytes into {size}");
        let output = sandbox.quietly("apply -emulate -auto-approve");
        assert_eq!(output.code, Some(0), "{when}:\n{}", output.stderr);
        converged += 1;
        taken_up += output.text().matches("W0706").count();
        assert_settled(&sandbox, &when);
    }
    println!(
        "kill -9 in an apply of 50 creates and 10 deletes: {killed} of {wanted} runs killed under way, \
         {taken_up} creates taken up, {converged} converged in one re-run; 0 duplicates, 0 lost"
    );
    assert!(taken_up > 0, "no kill left a create open: the moments prove nothing");
    assert!(killed * 4 >= wanted * 3, "only {killed} of {wanted} kills hit a running apply");
}

#[test]
fn an_apply_that_is_killed_again_and_again_comes_to_its_end() {
    let sandbox = ten();
    let mut killed = 0;
    while kill_after(&sandbox, 15_000) {
        killed += 1;
        assert!(killed < 100, "it gets nowhere");
    }
    sandbox.apply();
    println!("killed {killed} times on one state; 0 duplicates, 0 lost");
    assert!(killed >= 3, "{killed}");
    assert_settled(&sandbox, "killed again and again");
}

#[cfg(unix)]
#[test]
fn an_interrupted_apply_ends_in_good_order_and_goes_on() {
    let sandbox = ten();
    let mut running = sandbox.start("apply -emulate -auto-approve -parallelism=3");
    let start = progress(&sandbox);
    assert!(running.wait_until(|| progress(&sandbox) >= start + 10_000));
    running.interrupt();
    running.finish().failed().says("Interrupted:").says("E0902").says("not complete");
    assert!(sandbox.nothing_open(EMULATED_STATE));
    sandbox.apply();
    assert_settled(&sandbox, "interrupted");
}

#[test]
fn a_killed_destroy_is_taken_up() {
    let sandbox = ten();
    sandbox.apply();
    let mut running = sandbox.start("destroy -emulate -auto-approve");
    let start = progress(&sandbox);
    running.wait_until(|| progress(&sandbox) >= start + 20_000);
    running.kill();
    sandbox.quietly("destroy -emulate -auto-approve").succeeded();
    assert_eq!(sandbox.quietly("state list -emulate").succeeded().stdout, "");
    super::oracle::assert_nothing_left(&sandbox);
}
