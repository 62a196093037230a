//! The journal's file, which takes room ahead: a flush that only fills blocks the file has already
//! waits for nothing else, while one that makes it longer waits for the file system's own log, and
//! with it for whatever others are writing.
//!
//! Behind the lines is room, all zeros. What is written together ends with an empty line. A loss of
//! power may leave any sectors of the last such batch unwritten; nothing rests on it yet, so it is
//! cut off. Sectors that are missing before a later batch are damage, and stay for the reader to see.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek as _, SeekFrom};
use std::path::Path;

use crate::world::faults::{CrashPoint, pass};
use crate::world::read_regular;

use super::disk;

/// How much room is taken at first, and at most at once.
const FIRST_ROOM: usize = 64 << 10;
const MOST_ROOM: usize = 4 << 20;

/// What a disk writes as a whole.
const SECTOR: usize = 512;

/// The lines in what a journal's file holds: without room, ends of batches, and a last batch that
/// did not reach the disk as a whole.
pub(super) fn lines_in(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.truncate(used(&bytes));
    let mut before = b'\n';
    bytes.retain(|byte| {
        let is_empty_line = *byte == b'\n' && before == b'\n';
        before = *byte;
        !is_empty_line
    });
    bytes
}

/// How many of the bytes are in use.
fn used(bytes: &[u8]) -> usize {
    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let written = bytes.get(..end).unwrap_or_default();
    match written.iter().position(|byte| *byte == 0) {
        Some(start) if is_torn(written, start) => start,
        _ => end,
    }
}

/// Whether the zeros at `start` are sectors of the last batch that never reached the disk.
fn is_torn(written: &[u8], start: usize) -> bool {
    let rest = written.get(start..).unwrap_or_default();
    let zeros = rest.iter().take_while(|byte| **byte == 0).count();
    // The first sector that is missing may have held the end of the batch before.
    let begins = start.is_multiple_of(SECTOR) || written.get(..start).is_some_and(ends_line);
    let ends_batch = |pair: &[u8]| pair == b"\n\n";
    // The last batch has no end before its last bytes.
    let behind = rest.strip_suffix(b"\n\n").unwrap_or(rest);
    begins && (start + zeros).is_multiple_of(SECTOR) && !behind.windows(2).any(ends_batch)
}

fn ends_line(bytes: &[u8]) -> bool {
    bytes.is_empty() || bytes.ends_with(b"\n")
}

/// The file open for writing. Only whole batches stay in it: what a failed one left would make
/// everything behind it unreadable.
#[derive(Debug)]
pub(super) struct JournalFile {
    file: File,
    /// How many bytes are in use.
    length: usize,
    /// How long the file is, room included.
    size: usize,
    /// Set when the rest of a failed write could not be taken back: nothing may follow it.
    broken: bool,
}

impl JournalFile {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let folder = disk::folder_of(path);
        disk::make_private_folder(folder)?;
        disk::check()?;
        let options = &mut OpenOptions::new();
        let file = disk::private(options.create(true).truncate(false).write(true)).open(path)?;
        disk::sync_folder(folder)?;
        let length = used(&read_regular(path)?);
        // What a loss of power left behind the last whole batch must not be taken for its sequel.
        file.set_len(length as u64)?;
        Ok(Self { file, length, size: length, broken: false })
    }

    /// Adds whole lines; on return they survive a loss of power.
    pub(super) fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        if self.broken {
            return Err(io::Error::other("an earlier entry was cut short"));
        }
        pass(CrashPoint::JournalWrite);
        let length = self.length + lines.len() + 1;
        let written = self.write(lines, length).and_then(|()| {
            pass(CrashPoint::JournalWritten);
            disk::check()?;
            self.file.sync_data()
        });
        match written {
            Ok(()) => self.length = length,
            Err(_) => self.take_back(),
        }
        pass(CrashPoint::JournalDurable);
        written
    }

    /// Writes lines and the end of their batch, with new room behind them where there is none left.
    fn write(&mut self, lines: &[u8], length: usize) -> io::Result<()> {
        let mut batch = [lines, b"\n"].concat();
        if length > self.size {
            self.size = length + length.clamp(FIRST_ROOM, MOST_ROOM);
            batch.resize(self.size - self.length, 0);
        }
        self.file.seek(SeekFrom::Start(self.length as u64))?;
        disk::write(&mut self.file, &batch)
    }

    fn take_back(&mut self) {
        self.size = self.length;
        self.broken = self.file.set_len(self.length as u64).is_err();
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const BATCHES: [&str; 3] = ["first\nand second\n", "third\n", "fourth\n"];

    /// The bytes of a file with these batches, the last one of three sectors.
    fn file() -> (tempfile::TempDir, Vec<u8>, String) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let long = format!("{}\n", "x".repeat(SECTOR * 2 + 100));
        for batch in BATCHES {
            JournalFile::open(&path).unwrap().append(batch.as_bytes()).unwrap();
        }
        JournalFile::open(&path).unwrap().append(long.as_bytes()).unwrap();
        let bytes = fs::read(&path).unwrap();
        (folder, bytes, long)
    }

    #[test]
    fn what_was_appended_is_read_again_and_room_is_not() {
        let (_folder, bytes, long) = file();
        assert!(bytes.len() > FIRST_ROOM);
        assert_eq!(lines_in(bytes), (BATCHES.concat() + &long).into_bytes());
        assert_eq!(lines_in(Vec::new()), b"");
        assert_eq!(lines_in(vec![0; SECTOR]), b"");
    }

    #[test]
    fn any_sectors_of_the_last_batch_may_be_missing() {
        let (_folder, bytes, _) = file();
        let before = BATCHES.map(|batch| format!("{batch}\n")).concat().len();
        for missing in 1..8_u32 {
            let mut torn = bytes.clone();
            for sector in (0..3).filter(|sector| missing & (1 << sector) != 0) {
                let start = (sector * SECTOR).max(before);
                torn[start..(sector + 1) * SECTOR].fill(0);
            }
            let found = lines_in(torn);
            let text = String::from_utf8(found).unwrap();
            let whole = BATCHES.concat();
            // The beginning of a line without an end is cut by whoever reads the lines.
            let tail = text.strip_prefix(&whole).unwrap();
            assert!(tail.bytes().all(|byte| byte == b'x'), "{missing}: {tail}");
        }
    }

    #[test]
    fn sectors_missing_before_a_later_batch_are_seen() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let mut journal = JournalFile::open(&path).unwrap();
        for letter in ["a", "b", "c"] {
            journal.append(format!("{}\n", letter.repeat(SECTOR * 2)).as_bytes()).unwrap();
        }
        let bytes = fs::read(&path).unwrap();
        for sector in 0..4 {
            let mut torn = bytes.clone();
            torn[sector * SECTOR..(sector + 1) * SECTOR].fill(0);
            assert!(lines_in(torn).contains(&0), "{sector}");
        }
    }

    #[test]
    fn a_file_that_was_cut_short_goes_on_behind_its_last_batch() {
        let (folder, bytes, _) = file();
        let path = folder.path().join("journal");
        let before = BATCHES.map(|batch| format!("{batch}\n")).concat().len();
        let mut torn = bytes;
        torn[before..SECTOR * 2].fill(0);
        fs::write(&path, torn).unwrap();
        JournalFile::open(&path).unwrap().append(b"next\n").unwrap();
        let found = lines_in(fs::read(&path).unwrap());
        assert_eq!(String::from_utf8(found).unwrap(), BATCHES.concat() + "next\n");
    }
}
