//! The plan file: everything an apply needs, for one apply.
//!
//! The first line names the format and the SHA-256 of the rest, which is one JSON document. The
//! file holds values in the clear and is readable by its owner only.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::addr::InstanceAddr;
use crate::sdk::auth::sha256_hex;
use crate::state::{DeposedKey, Lineage, Serial, StoredObject, Text};
use crate::value::{Path, PathSegment};
use crate::world::Timestamp;

use super::{
    Action, Change, DataRead, Drift, Encoded, Import, Move, OutputChange, Plan, PlanMode, Reason,
    Step, StepGraph, StepKind,
};

const MAGIC: &str = "snapform-plan-1";

/// A plan with everything it was made from.
#[derive(Clone, Debug)]
pub struct PlanFile {
    /// Version of snapform that made it.
    pub made_by: String,
    /// When it was made.
    pub created: Timestamp,
    /// The workspace it is for.
    pub workspace: String,
    /// Whether it was made against emulators.
    pub emulated: bool,
    /// The state it is for; `None` where there was none.
    pub base: Option<(Lineage, Serial)>,
    /// The configuration's files: names and texts.
    pub sources: Vec<(String, Arc<str>)>,
    /// The values of variables that are not ephemeral.
    pub variables: BTreeMap<Arc<str>, PlannedVariable>,
    /// Ephemeral variables that were given while planning: they have to be given again.
    pub ephemeral: BTreeSet<Arc<str>>,
    /// The plan itself. Places are not kept: they come back with the sources.
    pub plan: Plan,
}

/// The value of a variable in a plan file.
pub type PlannedVariable = Encoded;

/// A plan file that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanFileError {
    /// It is something else.
    #[error("it is not a plan of this version of snapform")]
    NotAPlan,
    /// It was changed or cut short.
    #[error("it was changed or cut short since it was made")]
    Altered,
    /// Its content has an unknown shape.
    #[error("its content has an unknown shape: {0}")]
    Malformed(String),
}

#[derive(Serialize, Deserialize)]
struct Document {
    made_by: String,
    created: Timestamp,
    workspace: String,
    emulated: bool,
    base: Option<(Lineage, Serial)>,
    sources: Vec<(String, Arc<str>)>,
    variables: BTreeMap<Arc<str>, Encoded>,
    ephemeral: BTreeSet<Arc<str>>,
    mode: PlanMode,
    changes: Vec<StoredChange>,
    drift: Vec<StoredDrift>,
    imports: Vec<StoredImport>,
    data: Vec<StoredData>,
    partial: bool,
    moves: Vec<(Text<InstanceAddr>, Text<InstanceAddr>)>,
    outputs: BTreeMap<Arc<str>, StoredOutput>,
    steps: Vec<StoredStep>,
}

