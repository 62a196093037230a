//! What programs read, in Terraform's shapes.
//!
//! In: plans, states, declarations, events. Out: JSON documents and streams. The keys are
//! Terraform's, in its order; what is ours beside them is passed over by programs that do not know
//! it.

mod change;
mod checks;
mod configuration;
mod diagnostics;
mod events;
mod plan;
mod resources;
mod state;
mod values;

pub use diagnostics::validation_json;
pub use events::EventStream;
pub use plan::{PlanDocumentOf, plan_json};
pub use state::state_json;
pub use values::{HIDDEN, Secrets};
