//! `import` blocks: objects that exist and are to be taken into the state.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::addr::{
    DeclaredResource, InstanceAddr, InstanceKey, LocalResource, ModuleInstance, ModulePath,
    ModuleStep,
};
use crate::config::{Config, ImportDecl, Module, Repetition};
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::syntax::{Expression, Kind, TraversalStep};
use crate::value::{Type, Value};

use super::evaluate::Repeated;
use super::expand;
use super::frame::Frame;

/// One object to take in.
pub(super) struct Wanted {
    /// The instance it becomes.
    pub(super) address: InstanceAddr,
    /// What the vendor calls it.
    pub(super) id: String,
}

/// The blocks about a resource.
pub(super) fn of_resource<'m>(
    root: &'m Module,
    resource: &DeclaredResource,
) -> impl Iterator<Item = &'m ImportDecl> {
    root.imports.iter().filter(move |import| resource_of(&import.to).as_ref() == Some(resource))
}

/// Blocks that lead to nothing that is declared.
pub(super) fn check(config: &Config) -> Diagnostics {
    let mut problems = Diagnostics::default();
    for (path, found) in config.modules() {
        for import in &found.module.imports {
            let problem = |detail: String| Diagnostic::error(code::IMPORT, detail);
            if !path.is_root() {
                problems.push(
                    problem("Only the root module says what is imported.".to_owned())
                        .at(import.header)
                        .help("move this block there; `to` may name what is in modules"),
                );
                continue;
            }
            if let Some((_, span)) = &import.provider {
                problems.push(
                    problem(
                        "An import uses the provider configuration of its resource.".to_owned(),
                    )
                    .at(*span)
                    .help("take this line out"),
                );
            }
            let target = resource_of(&import.to);
            let declared = target.as_ref().is_some_and(|target| {
                let module = config.module(&target.module);
                module.is_some_and(|module| module.resources.contains_key(&target.local))
            });
            if !declared {
                let detail = match &target {
                    Some(target) => format!("There is no resource `{target}` to import into."),
                    None => "`to` is the address of a resource or an instance of one.".to_owned(),
                };
                problems.push(
                    problem(detail)
                        .at(import.to.span())
                        .help("declare the resource with the arguments that the object has")
                        .help("or let `snapform plan -generate-config-out=FILE` write it"),
                );
            }
            problems.extend(target.and_then(|target| wrong_key(config, &target, import)));
            problems.extend(no_id(import));
        }
        problems.extend(twice(&found.module.imports));
    }
    problems
}

/// A key where the resource has no such instances, or none where it has instances.
fn wrong_key(
    config: &Config,
    target: &DeclaredResource,
    import: &ImportDecl,
) -> Option<Diagnostic> {
    let declared = config.module(&target.module)?.resources.get(&target.local)?;
    let key = match import.to.kind() {
        Kind::Index(part) => Some(part.1.as_literal()),
        _ => None,
    };
    let text = |key: &Value| key.as_str().is_some();
    let detail = match (&declared.repetition, key) {
        (Repetition::Single, Some(_)) => "has neither `count` nor `for_each`, so it has no keys",
        (Repetition::Count(_), None) => "has `count`, so an instance of it has a number as its key",
        (Repetition::Count(_), Some(Some(key))) if text(key) => {
            "has `count`, so its keys are numbers"
        }
        (Repetition::ForEach(_), None) => {
            "has `for_each`, so an instance of it has a text as its key"
        }
        (Repetition::ForEach(_), Some(Some(key))) if !text(key) => {
            "has `for_each`, so its keys are texts"
        }
        _ => return None,
    };
    let problem = Diagnostic::error(code::IMPORT, format!("`{target}` {detail}."));
    Some(problem.at(import.to.span()).help("name the instance as the plan names it"))
}

/// An `id` that can be seen to be none.
fn no_id(import: &ImportDecl) -> Option<Diagnostic> {
    let literal = import.id.as_literal()?;
    (literal.is_null() || literal.as_str() == Some("")).then(|| empty_id(&import.id))
}

fn empty_id(id: &Expression) -> Diagnostic {
    Diagnostic::error(code::IMPORT, "`id` is empty.")
        .at(id.span())
        .help("write what the vendor calls the object")
}

/// An address without anything to evaluate, as it reads.
fn spelled(to: &Expression) -> Option<String> {
    let steps = to.as_traversal()?.into_iter().map(|step| match step {
        TraversalStep::Name { name, .. } => format!(".{name}"),
        TraversalStep::Index { key, .. } => match key.as_str() {
            Some(text) => format!("[{text:?}]"),
            None => format!("[{}]", key.as_number().map(ToString::to_string).unwrap_or_default()),
        },
    });
    Some(steps.collect::<String>().trim_start_matches('.').to_owned())
}

