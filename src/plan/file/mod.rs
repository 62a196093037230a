//! The plan file: everything an apply needs, for one apply.
//!
//! The first line names the format and the SHA-256 of the rest, which is one JSON document. The
//! file holds values in the clear and is readable by its owner only.

mod stored;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::addr::InstanceAddr;
use crate::sdk::auth::sha256_hex;
use crate::state::{State, StoredChecks, StoredState, Text};
use crate::world::Timestamp;

use super::{Encoded, Move, Plan, PlanMode};
use stored::{
    StoredChange, StoredData, StoredDrift, StoredImport, StoredOutput, StoredStep, load_change,
    load_data, load_drift, load_import, load_output, load_steps, store_change, store_data,
    store_drift, store_import, store_output, store_steps,
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
    /// The state it was made from; `None` where there was none.
    pub prior: Option<Arc<State>>,
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
    prior: Option<StoredState>,
    sources: Vec<(String, Arc<str>)>,
    variables: BTreeMap<Arc<str>, Encoded>,
    ephemeral: BTreeSet<Arc<str>>,
    mode: PlanMode,
    changes: Vec<StoredChange>,
    drift: Vec<StoredDrift>,
    imports: Vec<StoredImport>,
    data: Vec<StoredData>,
    partial: bool,
    errored: bool,
    moves: Vec<(Text<InstanceAddr>, Text<InstanceAddr>)>,
    outputs: BTreeMap<Arc<str>, StoredOutput>,
    checks: StoredChecks,
    steps: Vec<StoredStep>,
}

/// Writes a plan file. Same plan, same bytes.
pub fn write_plan(file: &PlanFile) -> Result<Vec<u8>, serde_json::Error> {
    let plan = &file.plan;
    let document = Document {
        made_by: file.made_by.clone(),
        created: file.created,
        workspace: file.workspace.clone(),
        emulated: file.emulated,
        prior: file.prior.clone().map(StoredState),
        sources: file.sources.clone(),
        variables: file.variables.clone(),
        ephemeral: file.ephemeral.clone(),
        mode: plan.mode,
        changes: plan.changes.iter().map(store_change).collect(),
        drift: plan.drift.iter().map(store_drift).collect(),
        imports: plan.imports.iter().map(store_import).collect(),
        data: plan.data.iter().map(store_data).collect(),
        partial: plan.partial,
        errored: plan.errored,
        moves: plan.moves.iter().map(|m| (Text(m.from.clone()), Text(m.to.clone()))).collect(),
        outputs: plan
            .outputs
            .iter()
            .map(|(name, output)| (name.clone(), store_output(output)))
            .collect(),
        checks: StoredChecks(plan.checks.clone()),
        steps: store_steps(&plan.steps),
    };
    let json = serde_json::to_vec(&document)?;
    let mut bytes = format!("{MAGIC} {}\n", sha256_hex(&json)).into_bytes();
    bytes.extend(json);
    Ok(bytes)
}

/// Tells whether a file was meant to be a plan, whole or not.
pub fn is_plan(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC.as_bytes())
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
        errored: document.errored,
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
        checks: document.checks.0,
        steps: load_steps(document.steps),
    };
    Ok(PlanFile {
        made_by: document.made_by,
        created: document.created,
        workspace: document.workspace,
        emulated: document.emulated,
        prior: document.prior.map(|prior| prior.0),
        sources: document.sources,
        variables: document.variables,
        ephemeral: document.ephemeral,
        plan,
    })
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
            prior: None,
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
