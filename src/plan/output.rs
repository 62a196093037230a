//! Changes of outputs.

use crate::value::Value;

/// An output as it was and as it will be.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputChange {
    /// The value recorded last; `None` where there was none.
    pub prior: Option<Value>,
    /// The value to come; `None` where the output goes away. Null is a value here, but none that
    /// is recorded.
    pub planned: Option<Value>,
    /// Hidden from people.
    pub sensitive: bool,
    /// Whether it was hidden from people as it was recorded last.
    pub was_sensitive: bool,
}

impl OutputChange {
    /// Tells whether anything changes.
    pub fn is_change(&self) -> bool {
        match (&self.prior, &self.planned) {
            (None, planned) => planned.as_ref().is_some_and(|planned| !planned.is_null()),
            (Some(prior), Some(planned)) => {
                !planned.is_wholly_known()
                    || prior.reveal() != planned.reveal()
                    || self.sensitive != self.was_sensitive
            }
            (Some(_), None) => true,
        }
    }
}
