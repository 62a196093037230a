//! One module instance: what its expressions refer to.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use crate::addr::{InstanceKey, LocalResource, ModuleInstance, Reference};
use crate::config::{ConfigModule, Module, Repetition};
use crate::diag::{Diagnostic, Diagnostics, Involved, code};
use crate::lang::{Evaluator, Scope};
use crate::syntax::Expression;
use crate::text::Span;
use crate::value::{Marks, Type, Value};

use super::evaluate::{Evaluation, Expanded, Repeated, aggregate};
use super::{expand, outputs, variables};

/// A module instance at work. Cheap to clone.
#[derive(Clone)]
pub(super) struct Frame<'e> {
    pub(super) evaluation: &'e Evaluation<'e>,
    /// Its address.
    pub(super) address: ModuleInstance,
    /// What its module declares.
    pub(super) module: &'e Module,
    folder: &'e str,
    kept: Rc<Kept>,
}

/// What was evaluated in one module instance.
#[derive(Default)]
pub(super) struct Kept {
    variables: RefCell<Values>,
    locals: RefCell<Values>,
    outputs: RefCell<Values>,
    objects: RefCell<BTreeMap<LocalResource, Value>>,
    calls: RefCell<Calls>,
}

/// Values with the generation they belong to.
type Values = BTreeMap<Arc<str>, (u64, Value)>;

/// The instances of module calls with the generation they belong to.
type Calls = BTreeMap<Arc<str>, (u64, Rc<Expanded>)>;

/// The generation of what can never change.
const FOR_EVER: u64 = u64::MAX;

/// Stack that one more reference on the way may take, and how much more is taken where less is
/// left: chains of references may be as long as there are declarations.
const RED_ZONE: usize = 256 * 1024;
const MORE_STACK: usize = 8 * 1024 * 1024;

impl<'e> Frame<'e> {
    pub(super) fn new(
        evaluation: &'e Evaluation<'e>,
        address: ModuleInstance,
        found: &'e ConfigModule,
        kept: Rc<Kept>,
    ) -> Self {
        Self { evaluation, address, module: &found.module, folder: &found.folder, kept }
    }

    /// Evaluates an expression outside any instance of a resource.
    pub(super) fn evaluate(&self, expression: &Expression) -> Result<Value, Diagnostics> {
        self.evaluate_for(expression, &Repeated::default())
    }

    /// Evaluates an expression for one instance.
    pub(super) fn evaluate_for(
        &self,
        expression: &Expression,
        repeated: &Repeated,
    ) -> Result<Value, Diagnostics> {
        let scope = InstanceScope { frame: self, repeated };
        Evaluator::new(&scope, self.evaluation.environment())
            .evaluate_with(expression, &repeated.iterators)
    }

    /// Evaluates an expression for one instance and converts its value.
    pub(super) fn evaluate_as(
        &self,
        expression: &Expression,
        ty: &Type,
        repeated: &Repeated,
    ) -> Result<Value, Diagnostics> {
        let scope = InstanceScope { frame: self, repeated };
        Evaluator::new(&scope, self.evaluation.environment()).evaluate_as_with(
            expression,
            ty,
            &repeated.iterators,
        )
    }

    /// Evaluates an expression with the functions that only the console offers.
    pub(super) fn evaluate_at_console(
        &self,
        expression: &Expression,
    ) -> Result<Value, Diagnostics> {
        let scope = InstanceScope { frame: self, repeated: &Repeated::default() };
        Evaluator::new(&scope, self.evaluation.environment()).for_console().evaluate(expression)
    }

    /// What had a part in the value of an expression.
    pub(super) fn involved(&self, expression: &Expression, repeated: &Repeated) -> Involved {
        let scope = InstanceScope { frame: self, repeated };
        Evaluator::new(&scope, self.evaluation.environment())
            .involved(expression, &repeated.iterators)
    }

    /// The value of a variable: for the root module as it was given, otherwise as the caller's
    /// argument says.
    pub(super) fn variable(&self, name: &Arc<str>) -> Result<Value, Diagnostics> {
        let Some((caller, step)) = self.address.parent() else {
            let given = self.evaluation.variables.get(name).cloned();
            return Ok(given.unwrap_or_else(|| Value::unknown(Type::Any)));
        };
        self.kept(&self.kept.variables, name, || {
            let Some(declared) = self.module.variables.get(name) else {
                return Ok(Value::unknown(Type::Any));
            };
            let caller = self.evaluation.inside(&caller);
            let argument = caller.as_ref().and_then(|caller| {
                let call = caller.module.calls.get(&step.name)?;
                Some((caller, call.arguments.get(name)?))
            });
            let Some((caller, argument)) = argument else { return variables::default(declared) };
            let repeated = caller
                .expanded(&step.name)
                .and_then(|expanded| expanded.get(&step.key).cloned())
                .unwrap_or_default();
            let value = caller.evaluate_for(&argument.value, &repeated)?;
            variables::passed(declared, value, argument.value.span())
        })
    }

