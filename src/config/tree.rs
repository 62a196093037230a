//! The modules of a configuration: that of the folder the command runs in, and those it calls.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::addr::{LocalProvider, ModulePath, ProviderConfigAddr, ResourceAddr};
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::text::SourceMap;

use super::load::{LoadedFile, Loader, decode_files};
use super::{Module, ModuleCall, ResourceDecl};

/// More modules than this are taken for a mistake: modules that call others twice grow in number
/// with every level.
const MOST_MODULES: usize = 50_000;

/// All modules of a configuration.
#[derive(Clone, Debug, Default)]
pub struct Config {
    modules: BTreeMap<ModulePath, ConfigModule>,
}

/// A module at its place in the configuration. Modules of one folder share their declarations.
#[derive(Clone, Debug)]
pub struct ConfigModule {
    /// What its files declare.
    pub module: Arc<Module>,
    /// The folder of its files, relative to that of the root module: `.` for the root itself.
    pub folder: Arc<str>,
}

impl Config {
    /// A configuration of a root module that calls no other.
    pub fn of_root(module: Module) -> Self {
        let root = ConfigModule { module: Arc::new(module), folder: Arc::from(".") };
        Self { modules: BTreeMap::from([(ModulePath::root(), root)]) }
    }

    /// The module at `path`, unless it could not be read.
    pub fn get(&self, path: &ModulePath) -> Option<&ConfigModule> {
        self.modules.get(path)
    }

    /// The declarations of the module at `path`.
    pub fn module(&self, path: &ModulePath) -> Option<&Module> {
        self.modules.get(path).map(|found| &*found.module)
    }

    /// The block that declares a resource.
    pub fn resource(&self, address: &ResourceAddr) -> Option<&ResourceDecl> {
        self.module(&address.module.path())?.resources.get(&address.local).map(|found| &**found)
    }

    /// The declarations of the root module.
    pub fn root(&self) -> &Module {
        static NOTHING: std::sync::LazyLock<Module> = std::sync::LazyLock::new(Module::default);
        self.module(&ModulePath::root()).unwrap_or(&NOTHING)
    }

    /// Every module with its path, the caller before what it calls.
    pub fn modules(&self) -> impl Iterator<Item = (&ModulePath, &ConfigModule)> {
        self.modules.iter()
    }

    /// The configuration that the module at `path` knows as `local`: its own, one that is handed in,
    /// or the default one of whoever calls it. `None` where nothing hands it in.
    pub fn provider(&self, path: &ModulePath, local: &LocalProvider) -> Option<ProviderConfigAddr> {
        let mut address = ProviderConfigAddr { module: path.clone(), local: local.clone() };
        loop {
            let module = self.module(&address.module);
            if module.is_some_and(|module| module.providers.contains_key(&address.local)) {
                return Some(address);
            }
            let Some(call) = self.call(&address.module) else { return Some(address) };
            let passed = call.providers.iter().find(|passed| passed.inner == address.local);
            address.local = match passed {
                Some(passed) => passed.outer.clone(),
                None if address.local.alias.is_none() => address.local,
                None => return None,
            };
            address.module = address.module.parent()?.0;
        }
    }

    /// The block that calls the module at `path`; `None` for the root.
    pub fn call(&self, path: &ModulePath) -> Option<&ModuleCall> {
        let (caller, name) = path.parent()?;
        self.module(&caller)?.calls.get(name)
    }
}

/// Where the files of modules come from.
pub trait Folders {
    /// The configuration files of one folder, given relative to that of the root module.
    ///
    /// # Errors
    ///
    /// Where the folder or a file in it cannot be read.
    fn files(&self, folder: &Path) -> Result<Vec<LoadedFile>, Diagnostics>;

    /// The folder as it is told from others, links followed; `None` where there is none.
    fn identity(&self, folder: &Path) -> Option<PathBuf>;
}

/// Folders on disk, relative to where the command runs.
#[derive(Clone, Copy, Debug, Default)]
pub struct OnDisk;

