//! How often a type in common was found while some type was not known, or an error decided, for
//! tests of laws only.
//!
//! As in Terraform, `true ? 1 : later` is the number 1 while nothing at all is known of `later`, and
//! the text "1" where that becomes a text. Laws must tell such a change from a contradiction.

use std::cell::Cell;

use super::Type;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

pub(super) fn note(types: &[Type]) {
    if types.iter().any(Type::has_any) {
        COUNT.set(COUNT.get() + 1);
    }
}

/// Notes that an error decided what becomes of an expression: it may be none with other values.
/// Each kind of place has a weight of its own, so that one is not taken for another.
pub(crate) fn note_error(weight: usize) {
    COUNT.set(COUNT.get() + weight);
}

/// How often on this thread so far.
#[must_use]
pub fn count() -> usize {
    COUNT.get()
}
