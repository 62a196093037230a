//! The `snapform` command.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Large configurations are many small pieces, which this allocator hands out faster and packs tighter.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    snapform::cli::main()
}
