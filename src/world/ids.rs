//! Where identifiers come from.

use std::sync::atomic::{AtomicU64, Ordering};

/// Makes identifiers nobody has used before.
pub trait Ids: Send + Sync {
    /// Returns a version 4 UUID in lower case with dashes.
    fn uuid(&self) -> String;
}

/// Random identifiers from the operating system.
#[derive(Clone, Copy, Debug)]
pub struct RandomIds;

impl Ids for RandomIds {
    fn uuid(&self) -> String {
        #[expect(clippy::disallowed_methods, reason = "the one place that asks for randomness")]
        uuid::Uuid::new_v4().to_string()
    }
}

/// Counted identifiers of the right form, for runs that must be repeatable to the byte.
#[derive(Debug, Default)]
pub struct SequentialIds(AtomicU64);

impl Ids for SequentialIds {
    fn uuid(&self) -> String {
        let count = self.0.fetch_add(1, Ordering::SeqCst) + 1;
        uuid::Builder::from_random_bytes(u128::from(count).to_be_bytes()).into_uuid().to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequential_ids_are_version_4_and_repeatable() {
        let first = SequentialIds::default();
        let second = SequentialIds::default();
        assert_eq!(first.uuid(), "00000000-0000-4000-8000-000000000001");
        assert_eq!(first.uuid(), "00000000-0000-4000-8000-000000000002");
        assert_eq!(second.uuid(), "00000000-0000-4000-8000-000000000001");
    }
}
