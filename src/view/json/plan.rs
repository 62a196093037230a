//! `show -json` of a saved plan.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::sync::Arc;

use serde::{Serialize, Serializer};

use crate::addr::{InstanceAddr, ProviderConfigAddr, ResourceMode};
use crate::config::{Config, MentionStep};
use crate::engine::{Catalog, Contributor, Variables, contributors, default_of};
use crate::plan::{Action, Change, DataRead, Drift, Import, Plan};
use crate::state::{LANGUAGE_VERSION, Lineage, OutputRecord, State, Text};
use crate::value::{Marks, Value};
use crate::world::Timestamp;

use super::change::{Beside, ChangeDocument, Values as ChangeValues};
use super::checks::{CheckDocument, documents};
use super::configuration::{ConfigurationDocument, configuration};
use super::resources::{About, Index, Located, ModuleDocument, ResourceDocument};
use super::state::{Output, Recorded, Values, objects, values};
use super::values::{Plain, Secrets};

/// A plan with what it was made from.
#[derive(Clone, Copy)]
pub struct PlanDocumentOf<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The state it was made from; `None` where there was none.
    pub prior: Option<&'a State>,
    /// The declarations.
    pub config: &'a Config,
    /// The values of variables.
    pub variables: &'a Variables,
    /// Resource types.
    pub catalog: &'a Catalog,
    /// When it was made.
    pub created: Timestamp,
    /// Whether sensitive values are shown.
    pub secrets: Secrets,
}

#[derive(Serialize)]
struct Document<'a> {
    format_version: &'static str,
    terraform_version: &'static str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    variables: BTreeMap<&'a str, Variable<'a>>,
    planned_values: Values<'a, Planned<'a>>,
    #[serde(skip_serializing_if = "Drifts::is_empty")]
    resource_drift: Drifts<'a>,
    #[serde(skip_serializing_if = "Changes::is_empty")]
    resource_changes: Changes<'a>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    output_changes: BTreeMap<&'a str, ChangeValues<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prior_state: Option<PriorState<'a>>,
    configuration: ConfigurationDocument<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    relevant_attributes: Vec<Relevant>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    checks: Vec<CheckDocument<'a>>,
    timestamp: Text<Timestamp>,
    applyable: bool,
    complete: bool,
    errored: bool,
}

/// An attribute that has a part in what changes.
#[derive(Serialize)]
struct Relevant {
    resource: String,
    attribute: Vec<Step>,
}

struct Step(MentionStep);

impl Serialize for Step {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            MentionStep::Name(name) => serializer.serialize_str(name),
            MentionStep::Key(key) => Index::of(key).serialize(serializer),
        }
    }
}

#[derive(Serialize)]
struct Variable<'a> {
    value: Plain<'a>,
}

#[derive(Serialize)]
struct PriorState<'a> {
    format_version: &'static str,
    terraform_version: &'static str,
    values: Values<'a, Prior<'a>>,
}

/// Writes the document.
///
/// # Errors
///
/// What the writer cannot take.
pub fn plan_json(of: &PlanDocumentOf<'_>, to: &mut dyn Write) -> io::Result<()> {
    let empty = State::empty(Lineage(String::new()));
    let prior = seen(of.plan, of.prior.unwrap_or(&empty));
    let before = prior_objects(of, &prior);
    let planned = planned(of);
    let moved = of.plan.moves.iter().map(|step| (&step.to, &step.from)).collect();
    let imported = of.plan.imports.iter().map(|import| (&import.address, import)).collect();
    let beside = Besides { moved, imported };
    let has_prior = !before.is_empty() || !prior.outputs.is_empty();
    let document = Document {
        format_version: "1.2",
        terraform_version: LANGUAGE_VERSION,
        variables: variables(of),
        planned_values: planned_values(of, &planned),
        resource_drift: Drifts { all: &of.plan.drift, secrets: of.secrets },
        resource_changes: Changes { all: &of.plan.changes, beside, secrets: of.secrets },
        output_changes: of
            .plan
            .outputs
            .iter()
            .map(|(name, output)| (&**name, ChangeValues::of_output(output, of.secrets)))
            .collect(),
        prior_state: has_prior.then(|| PriorState {
            format_version: "1.0",
            terraform_version: LANGUAGE_VERSION,
            values: values(&prior.outputs, &before, of.secrets),
        }),
        configuration: configuration(of.config, of.catalog, of.secrets),
        relevant_attributes: contributors(of.config, of.plan)
            .into_iter()
            .map(|Contributor { resource, attribute }| Relevant {
                resource,
                attribute: attribute.into_iter().map(Step).collect(),
            })
            .collect(),
        checks: documents(&of.plan.checks),
        timestamp: Text(of.created.whole_seconds()),
        applyable: !of.plan.errored && !of.plan.is_empty(),
        complete: !of.plan.errored && !of.plan.partial,
        errored: of.plan.errored,
    };
    Ok(serde_json::to_writer(to, &document)?)
}

/// The values of variables. Ephemeral ones are kept nowhere: their defaults stand here, which are no
/// secrets.
fn variables<'a>(of: &PlanDocumentOf<'a>) -> BTreeMap<&'a str, Variable<'a>> {
    let kept = of
        .variables
        .iter()
        .map(|(name, value)| (&**name, Variable { value: Plain::of(value, of.secrets) }));
    let ephemeral = of.config.root().variables.values().filter(|variable| variable.ephemeral);
    let defaults = ephemeral.filter_map(|variable| {
        let value = default_of(variable).ok()?.with_marks(Marks::NONE);
        let value = if variable.sensitive { value.sensitive() } else { value };
        Some((&*variable.name, Variable { value: Plain::owned(value, of.secrets) }))
    });
    kept.chain(defaults).collect()
}

