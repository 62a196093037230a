//! Configured providers, each made once, when it is first needed.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::addr::{InstanceAddr, InstanceKey, ModuleInstance, ModuleStep, ProviderConfigAddr};
use crate::config::ProviderDecl;
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::schema::{Problem, ProblemKind, Schema};
use crate::sdk::{ConfigureContext, Configured, DynDataSource, DynResource, most_steps};
use crate::text::Span;
use crate::value::{Data, Key, Value};

use super::evaluate::{Evaluation, Repeated};
use super::{Engine, arguments, report};

/// The only instance of the module of a provider configuration: modules that declare some have
/// neither `count` nor `for_each`.
fn only_instance(address: &ProviderConfigAddr) -> ModuleInstance {
    let step = |name: &Arc<str>| ModuleStep { name: Arc::clone(name), key: InstanceKey::None };
    ModuleInstance(address.module.0.iter().map(step).collect())
}

/// The provider configurations of a run.
pub(super) struct Clients<'a> {
    engine: &'a Engine<'a>,
    evaluation: &'a Evaluation<'a>,
    made: RefCell<BTreeMap<ProviderConfigAddr, Configured>>,
}

impl<'a> Clients<'a> {
    pub(super) fn new(engine: &'a Engine<'a>, evaluation: &'a Evaluation<'a>) -> Self {
        Self { engine, evaluation, made: RefCell::default() }
    }

    /// Tells whether a provider configuration was made already.
    pub(super) fn has(&self, address: &ProviderConfigAddr) -> bool {
        self.made.borrow().contains_key(address)
    }

    /// The client for a resource type under a provider configuration.
    pub(super) fn resource(
        &self,
        address: &ProviderConfigAddr,
        type_name: &str,
    ) -> Result<Arc<dyn DynResource>, Diagnostics> {
        self.find(address, type_name, |configured| configured.resources.get(type_name).cloned())
    }

    /// The client for a data type under a provider configuration.
    pub(super) fn data(
        &self,
        address: &ProviderConfigAddr,
        type_name: &str,
    ) -> Result<Arc<dyn DynDataSource>, Diagnostics> {
        self.find(address, type_name, |configured| configured.data.get(type_name).cloned())
    }

    /// How many steps of a provider configuration may be under way at once, where it can be made and
    /// says so.
    pub(super) fn parallelism(&self, address: &ProviderConfigAddr) -> Option<usize> {
        self.make(address).ok()?;
        self.made.borrow().get(address)?.parallelism
    }

    fn make(&self, address: &ProviderConfigAddr) -> Result<(), Diagnostics> {
        if !self.has(address) {
            let configured = self.configure(address)?;
            self.made.borrow_mut().insert(address.clone(), configured);
        }
        Ok(())
    }

    fn find<T>(
        &self,
        address: &ProviderConfigAddr,
        type_name: &str,
        get: impl Fn(&Configured) -> Option<T>,
    ) -> Result<T, Diagnostics> {
        self.make(address)?;
        self.made.borrow().get(address).and_then(get).ok_or_else(|| {
            let detail = format!("Provider `{}` has no type `{type_name}`.", address.provider());
            Diagnostic::error(code::UNKNOWN_RESOURCE_TYPE, detail).into()
        })
    }

    fn configure(&self, address: &ProviderConfigAddr) -> Result<Configured, Diagnostics> {
        let Some(provider) = self.engine.catalog.provider(address.provider()) else {
            let detail = format!("There is no provider `{}`.", address.provider());
            return Err(Diagnostic::error(code::UNKNOWN_PROVIDER, detail).into());
        };
        let schema = provider.schema();
        let settings = self.settings(address, &schema)?;
        let settings = self.point_at_emulator(provider.name(), settings);
        self.must_be_known(address, &settings)?;
        let cx = ConfigureContext {
            world: self.engine.world.clone(),
            transport: Arc::clone(&self.engine.transport),
            environment: self.engine.environment.clone(),
            keys: Arc::clone(&self.engine.keys),
        };
        let mut found = schema.check_rules(&settings);
        match provider.configure(&settings, &cx) {
            Ok(configured) if found.is_empty() => {
                let parallelism = most_steps(&settings);
                return Ok(Configured { parallelism, ..configured });
            }
            Ok(_) => {}
            Err(problems) => found.extend(problems),
        }
        Err(self.explain(address, found))
    }