impl Folders for OnDisk {
    fn files(&self, folder: &Path) -> Result<Vec<LoadedFile>, Diagnostics> {
        Ok(Loader::new(folder).load()?.files)
    }

    fn identity(&self, folder: &Path) -> Option<PathBuf> {
        std::fs::canonicalize(folder).ok().filter(|found| found.is_dir())
    }
}

/// Files that were kept, such as those in a saved plan.
#[derive(Clone, Debug)]
pub struct Saved<'a>(pub &'a [LoadedFile]);

impl Folders for Saved<'_> {
    fn files(&self, folder: &Path) -> Result<Vec<LoadedFile>, Diagnostics> {
        Ok(self.0.iter().filter(|file| folder_of(file) == normal(folder)).cloned().collect())
    }

    fn identity(&self, folder: &Path) -> Option<PathBuf> {
        let folder = normal(folder);
        self.0.iter().any(|file| folder_of(file) == folder).then_some(folder)
    }
}

fn folder_of(file: &LoadedFile) -> PathBuf {
    normal(Path::new(&file.name).parent().unwrap_or(Path::new("")))
}

/// A path without `.` and without `..` that follows a name.
fn normal(path: &Path) -> PathBuf {
    let mut parts = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir
                if matches!(parts.components().next_back(), Some(Component::Normal(_))) =>
            {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    parts
}

/// Reads the root module, whose files are `root`, and every module that is called from there. All
/// problems go into `diagnostics`, and what is good is there all the same. Gives the configuration
/// and the files of all its modules, in order of name.
pub fn load_config(
    root: &[LoadedFile],
    folders: &dyn Folders,
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
) -> (Config, Vec<LoadedFile>) {
    let mut reading = Reading {
        folders,
        sources,
        diagnostics,
        known: BTreeMap::new(),
        files: root.to_vec(),
        config: Config::default(),
    };
    let module = Arc::new(decode_files(root, reading.sources, reading.diagnostics));
    let start = Place {
        path: ModulePath::root(),
        folder: PathBuf::new(),
        above: reading.folders.identity(Path::new(".")).into_iter().collect(),
    };
    reading.take(start, module);
    let Reading { config, mut files, .. } = reading;
    files.sort_by(|left, right| left.name.cmp(&right.name));
    (config, files)
}

/// A module on its way into the configuration.
struct Place {
    path: ModulePath,
    folder: PathBuf,
    /// Its own folder and those of all modules above it.
    above: Vec<PathBuf>,
}

struct Reading<'a> {
    folders: &'a dyn Folders,
    sources: &'a mut SourceMap,
    diagnostics: &'a mut Diagnostics,
    known: BTreeMap<PathBuf, Arc<Module>>,
    files: Vec<LoadedFile>,
    config: Config,
}

