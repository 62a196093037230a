//! `terraform_remote_state`: the outputs of a state that somebody else keeps.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;

use crate::schema::{Attribute, Rule, Schema};
use crate::sdk::seal::{Keyring, Purpose};
use crate::sdk::{Context, DataSpec, DynDataSource, ErrorKind, ProviderError};
use crate::value::{JsonValue, Key, Type, Value, convert};
use crate::world::{BoxFuture, read_regular};

/// The type's name.
pub(super) const TYPE: &str = "terraform_remote_state";

/// The backends that can be read so far.
const BACKENDS: [&str; 1] = ["local"];

/// Other backends that Terraform has.
const LATER: [&str; 12] = [
    "azurerm",
    "consul",
    "cos",
    "gcs",
    "http",
    "kubernetes",
    "oci",
    "oss",
    "pg",
    "remote",
    "s3",
    "cloud",
];

/// The settings of the backend `local`.
const SETTINGS: [&str; 2] = ["path", "workspace_dir"];

/// What the engine must know of the type.
pub(super) fn spec() -> DataSpec {
    DataSpec {
        type_name: TYPE,
        schema: Schema::new(
            "Reads the outputs of another state, of Terraform or of snapform.",
            vec![
                Attribute::required("backend", Type::String, "Where the state is kept.")
                    .rule(Rule::new("`local`", is_readable)),
                Attribute::optional("config", Type::Any, "The settings of that backend.")
                    .rule(Rule::new("an object with `path`, `workspace_dir`", has_settings)),
                Attribute::optional(
                    "workspace",
                    Type::String,
                    "The workspace to read; `default` unless given.",
                ),
                Attribute::optional(
                    "defaults",
                    Type::Any,
                    "Outputs to assume where the state does not hold them.",
                ),
                Attribute::computed("outputs", Type::Any, "The outputs, by name."),
            ],
        ),
        validate: |_| Vec::new(),
    }
}

/// Whether the states of a backend can be read.
fn is_readable(backend: &Value) -> Result<(), String> {
    let backend = backend.as_str().unwrap_or_default();
    if BACKENDS.contains(&backend) {
        Ok(())
    } else if LATER.contains(&backend) {
        Err(format!("cannot be `{backend}` yet: only states in local files are read so far"))
    } else {
        Err(format!("must be `local`: there is no backend `{backend}`"))
    }
}

/// Whether these are settings of the backend `local`, the only one so far.
fn has_settings(config: &Value) -> Result<(), String> {
    let Some(settings) = config.entries() else {
        return Err(format!("must be an object, not {}", config.ty().phrase()));
    };
    let known = SETTINGS.join("`, `");
    match settings.iter().find(|(name, _)| !SETTINGS.contains(&&**name)) {
        Some((name, _)) => Err(format!("has `{name}`, and the backend `local` has only `{known}`")),
        None => Ok(()),
    }
}

/// The data type.
pub(super) struct RemoteState {
    keys: Arc<Keyring>,
}

impl RemoteState {
    pub(super) fn new(keys: &Arc<Keyring>) -> Self {
        Self { keys: Arc::clone(keys) }
    }
}

impl DynDataSource for RemoteState {
    fn read<'a>(
        &'a self,
        _: &'a Context,
        arguments: &'a Value,
    ) -> BoxFuture<'a, Result<Value, ProviderError>> {
        Box::pin(async move { read(arguments, &self.keys) })
    }
}

