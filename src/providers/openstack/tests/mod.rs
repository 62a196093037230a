//! The provider against its own emulator, and both against the user's document.

use std::sync::{Arc, Mutex};

use serde_json::{Value as Json, json};

use crate::providers::testing::Bench;
use crate::schema::ProblemKind;
use crate::sdk::emulator::LedgerOperation;
use crate::sdk::http::{Method, Request, Response};
use crate::sdk::{
    Created, Deletion, ErrorKind, Provider as _, ProviderError, Reading, Recovery, Resource as _,
    ResourceSpec,
};
use crate::value::Value;

use super::emulator::{CREDENTIAL_ID, CREDENTIAL_SECRET, OpenStackEmulator, PROJECT_ID};
use super::snapshot::{Arguments, Intent, Object, Snapshot};
use super::{PROVIDER, settings};

mod block_snapshot;
mod cinder;
mod clouds;
mod data;
mod document;
mod lists;
mod seed;

const VOLUME: &str = "521752a6-acf6-4b2d-bc7a-119f9148cd8c";

fn bench(knobs: &[(&str, u64)]) -> Bench {
    Bench::new(Arc::new(OpenStackEmulator), "2026-11-20T13:30:04.256944Z", knobs)
}

fn provider_with(bench: &Bench, changes: &[(&'static str, &str)]) -> Snapshot {
    let cloud = settings::cloud(&bench.settings(changes), &bench.configure_context());
    Snapshot::new(cloud.map_err(|problems| format!("{problems:?}")).unwrap())
}

fn provider(bench: &Bench) -> Snapshot {
    provider_with(bench, &[])
}

fn arguments(name: &str) -> Arguments {
    let json = json!({ "volume_id": VOLUME, "name": name, "description": "Daily backup" });
    serde_json::from_value(json).unwrap()
}

async fn create(bench: &Bench, snapshot: &Snapshot, name: &str) -> Object {
    let cx = bench.context();
    let intent = snapshot.prepare(&cx, &arguments(name)).await.unwrap();
    match snapshot.create(&cx, arguments(name), &intent).await.unwrap() {
        Created::Ready(object) => object,
        Created::Tainted(_, error) => panic!("{error}"),
    }
}

/// Lets a create be carried out without an answer, as when the connection breaks.
async fn lose_a_create(bench: &Bench, snapshot: &Snapshot, name: &str) -> Intent {
    let cx = bench.context();
    let intent = snapshot.prepare(&cx, &arguments(name)).await.unwrap();
    bench
        .lose(|request| request.method == Method::Post && request.path().ends_with("os-snapshots"));
    let error = snapshot.create(&cx, arguments(name), &intent).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::OutcomeUnknown);
    bench.lose_nothing();
    intent
}

#[tokio::test]
async fn an_object_is_created_read_and_deleted() {
    let bench = bench(&[]);
    let snapshot = provider(&bench);
    let handles = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&handles);
    let cx = bench.context().on_accepted(move |handle| {
        sink.lock().unwrap().push(handle);
        std::future::ready(Ok(()))
    });
    let intent = snapshot.prepare(&cx, &arguments("a")).await.unwrap();
    let Created::Ready(object) = snapshot.create(&cx, arguments("a"), &intent).await.unwrap()
    else {
        panic!("tainted")
    };
    assert_eq!(handles.lock().unwrap()[0]["id"], object.id.as_str());
    assert_eq!(object.status.as_deref(), Some("available"));
    assert_eq!(object.region.as_deref(), Some("RegionOne"));
    // The time of the create's answer has a fraction that no later answer has.
    assert_eq!(object.created_at.unwrap().to_string(), "2026-11-20T13:30:04Z");
    let reading = snapshot.read(&cx, object.clone()).await.unwrap();
    assert_eq!(reading, Reading::Present(object.clone()));
    assert_eq!(snapshot.delete(&cx, object.clone()).await.unwrap(), Deletion::Deleted);
    assert_eq!(snapshot.read(&cx, object.clone()).await.unwrap(), Reading::Gone);
    assert_eq!(snapshot.delete(&cx, object).await.unwrap(), Deletion::Deleted);
}

