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
pub(in crate::cli) struct Version {
    /// As JSON, in Terraform's format
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

/// What is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(in crate::cli) enum GraphType {
    /// Resources and what they need
    #[default]
    Resources,
    /// Every declaration in the order in which a plan evaluates them
    Plan,
    /// The same for a plan that only refreshes
    PlanRefreshOnly,
    /// Resources in the order in which a plan destroys them
    PlanDestroy,
    /// The steps of a saved plan
    Apply,
}

/// In which language it is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(in crate::cli) enum GraphFormat {
    /// For Graphviz
    #[default]
    Dot,
    /// For Mermaid, as Markdown viewers draw it
    Mermaid,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Graph {
    /// What to draw; the steps of the plan where -plan names one
    #[arg(long = "type", value_name = "TYPE", value_enum)]
    pub(in crate::cli) kind: Option<GraphType>,
    /// In which language
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub(in crate::cli) format: GraphFormat,
    /// Draw the steps of this saved plan
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) plan: Option<PathBuf>,
    /// Accepted for scripts; a circle is always told, with every place on it
    #[arg(long)]
    pub(in crate::cli) draw_cycles: bool,
    /// Accepted for scripts; modules are always drawn as deep as they are called
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(in crate::cli) module_depth: Option<i64>,

    #[command(flatten)]
    pub(in crate::cli) world: World,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Console {
    /// Make a plan first, and have the values that it would lead to
    #[arg(long)]
    pub(in crate::cli) plan: bool,
    #[command(flatten)]
    pub(in crate::cli) file: StateFile,
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
