//! What is kept elsewhere, encrypted: any backend with a lock in front of its bytes.

use std::sync::Arc;

use crate::sdk::seal::{Keyring, Opened, Purpose, SealError, header_of, is_line};
use crate::world::BoxFuture;

use super::{
    Backend, BackendError, Contents, Hold, Lease, LockHolder, LockState, Outcome, Replacement,
};

/// A backend whose states and journals are sealed where there is a key. What was kept in the clear
/// is read as it is, and sealed when it is saved next.
pub struct Sealed {
    inner: Box<dyn Backend>,
    keys: Arc<Keyring>,
}

/// How a state is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// There is none.
    Nowhere,
    /// Anybody can read it who can read its bytes.
    Clear,
    /// Only whoever has the key can read it.
    Sealed,
}

impl Sealed {
    /// Has what `inner` keeps sealed with `keys`.
    pub fn new(inner: Box<dyn Backend>, keys: Arc<Keyring>) -> Self {
        Self { inner, keys }
    }

    /// How the state is kept at present.
    pub async fn kept(&self) -> Result<Kept, BackendError> {
        Ok(match self.inner.read().await?.state {
            None => Kept::Nowhere,
            Some(bytes) if matches!(header_of(&bytes), Ok(None)) => Kept::Clear,
            Some(_) => Kept::Sealed,
        })
    }
}

impl Backend for Sealed {
    fn place(&self) -> String {
        self.inner.place()
    }

    fn identity(&self) -> String {
        self.inner.identity()
    }

    fn read(&self) -> Outcome<'_, Contents> {
        Box::pin(async {
            let found = self.inner.read().await?;
            let place = self.inner.place();
            let state = open_state(&self.keys, found.state, &place)?;
            let journal = open_journal(&self.keys, found.journal, &place)?;
            Ok(Contents { state: state.map(|state| state.bytes), journal })
        })
    }

    fn lock<'a>(&'a self, holder: &'a LockHolder) -> Outcome<'a, Box<dyn Hold>> {
        Box::pin(async { Ok(self.held(self.inner.lock(holder).await?)) })
    }

    fn without_lock(&self) -> Outcome<'_, Box<dyn Hold>> {
        Box::pin(async { Ok(self.held(self.inner.without_lock().await?)) })
    }

    fn holder(&self) -> Outcome<'_, Option<LockState>> {
        self.inner.holder()
    }
}

impl Sealed {
    fn held(&self, inner: Box<dyn Hold>) -> Box<dyn Hold> {
        let (keys, place) = (Arc::clone(&self.keys), self.inner.place());
        Box::new(SealedHold { inner, keys, place, is_outdated: false, key_fits: false })
    }
}

struct SealedHold {
    inner: Box<dyn Hold>,
    keys: Arc<Keyring>,
    place: String,
    is_outdated: bool,
    /// Whether the key opened the state.
    key_fits: bool,
}

impl Hold for SealedHold {
    fn read(&mut self) -> Outcome<'_, Contents> {
        Box::pin(async {
            let found = self.inner.read().await?;
            let is_sealed = |bytes: &Vec<u8>| !matches!(header_of(bytes), Ok(None));
            let was_sealed = found.state.as_ref().is_some_and(is_sealed);
            let state = open_state(&self.keys, found.state, &self.place)?;
            self.key_fits = was_sealed;
            self.is_outdated = state.as_ref().is_some_and(|state| !state.is_current);
            let journal = open_journal(&self.keys, found.journal, &self.place)?;
            Ok(Contents { state: state.map(|state| state.bytes), journal })
        })
    }

    fn read_journal(&mut self) -> Outcome<'_, Vec<u8>> {
        Box::pin(async {
            let journal = self.inner.read_journal().await?;
            salvage(&self.keys, self.key_fits, journal, &self.place)
        })
    }

    fn append<'a>(&'a mut self, lines: &'a [u8]) -> Outcome<'a, ()> {
        Box::pin(async {
            let sealed = self.keys.seal_line(Purpose::Journal, lines);
            self.inner.append(&sealed.map_err(failed(&self.place))?).await
        })
    }

    fn replace<'a>(&'a mut self, next: Replacement<'a>) -> Outcome<'a, ()> {
        Box::pin(async move {
            let failed = failed(&self.place);
            let seal = |state: &[u8]| self.keys.seal(Purpose::State, state.to_vec());
            let state = next.state.map(seal).transpose().map_err(&failed)?;
            let journal = match next.journal {
                [] => Vec::new(),
                lines => self.keys.seal_line(Purpose::Journal, lines).map_err(&failed)?,
            };
            let sealed =
                Replacement { state: state.as_deref(), journal: &journal, previous: next.previous };
            self.inner.replace(sealed).await?;
            self.is_outdated &= state.is_none();
            Ok(())
        })
    }

    fn lease(&self) -> Lease {
        self.inner.lease()
    }

    fn leaves_original(&self) -> bool {
        self.inner.leaves_original()
    }

    fn is_outdated(&self) -> bool {
        self.is_outdated
    }

    fn release(self: Box<Self>) -> BoxFuture<'static, ()> {
        self.inner.release()
    }
}

