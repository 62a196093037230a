//! All instances of one resource.

use std::cell::OnceCell;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::addr::{
    DeclaredResource, InstanceAddr, InstanceKey, LocalResource, ProviderConfigAddr, Reference,
    ResourceAddr,
};
use crate::config::{Repetition, ResourceDecl};
use crate::plan::{Action, Change, Move, Reason};
use crate::state::Dependencies;
use crate::value::{Marks, Value};

use super::super::evaluate::{Expanded, Repeated, aggregate, referable};
use super::super::expand;
use super::super::frame::Frame;
use super::super::refresh::Refreshed;
use super::{Declaration, Planner, unplanned};

/// A block in one module instance, with what is the same for all its instances.
pub(super) struct Block<'b> {
    pub(super) frame: &'b Frame<'b>,
    pub(super) resource: &'b ResourceDecl,
    /// The provider configuration.
    pub(super) provider: ProviderConfigAddr,
    /// What it has to do with others: found out when it is asked for, because nobody does where
    /// nothing changes.
    relations: OnceCell<Relations>,
    /// The resources to record as outliving the objects.
    dependencies: OnceCell<Dependencies>,
}

/// The resources and instances of others that a block has to do with.
pub(super) struct Relations {
    /// Instances that `depends_on` names.
    pub(super) named: Vec<Arc<InstanceAddr>>,
    /// Instances of resources that are referred to. Which of them an instance needs shows in its
    /// values; where a reference leaves no trace there, as in `length(…)`, it needs all of them.
    referred: BTreeMap<DeclaredResource, Vec<Arc<InstanceAddr>>>,
}

impl Relations {
    /// The instances that must be done before the one with these arguments.
    pub(super) fn needs(
        &self,
        address: &InstanceAddr,
        marks: [&Marks; 2],
    ) -> Vec<Arc<InstanceAddr>> {
        let sources = marks.into_iter().flat_map(Marks::provenance);
        let mut needs: Vec<_> = sources.chain(&self.named).map(Arc::clone).collect();
        for (referred, instances) in &self.referred {
            if needs.iter().all(|need| !is_of(need, referred)) {
                needs.extend(instances.iter().map(Arc::clone));
            }
        }
        needs.sort();
        needs.dedup();
        needs.retain(|need| **need != *address);
        needs.shrink_to_fit();
        needs
    }
}

