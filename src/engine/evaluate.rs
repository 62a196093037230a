//! The values that references stand for.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::addr::{InstanceAddr, InstanceKey, Reference, ResourceAddr};
use crate::config::{Module, Repetition};
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::lang::{Environment, Evaluator, FileReader, Scope};
use crate::syntax::Expression;
use crate::text::Span;
use crate::value::{Key, Marks, Type, Value};
use crate::world::{Ids, Timestamp};

/// What expressions may look at besides declarations.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// `terraform.workspace`.
    pub workspace: &'a str,
    /// `path.root` and `path.module`, as the person gave it.
    pub root: &'a str,
    /// `path.cwd`.
    pub working_directory: &'a str,
    /// Reads files for functions.
    pub files: &'a dyn FileReader,
    /// When the plan was made.
    pub plan_time: Timestamp,
    /// The time of the apply; `None` while planning.
    pub apply_time: Option<Timestamp>,
    /// Fresh ids for functions that make some; asked only in an apply.
    pub ids: &'a dyn Ids,
}

/// Evaluates the expressions of one module. What is evaluated once is kept.
pub struct Evaluation<'a> {
    /// The declarations.
    pub module: &'a Module,
    variables: &'a BTreeMap<Arc<str>, Value>,
    surroundings: Surroundings<'a>,
    locals: RefCell<BTreeMap<Arc<str>, Value>>,
    objects: RefCell<BTreeMap<ResourceAddr, Value>>,
}

/// The instance for which an expression is evaluated.
#[derive(Clone, Debug, Default)]
pub(super) struct Repeated {
    /// `each.key`, and `count.index` as a number.
    pub key: InstanceKey,
    /// `each.value`.
    pub each_value: Option<Value>,
    /// `self`.
    pub this: Option<Value>,
}

impl<'a> Evaluation<'a> {
    /// An evaluation that knows variables and no objects yet.
    pub fn new(
        module: &'a Module,
        variables: &'a BTreeMap<Arc<str>, Value>,
        surroundings: Surroundings<'a>,
    ) -> Self {
        Self {
            module,
            variables,
            surroundings,
            locals: RefCell::default(),
            objects: RefCell::default(),
        }
    }

    /// Evaluates an expression outside any instance.
    pub fn evaluate(&self, expression: &Expression) -> Result<Value, Diagnostics> {
        self.evaluate_for(expression, &Repeated::default())
    }

    /// Evaluates an expression for one instance.
    pub(super) fn evaluate_for(
        &self,
        expression: &Expression,
        repeated: &Repeated,
    ) -> Result<Value, Diagnostics> {
        let scope = InstanceScope { evaluation: self, repeated };
        Evaluator::new(&scope, self.environment()).evaluate(expression)
    }

    /// Evaluates an expression for one instance and converts its value.
    pub(super) fn evaluate_as(
        &self,
        expression: &Expression,
        ty: &Type,
        repeated: &Repeated,
    ) -> Result<Value, Diagnostics> {
        let scope = InstanceScope { evaluation: self, repeated };
        Evaluator::new(&scope, self.environment()).evaluate_as(expression, ty)
    }

    fn environment(&self) -> Environment<'_> {
        Environment {
            files: Some(self.surroundings.files),
            plan_time: Some(self.surroundings.plan_time),
            apply_time: self.surroundings.apply_time,
            ids: self.surroundings.apply_time.map(|_| self.surroundings.ids),
        }
    }

    /// Evaluates a local value, unless that is done already.
    pub fn local(&self, name: &Arc<str>) -> Result<Value, Diagnostics> {
        if let Some(value) = self.locals.borrow().get(name) {
            return Ok(value.clone());
        }
        let Some(local) = self.module.locals.get(name) else {
            return Ok(Value::unknown(Type::Any));
        };
        let value = self.evaluate(&local.value)?;
        self.locals.borrow_mut().insert(Arc::clone(name), value.clone());
        Ok(value)
    }

    /// Notes a local value that could not be evaluated, so that its users do not fail as well.
    pub(super) fn give_up_local(&self, name: &Arc<str>) {
        self.locals.borrow_mut().insert(Arc::clone(name), Value::unknown(Type::Any));
    }

    /// Sets what a reference to a resource stands for. Local values evaluated so far may depend
    /// on it, so they are evaluated anew where `anew` says so.
    pub(super) fn set_resource(&self, address: &ResourceAddr, value: Value, anew: bool) {
        self.objects.borrow_mut().insert(address.clone(), value);
        if anew {
            self.locals.borrow_mut().clear();
        }
    }

    fn resource(&self, address: &ResourceAddr, span: Span) -> Result<Value, Diagnostics> {
        self.objects.borrow().get(address).cloned().ok_or_else(|| {
            let detail = format!("`{address}` has no value here.");
            Diagnostic::error(code::REFERENCE, detail).at(span).into()
        })
    }
}

