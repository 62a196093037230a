//! What is looked up: tests and saved events.

use crate::schema::Attribute;
use crate::sdk::DataSource;
use crate::sdk::DynDataSource;
use crate::value::{from_value, to_value};

use super::super::data;
use super::*;

/// What the engine would hand over: the arguments, defaults, and nulls.
fn whole<D: DataSource>(given: &Json) -> Value {
    let entries = D::schema().attributes.into_iter().map(|attribute: Attribute| {
        let given = given.get(attribute.name).map(|json| to_value(json, &attribute.ty).unwrap());
        let value = given.or(attribute.default).unwrap_or_else(|| Value::null(attribute.ty));
        (attribute.name, value)
    });
    Value::object(entries.collect::<Vec<_>>())
}

fn source<D: DataSource>(bench: &Bench, version: &str) -> Arc<dyn DynDataSource> {
    let settings = bench.settings(&[("api_version", version)]);
    let configured = PROVIDER.configure(&settings, &bench.configure_context()).unwrap();
    Arc::clone(&configured.data[D::TYPE])
}

async fn look<D: DataSource>(
    bench: &Bench,
    version: &str,
    given: Json,
) -> Result<Json, ProviderError> {
    let found = source::<D>(bench, version).read(&bench.context(), &whole::<D>(&given)).await?;
    assert!(found.is_wholly_known());
    assert_eq!(found.ty(), D::schema().object_type());
    Ok(from_value(&found).unwrap())
}

fn put(bench: &Bench, id: &str, record: Json) {
    bench.host.edit("thousandeyes", |store| store.put("tests", id, &record)).unwrap();
}

/// Two tests of one name, one that differs in case, and a saved event of the same name.
fn world() -> Bench {
    let bench = bench(&[("tests", 0)]);
    put(&bench, "9", json!({ "testName": "checkout" }));
    put(&bench, "10", json!({ "testName": "checkout", "type": "page-load" }));
    put(&bench, "11", json!({ "testName": "Search" }));
    put(&bench, "12", json!({ "testName": "checkout", "savedEvent": 1 }));
    bench
}

#[tokio::test]
async fn a_test_is_looked_up_by_number_or_by_name() {
    let bench = world();
    for version in ["v6", "v7"] {
        for (given, id) in [
            (json!({ "test_id": "9" }), "9"),
            (json!({ "name": "Search" }), "11"),
            (json!({ "name": "checkout", "type": "page-load" }), "10"),
        ] {
            let found = look::<data::Test>(&bench, version, given.clone()).await.unwrap();
            assert_eq!((&found["id"], &found["test_id"]), (&json!(id), &json!(id)), "{given}");
            assert_eq!((&found["enabled"], &found["saved_event"]), (&json!(true), &json!(false)));
            assert_eq!(found["interval_seconds"], 300);
            assert_eq!(found["created_at"], "2017-07-14T02:40:00Z");
            assert_eq!(found["created_by"], format!("Rehearsal ({EMAIL})"));
        }
        let saved = look::<data::Test>(&bench, version, json!({ "test_id": "12" })).await.unwrap();
        assert_eq!(saved["saved_event"], true);
    }
}

#[tokio::test]
async fn none_and_several_tests_are_errors_that_name_the_candidates() {
    let bench = world();
    put(&bench, "7", json!({ "missing": true }));
    for (given, argument, kind, words) in [
        (
            json!({ "name": "checkout" }),
            "name",
            ErrorKind::NotOne,
            "Several tests are named `checkout`: `checkout` (http-server, number 9) and `checkout` (page-load, number 10).",
        ),
        (
            json!({ "name": "search" }),
            "name",
            ErrorKind::NotOne,
            "There is no test named `search`. Nearly so: `Search` (http-server, number 11).",
        ),
        (
            json!({ "name": "login" }),
            "name",
            ErrorKind::NotOne,
            "The account group has `checkout` (http-server, number 9)",
        ),
        (
            json!({ "name": "Search", "type": "page-load" }),
            "name",
            ErrorKind::NotOne,
            "of type `page-load`",
        ),
        (json!({ "test_id": "7" }), "test_id", ErrorKind::NotOne, "with the number `7`"),
    ] {
        let error = look::<data::Test>(&bench, "v6", given.clone()).await.unwrap_err();
        assert_eq!((error.kind, error.attribute.as_deref()), (kind, Some(argument)), "{given}");
        assert!(error.message.contains(words), "{error}");
        assert!(error.help.is_some());
    }
    let nothing = self::bench(&[("tests", 0)]);
    let error = look::<data::Test>(&nothing, "v6", json!({ "name": "x" })).await.unwrap_err();
    assert!(error.message.ends_with("The account group shows no tests."), "{error}");
    let many = self::bench(&[("tests", 8)]);
    let error = look::<data::Test>(&many, "v6", json!({ "name": "x" })).await.unwrap_err();
    assert!(error.message.ends_with("number 19959) and 3 more."), "{error}");
}

