//! CenturyLink Cloud: snapshots of whole servers.
//!
//! In: user and password, or a bearer token. Out: the resource type `ctl_server_snapshot`, data types
//! for servers, their snapshots and groups, and an emulator. Quirks: a server holds one snapshot at the most, so a replacement must delete first;
//! every change is a queued job that never tells the snapshot's id, which stands only in the links
//! of the server; wrong credentials are a 400; ids come back in lower case whatever was sent; no
//! answer tells when a snapshot expires, so that is computed.

mod arguments;
mod bulk;
mod client;
mod data;
mod emulator;
mod foresight;
mod import;
mod own;
mod settings;
mod snapshot;
#[cfg(test)]
mod tests;
mod waiting;
mod wire;

use std::sync::Arc;

use crate::schema::{Problem, Schema};
use crate::sdk::emulator::Emulator;
use crate::sdk::{
    ConfigureContext, Configured, DataSource as _, DataSpec, Provider, Resource as _, ResourceSpec,
    erase, erase_data,
};
use crate::value::Value;

use data::{GroupSnapshots, Server, Snapshot};

/// The provider `ctl`.
pub static PROVIDER: Ctl = Ctl;

/// Speaks to CenturyLink Cloud.
#[derive(Clone, Copy, Debug)]
pub struct Ctl;

impl Provider for Ctl {
    fn name(&self) -> &'static str {
        "ctl"
    }

    fn schema(&self) -> Schema {
        settings::schema()
    }

    fn resources(&self) -> Vec<ResourceSpec> {
        vec![ResourceSpec::of::<snapshot::Snapshot>()]
    }

    fn data_sources(&self) -> Vec<DataSpec> {
        vec![DataSpec::of::<Server>(), DataSpec::of::<Snapshot>(), DataSpec::of::<GroupSnapshots>()]
    }

    fn configure(
        &self,
        settings: &Value,
        cx: &ConfigureContext,
    ) -> Result<Configured, Vec<Problem>> {
        let cloud = settings::cloud(settings, cx)?;
        let snapshot = snapshot::Snapshot::new(cloud.clone());
        Ok(Configured::from([(snapshot::Snapshot::TYPE, erase(snapshot))])
            .with_data(Server::TYPE, erase_data(Server(cloud.clone())))
            .with_data(Snapshot::TYPE, erase_data(Snapshot(cloud.clone())))
            .with_data(GroupSnapshots::TYPE, erase_data(GroupSnapshots(cloud))))
    }

    fn emulator(&self) -> Option<Arc<dyn Emulator>> {
        Some(Arc::new(emulator::CtlEmulator))
    }
}
