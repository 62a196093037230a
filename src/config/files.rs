//! Files that expressions read.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::lang::{FileError, FileReader};

use super::load::FILE_LIMIT;

/// Reads files below one folder, in folders of modules, and where a person allows it; nothing else:
/// an expression must not carry the secrets of the machine it is planned on into a plan.
#[derive(Clone, Debug)]
pub struct TreeReader {
    root: PathBuf,
    /// Folders of modules, and those that a person allows: they may lie elsewhere.
    others: BTreeSet<PathBuf>,
    home: Option<String>,
}

impl TreeReader {
    /// A reader of the files in `root` and below.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), others: BTreeSet::new(), home: None }
    }

    /// The same, and files in further folders, given relative to the root.
    #[must_use]
    pub fn with(mut self, folders: impl IntoIterator<Item = PathBuf>) -> Self {
        self.others.extend(folders);
        self
    }

    /// The same, where `~` stands for a folder.
    #[must_use]
    pub fn at_home(self, home: Option<String>) -> Self {
        Self { home, ..self }
    }

    fn inside(&self, path: &str) -> Result<PathBuf, FileError> {
        let failed =
            |error: std::io::Error| FileError { reason: format!("cannot be read: {error}") };
        let root = fs::canonicalize(&self.root).map_err(failed)?;
        let found = fs::canonicalize(self.root.join(path)).map_err(failed)?;
        let in_another = || {
            let mut folders = self
                .others
                .iter()
                .filter_map(|folder| fs::canonicalize(self.root.join(folder)).ok());
            folders.any(|folder| found.starts_with(folder))
        };
        if found.starts_with(&root) || in_another() {
            Ok(found)
        } else {
            let reason = "is outside the folders of the configuration; `-allow-files=FOLDER` \
                          lets expressions read another one"
                .to_owned();
            Err(FileError { reason })
        }
    }

    /// Adds the files of a folder and of those below it. Links are followed, but not back up.
    fn collect(
        &self,
        folder: &Path,
        name: &str,
        above: &mut Vec<PathBuf>,
        found: &mut Found,
    ) -> Result<(), FileError> {
        let failed =
            |error: std::io::Error| FileError { reason: format!("cannot be read: {error}") };
        for entry in fs::read_dir(folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            found.seen += 1;
            if found.seen > MOST_ENTRIES {
                let reason =
                    format!("leads to more than {MOST_ENTRIES} files and folders, links included");
                return Err(FileError { reason });
            }
            let name = format!("{name}{}", entry.file_name().to_string_lossy());
            let Ok(path) = fs::canonicalize(entry.path()) else { continue };
            if path.is_file() {
                found.names.push(name);
            } else if path.is_dir() && !above.contains(&path) {
                self.inside(&path.to_string_lossy())?;
                above.push(path.clone());
                self.collect(&path, &format!("{name}/"), above, found)?;
                above.pop();
            }
        }
        Ok(())
    }
}

/// Files and folders that a list looks at, at most so many: each costs memory, and a few links in
/// each of a few folders lead to any number of them.
const MOST_ENTRIES: usize = 100_000;

/// The files of a list so far.
#[derive(Default)]
struct Found {
    names: Vec<String>,
    /// Files and folders looked at.
    seen: usize,
}

impl FileReader for TreeReader {
    fn read(&self, path: &str) -> Result<Vec<u8>, FileError> {
        let path = self.inside(path)?;
        let failed =
            |error: std::io::Error| FileError { reason: format!("cannot be read: {error}") };
        if !path.is_file() {
            return Err(FileError { reason: "is not a file".to_owned() });
        }
        let mut bytes = Vec::new();
        let file = fs::File::open(path).map_err(failed)?;
        file.take(FILE_LIMIT + 1).read_to_end(&mut bytes).map_err(failed)?;
        if bytes.len() as u64 > FILE_LIMIT {
            let reason = format!("is longer than {} MiB", FILE_LIMIT >> 20);
            return Err(FileError { reason });
        }
        Ok(bytes)
    }

    fn list(&self, directory: &str) -> Result<Vec<String>, FileError> {
        if !self.root.join(directory).is_dir() {
            return Ok(Vec::new());
        }
        let folder = self.inside(directory)?;
        let mut found = Found::default();
        self.collect(&folder, "", &mut vec![folder.clone()], &mut found)?;
        found.names.sort();
        Ok(found.names)
    }

    fn home(&self) -> Option<String> {
        self.home.clone()
    }

    fn exists(&self, path: &str) -> Result<bool, FileError> {
        if !Path::new(&self.root.join(path)).exists() {
            return Ok(false);
        }
        let path = self.inside(path)?;
        if path.is_dir() {
            return Err(FileError { reason: "is a folder".to_owned() });
        }
        Ok(path.is_file())
    }

    fn current_directory(&self) -> Option<String> {
        fs::canonicalize(&self.root).ok().map(|path| path.display().to_string())
    }
}
