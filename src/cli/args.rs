//! What can be typed.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Keeps snapshots at several vendors as declared: plan, review, apply.
#[derive(Debug, Parser)]
#[command(
    name = "snapform",
    version,
    disable_help_subcommand = true,
    arg_required_else_help = true
)]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) global: Global,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Args)]
pub(super) struct Global {
    /// Run as if started in this folder
    #[arg(long, global = true, value_name = "DIR")]
    pub(super) chdir: Option<PathBuf>,
    /// Let expressions read files in this folder, beside those of the configuration; may be repeated
    #[arg(long, global = true, value_name = "FOLDER")]
    pub(super) allow_files: Vec<PathBuf>,
    /// No colours
    #[arg(long, global = true)]
    pub(super) no_color: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Check that the configuration and the state can be used; nothing is downloaded
    Init(Init),
    /// Check the configuration without state, credentials or a network
    Validate(Validate),
    /// Give configuration files their usual layout
    Fmt(Fmt),
    /// Show what apply would do
    Plan(Plan),
    /// Make what is declared
    Apply(Apply),
    /// Delete everything that state names
    Destroy(Apply),
    /// Show the state, or a saved plan
    Show(Show),
    /// Show outputs
    Output(Output),
    /// Look into the state
    State(State),
    /// Print what needs what, in the dot language
    Graph(Graph),
    /// Show and settle creates whose outcome is not known
    Recover(Recover),
    /// The vendors' APIs on this machine
    Emulator(Emulator),
    /// Try expressions out, with the values that state holds
    Console(Console),
    /// Tell what the code of a diagnostic means
    Explain(Explain),
    /// List the functions of expressions, or explain one
    Functions(Functions),
    /// What tools want to know, as JSON
    Metadata(Metadata),
    /// Print the version
    Version,
}

/// Where the vendors are: the real ones or emulators.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct World {
    /// Use emulators in place of the vendors, with a state of their own [env: `SNAPFORM_EMULATE=1`]
    #[arg(long)]
    pub(super) emulate: bool,
}

/// How the state is locked.
#[derive(Clone, Debug, Args)]
pub(super) struct Lock {
    /// How long to wait for somebody else's lock, such as 30s or 5m
    #[arg(long, value_name = "DURATION", default_value = "0s")]
    pub(super) lock_timeout: String,
}

/// Values of variables; read in the order typed, so the order of both kinds counts.
#[derive(Clone, Debug, Args)]
pub(super) struct Values {
    /// Set a variable; may be repeated
    #[arg(long, value_name = "NAME=VALUE")]
    pub(super) var: Vec<String>,
    /// Read values of variables from a file; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(super) var_file: Vec<PathBuf>,
    /// Ask for values that are missing
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true,
          default_value = "true", default_missing_value = "true", action = clap::ArgAction::Set)]
    pub(super) input: bool,
}

/// What a plan covers.
#[derive(Clone, Debug, Args)]
pub(super) struct Scope {
    /// Plan the deletion of everything
    #[arg(long)]
    pub(super) destroy: bool,
    /// Only record what the vendors say
    #[arg(long, conflicts_with_all = ["destroy", "replace"])]
    pub(super) refresh_only: bool,
    /// Ask the vendors about objects before planning
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true,
          default_value = "true", default_missing_value = "true", action = clap::ArgAction::Set)]
    pub(super) refresh: bool,
    /// Plan only for this address and what it needs; may be repeated
    #[arg(long, value_name = "ADDRESS")]
    pub(super) target: Vec<String>,
    /// Replace this object in any case; may be repeated
    #[arg(long, value_name = "ADDRESS")]
    pub(super) replace: Vec<String>,
}

/// How many steps run at once.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Pace {
    /// How many steps may be under way at once
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(super) parallelism: u16,
}

#[derive(Debug, Args)]
pub(super) struct Init {
    #[command(flatten)]
    pub(super) world: World,
    /// Accepted for scripts; init never asks
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true,
          default_value = "true", default_missing_value = "true", action = clap::ArgAction::Set)]
    pub(super) input: bool,
}

#[derive(Debug, Args)]
pub(super) struct Validate {
    #[command(flatten)]
    pub(super) world: World,
    /// As JSON, in Terraform's format
    #[arg(long)]
    pub(super) json: bool,
    /// Accepted for scripts; there are no test files to leave out
    #[arg(long)]
    pub(super) no_tests: bool,
    /// Accepted for scripts; there are no test files to look for
    #[arg(long, value_name = "DIR", default_value = "tests")]
    pub(super) test_directory: PathBuf,
}

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option, and any go together")]
pub(super) struct Fmt {
    /// Folders and files; `-` is standard input, and nothing the working directory
    #[arg(value_name = "TARGET")]
    pub(super) targets: Vec<PathBuf>,
    /// List the files whose layout differs; never for standard input
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true,
          default_value = "true", default_missing_value = "true", action = clap::ArgAction::Set)]
    pub(super) list: bool,
    /// Write the files; never for standard input, and never with -check
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true,
          default_value = "true", default_missing_value = "true", action = clap::ArgAction::Set)]
    pub(super) write: bool,
    /// Show what changes
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true,
          default_value = "false", default_missing_value = "true", action = clap::ArgAction::Set)]
    pub(super) diff: bool,
    /// Only check: exit with 3 where the layout of a file differs
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true,
          default_value = "false", default_missing_value = "true", action = clap::ArgAction::Set)]
    pub(super) check: bool,
    /// Go into the folders below as well
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true,
          default_value = "false", default_missing_value = "true", action = clap::ArgAction::Set)]
    pub(super) recursive: bool,
}

