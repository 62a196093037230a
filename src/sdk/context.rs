//! What one operation on one object is given.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use crate::text::one_line;
use crate::world::{BoxFuture, World};

use super::{ErrorKind, ProviderError};

type Accept =
    dyn Fn(serde_json::Value) -> BoxFuture<'static, Result<(), ProviderError>> + Send + Sync;
type Progress = dyn Fn(&str) + Send + Sync;

/// The world, the journal and the ear of whoever watches, for one operation.
#[derive(Clone)]
pub struct Context {
    /// Time and identifiers.
    pub world: World,
    /// Patience by operation, as the object's `timeouts` block sets it.
    pub timeouts: BTreeMap<String, Duration>,
    accept: Arc<Accept>,
    progress: Arc<Progress>,
    claimed: Arc<BTreeSet<String>>,
}

impl Context {
    /// A context that records nothing, for reads and tests.
    pub fn new(world: World) -> Self {
        Self {
            world,
            timeouts: BTreeMap::new(),
            accept: Arc::new(|_| Box::pin(async { Ok(()) })),
            progress: Arc::new(|_| {}),
            claimed: Arc::default(),
        }
    }

    /// Tells which ids belong to other objects: what state holds already, and what vendors gave to
    /// other creates that are still open.
    #[must_use]
    pub fn claiming(mut self, ids: impl IntoIterator<Item = String>) -> Self {
        self.claimed = Arc::new(ids.into_iter().collect());
        self
    }

    /// Whether `id` is known to belong to another object. A search for what a lost create made must
    /// pass such ones over: two resources may well have the same source and name.
    pub fn is_claimed(&self, id: &str) -> bool {
        self.claimed.contains(id)
    }

    /// Calls `accept` with every handle a vendor gives for a request it took.
    #[must_use]
    pub fn on_accepted<F>(
        mut self,
        accept: impl Fn(serde_json::Value) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<(), ProviderError>> + Send + 'static,
    {
        self.accept = Arc::new(move |handle| Box::pin(accept(handle)));
        self
    }

    /// Calls `progress` with what is going on, for people who watch.
    #[must_use]
    pub fn on_progress(mut self, progress: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.progress = Arc::new(progress);
        self
    }

    /// Writes the vendor's handle (queue id, snapshot id) into the journal.
    ///
    /// To be called as soon as the handle is known, before any waiting: it is what
    /// [`super::Resource::recover`] gets when the run dies after this line.
    pub async fn accepted(&self, handle: &impl Serialize) -> Result<(), ProviderError> {
        let json = serde_json::to_value(handle).map_err(|error| {
            ProviderError::new(ErrorKind::Journal, "journal", error.to_string())
        })?;
        (self.accept)(json).await
    }

    /// Tells whoever watches what is going on, in a few words such as `creating, 37 %`. Vendors'
    /// words may be in it, so it is cut short and nothing in it can steer a terminal.
    pub fn progress(&self, text: &str) {
        (self.progress)(&one_line(text, 120));
    }

    /// How long `operation` may take: what the person set, else `default`.
    pub fn timeout(&self, operation: &str, default: Duration) -> Duration {
        self.timeouts.get(operation).copied().unwrap_or(default)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn progress_cannot_steer_a_terminal() {
        let said = Arc::new(Mutex::new(String::new()));
        let ear = Arc::clone(&said);
        let cx = Context::new(World::fixed(crate::world::Timestamp::EPOCH))
            .on_progress(move |text| text.clone_into(&mut ear.lock().unwrap()));
        cx.progress(&format!("\u{1b}[2Jqueued\r\n{}", "x".repeat(10_000)));
        let said = said.lock().unwrap();
        assert!(said.starts_with(" [2Jqueued  x"), "{said}");
        assert_eq!(said.chars().count(), 120);
    }
}
