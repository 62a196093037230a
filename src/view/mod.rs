//! What people see.
//!
//! In: plans, events, diagnostics, states. Out: text on a terminal. The only place that writes to
//! it. It decides nothing and changes nothing.

mod describe;
mod diagnostics;
mod files;
mod plan;
mod progress;
mod show;
mod style;
mod terminal;
mod values;

pub use describe::{counted, elapsed};
pub use diagnostics::{render_diagnostic, render_diagnostics};
pub use files::render_file_diff;
pub use plan::{render_plan, summary_line};
pub use progress::HumanProgress;
pub use show::{render_object, render_outputs, render_state};
pub use style::{Paint, Style};
pub use terminal::{Look, Terminal};
