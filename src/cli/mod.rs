//! The command line: what was typed, what it means, and one file per command.
//!
//! In: arguments and environment. Out: an exit code. The only home of `clap` and `anyhow`, and the
//! only place that reads the environment.

mod apply;
mod args;
mod arguments;
mod completions;
mod console;
mod emulation;
mod emulator;
mod environment;
mod explain;
mod fmt;
mod functions;
mod generate;
mod graph;
mod help;
mod home;
mod import;
mod init;
mod keys;
mod limits;
mod logging;
mod man;
mod migrate;
mod modules;
mod output;
mod plan;
mod planned;
mod prompt;
mod recover;
mod reference;
mod refresh;
mod replace;
mod saved;
mod settings;
mod show;
mod signals;
mod state;
mod state_problem;
mod taint;
mod unavailable;
mod unlock;
mod usage;
mod validate;
mod variables;
mod version;
mod watermarks;
mod workbench;
mod workspace;

use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use clap::FromArgMatches as _;
use clap::error::ErrorKind;

use crate::diag::{Diagnostic, Diagnostics, code};
use crate::state::ObjectStatus;
use crate::text::SourceMap;
use crate::view::{Terminal, render_diagnostics};

use args::{Cli, Command};
use environment::Environment;
use unavailable::Unavailable;

pub use reference::command_reference;
pub use settings::{ENVIRONMENT, EnvironmentVariable, WITHOUT_EFFECT};

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exit {
    /// As asked.
    Success,
    /// Not as asked; everything has been told.
    Failure,
    /// A plan with changes, where that is asked for.
    Changes,
    /// Files that could not be laid out.
    Broken,
    /// Files that are not in the usual layout, where that is asked for.
    Differs,
    /// All was done but for creates whose outcome nobody knows: they wait for a person.
    Unsettled,
    /// No command was named.
    NoCommand,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Success => Self::SUCCESS,
            Exit::Failure => Self::FAILURE,
            Exit::Changes | Exit::Broken => Self::from(2),
            Exit::Differs => Self::from(3),
            Exit::Unsettled => Self::from(4),
            Exit::NoCommand => Self::from(127),
        }
    }
}

/// Why a command could not go on.
enum Stop {
    /// Problems with places in these texts.
    Diagnostics(Box<(Diagnostics, SourceMap)>),
    /// Anything else.
    Other(anyhow::Error),
}

impl From<Diagnostic> for Stop {
    fn from(problem: Diagnostic) -> Self {
        Self::Diagnostics(Box::new((problem.into(), SourceMap::default())))
    }
}

/// A command line that cannot be followed.
fn usage_problem(detail: impl Into<String>) -> Stop {
    Diagnostic::error(code::USAGE, detail).into()
}

/// A text that was typed as an address and is none; `option` says where.
fn address_problem(option: &str, error: impl std::fmt::Display) -> Stop {
    Diagnostic::error(code::ADDRESS, format!("{option}: {error}.")).into()
}

impl From<anyhow::Error> for Stop {
    fn from(error: anyhow::Error) -> Self {
        Self::Other(error)
    }
}

type Done = Result<Exit, Stop>;

/// Runs the command of this process.
pub fn main() -> ExitCode {
    let environment = Environment::of_process();
    let typed = arguments::normalise(std::env::args_os());
    let command = help::command_alone(&typed).unwrap_or_else(help::command);
    let plain = typed.iter().any(|word| word == "--no-color");
    // For what is said before the options of the command line are known.
    let early = Terminal::standard(environment.look(plain));
    let words = match arguments::with_environment(typed, &command, &environment) {
        Ok(words) => words,
        Err(problem) => return told(Err(problem), &early),
    };
    let read = read(command, &words).or_else(|_| read(help::command(), &words));
    let (matches, cli) = match read {
        Ok(read) => read,
        Err(error) => return answer(&error, &words, &early).into(),
    };
    let look = environment.look(cli.global.no_color);
    let terminal = Arc::new(Terminal::standard(look).at_pace(environment.pace()));
    let ended = run(cli, arguments::assignments(&matches), environment, &terminal);
    told(ended, &terminal)
}

