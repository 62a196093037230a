//! The plan file: everything an apply needs, for one apply.
//!
//! The first line names the format, the second is one JSON document, and the last the SHA-256 of all
//! before it. The file holds values in the clear and is readable by its owner only.

mod stored;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufWriter, Write};
use std::sync::Arc;

use serde::{Deserialize, Serialize, Serializer};

use crate::addr::InstanceAddr;
use crate::sdk::auth::{Sha256Writer, sha256_hex};
use crate::state::{State, StoredChecks, StoredState, Text};
use crate::world::Timestamp;

use super::{Change, DataRead, Drift, Encoded, Import, Move, Plan, PlanMode};
use stored::{
    Loaded, StoredChange, StoredData, StoredDrift, StoredImport, StoredOutput, StoredStep,
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

#[derive(Deserialize)]
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
    changes: Loaded,
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

/// A plan on its way into a file: its parts take their stored form one by one, so that never all of
/// them are there twice.
#[derive(Serialize)]
struct Written<'a> {
    made_by: &'a str,
    created: Timestamp,
    workspace: &'a str,
    emulated: bool,
    prior: Option<StoredState>,
    sources: &'a [(String, Arc<str>)],
    variables: &'a BTreeMap<Arc<str>, Encoded>,
    ephemeral: &'a BTreeSet<Arc<str>>,
    mode: PlanMode,
    changes: Each<'a, Change, StoredChange>,
    drift: Each<'a, Drift, StoredDrift>,
    imports: Each<'a, Import, StoredImport>,
    data: Each<'a, DataRead, StoredData>,
    partial: bool,
    errored: bool,
    moves: Each<'a, Move, (Text<InstanceAddr>, Text<InstanceAddr>)>,
    outputs: BTreeMap<Arc<str>, StoredOutput>,
    checks: StoredChecks,
    steps: Vec<StoredStep>,
}

/// Items and the form in which they are stored.
struct Each<'a, Item, Stored>(&'a [Item], fn(&Item) -> Stored);

impl<Item, Stored: Serialize> Serialize for Each<'_, Item, Stored> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(self.1))
    }
}

/// Writes a plan file. Same plan, same bytes.
///
/// # Errors
///
/// What the writer cannot take, and ephemeral values, which are kept nowhere.
pub fn write_plan(file: &PlanFile, to: impl Write) -> io::Result<()> {
    let plan = &file.plan;
    let outputs = plan.outputs.iter();
    let document = Written {
        made_by: &file.made_by,
        created: file.created,
        workspace: &file.workspace,
        emulated: file.emulated,
        prior: file.prior.clone().map(StoredState),
        sources: &file.sources,
        variables: &file.variables,
        ephemeral: &file.ephemeral,
        mode: plan.mode,
        changes: Each(&plan.changes, store_change),
        drift: Each(&plan.drift, store_drift),
        imports: Each(&plan.imports, store_import),
        data: Each(&plan.data, store_data),
        partial: plan.partial,
        errored: plan.errored,
        moves: Each(&plan.moves, |step| (Text(step.from.clone()), Text(step.to.clone()))),
        outputs: outputs.map(|(name, output)| (name.clone(), store_output(output))).collect(),
        checks: StoredChecks(plan.checks.clone()),
        steps: store_steps(&plan.steps),
    };
    let mut to = Sha256Writer::new(to);
    writeln!(to, "{MAGIC}")?;
    {
        let mut buffered = BufWriter::with_capacity(BUFFER, &mut to);
        serde_json::to_writer(&mut buffered, &document)?;
        buffered.write_all(b"\n")?;
        buffered.flush()?;
    }
    let (mut to, sum) = to.finish();
    to.write_all(sum.as_bytes())?;
    to.flush()
}

/// Bytes that are hashed and written together.
const BUFFER: usize = 64 * 1024;

/// Tells whether a file was meant to be a plan, whole or not.
pub fn is_plan(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC.as_bytes())
}

/// Reads a plan file.
pub fn read_plan(bytes: &[u8]) -> Result<PlanFile, PlanFileError> {
    let rest = bytes.strip_prefix(MAGIC.as_bytes()).and_then(|rest| rest.strip_prefix(b"\n"));
    let rest = rest.ok_or(PlanFileError::NotAPlan)?;
    let end = rest.iter().rposition(|byte| *byte == b'\n').ok_or(PlanFileError::Altered)?;
    let (json, sum) = rest.split_at(end);
    let hashed = bytes.get(..bytes.len() - sum.len() + 1).unwrap_or_default();
    if sum.get(1..) != Some(sha256_hex(hashed).as_bytes()) {
        return Err(PlanFileError::Altered);
    }
    let document: Document = serde_json::from_slice(json)
        .map_err(|error| PlanFileError::Malformed(error.to_string()))?;
    let plan = Plan {
        mode: document.mode,
        changes: document.changes.0,
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

    fn bytes_of(file: &PlanFile) -> Vec<u8> {
        let mut bytes = Vec::new();
        write_plan(file, &mut bytes).unwrap();
        bytes
    }

    #[test]
    fn a_plan_comes_back_and_is_the_same_to_the_byte() {
        let bytes = bytes_of(&file());
        let again = read_plan(&bytes).unwrap();
        assert_eq!(bytes_of(&again), bytes);
        assert_eq!(again.ephemeral, file().ephemeral);
    }

    #[test]
    fn an_ephemeral_value_is_never_written() {
        let mut file = file();
        let inside = Value::tuple(vec![Value::from("hunter2").mark(&Marks::ephemeral())]);
        file.variables.insert(Arc::from("token"), Encoded(inside));
        assert!(write_plan(&file, Vec::new()).is_err());
    }

    #[test]
    fn a_changed_plan_is_refused() {
        let mut bytes = bytes_of(&file());
        assert_eq!(read_plan(&bytes[..bytes.len() - 1]).unwrap_err(), PlanFileError::Altered);
        let last = bytes.len() - 2;
        bytes[last] ^= 1;
        assert_eq!(read_plan(&bytes).unwrap_err(), PlanFileError::Altered);
        assert_eq!(read_plan(b"PK\x03\x04\n").unwrap_err(), PlanFileError::NotAPlan);
    }
}
