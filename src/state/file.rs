//! The state file: Terraform's version 4 JSON.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::addr::{
    InstanceKey, LocalResource, ModuleInstance, ProviderConfigAddr, ResourceAddr, ResourceMode,
    ResourceType, Target,
};
use crate::value::{JsonValue, Path, PathSegment, Type, Value, convert};

use super::{
    DeposedKey, InstanceRecord, Lineage, ObjectRecord, ObjectStatus, OutputRecord, ResourceRecord,
    Serial, State,
};

/// The version of the format that is read and written.
pub const FORMAT_VERSION: u64 = 4;

/// The version written where Terraform writes its own: the language level we follow.
const LANGUAGE_VERSION: &str = "1.11.4";

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
struct File {
    version: u64,
    #[serde(default)]
    terraform_version: String,
    serial: Serial,
    lineage: Lineage,
    #[serde(default)]
    outputs: BTreeMap<Arc<str>, FileOutput>,
    #[serde(default)]
    resources: Vec<FileResource>,
    #[serde(default)]
    check_results: Option<serde_json::Value>,
}

#[derive(Serialize, Deserialize)]
struct FileOutput {
    value: JsonValue,
    #[serde(rename = "type")]
    ty: serde_json::Value,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    sensitive: bool,
}

#[derive(Serialize, Deserialize)]
struct FileResource {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    module: Option<String>,
    mode: FileMode,
    #[serde(rename = "type")]
    type_name: Arc<str>,
    name: Arc<str>,
    provider: String,
    instances: Vec<FileInstance>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum FileMode {
    Managed,
    Data,
}

#[derive(Serialize, Deserialize)]
struct FileInstance {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    index_key: Option<JsonValue>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    deposed: Option<DeposedKey>,
    schema_version: u64,
    attributes: JsonValue,
    #[serde(default)]
    sensitive_attributes: Vec<Vec<FileStep>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    dependencies: Vec<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    create_before_destroy: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "type", content = "value", rename_all = "snake_case")]
