//! Runs the steps of a scenario in a fresh folder, and notes what is seen.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value as Json;

use super::mask::Mask;
use super::numbers::read;
use super::{documents, events, texts};
use crate::json_schemas::misfits_of_output;
use crate::support::{Output, Sandbox};

/// Exit codes of a program that broke down.
const BROKEN: [i32; 2] = [101, 134];

/// `steps.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Scenario {
    /// One line for people.
    #[serde(rename = "about")]
    _about: String,
    pub(super) steps: Vec<Step>,
    /// Whether the messages of checks are compared: not where they are the engine's own.
    #[serde(default = "yes")]
    problems: bool,
}

/// A set of files, and what is run with them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    dir: String,
    #[serde(default = "yes")]
    init: bool,
    pub(super) commands: Vec<Command>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Command {
    args: Vec<String>,
    #[serde(default)]
    pub(super) rc: i32,
    #[serde(default)]
    compare: Vec<String>,
    #[serde(default)]
    pairs: Vec<(String, String)>,
    #[serde(default)]
    env: BTreeMap<String, String>,
    #[serde(default)]
    stdin: String,
    save: Option<String>,
    #[serde(default)]
    write: BTreeMap<String, String>,
}

fn yes() -> bool {
    true
}

/// One thing that was seen: what it is called, and what it is.
pub(super) type Seen = (String, Json);

/// What a run has shown.
pub(super) struct Shown {
    pub(super) seen: Vec<Seen>,
    /// What could not be looked at.
    pub(super) unreadable: Vec<String>,
    /// Where something printed for programs does not fit its schema below `docs/schemas`.
    pub(super) misfits: Vec<String>,
}

/// What the name of a view of an exit status ends with.
pub(super) const EXIT: &str = " exit";

/// Runs all steps with a program. Whatever cannot be looked at is seen as a text that says so, and
/// is told beside the rest.
pub(super) fn run(program: &Path, folder: &Path, scenario: &Scenario) -> Shown {
    let mut run = Run {
        sandbox: Sandbox::with_program(program),
        home: tempfile::tempdir().unwrap(),
        seen: Vec::new(),
        unreadable: Vec::new(),
        misfits: Vec::new(),
    };
    let mut before = Vec::new();
    for step in &scenario.steps {
        run.remove(&before);
        before = run.copy(&folder.join(&step.dir));
        if step.init {
            run.call(&["init", "-no-color", "-input=false"].map(str::to_owned), None);
        }
        for (number, command) in (1..).zip(&step.commands) {
            run.command(&format!("step {} command {number}", step.dir), command);
        }
    }
    let work = run.work();
    let mut mask = Mask::new(&work, scenario.problems);
    let seen = run.seen.iter().map(|(label, view)| (label.clone(), mask.value(view)));
    Shown { seen: seen.collect(), unreadable: run.unreadable, misfits: run.misfits }
}

struct Run {
    sandbox: Sandbox,
    /// Somewhere else, so that nothing of this person's settings is read.
    home: tempfile::TempDir,
    seen: Vec<Seen>,
    unreadable: Vec<String>,
    misfits: Vec<String>,
}

impl Run {
    /// The folder in which commands run, as programs see it.
    fn work(&self) -> String {
        fs::canonicalize(self.sandbox.path("")).unwrap().to_str().unwrap().to_owned()
    }

    fn remove(&self, names: &[PathBuf]) {
        for name in names {
            let path = self.sandbox.path(name.to_str().unwrap());
            fs::remove_file(&path).unwrap();
            // What a command has left in a folder stays there.
            let folders = path.ancestors().skip(1).zip(name.ancestors().skip(1));
            for (folder, _) in folders.take_while(|(_, below)| !below.as_os_str().is_empty()) {
                if fs::remove_dir(folder).is_err() {
                    break;
                }
            }
        }
    }

