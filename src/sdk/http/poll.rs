//! Waiting for completion: another policy than retrying, with its own patience.

use std::time::Duration;

use crate::sdk::{ErrorKind, ProviderError};
use crate::world::World;

/// How to look again and again until something is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Poll {
    /// From the first look to the second.
    pub first: Duration,
    /// The longest time from one look to the next; each is half as long again as the one before.
    pub longest: Duration,
    /// How long to wait in all.
    pub patience: Duration,
}

impl Poll {
    /// Pauses from `first` to `longest` seconds, at most `patience` in all.
    pub fn seconds(first: u64, longest: u64, patience: Duration) -> Self {
        Self { first: Duration::from_secs(first), longest: Duration::from_secs(longest), patience }
    }

    /// Calls `look` until it gives something. Errors: those of `look`, and
    /// [`ErrorKind::TimedOut`] when the patience ends.
    pub async fn until<T, F>(
        &self,
        world: &World,
        operation: &str,
        mut look: impl FnMut() -> F,
    ) -> Result<T, ProviderError>
    where
        F: Future<Output = Result<Option<T>, ProviderError>>,
    {
        let end = world.clock.now().saturating_add(self.patience);
        let mut pause = self.first;
        loop {
            let begun = world.clock.now();
            if let Some(found) = look().await? {
                return Ok(found);
            }
            let now = world.clock.now();
            if now >= end {
                return Err(ProviderError::new(
                    ErrorKind::TimedOut,
                    operation,
                    format!("Not done after {} seconds.", self.patience.as_secs()),
                )
                .help(
                    "raise the patience in the resource's `timeouts` block, and look at the vendor",
                ));
            }
            // Looks follow in step, however long they take; but a vendor that is slow gets some rest.
            world.clock.sleep(pause.saturating_sub(now.since(begun)).max(pause / 2)).await;
            pause = (pause * 3 / 2).min(self.longest);
        }
    }
}
