//! The addresses in a state, without what is recorded under them.
//!
//! A state is mostly attributes, and whoever only wants addresses need not keep them. The file is
//! checked as it is when everything is kept; what is wrong with it, the other reading tells.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::addr::{InstanceAddr, InstanceKey, ResourceAddr};

use super::file::{
    FORMAT_VERSION, File, FileInstance, FileName, FileResource, key_from_file, named,
    outputs_from_file,
};
use super::known::Known;
use super::{DeposedKey, Digest, Journal, Lineage, Serial, Tracked};

/// The addresses of all instances.
#[derive(Debug)]
pub struct Listing {
    lineage: Lineage,
    serial: Serial,
    resources: Keyed,
}

/// The keys of the instances of each resource.
type Keyed = BTreeMap<ResourceAddr, Vec<InstanceKey>>;

impl Listing {
    /// The addresses in the state that is kept there. `None` where they cannot be told from the
    /// state's file alone: where it cannot be used, where there is none or an older one, or where a
    /// journal goes on from it.
    pub async fn look(tracked: impl Into<Tracked>) -> Option<Self> {
        let tracked = tracked.into();
        let recalled = tracked.recall();
        let contents = tracked.backend.read().await.ok()?;
        let journal = Journal::read(&contents.journal).ok().filter(Journal::is_empty)?;
        let bytes = contents.state?;
        let listing = Self::read(&bytes)?;
        let state = Some((&listing.lineage, listing.serial));
        let has_come = recalled.watermark.is_none_or(|known| {
            known.check(state, journal.base(), journal.whole_lines(&contents.journal)).is_ok()
        });
        let is_saved = journal.names(&listing.lineage, listing.serial, &Digest::of(&bytes));
        (is_saved && has_come).then_some(listing)
    }

    /// The addresses in a state file that can be used.
    fn read(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        let file: File<Listed> = serde_json::from_str(text).ok()?;
        outputs_from_file(file.outputs).ok()?;
        let Listed { resources, sound } = file.resources;
        let listing = Self { lineage: file.lineage, serial: file.serial, resources };
        (file.version == FORMAT_VERSION && sound).then_some(listing)
    }

    /// Every address, in order.
    pub fn instances(&self) -> impl Iterator<Item = InstanceAddr> {
        self.resources
            .iter()
            .flat_map(|(resource, keys)| keys.iter().map(move |key| resource.instance(key.clone())))
    }
}

/// The resources of a file.
struct Listed {
    resources: Keyed,
    /// Whether all that was read can be used.
    sound: bool,
}

impl Listed {
    /// Adds a resource; `None` where it cannot be used.
    fn add(&mut self, resource: FileResource<'_, Keys<'_>>, names: &mut Known) -> Option<()> {
        let (address, _) = named(&resource, names).ok()?;
        for FileName(text) in &resource.instances.dependencies {
            names.dependency(text).ok()?;
        }
        let keys = resource.instances.sorted()?;
        if keys.is_empty() {
            return Some(());
        }
        match self.resources.entry(address) {
            Entry::Occupied(_) => None,
            Entry::Vacant(place) => {
                place.insert(keys);
                Some(())
            }
        }
    }
}

impl Default for Listed {
    fn default() -> Self {
        Self { resources: Keyed::new(), sound: true }
    }
}

impl<'de> Deserialize<'de> for Listed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(ListedVisitor)
    }
}

struct ListedVisitor;

impl<'de> Visitor<'de> for ListedVisitor {
    type Value = Listed;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a sequence")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Listed, A::Error> {
        let mut listed = Listed::default();
        let mut names = Known::default();
        while let Some(resource) = access.next_element::<FileResource<'_, Keys<'_>>>()? {
            let is_sound = listed.add(resource, &mut names).is_some();
            listed.sound &= is_sound;
        }
        Ok(listed)
    }
}

/// The instances of one resource.
#[derive(Default)]
struct Keys<'t> {
    current: Vec<InstanceKey>,
    deposed: Vec<(InstanceKey, DeposedKey)>,
    /// Resources that instances depend on.
    dependencies: Vec<FileName<'t>>,
    /// Whether some instance cannot be used.
    broken: bool,
}

