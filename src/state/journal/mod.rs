//! Intents and outcomes since the state was last saved, one checked line each.
//!
//! A line is the first 16 hexadecimal digits of the SHA-256 of its JSON, a blank, and the JSON. The
//! first line names the state the journal builds on. Replaying all outcomes on that state, or on
//! the state they were already folded into, gives the same state: each names the whole object.

mod chain;
mod entry;
mod integrity;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::addr::InstanceAddr;

use super::{Serial, State};

pub(super) use chain::{Chain, sum_at};
pub(super) use entry::{Base, RecordChange, is_first};
pub use entry::{Entry, IntentId, OpenIntent, Operation, Outcome, Text};
pub(super) use integrity::Found;

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
    /// The state is not what was saved under its serial.
    #[error(
        "the state with serial {serial} is not as it was saved: something else changed it, or it is damaged"
    )]
    Changed {
        /// The serial of both.
        serial: Serial,
    },
    /// The state is an earlier one.
    #[error(
        "the state has serial {found}, and serial {saved} was saved already: an older one was put in its place"
    )]
    Older {
        /// The serial that was saved last.
        saved: Serial,
        /// The serial of the state.
        found: Serial,
    },
    /// There is no state any more.
    #[error("the state with serial {serial} was saved, and is gone")]
    StateGone {
        /// The serial that was saved last.
        serial: Serial,
    },
}

/// The entries since the state was last saved.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Journal {
    entries: Vec<Entry>,
    chain: Chain,
    /// How many bytes its whole lines take.
    whole: usize,
}

impl Journal {
    /// Reads a journal. A last line without an end is what a death in mid-write leaves: it is cut
    /// off, because its call never left.
    pub fn read(bytes: &[u8]) -> Result<Self, JournalError> {
        let mut journal = Self::default();
        let lines = bytes.split_inclusive(|byte| *byte == b'\n').enumerate();
        let damaged = |index: usize, reason| JournalError::Damaged { line: index + 1, reason };
        for (index, line) in lines {
            let Some(whole) = line.strip_suffix(b"\n") else {
                if let Ok(entry) = journal.chain.read(line) {
                    journal.entries.push(entry);
                } else if ends_otherwise(&journal.chain, line) {
                    return Err(damaged(index, "its end is another one".to_owned()));
                }
                break;
            };
            let entry = journal.chain.read(whole).map_err(|reason| damaged(index, reason))?;
            journal.entries.push(entry);
            journal.whole += line.len();
        }
        Ok(journal)
    }

    /// Reads what can be read of a journal that is damaged, for whoever puts another state in its
    /// place: every line whose checksum fits the one before it. Where that is damaged, nobody can tell
    /// whether it fits.
    pub fn salvage(bytes: &[u8]) -> Self {
        let mut journal = Self { whole: bytes.len(), ..Self::default() };
        let mut is_behind_damage = false;
        for line in bytes.split(|byte| *byte == b'\n') {
            let entry = match journal.chain.read(line) {
                Err(_) if is_behind_damage => journal.chain.read_on_trust(line),
                entry => entry.ok(),
            };
            is_behind_damage = entry.is_none();
            if is_behind_damage {
                journal.chain.go_on_from(line);
            }
            journal.entries.extend(entry);
        }
        journal
    }

    /// How many of its bytes are whole lines: what is behind them was cut off.
    pub fn whole(&self) -> usize {
        self.whole
    }

