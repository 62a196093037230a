//! Sandboxes: a folder, a scrubbed environment, and the binary run in it.

mod filter;
pub(crate) mod http;
mod process;
pub(crate) mod served;

use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use tempfile::TempDir;

pub(crate) use process::{Output, Running};

use process::Call;

/// Where emulated worlds are kept below a configuration.
pub(crate) const WORLD: &str = ".snapform/emulator";
/// Where the emulated state of the default workspace is kept.
pub(crate) const EMULATED_STATE: &str = ".snapform/emulator/state/default";

/// A folder with a configuration, and the story of what was run in it.
pub(crate) struct Sandbox {
    folder: TempDir,
    program: PathBuf,
    environment: RefCell<Vec<(String, String)>>,
    input: RefCell<Option<String>>,
    story: RefCell<String>,
}

impl Sandbox {
    /// An empty folder.
    pub(crate) fn empty() -> Self {
        Self::with_program(Path::new(env!("CARGO_BIN_EXE_snapform")))
    }

    /// An empty folder in which another program is run.
    pub(crate) fn with_program(program: &Path) -> Self {
        Self {
            folder: TempDir::new().unwrap(),
            program: program.to_owned(),
            environment: RefCell::default(),
            input: RefCell::default(),
            story: RefCell::default(),
        }
    }

    /// Another folder with all that is in this one, and the same variables.
    pub(crate) fn copy(&self) -> Self {
        let copy = Self::with_program(&self.program);
        for (path, bytes) in self.files() {
            let name = path.strip_prefix(self.folder.path()).unwrap();
            copy.write(name.to_str().unwrap(), bytes);
        }
        copy.environment.replace(self.environment.borrow().clone());
        copy
    }

    /// A folder whose `main.snap.hcl` is `config`.
    pub(crate) fn with(config: &str) -> Self {
        let sandbox = Self::empty();
        sandbox.config(config);
        sandbox
    }

    /// Replaces `main.snap.hcl`.
    pub(crate) fn config(&self, config: &str) {
        self.write("main.snap.hcl", config);
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Takes the state of the rehearsal away, with all that is remembered of it, and leaves the vendors.
    pub(crate) fn forget_emulated_state(&self) {
        for folder in [EMULATED_STATE, ".snapform/emulator/watermarks"] {
            fs::remove_dir_all(self.path(folder)).unwrap();
        }
    }

    pub(crate) fn read(&self, name: &str) -> String {
        let bytes = fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        String::from_utf8(bytes).unwrap()
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    /// Whether the journal in a folder of state tells nothing but what was saved. Of an encrypted one
    /// only the number of lines can be seen.
    pub(crate) fn nothing_open(&self, folder: &str) -> bool {
        let journal = fs::read_to_string(self.path(&format!("{folder}/journal.jsonl")));
        let is_base = |text: &str| {
            text.contains("\"entry\":\"base\"") || text.starts_with("snapform-encrypted-1 journal ")
        };
        journal.is_ok_and(|text| text.lines().count() == 1 && is_base(&text))
    }

    /// Sets a variable for the commands that follow.
    pub(crate) fn env(&self, name: &str, value: &str) {
        self.environment.borrow_mut().push((name.to_owned(), value.to_owned()));
    }

    /// What the next command reads from its standard input.
    pub(crate) fn types(&self, input: &str) {
        *self.input.borrow_mut() = Some(input.to_owned());
    }

    fn call(&self, words: &[&str]) -> Call<'_> {
        Call {
            program: &self.program,
            folder: self.folder.path(),
            words: words.iter().map(|word| (*word).to_owned()).collect(),
            environment: self.environment.borrow().clone(),
            input: self.input.borrow_mut().take(),
            silent: false,
        }
    }

    /// Runs a command line and makes it part of the story. Words are parted by blanks, and
    /// `'quotes'` hold one together.
    pub(crate) fn run(&self, line: &str) -> Output {
        let output = self.quietly(line);
        let mut story = self.story.borrow_mut();
        story.push_str(&format!("$ snapform {line}\n{}", output.transcript()));
        output
    }

    /// The same without making it part of the story.
    pub(crate) fn quietly(&self, line: &str) -> Output {
        let words = words(line);
        self.call(&words.iter().map(String::as_str).collect::<Vec<_>>()).finish()
    }

    /// Runs one command with words, variables and a standard input of its own.
    pub(crate) fn call_with(
        &self,
        words: &[String],
        environment: Vec<(String, String)>,
        input: &str,
    ) -> Output {
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        Call { environment, input: Some(input.to_owned()), ..self.call(&words) }.finish()
    }

    /// Starts a command and lets it run.
    pub(crate) fn start(&self, line: &str) -> Running {
        let words = words(line);
        self.call(&words.iter().map(String::as_str).collect::<Vec<_>>()).start()
    }

    /// The same with a standard input that stays open and silent.
    pub(crate) fn start_waiting(&self, line: &str) -> Running {
        let words = words(line);
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        Call { silent: true, ..self.call(&words) }.start()
    }

    /// Applies the configuration against emulators, and expects that to work.
    pub(crate) fn apply(&self) -> Output {
        self.quietly("apply -emulate -auto-approve").succeeded()
    }

    /// Makes a remark part of the story.
    pub(crate) fn note(&self, text: &str) {
        self.story.borrow_mut().push_str(&format!("# {text}\n"));
    }

    /// The story so far, with everything taken out that differs between runs.
    pub(crate) fn story(&self) -> String {
        let mut own = String::new();
        for entry in fs::read_dir(self.folder.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|end| end == "hcl" || end == "tfvars") {
                own.push_str(&fs::read_to_string(path).unwrap());
            }
        }
        filter::filter(&self.story.borrow(), self.folder.path(), &own)
    }

