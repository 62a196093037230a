//! What the vendors say of the objects that state names, in bulk.

use std::cell::Cell;
use std::collections::BTreeMap;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

use crate::addr::{
    InstanceAddr, InstanceKey, ProviderConfigAddr, ResourceAddr, ResourceMode, ResourceType,
};
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::schema::StoredReader;
use crate::sdk::{Context, ProviderError, Reading};
use crate::state::{DeposedKey, ObjectRecord, ObjectStatus, State};
use crate::value::{Path, Value};

use super::clients::Clients;
use super::{Catalog, Engine, Event, Observer, report};

/// Names an object: its instance, and which one if it is not the current one.
pub(super) type ObjectName = (InstanceAddr, Option<DeposedKey>);

/// An object of the state with its attributes read by its schema.
#[derive(Clone, Debug, PartialEq)]
pub struct Refreshed {
    /// The provider configuration that made it.
    pub provider: ProviderConfigAddr,
    /// The record it comes from.
    pub record: ObjectRecord,
    /// The attributes as recorded, with marks.
    pub recorded: Value,
    /// The attributes as they are now, with marks; `None` where it is gone.
    pub seen: Option<Value>,
    /// Whether it is gone because its time was over.
    pub expired: bool,
    /// Why it is of no use, where it is there and failed.
    pub failed: Option<String>,
    /// Whether it was read, and nobody knows yet.
    pub(super) is_news: Cell<bool>,
}

/// The current objects of one resource, in order of key.
pub(super) fn current_of<'a>(
    objects: &'a BTreeMap<ObjectName, Refreshed>,
    address: &'a ResourceAddr,
) -> impl Iterator<Item = (&'a ObjectName, &'a Refreshed)> {
    objects
        .range((address.instance(InstanceKey::None), None)..)
        .take_while(|(name, _)| name.0.resource == *address)
        .filter(|(name, _)| name.1.is_none())
}

/// Reads the attributes of every object that `wanted` selects. Objects of types that no longer
/// exist are errors.
pub(super) fn decode(
    catalog: &Catalog,
    state: &State,
    wanted: impl Fn(&InstanceAddr) -> bool,
    problems: &mut Diagnostics,
) -> BTreeMap<ObjectName, Refreshed> {
    // A map that is made of what is in order already is packed tighter than one that grows.
    let mut objects = Vec::with_capacity(state.resources.len());
    let reader = StoredReader::default();
    for (address, resource, instance) in state.instances() {
        // Data is looked up anew each time.
        if address.resource.local.mode == ResourceMode::Data || !wanted(&address) {
            continue;
        }
        let deposed = instance.deposed.iter().map(|(key, record)| (Some(key.clone()), record));
        for (key, record) in instance.current.iter().map(|record| (None, record)).chain(deposed) {
            match read_record_with(&reader, catalog, &address, record) {
                Ok(recorded) => {
                    let refreshed = Refreshed {
                        provider: resource.provider.clone(),
                        record: record.clone(),
                        seen: Some(recorded.clone()),
                        recorded,
                        expired: false,
                        failed: None,
                        is_news: Cell::new(false),
                    };
                    objects.push(((address.clone(), key), refreshed));
                }
                Err(problem) => problems.push(problem),
            }
        }
    }
    objects.into_iter().collect()
}

/// The attributes of a recorded object, with the marks it was recorded with.
pub fn read_record(
    catalog: &Catalog,
    address: &InstanceAddr,
    record: &ObjectRecord,
) -> Result<Value, Diagnostic> {
    read_record_with(&StoredReader::default(), catalog, address, record)
}

/// The same for one of many.
fn read_record_with(
    reader: &StoredReader,
    catalog: &Catalog,
    address: &InstanceAddr,
    record: &ObjectRecord,
) -> Result<Value, Diagnostic> {
    let type_name = address.resource.type_name();
    let Some(schema) = catalog.schema(&address.resource.local) else {
        let detail = format!("State holds an object of type `{type_name}`, which does not exist.");
        return Err(Diagnostic::error(code::UNKNOWN_RESOURCE_TYPE, detail).address(address));
    };
    if record.schema_version > schema.version {
        let detail = format!(
            "`{address}` is recorded with version {} of its schema; this snapform knows version {}.",
            record.schema_version, schema.version
        );
        return Err(Diagnostic::error(code::STATE_NEWER, detail).address(address));
    }
    let value = record.attributes.read(schema, reader).map_err(|error| {
        Diagnostic::error(code::STATE_UNREADABLE, format!("`{address}`: {error}.")).address(address)
    })?;
    Ok(mark_sensitive(&value, &record.sensitive, schema))
}

/// Marks the parts of an object that were sensitive when it was recorded, and those that its
/// schema says are.
fn mark_sensitive(value: &Value, paths: &[Path], schema: &crate::schema::Schema) -> Value {
    if paths.is_empty() && schema.attributes.iter().all(|attribute| !attribute.sensitive) {
        return value.clone();
    }
    let entries = value.entries().unwrap_or_default().iter().map(|(name, value)| {
        let by_schema = schema.attribute(name).is_some_and(|attribute| attribute.sensitive);
        (name.clone(), if by_schema { value.clone().sensitive() } else { value.clone() })
    });
    let value = Value::object(entries.collect::<Vec<_>>());
    let leads_in =
        |path: &&Path| path.root_attribute().is_some_and(|name| value.attribute(name).is_some());
    paths.iter().filter(leads_in).fold(value.clone(), |value, path| value.sensitive_at(&path.0))
}

