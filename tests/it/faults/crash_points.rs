//! Dead at every named moment, with every type of resource.

use snapform::world::faults::CrashPoint;

use crate::support::{EMULATED_STATE, Sandbox};

use super::oracle::{assert_nothing_twice, assert_settled};
use super::{BLOCK_STORAGE, PROVIDERS, applied, kind, rounds, snapshots};

/// An apply that creates one, replaces one and deletes one.
pub(super) fn prepared(vendor: &str) -> Sandbox {
    let before = [snapshots(vendor, "gone", 10, 1), snapshots(vendor, "other", 20, 1)];
    let sandbox = applied(&before.concat());
    let after = [snapshots(vendor, "new", 30, 1), snapshots(vendor, "other", 40, 1)];
    sandbox.config(&format!("{PROVIDERS}{}", after.concat()));
    sandbox
}

/// Lets an apply die when it passes `point` for the `count`th time; `false` where it did not.
pub(super) fn dies(sandbox: &Sandbox, point: CrashPoint, count: u64) -> bool {
    sandbox.env("SNAPFORM_CRASH_AT", &format!("{}:{count}", point.name()));
    let output = sandbox.quietly("apply -emulate -auto-approve");
    sandbox.env("SNAPFORM_CRASH_AT", "");
    let died = output.code.is_none();
    assert!(died || output.code == Some(0), "{point:?} {count}: {}", output.text());
    died
}

/// Which passages of a point are tried: all of them, or the first ones and some later ones.
fn passages() -> impl Iterator<Item = u64> {
    let all = rounds(0, 1) == 1;
    (1..1_000).filter(move |count| all || [1, 2, 3, 5, 8, 13].contains(count))
}

fn every_point(vendor: &str) {
    let prepared = prepared(vendor);
    let mut deaths = 0;
    for point in CrashPoint::ALL {
        for count in passages() {
            let sandbox = prepared.copy();
            if !dies(&sandbox, point, count) {
                assert!(count > 1, "{vendor}: {point:?} is never passed");
                break;
            }
            deaths += 1;
            let when = format!("{vendor}: dead at {point:?}, passage {count}");
            let output = sandbox.quietly("apply -emulate -auto-approve");
            assert_eq!(output.code, Some(0), "{when}:\n{}", output.text());
            assert_settled(&sandbox, &when);
        }
    }
    println!("{}: {deaths} deaths at named points; 0 duplicates, 0 lost", kind(vendor));
}

#[test]
fn apsara_at_every_point() {
    every_point("apsara");
}

#[test]
fn ctl_at_every_point() {
    every_point("ctl");
}

#[test]
fn openstack_at_every_point() {
    every_point("openstack");
}

#[test]
fn openstack_block_storage_at_every_point() {
    every_point(BLOCK_STORAGE);
}

#[test]
fn thousandeyes_at_every_point() {
    every_point("thousandeyes");
}

#[test]
fn zenlayer_at_every_point() {
    every_point("zenlayer");
}

/// A vendor that cannot be asked: what nobody knows is told, and is never sent again.
#[test]
fn a_public_snapshot_of_thousandeyes_is_uncertain_and_never_sent_again() {
    let config =
        snapshots("thousandeyes", "open", 10, 2).replace("count = 2", "count = 2\n  public = true");
    let sandbox = Sandbox::with(&format!("{PROVIDERS}{config}"));
    let (mut deaths, mut uncertain) = (0, 0);
    for point in CrashPoint::ALL {
        for count in passages() {
            let sandbox = sandbox.copy();
            if !dies(&sandbox, point, count) {
                break;
            }
            deaths += 1;
            let when = format!("dead at {point:?}, passage {count}");
            let before = sandbox.ledger().len();
            let output = sandbox.quietly("apply -emulate -auto-approve");
            assert_nothing_twice(&sandbox, &when);
            if output.code == Some(0) {
                assert_settled(&sandbox, &when);
                continue;
            }
            uncertain += 1;
            assert!(output.text().contains("E0707"), "{when}: {}", output.text());
            // Its own address waits, the other one does not.
            assert!(sandbox.ledger().len() <= before + 1, "{when}");
            let again = sandbox.quietly("apply -emulate -auto-approve");
            assert_eq!(again.code, output.code, "{when}");
            assert_nothing_twice(&sandbox, &when);
            assert!(!sandbox.nothing_open(EMULATED_STATE), "{when}");
        }
    }
    println!(
        "thousandeyes_snapshot, public: {deaths} deaths, {uncertain} left uncertain and told; 0 sent again"
    );
    assert!(uncertain > 0);
}
