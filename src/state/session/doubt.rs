//! What is found is not what was saved last, and the journal beside it tells of calls all the same.

use crate::addr::InstanceAddr;

use super::super::{
    DeposedKey, InstanceRecord, Journal, Lineage, ObjectRecord, ResourceRecord, Serial, State,
};
use super::SessionError;

/// Why something is in doubt, and what is nevertheless known.
pub(super) struct Doubt {
    pub(super) reason: SessionError,
    pub(super) journal: Journal,
}

impl Doubt {
    /// Makes what is known part of `state`, which is given in the place of what was found. What the
    /// vendors did is true whatever anybody had recorded before. Where somebody else has saved a later
    /// state than those that are known here, nothing that it records is lost on that: what has to be
    /// left out instead is given back.
    pub(super) fn take_along(
        &self,
        state: &mut State,
        earlier: &[(Lineage, Serial)],
    ) -> Vec<(InstanceAddr, ObjectRecord)> {
        let own = earlier.iter().filter(|(lineage, _)| *lineage == state.lineage);
        match own.map(|(_, serial)| *serial).max() {
            Some(highest) if state.serial > highest => self.complete(state),
            // It belongs to something else.
            None if !earlier.is_empty() => Vec::new(),
            _ => {
                self.journal.fold(state);
                Vec::new()
            }
        }
    }

    /// Makes what is known part of `state` but for what would take an object out of the record that was
    /// not deleted.
    fn complete(&self, state: &mut State) -> Vec<(InstanceAddr, ObjectRecord)> {
        let before = state.clone();
        self.journal.fold(state);
        let deleted: Vec<_> = self.journal.deletes().map(|delete| &delete.object.0).collect();
        let is_deleted = |object| deleted.iter().any(|deleted| is_same(deleted, object));
        let mut left = Vec::new();
        for (address, ResourceRecord { provider, .. }, instance) in before.instances() {
            let now = state.instance(&address).cloned().unwrap_or_default();
            let is_lost = |object| !records(&now, object) && !is_deleted(object);
            if !objects(instance).any(|(_, object)| is_lost(object)) {
                continue;
            }
            for (key, object) in objects(&now) {
                state.remove_object(&address, key);
                if !records(instance, object) {
                    left.push((address.clone(), object.clone()));
                }
            }
            for (key, object) in objects(instance) {
                state.set_object(&address, provider, key, object.clone());
            }
        }
        left
    }
}

/// The current object and those that await their deletion.
fn objects(
    instance: &InstanceRecord,
) -> impl Iterator<Item = (Option<&DeposedKey>, &ObjectRecord)> {
    let deposed = instance.deposed.iter().map(|(key, object)| (Some(key), object));
    instance.current.iter().map(|object| (None, object)).chain(deposed)
}

fn records(instance: &InstanceRecord, object: &ObjectRecord) -> bool {
    objects(instance).any(|(_, recorded)| is_same(recorded, object))
}

/// Whether two records are of one object at the vendor, which may have changed.
fn is_same(one: &ObjectRecord, other: &ObjectRecord) -> bool {
    let id = |object: &ObjectRecord| object.attributes.value().ok()?.attribute("id").cloned();
    id(one).is_some_and(|one| Some(one) == id(other))
}
