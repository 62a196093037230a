//! Keys, and what they come from.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use secrecy::{ExposeSecret as _, ExposeSecretMut as _, SecretBox};

use super::super::auth::{Secret, hex, hmac_sha256};
use super::{Derivation, SealError};

/// The fewest characters of a passphrase.
pub const PASSPHRASE_LENGTH: usize = 16;

/// Bytes of a key.
const LENGTH: usize = 32;

type KeyBytes = SecretBox<[u8; LENGTH]>;

/// What keys come from, as a person set it. It does not print.
pub struct KeySource {
    origin: Origin,
    derived: Mutex<BTreeMap<Derivation, Arc<Key>>>,
    /// The derivation that is in use.
    chosen: Mutex<Option<Derivation>>,
}

enum Origin {
    Passphrase(Secret),
    Raw(KeyBytes),
}

impl fmt::Debug for KeySource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("KeySource(…)")
    }
}

impl KeySource {
    fn new(origin: Origin) -> Self {
        Self { origin, derived: Mutex::default(), chosen: Mutex::default() }
    }

    /// A passphrase. `None` where it is too short to keep anything secret.
    pub fn passphrase(passphrase: Secret) -> Option<Self> {
        let is_long = passphrase.expose().chars().count() >= PASSPHRASE_LENGTH;
        is_long.then(|| Self::new(Origin::Passphrase(passphrase)))
    }

    /// A key of 32 bytes, as 64 hexadecimal digits or in base64, with blanks around it. `None` where
    /// it is something else.
    pub fn key(text: &Secret) -> Option<Self> {
        let text = text.expose().trim();
        let mut bytes = KeyBytes::init_with_mut(|_| {});
        read_key(text, bytes.expose_secret_mut()).then(|| Self::new(Origin::Raw(bytes)))
    }

    /// A key as a command gives it: its bytes, or a text as above. Bytes that are all printable are
    /// no key that was drawn at random.
    pub fn given(output: Vec<u8>) -> Option<Self> {
        let output = SecretBox::new(Box::new(output));
        let bytes = output.expose_secret();
        if let Ok(key) = <[u8; LENGTH]>::try_from(bytes.as_slice())
            && !bytes.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\r' | b'\n'))
        {
            return Some(Self::new(Origin::Raw(KeyBytes::new(Box::new(key)))));
        }
        Self::key(&Secret::from(std::str::from_utf8(bytes).ok()?))
    }

    /// The key that `derivation` gives, made once. `None` where it comes from something else.
    pub(super) fn derived(&self, derivation: &Derivation) -> Result<Option<Arc<Key>>, SealError> {
        let mut derived = self.derived.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = derived.get(derivation) {
            return Ok(Some(Arc::clone(key)));
        }
        let key = match (&self.origin, derivation) {
            (Origin::Raw(bytes), Derivation::Raw) => Key::new(bytes)?,
            (Origin::Passphrase(passphrase), Derivation::Passphrase { .. }) => {
                let mut bytes = KeyBytes::init_with_mut(|_| {});
                derivation.derive(passphrase.expose().as_bytes(), bytes.expose_secret_mut())?;
                Key::new(&bytes)?
            }
            _ => return Ok(None),
        };
        let key = Arc::new(key);
        derived.insert(derivation.clone(), Arc::clone(&key));
        Ok(Some(key))
    }

    /// Goes on with the derivation of something that was opened: all files that belong together
    /// share one, because each costs its time.
    pub(super) fn adopt(&self, derivation: &Derivation) {
        if derivation.is_hard() {
            let mut chosen = self.chosen.lock().unwrap_or_else(PoisonError::into_inner);
            chosen.get_or_insert_with(|| derivation.clone());
        }
    }

    /// The key to seal with, and how it is derived.
    pub(super) fn sealing(&self) -> Result<(Arc<Key>, Derivation), SealError> {
        let mut chosen = self.chosen.lock().unwrap_or_else(PoisonError::into_inner);
        let derivation = match (&*chosen, &self.origin) {
            (Some(derivation), _) => derivation.clone(),
            (None, Origin::Raw(_)) => Derivation::Raw,
            (None, Origin::Passphrase(_)) => Derivation::fresh()?,
        };
        *chosen = Some(derivation.clone());
        drop(chosen);
        let key = self.derived(&derivation)?;
        Ok((key.ok_or(SealError::Failed("the key is of another kind"))?, derivation))
    }
}

