//! The environment: read once, here, and handed down.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal as _};

use crate::state::LockHolder;
use crate::view::{Look, Paint};
use crate::world::Timestamp;

/// Environment variables and facts about the terminal, as they were when the command started.
#[derive(Clone, Debug)]
pub(super) struct Environment {
    variables: BTreeMap<String, String>,
    out_is_terminal: bool,
    in_is_terminal: bool,
}

/// Width where nobody tells another one.
const WIDTH: usize = 100;

impl Environment {
    /// Reads the environment of this process.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub(super) fn of_process() -> Self {
        Self {
            variables: std::env::vars_os()
                .filter_map(|(name, value)| {
                    Some((name.into_string().ok()?, value.into_string().ok()?))
                })
                .collect(),
            out_is_terminal: io::stdout().is_terminal(),
            in_is_terminal: io::stdin().is_terminal(),
        }
    }

    /// The value of a variable; an empty one counts as absent.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// All variables, for providers' credentials.
    pub(super) fn variables(&self) -> &BTreeMap<String, String> {
        &self.variables
    }

    /// Values for variables of the configuration: `TF_VAR_NAME`.
    pub(super) fn assigned(&self) -> impl Iterator<Item = (&str, &str)> {
        self.variables
            .iter()
            .filter_map(|(name, value)| Some((name.strip_prefix("TF_VAR_")?, value.as_str())))
    }

    /// Whether a person can be asked.
    pub(super) fn can_ask(&self) -> bool {
        self.in_is_terminal && !matches!(self.get("TF_INPUT"), Some("0" | "false"))
    }

    /// What the terminal can do. Colours only on a terminal, never with `NO_COLOR`.
    pub(super) fn look(&self, no_color: bool) -> Look {
        let forced = self.get("CLICOLOR_FORCE").is_some_and(|value| value != "0");
        let wanted = self.out_is_terminal && self.get("TERM") != Some("dumb");
        let colours = !no_color && self.get("NO_COLOR").is_none() && (wanted || forced);
        let width = self.get("COLUMNS").and_then(|columns| columns.parse().ok());
        Look { paint: Paint { colours }, width: width.unwrap_or(WIDTH).clamp(60, 200) }
    }

    /// Whether emulators stand in for the vendors.
    pub(super) fn emulates(&self) -> bool {
        matches!(self.get("SNAPFORM_EMULATE"), Some("1" | "true"))
    }

    /// Whether JSON shows sensitive values.
    pub(super) fn shows_sensitive(&self) -> bool {
        matches!(self.get("SNAPFORM_SHOW_SENSITIVE"), Some("1" | "true"))
    }

    /// The workspace.
    pub(super) fn workspace(&self) -> &str {
        self.get("SNAPFORM_WORKSPACE").or_else(|| self.get("TF_WORKSPACE")).unwrap_or("default")
    }

    /// Who this is, for whoever waits for our lock.
    pub(super) fn holder(&self, command: &str, since: Timestamp) -> LockHolder {
        let name = |names: [&str; 2]| {
            names.iter().find_map(|name| self.get(name)).unwrap_or("unknown").to_owned()
        };
        LockHolder {
            user: name(["USER", "USERNAME"]),
            host: name(["HOSTNAME", "COMPUTERNAME"]),
            process: std::process::id(),
            command: command.to_owned(),
            since,
        }
    }
}
