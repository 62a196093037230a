//! Alibaba Apsara Stack ECS: snapshots of disks, through the portal's API Gateway or natively.
//!
//! In: the settings of a `provider "apsara"` block, `apsara_ecs_snapshot` resources, and the filters
//! of the data types `apsara_ecs_disks` and `apsara_ecs_snapshots`. Out: signed requests in one of
//! three dialects (`apigw`, `acs3`, `rpc`), and the vendor's API in memory.
//!
//! Quirks: the portal's page shows a create that answers without the snapshot's id, so every
//! snapshot carries a marker tag by which it is found; failures come in five shapes, one of them
//! possibly with HTTP 200; numbers may be texts; one disk makes one snapshot at a time.

mod answer;
mod arguments;
mod client;
mod disks;
mod emulator;
mod foresight;
mod lenient;
mod lists;
mod object;
mod profile;
mod recovery;
mod rules;
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

/// The provider `apsara`.
pub static PROVIDER: Apsara = Apsara;

/// Speaks to Apsara Stack ECS.
#[derive(Clone, Copy, Debug)]
pub struct Apsara;

impl Provider for Apsara {
    fn name(&self) -> &'static str {
        "apsara"
    }

    fn schema(&self) -> Schema {
        settings::schema()
    }

    fn resources(&self) -> Vec<ResourceSpec> {
        vec![ResourceSpec::of::<snapshot::EcsSnapshot>()]
    }

    fn data_sources(&self) -> Vec<DataSpec> {
        vec![DataSpec::of::<disks::EcsDisks>(), DataSpec::of::<snapshots::EcsSnapshots>()]
    }

    fn configure(
        &self,
        settings: &Value,
        cx: &ConfigureContext,
    ) -> Result<Configured, Vec<Problem>> {
        let api = Arc::new(settings::configure(settings, cx)?);
        let resource = erase(snapshot::EcsSnapshot::new(Arc::clone(&api)));
        let disks = erase_data(disks::EcsDisks::new(Arc::clone(&api)));
        let snapshots = erase_data(snapshots::EcsSnapshots::new(api));
        Ok(Configured::from([(snapshot::EcsSnapshot::TYPE, resource)])
            .with_data(disks::EcsDisks::TYPE, disks)
            .with_data(snapshots::EcsSnapshots::TYPE, snapshots))
    }

    fn emulator(&self) -> Option<Arc<dyn Emulator>> {
        Some(Arc::new(emulator::ApsaraEmulator))
    }
}
