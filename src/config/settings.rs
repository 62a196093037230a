//! The `terraform` and `snapform` blocks.

use crate::diag::{Diagnostic, Diagnostics, code};
use crate::syntax::Block;
use crate::text::Span;

use super::declaration::{RequiredVersion, Settings, Tool};
use super::fields::{labels, must_be_literal};
use super::meta;

/// Takes in one block. Of `required_providers` only `configuration_aliases` means something:
/// providers are built in.
pub(super) fn decode(block: &Block, settings: &mut Settings) -> Result<(), Diagnostics> {
    labels::<0>(block, [])?;
    let mut problems = Diagnostics::default();
    for attribute in &block.body.attributes {
        match &*attribute.name {
            "required_version" => match attribute.value.as_literal_string() {
                Some(constraint) => settings.required_versions.push(RequiredVersion {
                    tool: if &*block.kind == "snapform" { Tool::Snapform } else { Tool::Terraform },
                    constraint,
                    span: attribute.value.span(),
                }),
                None => problems.push(must_be_literal(attribute, "a text in quotation marks")),
            },
            other => problems.push(
                Diagnostic::error(
                    code::UNKNOWN_ARGUMENT,
                    format!("`{}` blocks have no argument `{other}`.", block.kind),
                )
                .at(attribute.name_span)
                .did_you_mean(other, ["required_version"]),
            ),
        }
    }
    for inner in &block.body.blocks {
        match &*inner.kind {
            "required_providers" => aliases(inner, settings, &mut problems),
            "backend" | "cloud" => problems.push(
                Diagnostic::error(
                    code::UNSUPPORTED,
                    format!("`{}` blocks are not supported by this version of snapform: state is kept in local files.", inner.kind),
                )
                .at(inner.header),
            ),
            other => problems.push(
                Diagnostic::error(
                    code::UNKNOWN_BLOCK,
                    format!("`{}` blocks hold no `{other}` blocks.", block.kind),
                )
                .at(inner.kind_span)
                .did_you_mean(other, ["required_providers", "backend"]),
            ),
        }
    }
    problems.into_result(())
}

fn not_a_requirement(place: Span) -> Diagnostic {
    let detail = "A provider is required by its `source`, `version` and `configuration_aliases`.";
    Diagnostic::error(code::META_ARGUMENT, detail)
        .at(place)
        .help("settings belong into a `provider` block")
}

/// The configurations with an alias that whoever calls the module must hand in.
fn aliases(block: &Block, settings: &mut Settings, problems: &mut Diagnostics) {
    for provider in &block.body.attributes {
        let Some(items) = provider.value.object_items() else {
            if provider.value.as_literal_string().is_none() {
                problems.push(not_a_requirement(provider.value.span()));
            }
            continue;
        };
        for item in items {
            let known = ["source", "version", "configuration_aliases"];
            let name = item.key.as_literal_string();
            if name.is_none_or(|name| !known.contains(&&*name)) {
                problems.push(not_a_requirement(item.key.span()));
            }
        }
        let named = items
            .iter()
            .find(|item| item.key.as_literal_string().as_deref() == Some("configuration_aliases"));
        let Some(named) = named else { continue };
        let Some(names) = named.value.list_items() else {
            problems.push(
                Diagnostic::error(code::META_ARGUMENT, "`configuration_aliases` is a list.")
                    .at(named.value.span())
                    .help("write `configuration_aliases = [NAME.ALIAS]`"),
            );
            continue;
        };
        let names = names.iter().filter_map(|name| problems.absorb(meta::local_provider(name)));
        settings.configuration_aliases.extend(names);
    }
}
