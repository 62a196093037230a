//! The built-in provider: resources without a vendor.
//!
//! In: arguments. Out: objects that exist in state only. It calls nobody.

mod remote_state;
mod terraform_data;

use std::sync::Arc;

use crate::schema::{Problem, Schema};
use crate::sdk::{ConfigureContext, Configured, DataSpec, DynResource, Provider, ResourceSpec};
use crate::value::Value;

/// The built-in provider, named as Terraform names its own.
pub static PROVIDER: Builtin = Builtin;

/// See [`PROVIDER`].
#[derive(Clone, Copy, Debug)]
pub struct Builtin;

impl Provider for Builtin {
    fn name(&self) -> &'static str {
        "terraform"
    }

    fn schema(&self) -> Schema {
        Schema::new("Resources without a vendor. There is nothing to set.", Vec::new())
    }

    fn resources(&self) -> Vec<ResourceSpec> {
        vec![terraform_data::spec()]
    }

    fn data_sources(&self) -> Vec<DataSpec> {
        vec![remote_state::spec()]
    }

    fn configure(&self, _: &Value, cx: &ConfigureContext) -> Result<Configured, Vec<Problem>> {
        let resource: Arc<dyn DynResource> = Arc::new(terraform_data::TerraformData);
        let configured = Configured::from([(terraform_data::TYPE, resource)]);
        Ok(configured
            .with_data(remote_state::TYPE, Arc::new(remote_state::RemoteState::new(&cx.keys))))
    }
}
