//! `plan -generate-config-out`: blocks for objects that are imported and not declared.

use std::path::Path;

use anyhow::Context as _;

use crate::config::Config;
use crate::engine::{GeneratedBlock, generate};

use super::variables::Resolved;
use super::workbench::{Workbench, working_directory};
use super::{Stop, replace::write_new, usage_problem};

/// Writes the blocks into a new file at `path`; nothing where every object is declared.
pub(super) async fn run(
    workbench: &Workbench,
    config: &Config,
    variables: &Resolved,
    endings: &[&str],
    path: &Path,
) -> Result<Vec<GeneratedBlock>, Stop> {
    let name = path.to_string_lossy();
    let in_folder = path.parent().is_none_or(|folder| folder.as_os_str().is_empty());
    // The first of them is that of files written by people; the other is JSON.
    let ending = endings.first().copied();
    if let Some(ending) = ending.filter(|ending| !in_folder || !name.ends_with(ending)) {
        let detail = format!(
            "`-generate-config-out={name}` names no file that would be read here: write a name that ends in `{ending}`, without a folder."
        );
        return Err(usage_problem(detail));
    }
    if path.exists() {
        return Err(usage_problem(format!(
            "`-generate-config-out={name}` names a file that is there already."
        )));
    }
    let folder = working_directory()?;
    let surroundings = workbench.surroundings(&folder, workbench.world.clock.now(), None);
    let engine = workbench.engine(workbench.observer());
    let blocks = generate(&engine, config, &variables.values, surroundings).await;
    let blocks = blocks.map_err(|problems| workbench.stop(problems))?;
    if blocks.is_empty() {
        return Ok(blocks);
    }
    let mut text = "# Written by `snapform plan -generate-config-out`. Read it, and move the blocks to where they belong.\n".to_owned();
    for block in &blocks {
        text.push_str(&format!("\n# From the object {:?}.\n{}", block.id, block.text));
    }
    write_new(path, text.as_bytes()).with_context(|| format!("`{name}` cannot be written"))?;
    workbench.start.terminal.line(&format!(
        "Wrote {} to `{name}`.\n",
        crate::view::counted(blocks.len(), "resource block")
    ));
    Ok(blocks)
}
