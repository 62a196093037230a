//! From planned changes to a plan: leftovers, outputs that go, steps, and what a person should know.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::addr::{
    Checkable, DeclaredResource, InstanceAddr, InstanceKey, LocalCheckable, ResourceMode,
};
use crate::diag::{Diagnostic, Diagnostics, Severity, code};
use crate::plan::{Action, Plan, PlanMode, order};
use crate::state::CheckResults;

use super::super::{Event, moves, outputs};
use super::Planner;

impl Planner<'_> {
    /// Makes the plan of what was planned.
    pub(super) async fn finish(mut self) -> (Plan, Diagnostics) {
        if self.options.mode != PlanMode::RefreshOnly {
            self.leftovers();
        }
        if self.options.mode != PlanMode::RefreshOnly && self.selection.is_everything() {
            for (name, gone) in
                outputs::removed(self.inputs.config.root(), self.inputs.state, self.options.mode)
            {
                self.outputs.insert(name, gone);
            }
        }
        for (name, object) in &self.objects {
            object.tell(&name.0, &*self.engine.observer);
        }
        self.engine.observer.event(&Event::AllRefreshed);
        self.changes.sort_unstable_by(|left, right| {
            (&left.address, &left.deposed).cmp(&(&right.address, &right.deposed))
        });
        self.tell_of_changes().await;
        self.current_dependencies();
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
        let checks = self.checks();
        let plan = Plan {
            mode: self.options.mode,
            changes: self.changes,
            drift: self.drift,
            imports: self.imports,
            data: self.data,
            partial: !self.selection.is_everything(),
            errored: self.problems.has_errors(),
            moves: self.moves,
            outputs: self.outputs,
            checks,
            steps,
        };
        (plan, self.problems)
    }

    /// What a person should know of the changes.
    async fn tell_of_changes(&mut self) {
        self.requested_replacements();
        self.warn_of_what_waits();
        self.warn_of_what_stays();
        self.warn_of_gaps();
        self.tell_shared();
        self.tell_expired();
        self.warn_of_ends();
        self.check_settings();
        self.foresee().await;
    }

    /// What the conditions of all declarations say. Those of declarations outside the selection are
    /// not known.
    fn checks(&self) -> CheckResults {
        let mut results = CheckResults::default();
        for (path, found) in self.inputs.config.modules() {
            for local in found.module.checkables() {
                let selected = match &local {
                    LocalCheckable::Resource(local) => {
                        let (module, local) = (path.clone(), local.clone());
                        self.selection.has_declared(&DeclaredResource { module, local })
                    }
                    _ => self.selection.is_everything(),
                };
                let checkable = Checkable { local, module: path.clone() };
                if selected && self.options.mode != PlanMode::Destroy {
                    results.expanded(checkable);
                } else {
                    results.unknown(checkable);
                }
            }
        }
        results.update(self.evaluation.checked.borrow().results());
        results
    }

    /// An address that was typed for nothing is a mistake, not a plan without it.
    fn requested_replacements(&mut self) {
        for address in &self.options.replace {
            if self.changes.iter().all(|change| change.address != *address) {
                let known: Vec<_> =
                    self.changes.iter().map(|change| change.address.to_string()).collect();
                let detail =
                    format!("`-replace` names `{address}`, which is not part of the plan.");
                // Of a resource with instances, a name without a key is no mistake but no help either.
                let has_others = address.key == InstanceKey::None
                    && self
                        .changes
                        .iter()
                        .any(|change| change.address.resource == address.resource);
                let found = if has_others {
                    Diagnostic::warning(code::TARGETED, detail)
                } else {
                    Diagnostic::error(code::TARGET, detail)
                };
                self.problems.push(
                    found
                        .help("name an instance as the plan names it")
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
            let spec = self.engine.catalog.resource(change.address.resource.type_name());
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
        let calls = self.changes.iter().filter(|change| {
            !matches!(change.action, Action::NoOp | Action::Forget) && !change.record_only
        });
        let used: BTreeMap<_, _> =
            calls.map(|change| (&change.provider, &change.address.resource.local)).collect();
        let mut problems = Vec::new();
        for (provider, local) in used {
            let type_name = &*local.type_name.0;
            let client = match local.mode {
                ResourceMode::Managed => self.clients.resource(provider, type_name).map(|_| ()),
                ResourceMode::Data => self.clients.data(provider, type_name).map(|_| ()),
            };
            for found in client.err().into_iter().flatten() {
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

    /// Notes what objects that stay as they are refer to by now: what is destroyed goes after them.
    fn current_dependencies(&mut self) {
        if !self.changes.iter().any(|change| change.action.destroys()) {
            return;
        }
        let staying = self
            .changes
            .iter_mut()
            .filter(|change| change.action == Action::NoOp && change.declared_at.is_some());
        for change in staying {
            let declared = change.address.resource.declared();
            change.dependencies = self.inputs.declarations.dependencies_of(&declared);
        }
    }

    /// What state says that objects need: what is destroyed goes after what needed it.
    fn recorded_dependencies(&self) -> BTreeMap<InstanceAddr, Vec<Arc<DeclaredResource>>> {
        if !self.changes.iter().any(|change| change.action.destroys()) {
            return BTreeMap::new();
        }
        let goals: BTreeMap<_, _> = self.moves.iter().map(|step| (&step.from, &step.to)).collect();
        let renamed = moves::renamed(&self.moves);
        let instances = self.inputs.state.instances();
        let dependencies = instances.map(|(address, _, instance)| {
            let objects = instance.current.iter().chain(instance.deposed.values());
            let mut all: Vec<_> = objects
                .flat_map(|object| object.dependencies.iter())
                .map(|resource| Arc::clone(renamed.get(&**resource).unwrap_or(resource)))
                .collect();
            all.sort();
            all.dedup();
            (goals.get(&address).map_or(address, |goal| InstanceAddr::clone(goal)), all)
        });
        dependencies.collect()
    }
}
