//! Intents and outcomes since the state was last saved, one checked line each.
//!
//! A line is the first 16 hexadecimal digits of the SHA-256 of its JSON, a blank, and the JSON. The
//! first line names the state the journal builds on. Replaying all outcomes on that state, or on
//! the state they were already folded into, gives the same state: each names the whole object.

use serde::{Deserialize, Serialize};

use crate::addr::{InstanceAddr, ProviderConfigAddr};
use crate::sdk::auth::sha256_hex;
use crate::world::Timestamp;

use super::file::StoredObject;
use super::{DeposedKey, Lineage, Serial, State};

/// Names an intent within one journal: the position of its entry, from 1, never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IntentId(pub u64);

/// A journal that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// An entry in the middle is damaged: what follows cannot be trusted to be complete.
    #[error("line {line} of the journal is damaged: {reason}")]
    Damaged {
        /// Line, from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// It belongs to another state.
    #[error(
        "the journal builds on serial {journal} of lineage {journal_lineage}, the state is serial {state} of lineage {state_lineage}"
    )]
    Foreign {
        /// Serial the journal builds on.
        journal: Serial,
        /// Lineage the journal builds on.
        journal_lineage: String,
        /// Serial of the state.
        state: Serial,
        /// Lineage of the state.
        state_lineage: String,
    },
}

/// What a call is meant to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Operation {
    /// Make an object.
    Create,
    /// Change an object in place.
    Update,
    /// Delete an object.
    Delete,
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "snake_case")]
pub enum Entry {
    /// The first line: the state the journal builds on.
    Base {
        /// The state's lineage.
        lineage: Lineage,
        /// The state's serial.
        serial: Serial,
    },
    /// A call is about to leave.
    Intent(Box<OpenIntent>),
    /// The vendor took the request and gave a handle.
    Accepted {
        /// The intent it answers.
        intent: IntentId,
        /// The handle, in the provider's own form.
        handle: serde_json::Value,
    },
    /// What became of an intent.
    Outcome {
        /// The intent.
        intent: IntentId,
        /// What became of it.
        outcome: Outcome,
    },
    /// A change of the record that needed no call.
    Recorded {
        /// The instance.
        address: Text<InstanceAddr>,
        /// What changed.
        change: RecordChange,
    },
}

/// A call that left, or was about to, and whose outcome is not known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OpenIntent {
    /// Its name.
    pub id: IntentId,
    /// When it was noted.
    pub time: Timestamp,
    /// What it is meant to do.
    pub operation: Operation,
    /// The instance.
    pub address: Text<InstanceAddr>,
    /// The deposed object meant, where it is not the current one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub deposed: Option<DeposedKey>,
    /// The provider configuration.
    pub provider: Text<ProviderConfigAddr>,
    /// The planned object, or the one to delete.
    pub object: StoredObject,
    /// What the provider wants to know when it has to find out what happened.
    pub search: serde_json::Value,
    /// The last handle the vendor gave.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub accepted: Option<serde_json::Value>,
}

/// What became of a call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The object is now like this.
    Object(Box<StoredObject>),
    /// The object is gone.
    Gone,
    /// Nothing was changed.
    Nothing,
}

/// A change of the record that needed no call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordChange {
    /// The current object awaits deletion under this key.
    Deposed(DeposedKey),
    /// A deposed object is current again.
    Restored(DeposedKey),
    /// The current object, or the deposed one, is taken out of the record.
    Forgotten(Option<DeposedKey>),
    /// The current object, or the deposed one, is recorded like this.
    Seen {
        /// The provider configuration.
        provider: Text<ProviderConfigAddr>,
        /// The deposed object meant, where it is not the current one.
        deposed: Option<DeposedKey>,
        /// The object.
        object: Box<StoredObject>,
    },
}

/// A value that is stored as its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text<T>(pub T);

impl<T: std::fmt::Display> Serialize for Text<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de, T: std::str::FromStr<Err: std::fmt::Display>> Deserialize<'de> for Text<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(serde::de::Error::custom)
    }
}

