//! Commands about the state.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Lock, Pace, Secrets, Stream, Values, Warnings, World};

/// Where the state is, if not in the place of its workspace.
#[derive(Clone, Debug, Default, Args)]
pub(in crate::cli) struct StateFile {
    /// Read this state file in place of the workspace's
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) state: Option<PathBuf>,
}

/// Where the state is read and written, if not in the place of its workspace.
#[derive(Clone, Debug, Default, Args)]
pub(in crate::cli) struct StateFiles {
    /// Use this state file in place of the workspace's
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) state: Option<PathBuf>,
    /// Write the changed state to this file, and leave the one that is read as it is
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) state_out: Option<PathBuf>,
    /// Keep the state before the change in this file; `-` keeps none. Without this option it is kept
    /// beside the state
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) backup: Option<PathBuf>,
}

impl From<StateFile> for StateFiles {
    fn from(file: StateFile) -> Self {
        Self { state: file.state, ..Self::default() }
    }
}

/// The state file that is changed, if not that of the workspace.
#[derive(Clone, Debug, Args)]
pub(in crate::cli) struct ChangedFile {
    /// Use this state file in place of the workspace's
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) state: Option<PathBuf>,
    /// Keep the state before the change in this file
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) backup: Option<PathBuf>,
}

impl From<ChangedFile> for StateFiles {
    fn from(file: ChangedFile) -> Self {
        Self { state: file.state, backup: file.backup, ..Self::default() }
    }
}

/// Options for remote backends, of which there are none.
#[derive(Clone, Copy, Debug, Args)]
pub(in crate::cli) struct Remote {
    /// Accepted for scripts; no remote program has a version to compare with
    #[arg(long)]
    pub(in crate::cli) ignore_remote_version: bool,
}

