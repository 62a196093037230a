//! What sealed texts look like: a head that anybody may read, then the encrypted part in base64.
//!
//! A document is JSON with one member for each part of the head, so that people and other programs
//! see what it is. A line is the same in one line, for journals.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Derivation, Purpose, SealError};

/// How a text is sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// What it is for.
    pub purpose: Purpose,
    /// Names the key and does not give it away.
    pub key: String,
    /// How the key comes from what people set.
    pub derivation: Derivation,
}

const MARK: &str = "{\n  \"snapform_encrypted\": ";
const DATA: &str = "  \"data\": \"";
const TAIL: &[u8] = b"\"\n}\n";
const LINE: &str = "snapform-encrypted-";

/// No head is longer than this.
const LONGEST_HEAD: usize = 1024;

impl Header {
    /// The head of a document, up to the encrypted part.
    pub(super) fn document(&self) -> String {
        let Self { purpose, key, derivation } = self;
        format!(
            "{MARK}1,\n  \"purpose\": \"{purpose}\",\n  \"cipher\": \"AES-256-GCM\",\n  \"key\": \
             \"{key}\",\n  \"derivation\": \"{derivation}\",\n{DATA}"
        )
    }

    /// The head of a line, up to the encrypted part.
    pub(super) fn line(&self) -> String {
        let Self { purpose, key, derivation } = self;
        format!("{LINE}1 {purpose} {key} {derivation} ")
    }

    fn of(purpose: &str, key: &str, derivation: &str) -> Option<Self> {
        let is_id = key.len() == 16 && key.bytes().all(|digit| digit.is_ascii_hexdigit());
        Some(Self {
            purpose: Purpose::named(purpose)?,
            key: Some(key).filter(|_| is_id)?.to_owned(),
            derivation: derivation.parse().ok()?,
        })
    }
}

/// A sealed text in its parts.
pub(super) struct Parts<'t> {
    pub(super) header: Header,
    pub(super) head: &'t [u8],
    pub(super) body: &'t [u8],
}

/// How a document is sealed; `None` where it is not.
///
/// # Errors
///
/// It is sealed, and its head is of no use.
pub fn header_of(bytes: &[u8]) -> Result<Option<Header>, SealError> {
    Ok(document(bytes)?.map(|parts| parts.header))
}

/// The parts of a document; `None` where it is not sealed.
pub(super) fn document(bytes: &[u8]) -> Result<Option<Parts<'_>>, SealError> {
    let Some(rest) = bytes.strip_prefix(MARK.as_bytes()) else { return Ok(None) };
    if !rest.starts_with(b"1,") {
        return Err(if rest.first().is_some_and(u8::is_ascii_digit) {
            SealError::Newer
        } else {
            SealError::Damaged
        });
    }
    let start = bytes.get(..bytes.len().min(LONGEST_HEAD)).unwrap_or_default();
    let end = start.windows(DATA.len()).position(|window| window == DATA.as_bytes());
    let end = end.ok_or(SealError::Damaged)? + DATA.len();
    let (head, rest) = bytes.split_at_checked(end).ok_or(SealError::Damaged)?;
    let body = rest.strip_suffix(TAIL).ok_or(SealError::Damaged)?;
    let header = members(head).ok_or(SealError::Damaged)?;
    // There is one way to write a head: whatever else reads alike was changed.
    if header.document().as_bytes() != head {
        return Err(SealError::Damaged);
    }
    Ok(Some(Parts { header, head, body }))
}

fn members(head: &[u8]) -> Option<Header> {
    let text = std::str::from_utf8(head).ok()?;
    let member = |name: &str| {
        let (_, rest) = text.split_once(&format!("\n  \"{name}\": \""))?;
        Some(rest.split_once('"')?.0)
    };
    Header::of(member("purpose")?, member("key")?, member("derivation")?)
}

/// Whether a line, without its end, is meant to be a sealed one.
pub fn is_line(bytes: &[u8]) -> bool {
    bytes.starts_with(LINE.as_bytes())
}

/// The parts of a line without its end.
pub(super) fn line(bytes: &[u8]) -> Result<Parts<'_>, SealError> {
    let start = bytes.get(..bytes.len().min(LONGEST_HEAD)).unwrap_or_default();
    let blanks = start.iter().enumerate().filter(|(_, byte)| **byte == b' ');
    let end = blanks.map(|(at, _)| at + 1).nth(3).ok_or(SealError::Damaged)?;
    let (head, body) = bytes.split_at_checked(end).ok_or(SealError::Damaged)?;
    let text = std::str::from_utf8(head).map_err(|_| SealError::Damaged)?;
    let mut words = text.split(' ');
    let mut word = || words.next().unwrap_or_default();
    let version = word();
    let header = Header::of(word(), word(), word()).ok_or(SealError::Damaged)?;
    if version != format!("{LINE}1") || header.line() != text {
        return Err(SealError::Damaged);
    }
    Ok(Parts { header, head, body })
}

/// A document or line of these parts, the nonce before the encrypted text.
pub(super) fn join(head: String, nonce: &[u8], text: &[u8], tail: &[u8]) -> Vec<u8> {
    // The nonce has a length that is a multiple of three, so that it ends with a whole digit.
    let mut whole = head;
    whole.reserve_exact((nonce.len() + text.len()).div_ceil(3) * 4 + tail.len());
    STANDARD.encode_string(nonce, &mut whole);
    STANDARD.encode_string(text, &mut whole);
    let mut whole = whole.into_bytes();
    whole.extend_from_slice(tail);
    whole
}

/// The same for a document.
pub(super) fn join_document(head: String, nonce: &[u8], text: &[u8]) -> Vec<u8> {
    join(head, nonce, text, TAIL)
}

/// The nonce and the encrypted text of a body.
pub(super) fn decode(body: &[u8]) -> Result<Vec<u8>, SealError> {
    STANDARD.decode(body).map_err(|_| SealError::Damaged)
}
