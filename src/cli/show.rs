//! `snapform show`.

use std::path::Path;

use anyhow::Context as _;

use crate::plan::{PlanFile, PlanFileError, is_plan};
use crate::sdk::seal::{Purpose, header_of};
use crate::state::{State, read_state};
use crate::view::{
    PlanDetail, PlanDocumentOf, Secrets, plan_json, render_plan, render_state, state_json,
};
use crate::world::read_regular;

use super::state_problem::opened;
use super::workbench::{Start, Workbench};
use super::{Done, Exit, Stop, args, saved, state};

/// What is shown.
enum Shown {
    Plan(Box<PlanFile>),
    State(State),
}

/// Shows a saved plan, a state file, or the state of the workspace.
pub(super) async fn run(start: Start, args: &args::Show) -> Done {
    let mut workbench = if args.json {
        Workbench::for_programs(start, args.world)?
    } else {
        Workbench::new(start, args.world)?
    };
    let secrets = workbench.secrets(args.secrets);
    let shown = args.file.as_deref().map(|path| read(&workbench, path)).transpose()?;
    match (shown, args.json) {
        (Some(Shown::Plan(file)), true) => {
            let done = plan_document(&mut workbench, &file, secrets);
            std::mem::forget(file);
            done
        }
        (Some(Shown::Plan(file)), false) => {
            let terminal = &workbench.start.terminal;
            if file.emulated && !workbench.emulates {
                terminal.line("This plan was made against emulators.\n");
            }
            terminal.text(&render_plan(&file.plan, PlanDetail::default(), terminal.look));
            Ok(Exit::Success)
        }
        (Some(Shown::State(found)), json) => show(&workbench, Some(&found), json, secrets),
        (None, json) => {
            let session = workbench.look().await?;
            let found = session.exists().then(|| session.state());
            show(&workbench, found.as_deref(), json, secrets)
        }
    }
}

fn show(workbench: &Workbench, found: Option<&State>, json: bool, secrets: Secrets) -> Done {
    let terminal = &workbench.start.terminal;
    if json {
        let text = state_json(found, &workbench.catalog, secrets);
        terminal.line(&text.context("the state cannot be written as JSON")?);
        return Ok(Exit::Success);
    }
    match found.filter(|found| !found.is_empty()) {
        None => terminal.line("State holds nothing."),
        Some(found) => {
            let read = |address: &_, record: &_| state::read(&workbench.catalog, address, record);
            terminal.text(&render_state(found, read, terminal.look));
        }
    }
    Ok(Exit::Success)
}

fn read(workbench: &Workbench, path: &Path) -> Result<Shown, Stop> {
    let bytes =
        read_regular(path).with_context(|| format!("`{}` cannot be read", path.display()))?;
    let is_state = match header_of(&bytes) {
        Ok(None) => !is_plan(&bytes),
        Ok(Some(header)) => header.purpose == Purpose::State,
        Err(_) => false,
    };
    if !is_state {
        return saved::decode(workbench, path, bytes).map(|file| Shown::Plan(Box::new(file)));
    }
    let bytes = opened(&workbench.keys, &format!("`{}`", path.display()), bytes)
        .map_err(|problems| workbench.stop(problems))?;
    match read_state(&bytes) {
        Ok(state) => Ok(Shown::State(state)),
        Err(_) => Err(saved::unusable(workbench, path, &PlanFileError::NotAPlan)),
    }
}

fn plan_document(workbench: &mut Workbench, file: &PlanFile, secrets: Secrets) -> Done {
    let (files, variables) = saved::contents(file);
    let config = workbench.decode_saved(&files)?;
    let document = PlanDocumentOf {
        plan: &file.plan,
        prior: file.prior.as_deref(),
        config: &config,
        variables: &variables,
        catalog: &workbench.catalog,
        created: file.created,
        secrets,
    };
    let terminal = &workbench.start.terminal;
    let written = terminal.document(|to| plan_json(&document, to));
    written.context("the plan cannot be written as JSON")?;
    // The process is about to end: to take a large configuration apart would only take time.
    std::mem::forget((config, variables));
    Ok(Exit::Success)
}
