//! States that cannot be opened or saved, in words.

use crate::diag::{Diagnostic, Diagnostics, code};
use crate::engine::apply;
use crate::sdk::seal::{Keyring, Purpose, SealError};
use crate::state::{BackendError, JournalError, LockHolder, Receded, SessionError, StateFileError};

use super::keys::key_problem;

/// A state that cannot be opened or saved, with what to do about it.
pub(super) fn state_problem(error: SessionError) -> Diagnostic {
    match error {
        SessionError::Backend(BackendError::Locked(holder)) => locked(holder.as_deref()),
        SessionError::Backend(BackendError::Sealed { place, reason }) => sealed(&place, &reason),
        SessionError::File { place, reason } => unreadable(&place, &reason),
        SessionError::Journal { place, reason } => refused(&place, &reason),
        SessionError::Receded { place, reason, known } => receded(&place, &reason, &known),
        other => apply::state_problem(&other),
    }
}

fn locked(holder: Option<&LockHolder>) -> Diagnostic {
    let who = holder.map_or_else(|| "somebody else".to_owned(), describe);
    Diagnostic::error(code::STATE_LOCKED, format!("The state is in use by {who}."))
        .help("wait for it, for instance with `-lock-timeout=5m`; the lock ends with its process")
}

fn describe(holder: &LockHolder) -> String {
    let LockHolder { user, host, process, command, since, job } = holder;
    let job = job.as_ref().map(|page| format!(", in {page}")).unwrap_or_default();
    let since = since.whole_seconds();
    format!(
        "{user} on {host} (process {process}), who runs `snapform {command}` since {since}{job}"
    )
}

fn unreadable(place: &str, reason: &StateFileError) -> Diagnostic {
    let (code, advice) = match reason {
        StateFileError::Version(_) => {
            (code::STATE_NEWER, "use the version of snapform that wrote it, or a newer one")
        }
        _ => (code::STATE_UNREADABLE, BACK),
    };
    Diagnostic::error(code, format!("`{place}` cannot be used: {reason}.")).help(advice)
}

/// A state that is encrypted and cannot be opened.
fn sealed(place: &str, reason: &SealError) -> Diagnostic {
    // The place of a journal is a phrase already.
    let place = if place.contains('`') { place.to_owned() } else { format!("`{place}`") };
    key_problem(&place, reason).unwrap_or_else(|| {
        let detail = format!("{place} cannot be used: {reason}.");
        Diagnostic::error(code::STATE_UNREADABLE, detail).help(BACK)
    })
}

/// The bytes of a state file, which messages name as `place`, if it is encrypted.
pub(super) fn opened(keys: &Keyring, place: &str, bytes: Vec<u8>) -> Result<Vec<u8>, Diagnostics> {
    let opened = keys.open(Purpose::State, bytes);
    opened.map(|opened| opened.bytes).map_err(|error| {
        let problem = key_problem(place, &error).unwrap_or_else(|| {
            let detail = format!("{place} is no state that can be used: {error}.");
            Diagnostic::error(code::STATE_UNREADABLE, detail).help("nothing was changed")
        });
        problem.into()
    })
}

/// The warning that it cannot be remembered how far a state has come.
pub(super) fn not_remembered(trouble: String) -> Diagnostic {
    Diagnostic::warning(code::WATERMARK, trouble).help(
        "without it, an older state that is put back together with its journal is not noticed",
    )
}

fn refused(place: &str, reason: &JournalError) -> Diagnostic {
    use JournalError::{Changed, Damaged, Foreign, Older, StateGone};
    match reason {
        Changed { .. } | Older { .. } | StateGone { .. } => {
            Diagnostic::error(code::STATE_CHANGED, format!("`{place}`: {reason}."))
                .help(BACK)
                .help("where it was changed on purpose, push the file itself")
        }
        Damaged { .. } | Foreign { .. } => {
            let detail = format!("The journal beside `{place}` cannot be used: {reason}.");
            Diagnostic::error(code::JOURNAL, detail).help(
                "nothing was changed; `snapform state push -force FILE` takes along what can be read of \
                 it, with the state that `snapform state pull` gives or with another one",
            )
        }
    }
}

/// What is kept had come further already.
fn receded(place: &str, reason: &Receded, known: &str) -> Diagnostic {
    let meant = format!("if what is there is right all the same, delete `{known}`");
    let problem = Diagnostic::error(code::STATE_CHANGED, format!("`{place}`: {reason}."));
    match reason {
        Receded::Gone { .. } | Receded::Another { .. } | Receded::Older { .. } => {
            problem.help(BACK).help(meant)
        }
        Receded::Shorter { .. } => problem
            .help(
                "nothing was changed; bring the journal back, which may name objects that the state does \
                 not",
            )
            .help(format!("where it is lost, look at the vendor for such objects, and {meant}")),
    }
}

/// The way back from a state that is of no use.
const BACK: &str = "nothing was changed; `snapform state push -force FILE` puts an earlier state in \
                    its place: on this machine the newest in the folder `history` beside it, \
                    elsewhere a version that the store keeps";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_of_a_backend_has_its_code() {
        let place = || "state.json".to_owned();
        let sealed = |reason| BackendError::Sealed { place: place(), reason };
        for (error, code) in [
            (BackendError::Locked(None), code::STATE_LOCKED),
            (BackendError::Lost { place: place() }, code::LOCK_LOST),
            (BackendError::Conflict { place: place() }, code::STATE_WRITE),
            (sealed(SealError::Key("Two are set.".to_owned())), code::STATE_KEY),
            (sealed(SealError::Damaged), code::STATE_UNREADABLE),
            (sealed(SealError::Newer), code::STATE_UNREADABLE),
        ] {
            assert_eq!(state_problem(error.clone().into()).code, code, "{error:?}");
        }
    }
}
