//! ThousandEyes: snapshots of a test's results.
//!
//! In: an e-mail address with its token, or a bearer token. Out: the resource type
//! `thousandeyes_snapshot` and an emulator. Quirks: the vendor can only create. Nothing reads, lists
//! or deletes a snapshot; a private one shows in the list of tests as a saved event, a public one
//! shows nowhere, and both end by themselves after 30 days. Ten may be made in an hour by the whole
//! organization. A 401 must stop everything, because many of them block the address.

mod client;
mod emulator;
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
use crate::sdk::{ConfigureContext, Configured, Provider, Resource as _, ResourceSpec, erase};
use crate::value::Value;

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

    fn configure(
        &self,
        settings: &Value,
        cx: &ConfigureContext,
    ) -> Result<Configured, Vec<Problem>> {
        let snapshot = settings::snapshot(settings, cx)?;
        Ok(Configured::from([(snapshot::Snapshot::TYPE, erase(snapshot))]))
    }

    fn emulator(&self) -> Option<Arc<dyn Emulator>> {
        Some(Arc::new(emulator::ThousandEyesEmulator))
    }
}
