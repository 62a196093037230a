//! Final values: what planned arguments are once everything they need is done.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use crate::addr::{InstanceAddr, InstanceKey, ProviderConfigAddr, ResourceAddr};
use crate::config::ResourceDecl;
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::plan::{Action, Plan, PlanMode};
use crate::sdk::{DynDataSource, DynResource, ProviderError, ResourceSpec};
use crate::state::{CheckResults, Dependencies, ObjectRecord, ObjectStatus, OutputRecord, State};
use crate::syntax::Body;
use crate::text::Span;
use crate::value::{Key, Marks, Type, Value};

use super::clients::Clients;
use super::conditions::Subject;
use super::evaluate::{
    Evaluation, Expanded, Repeated, aggregate, instances_of_resource, referable,
};
use super::promises::{Ruled, ruled};
use super::refresh::read_record;
use super::{Catalog, Engine, arguments, checks, conditions, outputs, report};

/// Answers what apply has to know of the configuration: final arguments, outputs, clients, places.
pub struct Finals<'a> {
    engine: &'a Engine<'a>,
    pub(super) evaluation: &'a Evaluation<'a>,
    clients: Clients<'a>,
    /// The objects of every instance as they are by now.
    objects: RefCell<BTreeMap<ResourceAddr, BTreeMap<InstanceKey, Value>>>,
    /// Whether the plan is limited to a selection.
    is_partial: bool,
    /// Resources whose objects changed since references were told.
    changed: RefCell<BTreeSet<ResourceAddr>>,
    /// The instances of resources, where nothing about them can change any more.
    expanded: RefCell<BTreeMap<ResourceAddr, Rc<Expanded>>>,
    /// Variables whose rules are not known to hold yet.
    pub(super) open_rules: RefCell<BTreeSet<Ruled>>,
    /// Variables whose rules refuse their values.
    pub(super) refused: RefCell<BTreeSet<Ruled>>,
}

impl<'a> Finals<'a> {
    /// Begins with what `plan` knows; planned objects stand for themselves until they are made, and
    /// where everything is destroyed, what is there does until it is gone. `state` tells of objects
    /// beside a plan that is limited to a selection.
    pub fn new(
        engine: &'a Engine<'a>,
        evaluation: &'a Evaluation<'a>,
        plan: &Plan,
        state: &State,
    ) -> Self {
        evaluation.is_destroying.set(plan.mode == PlanMode::Destroy);
        let mut objects: BTreeMap<ResourceAddr, BTreeMap<InstanceKey, Value>> = BTreeMap::new();
        for change in plan.changes.iter().filter(|change| change.deposed.is_none()) {
            let there = change.prior.as_ref().filter(|_| plan.mode == PlanMode::Destroy);
            if let Some(planned) = change.planned.as_ref().or(there) {
                let instances = objects.entry(change.address.resource.clone()).or_default();
                instances.insert(
                    change.address.key.clone(),
                    referable(&Arc::new(change.address.clone()), planned),
                );
            }
        }
        for data in &plan.data {
            let instances = objects.entry(data.address.resource.clone()).or_default();
            instances.insert(
                data.address.key.clone(),
                referable(&Arc::new(data.address.clone()), &data.object),
            );
        }
        if plan.partial || plan.mode == PlanMode::RefreshOnly {
            beside(engine.catalog, plan, state, &mut objects);
        }
        let changed = objects.keys().cloned().collect();
        let to_come = plan.changes.iter().filter(|change| {
            change.deposed.is_none() && change.planned.is_some() && change.action != Action::NoOp
        });
        let pending = to_come.map(|change| change.address.clone()).collect();
        evaluation.pending.replace(pending);
        let is_destroying = plan.mode == PlanMode::Destroy;
        let open_rules = if is_destroying { BTreeSet::new() } else { ruled(evaluation) };
        Self {
            engine,
            evaluation,
            clients: Clients::new(engine, evaluation),
            objects: RefCell::new(objects),
            is_partial: plan.partial,
            changed: RefCell::new(changed),
            expanded: RefCell::default(),
            open_rules: RefCell::new(open_rules),
            refused: RefCell::default(),
        }
    }

