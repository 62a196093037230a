//! `openstack_blockstorage_snapshot_v3` against the emulator, whose ledger says what really happened.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::sdk::emulator::LedgerEntry;

use super::super::block_snapshot::{Arguments, BlockSnapshot, Intent, Object};
use super::super::wire::MARKER;
use super::*;

const SNAPSHOTS: &str = "/volume/v3/0e467c2e911e40628b4a0485c54f1ef6/snapshots";

fn block(bench: &Bench) -> BlockSnapshot {
    let cloud = settings::cloud(&bench.settings(&[]), &bench.configure_context());
    BlockSnapshot::new(cloud.map_err(|problems| format!("{problems:?}")).unwrap())
}

fn wanted(json: Json) -> Arguments {
    let mut whole = json!({ "volume_id": VOLUME });
    whole.as_object_mut().unwrap().extend(json.as_object().unwrap().clone());
    serde_json::from_value(whole).unwrap()
}

fn ordinary() -> Arguments {
    wanted(json!({ "name": "a", "description": "Daily", "metadata": { "k": "v" } }))
}

async fn try_make(
    bench: &Bench,
    block: &BlockSnapshot,
    arguments: Arguments,
) -> Result<Created<Object>, ProviderError> {
    let cx = bench.context();
    let intent = block.prepare(&cx, &arguments).await.unwrap();
    block.create(&cx, arguments, &intent).await
}

async fn make(bench: &Bench, block: &BlockSnapshot, arguments: Arguments) -> Object {
    match try_make(bench, block, arguments).await.unwrap() {
        Created::Ready(object) => object,
        Created::Tainted(_, error) => panic!("{error}"),
    }
}

/// What the vendor holds, past the provider.
fn record(bench: &Bench, id: &str) -> Json {
    let mut record = Json::Null;
    bench.host.edit("openstack", |store| record = store.get("snapshots", id).unwrap()).unwrap();
    record
}

fn living(bench: &Bench) -> usize {
    let mut count = 0;
    bench.host.edit("openstack", |store| count = store.all::<Json>("snapshots").len()).unwrap();
    count
}

fn loses_creates(request: &Request) -> bool {
    request.method == Method::Post && request.path() == SNAPSHOTS
}

#[tokio::test]
async fn an_object_is_made_read_and_deleted_and_its_mark_stays_hidden() {
    let bench = bench(&[]);
    let block = block(&bench);
    let handles = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&handles);
    let cx = bench.context().on_accepted(move |handle| {
        sink.lock().unwrap().push(handle);
        std::future::ready(Ok(()))
    });
    let intent = block.prepare(&cx, &ordinary()).await.unwrap();
    let marker = serde_json::to_value(&intent).unwrap()["marker"].clone();
    let Created::Ready(object) = block.create(&cx, ordinary(), &intent).await.unwrap() else {
        panic!("tainted")
    };
    assert_eq!(handles.lock().unwrap()[0]["id"], object.id.as_str());
    assert_eq!((object.status.as_deref(), object.size), (Some("available"), Some(10)));
    assert_eq!(object.created_at.unwrap().to_string(), "2026-11-20T13:30:04Z");
    assert_eq!(object.metadata, Some(BTreeMap::from([("k".to_owned(), "v".to_owned())])));
    let held = record(&bench, &object.id)["metadata"].clone();
    assert_eq!(held, json!({ "k": "v", MARKER: marker }));
    let reading = block.read(&cx, object.clone()).await.unwrap();
    assert_eq!(reading, Reading::Present(object.clone()));
    assert_eq!(block.delete(&cx, object.clone()).await.unwrap(), Deletion::Deleted);
    assert_eq!(block.read(&cx, object.clone()).await.unwrap(), Reading::Gone);
    assert_eq!(block.delete(&cx, object).await.unwrap(), Deletion::Deleted);
}

#[tokio::test]
async fn what_is_sent_is_what_the_vendor_documents() {
    let bench = bench(&[]);
    let block = block(&bench);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&seen);
    bench.lose(move |request: &Request| {
        if loses_creates(request) {
            assert!(request.header_value("OpenStack-API-Version").is_none());
            sink.lock().unwrap().push(serde_json::from_slice::<Json>(&request.body).unwrap());
        }
        false
    });
    make(&bench, &block, wanted(json!({ "name": "a", "force": true }))).await;
    make(&bench, &block, wanted(json!({ "description": "b", "metadata": { "k": "" } }))).await;
    let mut sent = seen.lock().unwrap().clone();
    for body in &mut sent {
        assert!(body["snapshot"]["metadata"].as_object_mut().unwrap().remove(MARKER).is_some());
    }
    let expected = [
        json!({ "volume_id": VOLUME, "name": "a", "metadata": {}, "force": true }),
        json!({ "volume_id": VOLUME, "description": "b", "metadata": { "k": "" } }),
    ];
    assert_eq!(sent, expected.map(|snapshot| json!({ "snapshot": snapshot })));
}

