//! Creating and changing objects.

use std::sync::Arc;

use crate::diag::{Diagnostic, Diagnostics, code};
use crate::graph::Place;
use crate::plan::{Change, StepKind};
use crate::sdk::{Context, Created, DynResource, ErrorKind, ProviderError, ResourceSpec};
use crate::state::{
    DeposedKey, IntentId, NewIntent, ObjectStatus, Operation, SessionError, Settled,
};
use crate::value::Value;

use super::{Run, lock, objects, state_problem};

/// What a step gives.
pub(super) type Made = Result<Outcome, Undone>;

/// Why a step did not do its work.
pub(super) enum Undone {
    /// It failed.
    Failed(Diagnostics),
    /// The run was asked to stop before it had sent anything.
    Withdrawn,
}

impl From<Diagnostics> for Undone {
    fn from(problems: Diagnostics) -> Self {
        Self::Failed(problems)
    }
}

impl From<Diagnostic> for Undone {
    fn from(problem: Diagnostic) -> Self {
        Self::Failed(problem.into())
    }
}

/// What came of a step that did its work.
#[derive(Default)]
pub(super) struct Outcome {
    /// The object's id.
    pub(super) id: Option<String>,
    /// What is to be said of the object. With errors among it, nothing may rest on it.
    pub(super) problems: Diagnostics,
}

