//! Everything a provider may touch.
//!
//! In: a provider's declarations. Out: the traits [`Provider`] and [`Resource`] with an erased
//! twin for the engine, an HTTP client, signing, encryption at rest, and the frame for emulators. It
//! knows no vendor and nothing of plans or state files.

pub mod auth;
pub mod choice;
mod context;
mod data;
pub mod emulator;
mod erased;
mod error;
mod foresight;
mod gathering;
pub mod http;
mod paging;
mod provider;
mod resource;
pub mod seal;
mod together;
mod trust;

pub use context::Context;
pub use data::{Configured, DataSource, DataSpec, DynDataSource, erase_data};
pub use erased::{DynResource, erase};
pub use error::{ErrorKind, ProviderError};
pub use foresight::{Certainty, Intended, Obstacle};
pub use gathering::Gathering;
pub use paging::{Listed, MOST_RECORDS, PAGE_SIZE, Pages};
pub use provider::{
    ConfigureContext, Environment, Provider, Registry, Settings, most_steps, most_steps_setting,
    reachable_endpoint,
};
pub use resource::{
    Created, Deletion, EXPIRES_AT, Reading, Recovery, Replacement, Resource, ResourceSpec, Sharing,
    Unique, one_each, the_one,
};
pub use together::together;
pub use trust::TrustSettings;

/// For settings that vendors' own tools keep in YAML: it reads as `yamldecode` does.
pub use crate::lang::read_yaml;
/// For messages that name several things.
pub use crate::text::listed;
