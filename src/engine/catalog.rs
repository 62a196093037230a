//! What the engine is handed, and the resource types it may find there.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::sdk::http::Transport;
use crate::sdk::{Environment, Provider, Registry, ResourceSpec};
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
}

impl Catalog {
    /// Looks through a registry once.
    pub fn new(registry: Registry) -> Self {
        let types = registry.providers().flat_map(|provider| {
            let name = provider.name();
            provider.resources().into_iter().map(move |spec| (spec.type_name, (name, spec)))
        });
        Self { types: types.collect(), registry }
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

    /// The provider that the resource type `name` belongs to.
    pub fn provider_of(&self, name: &str) -> Option<&'static str> {
        self.types.get(name).map(|(provider, _)| *provider)
    }

    /// The names of all resource types.
    pub fn resource_names(&self) -> impl Iterator<Item = &'static str> {
        self.types.keys().copied()
    }
}
