//! Changes and the plan they make up.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::addr::{InstanceAddr, ProviderConfigAddr};
use crate::state::{CheckResults, Dependencies, DeposedKey, ObjectRecord, State};
use crate::text::{SourceMap, Span};
use crate::value::{Path, Value};

use super::{Action, Cause, OutputChange, Reason, ReplaceOrder, StepGraph};

/// What a plan is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanMode {
    /// Bring everything to what the configuration says.
    #[default]
    Normal,
    /// Delete everything.
    Destroy,
    /// Only record what the vendors say.
    RefreshOnly,
}

/// What will be done to one object.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The instance.
    pub address: InstanceAddr,
    /// The deposed object meant, where it is not the current one.
    pub deposed: Option<DeposedKey>,
    /// The provider configuration.
    pub provider: ProviderConfigAddr,
    /// What is done.
    pub action: Action,
    /// Why.
    pub reason: Reason,
    /// The object as it is, with marks.
    pub prior: Option<Value>,
    /// The object as it will be, unknown where only the vendor can tell, with marks.
    pub planned: Option<Value>,
    /// The arguments that force a replacement.
    pub replace_paths: Vec<Path>,
    /// The resources to record as outliving the object; those that are recorded, where it stays as
    /// it is.
    pub dependencies: Dependencies,
    /// The instances that must be done before it is made or changed.
    pub needs: Vec<Arc<InstanceAddr>>,
    /// Whether its replacement comes before it goes.
    pub create_before_destroy: bool,
    /// Whether only state takes the change; no call is made.
    pub record_only: bool,
    /// Whether the object at hand stays although it goes out of state, because its vendor has no
    /// way to delete.
    pub stays: bool,
    /// Where it is declared.
    pub declared_at: Option<Span>,
    /// What in the source makes it.
    pub causes: Vec<Cause>,
}

/// What a read showed that differs from what was recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct Drift {
    /// The instance.
    pub address: InstanceAddr,
    /// The provider configuration.
    pub provider: ProviderConfigAddr,
    /// The object as it was recorded.
    pub recorded: Value,
    /// The object as it is; `None` where it is gone.
    pub seen: Option<Value>,
    /// The record to keep from now on; `None` where it is gone.
    pub record: Option<ObjectRecord>,
    /// Whether it is gone because its time was over.
    pub expired: bool,
}

/// An object that exists and is taken into the state.
#[derive(Clone, Debug, PartialEq)]
pub struct Import {
    /// The instance it becomes.
    pub address: InstanceAddr,
    /// The provider configuration.
    pub provider: ProviderConfigAddr,
    /// What the vendor calls it.
    pub id: String,
    /// What is recorded of it.
    pub record: ObjectRecord,
    /// The block that was written for it.
    pub generated: Option<String>,
}

/// An instance that is known under another key from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// Where it is recorded.
    pub from: InstanceAddr,
    /// Where it belongs.
    pub to: InstanceAddr,
}

/// Data as it was looked up while planning.
#[derive(Clone, Debug, PartialEq)]
pub struct DataRead {
    /// The instance.
    pub address: InstanceAddr,
    /// The provider configuration.
    pub provider: ProviderConfigAddr,
    /// What was found, with marks.
    pub object: Value,
}

/// Changes, drift, outputs, and the steps to make them.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// What it is for.
    pub mode: PlanMode,
    /// Every instance, also those without a change, in order of address.
    pub changes: Vec<Change>,
    /// What reads showed.
    pub drift: Vec<Drift>,
    /// Objects that are taken in.
    pub imports: Vec<Import>,
    /// Data that was looked up.
    pub data: Vec<DataRead>,
    /// Whether it is limited to a selection.
    pub partial: bool,
    /// Whether it lacks what could not be planned. Such a plan is looked at and never carried out.
    pub errored: bool,
    /// Instances whose key changes, because a resource has `count` now or has it no longer.
    pub moves: Vec<Move>,
    /// Changes of outputs.
    pub outputs: BTreeMap<Arc<str>, OutputChange>,
    /// What conditions say.
    pub checks: CheckResults,
    /// What apply does.
    pub steps: StepGraph,
}

