//! `snapform version`.

use super::workbench::Start;
use super::{Done, Exit};

/// Prints the version and the platform.
pub(super) fn run(start: &Start) -> Done {
    start.terminal.line(&format!("snapform v{}", env!("CARGO_PKG_VERSION")));
    start.terminal.line(&format!("on {}_{}", std::env::consts::OS, std::env::consts::ARCH));
    Ok(Exit::Success)
}
