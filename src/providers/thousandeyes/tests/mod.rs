//! The provider against its own emulator, and both against the user's document.

use std::sync::{Arc, Mutex};

use serde_json::{Value as Json, json};

use crate::providers::testing::Bench;
use crate::schema::ProblemKind;
use crate::sdk::http::{Method, Response};
use crate::sdk::{
    Created, Deletion, ErrorKind, Provider as _, ProviderError, Reading, Recovery, Resource as _,
    ResourceSpec,
};
use crate::value::Value;
use crate::world::Timestamp;

use super::arguments::Arguments;
use super::emulator::{EMAIL, TOKEN, ThousandEyesEmulator};
use super::snapshot::{Intent, Object, Snapshot};
use super::{PROVIDER, settings};

mod data;
mod deletion;
mod document;
mod import;
mod range;
mod seed;
mod successor;

const START: &str = "2018-10-19T03:02:01Z";

fn bench(knobs: &[(&str, u64)]) -> Bench {
    Bench::new(Arc::new(ThousandEyesEmulator), START, knobs)
}

fn configured(bench: &Bench, settings: &Value) -> Snapshot {
    let organization = settings::organization(settings, &bench.configure_context());
    let (api, quota) = organization.map_err(|problems| format!("{problems:?}")).unwrap();
    Snapshot::new(api, quota)
}