#[tokio::test]
async fn an_update_sends_just_what_changed() {
    let put = format!("PUT {SNAPSHOTS}/ID");
    let metadata = format!("PUT {SNAPSHOTS}/ID/metadata");
    let cases = [
        (json!({ "name": "b", "description": "Daily", "metadata": { "k": "v" } }), vec![&put]),
        (json!({ "name": "a", "metadata": { "k": "v" } }), vec![&put]),
        (json!({ "name": "a", "description": "Daily", "metadata": { "x": "y" } }), vec![&metadata]),
        (json!({ "name": "a", "description": "Daily" }), vec![&metadata]),
        (json!({ "metadata": { "k": "w" } }), vec![&put, &metadata]),
        (json!({ "name": "a", "description": "Daily", "metadata": { "k": "v" } }), vec![]),
    ];
    for (arguments, expected) in cases {
        let bench = bench(&[]);
        let block = block(&bench);
        let prior = make(&bench, &block, ordinary()).await;
        bench.requests();
        let cx = bench.context();
        let updated = block.update(&cx, prior.clone(), wanted(arguments.clone())).await.unwrap();
        let sent = bench.requests().into_iter().map(|line| line.replace(&prior.id, "ID"));
        let sent: Vec<_> = sent.filter(|line| line.starts_with("PUT")).collect();
        assert_eq!(sent.iter().collect::<Vec<_>>(), expected, "{arguments}");
        let text = |name: &str| arguments[name].as_str().map(str::to_owned);
        assert_eq!((&updated.name, &updated.description), (&text("name"), &text("description")));
        let wanted = arguments.get("metadata").cloned().unwrap_or_else(|| json!({}));
        assert_eq!(serde_json::to_value(&updated.metadata).unwrap(), wanted);
        let expected = Object { name: text("name"), description: text("description"), ..prior };
        assert_eq!(Object { metadata: expected.metadata.clone(), ..updated.clone() }, expected);
        assert_eq!(block.read(&cx, updated.clone()).await.unwrap(), Reading::Present(updated));
    }
}

#[tokio::test]
async fn an_update_whose_answer_is_lost_is_made_again() {
    let bench = bench(&[]);
    let block = block(&bench);
    let prior = make(&bench, &block, ordinary()).await;
    let lost = Arc::new(Mutex::new(2));
    bench.lose(move |request: &Request| {
        let mut left = lost.lock().unwrap();
        let loses = request.method == Method::Put && *left > 0;
        *left -= usize::from(loses);
        loses
    });
    let arguments = wanted(json!({ "name": "b", "metadata": { "x": "y" } }));
    let updated = block.update(&bench.context(), prior, arguments).await.unwrap();
    assert_eq!(updated.name.as_deref(), Some("b"));
    assert_eq!(record(&bench, &updated.id)["metadata"], json!({ "x": "y" }));
}

/// Lets a create be carried out without an answer, as when the connection breaks.
async fn lose(bench: &Bench, block: &BlockSnapshot) -> Intent {
    let cx = bench.context();
    let intent = block.prepare(&cx, &ordinary()).await.unwrap();
    bench.lose(loses_creates);
    let error = block.create(&cx, ordinary(), &intent).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::OutcomeUnknown);
    bench.lose_nothing();
    intent
}

#[tokio::test]
async fn a_lost_create_is_found_by_its_mark_among_equals() {
    let bench = bench(&[("page_maximum", 2)]);
    let block = block(&bench);
    let other = make(&bench, &block, ordinary()).await;
    let intent = lose(&bench, &block).await;
    for _ in 0..3 {
        make(&bench, &block, ordinary()).await;
    }
    let recovery = block.recover(&bench.context(), ordinary(), intent, None).await.unwrap();
    let Recovery::Found(object) = recovery else { panic!("{recovery:?}") };
    assert_ne!(object.id, other.id);
    assert_eq!((object.status.as_deref(), object.metadata), (Some("available"), other.metadata));
    assert_eq!(living(&bench), 5, "nothing was made a second time");
}

