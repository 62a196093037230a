//! States and journals that cannot be used: nothing is guessed, and nothing is written.

use crate::support::{Sandbox, tells, without_waiting};

const CONFIG: &str = "resource \"terraform_data\" \"a\" {\n  input = 1\n}\n";
const STATE: &str = "state/default/state.json";
const JOURNAL: &str = "state/default/journal.jsonl";

fn applied() -> Sandbox {
    let sandbox = Sandbox::with(CONFIG);
    sandbox.quietly("apply -auto-approve").succeeded();
    sandbox
}

/// Puts `bytes` into a file and expects that commands refuse it and leave it alone.
fn refused(sandbox: &Sandbox, name: &str, what: &str, bytes: &[u8], code: &str) {
    sandbox.note(what);
    sandbox.write(name, bytes);
    sandbox.run("plan").failed().says(code);
    for line in ["apply -auto-approve", "destroy -auto-approve", "show", "output", "state list"] {
        sandbox.quietly(line).failed().says(code);
    }
    assert_eq!(std::fs::read(sandbox.path(name)).unwrap(), bytes, "{what}");
}

#[test]
fn a_state_that_cannot_be_read_is_left_alone() {
    let sandbox = applied();
    let whole = sandbox.read(STATE);
    let bytes = whole.as_bytes();
    refused(&sandbox, STATE, "torn", &bytes[..bytes.len() / 2], "E0701");
    refused(&sandbox, STATE, "empty", b"", "E0701");
    refused(&sandbox, STATE, "another thing", b"[1, 2]\n", "E0701");
    let newer = whole.replacen("\"version\": 4", "\"version\": 5", 1);
    assert_ne!(newer, whole);
    refused(&sandbox, STATE, "of a newer version", newer.as_bytes(), "E0702");
    sandbox.write(STATE, &whole);
    sandbox.quietly("plan -detailed-exitcode").exits(0);
    tells!(sandbox);
}

#[test]
fn an_object_that_this_version_cannot_understand_is_named() {
    let sandbox = applied();
    let whole = sandbox.read(STATE);
    let newer = whole.replacen("\"schema_version\": 0", "\"schema_version\": 9", 1);
    assert_ne!(newer, whole);
    // Without a journal and a watermark nobody tells that the state was changed.
    std::fs::remove_file(sandbox.path(JOURNAL)).unwrap();
    std::fs::remove_dir_all(sandbox.path(".snapform")).unwrap();
    sandbox.write(STATE, &newer);
    sandbox.run("plan").failed().says("E0702");
    let unknown = whole.replace("terraform_data", "vanished_thing");
    sandbox.write(STATE, &unknown);
    sandbox.run("plan").failed();
    tells!(sandbox);
}

#[test]
fn a_state_that_is_not_the_one_that_was_saved_is_refused_until_somebody_decides() {
    let sandbox = applied();
    let first = sandbox.read(STATE);
    sandbox.config(&CONFIG.replace("= 1", "= 2"));
    sandbox.quietly("apply -auto-approve").succeeded();
    let second = sandbox.read(STATE);
    let edited = second.replace("\"value\": 2", "\"value\": 3");
    assert_ne!(edited, second);
    refused(&sandbox, STATE, "edited by hand", edited.as_bytes(), "E0714");
    sandbox.run("state pull").succeeded().says("W0715");
    sandbox.run("state push state/default/state.json").failed().says("E0714");
    sandbox.note("edited on purpose");
    sandbox.run("state push -force state/default/state.json").succeeded();
    sandbox.run("plan -detailed-exitcode").exits(2);
    sandbox.quietly("apply -auto-approve").succeeded();
    refused(&sandbox, STATE, "an older one put back", first.as_bytes(), "E0714");
    let last = sandbox.read("state/default/history/2.json");
    std::fs::remove_file(sandbox.path(STATE)).unwrap();
    sandbox.note("gone");
    sandbox.run("plan").failed().says("E0714");
    sandbox.write("found.json", &last);
    sandbox.run("state push -force found.json").succeeded();
    sandbox.run("plan -detailed-exitcode").exits(2);
    tells!(sandbox);
}

/// A state as Terraform saves it: with the next serial, and nothing of ours beside it.
#[test]
fn a_state_that_somebody_else_saved_is_taken() {
    let sandbox = applied();
    let state = sandbox.read(STATE);
    let next =
        state.replace("\"serial\": 1,", "\"serial\": 2,").replace("\"value\": 1", "\"value\": 2");
    assert_ne!(next, state);
    sandbox.write(STATE, &next);
    sandbox.config(&CONFIG.replace("= 1", "= 2"));
    sandbox.quietly("plan -detailed-exitcode").exits(0);
    sandbox.config(&CONFIG.replace("= 1", "= 3"));
    sandbox.quietly("apply -auto-approve").succeeded();
    sandbox.quietly("plan -detailed-exitcode").exits(0);
}

