//! From the lock to the right to write: whoever held it before and did not give it back is shut out.

use super::super::BackendError;
use super::bucket::{Expected, Put};
use super::guard::Guard;
use super::records::{Head, Segment};
use super::site::{Site, Standing, marked};

/// What whoever has just taken the lock may count on.
pub(super) struct Entered {
    pub(super) head: Standing,
    /// The number of the next segment.
    pub(super) next: u64,
    /// What is where the state goes.
    pub(super) state: Expected,
}

/// Writes a head that names the new holder. Where an earlier holder is still named there, everything
/// that they could still write is refused from then on, in the order that the module's head argues
/// for.
pub(super) async fn enter(site: &Site, guard: &Guard) -> Result<Entered, BackendError> {
    loop {
        let standing = site.head().await?;
        let state = site.bucket.version(&site.paths.state).await?;
        let next = match &standing {
            Some(standing) => site.next_number(&standing.head.about.generation).await?,
            None => 0,
        };
        guard.check(site).await?;
        let former = standing.as_ref().and_then(|standing| standing.head.about.holder.as_ref());
        let is_unclean = former.is_some();
        let head = match &standing {
            Some(standing) => renamed(site, &standing.head, Some(guard.id())),
            None => Head::new(site.ids.uuid(), Some(guard.id().to_owned()), site.ids.uuid()),
        };
        let Some(head) = site.put_head(head, standing.as_ref()).await? else { continue };
        if !is_unclean {
            return Ok(Entered { head, next, state });
        }
        let state = mark(site, guard).await?;
        let next = fence(site, guard, &head).await?;
        return Ok(Entered { head, next, state });
    }
}

/// The same head with another holder. Its bytes are others in any case.
pub(super) fn renamed(site: &Site, head: &Head, holder: Option<&str>) -> Head {
    let mut next = head.clone();
    next.about.holder = holder.map(str::to_owned);
    next.about.write = site.ids.uuid();
    next
}

/// Gives the state another version without changing what it says.
async fn mark(site: &Site, guard: &Guard) -> Result<Expected, BackendError> {
    loop {
        let found = site.bucket.get(&site.paths.state).await?;
        guard.check(site).await?;
        let expected = Expected::of(found.as_ref());
        let bytes = marked(found.map(|found| found.bytes));
        let put = site.bucket.put(&site.paths.state, &bytes, &expected).await?;
        if let Put::Done(version) = put {
            return Ok(Expected::Version(version));
        }
    }
}

/// Takes the number under which the former holder would write next. Returns the one behind it.
async fn fence(site: &Site, guard: &Guard, standing: &Standing) -> Result<u64, BackendError> {
    let generation = &standing.head.about.generation;
    let fence = Segment::new(site.ids.uuid(), b"", None);
    loop {
        let number = site.next_number(generation).await?;
        guard.check(site).await?;
        if site.put_segment(generation, number, &fence).await?.is_done() {
            return Ok(number + 1);
        }
    }
}
