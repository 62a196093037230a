//! Conditions that could not be decided while planning, looked at again while applying.
//!
//! In: what objects are by now. Out: what does not hold. A rule of a variable stands before
//! everything in its module, a precondition before its object.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::addr::{InstanceAddr, ModuleInstance, ModulePath, Reference};
use crate::config::{Config, OutputDecl};
use crate::diag::{Diagnostics, code};
use crate::plan::{Action, Plan};
use crate::syntax::Expression;

use super::conditions::{self, Subject};
use super::evaluate::Evaluation;
use super::finals::Finals;

/// A variable with rules in one module instance.
pub(super) type Ruled = (ModuleInstance, Arc<str>);

/// Every variable with rules.
pub(super) fn ruled(evaluation: &Evaluation<'_>) -> BTreeSet<Ruled> {
    let mut found = BTreeSet::new();
    for (path, module) in evaluation.config.modules() {
        let variables = module.module.variables.values();
        let names: Vec<_> = variables
            .filter(|variable| !variable.validations.is_empty())
            .map(|variable| Arc::clone(&variable.name))
            .collect();
        if names.is_empty() {
            continue;
        }
        for instance in evaluation.instances_of(path) {
            found.extend(names.iter().map(|name| (instance.clone(), Arc::clone(name))));
        }
    }
    found
}

impl Finals<'_> {
    /// What must hold before anything is done for an instance, as far as it can be told by now.
    pub fn before(&self, address: &InstanceAddr) -> Diagnostics {
        let around = &address.resource.module;
        let mut problems = self.rules(|module| around.is_within(module));
        problems.extend(self.preconditions(address));
        problems
    }

    /// The preconditions of an instance.
    fn preconditions(&self, address: &InstanceAddr) -> Diagnostics {
        let declared = self.declared(address);
        let declared = declared.filter(|found| !found.lifecycle.preconditions.is_empty());
        let frame = self.evaluation.inside(&address.resource.module);
        let (Some(declared), Some(frame)) = (declared, frame) else {
            return Diagnostics::default();
        };
        self.tell_references();
        match self.repeated(address) {
            Ok(repeated) => conditions::check(
                &frame,
                &declared.lifecycle.preconditions,
                &repeated,
                code::CONDITION_FAILED,
                Subject::Resource(&declared.address, &address.key),
            ),
            Err(found) => found,
        }
    }

    /// What must hold once everything is done: rules of variables whose values came last, what the
    /// objects that stayed as they were ask of others, and promises of modules that nobody asked for
    /// anything.
    pub fn after_all(&self, plan: &Plan) -> Diagnostics {
        self.tell_references();
        let mut problems = self.rules(|_| true);
        let stayed = plan.changes.iter().filter(|change| change.action == Action::NoOp);
        problems.extend(stayed.flat_map(|change| self.preconditions(&change.address)));
        for (path, found) in self.evaluation.config.modules() {
            let mut outputs = found.module.outputs.values();
            if plan.partial
                || path.is_root()
                || outputs.all(|output| output.preconditions.is_empty())
            {
                continue;
            }
            for module in self.evaluation.instances_of(path) {
                let Some(frame) = self.evaluation.inside(&module) else { continue };
                let outputs = frame.module.outputs.values();
                for output in outputs.filter(|output| !output.preconditions.is_empty()) {
                    problems.absorb(frame.output(&output.name));
                }
            }
        }
        problems
    }

    /// Checks the rules of variables that are still open, in the modules that `concerns` picks.
    fn rules(&self, concerns: impl Fn(&ModuleInstance) -> bool) -> Diagnostics {
        let mut problems = Diagnostics::default();
        let open: Vec<_> = {
            let open = self.open_rules.borrow();
            open.iter().filter(|(module, _)| concerns(module)).cloned().collect()
        };
        if open.is_empty() {
            return problems;
        }
        self.tell_references();
        for rule in open {
            let Some(frame) = self.evaluation.inside(&rule.0) else { continue };
            let Some(variable) = frame.module.variables.get(&rule.1) else { continue };
            let found = conditions::rules_of_variable(&frame, variable);
            if found.is_empty() && conditions::are_decided(&frame, variable) {
                self.open_rules.borrow_mut().remove(&rule);
            }
            if found.has_errors() {
                self.refused.borrow_mut().insert(rule);
            }
            problems.extend(found);
        }
        problems
    }

    /// Whether the value of an output rests on one that a rule of a variable has refused.
    pub(super) fn rests_on_refused(&self, output: &OutputDecl) -> bool {
        let refused = self.refused.borrow();
        if refused.is_empty() {
            return false;
        }
        let config = self.evaluation.config;
        let mut seen = BTreeSet::new();
        let mut open = vec![(ModulePath::root(), &output.value)];
        while let Some((path, expression)) = open.pop() {
            let Some(module) = config.module(&path) else { continue };
            for (reference, _) in expression.references() {
                if !seen.insert((path.clone(), reference.to_string())) {
                    continue;
                }
                match &reference {
                    Reference::Variable(name) => {
                        if refused.iter().any(|(at, rule)| rule == name && at.path() == path) {
                            return true;
                        }
                        open.extend(argument(config, &path, name));
                    }
                    Reference::Local(name) => {
                        let local = module.locals.get(name);
                        open.extend(local.map(|local| (path.clone(), &local.value)));
                    }
                    Reference::Module { name, output, .. } => {
                        let child = path.child(name);
                        let outputs = config.module(&child).into_iter();
                        let outputs = outputs.flat_map(|called| called.outputs.values());
                        let meant = outputs.filter(|found| {
                            output.as_ref().is_none_or(|output| found.name == *output)
                        });
                        open.extend(meant.map(|found| (child.clone(), &found.value)));
                    }
                    _ => {}
                }
            }
        }
        false
    }
}

/// What the caller of a module hands in for a variable.
fn argument<'c>(
    config: &'c Config,
    path: &ModulePath,
    name: &str,
) -> Option<(ModulePath, &'c Expression)> {
    let (caller, call) = path.parent()?;
    let argument = config.module(&caller)?.calls.get(call)?.arguments.get(name)?;
    Some((caller, &argument.value))
}
