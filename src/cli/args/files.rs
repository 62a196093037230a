//! Commands about configuration files.

use std::path::PathBuf;

use clap::Args;

use super::{Lock, Warnings, World};

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option, and any go together")]
pub(in crate::cli) struct Init {
    #[command(flatten)]
    pub(in crate::cli) world: World,
    #[command(flatten)]
    pub(in crate::cli) warnings: Warnings,
    #[command(flatten)]
    pub(in crate::cli) lock: Lock,
    /// As a stream of JSON messages
    #[arg(long)]
    pub(in crate::cli) json: bool,
    /// Accepted for scripts; init never asks
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true,
          default_value = "true", default_missing_value = "true", action = clap::ArgAction::Set)]
    pub(in crate::cli) input: bool,
    /// Settle where states are kept
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true,
          default_value = "true", default_missing_value = "true", action = clap::ArgAction::Set)]
    pub(in crate::cli) backend: bool,
    /// Accepted for scripts; another name of -backend
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true,
          default_value = "true", default_missing_value = "true", action = clap::ArgAction::Set)]
    pub(in crate::cli) cloud: bool,
    /// Accepted for scripts; init needs no values of variables; may be repeated
    #[arg(long, value_name = "NAME=VALUE", hide = true)]
    pub(in crate::cli) var: Vec<String>,
    /// Accepted for scripts; init needs no values of variables; may be repeated
    #[arg(long, value_name = "FILE", hide = true)]
    pub(in crate::cli) var_file: Vec<PathBuf>,
    /// Set what the `backend` block leaves out, or read it from a file; may be repeated
    #[arg(long, value_name = "FILE|NAME=VALUE")]
    pub(in crate::cli) backend_config: Vec<String>,
    /// Keep states where the `backend` block says from now on, and leave those elsewhere as they are
    #[arg(long)]
    pub(in crate::cli) reconfigure: bool,
    /// Move states to where the `backend` block says, with what their journals hold
    #[arg(long, conflicts_with = "reconfigure")]
    pub(in crate::cli) migrate_state: bool,
    /// As -migrate-state, also over another state that is there
    #[arg(long)]
    pub(in crate::cli) force_copy: bool,
    /// Load the modules; without it only the root module is read
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true,
          default_value = "true", default_missing_value = "true", action = clap::ArgAction::Set)]
    pub(in crate::cli) get: bool,
    /// Accepted for scripts; providers come with snapform and modules from the configuration
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true,
          default_value = "false", default_missing_value = "true", action = clap::ArgAction::Set)]
    pub(in crate::cli) upgrade: bool,
    /// Accepted with a warning: providers are built in; may be repeated
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) plugin_dir: Vec<PathBuf>,
    /// Accepted for scripts; there is no lock file of providers to change
    #[arg(long, value_name = "MODE")]
    pub(in crate::cli) lockfile: Option<String>,
    /// Not supported: copy the module yourself
    #[arg(long, value_name = "SOURCE")]
    pub(in crate::cli) from_module: Option<String>,
    /// Accepted for scripts; no remote program has a version to compare with
    #[arg(long)]
    pub(in crate::cli) ignore_remote_version: bool,
    /// Accepted for scripts; there are no test files to look for
    #[arg(long, value_name = "DIR", default_value = "tests")]
    pub(in crate::cli) test_directory: PathBuf,
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
