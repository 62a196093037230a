//! `snapform validate`.

use anyhow::Context as _;

use crate::diag::Diagnostics;
use crate::engine::examine;
use crate::view::{Style, validation_json};

use super::workbench::{Start, Workbench, working_directory};
use super::{Done, Exit, Stop, args, home};

/// Checks the configuration without state, values of variables, credentials or a network.
pub(super) fn run(start: Start, args: &args::Validate) -> Done {
    if args.json {
        return for_programs(start, args);
    }
    let mut workbench = Workbench::new(start, args.world)?;
    check(&mut workbench)?;
    let terminal = &workbench.start.terminal;
    terminal.line(&terminal.look.paint.paint(Style::Added, "The configuration is valid."));
    Ok(Exit::Success)
}

/// The same with everything there is to say as one JSON document.
fn for_programs(start: Start, args: &args::Validate) -> Done {
    let mut workbench = Workbench::for_programs(start, args.world)?;
    workbench.gather();
    let (mut found, exit) = match check(&mut workbench) {
        Ok(()) => (Diagnostics::default(), Exit::Success),
        Err(Stop::Diagnostics(problems)) => (problems.0, Exit::Failure),
        Err(other) => return Err(other),
    };
    found.extend(workbench.gathered());
    let json = validation_json(&found, &workbench.sources)
        .context("the answer cannot be written as JSON")?;
    workbench.start.terminal.line(&json);
    Ok(exit)
}

fn check(workbench: &mut Workbench) -> Result<(), Stop> {
    let (config, _) = workbench.load()?;
    let folder = working_directory()?;
    let surroundings = workbench.surroundings(&folder, workbench.world.clock.now(), None);
    let (declarations, found) = examine(&workbench.catalog, &config, surroundings);
    if found.has_errors() {
        return Err(workbench.stop(found));
    }
    if let Some(block) = &config.root().settings.backend {
        home::resolve(block, &config, surroundings).map_err(|found| workbench.stop(found))?;
    }
    workbench.tell(&found);
    // The process is about to end: to take a large configuration apart would only take time.
    std::mem::forget((config, declarations));
    Ok(())
}
