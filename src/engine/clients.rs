//! Configured providers, each made once, when it is first needed.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::addr::ProviderConfigAddr;
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::sdk::{ConfigureContext, Configured, DynResource};
use crate::value::{Data, Key, Value};

use super::evaluate::{Evaluation, Repeated};
use super::{Engine, arguments, report};

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
        let missing = || {
            let detail =
                format!("Provider `{}` has no resource type `{type_name}`.", address.provider);
            Diagnostics::from(Diagnostic::error(code::UNKNOWN_RESOURCE_TYPE, detail))
        };
        if let Some(configured) = self.made.borrow().get(address) {
            return configured.get(type_name).cloned().ok_or_else(missing);
        }
        let configured = self.configure(address)?;
        let found = configured.get(type_name).cloned();
        self.made.borrow_mut().insert(address.clone(), configured);
        found.ok_or_else(missing)
    }

    fn configure(&self, address: &ProviderConfigAddr) -> Result<Configured, Diagnostics> {
        let Some(provider) = self.engine.catalog.provider(&address.provider.0) else {
            let detail = format!("There is no provider `{}`.", address.provider);
            return Err(Diagnostic::error(code::UNKNOWN_PROVIDER, detail).into());
        };
        let schema = provider.schema();
        let declared = self.evaluation.module.providers.get(address);
        let settings = match declared {
            Some(declared) => {
                arguments::evaluate(self.evaluation, &schema, &declared.body, &Repeated::default())?
            }
            None => Value::object(
                schema
                    .attributes
                    .iter()
                    .map(|attribute| (attribute.name, Value::null(attribute.ty.clone()))),
            ),
        };
        let settings = self.point_at_emulator(provider.name(), settings);
        if let Some((name, _)) = settings
            .entries()
            .unwrap_or_default()
            .iter()
            .find(|(_, value)| matches!(value.data(), Data::Unknown(_)))
        {
            let detail = format!(
                "`{name}` of provider `{}` is known after apply, and the provider is needed before.",
                address.local()
            );
            let place = declared.map(|declared| declared.header);
            return Err(Diagnostic::error(code::UNKNOWN_NOT_ALLOWED, detail)
                .at_if_missing(place)
                .into());
        }
        let cx = ConfigureContext {
            world: self.engine.world.clone(),
            transport: Arc::clone(&self.engine.transport),
            environment: self.engine.environment.clone(),
        };
        let mut found = schema.check_rules(&settings);
        match provider.configure(&settings, &cx) {
            Ok(configured) if found.is_empty() => return Ok(configured),
            Ok(_) => {}
            Err(problems) => found.extend(problems),
        }
        let header = declared.map(|declared| declared.header);
        let body = declared.map(|declared| &declared.body);
        Err(found
            .into_iter()
            .map(|problem| {
                let mut diagnostic = report::of_problem(problem, body, header);
                diagnostic.detail =
                    format!("Provider `{}`: {}", address.local(), diagnostic.detail);
                if diagnostic.code == code::MISSING_ARGUMENT {
                    diagnostic.code = code::PROVIDER_SETTINGS;
                }
                diagnostic
            })
            .collect())
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