    /// The value of a local value.
    pub(super) fn local(&self, name: &Arc<str>) -> Result<Value, Diagnostics> {
        self.kept(&self.kept.locals, name, || match self.module.locals.get(name) {
            Some(local) => self.evaluate(&local.value),
            None => Ok(Value::unknown(Type::Any)),
        })
    }

    /// The value of an output.
    pub(super) fn output(&self, name: &Arc<str>) -> Result<Value, Diagnostics> {
        self.kept(&self.kept.outputs, name, || match self.module.outputs.get(name) {
            Some(output) => outputs::value(self, output),
            None => Ok(Value::unknown(Type::Any)),
        })
    }

    fn kept(
        &self,
        values: &RefCell<Values>,
        name: &Arc<str>,
        make: impl FnOnce() -> Result<Value, Diagnostics>,
    ) -> Result<Value, Diagnostics> {
        let now = self.evaluation.generation();
        if let Some((generation, value)) = values.borrow().get(name)
            && (*generation == now || *generation == FOR_EVER)
        {
            return Ok(value.clone());
        }
        let value = stacker::maybe_grow(RED_ZONE, MORE_STACK, make)?;
        // What is known keeps its value: objects come out as planned, and `uuid()` is told once.
        let until = if value.is_wholly_known() { FOR_EVER } else { now };
        values.borrow_mut().insert(Arc::clone(name), (until, value.clone()));
        Ok(value)
    }

    /// Notes a variable, local value or output that could not be evaluated, so that its users do
    /// not fail as well.
    pub(super) fn give_up(&self, what: Named, name: &Arc<str>) {
        let values = match what {
            Named::Variable => &self.kept.variables,
            Named::Local => &self.kept.locals,
            Named::Output => &self.kept.outputs,
        };
        let nothing = (FOR_EVER, Value::unknown(Type::Any));
        values.borrow_mut().insert(Arc::clone(name), nothing);
    }

    /// The instances of the module that a call leads to; `None` where they could not be told.
    pub(super) fn expanded(&self, call: &Arc<str>) -> Option<Rc<Expanded>> {
        let now = self.evaluation.generation();
        if let Some((generation, expanded)) = self.kept.calls.borrow().get(call)
            && (*generation == now || *generation == FOR_EVER)
        {
            return Some(Rc::clone(expanded));
        }
        self.expand(call).ok()
    }

    /// Finds the instances of the module that a call leads to.
    pub(super) fn expand(&self, call: &Arc<str>) -> Result<Rc<Expanded>, Diagnostics> {
        let Some(declared) = self.module.calls.get(call) else { return Ok(Rc::default()) };
        let expanded = Rc::new(expand::instances(self, &declared.repetition)?);
        let until = if expanded.is_settled() { FOR_EVER } else { self.evaluation.generation() };
        self.kept.calls.borrow_mut().insert(Arc::clone(call), (until, Rc::clone(&expanded)));
        Ok(expanded)
    }

    /// Takes one instance of a call for all, where they cannot be told.
    pub(super) fn assume(&self, call: &Arc<str>, repetition: &Repetition) {
        let assumed = Rc::new(Expanded::assume(repetition));
        self.kept.calls.borrow_mut().insert(Arc::clone(call), (FOR_EVER, assumed));
    }

    /// What references to a resource stand for.
    pub(super) fn set_resource(&self, resource: &LocalResource, value: Value) {
        self.kept.objects.borrow_mut().insert(resource.clone(), value);
    }

    /// What a reference to a resource stands for; nothing was told of it where it has no instances.
    fn resource(&self, resource: &LocalResource) -> Value {
        let told = self.kept.objects.borrow().get(resource).cloned();
        told.unwrap_or_else(|| match self.module.resources.get(resource) {
            Some(declared) => aggregate(&declared.repetition, []),
            None => Value::unknown(Type::Any),
        })
    }

