//! States of all workspaces in folders of this machine.

use std::fs;
use std::io;
use std::path::PathBuf;

use crate::schema::{Attribute, Problem, Schema};
use crate::sdk::{Environment, Settings};
use crate::value::{Type, Value};

use super::super::{Backend, BackendError, DEFAULT_WORKSPACE, Kind, Outcome, Store};
use super::{LocalBackend, disk, failed};

/// How the files of a workspace are called.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Layout {
    /// A folder for each workspace, the default one included.
    Folders,
    /// The file of the default workspace, and `terraform.tfstate` in a folder for each other one.
    Files(PathBuf),
}

/// The states below one folder.
#[derive(Clone, Debug)]
pub struct LocalStore {
    base: PathBuf,
    layout: Layout,
    history: Option<usize>,
}

impl LocalStore {
    /// States in folders of their own below `base`.
    pub fn new(base: impl Into<PathBuf>) -> Self {
        Self { base: base.into(), layout: Layout::Folders, history: None }
    }

    /// The same with so many earlier states of each kept.
    #[must_use]
    pub fn with_history(mut self, history: Option<usize>) -> Self {
        self.history = history;
        self
    }

    /// The state of a workspace, for whoever wants its files elsewhere.
    pub fn local(&self, name: &str) -> LocalBackend {
        let backend = match &self.layout {
            Layout::Folders => LocalBackend::new(self.base.join(name)),
            Layout::Files(path) if name == DEFAULT_WORKSPACE => LocalBackend::of_file(path),
            Layout::Files(_) => LocalBackend::of_file(self.base.join(name).join(FILE)),
        };
        match self.history {
            Some(count) => backend.with_history(count),
            None => backend,
        }
    }

    fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        match fs::read_dir(&self.base) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            entries => {
                for entry in entries? {
                    let entry = entry?;
                    let name = entry.file_name().to_string_lossy().into_owned();
                    let is_hidden = name.starts_with('.');
                    if entry.path().is_dir() && !is_hidden && name != DEFAULT_WORKSPACE {
                        names.push(name);
                    }
                }
            }
        }
        names.sort();
        names.insert(0, DEFAULT_WORKSPACE.to_owned());
        Ok(names)
    }

    /// Takes the folder away: under its name at once, so that no half of it is ever a workspace.
    fn remove(&self, name: &str) -> io::Result<()> {
        let folder = self.base.join(name);
        let hidden = self.base.join(format!(".deleted-{name}"));
        if hidden.exists() {
            fs::remove_dir_all(&hidden)?;
        }
        fs::rename(&folder, &hidden)?;
        fs::remove_dir_all(&hidden)
    }

    fn problem(&self, name: &str, error: &io::Error) -> BackendError {
        failed(&self.base.join(name), error)
    }
}

/// The name of a state file in Terraform's layout.
const FILE: &str = "terraform.tfstate";

impl Store for LocalStore {
    fn workspace(&self, name: &str) -> Result<Box<dyn Backend>, String> {
        Ok(Box::new(self.local(name)))
    }

    fn workspaces(&self) -> Outcome<'_, Vec<String>> {
        Box::pin(async { self.names().map_err(|error| failed(&self.base, &error)) })
    }

    fn prepare<'a>(&'a self, name: &'a str) -> Outcome<'a, bool> {
        Box::pin(async move {
            let made = disk::make_private_folder(&self.base.join(name));
            made.map(|()| true).map_err(|error| self.problem(name, &error))
        })
    }

    fn delete<'a>(&'a self, name: &'a str) -> Outcome<'a, ()> {
        Box::pin(async move { self.remove(name).map_err(|error| self.problem(name, &error)) })
    }
}

/// The kind `local`, with Terraform's settings and file names.
pub(in crate::state::backend) struct LocalKind;

impl Kind for LocalKind {
    fn name(&self) -> &'static str {
        "local"
    }

    fn schema(&self) -> Schema {
        Schema::new(
            "Files on this machine, called as Terraform calls them.",
            vec![
                Attribute::optional("path", Type::String, "File of the default workspace.")
                    .default(FILE),
                Attribute::optional(
                    "workspace_dir",
                    Type::String,
                    "Folder with a folder for each other workspace.",
                )
                .default("terraform.tfstate.d"),
            ],
        )
    }

    fn configure(
        &self,
        settings: &Value,
        environment: &Environment,
    ) -> Result<Box<dyn Store>, Vec<Problem>> {
        let settings = Settings::new(self.schema(), settings, environment);
        let text = |name: &str| PathBuf::from(settings.text(name).unwrap_or_default());
        let store = LocalStore {
            base: text("workspace_dir"),
            layout: Layout::Files(text("path")),
            history: None,
        };
        Ok(Box::new(store))
    }
}
