//! Commands that only look.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Secrets, StateFile, Values, World};

#[derive(Debug, Args)]
pub(in crate::cli) struct Show {
    /// A saved plan, or a state file; without one, the state is shown
    #[arg(value_name = "FILE")]
    pub(in crate::cli) file: Option<PathBuf>,
    /// As JSON, in Terraform's format
    #[arg(long)]
    pub(in crate::cli) json: bool,
    #[command(flatten)]
    pub(in crate::cli) secrets: Secrets,
    #[command(flatten)]
    pub(in crate::cli) world: World,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Output {
    /// Only this output
    #[arg(value_name = "NAME")]
    pub(in crate::cli) name: Option<String>,
    /// As JSON, sensitive values in the clear
    #[arg(long, conflicts_with = "raw")]
    pub(in crate::cli) json: bool,
    /// The bare text of one output, without a line break
    #[arg(long, requires = "name")]
    pub(in crate::cli) raw: bool,
    #[command(flatten)]
    pub(in crate::cli) file: StateFile,
    #[command(flatten)]
    pub(in crate::cli) world: World,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Explain {
    /// The code, such as E0301; all codes are listed without one
    #[arg(value_name = "CODE")]
    pub(in crate::cli) code: Option<String>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Graph {
    #[command(flatten)]
    pub(in crate::cli) world: World,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Console {
    #[command(flatten)]
    pub(in crate::cli) world: World,
    #[command(flatten)]
    pub(in crate::cli) values: Values,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Functions {
    /// The function to explain
    #[arg(value_name = "NAME")]
    pub(in crate::cli) name: Option<String>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Metadata {
    #[command(subcommand)]
    pub(in crate::cli) command: MetadataCommand,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum MetadataCommand {
    /// The signatures of all functions
    Functions {
        /// As JSON, the only form there is
        #[arg(long)]
        json: bool,
    },
}
