//! The one document that an HTTP server keeps: a state that Terraform reads, and what is ours.
//!
//! The bytes of the state are kept as they are, for the journal names them by their hash. Only the
//! serial is counted on with every version, because GitLab refuses a second version of one serial.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::super::placeholder::{KEY, Member, empty_state, members, with_ours, without_ours};
use super::super::{Contents, LockHolder};

/// What is ours in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Ours {
    /// The serial of the state as it was saved; none where no state was ever saved.
    #[serde(skip_serializing_if = "Option::is_none")]
    serial: Option<String>,
    /// The lines of the journal.
    #[serde(skip_serializing_if = "String::is_empty")]
    journal: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    lease: Option<LeaseNote>,
}

/// A sign of life of whoever holds the lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LeaseNote {
    /// The name of the lock.
    pub(super) id: String,
    /// How often its holder has written.
    pub(super) beat: u64,
    /// For how long it may be silent.
    pub(super) milliseconds: u64,
    pub(super) holder: LockHolder,
}

/// One version of the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Document {
    /// The state as it was saved, or an empty one.
    state: String,
    is_saved: bool,
    /// The serial that this version of the document shows.
    serial: u64,
    journal: String,
    pub(super) lease: Option<LeaseNote>,
}

impl Document {
    /// The document of a place where nothing was ever saved.
    pub(super) fn empty() -> Result<Self, String> {
        let state = empty_state().map_err(|error| error.to_string())?;
        Ok(Self { state, is_saved: false, serial: 0, journal: String::new(), lease: None })
    }

    /// Reads what is there, whoever wrote it.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let of_another = |state: &str, serial| Self {
            state: state.to_owned(),
            is_saved: true,
            serial,
            journal: String::new(),
            lease: None,
        };
        let Ok(found) = members(text) else { return Ok(of_another(text, 0)) };
        let shown = serial_of(text, &found).map_or(0, |(serial, _)| serial);
        let Some(value) = value_of(&found, KEY) else { return Ok(of_another(text, shown)) };
        let ours: Ours = serde_json::from_str(text.get(value.clone()).unwrap_or_default())
            .map_err(|error| format!("what stands under `{KEY}` cannot be read: {error}"))?;
        let mut state = without_ours(text, &value);
        if let Some(serial) = &ours.serial {
            state = with_serial(&state, serial).ok_or("the state has no serial")?;
        }
        Ok(Self {
            state,
            is_saved: ours.serial.is_some(),
            serial: shown,
            journal: ours.journal,
            lease: ours.lease,
        })
    }

    /// The whole document as it is sent.
    pub(super) fn text(&self) -> Result<String, String> {
        let unusable = |reason: &str| format!("the state cannot be sent: {reason}");
        let found = members(&self.state).map_err(|error| unusable(&error.to_string()))?;
        let (_, place) = serial_of(&self.state, &found).ok_or_else(|| unusable("no serial"))?;
        let own = self.state.get(place).unwrap_or_default().to_owned();
        let ours = Ours {
            serial: self.is_saved.then_some(own),
            journal: self.journal.clone(),
            lease: self.lease.clone(),
        };
        let ours = serde_json::to_string(&ours).map_err(|error| unusable(&error.to_string()))?;
        with_serial(&self.state, &self.serial.to_string())
            .and_then(|state| with_ours(&state, &ours))
            .ok_or_else(|| unusable("it is no object"))
    }

    /// The next version, which is the same but for what `change` changes.
    pub(super) fn next(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut next = self.clone();
        change(&mut next);
        let own = members(&next.state).ok().and_then(|found| serial_of(&next.state, &found));
        next.serial = own.map_or(0, |(serial, _)| serial).max(self.serial.saturating_add(1));
        next
    }

    /// Adds lines to the journal.
    pub(super) fn append(&mut self, lines: &str) {
        self.journal.push_str(lines);
    }

    /// Puts other contents in the place of these; `None` leaves the state.
    pub(super) fn replace(&mut self, state: Option<&str>, journal: &str) {
        if let Some(state) = state {
            state.clone_into(&mut self.state);
            self.is_saved = true;
        }
        journal.clone_into(&mut self.journal);
    }

    /// What is kept in it.
    pub(super) fn contents(&self) -> Contents {
        Contents {
            state: self.is_saved.then(|| self.state.clone().into_bytes()),
            journal: self.journal.clone().into_bytes(),
        }
    }
}

