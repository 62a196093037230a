//! The checksums of a journal's lines.

use serde::{Deserialize, Serialize};

use crate::sdk::auth::sha256_hex;

use super::Entry;

/// How many digits a checksum has.
const SUM: usize = 16;

/// Ties each line to the one before it, so that none can be taken out or put in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Chain(String);

impl Chain {
    /// Adds an entry, which is given as JSON, to `lines`.
    pub fn write(&mut self, json: &str, lines: &mut Vec<u8>) {
        let sum = self.next(json);
        lines.extend_from_slice(format!("{sum} {json}\n").as_bytes());
        self.0 = sum;
    }

    /// The first digits are enough: it guards against accidents, and whoever can write the file can
    /// write the sums as well.
    fn next(&self, json: &str) -> String {
        sha256_hex(format!("{}{json}", self.0).as_bytes()).chars().take(SUM).collect()
    }

    /// The JSON of the line that follows, which has no line break.
    pub fn read_line<'l>(&mut self, line: &'l [u8]) -> Result<&'l str, &'static str> {
        let text = std::str::from_utf8(line).map_err(|_| "it is not text")?;
        let (sum, json) = text.split_once(' ').ok_or("it has no checksum")?;
        if sum != self.next(json) {
            return Err("its checksum does not fit");
        }
        sum.clone_into(&mut self.0);
        Ok(json)
    }

    /// Reads the entry that follows.
    pub(super) fn read(&mut self, line: &[u8]) -> Result<Entry, String> {
        let mut next = self.clone();
        let entry =
            serde_json::from_str(next.read_line(line)?).map_err(|error| error.to_string())?;
        *self = next;
        Ok(entry)
    }

    /// Takes the checksum at the beginning of a line for its own.
    pub(super) fn go_on_from(&mut self, line: &[u8]) {
        let sum = line.get(..SUM).map(String::from_utf8_lossy).unwrap_or_default();
        self.0 = sum.into_owned();
    }

    /// The entry of a line, whatever its checksum should be.
    pub(super) fn read_on_trust(&mut self, line: &[u8]) -> Option<Entry> {
        let entry = serde_json::from_slice(line.get(SUM..)?).ok()?;
        self.go_on_from(line);
        Some(entry)
    }

    /// Whether this is its checksum so far.
    pub fn is(&self, sum: &[u8]) -> bool {
        self.0.as_bytes() == sum
    }
}

/// The checksum of a line of a journal, counted from 1.
pub(in crate::state) fn sum_at(lines: &[u8], number: usize) -> Option<&[u8]> {
    let line = lines.split(|byte| *byte == b'\n').nth(number.checked_sub(1)?)?;
    line.split(|byte| *byte == b' ').next()
}
