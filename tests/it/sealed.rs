//! Encryption of state, journal and saved plans, from the outside.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use crate::support::{EMULATED_STATE, Sandbox, tells};

const CANARY: &str = "canary-in-a-coal-mine-7731";
const KEY: &str = "4242424242424242424242424242424242424242424242424242424242424242";
const OTHER: &str = "4343434343434343434343434343434343434343434343434343434343434343";
const PASSPHRASE: &str = "a passphrase of some length";
const STATE: &str = "state/default/state.json";
const JOURNAL: &str = "state/default/journal.jsonl";

const CONFIG: &str = r#"
variable "canary" {
  sensitive = true
}

resource "terraform_data" "a" {
  input = var.canary
}

output "secret" {
  value     = terraform_data.a.output
  sensitive = true
}
"#;

fn sandbox(variable: &str, value: &str) -> Sandbox {
    let sandbox = Sandbox::with(CONFIG);
    sandbox.env("TF_VAR_canary", CANARY);
    sandbox.env(variable, value);
    sandbox
}

fn with_key() -> Sandbox {
    sandbox("SNAPFORM_STATE_KEY", KEY)
}

/// Every file below a folder with its bytes.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push((path.display().to_string(), fs::read(&path).unwrap()));
        }
    }
    found
}

/// How a text looks in base64, wherever it begins: what depends on its neighbours is left out.
fn in_base64(text: &str) -> Vec<String> {
    let shifted = (0..3).map(|shift| {
        let encoded = STANDARD_NO_PAD.encode(format!("{}{text}", &"###"[..shift]));
        encoded[4..encoded.len() - 2].to_owned()
    });
    shifted.collect()
}

fn holds_nothing_secret(sandbox: &Sandbox, secrets: &[&str]) {
    let all = files(&sandbox.path(""));
    assert!(all.len() > 2, "nothing was written");
    for secret in secrets {
        let mut forms = in_base64(secret);
        forms.push((*secret).to_owned());
        for (name, bytes) in &all {
            for form in &forms {
                let found = bytes.windows(form.len()).any(|window| window == form.as_bytes());
                assert!(!found, "{name} holds {secret}");
            }
        }
    }
}

#[test]
fn everything_works_and_nothing_secret_is_in_any_file() {
    let given = format!("printf '%s\\n' {KEY}");
    for (variable, value) in [
        ("SNAPFORM_STATE_KEY", KEY),
        ("SNAPFORM_STATE_PASSPHRASE", PASSPHRASE),
        ("SNAPFORM_STATE_KEY_COMMAND", given.as_str()),
    ] {
        let sandbox = sandbox(variable, value);
        sandbox.quietly("init").succeeded().says("encrypted from the next save on");
        sandbox.quietly("plan -out=one.plan").succeeded();
        sandbox.quietly("show one.plan").succeeded().says("terraform_data.a");
        sandbox.quietly("show -json one.plan").succeeded();
        let output = sandbox.quietly("apply one.plan").succeeded();
        assert!(!output.text().contains(CANARY) && !output.text().contains(value));
        sandbox.quietly("init").succeeded().says(", encrypted.");
        sandbox.quietly("state list").succeeded().says("terraform_data.a");
        sandbox.quietly("output -raw secret").succeeded().says(CANARY);
        sandbox.quietly("show state/default/state.json").succeeded().says("terraform_data.a");
        sandbox.quietly("state pull").succeeded().says(CANARY).says("\"version\": 4");
        sandbox.env("TF_VAR_canary", "another-canary-that-came-later");
        sandbox.quietly("apply -auto-approve").succeeded();
        assert!(sandbox.has("state/default/history/1.json"));
        holds_nothing_secret(&sandbox, &[CANARY, "another-canary-that-came-later", value]);
        sandbox.quietly("plan -detailed-exitcode").exits(0);
    }
}

#[test]
fn one_salt_serves_all_files_of_a_workspace() {
    let sandbox = sandbox("SNAPFORM_STATE_PASSPHRASE", PASSPHRASE);
    sandbox.quietly("plan -out=one.plan").succeeded();
    sandbox.quietly("apply one.plan").succeeded();
    let salts = [STATE, JOURNAL, "one.plan"].map(|name| {
        let text = sandbox.read(name);
        let (_, rest) = text.split_once("argon2id:").unwrap();
        rest.split(['"', ' ']).next().unwrap().to_owned()
    });
    assert_eq!(salts[0], salts[1]);
    assert_eq!(salts[0], salts[2]);
}

