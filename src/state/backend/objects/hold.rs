//! The right to write, while the lock is held.

use crate::world::BoxFuture;

use super::super::{BackendError, Contents, Hold, Lease, Outcome, Replacement};
use super::bucket::{Expected, Put};
use super::guard::Guard;
use super::records::{Head, Segment};
use super::site::{Site, Standing};
use super::takeover::{Entered, renamed};

/// The right to write the objects of one workspace.
pub(super) struct ObjectHold {
    site: Site,
    /// `None` for whoever writes without the lock.
    guard: Option<Guard>,
    lease: Lease,
    head: Standing,
    /// The number of the next segment. It is never looked up while the lock may be lost: a number
    /// behind a successor's fence is theirs.
    next: u64,
    /// What is where the state goes, for the same reason as it was known while the lock was held.
    state: Expected,
    /// Generations of earlier heads that may still have segments.
    dead: Vec<String>,
    doubt: Doubt,
}

/// Requests of which nobody knows whether they arrived, or may yet arrive.
#[derive(Default)]
struct Doubt {
    /// A segment whose writer was told that it failed.
    segment: Option<Unsettled>,
    /// A head that did not become the head, as far as its writer was told.
    head: Option<Head>,
    /// Whether there is such a state.
    state: bool,
}

/// How to make sure that a segment counts for nothing. Each attempt sends the same bytes, so that an
/// earlier one that did arrive is known for one's own.
struct Unsettled {
    number: u64,
    /// What may have arrived.
    tried: Segment,
    /// What takes its number, if it has not arrived.
    in_place: Segment,
    /// What cancels it, if it has.
    behind: Segment,
}

impl ObjectHold {
    pub(super) fn new(site: Site, guard: Option<Guard>, entered: Entered) -> Self {
        let lease = guard.as_ref().map_or_else(Lease::unlimited, |guard| guard.lease().clone());
        let Entered { head, next, state } = entered;
        let dead = head.head.about.dead.clone();
        Self { site, guard, lease, head, next, state, dead, doubt: Doubt::default() }
    }

    /// A holder whose machine went to sleep and who knows nothing of it: signs of life end, and the
    /// clock that the lease is read on stands still.
    #[cfg(test)]
    pub(super) fn put_to_sleep(&mut self) {
        if let Some(guard) = &mut self.guard {
            guard.put_to_sleep();
        }
        self.trust_no_clock();
    }

    /// A holder whose clock says that the lease never ends.
    #[cfg(test)]
    pub(super) fn trust_no_clock(&mut self) {
        self.lease = Lease::unlimited();
    }

    /// Somebody else writes here.
    fn lost(&self) -> BackendError {
        self.lease.end();
        let place = self.site.place();
        match &self.guard {
            Some(_) => BackendError::Lost { place },
            None => BackendError::Conflict { place },
        }
    }

    /// Fails where the lock is not held for sure, and brings earlier failures to an end.
    async fn begin(&mut self) -> Result<(), BackendError> {
        if !self.lease.is_held() {
            return Err(self.lost());
        }
        self.settle_head().await?;
        self.settle_segment().await
    }

    /// Whether the head is still the one that was written here.
    async fn is_head(&self) -> Result<bool, BackendError> {
        let found = self.site.head().await?;
        Ok(found.is_some_and(|found| found.head == self.head.head))
    }

    /// Writes the head anew where another one may still arrive, so that it does not.
    async fn settle_head(&mut self) -> Result<(), BackendError> {
        while let Some(tried) = &self.doubt.head {
            let found = self.site.head().await?.ok_or_else(|| self.lost())?;
            let (own, there) = (&self.head.head.about, &found.head.about);
            // What an earlier attempt at this has put there differs in its identifier only.
            let generations = [&own.generation, &tried.about.generation];
            if there.holder != own.holder || !generations.contains(&&there.generation) {
                return Err(self.lost());
            }
            let holder = own.holder.as_deref();
            let again = renamed(&self.site, &self.head.head, holder);
            if let Some(head) = self.site.put_head(again, Some(&found)).await? {
                self.head = head;
                self.doubt.head = None;
            }
        }
        Ok(())
    }

    /// Takes the number of a segment that may still arrive, or cancels it if it did.
    async fn settle_segment(&mut self) -> Result<(), BackendError> {
        let Some(unsettled) = &self.doubt.segment else { return Ok(()) };
        let Unsettled { number, tried, in_place, behind } = unsettled;
        let generation = &self.head.head.about.generation;
        let next = match self.site.put_segment(generation, *number, in_place).await? {
            Put::Done(_) => number + 1,
            Put::Refused(found) => {
                let is_own = found.is_some_and(|found| found.bytes == tried.bytes());
                if !is_own {
                    return Err(self.lost());
                }
                if !self.site.put_segment(generation, number + 1, behind).await?.is_done() {
                    return Err(self.lost());
                }
                number + 2
            }
        };
        self.next = next;
        self.doubt.segment = None;
        Ok(())
    }

