//! `snapform completions`.

use super::workbench::Start;
use super::{Exit, args, help};

/// Prints what a shell needs to complete commands and options.
pub(super) fn run(start: &Start, args: &args::Completions) -> Exit {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut help::command(), "snapform", &mut text);
    start.terminal.text(&String::from_utf8_lossy(&text));
    Exit::Success
}
