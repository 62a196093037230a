//! The values that references stand for, in every module instance.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use crate::addr::{
    InstanceAddr, InstanceKey, LocalResource, ModuleInstance, ModulePath, ResourceAddr,
};
use crate::config::{Config, Repetition};
use crate::diag::Diagnostics;
use crate::lang::{Environment, FileReader};
use crate::syntax::Expression;
use crate::value::{Key, Marks, Type, Value};
use crate::world::{Ids, Timestamp};

use super::check_log::CheckLog;
use super::expand;
use super::frame::{Frame, Kept};

/// What expressions may look at besides declarations.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// `terraform.workspace`.
    pub workspace: &'a str,
    /// `path.root`, as the person gave it.
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

/// Evaluates the expressions of a configuration. What is evaluated once is kept until an object
/// changes.
pub struct Evaluation<'a> {
    /// The declarations.
    pub config: &'a Config,
    pub(super) variables: &'a BTreeMap<Arc<str>, Value>,
    pub(super) surroundings: Surroundings<'a>,
    /// Whether everything goes away: then nobody relies on what outputs promise.
    pub(super) is_destroying: Cell<bool>,
    /// Instances whose planned objects are not there yet, or not as promised. Only an apply has some.
    pub(super) pending: RefCell<BTreeSet<InstanceAddr>>,
    /// What conditions said so far.
    pub(super) checked: RefCell<CheckLog>,
    modules: RefCell<BTreeMap<ModuleInstance, Rc<Kept>>>,
    /// Grows when an object changes: values that were kept before may depend on it.
    generation: Cell<u64>,
}

/// The instance for which an expression is evaluated.
#[derive(Clone, Debug, Default)]
pub(super) struct Repeated {
    /// `each.key`, and `count.index` as a number.
    pub key: InstanceKey,
    /// `each.key` where the instance stands for others whose keys are not known.
    pub each_key: Option<Value>,
    /// `each.value`.
    pub each_value: Option<Value>,
    /// `self`.
    pub this: Option<Value>,
    /// The iterators of the `dynamic` blocks around, each an object of `key` and `value`.
    pub iterators: BTreeMap<Arc<str>, Value>,
}

impl<'a> Evaluation<'a> {
    /// An evaluation that knows the variables of the root module and no objects yet.
    pub fn new(
        config: &'a Config,
        variables: &'a BTreeMap<Arc<str>, Value>,
        surroundings: Surroundings<'a>,
    ) -> Self {
        Self {
            config,
            variables,
            surroundings,
            is_destroying: Cell::default(),
            pending: RefCell::default(),
            checked: RefCell::default(),
            modules: RefCell::default(),
            generation: Cell::default(),
        }
    }

    /// Evaluates an expression of the root module outside any instance.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it.
    pub fn evaluate(&self, expression: &Expression) -> Result<Value, Diagnostics> {
        match self.root() {
            Some(root) => root.evaluate(expression),
            None => Ok(Value::unknown(Type::Any)),
        }
    }

