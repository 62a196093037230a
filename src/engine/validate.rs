//! Everything that can be checked without state and without a network.

use std::collections::{BTreeMap, BTreeSet};

use crate::addr::{LocalProvider, LocalResource, ModulePath, ResourceMode};
use crate::config::{Config, Module, Repetition, ResourceDecl};
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::sdk::ResourceSpec;
use crate::text::Span;

use super::declarations::Misreference;
use super::dry_check::{OfNodes, check_values};
use super::evaluate::Surroundings;
use super::moves::Moves;
use super::outputs::check_root;
use super::variables::check_defaults;
use super::{Catalog, Declaration, Declarations, arguments, imports, versions};

/// Checks every declaration of every module against the schemas, and all references. Problems of
/// the whole configuration at once.
///
/// # Errors
///
/// Everything that is wrong.
pub fn validate(catalog: &Catalog, config: &Config) -> Result<Declarations, Diagnostics> {
    let looked = look(catalog, config)?;
    let wrong = looked.problems.has_errors()
        || looked.of_resources.values().any(Diagnostics::has_errors)
        || !looked.misreferences.is_empty();
    if !wrong {
        return Ok(looked.declarations);
    }
    let of_resources = looked.of_resources.into_values().flatten();
    let misreferences = looked.misreferences.into_iter().map(|found| found.problem);
    Err(looked.problems.into_iter().chain(of_resources).chain(misreferences).collect())
}

/// Everything that can be said about a configuration without state and a network: what [`validate`]
/// finds, and what evaluation finds on top of that. What refers to something that is wrong is not
/// judged: its problems may be the other's.
pub fn examine(
    catalog: &Catalog,
    config: &Config,
    surroundings: Surroundings<'_>,
) -> (Option<Declarations>, Diagnostics) {
    let looked = match look(catalog, config) {
        Ok(looked) => looked,
        Err(problems) => return (None, problems),
    };
    let declarations = looked.declarations;
    let mut of_nodes = OfNodes::default();
    for ((module, local), found) in looked.of_resources {
        if let Some(id) = declarations.id(&module, &Declaration::Resource(local)) {
            of_nodes.entry(id).or_default().extend(found);
        }
    }
    let (resting, others): (Vec<_>, Vec<_>) =
        looked.misreferences.into_iter().partition(|found| found.rests_on.is_some());
    for found in others {
        of_nodes.entry(found.from).or_default().push(found.problem);
    }
    let doubtful: BTreeSet<_> = resting.iter().map(|found| found.from).collect();
    let mut problems = looked.problems;
    let (found, failed) =
        check_values(catalog, config, &declarations, surroundings, of_nodes, &doubtful);
    problems.extend(found);
    let sound = |found: &Misreference| {
        let needs = declarations.needs_of(found.from).iter().chain(&found.rests_on);
        !needs.into_iter().any(|need| failed.contains(need))
    };
    problems.extend(resting.into_iter().filter(sound).map(|found| found.problem));
    (Some(declarations), problems)
}

/// What was found before anything is evaluated.
struct Looked {
    declarations: Declarations,
    /// What belongs to no declaration that others refer to.
    problems: Diagnostics,
    of_resources: BTreeMap<(ModulePath, LocalResource), Diagnostics>,
    misreferences: Vec<Misreference>,
}

/// Errors: what makes it useless to look further, and circles.
fn look(catalog: &Catalog, config: &Config) -> Result<Looked, Diagnostics> {
    let modules = || config.modules().map(|(_, found)| &*found.module);
    let first: Diagnostics = modules()
        .flat_map(|module| {
            let versions = module.settings.required_versions.iter().filter_map(versions::check);
            versions.chain(check_defaults(module)).collect::<Vec<_>>()
        })
        .collect();
    if first.has_errors() {
        return Err(first);
    }
    let mut problems = first;
    problems.extend(check_root(config.root()));
    let mut of_resources: BTreeMap<_, Diagnostics> = BTreeMap::new();
    let mut seen: Vec<*const Module> = Vec::new();
    for (path, found) in config.modules() {
        let module = &*found.module;
        let checking = Checking { catalog, config, path, module };
        problems.extend(checking.providers_of_resources());
        problems.extend(checking.calls());
        // A folder that several calls lead to has each of its problems once.
        if !seen.contains(&std::ptr::from_ref(module)) {
            seen.push(module);
            problems.extend(checking.providers());
            for resource in module.resources.values() {
                let found = checking.resource(resource);
                if !found.is_empty() {
                    of_resources.insert((path.clone(), resource.address.clone()), found);
                }
            }
            let scoped = module.checks.values().filter_map(|check| check.data.as_ref());
            problems.extend(scoped.flat_map(|resource| checking.resource(resource)));
        }
    }
    problems.extend(Moves::of(config).check(config));
    problems.extend(imports::check(config));
    match Declarations::of(catalog, config) {
        Ok((declarations, misreferences)) => {
            Ok(Looked { declarations, problems, of_resources, misreferences })
        }
        Err(found) => {
            let of_resources = of_resources.into_values().flatten();
            Err(problems.into_iter().chain(of_resources).chain(found).collect())
        }
    }
}

