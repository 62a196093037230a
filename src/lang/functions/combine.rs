//! Functions (combine).

use super::Function;

pub(super) const FUNCTIONS: &[Function] = &[];
