//! Objects by module, as states and planned values list them.

use serde::{Serialize, Serializer};

use crate::addr::{InstanceAddr, InstanceKey, ModuleInstance, ResourceMode};
use crate::state::{DeposedKey, Text};
use crate::value::Value;

use super::values::{Plain, Secrets, Shape};

/// One object. The keys and their order are Terraform's.
#[derive(Serialize)]
pub(super) struct ResourceDocument<'a> {
    address: Text<&'a InstanceAddr>,
    mode: &'static str,
    #[serde(rename = "type")]
    type_name: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<Index>,
    provider_name: String,
    schema_version: u64,
    /// None for what is forgotten.
    #[serde(skip_serializing_if = "Option::is_none")]
    values: Option<Plain<'a>>,
    sensitive_values: Shape<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    depends_on: Vec<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    tainted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    deposed_key: Option<&'a DeposedKey>,
}

/// What a document tells of an object besides its address and values.
#[derive(Default)]
pub(super) struct About<'a> {
    pub(super) provider: String,
    pub(super) schema_version: u64,
    pub(super) depends_on: Vec<String>,
    pub(super) tainted: bool,
    pub(super) deposed: Option<&'a DeposedKey>,
}

impl<'a> ResourceDocument<'a> {
    pub(super) fn new(
        address: &'a InstanceAddr,
        object: &'a Value,
        secrets: Secrets,
        about: About<'a>,
    ) -> Self {
        let local = &address.resource.local;
        Self {
            mode: mode(local.mode),
            type_name: &local.type_name.0,
            name: &local.name,
            index: Index::of(&address.key),
            provider_name: about.provider,
            schema_version: about.schema_version,
            values: Some(Plain::of(object, secrets)),
            sensitive_values: Shape::sensitive(object),
            depends_on: about.depends_on,
            tainted: about.tainted,
            deposed_key: about.deposed,
            address: Text(address),
        }
    }

    /// The same of an object that is no longer kept: only its name.
    pub(super) fn forgotten(self) -> Self {
        Self { values: None, ..self }
    }
}

/// What has a place in a module. Documents of objects are large, so they are made of this one by one,
/// while they are written.
pub(super) trait Located: Serialize {
    fn address(&self) -> &InstanceAddr;

    fn module(&self) -> &ModuleInstance {
        &self.address().resource.module
    }
}

/// The word of a mode.
pub(super) fn mode(mode: ResourceMode) -> &'static str {
    match mode {
        ResourceMode::Managed => "managed",
        ResourceMode::Data => "data",
    }
}

/// A key of an instance: a number or a text.
#[derive(Clone)]
pub(super) struct Index(InstanceKey);

impl Index {
    pub(super) fn of(key: &InstanceKey) -> Option<Self> {
        (*key != InstanceKey::None).then(|| Self(key.clone()))
    }
}

impl Serialize for Index {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            InstanceKey::None => serializer.serialize_unit(),
            InstanceKey::Index(index) => serializer.serialize_u64(*index),
            InstanceKey::Name(name) => serializer.serialize_str(name),
        }
    }
}

/// A module instance with its objects and the modules in it.
#[derive(Serialize)]
pub(super) struct ModuleDocument<'d, Object> {
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    resources: &'d [Object],
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<Text<ModuleInstance>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    child_modules: Vec<Self>,
}

impl<'d, Object: Located> ModuleDocument<'d, Object> {
    /// The root module with everything below it, from objects in order of address.
    pub(super) fn root(resources: &'d [Object]) -> Self {
        Self::at(0, resources)
    }

    fn at(depth: usize, resources: &'d [Object]) -> Self {
        let own = resources.iter().take_while(|found| found.module().0.len() == depth).count();
        let (resources, mut below) = resources.split_at(own);
        let mut child_modules = Vec::new();
        while let Some(first) = below.first() {
            let step = first.module().0.get(depth);
            let of_child = below.iter().take_while(|found| found.module().0.get(depth) == step);
            let (child, rest) = below.split_at(of_child.count());
            let inner = Self::at(depth + 1, child);
            let address =
                ModuleInstance(first.module().0.iter().take(depth + 1).cloned().collect());
            child_modules.push(Self { address: Some(Text(address)), ..inner });
            below = rest;
        }
        Self { resources, address: None, child_modules }
    }
}