/// The entries since the state was last saved.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Journal {
    entries: Vec<Entry>,
}

impl Journal {
    /// Reads a journal. A last line that is incomplete or damaged is what a death in mid-write
    /// leaves: it is cut off, because its call never left.
    pub fn read(bytes: &[u8]) -> Result<Self, JournalError> {
        let mut entries = Vec::new();
        let lines: Vec<_> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
        for (index, line) in lines.iter().enumerate() {
            match decode(line) {
                Ok(entry) => entries.push(entry),
                Err(_) if index + 1 == lines.len() => break,
                Err(reason) => return Err(JournalError::Damaged { line: index + 1, reason }),
            }
        }
        Ok(Self { entries })
    }

    /// An entry as a line.
    pub fn line(entry: &Entry) -> Result<Vec<u8>, serde_json::Error> {
        let json = serde_json::to_string(entry)?;
        Ok(format!("{} {json}\n", checksum(json.as_bytes())).into_bytes())
    }

    /// Tells whether there is nothing to fold.
    pub fn is_empty(&self) -> bool {
        self.entries.iter().all(|entry| matches!(entry, Entry::Base { .. }))
    }

    /// How many entries there are, the first line included.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// The lineage of the state it builds on.
    pub fn lineage(&self) -> Option<&Lineage> {
        self.entries.iter().find_map(|entry| match entry {
            Entry::Base { lineage, .. } => Some(lineage),
            _ => None,
        })
    }

    /// The first intent id that is free.
    pub fn next_intent(&self) -> IntentId {
        let used = self.entries.iter().filter_map(|entry| match entry {
            Entry::Intent(intent) => Some(intent.id.0),
            _ => None,
        });
        IntentId(used.max().unwrap_or_default() + 1)
    }

    /// Makes every outcome part of `state` and gives the intents without one, oldest first.
    pub fn fold(&self, state: &mut State) -> Result<Vec<OpenIntent>, JournalError> {
        let mut open: Vec<OpenIntent> = Vec::new();
        for entry in &self.entries {
            match entry {
                Entry::Base { lineage, serial } => check_base(state, lineage, *serial)?,
                Entry::Intent(intent) => open.push(OpenIntent::clone(intent)),
                Entry::Accepted { intent, handle } => {
                    if let Some(found) = open.iter_mut().find(|open| open.id == *intent) {
                        found.accepted = Some(handle.clone());
                    }
                }
                Entry::Outcome { intent, outcome } => {
                    let position = open.iter().position(|open| open.id == *intent);
                    if let Some(intent) = position.map(|position| open.remove(position)) {
                        apply_outcome(state, &intent, outcome);
                    }
                }
                Entry::Recorded { address, change } => apply_change(state, &address.0, change),
            }
        }
        Ok(open)
    }
}

/// A state that was saved after this journal began holds its outcomes already.
fn check_base(state: &State, lineage: &Lineage, serial: Serial) -> Result<(), JournalError> {
    if state.lineage == *lineage && (state.serial == serial || state.serial == serial.next()) {
        return Ok(());
    }
    Err(JournalError::Foreign {
        journal: serial,
        journal_lineage: lineage.0.clone(),
        state: state.serial,
        state_lineage: state.lineage.0.clone(),
    })
}

/// Makes the outcome of `intent` part of `state`.
pub(super) fn apply_outcome(state: &mut State, intent: &OpenIntent, outcome: &Outcome) {
    match outcome {
        Outcome::Object(object) => state.set_object(
            &intent.address.0,
            &intent.provider.0,
            intent.deposed.as_ref(),
            object.0.clone(),
        ),
        Outcome::Gone => state.remove_object(&intent.address.0, intent.deposed.as_ref()),
        Outcome::Nothing => {}
    }
}

