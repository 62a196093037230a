//! The state file: Terraform's version 4 JSON.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;
use std::sync::Arc;

use serde::de::{Deserializer, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::addr::{
    AddressError, DeclaredResource, InstanceKey, LocalResource, ModuleInstance, ProviderConfigAddr,
    ResourceAddr, ResourceMode, ResourceType, Target,
};
use crate::value::{JsonValue, Type, Value, convert};

use super::checks::{FileCheck, from_file, to_file};
use super::file_path::{FileStep, path_from_file, path_to_file};
use super::known::{Known, read_dependency};
use super::{
    DeposedKey, Instances, Lineage, ObjectRecord, ObjectStatus, OutputRecord, ResourceRecord,
    Serial, State, StoredAttributes,
};

/// The version of the format that is read and written.
pub const FORMAT_VERSION: u64 = 4;

/// The version written where Terraform writes its own: the level of the language that is followed.
pub const LANGUAGE_VERSION: &str = "1.11.4";

/// A state file that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StateFileError {
    /// It is not JSON of the right shape; with the place.
    #[error("at `{path}`: {reason}")]
    Malformed {
        /// Where in the JSON.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// It is empty: a write that was cut off, or a file made by hand. Not the same as no state.
    #[error("the file is empty")]
    Empty,
    /// It has another format version.
    #[error(
        "it has format version {0}, and this version of snapform reads version {FORMAT_VERSION}"
    )]
    Version(u64),
    /// An instance occurs twice.
    #[error("`{0}` occurs twice")]
    Duplicate(String),
}

#[derive(Serialize, Deserialize)]
#[serde(bound(
    serialize = "Resources: Serialize",
    deserialize = "Resources: Deserialize<'de> + Default"
))]
pub(super) struct File<Resources> {
    pub(super) version: u64,
    #[serde(default)]
    terraform_version: String,
    pub(super) serial: Serial,
    pub(super) lineage: Lineage,
    #[serde(default)]
    pub(super) outputs: BTreeMap<Arc<str>, FileOutput>,
    #[serde(default)]
    pub(super) resources: Resources,
    #[serde(default)]
    check_results: Option<Vec<FileCheck>>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct FileOutput {
    value: JsonValue,
    #[serde(rename = "type")]
    ty: serde_json::Value,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    sensitive: bool,
}

/// A resource with its instances.
#[derive(Serialize, Deserialize)]
pub(super) struct FileResource<'t, Instances> {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    module: Option<String>,
    mode: FileMode,
    #[serde(rename = "type", borrow)]
    type_name: Cow<'t, str>,
    #[serde(borrow)]
    name: Cow<'t, str>,
    #[serde(borrow)]
    provider: Cow<'t, str>,
    pub(super) instances: Instances,
}

/// Instances with all that is recorded of them.
type FileInstances<'t, Attributes> = Vec<FileInstance<'t, Attributes>>;

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum FileMode {
    Managed,
    Data,
}

#[derive(Serialize, Deserialize)]
pub(super) struct FileInstance<'t, Attributes> {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) index_key: Option<JsonValue>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) deposed: Option<DeposedKey>,
    schema_version: u64,
    attributes: Attributes,
    #[serde(default)]
    sensitive_attributes: Vec<Vec<FileStep>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[serde(borrow)]
    pub(super) dependencies: Vec<FileName<'t>>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    create_before_destroy: bool,
}

impl<Attributes> FileInstance<'_, Attributes> {
    /// Whether the object is of use.
    pub(super) fn status(&self) -> Result<ObjectStatus, String> {
        match self.status.as_deref() {
            None => Ok(ObjectStatus::Ready),
            Some("tainted") => Ok(ObjectStatus::Tainted),
            Some(other) => Err(format!("the status `{other}` is unknown")),
        }
    }
}

/// The address of a resource, still part of the text of the file where it can be.
#[derive(PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct FileName<'t>(#[serde(borrow)] pub(super) Cow<'t, str>);