/// Asks the vendors about the objects of all instances that count: one bulk read for each type under each provider
/// configuration, all of them at once.
pub(super) async fn refresh(
    engine: &Engine<'_>,
    clients: &Clients<'_>,
    objects: &mut BTreeMap<ObjectName, Refreshed>,
    counts: impl Fn(&InstanceAddr) -> bool,
    problems: &mut Diagnostics,
) {
    engine.observer.event(&Event::Refreshing { objects: objects.len() });
    let mut groups: BTreeMap<(ProviderConfigAddr, ResourceType), Vec<_>> = BTreeMap::new();
    for (name, object) in objects {
        if !counts(&name.0) {
            continue;
        }
        let type_name = name.0.resource.local.type_name.clone();
        groups.entry((object.provider.clone(), type_name)).or_default().push((name, object));
    }
    let mut reads = FuturesUnordered::new();
    for ((provider, type_name), group) in groups {
        let Some(client) = problems.absorb(clients.resource(&provider, &type_name.0)) else {
            continue;
        };
        let priors: Vec<_> = group.iter().map(|(_, object)| object.recorded.reveal()).collect();
        let cx = Context::new(engine.world.clone());
        reads.push(async move {
            let readings = client.read_many(&cx, &priors).await;
            (type_name, group, readings)
        });
    }
    while let Some((type_name, group, readings)) = reads.next().await {
        let mut unverifiable = Unverifiable::default();
        for ((name, object), reading) in group.into_iter().zip(readings) {
            take(engine, clients, name, object, reading, &mut unverifiable, problems);
            object.is_news.set(true);
        }
        problems.extend(unverifiable.warning(&type_name.0));
    }
}

/// Objects at which a vendor does not let anybody look: one warning for all of a type.
#[derive(Default)]
struct Unverifiable {
    count: usize,
    reason: String,
}

impl Unverifiable {
    fn warning(self, type_name: &str) -> Option<Diagnostic> {
        (self.count > 0).then(|| {
            let objects = if self.count == 1 { "object" } else { "objects" };
            Diagnostic::warning(
                code::NOT_VERIFIABLE,
                format!(
                    "{} {objects} of `{type_name}` could not be looked at, and the record counts: {}",
                    self.count, self.reason
                ),
            )
        })
    }
}

fn take(
    engine: &Engine<'_>,
    clients: &Clients<'_>,
    name: &ObjectName,
    object: &mut Refreshed,
    reading: Result<Reading<Value>, ProviderError>,
    unverifiable: &mut Unverifiable,
    problems: &mut Diagnostics,
) {
    let marked = |value: &Value| {
        let spec = engine.catalog.resource(name.0.resource.type_name());
        spec.map_or_else(
            || value.clone(),
            |spec| mark_sensitive(value, &object.record.sensitive, &spec.schema),
        )
    };
    match reading {
        Ok(Reading::Present(value)) => object.seen = Some(marked(&value)),
        Ok(Reading::Failed(value, reason)) => {
            object.seen = Some(marked(&value));
            object.failed = Some(reason);
        }
        Ok(Reading::NotVerifiable(value, reason)) => {
            object.seen = Some(marked(&value));
            unverifiable.count += 1;
            unverifiable.reason = reason;
        }
        Ok(Reading::Gone) => object.seen = None,
        Ok(Reading::Expired) => {
            object.seen = None;
            object.expired = true;
        }
        Err(error) => {
            problems.push(report::of_error(error, &name.0, None, clients.header(&name.0)));
        }
    }
}

impl Refreshed {
    /// Lets whoever watches know that the object was read, once.
    pub(super) fn tell(&self, address: &InstanceAddr, observer: &dyn Observer) {
        if self.is_news.take() {
            let id = self.recorded.attribute("id").and_then(Value::as_str).map(str::to_owned);
            observer.event(&Event::Refreshed { address: address.clone(), id });
        }
    }

    /// Tells whether what is there differs from what was recorded, apart from what keeps changing.
    pub(super) fn has_drifted(&self, schema: &crate::schema::Schema) -> bool {
        let Some(seen) = &self.seen else { return true };
        if self.failed.is_some() && self.record.status == ObjectStatus::Ready {
            return true;
        }
        if self.recorded == *seen {
            return false;
        }
        schema.attributes.iter().filter(|attribute| !attribute.volatile).any(|attribute| {
            match (self.recorded.attribute(attribute.name), seen.attribute(attribute.name)) {
                (Some(before), Some(now)) => !attribute.same(before, now),
                _ => false,
            }
        })
    }

    /// The record to keep from now on; the same as before where only what keeps changing changed.
    pub(super) fn new_record(&self, schema: &crate::schema::Schema) -> Option<ObjectRecord> {
        let seen = self.seen.as_ref()?;
        let status = if self.failed.is_some() { ObjectStatus::Tainted } else { self.record.status };
        let attributes = schema.encode(seen).into();
        Some(ObjectRecord { attributes, status, ..self.record.clone() })
    }
}