impl<'t> Keys<'t> {
    fn add(&mut self, instance: FileInstance<'t, Skipped>, last: &mut Vec<FileName<'t>>) {
        let Some(key) = key_from_file(instance.index_key.as_ref()) else {
            self.broken = true;
            return;
        };
        self.broken |= instance.status().is_err();
        match instance.deposed {
            Some(deposed) => self.deposed.push((key, deposed)),
            None => self.current.push(key),
        }
        // The instances of a resource mostly depend on the same.
        if *last != instance.dependencies {
            self.dependencies.append(last);
            *last = instance.dependencies;
        }
    }

    /// Every key once, in order; `None` where an object occurs twice or cannot be used.
    fn sorted(mut self) -> Option<Vec<InstanceKey>> {
        self.current.sort_unstable();
        self.deposed.sort_unstable();
        let doubled =
            self.current.windows(2).any(|two| matches!(two, [one, other] if one == other))
                || self.deposed.windows(2).any(|two| matches!(two, [one, other] if one == other));
        if doubled || self.broken {
            return None;
        }
        let mut keys = self.current;
        if !self.deposed.is_empty() {
            keys.extend(self.deposed.into_iter().map(|(key, _)| key));
            keys.sort_unstable();
            keys.dedup();
        }
        Some(keys)
    }
}

impl<'de: 't, 't> Deserialize<'de> for Keys<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(KeysVisitor)
    }
}

struct KeysVisitor;

impl<'de> Visitor<'de> for KeysVisitor {
    type Value = Keys<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a sequence")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Keys<'de>, A::Error> {
        let (mut keys, mut last) = (Keys::default(), Vec::new());
        while let Some(instance) = access.next_element()? {
            keys.add(instance, &mut last);
        }
        keys.dependencies.append(&mut last);
        Ok(keys)
    }
}

/// Attributes that nobody looks at; an object in any case.
struct Skipped;

impl<'de> Deserialize<'de> for Skipped {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(SkippedVisitor)
    }
}

struct SkippedVisitor;

impl<'de> Visitor<'de> for SkippedVisitor {
    type Value = Skipped;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Skipped, A::Error> {
        while access.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Skipped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::read_state;

    const SAMPLE: &str = include_str!("file_sample.json");

    fn both(text: &str) -> (Option<Vec<String>>, Option<Vec<String>>) {
        let listed = Listing::read(text.as_bytes());
        let read = read_state(text.as_bytes()).ok();
        (
            listed.map(|listed| listed.instances().map(|address| address.to_string()).collect()),
            read.map(|read| read.instances().map(|(address, ..)| address.to_string()).collect()),
        )
    }

    #[test]
    fn the_same_addresses_are_found_as_when_everything_is_kept() {
        let (listed, read) = both(SAMPLE);
        assert!(read.as_ref().is_some_and(|read| read.len() > 2));
        assert_eq!(listed, read);
    }

    #[test]
    fn what_cannot_be_used_is_not_listed() {
        for length in 0..SAMPLE.len() - 2 {
            let Some(torn) = SAMPLE.get(..length) else { continue };
            assert!(Listing::read(torn.as_bytes()).is_none(), "{length} bytes");
        }
        for (right, wrong) in [
            ("\"version\": 4", "\"version\": 5"),
            ("\"index_key\": 1", "\"index_key\": 0"),
            ("\"index_key\": 1", "\"index_key\": true"),
            ("\"attributes\": {", "\"attributes\": [], \"other\": {"),
            ("\"mode\": \"managed\"", "\"mode\": \"other\""),
            ("\"provider\": \"", "\"provider\": \"["),
            ("\"status\": \"tainted\"", "\"status\": \"other\""),
            ("\"dependencies\": [", "\"dependencies\": [\"?\", "),
            ("\"type\": \"string\"", "\"type\": \"strings\""),
        ] {
            let changed = SAMPLE.replacen(right, wrong, 1);
            assert_ne!(changed, SAMPLE, "{right}");
            assert_eq!(both(&changed), (None, None), "{wrong}");
        }
    }
}