#[test]
fn the_wrong_key_and_none_are_told() {
    let sandbox = with_key();
    sandbox.quietly("plan -out=one.plan").succeeded();
    sandbox.quietly("apply -auto-approve").succeeded();
    let before = files(&sandbox.path("state"));
    sandbox.env("SNAPFORM_STATE_KEY", "");
    sandbox.note("no key");
    sandbox.run("plan").failed().says("E0720");
    sandbox.run("show one.plan").failed().says("E0720");
    for line in ["apply -auto-approve", "state list", "state pull", "output", "init"] {
        sandbox.quietly(line).failed().says("E0720");
    }
    sandbox.env("SNAPFORM_STATE_KEY", OTHER);
    sandbox.note("another key");
    sandbox.run("apply -auto-approve").failed().says("E0720");
    sandbox.run("apply one.plan").failed().says("E0720");
    sandbox.env("SNAPFORM_STATE_KEY", "");
    sandbox.env("SNAPFORM_STATE_PASSPHRASE", PASSPHRASE);
    sandbox.note("a passphrase in place of the key");
    sandbox.run("state list").failed().says("E0720");
    assert_eq!(files(&sandbox.path("state")), before);
    tells!(sandbox);
}

#[test]
fn a_key_that_is_not_given_as_it_must_be_is_told() {
    let sandbox = Sandbox::with(CONFIG);
    sandbox.env("TF_VAR_canary", CANARY);
    let refused = |what: &str, variables: &[(&str, &str)]| {
        sandbox.note(what);
        for (name, value) in variables {
            sandbox.env(&format!("SNAPFORM_STATE_{name}"), value);
        }
        let output = sandbox.run("apply -auto-approve").failed().says("E0721");
        for (name, value) in variables {
            assert!(!output.text().contains(value), "{name}");
            sandbox.env(&format!("SNAPFORM_STATE_{name}"), "");
        }
    };
    refused("short", &[("PASSPHRASE", "fifteen letters")]);
    refused("no key", &[("KEY", "c2hvcnQ=")]);
    refused("two at once", &[("PASSPHRASE", PASSPHRASE), ("KEY", KEY)]);
    refused("only a former one", &[("PREVIOUS_KEY", KEY)]);
    refused(
        "two former ones",
        &[("KEY", OTHER), ("PREVIOUS_KEY", KEY), ("PREVIOUS_PASSPHRASE", PASSPHRASE)],
    );
    refused("a command that fails", &[("KEY_COMMAND", "sh -c 'exit 7'")]);
    refused("a command that is not there", &[("KEY_COMMAND", "./no-such-program of mine")]);
    refused("a command that prints something else", &[("KEY_COMMAND", "echo not-a-key-at-all")]);
    refused("no command line", &[("KEY_COMMAND", "echo 'open")]);
    assert!(!sandbox.has(STATE));
    sandbox.quietly("validate").succeeded();
    tells!(sandbox);
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_no_text_is_not_passed_over() {
    use std::os::unix::ffi::OsStringExt as _;
    let sandbox = Sandbox::with(CONFIG);
    let garbled = std::ffi::OsString::from_vec(vec![0xff; 32]);
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_snapform"))
        .args(["apply", "-auto-approve", "-var=canary=x"])
        .current_dir(sandbox.path(""))
        .env("SNAPFORM_STATE_PASSPHRASE", garbled)
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains("E0721"));
    assert!(!sandbox.has(STATE));
}

#[test]
fn the_command_runs_once_and_only_where_it_is_needed() {
    let command = format!("sh -c 'echo x >> count; printf {KEY}'");
    let sandbox = sandbox("SNAPFORM_STATE_KEY_COMMAND", &command);
    sandbox.quietly("validate").succeeded();
    sandbox.quietly("version").succeeded();
    assert!(!sandbox.has("count"));
    sandbox.quietly("apply -auto-approve").succeeded();
    assert_eq!(sandbox.read("count"), "x\n");
    sandbox.quietly("state list").succeeded();
    assert_eq!(sandbox.read("count"), "x\nx\n");
}

#[test]
fn a_new_key_takes_over_with_the_next_apply() {
    let sandbox = with_key();
    sandbox.quietly("plan -out=old.plan").succeeded();
    sandbox.quietly("apply -auto-approve").succeeded();
    sandbox.env("SNAPFORM_STATE_KEY", "");
    sandbox.env("SNAPFORM_STATE_PASSPHRASE", PASSPHRASE);
    sandbox.env("SNAPFORM_STATE_PREVIOUS_KEY", KEY);
    sandbox.quietly("show old.plan").succeeded();
    sandbox.quietly("state list").succeeded();
    assert!(sandbox.read(STATE).contains("\"derivation\": \"raw\""), "to look changes nothing");
    sandbox.quietly("apply -auto-approve").succeeded();
    sandbox.env("SNAPFORM_STATE_PREVIOUS_KEY", "");
    sandbox.quietly("plan -detailed-exitcode").exits(0);
    assert!(sandbox.read(STATE).contains("argon2id"));
    assert!(sandbox.read(JOURNAL).contains("argon2id"));
}

