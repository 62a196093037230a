//! State in a folder: readable by its owner only, replaced as a whole.

pub(in crate::state) mod disk;
mod hold;
mod journal_file;
mod store;

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::world::faults::{CrashPoint, pass};
use crate::world::read_regular;

use super::{Backend, BackendError, Contents, Hold, LockHolder, LockState, Outcome};

use hold::LocalHold;

pub(super) use store::LocalKind;
pub use store::LocalStore;

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

/// Where everything is.
#[derive(Clone, Debug)]
struct Files {
    /// Where all of them are.
    folder: PathBuf,
    state: PathBuf,
    /// Where changes of the state go, if that is another file.
    out: Option<PathBuf>,
    beside: PathBuf,
    backup: Backup,
    journal: PathBuf,
    lock: PathBuf,
    /// Where earlier states are, and how many of them.
    history: Option<(PathBuf, usize)>,
}

/// Files for a state, its predecessors, the journal and the lock.
#[derive(Debug)]
pub struct LocalBackend {
    files: Files,
}

/// How often, and how long apart, a lock without a note is looked at again.
const NOTE_TRIES: u32 = 20;
const NOTE_PAUSE: Duration = Duration::from_millis(5);

/// How many earlier states are kept.
const HISTORY: usize = 10;

impl LocalBackend {
    /// A backend in `folder`, which is made at the first write: `state.json`, `state.backup.json`,
    /// `journal.jsonl`, `lock` and `history`.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        let folder = folder.into();
        Self {
            files: Files {
                state: folder.join("state.json"),
                out: None,
                beside: folder.join("state.backup.json"),
                backup: Backup::Beside,
                journal: folder.join("journal.jsonl"),
                lock: folder.join("lock"),
                history: Some((folder.join("history"), HISTORY)),
                folder,
            },
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
            files: Files {
                out: None,
                beside: folder.join(format!("{name}.backup")),
                backup: Backup::Beside,
                journal: folder.join(format!("{name}.journal.jsonl")),
                lock: folder.join(format!(".{name}.lock")),
                history: None,
                folder,
                state,
            },
        }
    }

    /// The same with the state before a change kept elsewhere.
    #[must_use]
    pub fn with_backup(mut self, backup: Backup) -> Self {
        self.files.backup = backup;
        self
    }

    /// The same with changes written to another file; the one that was read stays as it is.
    #[must_use]
    pub fn writing_to(mut self, out: Option<PathBuf>) -> Self {
        self.files.out = out;
        self
    }

    /// The same with so many earlier states kept, where it is a folder.
    #[must_use]
    pub fn with_history(mut self, count: usize) -> Self {
        if let Some((_, kept)) = &mut self.files.history {
            *kept = count;
        }
        self
    }

    fn take_lock(&self, holder: &LockHolder) -> Result<File, BackendError> {
        let path = &self.files.lock;
        let problem = |error: io::Error| failed(path, &error);
        disk::make_private_folder(&self.files.folder)
            .map_err(|error| failed(&self.files.folder, &error))?;
        let mut file =
            disk::private(OpenOptions::new().create(true).truncate(false).read(true).write(true))
                .open(path)
                .map_err(problem)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(BackendError::Locked(note_in(&mut file).map(Box::new)));
            }
            Err(TryLockError::Error(error)) => return Err(problem(error)),
        }
        let note = serde_json::to_vec(holder).map_err(io::Error::from).map_err(problem)?;
        file.set_len(0).map_err(problem)?;
        file.seek(io::SeekFrom::Start(0)).map_err(problem)?;
        file.write_all(&note).map_err(problem)?;
        pass(CrashPoint::Locked);
        Ok(file)
    }

    fn find_holder(&self) -> Result<Option<LockState>, BackendError> {
        let failed = |error: io::Error| failed(&self.files.lock, &error);
        let mut file = match OpenOptions::new().read(true).write(true).open(&self.files.lock) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        match file.try_lock() {
            Ok(()) => file.unlock().map(|()| None).map_err(failed),
            Err(TryLockError::WouldBlock) => Ok(Some(LockState { holder: note_in(&mut file) })),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }
}

