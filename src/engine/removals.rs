//! What `removed` blocks say.

use crate::addr::{DeclaredResource, InstanceAddr, ModulePath, Target};
use crate::config::{Config, RemovedDecl};

/// Tells whether an instance is only to be forgotten.
pub(super) fn forgets(config: &Config, address: &InstanceAddr) -> bool {
    let is_removed = config.modules().any(|(_, found)| !found.module.removed.is_empty());
    is_removed
        && config.resource(&address.resource).is_none()
        && of(config, &address.resource.declared()).is_some_and(|removed| !removed.destroy)
}

/// The block that says that a resource was removed, itself or with its module.
pub(super) fn of<'c>(config: &'c Config, resource: &DeclaredResource) -> Option<&'c RemovedDecl> {
    // The block may stand in any module above; the addresses in it start there.
    (0..=resource.module.0.len()).rev().find_map(|levels| {
        let (above, below) = resource.module.0.split_at(levels);
        let module = config.module(&ModulePath(above.into()))?;
        module.removed.iter().find(|removed| match &removed.from {
            Target::Module(from) => below.starts_with(&from.path().0),
            Target::Resource(from) => {
                from.local == resource.local && *from.module.path().0 == *below
            }
            Target::Instance(_) => false,
        })
    })
}
