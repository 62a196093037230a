//! States that cannot be opened or saved, in words.

use crate::diag::{Diagnostic, code};
use crate::engine::apply;
use crate::state::{BackendError, JournalError, LockHolder, SessionError, StateFileError};

/// A state that cannot be opened or saved, with what to do about it.
pub(super) fn state_problem(error: SessionError) -> Diagnostic {
    match error {
        SessionError::Backend(BackendError::Locked(holder)) => locked(holder.as_deref()),
        SessionError::File { place, reason } => unreadable(&place, &reason),
        SessionError::Journal { place, reason } => refused(&place, &reason),
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
                "it may name objects that the state does not: look into it before moving it away",
            )
        }
    }
}

/// The way back from a state that is of no use.
const BACK: &str = "nothing was changed; `snapform state push -force FILE` puts an earlier state in \
                    its place, such as the newest in the folder `history` beside it";
