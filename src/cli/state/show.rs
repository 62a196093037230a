//! `snapform state show`.

use anyhow::Context as _;
use serde_json::Value as Json;

use crate::addr::InstanceAddr;
use crate::state::{ObjectStatus, Session, State};
use crate::view::{Secrets, render_object, state_json};

use super::super::workbench::{Start, Workbench};
use super::super::{Done, Exit, args};
use super::{exists, instance, missing, read};

/// Shows the current object of one instance.
pub(super) async fn run(start: Start, args: args::StateShow) -> Done {
    let workbench = if args.json { Workbench::for_programs } else { Workbench::new };
    let mut workbench = workbench(start, args.world)?;
    workbench.keep_state_in(args.file.into());
    let address = instance(&args.address)?;
    let session = workbench.look().await?;
    exists(&workbench, &session)?;
    let state = session.state();
    let Some(object) = state.object(&address) else {
        return Err(workbench.stop(missing(&session, &args.address).into()));
    };
    let terminal = &workbench.start.terminal;
    if args.json {
        let secrets = workbench.secrets(args.secrets);
        let document = document(&workbench, &session, &address, secrets)?;
        terminal.line(&serde_json::to_string_pretty(&document).context("the object")?);
        return Ok(Exit::Success);
    }
    let value = read(&workbench.catalog, &address, object);
    let note = if object.status == ObjectStatus::Tainted { " (tainted)" } else { "" };
    terminal.text(&render_object(&address, note, &value, terminal.look.paint));
    Ok(Exit::Success)
}

/// The object as `show -json` has it.
fn document(
    workbench: &Workbench,
    session: &Session,
    address: &InstanceAddr,
    secrets: Secrets,
) -> anyhow::Result<Json> {
    let held = session.state();
    let mut alone = State::empty(held.lineage.clone());
    if let (Some(resource), Some(object)) =
        (held.resources.get(&address.resource), held.object(address))
    {
        alone.set_object(address, &resource.provider, None, object.clone());
    }
    let text = state_json(Some(&alone), &workbench.catalog, secrets)?;
    let document: Json = serde_json::from_str(&text)?;
    let mut module = &document["values"]["root_module"];
    while let Some(inner) = module["child_modules"].get(0) {
        module = inner;
    }
    module["resources"].get(0).cloned().context("the object is not in its own state")
}
