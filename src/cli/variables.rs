//! Values of variables in Terraform's order of precedence.

use std::path::Path;
use std::sync::Arc;

use crate::config::{Assignment, AssignmentSource, ConfigFiles, Module, read_variables_file};
use crate::diag::Diagnostics;
use crate::engine::{Given, Variables, resolve_variables};

use super::arguments::Assigned;
use super::workbench::Workbench;
use super::{Stop, args, prompt};

/// Collects values from the environment, files and options, asks for what is missing where that
/// is possible, and gives every variable its value.
pub(super) fn resolve(
    workbench: &mut Workbench,
    module: &Module,
    files: &ConfigFiles,
    values: &args::Values,
) -> Result<Variables, Stop> {
    let mut given = Given::default();
    let mut problems = Diagnostics::default();
    for (name, value) in workbench.start.environment.assigned() {
        given.set(
            Arc::from(name),
            Assignment::Text(Arc::from(value)),
            AssignmentSource::Environment,
        );
    }
    for file in &files.variable_files {
        take_file(workbench, &mut given, file, &mut problems);
    }
    for assigned in workbench.start.assignments.clone() {
        match assigned {
            Assigned::File(file) => take_file(workbench, &mut given, &file, &mut problems),
            Assigned::Value(text) => {
                let Some((name, value)) = text.split_once('=') else {
                    return Err(super::usage_problem(format!(
                        "`-var '{text}'` has no `=`: write `-var 'NAME=VALUE'`."
                    )));
                };
                let value = Assignment::Text(Arc::from(value));
                given.set(Arc::from(name.trim()), value, AssignmentSource::Option);
            }
        }
    }
    if values.input && workbench.start.environment.can_ask() {
        for variable in module.variables.values() {
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
    match resolve_variables(module, &given, &mut workbench.sources) {
        Ok((variables, warnings)) => {
            workbench.tell(&warnings);
            Ok(variables)
        }
        Err(problems) => Err(workbench.stop(problems)),
    }
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