/// Instances whose attributes are part of the text of the file while it is read.
type Texts<'t> = FileInstances<'t, &'t RawValue>;

/// The resources of a file as they are to be kept. Each is turned into its record as soon as it is
/// read, so that never all of them are there in both forms.
#[derive(Default)]
struct Recorded {
    resources: BTreeMap<ResourceAddr, ResourceRecord>,
    /// What is wrong with the first one that makes no record.
    failure: Option<StateFileError>,
}

impl<'de> Deserialize<'de> for Recorded {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(RecordedVisitor)
    }
}

struct RecordedVisitor;

impl<'de> Visitor<'de> for RecordedVisitor {
    type Value = Recorded;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a sequence")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Recorded, A::Error> {
        let mut recorded = Recorded::default();
        let mut names = Known::default();
        while let Some(resource) = access.next_element::<FileResource<'_, Texts<'_>>>()? {
            let read = read_resource(&mut recorded.resources, resource, &mut names);
            if let Err(failure) = read {
                recorded.failure.get_or_insert(failure);
            }
        }
        Ok(recorded)
    }
}

/// An object as journals and plans hold it: as in the state file, without a place.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredObject(pub ObjectRecord);

impl Serialize for StoredObject {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        instance_to_file(&InstanceKey::None, None, &self.0).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for StoredObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let file = FileInstance::<StoredAttributes>::deserialize(deserializer)?;
        object_from_file(file, read_dependency).map(Self).map_err(serde::de::Error::custom)
    }
}

/// Reads a state file.
pub fn read_state(bytes: &[u8]) -> Result<State, StateFileError> {
    #[derive(Deserialize)]
    struct Version {
        version: u64,
    }
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(StateFileError::Empty);
    }
    // Where everything is well, and that is nearly always, one look at the bytes is enough.
    let read = serde_json::from_slice::<File<Recorded>>(bytes);
    let file = match read {
        Ok(file) if file.version == FORMAT_VERSION => file,
        _ => {
            let version: Version = parse(bytes)?;
            if version.version != FORMAT_VERSION {
                return Err(StateFileError::Version(version.version));
            }
            parse(bytes)?
        }
    };
    let mut state = State::empty(file.lineage);
    state.serial = file.serial;
    state.outputs = outputs_from_file(file.outputs)?;
    if let Some(failure) = file.resources.failure {
        return Err(failure);
    }
    state.resources = file.resources.resources;
    state.checks = from_file(file.check_results.unwrap_or_default());
    Ok(state)
}

fn parse<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, StateFileError> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let parsed = serde_path_to_error::deserialize(&mut deserializer)
        .map_err(|error| malformed(&error.path().to_string(), error.inner()))?;
    deserializer.end().map_err(|error| malformed(".", error))?;
    Ok(parsed)
}

fn malformed(path: &str, reason: impl ToString) -> StateFileError {
    StateFileError::Malformed { path: path.to_owned(), reason: reason.to_string() }
}

pub(super) fn outputs_from_file(
    outputs: BTreeMap<Arc<str>, FileOutput>,
) -> Result<BTreeMap<Arc<str>, OutputRecord>, StateFileError> {
    let read = outputs.into_iter().map(|(name, output)| {
        let ty = Type::from_json(&output.ty)
            .map_err(|reason| malformed(&format!("outputs.{name}.type"), reason))?;
        let value = convert(&output.value.0, &ty)
            .map_err(|error| malformed(&format!("outputs.{name}.value"), error))?;
        Ok((name, OutputRecord { value, sensitive: output.sensitive }))
    });
    read.collect()
}

