//! What most commands need: the configuration, the engine, the state.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Context as _;

use crate::config::{
    Config, ConfigFiles, Folders, LoadedFile, Loader, OnDisk, Saved, TreeReader, load_config,
};
use crate::diag::{Diagnostic, Diagnostics, Severity, code};
use crate::engine::{Catalog, Engine, Event, Observer, Surroundings};
use crate::providers::REGISTRY;
use crate::schema::parse_duration;
use crate::sdk::http::{Gate, Network, Transport};
use crate::sdk::seal::Keyring;
use crate::state::{Backend, Kept, Lease, Listing, Sealed, Session, Trust};
use crate::text::SourceMap;
use crate::view::{
    EventStream, HumanProgress, PlanDetail, Secrets, Terminal, render_diagnostics, render_titles,
};
use crate::world::{Timestamp, World};

use super::arguments::Assigned;
use super::emulation::{Emulated, NOTICE};
use super::environment::Environment;
use super::keys::keyring;
use super::state_problem::{not_remembered, state_problem};
use super::{Done, Exit, Stop, args};

/// What a command starts with.
pub(super) struct Start {
    pub(super) environment: Environment,
    pub(super) terminal: Arc<Terminal>,
    pub(super) assignments: Vec<Assigned>,
    /// Folders whose files expressions may read.
    pub(super) allowed: Vec<PathBuf>,
    /// The states whose locks the command holds.
    pub(super) sessions: Sessions,
}

/// States whose locks a command holds: they are given back however it ends.
#[derive(Clone, Default)]
pub(super) struct Sessions(Arc<Mutex<Vec<Arc<Session>>>>);

impl Sessions {
    fn all(&self) -> MutexGuard<'_, Vec<Arc<Session>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, session: Session) -> Arc<Session> {
        let session = Arc::new(session);
        self.all().push(Arc::clone(&session));
        session
    }

    /// How long calls may be made that count on the locks.
    fn leases(&self) -> Vec<Lease> {
        self.all().iter().map(|session| session.lease()).collect()
    }

    /// Gives all locks back, and says what could not be remembered. The records are left to the end
    /// of the process, which is near: to take a large state apart would only take time.
    pub(super) async fn close(self) -> Diagnostics {
        let all = std::mem::take(&mut *self.all());
        let mut problems = Diagnostics::default();
        for session in &all {
            session.close().await;
            problems.extend(session.watermark_trouble().await.map(not_remembered));
        }
        std::mem::forget(all);
        problems
    }
}

/// Sources and warnings collected on the way, and where to show them.
pub(super) struct Workbench {
    pub(super) start: Start,
    pub(super) catalog: Catalog,
    pub(super) sources: SourceMap,
    pub(super) emulates: bool,
    pub(super) world: World,
    pub(super) files: TreeReader,
    /// Problems that are gathered and not shown, for commands whose output is JSON.
    gathered: Option<RefCell<Diagnostics>>,
    /// Where events for programs go.
    pub(super) stream: Option<Arc<EventStream>>,
    /// Whether nobody else reads what the command says.
    pub(super) only_programs: bool,
    emulated: Option<Emulated>,
    /// The keys of encrypted states and plans.
    pub(super) keys: Arc<Keyring>,
    /// Where the state is, if not in the place of its workspace.
    pub(super) kept: args::StateFiles,
    words: args::Words,
}

/// People and programs.
struct Observers(Arc<dyn Observer>, Arc<dyn Observer>);

impl Observer for Observers {
    fn event(&self, event: &Event) {
        self.0.event(event);
        self.1.event(event);
    }
}

impl Workbench {
    /// A workbench for a command. While emulating, it says so first.
    pub(super) fn new(start: Start, world: args::World) -> Result<Self, Stop> {
        let emulates = world.emulate || start.environment.emulates();
        if emulates {
            start.terminal.line(NOTICE);
            start.terminal.line("");
        }
        Self::with(start, emulates)
    }

    /// The same for a command whose output programs read: what it says besides goes to standard
    /// error.
    pub(super) fn for_programs(start: Start, world: args::World) -> Result<Self, Stop> {
        let emulates = world.emulate || start.environment.emulates();
        if emulates {
            start.terminal.problem(NOTICE);
        }
        Self::with(start, emulates)
    }

