//! OpenStack: volume snapshots through the compute API's `os-snapshots`.
//!
//! In: Keystone v3 credentials. Out: the resource type `openstack_compute_snapshot` and an emulator
//! of Keystone, nova and a little of cinder. Quirks: nova stores nothing and passes everything on
//! to block storage, so that a person's mistake comes back as a 500 whose class name alone tells
//! what happened; `os-snapshots` is gone from microversion 2.36 on, so no microversion is sent; a
//! 404 means "gone" only with `itemNotFound` and the id; lists are cut without a word, so they are
//! read until a page is empty; requests are in `snake_case`, answers in camelCase.

mod client;
mod emulator;
mod fault;
mod identity;
mod settings;
mod snapshot;
#[cfg(test)]
mod tests;
mod wire;

use std::sync::Arc;

use crate::schema::{Problem, Schema};
use crate::sdk::emulator::Emulator;
use crate::sdk::{ConfigureContext, Configured, Provider, Resource as _, ResourceSpec, erase};
use crate::value::Value;

/// The provider `openstack`.
pub static PROVIDER: OpenStack = OpenStack;

/// Speaks to an OpenStack cloud.
#[derive(Clone, Copy, Debug)]
pub struct OpenStack;

impl Provider for OpenStack {
    fn name(&self) -> &'static str {
        "openstack"
    }

    fn schema(&self) -> Schema {
        settings::schema()
    }

    fn resources(&self) -> Vec<ResourceSpec> {
        vec![ResourceSpec::of::<snapshot::Snapshot>()]
    }

    fn configure(
        &self,
        settings: &Value,
        cx: &ConfigureContext,
    ) -> Result<Configured, Vec<Problem>> {
        let cloud = settings::cloud(settings, cx)?;
        let snapshot = snapshot::Snapshot::new(cloud);
        Ok(Configured::from([(snapshot::Snapshot::TYPE, erase(snapshot))]))
    }

    fn emulator(&self) -> Option<Arc<dyn Emulator>> {
        Some(Arc::new(emulator::OpenStackEmulator))
    }
}