/// The address of a resource and the provider configuration that made its objects.
pub(super) fn named<Instances>(
    resource: &FileResource<'_, Instances>,
    names: &mut Known,
) -> Result<(ResourceAddr, ProviderConfigAddr), StateFileError> {
    let place = || format!("resources.{}.{}", resource.type_name, resource.name);
    let module = match &resource.module {
        None => ModuleInstance::root(),
        Some(text) => match text.parse() {
            Ok(Target::Module(module)) => module,
            _ => return Err(malformed(&place(), format!("`{text}` is not a module"))),
        },
    };
    let mode = match resource.mode {
        FileMode::Managed => ResourceMode::Managed,
        FileMode::Data => ResourceMode::Data,
    };
    let provider = names
        .providers
        .get(&resource.provider, str::parse)
        .map_err(|error| malformed(&place(), error))?;
    let type_name = ResourceType(names.types.get(&resource.type_name));
    let name = Arc::from(&*resource.name);
    Ok((ResourceAddr { module, local: LocalResource { mode, type_name, name } }, provider))
}

fn read_resource(
    resources: &mut BTreeMap<ResourceAddr, ResourceRecord>,
    resource: FileResource<'_, Texts<'_>>,
    names: &mut Known,
) -> Result<(), StateFileError> {
    let place = || format!("resources.{}.{}", resource.type_name, resource.name);
    let (address, provider) = named(&resource, names)?;
    let mut instances = Instances::default();
    for instance in resource.instances {
        let key = key_from_file(instance.index_key.as_ref())
            .ok_or_else(|| malformed(&place(), "an index key is neither a number nor a text"))?;
        let deposed = instance.deposed.clone();
        let mut record = instances.remove(&key).unwrap_or_default();
        let dependency = |text: &str| names.dependency(text);
        let object =
            object_from_file(instance, dependency).map_err(|reason| malformed(&place(), reason))?;
        let doubled = match deposed {
            Some(deposed) => record.deposed.insert(deposed, object).is_some(),
            None => record.current.replace(object).is_some(),
        };
        if doubled {
            return Err(StateFileError::Duplicate(address.instance(key).to_string()));
        }
        instances.insert(key, record);
    }
    if instances.is_empty() {
        return Ok(());
    }
    match resources.entry(address) {
        Entry::Occupied(held) => Err(StateFileError::Duplicate(held.key().to_string())),
        Entry::Vacant(place) => {
            place.insert(ResourceRecord { provider, instances });
            Ok(())
        }
    }
}

pub(super) fn key_from_file(key: Option<&JsonValue>) -> Option<InstanceKey> {
    let Some(JsonValue(value)) = key else { return Some(InstanceKey::None) };
    if let Some(name) = value.as_str() {
        return Some(InstanceKey::Name(Arc::from(name)));
    }
    value.as_number().and_then(crate::value::Number::as_u64).map(InstanceKey::Index)
}

fn object_from_file<Attributes: Into<StoredAttributes>>(
    file: FileInstance<'_, Attributes>,
    mut dependency: impl FnMut(&str) -> Result<Arc<DeclaredResource>, AddressError>,
) -> Result<ObjectRecord, String> {
    let status = file.status()?;
    let attributes: StoredAttributes = file.attributes.into();
    if !attributes.is_object() {
        return Err("the attributes are not an object".to_owned());
    }
    let dependencies = file.dependencies.iter().map(|FileName(text)| {
        dependency(text).map_err(|_| format!("the dependency `{text}` is not a resource"))
    });
    Ok(ObjectRecord {
        status,
        schema_version: file.schema_version,
        dependencies: dependencies.collect::<Result<_, _>>()?,
        sensitive: file.sensitive_attributes.into_iter().map(path_from_file).collect(),
        attributes,
        create_before_destroy: file.create_before_destroy,
    })
}

/// The resources of a state, turned into what the file holds one by one.
struct Written<'s>(&'s State);

impl Serialize for Written<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.resources.iter().map(resource_to_file))
    }
}

