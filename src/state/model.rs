//! The state in memory.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::addr::{DeclaredResource, InstanceAddr, ProviderConfigAddr, ResourceAddr};
use crate::sdk::auth::sha256_hex;
use crate::value::{Path, Value};

use super::{CheckResults, Instances, StoredAttributes};

/// The unbroken identity of a state: made once, changed never.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Lineage(pub String);

/// How often a state was saved with other content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Serial(pub u64);

impl Serial {
    /// The serial of the next save.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Serial {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// What the bytes of a state come to: their SHA-256.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(String);

impl Digest {
    /// The digest of `bytes`. Blanks at their end mean nothing in JSON, and some backends add one.
    pub fn of(bytes: &[u8]) -> Self {
        Self(sha256_hex(bytes.trim_ascii_end()))
    }
}

/// The record of objects and outputs of one workspace.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// Its identity.
    pub lineage: Lineage,
    /// Its version number.
    pub serial: Serial,
    /// Outputs of the root module.
    pub outputs: BTreeMap<Arc<str>, OutputRecord>,
    /// Resources with at least one instance.
    pub resources: BTreeMap<ResourceAddr, ResourceRecord>,
    /// What conditions said last.
    pub checks: CheckResults,
}

/// An output as it was last.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputRecord {
    /// Its value, without marks.
    pub value: Value,
    /// Hidden from people.
    pub sensitive: bool,
}

/// A resource and its instances.
#[derive(Clone, Debug, PartialEq)]
pub struct ResourceRecord {
    /// The provider configuration that made its objects.
    pub provider: ProviderConfigAddr,
    /// The instances.
    pub instances: Instances,
}

/// The objects of one instance: at most one current, and any number that await deletion.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InstanceRecord {
    /// The object the address stands for.
    pub current: Option<ObjectRecord>,
    /// Objects that were replaced and are not deleted yet.
    pub deposed: BTreeMap<DeposedKey, ObjectRecord>,
}

/// Tells the deposed objects of one instance apart: eight hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DeposedKey(pub String);

impl fmt::Display for DeposedKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// Whether an object is of use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ObjectStatus {
    /// It is complete.
    #[default]
    Ready,
    /// It exists and must be replaced.
    Tainted,
}

/// Resources that must outlive an object. Shared, because the objects of a long chain name the same
/// ones over and over.
pub type Dependencies = Arc<[Arc<DeclaredResource>]>;

/// A remote object as it was seen last.
#[derive(Clone, Debug, PartialEq)]
pub struct ObjectRecord {
    /// Whether it is of use.
    pub status: ObjectStatus,
    /// Version of the schema its attributes follow.
    pub schema_version: u64,
    /// Its attributes in stored form, without marks; [`crate::schema::Schema::decode`] reads them.
    pub attributes: StoredAttributes,
    /// The parts that were sensitive because of where they came from.
    pub sensitive: Vec<Path>,
    /// The resources that must outlive it, all of them, also those needed indirectly.
    pub dependencies: Dependencies,
    /// Whether it is replaced by making the new one first.
    pub create_before_destroy: bool,
}

impl ObjectRecord {
    /// The text under which people know the object: its `id`.
    pub fn id(&self) -> Option<String> {
        self.attributes.value().ok()?.attribute("id").and_then(Value::as_str).map(str::to_owned)
    }
}

impl State {
    /// A state without objects.
    pub fn empty(lineage: Lineage) -> Self {
        Self {
            lineage,
            serial: Serial(0),
            outputs: BTreeMap::new(),
            resources: BTreeMap::new(),
            checks: CheckResults::default(),
        }
    }