/// What every command has that changes the state.
#[derive(Clone, Debug, Args)]
pub(in crate::cli) struct Change {
    #[command(flatten)]
    pub(in crate::cli) world: World,
    #[command(flatten)]
    pub(in crate::cli) lock: Lock,
    #[command(flatten)]
    pub(in crate::cli) remote: Remote,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct State {
    #[command(subcommand)]
    pub(in crate::cli) command: StateCommand,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum StateCommand {
    /// List the addresses of all instances
    List(StateList),
    /// Show one object
    Show(StateShow),
    /// Give what is recorded another address; nothing is done at the vendors
    Mv(StateMove),
    /// Forget what is recorded; the objects stay where they are
    Rm(StateRemove),
    /// Print the state as it is stored
    Pull(StatePull),
    /// Put a state file in the place of the state
    Push(StatePush),
    /// Give resources to another provider
    ReplaceProvider(ReplaceProvider),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct StateList {
    /// Only what these addresses select: instances, resources, modules
    #[arg(value_name = "ADDRESS")]
    pub(in crate::cli) addresses: Vec<String>,
    /// Only objects with this id
    #[arg(long, value_name = "ID")]
    pub(in crate::cli) id: Option<String>,
    /// As a JSON array, with ids and marks
    #[arg(long)]
    pub(in crate::cli) json: bool,
    #[command(flatten)]
    pub(in crate::cli) file: StateFile,
    #[command(flatten)]
    pub(in crate::cli) world: World,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct StateShow {
    /// The address of one instance
    #[arg(value_name = "ADDRESS")]
    pub(in crate::cli) address: String,
    /// As JSON, in the form that `show -json` has
    #[arg(long)]
    pub(in crate::cli) json: bool,
    #[command(flatten)]
    pub(in crate::cli) secrets: Secrets,
    #[command(flatten)]
    pub(in crate::cli) file: StateFile,
    #[command(flatten)]
    pub(in crate::cli) world: World,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct StateMove {
    /// What to move: an instance, a resource with all its instances, or a module
    #[arg(value_name = "FROM")]
    pub(in crate::cli) from: String,
    /// Its new address
    #[arg(value_name = "TO")]
    pub(in crate::cli) to: String,
    /// Only say what would be moved
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
    /// Use this state file in place of the workspace's
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) state: Option<PathBuf>,
    /// Move into this state file
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) state_out: Option<PathBuf>,
    /// Keep the state before the change in this file
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) backup: Option<PathBuf>,
    /// Keep what -state-out held before in this file
    #[arg(long, value_name = "FILE", requires = "state_out")]
    pub(in crate::cli) backup_out: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) change: Change,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct StateRemove {
    /// What to forget: instances, resources, modules. A module without a key stands for all its
    /// instances
    #[arg(value_name = "ADDRESS", required = true)]
    pub(in crate::cli) addresses: Vec<String>,
    /// Only say what would be forgotten
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
    #[command(flatten)]
    pub(in crate::cli) file: ChangedFile,
    #[command(flatten)]
    pub(in crate::cli) change: Change,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct StatePull {
    #[command(flatten)]
    pub(in crate::cli) world: World,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct StatePush {
    /// The state file; `-` is standard input
    #[arg(value_name = "FILE")]
    pub(in crate::cli) file: PathBuf,
    /// Also where the state is of another lineage, or has a higher serial
    #[arg(long)]
    pub(in crate::cli) force: bool,
    #[command(flatten)]
    pub(in crate::cli) change: Change,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ReplaceProvider {
    /// The provider whose resources are given away, by name or source
    #[arg(value_name = "FROM")]
    pub(in crate::cli) from: String,
    /// The provider that gets them
    #[arg(value_name = "TO")]
    pub(in crate::cli) to: String,
    /// Do not ask first
    #[arg(long)]
    pub(in crate::cli) auto_approve: bool,
    #[command(flatten)]
    pub(in crate::cli) file: ChangedFile,
    #[command(flatten)]
    pub(in crate::cli) change: Change,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Taint {
    /// The address of one instance
    #[arg(value_name = "ADDRESS")]
    pub(in crate::cli) address: String,
    /// Succeed also where state does not hold it
    #[arg(long)]
    pub(in crate::cli) allow_missing: bool,
    #[command(flatten)]
    pub(in crate::cli) files: StateFiles,
    #[command(flatten)]
    pub(in crate::cli) change: Change,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Import {
    /// The instance that the object becomes, as the configuration names it
    #[arg(value_name = "ADDRESS")]
    pub(in crate::cli) address: String,
    /// What the vendor calls the object
    #[arg(value_name = "ID")]
    pub(in crate::cli) id: String,
    /// Read the configuration in this folder in place of the working directory
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) config: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) values: Values,
    #[command(flatten)]
    pub(in crate::cli) files: StateFiles,
    #[command(flatten)]
    pub(in crate::cli) pace: Pace,
    #[command(flatten)]
    pub(in crate::cli) warnings: Warnings,
    #[command(flatten)]
    pub(in crate::cli) change: Change,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Refresh {
    /// Look only at this address and what it needs; may be repeated
    #[arg(long, value_name = "ADDRESS")]
    pub(in crate::cli) target: Vec<String>,
    #[command(flatten)]
    pub(in crate::cli) world: World,
    #[command(flatten)]
    pub(in crate::cli) values: Values,
    #[command(flatten)]
    pub(in crate::cli) lock: Lock,
    #[command(flatten)]
    pub(in crate::cli) pace: Pace,
    #[command(flatten)]
    pub(in crate::cli) stream: Stream,
    #[command(flatten)]
    pub(in crate::cli) warnings: Warnings,
    #[command(flatten)]
    pub(in crate::cli) kept: StateFiles,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ForceUnlock {
    /// Accepted for scripts; a lock is known by its process, not by a name
    #[arg(value_name = "LOCK")]
    pub(in crate::cli) id: String,
    /// Accepted for scripts; nothing is asked
    #[arg(long)]
    pub(in crate::cli) force: bool,
    #[command(flatten)]
    pub(in crate::cli) world: World,
}