#[derive(Debug, Args)]
pub(super) struct Plan {
    #[command(flatten)]
    pub(super) world: World,
    #[command(flatten)]
    pub(super) scope: Scope,
    #[command(flatten)]
    pub(super) values: Values,
    #[command(flatten)]
    pub(super) lock: Lock,
    #[command(flatten)]
    pub(super) pace: Pace,
    /// Save the plan for apply
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
    /// Exit with 2 where there are changes
    #[arg(long)]
    pub(super) detailed_exitcode: bool,
}

#[derive(Debug, Args)]
pub(super) struct Apply {
    /// A saved plan; without one, a new plan is made and shown
    #[arg(value_name = "PLAN")]
    pub(super) plan: Option<PathBuf>,
    #[command(flatten)]
    pub(super) world: World,
    #[command(flatten)]
    pub(super) scope: Scope,
    #[command(flatten)]
    pub(super) values: Values,
    #[command(flatten)]
    pub(super) lock: Lock,
    #[command(flatten)]
    pub(super) pace: Pace,
    /// Do not ask before changing anything
    #[arg(long)]
    pub(super) auto_approve: bool,
}

#[derive(Debug, Args)]
pub(super) struct Show {
    /// A saved plan; without one, the state is shown
    #[arg(value_name = "PLAN")]
    pub(super) plan: Option<PathBuf>,
    #[command(flatten)]
    pub(super) world: World,
}

#[derive(Debug, Args)]
pub(super) struct Output {
    /// Only this output
    #[arg(value_name = "NAME")]
    pub(super) name: Option<String>,
    /// As JSON, sensitive values in the clear
    #[arg(long, conflicts_with = "raw")]
    pub(super) json: bool,
    /// The bare text of one output, without a line break
    #[arg(long, requires = "name")]
    pub(super) raw: bool,
    #[command(flatten)]
    pub(super) world: World,
}

#[derive(Debug, Args)]
pub(super) struct State {
    #[command(subcommand)]
    pub(super) command: StateCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum StateCommand {
    /// List the addresses of all objects
    List {
        /// Only these addresses
        #[arg(value_name = "ADDRESS")]
        addresses: Vec<String>,
        #[command(flatten)]
        world: World,
    },
    /// Show one object
    Show {
        /// Its address
        #[arg(value_name = "ADDRESS")]
        address: String,
        #[command(flatten)]
        world: World,
    },
}

#[derive(Debug, Args)]
pub(super) struct Explain {
    /// The code, such as E0301; all codes are listed without one
    #[arg(value_name = "CODE")]
    pub(super) code: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Graph {
    #[command(flatten)]
    pub(super) world: World,
}

#[derive(Debug, Args)]
pub(super) struct Recover {
    /// Nothing was made for this address: stop waiting for it; may be repeated
    #[arg(long, value_name = "ADDRESS")]
    pub(super) absent: Vec<String>,
    #[command(flatten)]
    pub(super) world: World,
    #[command(flatten)]
    pub(super) values: Values,
    #[command(flatten)]
    pub(super) lock: Lock,
}

#[derive(Debug, Args)]
pub(super) struct Console {
    #[command(flatten)]
    pub(super) world: World,
    #[command(flatten)]
    pub(super) values: Values,
}

#[derive(Debug, Args)]
pub(super) struct Emulator {
    #[command(subcommand)]
    pub(super) command: EmulatorCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum EmulatorCommand {
    /// Serve every vendor on loopback, each on a port of its own
    Serve {
        /// Where the first vendor listens; port 0 lets the system choose
        #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
        listen: SocketAddr,
        /// Where the vendors' worlds are kept
        #[arg(long, value_name = "DIR", default_value = ".snapform/emulator")]
        data: PathBuf,
    },
    /// Print everything that was really created, changed and deleted
    Ledger {
        /// Where the vendors' worlds are kept
        #[arg(long, value_name = "DIR", default_value = ".snapform/emulator")]
        data: PathBuf,
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// List the knobs of every vendor, or set some of them for this world
    Knobs {
        /// Knobs to set, for instance `thousandeyes.create_quota=100`
        #[arg(value_name = "VENDOR.KNOB=NUMBER")]
        set: Vec<String>,
        /// Where the vendors' worlds are kept
        #[arg(long, value_name = "DIR", default_value = ".snapform/emulator")]
        data: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(super) struct Functions {
    /// The function to explain
    #[arg(value_name = "NAME")]
    pub(super) name: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Metadata {
    #[command(subcommand)]
    pub(super) command: MetadataCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum MetadataCommand {
    /// The signatures of all functions
    Functions {
        /// As JSON, the only form there is
        #[arg(long)]
        json: bool,
    },
}