/// What is noted then must not stand behind a journal of the state before.
#[test]
fn a_run_that_dies_behind_a_state_of_somebody_else_is_taken_up() {
    let sandbox = applied();
    let state = sandbox.read(STATE);
    sandbox
        .write(STATE, state.replace("\"serial\": 1,", "\"serial\": 2,").replace(": 1\n", ": 2\n"));
    for death in ["send", "journal-durable:1", "journal-durable:2", "state-replaced"] {
        sandbox.config(
            &format!("{CONFIG}resource \"terraform_data\" \"{death}\" {{\n}}\n").replace(':', "-"),
        );
        sandbox.env("SNAPFORM_CRASH_AT", death);
        sandbox.quietly("apply -auto-approve");
        sandbox.env("SNAPFORM_CRASH_AT", "");
        sandbox.quietly("apply -auto-approve").succeeded();
        sandbox.quietly("plan -detailed-exitcode").exits(0);
    }
}

/// An interrupted run made an object, and somebody else has recorded another one in its place since.
#[test]
fn what_an_interrupted_run_made_takes_no_other_object_out_of_the_record() {
    let sandbox = applied();
    let both = format!("{CONFIG}resource \"terraform_data\" \"b\" {{\n}}\n");
    sandbox.config(&both);
    sandbox.env("SNAPFORM_CRASH_AT", "journal-durable:2");
    sandbox.quietly("apply -auto-approve");
    sandbox.env("SNAPFORM_CRASH_AT", "");
    let mut state: serde_json::Value = serde_json::from_str(&sandbox.read(STATE)).unwrap();
    let mut other = state["resources"][0].clone();
    other["name"] = "b".into();
    other["instances"][0]["attributes"]["id"] = "of-somebody-else".into();
    state["resources"].as_array_mut().unwrap().push(other);
    state["serial"] = 7.into();
    sandbox.write(STATE, state.to_string());
    sandbox.run("plan").failed().says("E0705");
    sandbox.write("found.json", sandbox.quietly("state pull").succeeded().stdout);
    sandbox.run("state push -force found.json").succeeded().says("W0723");
    sandbox.quietly("state show terraform_data.b").succeeded().says("of-somebody-else");
    sandbox.quietly("plan").succeeded();
    tells!(sandbox);
}

#[test]
fn no_bit_of_a_state_changes_unnoticed() {
    use snapform::state::{LocalBackend, Session, Trust};
    use snapform::world::World;
    let sandbox = applied();
    let (whole, world) = (sandbox.read(STATE).into_bytes(), World::real());
    let runtime = without_waiting();
    let look = |bytes: &[u8]| {
        std::fs::write(sandbox.path(STATE), bytes).unwrap();
        let backend = Box::new(LocalBackend::new(sandbox.path("state/default")));
        runtime.block_on(Session::look(backend, &world, Trust::Checked)).map(|_| ())
    };
    for bit in 0..whole.len() * 8 {
        let mut changed = whole.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(look(&changed).is_err(), "bit {bit}");
    }
    // The last byte is a line break, which means nothing.
    for length in 0..whole.len() - 1 {
        assert!(look(&whole[..length]).is_err(), "cut off at {length}");
    }
    assert_eq!(look(&whole), Ok(()));
}

/// A journal line with a good checksum.
fn entry(json: &str) -> String {
    let sum = snapform::sdk::auth::sha256_hex(json.as_bytes());
    format!("{} {json}\n", &sum[..16])
}

#[test]
fn a_journal_that_cannot_be_trusted_stops_everything() {
    let sandbox = applied();
    let state: serde_json::Value = serde_json::from_str(&sandbox.read(STATE)).unwrap();
    let lineage = state["lineage"].as_str().unwrap();
    let serial = &state["serial"];
    let base = |lineage: &str, serial: u64| {
        entry(&format!("{{\"entry\":\"base\",\"lineage\":\"{lineage}\",\"serial\":{serial}}}"))
    };
    let good = base(lineage, serial.as_u64().unwrap());
    let damaged = format!("{good}0000000000000000 {{\"entry\":\"base\"}}\n{good}");
    refused(&sandbox, JOURNAL, "damaged in the middle", damaged.as_bytes(), "E0705");
    refused(&sandbox, JOURNAL, "of another state", base("other", 1).as_bytes(), "E0705");
    sandbox.note("torn at its end, as a death in mid-write leaves it");
    std::fs::remove_dir_all(sandbox.path(".snapform")).unwrap();
    sandbox.write(JOURNAL, format!("{good}0123"));
    sandbox.run("plan -detailed-exitcode").exits(0);
    tells!(sandbox);
}

#[cfg(unix)]
#[test]
fn a_state_that_cannot_be_written_stops_before_any_call() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = Sandbox::with(CONFIG);
    sandbox.write("state", "a file where the folder should be");
    sandbox.run("apply -auto-approve").failed();
    std::fs::remove_file(sandbox.path("state")).unwrap();
    std::fs::create_dir(sandbox.path("state")).unwrap();
    let locked = std::fs::Permissions::from_mode(0o500);
    std::fs::set_permissions(sandbox.path("state"), locked).unwrap();
    // Whoever may write everywhere sees a plain success.
    let output = sandbox.quietly("apply -auto-approve");
    assert!(output.code == Some(0) || output.stderr.contains("E0703"), "{}", output.text());
    tells!(sandbox);
}
