//! The variables of the environment that change what snapform does: one table, from which the page
//! `docs/environment.md` is made.

/// A variable of the environment. Where Terraform has it as well, both names count and ours wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnvironmentVariable {
    /// What follows `SNAPFORM_`, and `TF_` where Terraform has it; capital letters in angle brackets
    /// stand for something else.
    pub name: &'static str,
    /// Whether the name with `TF_` counts as well.
    pub terraform: bool,
    /// What it does.
    pub meaning: &'static str,
}

const fn both(name: &'static str, meaning: &'static str) -> EnvironmentVariable {
    EnvironmentVariable { name, terraform: true, meaning }
}

const fn ours(name: &'static str, meaning: &'static str) -> EnvironmentVariable {
    EnvironmentVariable { name, terraform: false, meaning }
}

/// All of them, by name.
pub const ENVIRONMENT: &[EnvironmentVariable] = &[
    both(
        "CLI_ARGS",
        "Arguments for every command, parted as a shell does. They stand between the command and what \
         is typed, so what is typed wins.",
    ),
    both(
        "CLI_ARGS_<COMMAND>",
        "The same for one command, such as `SNAPFORM_CLI_ARGS_state_list`; blanks and dashes of the \
         command are underscores. They stand before those of `CLI_ARGS`.",
    ),
    both(
        "DATA_DIR",
        "The folder that remembers the selected workspace, the backend and how far states have come, \
         in place of `.snapform`. State and rehearsals stay where they are.",
    ),
    ours("EMULATE", "`1` or `true`: as if `--emulate` had been typed."),
    both(
        "IN_AUTOMATION",
        "Any text: nobody reads along, so no command is proposed as the next one.",
    ),
    both("INPUT", "`0` or `false`: as if `-input=false` had been typed where a command has it."),
    both(
        "LOG",
        "What to log: `trace`, `debug`, `info`, `warn`, `error` or `off`; `json` is `trace` in JSON. \
         The option `-log=text` or `-log=json` sets the form, and logs everything where no level is \
         set.",
    ),
    both("LOG_PATH", "The file to which the log is added, in place of standard error."),
    ours(
        "SHOW_SENSITIVE",
        "`1` or `true`: JSON shows sensitive values, as if `-show-sensitive` had been typed.",
    ),
    ours(
        "STATE_HISTORY",
        "How many earlier states are kept beside a state on this machine; 10 unless set.",
    ),
    ours(
        "STATE_KEY",
        "The key that encrypts state, journal and saved plans: 32 bytes, as 64 hexadecimal digits or in \
         base64.",
    ),
    ours(
        "STATE_KEY_COMMAND",
        "A command whose standard output is that key, parted as a shell does and run without one, at \
         most once a run.",
    ),
    ours(
        "STATE_PASSPHRASE",
        "A passphrase of at least 16 characters from which that key is derived. Only one of the three \
         may be set.",
    ),
    ours(
        "STATE_PREVIOUS_KEY",
        "The key before: it opens what the present one cannot, and encrypts nothing.",
    ),
    ours("STATE_PREVIOUS_PASSPHRASE", "The same for a passphrase."),
    both(
        "VAR_<NAME>",
        "The value of the variable `NAME` of the configuration. Files and options win over it.",
    ),
    both("WORKSPACE", "The workspace, whatever is selected."),
];

/// Variables of Terraform that have nothing to change here, and why.
pub const WITHOUT_EFFECT: &[(&str, &str)] = &[
    ("TF_APPEND_USER_AGENT", "requests name snapform and its version, and nothing else"),
    ("TF_CLI_CONFIG_FILE", "there is no file with settings of the command line"),
    ("TF_IGNORE", "nothing is uploaded, so nothing is left out of an upload"),
    ("TF_LOG_CORE", "there is one log, and `TF_LOG` sets its level"),
    ("TF_LOG_PROVIDER", "there is one log, and `TF_LOG` sets its level"),
    ("TF_PLUGIN_CACHE_DIR", "providers are built in"),
    ("TF_PROVIDER_DOWNLOAD_RETRY", "nothing is downloaded"),
    ("TF_REATTACH_PROVIDERS", "providers are built in"),
    ("TF_REGISTRY_CLIENT_TIMEOUT", "nothing is downloaded"),
    ("TF_REGISTRY_DISCOVERY_RETRY", "nothing is downloaded"),
    ("TF_STATE_PERSIST_INTERVAL", "the journal has every outcome at once"),
    ("TF_TOKEN_<HOST>", "there is no service to sign in to"),
];
