//! Where states are kept: on this machine, or where a `backend` block says.
//!
//! What `init` settled is remembered beside the configuration, so that a block that changes does not
//! silently begin with an empty state elsewhere.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::config::{BackendDecl, Config, Loader, decode_files};
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::engine::{Surroundings, backend_problems, backend_settings};
use crate::state::{Backend, Backup, Kind, LocalBackend, LocalStore, Store, kinds};
use crate::text::SourceMap;
use crate::value::Value;
use crate::world::read_regular;

use super::Stop;
use super::emulation::state_base;
use super::environment::Environment;
use super::workbench::{Workbench, working_directory};

/// What `init` settled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Settled {
    /// The kind of backend.
    pub(super) kind: String,
    /// All its settings, those from options included.
    pub(super) settings: Json,
    /// What the block said by itself.
    pub(super) block: Json,
}

/// What a `backend` block says.
pub(super) struct Declared {
    pub(super) kind: &'static dyn Kind,
    pub(super) settings: Value,
    pub(super) block: BackendDecl,
    pub(super) sources: SourceMap,
}

impl Declared {
    /// The settings as they are remembered.
    pub(super) fn json(&self) -> Json {
        self.kind.schema().encode(&self.settings).to_json()
    }

    /// Ends the command with problems of the block.
    pub(super) fn stop(&self, problems: impl Into<Diagnostics>) -> Stop {
        Stop::Diagnostics(Box::new((problems.into(), self.sources.clone())))
    }

    /// The store with these settings.
    pub(super) fn store(
        &self,
        settings: &Value,
        environment: &Environment,
    ) -> Result<Box<dyn Store>, Stop> {
        let found = self.kind.schema().check_rules(settings);
        if !found.is_empty() {
            return Err(self.stop(backend_problems(&self.block, found)));
        }
        self.kind
            .configure(settings, environment.variables())
            .map_err(|found| self.stop(backend_problems(&self.block, found)))
    }
}

/// The file that remembers where states are kept.
pub(super) fn settled_file(environment: &Environment) -> PathBuf {
    environment.selection_file().with_file_name("backend.json")
}

/// What `init` settled, if anything.
pub(super) fn read_settled(environment: &Environment) -> Result<Option<Settled>, Stop> {
    let path = settled_file(environment);
    let bytes = match read_regular(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            let failed = || format!("`{}` cannot be read", path.display());
            return Err(Stop::Other(anyhow::Error::new(error).context(failed())));
        }
    };
    serde_json::from_slice(&bytes).map(Some).map_err(|error| {
        let detail = format!("`{}` is damaged: {error}.", path.display());
        Diagnostic::error(code::BACKEND_CHANGED, detail)
            .help("run `snapform init` again; the state itself is not touched")
            .into()
    })
}

/// The kind called `name`, with the state of its settings from JSON.
pub(super) fn settled_store(
    settled: &Settled,
    environment: &Environment,
) -> Result<Box<dyn Store>, Stop> {
    let unusable = |detail: String| -> Stop {
        Diagnostic::error(code::BACKEND, detail)
            .help("run `snapform init -reconfigure`; no state is touched")
            .into()
    };
    let Some(kind) = kind_called(&settled.kind) else {
        return Err(unusable(format!("There is no backend `{}`.", settled.kind)));
    };
    let settings = kind.schema().decode(&Value::of_json(&settled.settings));
    let settings =
        settings.map_err(|error| unusable(format!("Its settings are damaged: {error}.")))?;
    kind.configure(&settings, environment.variables()).map_err(|problems| {
        let told = problems.into_iter().map(|problem| problem.message);
        unusable(told.collect::<Vec<_>>().join(" "))
    })
}

fn kind_called(name: &str) -> Option<&'static dyn Kind> {
    kinds().iter().copied().find(|kind| kind.name() == name)
}

impl Workbench {
    /// The states of all workspaces.
    pub(super) fn store(&self) -> Result<Box<dyn Store>, Stop> {
        if self.emulates {
            return Ok(Box::new(self.local_store()));
        }
        let environment = &self.start.environment;
        let settled = read_settled(environment)?;
        match (declared(self)?, settled) {
            (None, None) => Ok(Box::new(self.local_store())),
            (Some(declared), Some(settled)) if is_same(&declared, &settled) => {
                settled_store(&settled, environment)
            }
            (Some(declared), None) => {
                let used = local_workspaces();
                if let Some(folder) = used.first() {
                    let detail = format!(
                        "There is a state in `{}`, and the configuration keeps its states in a \
                         `{}` backend.",
                        folder.display(),
                        declared.kind.name()
                    );
                    return Err(declared.stop(changed(detail).at(declared.block.header)));
                }
                declared.store(&declared.settings, environment)
            }
            (Some(declared), Some(settled)) => {
                let detail = format!(
                    "States are kept in a `{}` backend, and the block says something else now.",
                    settled.kind
                );
                Err(declared.stop(changed(detail).at(declared.block.header)))
            }
            (None, Some(settled)) => {
                let detail = format!(
                    "States are kept in a `{}` backend, and the configuration has no `backend` \
                     block any more.",
                    settled.kind
                );
                Err(changed(detail).into())
            }
        }
    }