enum FileStep {
    GetAttr(Arc<str>),
    Index(JsonValue),
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
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let file = FileInstance::deserialize(deserializer)?;
        object_from_file(file).map(Self).map_err(serde::de::Error::custom)
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
    let version: Version = parse(bytes)?;
    if version.version != FORMAT_VERSION {
        return Err(StateFileError::Version(version.version));
    }
    let file: File = parse(bytes)?;
    let mut state = State::empty(file.lineage);
    state.serial = file.serial;
    for (name, output) in file.outputs {
        let ty = Type::from_json(&output.ty)
            .map_err(|reason| malformed(&format!("outputs.{name}.type"), reason))?;
        let value = convert(&output.value.0, &ty)
            .map_err(|error| malformed(&format!("outputs.{name}.value"), error))?;
        state.outputs.insert(name, OutputRecord { value, sensitive: output.sensitive });
    }
    for resource in file.resources {
        read_resource(&mut state, resource)?;
    }
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

fn read_resource(state: &mut State, resource: FileResource) -> Result<(), StateFileError> {
    let place = format!("resources.{}.{}", resource.type_name, resource.name);
    let module = match &resource.module {
        None => ModuleInstance::root(),
        Some(text) => match text.parse() {
            Ok(Target::Module(module)) => module,
            _ => return Err(malformed(&place, format!("`{text}` is not a module"))),
        },
    };
    let mode = match resource.mode {
        FileMode::Managed => ResourceMode::Managed,
        FileMode::Data => ResourceMode::Data,
    };
    let provider: ProviderConfigAddr =
        resource.provider.parse().map_err(|error| malformed(&place, error))?;
    let type_name = ResourceType(resource.type_name);
    let address =
        ResourceAddr { module, local: LocalResource { mode, type_name, name: resource.name } };
    let mut instances: BTreeMap<InstanceKey, InstanceRecord> = BTreeMap::new();
    for instance in resource.instances {
        let key = key_from_file(instance.index_key.as_ref())
            .ok_or_else(|| malformed(&place, "an index key is neither a number nor a text"))?;
        let deposed = instance.deposed.clone();
        let record = instances.entry(key.clone()).or_default();
        let object = object_from_file(instance).map_err(|reason| malformed(&place, reason))?;
        let doubled = match deposed {
            Some(deposed) => record.deposed.insert(deposed, object).is_some(),
            None => record.current.replace(object).is_some(),
        };
        if doubled {
            return Err(StateFileError::Duplicate(address.instance(key).to_string()));
        }
    }
    if instances.is_empty() {
        return Ok(());
    }
    let text = address.to_string();
    match state.resources.insert(address, ResourceRecord { provider, instances }) {
        Some(_) => Err(StateFileError::Duplicate(text)),
        None => Ok(()),
    }
}

fn key_from_file(key: Option<&JsonValue>) -> Option<InstanceKey> {
    let Some(JsonValue(value)) = key else { return Some(InstanceKey::None) };
    if let Some(name) = value.as_str() {
        return Some(InstanceKey::Name(Arc::from(name)));
    }
    value.as_number().and_then(crate::value::Number::as_u64).map(InstanceKey::Index)
}

fn object_from_file(file: FileInstance) -> Result<ObjectRecord, String> {
    let status = match file.status.as_deref() {
        None => ObjectStatus::Ready,
        Some("tainted") => ObjectStatus::Tainted,
        Some(other) => return Err(format!("the status `{other}` is unknown")),
    };
    if file.attributes.0.entries().is_none() {
        return Err("the attributes are not an object".to_owned());
    }
    let dependencies = file
        .dependencies
        .iter()
        .map(|text| text.parse().map_err(|_| format!("the dependency `{text}` is not a resource")));
    Ok(ObjectRecord {
        status,
        schema_version: file.schema_version,
        dependencies: dependencies.collect::<Result<_, _>>()?,
        sensitive: file.sensitive_attributes.into_iter().map(path_from_file).collect(),
        attributes: file.attributes.0,
        create_before_destroy: file.create_before_destroy,
    })
}

fn path_from_file(steps: Vec<FileStep>) -> Path {
    Path(
        steps
            .into_iter()
            .filter_map(|step| match step {
                FileStep::GetAttr(name) => Some(PathSegment::Attribute(name)),
                FileStep::Index(JsonValue(index)) => match index.as_str() {
                    Some(key) => Some(PathSegment::Attribute(Arc::from(key))),
                    None => {
                        let index = index.as_number()?.as_u64()?;
                        Some(PathSegment::Index(usize::try_from(index).ok()?))
                    }
                },
            })
            .collect(),
    )
}

fn path_to_file(path: &Path) -> Vec<FileStep> {
    let steps = path.0.iter().map(|segment| match segment {
        PathSegment::Attribute(name) => FileStep::GetAttr(Arc::clone(name)),
        PathSegment::Index(index) => {
            FileStep::Index(JsonValue(Value::from(i64::try_from(*index).unwrap_or(i64::MAX))))
        }
    });
    steps.collect()
}

/// Writes a state file, two blanks a level and a newline at the end. Same state, same bytes.
pub fn write_state(state: &State) -> Result<Vec<u8>, serde_json::Error> {
    let outputs = state.outputs.iter().map(|(name, output)| {
        let file = FileOutput {
            ty: output.value.ty().to_json(),
            value: JsonValue(output.value.clone()),
            sensitive: output.sensitive,
        };
        (Arc::clone(name), file)
    });
    let file = File {
        version: FORMAT_VERSION,
        terraform_version: LANGUAGE_VERSION.to_owned(),
        serial: state.serial,
        lineage: state.lineage.clone(),
        outputs: outputs.collect(),
        resources: state.resources.iter().map(resource_to_file).collect(),
        check_results: None,
    };
    let mut bytes = serde_json::to_vec_pretty(&file)?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn resource_to_file((address, resource): (&ResourceAddr, &ResourceRecord)) -> FileResource {
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
        type_name: Arc::clone(&address.local.type_name.0),
        name: Arc::clone(&address.local.name),
        provider: resource.provider.to_string(),
        instances: instances.collect(),
    }
}

fn instance_to_file(
    key: &InstanceKey,
    deposed: Option<DeposedKey>,
    object: &ObjectRecord,
) -> FileInstance {
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
        attributes: JsonValue(object.attributes.clone()),
        sensitive_attributes: object.sensitive.iter().map(path_to_file).collect(),
        dependencies: object.dependencies.iter().map(ToString::to_string).collect(),
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
