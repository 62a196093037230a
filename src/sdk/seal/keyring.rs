//! The keys of a run: asked for once, when the first text needs them.

use std::fmt;
use std::sync::{Arc, OnceLock};

use super::envelope::{self, Parts};
use super::key::{Key, KeySource};
use super::{Header, Purpose, SealError};

/// The keys that are set.
#[derive(Debug, Default)]
pub struct Keys {
    /// What is written is sealed with this one; nothing is sealed without.
    pub current: Option<KeySource>,
    /// Opens what the current one cannot.
    pub previous: Option<KeySource>,
}

type Load = dyn Fn() -> Result<Keys, String> + Send + Sync;

/// The keys of a run. To get them may take a command, which is run once, and only where a text is to
/// be sealed or opened.
pub struct Keyring {
    load: Box<Load>,
    keys: OnceLock<Result<Keys, SealError>>,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Keyring(…)")
    }
}

impl Default for Keyring {
    /// No keys: what is sealed cannot be opened, and nothing is sealed.
    fn default() -> Self {
        Self::loading(|| Ok(Keys::default()))
    }
}

/// A text that was opened.
#[derive(Debug, PartialEq, Eq)]
pub struct Opened {
    /// The text.
    pub bytes: Vec<u8>,
    /// Whether it is sealed as it would be today.
    pub is_current: bool,
}

impl Keyring {
    /// The keys that `load` gives, or the sentences that say why there are none.
    pub fn loading(load: impl Fn() -> Result<Keys, String> + Send + Sync + 'static) -> Self {
        Self { load: Box::new(load), keys: OnceLock::new() }
    }

    fn keys(&self) -> Result<&Keys, SealError> {
        let keys = self.keys.get_or_init(|| (self.load)().map_err(SealError::Key));
        keys.as_ref().map_err(Clone::clone)
    }

    /// Whether what is written is sealed.
    ///
    /// # Errors
    ///
    /// The keys are not given as they must be.
    pub fn seals(&self) -> Result<bool, SealError> {
        Ok(self.keys()?.current.is_some())
    }

    /// The name of the key that seals; `None` where nothing is sealed.
    pub fn key_name(&self) -> Result<Option<String>, SealError> {
        let Some(current) = &self.keys()?.current else { return Ok(None) };
        Ok(Some(current.sealing()?.0.id.clone()))
    }

    /// Seals a text as a document; without a key it stays as it is.
    pub fn seal(&self, purpose: Purpose, plain: Vec<u8>) -> Result<Vec<u8>, SealError> {
        let Some((key, header)) = self.sealing(purpose)? else { return Ok(plain) };
        let (head, mut text) = (header.document(), plain);
        let nonce = key.seal(head.as_bytes(), &mut text)?;
        Ok(envelope::join_document(head, &nonce, &text))
    }

    /// Seals a text as one line with its end; without a key it stays as it is.
    pub fn seal_line(&self, purpose: Purpose, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let mut text = plain.to_vec();
        let Some((key, header)) = self.sealing(purpose)? else { return Ok(text) };
        let head = header.line();
        let nonce = key.seal(head.as_bytes(), &mut text)?;
        Ok(envelope::join(head, &nonce, &text, b"\n"))
    }

    /// Opens a document; one that is not sealed is given as it is.
    pub fn open(&self, purpose: Purpose, bytes: Vec<u8>) -> Result<Opened, SealError> {
        match envelope::document(&bytes)? {
            Some(parts) => self.open_parts(purpose, &parts),
            None => Ok(Opened { is_current: !self.seals()?, bytes }),
        }
    }

    /// Opens a sealed line without its end.
    pub fn open_line(&self, purpose: Purpose, line: &[u8]) -> Result<Vec<u8>, SealError> {
        self.open_parts(purpose, &envelope::line(line)?).map(|opened| opened.bytes)
    }

    fn sealing(&self, purpose: Purpose) -> Result<Option<(Arc<Key>, Header)>, SealError> {
        let Some(current) = &self.keys()?.current else { return Ok(None) };
        let (key, derivation) = current.sealing()?;
        let header = Header { purpose, key: key.id.clone(), derivation };
        Ok(Some((key, header)))
    }

