//! `snapform workspace`: several states for one configuration.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;

use crate::diag::{Diagnostic, code};
use crate::state::{DEFAULT_WORKSPACE, Lineage, Serial, Session, State, Trust, read_state};
use crate::view::counted;
use crate::world::read_regular;

use super::args::WorkspaceCommand;
use super::environment::Environment;
use super::replace::replace;
use super::state_problem::{opened, state_problem};
use super::workbench::{Start, Workbench, is_workspace_name};
use super::{Done, Exit, Stop, args};

/// Runs one of the workspace commands.
pub(super) async fn run(start: Start, args: args::Workspace) -> Done {
    match args.command {
        WorkspaceCommand::List { world } => list(start, world).await,
        WorkspaceCommand::Show => {
            start.terminal.line(start.environment.workspace());
            Ok(Exit::Success)
        }
        WorkspaceCommand::New(args) => make(start, args).await,
        WorkspaceCommand::Select { name, or_create, world } => {
            select(start, name, or_create, world).await
        }
        WorkspaceCommand::Delete { name, force, lock, world } => {
            delete(start, &name, force, &lock, world).await
        }
    }
}

fn problem(detail: String, help: &str) -> Stop {
    Diagnostic::error(code::WORKSPACE, detail).help(help).into()
}

/// The names of all workspaces: the default one, then the others in order.
async fn names(workbench: &Workbench) -> Result<Vec<String>, Stop> {
    let names = workbench.store()?.workspaces().await;
    let mut names = names.map_err(|error| workbench.stop(state_problem(error.into()).into()))?;
    names.retain(|name| is_workspace_name(name));
    Ok(names)
}

async fn list(start: Start, world: args::World) -> Done {
    let workbench = Workbench::for_programs(start, world)?;
    let Start { environment, terminal, .. } = &workbench.start;
    for name in names(&workbench).await? {
        let star = if name == environment.workspace() { "*" } else { " " };
        terminal.line(&format!("{star} {name}"));
    }
    if let Some(variable) = environment.workspace_variable() {
        let selected = environment.workspace();
        terminal.problem(&format!("\n{variable} says `{selected}`, whatever is selected."));
    }
    Ok(Exit::Success)
}

/// Refuses to select anything while the environment decides.
fn free(environment: &Environment, name: &str) -> Result<(), Stop> {
    match environment.workspace_variable() {
        Some(variable) if environment.workspace() != name => Err(problem(
            format!("{variable} says `{}`, whatever is selected.", environment.workspace()),
            "take the variable away, or set it to the workspace that you mean",
        )),
        _ => Ok(()),
    }
}

fn usable(name: &str) -> Result<(), Stop> {
    if is_workspace_name(name) {
        return Ok(());
    }
    Err(problem(
        format!("`{name}` cannot be the name of a workspace."),
        "use letters, digits, `-`, `_` and `.`, and no dot at the beginning",
    ))
}

/// Remembers which workspace is selected.
fn remember(environment: &Environment, name: &str) -> anyhow::Result<()> {
    let file = environment.selection_file();
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)
            .with_context(|| format!("`{}` cannot be made", folder.display()))?;
    }
    replace(&file, name.as_bytes(), None)
}

/// Opens the state of a workspace, whichever one is selected.
async fn open(
    workbench: &Workbench,
    name: &str,
    command: &str,
    lock: &args::Lock,
) -> Result<Arc<Session>, Stop> {
    let backend = workbench.store()?.workspace(name);
    let backend = backend.map_err(|reason| problem(reason, "choose another name"))?;
    workbench.open_backend(backend, command, lock, Trust::Checked).await
}

async fn make(start: Start, args: args::NewWorkspace) -> Done {
    usable(&args.name)?;
    free(&start.environment, &args.name)?;
    let workbench = Workbench::new(start, args.world)?;
    if names(&workbench).await?.contains(&args.name) {
        return Err(problem(
            format!("There is a workspace `{}` already.", args.name),
            "`snapform workspace select NAME` selects it",
        ));
    }
    let begin = args.state.as_deref().map(|file| copied(&workbench, file)).transpose()?;
    create(&workbench, &args.name, &args.lock, begin).await?;
    Ok(Exit::Success)
}

/// A state of its own with what another one holds.
fn copied(workbench: &Workbench, file: &Path) -> Result<State, Stop> {
    let place = file.display();
    let bytes = read_regular(file).with_context(|| format!("`{place}` cannot be read"))?;
    let bytes = opened(&workbench.keys, &format!("`{place}`"), bytes)
        .map_err(|problems| workbench.stop(problems))?;
    let held = read_state(&bytes).map_err(|error| {
        let detail = format!("`{place}` is no state that can be used: {error}.");
        workbench.stop(Diagnostic::error(code::STATE_UNREADABLE, detail).into())
    })?;
    let lineage = Lineage(workbench.world.ids.uuid());
    Ok(State { lineage, serial: Serial(1), ..held })
}

