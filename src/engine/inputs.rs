//! What plans and recoveries are made from.

use crate::config::Config;
use crate::state::State;

use super::{Declarations, Surroundings, Variables};

/// What a plan is made from.
#[derive(Clone, Copy)]
pub struct Inputs<'a> {
    /// The declarations.
    pub config: &'a Config,
    /// Their order.
    pub declarations: &'a Declarations,
    /// Values of variables.
    pub variables: &'a Variables,
    /// What expressions may look at besides.
    pub surroundings: Surroundings<'a>,
    /// What is recorded.
    pub state: &'a State,
}
