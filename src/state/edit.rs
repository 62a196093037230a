//! Changes of the record that a person asks for: moves, removals, marks, other providers.
//!
//! In: addresses as typed. Out: a changed [`State`], and what was changed. Nothing here saves, and
//! nothing here knows whether the objects exist.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::addr::{
    DeclaredResource, InstanceAddr, InstanceKey, ModuleInstance, ModulePath, ModuleStep,
    ProviderConfigAddr, ProviderName, ResourceAddr, ResourceMode, Target,
};

use super::{Dependencies, InstanceRecord, ObjectStatus, State};

/// A change that cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// Nothing is recorded there.
    #[error("State holds nothing at `{0}`.")]
    Missing(Target),
    /// Something else is recorded there.
    #[error("Nothing can go to `{to}`, because state holds `{by}`.")]
    Occupied {
        /// Where something was to go.
        to: Target,
        /// What is there.
        by: InstanceAddr,
    },
    /// The two addresses are not of one kind.
    #[error("`{from}` is {is}, and `{to}` is {is_not}.")]
    Kinds {
        /// What was to be moved.
        from: Target,
        /// What it is.
        is: &'static str,
        /// Where it was to go.
        to: Target,
        /// What that is.
        is_not: &'static str,
    },
    /// The two addresses are of different resource types.
    #[error("An object keeps its type: `{from}` cannot become `{to}`.")]
    Types {
        /// What was to be moved.
        from: Target,
        /// Where it was to go.
        to: Target,
    },
    /// The instances of one resource have one provider configuration.
    #[error("`{to}` belongs to {theirs}, and `{from}` to {ours}.")]
    Providers {
        /// What was to be moved.
        from: InstanceAddr,
        /// Its provider configuration.
        ours: String,
        /// Where it was to go.
        to: InstanceAddr,
        /// The provider configuration of what is there.
        theirs: String,
    },
    /// Data is looked up anew each time, so a mark on it means nothing.
    #[error("`{0}` is only read: it is never replaced.")]
    Data(InstanceAddr),
    /// Only objects that are awaiting deletion are there.
    #[error("`{0}` has no current object, only ones that await deletion.")]
    OnlyDeposed(InstanceAddr),
    /// The object has no mark to take away.
    #[error("`{0}` is not tainted.")]
    NotTainted(InstanceAddr),
}

/// An instance that goes elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Where it is.
    pub from: InstanceAddr,
    /// Where it goes.
    pub to: InstanceAddr,
}

/// An instance taken out of one state to be put into another.
#[derive(Clone, Debug, PartialEq)]
pub struct Taken {
    /// Where it goes.
    pub address: InstanceAddr,
    /// The provider configuration of its resource.
    pub provider: ProviderConfigAddr,
    /// Its objects.
    pub record: InstanceRecord,
}

impl State {
    /// The instances that `target` selects, in order.
    pub fn selected(&self, target: &Target) -> Vec<InstanceAddr> {
        self.instances()
            .map(|(address, ..)| address)
            .filter(|address| target.selects(address))
            .collect()
    }

    /// What it takes to move `from` to `to`, into `into` or within this state.
    ///
    /// # Errors
    ///
    /// Where nothing is at `from`, something is at `to`, or the two are not of one kind.
    pub fn moves(
        &self,
        from: &Target,
        to: &Target,
        into: Option<&Self>,
    ) -> Result<Vec<Step>, EditError> {
        let steps = match (from, to) {
            (Target::Module(here), Target::Module(there)) => self.of_module(here, there),
            (Target::Module(_), _) => return Err(kinds(from, "a module", to, "a resource")),
            (_, Target::Module(_)) => return Err(kinds(from, "a resource", to, "a module")),
            (Target::Instance(_), _) | (_, Target::Instance(_)) => self.of_instance(from, to)?,
            (Target::Resource(here), Target::Resource(there)) => self.of_resource(here, there),
        };
        if steps.is_empty() {
            return Err(EditError::Missing(from.clone()));
        }
        let same_type = |step: &Step| {
            let (from, to) = (&step.from.resource.local, &step.to.resource.local);
            from.mode == to.mode && from.type_name == to.type_name
        };
        if !steps.iter().all(same_type) {
            return Err(EditError::Types { from: from.clone(), to: to.clone() });
        }
        self.check_room(&steps, to, into)?;
        Ok(steps)
    }

    fn of_module(&self, here: &ModuleInstance, there: &ModuleInstance) -> Vec<Step> {
        let exact = self.resources.keys().any(|address| address.module.is_within(here));
        let steps = self.instances().filter_map(|(from, ..)| {
            let module = followed(&from.resource.module, here, there, exact)?;
            let to = from.resource.local.within(&module).instance(from.key.clone());
            Some(Step { from, to })
        });
        steps.collect()
    }

