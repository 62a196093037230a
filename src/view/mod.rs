//! What people see.
//!
//! In: plans, events, diagnostics, states, functions. Out: text on a terminal. The only place that writes to
//! it. It decides nothing and changes nothing.

mod console;
mod describe;
mod diagnostics;
mod explain;
mod files;
mod functions;
mod json;
mod outputs;
mod plan;
mod progress;
mod provider_schemas;
mod show;
mod style;
mod terminal;
mod tree;
mod values;

pub use console::render_value;
pub use describe::{counted, elapsed};
pub use diagnostics::{render_diagnostic, render_diagnostics, render_titles};
pub use explain::{render_codes, render_page};
pub use files::render_file_diff;
pub use functions::{render_function, render_functions};
pub use json::{
    EventStream, HIDDEN, PlanDocumentOf, Secrets, plan_json, state_json, validation_json,
};
pub use outputs::render_output_values;
pub use plan::{PlanDetail, render_plan, summary_line};
pub use progress::{HumanProgress, Pace};
pub use provider_schemas::provider_schemas_json;
pub use show::{render_object, render_outputs, render_state};
pub use style::{Paint, Style};
pub use terminal::{Look, Terminal};
pub use tree::{Tree, render_tree};
