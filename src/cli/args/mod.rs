//! What can be typed, one file per family of commands.

mod alone;
mod elsewhere;
mod emulator;
mod examples;
mod files;
mod looking;
mod records;
mod running;
mod shared;
mod shell;
mod workspaces;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub(in crate::cli) use alone::ALONE;
pub(in crate::cli) use elsewhere::{Anything, Get, Modules, Providers, ProvidersCommand};
pub(in crate::cli) use emulator::{Emulator, EmulatorCommand};
pub(in crate::cli) use examples::EXAMPLES;
pub(in crate::cli) use files::{Fmt, Init, Validate};
pub(in crate::cli) use looking::{
    Console, Explain, Functions, Graph, GraphFormat, GraphType, Metadata, MetadataCommand, Output,
    Show, Version,
};
pub(in crate::cli) use records::{
    ForceUnlock, Import, Refresh, ReplaceProvider, State, StateCommand, StateFile, StateFiles,
    StateList, StateMove, StatePush, StateRemove, StateShow, Taint,
};
pub(in crate::cli) use running::{Apply, Plan, Recover};
pub(in crate::cli) use shared::{
    Lock, Pace, Scope, Secrets, Stream, Values, Warnings, Words, World,
};
pub(in crate::cli) use shell::{Completions, Man};
pub(in crate::cli) use workspaces::{NewWorkspace, Workspace, WorkspaceCommand};

/// What the program is called.
pub(in crate::cli) const NAME: &str = "snapform";

/// Keeps snapshots at several vendors as declared: plan, review, apply.
#[derive(Debug, Parser)]
#[command(name = NAME, version)]
pub(in crate::cli) struct Cli {
    #[command(flatten)]
    pub(in crate::cli) global: Global,
    #[command(subcommand)]
    pub(in crate::cli) command: Command,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Global {
    /// Run as if started in this folder
    #[arg(long, global = true, value_name = "DIR")]
    pub(in crate::cli) chdir: Option<PathBuf>,
    /// Let expressions read files in this folder, beside those of the configuration; may be repeated
    #[arg(long, global = true, value_name = "FOLDER")]
    pub(in crate::cli) allow_files: Vec<PathBuf>,
    /// No colours
    #[arg(long, global = true)]
    pub(in crate::cli) no_color: bool,
    /// Log requests and answers, without secrets; to standard error or to the file that the variable
    /// `SNAPFORM_LOG_PATH` names
    #[arg(long, global = true, value_name = "FORMAT")]
    pub(in crate::cli) log: Option<LogFormat>,
}

/// The form of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(in crate::cli) enum LogFormat {
    // No documentation: it would make every help of the command line a long one.
    Text,
    Json,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Command {
    /// Check that the configuration and the state can be used; nothing is downloaded
    Init(Init),
    /// Check the configuration without state, credentials or a network
    Validate(Validate),
    /// Give configuration files their usual layout
    Fmt(Fmt),
    /// Show what apply would do
    Plan(Plan),
    /// Make what is declared
    Apply(Apply),
    /// Delete everything that state names
    Destroy(Apply),
    /// Show the state, or a saved plan
    Show(Show),
    /// Show outputs
    Output(Output),
    /// Look into the state and change what is recorded
    State(State),
    /// Mark an object as damaged: the next plan replaces it
    Taint(Taint),
    /// Take the mark of a damaged object away
    Untaint(Taint),
    /// Take an object that exists into the state
    Import(Import),
    /// Record what the vendors say; the same as `apply -refresh-only -auto-approve`
    Refresh(Refresh),
    /// Tell who holds the lock of the state; a lock ends with its process
    ForceUnlock(ForceUnlock),
    /// Keep several states for one configuration
    #[command(alias = "env")]
    Workspace(Workspace),
    /// Show which modules need which providers
    Providers(Providers),
    /// Check that every module can be loaded; nothing is downloaded
    Get(Get),
    /// Show the modules that the configuration calls
    Modules(Modules),
    /// Not applicable: there is no service to sign in to
    #[command(hide = true)]
    Login(Anything),
    /// Not applicable: there is no service to sign out of
    #[command(hide = true)]
    Logout(Anything),
    /// Not applicable: test files are not read; use `--emulate` and `check` blocks
    #[command(hide = true)]
    Test(Anything),
    /// Not applicable: no service runs plans
    #[command(hide = true)]
    Cloud(Anything),
    /// Not applicable: there are no plugins to talk to
    #[command(hide = true)]
    Rpcapi(Anything),
    /// Print what needs what, in the dot language
    Graph(Graph),
    /// Show and settle creates whose outcome is not known
    Recover(Recover),
    /// The vendors' APIs on this machine
    Emulator(Emulator),
    /// Try expressions out, with the values that state holds
    Console(Console),
    /// Tell what the code of a diagnostic means
    Explain(Explain),
    /// List the functions of expressions, or explain one
    Functions(Functions),
    /// What tools want to know, as JSON
    Metadata(Metadata),
    /// Print what a shell needs to complete commands and options
    Completions(Completions),
    /// Print the manual page, or write one for each command
    Man(Man),
    /// Print the version
    Version(Version),
}
