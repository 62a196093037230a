//! The instances of one resource.

use std::collections::BTreeMap;

use crate::addr::InstanceKey;

use super::InstanceRecord;

/// Records by key, in order of key. Most resources have one instance, and a map makes room for eleven;
/// so a single one stands beside it.
#[derive(Clone, Debug, Default)]
pub struct Instances {
    single: Option<Box<(InstanceKey, InstanceRecord)>>,
    /// Empty while `single` is taken.
    several: BTreeMap<InstanceKey, Box<InstanceRecord>>,
}

impl Instances {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.single.is_none() && self.several.is_empty()
    }

    /// Every record with its key, in order of key.
    pub fn iter(&self) -> impl Iterator<Item = (&InstanceKey, &InstanceRecord)> {
        let single = self.single.iter().map(|single| (&single.0, &single.1));
        single.chain(self.several.iter().map(|(key, record)| (key, &**record)))
    }

    /// The record of one instance.
    pub fn get(&self, key: &InstanceKey) -> Option<&InstanceRecord> {
        match &self.single {
            Some(single) => (single.0 == *key).then_some(&single.1),
            None => self.several.get(key).map(|found| &**found),
        }
    }

    /// The record of one instance, to change it.
    pub fn get_mut(&mut self, key: &InstanceKey) -> Option<&mut InstanceRecord> {
        match &mut self.single {
            Some(single) => (single.0 == *key).then_some(&mut single.1),
            None => self.several.get_mut(key).map(|found| &mut **found),
        }
    }

    /// Puts a record in the place of what is there.
    pub fn insert(&mut self, key: InstanceKey, record: InstanceRecord) {
        match self.single.take() {
            None if self.several.is_empty() => self.single = Some(Box::new((key, record))),
            Some(single) if single.0 == key => self.single = Some(Box::new((key, record))),
            single => {
                self.several.extend(single.map(|single| (single.0, Box::new(single.1))));
                self.several.insert(key, Box::new(record));
            }
        }
    }

    /// Takes a record out.
    pub fn remove(&mut self, key: &InstanceKey) -> Option<InstanceRecord> {
        match self.single.take_if(|single| single.0 == *key) {
            Some(single) => Some(single.1),
            None => self.several.remove(key).map(|found| *found),
        }
    }
}

impl PartialEq for Instances {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::DeposedKey;

    fn record(mark: &str) -> InstanceRecord {
        let object = crate::state::ObjectRecord {
            status: crate::state::ObjectStatus::Ready,
            schema_version: 0,
            attributes: crate::value::Value::object([("id", crate::value::Value::from(mark))])
                .into(),
            sensitive: Vec::new(),
            dependencies: crate::state::Dependencies::default(),
            create_before_destroy: false,
        };
        let deposed = BTreeMap::from([(DeposedKey(mark.to_owned()), object)]);
        InstanceRecord { current: None, deposed }
    }

    #[test]
    fn one_or_several_behave_like_a_map() {
        let mut instances = Instances::default();
        let mut map = BTreeMap::new();
        let keys = [2, 0, 1, 0, 2].map(InstanceKey::Index);
        for (turn, key) in keys.iter().enumerate() {
            instances.insert(key.clone(), record(&turn.to_string()));
            map.insert(key.clone(), record(&turn.to_string()));
            assert!(instances.iter().eq(map.iter()), "after {turn}");
        }
        for key in &keys {
            assert_eq!(instances.get(key), map.get(key));
            assert_eq!(instances.get_mut(key), map.get_mut(key));
            assert_eq!(instances.remove(key), map.remove(key));
            assert!(instances.iter().eq(map.iter()));
        }
        assert!(instances.is_empty());
        instances.insert(InstanceKey::None, record("again"));
        assert_eq!(instances.get(&InstanceKey::Index(0)), None);
        assert_eq!(instances.remove(&InstanceKey::None), Some(record("again")));
    }
}