fn failed(place: &str) -> impl Fn(SealError) -> BackendError {
    move |reason| BackendError::Sealed { place: place.to_owned(), reason }
}

/// The state in the clear.
fn open_state(
    keys: &Keyring,
    bytes: Option<Vec<u8>>,
    place: &str,
) -> Result<Option<Opened>, BackendError> {
    // Keys that are given wrongly are told before anything is done, whatever there is to open.
    keys.seals().map_err(failed(place))?;
    bytes.map(|bytes| keys.open(Purpose::State, bytes)).transpose().map_err(failed(place))
}

/// The lines of a journal in the clear.
fn open_journal(keys: &Keyring, bytes: Vec<u8>, place: &str) -> Result<Vec<u8>, BackendError> {
    open_lines(keys, bytes).map_err(failed(&format!("The journal beside `{place}`")))
}

/// What of a journal can be had in the clear. Where the key opens the state or some line, a line that
/// seems to have another key is damaged; where it opens none, it is the key that is wrong.
fn salvage(
    keys: &Keyring,
    key_fits: bool,
    bytes: Vec<u8>,
    place: &str,
) -> Result<Vec<u8>, BackendError> {
    let lines = || bytes.split_inclusive(|byte| *byte == b'\n');
    let opens = |line: &&[u8]| {
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        is_line(line) && keys.open_line(Purpose::Journal, text).is_ok()
    };
    if !key_fits && !lines().any(|line| opens(&line)) {
        return open_journal(keys, bytes, place);
    }
    let sound = lines().map(|line| if is_line(line) && !opens(&line) { b"?\n" } else { line });
    let sound = sound.collect::<Vec<_>>().concat();
    open_journal(keys, sound, place)
}

/// Opens the lines that are sealed. A line that was damaged stays as it is, and so it is one in the
/// journal, too, in the middle or torn at the end.
fn open_lines(keys: &Keyring, bytes: Vec<u8>) -> Result<Vec<u8>, SealError> {
    let lines = || bytes.split_inclusive(|byte| *byte == b'\n');
    if !lines().any(is_line) {
        return Ok(bytes);
    }
    let mut plain = Vec::with_capacity(bytes.len());
    let mut were_sealed = false;
    for line in lines() {
        let whole = line.strip_suffix(b"\n");
        match (is_line(line), whole) {
            (true, Some(text)) => match keys.open_line(Purpose::Journal, text) {
                Ok(opened) => plain.extend_from_slice(&opened),
                Err(error) if is_of_key(&error) => return Err(error),
                Err(_) => plain.extend_from_slice(line),
            },
            (true, None) => open_end(keys, line, &mut plain)?,
            // Behind sealed lines nobody but a forger writes clear ones.
            (false, _) if were_sealed => plain.extend_from_slice(whole.map_or(b"?", |_| b"\n")),
            (false, _) => plain.extend_from_slice(line),
        }
        were_sealed |= is_line(line);
    }
    Ok(plain)
}

/// Opens a last line without an end. It goes on without one, so that the journal is written anew
/// before anything is added.
fn open_end(keys: &Keyring, line: &[u8], plain: &mut Vec<u8>) -> Result<(), SealError> {
    let without_end = |opened: Vec<u8>| opened.strip_suffix(b"\n").map(<[u8]>::to_vec);
    let Some((last, shorter)) = line.split_last() else { return Ok(()) };
    match keys.open_line(Purpose::Journal, line) {
        Ok(opened) => plain.extend(without_end(opened).unwrap_or_default()),
        Err(error) if is_of_key(&error) => return Err(error),
        Err(_) => match keys.open_line(Purpose::Journal, shorter) {
            // It is whole, and its line break became something else.
            Ok(opened) => {
                plain.extend(without_end(opened).unwrap_or_default());
                plain.push(*last);
            }
            Err(_) => plain.extend_from_slice(line),
        },
    }
    Ok(())
}

/// Whether the key is to blame and not the text.
fn is_of_key(error: &SealError) -> bool {
    !matches!(error, SealError::Damaged | SealError::Purpose { .. })
}

#[cfg(test)]
mod tests;
