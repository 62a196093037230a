//! From a reference to the declarations it leads to.

use std::sync::Arc;

use crate::addr::{LocalResource, ModulePath, Reference};
use crate::config::{CheckDecl, Config, Module, Repetition};
use crate::diag::{Diagnostic, code};
use crate::text::Span;

use super::Declaration;

/// Which of `each`, `count` and `self` an expression may use.
#[derive(Clone, Copy, Default)]
pub(super) struct Allowed {
    pub(super) each: bool,
    pub(super) count: bool,
    pub(super) this: bool,
}

impl Allowed {
    /// What a repetition lets expressions use.
    pub(super) fn by(repetition: &Repetition) -> Self {
        Self {
            each: matches!(repetition, Repetition::ForEach(_)),
            count: matches!(repetition, Repetition::Count(_)),
            this: false,
        }
    }
}

/// Where a reference stands.
#[derive(Clone, Copy)]
pub(super) struct Site<'a> {
    pub(super) config: &'a Config,
    pub(super) path: &'a ModulePath,
    pub(super) module: &'a Module,
    /// The check whose data may be named.
    pub(super) check: Option<&'a CheckDecl>,
    pub(super) allowed: Allowed,
}

/// What a reference leads to, by module: nothing where it names what no block declares.
pub(super) type Targets = Vec<(ModulePath, Declaration)>;

impl Site<'_> {
    /// What a reference leads to.
    pub(super) fn targets(&self, reference: &Reference, span: Span) -> Result<Targets, Diagnostic> {
        let module = self.module;
        let here = |declaration| Ok(vec![(self.path.clone(), declaration)]);
        match reference {
            Reference::Variable(name) if !module.variables.contains_key(name) => {
                Err(missing("variable", name, module.variables.keys(), span)
                    .help(format!("declare it: `variable \"{name}\" {{}}`")))
            }
            Reference::Local(name) if !module.locals.contains_key(name) => {
                Err(missing("local value", name, module.locals.keys(), span))
            }
            Reference::Variable(name) => here(Declaration::Variable(Arc::clone(name))),
            Reference::Local(name) => here(Declaration::Local(Arc::clone(name))),
            Reference::Resource { mode, type_name, name } => {
                let resource = LocalResource {
                    mode: *mode,
                    type_name: type_name.clone(),
                    name: Arc::clone(name),
                };
                let own = self.check.and_then(|check| check.data.as_ref());
                if own.is_some_and(|data| data.address == resource) {
                    Ok(Targets::new())
                } else if module.resources.contains_key(&resource) {
                    here(Declaration::Resource(resource))
                } else {
                    Err(self.no_resource(&resource, span))
                }
            }
            Reference::Module { name, output, keyed } => {
                self.module_targets(name, output.as_ref(), *keyed, span)
            }
            Reference::EachKey | Reference::EachValue => {
                only("each", "in blocks with `for_each`", self.allowed.each, span)
            }
            Reference::CountIndex => {
                only("count.index", "in blocks with `count`", self.allowed.count, span)
            }
            Reference::SelfObject => only("self", "in postconditions", self.allowed.this, span),
            Reference::Output(name) => {
                Err(missing("output that can be referred to", name, [].iter(), span))
            }
            Reference::Path(_) | Reference::Terraform(_) => Ok(Targets::new()),
        }
    }

    fn module_targets(
        &self,
        name: &Arc<str>,
        output: Option<&Arc<str>>,
        keyed: bool,
        span: Span,
    ) -> Result<Targets, Diagnostic> {
        let Some(call) = self.module.calls.get(name) else {
            return Err(missing("module", name, self.module.calls.keys(), span));
        };
        let child = self.path.child(name);
        let mut targets = vec![(self.path.clone(), Declaration::Call(Arc::clone(name)))];
        let Some(called) = self.config.module(&child) else { return Ok(targets) };
        let single = matches!(call.repetition, Repetition::Single);
        if output.is_some() && !keyed && matches!(call.repetition, Repetition::Count(_)) {
            let what = format!("module.{name}");
            return instances_of(&what, &call.repetition, span).map_or(Ok(targets), Err);
        }
        // Without a key, the word behind a module with `for_each` is itself one.
        match output.filter(|_| single != keyed) {
            Some(output) if called.outputs.contains_key(output) => {
                targets.push((child, Declaration::Output(Arc::clone(output))));
            }
            Some(output) => {
                let what = format!("output of `module.{name}` called");
                return Err(missing(&what, output, called.outputs.keys(), span));
            }
            None => targets.extend(
                called
                    .outputs
                    .keys()
                    .map(|output| (child.clone(), Declaration::Output(Arc::clone(output)))),
            ),
        }
        Ok(targets)
    }

    fn no_resource(&self, resource: &LocalResource, span: Span) -> Diagnostic {
        let names: Vec<String> = self.module.resources.keys().map(ToString::to_string).collect();
        let text = resource.to_string();
        let place =
            if self.path.is_root() { String::new() } else { format!(" in `{}`", self.path) };
        Diagnostic::error(code::REFERENCE, format!("There is no resource `{text}`{place}."))
            .at(span)
            .did_you_mean(&text, names.iter().map(String::as_str))
    }
}

/// What is wrong with an attribute of something that has instances.
pub(super) fn instances_of(what: &str, repetition: &Repetition, span: Span) -> Option<Diagnostic> {
    let (word, key) = match repetition {
        Repetition::Single => return None,
        Repetition::Count(_) => ("count", "count.index"),
        Repetition::ForEach(_) => ("for_each", "each.key"),
    };
    let detail = format!("`{what}` has `{word}`: attributes are those of one of its instances.");
    Some(
        Diagnostic::error(code::ATTRIBUTE_ACCESS, detail).at(span).help(format!(
            "name one, such as `{what}[{key}]`, or all of them with a splat or `for`"
        )),
    )
}

fn missing<'n>(
    kind: &str,
    name: &str,
    names: impl Iterator<Item = &'n Arc<str>>,
    span: Span,
) -> Diagnostic {
    Diagnostic::error(code::REFERENCE, format!("There is no {kind} `{name}`."))
        .at(span)
        .did_you_mean(name, names.map(|name| &**name))
}

fn only(word: &str, place: &str, allowed: bool, span: Span) -> Result<Targets, Diagnostic> {
    if allowed {
        return Ok(Targets::new());
    }
    let detail = format!("`{word}` has a meaning only {place}.");
    Err(Diagnostic::error(code::NOT_ALLOWED_HERE, detail).at(span))
}
