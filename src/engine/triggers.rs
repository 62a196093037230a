//! `replace_triggered_by`: whether something that it names changes.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::addr::{InstanceAddr, InstanceKey, LocalResource, Reference, ResourceAddr};
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::plan::{Action, Change};
use crate::syntax::{Expression, TraversalStep};
use crate::value::Value;

use super::evaluate::Repeated;
use super::frame::Frame;

/// The changes planned so far, with the position of that of each instance.
#[derive(Clone, Copy)]
pub(super) struct Planned<'a> {
    pub(super) changes: &'a [Change],
    pub(super) positions: &'a BTreeMap<Arc<InstanceAddr>, usize>,
}

/// Tells whether any of the references leads to something that changes in this plan.
pub(super) fn fired(
    evaluation: &Frame<'_>,
    references: &[Expression],
    repeated: &Repeated,
    planned: Planned<'_>,
) -> Result<bool, Diagnostics> {
    let mut problems = Diagnostics::default();
    let mut any = false;
    for expression in references {
        match trigger(evaluation, expression, repeated) {
            Ok(trigger) => any |= trigger.is_fired_by_any(planned),
            Err(found) => problems.extend(found),
        }
    }
    problems.into_result(any)
}

/// A resource, perhaps one instance of it, perhaps one attribute.
struct Trigger {
    resource: ResourceAddr,
    key: Option<InstanceKey>,
    attribute: Option<Arc<str>>,
}

impl Trigger {
    /// Looks only at the instances it names: there may be as many triggers as changes.
    fn is_fired_by_any(&self, planned: Planned<'_>) -> bool {
        let first: InstanceAddr =
            self.resource.instance(self.key.clone().unwrap_or(InstanceKey::None));
        let named =
            planned.positions.range::<InstanceAddr, _>(first..).take_while(|(address, _)| {
                address.resource == self.resource
                    && self.key.as_ref().is_none_or(|key| *key == address.key)
            });
        let mut changes = named.filter_map(|(_, position)| planned.changes.get(*position));
        changes.any(|change| self.is_fired_by(change))
    }

    fn is_fired_by(&self, change: &Change) -> bool {
        match (&self.attribute, change.action) {
            (_, Action::NoOp | Action::Create | Action::Delete | Action::Forget | Action::Read) => {
                false
            }
            (None, _) => true,
            (Some(name), _) => {
                let part = |object: &Option<Value>| {
                    object.as_ref().and_then(|object| object.attribute(name)).map(Value::reveal)
                };
                let planned = part(&change.planned);
                part(&change.prior) != planned
                    || !planned.is_none_or(|value| value.is_wholly_known())
            }
        }
    }
}

fn trigger(
    evaluation: &Frame<'_>,
    expression: &Expression,
    repeated: &Repeated,
) -> Result<Trigger, Diagnostics> {
    let malformed = || {
        Diagnostics::from(
            Diagnostic::error(
                code::META_ARGUMENT,
                "`replace_triggered_by` names resources, instances or their attributes.",
            )
            .at(expression.span())
            .help("write `TYPE.NAME`, `TYPE.NAME[KEY]` or `TYPE.NAME.ATTRIBUTE`"),
        )
    };
    let references = expression.references();
    let resource = references.iter().find_map(|(reference, _)| match reference {
        Reference::Resource { mode, type_name, name } => {
            let (mode, type_name, name) = (*mode, type_name.clone(), name.clone());
            Some(LocalResource { mode, type_name, name }.within(&evaluation.address))
        }
        _ => None,
    });
    let resource = resource.ok_or_else(malformed)?;
    let mut trigger = Trigger { resource, key: None, attribute: None };
    match expression.as_traversal() {
        Some(steps) => {
            for step in steps.iter().skip(2) {
                match step {
                    TraversalStep::Name { name, .. } if trigger.attribute.is_none() => {
                        trigger.attribute = Some(name.clone());
                    }
                    TraversalStep::Index { key, .. } if trigger.attribute.is_none() => {
                        trigger.key = Some(key_of(key).ok_or_else(malformed)?);
                    }
                    _ => {}
                }
            }
        }
        // A key that has to be evaluated, such as `each.key`: the value tells its own instance.
        None => {
            let value = evaluation.evaluate_for(expression, repeated)?;
            let source =
                value.marks().provenance().find(|source| source.resource == trigger.resource);
            trigger.key = Some(source.ok_or_else(malformed)?.key.clone());
        }
    }
    Ok(trigger)
}

fn key_of(key: &Value) -> Option<InstanceKey> {
    match key.as_str() {
        Some(name) => Some(InstanceKey::Name(name.into())),
        None => key.as_number()?.as_u64().map(InstanceKey::Index),
    }
}
