//! Creates whose outcome an interrupted run did not note.
//!
//! In: open intents. Out: objects that were found, intents that turned out to have made nothing,
//! and those that stay open because nobody can know. Nothing is sent that changes anything.

use std::collections::BTreeSet;

use crate::addr::InstanceAddr;
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::schema::StoredReader;
use crate::sdk::{Context, ErrorKind, Recovery};
use crate::state::{
    IntentId, ObjectRecord, ObjectStatus, OpenIntent, Operation, Session, SessionError, Settled,
};
use crate::value::Value;

use super::apply::state_problem;
use super::clients::Clients;
use super::{Engine, Inputs, records, report};

/// Settles every open intent that can be settled, and tells what was done. Errors: the journal
/// cannot be written, or a vendor cannot be asked.
pub async fn recover(engine: &Engine<'_>, inputs: Inputs<'_>, session: &Session) -> Diagnostics {
    let mut problems = Diagnostics::default();
    let open = session.open_intents();
    if open.is_empty() {
        return problems;
    }
    let evaluation = records::evaluation(engine.catalog, inputs);
    let clients = Clients::new(engine, &evaluation);
    for intent in open {
        let found = match intent.operation {
            // Either shows by itself: the next read tells what is there.
            Operation::Update | Operation::Delete => Ok(Found::Nothing),
            Operation::Create => {
                let cx = Context::new(engine.world.clone()).claiming(claimed(session, intent.id));
                ask(engine, &clients, &intent, &cx).await
            }
        };
        match found {
            Ok(found) => settle(session, &intent, found, &mut problems).await,
            Err(found) => problems.extend(found),
        }
    }
    if let Err(error) = session.checkpoint().await {
        problems.push(state_problem(&error));
    }
    problems
}

/// The addresses whose intents are still open.
pub fn unsettled(session: &Session) -> BTreeSet<InstanceAddr> {
    session.open_intents().iter().map(|intent| intent.address.0.clone()).collect()
}

/// Ids that cannot be what the create `intent` made: those of all objects in state, and those that
/// vendors gave to the other open creates.
pub(super) fn claimed(session: &Session, intent: IntentId) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for (_, _, instance) in session.state().instances() {
        let objects = instance.current.iter().chain(instance.deposed.values());
        ids.extend(objects.filter_map(ObjectRecord::id));
    }
    let open = session.open_intents();
    let others = open.iter().filter(|open| open.id != intent);
    for handle in others.filter_map(|open| open.accepted.as_ref()?.as_object()) {
        ids.extend(handle.values().filter_map(|part| part.as_str()).map(str::to_owned));
    }
    ids
}

enum Found {
    Object(Box<ObjectRecord>),
    /// An object of no use, with the reason.
    Tainted(Box<ObjectRecord>, String),
    Nothing,
    Uncertain(String),
}

async fn ask(
    engine: &Engine<'_>,
    clients: &Clients<'_>,
    intent: &OpenIntent,
    cx: &Context,
) -> Result<Found, Diagnostics> {
    let address = &intent.address.0;
    let type_name = address.resource.type_name();
    let client = clients.resource(&intent.provider.0, type_name)?;
    let Some(spec) = engine.catalog.resource(type_name) else { return Ok(Found::Nothing) };
    let attributes = &intent.object.0.attributes;
    let planned = attributes.read(&spec.schema, &StoredReader::default()).map_err(|error| {
        Diagnostic::error(code::JOURNAL, format!("`{address}`: {error}.")).address(address)
    })?;
    let recovery = client.recover(cx, &planned, &intent.search, intent.accepted.as_ref()).await;
    let record = |object: &Value, status| {
        let attributes = spec.schema.encode(object).into();
        Box::new(ObjectRecord { attributes, status, ..intent.object.0.clone() })
    };
    let recovery = match recovery {
        // The vendor was asked and cannot tell yet: that concerns this address only.
        Err(error) if error.kind == ErrorKind::OutcomeUnknown => Recovery::Uncertain(error.message),
        other => other.map_err(|error| report::of_error(error, address, None, None))?,
    };
    match recovery {
        Recovery::Found(object) => Ok(Found::Object(record(&object, ObjectStatus::Ready))),
        Recovery::Tainted(object, error) => {
            Ok(Found::Tainted(record(&object, ObjectStatus::Tainted), error.message))
        }
        Recovery::Absent => Ok(Found::Nothing),
        Recovery::Uncertain(reason) => Ok(Found::Uncertain(reason)),
    }
}

