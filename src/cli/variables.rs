//! Values of variables in Terraform's order of precedence.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::config::{
    Assignment, AssignmentSource, Config, ConfigFiles, Loader, read_variables_file,
};
use crate::diag::Diagnostics;
use crate::engine::{
    Given, GivenAnew, Planned, Variables, check_ephemeral, resolve_planned_variables,
    resolve_variables,
};
use crate::plan::PlanFile;

use super::arguments::Assigned;
use super::workbench::{Workbench, working_directory};
use super::{Stop, args, prompt};

/// The values of all variables.
pub(super) struct Resolved {
    pub(super) values: Variables,
    /// Ephemeral variables that were given and do not have their default.
    pub(super) ephemeral: BTreeSet<Arc<str>>,
}

/// Collects values from the environment, files and options, asks for what is missing where that
/// is possible, and gives every variable its value.
pub(super) fn resolve(
    workbench: &mut Workbench,
    config: &Config,
    files: &ConfigFiles,
    values: &args::Values,
) -> Result<Resolved, Stop> {
    let mut problems = Diagnostics::default();
    let mut given = outside(workbench, &files.variable_files, &mut problems);
    typed(workbench, &mut given, &mut problems)?;
    if values.input && workbench.start.environment.can_ask() {
        for variable in config.root().variables.values() {
            if variable.default.is_none() && !given.has(&variable.name) {
                let text = prompt::variable(&workbench.start.terminal, variable)?;
                let value = Assignment::Text(Arc::from(text));
                given.set(Arc::clone(&variable.name), value, AssignmentSource::Prompt);
            }
        }
    }
    if problems.has_errors() {
        return Err(workbench.stop(problems));
    }
    match resolve_variables(config.root(), &given, &mut workbench.sources) {
        Ok((values, warnings)) => {
            workbench.tell(&warnings);
            let ephemeral = config.root().variables.values().filter(|variable| variable.ephemeral);
            let ephemeral = ephemeral.map(|variable| Arc::clone(&variable.name));
            Ok(Resolved { values, ephemeral: ephemeral.filter(|name| given.has(name)).collect() })
        }
        Err(problems) => Err(workbench.stop(problems)),
    }
}

/// The values for carrying out a saved plan: those that it keeps, and ephemeral ones given anew.
pub(super) fn resolve_saved(
    workbench: &mut Workbench,
    config: &Config,
    kept: Variables,
    file: &PlanFile,
) -> Result<Variables, Stop> {
    let mut problems = Diagnostics::default();
    let mut on_command_line = Given::default();
    typed(workbench, &mut on_command_line, &mut problems)?;
    let mut given = Given::default();
    if config.root().variables.values().any(|variable| variable.ephemeral) {
        let files = Loader::new(".").load().map_err(|problems| workbench.stop(problems))?;
        given = outside(workbench, &files.variable_files, &mut problems);
        typed(workbench, &mut given, &mut Diagnostics::default())?;
    }
    if problems.has_errors() {
        return Err(workbench.stop(problems));
    }
    let planned = Planned { kept, ephemeral: &file.ephemeral };
    let given = GivenAnew { on_command_line: &on_command_line, anywhere: &given };
    let resolved = resolve_planned_variables(config.root(), planned, given, &mut workbench.sources);
    let values = match resolved {
        Ok((values, warnings)) => {
            workbench.tell(&warnings);
            values
        }
        Err(problems) => return Err(workbench.stop(problems)),
    };
    let folder = working_directory()?;
    let surroundings = workbench.surroundings(&folder, file.created, None);
    let found = check_ephemeral(config, &values, surroundings);
    if found.has_errors() { Err(workbench.stop(found)) } else { Ok(values) }
}

/// What is given without being typed: the environment, then files.
fn outside(workbench: &mut Workbench, files: &[PathBuf], problems: &mut Diagnostics) -> Given {
    let mut given = Given::default();
    for (name, value) in workbench.start.environment.assigned() {
        let value = Assignment::Text(Arc::from(value));
        given.set(Arc::from(name), value, AssignmentSource::Environment);
    }
    for file in files {
        take_file(workbench, &mut given, file, problems);
    }
    given
}

/// What is typed, in the order typed.
fn typed(
    workbench: &mut Workbench,
    given: &mut Given,
    problems: &mut Diagnostics,
) -> Result<(), Stop> {
    for assigned in workbench.start.assignments.clone() {
        match assigned {
            Assigned::File(file) => take_file(workbench, given, &file, problems),
            Assigned::Value(text) => {
                let Some((name, value)) = text.split_once('=') else {
                    return Err(super::usage_problem(format!(
                        "`-var '{text}'` has no `=`: write `-var 'NAME=VALUE'`."
                    )));
                };
                let value = Assignment::Text(Arc::from(value));
                given.set(Arc::from(name), value, AssignmentSource::Option);
            }
        }
    }
    Ok(())
}

fn take_file(
    workbench: &mut Workbench,
    given: &mut Given,
    file: &Path,
    problems: &mut Diagnostics,
) {
    for (name, assignment, source) in read_variables_file(file, &mut workbench.sources, problems) {
        given.set(name, assignment, source);
    }
}
