//! Resources and their instances.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use super::{ModuleInstance, ModulePath};

/// Managed (`resource` blocks) or only read (`data` blocks).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResourceMode {
    /// Made, changed and deleted by us.
    Managed,
    /// Only read.
    Data,
}

/// A resource type such as `zenlayer_disk_snapshot`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ResourceType(pub Arc<str>);

/// By name. Most addresses that are compared share the text of their type.
impl Ord for ResourceType {
    fn cmp(&self, other: &Self) -> Ordering {
        if Arc::ptr_eq(&self.0, &other.0) { Ordering::Equal } else { self.0.cmp(&other.0) }
    }
}

impl PartialOrd for ResourceType {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl ResourceType {
    /// The word before the first underscore: the provider that is meant unless another is named.
    pub fn provider_word(&self) -> &str {
        self.0.split_once('_').map_or(&*self.0, |(word, _)| word)
    }
}

impl fmt::Display for ResourceType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A `resource` or `data` block as its own module names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalResource {
    /// Managed or data.
    pub mode: ResourceMode,
    /// Its first label.
    pub type_name: ResourceType,
    /// Its second label.
    pub name: Arc<str>,
}

impl LocalResource {
    /// A `resource` block.
    pub fn managed(type_name: impl Into<Arc<str>>, name: impl Into<Arc<str>>) -> Self {
        Self {
            mode: ResourceMode::Managed,
            type_name: ResourceType(type_name.into()),
            name: name.into(),
        }
    }

    /// A `data` block.
    pub fn data(type_name: impl Into<Arc<str>>, name: impl Into<Arc<str>>) -> Self {
        Self { mode: ResourceMode::Data, ..Self::managed(type_name, name) }
    }

    /// The same block in one instance of its module.
    pub fn within(&self, module: &ModuleInstance) -> ResourceAddr {
        ResourceAddr { module: module.clone(), local: self.clone() }
    }
}

impl fmt::Display for LocalResource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.mode == ResourceMode::Data {
            formatter.write_str("data.")?;
        }
        write!(formatter, "{}.{}", self.type_name, self.name)
    }
}

/// A `resource` or `data` block as it stands in the configuration: in all instances of its module.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeclaredResource {
    /// The module in which the block stands.
    pub module: ModulePath,
    /// The block in that module.
    pub local: LocalResource,
}

impl fmt::Display for DeclaredResource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.module.is_root() {
            write!(formatter, "{}.", self.module)?;
        }
        self.local.fmt(formatter)
    }
}

/// A `resource` or `data` block in one module instance.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceAddr {
    /// The module instance.
    pub module: ModuleInstance,
    /// The block in that module.
    pub local: LocalResource,
}

impl ResourceAddr {
    /// A managed resource of the root module.
    pub fn managed(type_name: impl Into<Arc<str>>, name: impl Into<Arc<str>>) -> Self {
        LocalResource::managed(type_name, name).within(&ModuleInstance::root())
    }

    /// The instance of this resource with `key`.
    pub fn instance(&self, key: InstanceKey) -> InstanceAddr {
        InstanceAddr { resource: self.clone(), key }
    }

    /// The block that declares it.
    pub fn declared(&self) -> DeclaredResource {
        DeclaredResource { module: self.module.path(), local: self.local.clone() }
    }

    /// The name of its type.
    pub fn type_name(&self) -> &str {
        &self.local.type_name.0
    }
}

impl fmt::Display for ResourceAddr {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.module.is_root() {
            write!(formatter, "{}.", self.module)?;
        }
        self.local.fmt(formatter)
    }
}

/// What tells the instances of one resource apart.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InstanceKey {
    /// Neither `count` nor `for_each`: there is only one.
    #[default]
    None,
    /// Position under `count`.
    Index(u64),
    /// Key under `for_each`.
    Name(Arc<str>),
}

impl fmt::Display for InstanceKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => Ok(()),
            Self::Index(index) => write!(formatter, "[{index}]"),
            Self::Name(name) => write!(formatter, "[{}]", super::parse::quote(name)),
        }
    }
}

/// One instance of a resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InstanceAddr {
    /// The resource.
    pub resource: ResourceAddr,
    /// Which of its instances.
    pub key: InstanceKey,
}

impl fmt::Display for InstanceAddr {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{}", self.resource, self.key)
    }
}
