//! `snapform state pull` and `snapform state push`.

use std::io::Read as _;
use std::path::Path;

use anyhow::Context as _;

use crate::addr::InstanceAddr;
use crate::config::FILE_LIMIT;
use crate::diag::{Diagnostic, code};
use crate::state::{ObjectRecord, Session, State, StateFileError, Trust, read_state, write_state};
use crate::view::counted;
use crate::world::read_regular;

use super::super::state_problem::{opened, state_problem};
use super::super::workbench::{Start, Workbench};
use super::super::{Done, Exit, Stop, args};
use super::settled;

/// Prints the state with everything that the journal holds folded in. Where there is none, nothing.
pub(super) async fn pull(start: Start, world: args::World) -> Done {
    let workbench = Workbench::for_programs(start, world)?;
    let session = workbench.look_at(Trust::AsFound).await?;
    if let Some(doubt) = session.doubt() {
        let found = Diagnostic::warning(code::STATE_DOUBTFUL, format!("{doubt}."));
        workbench.tell_beside(&found.into());
    }
    if session.exists() {
        let bytes = write_state(&session.state()).context("the state cannot be written as JSON")?;
        workbench.start.terminal.text(&String::from_utf8_lossy(&bytes));
    }
    Ok(Exit::Success)
}

/// Puts a state file in the place of the state.
pub(super) async fn push(start: Start, args: args::StatePush) -> Done {
    let mut workbench = Workbench::new(start, args.change.world)?;
    let mut given = given(&workbench, &args.file)?;
    // Whoever forces it replaces whatever is there, be it damaged.
    let trust = if args.force { Trust::AsFound } else { Trust::Checked };
    let session = workbench.open_trusting("state push", &args.change.lock, trust).await?;
    // What is in doubt cannot be settled before: what is open goes with the state that comes.
    if session.doubt().is_none() {
        settled(&workbench, &session, |_| true)?;
    }
    let left = session.take_along(&mut given);
    let terminal = std::sync::Arc::clone(&workbench.start.terminal);
    let Some(next) = successor(&workbench, &session, given, args.force)? else {
        terminal.line("The state is the same already; nothing was changed.");
        return Ok(Exit::Success);
    };
    let (objects, serial) = (next.instances().count(), next.serial);
    session.replace(next).await.map_err(|error| workbench.stop(state_problem(error).into()))?;
    let objects = counted(objects, "instance");
    terminal.line(&format!("The state holds {objects} now and has serial {serial}."));
    let open = session.open_intents().len();
    if open > 0 {
        let calls = counted(open, "call");
        terminal
            .line(&format!("An interrupted run left {calls} open; the next apply looks into it."));
    }
    workbench.tell(&left.iter().map(left_out).collect());
    Ok(Exit::Success)
}

fn given(workbench: &Workbench, file: &Path) -> Result<State, Stop> {
    let from_input = file.as_os_str() == "-";
    let bytes = if from_input {
        let mut bytes = Vec::new();
        let mut input = std::io::stdin().lock().take(FILE_LIMIT.saturating_mul(100));
        input.read_to_end(&mut bytes).context("standard input cannot be read")?;
        bytes
    } else {
        read_regular(file).with_context(|| format!("`{}` cannot be read", file.display()))?
    };
    let place =
        if from_input { "standard input".to_owned() } else { format!("`{}`", file.display()) };
    let bytes =
        opened(&workbench.keys, &place, bytes).map_err(|problems| workbench.stop(problems))?;
    read_state(&bytes).map_err(|error| {
        let code = match &error {
            StateFileError::Version(_) => code::STATE_NEWER,
            _ => code::STATE_UNREADABLE,
        };
        let detail = format!("{place} is no state that can be used: {error}.");
        workbench.stop(Diagnostic::error(code, detail).help("nothing was changed").into())
    })
}

/// The state to save: `given`, unless it is another one than the state at hand or older. `None`
/// where it is the same.
fn successor(
    workbench: &Workbench,
    session: &Session,
    given: State,
    force: bool,
) -> Result<Option<State>, Stop> {
    let held = session.state();
    if !session.exists() {
        return Ok(Some(if force { with_new_serial(session, given) } else { given }));
    }
    let same_content = held.resources == given.resources
        && held.outputs == given.outputs
        && held.checks == given.checks;
    let same_lineage = held.lineage == given.lineage;
    let same = same_lineage && held.serial == given.serial && same_content;
    // To push the same is how a person says that it is right.
    if same && session.doubt().is_none() {
        return Ok(None);
    }
    let refuse = |detail: String, help: &str| {
        Err(workbench.stop(Diagnostic::error(code::STATE_PUSH, detail).help(help).into()))
    };
    if force {
        return Ok(Some(with_new_serial(session, given)));
    }
    if !same_lineage {
        let detail = format!(
            "The file is of lineage `{}`, and the state of `{}`: it belongs to something else.",
            given.lineage.0, held.lineage.0
        );
        return refuse(
            detail,
            "look whether this is the right folder and workspace; `-force` pushes it all the same",
        );
    }
    if given.serial < held.serial {
        let detail =
            format!("The file has serial {}, and the state {} already.", given.serial, held.serial);
        return refuse(
            detail,
            "pull the state and make the change there; `-force` goes back to the older one",
        );
    }
    if given.serial == held.serial {
        let detail = format!("Both have serial {}, and they hold different things.", held.serial);
        return refuse(
            detail,
            "give the file the next serial if it is the state that counts; `-force` does so",
        );
    }
    Ok(Some(given))
}

/// An object that the journal names, in the place of which the state has another one.
fn left_out((address, object): &(InstanceAddr, ObjectRecord)) -> Diagnostic {
    let value = object.attributes.value().ok();
    let id = value.as_ref().and_then(|value| value.attribute("id")?.as_str().map(str::to_owned));
    let object = id.map_or_else(|| "an object".to_owned(), |id| format!("`{id}`"));
    let detail = format!(
        "An interrupted run made {object} for `{address}`, and the state that was pushed has another \
         one there."
    );
    Diagnostic::warning(code::LEFT_OUT, detail)
        .address(address)
        .help("look whether it is still needed; `snapform import` or the vendor's own tools take care of it")
}

/// The same under a serial that nothing had before: a plan that was made on another state must not
/// fit the one that comes.
fn with_new_serial(session: &Session, mut given: State) -> State {
    let used = session.highest_serial(&given.lineage);
    if let Some(used) = used.filter(|used| given.serial <= *used) {
        given.serial = used.next();
    }
    given
}
