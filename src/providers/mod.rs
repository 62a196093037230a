//! The providers: one folder per vendor, one line per folder in the list below.
//!
//! In: the `sdk`. Out: [`REGISTRY`]. A provider uses `sdk`, `schema`, `value` and the serde family;
//! never another provider and never the engine.

pub mod apsara;
#[cfg(test)]
mod bench;
pub mod builtin;
pub mod ctl;
pub mod openstack;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
pub mod thousandeyes;
pub mod zenlayer;

use crate::sdk::Registry;

/// Every provider of this build.
pub static REGISTRY: Registry = Registry::new(&[
    &apsara::PROVIDER,
    &builtin::PROVIDER,
    &ctl::PROVIDER,
    &openstack::PROVIDER,
    &thousandeyes::PROVIDER,
    &zenlayer::PROVIDER,
]);