fn provider_with(bench: &Bench, changes: &[(&'static str, &str)]) -> Snapshot {
    configured(bench, &bench.settings(changes))
}

fn provider(bench: &Bench) -> Snapshot {
    provider_with(bench, &[])
}

/// Settings for the other way to sign in.
fn basic(bench: &Bench, token: &str) -> Snapshot {
    let settings = bench.settings(&[("email", EMAIL), ("auth_token", token)]);
    let entries = settings.entries().unwrap().iter().filter(|(name, _)| &**name != "bearer_token");
    let settings = Value::object(entries.cloned().collect::<Vec<_>>());
    configured(bench, &settings)
}

fn arguments_of(name: &str, public: bool) -> Arguments {
    serde_json::from_value(json!({
        "test_id": "19955",
        "display_name": name,
        "from": "2018-10-06T00:00:00",
        "to": "2018-10-06T01:00:00Z",
        "public": public,
    }))
    .unwrap()
}

fn private(name: &str) -> Arguments {
    arguments_of(name, false)
}

fn public(name: &str) -> Arguments {
    arguments_of(name, true)
}

async fn create(
    bench: &Bench,
    snapshot: &Snapshot,
    arguments: Arguments,
) -> Result<Object, ProviderError> {
    let cx = bench.context();
    let intent = snapshot.prepare(&cx, &arguments).await?;
    match snapshot.create(&cx, arguments, &intent).await? {
        Created::Ready(object) => Ok(object),
        Created::Tainted(_, error) => Err(error),
    }
}

/// Lets a create be carried out without an answer, as when the connection breaks.
async fn lose_a_create(bench: &Bench, snapshot: &Snapshot, arguments: Arguments) -> Intent {
    let cx = bench.context();
    let intent = snapshot.prepare(&cx, &arguments).await.unwrap();
    bench.lose(|request| request.method == Method::Post);
    let error = snapshot.create(&cx, arguments, &intent).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::OutcomeUnknown);
    bench.lose_nothing();
    intent
}

#[tokio::test]
async fn a_private_snapshot_is_created_and_read_from_the_list_of_tests() {
    for version in ["v6", "v7"] {
        let bench = bench(&[]);
        let snapshot = provider_with(&bench, &[("api_version", version)]);
        let object = create(&bench, &snapshot, private("outage")).await.unwrap();
        assert_eq!(object.id, "58856");
        assert_eq!(object.source_test_id.as_deref(), Some("19955"));
        assert_eq!(object.link_id.as_deref(), Some("wdiac"));
        let url = "https://wdiac.share.thousandeyes.com/view/tests/";
        assert_eq!(object.view_url.as_deref(), Some(url));
        assert_eq!(object.to.as_deref(), Some("2018-10-06T01:00:00Z"));
        let share_date = object.share_date.unwrap();
        assert_eq!(object.expires_at.unwrap().since(share_date).as_secs(), 30 * 24 * 3600);
        let reading = snapshot.read(&bench.context(), object.clone()).await.unwrap();
        assert_eq!(reading, Reading::Present(object), "{version}");
    }
}

#[tokio::test]
async fn the_engine_sees_whole_objects() {
    let bench = bench(&[]);
    let configured =
        PROVIDER.configure(&bench.settings(&[]), &bench.configure_context()).ok().unwrap();
    let resource = &configured.resources[Snapshot::TYPE];
    let spec = ResourceSpec::of::<Snapshot>();
    let attributes = spec.schema.attributes.iter().map(|attribute| {
        let value = match attribute.name {
            "test_id" => Value::string("19955"),
            "display_name" => Value::string("outage"),
            "from" => Value::string("2018-10-06 00:00:00"),
            "duration_hours" => Value::from(2),
            "public" => Value::FALSE,
            "account_group_id" | "on_unknown_outcome" | "mark_title" => Value::NULL,
            _ => Value::unknown(attribute.ty.clone()),
        };
        (attribute.name, value)
    });
    let planned = Value::object(attributes.collect::<Vec<_>>());
    let cx = bench.context();
    let intent = resource.prepare(&cx, &planned).await.unwrap();
    let Created::Ready(object) = resource.create(&cx, &planned, &intent).await.unwrap() else {
        panic!("tainted")
    };
    assert!(object.is_wholly_known());
    assert_eq!(object.attribute("to"), Some(&Value::string("2018-10-06T02:00:00Z")));
    assert_eq!(object.attribute("from"), Some(&Value::string("2018-10-06 00:00:00")));
    assert_eq!(object.attribute("end_round_id"), Some(&Value::from(1_538_791_200)));
    let readings = resource.read_many(&cx, std::slice::from_ref(&object)).await;
    assert_eq!(readings[0], Ok(Reading::Present(object)));
}

#[tokio::test]
async fn the_handle_is_the_whole_object_and_recovery_needs_no_network() {
    let bench = bench(&[]);
    let snapshot = provider(&bench);
    let handles = Arc::new(Mutex::new(None));
    let sink = Arc::clone(&handles);
    let cx = bench.context().on_accepted(move |handle| {
        *sink.lock().unwrap() = Some(handle);
        let full = ProviderError::new(ErrorKind::Journal, "journal", "The disk is full.");
        std::future::ready(Err(full))
    });
    let intent = snapshot.prepare(&cx, &public("outage")).await.unwrap();
    // A note that cannot be written does not lose the object that is in hand.
    assert!(matches!(
        snapshot.create(&cx, public("outage"), &intent).await.unwrap(),
        Created::Ready(_)
    ));
    bench.requests();
    let handle = handles.lock().unwrap().take();
    let recovery = snapshot.recover(&cx, public("outage"), intent, handle).await.unwrap();
    let Recovery::Found(object) = recovery else { panic!("{recovery:?}") };
    assert_eq!(object.link_id.as_deref(), Some("wdiac"));
    assert!(bench.requests().is_empty());
}

#[tokio::test]
async fn a_public_snapshot_cannot_be_verified_and_expires() {
    let bench = bench(&[]);
    let snapshot = provider(&bench);
    let object = create(&bench, &snapshot, public("outage")).await.unwrap();
    bench.requests();
    let cx = bench.context();
    let reading = snapshot.read(&cx, object.clone()).await.unwrap();
    assert!(matches!(reading, Reading::NotVerifiable(kept, _) if kept == object));
    bench.pass(30 * 24 * 3600).await;
    assert_eq!(snapshot.read(&cx, object.clone()).await.unwrap(), Reading::Expired);
    assert_eq!(snapshot.delete(&cx, object).await.unwrap(), Deletion::Deleted);
    assert!(bench.requests().is_empty());
}

#[tokio::test]
async fn a_private_snapshot_expires_unless_the_list_still_shows_it() {
    for (life_days, expected_present) in [(30, false), (60, true)] {
        let bench = bench(&[("life_days", life_days)]);
        let snapshot = provider(&bench);
        let object = create(&bench, &snapshot, private("outage")).await.unwrap();
        bench.pass(31 * 24 * 3600).await;
        let reading = snapshot.read(&bench.context(), object.clone()).await.unwrap();
        let expected = if expected_present { Reading::Present(object) } else { Reading::Expired };
        assert_eq!(reading, expected);
    }
}

#[tokio::test]
async fn a_snapshot_that_was_removed_by_hand_is_gone() {
    let bench = bench(&[]);
    let snapshot = provider(&bench);
    let object = create(&bench, &snapshot, private("outage")).await.unwrap();
    bench.host.edit("thousandeyes", |store| store.remove("snapshots", "58856")).unwrap();
    let cx = bench.context();
    let reading = snapshot.read(&cx, object.clone()).await.unwrap();
    assert!(matches!(reading, Reading::NotVerifiable(..)), "too young to tell: {reading:?}");
    bench.pass(120).await;
    assert_eq!(snapshot.read(&cx, object).await.unwrap(), Reading::Gone);
}

#[tokio::test]
async fn deleting_says_what_stays() {
    let bench = bench(&[]);
    let snapshot = provider(&bench);
    for (arguments, words) in [
        (private("outage"), "stays in its account group until about 2018-11-18T03:02:01Z"),
        (public("outage"), "anyone who has its link can read it until about 2018-11-18T03:02:01Z"),
    ] {
        let object = create(&bench, &snapshot, arguments).await.unwrap();
        let link_id = object.link_id.clone().unwrap();
        let deletion = snapshot.delete(&bench.context(), object).await.unwrap();
        let Deletion::Impossible(said) = deletion else { panic!("{deletion:?}") };
        assert!(said.contains(words), "{said}");
        assert!(!said.contains(&link_id), "{said}");
    }
}

#[tokio::test]
async fn one_list_serves_all_objects() {
    let bench = bench(&[]);
    let snapshot = provider(&bench);
    let mut objects = Vec::new();
    for index in 0..4 {
        let name = format!("outage {index}");
        objects.push(create(&bench, &snapshot, private(&name)).await.unwrap());
    }
    objects.push(create(&bench, &snapshot, public("shared")).await.unwrap());
    bench.requests();
    let readings = snapshot.read_many(&bench.context(), objects.clone()).await;
    assert_eq!(bench.requests(), ["GET /v6/tests.json"]);
    for (reading, object) in readings.into_iter().zip(objects).take(4) {
        assert_eq!(reading.unwrap(), Reading::Present(object));
    }
}

#[tokio::test]
async fn the_quota_is_kept_without_asking_the_vendor() {
    let bench = bench(&[("create_quota", 1000)]);
    let snapshot = provider(&bench);
    for index in 0..10 {
        create(&bench, &snapshot, private(&format!("outage {index}"))).await.unwrap();
    }
    bench.requests();
    let error = create(&bench, &snapshot, private("one more")).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Quota);
    assert!(!bench.requests().iter().any(|request| request.starts_with("POST")));
    bench.pass(3600).await;
    create(&bench, &snapshot, private("one more")).await.unwrap();
}

