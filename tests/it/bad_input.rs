//! Bad configurations: each is refused with a code, at its place, in words worth reading.
//!
//! The cases are texts: a line `=== what holds | command | code | line:column`, then the
//! configuration.

use std::fmt::Write as _;

use crate::support::Sandbox;

struct Case<'a> {
    title: &'a str,
    command: &'a str,
    code: &'a str,
    place: &'a str,
    config: String,
}

fn cases(text: &str) -> Vec<Case<'_>> {
    let mut cases: Vec<Case<'_>> = Vec::new();
    for line in text.lines() {
        if let Some(header) = line.strip_prefix("=== ") {
            let [title, command, code, place] =
                header.split(" | ").collect::<Vec<_>>().try_into().unwrap();
            cases.push(Case { title, command, code, place, config: String::new() });
        } else {
            let case = cases.last_mut().unwrap();
            case.config.push_str(line);
            case.config.push('\n');
        }
    }
    cases
}

/// Runs every case of a text and gives what was said, for review.
fn told(text: &str) -> String {
    let mut all = String::new();
    let mut wrong = String::new();
    for case in cases(text) {
        let sandbox = Sandbox::with(&case.config);
        let (line, emulated) = match case.command {
            "validate" => ("validate", false),
            "plan" => ("plan -emulate", true),
            "plan-real" => ("plan", false),
            other => panic!("`{other}` is no command of a case"),
        };
        let output = sandbox.run(line);
        let severity = if case.code.starts_with('W') { "warning" } else { "error" };
        let heading = format!("{severity}[{}]", case.code);
        let told = output.text();
        let place = told
            .lines()
            .skip_while(|line| !line.starts_with(&heading))
            .find_map(|line| line.trim().strip_prefix("--> main.snap.hcl:"));
        let expected = if severity == "error" { Some(1) } else { Some(0) };
        if output.code != expected || place != Some(case.place) {
            writeln!(
                wrong,
                "{}: expected {} at {}, got exit {:?} and place {place:?}:\n{told}",
                case.title, case.code, case.place, output.code
            )
            .unwrap();
        }
        let story = sandbox.story();
        let shown =
            story.lines().skip(1).filter(|line| !emulated || !line.starts_with("Emulating"));
        let shown = shown.filter(|line| *line != "[stderr]" && *line != "[exit 1]");
        let shown = shown.collect::<Vec<_>>().join("\n");
        writeln!(all, "=== {}\n{}\n{}", case.title, case.config, shown.trim()).unwrap();
        all.push('\n');
    }
    assert!(wrong.is_empty(), "{wrong}");
    all
}

#[test]
fn the_seeds_constraints_are_checked_before_anything_is_sent() {
    insta::assert_snapshot!(told(include_str!("bad_input/seeds.hcl")));
}

#[test]
fn the_languages_rules_are_checked_at_their_place() {
    insta::assert_snapshot!(told(include_str!("bad_input/language.hcl")));
}

#[test]
fn a_file_that_is_no_text_is_named_with_its_line() {
    let sandbox = Sandbox::empty();
    sandbox.write("main.snap.hcl", b"output \"a\" {\n  value = \"\xff\"\n}\n");
    sandbox.quietly("validate").failed().says("E0103").says("line 2");
}
