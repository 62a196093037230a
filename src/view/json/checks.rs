//! What conditions said, in states and plans.

use serde::Serialize;

use crate::addr::{
    Checkable, CheckableKind, CheckedObject, LocalCheckable, ModuleInstance, ModulePath,
};
use crate::state::{CheckResults, CheckStatus, Checked, Text, overall};

use super::resources::{Index, mode};

/// The conditions of one declaration.
#[derive(Serialize)]
pub(super) struct CheckDocument<'a> {
    address: Declared<'a>,
    status: CheckStatus,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    instances: Vec<Instance<'a>>,
}

#[derive(Serialize)]
struct Declared<'a> {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    mode: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    module: Option<Text<&'a ModulePath>>,
    name: &'a str,
    to_display: String,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    type_name: Option<&'a str>,
}

#[derive(Serialize)]
struct Instance<'a> {
    address: Object<'a>,
    status: CheckStatus,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<Problem<'a>>,
}

#[derive(Serialize)]
struct Object<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    instance_key: Option<Index>,
    #[serde(skip_serializing_if = "Option::is_none")]
    module: Option<Text<&'a ModuleInstance>>,
    to_display: String,
}

#[derive(Serialize)]
struct Problem<'a> {
    message: &'a str,
}

/// Every declaration with conditions.
pub(super) fn documents(results: &CheckResults) -> Vec<CheckDocument<'_>> {
    let documents = results.0.iter().map(|(checkable, objects)| CheckDocument {
        address: declared(checkable),
        status: overall(objects.as_ref()),
        instances: objects
            .iter()
            .flatten()
            .map(|(object, checked)| instance(checkable, object, checked))
            .collect(),
    });
    documents.collect()
}

fn declared(checkable: &Checkable) -> Declared<'_> {
    let resource = match &checkable.local {
        LocalCheckable::Resource(resource) => Some(resource),
        _ => None,
    };
    Declared {
        kind: match checkable.kind() {
            CheckableKind::Check => "check",
            CheckableKind::Output => "output_value",
            CheckableKind::Resource => "resource",
            CheckableKind::Variable => "var",
        },
        mode: resource.map(|resource| mode(resource.mode)),
        module: (!checkable.module.is_root()).then_some(Text(&checkable.module)),
        name: match &checkable.local {
            LocalCheckable::Resource(resource) => &resource.name,
            LocalCheckable::Check(name)
            | LocalCheckable::Output(name)
            | LocalCheckable::Variable(name) => name,
        },
        to_display: checkable.to_string(),
        type_name: resource.map(|resource| &*resource.type_name.0),
    }
}

fn instance<'a>(
    checkable: &'a Checkable,
    object: &'a CheckedObject,
    checked: &'a Checked,
) -> Instance<'a> {
    Instance {
        address: Object {
            instance_key: Index::of(&object.key),
            module: (!object.module.is_root()).then_some(Text(&object.module)),
            to_display: object.of(&checkable.local).to_string(),
        },
        status: checked.status,
        problems: checked.failures.iter().map(|message| Problem { message }).collect(),
    }
}
