//! What vendors would say to a plan.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::addr::{ProviderConfigAddr, ResourceType};
use crate::config::ResourceDecl;
use crate::diag::{Diagnostic, Severity, code};
use crate::plan::{Action, Change, PlanMode};
use crate::sdk::{Certainty, Context, DynResource, Intended, Obstacle, ProviderError, together};
use crate::value::Value;

use super::super::report;
use super::Planner;

/// How many types are asked about at once.
const AT_ONCE: usize = 16;

/// The changes of one type under one provider configuration.
#[derive(Default)]
struct Group<'a> {
    creates: Vec<&'a Change>,
    deletes: Vec<&'a Change>,
}

impl Group<'_> {
    fn intended(&self) -> Intended<Value, Value> {
        let creates = self.creates.iter().map(|change| change.planned.as_ref().map(Value::reveal));
        let deletes = self.deletes.iter().filter_map(|change| change.prior.as_ref());
        let deletes = deletes.map(Value::reveal);
        Intended { creates: creates.collect(), deletes: deletes.collect() }
    }
}

impl Planner<'_> {
    /// Asks vendors what stands against the creates of the plan. Where records are trusted, nobody is
    /// asked anything.
    pub(super) async fn foresee(&mut self) {
        if self.options.trust_state || self.options.mode != PlanMode::Normal {
            return;
        }
        let groups = self.groups();
        let asked = groups.iter().filter_map(|((provider, type_name), group)| {
            // What is wrong with a provider's settings is told elsewhere.
            let client = self.clients.resource(provider, &type_name.0).ok()?;
            Some(self.ask(client, type_name, group))
        });
        let asked: Vec<_> = asked.collect();
        let found: Vec<_> = together(AT_ONCE, asked).await.into_iter().flatten().collect();
        self.problems.extend(found);
    }

    fn groups(&self) -> BTreeMap<(&ProviderConfigAddr, &ResourceType), Group<'_>> {
        let mut groups: BTreeMap<_, Group<'_>> = BTreeMap::new();
        for change in &self.changes {
            let type_name = &change.address.resource.local.type_name;
            let makes = matches!(change.action, Action::Create | Action::Replace(_));
            let spec = self.engine.catalog.resource(&type_name.0);
            if !spec.is_some_and(|spec| spec.foresees) || !(makes || change.action.destroys()) {
                continue;
            }
            let group = groups.entry((&change.provider, type_name)).or_default();
            if makes {
                group.creates.push(change);
            }
            if change.action.destroys() && !change.stays {
                group.deletes.push(change);
            }
        }
        groups.retain(|_, group| !group.creates.is_empty());
        groups
    }

    async fn ask(
        &self,
        client: Arc<dyn DynResource>,
        type_name: &ResourceType,
        group: &Group<'_>,
    ) -> Vec<Diagnostic> {
        let cx = Context::new(self.engine.world.clone());
        match client.foresee(&cx, &group.intended()).await {
            Ok(obstacles) => {
                obstacles.into_iter().filter_map(|found| self.of_obstacle(found, group)).collect()
            }
            Err(error) => group
                .creates
                .first()
                .map(|first| unforeseen(error, type_name, first, group.creates.len()))
                .into_iter()
                .collect(),
        }
    }

    fn of_obstacle(&self, obstacle: Obstacle, group: &Group<'_>) -> Option<Diagnostic> {
        Some(match obstacle {
            Obstacle::Create { index, attribute, certainty, message, help } => {
                let change = group.creates.get(index)?;
                let declared = self.inputs.config.resource(&change.address.resource);
                let body = declared.map(|declared: &ResourceDecl| &declared.body);
                let place = report::place(body, change.declared_at, Some(attribute));
                let diagnostic = match certainty {
                    Certainty::Sure => Diagnostic::error(code::WOULD_BE_REFUSED, message),
                    Certainty::Likely => Diagnostic::warning(code::MAY_BE_REFUSED, message),
                };
                diagnostic.at_if_missing(place).address(&change.address).help(help)
            }
            Obstacle::Quota { message, help } => {
                let place = group.creates.first()?.declared_at;
                Diagnostic::warning(code::QUOTA_AHEAD, message).at_if_missing(place).help(help)
            }
        })
    }
}

/// That the vendor did not say anything: the apply asks again, so the plan stands.
fn unforeseen(
    error: ProviderError,
    type_name: &ResourceType,
    first: &Change,
    count: usize,
) -> Diagnostic {
    let objects = if count == 1 { "object" } else { "objects" };
    let found = report::of_error(error, &first.address, None, first.declared_at);
    let detail = format!(
        "Whether {count} {objects} of `{}` can be made could not be asked ahead: {}",
        type_name.0, found.detail
    );
    let found =
        Diagnostic { code: code::NOT_FORESEEN, severity: Severity::Warning, detail, ..found };
    found.help("the plan stands, and its apply finds out")
}
