//! What conditions belong to.

use std::fmt::{self, Display as _};
use std::sync::Arc;

use super::{
    AddressError, DeclaredResource, InstanceAddr, InstanceKey, LocalResource, ModuleInstance,
    ModulePath, Target,
};

/// A declaration with conditions, as its module names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LocalCheckable {
    /// A `check` block.
    Check(Arc<str>),
    /// An `output` block with preconditions.
    Output(Arc<str>),
    /// A `resource` or `data` block with pre- or postconditions.
    Resource(LocalResource),
    /// A `variable` block with rules.
    Variable(Arc<str>),
}

impl LocalCheckable {
    /// The word before its name; none for resources.
    fn word(&self) -> Option<&'static str> {
        match self {
            Self::Check(_) => Some("check"),
            Self::Output(_) => Some("output"),
            Self::Resource(_) => None,
            Self::Variable(_) => Some("var"),
        }
    }

    fn write(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resource(resource) => resource.fmt(formatter),
            Self::Check(name) | Self::Output(name) | Self::Variable(name) => {
                write!(formatter, "{}.{name}", self.word().unwrap_or_default())
            }
        }
    }
}

/// A declaration with conditions, in all instances of its module.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Checkable {
    /// The declaration.
    pub local: LocalCheckable,
    /// The module in which it stands.
    pub module: ModulePath,
}

impl fmt::Display for Checkable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.module.is_root() {
            write!(formatter, "{}.", self.module)?;
        }
        self.local.write(formatter)
    }
}

/// One instance of a [`Checkable`]: an instance of a resource, or the declaration in one module
/// instance.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CheckedObject {
    /// The module instance.
    pub module: ModuleInstance,
    /// The key, for resources.
    pub key: InstanceKey,
}

impl CheckedObject {
    /// Its address, as an instance of `local`.
    pub fn of(&self, local: &LocalCheckable) -> CheckedObjectAddr {
        CheckedObjectAddr { object: self.clone(), local: local.clone() }
    }
}

/// The address of one instance of a [`Checkable`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedObjectAddr {
    /// Which instance.
    pub object: CheckedObject,
    /// Of what.
    pub local: LocalCheckable,
}

impl fmt::Display for CheckedObjectAddr {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.object.module.is_root() {
            write!(formatter, "{}.", self.object.module)?;
        }
        self.local.write(formatter)?;
        self.object.key.fmt(formatter)
    }
}

impl CheckedObjectAddr {
    /// Reads the address of an instance of a declaration of the kind of `sample`.
    ///
    /// # Errors
    ///
    /// Where the text is none.
    pub fn parse(text: &str, kind: CheckableKind) -> Result<Self, AddressError> {
        let malformed =
            || AddressError::new(text, "is not the address of something with conditions");
        let (word, make): (_, fn(Arc<str>) -> LocalCheckable) = match kind {
            CheckableKind::Resource => {
                let InstanceAddr { resource, key } = text.parse()?;
                let object = CheckedObject { module: resource.module, key };
                return Ok(Self { object, local: LocalCheckable::Resource(resource.local) });
            }
            CheckableKind::Check => ("check", LocalCheckable::Check),
            CheckableKind::Output => ("output", LocalCheckable::Output),
            CheckableKind::Variable => ("var", LocalCheckable::Variable),
        };
        let (rest, name) = text.rsplit_once('.').ok_or_else(malformed)?;
        let module = match rest.strip_suffix(word).ok_or_else(malformed)? {
            "" => ModuleInstance::root(),
            module => match module.strip_suffix('.').ok_or_else(malformed)?.parse()? {
                Target::Module(module) => module,
                _ => return Err(malformed()),
            },
        };
        let object = CheckedObject { module, key: InstanceKey::None };
        Ok(Self { object, local: make(Arc::from(name)) })
    }

    /// The declaration it is an instance of.
    pub fn declared(&self) -> Checkable {
        Checkable { local: self.local.clone(), module: self.object.module.path() }
    }
}

/// The kinds of declarations with conditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckableKind {
    /// `check` blocks.
    Check,
    /// `output` blocks.
    Output,
    /// `resource` and `data` blocks.
    Resource,
    /// `variable` blocks.
    Variable,
}

impl Checkable {
    /// What kind of declaration it is.
    pub fn kind(&self) -> CheckableKind {
        match self.local {
            LocalCheckable::Check(_) => CheckableKind::Check,
            LocalCheckable::Output(_) => CheckableKind::Output,
            LocalCheckable::Resource(_) => CheckableKind::Resource,
            LocalCheckable::Variable(_) => CheckableKind::Variable,
        }
    }
}

impl From<DeclaredResource> for Checkable {
    fn from(resource: DeclaredResource) -> Self {
        Self { local: LocalCheckable::Resource(resource.local), module: resource.module }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_come_back_from_their_text() {
        let cases = [
            ("check.c", CheckableKind::Check),
            ("module.m[\"a.b\"].output.o", CheckableKind::Output),
            ("module.m[0].data.t_a.x[\"k\"]", CheckableKind::Resource),
            ("var.v", CheckableKind::Variable),
        ];
        for (text, kind) in cases {
            let read = CheckedObjectAddr::parse(text, kind).unwrap();
            assert_eq!(read.to_string(), text);
            assert_eq!(read.declared().kind(), kind);
        }
        assert!(CheckedObjectAddr::parse("output.o", CheckableKind::Check).is_err());
        assert!(CheckedObjectAddr::parse("xvar.o", CheckableKind::Variable).is_err());
    }
}
