//! `snapform force-unlock`.

use crate::diag::{Diagnostic, code};

use super::state_problem::state_problem;
use super::workbench::{Start, Workbench};
use super::{Done, args};

/// Says who holds the lock. Nobody can take it away: it belongs to a process and ends with it, so
/// none is ever left behind.
pub(super) async fn run(start: Start, args: &args::ForceUnlock) -> Done {
    let workbench = Workbench::new(start, args.world)?;
    let found = workbench
        .backend()?
        .holder()
        .await
        .map_err(|error| workbench.stop(state_problem(error.into()).into()))?;
    let Some(lock) = found else {
        let detail = format!(
            "The state of workspace `{}` is not locked, by `{}` or anybody else.",
            workbench.start.environment.workspace(),
            args.id
        );
        return Err(workbench.stop(
            Diagnostic::error(code::NOT_APPLICABLE, detail)
                .help("a lock ends with its process, so there is never one to break")
                .into(),
        ));
    };
    let locked = crate::state::SessionError::Backend(crate::state::BackendError::Locked(
        lock.holder.map(Box::new),
    ));
    Err(workbench.stop(
        state_problem(locked)
            .help("to end it now, stop that process; nothing else can take its lock away")
            .into(),
    ))
}
