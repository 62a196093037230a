//! Files that cannot be written: the old state stays whole, and no call goes without its note.

use crate::support::{EMULATED_STATE, Sandbox};

use super::oracle::{assert_nothing_twice, assert_settled};
use super::{PROVIDERS, VENDORS, applied, rounds, snapshots};

const FAULTS: [&str; 4] = ["full", "short", "broken", "read-only"];

fn prepared() -> Sandbox {
    let old = VENDORS.map(|vendor| snapshots(vendor, "old", 80, 1));
    let sandbox = applied(&old.concat());
    let new = VENDORS.map(|vendor| snapshots(vendor, "new", 10, 1));
    sandbox.config(&format!("{PROVIDERS}{}", new.concat()));
    sandbox
}

/// Creates of the run so far.
fn creates(sandbox: &Sandbox) -> usize {
    sandbox.ledger().iter().filter(|entry| entry["operation"] == "create").count()
}

/// The ids of intents in the journal, open or not.
fn intents(sandbox: &Sandbox) -> usize {
    let name = format!("{EMULATED_STATE}/journal.jsonl");
    if !sandbox.has(&name) {
        return 0;
    }
    let journal = sandbox.read(&name);
    journal.lines().filter(|line| line.contains("\"operation\":\"create\"")).count()
}

/// How many of what the run makes is in the saved state already.
fn recorded(sandbox: &Sandbox) -> usize {
    let state = sandbox.state();
    let resources = state["resources"].as_array().unwrap();
    resources.iter().filter(|resource| resource["name"] == "new").count()
}

#[test]
fn one_failing_operation_of_a_file_leaves_everything_whole() {
    let prepared = prepared();
    let made = creates(&prepared);
    let (mut failed, mut tolerated, mut forgetful) = (0, 0, 0);
    for fault in FAULTS {
        let step = rounds(7, 1);
        let mut count = 1;
        loop {
            let sandbox = prepared.copy();
            let when = format!("{fault} at operation {count}");
            sandbox.env("SNAPFORM_FAIL_FILE", &format!("{fault}:{count}"));
            let output = sandbox.quietly("apply -emulate -auto-approve");
            sandbox.env("SNAPFORM_FAIL_FILE", "");
            if output.code == Some(0) {
                tolerated += 1;
                forgetful += usize::from(output.text().contains("W0722"));
                // Behind the last operation nothing fails any more.
                if count > 200 || is_past_the_end(&prepared, fault, count) {
                    break;
                }
            } else {
                failed += 1;
                assert_eq!(output.code, Some(1), "{when}: {}", output.text());
                assert!(output.text().contains("E07"), "{when}: {}", output.text());
            }
            assert_nothing_twice(&sandbox, &when);
            sandbox.quietly("state pull -emulate").succeeded();
            sandbox.apply();
            assert_settled(&sandbox, &when);
            assert_eq!(creates(&sandbox), made + VENDORS.len(), "{when}");
            count += step;
        }
    }
    println!(
        "{failed} applies failed by one failing operation of a file, {tolerated} went on, {forgetful} of \
         them without a watermark; 0 duplicates, 0 lost, every state whole"
    );
    assert!(failed > 0 && forgetful > 0);
}

/// Whether an apply has fewer operations of files than `count`: then it dies of none.
fn is_past_the_end(prepared: &Sandbox, fault: &str, count: u64) -> bool {
    // From there on everything would fail, if anything came.
    let sandbox = prepared.copy();
    sandbox.env("SNAPFORM_FAIL_FILE", &format!("{fault}:{count}+"));
    sandbox.quietly("apply -emulate -auto-approve").code == Some(0)
}

#[test]
fn a_disk_that_stays_full_lets_no_call_out_without_its_note() {
    let prepared = prepared();
    let before = creates(&prepared);
    let mut failed = 0;
    for fault in FAULTS {
        let step = usize::try_from(rounds(9, 1)).unwrap();
        for count in (1..200).step_by(step) {
            let sandbox = prepared.copy();
            let when = format!("{fault} from operation {count} on");
            sandbox.env("SNAPFORM_FAIL_FILE", &format!("{fault}:{count}+"));
            let output = sandbox.quietly("apply -emulate -auto-approve");
            sandbox.env("SNAPFORM_FAIL_FILE", "");
            if output.code == Some(0) {
                break;
            }
            failed += 1;
            assert_eq!(output.code, Some(1), "{when}: {}", output.text());
            let sent = creates(&sandbox) - before;
            let noted = intents(&sandbox).max(recorded(&sandbox));
            assert!(sent <= noted, "{when}: {sent} creates without a note");
            sandbox.quietly("state pull -emulate").succeeded();
            sandbox.apply();
            assert_settled(&sandbox, &when);
        }
    }
    println!(
        "{failed} applies on a disk that stayed full or broken: 0 calls without a note, 0 duplicates, 0 lost"
    );
    assert!(failed > 0);
}
