//! State in a folder: readable by its owner only, replaced as a whole.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::world::read_regular;

use super::{Backend, BackendError, Guard, LockHolder};

/// A folder that holds `state.json`, its predecessor, the journal and the lock.
#[derive(Debug)]
pub struct LocalBackend {
    folder: PathBuf,
    /// The journal, open for appending since the first entry.
    journal: Mutex<Option<OpenJournal>>,
}

/// A journal open for appending. Only whole entries stay in it: what a failed write left of one
/// would make everything behind it unreadable.
#[derive(Debug)]
struct OpenJournal {
    file: File,
    length: u64,
    /// Set when the rest of a failed write could not be taken back: nothing may follow it.
    broken: bool,
}

impl OpenJournal {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.broken {
            return Err(io::Error::other("an earlier entry was cut short"));
        }
        let written = self.file.write_all(bytes).and_then(|()| self.file.sync_data());
        match written {
            Ok(()) => self.length += bytes.len() as u64,
            Err(_) => self.broken = self.file.set_len(self.length).is_err(),
        }
        written
    }
}

impl LocalBackend {
    /// A backend in `folder`, which is made at the first write.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), journal: Mutex::default() }
    }

    fn state(&self) -> PathBuf {
        self.folder.join("state.json")
    }

    fn backup(&self) -> PathBuf {
        self.folder.join("state.backup.json")
    }

    fn journal(&self) -> PathBuf {
        self.folder.join("journal.jsonl")
    }

    fn open_journal(&self) -> MutexGuard<'_, Option<OpenJournal>> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_file(&self) -> PathBuf {
        self.folder.join("lock")
    }

    fn make_folder(&self) -> Result<(), BackendError> {
        make_private_folder(&self.folder).map_err(|error| failed(&self.folder, &error))
    }

    /// Writes beside the file, then renames: nobody ever sees half of it.
    fn replace(&self, path: &Path, bytes: &[u8]) -> Result<(), BackendError> {
        self.make_folder()?;
        let write = || -> io::Result<()> {
            let mut file = tempfile::Builder::new().prefix(".new-").tempfile_in(&self.folder)?;
            file.write_all(bytes)?;
            file.as_file().sync_all()?;
            file.persist(path).map_err(|error| error.error)?;
            sync_folder(&self.folder)
        };
        write().map_err(|error| failed(path, &error))
    }
}

fn failed(path: &Path, error: &io::Error) -> BackendError {
    BackendError::Failed { place: path.display().to_string(), reason: error.to_string() }
}

fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>, BackendError> {
    match read_regular(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(path, &error)),
    }
}

#[cfg(unix)]
fn make_private_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn make_private_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

/// A rename survives a loss of power only once its folder is on disk.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600)
    }
    #[cfg(not(unix))]
    options
}

struct Held {
    file: File,
}

impl Guard for Held {}

impl Drop for Held {
    fn drop(&mut self) {
        // The lock ends with the file in any case; emptying it only takes the note away.
        let _ = self.file.set_len(0);
        let _ = self.file.unlock();
    }
}

impl Backend for LocalBackend {
    fn place(&self) -> String {
        self.state().display().to_string()
    }

    fn read(&self) -> Result<Option<Vec<u8>>, BackendError> {
        read_if_there(&self.state())
    }

    fn read_journal(&self) -> Result<Vec<u8>, BackendError> {
        Ok(read_if_there(&self.journal())?.unwrap_or_default())
    }

    fn lock(&self, holder: &LockHolder) -> Result<Box<dyn Guard>, BackendError> {
        self.make_folder()?;
        let path = self.lock_file();
        let problem = |error: io::Error| failed(&path, &error);
        let mut file =
            private(OpenOptions::new().create(true).truncate(false).read(true).write(true))
                .open(&path)
                .map_err(problem)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut note = String::new();
                let _ = file.read_to_string(&mut note);
                return Err(BackendError::Locked(serde_json::from_str(&note).ok()));
            }
            Err(TryLockError::Error(error)) => return Err(problem(error)),
        }
        let note = serde_json::to_vec(holder).map_err(io::Error::from).map_err(problem)?;
        file.set_len(0).map_err(problem)?;
        file.seek(io::SeekFrom::Start(0)).map_err(problem)?;
        file.write_all(&note).map_err(problem)?;
        Ok(Box::new(Held { file }))
    }

    fn write(&self, bytes: &[u8]) -> Result<(), BackendError> {
        if let Some(previous) = self.read()? {
            self.replace(&self.backup(), &previous)?;
        }
        self.replace(&self.state(), bytes)
    }

    fn append_journal(&self, bytes: &[u8]) -> Result<(), BackendError> {
        let path = self.journal();
        let mut held = self.open_journal();
        let journal = match &mut *held {
            Some(journal) => journal,
            None => {
                self.make_folder()?;
                let open = || -> io::Result<OpenJournal> {
                    let mut options = OpenOptions::new();
                    let file = private(options.create(true).append(true)).open(&path)?;
                    sync_folder(&self.folder)?;
                    let length = file.metadata()?.len();
                    Ok(OpenJournal { file, length, broken: false })
                };
                held.insert(open().map_err(|error| failed(&path, &error))?)
            }
        };
        journal.append(bytes).map_err(|error| failed(&path, &error))
    }

    fn write_journal(&self, bytes: &[u8]) -> Result<(), BackendError> {
        let path = self.journal();
        *self.open_journal() = None;
        if !bytes.is_empty() {
            return self.replace(&path, bytes);
        }
        match fs::remove_file(&path) {
            Ok(()) => sync_folder(&self.folder).map_err(|error| failed(&path, &error)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(failed(&path, &error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holder() -> LockHolder {
        LockHolder {
            user: "ops".to_owned(),
            host: "ci".to_owned(),
            process: 1,
            command: "apply".to_owned(),
            since: crate::world::Timestamp::EPOCH,
        }
    }

    #[test]
    fn the_second_holder_is_told_who_the_first_one_is() {
        let folder = tempfile::tempdir().unwrap();
        let backend = LocalBackend::new(folder.path().join("state/default"));
        let guard = backend.lock(&holder()).unwrap();
        match backend.lock(&holder()) {
            Err(BackendError::Locked(Some(note))) => assert_eq!(note, holder()),
            other => panic!("{:?}", other.err()),
        }
        drop(guard);
        assert!(backend.lock(&holder()).is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn files_are_for_their_owner_only_and_the_predecessor_is_kept() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let backend = LocalBackend::new(folder.path().join("state/default"));
        assert!(backend.read().unwrap().is_none());
        backend.write(b"one").unwrap();
        backend.write(b"two").unwrap();
        backend.append_journal(b"line\n").unwrap();
        assert_eq!(backend.read().unwrap().unwrap(), b"two");
        assert_eq!(fs::read(backend.backup()).unwrap(), b"one");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&backend.state()), 0o600);
        assert_eq!(mode(&backend.journal()), 0o600);
        assert_eq!(mode(&backend.folder), 0o700);
        backend.write_journal(b"").unwrap();
        assert!(backend.read_journal().unwrap().is_empty());
    }
}
