//! What shall be: changes with their reasons, and the steps to make them.
//!
//! In: prior and desired objects. Out: [`Plan`], its [`StepGraph`] and the plan file. It knows
//! nothing of configurations, and makes no calls.

mod action;
mod cause;
mod change;
mod encode;
mod file;
mod freshness;
mod output;
mod propose;
mod steps;

pub use action::{Action, Reason, ReplaceOrder};
pub use cause::{Cause, Place};
pub use change::{Change, DataRead, Drift, Import, Move, Plan, PlanMode, Summary};
pub use encode::Encoded;
pub use file::{PlanFile, PlanFileError, PlannedVariable, is_plan, read_plan, write_plan};
pub use freshness::{Conflict, conflict};
pub use output::OutputChange;
pub use propose::{Proposal, propose};
pub use steps::{Step, StepGraph, StepKind, order};