/// Reads a key into `key`; tells whether it was one.
fn read_key(text: &str, key: &mut [u8; LENGTH]) -> bool {
    if text.len() == 2 * LENGTH && text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        let pairs = (0..LENGTH).map(|at| text.get(2 * at..2 * at + 2));
        let digits = pairs.map(|pair| u8::from_str_radix(pair.unwrap_or_default(), 16));
        return key
            .iter_mut()
            .zip(digits)
            .all(|(byte, read)| read.map(|read| *byte = read).is_ok());
    }
    let config =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    [alphabet::STANDARD, alphabet::URL_SAFE].iter().any(|alphabet| {
        let mut room = SecretBox::new(Box::new([0_u8; LENGTH + 3]));
        let room = room.expose_secret_mut();
        let engine = GeneralPurpose::new(alphabet, config);
        let length = engine.decode_slice(text, room).ok();
        let read = room.get(..LENGTH).filter(|_| length == Some(LENGTH));
        read.map(|read| key.copy_from_slice(read)).is_some()
    })
}

/// A key that is ready for use.
pub(super) struct Key {
    cipher: RandomizedNonceKey,
    /// A short digest that tells it from others and does not give it away.
    pub(super) id: String,
}

impl Key {
    fn new(bytes: &KeyBytes) -> Result<Self, SealError> {
        let bytes = bytes.expose_secret();
        let cipher = RandomizedNonceKey::new(&AES_256_GCM, bytes)
            .map_err(|_| SealError::Failed("the cipher does not take the key"))?;
        let digest = hmac_sha256(bytes, b"snapform key id");
        Ok(Self { cipher, id: hex(digest.get(..8).unwrap_or_default()) })
    }

    /// Encrypts `bytes` in place, with the tag behind, and gives the nonce.
    pub(super) fn seal(
        &self,
        head: &[u8],
        bytes: &mut Vec<u8>,
    ) -> Result<[u8; NONCE_LEN], SealError> {
        self.cipher
            .seal_in_place_append_tag(Aad::from(head), bytes)
            .map(|nonce| *nonce.as_ref())
            .map_err(|_| SealError::Failed("the cipher failed"))
    }

    /// Decrypts what follows the nonce in `bytes`.
    pub(super) fn open(&self, head: &[u8], mut bytes: Vec<u8>) -> Result<Vec<u8>, SealError> {
        let (nonce, text) = bytes.split_at_mut_checked(NONCE_LEN).ok_or(SealError::Damaged)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError::Damaged)?;
        let opened = self.cipher.open_in_place(nonce, Aad::from(head), text);
        let length = opened.map_err(|_| SealError::Damaged)?.len();
        bytes.drain(..NONCE_LEN);
        bytes.truncate(length);
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_key(text: &str) -> bool {
        KeySource::key(&Secret::from(text)).is_some()
    }

    #[test]
    fn a_key_is_32_bytes_in_one_of_three_forms() {
        let standard = "//79/Pv6+fj39vX08/Lx8O/u7ezr6uno5+bl5OPi4eA=";
        let same = [
            standard.to_owned(),
            standard.replace('/', "_").replace('+', "-"),
            standard.trim_end_matches('=').to_owned(),
            (0xe0..=0xff).rev().fold(String::new(), |text, byte: u8| format!("{text}{byte:02X}")),
            format!(" {standard}\r\n"),
        ];
        let id = |source: KeySource| source.sealing().unwrap().0.id.clone();
        let ids: Vec<_> = same
            .iter()
            .map(|text| id(KeySource::key(&Secret::from(text.as_str())).unwrap()))
            .collect();
        assert!(ids.windows(2).all(|two| two[0] == two[1]), "{ids:?}");
        let raw: Vec<u8> = (0xe0..=0xff).rev().collect();
        assert_eq!(id(KeySource::given(raw).unwrap()), ids[0]);
        assert_eq!(id(KeySource::given(format!("{standard}\n").into_bytes()).unwrap()), ids[0]);
        for wrong in ["", "AAAA", &"a".repeat(63), &"g".repeat(64), &standard[1..], "ä"] {
            assert!(!is_key(wrong), "{wrong}");
        }
        assert!(KeySource::given(b"0123456789abcdef0123456789abcdef".to_vec()).is_none());
        assert!(KeySource::given(vec![0xff; 31]).is_none());
    }

    #[test]
    fn a_short_passphrase_is_none_and_no_form_prints_it() {
        assert!(KeySource::passphrase(Secret::from("fifteen letters")).is_none());
        let source = KeySource::passphrase(Secret::from("sixteen letters!")).unwrap();
        assert_eq!(format!("{source:?}"), "KeySource(…)");
    }
}
