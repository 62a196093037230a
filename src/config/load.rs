//! Which files make up a module, and their texts.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::diag::{Diagnostic, Diagnostics, code};
use crate::syntax;
use crate::text::SourceMap;

use super::Module;
use super::decode::Decoder;
use super::overrides::{Overrides, is_override};
use super::shapes;

/// The endings of a module's files, in order of preference: a folder that holds none of the first
/// is read as Terraform's.
const ENDINGS: [[&str; 2]; 2] = [[".snap.hcl", ".snap.hcl.json"], [".tf", ".tf.json"]];

/// One file of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadedFile {
    /// The name for people, relative to where the command runs.
    pub name: String,
    /// The text.
    pub text: Arc<str>,
}

/// The files of a module, in order of name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfigFiles {
    /// The files.
    pub files: Vec<LoadedFile>,
    /// Names of variable files that are read without being asked for, in order of precedence.
    pub variable_files: Vec<PathBuf>,
}

impl ConfigFiles {
    /// The endings of the files that are read from the folder, that of written ones first.
    pub fn endings(&self) -> &'static [&'static str] {
        let ends = |endings: &&[&str; 2]| {
            self.files.iter().any(|file| endings.iter().any(|end| file.name.ends_with(end)))
        };
        ENDINGS.iter().find(ends).unwrap_or(&ENDINGS[0])
    }
}

/// Reads the files of a module.
#[derive(Clone, Debug)]
pub struct Loader {
    folder: PathBuf,
}

impl Loader {
    /// A loader of the module in `folder`.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Reads every file of the module; problems of all of them at once.
    pub fn load(&self) -> Result<ConfigFiles, Diagnostics> {
        let names = self.names().map_err(|error| {
            let detail = format!("The folder `{}` cannot be read: {error}.", self.folder.display());
            Diagnostics::from(Diagnostic::error(code::FILE_UNREADABLE, detail))
        })?;
        let variable_files = self.variable_files(&names);
        let names: Vec<_> = names.into_iter().filter(|name| !is_ignored(name)).collect();
        let mut diagnostics = Diagnostics::default();
        let ends = |name: &str, ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
        let wanted = ENDINGS.iter().find(|wanted| names.iter().any(|name| ends(name, *wanted)));
        let mut loaded = ConfigFiles { variable_files, ..ConfigFiles::default() };
        for name in names.iter().filter(|name| wanted.is_some_and(|wanted| ends(name, wanted))) {
            let file = diagnostics.absorb(read_text(&self.folder.join(name)));
            loaded.files.extend(file);
        }
        diagnostics.into_result(loaded)
    }

    /// The file names of the folder, sorted.
    fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            // What is no file either, such as a pipe, is refused when it is read.
            if !entry.path().is_dir() {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }

    fn variable_files(&self, names: &[String]) -> Vec<PathBuf> {
        let fixed = ["terraform.tfvars", "terraform.tfvars.json"];
        let first = fixed.into_iter().filter(|name| names.iter().any(|found| found == name));
        let automatic = names
            .iter()
            .map(String::as_str)
            .filter(|name| name.ends_with(".auto.tfvars") || name.ends_with(".auto.tfvars.json"));
        first.chain(automatic).map(|name| self.folder.join(name)).collect()
    }
}

/// Whether a file is written in JSON.
pub(super) fn is_json(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|end| end == "json")
}

/// Bytes of the longest text that is read. More would take more memory than a run may need.
pub const FILE_LIMIT: u64 = 24 * 1024 * 1024;

/// Whether a file is hidden, or an editor's copy: such files are no part of the configuration.
/// Terraform reads variable files under such names all the same.
pub fn is_ignored(name: &str) -> bool {
    name.starts_with('.') || name.ends_with('~') || name.starts_with('#') && name.ends_with('#')
}

/// Reads one text file.
pub fn read_text(path: &Path) -> Result<LoadedFile, Diagnostic> {
    let name = path.strip_prefix(".").unwrap_or(path).display().to_string();
    let failed = |reason: String| {
        Diagnostic::error(code::FILE_UNREADABLE, format!("`{name}` cannot be read: {reason}."))
    };
    let found = fs::metadata(path).map_err(|error| failed(error.to_string()))?;
    if !found.is_file() {
        return Err(failed("it is not a file".to_owned()));
    }
    let length = usize::try_from(found.len().min(FILE_LIMIT)).unwrap_or_default();
    let mut bytes = Vec::with_capacity(length + 1);
    let file = fs::File::open(path).map_err(|error| failed(error.to_string()))?;
    file.take(FILE_LIMIT + 1).read_to_end(&mut bytes).map_err(|error| failed(error.to_string()))?;
    text_of(&name, bytes)
}

/// The text that `bytes` are.
pub fn text_of(name: &str, bytes: Vec<u8>) -> Result<LoadedFile, Diagnostic> {
    if bytes.len() as u64 > FILE_LIMIT {
        let limit = FILE_LIMIT / 1024 / 1024;
        let detail =
            format!("`{name}` is longer than {limit} MiB, which is as long as a text may be.");
        return Err(Diagnostic::error(code::FILE_UNREADABLE, detail)
            .help("spread its content over several files"));
    }
    let name = name.to_owned();
    String::from_utf8(bytes)
        .map(|text| LoadedFile { name: name.clone(), text: text.into() })
        .map_err(|error| {
            let good = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
            let line = 1 + String::from_utf8_lossy(good).matches('\n').count();
            Diagnostic::error(
                code::ENCODING,
                format!(
                    "`{name}` is not UTF-8 text: line {line} holds bytes that are no character."
                ),
            )
            .help("save the file as UTF-8")
        })
}

/// Parses and decodes the files of a module; their texts go into `sources`. Every problem of every
/// file goes into `diagnostics`, and the declarations that are good are there all the same.
pub fn decode_files(
    files: &[LoadedFile],
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
) -> Module {
    let endings = ENDINGS.as_flattened();
    let (overriding, primary): (Vec<_>, Vec<_>) =
        files.iter().partition(|file| is_override(&file.name, endings));
    let mut parse = |file: &LoadedFile, diagnostics: &mut Diagnostics| {
        let id = sources.add(file.name.as_str(), Arc::clone(&file.text));
        if is_json(&file.name) {
            syntax::parse_json(id, &file.text, &shapes::MODULE, diagnostics)
        } else {
            syntax::parse(id, &file.text, diagnostics)
        }
    };
    let mut decoder = Decoder::default();
    let mut overrides = Overrides::default();
    for file in overriding {
        let body = parse(file, diagnostics);
        let alone = overrides.take(body, diagnostics);
        decoder.file(alone, diagnostics);
    }
    for file in primary {
        let mut body = parse(file, diagnostics);
        overrides.apply(&mut body);
        decoder.file(body, diagnostics);
    }
    decoder.blocks(overrides.rest(diagnostics), diagnostics);
    decoder.finish(diagnostics)
}
