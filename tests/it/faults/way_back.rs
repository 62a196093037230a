//! Dead in an apply, and then the files that it left are damaged: `state push -force` is the way back,
//! and what the journal tells is not lost on it.

use snapform::world::faults::CrashPoint;

use crate::support::{EMULATED_STATE, Sandbox};

use super::crash_points::{dies, prepared};
use super::oracle::assert_settled;
use super::rounds;

/// What may happen to files.
const DAMAGES: [&str; 6] = [
    "state is gone",
    "state is torn",
    "state is edited",
    "state is older",
    "state is somebody else's",
    "journal is damaged",
];

fn damage(sandbox: &Sandbox, what: &str, older: &[u8]) {
    let state = sandbox.path(&format!("{EMULATED_STATE}/state.json"));
    let journal = sandbox.path(&format!("{EMULATED_STATE}/journal.jsonl"));
    let bytes = std::fs::read(&state).unwrap();
    match what {
        "state is gone" => std::fs::remove_file(state).unwrap(),
        "state is torn" => std::fs::write(state, &bytes[..bytes.len() / 2]).unwrap(),
        "state is edited" => {
            let text = String::from_utf8(bytes).unwrap();
            let edited = text.replacen("\"name\": \"gone", "\"name\": \"went", 1);
            assert_ne!(edited, text);
            std::fs::write(state, edited).unwrap();
        }
        "state is older" => std::fs::write(state, older).unwrap(),
        "state is somebody else's" => std::fs::write(state, later_than(&bytes)).unwrap(),
        // Only a line whose loss takes nothing along that is not known elsewhere.
        _ => {
            let mut bytes = std::fs::read(&journal).unwrap();
            bytes[40] ^= 1;
            std::fs::write(journal, bytes).unwrap();
        }
    }
}

/// What may happen to files that are encrypted.
const DAMAGES_OF_SEALED: [&str; 3] = ["state is gone", "state is torn", "journal is damaged"];

/// Two applies behind each other, of which the second one dies.
fn ways_back(vendor: &str, prepared: &Sandbox, damages: &[&str]) {
    let kept =
        |name: &str| std::fs::read(prepared.path(&format!("{EMULATED_STATE}/{name}"))).unwrap();
    let last = kept("state.json");
    let older = empty_of(&last);
    let counts = 1..rounds(3, 12);
    let mut ways = 0;
    for point in [CrashPoint::JournalDurable, CrashPoint::Receive, CrashPoint::StateKept] {
        for count in counts.clone() {
            let dead = prepared.copy();
            if !dies(&dead, point, count) {
                break;
            }
            for what in damages {
                let when = format!("{vendor}: dead at {point:?}, passage {count}; {what}");
                let sandbox = dead.copy();
                damage(&sandbox, what, &older);
                let is_later = *what == "state is somebody else's";
                sandbox
                    .write("right.json", if is_later { later_than(&last) } else { last.clone() });
                let refused = sandbox.quietly("apply -emulate -auto-approve");
                assert_eq!(refused.code, Some(1), "{when}:\n{}", refused.text());
                let pushed = sandbox.quietly("state push -emulate -force right.json");
                assert_eq!(pushed.code, Some(0), "{when}:\n{}", pushed.text());
                let applied = sandbox.quietly("apply -emulate -auto-approve");
                assert_eq!(applied.code, Some(0), "{when}:\n{}", applied.text());
                assert_settled(&sandbox, &when);
                ways += 1;
            }
        }
    }
    println!("{vendor}: {ways} ways back from damaged files after a death; 0 duplicates, 0 lost");
    assert!(ways >= damages.len() * 4, "{ways}");
}

/// The state as Terraform saves it with nothing changed: with a higher serial.
fn later_than(state: &[u8]) -> Vec<u8> {
    let mut state: serde_json::Value = serde_json::from_slice(state).unwrap();
    state["serial"] = 9.into();
    serde_json::to_vec_pretty(&state).unwrap()
}

/// The state before the last one, in which nothing was recorded yet.
fn empty_of(state: &[u8]) -> Vec<u8> {
    let mut state: serde_json::Value = serde_json::from_slice(state).unwrap();
    state["serial"] = 0.into();
    state["resources"] = serde_json::Value::Array(Vec::new());
    serde_json::to_vec_pretty(&state).unwrap()
}

#[test]
fn apsara_comes_back_from_damaged_files() {
    ways_back("apsara", &prepared("apsara"), &DAMAGES);
}

#[test]
fn openstack_comes_back_from_damaged_files() {
    ways_back("openstack", &prepared("openstack"), &DAMAGES);
}

#[test]
fn zenlayer_comes_back_from_damaged_files() {
    ways_back("zenlayer", &prepared("zenlayer"), &DAMAGES);
}

#[test]
fn encrypted_files_are_no_harder_to_come_back_from() {
    let sandbox = prepared("zenlayer");
    sandbox.env("SNAPFORM_STATE_KEY", &"5a".repeat(32));
    sandbox.quietly("apply -emulate -auto-approve -refresh-only").succeeded();
    assert!(sandbox.read(&format!("{EMULATED_STATE}/state.json")).contains("snapform_encrypted"));
    ways_back("zenlayer, encrypted", &sandbox, &DAMAGES_OF_SEALED);
}
