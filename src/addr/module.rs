//! Paths of modules.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use super::InstanceKey;

/// The names of the module calls from the root module to a module; it leads to all its instances.
/// The root is the empty path.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ModulePath(pub Arc<[Arc<str>]>);

/// Step by step. Most addresses that are compared share their module.
impl Ord for ModulePath {
    fn cmp(&self, other: &Self) -> Ordering {
        if Arc::ptr_eq(&self.0, &other.0) { Ordering::Equal } else { self.0.cmp(&other.0) }
    }
}

impl PartialOrd for ModulePath {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl ModulePath {
    /// The root module.
    pub fn root() -> Self {
        Self::default()
    }

    /// Tells whether this is the root module.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The module that the call `name` of this module leads to.
    #[must_use]
    pub fn child(&self, name: &Arc<str>) -> Self {
        Self(self.0.iter().chain([name]).map(Arc::clone).collect())
    }

    /// The module that calls this one, and the name of the call; `None` for the root.
    pub fn parent(&self) -> Option<(Self, &Arc<str>)> {
        let (name, way) = self.0.split_last()?;
        Some((Self(way.into()), name))
    }

    /// Tells whether this module is `other` or lies below it.
    pub fn is_within(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }
}

impl fmt::Display for ModulePath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, name) in self.0.iter().enumerate() {
            let dot = if index == 0 { "" } else { "." };
            write!(formatter, "{dot}module.{name}")?;
        }
        Ok(())
    }
}

/// One step into a child module: `module.backups["eu"]`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleStep {
    /// Name of the module call.
    pub name: Arc<str>,
    /// Key of the call's instance.
    pub key: InstanceKey,
}

/// The way from the root module to one module instance; the root is the empty way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ModuleInstance(pub Arc<[ModuleStep]>);

/// Step by step. Most addresses that are compared share their module.
impl Ord for ModuleInstance {
    fn cmp(&self, other: &Self) -> Ordering {
        if Arc::ptr_eq(&self.0, &other.0) { Ordering::Equal } else { self.0.cmp(&other.0) }
    }
}

impl PartialOrd for ModuleInstance {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl ModuleInstance {
    /// The root module.
    pub fn root() -> Self {
        Self::default()
    }

    /// Tells whether this is the root module.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// Tells whether this module is `other` or lies below it.
    pub fn is_within(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }

    /// Tells whether `other` is this module or lies below it, where a step without a key stands for
    /// all instances of its call.
    pub fn covers(&self, other: &Self) -> bool {
        let matches = |(wanted, found): (&ModuleStep, &ModuleStep)| {
            wanted.name == found.name
                && (wanted.key == InstanceKey::None || wanted.key == found.key)
        };
        self.0.len() <= other.0.len() && self.0.iter().zip(&*other.0).all(matches)
    }

    /// The instance with `key` that the call `name` of this module leads to.
    #[must_use]
    pub fn child(&self, name: &Arc<str>, key: InstanceKey) -> Self {
        let step = ModuleStep { name: Arc::clone(name), key };
        Self(self.0.iter().cloned().chain([step]).collect())
    }

    /// The module instance that calls this one, and the call; `None` for the root.
    pub fn parent(&self) -> Option<(Self, &ModuleStep)> {
        let (step, way) = self.0.split_last()?;
        Some((Self(way.into()), step))
    }

    /// The module of which this is an instance.
    pub fn path(&self) -> ModulePath {
        if self.is_root() {
            return ModulePath::root();
        }
        ModulePath(self.0.iter().map(|step| Arc::clone(&step.name)).collect())
    }
}

impl fmt::Display for ModuleInstance {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.0.iter().enumerate() {
            let dot = if index == 0 { "" } else { "." };
            write!(formatter, "{dot}module.{}{}", step.name, step.key)?;
        }
        Ok(())
    }
}