/// Moves and imports, by where they lead.
struct Besides<'a> {
    moved: BTreeMap<&'a InstanceAddr, &'a InstanceAddr>,
    imported: BTreeMap<&'a InstanceAddr, &'a Import>,
}

/// The changes of a plan, which become documents one by one while they are written.
struct Changes<'a> {
    all: &'a [Change],
    beside: Besides<'a>,
    secrets: Secrets,
}

impl Changes<'_> {
    fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}

impl Serialize for Changes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.all.iter().map(|change| {
            let current = change.deposed.is_none();
            let import = self.beside.imported.get(&change.address).copied().filter(|_| current);
            let beside = Beside {
                previous: self.beside.moved.get(&change.address).copied().filter(|_| current),
                importing: import.map(|import| &*import.id),
                generated: import.and_then(|import| import.generated.as_deref()),
            };
            ChangeDocument::of(change, beside, self.secrets)
        }))
    }
}

/// What was changed outside, likewise.
struct Drifts<'a> {
    all: &'a [Drift],
    secrets: Secrets,
}

impl Drifts<'_> {
    fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}

impl Serialize for Drifts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let documents = self.all.iter().map(|drift| ChangeDocument::of_drift(drift, self.secrets));
        serializer.collect_seq(documents)
    }
}

/// The state as reads showed it, with everything at its new address.
fn seen(plan: &Plan, state: &State) -> State {
    let mut state = state.clone();
    plan.record_in(&mut state);
    for (name, output) in &plan.outputs {
        // What is known of outputs counts from when it is known.
        match &output.planned {
            Some(value) if value.is_null() => {
                state.outputs.remove(name);
            }
            Some(value) if value.is_wholly_known() => {
                let record = OutputRecord { value: value.reveal(), sensitive: output.sensitive };
                state.outputs.insert(Arc::clone(name), record);
            }
            _ => {}
        }
    }
    // Data that was looked up comes from the plan; of the rest it is known only that it was there.
    let again: BTreeSet<_> = plan.data.iter().map(|data| &data.address.resource).collect();
    state.resources.retain(|address, _| {
        address.local.mode == ResourceMode::Managed
            || (plan.partial || plan.errored) && !again.contains(address)
    });
    for change in plan.changes.iter().filter(|change| change.deposed.is_none()) {
        state.add_dependencies(&change.address, &change.dependencies);
    }
    state
}

/// An object that is there, or that was looked up while planning.
enum Prior<'a> {
    Recorded(Recorded<'a>),
    Data(&'a DataRead, &'a PlanDocumentOf<'a>),
}

impl Located for Prior<'_> {
    fn address(&self) -> &InstanceAddr {
        match self {
            Self::Recorded(recorded) => recorded.address(),
            Self::Data(data, _) => &data.address,
        }
    }
}

impl Serialize for Prior<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Recorded(recorded) => recorded.serialize(serializer),
            Self::Data(data, of) => {
                let about = about(of, &data.address, &data.provider);
                ResourceDocument::new(&data.address, &data.object, of.secrets, about)
                    .serialize(serializer)
            }
        }
    }
}

/// Everything that is there, also what was looked up while planning.
fn prior_objects<'a>(of: &'a PlanDocumentOf<'a>, state: &'a State) -> Vec<Prior<'a>> {
    let recorded = objects(state, of.catalog, of.secrets).map(Prior::Recorded);
    let data = of.plan.data.iter().map(|data| Prior::Data(data, of));
    let mut all: Vec<_> = recorded.chain(data).collect();
    all.sort_by(|left, right| left.address().cmp(right.address()));
    all
}

fn about(
    of: &PlanDocumentOf<'_>,
    address: &InstanceAddr,
    provider: &ProviderConfigAddr,
) -> About<'static> {
    let schema = of.catalog.schema(&address.resource.local);
    About {
        provider: provider.local.provider.source(),
        schema_version: schema.map_or(0, |schema| schema.version),
        ..About::default()
    }
}

/// An object as it will be, or the name of one that is forgotten.
struct Planned<'a> {
    change: &'a Change,
    of: &'a PlanDocumentOf<'a>,
}

impl Located for Planned<'_> {
    fn address(&self) -> &InstanceAddr {
        &self.change.address
    }
}

impl Serialize for Planned<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let change = self.change;
        let about = about(self.of, &change.address, &change.provider);
        let nothing = Value::NULL;
        let kept = change.planned.as_ref().filter(|_| change.action != Action::Forget);
        let object = kept.unwrap_or(&nothing);
        let document = ResourceDocument::new(&change.address, object, self.of.secrets, about);
        if kept.is_some() { document } else { document.forgotten() }.serialize(serializer)
    }
}

/// The objects as they will be, and the names of those that are forgotten.
fn planned<'a>(of: &'a PlanDocumentOf<'a>) -> Vec<Planned<'a>> {
    let current = of.plan.changes.iter().filter(|change| change.deposed.is_none());
    let listed = current.filter(|change| match change.action {
        Action::Delete => false,
        Action::Forget => true,
        _ => change.planned.is_some(),
    });
    listed.map(|change| Planned { change, of }).collect()
}

fn planned_values<'a>(
    of: &PlanDocumentOf<'a>,
    planned: &'a [Planned<'a>],
) -> Values<'a, Planned<'a>> {
    let outputs = of.plan.outputs.iter().filter_map(|(name, output)| {
        let planned: &Value = output.planned.as_ref()?;
        let sensitive = output.sensitive || output.was_sensitive;
        Some((Arc::clone(name), Output::of(planned, sensitive, of.secrets)))
    });
    Values { outputs: outputs.collect(), root_module: ModuleDocument::root(planned) }
}