/// Makes a change that needed no call part of `state`.
pub(super) fn apply_change(state: &mut State, address: &InstanceAddr, change: &RecordChange) {
    match change {
        RecordChange::Deposed(key) => state.depose(address, key),
        RecordChange::Restored(key) => state.restore(address, key),
        RecordChange::Forgotten(deposed) => state.remove_object(address, deposed.as_ref()),
        RecordChange::Seen { provider, deposed, object } => {
            state.set_object(address, &provider.0, deposed.as_ref(), object.0.clone());
        }
    }
}

fn checksum(json: &[u8]) -> String {
    sha256_hex(json).chars().take(16).collect()
}

fn decode(line: &[u8]) -> Result<Entry, String> {
    let line = line.strip_suffix(b"\n").ok_or("it has no end")?;
    let text = std::str::from_utf8(line).map_err(|_| "it is not text")?;
    let (sum, json) = text.split_once(' ').ok_or("it has no checksum")?;
    if sum != checksum(json.as_bytes()) {
        return Err("its checksum does not fit".to_owned());
    }
    serde_json::from_str(json).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::addr::{InstanceKey, ResourceAddr};
    use crate::state::{ObjectRecord, ObjectStatus};
    use crate::value::Value;

    fn entries() -> Vec<Entry> {
        let object = StoredObject(ObjectRecord {
            status: ObjectStatus::Ready,
            schema_version: 0,
            attributes: Value::object([("id", Value::from("s-1"))]).into(),
            sensitive: Vec::new(),
            dependencies: crate::state::Dependencies::default(),
            create_before_destroy: false,
        });
        let intent = |id, name: &str| {
            Entry::Intent(Box::new(OpenIntent {
                id: IntentId(id),
                time: Timestamp::EPOCH,
                operation: Operation::Create,
                address: Text(ResourceAddr::managed("t_a", name).instance(InstanceKey::None)),
                deposed: None,
                provider: Text(ProviderConfigAddr::default_of("t")),
                object: object.clone(),
                search: serde_json::Value::Null,
                accepted: None,
            }))
        };
        vec![
            Entry::Base { lineage: Lineage("l".to_owned()), serial: Serial(3) },
            intent(1, "x"),
            intent(2, "y"),
            Entry::Accepted { intent: IntentId(2), handle: "queue-7".into() },
            Entry::Outcome {
                intent: IntentId(1),
                outcome: Outcome::Object(Box::new(object.clone())),
            },
        ]
    }

    fn state(serial: u64) -> State {
        State { serial: Serial(serial), ..State::empty(Lineage("l".to_owned())) }
    }

    fn bytes() -> Vec<u8> {
        entries().iter().flat_map(|entry| Journal::line(entry).unwrap()).collect()
    }

    #[test]
    fn folding_gives_outcomes_and_open_intents_and_may_be_repeated() {
        let journal = Journal::read(&bytes()).unwrap();
        let mut once = state(3);
        let open = journal.fold(&mut once).unwrap();
        assert_eq!(open.len(), 1);
        assert_eq!(open[0].accepted, Some("queue-7".into()));
        assert_eq!(once.instances().count(), 1);
        let mut twice = State { serial: Serial(4), ..once.clone() };
        journal.fold(&mut twice).unwrap();
        assert_eq!(twice.resources, once.resources);
        assert_eq!(journal.next_intent(), IntentId(3));
    }

    #[test]
    fn a_torn_end_is_cut_off_and_a_damaged_middle_is_not() {
        let whole = bytes();
        let torn = &whole[..whole.len() - 5];
        let mut after = state(3);
        assert_eq!(Journal::read(torn).unwrap().fold(&mut after).unwrap().len(), 2);
        let mut damaged = whole.clone();
        damaged[120] ^= 1;
        assert!(matches!(Journal::read(&damaged), Err(JournalError::Damaged { line: 1 | 2, .. })));
    }

    #[test]
    fn a_journal_of_another_state_is_refused() {
        let journal = Journal::read(&bytes()).unwrap();
        assert!(journal.fold(&mut state(5)).is_err());
        let mut other = state(3);
        other.lineage = Lineage("m".to_owned());
        assert!(journal.fold(&mut other).is_err());
    }
}
