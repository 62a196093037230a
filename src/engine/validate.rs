//! Everything that can be checked without state and without a network.

use std::sync::Arc;

use crate::addr::ProviderConfigAddr;
use crate::config::Module;
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::sdk::ResourceSpec;
use crate::text::Span;

use super::variables::check_defaults;
use super::{Catalog, Declarations, arguments};

/// Checks every declaration of a module against the schemas, and all references. Problems of the
/// whole module at once.
pub fn validate(catalog: &Catalog, module: &Module) -> Result<Declarations, Diagnostics> {
    let mut problems = Diagnostics::default();
    for (version, span) in &module.settings.required_versions {
        problems.extend(required_version(version, *span));
    }
    problems.extend(check_defaults(module));
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

/// Checks a version constraint such as `>= 0.1, < 2.0.0` against this version.
fn required_version(constraint: &Arc<str>, span: Span) -> Option<Diagnostic> {
    let malformed = || {
        Diagnostic::error(
            code::REQUIRED_VERSION,
            format!("`{constraint}` is not a version constraint."),
        )
        .at(span)
        .help("write for instance `>= 0.1.0, < 2.0.0` or `~> 0.1`")
    };
    let ours = numbers(env!("CARGO_PKG_VERSION"))?;
    for part in constraint.split(',').map(str::trim) {
        let end = part.find(|character: char| character.is_ascii_digit()).unwrap_or(part.len());
        let (operator, version) = part.split_at(end);
        let Some(version) = numbers(version) else { return Some(malformed()) };
        let holds = match operator.trim() {
            "" | "=" => padded(&ours) == padded(&version),
            "!=" => padded(&ours) != padded(&version),
            ">" => padded(&ours) > padded(&version),
            ">=" => padded(&ours) >= padded(&version),
            "<" => padded(&ours) < padded(&version),
            "<=" => padded(&ours) <= padded(&version),
            "~>" => {
                let kept = version.len().saturating_sub(1).max(1);
                padded(&ours) >= padded(&version) && ours.get(..kept) == version.get(..kept)
            }
            _ => return Some(malformed()),
        };
        if !holds {
            let detail = format!(
                "This is snapform {}, and the configuration asks for {constraint}.",
                env!("CARGO_PKG_VERSION")
            );
            return Some(Diagnostic::error(code::REQUIRED_VERSION, detail).at(span));
        }
    }
    None
}

fn numbers(version: &str) -> Option<Vec<u64>> {
    version.trim().split('.').map(|part| part.parse().ok()).collect()
}

fn padded(version: &[u64]) -> [u64; 3] {
    let part = |index| version.get(index).copied().unwrap_or_default();
    [part(0), part(1), part(2)]
}
