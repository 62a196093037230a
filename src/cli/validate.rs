//! `snapform validate`.

use crate::engine::{check_values, validate};
use crate::view::Style;

use super::workbench::{Start, Workbench, working_directory};
use super::{Done, Exit, args};

/// Checks the configuration without state, values of variables, credentials or a network.
pub(super) fn run(start: Start, args: &args::Validate) -> Done {
    let mut workbench = Workbench::new(start, args.world)?;
    let (config, _) = workbench.load()?;
    let declarations =
        validate(&workbench.catalog, &config).map_err(|problems| workbench.stop(problems))?;
    let folder = working_directory()?;
    let surroundings = workbench.surroundings(&folder, workbench.world.clock.now(), None);
    let found = check_values(&workbench.catalog, &config, &declarations, surroundings);
    if found.has_errors() {
        return Err(workbench.stop(found));
    }
    workbench.tell(&found);
    let terminal = &workbench.start.terminal;
    terminal.line(&terminal.look.paint.paint(Style::Added, "The configuration is valid."));
    Ok(Exit::Success)
}
