//! What one expression may cost.

/// So many elements may one collection hold, those in collections inside it included.
pub(super) const ELEMENTS: usize = 2_000_000;
