//! The emulator's answers to raw requests, and both sides against the user's document.

use std::collections::BTreeMap;

use super::super::fault::Fault;
use super::super::wire::{One, WireSnapshot};
use super::*;

const SEED: &str = r#"{
        "snapshot": {
            "display_name": "snap-001",
            "display_description": "Daily backup",
            "volume_id": "521752a6-acf6-4b2d-bc7a-119f9148cd8c",
            "force": false
        }
    }
"#;

pub(super) fn token(bench: &Bench) -> String {
    let body = json!({ "auth": {
        "identity": { "methods": ["password"], "password": { "user": {
            "name": "rehearsal", "domain": { "name": "Default" }, "password": "rehearsal-password",
        } } },
        "scope": { "project": { "id": PROJECT_ID } },
    } });
    let (response, _) = bench.raw(&bench.request(Method::Post, "/v3/auth/tokens").json(&body));
    assert_eq!(response.status, 201);
    response.header_value("X-Subject-Token").unwrap().to_owned()
}

fn post(bench: &Bench, token: &str, body: &str) -> Response {
    let path = format!("/v2.1/{PROJECT_ID}/os-snapshots");
    let request = bench.request(Method::Post, &path).header("X-Auth-Token", token);
    bench.raw(&request.header("Content-Type", "application/json").body(body)).0
}

pub(super) fn message(response: &Response) -> String {
    Fault::of(response).message
}

#[test]
fn seed_004_request_is_accepted_and_answered_in_its_shape() {
    let bench = bench(&[]);
    let token = token(&bench);
    let response = post(&bench, &token, SEED);
    assert_eq!(response.status, 200);
    let body: Json = serde_json::from_slice(&response.body).unwrap();
    let keys: Vec<_> = body["snapshot"].as_object().unwrap().keys().cloned().collect();
    let mut documented =
        ["createdAt", "displayDescription", "displayName", "id", "size", "status", "volumeId"];
    documented.sort_unstable();
    assert_eq!(keys, documented);
    assert_eq!(body["snapshot"]["displayName"], "snap-001");
    assert_eq!(body["snapshot"]["displayDescription"], "Daily backup");
    assert_eq!(body["snapshot"]["createdAt"], "2026-11-20T13:30:04.256944");
}

#[test]
fn seed_004_sample_answer_is_understood_with_its_number_for_a_volume() {
    let mut response = Response::new(200);
    response.body = br#"{
        "snapshot": {
            "createdAt": "2013-02-25T16:27:54.724209",
            "displayDescription": "Default description",
            "displayName": "Default name",
            "id": "100",
            "size": 100,
            "status": "available",
            "volumeId": 12
        }
    }"#
    .to_vec();
    let one: One = response.parse("test").unwrap();
    let expected = WireSnapshot {
        id: "100".to_owned(),
        volume_id: "12".to_owned(),
        status: "available".to_owned(),
        size: Some(100),
        created_at: Some("2013-02-25T16:27:54.724209Z".parse().unwrap()),
        name: Some("Default name".to_owned()),
        description: Some("Default description".to_owned()),
        metadata: BTreeMap::new(),
    };
    assert_eq!(one.snapshot, expected);
}

#[tokio::test]
async fn seed_004_the_provider_sends_what_the_document_shows() {
    let bench = bench(&[]);
    let snapshot = provider(&bench);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&seen);
    bench.lose(move |request: &Request| {
        if request.path().ends_with("os-snapshots") && request.method == Method::Post {
            sink.lock().unwrap().push(request.body.clone());
        }
        false
    });
    create(&bench, &snapshot, "snap-001").await;
    let sent: Json = serde_json::from_slice(&seen.lock().unwrap()[0]).unwrap();
    assert_eq!(sent, serde_json::from_str::<Json>(SEED).unwrap());
}

