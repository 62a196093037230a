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
            Self::Module(module) => instance.resource.module.is_within(module),
            Self::Resource(resource) => instance.resource == *resource,
            Self::Instance(wanted) => instance == wanted,
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