#[test]
fn a_clear_state_is_encrypted_by_the_next_apply_and_comes_back_by_pull_and_push() {
    let sandbox = Sandbox::with(CONFIG);
    sandbox.env("TF_VAR_canary", CANARY);
    sandbox.quietly("apply -auto-approve").succeeded();
    sandbox.quietly("init").succeeded().says(", not encrypted.");
    sandbox.quietly("plan -out=clear.plan").succeeded();
    let clear = sandbox.read(STATE);
    sandbox.env("SNAPFORM_STATE_KEY", KEY);
    sandbox.quietly("state list").succeeded();
    sandbox.note("a plan that anybody may have written");
    sandbox.run("apply clear.plan").failed().says("E0803");
    sandbox.run("show clear.plan").failed().says("E0803");
    sandbox.quietly("apply -auto-approve").succeeded();
    assert!(sandbox.read(STATE).contains("\"snapform_encrypted\": 1,"));
    assert!(!sandbox.read(JOURNAL).contains("lineage"));
    let pulled = sandbox.quietly("state pull").succeeded().stdout;
    assert_eq!(pulled, clear);
    fs::remove_dir_all(sandbox.path("state")).unwrap();
    sandbox.env("SNAPFORM_STATE_KEY", "");
    sandbox.write("pulled.json", &pulled);
    sandbox.run("state push pulled.json").failed().says("E0714");
    sandbox.quietly("state push -force pulled.json").succeeded();
    assert_eq!(sandbox.read(STATE), clear.replacen("\"serial\": 1,", "\"serial\": 2,", 1));
    tells!(sandbox);
}

#[test]
fn what_was_changed_or_swapped_is_refused_and_the_way_back_works() {
    let sandbox = with_key();
    sandbox.quietly("apply -auto-approve").succeeded();
    let first = sandbox.read(STATE);
    sandbox.env("TF_VAR_canary", "the second");
    sandbox.quietly("apply -auto-approve").succeeded();
    sandbox.env("TF_VAR_canary", "the third");
    sandbox.quietly("plan -out=third.plan").succeeded();
    let second = sandbox.read(STATE);
    let refused = |what: &str, text: &str, code: &str| {
        sandbox.note(what);
        sandbox.write(STATE, text);
        sandbox.run("plan").failed().says(code);
        assert_eq!(sandbox.read(STATE), text);
    };
    refused("an older one put back", &first, "E0714");
    refused("cut short", &second[..second.len() / 2], "E0701");
    refused("the plan in its place", &sandbox.read("third.plan"), "E0701");
    refused("the journal in its place", &sandbox.read(JOURNAL), "E0701");
    refused("one letter changed", &second.replacen("\"data\": \"", "\"data\": \"A", 1), "E0701");
    sandbox.note("the newest of the history");
    sandbox.run("state push -force state/default/history/1.json").succeeded();
    sandbox.quietly("output -raw secret").succeeded().says(CANARY);
    sandbox.note("a plan that was changed, and a state in its place");
    let plan = sandbox.read("third.plan");
    sandbox.write("changed.plan", plan.replacen("\"data\": \"", "\"data\": \"A", 1));
    sandbox.run("apply changed.plan").failed().says("E0803");
    sandbox.write("state.plan", &second);
    sandbox.run("apply state.plan").failed().says("E0803");
    let journal = sandbox.read(JOURNAL);
    sandbox.note("a damaged journal");
    sandbox.write(JOURNAL, journal.replacen("raw ", "raw A", 1));
    sandbox.run("plan").failed().says("E0705");
    tells!(sandbox);
}

#[test]
fn no_byte_of_a_plan_changes_unnoticed() {
    use snapform::sdk::auth::Secret;
    use snapform::sdk::seal::{KeySource, Keyring, Keys, Purpose};
    let sandbox = with_key();
    sandbox.quietly("plan -out=one.plan").succeeded();
    let plan = sandbox.read("one.plan").into_bytes();
    let key = || KeySource::key(&Secret::from(KEY));
    let ring = Keyring::loading(move || Ok(Keys { current: key(), previous: None }));
    let read = |bytes: Vec<u8>| {
        let opened = ring.open(Purpose::Plan, bytes).ok()?;
        snapform::plan::read_plan(&opened.bytes).ok()
    };
    assert!(read(plan.clone()).is_some());
    for at in 0..plan.len() {
        let mut changed = plan.clone();
        changed[at] ^= 1;
        assert!(read(changed).is_none(), "byte {at}");
    }
}

