//! The parts of a plan as its file holds them.

use std::fmt;
use std::sync::Arc;

use serde::de::{Deserializer, Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::addr::InstanceAddr;
use crate::state::{DeposedKey, StoredObject, Text};
use crate::value::{Path, PathSegment};

use super::super::{
    Action, Cause, Change, DataRead, Drift, Encoded, Import, OutputChange, Place, Reason, Step,
    StepGraph, StepKind,
};

#[derive(Serialize, Deserialize)]
pub(super) struct StoredChange {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    causes: Vec<StoredCause>,
    address: Text<InstanceAddr>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    deposed: Option<DeposedKey>,
    provider: Text<crate::addr::ProviderConfigAddr>,
    action: Action,
    reason: Reason,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    prior: Option<Encoded>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    planned: Option<Encoded>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    replace_paths: Vec<Vec<StoredSegment>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    dependencies: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    needs: Vec<Text<InstanceAddr>>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    create_before_destroy: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    record_only: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    stays: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredSegment {
    Attribute(Arc<str>),
    Key(Arc<str>),
    Index(usize),
}

#[derive(Serialize, Deserialize)]
pub(super) struct StoredDrift {
    address: Text<InstanceAddr>,
    provider: Text<crate::addr::ProviderConfigAddr>,
    recorded: Encoded,
    seen: Option<Encoded>,
    record: Option<StoredObject>,
    expired: bool,
}

#[derive(Serialize, Deserialize)]
pub(super) struct StoredImport {
    address: Text<InstanceAddr>,
    provider: Text<crate::addr::ProviderConfigAddr>,
    id: String,
    record: StoredObject,
    generated: Option<String>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct StoredData {
    address: Text<InstanceAddr>,
    provider: Text<crate::addr::ProviderConfigAddr>,
    object: Encoded,
}

#[derive(Serialize, Deserialize)]
pub(super) struct StoredOutput {
    prior: Option<Encoded>,
    planned: Option<Encoded>,
    sensitive: bool,
    was_sensitive: bool,
}

#[derive(Serialize, Deserialize)]
pub(super) struct StoredStep {
    kind: StepKind,
    change: usize,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    needs: Vec<usize>,
}

fn encoded(value: Option<&crate::value::Value>) -> Option<Encoded> {
    value.cloned().map(Encoded)
}

pub(super) fn store_change(change: &Change) -> StoredChange {
    StoredChange {
        address: Text(change.address.clone()),
        deposed: change.deposed.clone(),
        provider: Text(change.provider.clone()),
        action: change.action,
        reason: change.reason.clone(),
        prior: encoded(change.prior.as_ref()),
        planned: encoded(change.planned.as_ref()),
        replace_paths: change.replace_paths.iter().map(store_path).collect(),
        dependencies: change.dependencies.iter().map(ToString::to_string).collect(),
        needs: change.needs.iter().map(|need| Text(InstanceAddr::clone(need))).collect(),
        create_before_destroy: change.create_before_destroy,
        record_only: change.record_only,
        stays: change.stays,
        causes: change.causes.iter().map(store_cause).collect(),
    }
}

/// Changes that lost their stored form as soon as they were read, so that never all of them are there
/// twice.
pub(super) struct Loaded(pub(super) Vec<Change>);

impl<'de> Deserialize<'de> for Loaded {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(LoadedVisitor)
    }
}

struct LoadedVisitor;

impl<'de> Visitor<'de> for LoadedVisitor {
    type Value = Loaded;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a sequence")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Loaded, A::Error> {
        let mut changes: Vec<Change> = Vec::with_capacity(ROOM);
        while let Some(stored) = access.next_element()? {
            let mut change = load_change(stored).map_err(A::Error::custom)?;
            if let Some(before) = changes.last() {
                share(&mut change, before);
            }
            changes.push(change);
        }
        Ok(Loaded(changes))
    }
}

/// Room for the changes of a large plan. What is not written to takes no memory, while a list that
/// grows leaves all its shorter forms behind.
const ROOM: usize = 1 << 16;

/// Names in `change` what the change before it names, too, by the same texts.
fn share(change: &mut Change, before: &Change) {
    if change.provider == before.provider {
        change.provider = before.provider.clone();
    }
    let (resource, known) = (&mut change.address.resource, &before.address.resource);
    if resource == known {
        *resource = known.clone();
    } else if resource.local.type_name == known.local.type_name {
        resource.local.type_name = known.local.type_name.clone();
    }
}

fn load_change(stored: StoredChange) -> Result<Change, String> {
    let dependencies = stored.dependencies.iter().map(|text| {
        let resource = text.parse().map(Arc::new);
        resource.map_err(|_| format!("`{text}` is not a resource"))
    });
    Ok(Change {
        dependencies: dependencies.collect::<Result<_, _>>()?,
        address: stored.address.0,
        deposed: stored.deposed,
        provider: stored.provider.0,
        action: stored.action,
        reason: stored.reason,
        prior: stored.prior.map(|value| value.0),
        planned: stored.planned.map(|value| value.0),
        replace_paths: stored.replace_paths.into_iter().map(load_path).collect(),
        needs: stored.needs.into_iter().map(|need| Arc::new(need.0)).collect(),
        create_before_destroy: stored.create_before_destroy,
        record_only: stored.record_only,
        stays: stored.stays,
        declared_at: None,
        causes: stored.causes.into_iter().map(load_cause).collect(),
    })
}

/// A cause; its place is in words by now.
#[derive(Serialize, Deserialize)]
pub(super) struct StoredCause {
    argument: String,
    place: Option<Place>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    mentions: Vec<String>,
}

fn store_cause(cause: &Cause) -> StoredCause {
    StoredCause {
        argument: cause.argument.clone(),
        place: cause.place.clone(),
        mentions: cause.mentions.clone(),
    }
}

fn load_cause(stored: StoredCause) -> Cause {
    let StoredCause { argument, place, mentions } = stored;
    Cause { argument, span: None, place, mentions }
}

fn store_path(path: &Path) -> Vec<StoredSegment> {
    let segments = path.0.iter().map(|segment| match segment {
        PathSegment::Attribute(name) => StoredSegment::Attribute(name.clone()),
        PathSegment::Key(key) => StoredSegment::Key(key.clone()),
        PathSegment::Index(index) => StoredSegment::Index(*index),
    });
    segments.collect()
}

fn load_path(segments: Vec<StoredSegment>) -> Path {
    let segments = segments.into_iter().map(|segment| match segment {
        StoredSegment::Attribute(name) => PathSegment::Attribute(name),
        StoredSegment::Key(key) => PathSegment::Key(key),
        StoredSegment::Index(index) => PathSegment::Index(index),
    });
    Path(segments.collect())
}

pub(super) fn store_import(import: &Import) -> StoredImport {
    StoredImport {
        address: Text(import.address.clone()),
        provider: Text(import.provider.clone()),
        id: import.id.clone(),
        record: StoredObject(import.record.clone()),
        generated: import.generated.clone(),
    }
}

pub(super) fn load_import(stored: StoredImport) -> Import {
    Import {
        address: stored.address.0,
        provider: stored.provider.0,
        id: stored.id,
        record: stored.record.0,
        generated: stored.generated,
    }
}

pub(super) fn store_data(data: &DataRead) -> StoredData {
    StoredData {
        address: Text(data.address.clone()),
        provider: Text(data.provider.clone()),
        object: Encoded(data.object.clone()),
    }
}

pub(super) fn load_data(stored: StoredData) -> DataRead {
    DataRead { address: stored.address.0, provider: stored.provider.0, object: stored.object.0 }
}

pub(super) fn store_drift(drift: &Drift) -> StoredDrift {
    StoredDrift {
        address: Text(drift.address.clone()),
        provider: Text(drift.provider.clone()),
        recorded: Encoded(drift.recorded.clone()),
        seen: encoded(drift.seen.as_ref()),
        record: drift.record.clone().map(StoredObject),
        expired: drift.expired,
    }
}

pub(super) fn load_drift(stored: StoredDrift) -> Drift {
    Drift {
        address: stored.address.0,
        provider: stored.provider.0,
        recorded: stored.recorded.0,
        seen: stored.seen.map(|value| value.0),
        record: stored.record.map(|record| record.0),
        expired: stored.expired,
    }
}

pub(super) fn store_output(output: &OutputChange) -> StoredOutput {
    StoredOutput {
        prior: encoded(output.prior.as_ref()),
        planned: encoded(output.planned.as_ref()),
        sensitive: output.sensitive,
        was_sensitive: output.was_sensitive,
    }
}

pub(super) fn load_output(stored: StoredOutput) -> OutputChange {
    OutputChange {
        prior: stored.prior.map(|value| value.0),
        planned: stored.planned.map(|value| value.0),
        sensitive: stored.sensitive,
        was_sensitive: stored.was_sensitive,
    }
}

pub(super) fn store_steps(graph: &StepGraph) -> Vec<StoredStep> {
    let steps = graph.nodes().map(|(id, step)| StoredStep {
        kind: step.kind,
        change: step.change,
        needs: graph.needs(id).into_iter().map(crate::graph::NodeId::index).collect(),
    });
    steps.collect()
}

pub(super) fn load_steps(stored: Vec<StoredStep>) -> StepGraph {
    let mut graph = StepGraph::default();
    let ids: Vec<_> = stored
        .iter()
        .map(|step| graph.add(Step { kind: step.kind, change: step.change }))
        .collect();
    for (id, step) in ids.iter().zip(&stored) {
        for need in step.needs.iter().filter_map(|need| ids.get(*need)) {
            graph.need(*id, *need);
        }
    }
    graph
}
