//! Final values: what planned arguments are once everything they need is done.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::addr::{InstanceAddr, InstanceKey, ProviderConfigAddr, ResourceAddr};
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::plan::{Action, Plan, PlanMode};
use crate::sdk::{DynResource, ProviderError, ResourceSpec};
use crate::state::OutputRecord;
use crate::syntax::Body;
use crate::text::Span;
use crate::value::{Key, Marks, Value};

use super::clients::Clients;
use super::evaluate::{Evaluation, Repeated, aggregate, referable};
use super::{Engine, arguments, conditions, expand, outputs, report};

/// Answers what apply has to know of the configuration: final arguments, outputs, clients, places.
pub struct Finals<'a> {
    engine: &'a Engine<'a>,
    evaluation: &'a Evaluation<'a>,
    clients: Clients<'a>,
    /// The objects of every instance as they are by now.
    objects: RefCell<BTreeMap<ResourceAddr, BTreeMap<InstanceKey, Value>>>,
    /// Instances whose planned objects are not there yet.
    pending: RefCell<BTreeSet<InstanceAddr>>,
    /// Resources whose objects changed since references were told.
    changed: RefCell<BTreeSet<ResourceAddr>>,
    /// The instances of resources, where nothing about them can change any more.
    expanded: RefCell<BTreeMap<ResourceAddr, Arc<Expanded>>>,
}

type Expanded = BTreeMap<InstanceKey, Repeated>;

impl<'a> Finals<'a> {
    /// Begins with what `plan` knows; planned objects stand for themselves until they are made, and
    /// where everything is destroyed, what is there does until it is gone.
    pub fn new(engine: &'a Engine<'a>, evaluation: &'a Evaluation<'a>, plan: &Plan) -> Self {
        let mut objects: BTreeMap<ResourceAddr, BTreeMap<InstanceKey, Value>> = BTreeMap::new();
        for change in plan.changes.iter().filter(|change| change.deposed.is_none()) {
            let there = change.prior.as_ref().filter(|_| plan.mode == PlanMode::Destroy);
            if let Some(planned) = change.planned.as_ref().or(there) {
                let instances = objects.entry(change.address.resource.clone()).or_default();
                instances.insert(change.address.key.clone(), referable(&change.address, planned));
            }
        }
        for address in evaluation.module.resources.keys() {
            objects.entry(address.clone()).or_default();
        }
        let changed = objects.keys().cloned().collect();
        let to_come = plan.changes.iter().filter(|change| {
            change.deposed.is_none() && change.planned.is_some() && change.action != Action::NoOp
        });
        let pending = to_come.map(|change| change.address.clone()).collect();
        Self {
            engine,
            evaluation,
            clients: Clients::new(engine, evaluation),
            objects: RefCell::new(objects),
            pending: RefCell::new(pending),
            changed: RefCell::new(changed),
            expanded: RefCell::default(),
        }
    }

