//! `snapform fmt`.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;

use crate::config::{FILE_LIMIT, LoadedFile, is_ignored, read_text, text_of};
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::syntax;
use crate::text::SourceMap;
use crate::view::{Terminal, render_diagnostics, render_file_diff};

use super::replace::replace;
use super::workbench::Start;
use super::{Done, Exit, args, usage_problem};

/// Endings of the files that can be laid out.
const ENDINGS: [&str; 5] = [".snap.hcl", ".tf", ".tfvars", ".tftest.hcl", ".tfmock.hcl"];

/// Gives files the usual layout, or says which ones do not have it.
pub(super) fn run(start: Start, args: &args::Fmt) -> Done {
    let is_input = args.targets.iter().any(|target| target.as_os_str() == "-");
    if is_input && args.targets.len() > 1 {
        return Err(usage_problem("`-` stands for standard input and must be the only target."));
    }
    let mut run = Run {
        terminal: &start.terminal,
        args,
        write: args.write && !args.check && !is_input,
        list: args.list && !is_input,
        sources: SourceMap::default(),
        problems: Diagnostics::default(),
        differs: false,
    };
    if is_input {
        run.standard_input()?;
    } else if args.targets.is_empty() {
        run.folder(Path::new("."));
    } else {
        args.targets.iter().for_each(|target| run.target(target));
    }
    Ok(run.end())
}

struct Run<'a> {
    terminal: &'a Terminal,
    args: &'a args::Fmt,
    write: bool,
    list: bool,
    sources: SourceMap,
    problems: Diagnostics,
    /// Whether a text was not in the usual layout.
    differs: bool,
}

impl Run<'_> {
    fn end(self) -> Exit {
        if !self.problems.is_empty() {
            let text = render_diagnostics(&self.problems, &self.sources, self.terminal.look);
            self.terminal.problem(&text);
            return Exit::Broken;
        }
        if self.args.check && self.differs { Exit::Differs } else { Exit::Success }
    }

    fn standard_input(&mut self) -> anyhow::Result<()> {
        let mut bytes = Vec::new();
        let input = io::stdin().lock();
        input.take(FILE_LIMIT + 1).read_to_end(&mut bytes).context("standard input is broken")?;
        if let Some(file) = self.problems.absorb(text_of("<stdin>", bytes)) {
            self.text(&file, None);
        }
        Ok(())
    }

    /// A folder or a file that was named.
    fn target(&mut self, target: &Path) {
        let path: PathBuf = target.components().collect();
        match fs::metadata(&path) {
            Ok(found) if found.is_dir() => self.folder(&path),
            Ok(_) if is_laid_out(&path.to_string_lossy()) => self.file(&path),
            Ok(_) => {
                let detail = format!("`{}` is no file that `fmt` lays out.", path.display());
                let help = format!("it takes files that end with {}", ENDINGS.join(", "));
                self.problems.push(Diagnostic::error(code::USAGE, detail).help(help));
            }
            Err(error) => {
                let detail = format!("`{}` cannot be read: {error}.", path.display());
                self.problems.push(Diagnostic::error(code::FILE_UNREADABLE, detail));
            }
        }
    }

    /// The files of a folder, and with `-recursive` those below it. Links to folders are not
    /// followed, so that no circle of them can be met.
    fn folder(&mut self, folder: &Path) {
        let entries = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let mut entries = match entries {
            Ok(entries) => entries,
            Err(error) => {
                let detail = format!("The folder `{}` cannot be read: {error}.", folder.display());
                self.problems.push(Diagnostic::error(code::FILE_UNREADABLE, detail));
                return;
            }
        };
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let name = entry.file_name().to_string_lossy().into_owned();
            if is_ignored(&name) {
                continue;
            }
            let path = folder.strip_prefix(".").unwrap_or(folder).join(entry.file_name());
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                if self.args.recursive {
                    self.folder(&path);
                }
            } else if is_laid_out(&name) {
                self.file(&path);
            }
        }
    }

    fn file(&mut self, path: &Path) {
        if let Some(file) = self.problems.absorb(read_text(path)) {
            self.text(&file, Some(path));
        }
    }

    /// Lays out a text, unless it cannot be read: then laying it out could make it worse.
    fn text(&mut self, file: &LoadedFile, path: Option<&Path>) {
        let id = self.sources.add(file.name.as_str(), Arc::clone(&file.text));
        let before = self.problems.len();
        syntax::check(id, &file.text, &mut self.problems);
        if self.problems.len() > before {
            return;
        }
        let laid_out = syntax::format(&file.text);
        let differs = *laid_out != *file.text;
        self.differs |= differs;
        if differs {
            if self.list {
                self.terminal.line(&file.name);
            }
            if let Some(path) = path.filter(|_| self.write)
                && let Err(error) = rewrite(path, &laid_out)
            {
                let detail = format!("{error:#}.");
                self.problems.push(Diagnostic::error(code::FILE_WRITE, detail));
            }
            if self.args.diff {
                let paint = self.terminal.look.paint;
                self.terminal.text(&render_file_diff(&file.name, &file.text, &laid_out, paint));
            }
        }
        if !self.list && !self.write && !self.args.diff && !self.args.check {
            self.terminal.text(&laid_out);
        }
    }
}

fn is_laid_out(name: &str) -> bool {
    ENDINGS.iter().any(|end| name.ends_with(end))
}

/// Replaces the text of a file, or of the one that a link leads to, and keeps its permissions.
fn rewrite(path: &Path, text: &str) -> anyhow::Result<()> {
    let failed = || format!("`{}` cannot be written", path.display());
    let place = fs::canonicalize(path).with_context(failed)?;
    let permissions = fs::metadata(&place).with_context(failed)?.permissions();
    // A new file could take the place of one that may not be written.
    fs::OpenOptions::new().write(true).open(&place).with_context(failed)?;
    replace(&place, text.as_bytes(), Some(permissions))
}