/// What the holder of a lock wrote into it.
fn note_in(file: &mut File) -> Option<LockHolder> {
    let mut note = String::new();
    let _ = file.read_to_string(&mut note);
    serde_json::from_str(&note).ok()
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

impl Files {
    fn read(&self) -> Result<Contents, BackendError> {
        Ok(Contents {
            state: read_if_there(&self.state)?,
            journal: read_if_there(&self.journal)?.map(journal_file::lines_in).unwrap_or_default(),
        })
    }
}

impl Backend for LocalBackend {
    fn place(&self) -> String {
        self.files.state.display().to_string()
    }

    fn identity(&self) -> String {
        format!("{} with {}", self.files.state.display(), self.files.journal.display())
    }

    fn read(&self) -> Outcome<'_, Contents> {
        Box::pin(async { self.files.read() })
    }

    fn lock<'a>(&'a self, holder: &'a LockHolder) -> Outcome<'a, Box<dyn Hold>> {
        Box::pin(async {
            let mut taken = self.take_lock(holder);
            // Between taking the lock and having written a note there is a moment.
            for _ in 0..NOTE_TRIES {
                if !matches!(taken, Err(BackendError::Locked(None))) {
                    break;
                }
                tokio::time::sleep(NOTE_PAUSE).await;
                taken = self.take_lock(holder);
            }
            let lock = taken?;
            Ok(Box::new(LocalHold::new(self.files.clone(), Some(lock))) as Box<dyn Hold>)
        })
    }

    fn without_lock(&self) -> Outcome<'_, Box<dyn Hold>> {
        Box::pin(async { Ok(Box::new(LocalHold::new(self.files.clone(), None)) as Box<dyn Hold>) })
    }

    fn holder(&self) -> Outcome<'_, Option<LockState>> {
        Box::pin(async { self.find_holder() })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::Replacement;
    use super::*;

    fn holder() -> LockHolder {
        LockHolder {
            user: "ops".to_owned(),
            host: "ci".to_owned(),
            process: 1,
            command: "apply".to_owned(),
            since: crate::world::Timestamp::EPOCH,
            job: None,
        }
    }

    /// Saves `texts` one after another, each under the serial of its position.
    async fn save(backend: &LocalBackend, texts: &[&str]) {
        let mut hold = backend.lock(&holder()).await.unwrap();
        for (position, text) in texts.iter().enumerate() {
            hold.append(b"line\n").await.unwrap();
            let next = Replacement {
                state: Some(text.as_bytes()),
                journal: b"base\n",
                previous: Some(position as u64),
            };
            hold.replace(next).await.unwrap();
        }
        hold.release().await;
    }

    #[tokio::test]
    async fn the_second_holder_is_told_who_the_first_one_is() {
        let folder = tempfile::tempdir().unwrap();
        let backend = LocalBackend::new(folder.path().join("state/default"));
        let hold = backend.lock(&holder()).await.unwrap();
        match backend.lock(&holder()).await {
            Err(BackendError::Locked(Some(note))) => assert_eq!(*note, holder()),
            other => panic!("{:?}", other.err()),
        }
        let held = LockState { holder: Some(holder()) };
        assert_eq!(backend.holder().await, Ok(Some(held)));
        hold.release().await;
        assert_eq!(backend.holder().await, Ok(None));
        assert!(backend.lock(&holder()).await.is_ok());
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn files_are_for_their_owner_only_and_predecessors_are_kept() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let backend = LocalBackend::new(folder.path().join("state/default")).with_history(2);
        assert_eq!(backend.read().await, Ok(Contents::default()));
        save(&backend, &["one", "two", "three", "four", "five"]).await;
        let files = &backend.files;
        let found = Contents { state: Some(b"five".to_vec()), journal: b"base\n".to_vec() };
        assert_eq!(backend.read().await, Ok(found));
        assert_eq!(fs::read(&files.beside).unwrap(), b"four");
        let history = folder.path().join("state/default/history");
        assert_eq!(fs::read_dir(&history).unwrap().count(), 2);
        assert_eq!(fs::read(history.join("3.json")).unwrap(), b"three");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        for file in [&files.state, &files.journal, &files.beside, &history.join("4.json")] {
            assert_eq!(mode(file), 0o600, "{}", file.display());
        }
        for path in [&files.folder, &history] {
            assert_eq!(mode(path), 0o700, "{}", path.display());
        }
        let names = fs::read_dir(&files.folder).unwrap().map(|entry| entry.unwrap().file_name());
        let left = names.filter(|name| name.to_string_lossy().starts_with(".new-"));
        assert_eq!(left.count(), 0);
    }

    #[tokio::test]
    async fn a_named_file_has_everything_beside_it_and_other_files_where_asked() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let read = |name| fs::read(path(name)).unwrap();
        save(&LocalBackend::of_file(path("old.tfstate")), &["one", "two"]).await;
        assert_eq!(read("old.tfstate.backup"), b"one");
        let elsewhere = LocalBackend::of_file(path("old.tfstate"))
            .with_backup(Backup::At(path("kept")))
            .writing_to(Some(path("new.tfstate")));
        save(&elsewhere, &["three"]).await;
        assert!(!path("kept").exists(), "there was nothing to keep");
        save(&elsewhere, &["four"]).await;
        assert_eq!((read("old.tfstate"), read("new.tfstate")), (b"two".to_vec(), b"four".to_vec()));
        assert_eq!(read("kept"), b"three");
        let alone = LocalBackend::of_file(path("x")).with_backup(Backup::Nowhere);
        save(&alone, &["1", "2"]).await;
        assert!(!path("x.backup").exists());
    }

    #[tokio::test]
    async fn what_somebody_else_wrote_meanwhile_is_not_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let backend = LocalBackend::new(folder.path());
        save(&backend, &["one"]).await;
        let mut hold = backend.lock(&holder()).await.unwrap();
        hold.read().await.unwrap();
        fs::write(&backend.files.state, "by Terraform").unwrap();
        let next = Replacement { state: Some(b"ours"), journal: b"", previous: None };
        assert!(matches!(hold.replace(next).await, Err(BackendError::Conflict { .. })));
        assert_eq!(fs::read(&backend.files.state).unwrap(), b"by Terraform");
    }
}
