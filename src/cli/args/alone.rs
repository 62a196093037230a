//! Each command by itself, as most runs need it: to describe all of them takes longer than a short
//! command does.

use clap::{Args as _, Command};

use super::{
    Apply, Completions, Console, Emulator, Explain, Fmt, ForceUnlock, Functions, Get, Graph,
    Import, Init, Man, Metadata, Modules, Output, Plan, Providers, Recover, Refresh, Show, State,
    Taint, Validate, Version, Workspace,
};

/// Adds the arguments of a command to it.
type Describe = fn(Command) -> Command;

/// What describes the arguments of each command, by its name.
pub(in crate::cli) const ALONE: [(&str, Describe); 28] = [
    ("init", Init::augment_args),
    ("validate", Validate::augment_args),
    ("fmt", Fmt::augment_args),
    ("plan", Plan::augment_args),
    ("apply", Apply::augment_args),
    ("destroy", Apply::augment_args),
    ("show", Show::augment_args),
    ("output", Output::augment_args),
    ("state", State::augment_args),
    ("taint", Taint::augment_args),
    ("untaint", Taint::augment_args),
    ("import", Import::augment_args),
    ("refresh", Refresh::augment_args),
    ("force-unlock", ForceUnlock::augment_args),
    ("workspace", Workspace::augment_args),
    ("providers", Providers::augment_args),
    ("get", Get::augment_args),
    ("modules", Modules::augment_args),
    ("graph", Graph::augment_args),
    ("recover", Recover::augment_args),
    ("emulator", Emulator::augment_args),
    ("console", Console::augment_args),
    ("explain", Explain::augment_args),
    ("functions", Functions::augment_args),
    ("metadata", Metadata::augment_args),
    ("completions", Completions::augment_args),
    ("man", Man::augment_args),
    ("version", Version::augment_args),
];
