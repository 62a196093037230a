//! Commands about configuration files.

use std::path::PathBuf;

use clap::Args;

use super::World;

#[derive(Debug, Args)]
pub(in crate::cli) struct Init {
    #[command(flatten)]
    pub(in crate::cli) world: World,
    /// Accepted for scripts; init never asks
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true,
          default_value = "true", default_missing_value = "true", action = clap::ArgAction::Set)]
    pub(in crate::cli) input: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Validate {
    #[command(flatten)]
    pub(in crate::cli) world: World,
    /// As JSON, in Terraform's format
    #[arg(long)]
    pub(in crate::cli) json: bool,
    /// Accepted for scripts; there are no test files to leave out
    #[arg(long)]
    pub(in crate::cli) no_tests: bool,
    /// Accepted for scripts; there are no test files to look for
    #[arg(long, value_name = "DIR", default_value = "tests")]
    pub(in crate::cli) test_directory: PathBuf,
}

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option, and any go together")]
pub(in crate::cli) struct Fmt {
    /// Folders and files; `-` is standard input, and nothing the working directory
    #[arg(value_name = "TARGET")]
    pub(in crate::cli) targets: Vec<PathBuf>,
    /// List the files whose layout differs; never for standard input
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true,
          default_value = "true", default_missing_value = "true", action = clap::ArgAction::Set)]
    pub(in crate::cli) list: bool,
    /// Write the files; never for standard input, and never with -check
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true,
          default_value = "true", default_missing_value = "true", action = clap::ArgAction::Set)]
    pub(in crate::cli) write: bool,
    /// Show what changes
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true,
          default_value = "false", default_missing_value = "true", action = clap::ArgAction::Set)]
    pub(in crate::cli) diff: bool,
    /// Only check: exit with 3 where the layout of a file differs
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true,
          default_value = "false", default_missing_value = "true", action = clap::ArgAction::Set)]
    pub(in crate::cli) check: bool,
    /// Go into the folders below as well
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true,
          default_value = "false", default_missing_value = "true", action = clap::ArgAction::Set)]
    pub(in crate::cli) recursive: bool,
}
