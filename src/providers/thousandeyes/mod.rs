//! ThousandEyes: snapshots of a test's results.
//!
//! In: an e-mail address with its token, or a bearer token. Out: the resource type
//! `thousandeyes_snapshot`, data types for tests and saved events, and an emulator. Quirks: the vendor can only create. Nothing reads, lists
//! or deletes a snapshot; a private one shows in the list of tests as a saved event, a public one
//! shows nowhere, and both end by themselves after 30 days. Ten may be made in an hour by the whole
//! organization. A 401 must stop everything, because many of them block the address.

mod arguments;
mod client;
mod data;
mod deletion;
mod emulator;
mod foresight;
mod quota;
mod range;
mod settings;
mod snapshot;
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

use data::{SavedEvents, Test};

/// The provider `thousandeyes`.
pub static PROVIDER: ThousandEyes = ThousandEyes;

/// Speaks to ThousandEyes.
#[derive(Clone, Copy, Debug)]
pub struct ThousandEyes;

impl Provider for ThousandEyes {
    fn name(&self) -> &'static str {
        "thousandeyes"
    }

    fn schema(&self) -> Schema {
        settings::schema()
    }

    fn resources(&self) -> Vec<ResourceSpec> {
        vec![ResourceSpec::of::<snapshot::Snapshot>()]
    }

    fn data_sources(&self) -> Vec<DataSpec> {
        vec![DataSpec::of::<Test>(), DataSpec::of::<SavedEvents>()]
    }

    fn configure(
        &self,
        settings: &Value,
        cx: &ConfigureContext,
    ) -> Result<Configured, Vec<Problem>> {
        let (api, quota) = settings::organization(settings, cx)?;
        let snapshot = snapshot::Snapshot::new(Arc::clone(&api), quota);
        Ok(Configured::from([(snapshot::Snapshot::TYPE, erase(snapshot))])
            .with_data(Test::TYPE, erase_data(Test(Arc::clone(&api))))
            .with_data(SavedEvents::TYPE, erase_data(SavedEvents(api))))
    }

    fn emulator(&self) -> Option<Arc<dyn Emulator>> {
        Some(Arc::new(emulator::ThousandEyesEmulator))
    }
}
