//! `snapform show`.

use crate::view::{render_plan, render_state};

use super::workbench::{Start, Workbench};
use super::{Done, Exit, args, saved, state};

/// Shows a saved plan, or the state.
pub(super) fn run(start: Start, args: &args::Show) -> Done {
    let workbench = Workbench::new(start, args.world)?;
    let terminal = &workbench.start.terminal;
    if let Some(path) = &args.plan {
        let file = saved::read(&workbench, path)?;
        if file.emulated && !workbench.emulates {
            terminal.line("This plan was made against emulators.\n");
        }
        terminal.text(&render_plan(&file.plan, terminal.look));
        return Ok(Exit::Success);
    }
    let session = workbench.look()?;
    if session.state().is_empty() {
        terminal.line("State holds nothing.");
        return Ok(Exit::Success);
    }
    let read = |address: &_, record: &_| state::read(&workbench.catalog, address, record);
    terminal.text(&render_state(session.state(), read, terminal.look));
    Ok(Exit::Success)
}
