//! The `terraform` and `snapform` blocks.

use crate::diag::{Diagnostic, Diagnostics, code};
use crate::syntax::Block;

use super::declaration::{BackendDecl, RequiredVersion, Settings, Tool};
use super::fields::{labels, must_be_literal};
use super::requirements;

/// Takes in one block.
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
            "required_providers" => requirements::decode(inner, settings, &mut problems),
            "backend" => match backend(inner, settings.backend.as_ref()) {
                Ok(backend) => settings.backend = Some(backend),
                Err(found) => problems.extend(found),
            },
            "cloud" => problems.push(
                Diagnostic::error(
                    code::UNSUPPORTED,
                    "`cloud` blocks are not supported by snapform: no service runs plans.",
                )
                .at(inner.header)
                .help("say where the state is by a `backend` block"),
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

/// Where states are kept; once in a module.
fn backend(block: &Block, before: Option<&BackendDecl>) -> Result<BackendDecl, Diagnostics> {
    let [kind] = labels(block, ["TYPE"])?;
    if let Some(before) = before {
        let detail = "State is kept in one place: this is the second `backend` block.";
        return Err(Diagnostic::error(code::DUPLICATE, detail)
            .at(block.header)
            .label(before.header, "the first one")
            .into());
    }
    Ok(BackendDecl {
        kind,
        kind_span: block.labels.first().map_or(block.header, |label| label.span),
        body: block.body.clone(),
        header: block.header,
    })
}
