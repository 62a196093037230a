//! Data: what was looked up while planning, and look-ups that had to wait.

use std::collections::BTreeSet;

use crate::addr::{InstanceAddr, ResourceMode};
use crate::graph::Place;
use crate::plan::{Change, DataRead, PlanMode};
use crate::sdk::Context;
use crate::state::ObjectRecord;

use super::make::{Made, Outcome};
use super::{Run, state_problem};

impl Run<'_> {
    /// Looks data up, now that its arguments are known. It changes nothing at any vendor, so there
    /// is nothing to note before.
    pub(super) async fn read(&self, change: &Change, place: Place) -> Made {
        let address = &change.address;
        let Some(planned) = &change.planned else { return Ok(Outcome::default()) };
        self.finals.before(address).into_result(())?;
        let arguments = self.finals.complete(address, planned)?;
        let client = self.finals.data(address, &change.provider)?;
        let context = Context::new(self.engine.world.clone());
        let found = client.read(&context, &arguments.reveal()).await;
        drop(place);
        let object = found.map_err(|error| self.finals.explain(error, address))?;
        let object = object.marked_like(&arguments);
        if let Some(record) = self.finals.data_record(address, &object) {
            let seen = self.session.seen(address, &change.provider, None, record);
            seen.await.map_err(|error| state_problem(&error).address(address))?;
        }
        self.finals.done(address, Some(&object));
        let problems = self.finals.postconditions(address, &object);
        if problems.has_errors() {
            self.finals.broken(address);
        }
        Ok(Outcome { id: None, problems })
    }

    /// Data on record that the plan did not look up: it is no longer declared. In a plan that is
    /// limited to a selection it may be. Where everything is destroyed, no data stays on record.
    pub(super) fn stale_data(&self) -> Vec<InstanceAddr> {
        if self.plan.partial {
            return Vec::new();
        }
        let looked_up: BTreeSet<_> = match self.plan.mode {
            PlanMode::Destroy => BTreeSet::new(),
            _ => (self.plan.data.iter().map(|found| &found.address))
                .chain(self.plan.changes.iter().map(|change| &change.address))
                .collect(),
        };
        let state = self.session.state();
        let recorded = state.instances().map(|(address, _, _)| address);
        recorded
            .filter(|address| {
                address.resource.local.mode == ResourceMode::Data && !looked_up.contains(address)
            })
            .collect()
    }

    /// What is recorded of data that was looked up, where that differs from what is on record.
    pub(super) fn data_record<'d>(
        &self,
        found: &'d DataRead,
    ) -> Option<(&'d DataRead, ObjectRecord)> {
        if self.plan.mode == PlanMode::Destroy && !self.plan.partial {
            return None;
        }
        let record = self.finals.data_record(&found.address, &found.object)?;
        let differs = self.session.state().object(&found.address) != Some(&record);
        differs.then_some((found, record))
    }
}
