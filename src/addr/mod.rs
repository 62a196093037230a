//! Addresses: the unique names of resources, instances, provider configurations, and references.
//!
//! In: nothing but text. Out: types with `Display` and `FromStr` that print and read as people type
//! them. It knows nothing of what the addresses stand for.

mod checkable;
mod instance;
mod module;
mod parse;
mod provider;
mod reference;
mod target;

pub use checkable::{Checkable, CheckableKind, CheckedObject, CheckedObjectAddr, LocalCheckable};
pub use instance::{
    DeclaredResource, InstanceAddr, InstanceKey, LocalResource, ResourceAddr, ResourceMode,
    ResourceType,
};
pub use module::{ModuleInstance, ModulePath, ModuleStep};
pub use parse::AddressError;
pub use provider::{LocalProvider, ProviderConfigAddr, ProviderName};
pub use reference::Reference;
pub use target::Target;
