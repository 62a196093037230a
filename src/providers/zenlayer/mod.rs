//! Zenlayer Elastic Compute: snapshots of disks, over the console API 2.0.
//!
//! In: the settings of a `provider "zenlayer"` block, `zenlayer_disk_snapshot` resources, and the
//! filters of the data types `zenlayer_disks` and `zenlayer_disk_snapshots`. Out: signed `POST`s to
//! one path, a header naming the operation, and the vendor's API in memory.
//!
//! Quirks: no idempotency token, so a create whose answer is lost is looked up by disk, name and
//! time; a delete can fail inside a 200; a retention time must be 24 hours ahead when it is set,
//! not while it stays; names are not unique and the server's filter by name is no exact match.

mod arguments;
mod client;
mod disks;
mod emulator;
mod foresight;
mod lists;
mod recovery;
mod settings;
mod signing;
mod snapshot;
mod snapshots;
#[cfg(test)]
mod tests;
mod wire;

use std::sync::Arc;

use crate::schema::{Problem, Schema};
use crate::sdk::emulator::Emulator;
use crate::sdk::{
    ConfigureContext, Configured, DataSource as _, DataSpec, Provider, Resource as _, ResourceSpec,
    erase, erase_data,
};
use crate::value::Value;

/// The provider `zenlayer`.
pub static PROVIDER: Zenlayer = Zenlayer;

/// Speaks to Zenlayer Elastic Compute.
#[derive(Clone, Copy, Debug)]
pub struct Zenlayer;

impl Provider for Zenlayer {
    fn name(&self) -> &'static str {
        "zenlayer"
    }

    fn schema(&self) -> Schema {
        settings::schema()
    }

    fn resources(&self) -> Vec<ResourceSpec> {
        vec![ResourceSpec::of::<snapshot::DiskSnapshot>()]
    }

    fn data_sources(&self) -> Vec<DataSpec> {
        vec![DataSpec::of::<disks::Disks>(), DataSpec::of::<snapshots::DiskSnapshots>()]
    }

    fn configure(
        &self,
        settings: &Value,
        cx: &ConfigureContext,
    ) -> Result<Configured, Vec<Problem>> {
        let api = Arc::new(settings::configure(settings, cx)?);
        let resource = erase(snapshot::DiskSnapshot::new(Arc::clone(&api)));
        let disks = erase_data(disks::Disks::new(Arc::clone(&api)));
        let snapshots = erase_data(snapshots::DiskSnapshots::new(api));
        Ok(Configured::from([(snapshot::DiskSnapshot::TYPE, resource)])
            .with_data(disks::Disks::TYPE, disks)
            .with_data(snapshots::DiskSnapshots::TYPE, snapshots))
    }

    fn emulator(&self) -> Option<Arc<dyn Emulator>> {
        Some(Arc::new(emulator::ZenlayerEmulator))
    }
}