impl Reading<'_> {
    /// Takes in a module and all that is called from it, level by level.
    fn take(&mut self, start: Place, module: Arc<Module>) {
        let mut waiting = std::collections::VecDeque::from([(start, module)]);
        while let Some((place, module)) = waiting.pop_front() {
            for call in module.calls.values() {
                if self.config.modules.len() + waiting.len() >= MOST_MODULES {
                    let detail = format!(
                        "This would be more than {MOST_MODULES} modules, which is taken for a mistake."
                    );
                    self.diagnostics
                        .push(Diagnostic::error(code::MODULE_SOURCE, detail).at(call.header));
                    return;
                }
                match self.called(&place, call) {
                    Ok(found) => waiting.push_back(found),
                    Err(problems) => self.diagnostics.extend(problems),
                }
            }
            let folder = place.folder.to_string_lossy();
            let folder = if folder.is_empty() { Arc::from(".") } else { Arc::from(&*folder) };
            self.config.modules.insert(place.path, ConfigModule { module, folder });
        }
    }

    fn called(
        &mut self,
        caller: &Place,
        call: &ModuleCall,
    ) -> Result<(Place, Arc<Module>), Diagnostics> {
        let problem =
            |detail: String| Diagnostic::error(code::MODULE_SOURCE, detail).at(call.source_span);
        let is_local = call.source.starts_with("./")
            || call.source.starts_with("../")
            || *call.source == *"."
            || *call.source == *"..";
        if !is_local {
            let detail = format!("`{}` is not a folder of this repository.", call.source);
            return Err(problem(detail)
                .help("modules are local folders: write `source = \"./FOLDER\"`, and copy what is kept elsewhere")
                .into());
        }
        let folder = normal(&caller.folder.join(&*call.source));
        let shown = folder.display().to_string();
        let asked = if folder.as_os_str().is_empty() { Path::new(".") } else { &folder };
        let identity = self
            .folders
            .identity(asked)
            .ok_or_else(|| problem(format!("There is no folder `{shown}`.")))?;
        if caller.above.contains(&identity) {
            let detail =
                format!("The module in `{asked}` would contain itself.", asked = asked.display());
            return Err(problem(detail)
                .help("a module cannot call itself, also not by way of others")
                .into());
        }
        let module = match self.known.get(&identity) {
            Some(module) => Arc::clone(module),
            None => self.read(asked, &identity, call)?,
        };
        let mut above = caller.above.clone();
        above.push(identity);
        let path = caller.path.child(&call.name);
        Ok((Place { path, folder, above }, module))
    }

    fn read(
        &mut self,
        folder: &Path,
        identity: &Path,
        call: &ModuleCall,
    ) -> Result<Arc<Module>, Diagnostics> {
        let files = self.folders.files(folder)?;
        if files.is_empty() {
            let detail = format!(
                "The folder `{}` holds no `*.snap.hcl` and no `*.tf` file.",
                folder.display()
            );
            let problem = Diagnostic::error(code::MODULE_SOURCE, detail).at(call.source_span);
            return Err(problem.into());
        }
        let module = Arc::new(decode_files(&files, self.sources, self.diagnostics));
        self.files.extend(files);
        self.known.insert(identity.to_owned(), Arc::clone(&module));
        Ok(module)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, text: &str) -> LoadedFile {
        LoadedFile { name: name.to_owned(), text: text.into() }
    }

    fn load(files: &[LoadedFile]) -> (Vec<(String, String)>, Vec<String>) {
        let root: Vec<_> = files.iter().filter(|file| !file.name.contains('/')).cloned().collect();
        let mut problems = Diagnostics::default();
        let (config, _) =
            load_config(&root, &Saved(files), &mut SourceMap::default(), &mut problems);
        let modules =
            config.modules().map(|(path, found)| (path.to_string(), found.folder.to_string()));
        (modules.collect(), problems.iter().map(|problem| problem.detail.clone()).collect())
    }

    #[test]
    fn modules_are_found_from_the_folder_of_their_caller() {
        let (modules, problems) = load(&[
            file(
                "main.snap.hcl",
                "module \"a\" {\n source = \"./m/a\"\n}\nmodule \"b\" {\n source = \"./m/b\"\n}",
            ),
            file("m/a/main.snap.hcl", "module \"b\" {\n source = \"../b\"\n}"),
            file("m/b/main.snap.hcl", "locals {\n}"),
        ]);
        assert_eq!(problems, Vec::<String>::new());
        let modules: Vec<_> =
            modules.iter().map(|(path, folder)| (path.as_str(), folder.as_str())).collect();
        assert_eq!(
            modules,
            [("", "."), ("module.a", "m/a"), ("module.a.module.b", "m/b"), ("module.b", "m/b")]
        );
    }

    #[test]
    fn modules_that_contain_themselves_are_refused() {
        let (_, problems) = load(&[
            file("main.snap.hcl", "module \"a\" {\n source = \"./a\"\n}"),
            file("a/main.snap.hcl", "module \"b\" {\n source = \"../b\"\n}"),
            file(
                "b/main.snap.hcl",
                "module \"a\" {\n source = \"../a\"\n}\nmodule \"r\" {\n source = \"..\"\n}",
            ),
        ]);
        assert_eq!(
            problems,
            ["The module in `a` would contain itself.", "The module in `.` would contain itself."]
        );
    }
}
