//! `snapform functions` and `snapform metadata functions`.

use anyhow::Context as _;

use crate::diag::{Diagnostic, code};
use crate::lang::{FunctionTable, Signatures};
use crate::view::{render_function, render_functions};

use super::workbench::Start;
use super::{Done, Exit, args};

/// Lists all functions, or shows one.
pub(super) fn run(start: &Start, args: &args::Functions) -> Done {
    let Some(name) = &args.name else {
        start.terminal.text(&render_functions(FunctionTable::families()));
        return Ok(Exit::Success);
    };
    let found = FunctionTable::get(name.strip_prefix("core::").unwrap_or(name));
    let function = found.ok_or_else(|| {
        let detail = format!("There is no function called `{name}`.");
        Diagnostic::error(code::UNKNOWN_FUNCTION, detail).did_you_mean(name, FunctionTable::names())
    })?;
    start.terminal.text(&render_function(function));
    Ok(Exit::Success)
}

/// Prints what tools want to know.
pub(super) fn metadata(start: &Start, command: &args::MetadataCommand) -> Done {
    let args::MetadataCommand::Functions { json } = command;
    if !json {
        let detail = "The signatures are there as JSON only.";
        let problem = Diagnostic::error(code::USAGE, detail)
            .help("use `-json`; for people there is `snapform functions`");
        return Err(problem.into());
    }
    let text = serde_json::to_string(&Signatures::new()).context("signatures")?;
    start.terminal.line(&text);
    Ok(Exit::Success)
}