#[tokio::test]
async fn the_engine_sees_whole_objects() {
    let bench = bench(&[]);
    let configured =
        PROVIDER.configure(&bench.settings(&[]), &bench.configure_context()).ok().unwrap();
    let resource = &configured.resources[Snapshot::TYPE];
    let spec = ResourceSpec::of::<Snapshot>();
    let unknown = |name| (name, Value::unknown(spec.schema.attribute(name).unwrap().ty.clone()));
    let mut planned = vec![
        ("volume_id", Value::string(VOLUME)),
        ("name", Value::string("a")),
        ("description", Value::NULL),
        ("force", Value::TRUE),
    ];
    planned.extend(["region", "id", "size", "status", "created_at"].map(unknown));
    let planned = Value::object(planned);
    let cx = bench.context();
    let intent = resource.prepare(&cx, &planned).await.unwrap();
    let Created::Ready(object) = resource.create(&cx, &planned, &intent).await.unwrap() else {
        panic!("tainted")
    };
    assert!(object.is_wholly_known());
    assert_eq!(object.attribute("force"), Some(&Value::TRUE));
    assert_eq!(object.attribute("size"), Some(&Value::from(10)));
    let readings = resource.read_many(&cx, std::slice::from_ref(&object)).await;
    assert_eq!(readings[0], Ok(Reading::Present(object)));
}

#[tokio::test]
async fn a_failed_snapshot_is_tainted_and_can_be_deleted() {
    let bench = bench(&[("creates_fail", 1)]);
    let snapshot = provider(&bench);
    let cx = bench.context();
    let intent = snapshot.prepare(&cx, &arguments("a")).await.unwrap();
    let Created::Tainted(object, error) =
        snapshot.create(&cx, arguments("a"), &intent).await.unwrap()
    else {
        panic!("not tainted")
    };
    assert_eq!(error.kind, ErrorKind::Failed);
    assert_eq!(object.status.as_deref(), Some("error"));
    assert_eq!(snapshot.delete(&cx, object).await.unwrap(), Deletion::Deleted);
}

#[tokio::test]
async fn a_snapshot_that_takes_too_long_is_tainted() {
    let bench = bench(&[("create_seconds", 3600)]);
    let snapshot = provider(&bench);
    let mut cx = bench.context();
    cx.timeouts.insert("create".to_owned(), std::time::Duration::from_secs(60));
    let intent = snapshot.prepare(&cx, &arguments("a")).await.unwrap();
    let Created::Tainted(object, error) =
        snapshot.create(&cx, arguments("a"), &intent).await.unwrap()
    else {
        panic!("not tainted")
    };
    assert_eq!(error.kind, ErrorKind::TimedOut);
    // It cannot be deleted before it is done: the deletion waits for that.
    cx.timeouts.insert("delete".to_owned(), std::time::Duration::from_secs(7200));
    assert_eq!(snapshot.delete(&cx, object).await.unwrap(), Deletion::Deleted);
}

#[tokio::test]
async fn a_deletion_that_fails_is_explained() {
    let bench = bench(&[("deletes_fail", 1)]);
    let snapshot = provider(&bench);
    let object = create(&bench, &snapshot, "a").await;
    for _ in 0..2 {
        let error = snapshot.delete(&bench.context(), object.clone()).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Failed);
        assert!(error.message.contains("administrator"), "{error}");
    }
}

#[tokio::test]
async fn many_objects_are_read_with_one_list() {
    let bench = bench(&[("snapshot_quota", 0), ("page_maximum", 4)]);
    let snapshot = provider(&bench);
    let mut objects = Vec::new();
    for index in 0..6 {
        objects.push(create(&bench, &snapshot, &format!("s{index}")).await);
    }
    let cx = bench.context();
    snapshot.delete(&cx, objects[2].clone()).await.unwrap();
    bench.requests();
    let readings = snapshot.read_many(&cx, objects.clone()).await;
    // A full page, a shorter one that ends the list, and a look at the one that is not listed.
    assert_eq!(bench.requests().len(), 3);
    for (index, reading) in readings.into_iter().enumerate() {
        let expected =
            if index == 2 { Reading::Gone } else { Reading::Present(objects[index].clone()) };
        assert_eq!(reading.unwrap(), expected);
    }
}

