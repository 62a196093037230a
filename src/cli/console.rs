//! `snapform console`.

use std::io::Read as _;

use anyhow::Context as _;
use rustyline::error::ReadlineError;

use crate::engine::{Answer, Console, Inputs, validate};
use crate::syntax::is_unfinished;
use crate::view::{render_diagnostics, render_value};

use super::workbench::{Start, Workbench, working_directory};
use super::{Done, Exit, Stop, args, variables};

const HELP: &str = "\
Type an expression, as it would stand in a file of the root module, and its value is shown. What is
not in state yet is not known. Where brackets are open, the next line goes on.

  type(EXPRESSION)   the type of a value
  help               this text
  exit               leave; so do Ctrl-C and Ctrl-D
";

/// Evaluates expressions: line by line from a person, or those of standard input, of which the
/// last value is shown.
pub(super) fn run(start: Start, args: &args::Console) -> Done {
    let is_person = start.environment.can_ask();
    let mut workbench = Workbench::for_programs(start, args.world)?;
    workbench.keep_state_in(args.file.clone().into());
    let (config, files) = workbench.load()?;
    let declarations =
        validate(&workbench.catalog, &config).map_err(|problems| workbench.stop(problems))?;
    let variables = variables::resolve(&mut workbench, &config, &files, &args.values)?;
    let session = workbench.look()?;
    let folder = working_directory()?;
    let now = workbench.world.clock.now();
    let mut sources = workbench.sources.clone();
    let inputs = Inputs {
        config: &config,
        declarations: &declarations,
        variables: &variables.values,
        surroundings: workbench.surroundings(&folder, now, Some(now)),
        state: session.state(),
    };
    let console =
        Console::new(&workbench.catalog, inputs).map_err(|found| workbench.stop(found))?;
    if is_person {
        return converse(&workbench, |text| {
            console.evaluate(text, &mut sources).map_err(|found| {
                render_diagnostics(&found, &sources, workbench.start.terminal.look)
            })
        });
    }
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).context("standard input cannot be read")?;
    let mut last = None;
    for entry in entries(&text) {
        match entry.trim() {
            "" => {}
            "exit" => {
                last = None;
                break;
            }
            "help" => last = Some(HELP.to_owned()),
            _ => {
                let value = console.evaluate(&entry, &mut sources);
                let value =
                    value.map_err(|found| Stop::Diagnostics(Box::new((found, sources.clone()))))?;
                last = Some(shown(&value));
            }
        }
    }
    if let Some(last) = last {
        workbench.start.terminal.line(&last);
    }
    Ok(Exit::Success)
}

fn shown(answer: &Answer) -> String {
    match answer {
        Answer::Value(value) => render_value(value),
        Answer::Type(text) => text.clone(),
    }
}

/// The entries of a text: lines, several of them where brackets are open in between.
fn entries(text: &str) -> Vec<String> {
    let mut entries = Vec::new();
    let mut entry = String::new();
    for line in text.lines() {
        entry.push_str(line);
        entry.push('\n');
        if !is_unfinished(&entry) {
            entries.push(std::mem::take(&mut entry));
        }
    }
    if !entry.is_empty() {
        entries.push(entry);
    }
    entries
}

/// Talks with a person. What was typed comes back with the arrow keys, and is written nowhere: it
/// may hold secrets.
fn converse(
    workbench: &Workbench,
    mut evaluate: impl FnMut(&str) -> Result<Answer, String>,
) -> Done {
    let terminal = &workbench.start.terminal;
    let mut editor = rustyline::DefaultEditor::new().context("the terminal cannot be used")?;
    let mut entry = String::new();
    loop {
        let prompt = if entry.is_empty() { "> " } else { ": " };
        match editor.readline(prompt) {
            Ok(line) => {
                entry.push_str(&line);
                entry.push('\n');
            }
            Err(ReadlineError::Interrupted) if !entry.is_empty() => {
                entry.clear();
                continue;
            }
            Err(ReadlineError::Interrupted | ReadlineError::Eof) => return Ok(Exit::Success),
            Err(error) => {
                return Err(anyhow::Error::new(error)
                    .context("the terminal cannot be read")
                    .into());
            }
        }
        if is_unfinished(&entry) {
            continue;
        }
        let text = std::mem::take(&mut entry);
        let _ = editor.add_history_entry(text.trim_end());
        match text.trim() {
            "" => {}
            "exit" => return Ok(Exit::Success),
            "help" => terminal.text(HELP),
            _ => match evaluate(&text) {
                Ok(answer) => terminal.line(&shown(&answer)),
                Err(told) => terminal.problem(&told),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_brackets_go_on_in_the_next_line() {
        assert_eq!(
            entries("1 + 1\n[1,\n 2]\n\"(\"\n<<EOT\nx\nEOT\nf("),
            ["1 + 1\n", "[1,\n 2]\n", "\"(\"\n", "<<EOT\nx\nEOT\n", "f(\n"]
        );
    }
}