    fn of_resource(&self, here: &ResourceAddr, there: &ResourceAddr) -> Vec<Step> {
        let instances = self.resources.get(here).into_iter().flat_map(|found| {
            found.instances.iter().map(|(key, _)| Step {
                from: here.instance(key.clone()),
                to: there.instance(key.clone()),
            })
        });
        instances.collect()
    }

    /// One of the two names an instance; the other one may be a bare resource, which then stands for
    /// its only instance.
    fn of_instance(&self, from: &Target, to: &Target) -> Result<Vec<Step>, EditError> {
        let (Some(here), Some(there)) = (from.single_instance(), to.single_instance()) else {
            return Ok(Vec::new());
        };
        if self.instance(&here).is_some() {
            return Ok(vec![Step { from: here, to: there }]);
        }
        let several = self.resources.contains_key(&here.resource);
        if several && matches!(from, Target::Resource(_)) {
            return Err(kinds(from, "a resource with several instances", to, "one instance"));
        }
        Ok(Vec::new())
    }

    /// Refuses moves onto what stays where it is.
    fn check_room(
        &self,
        steps: &[Step],
        to: &Target,
        into: Option<&Self>,
    ) -> Result<(), EditError> {
        let leaving: BTreeSet<_> = steps.iter().map(|step| &step.from).collect();
        let goal = into.unwrap_or(self);
        let stays = |address: &InstanceAddr| into.is_some() || !leaving.contains(address);
        let whole = match to {
            Target::Instance(_) => None,
            // What goes to the address of a resource may be its only instance.
            Target::Resource(_) if steps.iter().all(|step| step.to.key == InstanceKey::None) => {
                None
            }
            Target::Module(module) if module.is_root() => None,
            whole => Some(whole),
        };
        let whole = whole.into_iter().flat_map(|whole| goal.selected(whole));
        let occupied = |by| EditError::Occupied { to: to.clone(), by };
        let exact = steps.iter().map(|step| step.to.clone());
        let exact = exact.filter(|address| goal.instance(address).is_some());
        if let Some(by) = whole.chain(exact).find(stays) {
            return Err(occupied(by));
        }
        for step in steps {
            let (Some(ours), Some(theirs)) =
                (self.resources.get(&step.from.resource), goal.resources.get(&step.to.resource))
            else {
                continue;
            };
            if ours.provider != theirs.provider {
                return Err(EditError::Providers {
                    from: step.from.clone(),
                    ours: ours.provider.to_string(),
                    to: step.to.clone(),
                    theirs: theirs.provider.to_string(),
                });
            }
        }
        Ok(())
    }

    /// Carries moves out, with everything that names what is moved: dependencies of others, and
    /// provider configurations that belong to a module that moves.
    pub fn carry_out(&mut self, from: &Target, to: &Target, steps: &[Step]) {
        self.move_instances(steps.iter().map(|step| (&step.from, &step.to)));
        if let (Target::Module(here), Target::Module(there)) = (from, to) {
            let moved: BTreeSet<_> = steps.iter().map(|step| &step.to.resource).collect();
            for address in moved {
                if let Some(resource) = self.resources.get_mut(address)
                    && let Some(module) =
                        moved_path(&resource.provider.module, &here.path(), &there.path())
                {
                    resource.provider.module = module;
                }
            }
        }
        self.rename_dependencies(steps);
    }

    /// Takes instances out, to be put into another state.
    pub fn take(&mut self, steps: &[Step]) -> Vec<Taken> {
        let mut taken = Vec::with_capacity(steps.len());
        for step in steps {
            let Some(resource) = self.resources.get_mut(&step.from.resource) else { continue };
            let provider = resource.provider.clone();
            let Some(record) = resource.instances.remove(&step.from.key) else { continue };
            if resource.instances.is_empty() {
                self.resources.remove(&step.from.resource);
            }
            taken.push(Taken { address: step.to.clone(), provider, record });
        }
        taken
    }

    /// Puts in what another state gave.
    pub fn put(&mut self, taken: Vec<Taken>) {
        for Taken { address, provider, record } in taken {
            let resource = self.resources.entry(address.resource).or_insert_with(|| {
                super::ResourceRecord { provider, instances: super::Instances::default() }
            });
            resource.instances.insert(address.key, record);
        }
    }

    /// Objects that had to be outlived by what was moved have to be under its new name. Where only
    /// some instances moved, both names count.
    fn rename_dependencies(&mut self, steps: &[Step]) {
        let mut renamed: BTreeMap<DeclaredResource, BTreeSet<Arc<DeclaredResource>>> =
            BTreeMap::new();
        for step in steps {
            let (from, to) = (step.from.resource.declared(), step.to.resource.declared());
            if from != to {
                renamed.entry(from).or_default().insert(Arc::new(to));
            }
        }
        if renamed.is_empty() {
            return;
        }
        let left: BTreeSet<_> = self.resources.keys().map(ResourceAddr::declared).collect();
        for resource in self.resources.values_mut() {
            let keys: Vec<_> = resource.instances.iter().map(|(key, _)| key.clone()).collect();
            for key in keys {
                let Some(instance) = resource.instances.get_mut(&key) else { continue };
                for object in instance.current.iter_mut().chain(instance.deposed.values_mut()) {
                    if let Some(dependencies) = replaced(&object.dependencies, &renamed, &left) {
                        object.dependencies = dependencies;
                    }
                }
            }
        }
    }