#[tokio::test]
async fn a_lost_create_is_found_and_made_once() {
    let bench = bench(&[]);
    let snapshot = provider(&bench);
    create(&bench, &snapshot, "a").await;
    let intent = lose_a_create(&bench, &snapshot, "a").await;
    let recovery = snapshot.recover(&bench.context(), arguments("a"), intent, None).await.unwrap();
    let Recovery::Found(object) = recovery else { panic!("{recovery:?}") };
    assert_eq!(object.status.as_deref(), Some("available"));
}

#[tokio::test]
async fn a_create_that_never_arrived_is_absent() {
    let bench = bench(&[]);
    let snapshot = provider(&bench);
    create(&bench, &snapshot, "a").await;
    let cx = bench.context();
    let intent = snapshot.prepare(&cx, &arguments("a")).await.unwrap();
    let recovery = snapshot.recover(&cx, arguments("a"), intent, None).await.unwrap();
    assert_eq!(recovery, Recovery::Absent);
}

#[tokio::test]
async fn two_that_fit_are_uncertain() {
    let bench = bench(&[]);
    let snapshot = provider(&bench);
    let intent = lose_a_create(&bench, &snapshot, "a").await;
    create(&bench, &snapshot, "a").await;
    let recovery = snapshot.recover(&bench.context(), arguments("a"), intent, None).await.unwrap();
    assert!(matches!(recovery, Recovery::Uncertain(_)), "{recovery:?}");
}

#[tokio::test]
async fn a_snapshot_of_another_resource_is_never_adopted() {
    let bench = bench(&[]);
    let snapshot = provider(&bench);
    let cx = bench.context();
    let lost = snapshot.prepare(&cx, &arguments("a")).await.unwrap();
    let other = create(&bench, &snapshot, "a").await;
    let knowing = bench.context().claiming([other.id]);
    let recovery = snapshot.recover(&knowing, arguments("a"), lost, None).await.unwrap();
    assert_eq!(recovery, Recovery::Absent);
}

#[tokio::test]
async fn what_was_made_long_after_a_lost_create_is_not_adopted() {
    let bench = bench(&[]);
    let snapshot = provider(&bench);
    let cx = bench.context();
    let lost = snapshot.prepare(&cx, &arguments("a")).await.unwrap();
    bench.pass(2 * 3600).await;
    create(&bench, &snapshot, "a").await;
    let recovery = snapshot.recover(&cx, arguments("a"), lost, None).await.unwrap();
    assert!(matches!(recovery, Recovery::Uncertain(_)), "{recovery:?}");
}

/// A wrong address answers 404 to everything; that must not look as if the snapshot were gone.
#[tokio::test]
async fn a_wrong_address_does_not_make_an_accepted_create_absent() {
    let bench = bench(&[]);
    let snapshot = provider(&bench);
    let intent = lose_a_create(&bench, &snapshot, "a").await;
    let overrides = Value::object([("compute", Value::string("http://openstack.emulator/v9"))]);
    let settings = bench.settings(&[]);
    let entries = settings.entries().unwrap().iter().cloned();
    let entries = entries.chain([("endpoint_overrides".into(), overrides)]);
    let cloud = settings::cloud(&Value::object(entries), &bench.configure_context()).ok().unwrap();
    let lost = Snapshot::new(cloud);
    let handle = json!({ "id": "9af2914e-6e85-4fbe-8613-7e0bc0613b71", "region": null });
    let error = lost.recover(&bench.context(), arguments("a"), intent, Some(handle)).await;
    assert_eq!(error.unwrap_err().kind, ErrorKind::Refused);
}

