//! Objects as records.

use crate::plan::Change;
use crate::sdk::ResourceSpec;
use crate::state::{ObjectRecord, ObjectStatus};
use crate::value::Value;

/// The record of an object that a step made or changed.
pub(super) fn record(
    spec: &ResourceSpec,
    change: &Change,
    object: &Value,
    status: ObjectStatus,
) -> ObjectRecord {
    let marked = change.planned.as_ref().unwrap_or(object);
    ObjectRecord {
        status,
        schema_version: spec.schema.version,
        attributes: spec.schema.encode(object).into(),
        sensitive: spec.schema.sensitive_paths(marked),
        dependencies: change.dependencies.clone(),
        create_before_destroy: change.create_before_destroy,
    }
}

/// The names of attributes that were known while planning and came out different.
pub(super) fn broken_promises(spec: &ResourceSpec, planned: &Value, object: &Value) -> Vec<String> {
    let attributes = spec.schema.attributes.iter().filter(|attribute| !attribute.volatile);
    let broken = attributes.filter(|attribute| {
        match (planned.attribute(attribute.name), object.attribute(attribute.name)) {
            (Some(before), Some(after)) => {
                before.is_wholly_known() && !attribute.same(before, after)
            }
            _ => false,
        }
    });
    broken.map(|attribute| attribute.name.to_owned()).collect()
}

/// Tells whether what was not known while planning came out as it is already, so that an update
/// would change nothing.
pub(super) fn is_as_it_was(spec: &ResourceSpec, change: &Change, planned: &Value) -> bool {
    let is_settled = |object: Option<&Value>, name| {
        object.and_then(|object| object.attribute(name)).is_none_or(Value::is_wholly_known)
    };
    let mut names = spec.schema.attributes.iter().map(|attribute| attribute.name);
    let followed = names
        .any(|name| !is_settled(change.planned.as_ref(), name) && is_settled(Some(planned), name));
    let prior = change.prior.as_ref().map(Value::reveal);
    followed
        && prior.is_some_and(|prior| broken_promises(spec, &planned.reveal(), &prior).is_empty())
}

/// The text under which people know an object.
pub(super) fn id_of(object: &Value) -> Option<String> {
    let id = object.attribute("id").filter(|id| !id.is_sensitive())?;
    id.as_str().map(str::to_owned)
}
