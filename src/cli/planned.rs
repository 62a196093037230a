//! A plan on its way from planning to a file or to apply.

use crate::config::{Config, ConfigFiles};
use crate::diag::Diagnostics;
use crate::plan::Plan;
use crate::world::Timestamp;

use super::variables::Resolved;

/// A plan and everything it was made from.
pub(super) struct Planned {
    pub(super) plan: Plan,
    pub(super) config: Config,
    pub(super) files: ConfigFiles,
    pub(super) variables: Resolved,
    pub(super) time: Timestamp,
    /// What kept it from being complete.
    pub(super) errors: Option<Diagnostics>,
    /// Whether an interrupted create is still open: nothing is planned for its address.
    pub(super) unsettled: bool,
}
