//! The environment: read once, here, and handed down.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

use crate::state::LockHolder;
use crate::view::{Look, Pace, Paint};
use crate::world::{Timestamp, read_regular};

/// Environment variables and facts about the terminal, as they were when the command started.
#[derive(Clone, Debug)]
pub(super) struct Environment {
    variables: BTreeMap<String, String>,
    /// The names of variables whose values are no text.
    garbled: BTreeSet<String>,
    out_is_terminal: bool,
    err_is_terminal: bool,
    in_is_terminal: bool,
    /// The workspace that was selected in this folder.
    selected: Option<String>,
}

/// Where the selected workspace is remembered, unless the environment names another folder.
const DATA_FOLDER: &str = ".snapform";

/// Width where nobody tells another one.
const WIDTH: usize = 100;
/// Narrower than this, nothing can be read; wider, lines are hard to follow.
const NARROWEST: usize = 60;
const WIDEST: usize = 200;

impl Environment {
    /// Reads the environment of this process.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub(super) fn of_process() -> Self {
        let mut garbled = BTreeSet::new();
        let variables = std::env::vars_os().filter_map(|(name, value)| {
            let name = name.into_string().ok()?;
            match value.into_string() {
                Ok(value) => Some((name, value)),
                Err(_) => {
                    garbled.insert(name);
                    None
                }
            }
        });
        Self {
            variables: variables.collect(),
            garbled,
            out_is_terminal: io::stdout().is_terminal(),
            err_is_terminal: io::stderr().is_terminal(),
            in_is_terminal: io::stdin().is_terminal(),
            selected: None,
        }
    }

    /// Finds out which workspace is selected in the working directory. A file that cannot be read is
    /// an error: to go on with another workspace would change what nobody meant.
    pub(super) fn look_around(&mut self) -> io::Result<()> {
        let bytes = match read_regular(&self.selection_file()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            bytes => bytes?,
        };
        let name = String::from_utf8_lossy(&bytes).trim().to_owned();
        self.selected = Some(name).filter(|name| !name.is_empty());
        Ok(())
    }

    /// The file that remembers the selected workspace.
    pub(super) fn selection_file(&self) -> PathBuf {
        Path::new(self.twin("DATA_DIR").unwrap_or(DATA_FOLDER)).join("environment")
    }

    /// The value of `SNAPFORM_NAME`, or else of `TF_NAME`.
    pub(super) fn twin(&self, name: &str) -> Option<&str> {
        self.get(&self.twin_name(name)?)
    }

    /// The variable from which [`Self::twin`] takes its value.
    pub(super) fn twin_name(&self, name: &str) -> Option<String> {
        let names = ["SNAPFORM", "TF"].map(|prefix| format!("{prefix}_{name}"));
        names.into_iter().find(|name| self.get(name).is_some())
    }

    /// Whether nobody reads along.
    pub(super) fn in_automation(&self) -> bool {
        self.twin("IN_AUTOMATION").is_some()
    }

    /// Whether the environment forbids questions.
    pub(super) fn forbids_input(&self) -> bool {
        matches!(self.twin("INPUT"), Some("0" | "false"))
    }

    /// The value of a variable; an empty one counts as absent.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Whether a variable is set to something that is no text.
    pub(super) fn is_garbled(&self, name: &str) -> bool {
        self.garbled.contains(name)
    }

    /// All variables, for providers' credentials.
    pub(super) fn variables(&self) -> &BTreeMap<String, String> {
        &self.variables
    }

    /// Values for variables of the configuration: `TF_VAR_NAME`, then `SNAPFORM_VAR_NAME`, of which
    /// later ones win.
    pub(super) fn assigned(&self) -> impl Iterator<Item = (&str, &str)> {
        ["TF_VAR_", "SNAPFORM_VAR_"].into_iter().flat_map(|prefix| {
            self.variables
                .iter()
                .filter_map(move |(name, value)| Some((name.strip_prefix(prefix)?, value.as_str())))
        })
    }

    /// Whether a person can be asked.
    pub(super) fn can_ask(&self) -> bool {
        self.in_is_terminal && !self.forbids_input()
    }

    /// What the terminal can do. Colours only on a terminal, never with `NO_COLOR`.
    pub(super) fn look(&self, no_color: bool) -> Look {
        let forced = self.get("CLICOLOR_FORCE").is_some_and(|value| value != "0");
        let wanted = self.out_is_terminal
            && self.get("TERM") != Some("dumb")
            && self.get("CLICOLOR") != Some("0");
        let colours = !no_color && self.get("NO_COLOR").is_none() && (wanted || forced);
        Look { paint: Paint { colours }, width: self.width().clamp(NARROWEST, WIDEST) }
    }

    /// How progress is told. Lines that change need a terminal and nobody who keeps what it shows.
    pub(super) fn pace(&self) -> Pace {
        let set = |name| self.get(name).is_some_and(|value| !matches!(value, "0" | "false"));
        let can_move = self.out_is_terminal
            && self.err_is_terminal
            && self.get("TERM").is_some_and(|terminal| terminal != "dumb");
        match set("CI") || self.in_automation() {
            true => Pace::Events,
            false if can_move => Pace::Live,
            false => Pace::Lines,
        }
    }

    /// Columns of a line: what `COLUMNS` says, or else the terminal.
    fn width(&self) -> usize {
        let told = self.get("COLUMNS").and_then(|columns| columns.parse().ok());
        let measured = || {
            let size = terminal_size::terminal_size().filter(|_| self.out_is_terminal);
            size.map(|(width, _)| usize::from(width.0)).filter(|width| *width > 0)
        };
        told.or_else(measured).unwrap_or(WIDTH)
    }

    /// Whether emulators stand in for the vendors.
    pub(super) fn emulates(&self) -> bool {
        matches!(self.get("SNAPFORM_EMULATE"), Some("1" | "true"))
    }

    /// How many earlier states are kept, where it says.
    pub(super) fn history(&self) -> Option<usize> {
        self.get("SNAPFORM_STATE_HISTORY")?.parse().ok()
    }

    /// Whether JSON shows sensitive values.
    pub(super) fn shows_sensitive(&self) -> bool {
        matches!(self.get("SNAPFORM_SHOW_SENSITIVE"), Some("1" | "true"))
    }

    /// The workspace: what the environment says, else what is selected.
    pub(super) fn workspace(&self) -> &str {
        self.twin("WORKSPACE").or(self.selected.as_deref()).unwrap_or("default")
    }

    /// The variable that names the workspace, whatever is selected.
    pub(super) fn workspace_variable(&self) -> Option<String> {
        self.twin_name("WORKSPACE")
    }

    /// The page of the CI job that this runs in, as the usual services tell it.
    fn job(&self) -> Option<String> {
        let whole = [
            "CI_JOB_URL",
            "CIRCLE_BUILD_URL",
            "BUILDKITE_BUILD_URL",
            "TRAVIS_JOB_WEB_URL",
            "BUILD_URL",
        ];
        if let Some(page) = whole.iter().find_map(|name| self.get(name)) {
            return Some(page.to_owned());
        }
        let github = ["GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID"];
        if let [Some(server), Some(repository), Some(run)] = github.map(|name| self.get(name)) {
            return Some(format!("{server}/{repository}/actions/runs/{run}"));
        }
        let azure = ["SYSTEM_COLLECTIONURI", "SYSTEM_TEAMPROJECT", "BUILD_BUILDID"];
        match azure.map(|name| self.get(name)) {
            [Some(server), Some(project), Some(build)] => {
                Some(format!("{server}{project}/_build/results?buildId={build}"))
            }
            _ => None,
        }
    }

    /// Who this is, for whoever waits for our lock.
    pub(super) fn holder(&self, command: &str, since: Timestamp) -> LockHolder {
        let first = |names: [&str; 3]| names.iter().find_map(|name| self.get(name));
        let or_unknown = |name: Option<String>| name.unwrap_or_else(|| "unknown".to_owned());
        // Shells know the name of their machine and hand it to nobody.
        let host = || std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
        let host = first(["HOSTNAME", "COMPUTERNAME", "HOST"]).map(str::to_owned).or_else(host);
        LockHolder {
            user: or_unknown(first(["USER", "LOGNAME", "USERNAME"]).map(str::to_owned)),
            host: or_unknown(host.map(|name| name.trim().to_owned())),
            process: std::process::id(),
            command: command.to_owned(),
            since,
            job: self.job(),
        }
    }
}
