//! Older files that somebody puts back, alone or together with what belongs to them: this folder
//! remembers how far its state had come.

use std::path::Path;

use snapform::state::{LocalBackend, Session, SessionError, Tracked, Trust, WatermarkFile};
use snapform::world::World;

use crate::support::{Sandbox, copy_tree, tells, without_waiting};

const STATE: &str = "state/default/state.json";
const JOURNAL: &str = "state/default/journal.jsonl";
const WATERMARKS: &str = ".snapform/watermarks";

fn config(input: usize) -> String {
    format!("resource \"terraform_data\" \"a\" {{\n  input = {input}\n}}\n")
}

fn applied() -> Sandbox {
    let sandbox = Sandbox::with(&config(1));
    sandbox.quietly("apply -auto-approve").succeeded();
    sandbox
}

/// The only watermark there is.
fn watermark(sandbox: &Sandbox) -> std::path::PathBuf {
    let mut files = std::fs::read_dir(sandbox.path(WATERMARKS)).unwrap();
    let file = files.next().unwrap().unwrap().path();
    assert!(files.next().is_none());
    file
}

fn put_back(sandbox: &Sandbox, folder: &Path) {
    std::fs::remove_dir_all(sandbox.path("state")).unwrap();
    copy_tree(folder, &sandbox.path("state"));
}

/// A copy of all that is kept now.
fn kept(sandbox: &Sandbox) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy_tree(&sandbox.path("state"), folder.path());
    folder
}

/// What a file held at one time; `None` where there was none.
type Content = Option<Vec<u8>>;

/// What a history of applies left after each of them, some of which died.
fn history(sandbox: &Sandbox) -> Vec<(Content, Content)> {
    let read = |name| std::fs::read(sandbox.path(name)).ok();
    let mut versions = vec![(None, None)];
    let deaths = [
        "",
        "",
        "journal-durable:1",
        "journal-durable:2",
        "state-replaced:1",
        "",
        "journal-durable:2",
    ];
    for (position, death) in deaths.into_iter().enumerate() {
        sandbox.config(&config(position));
        sandbox.env("SNAPFORM_CRASH_AT", death);
        sandbox.quietly("apply -auto-approve");
        versions.push((read(STATE), read(JOURNAL)));
    }
    sandbox.env("SNAPFORM_CRASH_AT", "");
    versions
}

/// Puts both files back and looks.
fn look(sandbox: &Sandbox, state: &Content, journal: &Content) -> Result<(), SessionError> {
    for (name, content) in [(STATE, state), (JOURNAL, journal)] {
        let path = sandbox.path(name);
        match content {
            Some(bytes) => std::fs::write(path, bytes).unwrap(),
            None => drop(std::fs::remove_file(path)),
        }
    }
    let identity = format!("{STATE} with {JOURNAL}");
    let file = WatermarkFile::new(&sandbox.path(WATERMARKS), identity);
    let backend = Box::new(LocalBackend::new(sandbox.path("state/default")));
    let tracked = Tracked::new(backend, Some(file));
    let runtime = without_waiting();
    runtime.block_on(Session::look(tracked, &World::real(), Trust::Checked)).map(drop)
}

#[test]
fn of_all_files_that_ever_were_only_the_last_pair_is_taken() {
    let sandbox = Sandbox::empty();
    let versions = history(&sandbox);
    let (last, earlier) = versions.split_last().unwrap();
    let mut tried = 0;
    for (state, _) in &versions {
        for (_, journal) in &versions {
            let is_last = (state, journal) == (&last.0, &last.1);
            let looked = look(&sandbox, state, journal);
            assert_eq!(looked.is_ok(), is_last, "{looked:?}");
            tried += usize::from(!is_last);
        }
    }
    println!("{tried} pairs of files from {} moments, all refused", earlier.len() + 1);
}

#[test]
fn a_journal_that_was_cut_off_is_refused_wherever_that_is() {
    let sandbox = Sandbox::empty();
    let (state, journal) = history(&sandbox).pop().unwrap();
    let lines: Vec<u8> = journal.unwrap().into_iter().filter(|byte| *byte != 0).collect();
    // The process died before it could remember the last batch.
    let batches: Vec<_> = lines.trim_ascii_end().windows(2).collect();
    let remembered = batches.iter().rposition(|pair| *pair == b"\n\n").unwrap() + 1;
    assert!(lines[..remembered].split(|byte| *byte == b'\n').count() > 2);
    for length in 0..remembered {
        let looked = look(&sandbox, &state, &Some(lines[..length].to_vec()));
        assert!(looked.is_err(), "cut off at {length} of {remembered}");
    }
    for length in remembered..lines.len() {
        assert_eq!(look(&sandbox, &state, &Some(lines[..length].to_vec())), Ok(()));
    }
}