#[derive(Serialize, Deserialize)]
struct StoredChange {
    address: Text<InstanceAddr>,
    deposed: Option<DeposedKey>,
    provider: Text<crate::addr::ProviderConfigAddr>,
    action: Action,
    reason: Reason,
    prior: Option<Encoded>,
    planned: Option<Encoded>,
    replace_paths: Vec<Vec<StoredSegment>>,
    dependencies: Vec<String>,
    needs: Vec<Text<InstanceAddr>>,
    create_before_destroy: bool,
    record_only: bool,
    stays: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredSegment {
    Attribute(Arc<str>),
    Index(usize),
}

#[derive(Serialize, Deserialize)]
struct StoredDrift {
    address: Text<InstanceAddr>,
    provider: Text<crate::addr::ProviderConfigAddr>,
    recorded: Encoded,
    seen: Option<Encoded>,
    record: Option<StoredObject>,
    expired: bool,
}

#[derive(Serialize, Deserialize)]
struct StoredImport {
    address: Text<InstanceAddr>,
    provider: Text<crate::addr::ProviderConfigAddr>,
    id: String,
    record: StoredObject,
}

#[derive(Serialize, Deserialize)]
struct StoredData {
    address: Text<InstanceAddr>,
    provider: Text<crate::addr::ProviderConfigAddr>,
    object: Encoded,
}

#[derive(Serialize, Deserialize)]
struct StoredOutput {
    prior: Option<Encoded>,
    planned: Option<Encoded>,
    sensitive: bool,
}

#[derive(Serialize, Deserialize)]
struct StoredStep {
    kind: StepKind,
    change: usize,
    needs: Vec<usize>,
}

/// Writes a plan file. Same plan, same bytes.
pub fn write_plan(file: &PlanFile) -> Result<Vec<u8>, serde_json::Error> {
    let plan = &file.plan;
    let steps = plan.steps.nodes().map(|(id, step)| StoredStep {
        kind: step.kind,
        change: step.change,
        needs: plan.steps.needs(id).into_iter().map(crate::graph::NodeId::index).collect(),
    });
    let document = Document {
        made_by: file.made_by.clone(),
        created: file.created,
        workspace: file.workspace.clone(),
        emulated: file.emulated,
        base: file.base.clone(),
        sources: file.sources.clone(),
        variables: file.variables.clone(),
        ephemeral: file.ephemeral.clone(),
        mode: plan.mode,
        changes: plan.changes.iter().map(store_change).collect(),
        drift: plan.drift.iter().map(store_drift).collect(),
        imports: plan.imports.iter().map(store_import).collect(),
        data: plan.data.iter().map(store_data).collect(),
        partial: plan.partial,
        moves: plan.moves.iter().map(|m| (Text(m.from.clone()), Text(m.to.clone()))).collect(),
        outputs: plan
            .outputs
            .iter()
            .map(|(name, output)| (name.clone(), store_output(output)))
            .collect(),
        steps: steps.collect(),
    };
    let json = serde_json::to_vec(&document)?;
    let mut bytes = format!("{MAGIC} {}\n", sha256_hex(&json)).into_bytes();
    bytes.extend(json);
    Ok(bytes)
}

/// Reads a plan file.
pub fn read_plan(bytes: &[u8]) -> Result<PlanFile, PlanFileError> {
    let end = bytes.iter().position(|byte| *byte == b'\n').ok_or(PlanFileError::NotAPlan)?;
    let (head, rest) = bytes.split_at(end);
    let json = rest.get(1..).unwrap_or_default();
    let head = std::str::from_utf8(head).map_err(|_| PlanFileError::NotAPlan)?;
    let (magic, sum) = head.split_once(' ').ok_or(PlanFileError::NotAPlan)?;
    if magic != MAGIC {
        return Err(PlanFileError::NotAPlan);
    }
    if sum != sha256_hex(json) {
        return Err(PlanFileError::Altered);
    }
    let document: Document = serde_json::from_slice(json)
        .map_err(|error| PlanFileError::Malformed(error.to_string()))?;
    let changes = document.changes.into_iter().map(load_change);
    let plan = Plan {
        mode: document.mode,
        changes: changes.collect::<Result<_, _>>()?,
        drift: document.drift.into_iter().map(load_drift).collect(),
        imports: document.imports.into_iter().map(load_import).collect(),
        data: document.data.into_iter().map(load_data).collect(),
        partial: document.partial,
        moves: document
            .moves
            .into_iter()
            .map(|(from, to)| Move { from: from.0, to: to.0 })
            .collect(),
        outputs: document
            .outputs
            .into_iter()
            .map(|(name, output)| (name, load_output(output)))
            .collect(),
        steps: load_steps(document.steps),
    };
    Ok(PlanFile {
        made_by: document.made_by,
        created: document.created,
        workspace: document.workspace,
        emulated: document.emulated,
        base: document.base,
        sources: document.sources,
        variables: document.variables,
        ephemeral: document.ephemeral,
        plan,
    })
}

fn encoded(value: Option<&crate::value::Value>) -> Option<Encoded> {
    value.cloned().map(Encoded)
}

fn store_change(change: &Change) -> StoredChange {
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
    }
}

fn load_change(stored: StoredChange) -> Result<Change, PlanFileError> {
    let dependencies = stored.dependencies.iter().map(|text| {
        let resource = text.parse().map(Arc::new);
        resource.map_err(|_| PlanFileError::Malformed(format!("`{text}` is not a resource")))
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
    })
}

