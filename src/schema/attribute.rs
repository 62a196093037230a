//! Schemas and attributes.

use std::sync::Arc;

use crate::value::{Key, ObjectAttribute, Type, Value};

use super::{NestedBlock, Rule};

/// Name of the nested block with which a person overrides how long operations may take.
pub const TIMEOUTS: &str = "timeouts";

/// The attributes of a resource type or of a provider's configuration.
#[derive(Clone, Debug)]
pub struct Schema {
    /// Version of the shape in state files.
    pub version: u64,
    /// What the whole thing is, one or two sentences.
    pub description: &'static str,
    /// The attributes, in the order in which documentation lists them.
    pub attributes: Vec<Attribute>,
    /// Operations whose patience a `timeouts` block may set, such as `create`.
    pub timeouts: &'static [&'static str],
}

/// Who sets an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Constraint {
    /// The configuration must.
    Required,
    /// The configuration may.
    Optional,
    /// Only the vendor.
    Computed,
    /// The configuration may; else the vendor does.
    OptionalComputed,
}

/// What a change of an argument makes necessary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnChange {
    /// An update in place.
    Update,
    /// A new object.
    Replace,
    /// Nothing at the vendor: only state takes the new value.
    Record,
}

/// When two different values of an attribute mean the same.
pub type Equivalence = fn(&Value, &Value) -> bool;

/// One attribute.
#[derive(Clone, Debug)]
pub struct Attribute {
    /// Its name.
    pub name: &'static str,
    /// The name in the form in which all objects share it.
    pub(super) key: Key,
    /// Its type.
    pub ty: Type,
    /// Who sets it.
    pub constraint: Constraint,
    /// What it means, with unit and format. Full sentences.
    pub description: &'static str,
    /// What a change makes necessary.
    pub on_change: OnChange,
    /// Hidden from people.
    pub sensitive: bool,
    /// May differ after every read and after every update; a difference is no drift.
    pub volatile: bool,
    /// The vendor never tells it. Where nothing is recorded, as after an import, the configuration's
    /// word is recorded and needs no new object.
    pub untold: bool,
    /// Taken when the configuration is silent.
    pub default: Option<Value>,
    /// Documented limits.
    pub rules: Vec<Rule>,
    /// When two values mean the same, so that a difference of form plans no change.
    pub equivalence: Option<Equivalence>,
    /// Environment variables that stand in for a provider setting, first one first.
    pub environment: &'static [&'static str],
    /// What one block holds, where the argument is written as blocks and not with `=`.
    pub block: Option<Box<NestedBlock>>,
}

impl Attribute {
    fn new(
        name: &'static str,
        ty: Type,
        constraint: Constraint,
        description: &'static str,
    ) -> Self {
        Self {
            name,
            key: Key::from(name),
            ty,
            constraint,
            description,
            on_change: OnChange::Update,
            sensitive: false,
            volatile: false,
            untold: false,
            default: None,
            rules: Vec::new(),
            equivalence: None,
            environment: &[],
            block: None,
        }
    }

    /// An argument that must be set.
    pub fn required(name: &'static str, ty: Type, description: &'static str) -> Self {
        Self::new(name, ty, Constraint::Required, description)
    }

    /// An argument that may be set.
    pub fn optional(name: &'static str, ty: Type, description: &'static str) -> Self {
        Self::new(name, ty, Constraint::Optional, description)
    }

    /// An attribute that the vendor sets.
    pub fn computed(name: &'static str, ty: Type, description: &'static str) -> Self {
        Self::new(name, ty, Constraint::Computed, description)
    }

    /// An argument that may be set and that the vendor sets otherwise.
    pub fn optional_computed(name: &'static str, ty: Type, description: &'static str) -> Self {
        Self::new(name, ty, Constraint::OptionalComputed, description)
    }

    /// A change needs a new object.
    #[must_use]
    pub fn force_new(mut self) -> Self {
        self.on_change = OnChange::Replace;
        self
    }

    /// A change concerns only what we do ourselves; the vendor is not asked.
    #[must_use]
    pub fn record_only(mut self) -> Self {
        self.on_change = OnChange::Record;
        self
    }

    /// Hidden from people.
    #[must_use]
    pub fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }

    /// May differ after every read.
    #[must_use]
    pub fn volatile(mut self) -> Self {
        self.volatile = true;
        self
    }

    /// The vendor never tells it: after an import the configuration does.
    #[must_use]
    pub fn untold(mut self) -> Self {
        self.untold = true;
        self
    }

    /// Taken when the configuration is silent.
    #[must_use]
    pub fn default(mut self, value: impl Into<Value>) -> Self {
        self.default = Some(value.into());
        self
    }

    /// A documented limit.
    #[must_use]
    pub fn rule(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }

    /// Two values that mean the same plan no change.
    #[must_use]
    pub fn equivalent(mut self, same: Equivalence) -> Self {
        self.equivalence = Some(same);
        self
    }

    /// Environment variables that stand in for this provider setting.
    #[must_use]
    pub fn environment(mut self, names: &'static [&'static str]) -> Self {
        self.environment = names;
        self
    }

    /// Its name as a key of an object.
    pub fn key(&self) -> Key {
        Key::clone(&self.key)
    }

    /// Its value where nobody sets it.
    pub fn absent(&self) -> Value {
        let null = || Value::null(self.ty.clone());
        self.block.as_deref().map_or_else(null, NestedBlock::absent)
    }

    /// What counts where the configuration gives `value`: the default in place of nothing.
    pub fn or_default(&self, value: &Value) -> Value {
        self.default.as_ref().filter(|_| value.is_null()).unwrap_or(value).clone()
    }

    /// Tells whether the configuration may set it.
    pub fn is_settable(&self) -> bool {
        self.constraint != Constraint::Computed
    }

    /// Tells whether the vendor may set it.
    pub fn is_computed(&self) -> bool {
        matches!(self.constraint, Constraint::Computed | Constraint::OptionalComputed)
    }

    /// Tells whether `prior` and `desired` mean the same.
    pub fn same(&self, prior: &Value, desired: &Value) -> bool {
        if !prior.is_wholly_known() || !desired.is_wholly_known() {
            return false;
        }
        let (prior, desired) = (prior.reveal(), desired.reveal());
        prior == desired
            || (!prior.is_null()
                && !desired.is_null()
                && self.equivalence.is_some_and(|same| same(&prior, &desired)))
    }
}

impl Schema {
    /// A schema at version 0.
    pub fn new(description: &'static str, attributes: Vec<Attribute>) -> Self {
        Self { version: 0, description, attributes, timeouts: &[] }
    }

    /// Lets a `timeouts` block set the patience of these operations.
    #[must_use]
    pub fn timeouts(mut self, operations: &'static [&'static str]) -> Self {
        self.timeouts = operations;
        self
    }

    /// The attribute called `name`.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    /// The type of the `timeouts` block, where there is one.
    pub fn timeouts_type(&self) -> Option<Type> {
        (!self.timeouts.is_empty())
            .then(|| Type::object(self.timeouts.iter().map(|name| (*name, Type::String))))
    }

    /// The type of a whole object: every attribute, and `timeouts` where there are any.
    pub fn object_type(&self) -> Type {
        let attributes =
            self.attributes.iter().map(|attribute| (attribute.name, attribute.ty.clone()));
        let timeouts = self.timeouts_type().map(|ty| (TIMEOUTS, ty));
        Type::object_with(attributes.chain(timeouts).map(|(name, ty)| ObjectAttribute {
            name: Arc::from(name),
            ty,
            optional: false,
        }))
    }
}