    /// Its whole lines, of the bytes from which it was read.
    pub fn whole_lines<'b>(&self, bytes: &'b [u8]) -> &'b [u8] {
        bytes.get(..self.whole).unwrap_or(bytes)
    }

    /// Where the next line goes on.
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// Tells whether there is nothing to fold.
    pub fn is_empty(&self) -> bool {
        let is_frame = |entry| matches!(entry, &Entry::Base(_) | &Entry::Saving { .. });
        self.entries.iter().all(is_frame)
    }

    /// How many entries there are, the first line included.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// The state it builds on.
    pub fn base(&self) -> Option<&Base> {
        self.entries.iter().find_map(|entry| match entry {
            Entry::Base(base) => Some(base),
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

    /// The deletes that were done.
    pub fn deletes(&self) -> impl Iterator<Item = &OpenIntent> {
        let is_done = |id: IntentId| {
            self.entries.iter().any(|entry| {
                matches!(entry, Entry::Outcome { intent, outcome: Outcome::Gone } if *intent == id)
            })
        };
        self.entries.iter().filter_map(move |entry| match entry {
            Entry::Intent(intent) if intent.operation == Operation::Delete => {
                Some(&**intent).filter(|intent| is_done(intent.id))
            }
            _ => None,
        })
    }

    /// Makes every outcome part of `state` and gives the intents without one, oldest first.
    pub fn fold(&self, state: &mut State) -> Vec<Arc<OpenIntent>> {
        let mut open: Vec<Arc<OpenIntent>> = Vec::new();
        let mut begun = BTreeSet::new();
        for entry in &self.entries {
            match entry {
                Entry::Base(_) | Entry::Saving { .. } => {}
                // An intent that a checkpoint took along may be noted once more behind it.
                Entry::Intent(intent) => {
                    if begun.insert(intent.id) {
                        open.push(Arc::clone(intent));
                    }
                }
                Entry::Accepted { intent, handle } => {
                    if let Some(found) = open.iter_mut().find(|open| open.id == *intent) {
                        Arc::make_mut(found).accepted = Some(handle.clone());
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
        open
    }
}

/// Tells whether a line without an end is a whole one whose line break became something else.
fn ends_otherwise(chain: &Chain, line: &[u8]) -> bool {
    let shorter = line.split_last().map(|(_, rest)| rest).unwrap_or_default();
    chain.clone().read(shorter).is_ok()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::addr::ProviderConfigAddr;
    use crate::addr::{InstanceKey, ResourceAddr};
    use crate::state::{Lineage, ObjectRecord, ObjectStatus, StoredObject};
    use crate::value::Value;
    use crate::world::Timestamp;

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
            Entry::Intent(Arc::new(OpenIntent {
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
            Entry::Base(Base {
                lineage: Lineage("l".to_owned()),
                serial: Serial(3),
                generation: 0,
                digest: None,
            }),
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
        let (mut chain, mut lines) = (Chain::default(), Vec::new());
        for entry in entries() {
            chain.write(&serde_json::to_string(&entry).unwrap(), &mut lines);
        }
        lines
    }

    #[test]
    fn folding_gives_outcomes_and_open_intents_and_may_be_repeated() {
        let journal = Journal::read(&bytes()).unwrap();
        let mut once = state(3);
        let open = journal.fold(&mut once);
        assert_eq!(open.len(), 1);
        assert_eq!(open[0].accepted, Some("queue-7".into()));
        assert_eq!(once.instances().count(), 1);
        let mut twice = State { serial: Serial(4), ..once.clone() };
        journal.fold(&mut twice);
        assert_eq!(twice.resources, once.resources);
        assert_eq!(journal.next_intent(), IntentId(3));
    }

    #[test]
    fn a_torn_end_is_cut_off_at_every_byte() {
        let whole = bytes();
        let lengths: Vec<_> =
            whole.split_inclusive(|byte| *byte == b'\n').map(<[_]>::len).collect();
        for length in 0..whole.len() {
            let mut end = 0;
            // A line is there once all but its line break is.
            let there = lengths.iter().take_while(|line| {
                end += **line;
                end - 1 <= length
            });
            assert_eq!(Journal::read(&whole[..length]).unwrap().len(), there.count(), "{length}");
        }
    }

    /// Whatever becomes of one bit, it is told or makes no difference.
    #[test]
    fn every_changed_bit_is_found() {
        let whole = bytes();
        let good = Journal::read(&whole).unwrap();
        for bit in 0..whole.len() * 8 {
            let mut changed = whole.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            if let Ok(journal) = Journal::read(&changed) {
                assert_eq!(journal.entries, good.entries, "bit {bit}");
            }
        }
    }

    #[test]
    fn all_but_what_is_damaged_can_be_salvaged() {
        let whole = bytes();
        let lines: Vec<_> = whole.split_inclusive(|byte| *byte == b'\n').collect();
        for index in 0..lines.len() {
            let mut changed: Vec<_> = lines.iter().map(|line| line.to_vec()).collect();
            changed[index][30] ^= 1;
            let changed = changed.concat();
            assert!(Journal::read(&changed).is_err());
            let mut left = entries();
            left.remove(index);
            assert_eq!(Journal::salvage(&changed).entries, left, "line {}", index + 1);
            // As where lines were encrypted together.
            let mut replaced = lines.clone();
            replaced[index] = b"snapform-encrypted-1 journal 00\n";
            assert_eq!(Journal::salvage(&replaced.concat()).entries, left, "line {}", index + 1);
        }
        assert_eq!(Journal::salvage(&whole).entries, entries());
    }

    #[test]
    fn no_line_can_be_taken_out_doubled_or_moved() {
        let whole = bytes();
        let lines: Vec<_> = whole.split_inclusive(|byte| *byte == b'\n').collect();
        for index in 0..lines.len() - 1 {
            let mut fewer = lines.clone();
            fewer.remove(index);
            assert!(Journal::read(&fewer.concat()).is_err(), "without line {index}");
            let mut doubled = lines.clone();
            doubled.insert(index, lines[index]);
            assert!(Journal::read(&doubled.concat()).is_err(), "line {index} twice");
            let mut moved = lines.clone();
            moved.swap(index, index + 1);
            assert!(Journal::read(&moved.concat()).is_err(), "line {index} moved");
        }
    }
}
