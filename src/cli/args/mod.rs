//! What can be typed, one file per family of commands.

mod emulator;
mod files;
mod looking;
mod records;
mod running;
mod shared;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub(in crate::cli) use emulator::{Emulator, EmulatorCommand};
pub(in crate::cli) use files::{Fmt, Init, Validate};
pub(in crate::cli) use looking::{
    Console, Explain, Functions, Graph, Metadata, MetadataCommand, Output, Show,
};
pub(in crate::cli) use records::{State, StateCommand};
pub(in crate::cli) use running::{Apply, Plan, Recover};
pub(in crate::cli) use shared::{Lock, Pace, Scope, Secrets, Stream, Values, World};

/// Keeps snapshots at several vendors as declared: plan, review, apply.
#[derive(Debug, Parser)]
#[command(
    name = "snapform",
    version,
    disable_help_subcommand = true,
    arg_required_else_help = true
)]
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
    /// Look into the state
    State(State),
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
    /// Print the version
    Version,
}
