//! Resources and their instances.

use std::fmt;
use std::sync::Arc;

use super::ModuleInstance;

/// Managed (`resource` blocks) or only read (`data` blocks).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResourceMode {
    /// Made, changed and deleted by us.
    Managed,
    /// Only read.
    Data,
}

/// A resource type such as `zenlayer_disk_snapshot`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceType(pub Arc<str>);

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

/// A `resource` or `data` block in one module instance.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceAddr {
    /// Where the block stands.
    pub module: ModuleInstance,
    /// Managed or data.
    pub mode: ResourceMode,
    /// Its first label.
    pub type_name: ResourceType,
    /// Its second label.
    pub name: Arc<str>,
}

impl ResourceAddr {
    /// A managed resource of the root module.
    pub fn managed(type_name: impl Into<Arc<str>>, name: impl Into<Arc<str>>) -> Self {
        Self {
            module: ModuleInstance::root(),
            mode: ResourceMode::Managed,
            type_name: ResourceType(type_name.into()),
            name: name.into(),
        }
    }

    /// The instance of this resource with `key`.
    pub fn instance(&self, key: InstanceKey) -> InstanceAddr {
        InstanceAddr { resource: self.clone(), key }
    }
}

impl fmt::Display for ResourceAddr {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.module.is_root() {
            write!(formatter, "{}.", self.module)?;
        }
        if self.mode == ResourceMode::Data {
            formatter.write_str("data.")?;
        }
        write!(formatter, "{}.{}", self.type_name, self.name)
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