    fn open_parts(&self, purpose: Purpose, parts: &Parts<'_>) -> Result<Opened, SealError> {
        let header = &parts.header;
        if header.purpose != purpose {
            return Err(SealError::Purpose { found: header.purpose, wanted: purpose });
        }
        let keys = self.keys()?;
        let Some(current) = &keys.current else {
            return Err(SealError::NoKey { header: Box::new(header.clone()) });
        };
        let mut set = Vec::new();
        let sources = [(current, true)].into_iter();
        for (source, is_current) in sources.chain(keys.previous.iter().map(|key| (key, false))) {
            let Some(key) = source.derived(&header.derivation)? else { continue };
            if key.id != header.key {
                set.push(key.id.clone());
                continue;
            }
            let bytes = key.open(parts.head, envelope::decode(parts.body)?)?;
            source.adopt(&header.derivation);
            return Ok(Opened { bytes, is_current: is_current && header.derivation.is_hard() });
        }
        Err(SealError::OtherKey { header: Box::new(header.clone()), set })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::sdk::auth::Secret;
    use crate::sdk::seal::{Derivation, header_of};

    fn raw(byte: u8) -> Option<KeySource> {
        KeySource::key(&Secret::from(format!("{byte:02x}").repeat(32)))
    }

    fn ring(current: fn() -> Option<KeySource>, previous: fn() -> Option<KeySource>) -> Keyring {
        Keyring::loading(move || Ok(Keys { current: current(), previous: previous() }))
    }

    fn one() -> Keyring {
        ring(|| raw(1), || None)
    }

    #[test]
    fn what_was_sealed_is_opened_by_its_key_and_by_no_other() {
        let sealed = one().seal(Purpose::State, b"canary".to_vec()).unwrap();
        let opened = one().open(Purpose::State, sealed.clone()).unwrap();
        assert_eq!(opened, Opened { bytes: b"canary".to_vec(), is_current: true });
        assert_ne!(one().seal(Purpose::State, b"canary".to_vec()).unwrap(), sealed);
        let rotated = ring(|| raw(2), || raw(1)).open(Purpose::State, sealed.clone()).unwrap();
        assert_eq!(rotated, Opened { bytes: b"canary".to_vec(), is_current: false });
        let other = ring(|| raw(2), || None).open(Purpose::State, sealed.clone());
        assert!(matches!(other, Err(SealError::OtherKey { .. })));
        let none = Keyring::default().open(Purpose::State, sealed.clone());
        assert!(matches!(none, Err(SealError::NoKey { .. })));
        let phrase = || KeySource::passphrase(Secret::from("a passphrase of some length"));
        let phrase = Keyring::loading(move || Ok(Keys { current: phrase(), previous: None }));
        let kind = phrase.open(Purpose::State, sealed);
        assert!(matches!(kind, Err(SealError::OtherKey { .. })));
    }

    #[test]
    fn one_kind_cannot_stand_in_for_another() {
        let all = [Purpose::State, Purpose::Journal, Purpose::Plan];
        for (purpose, other) in all.into_iter().flat_map(|one| all.map(|other| (one, other))) {
            let document = one().seal(purpose, b"text".to_vec()).unwrap();
            assert_eq!(one().open(other, document.clone()).is_ok(), purpose == other);
            // Also where somebody writes another word over it.
            let named = |word: Purpose| format!("\"purpose\": \"{word}\"");
            let text = String::from_utf8(document).unwrap().replace(&named(purpose), &named(other));
            assert_eq!(one().open(other, text.into_bytes()).is_ok(), purpose == other);
        }
    }

    #[test]
    fn every_changed_bit_and_every_cut_is_found() {
        let plain = b"some text that is a little longer".to_vec();
        let sealed = one().seal(Purpose::Plan, plain.clone()).unwrap();
        let line = one().seal_line(Purpose::Journal, &plain).unwrap();
        let line = line.strip_suffix(b"\n").unwrap().to_vec();
        let open = |bytes: &[u8]| one().open(Purpose::Plan, bytes.to_vec());
        assert_eq!(open(&sealed).unwrap().bytes, plain);
        assert_eq!(one().open_line(Purpose::Journal, &line).unwrap(), plain);
        for bit in 0..sealed.len() * 8 {
            let mut changed = sealed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            // Whatever no longer says that it is sealed is given as it is, and is no plan.
            assert!(open(&changed).map_or(true, |opened| opened.bytes == changed), "bit {bit}");
        }
        for bit in 0..line.len() * 8 {
            let mut changed = line.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(one().open_line(Purpose::Journal, &changed).is_err(), "bit {bit}");
        }
        for length in 0..sealed.len() {
            let cut = &sealed[..length];
            assert!(open(cut).map_or(true, |opened| opened.bytes == cut), "{length}");
        }
        for length in 0..line.len() {
            assert!(one().open_line(Purpose::Journal, &line[..length]).is_err(), "{length}");
        }
    }

    #[test]
    fn a_passphrase_is_derived_once_for_all_that_belongs_together() {
        let phrase = || KeySource::passphrase(Secret::from("correct horse battery"));
        let ring = || Keyring::loading(move || Ok(Keys { current: phrase(), previous: None }));
        let first = ring();
        let state = first.seal(Purpose::State, b"state".to_vec()).unwrap();
        let plan = first.seal(Purpose::Plan, b"plan".to_vec()).unwrap();
        let derivation = |bytes: &[u8]| header_of(bytes).unwrap().unwrap().derivation;
        assert!(matches!(derivation(&state), Derivation::Passphrase { .. }));
        assert_eq!(derivation(&state), derivation(&plan));
        let next = ring();
        assert!(next.open(Purpose::State, state.clone()).unwrap().is_current);
        let journal = next.seal_line(Purpose::Journal, b"line").unwrap();
        let text = String::from_utf8(journal).unwrap();
        assert!(text.contains(&derivation(&state).to_string()), "{text}");
    }

    #[test]
    fn keys_are_asked_for_once_and_only_where_they_are_needed() {
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let ring = Keyring::loading(move || {
            count.fetch_add(1, Ordering::SeqCst);
            Err("There is none.".to_owned())
        });
        assert_eq!(asked.load(Ordering::SeqCst), 0);
        for _ in 0..2 {
            assert_eq!(ring.seals(), Err(SealError::Key("There is none.".to_owned())));
        }
        assert_eq!(asked.load(Ordering::SeqCst), 1);
        assert_eq!(format!("{ring:?}"), "Keyring(…)");
    }

    #[test]
    fn what_a_later_version_sealed_is_said_to_be_that() {
        let sealed = one().seal(Purpose::State, b"text".to_vec()).unwrap();
        let newer = String::from_utf8(sealed).unwrap().replacen("\": 1,", "\": 2,", 1);
        assert_eq!(one().open(Purpose::State, newer.into_bytes()), Err(SealError::Newer));
    }
}
