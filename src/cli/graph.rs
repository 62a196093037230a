//! `snapform graph`.

use crate::engine::validate;

use super::workbench::{Start, Workbench};
use super::{Done, Exit, args};

/// Prints which resource needs which, in the dot language.
pub(super) fn run(start: Start, args: &args::Graph) -> Done {
    let mut workbench = Workbench::for_programs(start, args.world)?;
    let (config, _) = workbench.load()?;
    let declarations =
        validate(&workbench.catalog, &config).map_err(|problems| workbench.stop(problems))?;
    let dot = declarations.resource_graph().dot(ToString::to_string);
    workbench.start.terminal.text(&dot);
    Ok(Exit::Success)
}
