//! `snapform state show`.

use anyhow::Context as _;
use serde_json::{Map, Value as Json, json};

use crate::addr::{InstanceAddr, InstanceKey, ResourceMode};
use crate::state::{ObjectRecord, ObjectStatus, Session};
use crate::view::render_object;

use super::super::workbench::{Start, Workbench};
use super::super::{Done, Exit, args};
use super::{exists, instance, missing, read};

/// Shows the current object of one instance.
pub(super) fn run(start: Start, args: args::StateShow) -> Done {
    let workbench = if args.json { Workbench::for_programs } else { Workbench::new };
    let mut workbench = workbench(start, args.world)?;
    workbench.keep_state_in(args.file.into());
    let address = instance(&args.address)?;
    let session = workbench.look()?;
    exists(&workbench, &session)?;
    let Some(object) = session.state().object(&address) else {
        return Err(workbench.stop(missing(&session, &args.address).into()));
    };
    let terminal = &workbench.start.terminal;
    if args.json {
        let document = document(&session, &address, object)?;
        terminal.line(&serde_json::to_string_pretty(&document).context("the object")?);
        return Ok(Exit::Success);
    }
    let value = read(&workbench.catalog, &address, object);
    let note = if object.status == ObjectStatus::Tainted { " (tainted)" } else { "" };
    terminal.text(&render_object(&address, note, &value, terminal.look.paint));
    Ok(Exit::Success)
}

/// The object under the names that `show -json` gives its parts.
fn document(
    session: &Session,
    address: &InstanceAddr,
    object: &ObjectRecord,
) -> anyhow::Result<Map<String, Json>> {
    let resource = &address.resource;
    let mut document = Map::new();
    let mut put = |name: &str, value: Json| document.insert(name.to_owned(), value);
    put("address", address.to_string().into());
    let mode = match resource.local.mode {
        ResourceMode::Managed => "managed",
        ResourceMode::Data => "data",
    };
    put("mode", mode.into());
    put("type", resource.type_name().into());
    put("name", (*resource.local.name).into());
    match &address.key {
        InstanceKey::None => None,
        InstanceKey::Index(index) => put("index", json!(index)),
        InstanceKey::Name(name) => put("index", (**name).into()),
    };
    if let Some(found) = session.state().resources.get(resource) {
        put("provider_name", found.provider.local.provider.source().into());
    }
    put("schema_version", object.schema_version.into());
    let values = serde_json::to_value(&object.attributes).context("the object")?;
    put("values", values);
    let dependencies = object.dependencies.iter().map(ToString::to_string);
    put("depends_on", dependencies.collect::<Vec<_>>().into());
    put("tainted", (object.status == ObjectStatus::Tainted).into());
    Ok(document)
}
