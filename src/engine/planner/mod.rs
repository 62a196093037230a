//! From declarations, records and what the vendors say to a plan.
//!
//! In: a module with its values, a state, options. Out: a [`Plan`] and what a person should know.
//! Reads from vendors and changes nothing anywhere.

mod cause;
mod data;
mod expiry;
mod finish;
mod foresight;
mod gap;
mod ignore;
mod import;
mod instance;
mod leftover;
mod resource;
mod unique;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use crate::addr::{
    DeclaredResource, InstanceAddr, InstanceKey, LocalResource, ModuleInstance, ResourceAddr,
    ResourceMode,
};
use crate::diag::{Diagnostics, Severity};
use crate::plan::{Change, DataRead, Drift, Import, Move, OutputChange, Plan, PlanMode};
use crate::value::{Type, Value};

use super::clients::Clients;
use super::evaluate::{Evaluation, aggregate, referable};
use super::frame::{Frame, Named};
use super::moves::Moves;
use super::refresh::{ObjectName, Refreshed, current_of, decode, refresh};
use super::select::{Limits, Selection};
use super::{
    Declaration, Declared, Engine, Inputs, checks, conditions, outputs, records, removals,
};

/// How to plan.
#[derive(Clone, Debug, Default)]
pub struct PlanOptions {
    /// What the plan is for.
    pub mode: PlanMode,
    /// Whether records count without asking the vendors.
    pub trust_state: bool,
    /// What to plan for.
    pub limits: Limits,
    /// Objects to replace in any case.
    pub replace: Vec<InstanceAddr>,
    /// Instances whose last create is not settled: nothing is planned for them.
    pub unsettled: BTreeSet<InstanceAddr>,
    /// How far ahead objects that end by themselves are told; zero for not at all.
    pub warn_expiry: Duration,
}

/// Makes a plan. The diagnostics hold warnings, and on failure every error; then the plan holds
/// what could be planned all the same.
pub async fn plan(
    engine: &Engine<'_>,
    inputs: Inputs<'_>,
    options: &PlanOptions,
) -> (Plan, Diagnostics) {
    let mut problems = Diagnostics::default();
    let selection = Selection::of(
        &options.limits,
        inputs.declarations,
        inputs.config,
        inputs.state,
        options.mode == PlanMode::Destroy,
        &mut problems,
    );
    if !problems.has_errors() {
        problems.extend(selection.warning());
    }
    let moves = planned_moves(inputs, options, &selection, &mut problems);
    let goals: BTreeMap<_, _> = moves.iter().map(|step| (&step.from, &step.to)).collect();
    let wanted =
        |address: &InstanceAddr| selection.has(goals.get(address).copied().unwrap_or(address));
    let mut objects = decode(engine.catalog, inputs.state, wanted, &mut problems);
    if problems.has_errors() {
        // Next to a record that cannot be read, what exists would seem to be missing.
        return (Plan { mode: options.mode, errored: true, ..Plan::default() }, problems);
    }
    if !options.trust_state && !objects.is_empty() {
        let counts = |address: &InstanceAddr| {
            let address = goals.get(address).copied().unwrap_or(address);
            options.mode != PlanMode::Normal || !removals::forgets(inputs.config, address)
        };
        problems.extend(look(engine, inputs, &mut objects, counts).await);
    }
    let expired = expiry::settle(inputs.config, options.mode, &mut objects, &goals);
    let drift = drift(engine, &objects);
    follow_moves(&mut objects, &moves);
    let evaluation = Evaluation::new(inputs.config, inputs.variables, inputs.surroundings);
    let mut planner = Planner {
        engine,
        inputs,
        options,
        selection,
        evaluation: &evaluation,
        drift,
        imports: Vec::new(),
        data: Vec::new(),
        clients: Clients::new(engine, &evaluation),
        moves,
        objects,
        changes: Vec::with_capacity(inputs.config.root().resources.len()),
        positions: BTreeMap::new(),
        expired,
        planned: BTreeMap::new(),
        outputs: BTreeMap::new(),
        create_first: create_first(inputs),
        waiting: BTreeSet::new(),
        problems,
    };
    planner.run().await;
    planner.finish().await
}

