//! `snapform version`.

use super::Exit;
use super::workbench::Start;

/// Prints the version and the platform.
pub(super) fn run(start: &Start) -> Exit {
    start.terminal.line(&format!("snapform v{}", env!("CARGO_PKG_VERSION")));
    start.terminal.line(&format!("on {}_{}", std::env::consts::OS, std::env::consts::ARCH));
    Exit::Success
}