/// Tells how a command ended.
fn told(ended: Done, terminal: &Terminal) -> ExitCode {
    match ended {
        Ok(exit) => exit.into(),
        Err(Stop::Diagnostics(problems)) => {
            let (diagnostics, sources) = *problems;
            terminal.problem(&render_diagnostics(&diagnostics, &sources, terminal.look));
            ExitCode::FAILURE
        }
        Err(Stop::Other(error)) => {
            terminal.problem(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// What was typed, as arguments of a command.
fn read(
    command: clap::Command,
    words: &[OsString],
) -> Result<(clap::ArgMatches, Cli), clap::Error> {
    let matches = command.try_get_matches_from(words)?;
    let cli = Cli::from_arg_matches(&matches)?;
    Ok((matches, cli))
}

/// Shows help where it is asked for or no command is named, and tells what is wrong otherwise.
fn answer(error: &clap::Error, typed: &[OsString], terminal: &Terminal) -> Exit {
    let words: Vec<_> = typed.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    let mut root = help::command();
    root.build();
    match error.kind() {
        ErrorKind::DisplayHelp => {
            terminal.text(&help::page(&words, terminal.look));
            Exit::Success
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand => {
            terminal.text(&help::page(&words, terminal.look));
            let is_root = help::innermost(&root, &words).1 == root.get_name();
            if is_root { Exit::NoCommand } else { Exit::Failure }
        }
        _ => {
            let problem = usage::problem(error, &root, &words).into();
            terminal.problem(&render_diagnostics(&problem, &SourceMap::default(), terminal.look));
            Exit::Failure
        }
    }
}

fn run(
    cli: Cli,
    assignments: Vec<arguments::Assigned>,
    mut environment: Environment,
    terminal: &Arc<Terminal>,
) -> Done {
    #[cfg(debug_assertions)]
    arm_faults(&environment)?;
    logging::begin(&environment, cli.global.log, terminal)?;
    if let Some(folder) = &cli.global.chdir {
        std::env::set_current_dir(folder)
            .with_context(|| format!("`{}` cannot be entered", folder.display()))?;
    }
    environment
        .look_around()
        .with_context(|| format!("`{}` cannot be read", environment.selection_file().display()))?;
    // One thread: steps wait for vendors, not for processors, and virtual time needs it.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("the runtime cannot be started")?;
    let start = workbench::Start {
        environment,
        terminal: Arc::clone(terminal),
        assignments,
        allowed: cli.global.allow_files,
        sessions: workbench::Sessions::default(),
    };
    let sessions = start.sessions.clone();
    runtime.block_on(async {
        let done = dispatch(start, cli.command).await;
        let problems = sessions.close().await;
        if !problems.is_empty() {
            let sources = SourceMap::default();
            terminal.problem(&render_diagnostics(&problems, &sources, terminal.look));
        }
        done
    })
}

/// Has tests of what a death leaves behind say where to die, and which file is to fail.
#[cfg(debug_assertions)]
fn arm_faults(environment: &Environment) -> Result<(), Stop> {
    let [crash, file] =
        ["SNAPFORM_CRASH_AT", "SNAPFORM_FAIL_FILE"].map(|name| environment.get(name));
    crate::world::faults::arm(crash, file)
        .map_err(|text| usage_problem(format!("`{text}` names no fault.")))
}

/// Runs what was typed.
async fn dispatch(start: workbench::Start, command: Command) -> Done {
    match command {
        Command::Init(args) => init::run(start, &args).await,
        Command::Validate(args) => validate::run(start, &args),
        Command::Fmt(args) => fmt::run(start, &args),
        Command::Plan(args) => plan::run(start, args).await,
        Command::Apply(args) => apply::run(start, args, apply::Purpose::Apply).await,
        Command::Destroy(args) => apply::run(start, args, apply::Purpose::Destroy).await,
        Command::Show(args) => show::run(start, &args).await,
        Command::Output(args) => output::run(start, &args).await,
        Command::State(args) => state::run(start, args).await,
        Command::Taint(args) => taint::run(start, args, ObjectStatus::Tainted).await,
        Command::Untaint(args) => taint::run(start, args, ObjectStatus::Ready).await,
        Command::Import(args) => import::run(start, args).await,
        Command::Refresh(args) => refresh::run(start, args).await,
        Command::ForceUnlock(args) => unlock::run(start, &args).await,
        Command::Workspace(args) => workspace::run(start, args).await,
        Command::Providers(args) => modules::providers(start, args).await,
        Command::Get(_) => modules::get(start),
        Command::Modules(args) => modules::modules(start, &args),
        Command::Graph(args) => graph::run(start, &args),
        Command::Recover(args) => recover::run(start, args).await,
        Command::Emulator(args) => emulator::run(start, args).await,
        Command::Console(args) => console::run(start, &args).await,
        Command::Explain(args) => explain::run(&start, &args),
        Command::Functions(args) => functions::run(&start, &args),
        Command::Metadata(args) => functions::metadata(&start, &args.command),
        Command::Completions(args) => Ok(completions::run(&start, &args)),
        Command::Man(args) => man::run(&start, &args),
        Command::Version(args) => version::run(&start, &args),
        Command::Login(_) => unavailable::run(Unavailable::Login),
        Command::Logout(_) => unavailable::run(Unavailable::Logout),
        Command::Test(_) => unavailable::run(Unavailable::Test),
        Command::Cloud(_) => unavailable::run(Unavailable::Cloud),
        Command::Rpcapi(_) => unavailable::run(Unavailable::Rpcapi),
    }
}