#[tokio::test]
async fn snapshots_in_state_count_against_the_quota() {
    let bench = bench(&[]);
    let first = provider(&bench);
    let mut objects = Vec::new();
    for index in 0..10 {
        let name = format!("outage {index}");
        objects.push(create(&bench, &first, private(&name)).await.unwrap());
    }
    let second = provider(&bench);
    second.read_many(&bench.context(), objects).await;
    bench.requests();
    let error = create(&bench, &second, private("one more")).await.unwrap_err();
    assert_eq!((error.kind, error.status), (ErrorKind::Quota, None));
}

#[tokio::test]
async fn a_create_waits_for_the_quota_where_that_is_wanted() {
    let bench = bench(&[]);
    let start = bench.world.clock.now();
    let waiting = [("wait_for_quota", "true")];
    let snapshot = provider_with(&bench, &waiting);
    // Somebody else uses the quota too.
    for index in 0..3 {
        create(&bench, &provider(&bench), public(&format!("other {index}"))).await.unwrap();
    }
    for index in 0..12 {
        create(&bench, &snapshot, private(&format!("outage {index}"))).await.unwrap();
    }
    let hours = bench.world.clock.now().since(start).as_secs() / 3600;
    assert_eq!(hours, 1);
}

#[tokio::test]
async fn a_quota_that_others_used_up_is_an_error() {
    for status in [429, 400] {
        let bench = bench(&[("create_quota", 0), ("create_quota_status", status)]);
        let error = create(&bench, &provider(&bench), private("outage")).await.unwrap_err();
        let expected = if status == 429 { ErrorKind::Quota } else { ErrorKind::Refused };
        assert_eq!(error.kind, expected);
        let posts = bench.requests().iter().filter(|line| line.starts_with("POST")).count();
        assert_eq!(posts, 1);
    }
}

#[tokio::test]
async fn the_rate_limit_is_waited_for() {
    let bench = bench(&[("rate_limit", 3)]);
    let snapshot = provider(&bench);
    let start = bench.world.clock.now();
    for index in 0..4 {
        create(&bench, &snapshot, public(&format!("outage {index}"))).await.unwrap();
    }
    let waited = bench.world.clock.now().since(start).as_secs();
    assert!((55..=65).contains(&waited), "{waited}");
}

