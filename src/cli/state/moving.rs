//! `snapform state mv`.

use std::path::Path;

use crate::addr::{InstanceAddr, Target};
use crate::state::{Session, Step};
use crate::view::counted;

use super::super::workbench::{Start, Workbench};
use super::super::{Done, Exit, Stop, args};
use super::{exists, refused, save, settled, target};

/// Gives what is recorded another address, perhaps in another state file.
pub(super) async fn run(start: Start, args: args::StateMove) -> Done {
    let (from, to) = (target("FROM", &args.from)?, target("TO", &args.to)?);
    let mut workbench = Workbench::new(start, args.change.world)?;
    workbench.keep_state_in(args::StateFiles {
        state: args.state.clone(),
        state_out: None,
        backup: args.backup.clone(),
    });
    let session = workbench.open("state mv", &args.change.lock).await?;
    exists(&workbench, &session)?;
    let other = match &args.state_out {
        Some(path) if !is_same(path, args.state.as_deref(), &session) => {
            workbench.keep_state_in(args::StateFiles {
                state: Some(path.clone()),
                state_out: None,
                backup: args.backup_out.clone(),
            });
            Some(workbench.open("state mv", &args.change.lock).await?)
        }
        _ => None,
    };
    let into = other.as_ref().map(|other| other.state());
    let steps = session.state().moves(&from, &to, into.as_deref());
    drop(into);
    let steps = steps.map_err(|error| workbench.stop(refused(&session, &error).into()))?;
    let concerned = |address: &InstanceAddr| {
        steps.iter().any(|step| step.from == *address || step.to == *address)
    };
    settled(&workbench, &session, concerned)?;
    if let Some(other) = &other {
        settled(&workbench, other, concerned)?;
    }
    tell(&workbench, &steps, args.dry_run);
    if !args.dry_run {
        carry_out(&workbench, &session, other.as_deref(), (&from, &to), &steps).await?;
    }
    Ok(Exit::Success)
}

/// Whether the file to move into is the one to move out of.
fn is_same(path: &Path, state: Option<&Path>, session: &Session) -> bool {
    let own = session.place();
    let own = state.unwrap_or_else(|| Path::new(&own));
    match (path.canonicalize(), own.canonicalize()) {
        (Ok(path), Ok(own)) => path == own,
        _ => path == own,
    }
}

fn tell(workbench: &Workbench, steps: &[Step], dry: bool) {
    let terminal = &workbench.start.terminal;
    let word = if dry { "Would move" } else { "Move" };
    for Step { from, to } in steps {
        terminal.line(&format!("{word} `{from}` to `{to}`"));
    }
}

async fn carry_out(
    workbench: &Workbench,
    session: &Session,
    other: Option<&Session>,
    (from, to): (&Target, &Target),
    steps: &[Step],
) -> Result<(), Stop> {
    match other {
        None => session.edit(|state| state.carry_out(from, to, steps)),
        Some(other) => {
            let taken = session.edit(|state| state.take(steps));
            other.edit(|state| state.put(taken));
            // Of two files one comes first. After a death in between both name the objects, which
            // shows; the other way round nobody would.
            save(workbench, other).await?;
        }
    }
    save(workbench, session).await?;
    let moved = counted(steps.len(), "instance");
    workbench.start.terminal.line(&format!("{moved} moved."));
    Ok(())
}