fn value_of(members: &[Member], name: &str) -> Option<Range<usize>> {
    // Of a name that stands there twice, readers of JSON take the last.
    members.iter().rev().find(|member| member.name == name).map(|member| member.value.clone())
}

/// The serial of a state and where it stands.
fn serial_of(text: &str, members: &[Member]) -> Option<(u64, Range<usize>)> {
    let place = value_of(members, "serial")?;
    Some((text.get(place.clone())?.parse().ok()?, place))
}

/// The state with another serial.
fn with_serial(state: &str, serial: &str) -> Option<String> {
    let found = members(state).ok()?;
    let place = value_of(&found, "serial")?;
    let (before, after) = (state.get(..place.start)?, state.get(place.end..)?);
    Some(format!("{before}{serial}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::{Serial, read_state};
    use crate::world::Timestamp;

    const STATE: &str = "{\n  \"version\": 4,\n  \"serial\": 7,\n  \"lineage\": \"l\"\n}\n";

    fn lease() -> LeaseNote {
        let holder = LockHolder {
            user: "ops".to_owned(),
            host: "ci".to_owned(),
            process: 1,
            command: "apply".to_owned(),
            since: Timestamp::EPOCH,
            job: None,
        };
        LeaseNote { id: "x".to_owned(), beat: 1, milliseconds: 30_000, holder }
    }

    #[test]
    fn the_state_comes_back_to_the_byte_and_every_version_has_a_serial_of_its_own() {
        let first = Document::empty().unwrap();
        assert_eq!(first.contents(), Contents::default());
        let mut document = first.next(|next| next.replace(Some(STATE), "0123 {}\n"));
        let mut serials = vec![document.serial];
        for line in ["a \"}\n", "b ü\\\n"] {
            document = document.next(|next| {
                next.append(line);
                next.lease = Some(lease());
            });
            let read = Document::read(&document.text().unwrap()).unwrap();
            assert_eq!(read, document);
            serials.push(read.serial);
        }
        assert_eq!(serials, [7, 8, 9]);
        let contents = document.contents();
        assert_eq!(contents.state.unwrap(), STATE.as_bytes());
        assert_eq!(contents.journal, "0123 {}\na \"}\nb ü\\\n".as_bytes());
        let shown = read_state(document.text().unwrap().as_bytes()).unwrap();
        assert_eq!(shown.serial, Serial(9), "what Terraform reads");
    }

    #[test]
    fn a_journal_alone_is_an_empty_state_to_terraform() {
        let document = Document::empty().unwrap();
        let state = read_state(document.text().unwrap().as_bytes()).unwrap();
        assert_eq!((state.serial, state.is_empty()), (Serial(0), true));
        let next = document.next(|next| next.append("line\n"));
        let read = Document::read(&next.text().unwrap()).unwrap();
        let kept = Contents { state: None, journal: b"line\n".to_vec() };
        assert_eq!((read.contents(), read.serial), (kept, 1));
    }

    #[test]
    fn what_another_tool_wrote_is_taken_as_it_is() {
        let read = Document::read(STATE).unwrap();
        assert_eq!(read.contents().state.unwrap(), STATE.as_bytes());
        let torn = Document::read("{\"serial\": 7, ").unwrap();
        assert_eq!(torn.contents().state.unwrap(), b"{\"serial\": 7, ");
        assert!(Document::read("{\"serial\":7,\"snapform\":{\"journal\":1}}").is_err());
    }
}