    /// The resource type of an instance.
    pub fn spec(&self, address: &InstanceAddr) -> Option<&'a ResourceSpec> {
        self.engine.catalog.resource(address.resource.type_name())
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
        self.clients.resource(provider, address.resource.type_name())
    }

    /// How many steps of a provider configuration may be under way at once, where it says so.
    /// Settings that cannot be told are told about by the step itself.
    pub fn parallelism(&self, provider: &ProviderConfigAddr) -> Option<usize> {
        if !self.clients.has(provider) {
            self.tell_references();
        }
        self.clients.parallelism(provider)
    }

    /// The client for data.
    pub fn data(
        &self,
        address: &InstanceAddr,
        provider: &ProviderConfigAddr,
    ) -> Result<Arc<dyn DynDataSource>, Diagnostics> {
        if !self.clients.has(provider) {
            self.tell_references();
        }
        self.clients.data(provider, address.resource.type_name())
    }

    /// The record of data that was looked up.
    pub fn data_record(&self, address: &InstanceAddr, object: &Value) -> Option<ObjectRecord> {
        let schema = self.engine.catalog.schema(&address.resource.local)?;
        Some(ObjectRecord {
            status: ObjectStatus::Ready,
            schema_version: schema.version,
            attributes: schema.encode(object).into(),
            sensitive: schema.sensitive_paths(object),
            dependencies: Dependencies::default(),
            create_before_destroy: false,
        })
    }

    /// Notes what an object is by now; `None` where there is none any more.
    pub fn done(&self, address: &InstanceAddr, object: Option<&Value>) {
        self.evaluation.pending.borrow_mut().remove(address);
        let mut objects = self.objects.borrow_mut();
        let instances = objects.entry(address.resource.clone()).or_default();
        match object {
            Some(object) => {
                instances.insert(address.key.clone(), referable(&Arc::new(address.clone()), object))
            }
            None => instances.remove(&address.key),
        };
        self.changed.borrow_mut().insert(address.resource.clone());
    }

    /// Notes that an object is there and is not what was promised: nothing may rest on it.
    pub fn broken(&self, address: &InstanceAddr) {
        self.evaluation.pending.borrow_mut().insert(address.clone());
    }

    /// `planned` with final values in place of what was unknown because it depends on other
    /// objects; what only the vendor can tell stays unknown.
    pub fn complete(&self, address: &InstanceAddr, planned: &Value) -> Result<Value, Diagnostics> {
        let Some(schema) = self.engine.catalog.schema(&address.resource.local) else {
            return Ok(planned.clone());
        };
        let open = |name: &str, value: &Value| {
            let settable = schema.attribute(name).is_none_or(crate::schema::Attribute::is_settable);
            settable && !value.is_wholly_known()
        };
        let entries = planned.entries().unwrap_or_default();
        if !entries.iter().any(|(name, value)| open(name, value)) {
            return Ok(planned.clone());
        }
        let frame = self.evaluation.inside(&address.resource.module);
        let (Some(declared), Some(frame)) = (self.declared(address), frame) else {
            return Ok(planned.clone());
        };
        self.tell_references();
        let repeated = self.repeated(address)?;
        let config = arguments::evaluate_kept(&frame, schema, &declared.body, &repeated)?;
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
        for problem in schema.check_rules(&completed) {
            problems.push(
                report::of_problem(problem, Some(&declared.body), Some(declared.header))
                    .address(address),
            );
        }
        problems.into_result(completed)
    }

    /// Checks what must hold of an object once it is there.
    pub fn postconditions(&self, address: &InstanceAddr, object: &Value) -> Diagnostics {
        let declared = self.declared(address);
        let declared = declared.filter(|found| !found.lifecycle.postconditions.is_empty());
        let frame = self.evaluation.inside(&address.resource.module);
        let (Some(declared), Some(frame)) = (declared, frame) else {
            return Diagnostics::default();
        };
        self.tell_references();
        let repeated = match self.repeated(address) {
            Ok(repeated) => repeated,
            Err(problems) => return problems,
        };
        conditions::check(
            &frame,
            &declared.lifecycle.postconditions,
            &Repeated { this: Some(object.clone()), ..repeated },
            code::CONDITION_FAILED,
            Subject::Resource(&declared.address, &address.key),
        )
    }

    /// The outputs as they are by now, with those that cannot be told; `None` for those without a
    /// value. What was only planned and did not come about is told by none.
    pub fn outputs(&self, plan: &Plan) -> (BTreeMap<Arc<str>, Option<OutputRecord>>, Diagnostics) {
        self.tell_references();
        let mut problems = Diagnostics::default();
        let mut records = BTreeMap::new();
        let Some(root) = self.evaluation.root() else { return (records, problems) };
        let planned = |name| !plan.partial || plan.outputs.contains_key(name);
        let told = root.module.outputs.values().filter(|output| planned(&output.name));
        for output in told.filter(|output| !self.rests_on_refused(output)) {
            let value = problems.absorb(outputs::value(&root, output));
            // What lies beside a selection is not known, and an output tells the rest of what it shows.
            let fills_up = |value: &Value| plan.partial && value.is_known();
            let value =
                value.map(|value| if fills_up(&value) { value.without_unknown() } else { value });
            let known = value.filter(|value| {
                let came = |value: &Value| !self.evaluation.rests_on_pending(value);
                value.is_wholly_known() && came(value)
            });
            if let Some(value) = known {
                let record = (!value.is_null()).then(|| outputs::record(&value, output.sensitive));
                records.insert(Arc::clone(&output.name), record);
            }
        }
        (records, problems)
    }

    /// What all conditions say by now: as the plan says, but for those that were looked at again.
    pub fn check_results(&self, plan: &Plan) -> CheckResults {
        let mut results = plan.checks.clone();
        results.update(self.evaluation.checked.borrow().results());
        results
    }

    /// The warnings of all checks, on everything as it is by now.
    pub async fn checks(&self) -> Diagnostics {
        self.tell_references();
        let mut problems = Diagnostics::default();
        for (path, found) in self.evaluation.config.modules() {
            for check in found.module.checks.values() {
                for module in self.evaluation.instances_of(path) {
                    if let Some(frame) = self.evaluation.inside(&module) {
                        let found = checks::run(self.engine, &self.clients, &frame, check).await;
                        problems.extend(found);
                    }
                }
            }
        }
        problems
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
        let declared = self.declared(address);
        (declared.map(|found| &found.body), declared.map(|found| found.header))
    }

    pub(super) fn declared(&self, address: &InstanceAddr) -> Option<&'a ResourceDecl> {
        self.evaluation.config.resource(&address.resource)
    }

    /// Lets references stand for what objects are by now.
    pub(super) fn tell_references(&self) {
        let changed = std::mem::take(&mut *self.changed.borrow_mut());
        let objects = self.objects.borrow();
        for address in changed {
            let Some(declared) = self.evaluation.config.resource(&address) else { continue };
            let mut instances = objects.get(&address).cloned().unwrap_or_default();
            if self.is_partial {
                self.fill_up(&address, &mut instances);
            }
            let value = aggregate(&declared.repetition, instances);
            self.evaluation.set_resource(&address, value, true);
        }
    }

    /// Adds the instances that are no part of a plan that is limited to a selection, and not there.
    fn fill_up(&self, address: &ResourceAddr, instances: &mut BTreeMap<InstanceKey, Value>) {
        let Some(frame) = self.evaluation.inside(&address.module) else { return };
        let Ok(expanded) = instances_of_resource(&frame, &address.local) else { return };
        let schema = self.engine.catalog.schema(&address.local);
        let ty = schema.map_or(Type::Any, crate::schema::Schema::object_type);
        for repeated in expanded.instances {
            instances.entry(repeated.key).or_insert_with(|| Value::unknown(ty.clone()));
        }
    }

    pub(super) fn repeated(&self, address: &InstanceAddr) -> Result<Repeated, Diagnostics> {
        let held = self.expanded.borrow().get(&address.resource).cloned();
        let expanded = match held {
            Some(expanded) => expanded,
            None => {
                let Some(frame) = self.evaluation.inside(&address.resource.module) else {
                    return Ok(Repeated::default());
                };
                let expanded = instances_of_resource(&frame, &address.resource.local)?;
                let expanded = Rc::new(expanded);
                if expanded.is_settled() {
                    let mut held = self.expanded.borrow_mut();
                    held.insert(address.resource.clone(), Rc::clone(&expanded));
                }
                expanded
            }
        };
        Ok(expanded.get(&address.key).cloned().unwrap_or_default())
    }
}

/// Objects on record that a plan does not touch, under the addresses that it gives them.
fn beside(
    catalog: &Catalog,
    plan: &Plan,
    state: &State,
    objects: &mut BTreeMap<ResourceAddr, BTreeMap<InstanceKey, Value>>,
) {
    let goals: BTreeMap<_, _> = plan.moves.iter().map(|step| (&step.from, &step.to)).collect();
    for (address, _, instance) in state.instances() {
        let Some(record) = &instance.current else { continue };
        let Ok(object) = read_record(catalog, &address, record) else { continue };
        let address = goals.get(&address).map_or(address.clone(), |goal| InstanceAddr::clone(goal));
        let address = Arc::new(address);
        let instances = objects.entry(address.resource.clone()).or_default();
        instances.entry(address.key.clone()).or_insert(referable(&address, &object));
    }
}
