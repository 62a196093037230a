//! The providers: one folder per vendor, one line per folder in the list below.
//!
//! In: the `sdk`. Out: [`REGISTRY`]. A provider uses `sdk`, `schema`, `value` and the serde family;
//! never another provider and never the engine.

pub mod ctl;
pub mod openstack;
#[cfg(test)]
mod testing;
pub mod thousandeyes;

use crate::sdk::Registry;

/// Every provider of this build.
pub static REGISTRY: Registry =
    Registry::new(&[&ctl::PROVIDER, &openstack::PROVIDER, &thousandeyes::PROVIDER]);
