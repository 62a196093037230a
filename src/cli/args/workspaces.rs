//! Commands about workspaces.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Lock, World};

#[derive(Debug, Args)]
pub(in crate::cli) struct Workspace {
    #[command(subcommand)]
    pub(in crate::cli) command: WorkspaceCommand,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum WorkspaceCommand {
    /// List the workspaces; a star stands before the selected one
    List {
        #[command(flatten)]
        world: World,
    },
    /// Print the name of the selected workspace
    Show,
    /// Make a workspace and select it
    New(NewWorkspace),
    /// Select a workspace for the commands that follow
    Select {
        /// Its name
        #[arg(value_name = "NAME")]
        name: String,
        /// Make it where there is none
        #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true,
              default_value = "false", default_missing_value = "true", action = clap::ArgAction::Set)]
        or_create: bool,
        #[command(flatten)]
        world: World,
    },
    /// Delete a workspace with its state
    Delete {
        /// Its name
        #[arg(value_name = "NAME")]
        name: String,
        /// Also where its state holds objects: they stay, and nobody knows of them any more
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        lock: Lock,
        #[command(flatten)]
        world: World,
    },
}

#[derive(Debug, Args)]
pub(in crate::cli) struct NewWorkspace {
    /// Its name
    #[arg(value_name = "NAME")]
    pub(in crate::cli) name: String,
    /// Begin with a copy of this state file
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) state: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) lock: Lock,
    #[command(flatten)]
    pub(in crate::cli) world: World,
}
