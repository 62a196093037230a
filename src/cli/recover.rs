//! `snapform recover`.

use std::sync::Arc;

use crate::addr::InstanceAddr;
use crate::engine::{Inputs, adopt, recover, take_as_absent, validate};
use crate::state::Session;
use crate::view::HumanProgress;

use super::workbench::{Start, Workbench, working_directory};
use super::{Done, Exit, Stop, args, variables};

/// Takes a person's word for what was made and what was not, settles what can be settled, and shows
/// the rest.
pub(super) async fn run(start: Start, args: args::Recover) -> Done {
    let mut workbench = Workbench::new(start, args.world)?;
    let session = workbench.open("recover", &args.lock).await?;
    for text in &args.absent {
        settle_absent(&workbench, &session, text).await?;
    }
    let adopted = args.adopt.iter().map(|text| adoption(text)).collect::<Result<Vec<_>, _>>()?;
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
    for (address, id) in adopted {
        let note = adopt(&engine, inputs, &session, &address, &id).await;
        let note = note.map_err(|problems| workbench.stop(problems))?;
        terminal.line(&format!("{address}: `{id}` is in state now."));
        if let Some(note) = note {
            workbench.tell(&note.into());
        }
    }
    let found = recover::recover(&engine, inputs, &session).await;
    workbench.tell(&found);
    if found.has_errors() {
        return Ok(Exit::Failure);
    }
    if !session.open_intents().is_empty() {
        return Ok(Exit::Unsettled);
    }
    terminal.line("Every create is settled.");
    Ok(Exit::Success)
}

async fn settle_absent(workbench: &Workbench, session: &Session, text: &str) -> Result<(), Stop> {
    let address: InstanceAddr =
        text.parse().map_err(|error| super::address_problem("`-absent`", error))?;
    take_as_absent(session, &address).await.map_err(|problems| workbench.stop(problems))?;
    workbench.start.terminal.line(&format!("{address}: taken as not made."));
    Ok(())
}

/// An address with the id of what was made for it.
fn adoption(text: &str) -> Result<(InstanceAddr, String), Stop> {
    let Some((address, id)) = text.rsplit_once('=').filter(|(_, id)| !id.is_empty()) else {
        return Err(super::usage_problem(format!(
            "`-adopt={text}` names no object: write `-adopt='ADDRESS=ID'`."
        )));
    };
    let address = address.parse().map_err(|error| super::address_problem("`-adopt`", error))?;
    Ok((address, id.to_owned()))
}