    /// The resource type of an instance.
    pub fn spec(&self, address: &InstanceAddr) -> Option<&'a ResourceSpec> {
        self.engine.catalog.resource(&address.resource.type_name.0)
    }

    /// The client for an object.
    pub fn client(
        &self,
        address: &InstanceAddr,
        provider: &ProviderConfigAddr,
    ) -> Result<Arc<dyn DynResource>, Diagnostics> {
        if !self.clients.has(provider) {
            self.tell_references();
        }
        self.clients.resource(provider, &address.resource.type_name.0)
    }

    /// Notes what an object is by now; `None` where there is none any more.
    pub fn done(&self, address: &InstanceAddr, object: Option<&Value>) {
        self.pending.borrow_mut().remove(address);
        let mut objects = self.objects.borrow_mut();
        let instances = objects.entry(address.resource.clone()).or_default();
        match object {
            Some(object) => instances.insert(address.key.clone(), referable(address, object)),
            None => instances.remove(&address.key),
        };
        self.changed.borrow_mut().insert(address.resource.clone());
    }

    /// `planned` with final values in place of what was unknown because it depends on other
    /// objects; what only the vendor can tell stays unknown.
    pub fn complete(&self, address: &InstanceAddr, planned: &Value) -> Result<Value, Diagnostics> {
        let Some(spec) = self.spec(address) else { return Ok(planned.clone()) };
        let open = |name: &str, value: &Value| {
            let settable =
                spec.schema.attribute(name).is_none_or(crate::schema::Attribute::is_settable);
            settable && !value.is_wholly_known()
        };
        let entries = planned.entries().unwrap_or_default();
        if !entries.iter().any(|(name, value)| open(name, value)) {
            return Ok(planned.clone());
        }
        let Some(declared) = self.evaluation.module.resources.get(&address.resource) else {
            return Ok(planned.clone());
        };
        self.tell_references();
        let repeated = self.repeated(address)?;
        let config =
            arguments::evaluate_kept(self.evaluation, &spec.schema, &declared.body, &repeated)?;
        let mut problems = Diagnostics::default();
        let completed = entries.iter().map(|(name, value)| {
            let fresh = config.attribute(name).filter(|fresh| !fresh.is_null());
            let value = match fresh {
                Some(fresh) if open(name, value) => fresh.map_marks(&Marks::without_provenance),
                _ => value.clone(),
            };
            (Key::clone(name), value)
        });
        let completed = Value::object(completed.collect::<Vec<_>>());
        for problem in spec.schema.check_rules(&completed) {
            problems.push(
                report::of_problem(problem, Some(&declared.body), Some(declared.header))
                    .address(address),
            );
        }
        problems.into_result(completed)
    }

    /// Checks what must hold of an object once it is there.
    pub fn postconditions(&self, address: &InstanceAddr, object: &Value) -> Diagnostics {
        let declared = self.evaluation.module.resources.get(&address.resource);
        let Some(declared) = declared.filter(|found| !found.lifecycle.postconditions.is_empty())
        else {
            return Diagnostics::default();
        };
        self.tell_references();
        let repeated = match self.repeated(address) {
            Ok(repeated) => repeated,
            Err(problems) => return problems,
        };
        conditions::check(
            self.evaluation,
            &declared.lifecycle.postconditions,
            &Repeated { this: Some(object.clone()), ..repeated },
            code::CONDITION_FAILED,
            Some(&address.to_string()),
        )
    }

    /// The outputs as they are by now, with those that cannot be told. What was only planned and
    /// did not come about is told by none.
    pub fn outputs(&self) -> (BTreeMap<Arc<str>, OutputRecord>, Diagnostics) {
        self.tell_references();
        let mut problems = Diagnostics::default();
        let mut records = BTreeMap::new();
        for output in self.evaluation.module.outputs.values() {
            let value = problems.absorb(outputs::value(self.evaluation, output));
            let known = value.filter(|value| {
                let pending = self.pending.borrow();
                let came = |value: &Value| {
                    !value.deep_marks().provenance().any(|source| pending.contains(&**source))
                };
                value.is_wholly_known() && !value.is_null() && came(value)
            });
            if let Some(value) = known {
                records.insert(Arc::clone(&output.name), outputs::record(&value, output.sensitive));
            }
        }
        (records, problems)
    }

    /// A vendor's error with its place in the source.
    pub fn explain(&self, error: ProviderError, address: &InstanceAddr) -> Diagnostic {
        let (body, header) = self.place(address);
        report::of_error(error, address, body, header)
    }

    /// Where an instance is declared.
    pub fn header(&self, address: &InstanceAddr) -> Option<Span> {
        self.place(address).1
    }

    fn place(&self, address: &InstanceAddr) -> (Option<&'a Body>, Option<Span>) {
        let declared = self.evaluation.module.resources.get(&address.resource);
        (declared.map(|found| &found.body), declared.map(|found| found.header))
    }

    /// Lets references stand for what objects are by now.
    fn tell_references(&self) {
        let changed = std::mem::take(&mut *self.changed.borrow_mut());
        let objects = self.objects.borrow();
        for address in changed {
            let Some(declared) = self.evaluation.module.resources.get(&address) else { continue };
            let instances = objects.get(&address).into_iter().flatten();
            let instances = instances.map(|(key, value)| (key.clone(), value.clone()));
            let value = aggregate(&declared.repetition, instances.collect::<Vec<_>>());
            self.evaluation.set_resource(&address, value, true);
        }
    }

    fn repeated(&self, address: &InstanceAddr) -> Result<Repeated, Diagnostics> {
        let Some(declared) = self.evaluation.module.resources.get(&address.resource) else {
            return Ok(Repeated::default());
        };
        let held = self.expanded.borrow().get(&address.resource).cloned();
        let expanded = match held {
            Some(expanded) => expanded,
            None => {
                let (instances, _) = expand::instances(self.evaluation, declared)?;
                let settled = instances.iter().all(|repeated| {
                    repeated.each_value.as_ref().is_none_or(Value::is_wholly_known)
                });
                let expanded: Arc<Expanded> = Arc::new(
                    instances
                        .into_iter()
                        .map(|repeated| (repeated.key.clone(), repeated))
                        .collect(),
                );
                if settled {
                    let mut held = self.expanded.borrow_mut();
                    held.insert(address.resource.clone(), Arc::clone(&expanded));
                }
                expanded
            }
        };
        Ok(expanded.get(&address.key).cloned().unwrap_or_default())
    }
}
