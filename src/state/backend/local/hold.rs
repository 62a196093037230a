//! The files while their lock is held.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::world::BoxFuture;
use crate::world::faults::{CrashPoint, pass};

use super::super::{BackendError, Contents, Hold, Lease, Outcome, Replacement};
use super::disk;
use super::journal_file::JournalFile;
use super::{Backup, Files, failed};

/// What tells one version of a file from another.
type Version = Option<(SystemTime, u64)>;

/// The right to write the files; without a lock where somebody asked for that.
pub(super) struct LocalHold {
    files: Files,
    lock: Option<File>,
    /// The journal, open for appending since the first entry.
    journal: Option<JournalFile>,
    /// The version of the state that was read.
    read: Version,
}

impl LocalHold {
    pub(super) fn new(files: Files, lock: Option<File>) -> Self {
        let read = version(&files.state);
        Self { files, lock, journal: None, read }
    }

    fn append_now(&mut self, lines: &[u8]) -> io::Result<()> {
        let journal = match &mut self.journal {
            Some(journal) => journal,
            None => self.journal.insert(JournalFile::open(&self.files.journal)?),
        };
        journal.append(lines)
    }

    fn write_state(&mut self, bytes: &[u8], next: &Replacement<'_>) -> Result<(), BackendError> {
        let to = self.files.out.clone().unwrap_or_else(|| self.files.state.clone());
        // Whoever writes without our lock, such as Terraform, is not written over.
        if version(&self.files.state) != self.read {
            return Err(BackendError::Conflict { place: self.files.state.display().to_string() });
        }
        if to.exists() {
            self.keep(&to, next)?;
        }
        pass(CrashPoint::StateKept);
        let points = (CrashPoint::StateWritten, CrashPoint::StateReplaced);
        disk::replace(&to, bytes, points).map_err(|error| failed(&to, &error))?;
        self.read = version(&self.files.state);
        Ok(())
    }

    /// Keeps what is about to be replaced, where that is wanted.
    fn keep(&self, previous: &Path, next: &Replacement<'_>) -> Result<(), BackendError> {
        let beside = match &self.files.backup {
            Backup::Beside => Some(&self.files.beside),
            Backup::At(path) => Some(path),
            Backup::Nowhere => None,
        };
        if let Some(path) = beside {
            disk::keep(previous, path).map_err(|error| failed(path, &error))?;
        }
        if let (Some((folder, count)), Some(serial)) = (&self.files.history, next.previous) {
            keep_history(folder, *count, previous, serial)
                .map_err(|error| failed(folder, &error))?;
        }
        Ok(())
    }

    fn replace_now(&mut self, next: &Replacement<'_>) -> Result<(), BackendError> {
        if let Some(bytes) = next.state {
            self.write_state(bytes, next)?;
        }
        let path = &self.files.journal;
        self.journal = None;
        let replaced = if next.journal.is_empty() {
            disk::remove(path)
        } else {
            let points = (CrashPoint::JournalBegun, CrashPoint::JournalReplaced);
            disk::replace(path, next.journal, points)
        };
        replaced.map_err(|error| failed(path, &error))
    }
}

fn version(path: &Path) -> Version {
    let found = fs::metadata(path).ok()?;
    Some((found.modified().ok()?, found.len()))
}

/// Keeps a state under its serial, and no more than `count` of them.
fn keep_history(folder: &Path, count: usize, state: &Path, serial: u64) -> io::Result<()> {
    if count == 0 {
        return Ok(());
    }
    disk::keep(state, &folder.join(format!("{serial}.json")))?;
    let mut kept: Vec<(u64, PathBuf)> = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let serial = path.file_stem().and_then(|stem| stem.to_str()?.parse().ok());
        kept.extend(serial.map(|serial| (serial, path)));
    }
    kept.sort();
    let spare = kept.len().saturating_sub(count);
    kept.iter().take(spare).try_for_each(|(_, path)| fs::remove_file(path))
}

impl Drop for LocalHold {
    fn drop(&mut self) {
        if let Some(lock) = &self.lock {
            // The lock ends with the file in any case; emptying it only takes the note away.
            let _ = lock.set_len(0);
            let _ = lock.unlock();
        }
    }
}

impl Hold for LocalHold {
    fn read(&mut self) -> Outcome<'_, Contents> {
        self.read = version(&self.files.state);
        Box::pin(async { self.files.read() })
    }

    fn append<'a>(&'a mut self, lines: &'a [u8]) -> Outcome<'a, ()> {
        let written = self.append_now(lines).map_err(|error| failed(&self.files.journal, &error));
        Box::pin(async { written })
    }

    fn replace<'a>(&'a mut self, next: Replacement<'a>) -> Outcome<'a, ()> {
        let replaced = self.replace_now(&next);
        Box::pin(async { replaced })
    }

    fn lease(&self) -> Lease {
        Lease::unlimited()
    }

    fn leaves_original(&self) -> bool {
        self.files.out.is_some()
    }

    fn release(self: Box<Self>) -> BoxFuture<'static, ()> {
        Box::pin(async { drop(self) })
    }
}
