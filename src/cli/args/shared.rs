//! Options that several commands have.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::schema::parse_duration;

/// Where the vendors are: the real ones or emulators.
#[derive(Clone, Copy, Debug, Args)]
pub(in crate::cli) struct World {
    /// Use emulators in place of the vendors, with a state of their own [env: `SNAPFORM_EMULATE=1`]
    #[arg(long)]
    pub(in crate::cli) emulate: bool,
}

/// Whether JSON shows sensitive values.
#[derive(Clone, Copy, Debug, Args)]
pub(in crate::cli) struct Secrets {
    /// Write sensitive values into JSON as they are [env: `SNAPFORM_SHOW_SENSITIVE=1`]
    #[arg(long)]
    pub(in crate::cli) show_sensitive: bool,
}

/// Events for programs.
#[derive(Clone, Debug, Args)]
pub(in crate::cli) struct Stream {
    /// Write what happens as lines of JSON, in Terraform's format, and nothing else
    #[arg(long)]
    pub(in crate::cli) json: bool,
    /// Write the same lines into a file, beside what people read
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    pub(in crate::cli) json_into: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) secrets: Secrets,
}

/// How the state is locked.
#[derive(Clone, Debug, Args)]
pub(in crate::cli) struct Lock {
    /// Hold the lock of the state; without it, two runs at once may lose what one of them notes
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true,
          default_value = "true", default_missing_value = "true", action = clap::ArgAction::Set)]
    pub(in crate::cli) lock: bool,
    /// How long to wait for somebody else's lock, such as 30s or 5m
    #[arg(long, value_name = "DURATION", default_value = "0s")]
    pub(in crate::cli) lock_timeout: String,
}

impl Default for Lock {
    fn default() -> Self {
        Self { lock: true, lock_timeout: "0s".to_owned() }
    }
}

/// Values of variables; read in the order typed, so the order of both kinds counts.
#[derive(Clone, Debug, Args)]
pub(in crate::cli) struct Values {
    /// Set a variable; may be repeated
    #[arg(long, value_name = "NAME=VALUE")]
    pub(in crate::cli) var: Vec<String>,
    /// Read values of variables from a file; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) var_file: Vec<PathBuf>,
    /// Ask for values that are missing
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true,
          default_value = "true", default_missing_value = "true", action = clap::ArgAction::Set)]
    pub(in crate::cli) input: bool,
}

/// What a plan covers.
#[derive(Clone, Debug, Args)]
pub(in crate::cli) struct Scope {
    /// Plan the deletion of everything
    #[arg(long)]
    pub(in crate::cli) destroy: bool,
    /// Only record what the vendors say
    #[arg(long, conflicts_with_all = ["destroy", "replace"])]
    pub(in crate::cli) refresh_only: bool,
    /// Ask the vendors about objects before planning
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true,
          default_value = "true", default_missing_value = "true", action = clap::ArgAction::Set)]
    pub(in crate::cli) refresh: bool,
    /// Plan only for this address and what it needs; may be repeated
    #[arg(long, value_name = "ADDRESS")]
    pub(in crate::cli) target: Vec<String>,
    /// Plan only for the addresses in this file, one a line, and what they need; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) target_file: Vec<PathBuf>,
    /// Plan only for what this file of the configuration declares, and what it needs; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) target_source: Vec<PathBuf>,
    /// Plan for all but this address and what needs it; may be repeated
    #[arg(long, value_name = "ADDRESS")]
    pub(in crate::cli) exclude: Vec<String>,
    /// Plan for all but the addresses in this file, one a line, and what needs them; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) exclude_file: Vec<PathBuf>,
    /// Plan for all but what this file of the configuration declares, and what needs it; may be
    /// repeated
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) exclude_source: Vec<PathBuf>,
    /// Replace this object in any case; may be repeated
    #[arg(long, value_name = "ADDRESS")]
    pub(in crate::cli) replace: Vec<String>,
    /// Say which objects end by themselves within this time, such as `72h` or `7d`; `0s` for none
    #[arg(long, value_name = "DURATION", default_value = EXPIRES_SOON, value_parser = duration)]
    pub(in crate::cli) warn_expiry: Duration,
}

/// Within which time the end of an object is worth a word, unless somebody says otherwise.
const EXPIRES_SOON: &str = "24h";

/// Reads a duration that somebody typed.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    parse_duration(text).ok_or_else(|| "a duration is written as `90s`, `1h30m` or `7d`".to_owned())
}

impl Default for Scope {
    fn default() -> Self {
        Self {
            destroy: false,
            refresh_only: false,
            refresh: true,
            target: Vec::new(),
            target_file: Vec::new(),
            target_source: Vec::new(),
            exclude: Vec::new(),
            exclude_file: Vec::new(),
            exclude_source: Vec::new(),
            replace: Vec::new(),
            warn_expiry: Duration::ZERO,
        }
    }
}

impl Scope {
    /// Whether any option says what to plan.
    pub(in crate::cli) fn is_given(&self) -> bool {
        let addresses = [&self.target, &self.exclude, &self.replace];
        let files =
            [&self.target_file, &self.target_source, &self.exclude_file, &self.exclude_source];
        let named = addresses.iter().any(|given| !given.is_empty());
        let listed = files.iter().any(|given| !given.is_empty());
        self.destroy || self.refresh_only || !self.refresh || named || listed
    }
}

/// How much is said.
#[derive(Clone, Copy, Debug, Default, Args)]
pub(in crate::cli) struct Words {
    /// One line for each change, and nothing about what is read or stays
    #[arg(long)]
    pub(in crate::cli) concise: bool,
    #[command(flatten)]
    pub(in crate::cli) warnings: Warnings,
}

/// How much is said of warnings.
#[derive(Clone, Copy, Debug, Default, Args)]
pub(in crate::cli) struct Warnings {
    /// Warnings by their titles only, where there are no errors
    #[arg(long)]
    pub(in crate::cli) compact_warnings: bool,
}

impl From<Warnings> for Words {
    fn from(warnings: Warnings) -> Self {
        Self { warnings, ..Self::default() }
    }
}

/// How many steps run at once.
#[derive(Clone, Copy, Debug, Args)]
pub(in crate::cli) struct Pace {
    /// How many steps may be under way at once; 0 means as many as without this option
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(in crate::cli) parallelism: u16,
}

impl Pace {
    /// How many steps may be under way at once.
    pub(in crate::cli) fn steps(self) -> usize {
        match self.parallelism {
            0 => 10,
            steps => usize::from(steps),
        }
    }
}