/// One module under examination.
struct Checking<'a> {
    catalog: &'a Catalog,
    config: &'a Config,
    path: &'a ModulePath,
    module: &'a Module,
}

impl Checking<'_> {
    /// Provider blocks.
    fn providers(&self) -> Diagnostics {
        let mut problems = Diagnostics::default();
        for provider in self.module.providers.values() {
            match self.catalog.provider(&provider.address.provider.0) {
                Some(found) => {
                    let what = format!("provider `{}`", provider.address.provider);
                    let schema = found.schema();
                    // Settings may come from the environment, so none is missing yet.
                    let found = arguments::check(&schema, &provider.body, provider.header, &what);
                    problems.extend(
                        found.into_iter().filter(|found| found.code != code::MISSING_ARGUMENT),
                    );
                }
                None => {
                    problems.push(unknown_provider(
                        self.catalog,
                        &provider.address,
                        provider.header,
                    ));
                }
            }
        }
        problems
    }

    fn resource(&self, resource: &ResourceDecl) -> Diagnostics {
        let address = &resource.address;
        let type_name = &*address.type_name.0;
        let Some(schema) = self.catalog.schema(address) else {
            let (kind, names): (_, Vec<_>) = match address.mode {
                ResourceMode::Managed => ("resource", self.catalog.resource_names().collect()),
                ResourceMode::Data => ("data", self.catalog.data_names().collect()),
            };
            let detail = format!("There is no {kind} type `{type_name}`.");
            return Diagnostic::error(code::UNKNOWN_RESOURCE_TYPE, detail)
                .at(resource.type_span)
                .did_you_mean(type_name, names)
                .address(address)
                .into();
        };
        let what = format!("`{type_name}`");
        let found = arguments::check(schema, &resource.body, resource.header, &what);
        let mut problems: Diagnostics =
            found.into_iter().map(|found| found.address(address)).collect();
        if let Some(spec) = self.catalog.resource(type_name) {
            problems.extend(ignored(spec, resource));
        }
        problems
    }

    /// The provider configuration of every resource, which may be handed in by whoever calls the
    /// module.
    fn providers_of_resources(&self) -> Diagnostics {
        let scoped = self.module.checks.values().filter_map(|check| check.data.as_ref());
        let resources = self.module.resources.values().chain(scoped);
        resources.filter_map(|resource| self.provider_of(resource)).collect()
    }

    fn provider_of(&self, resource: &ResourceDecl) -> Option<Diagnostic> {
        let span = resource.provider_span.unwrap_or(resource.header);
        let local = &resource.provider;
        let owner = self.catalog.provider_of(&resource.address)?;
        if self.catalog.provider(&local.provider.0).is_none() {
            return Some(unknown_provider(self.catalog, local, span));
        }
        if owner != &*local.provider.0 {
            let type_name = &resource.address.type_name;
            let detail = format!(
                "`{type_name}` belongs to the provider `{owner}`, not to `{}`.",
                local.provider
            );
            return Some(Diagnostic::error(code::META_ARGUMENT, detail).at(span));
        }
        self.configuration(local, span)
    }

    /// Whether a provider configuration with an alias is there.
    fn configuration(&self, local: &LocalProvider, span: Span) -> Option<Diagnostic> {
        local.alias.as_ref()?;
        let found = self.config.provider(self.path, local);
        let declared = found.is_some_and(|address| {
            let module = self.config.module(&address.module);
            module.is_some_and(|module| module.providers.contains_key(&address.local))
        });
        if declared {
            return None;
        }
        let known: Vec<_> = self.module.providers.keys().map(ToString::to_string).collect();
        let text = local.to_string();
        let detail = format!("There is no provider configuration `{text}`.");
        let problem = Diagnostic::error(code::REFERENCE, detail)
            .at(span)
            .did_you_mean(&text, known.iter().map(String::as_str));
        Some(match self.config.call(self.path) {
            Some(call) => problem
                .label(call.header, "the module is called here")
                .help(format!("hand it in: `providers = {{ {text} = … }}`")),
            None => problem,
        })
    }

    /// What `module` blocks hand to the modules they call.
    fn calls(&self) -> Diagnostics {
        let mut problems = Diagnostics::default();
        for call in self.module.calls.values() {
            for passed in &call.providers {
                problems.extend(self.configuration(&passed.outer, passed.span));
            }
            let child = self.path.child(&call.name);
            let Some(called) = self.config.module(&child) else { continue };
            for (name, argument) in &call.arguments {
                if !called.variables.contains_key(name) {
                    problems.push(
                        Diagnostic::error(
                            code::UNKNOWN_ARGUMENT,
                            format!("The module `{}` has no variable `{name}`.", call.name),
                        )
                        .at(argument.name_span)
                        .did_you_mean(name, called.variables.keys().map(|name| &**name)),
                    );
                }
            }
            for variable in called.variables.values() {
                if variable.default.is_none() && !call.arguments.contains_key(&variable.name) {
                    let name = &variable.name;
                    problems.push(
                        Diagnostic::error(
                            code::MISSING_ARGUMENT,
                            format!("The module `{}` needs a value for `{name}`.", call.name),
                        )
                        .at(call.header)
                        .help(format!("write `{name} = …` in this block")),
                    );
                }
            }
            for alias in &called.settings.configuration_aliases {
                if !call.providers.iter().any(|passed| passed.inner == *alias) {
                    let detail = format!(
                        "The module `{}` wants a provider configuration `{alias}`.",
                        call.name
                    );
                    problems.push(
                        Diagnostic::error(code::MISSING_ARGUMENT, detail)
                            .at(call.header)
                            .help(format!("hand it in: `providers = {{ {alias} = … }}`")),
                    );
                }
            }
            problems.extend(self.own_providers(call, &child));
        }
        problems
    }

    /// A module with provider blocks of its own cannot have several instances: the configurations
    /// of one that goes away would go with it, while its objects still need them.
    fn own_providers(&self, call: &crate::config::ModuleCall, child: &ModulePath) -> Diagnostics {
        let repeated = match &call.repetition {
            Repetition::Single if call.depends_on.is_empty() => return Diagnostics::default(),
            Repetition::Single => "depends_on",
            Repetition::Count(_) => "count",
            Repetition::ForEach(_) => "for_each",
        };
        let below = self.config.modules().filter(|(path, _)| path.is_within(child));
        let own = below.flat_map(|(_, found)| found.module.providers.values());
        // An empty block only says that there is such a configuration, as old modules do.
        let own = own.filter(|provider| {
            !provider.body.attributes.is_empty() || !provider.body.blocks.is_empty()
        });
        own.map(|provider| {
            Diagnostic::error(
                code::META_ARGUMENT,
                format!("A module that configures providers itself cannot have `{repeated}`."),
            )
            .at(call.header)
            .label(provider.header, "configured here")
            .help("configure the provider in the root module and hand it in with `providers`")
        })
        .collect()
    }
}

fn unknown_provider(catalog: &Catalog, local: &LocalProvider, span: Span) -> Diagnostic {
    let name = &*local.provider.0;
    Diagnostic::error(code::UNKNOWN_PROVIDER, format!("There is no provider `{name}`."))
        .at(span)
        .did_you_mean(name, catalog.provider_names())
}

fn ignored(spec: &ResourceSpec, resource: &ResourceDecl) -> Diagnostics {
    let crate::config::IgnoreChanges::Paths(paths) = &resource.lifecycle.ignore_changes else {
        return Diagnostics::default();
    };
    let unknown = paths.iter().filter_map(|ignored| {
        let name = ignored.path.root_attribute()?;
        spec.schema.attribute(name).is_none().then(|| {
            Diagnostic::error(
                code::UNKNOWN_ARGUMENT,
                format!("`{}` has no argument `{name}` to ignore.", spec.type_name),
            )
            .at(ignored.span)
            .did_you_mean(name, spec.schema.attributes.iter().map(|attribute| attribute.name))
        })
    });
    unknown.collect()
}
