//! `snapform import`: an object that exists becomes part of the state.

use std::sync::Arc;

use crate::diag::{Diagnostic, code};
use crate::engine::{Inputs, recover, take_in, validate};
use crate::state::ObjectStatus;
use crate::view::{HumanProgress, Style};

use super::state::{instance, save, settled};
use super::state_problem::state_problem;
use super::workbench::{Start, Workbench, working_directory};
use super::{Done, Exit, args, signals, variables};

/// Asks the vendor for an object and records it. Nothing is changed at the vendor.
pub(super) async fn run(start: Start, args: args::Import) -> Done {
    if args.config.as_deref().is_some_and(|folder| folder.as_os_str() != ".") {
        return Err(super::usage_problem(
            "`-config` is not supported: `snapform -chdir=DIR import …` reads another folder.",
        ));
    }
    let address = instance(&args.address)?;
    let mut workbench = Workbench::new(start, args.change.world)?;
    workbench.speak(args.warnings);
    workbench.keep_state_in(args.files);
    let (config, files) = workbench.load()?;
    let declarations =
        validate(&workbench.catalog, &config).map_err(|problems| workbench.stop(problems))?;
    let variables = variables::resolve(&mut workbench, &config, &files, &args.values)?;
    let session = workbench.open("import", &args.change.lock).await?;
    let terminal = Arc::clone(&workbench.start.terminal);
    let engine = workbench.engine(Arc::new(HumanProgress::new(Arc::clone(&terminal))));
    let folder = working_directory()?;
    let recorded = session.state();
    let inputs = |state| Inputs {
        config: &config,
        declarations: &declarations,
        variables: &variables.values,
        surroundings: workbench.surroundings(&folder, engine.world.clock.now(), None),
        state,
    };
    // What an earlier run may have made for this address is found first.
    let recovered = recover::recover(&engine, inputs(&recorded), &session).await;
    if recovered.has_errors() {
        return Err(workbench.stop(recovered));
    }
    workbench.tell(&recovered);
    settled(&workbench, &session, |open| *open == address)?;
    let recorded = session.state();
    let taking = take_in(&engine, inputs(&recorded), &address, &args.id);
    let taken = signals::with_interrupts(taking, &workbench.world.cancel, &terminal).await?;
    let (provider, record, advice) = taken.map_err(|problems| workbench.stop(problems))?;
    workbench.tell(&advice);
    let failed = record.status == ObjectStatus::Tainted;
    session
        .seen(&address, &provider, None, record)
        .await
        .map_err(|error| workbench.stop(state_problem(error).into()))?;
    save(&workbench, &session).await?;
    let done = format!("`{address}` is in state now, as `{}`.", args.id);
    terminal.line(&terminal.look.paint.paint(Style::Added, &done));
    if failed {
        let detail = format!("The object of `{address}` is of no use: the next plan replaces it.");
        workbench.tell(&Diagnostic::warning(code::RECOVERED, detail).into());
    }
    if !workbench.start.environment.in_automation() {
        terminal.line("`snapform plan` shows what differs from the configuration.");
    }
    Ok(Exit::Success)
}
