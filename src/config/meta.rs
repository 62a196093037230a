//! Meta-arguments: what every resource may say besides its type's own arguments.

use std::sync::Arc;

use crate::addr::{ProviderConfigAddr, ProviderName, ResourceAddr, ResourceMode};
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::syntax::{Attribute, Body, Expression, TraversalStep};
use crate::text::Span;

use super::declaration::Repetition;

/// The provider of a resource type whose first word is not its provider's name.
fn provider_of_type(address: &ResourceAddr) -> &str {
    address.type_name.provider_word()
}

/// Takes an attribute out of a body.
pub(super) fn take(body: &mut Body, name: &str) -> Option<Attribute> {
    let position = body.attributes.iter().position(|attribute| &*attribute.name == name)?;
    Some(body.attributes.remove(position))
}

/// Tells whether a text may be the name of a declaration.
pub(super) fn is_name(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(|first| first.is_alphabetic() || first == '_')
        && characters.all(|other| other.is_alphanumeric() || other == '_' || other == '-')
}

/// `count` or `for_each`.
pub(super) fn repetition(body: &mut Body, problems: &mut Diagnostics) -> Repetition {
    match (take(body, "count"), take(body, "for_each")) {
        (None, None) => Repetition::Single,
        (Some(count), None) => Repetition::Count(count.value),
        (None, Some(each)) => Repetition::ForEach(each.value),
        (Some(count), Some(each)) => {
            problems.push(
                Diagnostic::error(
                    code::META_ARGUMENT,
                    "`count` and `for_each` both say how many instances there are.",
                )
                .at(each.name_span)
                .label(count.name_span, "said here too")
                .help("keep one of them"),
            );
            Repetition::ForEach(each.value)
        }
    }
}

/// The provider configuration of a resource and where it is named.
pub(super) fn provider(
    body: &mut Body,
    address: &ResourceAddr,
    problems: &mut Diagnostics,
) -> (ProviderConfigAddr, Option<Span>) {
    let implied = ProviderConfigAddr::default_of(provider_of_type(address));
    let Some(attribute) = take(body, "provider") else { return (implied, None) };
    let span = attribute.value.span();
    let names: Option<Vec<Arc<str>>> = attribute.value.as_traversal().and_then(|steps| {
        let names = steps.into_iter().map(|step| match step {
            TraversalStep::Name { name, .. } => Some(name),
            TraversalStep::Index { .. } => None,
        });
        names.collect()
    });
    match names.as_deref() {
        Some([name]) => (ProviderConfigAddr::default_of(Arc::clone(name)), Some(span)),
        Some([name, alias]) => (
            ProviderConfigAddr {
                provider: ProviderName(Arc::clone(name)),
                alias: Some(Arc::clone(alias)),
            },
            Some(span),
        ),
        _ => {
            problems.push(
                Diagnostic::error(
                    code::META_ARGUMENT,
                    "`provider` names a provider configuration and nothing else.",
                )
                .at(span)
                .help("write `provider = NAME` or `provider = NAME.ALIAS`"),
            );
            (implied, Some(span))
        }
    }
}

/// The resources of a `depends_on` list.
pub(super) fn depends_on(list: &Expression) -> Result<Vec<(ResourceAddr, Span)>, Diagnostics> {
    let Some(items) = list.list_items() else {
        let detail = "`depends_on` is a list of resources.";
        return Err(Diagnostic::error(code::META_ARGUMENT, detail)
            .at(list.span())
            .help("write `depends_on = [TYPE.NAME]`")
            .into());
    };
    let mut problems = Diagnostics::default();
    let mut resources = Vec::new();
    for item in items {
        let resource = problems.absorb(resource_address(item));
        resources.extend(resource.map(|resource| (resource, item.span())));
    }
    problems.into_result(resources)
}

/// A resource, written as a bare address; a key behind it counts for all instances.
pub(super) fn resource_address(expression: &Expression) -> Result<ResourceAddr, Diagnostics> {
    let malformed = || {
        Diagnostics::from(
            Diagnostic::error(
                code::META_ARGUMENT,
                "Only the address of a resource may stand here.",
            )
            .at(expression.span())
            .help("write `TYPE.NAME`, without quotation marks"),
        )
    };
    let steps = expression.as_traversal().ok_or_else(malformed)?;
    let mut names = Vec::new();
    for step in &steps {
        match step {
            TraversalStep::Name { name, .. } => names.push(Arc::clone(name)),
            TraversalStep::Index { .. } if names.len() >= 2 => break,
            TraversalStep::Index { .. } => return Err(malformed()),
        }
    }
    match names.as_slice() {
        [data, type_name, name, ..] if &**data == "data" => Ok(ResourceAddr {
            mode: ResourceMode::Data,
            ..ResourceAddr::managed(Arc::clone(type_name), Arc::clone(name))
        }),
        [type_name, name, ..]
            if !matches!(&**type_name, "var" | "local" | "module" | "each" | "count" | "path") =>
        {
            Ok(ResourceAddr::managed(Arc::clone(type_name), Arc::clone(name)))
        }
        _ => Err(malformed()),
    }
}

/// Provisioners run programs, which snapform does not.
pub(super) fn refuse_provisioners(body: &mut Body, problems: &mut Diagnostics) {
    for kind in ["provisioner", "connection"] {
        for block in body.blocks_of(kind) {
            problems.push(
                Diagnostic::error(
                    code::UNSUPPORTED,
                    format!("`{kind}` blocks are not supported: snapform runs no programs."),
                )
                .at(block.kind_span),
            );
        }
    }
    body.blocks.retain(|block| !matches!(&*block.kind, "provisioner" | "connection"));
}
