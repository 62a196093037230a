//! Values as far as they are known without variables, state and vendors: for `validate`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::addr::{LocalResource, ResourceMode, ResourceType};
use crate::config::{Config, Repetition, ResourceDecl, Validation};
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::graph::NodeId;
use crate::schema::{Problem, Schema};
use crate::value::{Type, Value};

use super::evaluate::{Evaluation, Expanded, Repeated, Surroundings};
use super::frame::{Frame, Named};
use super::variables::marked;
use super::{Catalog, Declaration, Declarations, Variables, arguments, expand, report};

/// Problems by the declaration in which they stand.
pub(super) type OfNodes = BTreeMap<NodeId, Diagnostics>;

/// Evaluates every declaration with variables and objects unknown, and checks the rules of every
/// argument that is known all the same. Problems of the whole configuration at once, with those in
/// `known`; and the declarations that are wrong, like those in `doubtful`, or refer to such. Neither
/// of the latter are evaluated.
pub(super) fn check_values(
    catalog: &Catalog,
    config: &Config,
    declarations: &Declarations,
    surroundings: Surroundings<'_>,
    mut known: OfNodes,
    doubtful: &BTreeSet<NodeId>,
) -> (Diagnostics, BTreeSet<NodeId>) {
    let variables: Variables = config
        .root()
        .variables
        .values()
        .map(|variable| {
            let value = Value::unknown(variable.constraint.ty.clone());
            (variable.name.clone(), marked(variable, value))
        })
        .collect();
    let evaluation = Evaluation::new(config, &variables, surroundings);
    let mut problems = Diagnostics::default();
    let mut failed = BTreeSet::new();
    let mut unknown = BTreeMap::new();
    for (id, declared) in declarations.nodes_in_order() {
        if declarations.needs_of(id).iter().any(|need| failed.contains(need)) {
            failed.insert(id);
            continue;
        }
        let mut own = known.remove(&id).unwrap_or_default();
        // What is wrong where it stands is no better evaluated, and a value that nobody hands in is
        // told at the call.
        let told: Vec<_> = own.iter().filter_map(Diagnostic::span).collect();
        let mut found = Diagnostics::default();
        let looked_at = !doubtful.contains(&id);
        for module in evaluation.instances_of(&declared.module).iter().filter(|_| looked_at) {
            if let Some(frame) = evaluation.inside(module) {
                let (problems, unknown) = (&mut found, &mut unknown);
                let checking = Checking { catalog, frame, problems, unknown };
                checking.declaration(&declared.declaration);
            }
        }
        own.extend(found.into_iter().filter(|found| {
            found.code != code::VARIABLE_MISSING
                && found.span().is_none_or(|span| !told.iter().any(|told| told.touches(span)))
        }));
        if own.has_errors() || !looked_at {
            failed.insert(id);
        }
        problems.extend(own);
    }
    (problems, failed)
}

/// One module instance under examination.
struct Checking<'a, 'p> {
    catalog: &'a Catalog,
    frame: Frame<'a>,
    problems: &'p mut Diagnostics,
    /// What objects of each type stand for while nothing is known of them.
    unknown: &'p mut BTreeMap<(ResourceMode, ResourceType), Value>,
}

impl Checking<'_, '_> {
    fn declaration(mut self, declaration: &Declaration) {
        match declaration {
            Declaration::Whole(_) => {}
            Declaration::Check(name) => self.check(name),
            Declaration::Variable(name) => {
                let value = self.frame.variable(name);
                self.named(value, Named::Variable, name);
            }
            Declaration::Local(name) => {
                let value = self.frame.local(name);
                self.named(value, Named::Local, name);
            }
            Declaration::Output(name) => {
                let value = self.frame.output(name);
                self.named(value, Named::Output, name);
            }
            Declaration::Call(name) => self.call(name),
            Declaration::Provider(address) => {
                if let Some(declared) = self.frame.module.providers.get(address)
                    && let Some(provider) = self.catalog.provider(&address.provider.0)
                {
                    let (schema, nobody) = (provider.schema(), Repeated::default());
                    let settings =
                        arguments::evaluate(&self.frame, &schema, &declared.body, &nobody);
                    self.problems.absorb(settings);
                }
            }
            Declaration::Resource(address) => {
                let module = self.frame.module;
                if let Some(resource) = module.resources.get(address)
                    && let Some(schema) = self.catalog.schema(address)
                {
                    self.resource(resource, schema);
                    let value = match &resource.repetition {
                        Repetition::Single => self.unknown_object(address, schema),
                        _ => Value::unknown(Type::Any),
                    };
                    self.frame.set_resource(address, value);
                }
            }
        }
    }

