//! Data: read while planning where that can be done, otherwise while applying.

use crate::addr::LocalResource;

use super::super::frame::Frame;
use super::Planner;

impl Planner<'_> {
    pub(super) async fn data(&mut self, _frame: &Frame<'_>, _local: &LocalResource) {}
}
