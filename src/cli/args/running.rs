//! Commands that plan and change.

use std::path::PathBuf;

use clap::Args;

use super::{Lock, Pace, Scope, StateFiles, Stream, Values, Words, World};

#[derive(Debug, Args)]
pub(in crate::cli) struct Plan {
    #[command(flatten)]
    pub(in crate::cli) world: World,
    #[command(flatten)]
    pub(in crate::cli) scope: Scope,
    #[command(flatten)]
    pub(in crate::cli) values: Values,
    #[command(flatten)]
    pub(in crate::cli) lock: Lock,
    #[command(flatten)]
    pub(in crate::cli) pace: Pace,
    #[command(flatten)]
    pub(in crate::cli) stream: Stream,
    #[command(flatten)]
    pub(in crate::cli) words: Words,
    /// Use this state file in place of the workspace's
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) state: Option<PathBuf>,
    /// Save the plan for apply
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) out: Option<PathBuf>,
    /// Write resource blocks for imported objects that are not declared into a new file of this folder
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) generate_config_out: Option<PathBuf>,
    /// Exit with 2 where there are changes
    #[arg(long)]
    pub(in crate::cli) detailed_exitcode: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Apply {
    /// A saved plan; without one, a new plan is made and shown
    #[arg(value_name = "PLAN")]
    pub(in crate::cli) plan: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) world: World,
    #[command(flatten)]
    pub(in crate::cli) scope: Scope,
    #[command(flatten)]
    pub(in crate::cli) values: Values,
    #[command(flatten)]
    pub(in crate::cli) lock: Lock,
    #[command(flatten)]
    pub(in crate::cli) pace: Pace,
    #[command(flatten)]
    pub(in crate::cli) stream: Stream,
    #[command(flatten)]
    pub(in crate::cli) words: Words,
    #[command(flatten)]
    pub(in crate::cli) kept: StateFiles,
    /// Do not ask before changing anything
    #[arg(long)]
    pub(in crate::cli) auto_approve: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Recover {
    /// Nothing was made for this address: stop waiting for it; may be repeated
    #[arg(long, value_name = "ADDRESS")]
    pub(in crate::cli) absent: Vec<String>,
    /// The create of this address made the object with this id; may be repeated
    #[arg(long, value_name = "ADDRESS=ID")]
    pub(in crate::cli) adopt: Vec<String>,
    #[command(flatten)]
    pub(in crate::cli) world: World,
    #[command(flatten)]
    pub(in crate::cli) values: Values,
    #[command(flatten)]
    pub(in crate::cli) lock: Lock,
}