impl Run<'_> {
    /// Makes an object; for [`StepKind::CreateSuccessor`] the one at hand awaits deletion from the
    /// moment before, and comes back where no successor could be made.
    pub(super) async fn create(&self, change: &Change, kind: StepKind, place: Place) -> Made {
        let (spec, planned, client) = self.ready(change)?;
        let cx = self.elapsed_context(change);
        let search = client
            .prepare(&cx, &planned)
            .await
            .map_err(|error| self.finals.explain(error, &change.address))?;
        if kind == StepKind::CreateSuccessor {
            self.depose(change).await?;
        }
        let intent = self.intend(spec, change, &planned, search.clone(), Operation::Create);
        let lends = spec.finds_lost;
        let intent = if lends { place.aside(intent).await } else { intent.await };
        let intent = match intent {
            Ok(intent) => intent,
            Err(error) => {
                self.restore(change, kind).await;
                return Err(state_problem(&error).address(&change.address).into());
            }
        };
        // Whoever lent its place may have waited for it while calls of others were under way.
        if lends && self.engine.world.cancel.is_requested() {
            self.withdraw(change, kind, intent).await?;
            return Err(Undone::Withdrawn);
        }
        let cx = self.with_journal(cx, intent);
        let result = self.send(&*client, &cx, &planned, &search, intent).await;
        drop(place);
        self.settle_create(spec, change, kind, &planned, intent, result).await
    }

    fn ready(
        &self,
        change: &Change,
    ) -> Result<(&ResourceSpec, Value, Arc<dyn DynResource>), Diagnostics> {
        let missing = || {
            let detail = format!("`{}` has no planned object.", change.address);
            Diagnostics::from(Diagnostic::error(code::PLAN_FILE, detail))
        };
        let spec = self.finals.spec(&change.address).ok_or_else(missing)?;
        let planned = change.planned.as_ref().ok_or_else(missing)?;
        self.finals.before(&change.address).into_result(())?;
        let planned = self.finals.complete(&change.address, planned)?;
        let client = self.finals.client(&change.address, &change.provider)?;
        Ok((spec, planned, client))
    }

    async fn intend(
        &self,
        spec: &ResourceSpec,
        change: &Change,
        object: &Value,
        search: serde_json::Value,
        operation: Operation,
    ) -> Result<IntentId, SessionError> {
        let record = objects::record(spec, change, object, ObjectStatus::Ready);
        let intent = NewIntent {
            operation,
            address: &change.address,
            deposed: None,
            provider: &change.provider,
            object: record,
            search,
        };
        self.session.intend(intent, self.engine.world.clock.now()).await
    }

    /// A context whose handles go into the journal.
    fn with_journal(&self, cx: Context, intent: IntentId) -> Context {
        let session = Arc::clone(&self.session);
        cx.on_accepted(move |handle| {
            let session = Arc::clone(&session);
            async move {
                session.accepted(intent, handle).await.map_err(|error| {
                    ProviderError::new(ErrorKind::Journal, "journal", format!("{error}."))
                })
            }
        })
    }

    async fn settle_create(
        &self,
        spec: &ResourceSpec,
        change: &Change,
        kind: StepKind,
        planned: &Value,
        intent: IntentId,
        result: Result<Created<Value>, ProviderError>,
    ) -> Made {
        match result {
            Ok(Created::Ready(object)) => {
                lock(&self.tally).added += 1;
                self.keep(spec, change, planned, &object, intent, ObjectStatus::Ready).await?;
                self.finals.done(&change.address, Some(&object.marked_like(planned)));
                let problems = self.afterwards(spec, change, planned, &object);
                if problems.has_errors() {
                    self.finals.broken(&change.address);
                }
                Ok(Outcome { id: objects::id_of(&object.marked_like(planned)), problems })
            }
            Ok(Created::Tainted(object, error)) => {
                self.keep(spec, change, planned, &object, intent, ObjectStatus::Tainted).await?;
                let diagnostic = self.finals.explain(error, &change.address);
                Err(diagnostic
                    .help("the object is kept in state and replaced by the next apply")
                    .into())
            }
            Err(error) => {
                if self.made_nothing(intent, error.kind) {
                    self.withdraw(change, kind, intent).await?;
                }
                Err(self.finals.explain(error, &change.address).into())
            }
        }
    }

    /// Notes that a create made nothing.
    async fn withdraw(
        &self,
        change: &Change,
        kind: StepKind,
        intent: IntentId,
    ) -> Result<(), Diagnostics> {
        let settled = self.session.settle(intent, Settled::Nothing);
        settled.await.map_err(|error| state_problem(&error))?;
        self.restore(change, kind).await;
        Ok(())
    }

    /// Tells whether a failed create surely left nothing behind. Otherwise its intent stays open,
    /// and the next command looks before anything is sent again: an outcome that nobody knows, a
    /// handle that could not be noted, a request that the vendor took and did not refuse later.
    fn made_nothing(&self, intent: IntentId, kind: ErrorKind) -> bool {
        let open = self.session.open_intent(intent);
        let accepted = open.is_some_and(|open| open.accepted.is_some());
        match kind {
            ErrorKind::OutcomeUnknown | ErrorKind::Journal => false,
            ErrorKind::Refused => true,
            _ => !accepted,
        }
    }

    async fn keep(
        &self,
        spec: &ResourceSpec,
        change: &Change,
        planned: &Value,
        object: &Value,
        intent: IntentId,
        status: ObjectStatus,
    ) -> Result<(), Diagnostics> {
        let object = object.marked_like(planned);
        let record = objects::record(spec, change, &object, status);
        let settled = self.session.settle(intent, Settled::Object(Box::new(record)));
        settled.await.map_err(|error| state_problem(&error).address(&change.address).into())
    }

    /// What must hold of an object that was made or changed.
    fn afterwards(
        &self,
        spec: &ResourceSpec,
        change: &Change,
        planned: &Value,
        object: &Value,
    ) -> Diagnostics {
        let mut problems = self.finals.postconditions(&change.address, object);
        let broken = objects::broken_promises(spec, planned, object);
        if !broken.is_empty() {
            let detail = format!(
                "`{}` was planned with other values of {} than it came out with. The object is in state as it is.",
                change.address,
                broken.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "),
            );
            problems
                .push(Diagnostic::warning(code::PROVIDER_DEFECT, detail).address(&change.address));
        }
        problems
    }

    async fn depose(&self, change: &Change) -> Result<(), Diagnostics> {
        let digits: String =
            self.engine.world.ids.uuid().chars().filter(char::is_ascii_hexdigit).collect();
        let key = DeposedKey(digits.get(digits.len() - 8..).unwrap_or(&digits).to_owned());
        let deposed = self.session.depose(&change.address, &key);
        deposed.await.map_err(|error| state_problem(&error).address(&change.address))?;
        lock(&self.predecessors).insert(change.address.clone(), key);
        Ok(())
    }

    /// Brings the object back whose successor was not made.
    async fn restore(&self, change: &Change, kind: StepKind) {
        if kind != StepKind::CreateSuccessor {
            return;
        }
        let key = lock(&self.predecessors).remove(&change.address);
        let Some(key) = key else { return };
        if let Err(error) = self.session.restore(&change.address, &key).await {
            self.problem(state_problem(&error).address(&change.address));
        }
    }

    /// Changes an object in place.
    pub(super) async fn update(&self, change: &Change, place: Place) -> Made {
        let (spec, planned, client) = self.ready(change)?;
        let Some(prior) = &change.prior else { return Ok(Outcome::default()) };
        if objects::is_as_it_was(spec, change, &planned) {
            return self.keep_record(spec, change, &prior.marked_like(&planned)).await;
        }
        let intent = self
            .intend(spec, change, &planned, serde_json::Value::Null, Operation::Update)
            .await
            .map_err(|error| state_problem(&error).address(&change.address))?;
        let cx = self.with_journal(self.elapsed_context(change), intent);
        let updated = client.update(&cx, &prior.reveal(), &planned.reveal()).await;
        drop(place);
        match updated {
            Ok(object) => {
                self.keep(spec, change, &planned, &object, intent, ObjectStatus::Ready).await?;
                lock(&self.tally).changed += 1;
                let object = object.marked_like(&planned);
                self.finals.done(&change.address, Some(&object));
                let problems = self.afterwards(spec, change, &planned, &object);
                if problems.has_errors() {
                    self.finals.broken(&change.address);
                }
                Ok(Outcome { id: objects::id_of(&object), problems })
            }
            Err(error) => {
                // Repeating an update does no harm: the next plan reads what is there.
                let settled = self.session.settle(intent, Settled::Nothing);
                settled.await.map_err(|error| state_problem(&error))?;
                Err(self.finals.explain(error, &change.address).into())
            }
        }
    }

    /// Records a change that concerns only what we do ourselves.
    pub(super) async fn record(&self, change: &Change) -> Made {
        let Some(spec) = self.finals.spec(&change.address) else { return Ok(Outcome::default()) };
        let Some(planned) = &change.planned else { return Ok(Outcome::default()) };
        let planned = self.finals.complete(&change.address, planned)?;
        lock(&self.tally).changed += 1;
        self.keep_record(spec, change, &planned).await
    }

    /// Records an object without a call.
    async fn keep_record(&self, spec: &ResourceSpec, change: &Change, planned: &Value) -> Made {
        let record = objects::record(spec, change, planned, ObjectStatus::Ready);
        let seen = self.session.seen(&change.address, &change.provider, None, record);
        seen.await.map_err(|error| state_problem(&error).address(&change.address))?;
        self.finals.done(&change.address, Some(planned));
        Ok(Outcome { id: objects::id_of(planned), problems: Diagnostics::default() })
    }
}