fn read(arguments: &Value, keys: &Keyring) -> Result<Value, ProviderError> {
    // Data of a check comes here without its rules having been looked at.
    for (name, check) in [("backend", is_readable as fn(&Value) -> _), ("config", has_settings)] {
        let given = arguments.attribute(name).filter(|given| !given.is_null());
        if let Some(Err(reason)) = given.map(check) {
            return Err(refuse(name, format!("`{name}` {reason}.")));
        }
    }
    let place = place(arguments)?;
    let mut outputs = defaults(arguments)?;
    match read_regular(&place) {
        Ok(bytes) => outputs.extend(outputs_of(&opened(bytes, &place, keys)?, &place)?),
        Err(error) => {
            let detail = format!("The state `{}` cannot be read: {error}.", place.display());
            return Err(ProviderError::new(ErrorKind::Refused, TYPE, detail));
        }
    }
    let entries = arguments.entries().unwrap_or_default().iter().map(|(name, value)| {
        let value =
            if **name == *"outputs" { Value::object(outputs.clone()) } else { value.clone() };
        (Key::clone(name), value)
    });
    Ok(Value::object(entries.collect::<Vec<_>>()))
}

/// The bytes of a state file, also of one that is encrypted.
fn opened(bytes: Vec<u8>, place: &Path, keys: &Keyring) -> Result<Vec<u8>, ProviderError> {
    let opened = keys.open(Purpose::State, bytes).map_err(|error| {
        let mut detail = format!("The state `{}` cannot be read: {error}.", place.display());
        if let Some(advice) = error.advice() {
            detail.push_str(&format!(" To read it, {advice}."));
        }
        refuse("config", detail)
    });
    opened.map(|opened| opened.bytes)
}

fn refuse(attribute: &str, detail: String) -> ProviderError {
    ProviderError::new(ErrorKind::Refused, TYPE, detail).attribute(attribute)
}

/// The file that a local backend with these settings keeps its state in.
fn place(arguments: &Value) -> Result<PathBuf, ProviderError> {
    let config = arguments.attribute("config").filter(|config| !config.is_null());
    let setting = |name: &str| -> Result<Option<String>, ProviderError> {
        let Some(value) = config.and_then(|config| config.attribute(name)) else { return Ok(None) };
        let text = convert(value, &Type::String)
            .map_err(|_| refuse("config", format!("`{name}` must be a text.")))?;
        Ok(text.as_str().map(str::to_owned))
    };
    let workspace = arguments.attribute("workspace").and_then(Value::as_str).unwrap_or("default");
    let path = setting("path")?;
    if workspace == "default" {
        return Ok(PathBuf::from(path.unwrap_or_else(|| "terraform.tfstate".to_owned())));
    }
    let folder = setting("workspace_dir")?.unwrap_or_else(|| "terraform.tfstate.d".to_owned());
    Ok(PathBuf::from(folder).join(workspace).join("terraform.tfstate"))
}

type Outputs = Vec<(Key, Value)>;

fn defaults(arguments: &Value) -> Result<Outputs, ProviderError> {
    match arguments.attribute("defaults").filter(|defaults| !defaults.is_null()) {
        None => Ok(Outputs::new()),
        Some(defaults) => match defaults.entries() {
            Some(entries) => Ok(entries.to_vec()),
            None => Err(refuse("defaults", "`defaults` must be an object.".to_owned())),
        },
    }
}

/// The part of a state file that matters here.
#[derive(Deserialize)]
struct File {
    version: u64,
    #[serde(default)]
    outputs: std::collections::BTreeMap<Arc<str>, Output>,
}

#[derive(Deserialize)]
struct Output {
    value: JsonValue,
    #[serde(rename = "type")]
    ty: Type,
}

/// The outputs of a state file. As Terraform has it, none is sensitive here, whatever the file says.
fn outputs_of(bytes: &[u8], place: &Path) -> Result<Outputs, ProviderError> {
    let unusable = |reason: String| {
        refuse("config", format!("`{}` is not a usable state: {reason}.", place.display()))
    };
    let file: File = serde_json::from_slice(bytes).map_err(|error| unusable(error.to_string()))?;
    if file.version != 4 {
        return Err(unusable(format!("its version is {}, not 4", file.version)));
    }
    let outputs = file.outputs.into_iter().map(|(name, output)| {
        let value =
            convert(&output.value.0, &output.ty).map_err(|error| unusable(error.to_string()))?;
        Ok((name, value))
    });
    outputs.collect()
}
