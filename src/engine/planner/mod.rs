//! From declarations, records and what the vendors say to a plan.
//!
//! In: a module with its values, a state, options. Out: a [`Plan`] and what a person should know.
//! Reads from vendors and changes nothing anywhere.

mod ignore;
mod instance;
mod leftover;
mod resource;

use std::collections::{BTreeMap, BTreeSet};

use crate::addr::{InstanceAddr, ResourceAddr, Target};
use crate::diag::{Diagnostic, Diagnostics, Severity, code};
use crate::plan::{Action, Change, Drift, Move, OutputChange, Plan, PlanMode, order};
use crate::value::Value;

use super::clients::Clients;
use super::evaluate::{Evaluation, Repeated, aggregate, referable};
use super::refresh::{ObjectName, Refreshed, current_of, decode, refresh};
use super::select::Selection;
use super::{Declaration, Declarations, Engine, Inputs, conditions, outputs, records};

/// How to plan.
#[derive(Clone, Debug, Default)]
pub struct PlanOptions {
    /// What the plan is for.
    pub mode: PlanMode,
    /// Whether records count without asking the vendors.
    pub trust_state: bool,
    /// What to plan for; everything where empty.
    pub targets: Vec<Target>,
    /// Objects to replace in any case.
    pub replace: Vec<InstanceAddr>,
    /// Instances whose last create is not settled: nothing is planned for them.
    pub unsettled: BTreeSet<InstanceAddr>,
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
        &options.targets,
        inputs.declarations,
        inputs.module,
        inputs.state,
        options.mode == PlanMode::Destroy,
        &mut problems,
    );
    if !problems.has_errors() {
        problems.extend(selection.warning());
    }
    let mut objects =
        decode(engine.catalog, inputs.state, |address| selection.has(address), &mut problems);
    if problems.has_errors() {
        // Next to a record that cannot be read, what exists would seem to be missing.
        return (Plan { mode: options.mode, ..Plan::default() }, problems);
    }
    if !options.trust_state && !objects.is_empty() {
        let before = records::evaluation(engine.catalog, inputs);
        let clients = Clients::new(engine, &before);
        refresh(engine, &clients, &mut objects, &mut problems).await;
    }
    let mut planner = Planner {
        engine,
        inputs,
        options,
        selection,
        evaluation: Evaluation::new(inputs.module, inputs.variables, inputs.surroundings),
        dependencies: dependencies(inputs.declarations),
        drift: drift(engine, &objects),
        moves: Vec::new(),
        objects,
        changes: Vec::new(),
        positions: BTreeMap::new(),
        planned: BTreeMap::new(),
        outputs: BTreeMap::new(),
        waiting: BTreeSet::new(),
        problems,
    };
    planner.run();
    planner.finish()
}

fn dependencies(declarations: &Declarations) -> BTreeMap<ResourceAddr, Vec<ResourceAddr>> {
    let all = declarations.resource_dependencies().into_iter();
    all.map(|(resource, needed)| (resource.clone(), needed.into_iter().cloned().collect()))
        .collect()
}

struct Planner<'a> {
    engine: &'a Engine<'a>,
    inputs: Inputs<'a>,
    options: &'a PlanOptions,
    selection: Selection<'a>,
    evaluation: Evaluation<'a>,
    dependencies: BTreeMap<ResourceAddr, Vec<ResourceAddr>>,
    /// What is there; what the declarations account for is taken out one by one.
    objects: BTreeMap<ObjectName, Refreshed>,
    drift: Vec<Drift>,
    moves: Vec<Move>,
    changes: Vec<Change>,
    /// The position in `changes` of the one for each instance that was planned.
    positions: BTreeMap<InstanceAddr, usize>,
    /// The instances of every resource that was planned.
    planned: BTreeMap<ResourceAddr, std::sync::Arc<Vec<InstanceAddr>>>,
    outputs: BTreeMap<std::sync::Arc<str>, OutputChange>,
    /// Instances that are left out because a create is not settled: their own or one they need.
    waiting: BTreeSet<InstanceAddr>,
    problems: Diagnostics,
}