    /// The settings as the configuration gives them; a provider without a block has none.
    fn settings(
        &self,
        address: &ProviderConfigAddr,
        schema: &Schema,
    ) -> Result<Value, Diagnostics> {
        if let Some(declared) = self.declared(address)
            && let Some(frame) = self.evaluation.inside(&only_instance(address))
        {
            let nobody = Repeated::default();
            return arguments::evaluate(&frame, schema, &declared.body, &nobody);
        }
        if address.local.alias.is_some() || !address.module.is_root() {
            let detail = format!(
                "Objects in state were made with the provider configuration `{}`, which is no longer declared.",
                address.local
            );
            return Err(Diagnostic::error(code::PROVIDER_SETTINGS, detail)
                .help("keep its `provider` block until they are deleted or replaced")
                .into());
        }
        let attributes = schema.attributes.iter();
        Ok(Value::object(
            attributes.map(|attribute| (attribute.name, Value::null(attribute.ty.clone()))),
        ))
    }

    fn must_be_known(
        &self,
        address: &ProviderConfigAddr,
        settings: &Value,
    ) -> Result<(), Diagnostic> {
        let mut entries = settings.entries().unwrap_or_default().iter();
        match entries.find(|(_, value)| matches!(value.data(), Data::Unknown(_))) {
            None => Ok(()),
            Some((name, _)) => {
                let detail = format!(
                    "`{name}` of provider `{}` is known after apply, and the provider is needed before.",
                    address.local
                );
                Err(Diagnostic::error(code::UNKNOWN_NOT_ALLOWED, detail)
                    .at_if_missing(self.place(address)))
            }
        }
    }

    /// Problems of a provider's settings; those that are missing make up one diagnostic.
    fn explain(&self, address: &ProviderConfigAddr, found: Vec<Problem>) -> Diagnostics {
        let body = self.declared(address).map(|declared| &declared.body);
        let name = &address.local;
        let mut missing: Option<Diagnostic> = None;
        let mut explained = Diagnostics::default();
        for problem in found {
            let is_missing = problem.kind == ProblemKind::Missing;
            let diagnostic = report::of_problem(problem, body, self.place(address));
            match &mut missing {
                Some(first) if is_missing => {
                    first.detail = format!("{} {}", first.detail, diagnostic.detail);
                    first.helps.extend(diagnostic.helps);
                }
                None if is_missing => {
                    let detail = format!("Provider `{name}`: {}", diagnostic.detail);
                    let code = code::PROVIDER_SETTINGS;
                    missing = Some(Diagnostic { code, detail, ..diagnostic });
                }
                _ => {
                    let detail = format!("Provider `{name}`: {}", diagnostic.detail);
                    explained.push(Diagnostic { detail, ..diagnostic });
                }
            }
        }
        explained.extend(missing);
        explained
    }

    /// Where an instance is declared, if it still is.
    pub(super) fn header(&self, address: &InstanceAddr) -> Option<Span> {
        self.evaluation.config.resource(&address.resource).map(|declared| declared.header)
    }

    /// Where a provider is configured, else where it is used first.
    fn place(&self, address: &ProviderConfigAddr) -> Option<Span> {
        let config = self.evaluation.config;
        self.declared(address).map(|declared| declared.header).or_else(|| {
            config.modules().find_map(|(path, found)| {
                let mut resources = found.module.resources.values();
                let used = resources.find(|resource| {
                    config.provider(path, &resource.provider).as_ref() == Some(address)
                });
                used.map(|resource| resource.header)
            })
        })
    }

    fn declared(&self, address: &ProviderConfigAddr) -> Option<&'a ProviderDecl> {
        self.evaluation.config.module(&address.module)?.providers.get(&address.local)
    }

    /// Replaces the settings that lead to the real vendor, while emulating.
    fn point_at_emulator(&self, provider: &str, settings: Value) -> Value {
        let Some(overrides) = self.engine.emulation.and_then(|emulation| emulation.0.get(provider))
        else {
            return settings;
        };
        let entries = settings.entries().unwrap_or_default().iter().map(|(name, value)| {
            let replaced = overrides.iter().find(|(replaced, _)| **replaced == **name);
            let value = match replaced {
                Some((_, Some(text))) => Value::string(text),
                Some((_, None)) => Value::null(value.ty()),
                None => value.clone(),
            };
            (Key::clone(name), value)
        });
        Value::object(entries.collect::<Vec<_>>())
    }
}
