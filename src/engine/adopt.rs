//! A person's word on creates whose outcome nobody else knows.

use std::sync::Arc;

use crate::addr::InstanceAddr;
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::sdk::{Context, ErrorKind, Reading};
use crate::state::{ObjectRecord, ObjectStatus, OpenIntent, Operation, Session, Settled};
use crate::value::{Key, Value};

use super::apply::state_problem;
use super::clients::Clients;
use super::recover::{bring_back, claimed};
use super::{Catalog, Engine, Inputs, read_object, records};

/// Takes a person's word that an open create of `address` made nothing.
///
/// # Errors
///
/// No create of it is open, or that cannot be noted.
pub async fn take_as_absent(session: &Session, address: &InstanceAddr) -> Result<(), Diagnostics> {
    let intent = open(session, address)?;
    let settled = async {
        bring_back(session, address).await?;
        session.settle(intent.id, Settled::Nothing).await?;
        session.checkpoint().await
    };
    settled.await.map_err(|error| state_problem(&error).address(address).into())
}

/// Takes a person's word that an open create of `address` made the object `id`. The vendor is asked
/// for it; what a vendor does not let anybody look at is recorded as it was planned.
///
/// # Errors
///
/// No create of it is open, the object is another one's or not there, or that cannot be noted.
pub async fn adopt(
    engine: &Engine<'_>,
    inputs: Inputs<'_>,
    session: &Session,
    address: &InstanceAddr,
    id: &str,
) -> Result<Option<Diagnostic>, Diagnostics> {
    let intent = open(session, address)?;
    if claimed(session, intent.id).contains(id) {
        let detail = format!("`{id}` belongs to another object that is recorded already.");
        return Err(refused(address, detail, "`snapform state list -id=ID` tells to which"));
    }
    let evaluation = records::evaluation(engine.catalog, inputs);
    let clients = Clients::new(engine, &evaluation);
    let client = clients.resource(&intent.provider.0, address.resource.type_name())?;
    let cx = Context::new(engine.world.clone());
    let planned = as_planned(engine.catalog, &intent, id)?;
    let reading = match client.import(&cx, id).await {
        // Some objects cannot be found by their id alone, but known by what they should be.
        Err(error) if error.kind == ErrorKind::Unsupported => {
            let found = client.read_many(&cx, std::slice::from_ref(&planned)).await.pop();
            found.unwrap_or(Err(error))
        }
        reading => reading,
    };
    let (object, status, note) = match reading {
        Ok(Reading::Present(object)) => (object, ObjectStatus::Ready, None),
        Ok(Reading::Failed(object, reason)) => {
            let detail = format!("`{id}` is of no use: {reason} The next plan replaces it.");
            (object, ObjectStatus::Tainted, Some(detail))
        }
        Ok(Reading::NotVerifiable(object, reason)) => {
            let detail = format!("`{address}` is recorded as it was planned, unseen: {reason}");
            (object, ObjectStatus::Ready, Some(detail))
        }
        Ok(Reading::Gone | Reading::Expired) => {
            let detail = format!("The vendor has no object `{id}`.");
            let help = format!("if nothing was made, run `snapform recover -absent='{address}'`");
            return Err(refused(address, detail, &help));
        }
        Err(error) => {
            let help = "run the same command again once the vendor can be asked";
            return Err(refused(address, error.message, help));
        }
    };
    let Some(schema) = engine.catalog.schema(&address.resource.local) else {
        return Ok(None);
    };
    let attributes = schema.encode(&object).into();
    let record = ObjectRecord { attributes, status, ..intent.object.0.clone() };
    let settled = async {
        session.settle(intent.id, Settled::Object(Box::new(record))).await?;
        session.checkpoint().await
    };
    settled.await.map_err(|error| Diagnostics::from(state_problem(&error).address(address)))?;
    Ok(note.map(|detail| Diagnostic::warning(code::RECOVERED, detail).address(address)))
}

fn open(session: &Session, address: &InstanceAddr) -> Result<Arc<OpenIntent>, Diagnostics> {
    let mut open = session.open_intents().into_iter();
    let is_meant = |intent: &Arc<OpenIntent>| {
        intent.operation == Operation::Create && intent.address.0 == *address
    };
    open.find(is_meant).ok_or_else(|| {
        let detail = format!("No create of `{address}` is open.");
        Diagnostic::error(code::TARGET, detail)
            .help("`snapform recover` shows those that are")
            .into()
    })
}

/// The object as it was planned, under the id that a person gives.
fn as_planned(catalog: &Catalog, intent: &OpenIntent, id: &str) -> Result<Value, Diagnostics> {
    let planned = read_object(catalog, &intent.address.0, &intent.object.0)?;
    let entries = planned.entries().unwrap_or_default().iter().map(|(name, value)| {
        let value = if &**name == "id" { Value::string(id) } else { value.clone() };
        (Key::clone(name), value)
    });
    Ok(Value::object(entries.collect::<Vec<_>>()))
}

fn refused(address: &InstanceAddr, detail: String, help: &str) -> Diagnostics {
    Diagnostic::error(code::ADOPTION, detail).address(address).help(help).into()
}