impl Planner<'_> {
    fn run(&mut self) {
        // What follows from a refused value would be told twice, so values come first where their
        // rules can be checked before anything is planned.
        let late = |name: &std::sync::Arc<str>| {
            let variable = Declaration::Variable(name.clone());
            !self.inputs.declarations.resources_of(&variable).is_empty()
        };
        let (late, early): (Vec<_>, Vec<_>) =
            self.inputs.module.variables.keys().partition(|name| late(name));
        for name in early {
            self.variable(name);
        }
        if self.problems.has_errors() {
            self.objects.clear();
            return;
        }
        for declaration in self.inputs.declarations.in_order() {
            match declaration {
                Declaration::Variable(name) if late.contains(&name) => self.variable(name),
                Declaration::Variable(_) => {}
                Declaration::Local(name) => {
                    let value = self.evaluation.local(name);
                    if self.problems.absorb(value).is_none() {
                        self.evaluation.give_up_local(name);
                    }
                }
                Declaration::Provider(_) => {}
                Declaration::Resource(address) => match self.options.mode {
                    PlanMode::Normal => self.resource(address),
                    PlanMode::Destroy | PlanMode::RefreshOnly => self.resource_as_seen(address),
                },
                Declaration::Output(name) => {
                    if self.options.mode != PlanMode::Destroy
                        && let Some(output) = self.inputs.module.outputs.get(name)
                    {
                        let change = outputs::plan(&self.evaluation, output, self.inputs.state);
                        let change = self.problems.absorb(change);
                        self.outputs.extend(change.map(|change| (name.clone(), change)));
                    }
                }
            }
        }
    }

    fn variable(&mut self, name: &std::sync::Arc<str>) {
        if let Some(variable) = self.inputs.module.variables.get(name) {
            let found = conditions::check(
                &self.evaluation,
                &variable.validations,
                &Repeated::default(),
                code::VALIDATION_FAILED,
                None,
            );
            self.problems.extend(found);
        }
    }

    /// Lets references stand for what is there, without planning anything.
    fn resource_as_seen(&mut self, address: &ResourceAddr) {
        let Some(resource) = self.inputs.module.resources.get(address) else { return };
        let instances = current_of(&self.objects, address).filter_map(|(name, object)| {
            Some((name.0.key.clone(), referable(&name.0, object.seen.as_ref()?)))
        });
        let value = aggregate(&resource.repetition, instances.collect::<Vec<_>>());
        self.evaluation.set_resource(address, value, false);
    }

    fn finish(mut self) -> (Plan, Diagnostics) {
        if self.options.mode != PlanMode::RefreshOnly {
            self.leftovers();
        }
        if self.options.mode != PlanMode::RefreshOnly && self.selection.is_everything() {
            for (name, gone) in
                outputs::removed(self.inputs.module, self.inputs.state, self.options.mode)
            {
                self.outputs.insert(name, gone);
            }
        }
        self.changes.sort_by(|left, right| {
            (&left.address, &left.deposed).cmp(&(&right.address, &right.deposed))
        });
        self.requested_replacements();
        self.warn_of_what_waits();
        self.warn_of_what_stays();
        self.check_settings();
        let recorded = self.recorded_dependencies();
        let steps = match order(&self.changes, &recorded) {
            Ok(steps) => steps,
            Err((steps, cycle)) => {
                let name = |id| {
                    let step =
                        steps.node(id).map(|step| (step.kind, self.changes.get(step.change)));
                    match step {
                        Some((kind, Some(change))) => format!("{kind:?} {}", change.address),
                        _ => String::new(),
                    }
                };
                let detail = format!("No step can be the first: {}.", cycle.describe(name));
                self.problems.push(Diagnostic::error(code::STEP_CYCLE, detail));
                steps
            }
        };
        let plan = Plan {
            mode: self.options.mode,
            changes: self.changes,
            drift: self.drift,
            moves: self.moves,
            outputs: self.outputs,
            steps,
        };
        (plan, self.problems)
    }

    /// An address that was typed for nothing is a mistake, not a plan without it.
    fn requested_replacements(&mut self) {
        for address in &self.options.replace {
            if self.changes.iter().all(|change| change.address != *address) {
                let known: Vec<_> =
                    self.changes.iter().map(|change| change.address.to_string()).collect();
                let detail =
                    format!("`-replace` names `{address}`, which is not part of the plan.");
                self.problems.push(
                    Diagnostic::error(code::TARGET, detail)
                        .did_you_mean(&address.to_string(), known.iter().map(String::as_str)),
                );
            }
        }
    }

    /// Says which instances are left out because what they need is not settled.
    fn warn_of_what_waits(&mut self) {
        let settled = |address: &&InstanceAddr| !self.options.unsettled.contains(*address);
        let mut waiting = self.waiting.iter().filter(settled);
        let Some(first) = waiting.next() else { return };
        let detail = match waiting.count() {
            0 => format!("`{first}` needs an object whose create is not settled."),
            others => {
                format!("`{first}` and {others} more need an object whose create is not settled.")
            }
        };
        self.problems.push(
            Diagnostic::warning(
                code::UNCERTAIN_WAITS,
                format!("{detail} Nothing is planned here."),
            )
            .help("settle the create with `snapform recover`, then plan again"),
        );
    }

    /// Says before it happens which objects a plan only forgets, because nobody can delete them.
    fn warn_of_what_stays(&mut self) {
        let mut staying: BTreeMap<&'static str, (usize, &'static str)> = BTreeMap::new();
        for change in self.changes.iter_mut().filter(|change| change.action.destroys()) {
            let spec = self.engine.catalog.resource(&change.address.resource.type_name.0);
            if let Some((spec, reason)) = spec.and_then(|spec| Some((spec, spec.cannot_delete?))) {
                staying.entry(spec.type_name).or_insert((0, reason)).0 += 1;
                change.stays = true;
            }
        }
        for (type_name, (count, reason)) in staying {
            let objects = if count == 1 { "object" } else { "objects" };
            let detail =
                format!("{count} {objects} of `{type_name}` will only be forgotten. {reason}");
            self.problems.push(Diagnostic::warning(code::CANNOT_DELETE, detail));
        }
    }

    /// Says while planning which provider settings are missing for the apply. A plan itself may do
    /// without them, because reviews run where there are no credentials; not with wrong ones. What
    /// is known after apply may come true.
    fn check_settings(&mut self) {
        let clients = Clients::new(self.engine, &self.evaluation);
        let calls = self.changes.iter().filter(|change| {
            !matches!(change.action, Action::NoOp | Action::Forget) && !change.record_only
        });
        let used: BTreeMap<_, _> =
            calls.map(|change| (&change.provider, &change.address.resource.type_name)).collect();
        let mut problems = Vec::new();
        for (provider, type_name) in used {
            for found in clients.resource(provider, &type_name.0).err().into_iter().flatten() {
                if found.code == code::PROVIDER_SETTINGS {
                    let found = found.help("a plan can do without it, the apply cannot");
                    let (code, severity) = (code::SETTINGS_FOR_APPLY, Severity::Warning);
                    problems.push(Diagnostic { code, severity, ..found });
                } else if found.code != code::UNKNOWN_NOT_ALLOWED {
                    problems.push(found);
                }
            }
        }
        self.problems.extend(problems);
    }

    fn recorded_dependencies(&self) -> BTreeMap<InstanceAddr, Vec<ResourceAddr>> {
        let instances = self.inputs.state.instances();
        let dependencies = instances.map(|(address, _, instance)| {
            let objects = instance.current.iter().chain(instance.deposed.values());
            let mut all: Vec<_> = objects.flat_map(|object| object.dependencies.clone()).collect();
            all.sort();
            all.dedup();
            (address, all)
        });
        dependencies.collect()
    }
}

/// What reads showed of current objects that differs from the record.
fn drift(engine: &Engine<'_>, objects: &BTreeMap<ObjectName, Refreshed>) -> Vec<Drift> {
    let drifted = objects.iter().filter_map(|(name, object)| {
        let spec = engine.catalog.resource(&name.0.resource.type_name.0)?;
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