    /// What a reference to a module stands for: objects of its outputs, of one of them where the
    /// words that follow name one.
    fn called(
        &self,
        name: &Arc<str>,
        output: Option<&Arc<str>>,
        keyed: bool,
    ) -> Result<Value, Diagnostics> {
        let Some(call) = self.module.calls.get(name) else {
            return Ok(Value::unknown(Type::Any));
        };
        let expanded = self.expanded(name).filter(|expanded| !expanded.assumed);
        let Some(expanded) = expanded else { return Ok(Value::unknown(Type::Any)) };
        let is_single = matches!(call.repetition, Repetition::Single);
        let output = output.filter(|_| is_single != keyed);
        let mut problems = Diagnostics::default();
        let mut values = Vec::with_capacity(expanded.instances.len());
        for repeated in &expanded.instances {
            let child = self.address.child(name, repeated.key.clone());
            let Some(child) = self.evaluation.inside(&child) else {
                return Ok(Value::unknown(Type::Any));
            };
            let outputs = child
                .module
                .outputs
                .keys()
                .filter(|found| output.is_none_or(|wanted| wanted == *found));
            let entries: Vec<_> = outputs
                .filter_map(|output| {
                    Some((Arc::clone(output), problems.absorb(child.output(output))?))
                })
                .collect();
            values.push((repeated.key.clone(), Value::object(entries)));
        }
        let marks = expanded.marks.without_provenance();
        problems.into_result(aggregate(&call.repetition, values).mark(&marks))
    }
}

/// The kinds of named values in a module.
#[derive(Clone, Copy, Debug)]
pub(super) enum Named {
    Variable,
    Local,
    Output,
}

struct InstanceScope<'f> {
    frame: &'f Frame<'f>,
    repeated: &'f Repeated,
}

impl Scope for InstanceScope<'_> {
    fn resolve(&self, reference: &Reference, span: Span) -> Result<Value, Diagnostics> {
        let frame = self.frame;
        let not_here = |what: &str| {
            let detail = format!("`{what}` has no meaning here.");
            Diagnostics::from(Diagnostic::error(code::NOT_ALLOWED_HERE, detail).at(span))
        };
        match reference {
            Reference::Variable(name) => frame.variable(name),
            Reference::Local(name) => frame.local(name),
            Reference::Resource { mode, type_name, name } => {
                let resource = LocalResource {
                    mode: *mode,
                    type_name: type_name.clone(),
                    name: Arc::clone(name),
                };
                Ok(frame.resource(&resource))
            }
            Reference::Module { name, output, keyed } => {
                frame.called(name, output.as_ref(), *keyed)
            }
            Reference::EachKey => match (&self.repeated.each_key, &self.repeated.key) {
                (Some(key), _) => Ok(key.clone()),
                (None, InstanceKey::Name(name)) => Ok(Value::string(name)),
                _ => Err(not_here("each.key")),
            },
            Reference::EachValue => {
                self.repeated.each_value.clone().ok_or_else(|| not_here("each.value"))
            }
            Reference::CountIndex => match &self.repeated.key {
                InstanceKey::Index(index) => {
                    Ok(Value::number(i64::try_from(*index).unwrap_or(i64::MAX)))
                }
                _ => Err(not_here("count.index")),
            },
            Reference::SelfObject => self.repeated.this.clone().ok_or_else(|| not_here("self")),
            Reference::Path(word) => self
                .path(word)
                .ok_or_else(|| no_word("path", word, &["module", "root", "cwd"], span)),
            Reference::Terraform(word) => match &**word {
                "workspace" => Ok(Value::string(frame.evaluation.surroundings.workspace)),
                "applying" => {
                    let applying = frame.evaluation.surroundings.apply_time.is_some();
                    Ok(Value::bool(applying).mark(&Marks::ephemeral()))
                }
                _ => Err(no_word("terraform", word, &["workspace", "applying"], span)),
            },
            Reference::Output(name) => Err(not_here(&format!("output.{name}"))),
        }
    }
}

impl InstanceScope<'_> {
    fn path(&self, word: &str) -> Option<Value> {
        let surroundings = &self.frame.evaluation.surroundings;
        match word {
            "module" if self.frame.address.is_root() => Some(Value::string(surroundings.root)),
            "module" => Some(Value::string(self.frame.folder)),
            "root" => Some(Value::string(surroundings.root)),
            "cwd" => Some(Value::string(surroundings.working_directory)),
            _ => None,
        }
    }
}

fn no_word(object: &str, word: &str, words: &[&'static str], span: Span) -> Diagnostics {
    Diagnostic::error(code::REFERENCE, format!("`{object}` has no attribute `{word}`."))
        .at(span)
        .did_you_mean(word, words.iter().copied())
        .into()
}