#[test]
fn seed_004_the_emulator_refuses_with_the_documents_codes() {
    let bench = bench(&[]);
    let token = token(&bench);
    let refused = |body: &str| {
        let response = post(&bench, &token, body);
        (response.status, message(&response))
    };
    let volume = format!(r#""volume_id":"{VOLUME}""#);
    let cases = [
        ("{}".to_owned(), 400, "'snapshot' is a required property"),
        (
            r#"{"snapshot":{"display_name":"x"}}"#.to_owned(),
            400,
            "'volume_id' is a required property",
        ),
        (format!(r#"{{"snapshot":{{{volume},"foo":1}}}}"#), 400, "('foo' was unexpected)"),
        (format!(r#"{{"snapshot":{{{volume},"force":"maybe"}}}}"#), 400, "'maybe' is not one of"),
        (
            format!(r#"{{"snapshot":{{{volume},"force":1}}}}"#),
            400,
            "1 is not of type 'boolean', 'string'",
        ),
        (
            format!(r#"{{"snapshot":{{{volume},"display_name":null}}}}"#),
            400,
            "None is not of type 'string'",
        ),
        (
            r#"{"snapshot":{"volume_id":12}}"#.to_owned(),
            400,
            "Value: 12. 12 is not of type 'string'",
        ),
        (r#"{"snapshot":{"volume_id":"12"}}"#.to_owned(), 500, "nova.exception.InvalidInput"),
        ("{".to_owned(), 400, "Malformed request body"),
        (String::new(), 400, "None is not of type 'object'"),
    ];
    for (body, status, words) in cases {
        let (seen, said) = refused(&body);
        assert_eq!(seen, status, "{body}");
        assert!(said.contains(words), "{body}: {said}");
    }
    assert_eq!(post(&bench, "no-token", SEED).status, 401);
    let path = format!("/v2.1/{PROJECT_ID}/os-snapshots");
    let get = |version: &str| {
        let request = bench.request(Method::Get, &path).header("X-Auth-Token", &*token);
        bench.raw(&request.header("OpenStack-API-Version", version)).0
    };
    assert_eq!(get("compute 2.35").status, 200);
    assert_eq!(get("volume 3.0").status, 200);
    assert_eq!(message(&get("compute 2.36")), "The resource could not be found.");
    assert_eq!(get("compute 2.101").status, 406);
    let other = bench
        .request(Method::Get, "/v2.1/ffffffffffffffffffffffffffffffff/os-snapshots")
        .header("X-Auth-Token", &*token);
    assert!(message(&bench.raw(&other).0).starts_with("Malformed request URL"));
}

#[test]
fn the_ledger_tells_what_happened() {
    let bench = bench(&[]);
    let token = token(&bench);
    let path = format!("/v2.1/{PROJECT_ID}/os-snapshots");
    let request = bench.request(Method::Post, &path).header("X-Auth-Token", &*token).body(SEED);
    let (_, ledger) = bench.raw(&request);
    assert_eq!(ledger[0].operation, LedgerOperation::Create);
    assert_eq!((&*ledger[0].source, ledger[0].name.as_deref()), (VOLUME, Some("snap-001")));
}

#[tokio::test]
async fn a_snapshot_is_the_same_through_cinder() {
    let bench = bench(&[("snapshot_quota", 1)]);
    let token = token(&bench);
    let path = format!("/volume/v3/{PROJECT_ID}/snapshots");
    let send = |method, path: &str, body: &str| {
        let request = bench.request(method, path).header("X-Auth-Token", &*token).body(body);
        let response = bench.raw(&request).0;
        (response.status, serde_json::from_slice::<Json>(&response.body).unwrap_or_default())
    };
    let create = format!(r#"{{"snapshot":{{"volume_id":"{VOLUME}","name":"s1","force":false}}}}"#);
    let (status, body) = send(Method::Post, &path, &create);
    assert_eq!((status, body["snapshot"]["status"].as_str()), (202, Some("creating")));
    let id = body["snapshot"]["id"].as_str().unwrap();
    let through_nova = format!("/v2.1/{PROJECT_ID}/os-snapshots/{id}");
    assert_eq!(send(Method::Get, &through_nova, "").1["snapshot"]["displayName"], "s1");
    assert_eq!(send(Method::Post, &path, &create).0, 413);
    assert_eq!(send(Method::Delete, &format!("{path}/{id}"), "").0, 400, "it is not done yet");
    bench.pass(10).await;
    let (_, limits) = send(Method::Get, &format!("/volume/v3/{PROJECT_ID}/limits"), "");
    assert_eq!(limits["limits"]["absolute"]["totalSnapshotsUsed"], 1);
    assert_eq!(send(Method::Delete, &format!("{path}/{id}"), "").0, 202);
    bench.pass(10).await;
    assert_eq!(send(Method::Get, &through_nova, "").0, 404);
}