    /// Copies the files of a step, not their permissions: fixtures may be read-only.
    fn copy(&self, from: &Path) -> Vec<PathBuf> {
        let mut names = Vec::new();
        let mut folders = vec![from.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder)
                .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
            {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let name = path.strip_prefix(from).unwrap().to_owned();
                self.sandbox.write(name.to_str().unwrap(), fs::read(&path).unwrap());
                names.push(name);
            }
        }
        names
    }

    fn call(&mut self, words: &[String], command: Option<&Command>) -> Output {
        let own = [
            ("HOME", self.home.path().to_str().unwrap()),
            ("SNAPFORM_SHOW_SENSITIVE", "1"),
            ("TF_CLI_CONFIG_FILE", "/dev/null"),
            ("CHECKPOINT_DISABLE", "1"),
            ("TF_IN_AUTOMATION", "1"),
        ];
        let own = own.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        let given = command.map(|command| command.env.clone()).unwrap_or_default();
        let stdin = command.map_or("", |command| &command.stdin);
        let output = self.sandbox.call_with(words, own.chain(given).collect(), stdin);
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        let misfits = misfits_of_output(&words, &output.stdout).into_iter();
        self.misfits.extend(misfits.map(|misfit| format!("`{}`: {misfit}", output.words)));
        output
    }

    fn command(&mut self, place: &str, command: &Command) {
        for (name, text) in &command.write {
            self.sandbox.write(name, text);
        }
        let done = self.call(&command.args, Some(command));
        if let Some(name) = &command.save {
            self.sandbox.write(name, &done.stdout);
        }
        let label = format!("{place} `{}`", command.args.join(" "));
        let code = match done.code {
            Some(code) if !BROKEN.contains(&code) => {
                let ordinary = command.rc == 1 && code != 0 && code != 2;
                Json::from(if ordinary { 1 } else { code }.to_string())
            }
            _ => format!("broke down: {}", done.stderr).into(),
        };
        self.seen.push((format!("{label}{EXIT}"), code));
        for what in &command.compare {
            let view = self.look(what, command, &done).unwrap_or_else(|problem| {
                let told = format!("{label} {what}: {problem}\n{}", done.text());
                self.unreadable.push(told);
                format!("cannot be looked at: {problem}").into()
            });
            self.seen.push((format!("{label} {what}"), view));
        }
    }

    fn document(&mut self, words: &[&str]) -> Result<Json, String> {
        let words: Vec<_> = words.iter().map(|word| (*word).to_owned()).collect();
        let output = self.call(&words, None);
        let problem = |error| {
            format!(
                "`{}` gives {:?}, no JSON: {error}\n{}",
                output.words,
                output.code,
                output.text()
            )
        };
        read(&output.stdout).map_err(problem)
    }

    fn look(&mut self, what: &str, command: &Command, done: &Output) -> Result<Json, String> {
        let (kind, name) = what.split_once(':').unwrap_or((what, ""));
        Ok(match kind {
            "plan" => documents::plan(&self.document(&["show", "-json", name])?),
            "relevant" => documents::relevant(&self.document(&["show", "-json", name])?),
            "config" => documents::configuration(&self.document(&["show", "-json", name])?),
            "state" => self.state()?,
            "diags" => texts::places(&done.stdout, &self.work()),
            "counts" => texts::counts(&done.stdout)?,
            "events" => events::by_address(&done.stdout),
            "sequence" => events::in_order(&done.stdout),
            "order" => events::before(&done.stdout, &command.pairs),
            "json" => read(&done.stdout)?,
            "text" => texts::lines(&done.stdout).into(),
            "lines" => {
                let mut lines = texts::lines(&done.stdout);
                lines.sort();
                lines.into()
            }
            "edges" => texts::graph(&done.stdout),
            "hcl" => {
                let written = fs::read_to_string(self.sandbox.path(name));
                texts::squeeze(&written.map_err(|error| error.to_string())?)
            }
            "exists" => self.sandbox.has(name).into(),
            other => panic!("there is no comparison `{other}`"),
        })
    }

    fn state(&mut self) -> Result<Json, String> {
        let shown = self.document(&["show", "-json"])?;
        let pulled = self.call(&["state", "pull"].map(str::to_owned), None).stdout;
        // Without a state, there is nothing to pull.
        let pulled = if pulled.trim().is_empty() { Json::Null } else { read(&pulled)? };
        let (shown, pulled) = (documents::shown(&shown), documents::pulled(&pulled));
        Ok(serde_json::json!({ "show": shown, "pull": pulled }))
    }
}