/// Asks the vendors about the objects that count.
async fn look(
    engine: &Engine<'_>,
    inputs: Inputs<'_>,
    objects: &mut BTreeMap<ObjectName, Refreshed>,
    counts: impl Fn(&InstanceAddr) -> bool,
) -> Diagnostics {
    let mut problems = Diagnostics::default();
    let before = records::evaluation(engine.catalog, inputs);
    let clients = Clients::new(engine, &before);
    refresh(engine, &clients, objects, counts, &mut problems).await;
    problems
}

/// What `moved` blocks do to the objects that are selected. An address whose create is not settled
/// keeps what it has.
fn planned_moves(
    inputs: Inputs<'_>,
    options: &PlanOptions,
    selection: &Selection<'_>,
    problems: &mut Diagnostics,
) -> Vec<Move> {
    let moves = Moves::of(inputs.config);
    if moves.is_empty() {
        return Vec::new();
    }
    let recorded: BTreeSet<_> = inputs.state.instances().map(|(address, _, _)| address).collect();
    match moves.of_objects(&recorded) {
        Ok((moves, found)) => {
            problems.extend(found);
            let settled = |address: &InstanceAddr| !options.unsettled.contains(address);
            let moves = moves
                .into_iter()
                .filter(|step| settled(&step.from) && settled(&step.to) && selection.has(&step.to));
            moves.collect()
        }
        Err(problem) => {
            problems.push(problem);
            Vec::new()
        }
    }
}

/// Puts objects under the addresses they move to, all at once.
fn follow_moves(objects: &mut BTreeMap<ObjectName, Refreshed>, moves: &[Move]) {
    let mut under_way = Vec::new();
    for step in moves {
        let here = objects.range((step.from.clone(), None)..);
        let names: Vec<_> =
            here.map(|(name, _)| name).take_while(|name| name.0 == step.from).cloned().collect();
        for name in names {
            let object = objects.remove(&name);
            under_way.extend(object.map(|object| ((step.to.clone(), name.1), object)));
        }
    }
    objects.extend(under_way);
}

struct Planner<'a> {
    engine: &'a Engine<'a>,
    inputs: Inputs<'a>,
    options: &'a PlanOptions,
    selection: Selection<'a>,
    evaluation: &'a Evaluation<'a>,
    /// What is there; what the declarations account for is taken out one by one.
    objects: BTreeMap<ObjectName, Refreshed>,
    drift: Vec<Drift>,
    imports: Vec<Import>,
    data: Vec<DataRead>,
    clients: Clients<'a>,
    moves: Vec<Move>,
    changes: Vec<Change>,
    /// The position in `changes` of the one for each instance that was planned.
    positions: BTreeMap<Arc<InstanceAddr>, usize>,
    /// Instances whose object is gone because its time was over.
    expired: BTreeSet<InstanceAddr>,
    /// The instances of every resource that was planned.
    planned: BTreeMap<DeclaredResource, Vec<Arc<InstanceAddr>>>,
    outputs: BTreeMap<Arc<str>, OutputChange>,
    /// Resources whose replacements come first because something that needs them is replaced so.
    create_first: BTreeSet<DeclaredResource>,
    /// Instances that are left out because a create is not settled: their own or one they need.
    waiting: BTreeSet<InstanceAddr>,
    problems: Diagnostics,
}

impl<'a> Planner<'a> {
    /// Plans everything in order of references. What refers to something that is wrong is left out:
    /// its own problems may be the other's.
    async fn run(&mut self) {
        self.evaluation.is_destroying.set(self.options.mode == PlanMode::Destroy);
        let selection = &self.selection;
        let needed = (!selection.is_everything()).then(|| {
            self.inputs.declarations.needed_by(|resource| selection.has_declared(resource))
        });
        let mut failed = BTreeSet::new();
        for (id, declared) in self.inputs.declarations.nodes_in_order() {
            if needed.as_ref().is_some_and(|needed| is_beside(declared, needed)) {
                continue;
            }
            if self.inputs.declarations.needs_of(id).iter().any(|need| failed.contains(need)) {
                failed.insert(id);
                self.leave_out(declared);
                continue;
            }
            let before = self.problems.len();
            self.declared(declared).await;
            if self.has_failed_since(before) {
                failed.insert(id);
            }
        }
    }