#[tokio::test]
async fn a_lost_private_create_is_found_without_its_link() {
    for lag in [0, 30] {
        let bench = bench(&[("list_lag_seconds", lag)]);
        let snapshot = basic(&bench, TOKEN);
        let intent = lose_a_create(&bench, &snapshot, private("outage")).await;
        let cx = bench.context();
        let recovery = snapshot.recover(&cx, private("outage"), intent, None).await.unwrap();
        let Recovery::Found(object) = recovery else { panic!("{recovery:?}") };
        assert_eq!(object.snapshot_test_id.as_deref(), Some("58856"));
        assert_eq!(object.link_id, None);
        assert_eq!(snapshot.read(&cx, object.clone()).await.unwrap(), Reading::Present(object));
    }
}

#[tokio::test]
async fn a_saved_event_of_another_resource_or_time_is_not_adopted() {
    let bench = bench(&[]);
    let snapshot = provider(&bench);
    let cx = bench.context();
    let intent = snapshot.prepare(&cx, &private("outage")).await.unwrap();
    bench.pass(26 * 3600).await;
    let other = create(&bench, &snapshot, private("outage")).await.unwrap();
    let knowing = bench.context().claiming([other.id]);
    let recover = |cx, intent| snapshot.recover(cx, private("outage"), intent, None);
    assert_eq!(recover(&knowing, intent.clone()).await.unwrap(), Recovery::Absent);
    let recovery = recover(&cx, intent).await.unwrap();
    assert!(matches!(recovery, Recovery::Uncertain(_)), "{recovery:?}");
}

#[tokio::test]
async fn a_private_create_that_never_arrived_is_absent() {
    let bench = bench(&[]);
    let snapshot = provider(&bench);
    create(&bench, &snapshot, private("outage")).await.unwrap();
    bench.pass(60).await;
    let cx = bench.context();
    let intent = snapshot.prepare(&cx, &private("outage")).await.unwrap();
    let recovery = snapshot.recover(&cx, private("outage"), intent, None).await.unwrap();
    assert_eq!(recovery, Recovery::Absent);
}

#[tokio::test]
async fn what_cannot_be_known_is_uncertain() {
    let bench = bench(&[]);
    let snapshot = provider(&bench);
    let intent = lose_a_create(&bench, &snapshot, private("outage")).await;
    create(&bench, &snapshot, private("outage")).await.unwrap();
    let cx = bench.context();
    let several = snapshot.recover(&cx, private("outage"), intent, None).await.unwrap();
    assert!(matches!(several, Recovery::Uncertain(_)), "{several:?}");
    let intent = lose_a_create(&bench, &snapshot, public("shared")).await;
    let unseen = snapshot.recover(&cx, public("shared"), intent, None).await.unwrap();
    assert!(matches!(unseen, Recovery::Uncertain(_)), "{unseen:?}");
}

#[tokio::test]
async fn refused_credentials_stop_everything() {
    let bench = bench(&[]);
    let snapshot = basic(&bench, "wrong-token");
    for _ in 0..3 {
        let error = create(&bench, &snapshot, public("outage")).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Credentials);
        assert!(!error.to_string().contains("wrong-token"));
    }
    assert_eq!(bench.requests(), ["POST /v6/snapshot.json"]);
}

#[tokio::test]
async fn the_vendors_reason_reaches_people() {
    let bench = bench(&[]);
    bench
        .host
        .edit("thousandeyes", |store| store.put("tests", "19955", &json!({ "missing": true })))
        .unwrap();
    for version in ["v6", "v7"] {
        let snapshot = provider_with(&bench, &[("api_version", version)]);
        let error = create(&bench, &snapshot, private("outage")).await.unwrap_err();
        assert_eq!((error.kind, error.status), (ErrorKind::Refused, Some(400)));
        assert!(error.message.contains("no such test"), "{error}");
    }
}

#[test]
fn settings_problems_come_all_at_once() {
    let bench = bench(&[]);
    let problems = |value: &Value| {
        let problems = settings::organization(value, &bench.configure_context()).err().unwrap();
        let names = problems.iter().filter_map(|problem| problem.path.root_attribute());
        names.map(str::to_owned).collect::<Vec<_>>()
    };
    let nothing = problems(&Value::object(Vec::<(&str, Value)>::new()));
    assert_eq!(nothing, ["email", "auth_token"]);
    let window = problems(&bench.settings(&[("create_quota_window", "soon"), ("email", EMAIL)]));
    assert_eq!(window, ["create_quota_window", "bearer_token"]);
}
