//! Writes the journal: entries that are ready together share one write.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use tokio::sync::oneshot;

use super::super::backend::{BackendError, Hold, Lease, Replacement};
use super::super::journal::{Base, Chain};
use super::super::watermark::{Keeper, Watermark};

/// How often whoever has an entry gives way: often enough for a step that begins in the place of one
/// that is done to line up its intent, so that both entries share a flush.
const TURNS: u32 = 4;

/// The only one who writes while the lock is held.
pub(super) struct Scribe {
    waiting: Mutex<Waiting>,
    writing: tokio::sync::Mutex<Writing>,
    lease: Lease,
    place: String,
}

/// What is to be written next.
#[derive(Default)]
struct Waiting {
    entries: Vec<String>,
    writers: Vec<oneshot::Sender<Result<(), BackendError>>>,
}

struct Writing {
    hold: Option<Box<dyn Hold>>,
    journal: Head,
    keeper: Keeper,
}

/// Where a journal goes on.
pub(super) struct Head {
    /// Its position.
    pub(super) mark: Watermark,
    /// Its first line, while it has none.
    pub(super) first: Option<String>,
}

impl Head {
    /// Behind so many lines, which begin with `base` and end with `chain`.
    pub(super) fn behind(base: Base, lines: usize, chain: Chain, first: Option<String>) -> Self {
        let Base { lineage, serial, generation, .. } = base;
        Self { mark: Watermark { lineage, serial, generation, lines, sum: chain }, first }
    }
}

/// An entry that is lined up and not yet written.
#[must_use = "an entry counts only once it is on disk"]
pub(super) struct Noted<'a> {
    scribe: &'a Scribe,
    written: oneshot::Receiver<Result<(), BackendError>>,
}

impl Scribe {
    /// A scribe who goes on with `journal`. Without a hold nothing can be written.
    pub(super) fn new(
        hold: Option<Box<dyn Hold>>,
        place: String,
        journal: Head,
        keeper: Keeper,
    ) -> Self {
        let lease = hold.as_ref().map_or_else(Lease::unlimited, |hold| hold.lease());
        Self {
            waiting: Mutex::default(),
            writing: tokio::sync::Mutex::new(Writing { hold, journal, keeper }),
            lease,
            place,
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lines an entry up, which is given as JSON. Entries are written in the order of these calls.
    pub(super) fn note(&self, entry: String) -> Noted<'_> {
        let (tell, written) = oneshot::channel();
        let mut waiting = self.waiting();
        waiting.entries.push(entry);
        waiting.writers.push(tell);
        Noted { scribe: self, written }
    }

    /// How long calls may be made that count on the lock.
    pub(super) fn lease(&self) -> &Lease {
        &self.lease
    }

    /// Replaces the state and the journal.
    pub(super) async fn replace(&self, next: Next<'_>) -> Result<(), BackendError> {
        let mut writing = self.writing.lock().await;
        let place = &self.place;
        if let Some(saving) = next.saving {
            writing.append(place, std::slice::from_ref(&saving)).await?;
        }
        let mut chain = Chain::default();
        let mut journal = Vec::new();
        next.journal.iter().for_each(|entry| chain.write(entry, &mut journal));
        let Writing { hold, journal: head, keeper } = &mut *writing;
        let hold = hold.as_mut().ok_or_else(|| only_looked_at(place))?;
        // A death behind that must not leave the memory of a journal that is gone.
        if next.journal.is_empty() {
            keeper.forget();
        }
        let replacement =
            Replacement { state: next.state, journal: &journal, previous: next.previous };
        hold.replace(replacement).await?;
        *head = Head::behind(next.base, next.journal.len(), chain, next.first);
        if !next.journal.is_empty() {
            keeper.keep_for_good(&head.mark);
        }
        Ok(())
    }

    /// Remembers how far the journal has come that was found.
    pub(super) async fn keep_watermark(&self) {
        let Writing { journal, keeper, .. } = &mut *self.writing.lock().await;
        if journal.mark.lines > 0 {
            keeper.keep(&journal.mark);
        }
    }

    /// Remembers nothing of the place any more.
    pub(super) async fn forget_watermark(&self) {
        self.writing.lock().await.keeper.forget();
    }

    /// Why something could not be remembered, once.
    pub(super) async fn watermark_trouble(&self) -> Option<String> {
        self.writing.lock().await.keeper.take_trouble()
    }

    /// Whether what is saved goes elsewhere.
    pub(super) async fn leaves_original(&self) -> bool {
        self.writing.lock().await.hold.as_ref().is_some_and(|hold| hold.leaves_original())
    }

    /// Whether what was read is to be written anew, in the form of today.
    pub(super) async fn is_outdated(&self) -> bool {
        let writing = self.writing.lock().await;
        let is_outdated = |hold: &dyn Hold| hold.is_outdated() && !hold.leaves_original();
        writing.hold.as_deref().is_some_and(is_outdated)
    }

    /// Gives the lock back.
    pub(super) async fn release(&self) {
        let hold = self.writing.lock().await.hold.take();
        if let Some(hold) = hold {
            hold.release().await;
        }
    }
}

/// What to replace everything with.
pub(super) struct Next<'a> {
    /// The new state, if it changed.
    pub(super) state: Option<&'a [u8]>,
    /// The serial of the state that it replaces.
    pub(super) previous: Option<u64>,
    /// What to note before, so that a death in between can be told from damage.
    pub(super) saving: Option<String>,
    /// What the new journal builds on.
    pub(super) base: Base,
    /// The entries of the new journal.
    pub(super) journal: Vec<String>,
    /// Its first line, where it is begun only by what is noted next.
    pub(super) first: Option<String>,
}

impl Noted<'_> {
    /// Waits until the entry is on disk.
    pub(super) async fn written(mut self) -> Result<(), BackendError> {
        // Whoever is ready as well lines up first, and one write serves all.
        let_others_go().await;
        let mut writing = self.scribe.writing.lock().await;
        if let Ok(written) = self.written.try_recv() {
            return written;
        }
        let Waiting { entries, writers } = std::mem::take(&mut *self.scribe.waiting());
        let written = writing.append(&self.scribe.place, &entries).await;
        for writer in writers {
            // Whoever has gone away does not want to know.
            let _ = writer.send(written.clone());
        }
        written
    }
}

impl Writing {
    async fn append(&mut self, place: &str, entries: &[String]) -> Result<(), BackendError> {
        let Head { mark, first } = &mut self.journal;
        let mut chain = mark.sum.clone();
        let mut lines = Vec::new();
        first.iter().chain(entries).for_each(|entry| chain.write(entry, &mut lines));
        let hold = self.hold.as_mut().ok_or_else(|| only_looked_at(place))?;
        if !hold.lease().is_held() {
            return Err(BackendError::Lost { place: place.to_owned() });
        }
        hold.append(&lines).await?;
        mark.lines += usize::from(first.take().is_some()) + entries.len();
        mark.sum = chain;
        self.keeper.keep(mark);
        Ok(())
    }
}

/// Gives way to all who are ready, who keep their order.
async fn let_others_go() {
    let mut turns = 0;
    std::future::poll_fn(|context| {
        if turns == TURNS {
            return Poll::Ready(());
        }
        turns += 1;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

fn only_looked_at(place: &str) -> BackendError {
    let reason = "it is only looked at, without its lock".to_owned();
    BackendError::Failed { place: place.to_owned(), reason }
}
