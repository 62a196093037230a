//! `snapform console`.

use std::io::Read as _;
use std::sync::Arc;

use anyhow::Context as _;
use rustyline::error::ReadlineError;

use crate::config::Config;
use crate::engine::{Answer, Console, Declarations, Inputs, validate};
use crate::plan::Plan;
use crate::state::State;
use crate::syntax::is_unfinished;
use crate::text::SourceMap;
use crate::view::{Terminal, render_diagnostics, render_value};
use crate::world::Timestamp;

use super::plan::Planning;
use super::variables::Resolved;
use super::workbench::{Start, Workbench, working_directory};
use super::{Done, Exit, Stop, args, plan, variables};

const HELP: &str = "\
Type an expression, as it would stand in a file of the root module, and its value is shown. What is
not there yet is not known. Where brackets are open, the next line goes on.

  type(EXPRESSION)   the type of a value
  help               this text
  exit               leave; so do Ctrl-C and Ctrl-D
";

/// What expressions are evaluated over.
struct Ground {
    config: Config,
    declarations: Declarations,
    variables: Resolved,
    state: Arc<State>,
    plan: Option<Plan>,
    time: Timestamp,
}

/// Evaluates expressions: line by line from a person, or those of standard input, of which the
/// last value is shown.
pub(super) async fn run(start: Start, args: &args::Console) -> Done {
    let mut workbench = Workbench::for_programs(start, args.world)?;
    workbench.keep_state_in(args.file.clone().into());
    let ground = if args.plan {
        planned(&mut workbench, args).await?
    } else {
        recorded(&mut workbench, args).await?
    };
    let folder = working_directory()?;
    // What only an apply decides stays open in a plan.
    let apply_time = ground.plan.is_none().then_some(ground.time);
    let inputs = Inputs {
        config: &ground.config,
        declarations: &ground.declarations,
        variables: &ground.variables.values,
        surroundings: workbench.surroundings(&folder, ground.time, apply_time),
        state: &ground.state,
    };
    let console = Console::new(&workbench.catalog, inputs, ground.plan.as_ref())
        .map_err(|found| workbench.stop(found))?;
    let mut sources = workbench.sources.clone();
    if workbench.start.environment.can_ask() {
        return converse(&workbench, |text| {
            console.evaluate(text, &mut sources).map_err(|found| {
                render_diagnostics(&found, &sources, workbench.start.terminal.look)
            })
        });
    }
    answer_input(&workbench.start.terminal, &console, sources)
}

/// What is recorded.
async fn recorded(workbench: &mut Workbench, args: &args::Console) -> Result<Ground, Stop> {
    let (config, files) = workbench.load()?;
    let declarations =
        validate(&workbench.catalog, &config).map_err(|problems| workbench.stop(problems))?;
    let variables = variables::resolve(workbench, &config, &files, &args.values)?;
    let state = workbench.look().await?.state();
    let time = workbench.world.clock.now();
    Ok(Ground { config, declarations, variables, state, plan: None, time })
}

/// What a plan would lead to. The lock is held no longer than the plan takes, and what is told on the
/// way is no value that was asked for: it goes where problems go.
async fn planned(workbench: &mut Workbench, args: &args::Console) -> Result<Ground, Stop> {
    let look = workbench.start.terminal.look;
    let aside = Terminal::beside(look);
    let terminal = std::mem::replace(&mut workbench.start.terminal, Arc::new(aside));
    workbench.speak(args::Words { concise: true, ..Default::default() });
    let session = workbench.open("console", &args::Lock::default()).await?;
    let planning = Planning {
        scope: &args::Scope::default(),
        values: &args.values,
        generate_into: None,
        applies_at_once: false,
    };
    let planned = plan::make(workbench, &session, planning).await?;
    workbench.start.terminal = terminal;
    if let Some(errors) = planned.errors {
        return Err(workbench.stop(errors));
    }
    let state = session.state();
    session.close().await;
    let declarations = validate(&workbench.catalog, &planned.config)
        .map_err(|problems| workbench.stop(problems))?;
    let (config, variables, time) = (planned.config, planned.variables, planned.time);
    Ok(Ground { config, declarations, variables, state, plan: Some(planned.plan), time })
}

/// Evaluates what standard input holds and shows the last value.
fn answer_input(terminal: &Terminal, console: &Console<'_>, mut sources: SourceMap) -> Done {
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
        terminal.line(&last);
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