    /// Tells whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.resources.is_empty() && self.outputs.is_empty()
    }

    /// Every instance with its record, in order of address.
    pub fn instances(
        &self,
    ) -> impl Iterator<Item = (InstanceAddr, &ResourceRecord, &InstanceRecord)> {
        self.resources.iter().flat_map(|(address, resource)| {
            resource
                .instances
                .iter()
                .map(move |(key, instance)| (address.instance(key.clone()), resource, instance))
        })
    }

    /// The record of one instance.
    pub fn instance(&self, address: &InstanceAddr) -> Option<&InstanceRecord> {
        self.resources.get(&address.resource)?.instances.get(&address.key)
    }

    /// The current object of one instance.
    pub fn object(&self, address: &InstanceAddr) -> Option<&ObjectRecord> {
        self.instance(address)?.current.as_ref()
    }

    /// Records `object` as the current one, or as the deposed one under `deposed`.
    pub fn set_object(
        &mut self,
        address: &InstanceAddr,
        provider: &ProviderConfigAddr,
        deposed: Option<&DeposedKey>,
        object: ObjectRecord,
    ) {
        let resource = self.resources.entry(address.resource.clone()).or_insert_with(|| {
            ResourceRecord { provider: provider.clone(), instances: Instances::default() }
        });
        resource.provider = provider.clone();
        let mut instance = resource.instances.remove(&address.key).unwrap_or_default();
        match deposed {
            Some(key) => {
                instance.deposed.insert(key.clone(), object);
            }
            None => instance.current = Some(object),
        }
        resource.instances.insert(address.key.clone(), instance);
    }

    /// Records what the current object needs by now.
    pub fn set_dependencies(&mut self, address: &InstanceAddr, dependencies: &Dependencies) {
        let resource = self.resources.get_mut(&address.resource);
        let instance = resource.and_then(|found| found.instances.get_mut(&address.key));
        if let Some(object) = instance.and_then(|instance| instance.current.as_mut())
            && object.dependencies != *dependencies
        {
            object.dependencies = Arc::clone(dependencies);
        }
    }

    /// Adds to what the current object needs.
    pub fn add_dependencies(&mut self, address: &InstanceAddr, more: &Dependencies) {
        let Some(object) = self.object(address) else { return };
        let missing = more.iter().filter(|found| !object.dependencies.contains(found));
        let mut all: Vec<_> = object.dependencies.iter().chain(missing).map(Arc::clone).collect();
        all.sort();
        self.set_dependencies(address, &all.into());
    }

    /// Takes the current object, or the deposed one under `deposed`, out of the record.
    pub fn remove_object(&mut self, address: &InstanceAddr, deposed: Option<&DeposedKey>) {
        self.change_instance(address, |instance| match deposed {
            Some(key) => {
                instance.deposed.remove(key);
            }
            None => instance.current = None,
        });
    }

    /// Turns the current object into one that awaits deletion. Doing it twice changes nothing.
    pub fn depose(&mut self, address: &InstanceAddr, key: &DeposedKey) {
        self.change_instance(address, |instance| {
            if !instance.deposed.contains_key(key)
                && let Some(object) = instance.current.take()
            {
                instance.deposed.insert(key.clone(), object);
            }
        });
    }

    /// Brings a deposed object back, unless another one has become current meanwhile.
    pub fn restore(&mut self, address: &InstanceAddr, key: &DeposedKey) {
        self.change_instance(address, |instance| {
            if instance.current.is_none() {
                instance.current = instance.deposed.remove(key);
            }
        });
    }

    /// Puts everything that is recorded of instances under other addresses, all at once: one may go
    /// where another leaves. What would land on something that stays is left where it is. Doing it
    /// twice changes nothing.
    pub fn move_instances<'a>(
        &mut self,
        moves: impl IntoIterator<Item = (&'a InstanceAddr, &'a InstanceAddr)>,
    ) {
        let mut under_way = Vec::new();
        for (from, to) in moves {
            let Some(resource) = self.resources.get_mut(&from.resource) else { continue };
            let Some(instance) = resource.instances.remove(&from.key) else { continue };
            let provider = resource.provider.clone();
            if resource.instances.is_empty() {
                self.resources.remove(&from.resource);
            }
            under_way.push((from, to, provider, instance));
        }
        for (from, to, provider, instance) in under_way {
            let goal = if self.instance(to).is_some() { from } else { to };
            let resource = self
                .resources
                .entry(goal.resource.clone())
                .or_insert_with(|| ResourceRecord { provider, instances: Instances::default() });
            resource.instances.insert(goal.key.clone(), instance);
        }
    }

    fn change_instance(
        &mut self,
        address: &InstanceAddr,
        change: impl FnOnce(&mut InstanceRecord),
    ) {
        let Some(resource) = self.resources.get_mut(&address.resource) else { return };
        let Some(instance) = resource.instances.get_mut(&address.key) else { return };
        change(instance);
        if instance.current.is_none() && instance.deposed.is_empty() {
            resource.instances.remove(&address.key);
        }
        if resource.instances.is_empty() {
            self.resources.remove(&address.resource);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::addr::InstanceKey;

    fn object(id: &str) -> ObjectRecord {
        ObjectRecord {
            status: ObjectStatus::Ready,
            schema_version: 0,
            attributes: Value::object([("id", Value::from(id))]).into(),
            sensitive: Vec::new(),
            dependencies: Dependencies::default(),
            create_before_destroy: false,
        }
    }

    #[test]
    fn deposing_and_removing_leave_no_empty_records() {
        let mut state = State::empty(Lineage("l".to_owned()));
        let address = ResourceAddr::managed("t_a", "x").instance(InstanceKey::None);
        let provider = ProviderConfigAddr::default_of("t");
        let key = DeposedKey("00000001".to_owned());
        state.set_object(&address, &provider, None, object("1"));
        state.depose(&address, &key);
        state.depose(&address, &key);
        assert!(state.object(&address).is_none());
        state.set_object(&address, &provider, None, object("2"));
        state.restore(&address, &key);
        assert_eq!(state.object(&address).unwrap().id().as_deref(), Some("2"));
        state.remove_object(&address, Some(&key));
        state.remove_object(&address, None);
        assert!(state.is_empty());
    }
}
