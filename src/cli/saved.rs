//! Saved plans.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;

use crate::addr::InstanceAddr;
use crate::config::LoadedFile;
use crate::diag::{Diagnostic, code};
use crate::engine::{Variables, recover};
use crate::plan::{
    Action, Conflict, Encoded, PlanFile, PlanFileError, conflict, is_plan, read_plan, write_plan,
};
use crate::sdk::seal::{Purpose, SealError};
use crate::state::Session;
use crate::world::read_regular;

use super::Stop;
use super::keys::key_problem;
use super::planned::Planned;
use super::replace::{replace, replace_with};
use super::workbench::Workbench;

/// A plan with everything an apply needs. The plan itself goes into it: a copy of a large one takes
/// its time.
pub(super) fn file_of(workbench: &Workbench, planned: &mut Planned, session: &Session) -> PlanFile {
    let sources = planned.files.files.iter();
    PlanFile {
        made_by: env!("CARGO_PKG_VERSION").to_owned(),
        created: planned.time,
        workspace: workbench.start.environment.workspace().to_owned(),
        emulated: workbench.emulates,
        prior: session.exists().then(|| session.state()),
        sources: sources.map(|file| (file.name.clone(), Arc::clone(&file.text))).collect(),
        variables: planned
            .variables
            .values
            .iter()
            .filter(|(_, value)| !value.deep_marks().is_ephemeral())
            .map(|(name, value)| (name.clone(), Encoded(value.clone())))
            .collect(),
        ephemeral: planned.variables.ephemeral.clone(),
        plan: std::mem::take(&mut planned.plan),
    }
}

/// Writes a plan file, as a whole and for its owner only, encrypted where there is a key.
pub(super) fn write(workbench: &Workbench, path: &Path, file: &PlanFile) -> Result<(), Stop> {
    let failed = |error| sealing_problem(workbench, path, &error);
    if !workbench.keys.seals().map_err(failed)? {
        return Ok(replace_with(path, None, |to| write_plan(file, to))?);
    }
    let mut bytes = Vec::new();
    write_plan(file, &mut bytes)
        .with_context(|| format!("`{}` cannot be written", path.display()))?;
    let bytes = workbench.keys.seal(Purpose::Plan, bytes).map_err(failed)?;
    Ok(replace(path, &bytes, None)?)
}

/// Reads a plan file.
pub(super) fn read(workbench: &Workbench, path: &Path) -> Result<PlanFile, Stop> {
    let bytes =
        read_regular(path).with_context(|| format!("`{}` cannot be read", path.display()))?;
    decode(workbench, path, bytes)
}

/// Reads the bytes of a plan file.
pub(super) fn decode(workbench: &Workbench, path: &Path, bytes: Vec<u8>) -> Result<PlanFile, Stop> {
    let failed = |error| sealing_problem(workbench, path, &error);
    if is_plan(&bytes) && workbench.keys.seals().map_err(failed)? {
        // Whoever could put it in the place of another one could have read and changed that.
        let detail = format!(
            "`{}` cannot be used: it is not encrypted although a key is set, so anybody may have \
             made it.",
            path.display()
        );
        return Err(refused(workbench, detail));
    }
    let opened = workbench.keys.open(Purpose::Plan, bytes).map_err(failed)?;
    read_plan(&opened.bytes).map_err(|error| unusable(workbench, path, &error))
}

fn refused(workbench: &Workbench, detail: String) -> Stop {
    let problem = Diagnostic::error(code::PLAN_FILE, detail);
    workbench.stop(problem.help("make a new plan with `snapform plan -out=FILE`").into())
}

/// A plan that cannot be encrypted or opened.
fn sealing_problem(workbench: &Workbench, path: &Path, error: &SealError) -> Stop {
    let place = format!("`{}`", path.display());
    match key_problem(&place, error) {
        Some(problem) => workbench.stop(problem.into()),
        None => refused(workbench, format!("{place} cannot be used: {error}.")),
    }
}

/// A file that is no plan, or one that cannot be carried out.
pub(super) fn unusable(workbench: &Workbench, path: &Path, error: &PlanFileError) -> Stop {
    let detail = format!("`{}` cannot be used: {error}.", path.display());
    refused(workbench, detail)
}

/// The configuration and the values that a plan was made from.
pub(super) fn contents(file: &PlanFile) -> (Vec<LoadedFile>, Variables) {
    let files = file
        .sources
        .iter()
        .map(|(name, text)| LoadedFile { name: name.clone(), text: Arc::clone(text) });
    let variables = file.variables.iter().map(|(name, value)| (name.clone(), value.0.clone()));
    (files.collect(), variables.collect())
}

/// Refuses a plan that is for another state than the one at hand.
pub(super) fn check(workbench: &Workbench, file: &PlanFile, session: &Session) -> Result<(), Stop> {
    let workspace = workbench.start.environment.workspace();
    let reason = if file.plan.errored {
        Some("Errors kept it from being complete, so it can only be looked at.".to_owned())
    } else if file.made_by != env!("CARGO_PKG_VERSION") {
        Some(format!("It was made by snapform {}.", file.made_by))
    } else if file.emulated != workbench.emulates {
        let of = if file.emulated { "against emulators" } else { "against the vendors" };
        Some(format!("It was made {of}, and this run is not."))
    } else if file.workspace != workspace {
        Some(format!("It is for workspace `{}`, and this is `{workspace}`.", file.workspace))
    } else if let Some(address) = begun(file, session) {
        Some(format!(
            "It was begun already, and what became of the call for `{address}` is not known."
        ))
    } else {
        let now = session.exists().then(|| session.state());
        conflict(&file.plan, file.prior.as_deref(), now.as_deref()).map(stale)
    };
    match reason {
        None => Ok(()),
        Some(reason) => Err(workbench.stop(
            Diagnostic::error(code::STALE_PLAN, reason)
                .help("make a new plan and review it")
                .into(),
        )),
    }
}

/// Why a plan no longer fits, in words.
fn stale(conflict: Conflict) -> String {
    match conflict {
        Conflict::Lineage => "It is for another state: the lineage differs.".to_owned(),
        Conflict::Gone => "It was made with a state that is not here.".to_owned(),
        Conflict::Object(address) => format!(
            "`{address}` was changed in the state since the plan was made, perhaps by applying it."
        ),
        Conflict::Output(name) => format!(
            "The output `{name}` was changed in the state since the plan was made, perhaps by applying it."
        ),
        Conflict::NewUser { user, of } => format!(
            "`{user}` was made from `{of}` since the plan was made, and the plan would destroy that."
        ),
    }
}

/// The first address for which the plan would send a call that was sent already and is not
/// settled: the state is as it was, and yet the call may have done its work.
fn begun<'a>(file: &'a PlanFile, session: &Session) -> Option<&'a InstanceAddr> {
    let unsettled = recover::unsettled(session);
    let mut changes = file.plan.changes.iter();
    let again = changes.find(|change| {
        change.action != Action::NoOp
            && change.planned.is_some()
            && unsettled.contains(&change.address)
    });
    again.map(|change| &change.address)
}