    /// The states on this machine.
    pub(super) fn local_store(&self) -> LocalStore {
        LocalStore::new(state_base(self.emulates)).with_history(self.start.environment.history())
    }

    /// Where the state of the workspace is kept.
    pub(super) fn backend(&self) -> Result<Box<dyn Backend>, Stop> {
        let kept = &self.kept;
        let workspace = self.start.environment.workspace();
        if kept.state.is_none() && kept.backup.is_none() && kept.state_out.is_none() {
            return self
                .store()?
                .workspace(workspace)
                .map_err(|reason| Diagnostic::error(code::WORKSPACE, reason).into());
        }
        let backend = match &kept.state {
            Some(file) => LocalBackend::of_file(file),
            None => {
                self.must_be_local()?;
                self.local_store().local(workspace)
            }
        };
        let backup = match &kept.backup {
            None => Backup::Beside,
            Some(file) if file.as_os_str() == "-" => Backup::Nowhere,
            Some(file) => Backup::At(file.clone()),
        };
        Ok(Box::new(backend.with_backup(backup).writing_to(kept.state_out.clone())))
    }

    /// Refuses options that only files of this machine have.
    fn must_be_local(&self) -> Result<(), Stop> {
        let settled = read_settled(&self.start.environment)?;
        if self.emulates || (settled.is_none() && declared(self)?.is_none()) {
            return Ok(());
        }
        Err(super::usage_problem(
            "`-backup` and `-state-out` are for states on this machine, and this one is elsewhere.",
        ))
    }
}

/// The folders of this machine that hold a state.
fn local_workspaces() -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(state_base(false)) else { return Vec::new() };
    let folders = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    let mut used: Vec<_> = folders
        .filter(|folder| {
            ["state.json", "journal.jsonl"]
                .map(|name| folder.join(name))
                .iter()
                .any(|file| file.exists())
        })
        .collect();
    used.sort();
    used
}

/// Whether a block says what was settled.
pub(super) fn is_same(declared: &Declared, settled: &Settled) -> bool {
    declared.kind.name() == settled.kind && declared.json() == settled.block
}

fn changed(detail: String) -> Diagnostic {
    Diagnostic::error(code::BACKEND_CHANGED, detail).help(
        "`snapform init -migrate-state` takes the states along, `init -reconfigure` leaves them \
         where they are",
    )
}

/// What the `backend` block of the root module says. Only files that have the word are read for it:
/// most configurations have none, and most commands need nothing else of it.
pub(super) fn declared(workbench: &Workbench) -> Result<Option<Declared>, Stop> {
    let files = Loader::new(".").load().map_err(|problems| workbench.stop(problems))?;
    let mut files = files.files;
    files.retain(|file| file.text.contains("backend"));
    if files.is_empty() {
        return Ok(None);
    }
    let mut sources = SourceMap::default();
    let mut problems = Diagnostics::default();
    let module = decode_files(&files, &mut sources, &mut problems);
    let Some(block) = module.settings.backend.clone() else { return Ok(None) };
    let stop = |problems: Diagnostics| Stop::Diagnostics(Box::new((problems, sources.clone())));
    let folder = working_directory()?;
    let surroundings = workbench.surroundings(&folder, workbench.world.clock.now(), None);
    let config = Config::of_root(module);
    let (kind, settings) = resolve(&block, &config, surroundings).map_err(stop)?;
    Ok(Some(Declared { kind, settings, block, sources }))
}

/// The kind that a block names, and its settings.
pub(super) fn resolve(
    block: &BackendDecl,
    config: &Config,
    surroundings: Surroundings<'_>,
) -> Result<(&'static dyn Kind, Value), Diagnostics> {
    let Some(kind) = kind_called(&block.kind) else {
        let names = kinds().iter().map(|kind| kind.name());
        let detail = format!("There is no backend `{}`.", block.kind);
        return Err(Diagnostic::error(code::BACKEND, detail)
            .at(block.kind_span)
            .did_you_mean(&block.kind, names.clone())
            .help(format!("there are: {}", names.collect::<Vec<_>>().join(", ")))
            .into());
    };
    let settings = backend_settings(block, &kind.schema(), config, surroundings)?;
    Ok((kind, settings))
}

/// Remembers where states are kept; `None` for files on this machine.
pub(super) fn remember(environment: &Environment, settled: Option<&Settled>) -> Result<(), Stop> {
    let path = settled_file(environment);
    let Some(settled) = settled else {
        return match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                let failed = format!("`{}` cannot be deleted", path.display());
                Err(Stop::Other(anyhow::Error::new(error).context(failed)))
            }
            _ => Ok(()),
        };
    };
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    std::fs::create_dir_all(folder)
        .with_context(|| format!("`{}` cannot be made", folder.display()))?;
    let bytes = serde_json::to_vec_pretty(settled).context("the settings of the backend")?;
    Ok(super::replace::replace(&path, &bytes, None)?)
}
