//! What the engine is handed, and the resource types it may find there.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::addr::{LocalResource, ResourceMode};
use crate::schema::Schema;
use crate::sdk::http::Transport;
use crate::sdk::seal::Keyring;
use crate::sdk::{DataSpec, Environment, Provider, Registry, ResourceSpec};
use crate::world::World;

use super::Observer;

/// Everything the engine needs from outside besides a module and a state.
#[derive(Clone)]
pub struct Engine<'a> {
    /// Time, identifiers, the wish to stop.
    pub world: World,
    /// The resource types there are.
    pub catalog: &'a Catalog,
    /// Where requests go.
    pub transport: Arc<dyn Transport>,
    /// The environment for providers' credentials; empty when emulating.
    pub environment: Environment,
    /// The keys of what is encrypted.
    pub keys: Arc<Keyring>,
    /// Settings that point providers at emulators; `None` for the real vendors.
    pub emulation: Option<&'a Emulation>,
    /// Whoever watches.
    pub observer: Arc<dyn Observer>,
}

/// For each provider the settings that make it speak to an emulator. `None` takes a setting away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Emulation(pub BTreeMap<&'static str, Vec<(&'static str, Option<String>)>>);

/// The providers and resource types of a registry, by name.
pub struct Catalog {
    registry: Registry,
    types: BTreeMap<&'static str, (&'static str, ResourceSpec)>,
    data: BTreeMap<&'static str, (&'static str, DataSpec)>,
}

impl Catalog {
    /// Looks through a registry once.
    pub fn new(registry: Registry) -> Self {
        let types = registry.providers().flat_map(|provider| {
            let name = provider.name();
            provider.resources().into_iter().map(move |spec| (spec.type_name, (name, spec)))
        });
        let data = registry.providers().flat_map(|provider| {
            let name = provider.name();
            provider.data_sources().into_iter().map(move |spec| (spec.type_name, (name, spec)))
        });
        Self { types: types.collect(), data: data.collect(), registry }
    }

    /// The provider called `name`.
    pub fn provider(&self, name: &str) -> Option<&'static dyn Provider> {
        self.registry.provider(name)
    }

    /// The names of all providers.
    pub fn provider_names(&self) -> impl Iterator<Item = &'static str> {
        self.registry.providers().map(Provider::name)
    }

    /// Every provider.
    pub fn providers(&self) -> impl Iterator<Item = &'static dyn Provider> {
        self.registry.providers()
    }

    /// The resource type called `name`.
    pub fn resource(&self, name: &str) -> Option<&ResourceSpec> {
        self.types.get(name).map(|(_, spec)| spec)
    }

    /// The data type called `name`.
    pub fn data(&self, name: &str) -> Option<&DataSpec> {
        self.data.get(name).map(|(_, spec)| spec)
    }

    /// The schema of a resource or data type.
    pub fn schema(&self, resource: &LocalResource) -> Option<&Schema> {
        let name = &*resource.type_name.0;
        match resource.mode {
            ResourceMode::Managed => self.resource(name).map(|spec| &spec.schema),
            ResourceMode::Data => self.data(name).map(|spec| &spec.schema),
        }
    }

    /// The provider that a resource or data type belongs to.
    pub fn provider_of(&self, resource: &LocalResource) -> Option<&'static str> {
        let name = &*resource.type_name.0;
        match resource.mode {
            ResourceMode::Managed => self.types.get(name).map(|(provider, _)| *provider),
            ResourceMode::Data => self.data.get(name).map(|(provider, _)| *provider),
        }
    }

    /// The names of all data types.
    pub fn data_names(&self) -> impl Iterator<Item = &'static str> {
        self.data.keys().copied()
    }

    /// The names of all resource types.
    pub fn resource_names(&self) -> impl Iterator<Item = &'static str> {
        self.types.keys().copied()
    }
}