impl Planner<'_> {
    /// Plans every instance of a resource and lets references stand for what they will be.
    pub(super) fn resource(&mut self, frame: &Frame<'_>, local: &LocalResource) {
        let Some(resource) = frame.module.resources.get(local) else { return };
        let address = local.within(&frame.address);
        if !self.selection.has_resource(&address) {
            self.resource_as_recorded(frame, resource);
            return;
        }
        let expanded = expand::instances(frame, &resource.repetition);
        let Some(Expanded { instances, marks, .. }) = self.problems.absorb(expanded) else {
            frame.set_resource(local, Value::unknown(crate::value::Type::Any));
            // Where the instances cannot be told, nothing that exists may be taken for removed.
            self.leave_out_resource(&address);
            return;
        };
        self.follow_repetition(&address, &resource.repetition, &instances);
        let block = self.block(frame, resource);
        let mut values = Vec::with_capacity(instances.len());
        let mut planned = Vec::with_capacity(instances.len());
        for repeated in &instances {
            let instance = Arc::new(address.instance(repeated.key.clone()));
            let value = if self.selection.has(&instance) {
                self.instance(&block, &instance, repeated, &marks)
            } else {
                self.recorded_value(&instance)
            };
            values.push((repeated.key.clone(), referable(&instance, &value)));
            planned.push(instance);
        }
        self.note_planned(address.declared(), planned);
        let value = aggregate(&resource.repetition, values).mark(&marks.without_provenance());
        frame.set_resource(local, value);
    }

    /// A resource that gets `count` goes on as its first instance, and the other way round: what
    /// is there must not be deleted because its address got a key or lost it.
    fn follow_repetition(
        &mut self,
        resource: &ResourceAddr,
        repetition: &Repetition,
        instances: &[Repeated],
    ) {
        let (single, first) = (InstanceKey::None, InstanceKey::Index(0));
        let (from, to) = match repetition {
            Repetition::Count(_) => (single, first),
            Repetition::Single => (first, single),
            Repetition::ForEach(_) => return,
        };
        let wanted = instances.iter().any(|repeated| repeated.key == to);
        let from = resource.instance(from);
        if !wanted || !self.objects.contains_key(&(from.clone(), None)) {
            return;
        }
        let to = resource.instance(to);
        let settled =
            !self.options.unsettled.contains(&from) && !self.options.unsettled.contains(&to);
        if !settled || self.objects.contains_key(&(to.clone(), None)) {
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
        match self.moves.iter_mut().find(|earlier| earlier.to == from) {
            Some(earlier) => earlier.to = to,
            None => self.moves.push(Move { from, to }),
        }
    }

    /// What is the same for all instances of a block.
    pub(super) fn block<'b>(&self, frame: &'b Frame<'b>, resource: &'b ResourceDecl) -> Block<'b> {
        let module = frame.address.path();
        let local = &resource.provider;
        // Where nobody hands it in, validation said so.
        let provider = self
            .inputs
            .config
            .provider(&module, local)
            .unwrap_or_else(|| ProviderConfigAddr { module, local: local.clone() });
        Block {
            frame,
            resource,
            provider,
            relations: OnceCell::new(),
            dependencies: OnceCell::new(),
        }
    }

    /// What a block has to do with others.
    pub(super) fn relations<'b>(&self, block: &'b Block<'_>) -> &'b Relations {
        block.relations.get_or_init(|| {
            let declarations = self.inputs.declarations;
            let names = self.named_resources(block.frame, block.resource);
            let module = block.frame.address.path();
            let declaration = Declaration::Resource(block.resource.address.clone());
            let (mut named, mut referred) = (Vec::new(), BTreeMap::new());
            for needed in declarations.resources_of(&module, &declaration) {
                let instances = self.planned.get(&needed).cloned().unwrap_or_default();
                if names.contains(&needed) {
                    named.extend(instances);
                } else {
                    referred.insert(needed, instances);
                }
            }
            Relations { named, referred }
        })
    }

    /// The resources that outlive the objects of a block.
    pub(super) fn dependencies(&self, block: &Block<'_>) -> Dependencies {
        let found = block.dependencies.get_or_init(|| {
            let module = block.frame.address.path();
            let declared = DeclaredResource { module, local: block.resource.address.clone() };
            self.inputs.declarations.dependencies_of(&declared)
        });
        Arc::clone(found)
    }

    /// Notes that instances of a resource were planned.
    pub(super) fn note_planned(
        &mut self,
        resource: DeclaredResource,
        instances: Vec<Arc<InstanceAddr>>,
    ) {
        match self.planned.entry(resource) {
            Entry::Vacant(place) => {
                place.insert(instances);
            }
            Entry::Occupied(mut held) => held.get_mut().extend(instances),
        }
    }

    /// The resources that `depends_on` names: that of the block, and those of the calls of all
    /// modules around it.
    fn named_resources(
        &self,
        frame: &Frame<'_>,
        resource: &ResourceDecl,
    ) -> BTreeSet<DeclaredResource> {
        let mut named = BTreeSet::new();
        let mut module = frame.address.path();
        let mut lists = vec![(module.clone(), &resource.depends_on)];
        while let Some(call) = self.inputs.config.call(&module)
            && let Some((caller, _)) = module.parent()
        {
            lists.push((caller.clone(), &call.depends_on));
            module = caller;
        }
        for (module, list) in lists {
            for (reference, _) in list {
                match reference {
                    Reference::Resource { mode, type_name, name } => {
                        let (mode, type_name, name) = (*mode, type_name.clone(), name.clone());
                        let local = LocalResource { mode, type_name, name };
                        named.insert(DeclaredResource { module: module.clone(), local });
                    }
                    Reference::Module { name, .. } => {
                        let whole = Declaration::Whole(name.clone());
                        named.extend(self.inputs.declarations.resources_of(&module, &whole));
                    }
                    _ => {}
                }
            }
        }
        named
    }

    /// A resource outside the selection stands for what is recorded of it.
    fn resource_as_recorded(&mut self, frame: &Frame<'_>, resource: &ResourceDecl) {
        let address = resource.address.within(&frame.address);
        let keys: Vec<InstanceKey> = self
            .inputs
            .state
            .resources
            .get(&address)
            .map(|record| record.instances.iter().map(|(key, _)| key.clone()).collect())
            .unwrap_or_default();
        let values = keys.into_iter().map(|key| {
            let instance = Arc::new(address.instance(key.clone()));
            (key, referable(&instance, &self.recorded_value(&instance)))
        });
        let value = aggregate(&resource.repetition, values.collect::<Vec<_>>());
        frame.set_resource(&resource.address, value);
    }

    fn recorded_value(&self, instance: &InstanceAddr) -> Value {
        let spec = self.engine.catalog.resource(instance.resource.type_name());
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
        block: &Block<'_>,
        address: &Arc<InstanceAddr>,
        repeated: &Repeated,
        marks: &Marks,
    ) -> Value {
        let prior = self.objects.remove(&(InstanceAddr::clone(address), None));
        if let Some(prior) = &prior {
            prior.tell(address, &*self.engine.observer);
        }
        if self.options.unsettled.contains(&**address) {
            self.waiting.insert(InstanceAddr::clone(address));
            return self.without_plan(address, prior.as_ref());
        }
        match self.plan_instance(block, address, (repeated, marks), prior.as_ref()) {
            Some(change) => {
                let waits = change.needs.iter().any(|need| self.waiting.contains(&**need));
                if waits && change.action != Action::NoOp {
                    // Its arguments would stay unknown: what it needs does not come in this run.
                    self.waiting.insert(InstanceAddr::clone(address));
                    return self.without_plan(address, prior.as_ref());
                }
                let value = change.planned.clone();
                self.positions.insert(Arc::clone(address), self.changes.len());
                self.changes.push(change);
                value.unwrap_or(Value::NULL)
            }
            None => self.without_plan(address, prior.as_ref()),
        }
    }

    /// What references stand for where an instance has errors: enough not to raise more of them.
    fn without_plan(&self, address: &InstanceAddr, prior: Option<&Refreshed>) -> Value {
        let seen = prior.and_then(|prior| prior.seen.clone());
        let spec = self.engine.catalog.resource(address.resource.type_name());
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
            causes: Vec::new(),
        }
    }
}

/// Tells whether an instance is one of a declared resource.
fn is_of(instance: &InstanceAddr, declared: &DeclaredResource) -> bool {
    instance.resource.local == declared.local && instance.resource.module.path() == declared.module
}
