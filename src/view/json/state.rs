//! `show -json` of a state.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Serialize, Serializer};

use crate::addr::InstanceAddr;
use crate::engine::{Catalog, read_object};
use crate::state::{
    DeposedKey, LANGUAGE_VERSION, ObjectRecord, ObjectStatus, OutputRecord, ResourceRecord, State,
};
use crate::value::Value;

use super::checks::CheckDocument;
use super::resources::{About, Located, ModuleDocument, ResourceDocument};
use super::values::{Plain, Secrets};

/// Version of the format, as Terraform counts it.
const FORMAT_VERSION: &str = "1.0";

#[derive(Serialize)]
struct StateDocument<'a> {
    format_version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    terraform_version: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    values: Option<Values<'a, Recorded<'a>>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    checks: Vec<CheckDocument<'a>>,
}

/// Outputs and objects.
#[derive(Serialize)]
pub(super) struct Values<'a, Object> {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) outputs: BTreeMap<Arc<str>, Output<'a>>,
    pub(super) root_module: ModuleDocument<'a, Object>,
}

/// An output; without type and value where it is known after apply.
#[derive(Serialize)]
pub(super) struct Output<'a> {
    pub(super) sensitive: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) value: Option<Plain<'a>>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub(super) ty: Option<serde_json::Value>,
}

impl Output<'_> {
    /// The output as it is recorded, or as it will be.
    pub(super) fn of(value: &Value, sensitive: bool, secrets: Secrets) -> Self {
        if !value.is_wholly_known() {
            return Self { sensitive, value: None, ty: None };
        }
        let ty = value.ty().to_json();
        let value = if sensitive { value.clone().sensitive() } else { value.clone() };
        Self { sensitive, value: Some(Plain::owned(value, secrets)), ty: Some(ty) }
    }
}

/// The document; `None` stands for a state that was never made, which looks like one without anything
/// in it.
///
/// # Errors
///
/// None that could be met: everything in it has a form in JSON.
pub fn state_json(
    state: Option<&State>,
    catalog: &Catalog,
    secrets: Secrets,
) -> Result<String, serde_json::Error> {
    let Some(state) = state.filter(|state| !state.is_empty()) else {
        return serde_json::to_string(&StateDocument {
            format_version: FORMAT_VERSION,
            terraform_version: None,
            values: None,
            checks: Vec::new(),
        });
    };
    let resources = objects(state, catalog, secrets).collect::<Vec<_>>();
    serde_json::to_string(&StateDocument {
        format_version: FORMAT_VERSION,
        terraform_version: Some(LANGUAGE_VERSION),
        values: Some(values(&state.outputs, &resources, secrets)),
        checks: super::checks::documents(&state.checks),
    })
}

/// Outputs and objects of a state.
pub(super) fn values<'a, Object: Located>(
    outputs: &BTreeMap<Arc<str>, OutputRecord>,
    resources: &'a [Object],
    secrets: Secrets,
) -> Values<'a, Object> {
    let outputs = outputs.iter().map(|(name, output)| {
        (Arc::clone(name), Output::of(&output.value, output.sensitive, secrets))
    });
    Values { outputs: outputs.collect(), root_module: ModuleDocument::root(resources) }
}

/// An object of a state.
pub(super) struct Recorded<'a> {
    address: InstanceAddr,
    resource: &'a ResourceRecord,
    deposed: Option<&'a DeposedKey>,
    object: &'a ObjectRecord,
    catalog: &'a Catalog,
    secrets: Secrets,
}

impl Located for Recorded<'_> {
    fn address(&self) -> &InstanceAddr {
        &self.address
    }
}

impl Serialize for Recorded<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let object = self.object;
        let about = About {
            provider: self.resource.provider.local.provider.source(),
            schema_version: object.schema_version,
            depends_on: object.dependencies.iter().map(ToString::to_string).collect(),
            tainted: object.status == ObjectStatus::Tainted,
            deposed: self.deposed,
        };
        let value = read_object(self.catalog, &self.address, object)
            .unwrap_or_else(|_| as_recorded(object));
        ResourceDocument::new(&self.address, &value, self.secrets, about).serialize(serializer)
    }
}

/// Every object of a state, in order of address.
pub(super) fn objects<'a>(
    state: &'a State,
    catalog: &'a Catalog,
    secrets: Secrets,
) -> impl Iterator<Item = Recorded<'a>> {
    state.instances().flat_map(move |(address, resource, instance)| {
        let deposed = instance.deposed.iter().map(|(key, object)| (Some(key), object));
        let all = instance.current.iter().map(|object| (None, object)).chain(deposed);
        all.map(move |(deposed, object)| {
            let address = address.clone();
            Recorded { address, resource, deposed, object, catalog, secrets }
        })
    })
}

/// The attributes of an object of a type that this version does not know. Nobody can tell what of it
/// is secret: what came from sensitive values is noted, and the rest is shown.
fn as_recorded(object: &ObjectRecord) -> Value {
    let value = object.attributes.value().map_or(Value::NULL, std::borrow::Cow::into_owned);
    object.sensitive.iter().fold(value, |value, path| value.sensitive_at(&path.0))
}
