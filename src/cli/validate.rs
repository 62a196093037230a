//! `snapform validate`.

use crate::engine::validate;
use crate::view::Style;

use super::workbench::{Start, Workbench};
use super::{Done, Exit, args};

/// Checks the configuration without state, values of variables, credentials or a network.
pub(super) fn run(start: Start, args: &args::Validate) -> Done {
    let mut workbench = Workbench::new(start, args.world, false)?;
    let (module, _) = workbench.load()?;
    validate(&workbench.catalog, &module).map_err(|problems| workbench.stop(problems))?;
    let terminal = &workbench.start.terminal;
    terminal.line(&terminal.look.paint.paint(Style::Added, "The configuration is valid."));
    Ok(Exit::Success)
}
