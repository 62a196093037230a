//! The `module` block.

use std::sync::Arc;

use crate::diag::{Diagnostic, Diagnostics, code};
use crate::syntax::{Block, Expression};

use super::declaration::{ModuleCall, PassedProvider};
use super::fields::{labels, must_be_literal, no_blocks};
use super::meta;

/// A `module` block; what is no meta-argument is the value of a variable. There is none without a
/// source.
pub(super) fn decode(mut block: Block, problems: &mut Diagnostics) -> Option<ModuleCall> {
    let [name] = problems.absorb(labels(&block, ["NAME"]))?;
    let body = &mut block.body;
    let source = meta::take(body, "source");
    if source.is_none() {
        problems.push(
            Diagnostic::error(code::MISSING_ARGUMENT, "`source` is required here.")
                .at(block.header)
                .help("write `source = \"./FOLDER\"`"),
        );
    }
    if let Some(version) = meta::take(body, "version") {
        problems.push(
            Diagnostic::error(
                code::UNSUPPORTED,
                "Modules are read from local folders, which have no versions.",
            )
            .at(version.name_span)
            .help("remove `version`; what the repository holds is the version"),
        );
    }
    let repetition = meta::repetition(body, problems);
    let providers = meta::take(body, "providers")
        .and_then(|attribute| problems.absorb(passed_providers(&attribute.value)))
        .unwrap_or_default();
    let depends_on = meta::take(body, "depends_on")
        .map(|attribute| meta::depends_on(&attribute.value, problems))
        .unwrap_or_default();
    if let Err(found) = no_blocks(body, "module") {
        problems.extend(found);
    }
    let source_span = source.as_ref().map_or(block.header, |source| source.value.span());
    let source = source.and_then(|attribute| {
        attribute.value.as_literal_string().or_else(|| {
            problems.push(must_be_literal(&attribute, "a text in quotation marks"));
            None
        })
    });
    let source = source?;
    let arguments = block.body.attributes.into_iter();
    Some(ModuleCall {
        name,
        header: block.header,
        source,
        source_span,
        repetition,
        providers,
        depends_on,
        arguments: arguments.map(|attribute| (Arc::clone(&attribute.name), attribute)).collect(),
    })
}

/// The entries of `providers = { inner = outer }`.
fn passed_providers(map: &Expression) -> Result<Vec<PassedProvider>, Diagnostics> {
    let Some(items) = map.object_items() else {
        let detail = "`providers` maps the module's names of provider configurations to ours.";
        return Err(Diagnostic::error(code::META_ARGUMENT, detail)
            .at(map.span())
            .help("write `providers = { NAME = NAME.ALIAS }`")
            .into());
    };
    let mut problems = Diagnostics::default();
    let mut passed: Vec<PassedProvider> = Vec::new();
    for item in items {
        let inner = problems.absorb(meta::local_provider(&item.key));
        let outer = problems.absorb(meta::local_provider(&item.value));
        let (Some(inner), Some(outer)) = (inner, outer) else { continue };
        let span = item.key.span().to(item.value.span());
        if inner.provider != outer.provider {
            problems.push(
                Diagnostic::error(
                    code::META_ARGUMENT,
                    format!("`{inner}` and `{outer}` are configurations of different providers."),
                )
                .at(span),
            );
        } else if let Some(first) = passed.iter().find(|passed| passed.inner == inner) {
            problems.push(
                Diagnostic::error(code::DUPLICATE, format!("`{inner}` is handed in twice."))
                    .label(span, "again here")
                    .label(first.span, "first here"),
            );
        } else {
            passed.push(PassedProvider { inner, outer, span });
        }
    }
    problems.into_result(passed)
}
