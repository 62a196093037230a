//! How a key comes from what people set.

use std::fmt;
use std::str::FromStr;

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::SealError;

/// Memory in KiB, passes and lanes: the second recommendation of RFC 9106, section 4, for machines
/// that have no two gigabytes to spare.
const MEMORY: u32 = 64 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 4;
const SALT: usize = 16;

/// The most that a header may ask for: it is obeyed before anything proves that it is ours.
const MOST: (u32, u32, u32) = (1024 * 1024, 32, 16);

/// How a key comes from what people set.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Derivation {
    /// It is the key itself.
    Raw,
    /// From a passphrase, by Argon2id.
    Passphrase {
        /// Memory in KiB.
        memory: u32,
        /// Passes over the memory.
        passes: u32,
        /// Lanes.
        lanes: u32,
        /// What makes the same passphrase another key elsewhere.
        salt: Vec<u8>,
    },
}

impl Derivation {
    /// A derivation from a passphrase as it is done today, with a salt of its own.
    pub(super) fn fresh() -> Result<Self, SealError> {
        let mut salt = vec![0; SALT];
        aws_lc_rs::rand::fill(&mut salt)
            .map_err(|_| SealError::Failed("the system gives no random numbers"))?;
        Ok(Self::Passphrase { memory: MEMORY, passes: PASSES, lanes: LANES, salt })
    }

    /// Whether it is as hard to guess as today's.
    pub(super) fn is_hard(&self) -> bool {
        match self {
            Self::Raw => true,
            Self::Passphrase { memory, passes, salt, .. } => {
                *memory >= MEMORY && *passes >= PASSES && salt.len() >= SALT
            }
        }
    }

    /// The key from a passphrase, written into `key`.
    pub(super) fn derive(&self, passphrase: &[u8], key: &mut [u8]) -> Result<(), SealError> {
        let failed = SealError::Failed("no key can be derived from the passphrase");
        let Self::Passphrase { memory, passes, lanes, salt } = self else { return Err(failed) };
        let parameters = Params::new(*memory, *passes, *lanes, Some(key.len()));
        parameters
            .and_then(|parameters| {
                Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters)
                    .hash_password_into(passphrase, salt, key)
            })
            .map_err(|_| failed)
    }
}

impl fmt::Display for Derivation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Raw => formatter.write_str("raw"),
            Self::Passphrase { memory, passes, lanes, salt } => {
                let salt = STANDARD.encode(salt);
                write!(formatter, "argon2id:m={memory},t={passes},p={lanes}:{salt}")
            }
        }
    }
}

impl FromStr for Derivation {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        if text == "raw" {
            return Ok(Self::Raw);
        }
        let (costs, salt) =
            text.strip_prefix("argon2id:").and_then(|rest| rest.split_once(':')).ok_or(())?;
        let mut costs = costs.split(',').zip(["m=", "t=", "p="]);
        let mut cost = || -> Option<u32> {
            let (cost, name) = costs.next()?;
            cost.strip_prefix(name)?.parse().ok()
        };
        let (Some(memory), Some(passes), Some(lanes)) = (cost(), cost(), cost()) else {
            return Err(());
        };
        let salt = STANDARD.decode(salt).map_err(|_| ())?;
        let fits = memory <= MOST.0 && passes <= MOST.1 && lanes <= MOST.2 && salt.len() <= 64;
        if fits { Ok(Self::Passphrase { memory, passes, lanes, salt }) } else { Err(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_derivation_reads_as_it_is_written_and_asks_for_no_more_than_is_there() {
        let fresh = Derivation::fresh().unwrap();
        assert!(fresh.is_hard());
        assert_ne!(fresh, Derivation::fresh().unwrap());
        for derivation in [Derivation::Raw, fresh] {
            assert_eq!(derivation.to_string().parse(), Ok(derivation));
        }
        for wrong in
            ["", "Raw", "argon2id:", "argon2id:m=9999999,t=1,p=1:AAAA", "argon2id:m=8,t=1:"]
        {
            assert!(wrong.parse::<Derivation>().is_err(), "{wrong}");
        }
    }

    /// RFC 9106 has no vector without a secret; this one is of the reference implementation:
    /// `echo -n password | argon2 somesalt -id -t 2 -m 8 -p 1 -l 32`.
    #[test]
    fn a_published_vector() {
        let derivation =
            Derivation::Passphrase { memory: 256, passes: 2, lanes: 1, salt: b"somesalt".to_vec() };
        let mut key = [0; 32];
        derivation.derive(b"password", &mut key).unwrap();
        assert_eq!(
            crate::sdk::auth::hex(&key),
            "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe"
        );
        assert!(Derivation::Raw.derive(b"password", &mut key).is_err());
    }
}