#[test]
fn outputs_of_an_encrypted_state_are_read_where_the_key_fits() {
    let sandbox = with_key();
    sandbox.quietly("apply -auto-approve").succeeded();
    sandbox.write("reader/main.tf", READER);
    sandbox.quietly("-chdir=reader apply -auto-approve").succeeded().says("read = true");
    sandbox.quietly("-chdir=reader plan -emulate").succeeded();
    sandbox.env("SNAPFORM_STATE_KEY", OTHER);
    for folder in ["reader/state", "reader/.snapform"] {
        fs::remove_dir_all(sandbox.path(folder)).unwrap();
    }
    sandbox.run("-chdir=reader plan").failed().says("SNAPFORM_STATE_PREVIOUS_KEY");
    sandbox.env("SNAPFORM_STATE_KEY", "");
    sandbox.run("-chdir=reader plan").failed().says("SNAPFORM_STATE_KEY_COMMAND");
    tells!(sandbox);
}

const READER: &str = r#"
data "terraform_remote_state" "other" {
  backend = "local"
  config  = { path = "../state/default/state.json" }
}

output "read" {
  value = data.terraform_remote_state.other.outputs.secret == "canary-in-a-coal-mine-7731"
}
"#;

#[cfg(debug_assertions)]
#[test]
fn a_run_that_dies_is_taken_up_from_an_encrypted_journal() {
    const DISK: &str = r#"
resource "zenlayer_disk_snapshot" "disk" {
  disk_id = "1700000000000000001"
  name    = "a-name-to-look-for"
}
"#;
    // The first two answers are to looks at the disk and its snapshots; the third one is to the create.
    for (variable, value, point) in [
        ("SNAPFORM_STATE_KEY", KEY, "receive:3"),
        ("SNAPFORM_STATE_KEY", KEY, "receive:4"),
        ("SNAPFORM_STATE_KEY", KEY, "state-replaced"),
        ("SNAPFORM_STATE_PASSPHRASE", PASSPHRASE, "receive:3"),
    ] {
        let sandbox = sandbox(variable, value);
        sandbox.config(DISK);
        sandbox.env("SNAPFORM_CRASH_AT", point);
        let died = sandbox.quietly("apply -emulate -auto-approve");
        assert_ne!(died.code, Some(0));
        let journal = sandbox.read(&format!("{EMULATED_STATE}/journal.jsonl"));
        assert!(journal.starts_with("snapform-encrypted-1 journal "), "{journal}");
        assert!(!journal.contains("zenlayer") && !journal.contains("a-name-to-look-for"));
        sandbox.env("SNAPFORM_CRASH_AT", "");
        sandbox.quietly("apply -emulate -auto-approve").succeeded();
        sandbox.quietly("plan -emulate -detailed-exitcode").exits(0);
        assert_eq!(sandbox.created().len(), 1, "made once");
        let state = sandbox.read(&format!("{EMULATED_STATE}/state.json"));
        assert!(state.contains("\"snapform_encrypted\": 1,"));
    }
}

#[test]
fn workspaces_and_named_files_are_encrypted_as_well() {
    let sandbox = with_key();
    sandbox.quietly("apply -auto-approve").succeeded();
    sandbox.quietly("workspace new -state=state/default/state.json other").succeeded();
    sandbox.quietly("state list").succeeded().says("terraform_data.a");
    sandbox.quietly("state pull").succeeded().says(CANARY);
    sandbox.quietly("workspace select default").succeeded();
    sandbox
        .quietly("state mv -state-out=moved.tfstate terraform_data.a terraform_data.b")
        .succeeded();
    sandbox.quietly("state list -state=moved.tfstate").succeeded().says("terraform_data.b");
    holds_nothing_secret(&sandbox, &[CANARY, KEY]);
}

/// What an encrypted journal tells must not be written over for want of its key.
#[test]
fn a_journal_that_nobody_could_open_is_not_replaced() {
    let sandbox = Sandbox::with(CONFIG);
    sandbox.env("TF_VAR_canary", CANARY);
    sandbox.quietly("apply -auto-approve").succeeded();
    let clear = sandbox.read(STATE);
    sandbox.env("SNAPFORM_STATE_KEY", KEY);
    sandbox.env("TF_VAR_canary", "the second");
    sandbox.env("SNAPFORM_CRASH_AT", "journal-durable:2");
    sandbox.quietly("apply -auto-approve");
    sandbox.env("SNAPFORM_CRASH_AT", "");
    sandbox.write("clear.json", &clear);
    let journal = sandbox.read(JOURNAL);
    for key in ["", OTHER] {
        sandbox.env("SNAPFORM_STATE_KEY", key);
        sandbox.quietly("state push -force clear.json").failed().says("E0720");
        assert_eq!(sandbox.read(JOURNAL), journal);
    }
    sandbox.env("SNAPFORM_STATE_KEY", KEY);
    sandbox.quietly("plan").succeeded().says("Only outputs change");
}