/// The value that a reference to a resource stands for, from the objects of its instances: one
/// object, a tuple by `count`, or an object by `for_each`.
pub(super) fn aggregate(
    repetition: &Repetition,
    instances: impl IntoIterator<Item = (InstanceKey, Value)>,
) -> Value {
    match repetition {
        Repetition::Single => {
            let first = instances.into_iter().next();
            first.map_or_else(|| Value::unknown(Type::Any), |(_, value)| value)
        }
        Repetition::Count(_) => {
            Value::tuple(instances.into_iter().map(|(_, value)| value).collect())
        }
        Repetition::ForEach(_) => {
            Value::object(instances.into_iter().filter_map(|(key, value)| match key {
                InstanceKey::Name(name) => Some((Key::clone(&name), value)),
                _ => None,
            }))
        }
    }
}

/// An object as others may refer to it: it comes from its own instance and from nowhere else, or
/// marks would grow along every chain of references.
pub(super) fn referable(address: &InstanceAddr, object: &Value) -> Value {
    object
        .map_marks(&Marks::without_provenance)
        .mark(&Marks::from_instance(Arc::new(address.clone())))
}

struct InstanceScope<'a> {
    evaluation: &'a Evaluation<'a>,
    repeated: &'a Repeated,
}

impl Scope for InstanceScope<'_> {
    fn resolve(&self, reference: &Reference, span: Span) -> Result<Value, Diagnostics> {
        let evaluation = self.evaluation;
        let not_here = |what: &str| {
            let detail = format!("`{what}` has no meaning here.");
            Diagnostics::from(Diagnostic::error(code::NOT_ALLOWED_HERE, detail).at(span))
        };
        match reference {
            Reference::Variable(name) => {
                let value = evaluation.variables.get(name).cloned();
                Ok(value.unwrap_or_else(|| Value::unknown(Type::Any)))
            }
            Reference::Local(name) => evaluation.local(name),
            Reference::Resource { mode, type_name, name } => {
                let address = ResourceAddr {
                    mode: *mode,
                    ..ResourceAddr::managed(Arc::clone(&type_name.0), Arc::clone(name))
                };
                evaluation.resource(&address, span)
            }
            Reference::EachKey => match &self.repeated.key {
                InstanceKey::Name(name) => Ok(Value::string(name)),
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
            Reference::Path(word) => path(&evaluation.surroundings, word)
                .ok_or_else(|| no_word("path", word, &["module", "root", "cwd"], span)),
            Reference::Terraform(word) => match &**word {
                "workspace" => Ok(Value::string(evaluation.surroundings.workspace)),
                _ => Err(no_word("terraform", word, &["workspace"], span)),
            },
            Reference::Module(name) => Err(not_here(&format!("module.{name}"))),
            Reference::Output(name) => Err(not_here(&format!("output.{name}"))),
        }
    }
}

fn path(surroundings: &Surroundings<'_>, word: &str) -> Option<Value> {
    match word {
        "module" | "root" => Some(Value::string(surroundings.root)),
        "cwd" => Some(Value::string(surroundings.working_directory)),
        _ => None,
    }
}

fn no_word(object: &str, word: &str, words: &[&'static str], span: Span) -> Diagnostics {
    Diagnostic::error(code::REFERENCE, format!("`{object}` has no attribute `{word}`."))
        .at(span)
        .did_you_mean(word, words.iter().copied())
        .into()
}