#[tokio::test]
async fn an_accepted_create_is_recovered_by_its_id() {
    for (fails, tainted) in [(0, false), (1, true)] {
        let bench = bench(&[("creates_fail", fails)]);
        let snapshot = provider(&bench);
        let cx = bench.context();
        let intent = snapshot.prepare(&cx, &arguments("a")).await.unwrap();
        let handle = Arc::new(Mutex::new(None));
        let sink = Arc::clone(&handle);
        let dying = bench.context().on_accepted(move |json| {
            *sink.lock().unwrap() = Some(json);
            let died = ProviderError::new(ErrorKind::Journal, "journal", "The run died.");
            std::future::ready(Err(died))
        });
        let error = snapshot.create(&dying, arguments("a"), &intent).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::OutcomeUnknown);
        let handle = handle.lock().unwrap().take();
        let recovery = snapshot.recover(&cx, arguments("a"), intent, handle).await.unwrap();
        match recovery {
            Recovery::Found(_) => assert!(!tainted),
            Recovery::Tainted(..) => assert!(tainted),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn wrong_credentials_stop_at_once() {
    let bench = bench(&[]);
    let snapshot = provider_with(&bench, &[("password", "wrong-password")]);
    let error = snapshot.prepare(&bench.context(), &arguments("a")).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Credentials);
    assert!(!error.to_string().contains("wrong-password"));
    assert_eq!(bench.requests(), ["POST /v3/auth/tokens"]);
}

#[tokio::test]
async fn application_credentials_sign_in() {
    let bench = bench(&[]);
    let with = |id, secret| {
        let changes =
            [("application_credential_id", id), ("application_credential_secret", secret)];
        let removed = ["user_name", "password", "project_name"].map(|name| (name, ""));
        let settings = bench.settings(&[&changes[..], &removed[..]].concat());
        let entries = settings.entries().unwrap().iter().cloned().map(|(name, value)| {
            let absent = value.as_str() == Some("");
            (name, if absent { Value::NULL } else { value })
        });
        let settings = Value::object(entries.collect::<Vec<_>>());
        let cloud = settings::cloud(&settings, &bench.configure_context());
        Snapshot::new(cloud.map_err(|problems| format!("{problems:?}")).unwrap())
    };
    create(&bench, &with(CREDENTIAL_ID, CREDENTIAL_SECRET), "a").await;
    for (id, secret) in [(CREDENTIAL_ID, "no"), ("0123", CREDENTIAL_SECRET)] {
        let error = with(id, secret).prepare(&bench.context(), &arguments("a")).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Credentials, "{error}");
    }
}

#[tokio::test]
async fn a_token_that_ends_is_fetched_anew() {
    let bench = bench(&[("token_seconds", 600)]);
    let snapshot = provider(&bench);
    let object = create(&bench, &snapshot, "a").await;
    bench.pass(3600).await;
    bench.requests();
    snapshot.read(&bench.context(), object.clone()).await.unwrap();
    assert_eq!(bench.requests().len(), 2);
    // A token that was revoked looks alive until a service refuses it.
    bench
        .host
        .edit("openstack", |store| {
            for (id, _) in store.all::<Json>("tokens") {
                store.remove("tokens", &id);
            }
        })
        .unwrap();
    snapshot.read(&bench.context(), object).await.unwrap();
    assert_eq!(bench.requests().len(), 3);
}

#[tokio::test]
async fn a_token_of_the_second_of_a_revocation_is_not_the_last_one() {
    let bench = bench(&[]);
    let snapshot = provider(&bench);
    let object = create(&bench, &snapshot, "a").await;
    let now = bench.context().world.clock.now();
    bench.host.edit("openstack", |store| store.put("revoked", "tokens", &now)).unwrap();
    bench.requests();
    snapshot.read(&bench.context(), object).await.unwrap();
    assert_eq!(
        bench.requests().len(),
        5,
        "refused, refused with a fresh token, taken a second later"
    );
}

#[tokio::test]
async fn refusals_of_block_storage_are_told_apart() {
    let bench = bench(&[("snapshot_quota", 1)]);
    let missing = "00000000-0000-4000-8000-0000000000aa";
    let attached = "00000000-0000-4000-8000-0000000000bb";
    bench
        .host
        .edit("openstack", |store| {
            store.put("volumes", missing, &json!({ "missing": true }));
            store.put("volumes", attached, &json!({ "status": "in-use" }));
        })
        .unwrap();
    let snapshot = provider(&bench);
    let cx = bench.context();
    let try_create = async |volume: &str, force: bool| {
        let arguments: Arguments =
            serde_json::from_value(json!({ "volume_id": volume, "force": force })).unwrap();
        let intent = snapshot.prepare(&cx, &arguments).await.unwrap();
        bench.requests();
        snapshot.create(&cx, arguments, &intent).await
    };
    let error = try_create(missing, false).await.unwrap_err();
    assert_eq!((error.kind, error.attribute.as_deref()), (ErrorKind::Refused, Some("volume_id")));
    assert_eq!(error.code.as_deref(), Some("nova.exception.VolumeNotFound"));
    assert!(error.request_id.is_some_and(|id| id.starts_with("req-")));
    let error = try_create(attached, false).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Refused);
    assert_eq!(bench.requests().len(), 1, "a definite 500 is not sent again");
    try_create(attached, true).await.unwrap();
    let error = try_create(VOLUME, false).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Quota);
}

