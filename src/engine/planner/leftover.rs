//! Objects that no declaration accounts for.

use crate::addr::InstanceAddr;
use crate::config::{Repetition, ResourceDecl};
use crate::plan::{Action, Change, PlanMode, Reason};

use super::super::evaluate::Repeated;
use super::super::refresh::Refreshed;
use super::super::removals;
use super::{Planner, cause};

impl Planner<'_> {
    /// Plans what becomes of every object that is left: deletion, unless it is only forgotten.
    pub(super) fn leftovers(&mut self) {
        let objects = std::mem::take(&mut self.objects);
        for ((address, deposed), object) in objects {
            object.tell(&address, &*self.engine.observer);
            if object.seen.is_none() {
                // It is gone; drift takes it out of the record.
                if deposed.is_some() {
                    self.changes.push(forget(&address, deposed.as_ref(), &object, Reason::Deposed));
                }
                continue;
            }
            if deposed.is_some() && self.waiting.contains(&address) {
                // Until its successor is there for certain it may be the only one.
                continue;
            }
            let declared = self.inputs.config.resource(&address.resource);
            if self.options.mode == PlanMode::Normal
                && removals::forgets(self.inputs.config, &address)
            {
                self.changes.push(forget(&address, deposed.as_ref(), &object, Reason::Removed));
                continue;
            }
            let reason =
                if deposed.is_some() { Reason::Deposed } else { self.reason(&address, declared) };
            if let Some(declared) = declared.filter(|_| deposed.is_none())
                && let Some(frame) = self.frame(&address.resource.module)
            {
                self.prevent_destroy(
                    (&frame, declared),
                    &address,
                    &Repeated::default(),
                    Action::Delete,
                );
            }
            let mut change = Self::no_change(&address, &object, reason);
            change.action = Action::Delete;
            change.planned = None;
            change.deposed = deposed;
            change.declared_at = declared.map(|declared| declared.header);
            if let Some(declared) = declared {
                change.causes = cause::of_deletion(declared, &change.reason);
            }
            self.changes.push(change);
        }
    }

    fn reason(&self, address: &InstanceAddr, declared: Option<&ResourceDecl>) -> Reason {
        if self.options.mode == PlanMode::Destroy {
            return Reason::Destroy;
        }
        let module = &address.resource.module;
        if declared.is_some() && !self.evaluation.instances_of(&module.path()).contains(module) {
            return Reason::NoModule(module.to_string());
        }
        match declared.map(|declared| &declared.repetition) {
            None => Reason::NotDeclared,
            Some(repetition) => Reason::for_lost_key(
                &address.key,
                matches!(repetition, Repetition::Count(_)),
                matches!(repetition, Repetition::ForEach(_)),
            ),
        }
    }
}

fn forget(
    address: &InstanceAddr,
    deposed: Option<&crate::state::DeposedKey>,
    object: &Refreshed,
    reason: Reason,
) -> Change {
    Change {
        action: Action::Forget,
        planned: None,
        deposed: deposed.cloned(),
        ..Planner::no_change(address, object, reason)
    }
}
