//! Changes of outputs.

use crate::value::Value;

/// An output as it was and as it will be.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputChange {
    /// The value recorded last; `None` where there was none.
    pub prior: Option<Value>,
    /// The value to come; `None` where the output goes away.
    pub planned: Option<Value>,
    /// Hidden from people.
    pub sensitive: bool,
}

impl OutputChange {
    /// Tells whether anything changes.
    pub fn is_change(&self) -> bool {
        match (&self.prior, &self.planned) {
            (None, None) => false,
            (Some(prior), Some(planned)) => {
                !planned.is_wholly_known() || prior.reveal() != planned.reveal()
            }
            _ => true,
        }
    }
}
