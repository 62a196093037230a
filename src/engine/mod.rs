//! The engine: from declarations and records to a plan, and from a plan to calls.
//!
//! In: a module, a state session, the registry of providers. Out: a [`Plan`](crate::plan::Plan),
//! changed state, [`Event`]s for whoever watches. It knows no vendor, prints nothing and reads no
//! environment. [`apply`] follows a plan and decides nothing.

mod adopt;
pub mod apply;
mod arguments;
mod backend;
mod blocks;
mod catalog;
mod check_log;
mod checks;
mod clients;
mod conditions;
mod console;
mod contributors;
mod declarations;
mod dry_check;
mod evaluate;
mod events;
mod expand;
mod finals;
mod frame;
mod generate;
mod given_anew;
mod imports;
mod inputs;
mod moves;
mod outputs;
pub mod planner;
mod promises;
mod recorded;
mod records;
pub mod recover;
mod refresh;
mod removals;
mod report;
mod select;
mod take_in;
mod triggers;
mod validate;
mod variables;
mod versions;

pub use adopt::{adopt, take_as_absent};
pub use backend::{backend_problems, backend_settings};
pub use catalog::{Catalog, Emulation, Engine};
pub use console::{Answer, Console};
pub use contributors::{Contributor, contributors};
pub use declarations::{Declaration, Declarations, Declared};
pub use evaluate::{Evaluation, Surroundings};
pub use events::{Event, Observer, StepVerb};
pub use finals::Finals;
pub use generate::{GeneratedBlock, generate};
pub use given_anew::{GivenAnew, Planned, check_ephemeral, resolve_planned_variables};
pub use inputs::Inputs;
pub use refresh::{Refreshed, read_record as read_object};
pub use select::Limits;
pub use take_in::take_in;
pub use validate::{examine, validate};
pub use variables::{Given, Variables, default as default_of, resolve_variables};