    /// Takes everything that is recorded of an instance out, its deposed objects as well.
    pub fn drop_instance(&mut self, address: &InstanceAddr) {
        let steps = [Step { from: address.clone(), to: address.clone() }];
        self.take(&steps);
    }

    /// Marks the current object of an instance as one to replace, or takes the mark away.
    ///
    /// # Errors
    ///
    /// Where there is no current object, where it is data, and where there is no mark to take away.
    pub fn mark(&mut self, address: &InstanceAddr, status: ObjectStatus) -> Result<(), EditError> {
        if address.resource.local.mode == ResourceMode::Data {
            return Err(EditError::Data(address.clone()));
        }
        let instance = self.resources.get_mut(&address.resource);
        let instance = instance.and_then(|resource| resource.instances.get_mut(&address.key));
        let Some(instance) = instance else {
            return Err(EditError::Missing(Target::Instance(address.clone())));
        };
        let Some(object) = &mut instance.current else {
            return Err(EditError::OnlyDeposed(address.clone()));
        };
        if status == ObjectStatus::Ready && object.status == ObjectStatus::Ready {
            return Err(EditError::NotTainted(address.clone()));
        }
        object.status = status;
        Ok(())
    }

    /// The resources that belong to a provider.
    pub fn resources_of(&self, provider: &ProviderName) -> Vec<ResourceAddr> {
        let theirs = self.resources.iter();
        let theirs = theirs.filter(|(_, resource)| resource.provider.local.provider == *provider);
        theirs.map(|(address, _)| address.clone()).collect()
    }

    /// Gives resources to another provider.
    pub fn give_to(&mut self, resources: &[ResourceAddr], provider: &ProviderName) {
        for address in resources {
            if let Some(resource) = self.resources.get_mut(address) {
                resource.provider.local.provider = provider.clone();
            }
        }
    }
}

fn kinds(from: &Target, is: &'static str, to: &Target, is_not: &'static str) -> EditError {
    EditError::Kinds { from: from.clone(), is, to: to.clone(), is_not }
}

/// Where a module instance is once `from` is `to`. Unless `from` is there as it reads, its steps
/// without a key stand for every key, which stays.
fn followed(
    module: &ModuleInstance,
    from: &ModuleInstance,
    to: &ModuleInstance,
    exact: bool,
) -> Option<ModuleInstance> {
    let rest = module.0.get(from.0.len()..)?;
    if module.is_within(from) {
        return Some(ModuleInstance(to.0.iter().chain(rest).cloned().collect()));
    }
    if exact || !from.covers(module) || from.0.len() != to.0.len() {
        return None;
    }
    let keyed = from.0.iter().zip(&*to.0).zip(&*module.0).map(|((from, to), found)| {
        let both_bare = from.key == InstanceKey::None && to.key == InstanceKey::None;
        let key = if both_bare { found.key.clone() } else { to.key.clone() };
        ModuleStep { name: Arc::clone(&to.name), key }
    });
    Some(ModuleInstance(keyed.chain(rest.iter().cloned()).collect()))
}

/// Where a module is once `from` is `to`; `None` where it stays.
fn moved_path(module: &ModulePath, from: &ModulePath, to: &ModulePath) -> Option<ModulePath> {
    if from.is_root() || !module.is_within(from) {
        return None;
    }
    let rest = module.0.get(from.0.len()..)?;
    Some(ModulePath(to.0.iter().chain(rest).cloned().collect()))
}

/// Dependencies under their new names, in order; `None` where none of them moved.
fn replaced(
    dependencies: &Dependencies,
    renamed: &BTreeMap<DeclaredResource, BTreeSet<Arc<DeclaredResource>>>,
    left: &BTreeSet<DeclaredResource>,
) -> Option<Dependencies> {
    if !dependencies.iter().any(|name| renamed.contains_key(&**name)) {
        return None;
    }
    let mut names: BTreeSet<Arc<DeclaredResource>> = BTreeSet::new();
    for name in dependencies.iter() {
        match renamed.get(&**name) {
            Some(new) => {
                names.extend(new.iter().cloned());
                if left.contains(&**name) {
                    names.insert(Arc::clone(name));
                }
            }
            None => {
                names.insert(Arc::clone(name));
            }
        }
    }
    Some(names.into_iter().collect())
}

#[cfg(test)]
mod tests;
