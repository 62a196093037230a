//! Which attributes of other objects have a part in what a plan changes.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::addr::{InstanceKey, ModuleInstance, Reference, ResourceAddr};
use crate::config::{
    Config, Mention, MentionStep, Repetition, ResourceDecl, Subject, expressions_of, mentions,
};
use crate::plan::{Action, Change, Plan};
use crate::syntax::{Body, Expression};

/// An attribute of a resource, or of one of its instances, that something else was made from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Contributor {
    /// The resource or instance as it is named, in its module instance.
    pub resource: String,
    /// The way to the attribute.
    pub attribute: Vec<MentionStep>,
}

/// What the changes of a plan rest on, directly and by way of other declarations, in order of
/// address.
pub fn contributors(config: &Config, plan: &Plan) -> Vec<Contributor> {
    let mut search =
        Search { config, seen: BTreeSet::new(), open: Vec::new(), found: BTreeSet::new() };
    let changed = plan.changes.iter().filter(|change| change.action != Action::NoOp);
    let mut blocks = BTreeSet::new();
    for change in changed {
        if blocks.insert(&change.address.resource) {
            search.whole(&change.address.resource);
        }
    }
    search.outputs_of_modules(plan);
    let root = ModuleInstance::root();
    for (name, output) in &plan.outputs {
        if output.is_change()
            && let Some(declared) = config.root().outputs.get(name)
        {
            search.expression(&root, &declared.value);
        }
    }
    search.run();
    search.found.into_iter().collect()
}

/// A mention in a module instance.
type Place = (ModuleInstance, Mention);

struct Search<'c> {
    config: &'c Config,
    /// Texts of places that were looked at.
    seen: BTreeSet<String>,
    open: Vec<Place>,
    found: BTreeSet<Contributor>,
}

impl Search<'_> {
    fn run(&mut self) {
        while let Some((module, mention)) = self.open.pop() {
            self.follow(&module, &mention);
        }
    }

    fn expression(&mut self, module: &ModuleInstance, expression: &Expression) {
        for mention in mentions(expression) {
            let steps: String = mention.rest.iter().map(ToString::to_string).collect();
            if self.seen.insert(format!("{module}.{}{steps}", mention.subject)) {
                self.open.push((module.clone(), mention));
            }
        }
    }

    /// Everything in a body.
    fn body(&mut self, module: &ModuleInstance, body: &Body) {
        for expression in expressions_of(body) {
            self.expression(module, expression);
        }
    }

    /// The outputs of the modules that hold something: each is planned anew.
    fn outputs_of_modules(&mut self, plan: &Plan) {
        if plan.partial {
            return;
        }
        let mut modules = BTreeSet::new();
        let kept = |change: &&Change| !matches!(change.action, Action::Delete | Action::Forget);
        for change in plan.changes.iter().filter(kept) {
            let steps = &change.address.resource.module.0;
            modules.extend(
                (1..=steps.len())
                    .map(|depth| ModuleInstance(steps.iter().take(depth).cloned().collect())),
            );
        }
        for module in modules {
            let Some(called) = self.config.module(&module.path()) else { continue };
            for output in called.outputs.values() {
                self.expression(&module, &output.value);
            }
        }
    }

    fn whole(&mut self, resource: &ResourceAddr) {
        if let Some(declared) = self.config.resource(resource) {
            self.body(&resource.module, &declared.body);
            self.repetition(&resource.module, declared);
        }
    }

    /// What decides which instances a resource has, where its arguments tell them apart.
    fn repetition(&mut self, module: &ModuleInstance, resource: &ResourceDecl) {
        let expression = match &resource.repetition {
            Repetition::Single => return,
            Repetition::Count(expression) | Repetition::ForEach(expression) => expression,
        };
        let tells = |mention: &Mention| {
            matches!(
                &mention.subject,
                Subject::Other(Reference::EachKey | Reference::EachValue | Reference::CountIndex)
            )
        };
        let used = expressions_of(&resource.body);
        if used.into_iter().flat_map(mentions).any(|mention| tells(&mention)) {
            self.expression(module, expression);
        }
    }

    fn follow(&mut self, module: &ModuleInstance, mention: &Mention) {
        let config = self.config;
        let path = module.path();
        let Some(here) = config.module(&path) else { return };
        match &mention.subject {
            Subject::Local(name) => {
                if let Some(local) = here.locals.get(name) {
                    self.expression(module, &local.value);
                }
            }
            Subject::Variable(name) => self.variable(module, name),
            Subject::Resource(local, key) => {
                let resource = local.within(module);
                let named = format!("{resource}{key}");
                let attribute = mention.rest.clone();
                self.found.insert(Contributor { resource: named, attribute });
                let Some(declared) = here.resources.get(local) else { return };
                match mention.rest.first() {
                    Some(MentionStep::Name(name)) => {
                        if let Some(argument) = declared.body.attribute(name) {
                            self.expression(module, &argument.value);
                        }
                        for block in declared.body.blocks_of(name) {
                            self.body(module, &block.body);
                        }
                    }
                    _ => self.body(module, &declared.body),
                }
            }
            Subject::Output(name, key, output) => self.output(module, name, key, Some(output)),
            Subject::Module(name, key) => self.output(module, name, key, None),
            Subject::Other(_) => {}
        }
    }

    /// What the caller hands in.
    fn variable(&mut self, module: &ModuleInstance, name: &Arc<str>) {
        let Some((caller, step)) = module.parent() else { return };
        let call = self.config.module(&caller.path()).and_then(|found| found.calls.get(&step.name));
        if let Some(argument) = call.and_then(|call| call.arguments.get(name)) {
            self.expression(&caller, &argument.value);
        }
    }

    /// One output of a module, or all of them.
    fn output(
        &mut self,
        module: &ModuleInstance,
        name: &Arc<str>,
        key: &InstanceKey,
        output: Option<&Arc<str>>,
    ) {
        let child = module.child(name, key.clone());
        let Some(called) = self.config.module(&child.path()) else { return };
        let outputs = called.outputs.values();
        for found in outputs.filter(|found| output.is_none_or(|output| found.name == *output)) {
            self.expression(&child, &found.value);
        }
    }
}
