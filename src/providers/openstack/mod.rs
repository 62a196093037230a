//! OpenStack: volumes, and their snapshots through the compute API and through block storage.
//!
//! In: Keystone v3 credentials. Out: the resource types `openstack_compute_snapshot` and
//! `openstack_blockstorage_snapshot_v3`, data types for volumes and snapshots, and an emulator of
//! Keystone, nova and the part of cinder that has to do with snapshots. Quirks: nova stores nothing
//! and passes everything on to block storage, so that a person's mistake comes back as a 500 whose
//! class name alone tells what happened; `os-snapshots` is gone from microversion 2.36 on, so no
//! microversion is sent; a 404 means "gone" only with `itemNotFound` and the id; nova cuts its lists
//! without a word, so they are read until a page is empty; nova's answers are in camelCase.

mod arguments;
mod block_snapshot;
mod choice;
mod client;
mod clouds_file;
mod emulator;
mod fault;
mod foresight;
mod identity;
mod life;
mod listing;
mod settings;
mod snapshot;
mod snapshot_data;
#[cfg(test)]
mod tests;
mod volume_data;
mod wire;

use std::sync::Arc;

use crate::schema::{Problem, Schema};
use crate::sdk::emulator::Emulator;
use crate::sdk::{
    ConfigureContext, Configured, DataSource as _, DataSpec, Provider, Resource as _, ResourceSpec,
    erase, erase_data,
};
use crate::value::Value;

use block_snapshot::BlockSnapshot;
use snapshot::Snapshot;
use snapshot_data::{SnapshotData, Snapshots};
use volume_data::{Volume, Volumes};

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
        vec![ResourceSpec::of::<Snapshot>(), ResourceSpec::of::<BlockSnapshot>()]
    }

    fn data_sources(&self) -> Vec<DataSpec> {
        vec![
            DataSpec::of::<Volume>(),
            DataSpec::of::<Volumes>(),
            DataSpec::of::<SnapshotData>(),
            DataSpec::of::<Snapshots>(),
        ]
    }

    fn configure(
        &self,
        settings: &Value,
        cx: &ConfigureContext,
    ) -> Result<Configured, Vec<Problem>> {
        let cloud = settings::cloud(settings, cx)?;
        let resources = [
            (Snapshot::TYPE, erase(Snapshot::new(cloud.clone()))),
            (BlockSnapshot::TYPE, erase(BlockSnapshot::new(cloud.clone()))),
        ];
        Ok(Configured::from(resources)
            .with_data(Volume::TYPE, erase_data(Volume(cloud.clone())))
            .with_data(Volumes::TYPE, erase_data(Volumes(cloud.clone())))
            .with_data(SnapshotData::TYPE, erase_data(SnapshotData(cloud.clone())))
            .with_data(Snapshots::TYPE, erase_data(Snapshots(cloud))))
    }

    fn emulator(&self) -> Option<Arc<dyn Emulator>> {
        Some(Arc::new(emulator::OpenStackEmulator))
    }
}
