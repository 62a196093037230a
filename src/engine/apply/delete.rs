//! Deleting objects.

use crate::diag::{Diagnostic, Diagnostics, code};
use crate::graph::Place;
use crate::plan::{Change, StepKind};
use crate::sdk::Deletion;
use crate::state::{DeposedKey, NewIntent, ObjectStatus, Operation, Settled};

use super::make::{Made, Outcome};
use super::{Event, Run, lock, objects, state_problem};

impl Run<'_> {
    /// Deletes an object: the current one, the predecessor of one that this run made, or one that
    /// an earlier run left behind.
    pub(super) async fn delete(&self, change: &Change, kind: StepKind, place: Place) -> Made {
        let Some(prior) = &change.prior else { return Ok(Outcome::default()) };
        let Some(spec) = self.finals.spec(&change.address) else { return Ok(Outcome::default()) };
        let client = self.finals.client(&change.address, &change.provider)?;
        let deposed = self.deposed_key(change, kind);
        let intent = NewIntent {
            operation: Operation::Delete,
            address: &change.address,
            deposed: deposed.as_ref(),
            provider: &change.provider,
            object: objects::record(spec, change, prior, ObjectStatus::Ready),
            search: serde_json::Value::Null,
        };
        let intent = self
            .session
            .intend(intent, self.engine.world.clock.now())
            .await
            .map_err(|error| state_problem(&error).address(&change.address))?;
        let cx = self.elapsed_context(change);
        let settle = async |outcome| {
            let settled = self.session.settle(intent, outcome).await;
            settled
                .map_err(|error| Diagnostics::from(state_problem(&error).address(&change.address)))
        };
        let deleted = client.delete(&cx, &prior.reveal()).await;
        drop(place);
        match deleted {
            Ok(Deletion::Deleted) => {
                settle(Settled::Gone).await?;
                lock(&self.tally).destroyed += 1;
                self.gone(change, kind);
                Ok(Outcome::default())
            }
            Ok(Deletion::Impossible(words)) => {
                settle(Settled::Gone).await?;
                lock(&self.tally).forgotten += 1;
                self.gone(change, kind);
                self.event(Event::Forgotten { address: change.address.clone() });
                Err(Diagnostic::warning(code::CANNOT_DELETE, words).address(&change.address).into())
            }
            Err(error) => {
                // What really happened shows at the next refresh; deleting again does no harm.
                settle(Settled::Nothing).await?;
                Err(self.finals.explain(error, &change.address).into())
            }
        }
    }

    fn gone(&self, change: &Change, kind: StepKind) {
        if kind == StepKind::Delete && change.planned.is_none() {
            self.finals.done(&change.address, None);
        }
    }

    fn deposed_key(&self, change: &Change, kind: StepKind) -> Option<DeposedKey> {
        match kind {
            StepKind::DeletePredecessor => lock(&self.predecessors).get(&change.address).cloned(),
            _ => change.deposed.clone(),
        }
    }
}