#[tokio::test]
async fn a_404_without_the_id_is_not_gone() {
    let bench = bench(&[]);
    let object = create(&bench, &provider(&bench), "a").await;
    let elsewhere = Value::object([(
        "compute",
        Value::string("http://openstack.emulator/v2.1/no-such-service"),
    )]);
    let settings = bench.settings(&[]);
    let mut entries = settings.entries().unwrap().to_vec();
    entries.push(("endpoint_overrides".into(), elsewhere));
    let cloud = settings::cloud(&Value::object(entries), &bench.configure_context()).ok().unwrap();
    let error = Snapshot::new(cloud).read(&bench.context(), object).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Refused);
}

#[tokio::test]
async fn requests_are_sent_again_as_often_as_is_wanted() {
    for (setting, expected) in [(None, 5), (Some("0"), 1), (Some("2"), 3)] {
        let bench = bench(&[]);
        let changes: Vec<_> = setting.map(|number| ("max_retries", number)).into_iter().collect();
        let snapshot = provider_with(&bench, &changes);
        let object = create(&bench, &snapshot, "a").await;
        bench.requests();
        bench.lose(|request| request.method == Method::Get);
        let error = snapshot.read(&bench.context(), object).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Unavailable);
        assert_eq!(bench.requests().len(), expected, "{setting:?}");
    }
}

#[tokio::test]
async fn an_unknown_region_names_the_known_ones() {
    let bench = bench(&[]);
    let snapshot = provider_with(&bench, &[("region", "Mars")]);
    let error = snapshot.prepare(&bench.context(), &arguments("a")).await.unwrap_err();
    assert!(error.help.unwrap().contains("RegionOne"));
}

#[test]
fn settings_problems_come_all_at_once() {
    let bench = bench(&[]);
    let problems =
        |value: &Value| settings::cloud(value, &bench.configure_context()).err().unwrap();
    let nothing = problems(&Value::object(Vec::<(&str, Value)>::new()));
    let missing: Vec<_> =
        nothing.iter().filter_map(|problem| problem.path.root_attribute()).collect();
    for name in ["auth_url", "user_name", "password", "user_domain_name", "project_name"] {
        assert!(missing.contains(&name), "{missing:?}");
    }
    let both = problems(&bench.settings(&[
        ("application_credential_id", CREDENTIAL_ID),
        ("application_credential_secret", CREDENTIAL_SECRET),
    ]));
    assert!(both.iter().any(|problem| problem.kind == ProblemKind::Combination));
    let insecure = problems(&bench.settings(&[("auth_url", "http://cloud.example/v3")]));
    assert_eq!(insecure[0].path.root_attribute(), Some("auth_url"));
}

#[test]
fn seed_004_the_documented_rules_are_checked_without_a_network() {
    let schema = Snapshot::schema();
    let problems = |name: &'static str, text: &str| {
        schema
            .check_rules(&Value::object([(name, Value::string(text))]))
            .iter()
            .filter(|problem| problem.kind == ProblemKind::Rule)
            .count()
    };
    assert_eq!(problems("volume_id", VOLUME), 0);
    assert_eq!(problems("volume_id", &VOLUME.to_uppercase()), 1);
    assert_eq!(problems("volume_id", "12"), 1);
    assert_eq!(problems("name", &"ä".repeat(255)), 0);
    assert_eq!(problems("name", &"a".repeat(256)), 1);
    assert_eq!(problems("description", " padded"), 1);
}
