//! The long forms of codes: their examples do what they show.

use std::fmt::Write as _;

use snapform::diag::explain::{Example, page};
use snapform::diag::{Severity, code};

use crate::support::Sandbox;

/// Sets the examples up, runs what they are for, and gives what was said with the last exit code.
/// `None` where they are only to be looked at. Commands before the last one must work.
fn tried(examples: &[Example]) -> Option<(String, Option<i32>)> {
    let sandbox = Sandbox::empty();
    let mut commands: Vec<String> = Vec::new();
    for example in examples {
        let file = example.detail.filter(|detail| detail.contains('.'));
        match (example.language, file) {
            ("console", _) => {
                let typed = example.text.lines().map(|line| line.strip_prefix("$ snapform "));
                // What is shown with its output cannot be provoked here.
                commands.extend(typed.collect::<Option<Vec<_>>>()?.into_iter().map(str::to_owned));
            }
            (_, Some(file)) => sandbox.write(file, example.text),
            ("hcl", None) => {
                sandbox.config(&format!("{}\n", example.text));
                match example.detail {
                    Some("plan") => commands.push("plan -emulate".to_owned()),
                    _ => commands.push("validate".to_owned()),
                }
            }
            _ => return None,
        }
    }
    if examples.iter().any(|example| example.language == "console") {
        // Commands stand for themselves: nothing else is asked of their configuration.
        commands.retain(|command| command != "validate");
        if commands.is_empty() {
            commands.push("validate".to_owned());
        }
    }
    let last = commands.pop()?;
    for command in commands {
        sandbox.quietly(&command).succeeded();
    }
    let output = sandbox.quietly(&last);
    Some((output.text(), output.code))
}

#[test]
fn every_example_does_what_it_shows() {
    let mut wrong = String::new();
    let mut tried_out = 0;
    for code in code::ALL {
        let page = page(*code).unwrap();
        let expected = if code.severity() == Severity::Error { Some(1) } else { Some(0) };
        let heading = format!("[{code}]");
        if let Some((said, exit)) = tried(&page.wrong) {
            tried_out += 1;
            if !said.contains(&heading) || exit != expected {
                writeln!(wrong, "{code}: the wrong example gives {exit:?}:\n{said}").unwrap();
            }
        }
        if let Some((said, exit)) = tried(&page.right)
            && (said.contains(&heading) || exit != Some(0))
        {
            writeln!(wrong, "{code}: the right example gives {exit:?}:\n{said}").unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(tried_out >= 50, "only {tried_out} examples can be tried out");
}

#[test]
fn codes_that_concern_configuration_have_examples_that_can_be_tried_out() {
    // A file that is no text cannot stand in a page.
    let besides = [code::ENCODING];
    let of_configuration = |name: &str| ["01", "02", "03", "04", "05"].contains(&&name[1..3]);
    for code in code::ALL.iter().filter(|code| of_configuration(code.name())) {
        let page = page(*code).unwrap();
        assert!(besides.contains(code) || tried(&page.wrong).is_some(), "{code}");
    }
}

#[test]
fn codes_are_explained_and_listed() {
    let sandbox = Sandbox::empty();
    sandbox.run("explain e0222").succeeded();
    sandbox.run("explain W0220").succeeded();
    sandbox.run("explain E0131").failed();
    let all = sandbox.quietly("explain").succeeded().stdout;
    for code in code::ALL {
        assert!(all.contains(&format!("  {code}  {}\n", code.title())), "{code}");
    }
    crate::support::tells!(sandbox);
}