#[tokio::test]
async fn a_create_that_never_arrived_is_absent_after_a_second_look() {
    let bench = bench(&[]);
    let block = block(&bench);
    make(&bench, &block, ordinary()).await;
    let cx = bench.context();
    let intent = block.prepare(&cx, &ordinary()).await.unwrap();
    let before = bench.world.clock.now();
    let recovery = block.recover(&cx, ordinary(), intent, None).await.unwrap();
    assert_eq!(recovery, Recovery::Absent);
    assert!(bench.world.clock.now().since(before) >= Duration::from_secs(10));
}

#[tokio::test]
async fn one_mark_on_two_objects_is_left_to_a_person() {
    let bench = bench(&[]);
    let block = block(&bench);
    let cx = bench.context();
    let intent = block.prepare(&cx, &ordinary()).await.unwrap();
    for _ in 0..2 {
        block.create(&cx, ordinary(), &intent).await.unwrap();
    }
    let recovery = block.recover(&cx, ordinary(), intent, None).await.unwrap();
    assert!(matches!(recovery, Recovery::Uncertain(_)), "{recovery:?}");
}

#[tokio::test]
async fn an_accepted_create_is_recovered_by_its_id() {
    for (fails, tainted) in [(0, false), (1, true)] {
        let bench = bench(&[("creates_fail", fails)]);
        let block = block(&bench);
        let cx = bench.context();
        let intent = block.prepare(&cx, &ordinary()).await.unwrap();
        let handle = Arc::new(Mutex::new(None));
        let sink = Arc::clone(&handle);
        let dying = bench.context().on_accepted(move |json| {
            *sink.lock().unwrap() = Some(json);
            let died = ProviderError::new(ErrorKind::Journal, "journal", "The run died.");
            std::future::ready(Err(died))
        });
        let error = block.create(&dying, ordinary(), &intent).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::OutcomeUnknown);
        let handle = handle.lock().unwrap().take();
        let recovery = block.recover(&cx, ordinary(), intent, handle).await.unwrap();
        assert_eq!(matches!(recovery, Recovery::Tainted(..)), tainted, "{recovery:?}");
        assert_eq!(matches!(recovery, Recovery::Found(_)), !tainted, "{recovery:?}");
    }
}

#[tokio::test]
async fn a_failed_snapshot_is_tainted_with_the_reason_and_can_be_deleted() {
    let bench = bench(&[("creates_fail", 1)]);
    let block = block(&bench);
    let made = try_make(&bench, &block, ordinary()).await.unwrap();
    let Created::Tainted(object, error) = made else { panic!("not tainted") };
    assert_eq!((error.kind, object.status.as_deref()), (ErrorKind::Failed, Some("error")));
    assert!(error.message.contains("Snapshot failed to create."), "{error}");
    let reading = block.read(&bench.context(), object.clone()).await.unwrap();
    assert!(matches!(reading, Reading::Failed(..)), "{reading:?}");
    assert_eq!(block.delete(&bench.context(), object).await.unwrap(), Deletion::Deleted);
}

#[tokio::test]
async fn a_snapshot_that_takes_too_long_is_tainted_and_its_deletion_waits() {
    let bench = bench(&[("create_seconds", 3600)]);
    let block = block(&bench);
    let mut cx = bench.context();
    cx.timeouts.insert("create".to_owned(), Duration::from_secs(60));
    let intent = block.prepare(&cx, &ordinary()).await.unwrap();
    let made = block.create(&cx, ordinary(), &intent).await.unwrap();
    let Created::Tainted(object, error) = made else { panic!("not tainted") };
    assert_eq!(error.kind, ErrorKind::TimedOut);
    // A deletion is answered 400 until the snapshot is done.
    cx.timeouts.insert("delete".to_owned(), Duration::from_secs(7200));
    assert_eq!(block.delete(&cx, object).await.unwrap(), Deletion::Deleted);
}

