//! How many snapshots may still be made within the window, as far as we know.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::sdk::{Context, ErrorKind, ProviderError};
use crate::world::Timestamp;

/// Longest sleep between two looks at the wish to stop.
const NAP: Duration = Duration::from_mins(1);

/// The creation quota and what we know to have used it up. Others in the organization use it too,
/// so this is a lower bound that spares us most of the refusals.
pub(super) struct Quota {
    limit: u64,
    window: Duration,
    waits: bool,
    ledger: Mutex<Ledger>,
}

/// Creates within the window, by the snapshot's id or, while one is under way, by its place.
#[derive(Default)]
struct Ledger {
    creates: BTreeMap<String, Timestamp>,
    places: u64,
}

/// What the quota means for the creates of a plan.
pub(super) struct Forecast {
    /// Creates within the window.
    pub(super) limit: u64,
    /// The window.
    pub(super) window: Duration,
    /// Creates that are known to count at the moment.
    pub(super) used: usize,
    /// When the last create of the plan can be made.
    pub(super) last_at: Timestamp,
}

impl Quota {
    /// At most `limit` creates within `window`; `waits` tells whether a create waits for its turn.
    pub(super) fn new(limit: u64, window: Duration, waits: bool) -> Self {
        Self { limit, window, waits, ledger: Mutex::default() }
    }

    /// Tells whether a create waits for its turn.
    pub(super) fn waits(&self) -> bool {
        self.waits
    }

    /// What `creates` more would mean after those made at `made`; nothing where all fit.
    pub(super) fn forecast(
        &self,
        creates: usize,
        made: impl IntoIterator<Item = Timestamp>,
        now: Timestamp,
    ) -> Option<Forecast> {
        let (limit, window) = (usize::try_from(self.limit).ok()?, self.window);
        let mut places: Vec<_> = made
            .into_iter()
            .map(|made| made.saturating_add(window))
            .filter(|free_at| *free_at > now)
            .collect();
        let used = places.len();
        if limit == 0 || used + creates <= limit {
            return None;
        }
        places.sort_unstable();
        // Each create takes the place of the one that was made `limit` creates before it.
        for _ in 0..creates {
            let blocking = places.len().checked_sub(limit).and_then(|index| places.get(index));
            let at = blocking.map_or(now, |free_at| *free_at);
            places.push(at.saturating_add(window));
        }
        let last_at = places.last()?.saturating_sub(window);
        Some(Forecast { limit: self.limit, window, used, last_at })
    }

    /// Notes a snapshot that is known to exist.
    pub(super) fn note(&self, id: &str, created_at: Timestamp) {
        self.lock().creates.insert(id.to_owned(), created_at);
    }

    /// Takes back a place that was taken for a create that did not happen, or that is noted by now.
    pub(super) fn give_back(&self, place: &str) {
        self.lock().creates.remove(place);
    }

    /// Takes a place for a create, when there is one, and gives its name.
    pub(super) async fn take(
        &self,
        cx: &Context,
        patience: Duration,
    ) -> Result<String, ProviderError> {
        let begin = cx.world.clock.now();
        loop {
            let now = cx.world.clock.now();
            let free_at = match self.try_take(now) {
                Ok(place) => return Ok(place),
                Err(free_at) => free_at,
            };
            if !self.waits {
                return Err(
                    self.used_up(&format!("It is free again at {}.", free_at.whole_seconds()))
                );
            }
            self.nap(cx, begin, patience, free_at.since(now)).await?;
        }
    }

    /// Waits a while after the vendor refused a create for its quota; an error when nobody wants
    /// to wait, or not so long.
    pub(super) async fn wait_after_refusal(
        &self,
        cx: &Context,
        begin: Timestamp,
        patience: Duration,
        refusal: ProviderError,
    ) -> Result<(), ProviderError> {
        if self.waits {
            self.nap(cx, begin, patience, self.window / 12).await
        } else {
            Err(refusal)
        }
    }

    async fn nap(
        &self,
        cx: &Context,
        begin: Timestamp,
        patience: Duration,
        span: Duration,
    ) -> Result<(), ProviderError> {
        let now = cx.world.clock.now();
        if now.saturating_add(span) > begin.saturating_add(patience) {
            return Err(self.used_up("Waiting for it would take longer than `timeouts` allows."));
        }
        if cx.world.cancel.is_requested() {
            let message =
                "The run was stopped while it waited for the creation quota; nothing was sent.";
            return Err(ProviderError::new(ErrorKind::Cancelled, "create", message));
        }
        cx.progress("waiting for the creation quota");
        cx.world.clock.sleep(span.clamp(Duration::from_secs(1), NAP)).await;
        Ok(())
    }

    /// Takes a place, or tells when one will be free.
    fn try_take(&self, now: Timestamp) -> Result<String, Timestamp> {
        let mut ledger = self.lock();
        ledger.creates.retain(|_, created_at| created_at.saturating_add(self.window) > now);
        let held = ledger.creates.len() as u64;
        if held < self.limit {
            ledger.places += 1;
            let place = format!("place {}", ledger.places);
            ledger.creates.insert(place.clone(), now);
            return Ok(place);
        }
        let mut times: Vec<_> = ledger.creates.values().copied().collect();
        times.sort_unstable();
        let index = usize::try_from(held - self.limit).unwrap_or_default();
        let blocking = times.get(index).copied().unwrap_or(now);
        Err(blocking.saturating_add(self.window))
    }

    fn used_up(&self, more: &str) -> ProviderError {
        let minutes = self.window.as_secs().div_ceil(60);
        let message = format!(
            "The organization may create {} snapshots within {minutes} minutes, and that is used \
             up. {more}",
            self.limit
        );
        ProviderError::new(ErrorKind::Quota, "create", message)
            .help("apply again later, or set `wait_for_quota = true` in the provider block")
    }

    fn lock(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seed_002_the_last_create_of_a_plan_waits_for_those_before_it() {
        let now: Timestamp = "2026-01-01T12:00:00Z".parse().unwrap();
        let quota = Quota::new(10, Duration::from_hours(1), false);
        let ago = |minutes| now.saturating_sub(Duration::from_mins(minutes));
        let last = |creates, made: &[u64]| {
            let made = made.iter().map(|minutes| ago(*minutes));
            let forecast = quota.forecast(creates, made, now)?;
            Some((forecast.used, forecast.last_at.since(now).as_secs() / 60))
        };
        assert_eq!(last(10, &[]), None);
        assert_eq!(last(9, &[30, 90]), None, "what is older than the window does not count");
        assert_eq!(last(10, &[30]), Some((1, 30)));
        assert_eq!(last(12, &[]), Some((0, 60)));
        assert_eq!(last(21, &[]), Some((0, 120)));
        assert_eq!(last(9, &[10, 50]), Some((2, 10)));
    }
}
