//! The declarations a plan was made from.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use serde_json::Value as Json;

use crate::addr::{LocalProvider, ModulePath, Reference};
use crate::config::{
    Config, Mention, Module, ModuleCall, OutputDecl, Repetition, ResourceDecl, VariableDecl,
    mentions,
};
use crate::engine::{Catalog, default_of};
use crate::lang::{Environment, Evaluator, NoReferences};
use crate::schema::{Nesting, Schema};
use crate::syntax::{Body, Expression, Kind};
use crate::text::Span;
use crate::value::Marks;

use super::resources::mode;
use super::values::{Plain, Secrets};

/// The declarations of all modules.
#[derive(Serialize)]
pub(super) struct ConfigurationDocument<'a> {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    provider_config: BTreeMap<String, ProviderDocument<'a>>,
    root_module: ModuleDocument<'a>,
}

#[derive(Serialize)]
struct ProviderDocument<'a> {
    name: &'a str,
    full_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    alias: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    module_address: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    expressions: BTreeMap<&'a str, Json>,
}

#[derive(Serialize)]
struct ModuleDocument<'a> {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    outputs: BTreeMap<&'a str, OutputDocument<'a>>,
    #[serde(skip_serializing_if = "Resources::is_empty")]
    resources: Resources<'a>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    module_calls: BTreeMap<&'a str, CallDocument<'a>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    variables: BTreeMap<&'a str, VariableDocument<'a>>,
}

/// The resources of a module, which become documents one by one while they are written.
struct Resources<'a> {
    writing: Writing<'a>,
    path: ModulePath,
    module: &'a Module,
}

impl Resources<'_> {
    fn is_empty(&self) -> bool {
        self.module.resources.is_empty()
    }
}

impl Serialize for Resources<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let resources = self.module.resources.values();
        let documents = resources.map(|resource| self.writing.resource(&self.path, resource));
        serializer.collect_seq(documents)
    }
}

#[derive(Serialize)]
struct OutputDocument<'a> {
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    sensitive: bool,
    expression: Json,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    depends_on: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
}

#[derive(Serialize)]
struct ResourceDocument<'a> {
    address: String,
    mode: &'static str,
    #[serde(rename = "type")]
    type_name: &'a str,
    name: &'a str,
    provider_config_key: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    expressions: BTreeMap<&'a str, Json>,
    schema_version: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    count_expression: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    for_each_expression: Option<Json>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    depends_on: Vec<String>,
}

#[derive(Serialize)]
struct CallDocument<'a> {
    source: &'a str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    expressions: BTreeMap<&'a str, Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    count_expression: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    for_each_expression: Option<Json>,
    module: ModuleDocument<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    depends_on: Vec<String>,
}

#[derive(Serialize)]
struct VariableDocument<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    default: Option<Plain<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    sensitive: bool,
}

/// The document.
pub(super) fn configuration<'a>(
    config: &'a Config,
    catalog: &'a Catalog,
    secrets: Secrets,
) -> ConfigurationDocument<'a> {
    let writing = Writing { config, catalog, secrets };
    ConfigurationDocument {
        provider_config: writing.providers(),
        root_module: writing.module(&ModulePath::root(), config.root()),
    }
}

/// A module that could not be read.
static NOTHING: std::sync::LazyLock<Module> = std::sync::LazyLock::new(Module::default);

#[derive(Clone, Copy)]
struct Writing<'a> {
    config: &'a Config,
    catalog: &'a Catalog,
    secrets: Secrets,
}

