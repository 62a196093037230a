//! The objects that the journal is made of: the head, which says what the journal is, and the
//! segments.
//!
//! Each begins with one line of JSON about itself; the rest are lines of the journal.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// Which segments are the journal, who may add to them, and with which lines it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) about: AboutHead,
    /// The lines before those of the first segment.
    pub(super) lines: Vec<u8>,
}

/// What a head says about itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AboutHead {
    /// Names the segments that follow.
    pub(super) generation: String,
    /// Who took the lock last and has not given it back: the name of that taking.
    pub(super) holder: Option<String>,
    /// Makes the bytes of each head others than those of any other.
    pub(super) write: String,
    /// Generations of earlier heads that may still have segments.
    #[serde(default)]
    pub(super) dead: Vec<String>,
}

/// One segment of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) about: AboutSegment,
    pub(super) lines: Vec<u8>,
}

/// What a segment says about itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AboutSegment {
    /// Makes its bytes others than those of any other.
    pub(super) write: String,
    /// The number of an earlier segment that counts for nothing: whoever wrote it was told that it
    /// was not there.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) cancels: Option<u64>,
}

impl Head {
    /// The head of a journal without lines.
    pub(super) fn new(generation: String, holder: Option<String>, write: String) -> Self {
        let about = AboutHead { generation, holder, write, dead: Vec::new() };
        Self { about, lines: Vec::new() }
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        write(&self.about, &self.lines)
    }

    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let (about, lines) = read(bytes)?;
        Some(Self { about, lines })
    }
}

impl Segment {
    /// A segment of lines, or one that only takes its number.
    pub(super) fn new(write: String, lines: &[u8], cancels: Option<u64>) -> Self {
        Self { about: AboutSegment { write, cancels }, lines: lines.to_vec() }
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        write(&self.about, &self.lines)
    }

    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let (about, lines) = read(bytes)?;
        Some(Self { about, lines })
    }
}

fn write(about: &impl Serialize, lines: &[u8]) -> Vec<u8> {
    let mut bytes = serde_json::to_vec(about).unwrap_or_default();
    bytes.push(b'\n');
    bytes.extend_from_slice(lines);
    bytes
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Option<(T, Vec<u8>)> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let about = serde_json::from_slice(&bytes[..end]).ok()?;
    Some((about, bytes[end + 1..].to_vec()))
}
