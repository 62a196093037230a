//! Data: what is looked up and never changed.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::schema::Schema;
use crate::value::Value;
use crate::world::BoxFuture;

use super::{Context, DynResource, ProviderError};

/// A data type as everybody may know it: without a client.
#[derive(Clone, Debug)]
pub struct DataSpec {
    /// Its name, the first label of `data` blocks.
    pub type_name: &'static str,
    /// Its arguments, and what a read adds to them.
    pub schema: Schema,
}

/// A configured data type.
pub trait DynDataSource: Send + Sync {
    /// Looks something up. `arguments` is a whole object of the schema's type and wholly known; the
    /// answer is one as well, with what was found in place.
    fn read<'a>(
        &'a self,
        cx: &'a Context,
        arguments: &'a Value,
    ) -> BoxFuture<'a, Result<Value, ProviderError>>;
}

/// What one provider configuration offers, by type name.
#[derive(Clone, Default)]
pub struct Configured {
    /// The resource types.
    pub resources: BTreeMap<&'static str, Arc<dyn DynResource>>,
    /// The data types.
    pub data: BTreeMap<&'static str, Arc<dyn DynDataSource>>,
    /// How many steps may be under way at once, where that is limited.
    pub parallelism: Option<usize>,
}

impl<const N: usize> From<[(&'static str, Arc<dyn DynResource>); N]> for Configured {
    fn from(resources: [(&'static str, Arc<dyn DynResource>); N]) -> Self {
        Self { resources: BTreeMap::from(resources), data: BTreeMap::new(), parallelism: None }
    }
}

impl Configured {
    /// The same with one more data type.
    #[must_use]
    pub fn with_data(mut self, type_name: &'static str, data: Arc<dyn DynDataSource>) -> Self {
        self.data.insert(type_name, data);
        self
    }
}
