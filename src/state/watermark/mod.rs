//! How far a state had come when this folder last worked with it, remembered apart from the state:
//! whoever puts back an old state together with its own old journal changes everything that could
//! tell it from the latest one, but not this.
//!
//! In: each line of a journal that is on disk. Out: [`Watermark`], and whether what is found later
//! has come at least as far. It knows nothing of what the lines say.

mod file;

use serde::{Deserialize, Serialize};

use super::journal::{Base, Chain, is_first, sum_at};
use super::{Lineage, Serial};

pub use file::WatermarkFile;
pub(super) use file::{Keeper, Recalled};

/// A position in the history of one place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watermark {
    /// The lineage of the state that the journal builds on.
    pub lineage: Lineage,
    /// Its serial.
    pub serial: Serial,
    /// How many journals were begun on that state before.
    #[serde(skip_serializing_if = "is_first", default)]
    pub generation: u64,
    /// How many lines the journal has.
    pub lines: usize,
    /// The checksum of the last of them, which covers all before it, and with the first one the
    /// bytes of the state.
    pub sum: Chain,
}

/// What is found in a place has not come as far as what was there before.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Receded {
    /// Neither a state nor a journal is there.
    #[error(
        "this folder worked with it at serial {serial}, and it is gone together with its journal"
    )]
    Gone {
        /// The serial it had.
        serial: Serial,
    },
    /// It is another state.
    #[error(
        "this folder worked with lineage {known} here, and what is here now has lineage {found}: it belongs to another place, or was begun anew"
    )]
    Another {
        /// The lineage it had.
        known: String,
        /// The lineage it has.
        found: String,
    },
    /// The state is an earlier one.
    #[error(
        "this folder worked with serial {known} already, and what is here now has serial {found}: older files were put in its place"
    )]
    Older {
        /// The serial it had.
        known: Serial,
        /// The serial it has.
        found: Serial,
    },
    /// The state may be the right one, and its journal is not.
    #[error(
        "its journal lacks what this folder noted at serial {serial}: it is gone, was cut off, or an older one was put in its place"
    )]
    Shorter {
        /// The serial that both have.
        serial: Serial,
    },
}

impl Watermark {
    /// Checks that what is found has come at least as far: the `state` by its lineage and serial,
    /// and its journal, which begins with `base` and has these whole `lines`.
    ///
    /// # Errors
    ///
    /// Something that was there is there no more.
    pub(super) fn check(
        &self,
        state: Option<(&Lineage, Serial)>,
        base: Option<&Base>,
        lines: &[u8],
    ) -> Result<(), Receded> {
        // The journal fits the state: that is checked before.
        let found = base.map(|base| (&base.lineage, base.serial)).or(state);
        let Some((lineage, serial)) = found else {
            return Err(Receded::Gone { serial: self.serial });
        };
        if *lineage != self.lineage {
            let (known, found) = (self.lineage.0.clone(), lineage.0.clone());
            return Err(Receded::Another { known, found });
        }
        if serial < self.serial {
            return Err(Receded::Older { known: self.serial, found: serial });
        }
        // Whoever knows nothing of journals, such as Terraform, may drop them and counts on.
        if serial > self.serial {
            return Ok(());
        }
        let has_come = match base {
            Some(base) if base.generation != self.generation => base.generation > self.generation,
            _ => sum_at(lines, self.lines).is_some_and(|sum| self.sum.is(sum)),
        };
        if has_come { Ok(()) } else { Err(Receded::Shorter { serial }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(lineage: &str, serial: u64, generation: u64) -> Base {
        let lineage = Lineage(lineage.to_owned());
        Base { lineage, serial: Serial(serial), generation, digest: None }
    }

    /// The lines of a journal, and the watermark behind the last of them.
    fn noted(base: &Base, lines: &[&str]) -> (Vec<u8>, Watermark) {
        let (mut chain, mut bytes) = (Chain::default(), Vec::new());
        chain.write(&serde_json::to_string(base).unwrap(), &mut bytes);
        for line in lines {
            chain.write(line, &mut bytes);
        }
        let Base { lineage, serial, generation, .. } = base.clone();
        (bytes, Watermark { lineage, serial, generation, lines: lines.len() + 1, sum: chain })
    }

    #[test]
    fn what_has_come_further_is_taken_and_nothing_else() {
        use Receded::{Another, Gone, Older, Shorter};
        let (lines, known) = noted(&base("l", 5, 1), &["one", "two"]);
        let check = |base: Option<&Base>, lines: &[u8]| known.check(None, base, lines);
        let at = |base: &Base, lines: &[&str]| check(Some(base), &noted(base, lines).0);
        assert_eq!(check(Some(&base("l", 5, 1)), &lines), Ok(()));
        assert_eq!(at(&base("l", 5, 1), &["one", "two", "three"]), Ok(()));
        assert_eq!(at(&base("l", 5, 2), &[]), Ok(()));
        assert_eq!(at(&base("l", 6, 0), &[]), Ok(()));
        assert!(matches!(at(&base("l", 5, 1), &["one"]), Err(Shorter { .. })));
        assert!(matches!(at(&base("l", 5, 1), &["one", "else", "three"]), Err(Shorter { .. })));
        assert!(matches!(at(&base("l", 5, 0), &["one", "two", "three"]), Err(Shorter { .. })));
        assert!(matches!(at(&base("l", 4, 7), &["one", "two"]), Err(Older { .. })));
        assert!(matches!(at(&base("m", 9, 0), &[]), Err(Another { .. })));
        assert!(matches!(check(None, &[]), Err(Gone { .. })));
    }

    #[test]
    fn a_state_without_a_journal_is_told_by_its_serial() {
        let (_, known) = noted(&base("l", 5, 0), &[]);
        let line = Lineage("l".to_owned());
        let check = |serial| known.check(Some((&line, Serial(serial))), None, &[]);
        assert!(matches!(check(4), Err(Receded::Older { .. })));
        assert!(matches!(check(5), Err(Receded::Shorter { .. })));
        assert_eq!(check(6), Ok(()));
    }
}
