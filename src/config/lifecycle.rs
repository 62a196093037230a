//! The `lifecycle` block.

use std::sync::Arc;

use crate::addr::{Reference, ResourceMode};
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::syntax::{Block, Body, Expression, Kind, TraversalStep};
use crate::text::Span;
use crate::value::{Path, PathSegment};

use super::declaration::{IgnoreChanges, IgnoredPath, Lifecycle, OnExpiry};
use super::fields::{Fields, validation};
use super::meta;

/// Takes the `lifecycle` block out of a resource's body.
pub(super) fn take(body: &mut Body, mode: ResourceMode, problems: &mut Diagnostics) -> Lifecycle {
    let (mut blocks, others): (Vec<_>, Vec<_>) =
        std::mem::take(&mut body.blocks).into_iter().partition(|block| &*block.kind == "lifecycle");
    body.blocks = others;
    if let [first, second, ..] = blocks.as_slice() {
        problems.push(
            Diagnostic::error(code::DUPLICATE, "A resource has one `lifecycle` block.")
                .label(second.kind_span, "a second one here")
                .label(first.kind_span, "the first one here"),
        );
    }
    if blocks.is_empty() {
        Lifecycle::default()
    } else {
        decode(&blocks.swap_remove(0), mode, problems)
    }
}

/// What is only read is never made, changed or deleted: conditions are all that can be said of it.
fn refuse_for_data(block: &Block, problems: &mut Diagnostics) {
    for attribute in &block.body.attributes {
        problems.push(
            Diagnostic::error(
                code::META_ARGUMENT,
                format!("`{}` has no meaning for data, which is only read.", attribute.name),
            )
            .at(attribute.name_span)
            .help("remove this line"),
        );
    }
}

fn decode(block: &Block, mode: ResourceMode, problems: &mut Diagnostics) -> Lifecycle {
    let mut lifecycle = Lifecycle::default();
    if mode == ResourceMode::Data {
        refuse_for_data(block, problems);
        conditions(block, &mut lifecycle, problems);
        return lifecycle;
    }
    let mut fields = Fields::of(&block.body, problems);
    if let Some(attribute) = block.body.attribute("create_before_destroy") {
        let flag = fields.flag("create_before_destroy");
        lifecycle.create_before_destroy = flag.map(|flag| (flag, attribute.span));
    }
    lifecycle.on_expiry = on_expiry(&block.body, &mut fields);
    lifecycle.prevent_destroy =
        fields.take("prevent_destroy").map(|attribute| attribute.value.clone());
    if let Some(attribute) = fields.take("ignore_changes") {
        lifecycle.ignore_changes = ignore_changes(&attribute.value, fields.problems);
    }
    if let Some(attribute) = fields.take("replace_triggered_by") {
        match attribute.value.list_items() {
            Some(items) => {
                fields.problems.extend(items.iter().filter_map(malformed_trigger));
                lifecycle.replace_triggered_by = items.to_vec();
            }
            None => fields.problems.push(
                Diagnostic::error(code::META_ARGUMENT, "`replace_triggered_by` is a list.")
                    .at(attribute.value.span())
                    .help("write `replace_triggered_by = [TYPE.NAME.ATTRIBUTE]`"),
            ),
        }
    }
    fields.finish("lifecycle", &["precondition", "postcondition"]);
    conditions(block, &mut lifecycle, problems);
    lifecycle
}

fn on_expiry(body: &Body, fields: &mut Fields<'_>) -> Option<(OnExpiry, Span)> {
    let attribute = body.attribute("on_expiry")?;
    let text = fields.text("on_expiry")?;
    let found = OnExpiry::ALL.iter().find(|(word, _)| *word == &*text);
    if found.is_none() {
        let words = OnExpiry::ALL.map(|(word, _)| word);
        fields.problems.push(
            Diagnostic::error(
                code::META_ARGUMENT,
                format!(
                    "`on_expiry` is `\"recreate\"`, `\"forget\"` or `\"error\"`, not `\"{text}\"`."
                ),
            )
            .at(attribute.value.span())
            .did_you_mean(&text, words),
        );
    }
    found.map(|(_, policy)| (*policy, attribute.span))
}

/// What is wrong with a trigger as it stands: it leads to a managed resource, and only its key may
/// have to be evaluated.
fn malformed_trigger(trigger: &Expression) -> Option<Diagnostic> {
    (!is_trigger(trigger, true)).then(|| {
        Diagnostic::error(
            code::META_ARGUMENT,
            "`replace_triggered_by` names resources, instances or their attributes.",
        )
        .at(trigger.span())
        .help("write `TYPE.NAME`, `TYPE.NAME[KEY]` or `TYPE.NAME.ATTRIBUTE`")
    })
}

fn is_trigger(expression: &Expression, may_have_key: bool) -> bool {
    match expression.kind() {
        Kind::Reference(node) => {
            matches!(node.target, Ok(Reference::Resource { mode: ResourceMode::Managed, .. }))
        }
        Kind::Attribute(part) => is_trigger(&part.0, may_have_key),
        Kind::Index(part) => {
            let is_key = match part.1.kind() {
                Kind::Literal(_) => true,
                Kind::Reference(node) => {
                    may_have_key
                        && matches!(node.target, Ok(Reference::EachKey | Reference::CountIndex))
                }
                _ => false,
            };
            is_key && is_trigger(&part.0, may_have_key)
        }
        _ => false,
    }
}

fn conditions(block: &Block, lifecycle: &mut Lifecycle, problems: &mut Diagnostics) {
    for inner in &block.body.blocks {
        let conditions = match &*inner.kind {
            "precondition" => &mut lifecycle.preconditions,
            "postcondition" => &mut lifecycle.postconditions,
            _ => continue,
        };
        conditions.extend(problems.absorb(validation(inner)));
    }
}

fn ignore_changes(expression: &Expression, problems: &mut Diagnostics) -> IgnoreChanges {
    if expression.as_keyword() == Some("all") {
        return IgnoreChanges::All;
    }
    let malformed = |at: &Expression| {
        Diagnostic::error(code::META_ARGUMENT, "`ignore_changes` is a list of arguments, or `all`.")
            .at(at.span())
            .help("write `ignore_changes = [ARGUMENT]` or `ignore_changes = all`")
    };
    let Some(items) = expression.list_items() else {
        problems.push(malformed(expression));
        return IgnoreChanges::None;
    };
    let mut paths = Vec::new();
    for item in items {
        match path(&meta::without_quotes(item, problems)) {
            Some((path, is_key)) => {
                paths.push(IgnoredPath { path, is_key, span: item.span() });
            }
            None => problems.push(malformed(item)),
        }
    }
    IgnoreChanges::Paths(paths)
}

/// An argument or a part of it, and whether it ends in a text in brackets.
fn path(item: &Expression) -> Option<(Path, bool)> {
    let steps = item.as_traversal()?;
    let is_key = match steps.last() {
        Some(TraversalStep::Index { key, .. }) => key.as_str().is_some(),
        _ => false,
    };
    let segments = steps.into_iter().map(|step| match step {
        TraversalStep::Name { name, .. } => Some(PathSegment::Attribute(name)),
        TraversalStep::Index { key, .. } => match key.as_str() {
            Some(key) => Some(PathSegment::Attribute(Arc::from(key))),
            None => {
                let index = key.as_number()?.as_u64()?;
                Some(PathSegment::Index(usize::try_from(index).ok()?))
            }
        },
    });
    Some((Path(segments.collect::<Option<Vec<_>>>()?), is_key))
}
