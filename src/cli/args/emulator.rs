//! Commands about the emulators.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

use super::shared::duration;

#[derive(Debug, Args)]
pub(in crate::cli) struct Emulator {
    #[command(subcommand)]
    pub(in crate::cli) command: EmulatorCommand,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum EmulatorCommand {
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
    /// Let time pass for emulated runs, such as until a snapshot expires
    Wait {
        /// How long, such as `36h` or `7d`
        #[arg(value_name = "DURATION", value_parser = duration)]
        duration: Duration,
        /// Where the vendors' worlds are kept
        #[arg(long, value_name = "DIR", default_value = ".snapform/emulator")]
        data: PathBuf,
    },
}
