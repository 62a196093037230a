//! `snapform man`.

use std::path::Path;

use anyhow::Context as _;
use clap::Command;
use clap_mangen::Man;

use super::workbench::Start;
use super::{Done, Exit, args, help};

/// Prints the page of `snapform`, or writes one page for each command into a folder.
pub(super) fn run(start: &Start, args: &args::Man) -> Done {
    let mut root = help::command();
    root.build();
    let Some(folder) = &args.folder else {
        start.terminal.text(&page(&root)?);
        return Ok(Exit::Success);
    };
    std::fs::create_dir_all(folder)
        .with_context(|| format!("`{}` cannot be made", folder.display()))?;
    let count = write(&root, folder)?;
    start.terminal.line(&format!(
        "Wrote {} into `{}`.",
        crate::view::counted(count, "page"),
        folder.display()
    ));
    Ok(Exit::Success)
}

/// Writes the page of a command and those of the commands below it; gives their number.
fn write(command: &Command, folder: &Path) -> anyhow::Result<usize> {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name());
    let path = folder.join(format!("{name}.1"));
    std::fs::write(&path, page(command)?)
        .with_context(|| format!("`{}` cannot be written", path.display()))?;
    let below = command.get_subcommands().map(|inner| write(inner, folder));
    Ok(1 + below.sum::<anyhow::Result<usize>>()?)
}

/// A page in the form that `man` reads, with options as they are typed here.
fn page(command: &Command) -> anyhow::Result<String> {
    let mut text = Vec::new();
    Man::new(command.clone()).render(&mut text).context("the page cannot be written")?;
    let text = String::from_utf8(text).context("the page is no text")?;
    Ok(text.replace("\\-\\-", "\\-"))
}
