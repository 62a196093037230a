//! `snapform init`: a quick check.

use crate::engine::validate;
use crate::view::{Style, counted};

use super::workbench::{Start, Workbench};
use super::{Done, Exit, args};

/// Checks configuration and state; there is nothing to download and nothing to write.
pub(super) fn run(start: Start, args: &args::Init) -> Done {
    let mut workbench = Workbench::new(start, args.world)?;
    let (config, _) = workbench.load()?;
    validate(&workbench.catalog, &config).map_err(|problems| workbench.stop(problems))?;
    let session = workbench.look()?;
    let terminal = &workbench.start.terminal;
    let resources =
        counted(config.modules().map(|(_, found)| found.module.resources.len()).sum(), "resource");
    let objects = counted(session.state().instances().count(), "instance");
    terminal.line(&format!("{resources} declared; {objects} in state at `{}`.", session.place()));
    let option = if workbench.emulates { " --emulate" } else { "" };
    terminal.line(&terminal.look.paint.paint(
        Style::Added,
        &format!("Ready: providers are built in. Next: `snapform plan{option}`."),
    ));
    Ok(Exit::Success)
}