fn store_path(path: &Path) -> Vec<StoredSegment> {
    let segments = path.0.iter().map(|segment| match segment {
        PathSegment::Attribute(name) => StoredSegment::Attribute(name.clone()),
        PathSegment::Index(index) => StoredSegment::Index(*index),
    });
    segments.collect()
}

fn load_path(segments: Vec<StoredSegment>) -> Path {
    let segments = segments.into_iter().map(|segment| match segment {
        StoredSegment::Attribute(name) => PathSegment::Attribute(name),
        StoredSegment::Index(index) => PathSegment::Index(index),
    });
    Path(segments.collect())
}

fn store_import(import: &Import) -> StoredImport {
    StoredImport {
        address: Text(import.address.clone()),
        provider: Text(import.provider.clone()),
        id: import.id.clone(),
        record: StoredObject(import.record.clone()),
    }
}

fn load_import(stored: StoredImport) -> Import {
    Import {
        address: stored.address.0,
        provider: stored.provider.0,
        id: stored.id,
        record: stored.record.0,
    }
}

fn store_data(data: &DataRead) -> StoredData {
    StoredData {
        address: Text(data.address.clone()),
        provider: Text(data.provider.clone()),
        object: Encoded(data.object.clone()),
    }
}

fn load_data(stored: StoredData) -> DataRead {
    DataRead { address: stored.address.0, provider: stored.provider.0, object: stored.object.0 }
}

fn store_drift(drift: &Drift) -> StoredDrift {
    StoredDrift {
        address: Text(drift.address.clone()),
        provider: Text(drift.provider.clone()),
        recorded: Encoded(drift.recorded.clone()),
        seen: encoded(drift.seen.as_ref()),
        record: drift.record.clone().map(StoredObject),
        expired: drift.expired,
    }
}

fn load_drift(stored: StoredDrift) -> Drift {
    Drift {
        address: stored.address.0,
        provider: stored.provider.0,
        recorded: stored.recorded.0,
        seen: stored.seen.map(|value| value.0),
        record: stored.record.map(|record| record.0),
        expired: stored.expired,
    }
}

fn store_output(output: &OutputChange) -> StoredOutput {
    StoredOutput {
        prior: encoded(output.prior.as_ref()),
        planned: encoded(output.planned.as_ref()),
        sensitive: output.sensitive,
    }
}

fn load_output(stored: StoredOutput) -> OutputChange {
    OutputChange {
        prior: stored.prior.map(|value| value.0),
        planned: stored.planned.map(|value| value.0),
        sensitive: stored.sensitive,
    }
}

fn load_steps(stored: Vec<StoredStep>) -> StepGraph {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Marks, Value};

    fn file() -> PlanFile {
        PlanFile {
            made_by: "0.0.0".to_owned(),
            created: Timestamp::EPOCH,
            workspace: "default".to_owned(),
            emulated: true,
            base: None,
            sources: vec![("main.snap.hcl".to_owned(), "x".into())],
            variables: BTreeMap::new(),
            ephemeral: BTreeSet::from([Arc::from("token")]),
            plan: Plan::default(),
        }
    }

    #[test]
    fn a_plan_comes_back_and_is_the_same_to_the_byte() {
        let bytes = write_plan(&file()).unwrap();
        let again = read_plan(&bytes).unwrap();
        assert_eq!(write_plan(&again).unwrap(), bytes);
        assert_eq!(again.ephemeral, file().ephemeral);
    }

    #[test]
    fn an_ephemeral_value_is_never_written() {
        let mut file = file();
        let inside = Value::tuple(vec![Value::from("hunter2").mark(&Marks::ephemeral())]);
        file.variables.insert(Arc::from("token"), Encoded(inside));
        assert!(write_plan(&file).is_err());
    }

    #[test]
    fn a_changed_plan_is_refused() {
        let mut bytes = write_plan(&file()).unwrap();
        assert_eq!(read_plan(&bytes[..bytes.len() - 1]).unwrap_err(), PlanFileError::Altered);
        let last = bytes.len() - 2;
        bytes[last] ^= 1;
        assert_eq!(read_plan(&bytes).unwrap_err(), PlanFileError::Altered);
        assert_eq!(read_plan(b"PK\x03\x04\n").unwrap_err(), PlanFileError::NotAPlan);
    }
}