#[tokio::test]
async fn deletions_that_fail_or_are_under_way_are_told_apart() {
    let stuck = bench(&[("deletes_fail", 1)]);
    let object = make(&stuck, &block(&stuck), ordinary()).await;
    for _ in 0..2 {
        let error = block(&stuck).delete(&stuck.context(), object.clone()).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Failed);
        assert!(error.message.contains("administrator"), "{error}");
    }
    let slow = bench(&[("delete_seconds", 60)]);
    let block = block(&slow);
    let object = make(&slow, &block, ordinary()).await;
    let mut impatient = slow.context();
    impatient.timeouts.insert("delete".to_owned(), Duration::from_secs(1));
    let error = block.delete(&impatient, object.clone()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::TimedOut);
    assert_eq!(block.read(&slow.context(), object.clone()).await.unwrap(), Reading::Gone);
    // The vendor refuses a second deletion; the first one is waited for.
    assert_eq!(block.delete(&slow.context(), object).await.unwrap(), Deletion::Deleted);
}

#[tokio::test]
async fn many_objects_are_read_with_as_many_requests_as_there_are_pages() {
    for (page, requests) in [(1000, 1), (4, 3)] {
        let bench = bench(&[("snapshot_quota", 0), ("page_maximum", page)]);
        let block = block(&bench);
        let mut objects = Vec::new();
        for _ in 0..8 {
            objects.push(make(&bench, &block, ordinary()).await);
        }
        bench.requests();
        let readings = block.read_many(&bench.context(), objects.clone()).await;
        let present = objects.into_iter().map(|object| Ok(Reading::Present(object)));
        assert_eq!(readings, present.collect::<Vec<_>>());
        // Two full pages have links, and the second one leads to an empty page.
        assert_eq!(bench.requests().len(), requests);
    }
}

#[tokio::test]
async fn one_that_is_gone_is_told_from_many() {
    let bench = bench(&[]);
    let block = block(&bench);
    let mut objects = Vec::new();
    for _ in 0..3 {
        objects.push(make(&bench, &block, ordinary()).await);
    }
    block.delete(&bench.context(), objects[1].clone()).await.unwrap();
    let readings = block.read_many(&bench.context(), objects.clone()).await;
    let gone = readings.iter().map(|reading| *reading == Ok(Reading::Gone)).collect::<Vec<_>>();
    assert_eq!(gone, [false, true, false]);
}

#[tokio::test]
async fn refusals_are_told_with_the_vendors_words() {
    let missing = "00000000-0000-4000-8000-0000000000aa";
    let attached = "00000000-0000-4000-8000-0000000000bb";
    let bench = bench(&[("snapshot_quota", 1)]);
    let edit = |store: &mut crate::sdk::emulator::Store| {
        store.put("volumes", missing, &json!({ "missing": true }));
        store.put("volumes", attached, &json!({ "status": "in-use" }));
    };
    bench.host.edit("openstack", edit).unwrap();
    let block = block(&bench);
    let of = |volume: &str, force: bool| wanted(json!({ "volume_id": volume, "force": force }));
    let cases = [
        (of(missing, false), ErrorKind::Refused, Some("volume_id"), "no such volume"),
        (of(attached, false), ErrorKind::Refused, Some("volume_id"), "current status is: in-use"),
    ];
    for (arguments, kind, attribute, words) in cases {
        bench.requests();
        let error = try_make(&bench, &block, arguments).await.unwrap_err();
        assert_eq!((error.kind, error.attribute.as_deref()), (kind, attribute), "{error}");
        assert!(error.message.contains(words) && error.help.is_some(), "{error}");
        let posts = bench.requests().into_iter().filter(|line| line.ends_with("/snapshots"));
        assert_eq!(posts.count(), 1, "a refusal is not sent again");
    }
    make(&bench, &block, of(attached, true)).await;
    let error = try_make(&bench, &block, of(VOLUME, false)).await.unwrap_err();
    assert_eq!((error.kind, error.status), (ErrorKind::Quota, Some(413)));
    assert!(error.message.contains("Maximum number of snapshots allowed (1)"), "{error}");
    assert_eq!(living(&bench), 1);
}

/// A wrong address answers 404 to everything; that must not look as if the snapshot were gone.
#[tokio::test]
async fn a_404_without_the_id_is_not_gone() {
    let bench = bench(&[]);
    let object = make(&bench, &block(&bench), ordinary()).await;
    let overrides = [("volumev3", Value::string("http://openstack.emulator/volume/v3/elsewhere"))];
    let mut entries = bench.settings(&[]).entries().unwrap().to_vec();
    entries.push(("endpoint_overrides".into(), Value::object(overrides)));
    let cloud = settings::cloud(&Value::object(entries), &bench.configure_context()).ok().unwrap();
    let lost = BlockSnapshot::new(cloud);
    let error = lost.read(&bench.context(), object.clone()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Refused);
    assert!(error.message.contains("address of the block storage service"), "{error}");
    let error = lost.delete(&bench.context(), object).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Refused);
    assert_eq!(living(&bench), 1);
}

