//! Encryption at rest: texts that only whoever has the key can read, or change unnoticed.
//!
//! In: bytes, what they are for, and where keys come from. Out: sealed bytes, and the plain ones
//! again. It knows nothing of files and of what the bytes mean.
//!
//! The cipher is AES-256-GCM with a nonce drawn at random for each text; one key is good for four
//! billion of them. What stands before the encrypted part, the purpose included, is authenticated
//! with it, so that nothing of it can be changed and nothing can stand in for something else.

mod derivation;
mod envelope;
mod key;
mod keyring;

use std::fmt;

pub use derivation::Derivation;
pub use envelope::{Header, header_of, is_line};
pub use key::{KeySource, PASSPHRASE_LENGTH};
pub use keyring::{Keyring, Keys, Opened};

/// Variables of the environment from which keys come.
pub mod variables {
    /// A key.
    pub const KEY: &str = "SNAPFORM_STATE_KEY";
    /// A command that gives a key.
    pub const KEY_COMMAND: &str = "SNAPFORM_STATE_KEY_COMMAND";
    /// A passphrase.
    pub const PASSPHRASE: &str = "SNAPFORM_STATE_PASSPHRASE";
    /// The key before.
    pub const PREVIOUS_KEY: &str = "SNAPFORM_STATE_PREVIOUS_KEY";
    /// The passphrase before.
    pub const PREVIOUS_PASSPHRASE: &str = "SNAPFORM_STATE_PREVIOUS_PASSPHRASE";
}

/// What a sealed text is for: one kind cannot stand in for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A state.
    State,
    /// Lines of a journal.
    Journal,
    /// A saved plan.
    Plan,
}

impl Purpose {
    const ALL: [Self; 3] = [Self::State, Self::Journal, Self::Plan];

    /// The word for it in headers and messages.
    pub fn word(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Journal => "journal",
            Self::Plan => "plan",
        }
    }

    fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.word() == word)
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.word())
    }
}

/// A text that cannot be sealed or opened. Nothing of a key is in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The way in which keys are given is wrong; whole sentences.
    #[error("{0}")]
    Key(String),
    /// It is sealed, and there is no key.
    #[error("it is encrypted with key {}, and no key is set", header.key)]
    NoKey {
        /// How it is sealed.
        header: Box<Header>,
    },
    /// It is sealed with a key that is not at hand.
    #[error("it is encrypted with key {}, and the key that is set is another one{}", header.key, known(set))]
    OtherKey {
        /// How it is sealed.
        header: Box<Header>,
        /// The keys at hand that are of the same kind.
        set: Vec<String>,
    },
    /// It is not as it was sealed.
    #[error("it is encrypted, and was changed or cut short since")]
    Damaged,
    /// It was sealed for something else.
    #[error("it is an encrypted {found} and not a {wanted}")]
    Purpose {
        /// What it is.
        found: Purpose,
        /// What it should be.
        wanted: Purpose,
    },
    /// It is sealed in a way that is not known here.
    #[error("it is encrypted in a way that this version of snapform does not know")]
    Newer,
    /// The machine cannot do it.
    #[error("it cannot be encrypted: {0}")]
    Failed(&'static str),
}

impl SealError {
    /// What a person can do where a key is missing or another one is needed; an order without an
    /// end.
    pub fn advice(&self) -> Option<String> {
        use variables::{KEY, KEY_COMMAND, PASSPHRASE, PREVIOUS_KEY, PREVIOUS_PASSPHRASE};
        let (Self::NoKey { header } | Self::OtherKey { header, .. }) = self else { return None };
        let (now, before) = match header.derivation {
            Derivation::Raw => (format!("`{KEY}` or `{KEY_COMMAND}`"), PREVIOUS_KEY),
            Derivation::Passphrase { .. } => (format!("`{PASSPHRASE}`"), PREVIOUS_PASSPHRASE),
        };
        let what = match header.derivation {
            Derivation::Raw => "key",
            Derivation::Passphrase { .. } => "passphrase",
        };
        Some(match self {
            Self::NoKey { .. } => format!("set {now} to the {what} that it was encrypted with"),
            _ => format!(
                "set {now} to the {what} that it was encrypted with, or `{before}` after a change"
            ),
        })
    }
}

fn known(set: &[String]) -> String {
    if set.is_empty() { String::new() } else { format!(" ({})", set.join(", ")) }
}
