//! Meta-arguments: what every resource may say besides its type's own arguments.

use std::sync::Arc;

use crate::addr::{
    InstanceKey, LocalProvider, LocalResource, ModuleInstance, ModuleStep, ProviderName, Reference,
    ResourceAddr, Target,
};
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::syntax::{Attribute, Body, Expression, TraversalStep};
use crate::text::Span;
use crate::value::Value;

use super::declaration::Repetition;

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
    address: &LocalResource,
    problems: &mut Diagnostics,
) -> (LocalProvider, Option<Span>) {
    let implied = LocalProvider::default_of(address.type_name.provider_word());
    let Some(attribute) = take(body, "provider") else { return (implied, None) };
    let span = attribute.value.span();
    if attribute.value.as_literal_string().is_some() {
        problems.push(quoted(span));
    }
    let named = problems.absorb(local_provider(&attribute.value));
    (named.unwrap_or(implied), Some(span))
}

/// A reference that stands in quotation marks, which are not needed.
fn quoted(span: Span) -> Diagnostic {
    Diagnostic::warning(
        code::QUOTED_REFERENCE,
        "What is meant here is a reference, and quotation marks make a text of it.",
    )
    .at(span)
    .help("remove the quotation marks")
}

/// The reference that an expression is, also where it stands in quotation marks.
pub(super) fn without_quotes(expression: &Expression, problems: &mut Diagnostics) -> Expression {
    match expression.unquoted() {
        Some(meant) => {
            problems.push(quoted(expression.span()));
            meant
        }
        None => expression.clone(),
    }
}

/// A provider configuration, written as `NAME` or `NAME.ALIAS`; quotation marks are as good.
pub(super) fn local_provider(expression: &Expression) -> Result<LocalProvider, Diagnostics> {
    let malformed = || {
        Diagnostic::error(
            code::META_ARGUMENT,
            "Only the name of a provider configuration may stand here.",
        )
        .at(expression.span())
        .help("write `NAME` or `NAME.ALIAS`")
    };
    let text = match expression.as_literal_string() {
        Some(text) => text.to_string(),
        None => names(expression).ok_or_else(malformed)?.join("."),
    };
    let names: Vec<Arc<str>> = text.split('.').map(Arc::from).collect();
    match names.as_slice() {
        [name] => Ok(LocalProvider::default_of(Arc::clone(name))),
        [name, alias] => Ok(LocalProvider {
            provider: ProviderName(Arc::clone(name)),
            alias: Some(Arc::clone(alias)),
        }),
        _ => Err(malformed().into()),
    }
}

/// The words of a traversal that has no keys.
fn names(expression: &Expression) -> Option<Vec<Arc<str>>> {
    let steps = expression.as_traversal()?.into_iter();
    let names = steps.map(|step| match step {
        TraversalStep::Name { name, .. } => Some(name),
        TraversalStep::Index { .. } => None,
    });
    names.collect()
}

/// What a `depends_on` list names.
pub(super) fn depends_on(list: &Expression, problems: &mut Diagnostics) -> Vec<(Reference, Span)> {
    let mut needed = Vec::new();
    let Some(items) = list.list_items() else {
        let detail = "`depends_on` is a list of resources and modules.";
        problems.push(
            Diagnostic::error(code::META_ARGUMENT, detail)
                .at(list.span())
                .help("write `depends_on = [TYPE.NAME]`"),
        );
        return needed;
    };
    for item in items {
        let item = without_quotes(item, problems);
        let steps = item.as_traversal();
        let references = steps.as_ref().map(|_| item.references());
        match references.as_deref() {
            Some([(reference, span)])
                if may_be_waited_for(reference)
                    && steps.is_some_and(|steps| is_whole(reference, &steps)) =>
            {
                needed.push((whole(reference), *span));
            }
            _ => problems.push(
                Diagnostic::error(
                    code::META_ARGUMENT,
                    "Only the address of a resource or a module may stand here.",
                )
                .at(item.span())
                .help("write `TYPE.NAME` or `module.NAME`, without quotation marks"),
            ),
        }
    }
    needed
}

