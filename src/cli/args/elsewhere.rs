//! Commands about modules and providers, and commands of Terraform that have no meaning here.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub(in crate::cli) struct Get {
    /// Accepted for scripts; modules are local folders, which are never out of date
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true,
          default_value = "false", default_missing_value = "true", action = clap::ArgAction::Set)]
    pub(in crate::cli) update: bool,
    /// Accepted for scripts; there are no test files to look for
    #[arg(long, value_name = "DIR", default_value = "tests")]
    pub(in crate::cli) test_directory: PathBuf,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Modules {
    /// As JSON, in Terraform's format
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(in crate::cli) struct Providers {
    #[command(subcommand)]
    pub(in crate::cli) command: Option<ProvidersCommand>,
    /// Accepted for scripts; there are no test files to look for
    #[arg(long, value_name = "DIR", default_value = "tests")]
    pub(in crate::cli) test_directory: PathBuf,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ProvidersCommand {
    /// Says why there is nothing to mirror, and fails
    Mirror(Anything),
    /// Says why there is nothing to lock, and fails
    Lock(Anything),
    /// Print what the providers know: settings, resource types, data types
    Schema {
        /// As JSON, the only form there is
        #[arg(long)]
        json: bool,
    },
}

/// Whatever is typed after a command that does nothing.
#[derive(Debug, Args)]
pub(in crate::cli) struct Anything {
    /// Not looked at
    #[arg(value_name = "ARGUMENT", trailing_var_arg = true, allow_hyphen_values = true)]
    pub(in crate::cli) arguments: Vec<OsString>,
}
