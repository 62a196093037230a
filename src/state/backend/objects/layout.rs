//! Which object is what: the names that Terraform's backends give, and ours beside them.

use object_store::path::Path;

use super::super::{BackendError, Outcome};
use super::bucket::Bucket;

/// The workspace that is always there.
const DEFAULT: &str = "default";

/// How the states of workspaces are named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// `s3`: one key, and the same key in a folder for each other workspace.
    Folders {
        /// The state of the workspace `default`.
        key: String,
        /// Where the folders are.
        folder: String,
    },
    /// `gcs`: one file for each workspace, in one folder.
    Files {
        /// The folder; may be empty.
        folder: String,
    },
    /// `azurerm`: one key, and the same key with an ending for each other workspace.
    Endings {
        /// The state of the workspace `default`.
        key: String,
    },
}

/// What stands between the key and the workspace in `azurerm`.
const ENDING: &str = "env:";

/// Where everything of one workspace is.
#[derive(Clone, Debug)]
pub(super) struct Paths {
    pub(super) state: Path,
    pub(super) lock: Path,
    /// The folder of the journal.
    pub(super) journal: Path,
    /// The name under which Terraform notes its lock at the state itself, where it does.
    pub(super) lock_note: Option<&'static str>,
}

impl Paths {
    /// The object that says which segments are the journal.
    pub(super) fn head(&self) -> Path {
        self.journal.clone().join("head")
    }

    /// The folder of a generation of segments.
    pub(super) fn generation(&self, generation: &str) -> Path {
        self.journal.clone().join(generation)
    }

    /// One segment. Numbers have so many digits that their order is that of their names.
    pub(super) fn segment(&self, generation: &str, number: u64) -> Path {
        self.generation(generation).join(format!("{number:010}"))
    }
}

impl Layout {
    /// Where everything of a workspace is, or why there can be none of that name.
    pub(super) fn paths(&self, workspace: &str) -> Result<Paths, String> {
        check_name(workspace)?;
        let is_default = workspace == DEFAULT;
        let state = match self {
            Self::Folders { key, .. } | Self::Endings { key } if is_default => key.clone(),
            Self::Folders { key, folder } => inside(folder, &format!("{workspace}/{key}")),
            Self::Files { folder } => inside(folder, &format!("{workspace}.tfstate")),
            Self::Endings { key } => format!("{key}{ENDING}{workspace}"),
        };
        let path = |text: String| {
            Path::parse(&text).map_err(|_| format!("`{text}` cannot be the name of an object"))
        };
        let journal = path(format!("{state}.journal"))?;
        let (lock, lock_note) = match self {
            Self::Folders { .. } => (path(format!("{state}.tflock"))?, None),
            Self::Files { folder } => (path(inside(folder, &format!("{workspace}.tflock")))?, None),
            // Terraform takes every object here that begins with the key for a workspace, unless
            // it is in a folder.
            Self::Endings { .. } => (journal.clone().join("lock"), Some("terraformlockid")),
        };
        Ok(Paths { state: path(state)?, lock, journal, lock_note })
    }

    /// The workspaces that have a state.
    pub(super) fn workspaces<'a>(&'a self, bucket: &'a Bucket) -> Outcome<'a, Vec<String>> {
        Box::pin(async move {
            let found = match self {
                Self::Folders { folder, .. } => bucket.list(&folder_path(folder)).await?,
                Self::Files { folder } => bucket.list_here(&folder_path(folder)).await?,
                Self::Endings { key } => {
                    let folder = key.rsplit_once('/').map_or("", |(folder, _)| folder);
                    bucket.list_here(&folder_path(folder)).await?
                }
            };
            let mut names: Vec<_> =
                found.iter().filter_map(|path| self.workspace_of(path.as_ref())).collect();
            names.push(DEFAULT.to_owned());
            names.sort();
            names.dedup();
            Ok::<_, BackendError>(names)
        })
    }

    /// The workspace whose state is at `path`, if a state is.
    fn workspace_of(&self, path: &str) -> Option<String> {
        let name = match self {
            Self::Folders { key, folder } => {
                let (name, rest) = below(folder, path)?.split_once('/')?;
                (rest == key).then_some(name)?
            }
            Self::Files { folder } => below(folder, path)?.strip_suffix(".tfstate")?,
            Self::Endings { key } => path.strip_prefix(key)?.strip_prefix(ENDING)?,
        };
        check_name(name).ok().map(|()| name.to_owned())
    }
}

/// A path in a folder, which may be the root.
fn inside(folder: &str, path: &str) -> String {
    if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") }
}

/// The path of a folder that [`Layout::paths`] has checked.
fn folder_path(folder: &str) -> Path {
    Path::parse(folder).unwrap_or_default()
}

/// The rest of a path behind a folder, which may be the root.
fn below<'a>(folder: &str, path: &'a str) -> Option<&'a str> {
    if folder.is_empty() { Some(path) } else { path.strip_prefix(folder)?.strip_prefix('/') }
}

fn check_name(workspace: &str) -> Result<(), String> {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.~$&+=:@".contains(letter);
    if workspace.is_empty() || workspace.starts_with('.') || !workspace.chars().all(is_plain) {
        return Err(format!("`{workspace}` must be usable in an address without escapes"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layouts() -> [Layout; 4] {
        let text = str::to_owned;
        [
            Layout::Folders { key: text("a/b.tfstate"), folder: text("env:") },
            Layout::Files { folder: text("a/b") },
            Layout::Files { folder: String::new() },
            Layout::Endings { key: text("a/b.tfstate") },
        ]
    }

    #[test]
    fn states_and_locks_are_where_terraform_has_them() {
        let expected = [
            ("a/b.tfstate", "a/b.tfstate.tflock", "env:/dev/a/b.tfstate"),
            ("a/b/default.tfstate", "a/b/default.tflock", "a/b/dev.tfstate"),
            ("default.tfstate", "default.tflock", "dev.tfstate"),
            ("a/b.tfstate", "a/b.tfstate.journal/lock", "a/b.tfstateenv:dev"),
        ];
        for (layout, (state, lock, dev)) in layouts().iter().zip(expected) {
            let paths = layout.paths("default").unwrap();
            assert_eq!((paths.state.as_ref(), paths.lock.as_ref()), (state, lock));
            assert_eq!(layout.paths("dev").unwrap().state.as_ref(), dev);
            assert_eq!(layout.workspace_of(dev), Some("dev".to_owned()));
            for other in [paths.lock.as_ref(), paths.head().as_ref(), "x", "env:/dev/other"] {
                assert_eq!(layout.workspace_of(other), None, "{other}");
            }
            for wrong in ["", "a/b", "..", "a b", "ä"] {
                assert!(layout.paths(wrong).is_err(), "{wrong}");
            }
        }
    }
}
