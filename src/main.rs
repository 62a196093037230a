//! The `snapform` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    snapform::cli::main()
}
