//! What many records of a state file name, read once and kept once.

use std::sync::Arc;

use crate::addr::{AddressError, DeclaredResource, ProviderConfigAddr};
use crate::text::{Names, Recent};

/// How many resources that others depend on are remembered.
const DEPENDENCIES: usize = 1 << 16;

/// Names that were read lately.
pub(super) struct Known {
    pub(super) types: Names,
    pub(super) providers: Recent<ProviderConfigAddr>,
    dependencies: Recent<Arc<DeclaredResource>>,
}

impl Default for Known {
    fn default() -> Self {
        Self {
            types: Names::default(),
            providers: Recent::default(),
            dependencies: Recent::with_places(DEPENDENCIES),
        }
    }
}

impl Known {
    /// A resource that an object depends on.
    pub(super) fn dependency(&mut self, text: &str) -> Result<Arc<DeclaredResource>, AddressError> {
        self.dependencies.get(text, read_dependency)
    }
}

/// A resource that an object depends on, read anew.
pub(super) fn read_dependency(text: &str) -> Result<Arc<DeclaredResource>, AddressError> {
    text.parse().map(Arc::new)
}
