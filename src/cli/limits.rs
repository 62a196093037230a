//! What a plan is limited to: addresses as typed, in files, and by the file that declares them.

use std::path::Path;

use anyhow::Context as _;

use crate::addr::{ModuleInstance, ModulePath, ModuleStep, Target};
use crate::config::Config;
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::engine::Limits;
use crate::text::{FileId, Span};
use crate::world::read_regular;

use super::workbench::Workbench;
use super::{Stop, args, usage_problem};

/// The limits that options ask for.
pub(super) fn of(
    workbench: &mut Workbench,
    config: &Config,
    scope: &args::Scope,
) -> Result<Limits, Stop> {
    let only = targets(
        workbench,
        config,
        ("`-target`", &scope.target),
        &scope.target_file,
        &scope.target_source,
    )?;
    let but = targets(
        workbench,
        config,
        ("`-exclude`", &scope.exclude),
        &scope.exclude_file,
        &scope.exclude_source,
    )?;
    match (only, but) {
        (None, None) => Ok(Limits::None),
        (Some(only), None) => Ok(Limits::Only(only)),
        (None, Some(but)) => Ok(Limits::AllBut(but)),
        (Some(_), Some(_)) => Err(usage_problem(
            "`-target` and `-exclude` say different things about what is left: use one of them.",
        )),
    }
}

/// The targets of one kind of limit; `None` where nothing asks for it.
fn targets(
    workbench: &mut Workbench,
    config: &Config,
    (option, typed): (&str, &[String]),
    files: &[std::path::PathBuf],
    sources: &[std::path::PathBuf],
) -> Result<Option<Vec<Target>>, Stop> {
    if typed.is_empty() && files.is_empty() && sources.is_empty() {
        return Ok(None);
    }
    let mut targets = Vec::new();
    for text in typed {
        targets.push(text.parse().map_err(|error| super::address_problem(option, error))?);
    }
    for file in files {
        targets.extend(listed(workbench, file)?);
    }
    for source in sources {
        targets.extend(declared_in(workbench, config, source)?);
    }
    if targets.is_empty() {
        return Err(usage_problem(format!("{option}: the files that are named hold no address.")));
    }
    Ok(Some(targets))
}

/// The addresses in a file, one a line. Empty lines and those that begin with `#` are passed over.
fn listed(workbench: &mut Workbench, path: &Path) -> Result<Vec<Target>, Stop> {
    let name = path.display().to_string();
    let bytes = read_regular(path).with_context(|| format!("`{name}` cannot be read"))?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let file = workbench.sources.add(&*name, &*text);
    let mut problems = Diagnostics::default();
    let mut targets = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let address = line.trim();
        if !address.is_empty() && !address.starts_with('#') {
            let at = start + (line.len() - line.trim_start().len());
            match address.parse() {
                Ok(target) => targets.push(target),
                Err(error) => {
                    problems.push(Diagnostic::error(code::ADDRESS, format!("{error}.")).at(place(
                        file,
                        at,
                        address.len(),
                    )));
                }
            }
        }
        start += line.len();
    }
    if problems.has_errors() { Err(workbench.stop(problems)) } else { Ok(targets) }
}

fn place(file: FileId, start: usize, length: usize) -> Span {
    Span::new(file, start, start + length)
}

/// The resources and modules that one file of the configuration declares.
fn declared_in(workbench: &Workbench, config: &Config, path: &Path) -> Result<Vec<Target>, Stop> {
    let wanted = path.strip_prefix(".").unwrap_or(path).display().to_string();
    let is_there = |header: Span| {
        let file = workbench.sources.file(header.file);
        file.is_some_and(|file| file.name.strip_prefix("./").unwrap_or(&file.name) == wanted)
    };
    let mut targets = Vec::new();
    for (module, found) in config.modules() {
        let inside = without_keys(module);
        let resources = found.module.resources.values().filter(|found| is_there(found.header));
        targets.extend(resources.map(|found| Target::Resource(found.address.within(&inside))));
        let calls = found.module.calls.values().filter(|call| is_there(call.header));
        targets.extend(calls.map(|call| Target::Module(without_keys(&module.child(&call.name)))));
    }
    if targets.is_empty() {
        let mut names: Vec<_> = config
            .modules()
            .flat_map(|(_, found)| found.module.resources.values().map(|found| found.header.file))
            .filter_map(|file| Some(workbench.sources.file(file)?.name.to_string()))
            .collect();
        names.sort();
        names.dedup();
        let detail = format!("No resource and no module is declared in `{wanted}`.");
        return Err(Diagnostic::error(code::TARGET, detail)
            .did_you_mean(&wanted, names.iter().map(String::as_str))
            .into());
    }
    Ok(targets)
}

/// All instances of a module.
fn without_keys(module: &ModulePath) -> ModuleInstance {
    let step = |name: &std::sync::Arc<str>| ModuleStep {
        name: std::sync::Arc::clone(name),
        key: crate::addr::InstanceKey::None,
    };
    ModuleInstance(module.0.iter().map(step).collect())
}