    /// Tells whether there are errors among the problems found since there were so many.
    pub(super) fn has_failed_since(&self, before: usize) -> bool {
        let found = self.problems.iter().skip(before);
        found.into_iter().any(|problem| problem.severity == Severity::Error)
    }

    /// Leaves out a declaration: what exists of it is neither missing nor too much.
    fn leave_out(&mut self, declared: &Declared) {
        match &declared.declaration {
            Declaration::Resource(local) => {
                for module in self.evaluation.instances_of(&declared.module) {
                    self.leave_out_resource(&local.within(&module));
                    if let Some(frame) = self.frame(&module) {
                        frame.set_resource(local, Value::unknown(Type::Any));
                    }
                }
            }
            Declaration::Call(name) => {
                for module in self.evaluation.instances_of(&declared.module) {
                    self.leave_out_called(&module, name);
                }
            }
            _ => {}
        }
    }

    /// Leaves out everything that exists of a resource.
    pub(super) fn leave_out_resource(&mut self, address: &ResourceAddr) {
        let first = (address.instance(InstanceKey::None), None);
        let here = self.objects.range(first..).map(|(name, _)| name);
        let names: Vec<_> = here.take_while(|name| name.0.resource == *address).cloned().collect();
        for name in names {
            self.objects.remove(&name);
        }
    }

    /// Leaves out everything that exists in a called module.
    fn leave_out_called(&mut self, caller: &ModuleInstance, call: &Arc<str>) {
        let inside = |name: &ObjectName| {
            let step = name.0.resource.module.0.get(caller.0.len());
            name.0.resource.module.is_within(caller) && step.is_some_and(|step| step.name == *call)
        };
        self.objects.retain(|object, _| !inside(object));
    }

    /// Evaluates or plans a declaration in every instance of its module.
    async fn declared(&mut self, declared: &Declared) {
        for module in self.evaluation.instances_of(&declared.module) {
            let Some(frame) = self.frame(&module) else { continue };
            match &declared.declaration {
                Declaration::Variable(name) => self.variable(&frame, name),
                Declaration::Local(name) => {
                    let value = frame.local(name);
                    self.named(&frame, value, Named::Local, name);
                }
                Declaration::Call(name) => self.call(&frame, name),
                Declaration::Resource(local) => match (local.mode, self.options.mode) {
                    (ResourceMode::Data, _) => self.data(&frame, local).await,
                    (_, PlanMode::Normal) => {
                        let imported = self.imports(&frame, local).await;
                        self.resource(&frame, local);
                        self.unwanted(&imported);
                    }
                    (_, PlanMode::Destroy | PlanMode::RefreshOnly) => {
                        self.resource_as_seen(&frame, local);
                    }
                },
                Declaration::Output(name) => self.output(&frame, name),
                Declaration::Check(name) => {
                    if let Some(check) = frame.module.checks.get(name)
                        && self.options.mode != PlanMode::Destroy
                    {
                        let found = checks::run(self.engine, &self.clients, &frame, check).await;
                        self.problems.extend(found);
                    }
                }
                Declaration::Provider(_) | Declaration::Whole(_) => {}
            }
        }
    }

