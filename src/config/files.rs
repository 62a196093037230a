//! Files that expressions read.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::lang::{FileError, FileReader};

/// Reads files below one folder and nothing else: an expression must not carry the secrets of the
/// machine it is planned on into a plan.
#[derive(Clone, Debug)]
pub struct TreeReader {
    root: PathBuf,
    /// Folders of modules, which may lie elsewhere.
    modules: BTreeSet<PathBuf>,
}

impl TreeReader {
    /// A reader of the files in `root` and below.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), modules: BTreeSet::new() }
    }

    /// The same, and files in the folders of modules, given relative to the root.
    #[must_use]
    pub fn with(mut self, modules: impl IntoIterator<Item = String>) -> Self {
        self.modules.extend(modules.into_iter().map(PathBuf::from));
        self
    }

    fn inside(&self, path: &str) -> Result<PathBuf, FileError> {
        let failed = |error: std::io::Error| unreadable(&error);
        let root = fs::canonicalize(&self.root).map_err(failed)?;
        let found = fs::canonicalize(self.root.join(path)).map_err(failed)?;
        let in_module = || {
            let mut folders = self
                .modules
                .iter()
                .filter_map(|folder| fs::canonicalize(self.root.join(folder)).ok());
            folders.any(|folder| found.starts_with(folder))
        };
        if found.starts_with(&root) || in_module() {
            Ok(found)
        } else {
            let reason = "is outside the folders of the configuration".to_owned();
            Err(FileError { reason })
        }
    }
}

impl FileReader for TreeReader {
    fn read(&self, path: &str) -> Result<Vec<u8>, FileError> {
        let path = self.inside(path)?;
        fs::read(path).map_err(|error| unreadable(&error))
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

    fn list(&self, directory: &str) -> Result<Vec<String>, FileError> {
        if !self.root.join(directory).is_dir() {
            return Ok(Vec::new());
        }
        let top = self.inside(directory)?;
        let mut files = Vec::new();
        let mut waiting = vec![String::new()];
        while let Some(folder) = waiting.pop() {
            let entries = fs::read_dir(top.join(&folder)).map_err(|error| unreadable(&error))?;
            for entry in entries {
                let entry = entry.map_err(|error| unreadable(&error))?;
                // What is not text cannot be named by an expression.
                let Ok(name) = entry.file_name().into_string() else { continue };
                let path = format!("{folder}{name}");
                // Links to folders are not followed: they may lead in circles.
                if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    waiting.push(format!("{path}/"));
                } else if entry.path().is_file() {
                    files.push(path);
                }
            }
        }
        files.sort();
        Ok(files)
    }

    fn current_directory(&self) -> Option<String> {
        fs::canonicalize(&self.root).ok().map(|path| path.display().to_string())
    }
}

fn unreadable(error: &std::io::Error) -> FileError {
    FileError { reason: format!("cannot be read: {error}") }
}