#[test]
fn an_old_state_with_its_own_journal_is_refused_until_somebody_decides() {
    let sandbox = applied();
    let old = kept(&sandbox);
    sandbox.config(&config(2));
    sandbox.quietly("apply -auto-approve").succeeded();
    let new = kept(&sandbox);
    put_back(&sandbox, old.path());
    sandbox.run("plan").failed().says("E0714");
    for line in ["apply -auto-approve", "destroy -auto-approve", "state list", "output", "show"] {
        sandbox.quietly(line).failed().says("E0714");
    }
    sandbox.run("state pull").succeeded().says("W0715");
    sandbox.write("new.json", std::fs::read(new.path().join("default/state.json")).unwrap());
    sandbox.run("state push -force new.json").succeeded();
    sandbox.run("plan -detailed-exitcode").exits(0);
    sandbox.note("all of it gone");
    std::fs::remove_dir_all(sandbox.path("state")).unwrap();
    sandbox.run("plan").failed().says("E0714");
    sandbox.note("meant so");
    std::fs::remove_file(watermark(&sandbox)).unwrap();
    sandbox.run("plan -detailed-exitcode").exits(2);
    tells!(sandbox);
}

#[test]
fn the_files_of_another_place_are_refused() {
    let sandbox = applied();
    let other = applied();
    put_back(&sandbox, &other.path("state"));
    sandbox.run("plan").failed().says("E0714");
    tells!(sandbox);
}

#[test]
fn a_journal_that_lacks_a_create_is_refused() {
    let sandbox = applied();
    let before = std::fs::read(sandbox.path(JOURNAL)).unwrap();
    sandbox.config(&config(2));
    sandbox.env("SNAPFORM_CRASH_AT", "journal-durable:2");
    sandbox.quietly("apply -auto-approve");
    sandbox.env("SNAPFORM_CRASH_AT", "");
    let whole = std::fs::read(sandbox.path(JOURNAL)).unwrap();
    sandbox.write(JOURNAL, &before);
    sandbox.run("plan").failed().says("E0714");
    sandbox.write(JOURNAL, &whole);
    sandbox.quietly("plan -detailed-exitcode").exits(0);
    tells!(sandbox);
}

/// A run must not fail because it cannot remember.
#[test]
fn a_watermark_that_cannot_be_used_is_told_and_stops_nothing() {
    let sandbox = applied();
    std::fs::write(watermark(&sandbox), "no watermark").unwrap();
    sandbox.run("apply -auto-approve").succeeded().says("W0722");
    sandbox.quietly("apply -auto-approve").succeeded().never_says("W0722");
    std::fs::remove_dir_all(sandbox.path(WATERMARKS)).unwrap();
    sandbox.write(WATERMARKS, "a file where the folder should be");
    sandbox.config(&config(2));
    let output = sandbox.quietly("apply -auto-approve").succeeded().says("W0722");
    assert_eq!(output.text().matches("W0722").count(), 1, "{}", output.text());
    tells!(sandbox);
}

#[test]
fn what_is_given_up_is_forgotten() {
    let sandbox = applied();
    sandbox.quietly("workspace new other").succeeded();
    sandbox.quietly("apply -auto-approve").succeeded();
    sandbox.quietly("workspace select default").succeeded();
    sandbox.quietly("workspace delete -force other").succeeded();
    watermark(&sandbox);
    sandbox.quietly("workspace new other").succeeded();
    sandbox.quietly("workspace select default").succeeded();
    sandbox.quietly("workspace delete other").succeeded();
    let block = "terraform {\n  backend \"local\" {\n    path = \"elsewhere/state\"\n  }\n}\n";
    sandbox.config(&format!("{block}{}", config(1)));
    sandbox.quietly("init -migrate-state").succeeded();
    std::fs::remove_dir_all(sandbox.path("state")).unwrap();
    sandbox.quietly("plan -detailed-exitcode").exits(0);
    sandbox.config(&config(1));
    sandbox.quietly("init -migrate-state").succeeded();
    sandbox.quietly("plan -detailed-exitcode").exits(0);
    watermark(&sandbox);
}