    /// The same for a command that writes events for programs, in place of what people read or
    /// beside it.
    pub(super) fn streaming(
        mut start: Start,
        world: args::World,
        wanted: &args::Stream,
    ) -> Result<Self, Stop> {
        let out = match &wanted.json_into {
            Some(path) => {
                let file = std::fs::File::create(path)
                    .with_context(|| format!("`{}` cannot be written", path.display()))?;
                let look = start.terminal.look;
                Some(Arc::new(Terminal::over(look, Box::new(file), Box::new(std::io::sink()))))
            }
            None => wanted.json.then(|| Arc::clone(&start.terminal)),
        };
        if wanted.json {
            start.terminal = Arc::new(Terminal::silent(start.terminal.look));
        }
        let mut workbench = Self::new(start, world)?;
        let secrets = workbench.secrets(wanted.secrets);
        workbench.stream = out.map(|out| {
            let clock = Arc::clone(&workbench.world.clock);
            Arc::new(EventStream::new(out, clock, secrets))
        });
        workbench.only_programs = wanted.json;
        Ok(workbench)
    }

    /// Whoever watches what happens.
    pub(super) fn observer(&self) -> Arc<dyn Observer> {
        self.observer_of(None)
    }

    /// Whoever watches what happens in a run of so many steps.
    pub(super) fn observer_of(&self, steps: Option<usize>) -> Arc<dyn Observer> {
        let stream = self.stream.clone().map(|stream| stream as Arc<dyn Observer>);
        if let Some(stream) = stream.clone().filter(|_| self.only_programs) {
            return stream;
        }
        let terminal = Arc::clone(&self.start.terminal);
        let people = match steps {
            Some(steps) => HumanProgress::expecting(terminal, steps),
            None => HumanProgress::new(terminal),
        };
        let people = Arc::new(if self.words.concise { people.without_reads() } else { people });
        match stream {
            Some(stream) => Arc::new(Observers(people, stream)),
            None => people,
        }
    }

    /// Lets programs know how a command ended that writes events.
    pub(super) fn conclude(&self, done: Done) -> Done {
        let Some(stream) = &self.stream else { return done };
        match &done {
            Ok(_) => return done,
            Err(Stop::Diagnostics(problems)) => stream.diagnostics(&problems.0, &problems.1),
            Err(Stop::Other(error)) => stream.failure(&format!("{error:#}")),
        }
        if self.only_programs { Ok(Exit::Failure) } else { done }
    }

    fn with(start: Start, emulates: bool) -> Result<Self, Stop> {
        let workspace = start.environment.workspace();
        if !is_workspace_name(workspace) {
            return Err(unusable_workspace(&start.environment).into());
        }
        Ok(Self {
            keys: keyring(&start.environment),
            start,
            catalog: Catalog::new(REGISTRY.clone()),
            sources: SourceMap::default(),
            emulates,
            world: World::real(),
            files: TreeReader::new("."),
            gathered: None,
            stream: None,
            only_programs: false,
            emulated: None,
            kept: args::StateFiles::default(),
            words: args::Words::default(),
        })
    }

    /// Reads the configuration in the working directory, with all modules it calls.
    pub(super) fn load(&mut self) -> Result<(Config, ConfigFiles), Stop> {
        let mut files = Loader::new(".").load().map_err(|problems| self.stop(problems))?;
        if files.files.is_empty() {
            let detail = "This folder holds no `*.snap.hcl` and no `*.tf` file.";
            let diagnostic = Diagnostic::error(code::NO_CONFIGURATION, detail)
                .help("write one, or name another folder with `-chdir=DIR`");
            return Err(self.stop(diagnostic.into()));
        }
        let (config, all) = self.decode(&files.files, &OnDisk)?;
        files.files = all;
        Ok((config, files))
    }

    /// Reads the configuration out of files that a plan kept.
    pub(super) fn decode_saved(&mut self, files: &[LoadedFile]) -> Result<Config, Stop> {
        let saved = Saved(files);
        let root = saved.files(Path::new(".")).map_err(|problems| self.stop(problems))?;
        Ok(self.decode(&root, &saved)?.0)
    }

