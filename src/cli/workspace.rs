//! `snapform workspace`: several states for one configuration.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::diag::{Diagnostic, code};
use crate::state::{Lineage, LocalBackend, Serial, Session, State, Trust, read_state};
use crate::view::counted;
use crate::world::read_regular;

use super::args::WorkspaceCommand;
use super::emulation::state_folder;
use super::environment::Environment;
use super::replace::replace;
use super::state_problem;
use super::workbench::{Start, Workbench, is_workspace_name};
use super::{Done, Exit, Stop, args};

/// The workspace that is there without having been made.
const DEFAULT: &str = "default";

/// Runs one of the workspace commands.
pub(super) async fn run(start: Start, args: args::Workspace) -> Done {
    match args.command {
        WorkspaceCommand::List { world } => list(start, world),
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

/// The folder with the states of all workspaces.
fn base(emulates: bool) -> PathBuf {
    state_folder(DEFAULT, emulates).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// The names of all workspaces: the default one, then the others in order.
fn names(emulates: bool) -> anyhow::Result<Vec<String>> {
    let folder = base(emulates);
    let failed = || format!("`{}` cannot be read", folder.display());
    let mut names = vec![DEFAULT.to_owned()];
    match fs::read_dir(&folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        entries => {
            for entry in entries.with_context(failed)? {
                let entry = entry.with_context(failed)?;
                let name = entry.file_name().to_string_lossy().into_owned();
                if entry.path().is_dir() && is_workspace_name(&name) && name != DEFAULT {
                    names.push(name);
                }
            }
        }
    }
    if let Some((_, others)) = names.split_first_mut() {
        others.sort();
    }
    Ok(names)
}

fn list(start: Start, world: args::World) -> Done {
    let workbench = Workbench::for_programs(start, world)?;
    let Start { environment, terminal, .. } = &workbench.start;
    for name in names(workbench.emulates)? {
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

/// Opens the state in `folder`, whichever workspace is selected.
async fn open(
    workbench: &Workbench,
    folder: &Path,
    command: &str,
    lock: &args::Lock,
) -> Result<std::sync::Arc<Session>, Stop> {
    let backend = Box::new(workbench.sealed(LocalBackend::new(folder)));
    workbench.open_backend(backend, command, lock, Trust::Checked).await
}

async fn make(start: Start, args: args::NewWorkspace) -> Done {
    usable(&args.name)?;
    free(&start.environment, &args.name)?;
    let workbench = Workbench::new(start, args.world)?;
    if names(workbench.emulates)?.contains(&args.name) {
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
    let bytes = state_problem::opened(workbench, &format!("`{place}`"), bytes)?;
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
    let folder = state_folder(name, workbench.emulates);
    make_private(&folder).with_context(|| format!("`{}` cannot be made", folder.display()))?;
    if let Some(state) = begin {
        let session = open(workbench, &folder, "workspace new", lock).await?;
        session
            .replace(state)
            .await
            .map_err(|error| workbench.stop(state_problem::state_problem(error).into()))?;
    }
    remember(&workbench.start.environment, name)?;
    let terminal = &workbench.start.terminal;
    terminal.line(&format!("Made the workspace `{name}` and selected it. Its state is its own."));
    Ok(())
}

#[cfg(unix)]
fn make_private(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn make_private(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

async fn select(start: Start, name: String, or_create: bool, world: args::World) -> Done {
    usable(&name)?;
    free(&start.environment, &name)?;
    let workbench = Workbench::new(start, world)?;
    let names = names(workbench.emulates)?;
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
    let names = names(workbench.emulates)?;
    if name == DEFAULT {
        return Err(problem(
            format!("`{DEFAULT}` is always there and cannot be deleted."),
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
    let folder = state_folder(name, workbench.emulates);
    let session = open(&workbench, &folder, "workspace delete", lock).await?;
    let left = session.state().instances().count();
    if !force {
        is_empty(name, &session)?;
    }
    remove(&folder)?;
    drop(session);
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

/// Takes the folder away: under its name at once, so that no half of it is ever a workspace.
fn remove(folder: &Path) -> anyhow::Result<()> {
    let failed = || format!("`{}` cannot be deleted", folder.display());
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned());
    let hidden = folder.with_file_name(format!(".deleted-{}", name.unwrap_or_default()));
    if hidden.exists() {
        fs::remove_dir_all(&hidden).with_context(failed)?;
    }
    fs::rename(folder, &hidden).with_context(failed)?;
    fs::remove_dir_all(&hidden).with_context(failed)
}
