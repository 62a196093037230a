//! Commands about the state.

use clap::{Args, Subcommand};

use super::World;

#[derive(Debug, Args)]
pub(in crate::cli) struct State {
    #[command(subcommand)]
    pub(in crate::cli) command: StateCommand,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum StateCommand {
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
