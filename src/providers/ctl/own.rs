//! Which snapshots are objects of this state, as far as this run has seen.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::sdk::{ErrorKind, ProviderError};

/// The ids of snapshots that resources of ours hold. A server has one slot, so a second resource
/// that names the same server would find it taken by the first, and with `replace_existing` the two
/// would delete each other's snapshot in every run.
#[derive(Default)]
pub(super) struct Own(Mutex<BTreeSet<String>>);

impl Own {
    /// Notes that a resource of ours holds it.
    pub(super) fn note(&self, id: &str) {
        self.lock().insert(id.to_owned());
    }

    /// Notes that no resource of ours holds it any more.
    pub(super) fn forget(&self, id: &str) {
        self.lock().remove(id);
    }

    /// Refuses to take the slot of a snapshot that another resource of ours holds.
    pub(super) fn spare(&self, alias: &str, server: &str, id: &str) -> Result<(), ProviderError> {
        if !self.lock().contains(&format!("{alias}/{}/{id}", server.to_lowercase())) {
            return Ok(());
        }
        let message = format!(
            "Server `{server}` holds snapshot `{id}`, which belongs to another resource here, and \
             it can hold only one."
        );
        Err(ProviderError::new(ErrorKind::Refused, "Create Snapshot", message)
            .attribute("server_id")
            .help("let only one resource name this server"))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
