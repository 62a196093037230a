//! `snapform recover`.

use std::sync::Arc;

use crate::addr::InstanceAddr;
use crate::diag::{Diagnostic, code};
use crate::engine::{Inputs, recover, validate};
use crate::state::Session;
use crate::view::HumanProgress;

use super::state_problem::state_problem;
use super::workbench::{Start, Workbench, working_directory};
use super::{Done, Exit, args, variables};

/// Settles what can be settled, shows the rest, and takes a person's word for what was not made.
pub(super) async fn run(start: Start, args: args::Recover) -> Done {
    let mut workbench = Workbench::new(start, args.world)?;
    let session = workbench.open("recover", &args.lock).await?;
    for text in &args.absent {
        settle_absent(&workbench, &session, text).await?;
    }
    let (config, files) = workbench.load()?;
    let declarations =
        validate(&workbench.catalog, &config).map_err(|problems| workbench.stop(problems))?;
    let variables = variables::resolve(&mut workbench, &config, &files, &args.values)?;
    let terminal = Arc::clone(&workbench.start.terminal);
    let engine = workbench.engine(Arc::new(HumanProgress::new(Arc::clone(&terminal))));
    let folder = working_directory()?;
    let recorded = session.state();
    let inputs = Inputs {
        config: &config,
        declarations: &declarations,
        variables: &variables.values,
        surroundings: workbench.surroundings(&folder, engine.world.clock.now(), None),
        state: &recorded,
    };
    let found = recover::recover(&engine, inputs, &session).await;
    workbench.tell(&found);
    if session.open_intents().is_empty() && !found.has_errors() {
        terminal.line("Every create is settled.");
        return Ok(Exit::Success);
    }
    Ok(Exit::Failure)
}

async fn settle_absent(
    workbench: &Workbench,
    session: &Session,
    text: &str,
) -> Result<(), super::Stop> {
    let address: InstanceAddr =
        text.parse().map_err(|error| super::address_problem("`-absent`", error))?;
    let taken = recover::take_as_absent(session, &address).await;
    let taken = taken.map_err(|error| workbench.stop(state_problem(error).into()))?;
    if !taken {
        let detail = format!("No create of `{address}` is open.");
        return Err(workbench.stop(Diagnostic::error(code::TARGET, detail).into()));
    }
    workbench.start.terminal.line(&format!("{address}: taken as not made."));
    Ok(())
}