/// Writes a state file, two blanks a level and a newline at the end. Same state, same bytes.
pub fn write_state(state: &State) -> Result<Vec<u8>, serde_json::Error> {
    let mut bytes = serde_json::to_vec_pretty(&file_of(state))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// A state as plans hold it: as in its file.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredState(pub Arc<State>);

impl Serialize for StoredState {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        file_of(&self.0).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for StoredState {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <&RawValue>::deserialize(deserializer)?;
        let state = read_state(text.get().as_bytes()).map_err(serde::de::Error::custom)?;
        Ok(Self(Arc::new(state)))
    }
}

fn file_of(state: &State) -> File<Written<'_>> {
    let outputs = state.outputs.iter().map(|(name, output)| {
        let file = FileOutput {
            ty: output.value.ty().to_json(),
            value: JsonValue(output.value.clone()),
            sensitive: output.sensitive,
        };
        (Arc::clone(name), file)
    });
    File {
        version: FORMAT_VERSION,
        terraform_version: LANGUAGE_VERSION.to_owned(),
        serial: state.serial,
        lineage: state.lineage.clone(),
        outputs: outputs.collect(),
        resources: Written(state),
        check_results: to_file(&state.checks),
    }
}

fn resource_to_file<'t>(
    (address, resource): (&'t ResourceAddr, &ResourceRecord),
) -> FileResource<'t, FileInstances<'t, StoredAttributes>> {
    let instances = resource.instances.iter().flat_map(|(key, record)| {
        let current = record.current.iter().map(|object| instance_to_file(key, None, object));
        let deposed = record
            .deposed
            .iter()
            .map(|(deposed, object)| instance_to_file(key, Some(deposed.clone()), object));
        current.chain(deposed)
    });
    FileResource {
        module: (!address.module.is_root()).then(|| address.module.to_string()),
        mode: match address.local.mode {
            ResourceMode::Managed => FileMode::Managed,
            ResourceMode::Data => FileMode::Data,
        },
        type_name: Cow::Borrowed(&address.local.type_name.0),
        name: Cow::Borrowed(&address.local.name),
        provider: resource.provider.to_string().into(),
        instances: instances.collect(),
    }
}

fn instance_to_file<'t>(
    key: &InstanceKey,
    deposed: Option<DeposedKey>,
    object: &ObjectRecord,
) -> FileInstance<'t, StoredAttributes> {
    FileInstance {
        index_key: match key {
            InstanceKey::None => None,
            InstanceKey::Index(index) => {
                Some(JsonValue(Value::from(i64::try_from(*index).unwrap_or(i64::MAX))))
            }
            InstanceKey::Name(name) => Some(JsonValue(Value::string(name))),
        },
        status: (object.status == ObjectStatus::Tainted).then(|| "tainted".to_owned()),
        deposed,
        schema_version: object.schema_version,
        attributes: object.attributes.clone(),
        sensitive_attributes: object.sensitive.iter().map(path_to_file).collect(),
        dependencies: object
            .dependencies
            .iter()
            .map(|resource| FileName(resource.to_string().into()))
            .collect(),
        create_before_destroy: object.create_before_destroy,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = include_str!("file_sample.json");

    #[test]
    fn what_is_read_is_written_back_to_the_byte() {
        let state = read_state(SAMPLE.as_bytes()).unwrap();
        assert_eq!(String::from_utf8(write_state(&state).unwrap()).unwrap(), SAMPLE);
    }

    #[test]
    fn torn_and_foreign_files_are_refused() {
        for length in [0, 1, 40, SAMPLE.len() / 2, SAMPLE.len() - 3] {
            assert!(read_state(&SAMPLE.as_bytes()[..length]).is_err(), "{length} bytes");
        }
        let newer = SAMPLE.replace("\"version\": 4", "\"version\": 5");
        assert_eq!(read_state(newer.as_bytes()), Err(StateFileError::Version(5)));
        let doubled = SAMPLE.replace("\"index_key\": 1", "\"index_key\": 0");
        assert!(matches!(read_state(doubled.as_bytes()), Err(StateFileError::Duplicate(_))));
    }
}