    /// What really happened at the emulated vendors.
    pub(crate) fn ledger(&self) -> Vec<Json> {
        self.ledger_of(WORLD)
    }

    /// The same for a world that is kept elsewhere.
    pub(crate) fn ledger_of(&self, data: &str) -> Vec<Json> {
        let output = self.quietly(&format!("emulator ledger -json -data={data}")).succeeded();
        output.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The names of what was created, in order of the ledger's time.
    pub(crate) fn created(&self) -> Vec<String> {
        let ledger = self.ledger();
        let creates = ledger.iter().filter(|entry| entry["operation"] == "create");
        creates.map(|entry| entry["name"].as_str().unwrap_or("-").to_owned()).collect()
    }

    /// The emulated state, encrypted or not.
    pub(crate) fn state(&self) -> Json {
        let kept = self.read(&format!("{EMULATED_STATE}/state.json"));
        let state: Json = serde_json::from_str(&kept).unwrap();
        if state.get("snapform_encrypted").is_none() {
            return state;
        }
        serde_json::from_str(&self.quietly("state pull -emulate").succeeded().stdout).unwrap()
    }

    /// Sets knobs of the emulators, parted by blanks.
    pub(crate) fn knobs(&self, knobs: &str) {
        self.quietly(&format!("emulator knobs -data={WORLD} {knobs}")).succeeded();
    }

    /// Writes a record into an emulated vendor's world.
    pub(crate) fn record(&self, vendor: &str, collection: &str, id: &str, record: &Json) {
        let change = serde_json::json!({ "collection": collection, "id": id, "record": record });
        let line = serde_json::json!({ "time": "2026-01-01T00:00:00Z", "changes": [change] });
        let name = format!("{WORLD}/{vendor}.jsonl");
        let before = if self.has(&name) { self.read(&name) } else { String::new() };
        self.write(&name, format!("{before}{line}\n"));
    }

    /// Every file below the folder, with its bytes.
    pub(crate) fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut files = Vec::new();
        collect(self.folder.path(), &mut files);
        files
    }
}

fn collect(folder: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push((path.clone(), fs::read(&path).unwrap()));
        }
    }
}

fn words(line: &str) -> Vec<String> {
    if line.is_empty() {
        return Vec::new();
    }
    let mut words = vec![String::new()];
    let mut quoted = false;
    for character in line.chars() {
        match character {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            other => words.last_mut().unwrap().push(other),
        }
    }
    words
}

/// A runtime on which nobody waits in real time.
pub(crate) fn without_waiting() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_time().start_paused(true).build().unwrap()
}

/// An instant so many hours ago, as ThousandEyes takes it.
pub(crate) fn hours_ago(hours: u64) -> String {
    let now = snapform::world::World::real().clock.now().whole_seconds();
    now.saturating_sub(std::time::Duration::from_secs(hours * 3600)).to_string()
}

/// The repository.
pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Compares the story of a sandbox with the reviewed one.
macro_rules! tells {
    ($sandbox:expr) => {
        insta::with_settings!({ omit_expression => true }, {
            insta::assert_snapshot!($sandbox.story())
        })
    };
}
pub(crate) use tells;

/// Copies a folder with what is below it, but nothing hidden: that is what somebody rehearsed there.
pub(crate) fn copy_tree(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name())).unwrap();
        if name == "state" || name.to_str().unwrap().starts_with('.') {
            continue;
        }
        if path.is_dir() {
            copy_tree(&path, &to.join(name));
        } else {
            fs::copy(&path, to.join(name)).unwrap();
        }
    }
}
