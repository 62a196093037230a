//! `import` blocks: objects that exist and are to be taken into the state.

use std::sync::Arc;

use crate::addr::{DeclaredResource, LocalResource, ModulePath};
use crate::syntax::{Expression, Kind};

/// The resource whose instance `to` names; keys do not matter.
pub(super) fn resource_of(to: &Expression) -> Option<DeclaredResource> {
    let mut names = Vec::new();
    words(to, &mut names)?;
    let mut way: Vec<Arc<str>> = Vec::new();
    let mut rest = names.as_slice();
    while let [module, name, after @ ..] = rest
        && &**module == "module"
    {
        way.push(Arc::clone(name));
        rest = after;
    }
    match rest {
        [type_name, name] => Some(DeclaredResource {
            module: ModulePath(way.into()),
            local: LocalResource::managed(Arc::clone(type_name), Arc::clone(name)),
        }),
        _ => None,
    }
}

/// The names along a traversal, keys left out.
fn words(expression: &Expression, names: &mut Vec<Arc<str>>) -> Option<()> {
    match expression.kind() {
        Kind::Reference(node) => names.extend(node.words.iter().map(|(word, _)| Arc::clone(word))),
        Kind::Attribute(part) => {
            words(&part.0, names)?;
            names.push(Arc::clone(&part.1));
        }
        Kind::Index(part) => words(&part.0, names)?,
        _ => return None,
    }
    Some(())
}
