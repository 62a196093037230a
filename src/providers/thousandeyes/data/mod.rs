//! What is looked up: a test, and the saved events.
//!
//! In: the list of tests, one for all reads of a run. Out: the data types.

mod saved_events;
mod test;

use crate::schema::{Attribute, Rule};
use crate::value::Type;

pub(super) use saved_events::SavedEvents;
pub(super) use test::Test;

fn account_group_id() -> Attribute {
    Attribute::optional(
        "account_group_id",
        Type::Number,
        "Account group of the tests; the provider's unless set.",
    )
    .rule(Rule::whole_number(1, i64::MAX))
}