    async fn append_now(&mut self, lines: &[u8]) -> Result<(), BackendError> {
        self.begin().await?;
        let generation = self.head.head.about.generation.clone();
        let number = self.next;
        let segment = Segment::new(self.site.ids.uuid(), lines, None);
        let written = async {
            let put = self.site.put_segment(&generation, number, &segment).await?;
            // Where the journal was begun anew and the old segments cleared away, their numbers are
            // free, and what is written there is read by nobody.
            Ok::<_, BackendError>(put.is_done() && self.is_head().await?)
        };
        match written.await {
            Ok(true) => {
                self.next = number + 1;
                Ok(())
            }
            Ok(false) => Err(self.lost()),
            Err(error) => {
                let ids = &self.site.ids;
                self.doubt.segment = Some(Unsettled {
                    number,
                    tried: segment,
                    in_place: Segment::new(ids.uuid(), b"", None),
                    behind: Segment::new(ids.uuid(), b"", Some(number)),
                });
                // What fails now is tried again before the next write.
                let _ = self.settle_segment().await;
                Err(error)
            }
        }
    }

    async fn replace_now(&mut self, next: &Replacement<'_>) -> Result<(), BackendError> {
        self.begin().await?;
        if !self.is_head().await? {
            return Err(self.lost());
        }
        if let Some(state) = next.state {
            self.replace_state(state).await?;
        }
        self.replace_journal(next.journal).await
    }

    async fn replace_state(&mut self, state: &[u8]) -> Result<(), BackendError> {
        let path = &self.site.paths.state;
        match self.site.bucket.put(path, state, &self.state).await {
            Ok(Put::Done(version)) => {
                self.state = Expected::Version(version);
                Ok(())
            }
            Ok(Put::Refused(_)) => {
                if !self.is_head().await? {
                    return Err(self.lost());
                }
                // Whoever takes over changes the state before the head.
                if let Some(guard) = &self.guard {
                    guard.check(&self.site).await?;
                }
                Err(BackendError::Conflict { place: self.site.place() })
            }
            Err(error) => {
                self.doubt.state = true;
                Err(error)
            }
        }
    }

    async fn replace_journal(&mut self, lines: &[u8]) -> Result<(), BackendError> {
        let ids = &self.site.ids;
        let former = &self.head.head.about;
        let mut head = Head::new(ids.uuid(), former.holder.clone(), ids.uuid());
        head.lines = lines.to_vec();
        head.about.dead.clone_from(&self.dead);
        if self.next != 0 {
            head.about.dead.push(former.generation.clone());
        }
        let dead = head.about.dead.clone();
        match self.site.put_head(head.clone(), Some(&self.head)).await {
            Ok(Some(standing)) => self.head = standing,
            Ok(None) => return Err(self.lost()),
            Err(error) => {
                self.doubt.head = Some(head);
                let _ = self.settle_head().await;
                return Err(error);
            }
        }
        self.next = 0;
        self.dead = dead;
        self.clear_away().await;
        Ok(())
    }

    /// Deletes the segments of earlier generations. What is not deleted now stays named in the
    /// head, for whoever comes next.
    async fn clear_away(&mut self) {
        let mut left = Vec::new();
        for generation in std::mem::take(&mut self.dead) {
            if self.site.clear(&generation).await.is_err() {
                left.push(generation);
            }
        }
        self.dead = left;
    }

    /// Takes the holder's name out of the head, unless something of theirs may still arrive.
    async fn leave(&mut self) -> Result<(), BackendError> {
        self.settle_head().await?;
        self.settle_segment().await?;
        if !self.doubt.state {
            let mut head = renamed(&self.site, &self.head.head, None);
            head.about.dead.clone_from(&self.dead);
            self.site.put_head(head, Some(&self.head)).await?;
        }
        Ok(())
    }

    async fn read_now(&mut self) -> Result<Contents, BackendError> {
        self.settle_head().await?;
        self.settle_segment().await?;
        let reading = self.site.read().await?;
        if reading.head.is_none_or(|found| found.head != self.head.head) {
            return Err(self.lost());
        }
        self.state = reading.state;
        self.next = reading.next;
        Ok(reading.contents)
    }
}

impl Hold for ObjectHold {
    fn read(&mut self) -> Outcome<'_, Contents> {
        Box::pin(self.read_now())
    }

    fn append<'a>(&'a mut self, lines: &'a [u8]) -> Outcome<'a, ()> {
        Box::pin(self.append_now(lines))
    }

    fn replace<'a>(&'a mut self, next: Replacement<'a>) -> Outcome<'a, ()> {
        Box::pin(async move { self.replace_now(&next).await })
    }

    fn lease(&self) -> Lease {
        self.lease.clone()
    }

    fn release(mut self: Box<Self>) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            if self.guard.is_some() {
                // Where this fails, the next holder does what they would do after a death.
                let _ = self.leave().await;
            }
            if let Some(guard) = self.guard.take() {
                guard.release().await;
            }
        })
    }
}