    /// One module instance. It borrows nothing from the planner but its inputs.
    fn frame(&self, module: &ModuleInstance) -> Option<Frame<'a>> {
        self.evaluation.inside(module)
    }

    fn variable(&mut self, frame: &Frame<'_>, name: &Arc<str>) {
        let Some(variable) = frame.module.variables.get(name) else { return };
        let value = frame.variable(name);
        if !self.named(frame, value, Named::Variable, name) {
            return;
        }
        self.problems.extend(conditions::rules_of_variable(frame, variable));
    }

    /// Notes what is wrong with a named value, once; tells whether nothing is.
    fn named(
        &mut self,
        frame: &Frame<'_>,
        value: Result<Value, Diagnostics>,
        what: Named,
        name: &Arc<str>,
    ) -> bool {
        let found = match value {
            // What is half gone may leave values without a meaning that nobody needs any more.
            Err(_) if self.options.mode == PlanMode::Destroy => false,
            value => self.problems.absorb(value).is_some(),
        };
        if !found {
            frame.give_up(what, name);
        }
        found
    }

    /// Finds the instances of a module. Where they cannot be told, nothing that exists in one may
    /// be taken for removed.
    fn call(&mut self, frame: &Frame<'_>, call: &Arc<str>) {
        if self.problems.absorb(frame.expand(call)).is_none() {
            self.leave_out_called(&frame.address, call);
        }
    }

    fn output(&mut self, frame: &Frame<'_>, name: &Arc<str>) {
        let Some(output) = frame.module.outputs.get(name) else { return };
        if !frame.address.is_root() {
            let value = frame.output(name);
            self.named(frame, value, Named::Output, name);
        } else if self.options.mode != PlanMode::Destroy && self.is_selected(frame, name) {
            let change = outputs::plan(frame, output, self.inputs.state);
            let change = self.problems.absorb(change);
            self.outputs.extend(change.map(|change| (name.clone(), change)));
        }
    }

    /// Tells whether an output shows something, and everything that it shows is part of the plan.
    fn is_selected(&self, frame: &Frame<'_>, output: &Arc<str>) -> bool {
        if self.selection.is_everything() {
            return true;
        }
        let declaration = Declaration::Output(output.clone());
        let shown = self.inputs.declarations.resources_of(&frame.address.path(), &declaration);
        !(shown.is_empty() && self.selection.is_only())
            && shown.iter().all(|resource| self.selection.has_declared(resource))
    }

    /// Lets references stand for what is there, without planning anything.
    fn resource_as_seen(&mut self, frame: &Frame<'_>, local: &LocalResource) {
        let Some(resource) = frame.module.resources.get(local) else { return };
        let address = local.within(&frame.address);
        let observer = &*self.engine.observer;
        let instances = current_of(&self.objects, &address).filter_map(|(name, object)| {
            object.tell(&name.0, observer);
            let address = Arc::new(name.0.clone());
            Some((name.0.key.clone(), referable(&address, object.seen.as_ref()?)))
        });
        let value = aggregate(&resource.repetition, instances.collect::<Vec<_>>());
        frame.set_resource(local, value);
    }
}

/// The resources that are needed by such whose blocks ask for `create_before_destroy`. A predecessor
/// goes after what was made from it, and that goes after its own successor came: so the successor of
/// the needed one has to come before as well.
fn create_first(inputs: Inputs<'_>) -> BTreeSet<DeclaredResource> {
    let asking = inputs.config.modules().flat_map(|(path, found)| {
        let resources = found.module.resources.values();
        let asking = resources
            .filter(|resource| matches!(resource.lifecycle.create_before_destroy, Some((true, _))));
        asking.map(|resource| DeclaredResource {
            module: path.clone(),
            local: resource.address.clone(),
        })
    });
    let asking: Vec<_> = asking.collect();
    if asking.is_empty() { BTreeSet::new() } else { inputs.declarations.with_needs(asking) }
}

/// Tells whether nothing that is selected needs a named value or the instances of a call. Those
/// may follow from what the selection is there to make first.
fn is_beside(declared: &Declared, needed: &BTreeSet<Declared>) -> bool {
    let named = match declared.declaration {
        Declaration::Local(_) | Declaration::Call(_) => true,
        Declaration::Variable(_) | Declaration::Output(_) => !declared.module.is_root(),
        _ => false,
    };
    named && !needed.contains(declared)
}

/// What reads showed of current objects that differs from the record.
fn drift(engine: &Engine<'_>, objects: &BTreeMap<ObjectName, Refreshed>) -> Vec<Drift> {
    let drifted = objects.iter().filter_map(|(name, object)| {
        let spec = engine.catalog.resource(name.0.resource.type_name())?;
        (name.1.is_none() && object.has_drifted(&spec.schema)).then(|| Drift {
            address: name.0.clone(),
            provider: object.provider.clone(),
            recorded: object.recorded.clone(),
            seen: object.seen.clone(),
            record: object.new_record(&spec.schema),
            expired: object.expired,
        })
    });
    drifted.collect()
}

/// The value of an object that could not be planned.
fn unplanned(schema: &crate::schema::Schema) -> Value {
    Value::unknown(schema.object_type())
}
