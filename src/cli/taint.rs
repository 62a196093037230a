//! `snapform taint` and `snapform untaint`.

use crate::diag::{Diagnostic, code};
use crate::state::{EditError, ObjectStatus};

use super::state::{exists, instance, refused, save, settled};
use super::workbench::{Start, Workbench};
use super::{Done, Exit, args};

/// Marks an object as one to replace, or takes the mark away.
pub(super) async fn run(start: Start, args: args::Taint, status: ObjectStatus) -> Done {
    let (command, done) = match status {
        ObjectStatus::Tainted => ("taint", "is marked as tainted: the next plan replaces it."),
        ObjectStatus::Ready => ("untaint", "is no longer tainted."),
    };
    let address = instance(&args.address)?;
    let mut workbench = Workbench::new(start, args.change.world)?;
    workbench.keep_state_in(args.files);
    let session = workbench.open(command, &args.change.lock).await?;
    if !args.allow_missing {
        exists(&workbench, &session)?;
    }
    settled(&workbench, &session, |open| *open == address)?;
    let mut marked = Ok(());
    session.edit(|state| marked = state.mark(&address, status));
    match marked {
        Ok(()) => {}
        Err(EditError::Missing(_)) if args.allow_missing => {
            let detail = format!("State holds no object `{address}`, and nothing was changed.");
            workbench.tell(&Diagnostic::warning(code::NOTHING_THERE, detail).into());
            return Ok(Exit::Success);
        }
        Err(error) => return Err(workbench.stop(refused(&session, &error).into())),
    }
    save(&workbench, &session).await?;
    workbench.start.terminal.line(&format!("`{address}` {done}"));
    Ok(Exit::Success)
}
