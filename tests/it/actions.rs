//! Every action, seen through plan and apply.

use crate::support::{Sandbox, tells};
