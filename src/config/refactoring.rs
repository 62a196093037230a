//! The blocks that tell what became of addresses: `moved`, `removed`, `import`.

use crate::addr::{InstanceKey, ResourceMode, Target};
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::syntax::{Block, Expression, Kind};

use super::declaration::{ImportDecl, MovedDecl, RemovedDecl};
use super::fields::{Fields, labels};
use super::meta;

/// A `moved` block.
pub(super) fn moved(block: &Block) -> Result<MovedDecl, Diagnostics> {
    labels::<0>(block, [])?;
    let mut problems = Diagnostics::default();
    let mut fields = Fields::of(&block.body, &mut problems);
    let from = fields.required("from", block.header);
    let to = fields.required("to", block.header);
    fields.finish("moved", &[]);
    let from = from.and_then(|from| problems.absorb(meta::target(&from)));
    let to = to.and_then(|to| problems.absorb(meta::target(&to)));
    let (Some(from), Some(to)) = (from, to) else { return Err(problems) };
    let of_module = |target: &Target| matches!(target, Target::Module(_));
    if of_module(&from) != of_module(&to) {
        problems.push(
            Diagnostic::error(
                code::META_ARGUMENT,
                format!("`{from}` cannot become `{to}`: one is a module, the other a resource."),
            )
            .at(block.header),
        );
    }
    problems.into_result(MovedDecl { from, to, header: block.header })
}

/// A `removed` block.
pub(super) fn removed(block: &Block) -> Result<RemovedDecl, Diagnostics> {
    labels::<0>(block, [])?;
    let mut problems = Diagnostics::default();
    let mut fields = Fields::of(&block.body, &mut problems);
    let from = fields.required("from", block.header);
    fields.finish("removed", &["lifecycle"]);
    let place = from.as_ref().map_or(block.header, Expression::span);
    let from = from.and_then(|from| problems.absorb(meta::target(&from)));
    if let Some(Target::Resource(named)) = &from
        && named.local.mode == ResourceMode::Data
    {
        problems.push(
            Diagnostic::error(code::META_ARGUMENT, "Data is only read, so none is ever removed.")
                .at(place)
                .help("take this block out"),
        );
    }
    if from.as_ref().is_some_and(has_key) {
        problems.push(
            Diagnostic::error(
                code::META_ARGUMENT,
                "`removed` is about a whole resource or module, not about one instance.",
            )
            .at(place)
            .help("leave the key out"),
        );
    }
    let mut destroy = true;
    for lifecycle in block.body.blocks_of("lifecycle") {
        let mut fields = Fields::of(&lifecycle.body, &mut problems);
        destroy = fields.flag("destroy").unwrap_or(true);
        fields.finish("lifecycle", &[]);
    }
    match from {
        Some(from) if !problems.has_errors() => {
            Ok(RemovedDecl { from, destroy, header: block.header })
        }
        _ => Err(problems),
    }
}

fn has_key(target: &Target) -> bool {
    let module = match target {
        Target::Module(module) => module,
        Target::Resource(resource) => &resource.module,
        Target::Instance(_) => return true,
    };
    module.0.iter().any(|step| step.key != InstanceKey::None)
}

/// Whether an expression begins as the address of something that is managed.
fn is_managed(to: &Expression) -> bool {
    match to.kind() {
        Kind::Reference(node) => node.words.first().is_some_and(|(word, _)| &**word != "data"),
        Kind::Attribute(part) => is_managed(&part.0),
        Kind::Index(part) => is_managed(&part.0),
        _ => false,
    }
}

/// An `import` block.
pub(super) fn import(block: &Block) -> Result<ImportDecl, Diagnostics> {
    labels::<0>(block, [])?;
    let mut problems = Diagnostics::default();
    let mut fields = Fields::of(&block.body, &mut problems);
    let to = fields.required("to", block.header);
    let id = fields.required("id", block.header);
    let for_each = fields.take("for_each").map(|attribute| attribute.value.clone());
    let provider = fields.take("provider").map(|attribute| attribute.value.clone());
    fields.finish("import", &[]);
    if let Some(to) = to.as_ref().filter(|to| !is_managed(to)) {
        problems.push(
            Diagnostic::error(
                code::META_ARGUMENT,
                "Only the address of a resource or of an instance of one may stand here.",
            )
            .at(to.span())
            .help("write `TYPE.NAME` or `TYPE.NAME[KEY]`, without quotation marks"),
        );
    }
    let provider = provider.and_then(|expression| {
        let named = problems.absorb(meta::local_provider(&expression))?;
        Some((named, expression.span()))
    });
    match (to, id) {
        (Some(to), Some(id)) if !problems.has_errors() => {
            Ok(ImportDecl { to, id, for_each, provider, header: block.header })
        }
        _ => Err(problems),
    }
}
