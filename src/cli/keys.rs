//! The keys of encrypted states and plans, as the environment gives them.

use std::process::{Command, Stdio};
use std::sync::Arc;

use crate::diag::{Diagnostic, code};
use crate::sdk::auth::Secret;
use crate::sdk::seal::variables::{
    KEY, KEY_COMMAND, PASSPHRASE, PREVIOUS_KEY, PREVIOUS_PASSPHRASE,
};
use crate::sdk::seal::{KeySource, Keyring, Keys, PASSPHRASE_LENGTH, SealError};

use super::environment::Environment;

/// What the environment says of keys.
struct Given {
    passphrase: Option<Secret>,
    key: Option<Secret>,
    command: Option<String>,
    previous_passphrase: Option<Secret>,
    previous_key: Option<Secret>,
    /// A variable whose value is no text. To pass it over would be to encrypt nothing.
    garbled: Option<&'static str>,
}

/// The keys that the environment names. A command is run only when the first of them is needed.
pub(super) fn keyring(environment: &Environment) -> Arc<Keyring> {
    let secret = |name| environment.get(name).map(Secret::from);
    let given = Given {
        passphrase: secret(PASSPHRASE),
        key: secret(KEY),
        command: environment.get(KEY_COMMAND).map(str::to_owned),
        previous_passphrase: secret(PREVIOUS_PASSPHRASE),
        previous_key: secret(PREVIOUS_KEY),
        garbled: [PASSPHRASE, KEY, KEY_COMMAND, PREVIOUS_PASSPHRASE, PREVIOUS_KEY]
            .into_iter()
            .find(|name| environment.is_garbled(name)),
    };
    Arc::new(Keyring::loading(move || keys(&given)))
}

fn keys(given: &Given) -> Result<Keys, String> {
    if let Some(name) = given.garbled {
        return Err(format!("`{name}` is no text in UTF-8."));
    }
    one_of(&[
        (PASSPHRASE, given.passphrase.is_some()),
        (KEY, given.key.is_some()),
        (KEY_COMMAND, given.command.is_some()),
    ])?;
    one_of(&[
        (PREVIOUS_PASSPHRASE, given.previous_passphrase.is_some()),
        (PREVIOUS_KEY, given.previous_key.is_some()),
    ])?;
    let previous = source(
        (PREVIOUS_PASSPHRASE, given.previous_passphrase.as_ref()),
        (PREVIOUS_KEY, given.previous_key.as_ref()),
    )?;
    let current = match &given.command {
        Some(command) => Some(ask(command)?),
        None => source((PASSPHRASE, given.passphrase.as_ref()), (KEY, given.key.as_ref()))?,
    };
    if previous.is_some() && current.is_none() {
        return Err(
            "A former key is set and no present one, so nothing says what to encrypt with."
                .to_owned(),
        );
    }
    Ok(Keys { current, previous })
}

/// Refuses to choose between keys.
fn one_of(sources: &[(&str, bool)]) -> Result<(), String> {
    let set: Vec<_> = sources.iter().filter(|(_, is_set)| *is_set).map(|(name, _)| *name).collect();
    match set[..] {
        [first, second, ..] => Err(format!(
            "`{first}` and `{second}` are both set, and nothing says which one counts."
        )),
        _ => Ok(()),
    }
}

type Variable<'a> = (&'a str, Option<&'a Secret>);

fn source(passphrase: Variable<'_>, key: Variable<'_>) -> Result<Option<KeySource>, String> {
    if let (name, Some(passphrase)) = passphrase {
        let short = || format!("`{name}` has fewer than {PASSPHRASE_LENGTH} characters.");
        return KeySource::passphrase(passphrase.clone()).map(Some).ok_or_else(short);
    }
    let (name, Some(key)) = key else { return Ok(None) };
    KeySource::key(key).map(Some).ok_or_else(|| format!("`{name}` {NO_KEY}."))
}

const NO_KEY: &str = "gives no key: 32 bytes, as 64 hexadecimal digits or in base64";

/// Runs the command that gives the key. Neither its words nor its output are ever shown: both may
/// be secret.
fn ask(command: &str) -> Result<KeySource, String> {
    let words = shlex::split(command).unwrap_or_default();
    let Some((program, arguments)) = words.split_first() else {
        return Err(format!("`{KEY_COMMAND}` is no command line: a quote has no end."));
    };
    let run = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output();
    let output = run.map_err(|error| format!("`{KEY_COMMAND}` cannot be run: {error}."))?;
    if !output.status.success() {
        return Err(format!("The command in `{KEY_COMMAND}` failed: {}.", output.status));
    }
    KeySource::given(output.stdout)
        .ok_or_else(|| format!("The command in `{KEY_COMMAND}` {NO_KEY}."))
}

/// Something at `place`, as messages name it, that cannot be opened or sealed for want of the right key. `None` where the key is not
/// to blame.
pub(super) fn key_problem(place: &str, error: &SealError) -> Option<Diagnostic> {
    match error {
        SealError::Key(reason) => Some(
            Diagnostic::error(code::STATE_KEY, reason.clone())
                .help("nothing was changed; `snapform explain E0721` says how keys are given"),
        ),
        SealError::NoKey { .. } | SealError::OtherKey { .. } => {
            let found = Diagnostic::error(code::SEALED, format!("{place}: {error}."));
            Some(error.advice().into_iter().fold(found, Diagnostic::help))
        }
        _ => None,
    }
}