    /// Decodes texts; problems of all of them at once.
    fn decode(
        &mut self,
        root: &[LoadedFile],
        folders: &dyn Folders,
    ) -> Result<(Config, Vec<LoadedFile>), Stop> {
        let mut problems = Diagnostics::default();
        let (config, files) = load_config(root, folders, &mut self.sources, &mut problems);
        if problems.has_errors() {
            return Err(self.stop(problems));
        }
        self.tell(&problems);
        let modules = config.modules().map(|(_, module)| PathBuf::from(&*module.folder));
        let home = self.start.environment.variables().get("HOME").cloned();
        self.files = TreeReader::new(".")
            .with(modules.chain(self.start.allowed.iter().cloned()))
            .at_home(home);
        Ok((config, files))
    }

    /// What the engine needs from outside.
    pub(super) fn engine(&self, observer: Arc<dyn Observer>) -> Engine<'_> {
        let (transport, environment): (Arc<dyn Transport>, _) = match &self.emulated {
            Some(emulated) => {
                (Arc::clone(&emulated.transport) as _, std::collections::BTreeMap::new())
            }
            None => {
                let leases = self.start.sessions.leases();
                let is_open = move || leases.iter().all(Lease::is_held);
                let gate = Gate::new(Arc::new(Network::default()), is_open);
                (Arc::new(gate), self.start.environment.variables().clone())
            }
        };
        Engine {
            world: self.world.clone(),
            catalog: &self.catalog,
            transport,
            environment,
            keys: Arc::clone(&self.keys),
            emulation: self.emulated.as_ref().map(|emulated| &emulated.settings),
            observer,
        }
    }

    /// What expressions may look at.
    pub(super) fn surroundings<'a>(
        &'a self,
        working_directory: &'a str,
        plan_time: Timestamp,
        apply_time: Option<Timestamp>,
    ) -> Surroundings<'a> {
        Surroundings {
            workspace: self.start.environment.workspace(),
            root: ".",
            working_directory,
            files: &self.files,
            plan_time,
            apply_time,
            ids: &*self.world.ids,
        }
    }

    /// Has the state in other files from now on.
    pub(super) fn keep_state_in(&mut self, files: args::StateFiles) {
        self.kept = files;
    }

    /// What `backend` keeps, encrypted where there is a key.
    pub(super) fn sealed(&self, backend: Box<dyn Backend>) -> Sealed {
        Sealed::new(backend, Arc::clone(&self.keys))
    }

    /// How the state is kept at present.
    pub(super) async fn kept(&self) -> Result<Kept, Stop> {
        let kept = self.sealed(self.backend()?).kept().await;
        kept.map_err(|error| self.stop(state_problem(error.into()).into()))
    }

    /// Opens the state and holds its lock, and opens the emulators' world where they are asked for.
    pub(super) async fn open(
        &mut self,
        command: &str,
        lock: &args::Lock,
    ) -> Result<Arc<Session>, Stop> {
        self.open_trusting(command, lock, Trust::Checked).await
    }

    /// The same, whether or not the state is what was saved last.
    pub(super) async fn open_trusting(
        &mut self,
        command: &str,
        lock: &args::Lock,
        trust: Trust,
    ) -> Result<Arc<Session>, Stop> {
        let session = self.open_backend(self.backend()?, command, lock, trust).await?;
        // Only now: of two runs for one state, the second is told, and does not wait in silence.
        if self.emulates && self.emulated.is_none() {
            let emulated = Emulated::open(&self.start.terminal)?;
            self.world = emulated.world.clone();
            self.emulated = Some(emulated);
        }
        Ok(session)
    }

    /// Opens a state and holds its lock, unless that is unwanted.
    pub(super) async fn open_backend(
        &self,
        backend: Box<dyn Backend>,
        command: &str,
        lock: &args::Lock,
        trust: Trust,
    ) -> Result<Arc<Session>, Stop> {
        let patience = parse_duration(&lock.lock_timeout).ok_or_else(|| {
            super::usage_problem(format!(
                "`-lock-timeout={}` is not a duration such as 30s.",
                lock.lock_timeout
            ))
        })?;
        let tracked = self.tracked(backend)?;
        let session = if lock.lock {
            let holder = self.start.environment.holder(command, self.world.clock.now());
            Session::open(tracked, &holder, patience, &self.world, trust).await
        } else {
            let detail = "Another run may change the state at the same time, and one of the two then \
                          loses what it noted.";
            self.tell(&Diagnostic::warning(code::NOT_LOCKED, detail).into());
            Session::open_without_lock(tracked, &self.world, trust).await
        };
        let session = session.map_err(|error| self.stop(state_problem(error).into()))?;
        self.tell_watermark(&session).await;
        Ok(self.start.sessions.keep(session))
    }

    /// Opens the state to look at it.
    pub(super) async fn look(&self) -> Result<Session, Stop> {
        self.look_at(Trust::Checked).await
    }

    /// Opens the state to look at it, whether or not it is what was saved last.
    pub(super) async fn look_at(&self, trust: Trust) -> Result<Session, Stop> {
        let session = Session::look(self.tracked(self.backend()?)?, &self.world, trust).await;
        let session = session.map_err(|error| self.stop(state_problem(error).into()))?;
        self.tell_watermark(&session).await;
        Ok(session)
    }

    /// The addresses in state, where they can be told without all that is recorded.
    pub(super) async fn listing(&self) -> Option<Listing> {
        Listing::look(self.tracked(self.backend().ok()?).ok()?).await
    }

    /// Whether JSON shows sensitive values.
    pub(super) fn secrets(&self, args: args::Secrets) -> Secrets {
        if args.show_sensitive || self.start.environment.shows_sensitive() {
            Secrets::Shown
        } else {
            Secrets::Hidden
        }
    }

    /// Ends the command with problems.
    pub(super) fn stop(&self, problems: Diagnostics) -> Stop {
        Stop::Diagnostics(Box::new((problems, self.sources.clone())))
    }

    /// Says no more than `words` asks for, from now on.
    pub(super) fn speak(&mut self, words: impl Into<args::Words>) {
        self.words = words.into();
    }

    /// In how much detail plans are shown.
    pub(super) fn detail(&self) -> PlanDetail {
        if self.words.concise { PlanDetail::Concise } else { PlanDetail::default() }
    }

    /// Gathers what would be shown from now on.
    pub(super) fn gather(&mut self) {
        self.gathered = Some(RefCell::default());
    }

    /// What was gathered.
    pub(super) fn gathered(&self) -> Diagnostics {
        self.gathered.as_ref().map(RefCell::take).unwrap_or_default()
    }

    /// Shows problems where they are in no program's way, and goes on.
    pub(super) fn tell_beside(&self, problems: &Diagnostics) {
        let terminal = &self.start.terminal;
        terminal.problem(&render_diagnostics(problems, &self.sources, terminal.look));
    }

    /// Shows problems and goes on.
    pub(super) fn tell(&self, problems: &Diagnostics) {
        if problems.is_empty() {
            return;
        }
        if let Some(gathered) = &self.gathered {
            gathered.borrow_mut().extend(problems.iter().cloned());
            return;
        }
        if let Some(stream) = &self.stream {
            stream.diagnostics(problems, &self.sources);
        }
        if self.words.warnings.compact_warnings && !problems.has_errors() {
            self.start.terminal.line(&format!("{}\n", render_titles(problems)));
            return;
        }
        let text = render_diagnostics(problems, &self.sources, self.start.terminal.look);
        if problems.iter().any(|problem| problem.severity == Severity::Error) {
            self.start.terminal.problem(&format!("{text}\n"));
        } else {
            self.start.terminal.line(&format!("{text}\n"));
        }
    }
}

/// Whether a workspace may have this name: it is a folder's name as well.
pub(super) fn is_workspace_name(name: &str) -> bool {
    let fits = |character: char| character.is_alphanumeric() || "-_.".contains(character);
    !name.is_empty() && name.len() <= 200 && name.chars().all(fits) && !name.starts_with('.')
}

/// A workspace that cannot be, with where its name comes from.
fn unusable_workspace(environment: &Environment) -> Diagnostic {
    let workspace = environment.workspace();
    let from = match environment.workspace_variable() {
        Some(variable) => format!("{variable} says so: set it to the workspace that you mean"),
        None => format!(
            "`{}` says so: delete that file, then select the workspace that you mean",
            environment.selection_file().display()
        ),
    };
    let detail = format!("`{workspace}` cannot be the name of a workspace.");
    Diagnostic::error(code::WORKSPACE, detail).help(from)
}

/// The folder the command runs in.
#[expect(clippy::disallowed_methods, reason = "the command line is where the folder is known")]
pub(super) fn working_directory() -> Result<String, Stop> {
    let folder = std::env::current_dir().context("the working directory is gone")?;
    Ok(folder.display().to_string())
}