    fn named(&mut self, value: Result<Value, Diagnostics>, what: Named, name: &Arc<str>) {
        if self.problems.absorb(value).is_none() {
            self.frame.give_up(what, name);
        }
    }

    /// A module is looked at even where nobody knows yet how many instances it has.
    fn call(&mut self, name: &Arc<str>) {
        let module = self.frame.module;
        let Some(call) = module.calls.get(name) else { return };
        match self.frame.expand(name) {
            Ok(expanded) if !expanded.instances.is_empty() => {}
            Ok(_) => self.frame.assume(name, &call.repetition),
            Err(found) => {
                self.problems.extend(that_matter(found));
                self.frame.assume(name, &call.repetition);
            }
        }
    }

    /// Data of a check has a name in it only.
    fn check(&mut self, name: &Arc<str>) {
        let module = self.frame.module;
        let Some(check) = module.checks.get(name) else { return };
        if let Some(data) = &check.data
            && let Some(schema) = self.catalog.schema(&data.address)
        {
            self.resource(data, schema);
            let value = self.unknown_object(&data.address, schema);
            self.frame.set_resource(&data.address, value);
        }
        self.conditions(&check.assertions, &Repeated::default());
    }

    /// What is wrong with conditions whether they hold or not. What they say may have no value while
    /// they hold, as where it names the first of what should not be there.
    fn conditions(&mut self, conditions: &[Validation], repeated: &Repeated) {
        for condition in conditions {
            let holds = self.frame.evaluate_as(&condition.condition, &Type::Bool, repeated);
            self.problems.absorb(holds);
        }
    }

    fn resource(&mut self, resource: &ResourceDecl, schema: &Schema) {
        let expanded = match expand::examples(&self.frame, &resource.repetition) {
            Ok(expanded) => expanded,
            Err(found) => {
                let before = self.problems.len();
                self.problems.extend(that_matter(found));
                if self.problems.len() > before {
                    return;
                }
                Expanded::assume(&resource.repetition)
            }
        };
        for repeated in &expanded.instances {
            let address =
                resource.address.within(&self.frame.address).instance(repeated.key.clone());
            if let Some(protected) = &resource.lifecycle.prevent_destroy {
                self.problems.absorb(self.frame.evaluate_as(protected, &Type::Bool, repeated));
            }
            self.conditions(&resource.lifecycle.preconditions, repeated);
            if !resource.lifecycle.postconditions.is_empty() {
                let this = Some(self.unknown_object(&resource.address, schema));
                let this = Repeated { this, ..repeated.clone() };
                self.conditions(&resource.lifecycle.postconditions, &this);
            }
            let config = arguments::evaluate_kept(&self.frame, schema, &resource.body, repeated);
            match config {
                Ok(config) => {
                    let found = self.rules(resource, schema, &config);
                    self.problems.extend(found.into_iter().map(|problem| {
                        report::of_problem(problem, Some(&resource.body), Some(resource.header))
                            .address(&address)
                    }));
                }
                Err(found) => {
                    self.problems.extend(found.into_iter().map(|found| found.address(&address)));
                }
            }
        }
    }

    /// An object of which nothing is known but its attributes.
    fn unknown_object(&mut self, address: &LocalResource, schema: &Schema) -> Value {
        let of_type = (address.mode, address.type_name.clone());
        let unknown =
            self.unknown.entry(of_type).or_insert_with(|| match schema.object_type() {
                Type::Object(attributes) => Value::object(attributes.iter().map(|attribute| {
                    (attribute.name.clone(), Value::unknown(attribute.ty.clone()))
                })),
                _ => Value::unknown(Type::Any),
            });
        unknown.clone()
    }

    fn rules(&self, resource: &ResourceDecl, schema: &Schema, config: &Value) -> Vec<Problem> {
        let mut found = schema.check_rules(config);
        if !found.is_empty() {
            return found;
        }
        let (type_name, revealed) = (&resource.address.type_name.0, config.reveal());
        match resource.address.mode {
            ResourceMode::Managed => {
                if let Some(spec) = self.catalog.resource(type_name) {
                    let now = self.frame.evaluation.surroundings.plan_time;
                    found = (spec.validate)(&revealed, now);
                    found.extend((spec.validate_change)(None, &revealed, now));
                }
            }
            ResourceMode::Data => {
                if let Some(spec) = self.catalog.data(type_name) {
                    found = (spec.validate)(&revealed);
                }
            }
        }
        found
    }
}

/// Not knowing how many instances there are is no problem yet.
fn that_matter(found: Diagnostics) -> impl Iterator<Item = Diagnostic> {
    found.into_iter().filter(|found| found.code != code::UNKNOWN_NOT_ALLOWED)
}