/// Whether the words of a reference, and perhaps a key behind them, are all there is: what waits for
/// an attribute waits for its object.
fn is_whole(reference: &Reference, steps: &[TraversalStep]) -> bool {
    let words = match reference {
        Reference::Resource { mode: crate::addr::ResourceMode::Data, .. } => 3,
        _ if matches!(steps.first(), Some(step) if is_word(step, "resource")) => 3,
        _ => 2,
    };
    match steps.get(words..) {
        Some([]) => true,
        Some([TraversalStep::Index { .. }]) => {
            matches!(reference, Reference::Resource { .. } | Reference::Module { .. })
        }
        _ => false,
    }
}

fn may_be_waited_for(reference: &Reference) -> bool {
    matches!(
        reference,
        Reference::Resource { .. }
            | Reference::Module { .. }
            | Reference::Variable(_)
            | Reference::Local(_)
    )
}

/// A module with everything in it, also where an output is named.
fn whole(reference: &Reference) -> Reference {
    match reference {
        Reference::Module { name, .. } => {
            Reference::Module { name: Arc::clone(name), output: None, keyed: false }
        }
        other => other.clone(),
    }
}

/// The address of a module, resource or instance, written without quotation marks.
pub(super) fn target(expression: &Expression) -> Result<Target, Diagnostics> {
    let malformed = || {
        Diagnostics::from(
            Diagnostic::error(
                code::META_ARGUMENT,
                "Only the address of a resource, an instance or a module may stand here.",
            )
            .at(expression.span())
            .help("write `TYPE.NAME`, `TYPE.NAME[KEY]` or `module.NAME`, without quotation marks"),
        )
    };
    let steps = expression.as_traversal().ok_or_else(malformed)?;
    let mut steps = steps.into_iter().peekable();
    let mut way = Vec::new();
    while steps.next_if(|step| is_word(step, "module")).is_some() {
        let name = name_of(steps.next()).ok_or_else(malformed)?;
        way.push(ModuleStep { name, key: key_of(&mut steps).ok_or_else(malformed)? });
    }
    let module = ModuleInstance(way.into());
    if steps.peek().is_none() && !module.is_root() {
        return Ok(Target::Module(module));
    }
    let is_data = steps.next_if(|step| is_word(step, "data")).is_some();
    let type_name = name_of(steps.next()).ok_or_else(malformed)?;
    let name = name_of(steps.next()).ok_or_else(malformed)?;
    let no_type = ["var", "local", "each", "count", "path", "self", "terraform"];
    let key = key_of(&mut steps).ok_or_else(malformed)?;
    if steps.next().is_some() || no_type.contains(&&*type_name) {
        return Err(malformed());
    }
    let local = if is_data {
        LocalResource::data(type_name, name)
    } else {
        LocalResource::managed(type_name, name)
    };
    let resource = ResourceAddr { module, local };
    Ok(match key {
        InstanceKey::None => Target::Resource(resource),
        key => Target::Instance(resource.instance(key)),
    })
}

type Steps = std::iter::Peekable<std::vec::IntoIter<TraversalStep>>;

fn is_word(step: &TraversalStep, word: &str) -> bool {
    matches!(step, TraversalStep::Name { name, .. } if &**name == word)
}

fn name_of(step: Option<TraversalStep>) -> Option<Arc<str>> {
    match step {
        Some(TraversalStep::Name { name, .. }) => Some(name),
        _ => None,
    }
}

/// The key that follows, if one does; `None` where it is no key.
fn key_of(steps: &mut Steps) -> Option<InstanceKey> {
    match steps.next_if(|step| matches!(step, TraversalStep::Index { .. })) {
        Some(TraversalStep::Index { key, .. }) => instance_key(&key),
        _ => Some(InstanceKey::None),
    }
}

/// A text or a position as the key of an instance.
fn instance_key(key: &Value) -> Option<InstanceKey> {
    match key.as_str() {
        Some(name) => Some(InstanceKey::Name(name.into())),
        None => key.as_number()?.as_u64().map(InstanceKey::Index),
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
