//! Everything that can be checked without state and without a network.

use crate::addr::ProviderConfigAddr;
use crate::config::Module;
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::sdk::ResourceSpec;
use crate::text::Span;

use super::outputs::check_root;
use super::variables::check_defaults;
use super::{Catalog, Declarations, arguments, versions};

/// Checks every declaration of a module against the schemas, and all references. Problems of the
/// whole module at once.
pub fn validate(catalog: &Catalog, module: &Module) -> Result<Declarations, Diagnostics> {
    let mut problems = Diagnostics::default();
    problems.extend(module.settings.required_versions.iter().filter_map(versions::check));
    problems.extend(check_defaults(module));
    problems.extend(check_root(module));
    for provider in module.providers.values() {
        match catalog.provider(&provider.address.provider.0) {
            Some(found) => {
                let what = format!("provider `{}`", provider.address.provider);
                let schema = found.schema();
                // Provider settings may come from the environment, so none is missing yet.
                let found = arguments::check(&schema, &provider.body, provider.header, &what);
                problems
                    .extend(found.into_iter().filter(|found| found.code != code::MISSING_ARGUMENT));
            }
            None => problems.push(unknown_provider(catalog, &provider.address, provider.header)),
        }
    }
    for resource in module.resources.values() {
        let type_name = &*resource.address.type_name.0;
        let Some(spec) = catalog.resource(type_name) else {
            let diagnostic = Diagnostic::error(
                code::UNKNOWN_RESOURCE_TYPE,
                format!("There is no resource type `{type_name}`."),
            );
            problems.push(
                diagnostic
                    .at(resource.type_span)
                    .did_you_mean(type_name, catalog.resource_names())
                    .address(&resource.address),
            );
            continue;
        };
        let what = format!("`{type_name}`");
        let found = arguments::check(&spec.schema, &resource.body, resource.header, &what);
        problems.extend(found.into_iter().map(|found| found.address(&resource.address)));
        problems.extend(ignored(spec, resource));
        let span = resource.provider_span.unwrap_or(resource.header);
        problems.extend(provider_of(catalog, module, type_name, &resource.provider, span));
    }
    let declarations = problems.absorb(Declarations::of(module));
    match declarations {
        Some(declarations) if !problems.has_errors() => Ok(declarations),
        _ => Err(problems),
    }
}

fn unknown_provider(catalog: &Catalog, address: &ProviderConfigAddr, span: Span) -> Diagnostic {
    let name = &*address.provider.0;
    Diagnostic::error(code::UNKNOWN_PROVIDER, format!("There is no provider `{name}`."))
        .at(span)
        .did_you_mean(name, catalog.provider_names())
}

/// Whether the provider configuration of a resource fits its type and is declared.
fn provider_of(
    catalog: &Catalog,
    module: &Module,
    type_name: &str,
    address: &ProviderConfigAddr,
    span: Span,
) -> Option<Diagnostic> {
    if catalog.provider(&address.provider.0).is_none() {
        return Some(unknown_provider(catalog, address, span));
    }
    let owner = catalog.provider_of(type_name)?;
    if owner != &*address.provider.0 {
        let detail = format!(
            "`{type_name}` belongs to the provider `{owner}`, not to `{}`.",
            address.provider
        );
        return Some(Diagnostic::error(code::META_ARGUMENT, detail).at(span));
    }
    if address.alias.is_some() && !module.providers.contains_key(address) {
        let declared: Vec<_> = module.providers.keys().map(ProviderConfigAddr::local).collect();
        let local = address.local();
        let detail = format!("There is no provider configuration `{local}`.");
        return Some(
            Diagnostic::error(code::REFERENCE, detail)
                .at(span)
                .did_you_mean(&local, declared.iter().map(String::as_str)),
        );
    }
    None
}

fn ignored(spec: &ResourceSpec, resource: &crate::config::ResourceDecl) -> Diagnostics {
    let crate::config::IgnoreChanges::Paths(paths) = &resource.lifecycle.ignore_changes else {
        return Diagnostics::default();
    };
    let unknown = paths.iter().filter_map(|(path, span)| {
        let name = path.root_attribute()?;
        spec.schema.attribute(name).is_none().then(|| {
            Diagnostic::error(
                code::UNKNOWN_ARGUMENT,
                format!("`{}` has no argument `{name}` to ignore.", spec.type_name),
            )
            .at(*span)
            .did_you_mean(name, spec.schema.attributes.iter().map(|attribute| attribute.name))
        })
    });
    unknown.collect()
}