    /// The root module.
    pub(super) fn root(&self) -> Option<Frame<'_>> {
        self.inside(&ModuleInstance::root())
    }

    /// One module instance; `None` where its module is not part of the configuration.
    pub(super) fn inside(&self, address: &ModuleInstance) -> Option<Frame<'_>> {
        let found = self.config.get(&address.path())?;
        let mut modules = self.modules.borrow_mut();
        let kept = match modules.get(address) {
            Some(kept) => Rc::clone(kept),
            None => Rc::clone(modules.entry(address.clone()).or_default()),
        };
        Some(Frame::new(self, address.clone(), found, kept))
    }

    /// The instances of a module; none where the number of its or its callers' instances could not
    /// be told, which is a problem of its own.
    pub(super) fn instances_of(&self, path: &ModulePath) -> Vec<ModuleInstance> {
        let mut instances = vec![ModuleInstance::root()];
        for name in &*path.0 {
            let callers = std::mem::take(&mut instances);
            for caller in callers {
                let Some(frame) = self.inside(&caller) else { continue };
                let expanded = frame.expanded(name).map(|expanded| expanded.instances.clone());
                let keys = expanded.unwrap_or_default().into_iter().map(|repeated| repeated.key);
                instances.extend(keys.map(|key| caller.child(name, key)));
            }
        }
        instances
    }

    /// Sets what a reference to a resource stands for. What was evaluated so far may depend on it,
    /// and is evaluated anew where `anew` says so.
    pub(super) fn set_resource(&self, address: &ResourceAddr, value: Value, anew: bool) {
        if let Some(frame) = self.inside(&address.module) {
            frame.set_resource(&address.local, value);
        }
        if anew {
            self.generation.set(self.generation.get() + 1);
        }
    }

    pub(super) fn generation(&self) -> u64 {
        self.generation.get()
    }

    /// Tells whether a value rests on an object that is not there yet, or not as promised.
    pub(super) fn rests_on_pending(&self, value: &Value) -> bool {
        let pending = self.pending.borrow();
        !pending.is_empty()
            && value.deep_marks().provenance().any(|source| pending.contains(&**source))
    }

    pub(super) fn environment(&self) -> Environment<'_> {
        Environment {
            files: Some(self.surroundings.files),
            plan_time: Some(self.surroundings.plan_time),
            apply_time: self.surroundings.apply_time,
            ids: self.surroundings.apply_time.map(|_| self.surroundings.ids),
        }
    }
}

/// The value that a reference to a resource or module stands for, from the values of its instances:
/// one value, a tuple by `count`, or an object by `for_each`.
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
            let mut items: Vec<Value> = Vec::new();
            for (key, value) in instances {
                // Those in between are not part of a plan that is limited to a selection.
                if let InstanceKey::Index(index) = key {
                    let index = usize::try_from(index).unwrap_or(usize::MAX);
                    while items.len() < index {
                        items.push(Value::unknown(value.kind()));
                    }
                }
                items.push(value);
            }
            Value::tuple(items)
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
pub(super) fn referable(address: &Arc<InstanceAddr>, object: &Value) -> Value {
    object.map_marks(&Marks::without_provenance).mark(&Marks::from_instance(Arc::clone(address)))
}

/// The instances of a resource or module call, and the marks of what decided how many there are.
#[derive(Clone, Debug, Default)]
pub(super) struct Expanded {
    /// In order of key.
    pub(super) instances: Vec<Repeated>,
    /// Where their number comes from.
    pub(super) marks: Marks,
    /// Whether one instance stands for all, because they cannot be told yet.
    pub(super) assumed: bool,
}

impl Expanded {
    /// The instance with `key`.
    pub(super) fn get(&self, key: &InstanceKey) -> Option<&Repeated> {
        let position = self.instances.binary_search_by(|found| found.key.cmp(key)).ok()?;
        self.instances.get(position)
    }

    /// One instance that stands for any number of others.
    pub(super) fn assume(repetition: &Repetition) -> Self {
        let repeated = match repetition {
            Repetition::Single => Repeated::default(),
            Repetition::Count(_) => Repeated { key: InstanceKey::Index(0), ..Repeated::default() },
            Repetition::ForEach(_) => Repeated {
                each_key: Some(Value::unknown(Type::String)),
                each_value: Some(Value::unknown(Type::Any)),
                ..Repeated::default()
            },
        };
        Self { instances: vec![repeated], marks: Marks::NONE, assumed: true }
    }

    /// Tells whether nothing about the instances can change any more.
    pub(super) fn is_settled(&self) -> bool {
        let mut values = self.instances.iter().filter_map(|found| found.each_value.as_ref());
        values.all(Value::is_wholly_known)
    }
}

/// The instances of a resource in one module instance.
pub(super) fn instances_of_resource(
    frame: &Frame<'_>,
    resource: &LocalResource,
) -> Result<Expanded, Diagnostics> {
    match frame.module.resources.get(resource) {
        Some(declared) => expand::instances(frame, &declared.repetition),
        None => Ok(Expanded::default()),
    }
}