async fn settle(session: &Session, intent: &OpenIntent, found: Found, problems: &mut Diagnostics) {
    let address = &intent.address.0;
    let note = |detail: String| Diagnostic::warning(code::RECOVERED, detail).address(address);
    let (settled, words) = match found {
        Found::Object(record) => {
            let id = record.id().unwrap_or_else(|| "?".to_owned());
            let words = format!(
                "An interrupted run made the object `{id}` for `{address}`; it is in state now."
            );
            (Settled::Object(record), Some(note(words)))
        }
        Found::Tainted(record, reason) => {
            let words = format!(
                "An interrupted run made an object for `{address}` that is of no use: {reason} It \
                 is in state now and will be replaced."
            );
            (Settled::Object(record), Some(note(words)))
        }
        Found::Nothing if intent.operation == Operation::Create => {
            if let Err(error) = bring_back(session, address).await {
                problems.push(state_problem(&error).address(address));
            }
            let words =
                format!("An interrupted run did not get to make the object for `{address}`.");
            (Settled::Nothing, Some(note(words)))
        }
        Found::Nothing => (Settled::Nothing, None),
        Found::Uncertain(reason) => {
            problems.push(uncertain(intent, &reason));
            return;
        }
    };
    match session.settle(intent.id, settled).await {
        Ok(()) => problems.extend(words),
        Err(error) => problems.push(state_problem(&error).address(address)),
    }
}

/// Where a successor was not made, the object that had to make room for it is current again.
pub(super) async fn bring_back(
    session: &Session,
    address: &InstanceAddr,
) -> Result<(), SessionError> {
    let state = session.state();
    let Some(instance) = state.instance(address) else { return Ok(()) };
    let mut deposed = instance.deposed.keys();
    let found = (&instance.current, deposed.next().cloned(), deposed.next());
    let (None, Some(only), None) = found else { return Ok(()) };
    // What is kept would be copied by the change.
    drop(state);
    session.restore(address, &only).await
}

fn uncertain(intent: &OpenIntent, reason: &str) -> Diagnostic {
    let address = &intent.address.0;
    let detail = format!(
        "The create of `{address}`, begun at {}, may have made an object: {reason} It is not sent again.",
        intent.time
    );
    Diagnostic::warning(code::UNCERTAIN_WAITS, detail)
        .address(address)
        .help(format!(
            "look at the vendor; if nothing was made, run `snapform recover -absent='{address}'`"
        ))
        .help(format!("if it was made, run `snapform recover -adopt='{address}=ID'`"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::state::{Dependencies, LockHolder, MemoryBackend, NewIntent, Trust};
    use crate::world::{Timestamp, World};

    fn record(id: &str) -> ObjectRecord {
        ObjectRecord {
            status: ObjectStatus::Ready,
            schema_version: 0,
            attributes: Value::object([("id", Value::string(id))]).into(),
            sensitive: Vec::new(),
            dependencies: Dependencies::default(),
            create_before_destroy: false,
        }
    }

    /// Two resources of one disk and name: what the other one made is never up for adoption.
    #[tokio::test]
    async fn what_belongs_to_others_is_claimed() {
        let world = World::fixed(Timestamp::EPOCH);
        let backend = Box::new(MemoryBackend::default());
        let holder = LockHolder {
            user: "someone".to_owned(),
            host: "somewhere".to_owned(),
            process: 1,
            command: "apply".to_owned(),
            since: Timestamp::EPOCH,
            job: None,
        };
        let session =
            Session::open(backend, &holder, Duration::ZERO, &world, Trust::Checked).await.unwrap();
        let provider = "provider[\"snapform.dev/snapform/zenlayer\"]".parse().unwrap();
        let intend = async |name: &str| {
            let intent = NewIntent {
                operation: Operation::Create,
                address: &format!("zenlayer_disk_snapshot.{name}").parse().unwrap(),
                deposed: None,
                provider: &provider,
                object: record(""),
                search: json!(null),
            };
            session.intend(intent, Timestamp::EPOCH).await.unwrap()
        };
        let (lost, done) = (intend("lost").await, intend("done").await);
        let accepted = intend("accepted").await;
        session.settle(done, Settled::Object(Box::new(record("s-1")))).await.unwrap();
        session.accepted(accepted, json!({ "snapshot_id": "s-2" })).await.unwrap();
        let ids = |of| claimed(&session, of).into_iter().collect::<Vec<_>>();
        assert_eq!(ids(lost), ["s-1", "s-2"]);
        assert_eq!(ids(accepted), ["s-1"]);
    }
}
