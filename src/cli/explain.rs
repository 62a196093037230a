//! `snapform explain`.

use crate::diag::explain::page;
use crate::diag::{Code, Diagnostic, code};
use crate::view::{render_codes, render_page};

use super::workbench::Start;
use super::{Done, Exit, args};

/// Tells what a code means, or lists all codes.
pub(super) fn run(start: &Start, args: &args::Explain) -> Done {
    let terminal = &start.terminal;
    let Some(name) = &args.code else {
        terminal.text(&render_codes(terminal.look.paint));
        return Ok(Exit::Success);
    };
    let found = Code::find(name).and_then(page);
    let Some(page) = found else {
        let names = code::ALL.iter().map(|code| code.name());
        let unknown = Diagnostic::error(code::USAGE, format!("There is no code `{name}`."))
            .did_you_mean(name, names)
            .help("`snapform explain` lists all codes");
        return Err(unknown.into());
    };
    terminal.text(&render_page(&page, terminal.look.paint));
    Ok(Exit::Success)
}