/// Blocks that name the same instance without having to evaluate anything.
fn twice(imports: &[ImportDecl]) -> Vec<Diagnostic> {
    let mut seen = BTreeMap::new();
    let fixed = imports.iter().filter_map(|import| Some((import, spelled(&import.to)?)));
    fixed
        .filter_map(|(import, target)| {
            let first = seen.entry(target.clone()).or_insert(import.header);
            (*first != import.header).then(|| {
                Diagnostic::error(code::IMPORT, format!("`{target}` is imported twice."))
                    .at(import.to.span())
                    .label(*first, "the first time here")
                    .help("keep one of the blocks")
            })
        })
        .collect()
}

/// What a block asks for.
pub(super) fn wanted(root: &Frame<'_>, import: &ImportDecl) -> Result<Vec<Wanted>, Diagnostics> {
    let repetition = import.for_each.clone().map_or(Repetition::Single, Repetition::ForEach);
    let expanded = expand::instances(root, &repetition)?;
    let mut problems = Diagnostics::default();
    let mut wanted = Vec::with_capacity(expanded.instances.len());
    for repeated in &expanded.instances {
        let address = problems.absorb(address(root, &import.to, repeated));
        let id = problems.absorb(id(root, &import.id, repeated));
        wanted.extend(address.zip(id).map(|(address, id)| Wanted { address, id }));
    }
    problems.into_result(wanted)
}

fn id(
    root: &Frame<'_>,
    expression: &Expression,
    repeated: &Repeated,
) -> Result<String, Diagnostics> {
    let value = root.evaluate_as(expression, &Type::String, repeated)?;
    let refuse = |code, detail: &str| {
        Err(Diagnostics::from(Diagnostic::error(code, detail).at(expression.span())))
    };
    if !value.is_known() {
        return refuse(
            code::UNKNOWN_NOT_ALLOWED,
            "The object is looked up while planning, and `id` is known after apply.",
        );
    }
    if value.deep_marks().is_hidden() {
        return refuse(
            code::SENSITIVE_NOT_ALLOWED,
            "The plan shows `id`, and this value is secret.",
        );
    }
    match value.as_str() {
        Some(id) if !id.is_empty() => Ok(id.to_owned()),
        _ => Err(empty_id(expression).into()),
    }
}

/// The instance that `to` names, its keys evaluated.
fn address(
    root: &Frame<'_>,
    to: &Expression,
    repeated: &Repeated,
) -> Result<InstanceAddr, Diagnostics> {
    let malformed = || {
        let detail = "`to` is the address of a resource or an instance of one.";
        Diagnostics::from(Diagnostic::error(code::IMPORT, detail).at(to.span()))
    };
    let mut parts: Vec<(Arc<str>, InstanceKey)> = Vec::new();
    collect(root, to, repeated, &mut parts)?;
    let mut module = ModuleInstance::root();
    let mut rest = parts.as_slice();
    while let [(word, InstanceKey::None), (name, key), after @ ..] = rest
        && **word == *"module"
    {
        let step = ModuleStep { name: Arc::clone(name), key: key.clone() };
        module = ModuleInstance(module.0.iter().cloned().chain([step]).collect());
        rest = after;
    }
    match rest {
        [(type_name, InstanceKey::None), (name, key)] => {
            let local = LocalResource::managed(Arc::clone(type_name), Arc::clone(name));
            Ok(local.within(&module).instance(key.clone()))
        }
        _ => Err(malformed()),
    }
}

/// The names along a traversal with the keys behind them.
fn collect(
    root: &Frame<'_>,
    expression: &Expression,
    repeated: &Repeated,
    parts: &mut Vec<(Arc<str>, InstanceKey)>,
) -> Result<(), Diagnostics> {
    let named = |name: &Arc<str>| (Arc::clone(name), InstanceKey::None);
    match expression.kind() {
        Kind::Reference(node) => parts.extend(node.words.iter().map(|(word, _)| named(word))),
        Kind::Attribute(part) => {
            collect(root, &part.0, repeated, parts)?;
            parts.push(named(&part.1));
        }
        Kind::Index(part) => {
            collect(root, &part.0, repeated, parts)?;
            let key = root.evaluate_for(&part.1, repeated)?;
            let key = key_of(&key).map_err(|reason| {
                let detail = format!("The key of an instance {reason}.");
                Diagnostics::from(
                    Diagnostic::error(code::IMPORT, detail)
                        .at(part.1.span())
                        .help("with `for_each` a key is a text, with `count` a whole number"),
                )
            })?;
            if let Some(last) = parts.last_mut() {
                last.1 = key;
            }
        }
        _ => {}
    }
    Ok(())
}

fn key_of(key: &Value) -> Result<InstanceKey, String> {
    if key.deep_marks().is_hidden() {
        return Err("is shown in the plan, and this value is secret".to_owned());
    }
    if !key.is_known() {
        return Err("must be known while planning, and this value is known after apply".to_owned());
    }
    if key.is_null() {
        return Err("cannot be null".to_owned());
    }
    if let Some(name) = key.as_str() {
        return Ok(InstanceKey::Name(name.into()));
    }
    match key.as_number() {
        Some(number) => number
            .as_u64()
            .map(InstanceKey::Index)
            .ok_or_else(|| format!("is a whole number from 0 up or a text, not {number}")),
        None => Err(format!("is a text or a number, not {}", key.ty().phrase())),
    }
}

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
