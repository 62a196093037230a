//! Whether the state that is found is the one that a journal builds on.

use super::super::{Digest, Lineage, Serial};
use super::{Base, Entry, Journal, JournalError};

/// The state as it is found.
#[derive(Clone, Copy)]
pub struct Found<'a> {
    /// Its lineage.
    pub lineage: &'a Lineage,
    /// Its serial.
    pub serial: Serial,
    /// What its bytes come to.
    pub digest: &'a Digest,
    /// What its bytes would come to under another serial.
    pub under: &'a dyn Fn(Serial) -> Option<Digest>,
}

impl Journal {
    /// Checks that the state beside the journal is the one that was saved last, or a newer one that
    /// somebody else saved while nothing was noted here.
    ///
    /// # Errors
    ///
    /// The state is gone, changed, older, or another one.
    pub fn check(&self, found: Option<&Found<'_>>) -> Result<(), JournalError> {
        let versions: Vec<_> = self.versions().collect();
        let Some(base) = versions.first() else { return Ok(()) };
        let Some(found) = found else {
            let was_saved = base.digest.is_some();
            let gone = JournalError::StateGone { serial: base.serial };
            return if was_saved { Err(gone) } else { Ok(()) };
        };
        if versions.iter().any(|version| version.is(found)) {
            return Ok(());
        }
        let foreign = || JournalError::Foreign {
            journal: base.serial,
            journal_lineage: base.lineage.0.clone(),
            state: found.serial,
            state_lineage: found.lineage.0.clone(),
        };
        let own: Vec<_> =
            versions.iter().filter(|version| version.lineage == found.lineage).collect();
        let Some(newest) = own.iter().map(|version| version.serial).max() else {
            return Err(foreign());
        };
        if own.iter().any(|version| version.serial == found.serial) {
            return Err(JournalError::Changed { serial: found.serial });
        }
        if found.serial < newest {
            return Err(JournalError::Older { saved: newest, found: found.serial });
        }
        // Whoever saves a state under a higher serial has changed it. Where nothing but the serial
        // differs, the serial is what is damaged.
        let is_same = |version: &&Version<'_>| {
            version.digest.is_some() && (found.under)(version.serial).as_ref() == version.digest
        };
        if own.iter().copied().any(|version| is_same(&version)) {
            return Err(JournalError::Changed { serial: found.serial });
        }
        if self.is_empty() { Ok(()) } else { Err(foreign()) }
    }

    /// Whether this is surely the state that was saved last.
    pub fn names(&self, lineage: &Lineage, serial: Serial, digest: &Digest) -> bool {
        let mut versions = self.versions().peekable();
        versions.peek().is_none() || versions.any(|version| version.is_of(lineage, serial, digest))
    }

    /// Whether what is noted next may stand behind what is there: not where the journal builds on a
    /// state that somebody else has replaced since.
    pub fn goes_on_from(&self, found: &Found<'_>) -> bool {
        self.versions().next().is_none_or(|base| base.is(found))
    }

    /// The states that were saved, or were about to be.
    pub fn saved(&self) -> impl Iterator<Item = (Lineage, Serial)> {
        self.versions().map(|version| (version.lineage.clone(), version.serial))
    }

    /// The states that may be there: the one that the journal builds on, then those that were about
    /// to be saved.
    fn versions(&self) -> impl Iterator<Item = Version<'_>> {
        self.entries.iter().filter_map(|entry| match entry {
            Entry::Base(Base { lineage, serial, digest, .. }) => {
                Some(Version { lineage, serial: *serial, digest: digest.as_ref() })
            }
            Entry::Saving { lineage, serial, digest } => {
                Some(Version { lineage, serial: *serial, digest: Some(digest) })
            }
            _ => None,
        })
    }
}

/// A state that was saved, or was about to be.
struct Version<'a> {
    lineage: &'a Lineage,
    serial: Serial,
    /// `None` where nobody noted it.
    digest: Option<&'a Digest>,
}

impl Version<'_> {
    fn is(&self, found: &Found<'_>) -> bool {
        self.is_of(found.lineage, found.serial, found.digest)
    }

    fn is_of(&self, lineage: &Lineage, serial: Serial, digest: &Digest) -> bool {
        self.lineage == lineage
            && self.serial == serial
            && self.digest.is_none_or(|known| known == digest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(text: &str) -> Digest {
        Digest::of(text.as_bytes())
    }

    fn lineage(text: &str) -> Lineage {
        Lineage(text.to_owned())
    }

    fn base(serial: u64, digest: Option<Digest>) -> Entry {
        Entry::Base(Base { lineage: lineage("l"), serial: Serial(serial), generation: 0, digest })
    }

    fn check(entries: &[Entry], found: Option<(&str, u64, &str)>) -> Result<(), JournalError> {
        let journal = Journal { entries: entries.to_vec(), ..Journal::default() };
        let Some((line, serial, text)) = found else { return journal.check(None) };
        let (line, digest) = (lineage(line), digest(text));
        let under = |serial: Serial| Some(Digest::of(format!("{text} {serial}").as_bytes()));
        let found =
            Found { lineage: &line, serial: Serial(serial), digest: &digest, under: &under };
        journal.check(Some(&found))
    }

    #[test]
    fn only_the_state_that_was_saved_is_taken() {
        use JournalError::{Changed, Foreign, Older, StateGone};
        let plain = vec![base(3, Some(digest("three")))];
        let saving =
            Entry::Saving { lineage: lineage("l"), serial: Serial(4), digest: digest("four") };
        let saving = vec![base(3, Some(digest("three"))), saving];
        for entries in [&plain, &saving] {
            let check = |found| check(entries, found);
            assert_eq!(check(Some(("l", 3, "three"))), Ok(()));
            assert!(matches!(check(Some(("l", 3, "thre"))), Err(Changed { .. })));
            assert!(matches!(check(Some(("l", 2, "two"))), Err(Older { .. })));
            assert!(matches!(check(Some(("m", 3, "three"))), Err(Foreign { .. })));
            assert!(matches!(check(None), Err(StateGone { .. })));
            assert_eq!(check(Some(("l", 5, "of somebody else"))), Ok(()));
        }
        assert_eq!(check(&saving, Some(("l", 4, "four"))), Ok(()));
        let plain = [base(3, Some(digest("same 3")))];
        assert!(matches!(check(&plain, Some(("l", 7, "same"))), Err(Changed { .. })));
        assert!(check(&saving, Some(("l", 4, "for"))).is_err());
    }

    #[test]
    fn a_newer_state_of_somebody_else_is_taken_only_while_nothing_is_noted() {
        let address = super::super::Text("terraform_data.a".parse().unwrap());
        let change = super::super::RecordChange::Forgotten(None);
        let noted = vec![base(3, Some(digest("three"))), Entry::Recorded { address, change }];
        let found = check(&noted, Some(("l", 4, "four")));
        assert!(matches!(found, Err(JournalError::Foreign { .. })));
        assert_eq!(check(&[base(0, None)], None), Ok(()));
    }
}