#[tokio::test]
async fn saved_events_are_listed_oldest_first_and_filtered() {
    for version in ["v6", "v7"] {
        let bench = bench(&[]);
        put(&bench, "20000", json!({ "type": "page-load" }));
        let snapshot = provider(&bench);
        for (index, name) in ["outage b", "outage a", "noise"].into_iter().enumerate() {
            bench.pass(60).await;
            let json = json!({
                "test_id": if index == 1 { "20000" } else { "19955" }, "display_name": name,
                "from": "2018-10-06T00:00:00", "duration_hours": 1,
            });
            let arguments = serde_json::from_value(json).unwrap();
            create(&bench, &snapshot, arguments).await.unwrap();
        }
        create(&bench, &snapshot, public("outage shared")).await.unwrap();
        put(&bench, "30000", json!({ "savedEvent": 1, "createdBy": "Ops (Ops@example.test)" }));
        for (given, expected) in [
            (json!({}), &["30000", "58856", "58857", "58858"][..]),
            (json!({ "name_prefix": "outage" }), &["58856", "58857"]),
            (json!({ "name": "outage" }), &[]),
            (json!({ "name": "noise" }), &["58858"]),
            (json!({ "created_by": "OPS@example" }), &["30000"]),
            (json!({ "created_by": "rehearsal" }), &["58856", "58857", "58858"]),
            (json!({ "type": "page-load" }), &["58857"]),
            (json!({ "most_recent": true }), &["58858"]),
            (json!({ "most_recent": true, "name_prefix": "outage" }), &["58857"]),
            (json!({ "most_recent": true, "name": "none" }), &[]),
        ] {
            let found = look::<data::SavedEvents>(&bench, version, given.clone()).await.unwrap();
            assert_eq!(found["ids"], json!(expected), "{given}");
            let ids = found["events"].as_array().unwrap().iter().map(|event| &event["id"]);
            assert_eq!(ids.collect::<Vec<_>>(), expected, "{given}");
        }
        let given = json!({ "name": "noise" });
        let found = look::<data::SavedEvents>(&bench, version, given).await.unwrap();
        assert_eq!(
            found["events"],
            json!([{
                "id": "58858", "name": "noise", "type": "http-server",
                "created_at": "2018-10-19T03:05:01Z", "expires_at": "2018-11-18T03:05:01Z",
                "created_by": format!("Rehearsal ({EMAIL})"),
            }])
        );
    }
}

#[tokio::test]
async fn all_reads_of_a_run_share_one_list_of_each_account_group() {
    let bench = world();
    let settings = bench.settings(&[]);
    let configured = PROVIDER.configure(&settings, &bench.configure_context()).unwrap();
    let (test, events) =
        (&configured.data["thousandeyes_test"], &configured.data["thousandeyes_saved_events"]);
    let cx = bench.context();
    let asks = |group: Option<u64>| json!({ "name": "Search", "account_group_id": group });
    let (own, other) = (whole::<data::Test>(&asks(None)), whole::<data::Test>(&asks(Some(11))));
    let all = whole::<data::SavedEvents>(&json!({}));
    for _ in 0..3 {
        test.read(&cx, &own).await.unwrap();
        events.read(&cx, &all).await.unwrap();
        test.read(&cx, &other).await.unwrap();
    }
    assert_eq!(bench.requests(), ["GET /v6/tests.json"; 2]);
    // What is made meanwhile is in the next list, and so is what others made a while ago.
    let found = |found: Value| from_value::<Json>(&found).unwrap()["ids"].as_array().unwrap().len();
    assert_eq!(found(events.read(&cx, &all).await.unwrap()), 1);
    let resource = &configured.resources[Snapshot::TYPE];
    let mut planned = json!({
        "test_id": "9", "display_name": "x", "from": "2018-10-06T00:00:00", "duration_hours": 1, "public": false,
    });
    for attribute in Snapshot::schema().attributes {
        planned.as_object_mut().unwrap().entry(attribute.name).or_insert(Json::Null);
    }
    let planned = to_value(&planned, &Snapshot::schema().object_type()).unwrap();
    let intent = resource.prepare(&cx, &planned).await.unwrap();
    resource.create(&cx, &planned, &intent).await.unwrap();
    assert_eq!(found(events.read(&cx, &all).await.unwrap()), 2);
    put(&bench, "13", json!({ "savedEvent": 1 }));
    bench.pass(31).await;
    assert_eq!(found(events.read(&cx, &all).await.unwrap()), 3);
}

#[tokio::test]
async fn a_number_that_the_list_lacks_is_asked_for_in_v6() {
    let bench = world();
    let given = || json!({ "test_id": "31337" });
    let found = look::<data::Test>(&bench, "v6", given()).await.unwrap();
    assert_eq!((&found["id"], &found["name"]), (&json!("31337"), &json!("test 31337")));
    assert_eq!(bench.requests(), ["GET /v6/tests.json", "GET /v6/tests/31337.json"]);
    let error = look::<data::Test>(&bench, "v7", given()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotOne);
    assert_eq!(bench.requests(), ["GET /v7/tests"]);
    // The test that carries a share link shows nowhere.
    let shared = create(&bench, &provider(&bench), public("shared")).await.unwrap();
    let error =
        look::<data::Test>(&bench, "v6", json!({ "test_id": shared.id })).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotOne);
}

#[test]
fn a_test_is_named_in_one_way() {
    let count = |entries: &[(&'static str, Value)]| {
        data::Test::validate(&Value::object(entries.iter().cloned())).len()
    };
    let (id, name) = (("test_id", Value::string("9")), ("name", Value::string("checkout")));
    assert_eq!(count(&[]), 1);
    assert_eq!(count(&[id.clone(), name.clone()]), 1);
    assert_eq!((count(&[id]), count(&[name])), (0, 0));
    assert_eq!(count(&[("name", Value::unknown(crate::value::Type::String))]), 0);
    let schema = data::Test::schema();
    for (name, text) in [("test_id", "x"), ("name", "")] {
        let problems = schema.check_rules(&Value::object([(name, Value::string(text))]));
        assert_eq!(problems.len(), 1, "{name}");
    }
}
