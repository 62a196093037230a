//! Values of variables for carrying out a saved plan.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::config::{Config, Module, VariableDecl};
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::text::SourceMap;
use crate::value::{Type, Value};

use super::evaluate::Evaluation;
use super::variables::{assigned, default, marked, undeclared};
use super::{Given, Surroundings, Variables, conditions};

/// What a saved plan holds about variables.
#[derive(Clone, Debug)]
pub struct Planned<'a> {
    /// The values of those that are not ephemeral.
    pub kept: Variables,
    /// The ephemeral ones that were given while planning.
    pub ephemeral: &'a BTreeSet<Arc<str>>,
}

/// What is given to the apply of a saved plan.
#[derive(Clone, Copy, Debug)]
pub struct GivenAnew<'a> {
    /// By `-var` and `-var-file`.
    pub on_command_line: &'a Given,
    /// By these, by the environment, or by files that are read without being asked for.
    pub anywhere: &'a Given,
}

/// Gives every variable the value that it had while planning. A plan keeps no ephemeral values, so
/// those that were given then have to be given again; others may not differ. Errors: all problems
/// of all variables at once.
pub fn resolve_planned_variables(
    module: &Module,
    planned: Planned<'_>,
    given: GivenAnew<'_>,
    sources: &mut SourceMap,
) -> Result<(Variables, Diagnostics), Diagnostics> {
    let mut problems = Diagnostics::default();
    for (name, (_, source)) in given.on_command_line.iter() {
        if !module.variables.contains_key(name) {
            problems.extend(undeclared(module, name, source));
        }
    }
    let mut values = planned.kept;
    for variable in module.variables.values() {
        let name = &variable.name;
        if variable.ephemeral {
            let again = planned.ephemeral.contains(name);
            let value = ephemeral(variable, given.anywhere, again, sources);
            if let Some(value) = problems.absorb(value) {
                values.insert(Arc::clone(name), marked(variable, value));
            }
        } else if let Some((assignment, _)) = given.on_command_line.get(name) {
            let value = problems.absorb(assigned(variable, assignment, sources));
            let kept = values.get(name).map(Value::reveal);
            if value.is_some_and(|value| Some(value.reveal()) != kept) {
                let detail = format!("The saved plan was made with another value of `var.{name}`.");
                problems.push(
                    Diagnostic::error(code::VARIABLE_VALUE, detail)
                        .at(variable.header)
                        .help("make a new plan with the value, or leave it out here"),
                );
            }
        }
    }
    if problems.has_errors() { Err(problems) } else { Ok((values, problems)) }
}

fn ephemeral(
    variable: &VariableDecl,
    given: &Given,
    again: bool,
    sources: &mut SourceMap,
) -> Result<Value, Diagnostics> {
    let name = &variable.name;
    match given.get(name) {
        Some((assignment, _)) if again => assigned(variable, assignment, sources),
        None if !again => default(variable),
        Some(_) => {
            let detail = format!(
                "`var.{name}` is ephemeral and had no value while the plan was made, so it may have none now."
            );
            Err(Diagnostic::error(code::VARIABLE_VALUE, detail).at(variable.header).into())
        }
        None => {
            let detail = format!(
                "`var.{name}` is ephemeral, so the saved plan does not keep the value that it had."
            );
            Err(Diagnostic::error(code::VARIABLE_MISSING, detail)
                .at(variable.header)
                .help(format!("give it again, for instance with `-var '{name}=…'`"))
                .into())
        }
    }
}

/// Checks the rules of ephemeral variables whose values were given anew. Rules that look at
/// resources were checked while planning.
pub fn check_ephemeral(
    config: &Config,
    values: &Variables,
    surroundings: Surroundings<'_>,
) -> Diagnostics {
    let evaluation = Evaluation::new(config, values, surroundings);
    for (path, found) in config.modules() {
        for module in evaluation.instances_of(path) {
            for local in found.module.resources.keys() {
                evaluation.set_resource(&local.within(&module), Value::unknown(Type::Any), false);
            }
        }
    }
    let Some(root) = evaluation.root() else { return Diagnostics::default() };
    let ephemeral = root.module.variables.values().filter(|variable| variable.ephemeral);
    ephemeral.flat_map(|variable| conditions::rules_of_variable(&root, variable)).collect()
}