/// How many objects of each kind of change there are; a replacement adds and destroys one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Objects to take into the state.
    pub import: usize,
    /// Objects to make.
    pub add: usize,
    /// Objects to change in place.
    pub change: usize,
    /// Objects to delete.
    pub destroy: usize,
    /// Objects to forget.
    pub forget: usize,
}

impl Plan {
    /// How many objects of each kind of change there are.
    pub fn summary(&self) -> Summary {
        let mut summary = Summary { import: self.imports.len(), ..Summary::default() };
        for change in &self.changes {
            match change.action {
                Action::NoOp | Action::Read => {}
                Action::Create => summary.add += 1,
                Action::Update => summary.change += 1,
                Action::Replace(ReplaceOrder::DeleteFirst | ReplaceOrder::CreateFirst) => {
                    summary.add += 1;
                    if change.stays {
                        summary.forget += 1;
                    } else {
                        summary.destroy += 1;
                    }
                }
                Action::Delete if change.stays => summary.forget += 1,
                Action::Delete => summary.destroy += 1,
                Action::Forget => summary.forget += 1,
            }
        }
        summary
    }

    /// Tells whether applying it would change anything: objects, outputs, or what is recorded.
    pub fn is_empty(&self) -> bool {
        !self.changes_objects()
            && self.moves.is_empty()
            && self.imports.is_empty()
            && self.outputs.values().all(|output| !output.is_change())
            && (self.mode != PlanMode::RefreshOnly || self.drift.is_empty())
    }

    /// Notes the places of all causes in words, while the sources are at hand.
    pub fn locate(&mut self, sources: &SourceMap) {
        for cause in self.changes.iter_mut().flat_map(|change| &mut change.causes) {
            cause.locate(sources);
        }
    }

    /// The changes in the order in which they are made; those without a step come last.
    pub fn in_order_of_steps(&self) -> Vec<&Change> {
        let mut told = vec![false; self.changes.len()];
        let mut ordered = Vec::with_capacity(self.changes.len());
        let steps = self.steps.order().unwrap_or_default();
        let by_step = steps.into_iter().filter_map(|id| Some(self.steps.node(id)?.change));
        for position in by_step.chain(0..self.changes.len()) {
            if let (Some(told), Some(change)) = (told.get_mut(position), self.changes.get(position))
                && !std::mem::replace(told, true)
            {
                ordered.push(change);
            }
        }
        ordered
    }

    /// Tells whether objects that stay as they are need other resources by now than `state` says.
    pub fn renews_dependencies(&self, state: &State) -> bool {
        self.changes.iter().filter(|change| change.action == Action::NoOp).any(|change| {
            let object = state.object(&change.address);
            object.is_some_and(|object| object.dependencies != change.dependencies)
        })
    }

    /// Records what reads showed while planning, and puts everything under its new address.
    pub fn record_in(&self, state: &mut State) {
        for drift in &self.drift {
            match &drift.record {
                Some(record) => {
                    state.set_object(&drift.address, &drift.provider, None, record.clone());
                }
                None => state.remove_object(&drift.address, None),
            }
        }
        state.move_instances(self.moves.iter().map(|step| (&step.from, &step.to)));
        for import in &self.imports {
            let Import { address, provider, record, .. } = import;
            state.set_object(address, provider, None, record.clone());
        }
        for change in self.changes.iter().filter(|change| change.action == Action::NoOp) {
            state.set_dependencies(&change.address, &change.dependencies);
        }
    }

    /// Tells whether any object is changed or forgotten.
    pub fn changes_objects(&self) -> bool {
        self.changes.iter().any(|change| change.action != Action::NoOp)
    }
}
