//! What `-target` and `-replace` name.

use std::fmt;

use super::{InstanceAddr, InstanceKey, ModuleInstance, ResourceAddr};

/// A module with all in it, a resource with all its instances, or one instance.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// Everything in a module instance and below.
    Module(ModuleInstance),
    /// Every instance of a resource.
    Resource(ResourceAddr),
    /// One instance.
    Instance(InstanceAddr),
}

impl Target {
    /// Tells whether `instance` is selected.
    pub fn selects(&self, instance: &InstanceAddr) -> bool {
        match self {
            Self::Instance(wanted) => instance == wanted,
            _ => self.covers(&instance.resource),
        }
    }

    /// Tells whether instances of `resource` may be selected. Steps into modules that have no key
    /// stand for all instances of those modules.
    pub fn covers(&self, resource: &ResourceAddr) -> bool {
        match self {
            Self::Module(module) => module.covers(&resource.module),
            Self::Resource(wanted) => {
                wanted.local == resource.local
                    && wanted.module.0.len() == resource.module.0.len()
                    && wanted.module.covers(&resource.module)
            }
            Self::Instance(wanted) => wanted.resource == *resource,
        }
    }

    /// The instance meant by commands that take exactly one: a bare resource is its only instance.
    pub fn single_instance(&self) -> Option<InstanceAddr> {
        match self {
            Self::Module(_) => None,
            Self::Resource(resource) => Some(resource.instance(InstanceKey::None)),
            Self::Instance(instance) => Some(instance.clone()),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Module(module) => module.fmt(formatter),
            Self::Resource(resource) => resource.fmt(formatter),
            Self::Instance(instance) => instance.fmt(formatter),
        }
    }
}
