//! Backends as configurations name them.

use crate::schema::{Problem, Schema};
use crate::sdk::Environment;
use crate::value::Value;

use super::http::HttpKind;
use super::local::LocalKind;
use super::pg::PgKind;
use super::{Backend, Outcome};

/// A kind of backend, such as `s3`.
pub trait Kind: Send + Sync {
    /// The label of its `backend` block.
    fn name(&self) -> &'static str;

    /// The settings of its block. Those that Terraform's backend of that name has mean the same
    /// here; the others say that they are ours.
    fn schema(&self) -> Schema;

    /// Makes a store from settings and environment. It must not touch the network.
    fn configure(
        &self,
        settings: &Value,
        environment: &Environment,
    ) -> Result<Box<dyn Store>, Vec<Problem>>;
}

/// The workspace that is there without having been made.
pub const DEFAULT_WORKSPACE: &str = "default";

static HTTP: HttpKind = HttpKind::network();
static KINDS: &[&dyn Kind] = &[
    #[cfg(feature = "azurerm")]
    &super::Azurerm,
    #[cfg(feature = "gcs")]
    &super::Gcs,
    &HTTP,
    &LocalKind,
    &PgKind,
    #[cfg(feature = "s3")]
    &super::S3,
];

/// Every kind of backend there is, in order of name.
pub fn kinds() -> &'static [&'static dyn Kind] {
    KINDS
}

/// Where the states of all workspaces are.
pub trait Store: Send + Sync {
    /// The state of one workspace, whether or not it is there. The error says why there can be none
    /// of that name.
    fn workspace(&self, name: &str) -> Result<Box<dyn Backend>, String>;

    /// Makes room for a workspace. `false` where it is there only once a state was saved.
    fn prepare<'a>(&'a self, _name: &'a str) -> Outcome<'a, bool> {
        Box::pin(async { Ok(false) })
    }

    /// The names of all workspaces that are there, in order; the one called `default` always is.
    fn workspaces(&self) -> Outcome<'_, Vec<String>>;

    /// Takes a workspace away with all that is kept of it. Its lock is held.
    fn delete<'a>(&'a self, name: &'a str) -> Outcome<'a, ()>;
}
