//! Functions (type_conversion).

use super::Function;

pub(super) const FUNCTIONS: &[Function] = &[];
