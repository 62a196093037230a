//! Whole runs whose results a real Terraform has given: `tests/conformance/engine`.
//!
//! In: the scenarios there and a program. Out: where it differs. Each scenario is a list of steps;
//! a step brings files and commands; after a command some views are taken of what it did.
//! Whatever differs between two runs of one program is masked, so views are compared exactly.
//!
//! Three variables are for developers (CONTRIBUTING.md, "A scenario"):
//! `SNAPFORM_TEST_SCENARIOS=a,b` runs those whose names contain one of the words,
//! `SNAPFORM_TEST_REFERENCE=PROGRAM` compares with what that program does now, and with
//! `SNAPFORM_TEST_RECORD=1` writes that down.

mod differences;
mod documents;
mod events;
mod mask;
mod numbers;
mod steps;
mod texts;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::Value as Json;

use crate::support::repository;
use steps::{EXIT, Scenario, Seen};

/// The results beside `steps.json`.
const RECORD: &str = "expected.json";

/// How many differences of a scenario are shown.
const SHOWN: usize = 12;

fn scenarios() -> PathBuf {
    repository().join("tests/conformance/engine/scenarios")
}

fn variable(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "what a developer asks of this test")]
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn names() -> Vec<String> {
    let entries = fs::read_dir(scenarios()).unwrap().map(Result::unwrap);
    let mut names: Vec<_> = entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn scenario(name: &str) -> Scenario {
    let text = fs::read_to_string(scenarios().join(name).join("steps.json")).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}/steps.json: {error}"))
}

fn recorded(name: &str) -> Vec<Seen> {
    let text = fs::read_to_string(scenarios().join(name).join(RECORD)).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}/{RECORD}: {error}"))
}

fn record(name: &str, seen: &[Seen]) {
    let lines: Vec<_> = seen.iter().map(|one| serde_json::to_string(one).unwrap()).collect();
    let path = scenarios().join(name).join(RECORD);
    fs::write(path, format!("[\n{}\n]\n", lines.join(",\n"))).unwrap();
}

/// Where what came is not what was expected.
fn compare(expected: &[Seen], came: &[Seen]) -> Vec<String> {
    let labels = |seen: &[Seen]| seen.iter().map(|(label, _)| label.clone()).collect::<Vec<_>>();
    if labels(expected) != labels(came) {
        return vec![format!("{RECORD} is not for these steps: record it anew")];
    }
    let pairs = expected.iter().zip(came);
    let found = pairs.flat_map(|((label, expected), (_, came))| {
        let differences = differences::differences(expected, came);
        differences.into_iter().map(move |difference| format!("{label}\n    at {difference}"))
    });
    found.collect()
}

/// Where the exit status is not the one that the steps state.
fn wrong_exits(scenario: &Scenario, seen: &[Seen]) -> Vec<String> {
    let stated = scenario.steps.iter().flat_map(|step| &step.commands).map(|command| command.rc);
    let exits = seen.iter().filter(|(label, _)| label.ends_with(EXIT));
    let wrong =
        exits.zip(stated).filter(|((_, code), stated)| code.as_str() != Some(&stated.to_string()));
    wrong.map(|((label, code), stated)| format!("{label} is {code}, not {stated}")).collect()
}

/// What the reference gives: as it is recorded, or as it does it now.
fn expected(name: &str, scenario: &Scenario) -> Result<Vec<Seen>, Vec<String>> {
    let Some(reference) = variable("SNAPFORM_TEST_REFERENCE") else { return Ok(recorded(name)) };
    let folder = scenarios().join(name);
    let shown = steps::run(Path::new(&reference), &folder, scenario);
    let seen = shown.seen;
    let wrong: Vec<_> = wrong_exits(scenario, &seen).into_iter().chain(shown.unreadable).collect();
    if !wrong.is_empty() {
        return Err(wrong.iter().map(|wrong| format!("{reference}: {wrong}")).collect());
    }
    if variable("SNAPFORM_TEST_RECORD").is_some() {
        record(name, &seen);
    }
    Ok(seen)
}

/// All differences of one scenario.
fn judge(name: &str) -> Vec<String> {
    let scenario = scenario(name);
    let expected = match expected(name, &scenario) {
        Ok(expected) => expected,
        Err(wrong) => return wrong,
    };
    let program = Path::new(env!("CARGO_BIN_EXE_snapform"));
    let shown = steps::run(program, &scenarios().join(name), &scenario);
    let mut found = compare(&expected, &shown.seen);
    found.extend(wrong_exits(&scenario, &shown.seen));
    found.extend(shown.unreadable);
    found.extend(shown.misfits);
    found
}

/// Works on all names at once, as many together as there are cores.
fn together(names: &[String], work: impl Fn(&str) -> Vec<String> + Sync) -> Vec<String> {
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut told = Vec::new();
        while let Some(name) = names.get(next.fetch_add(1, Ordering::Relaxed)) {
            let found = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work(name)))
                .unwrap_or_else(|_| vec!["the run could not be finished: see above".to_owned()]);
            if !found.is_empty() {
                let more = found.len().saturating_sub(SHOWN);
                let shown: Vec<_> = found.into_iter().take(SHOWN).collect();
                told.push(format!("{name} (and {more} more)\n  {}", shown.join("\n  ")));
            }
        }
        told
    };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    })
}

#[test]
fn scenarios_go_as_terraform_does_them() {
    let mut chosen = names();
    assert!(chosen.len() >= 42, "the scenarios are not where they were");
    if let Some(words) = variable("SNAPFORM_TEST_SCENARIOS") {
        chosen.retain(|name| words.split(',').any(|word| name.contains(word)));
        assert!(!chosen.is_empty(), "no scenario is called so");
    }
    let told = together(&chosen, judge);
    assert!(told.is_empty(), "{} of {} differ:\n{}", told.len(), chosen.len(), told.join("\n"));
}

#[test]
fn whatever_is_recorded_is_compared() {
    let expected = recorded("chain-order");
    assert_eq!(compare(&expected, &expected), Vec::<String>::new());
    for index in 0..expected.len() {
        let mut other = expected.clone();
        other[index].1 = Json::from("something else");
        let found = compare(&expected, &other);
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with(&expected[index].0), "{}", found[0]);
    }
    assert_eq!(compare(&expected, &expected[1..]).len(), 1);
}

#[test]
fn a_program_that_does_something_else_is_found() {
    let name = "taint-untaint";
    let text = serde_json::to_string(&recorded(name)).unwrap();
    let text = text.replacen("\"tainted\"", "\"sound\"", 1);
    let mut expected: Vec<Seen> = serde_json::from_str(&text).unwrap();
    expected[0].1 = Json::from("7");
    let program = Path::new(env!("CARGO_BIN_EXE_snapform"));
    let shown = steps::run(program, &scenarios().join(name), &scenario(name));
    let found = compare(&expected, &shown.seen);
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found[0].ends_with("expected \"7\"\n      came     \"0\""), "{found:#?}");
    assert!(found[1].contains("\"sound\""), "{found:#?}");
}
