//! One object that exists, taken into the state without a plan.

use crate::addr::{DeclaredResource, InstanceAddr, InstanceKey, ProviderConfigAddr, ResourceMode};
use crate::config::{Config, Repetition};
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::sdk::{Context, Reading};
use crate::state::{Dependencies, ObjectRecord, ObjectStatus};
use crate::text::Span;

use super::clients::Clients;
use super::evaluate::instances_of_resource;
use super::refresh::Refreshed;
use super::{Engine, Inputs, records, report};

/// Asks the vendor for the object `id`, which is to become the instance `address`, and gives its
/// record, the provider configuration of its resource, and what a person should know of it.
///
/// # Errors
///
/// Where the configuration has no such instance, state has one already, or the vendor has no such
/// object.
pub async fn take_in(
    engine: &Engine<'_>,
    inputs: Inputs<'_>,
    address: &InstanceAddr,
    id: &str,
) -> Result<(ProviderConfigAddr, ObjectRecord, Diagnostics), Diagnostics> {
    free(inputs, address, id)?;
    let declared = address.resource.declared();
    let resource = inputs.config.module(&declared.module);
    let resource = resource.and_then(|module| module.resources.get(&declared.local));
    let Some(resource) = resource else { return Err(undeclared(inputs.config, &declared).into()) };
    let evaluation = records::evaluation(engine.catalog, inputs);
    if !evaluation.instances_of(&declared.module).contains(&address.resource.module) {
        let detail = format!("The configuration has no `{}`.", address.resource.module);
        return Err(refused(address, detail, "name a module instance as the plan names it"));
    }
    let frame = evaluation.inside(&address.resource.module);
    let expanded = frame.map(|frame| instances_of_resource(&frame, &declared.local)).transpose()?;
    let is_instance =
        expanded.is_some_and(|expanded| expanded.assumed || expanded.get(&address.key).is_some());
    if !is_instance {
        let detail = format!("The configuration has no instance `{address}`.");
        return Err(refused(address, detail, keys(&resource.repetition, &address.key)));
    }
    let provider = inputs.config.provider(&declared.module, &resource.provider);
    let Some(provider) = provider else {
        let detail = format!("`{address}` has no provider configuration.");
        return Err(refused(address, detail, "hand one in where its module is called"));
    };
    let clients = Clients::new(engine, &evaluation);
    let object = read(engine, &clients, (address, &provider), id, None).await?;
    let advice = advice(engine, address, &object, None);
    let dependencies = inputs.declarations.dependencies_of(&declared);
    Ok((provider, ObjectRecord { dependencies, ..object.record }, advice))
}

/// What a person should know of an object that is taken in.
pub(super) fn advice(
    engine: &Engine<'_>,
    address: &InstanceAddr,
    object: &Refreshed,
    place: Option<Span>,
) -> Diagnostics {
    let spec = engine.catalog.resource(address.resource.type_name());
    let found = spec.zip(object.seen.as_ref()).map(|(spec, seen)| (spec.advise_import)(seen));
    let told = found.into_iter().flatten().map(|problem| {
        let advice = report::of_problem(problem, None, place).address(address);
        Diagnostic { code: code::IMPORT_ADVICE, ..advice }
    });
    told.collect()
}

fn refused(address: &InstanceAddr, detail: String, help: &str) -> Diagnostics {
    Diagnostic::error(code::IMPORT, detail).address(address).help(help).into()
}

/// Refuses addresses at which nothing can be, or something is.
fn free(inputs: Inputs<'_>, address: &InstanceAddr, id: &str) -> Result<(), Diagnostics> {
    if address.resource.local.mode == ResourceMode::Data {
        let detail = format!("`{address}` is only read, so nothing can be imported there.");
        return Err(refused(address, detail, "name a managed resource"));
    }
    if id.is_empty() {
        let detail = "The id is empty.".to_owned();
        return Err(refused(address, detail, "write what the vendor calls the object"));
    }
    if inputs.state.instance(address).is_some() {
        let detail = format!("State holds an object for `{address}` already.");
        let help = format!("forget it first: `snapform state rm '{address}'`");
        return Err(refused(address, detail, &help));
    }
    Ok(())
}

fn undeclared(config: &Config, declared: &DeclaredResource) -> Diagnostic {
    let known = config.modules().flat_map(|(path, found)| {
        let locals = found.module.resources.keys();
        locals.map(|local| {
            DeclaredResource { module: path.clone(), local: local.clone() }.to_string()
        })
    });
    let known: Vec<_> = known.collect();
    let (type_name, name) = (&declared.local.type_name, &declared.local.name);
    let detail = format!("There is no resource `{declared}` to import into.");
    Diagnostic::error(code::IMPORT, detail)
        .did_you_mean(&declared.to_string(), known.iter().map(String::as_str))
        .help(format!("declare it first: `resource \"{type_name}\" \"{name}\" {{ … }}`"))
}

fn keys(repetition: &Repetition, key: &InstanceKey) -> &'static str {
    match (repetition, key) {
        (Repetition::Single, _) => "the resource has no keys: name it without one",
        (Repetition::Count(_), InstanceKey::Index(_)) => "raise `count`, or name another instance",
        (Repetition::Count(_), _) => "with `count` a key is a number: `NAME[0]`",
        (Repetition::ForEach(_), InstanceKey::Name(_)) => {
            "add the key to `for_each`, or name another instance"
        }
        (Repetition::ForEach(_), _) => "with `for_each` a key is a text: `NAME[\"KEY\"]`",
    }
}

/// Reads an object by its id; `place` is where the id stands in the configuration.
pub(super) async fn read(
    engine: &Engine<'_>,
    clients: &Clients<'_>,
    (address, provider): (&InstanceAddr, &ProviderConfigAddr),
    id: &str,
    place: Option<Span>,
) -> Result<Refreshed, Diagnostics> {
    let type_name = address.resource.type_name();
    let refuse = |detail: String| {
        Diagnostics::from(Diagnostic::error(code::IMPORT, detail).at_if_missing(place))
    };
    let Some(spec) = engine.catalog.resource(type_name) else {
        return Err(refuse(format!("There is no resource type `{type_name}`.")));
    };
    let client = clients.resource(provider, type_name)?;
    let cx = Context::new(engine.world.clone());
    let reading = client.import(&cx, id).await.map_err(|error| {
        let found = report::of_error(error, address, None, place);
        Diagnostics::from(Diagnostic { code: code::IMPORT, ..found })
    })?;
    let (object, failed) = match reading {
        Reading::Present(object) => (object, None),
        Reading::Failed(object, reason) => (object, Some(reason)),
        Reading::Gone | Reading::Expired => {
            return Err(refuse(format!("The vendor has no object `{id}`.")));
        }
        Reading::NotVerifiable(_, reason) => {
            return Err(refuse(format!("`{id}` cannot be looked at. {reason}")));
        }
    };
    let status = if failed.is_some() { ObjectStatus::Tainted } else { ObjectStatus::Ready };
    Ok(Refreshed {
        provider: provider.clone(),
        record: ObjectRecord {
            status,
            schema_version: spec.schema.version,
            attributes: spec.schema.encode(&object).into(),
            sensitive: Vec::new(),
            dependencies: Dependencies::default(),
            create_before_destroy: false,
        },
        recorded: object.clone(),
        seen: Some(object),
        expired: false,
        failed,
        is_news: std::cell::Cell::new(true),
    })
}
