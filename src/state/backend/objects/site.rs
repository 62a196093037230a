//! One workspace in a bucket: what is kept of it, read in one piece.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use object_store::UpdateVersion;

use crate::world::Ids;

use super::super::{BackendError, Contents};
use super::bucket::{Bucket, Expected, Put};
use super::layout::Paths;
use super::records::{Head, Segment};

/// How often everything is read again because it changed meanwhile.
const TRIES: usize = 8;

/// One workspace in a bucket.
#[derive(Clone)]
pub(super) struct Site {
    pub(super) bucket: Bucket,
    pub(super) paths: Paths,
    pub(super) ids: Arc<dyn Ids>,
    /// For how long a lock is held without a sign of life.
    pub(super) lease: Duration,
}

impl fmt::Debug for Site {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Site").field(&self.place()).finish()
    }
}

/// A head as it stands in the bucket.
#[derive(Clone, Debug)]
pub(super) struct Standing {
    pub(super) head: Head,
    pub(super) version: UpdateVersion,
}

/// All that is kept, as it was at one moment.
pub(super) struct Reading {
    pub(super) contents: Contents,
    pub(super) head: Option<Standing>,
    /// What whoever replaces the state must find.
    pub(super) state: Expected,
    /// The number of the next segment.
    pub(super) next: u64,
}

impl Site {
    /// Where the state is, for messages.
    pub(super) fn place(&self) -> String {
        self.bucket.place(&self.paths.state)
    }

    /// The head, if there is one.
    pub(super) async fn head(&self) -> Result<Option<Standing>, BackendError> {
        let path = self.paths.head();
        let Some(found) = self.bucket.get(&path).await? else { return Ok(None) };
        let head = Head::read(&found.bytes).ok_or_else(|| BackendError::Failed {
            place: self.bucket.place(&path),
            reason: "it does not say where the journal is".to_owned(),
        })?;
        Ok(Some(Standing { head, version: found.version }))
    }

    /// Puts `head` in the place of `standing`.
    pub(super) async fn put_head(
        &self,
        head: Head,
        standing: Option<&Standing>,
    ) -> Result<Option<Standing>, BackendError> {
        let expected = standing
            .map_or(Expected::Nothing, |standing| Expected::Version(standing.version.clone()));
        let put = self.bucket.put(&self.paths.head(), &head.bytes(), &expected).await?;
        Ok(match put {
            Put::Done(version) => Some(Standing { head, version }),
            Put::Refused(_) => None,
        })
    }

    /// The numbers of the segments of a generation, in order.
    async fn numbers(&self, generation: &str) -> Result<Vec<u64>, BackendError> {
        let listed = self.bucket.list(&self.paths.generation(generation)).await?;
        let mut numbers: Vec<u64> =
            listed.iter().filter_map(|path| path.filename()?.parse().ok()).collect();
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// The number that the next segment of a generation takes.
    pub(super) async fn next_number(&self, generation: &str) -> Result<u64, BackendError> {
        Ok(self.numbers(generation).await?.last().map_or(0, |last| last + 1))
    }

    /// Writes a segment, unless somebody else has its number.
    pub(super) async fn put_segment(
        &self,
        generation: &str,
        number: u64,
        segment: &Segment,
    ) -> Result<Put, BackendError> {
        let path = self.paths.segment(generation, number);
        self.bucket.put(&path, &segment.bytes(), &Expected::Nothing).await
    }

    /// The lines of the journal and the number of the next segment; `None` where segments are
    /// missing, as they are while somebody clears them away.
    async fn journal(&self, head: &Head) -> Result<Option<(Vec<u8>, u64)>, BackendError> {
        let generation = &head.about.generation;
        let numbers = self.numbers(generation).await?;
        if !numbers.iter().copied().eq(0..numbers.len() as u64) {
            return Ok(None);
        }
        let paths: Vec<_> =
            numbers.iter().map(|number| self.paths.segment(generation, *number)).collect();
        let mut segments = Vec::with_capacity(paths.len());
        for (path, bytes) in paths.iter().zip(self.bucket.get_all(paths.clone()).await?) {
            let Some(bytes) = bytes else { return Ok(None) };
            segments.push(Segment::read(&bytes).ok_or_else(|| BackendError::Failed {
                place: self.bucket.place(path),
                reason: "it is no part of a journal".to_owned(),
            })?);
        }
        let cancelled: BTreeSet<_> =
            segments.iter().filter_map(|segment| segment.about.cancels).collect();
        let mut lines = head.lines.clone();
        for (number, segment) in numbers.iter().zip(&segments) {
            if !cancelled.contains(number) {
                lines.extend_from_slice(&segment.lines);
            }
        }
        Ok(Some((lines, numbers.len() as u64)))
    }

    /// Reads everything. The state is read after the journal, so that the journal is not newer, and
    /// all of it counts only if no other journal was begun meanwhile.
    pub(super) async fn read(&self) -> Result<Reading, BackendError> {
        let mut reason = "";
        for _ in 0..TRIES {
            let head = self.head().await?;
            let journal = match &head {
                Some(standing) => self.journal(&standing.head).await?,
                None => Some((Vec::new(), 0)),
            };
            let found = self.bucket.get(&self.paths.state).await?;
            let after = self.head().await?;
            if after.map(|after| after.head) != head.as_ref().map(|head| head.head.clone()) {
                reason = "its journal was begun anew each time it was read";
                continue;
            }
            let Some((journal, next)) = journal else {
                reason = "parts of its journal are missing";
                continue;
            };
            let state = Expected::of(found.as_ref());
            let contents =
                Contents { state: found.and_then(|found| unmarked(found.bytes)), journal };
            return Ok(Reading { contents, head, state, next });
        }
        Err(BackendError::Failed { place: self.place(), reason: reason.to_owned() })
    }

    /// Deletes all segments of a generation that no head will ever name again.
    pub(super) async fn clear(&self, generation: &str) -> Result<(), BackendError> {
        let paths = self.bucket.list(&self.paths.generation(generation)).await?;
        self.bucket.delete_all(paths).await
    }
}

/// What a takeover adds to the bytes of a state. It means nothing in JSON.
const MARK: u8 = b' ';

/// A state as somebody who takes over marks it: other bytes of the same meaning.
pub(super) fn marked(state: Option<Vec<u8>>) -> Vec<u8> {
    match state {
        Some(mut bytes) => {
            bytes.push(MARK);
            bytes
        }
        None => Vec::new(),
    }
}

/// A state without marks; `None` where there is nothing else.
fn unmarked(mut bytes: Vec<u8>) -> Option<Vec<u8>> {
    let end = bytes.iter().rposition(|byte| *byte != MARK)?;
    bytes.truncate(end + 1);
    Some(bytes)
}
