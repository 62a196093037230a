//! The states of all workspaces in a bucket.

use std::sync::Arc;
use std::time::Duration;

use object_store::ObjectStore;

use crate::world::{Ids, RandomIds};

use super::super::{Backend, Outcome, Store};
use super::bucket::Bucket;
use super::layout::Layout;
use super::place::ObjectBackend;
use super::site::Site;

/// For how long a lock is held without a sign of life, unless the setting says otherwise.
pub(super) const LEASE: Duration = Duration::from_secs(30);

/// The states of all workspaces in one bucket.
pub(super) struct BucketStore {
    bucket: Bucket,
    layout: Layout,
    ids: Arc<dyn Ids>,
    lease: Duration,
}

impl BucketStore {
    /// The states that are in `store`, which people know as `address`.
    pub(super) fn new(
        store: Arc<dyn ObjectStore>,
        address: String,
        layout: Layout,
        lease: Duration,
    ) -> Self {
        Self { bucket: Bucket::new(store, address), layout, ids: Arc::new(RandomIds), lease }
    }

    fn site(&self, name: &str) -> Result<Site, String> {
        let paths = self.layout.paths(name)?;
        let (bucket, ids) = (self.bucket.clone(), Arc::clone(&self.ids));
        Ok(Site { bucket, paths, ids, lease: self.lease })
    }
}

impl Store for BucketStore {
    fn workspace(&self, name: &str) -> Result<Box<dyn Backend>, String> {
        Ok(Box::new(ObjectBackend::new(self.site(name)?)))
    }

    fn workspaces(&self) -> Outcome<'_, Vec<String>> {
        self.layout.workspaces(&self.bucket)
    }

    fn delete<'a>(&'a self, name: &'a str) -> Outcome<'a, ()> {
        Box::pin(async move {
            let Ok(site) = self.site(name) else { return Ok(()) };
            // Without its head nobody can go on with a journal, and only a state that is the last
            // thing left is no riddle to whoever finds it.
            site.bucket.delete(&site.paths.head()).await?;
            let mut rest = site.bucket.list(&site.paths.journal).await?;
            rest.retain(|path| *path != site.paths.lock);
            site.bucket.delete_all(rest).await?;
            site.bucket.delete(&site.paths.state).await
        })
    }
}
