//! State in a folder: readable by its owner only, replaced as a whole.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::world::read_regular;

use super::{Backend, BackendError, Guard, LockHolder};

/// Where the state before a change is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Backup {
    /// Beside the state.
    #[default]
    Beside,
    /// In this file.
    At(PathBuf),
    /// Nowhere.
    Nowhere,
}

/// Files for a state, its predecessor, the journal and the lock.
#[derive(Debug)]
pub struct LocalBackend {
    /// Where all of them are.
    folder: PathBuf,
    state: PathBuf,
    /// Where changes of the state go, if that is another file.
    out: Option<PathBuf>,
    beside: PathBuf,
    backup: Backup,
    journal_file: PathBuf,
    lock: PathBuf,
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
    /// A backend in `folder`, which is made at the first write: `state.json`, `state.backup.json`,
    /// `journal.jsonl` and `lock`.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        let folder = folder.into();
        Self {
            state: folder.join("state.json"),
            out: None,
            beside: folder.join("state.backup.json"),
            backup: Backup::Beside,
            journal_file: folder.join("journal.jsonl"),
            lock: folder.join("lock"),
            folder,
            journal: Mutex::default(),
        }
    }

    /// A backend for one file that somebody named, as Terraform keeps its state: what belongs to it
    /// is beside it and carries its name.
    pub fn of_file(state: impl Into<PathBuf>) -> Self {
        let state = state.into();
        let parent = state.parent().filter(|parent| !parent.as_os_str().is_empty());
        let folder = parent.map_or_else(|| PathBuf::from("."), Path::to_path_buf);
        let name = state.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Self {
            out: None,
            beside: folder.join(format!("{name}.backup")),
            backup: Backup::Beside,
            journal_file: folder.join(format!("{name}.journal.jsonl")),
            lock: folder.join(format!(".{name}.lock")),
            folder,
            state,
            journal: Mutex::default(),
        }
    }

    /// The same with the state before a change kept elsewhere.
    #[must_use]
    pub fn with_backup(mut self, backup: Backup) -> Self {
        self.backup = backup;
        self
    }

    /// The same with changes written to another file; the one that was read stays as it is.
    #[must_use]
    pub fn writing_to(mut self, out: Option<PathBuf>) -> Self {
        self.out = out;
        self
    }

    /// Who holds the lock, as far as that is noted. `None` where nobody does.
    pub fn lock_holder(&self) -> Result<Option<LockState>, BackendError> {
        let failed = |error: io::Error| failed(&self.lock, &error);
        let mut file = match OpenOptions::new().read(true).write(true).open(&self.lock) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        match file.try_lock() {
            Ok(()) => file.unlock().map(|()| None).map_err(failed),
            Err(TryLockError::WouldBlock) => {
                let mut note = String::new();
                let _ = file.read_to_string(&mut note);
                Ok(Some(LockState { holder: serde_json::from_str(&note).ok() }))
            }
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }

    fn open_journal(&self) -> MutexGuard<'_, Option<OpenJournal>> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps what is about to be replaced, where that is wanted.
    fn keep(&self, previous: &[u8]) -> Result<(), BackendError> {
        match &self.backup {
            Backup::Beside => self.replace(&self.beside, previous),
            Backup::At(path) => self.replace(path, previous),
            Backup::Nowhere => Ok(()),
        }
    }

    fn make_folder(&self) -> Result<(), BackendError> {
        make_private_folder(&self.folder).map_err(|error| failed(&self.folder, &error))
    }

    /// Writes beside the file, then renames: nobody ever sees half of it.
    fn replace(&self, path: &Path, bytes: &[u8]) -> Result<(), BackendError> {
        self.make_folder()?;
        // A rename stays within one folder: another one may be another file system.
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let folder = parent.unwrap_or_else(|| Path::new("."));
        let write = || -> io::Result<()> {
            let mut file = tempfile::Builder::new().prefix(".new-").tempfile_in(folder)?;
            file.write_all(bytes)?;
            file.as_file().sync_all()?;
            file.persist(path).map_err(|error| error.error)?;
            sync_folder(folder)
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

/// A lock that somebody holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockState {
    /// Who it is, where the note could be read.
    pub holder: Option<LockHolder>,
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
        self.state.display().to_string()
    }

    fn read(&self) -> Result<Option<Vec<u8>>, BackendError> {
        read_if_there(&self.state)
    }

    fn read_journal(&self) -> Result<Vec<u8>, BackendError> {
        Ok(read_if_there(&self.journal_file)?.unwrap_or_default())
    }

    fn lock(&self, holder: &LockHolder) -> Result<Box<dyn Guard>, BackendError> {
        self.make_folder()?;
        let path = self.lock.clone();
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
        let to = self.out.as_ref().unwrap_or(&self.state);
        if let Some(previous) = read_if_there(to)? {
            self.keep(&previous)?;
        }
        self.replace(to, bytes)
    }

    fn append_journal(&self, bytes: &[u8]) -> Result<(), BackendError> {
        let path = self.journal_file.clone();
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
        let path = self.journal_file.clone();
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
        assert_eq!(fs::read(&backend.beside).unwrap(), b"one");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&backend.state), 0o600);
        assert_eq!(mode(&backend.journal_file), 0o600);
        assert_eq!(mode(&backend.folder), 0o700);
        assert_eq!(backend.lock_holder().unwrap(), None);
        backend.write_journal(b"").unwrap();
        assert!(backend.read_journal().unwrap().is_empty());
    }

    #[test]
    fn a_named_file_has_everything_beside_it_and_other_files_where_asked() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let backend = LocalBackend::of_file(path("old.tfstate"));
        backend.write(b"one").unwrap();
        backend.write(b"two").unwrap();
        assert_eq!(fs::read(path("old.tfstate.backup")).unwrap(), b"one");
        let guard = backend.lock(&holder()).unwrap();
        let held = LockState { holder: Some(holder()) };
        assert_eq!(backend.lock_holder().unwrap(), Some(held));
        drop(guard);
        let backend = LocalBackend::of_file(path("old.tfstate"))
            .with_backup(Backup::At(path("kept")))
            .writing_to(Some(path("new.tfstate")));
        backend.write(b"three").unwrap();
        assert!(!path("kept").exists(), "there was nothing to keep");
        backend.write(b"four").unwrap();
        let read = |name| fs::read(path(name)).unwrap();
        assert_eq!((read("old.tfstate"), read("new.tfstate")), (b"two".to_vec(), b"four".to_vec()));
        assert_eq!(read("kept"), b"three");
        LocalBackend::of_file(path("x")).with_backup(Backup::Nowhere).write(b"1").unwrap();
        assert!(!path("x.backup").exists());
    }
}
