//! All instances of one resource.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::addr::{InstanceAddr, InstanceKey, ResourceAddr};
use crate::config::{Repetition, ResourceDecl};
use crate::plan::{Action, Change, Move, Reason};
use crate::value::{Marks, Value};

use super::super::evaluate::{Repeated, aggregate, referable};
use super::super::expand;
use super::super::refresh::Refreshed;
use super::{Declaration, Planner, unplanned};

/// What must be done before the instances of one resource.
#[derive(Default)]
struct WaitsFor {
    /// Instances that `depends_on` names.
    named: Vec<InstanceAddr>,
    /// Instances of resources that are referred to. Which of them an instance needs shows in its
    /// values; where a reference leaves no trace there, as in `length(…)`, it needs all of them.
    referred: BTreeMap<ResourceAddr, Arc<Vec<InstanceAddr>>>,
}

impl Planner<'_> {
    /// Plans every instance of a resource and lets references stand for what they will be.
    pub(super) fn resource(&mut self, address: &ResourceAddr) {
        let Some(resource) = self.inputs.module.resources.get(address) else { return };
        if !self.selection.has_resource(address) {
            self.resource_as_recorded(resource);
            return;
        }
        let expanded = expand::instances(&self.evaluation, resource);
        let Some((instances, marks)) = self.problems.absorb(expanded) else {
            self.evaluation.set_resource(address, Value::unknown(crate::value::Type::Any), false);
            self.keep_instances_of(address);
            return;
        };
        self.follow_repetition(resource, &instances);
        let waits_for = self.waits_for(resource);
        let mut values = Vec::with_capacity(instances.len());
        for repeated in &instances {
            let instance = address.instance(repeated.key.clone());
            let value = if self.selection.has(&instance) {
                self.instance(resource, &instance, repeated, &marks, &waits_for)
            } else {
                self.recorded_value(&instance)
            };
            values.push((repeated.key.clone(), referable(&instance, &value)));
        }
        let planned = values.iter().map(|(key, _)| address.instance(key.clone()));
        self.planned.insert(address.clone(), Arc::new(planned.collect()));
        let value = aggregate(&resource.repetition, values).mark(&marks.without_provenance());
        self.evaluation.set_resource(address, value, false);
    }

    /// A resource that gets `count` goes on as its first instance, and the other way round: what
    /// is there must not be deleted because its address got a key or lost it.
    fn follow_repetition(&mut self, resource: &ResourceDecl, instances: &[Repeated]) {
        let (single, first) = (InstanceKey::None, InstanceKey::Index(0));
        let (from, to) = match resource.repetition {
            Repetition::Count(_) => (single, first),
            Repetition::Single => (first, single),
            Repetition::ForEach(_) => return,
        };
        let wanted = instances.iter().any(|repeated| repeated.key == to);
        let (from, to) = (resource.address.instance(from), resource.address.instance(to));
        let settled =
            !self.options.unsettled.contains(&from) && !self.options.unsettled.contains(&to);
        let free = self.inputs.state.instance(&to).is_none();
        if !(wanted && free && settled && self.objects.contains_key(&(from.clone(), None))) {
            return;
        }
        let here = self.objects.range((from.clone(), None)..);
        let names: Vec<_> =
            here.map(|(name, _)| name).take_while(|name| name.0 == from).cloned().collect();
        for name in names {
            if let Some(object) = self.objects.remove(&name) {
                self.objects.insert((to.clone(), name.1), object);
            }
        }
        self.moves.push(Move { from, to });
    }

    /// Where the instances cannot be told, nothing that exists may be taken for removed.
    fn keep_instances_of(&mut self, address: &ResourceAddr) {
        self.objects.retain(|name, _| name.0.resource != *address);
    }

    /// The instances of every resource that the block refers to.
    fn waits_for(&self, resource: &ResourceDecl) -> WaitsFor {
        let named: BTreeSet<_> = resource.depends_on.iter().map(|(address, _)| address).collect();
        let mut waits_for = WaitsFor::default();
        let declaration = Declaration::Resource(resource.address.clone());
        for address in self.inputs.declarations.resources_of(&declaration) {
            let instances = self.planned.get(address).cloned().unwrap_or_default();
            if named.contains(address) {
                waits_for.named.extend(instances.iter().cloned());
            } else {
                waits_for.referred.insert(address.clone(), instances);
            }
        }
        waits_for
    }

    /// A resource outside the selection stands for what is recorded of it.
    fn resource_as_recorded(&mut self, resource: &ResourceDecl) {
        let keys: Vec<InstanceKey> = self
            .inputs
            .state
            .resources
            .get(&resource.address)
            .map(|record| record.instances.keys().cloned().collect())
            .unwrap_or_default();
        let values = keys.into_iter().map(|key| {
            let instance = resource.address.instance(key.clone());
            (key, referable(&instance, &self.recorded_value(&instance)))
        });
        let value = aggregate(&resource.repetition, values.collect::<Vec<_>>());
        self.evaluation.set_resource(&resource.address, value, false);
    }

    fn recorded_value(&self, instance: &InstanceAddr) -> Value {
        let spec = self.engine.catalog.resource(&instance.resource.type_name.0);
        let record = self.inputs.state.object(instance);
        let decoded = record.and_then(|record| {
            super::super::refresh::read_record(self.engine.catalog, instance, record).ok()
        });
        decoded.unwrap_or_else(|| {
            spec.map_or_else(
                || Value::unknown(crate::value::Type::Any),
                |spec| unplanned(&spec.schema),
            )
        })
    }

    /// Plans one instance and gives the value that references to it stand for.
    fn instance(
        &mut self,
        resource: &ResourceDecl,
        address: &InstanceAddr,
        repeated: &Repeated,
        marks: &Marks,
        waits_for: &WaitsFor,
    ) -> Value {
        let prior = self.objects.remove(&(address.clone(), None));
        if self.options.unsettled.contains(address) {
            self.waiting.insert(address.clone());
            return self.without_plan(address, prior.as_ref());
        }
        match self.plan_instance(resource, address, repeated, prior.as_ref()) {
            Some(mut change) => {
                let by_key = marks.provenance().map(|source| InstanceAddr::clone(source));
                change.needs.extend(by_key.chain(waits_for.named.iter().cloned()));
                for (referred, instances) in &waits_for.referred {
                    if change.needs.iter().all(|need| need.resource != *referred) {
                        change.needs.extend(instances.iter().cloned());
                    }
                }
                change.needs.sort();
                change.needs.dedup();
                change.needs.retain(|need| need != address);
                let waits = change.needs.iter().any(|need| self.waiting.contains(need));
                if waits && change.action != Action::NoOp {
                    // Its arguments would stay unknown: what it needs does not come in this run.
                    self.waiting.insert(address.clone());
                    return self.without_plan(address, prior.as_ref());
                }
                let value = change.planned.clone();
                self.positions.insert(address.clone(), self.changes.len());
                self.changes.push(change);
                value.unwrap_or(Value::NULL)
            }
            None => self.without_plan(address, prior.as_ref()),
        }
    }

    /// What references stand for where an instance has errors: enough not to raise more of them.
    fn without_plan(&self, address: &InstanceAddr, prior: Option<&Refreshed>) -> Value {
        let seen = prior.and_then(|prior| prior.seen.clone());
        let spec = self.engine.catalog.resource(&address.resource.type_name.0);
        seen.or_else(|| spec.map(|spec| unplanned(&spec.schema)))
            .unwrap_or_else(|| Value::unknown(crate::value::Type::Any))
    }

    /// A change that does nothing, for an object that stays as it is.
    pub(super) fn no_change(address: &InstanceAddr, object: &Refreshed, reason: Reason) -> Change {
        Change {
            address: address.clone(),
            deposed: None,
            provider: object.provider.clone(),
            action: Action::NoOp,
            reason,
            prior: object.seen.clone(),
            planned: object.seen.clone(),
            replace_paths: Vec::new(),
            dependencies: object.record.dependencies.clone(),
            needs: Vec::new(),
            create_before_destroy: object.record.create_before_destroy,
            record_only: false,
            stays: false,
            declared_at: None,
        }
    }
}
