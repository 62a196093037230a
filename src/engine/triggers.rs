//! `replace_triggered_by`: whether something that it names changes.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::addr::{InstanceAddr, InstanceKey, LocalResource, Reference, ResourceAddr};
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::plan::{Action, Change};
use crate::syntax::{Expression, Kind};
use crate::value::{Path, PathSegment, Value};

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

/// A resource, perhaps one instance of it, perhaps a part of its object.
struct Trigger {
    resource: ResourceAddr,
    key: Option<InstanceKey>,
    /// The way to a part of the object; all of it is meant where there is none.
    part: Path,
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
        match change.action {
            Action::NoOp | Action::Create | Action::Delete | Action::Forget | Action::Read => false,
            _ if self.part.0.is_empty() => true,
            _ => {
                let part = |object: &Option<Value>| {
                    object.as_ref().and_then(|object| self.part.get(object)).map(Value::reveal)
                };
                let planned = part(&change.planned);
                part(&change.prior) != planned
                    || !planned.is_none_or(|value| value.is_wholly_known())
            }
        }
    }
}

fn malformed(expression: &Expression) -> Diagnostics {
    Diagnostic::error(
        code::META_ARGUMENT,
        "`replace_triggered_by` names resources, instances or their attributes.",
    )
    .at(expression.span())
    .help("write `TYPE.NAME`, `TYPE.NAME[KEY]` or `TYPE.NAME.ATTRIBUTE`")
    .into()
}

fn trigger(
    evaluation: &Frame<'_>,
    expression: &Expression,
    repeated: &Repeated,
) -> Result<Trigger, Diagnostics> {
    let malformed = || malformed(expression);
    let mut steps = Vec::new();
    let resource = way(evaluation, expression, repeated, &mut steps)?;
    let mut steps = steps.into_iter().peekable();
    let key = match steps.next_if(|step| step.is_key) {
        Some(step) => Some(key_of(&step.value).ok_or_else(malformed)?),
        None => None,
    };
    let part = steps.map(|step| match key_of(&step.value)? {
        InstanceKey::Name(name) => Some(PathSegment::Attribute(name)),
        InstanceKey::Index(index) => usize::try_from(index).ok().map(PathSegment::Index),
        InstanceKey::None => None,
    });
    let part = Path(part.collect::<Option<_>>().ok_or_else(malformed)?);
    Ok(Trigger { resource, key, part })
}

/// A step on the way from a resource to a part of an object.
struct Step {
    value: Value,
    /// Whether it stands in brackets, as keys do.
    is_key: bool,
}

/// The resource that an expression begins with, and the steps from there.
fn way(
    evaluation: &Frame<'_>,
    expression: &Expression,
    repeated: &Repeated,
    steps: &mut Vec<Step>,
) -> Result<ResourceAddr, Diagnostics> {
    match expression.kind() {
        Kind::Reference(node) => match &node.target {
            Ok(Reference::Resource { mode, type_name, name }) => {
                let (mode, type_name, name) = (*mode, type_name.clone(), name.clone());
                Ok(LocalResource { mode, type_name, name }.within(&evaluation.address))
            }
            _ => Err(malformed(expression)),
        },
        Kind::Attribute(part) => {
            let resource = way(evaluation, &part.0, repeated, steps)?;
            steps.push(Step { value: Value::string(&part.1), is_key: false });
            Ok(resource)
        }
        Kind::Index(part) => {
            let resource = way(evaluation, &part.0, repeated, steps)?;
            let value = evaluation.evaluate_for(&part.1, repeated)?;
            steps.push(Step { value, is_key: true });
            Ok(resource)
        }
        _ => Err(malformed(expression)),
    }
}

fn key_of(key: &Value) -> Option<InstanceKey> {
    match key.as_str() {
        Some(name) => Some(InstanceKey::Name(name.into())),
        None => key.as_number()?.as_u64().map(InstanceKey::Index),
    }
}
