//! The world of one emulated vendor: records in named collections.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// Records by collection and id. Every change is noted, so that it can be written down.
#[derive(Debug, Default)]
pub struct Store {
    collections: BTreeMap<String, BTreeMap<String, Json>>,
    changes: Vec<Change>,
}

/// One change of the store, as it is written down.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Change {
    collection: String,
    id: String,
    /// The record's new content; absent when it was removed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    record: Option<Json>,
}

impl Store {
    /// The record `id` of a collection; `None` too where it does not have the shape `T`.
    pub fn get<T: DeserializeOwned>(&self, collection: &str, id: &str) -> Option<T> {
        let record = self.collections.get(collection)?.get(id)?;
        T::deserialize(record).ok()
    }

    /// All records of a collection with their ids, sorted by id.
    pub fn all<T: DeserializeOwned>(&self, collection: &str) -> Vec<(String, T)> {
        let records = self.collections.get(collection).into_iter().flatten();
        records
            .filter_map(|(id, record)| Some((id.clone(), T::deserialize(record).ok()?)))
            .collect()
    }

    /// Writes a record.
    pub fn put(&mut self, collection: &str, id: &str, record: &impl Serialize) {
        let record = serde_json::to_value(record).unwrap_or(Json::Null);
        self.apply(Change {
            collection: collection.to_owned(),
            id: id.to_owned(),
            record: Some(record),
        });
    }

    /// Removes a record.
    pub fn remove(&mut self, collection: &str, id: &str) {
        if self.collections.get(collection).is_some_and(|records| records.contains_key(id)) {
            self.apply(Change {
                collection: collection.to_owned(),
                id: id.to_owned(),
                record: None,
            });
        }
    }

    /// Counts up and gives the new number, from 1; each name counts on its own.
    pub fn count_up(&mut self, name: &str) -> u64 {
        let next = self.get::<u64>("counters", name).unwrap_or_default() + 1;
        self.put("counters", name, &next);
        next
    }

    fn apply(&mut self, change: Change) {
        self.replay(change.clone());
        self.changes.push(change);
    }

    /// Makes a change that is written down already.
    pub(super) fn replay(&mut self, change: Change) {
        let records = self.collections.entry(change.collection).or_default();
        match change.record {
            Some(record) => records.insert(change.id, record),
            None => records.remove(&change.id),
        };
    }

    /// The changes since the last call.
    pub(super) fn take_changes(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.changes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaying_the_changes_gives_the_same_world() {
        let mut first = Store::default();
        first.put("snapshots", "a", &1);
        first.put("snapshots", "b", &2);
        first.remove("snapshots", "a");
        assert_eq!(first.count_up("ids"), 1);
        let mut second = Store::default();
        for change in first.take_changes() {
            second.replay(change);
        }
        assert_eq!(second.all::<u64>("snapshots"), [("b".to_owned(), 2)]);
        assert_eq!(second.count_up("ids"), 2);
    }
}
