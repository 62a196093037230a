//! `snapform state rm`.

use std::collections::BTreeSet;

use crate::addr::InstanceAddr;
use crate::diag::{Diagnostic, Diagnostics, Severity, code};
use crate::view::counted;

use super::super::workbench::{Start, Workbench};
use super::super::{Done, Exit, args};
use super::{exists, missing, save, settled, target};

/// Forgets what is recorded. The objects stay at their vendors.
pub(super) async fn run(start: Start, args: args::StateRemove) -> Done {
    let mut workbench = Workbench::new(start, args.change.world)?;
    workbench.keep_state_in(args.file.clone().into());
    let mut targets = Vec::with_capacity(args.addresses.len());
    for text in &args.addresses {
        targets.push(target("ADDRESS", text)?);
    }
    let session = workbench.open("state rm", &args.change.lock).await?;
    exists(&workbench, &session)?;
    let mut selected: BTreeSet<InstanceAddr> = BTreeSet::new();
    let mut problems = Diagnostics::default();
    for (target, text) in targets.iter().zip(&args.addresses) {
        settled(&workbench, &session, |address| target.selects(address))?;
        let found = session.state().selected(target);
        if found.is_empty() {
            problems.push(missing(&session, text));
        }
        selected.extend(found);
    }
    if selected.is_empty() {
        return Err(workbench.stop(problems));
    }
    // What matches nothing is told, and stands in nobody's way.
    let told = problems.into_iter().map(|found| Diagnostic {
        severity: Severity::Warning,
        code: code::TARGETED,
        ..found
    });
    workbench.tell(&told.collect());
    let terminal = &workbench.start.terminal;
    for address in &selected {
        let word = if args.dry_run { "Would forget" } else { "Forget" };
        terminal.line(&format!("{word} `{address}`"));
    }
    if args.dry_run {
        return Ok(Exit::Success);
    }
    session.edit(|state| selected.iter().for_each(|address| state.drop_instance(address)));
    save(&workbench, &session).await?;
    let forgotten = counted(selected.len(), "instance");
    terminal.line(&format!("{forgotten} forgotten. The objects stay where they are."));
    Ok(Exit::Success)
}