#[tokio::test]
async fn a_cloud_without_block_storage_is_told() {
    let bench = bench(&[("block_storage", 0)]);
    let error = block(&bench).prepare(&bench.context(), &ordinary()).await.unwrap_err();
    assert!(error.message.contains("no public address of the block storage service"), "{error}");
    assert!(error.help.unwrap().contains("endpoint_overrides"));
}

#[tokio::test]
async fn both_services_hold_the_same_snapshot() {
    let bench = bench(&[]);
    let made = make(&bench, &block(&bench), ordinary()).await;
    let json = json!({
        "id": made.id, "region": null, "volume_id": null, "name": null, "description": null,
        "size": null, "status": null, "created_at": null,
    });
    let named: super::Object = serde_json::from_value(json).unwrap();
    let Reading::Present(seen) = provider(&bench).read(&bench.context(), named).await.unwrap()
    else {
        panic!("compute does not see it")
    };
    assert_eq!((&seen.name, &seen.created_at), (&made.name, &made.created_at));
    provider(&bench).delete(&bench.context(), seen).await.unwrap();
    let reading = block(&bench).read(&bench.context(), made).await.unwrap();
    assert_eq!(reading, Reading::Gone);
}

#[tokio::test]
async fn an_import_needs_no_more_than_the_id() {
    let bench = bench(&[]);
    let made = make(&bench, &block(&bench), ordinary()).await;
    let named = BlockSnapshot::imported(&made.id).unwrap();
    let reading = block(&bench).read(&bench.context(), named).await.unwrap();
    assert_eq!(reading, Reading::Present(made));
}

#[test]
fn the_documented_rules_are_checked_without_a_network() {
    let schema = BlockSnapshot::schema();
    let long = "a".repeat(256);
    let metadata = |key: &str, value: Value| {
        let entries = [(key.into(), value)];
        ("metadata", Value::map(crate::value::Type::String, entries))
    };
    let text = |text: &str| Value::string(text);
    let cases = [
        (("volume_id", text(VOLUME)), 0),
        (("volume_id", text(&VOLUME.to_uppercase())), 1),
        (("name", text(&long)), 1),
        (("description", text(" padded")), 1),
        (metadata("a-Z_0:. /", text("")), 0),
        (metadata(&long[1..], text(&long[1..])), 0),
        (metadata("", text("x")), 1),
        (metadata("ä", text("x")), 1),
        (metadata(&long, text("x")), 1),
        (metadata("x", text(&long)), 1),
        (metadata("x", Value::null(crate::value::Type::String)), 1),
        (metadata(MARKER, text("x")), 1),
    ];
    for ((name, value), expected) in cases {
        let found = schema.check_rules(&Value::object([(name, value.clone())]));
        let broken = found.iter().filter(|problem| problem.kind == ProblemKind::Rule).count();
        assert_eq!(broken, expected, "{name} = {value:?}: {found:?}");
    }
}

#[test]
fn the_ledger_tells_of_changes() {
    let bench = bench(&[]);
    let names = |ledger: Vec<LedgerEntry>| {
        ledger.into_iter().map(|entry| (entry.operation, entry.name)).collect::<Vec<_>>()
    };
    let token = document::token(&bench);
    let send = |method, path: &str, body: Json| {
        let request = bench.request(method, path).header("X-Auth-Token", &*token).json(&body);
        bench.raw(&request)
    };
    let body = json!({ "snapshot": { "volume_id": VOLUME, "name": "a" } });
    let (response, ledger) = send(Method::Post, SNAPSHOTS, body);
    assert_eq!(names(ledger), [(LedgerOperation::Create, Some("a".to_owned()))]);
    let body: Json = serde_json::from_slice(&response.body).unwrap();
    let id = body["snapshot"]["id"].as_str().unwrap();
    let renamed = json!({ "snapshot": { "name": "b" } });
    let (_, ledger) = send(Method::Put, &format!("{SNAPSHOTS}/{id}"), renamed);
    assert_eq!(names(ledger), [(LedgerOperation::Change, Some("b".to_owned()))]);
}