impl<'a> Writing<'a> {
    /// Every provider configuration that is declared or used.
    fn providers(self) -> BTreeMap<String, ProviderDocument<'a>> {
        let mut documents = BTreeMap::new();
        for (path, found) in self.config.modules() {
            for provider in found.module.providers.values() {
                let schema = self.catalog.provider(&provider.address.provider.0);
                let schema = schema.map(crate::sdk::Provider::schema);
                let expressions =
                    schema.map(|schema| in_body(&schema, &provider.body)).unwrap_or_default();
                let document =
                    ProviderDocument { expressions, ..of_provider(path, &provider.address) };
                documents.insert(provider_key(path, &provider.address), document);
            }
            for resource in found.module.resources.values() {
                let (owner, local) = self.owner(path, &resource.provider);
                documents
                    .entry(provider_key(&owner, local))
                    .or_insert_with(|| of_provider(&owner, local));
            }
        }
        documents
    }

    /// The module under whose name a provider configuration is listed, and what it is called there:
    /// the one that declares it, or the outermost one of those above that use it without a gap.
    fn owner(self, path: &ModulePath, local: &'a LocalProvider) -> (ModulePath, &'a LocalProvider) {
        let declares = |path: &ModulePath, local: &LocalProvider| {
            self.config.module(path).is_some_and(|module| module.providers.contains_key(local))
        };
        let uses = |path: &ModulePath, local: &LocalProvider| {
            let module = self.config.module(path);
            module.is_some_and(|module| {
                module.resources.values().any(|resource| resource.provider == *local)
            })
        };
        let (mut path, mut local) = (path.clone(), local);
        while !declares(&path, local) {
            let Some((caller, _)) = path.parent() else { break };
            let passed = self
                .config
                .call(&path)
                .and_then(|call| call.providers.iter().find(|passed| passed.inner == *local));
            match passed {
                Some(passed) => local = &passed.outer,
                None if declares(&caller, local) || uses(&caller, local) => {}
                None => break,
            }
            path = caller;
        }
        (path, local)
    }

    fn module(self, path: &ModulePath, module: &'a Module) -> ModuleDocument<'a> {
        ModuleDocument {
            outputs: module
                .outputs
                .values()
                .map(|output| (&*output.name, of_output(output)))
                .collect(),
            resources: Resources { writing: self, path: path.clone(), module },
            module_calls: module
                .calls
                .values()
                .map(|call| (&*call.name, self.call(path, call)))
                .collect(),
            variables: module
                .variables
                .values()
                .map(|variable| (&*variable.name, self.variable(variable)))
                .collect(),
        }
    }

    fn resource(self, path: &ModulePath, resource: &'a ResourceDecl) -> ResourceDocument<'a> {
        let address = &resource.address;
        let schema = self.catalog.schema(address);
        let (count_expression, for_each_expression) = repetition(&resource.repetition);
        let (owner, local) = self.owner(path, &resource.provider);
        ResourceDocument {
            address: address.to_string(),
            mode: mode(address.mode),
            type_name: &address.type_name.0,
            name: &address.name,
            provider_config_key: provider_key(&owner, local),
            expressions: schema.map(|schema| in_body(schema, &resource.body)).unwrap_or_default(),
            schema_version: schema.map_or(0, |schema| schema.version),
            count_expression,
            for_each_expression,
            depends_on: named(&resource.depends_on),
        }
    }

    fn call(self, path: &ModulePath, call: &'a ModuleCall) -> CallDocument<'a> {
        let (count_expression, for_each_expression) = repetition(&call.repetition);
        let child = path.child(&call.name);
        let arguments = call.arguments.iter();
        CallDocument {
            source: &call.source,
            expressions: arguments
                .map(|(name, argument)| (&**name, expression(&argument.value)))
                .collect(),
            count_expression,
            for_each_expression,
            module: self.module(&child, self.config.module(&child).unwrap_or(&NOTHING)),
            depends_on: named(&call.depends_on),
        }
    }

    fn variable(self, variable: &'a VariableDecl) -> VariableDocument<'a> {
        let default = variable.default.as_ref().and_then(|_| default_of(variable).ok());
        let default = default.map(|value| {
            let value = value.with_marks(Marks::NONE);
            let value = if variable.sensitive { value.sensitive() } else { value };
            Plain::owned(value, self.secrets)
        });
        VariableDocument {
            default,
            description: variable.description.as_deref(),
            sensitive: variable.sensitive,
        }
    }
}

fn of_provider<'a>(path: &ModulePath, local: &'a LocalProvider) -> ProviderDocument<'a> {
    ProviderDocument {
        name: &local.provider.0,
        full_name: local.provider.source(),
        alias: local.alias.as_deref(),
        module_address: (!path.is_root()).then(|| path.to_string()),
        expressions: BTreeMap::new(),
    }
}

fn provider_key(path: &ModulePath, local: &LocalProvider) -> String {
    if path.is_root() { local.to_string() } else { format!("{path}:{local}") }
}

fn of_output(output: &OutputDecl) -> OutputDocument<'_> {
    OutputDocument {
        sensitive: output.sensitive,
        expression: expression(&output.value),
        depends_on: named(&output.depends_on),
        description: output.description.as_deref(),
    }
}

fn named(references: &[(Reference, Span)]) -> Vec<String> {
    references.iter().map(|(reference, _)| reference.to_string()).collect()
}

fn repetition(repetition: &Repetition) -> (Option<Json>, Option<Json>) {
    match repetition {
        Repetition::Single => (None, None),
        Repetition::Count(count) => (said(count), None),
        Repetition::ForEach(each) => (None, said(each)),
    }
}

/// An expression, unless there is nothing to say of it.
fn said(written: &Expression) -> Option<Json> {
    let document = expression(written);
    document.as_object().is_some_and(|entries| !entries.is_empty()).then_some(document)
}

/// The arguments and blocks of a body that its schema knows.
fn in_body<'a>(schema: &Schema, body: &'a Body) -> BTreeMap<&'a str, Json> {
    let known = body.attributes.iter().filter(|found| schema.attribute(&found.name).is_some());
    let mut expressions: BTreeMap<&str, Json> =
        known.map(|found| (&*found.name, expression(&found.value))).collect();
    for found in &body.blocks {
        let Some(block) = schema.block(&found.kind) else { continue };
        let inner: serde_json::Map<_, _> = in_body(&block.schema, &found.body)
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        let inner = Json::Object(inner);
        match block.nesting {
            Nesting::Single => {
                expressions.insert(&*found.kind, inner);
            }
            Nesting::List | Nesting::Set => {
                let all =
                    expressions.entry(&*found.kind).or_insert_with(|| Json::Array(Vec::new()));
                if let Json::Array(all) = all {
                    all.push(inner);
                }
            }
            Nesting::Map => {
                let label = found.labels.first().map(|label| label.text.to_string());
                let all = expressions
                    .entry(&*found.kind)
                    .or_insert_with(|| Json::Object(serde_json::Map::new()));
                if let (Json::Object(all), Some(label)) = (all, label) {
                    all.insert(label, inner);
                }
            }
        }
    }
    expressions
}

/// An expression as what it is, where it needs nothing to be evaluated, and as what it mentions.
fn expression(expression: &Expression) -> Json {
    let mut document = serde_json::Map::new();
    let references: Vec<String> = mentions(expression).iter().flat_map(Mention::texts).collect();
    if !references.is_empty() {
        document.insert("references".to_owned(), references.into());
        return Json::Object(document);
    }
    let mut calls = false;
    expression.visit(&mut |part| calls |= matches!(part.kind(), Kind::Call(_)));
    let value = (!calls)
        .then(|| Evaluator::new(&NoReferences, Environment::default()).evaluate(expression).ok());
    if let Some(value) = value.flatten().filter(crate::value::Value::is_wholly_known) {
        document.insert("constant_value".to_owned(), value.to_json());
    }
    Json::Object(document)
}
