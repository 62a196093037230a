//! `snapform modules`, `snapform get` and `snapform providers`: what the configuration is made of.

use std::collections::BTreeSet;

use anyhow::Context as _;
use serde_json::json;

use crate::addr::{ModulePath, ProviderName};
use crate::config::{Config, Loader};
use crate::view::{Tree, provider_schemas_json, render_tree};

use super::args::ProvidersCommand;
use super::unavailable::{self, Unavailable};
use super::workbench::{Start, Workbench};
use super::{Done, Exit, Stop, args};

/// No emulators: these commands look at the configuration alone.
const WORLD: args::World = args::World { emulate: false };

/// The configuration; `None` in a folder without one.
fn configuration(workbench: &mut Workbench) -> Result<Option<Config>, Stop> {
    let files = Loader::new(".").load().map_err(|problems| workbench.stop(problems))?;
    if files.files.is_empty() {
        return Ok(None);
    }
    Ok(Some(workbench.load()?.0))
}

/// Every call of a module with its path, in order.
fn called(config: &Config) -> impl Iterator<Item = (&ModulePath, &str)> {
    config.modules().filter_map(|(path, _)| Some((path, &*config.call(path)?.source)))
}

/// Checks that every module can be loaded.
pub(super) fn get(start: Start) -> Done {
    let mut workbench = Workbench::for_programs(start, WORLD)?;
    let config = configuration(&mut workbench)?;
    for (path, source) in config.iter().flat_map(called) {
        workbench.start.terminal.line(&format!("{path} in {source}"));
    }
    Ok(Exit::Success)
}

/// Shows which modules are called from where.
pub(super) fn modules(start: Start, args: &args::Modules) -> Done {
    let mut workbench = Workbench::for_programs(start, WORLD)?;
    let config = configuration(&mut workbench)?.unwrap_or_default();
    let terminal = &workbench.start.terminal;
    if args.json {
        let entry = |(path, source): (&ModulePath, &str)| {
            let names: Vec<_> = path.0.iter().map(|name| &**name).collect();
            json!({ "key": names.join("."), "source": source, "version": "" })
        };
        let all: Vec<_> = called(&config).map(entry).collect();
        let document = json!({ "format_version": "1.0", "modules": all });
        terminal.line(&serde_json::to_string(&document).context("the modules")?);
        return Ok(Exit::Success);
    }
    let tree = tree(&config, &ModulePath::root(), &|path| {
        let source = config.call(path).map(|call| format!(" ({})", call.source));
        (Vec::new(), source.unwrap_or_default())
    });
    terminal.text(&render_tree("Modules of the configuration:", &tree));
    Ok(Exit::Success)
}

/// Shows which modules need which providers, and which providers the state names.
pub(super) async fn providers(start: Start, args: args::Providers) -> Done {
    match args.command {
        Some(ProvidersCommand::Mirror(_)) => return unavailable::run(Unavailable::Mirror),
        Some(ProvidersCommand::Lock(_)) => return unavailable::run(Unavailable::LockProviders),
        Some(ProvidersCommand::Schema { json }) => return schemas(start, json).await,
        None => {}
    }
    let mut workbench = Workbench::for_programs(start, WORLD)?;
    let (config, _) = workbench.load()?;
    let tree = tree(&config, &ModulePath::root(), &|path| {
        let needed = needed(&config, path);
        let needed = needed.iter().map(|name| format!("provider {} ({})", name, name.source()));
        (needed.collect(), String::new())
    });
    let terminal = &workbench.start.terminal;
    terminal.text(&render_tree("Providers that the configuration needs:", &tree));
    let recorded = recorded(&workbench).await?;
    if !recorded.is_empty() {
        terminal.line("\nProviders that the state names:\n");
    }
    for name in recorded {
        terminal.line(&format!("    provider {} ({})", name, name.source()));
    }
    Ok(Exit::Success)
}

/// The providers of a module's resources, and those it configures.
fn needed(config: &Config, path: &ModulePath) -> BTreeSet<ProviderName> {
    let module = config.module(path);
    let resources = module.iter().flat_map(|module| module.resources.values());
    let used = resources.map(|resource| resource.provider.provider.clone());
    let configured = module.iter().flat_map(|module| module.providers.keys());
    used.chain(configured.map(|provider| provider.provider.clone())).collect()
}

/// The providers that the state names.
async fn recorded(workbench: &Workbench) -> Result<BTreeSet<ProviderName>, Stop> {
    let session = workbench.look().await?;
    let state = session.state();
    let resources = state.resources.values();
    Ok(resources.map(|resource| resource.provider.local.provider.clone()).collect())
}

/// Prints the schemas of the providers that configuration and state need.
async fn schemas(start: Start, json: bool) -> Done {
    if !json {
        return Err(super::usage_problem("`providers schema` gives JSON only: add `-json`."));
    }
    let mut workbench = Workbench::for_programs(start, WORLD)?;
    let config = configuration(&mut workbench)?.unwrap_or_default();
    let mut names = recorded(&workbench).await?;
    for (path, _) in config.modules() {
        names.extend(needed(&config, path));
    }
    let providers = names.iter().filter_map(|name| workbench.catalog.provider(&name.0));
    let document = provider_schemas_json(providers).context("the schemas")?;
    workbench.start.terminal.line(&document);
    Ok(Exit::Success)
}

/// What belongs to a module, and the modules it calls. `about` gives what else hangs there, and
/// what stands behind the module's name.
fn tree(
    config: &Config,
    path: &ModulePath,
    about: &dyn Fn(&ModulePath) -> (Vec<String>, String),
) -> Tree {
    let (leaves, behind) = about(path);
    let name = path.parent().map_or_else(|| ".".to_owned(), |(_, name)| format!("module.{name}"));
    let mut branches: Vec<_> =
        leaves.into_iter().map(|name| Tree { name, branches: Vec::new() }).collect();
    let calls = config.module(path).into_iter().flat_map(|module| module.calls.keys());
    branches.extend(calls.map(|call| tree(config, &path.child(call), about)));
    Tree { name: format!("{name}{behind}"), branches }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_without_modules_is_a_bare_root() {
        let tree = tree(&Config::default(), &ModulePath::root(), &|_| Default::default());
        assert_eq!(render_tree("T:", &tree), "T:\n\n.\n");
    }
}
