//! Stories: files and commands, one text each under `stories/`, with what was said as a snapshot.
//!
//! `-- NAME --` begins a file, `-- rm NAME --` takes one away, `$ COMMAND` runs a command that must
//! succeed, `$ [2] COMMAND` one that must end with exit code 2.

use std::fs;

use crate::support::{Sandbox, repository};

fn tell(text: &str) -> String {
    let sandbox = Sandbox::empty();
    let mut file: Option<(String, String)> = None;
    let finish = |file: &mut Option<(String, String)>| {
        if let Some((name, text)) = file.take() {
            sandbox.write(&name, text);
        }
    };
    for line in text.lines() {
        let marked = line.strip_prefix("-- ").and_then(|rest| rest.strip_suffix(" --"));
        if let Some(name) = marked {
            finish(&mut file);
            match name.strip_prefix("rm ") {
                Some(gone) => fs::remove_file(sandbox.path(gone)).unwrap(),
                None => file = Some((name.to_owned(), String::new())),
            }
        } else if let Some(command) = line.strip_prefix("$ ") {
            finish(&mut file);
            let expected = command.strip_prefix('[').and_then(|rest| rest.split_once("] "));
            let (code, command) = expected.unwrap_or(("0", command));
            sandbox.run(command).exits(code.parse().unwrap());
        } else if let Some((_, text)) = &mut file {
            text.push_str(line);
            text.push('\n');
        } else {
            assert!(line.is_empty() || line.starts_with('#'), "neither file nor command: {line}");
        }
    }
    sandbox.story()
}

#[test]
fn every_story_goes_as_told() {
    let folder = repository().join("tests/it/stories");
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    assert!(names.len() > 3, "where are the stories?");
    for path in names {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(&path).unwrap();
        println!("{name}");
        insta::assert_snapshot!(name, tell(&text));
    }
}