/// Makes a workspace and selects it, in this order: a workspace that is not selected does no harm.
async fn create(
    workbench: &Workbench,
    name: &str,
    lock: &args::Lock,
    begin: Option<State>,
) -> Result<(), Stop> {
    let prepared = workbench.store()?.prepare(name).await;
    let is_there = prepared.map_err(|error| workbench.stop(state_problem(error.into()).into()))?;
    let first = || State { serial: Serial(1), ..State::empty(Lineage(workbench.world.ids.uuid())) };
    if let Some(state) = begin.or_else(|| (!is_there).then(first)) {
        let session = open(workbench, name, "workspace new", lock).await?;
        session
            .replace(state)
            .await
            .map_err(|error| workbench.stop(state_problem(error).into()))?;
        session.close().await;
    }
    remember(&workbench.start.environment, name)?;
    let terminal = &workbench.start.terminal;
    terminal.line(&format!("Made the workspace `{name}` and selected it. Its state is its own."));
    Ok(())
}

async fn select(start: Start, name: String, or_create: bool, world: args::World) -> Done {
    usable(&name)?;
    free(&start.environment, &name)?;
    let workbench = Workbench::new(start, world)?;
    let names = names(&workbench).await?;
    if names.contains(&name) {
        remember(&workbench.start.environment, &name)?;
        workbench.start.terminal.line(&format!("The workspace `{name}` is selected."));
        return Ok(Exit::Success);
    }
    if !or_create {
        return Err(absent(&name, &names));
    }
    let lock = args::Lock { lock: true, lock_timeout: "0s".to_owned() };
    create(&workbench, &name, &lock, None).await?;
    Ok(Exit::Success)
}

fn absent(name: &str, names: &[String]) -> Stop {
    Diagnostic::error(code::WORKSPACE, format!("There is no workspace `{name}`."))
        .did_you_mean(name, names.iter().map(String::as_str))
        .help(
            "`snapform workspace new NAME` makes one, and `select -or-create` where there is none",
        )
        .into()
}

async fn delete(
    start: Start,
    name: &str,
    force: bool,
    lock: &args::Lock,
    world: args::World,
) -> Done {
    usable(name)?;
    let workbench = Workbench::new(start, world)?;
    let names = names(&workbench).await?;
    if name == DEFAULT_WORKSPACE {
        return Err(problem(
            format!("`{DEFAULT_WORKSPACE}` is always there and cannot be deleted."),
            "`snapform destroy` empties it",
        ));
    }
    if name == workbench.start.environment.workspace() {
        return Err(problem(
            format!("`{name}` is selected."),
            "select another workspace before you delete this one",
        ));
    }
    if !names.iter().any(|known| known == name) {
        return Err(absent(name, &names));
    }
    let session = open(&workbench, name, "workspace delete", lock).await?;
    let left = session.state().instances().count();
    if !force {
        is_empty(name, &session)?;
    }
    session.forget_watermark().await;
    let deleted = workbench.store()?.delete(name).await;
    deleted.map_err(|error| workbench.stop(state_problem(error.into()).into()))?;
    session.close().await;
    let terminal = &workbench.start.terminal;
    terminal.line(&format!("Deleted the workspace `{name}`."));
    if left > 0 {
        let left = counted(left, "instance");
        let detail = format!("Its state held {left}, of which nobody knows any more.");
        workbench.tell(&Diagnostic::warning(code::WORKSPACE_FORGOTTEN, detail).into());
    }
    Ok(Exit::Success)
}

/// Refuses to lose what a state holds, and what it may come to hold.
fn is_empty(name: &str, session: &Session) -> Result<(), Stop> {
    if let Some(open) = session.open_intents().first() {
        let address = &open.address.0;
        return Err(problem(
            format!("A run in `{name}` may have made an object for `{address}`."),
            "select the workspace and run `snapform recover`; `-force` deletes it all the same",
        ));
    }
    let mut shown: Vec<_> =
        session.state().instances().map(|(address, ..)| format!("`{address}`")).take(6).collect();
    let count = session.state().instances().count();
    if count == 0 {
        return Ok(());
    }
    if count > 5 {
        shown.truncate(5);
        shown.push(format!("{} more", count - 5));
    }
    Err(problem(
        format!("The state of `{name}` holds {}.", shown.join(", ")),
        "select the workspace and run `snapform destroy`; `-force` deletes the record alone",
    ))
}
