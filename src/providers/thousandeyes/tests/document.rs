//! The emulator's answers to raw requests, and both sides against the user's document.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::super::wire::CreatedV6;
use super::*;

const SEED_REQUEST: &str = r#"{ "testId": 19955, "displayName": "Snapshot created through API", "from": "2018-10-06T00:00:00", "to": "2018-10-06T01:00:00", "isPublic": 1 }"#;
const SEED_ANSWER: &str = r#"{ "link": { "displayName": "Snapshot created through API", "endRoundId": 1538787600, "extraParams": "", "linkId": "wdiac", "roundId": 1538784000, "shareDate": "2018-10-19 03:02:01", "sourceTestId": 19955, "startRoundId": 1538784000, "testId": 58856, "uid": 5784, "viewUrl": "https://wdiac.share.thousandeyes.com/view/tests/" }, "test": [] }"#;

fn post(bench: &Bench, path: &str, body: &str) -> Response {
    let credentials = BASE64_STANDARD.encode(format!("{EMAIL}:{TOKEN}"));
    let request = bench
        .request(Method::Post, path)
        .header("Content-Type", "application/json")
        .header("Accept", "application/json")
        .header("Authorization", format!("Basic {credentials}"))
        .body(body);
    bench.raw(&request).0
}

fn json_of(response: &Response) -> Json {
    serde_json::from_slice(&response.body).unwrap()
}

#[test]
fn seed_002_request_is_answered_with_the_documents_own_answer() {
    let bench = bench(&[]);
    let response = post(&bench, "/v6/snapshot.json", SEED_REQUEST);
    assert_eq!(response.status, 201);
    assert_eq!(json_of(&response), serde_json::from_str::<Json>(SEED_ANSWER).unwrap());
    for name in ["Limit", "Remaining", "Reset"] {
        let name = format!("X-Organization-Rate-Limit-{name}");
        assert!(response.header_value(&name).is_some(), "{name}");
    }
}

#[test]
fn seed_002_sample_answer_is_understood() {
    let response = Response { body: SEED_ANSWER.as_bytes().to_vec(), ..Response::new(201) };
    let made = response.parse::<CreatedV6>("test").unwrap().link;
    assert_eq!(made.link_id, "wdiac");
    assert_eq!((&*made.test_id, &*made.source_test_id, &*made.uid), ("58856", "19955", "5784"));
    assert_eq!(made.share_date.to_string(), "2018-10-19T03:02:01Z");
    assert_eq!(made.start_round_id, Some(1_538_784_000));
    assert_eq!(made.view_url().unwrap(), "https://wdiac.share.thousandeyes.com/view/tests/");
}

#[tokio::test]
async fn seed_002_the_provider_sends_what_the_document_shows() {
    let bench = bench(&[]);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&seen);
    bench.lose(move |request| {
        if request.method == Method::Post {
            sink.lock().unwrap().push(request.body.clone());
        }
        false
    });
    let arguments = public("Snapshot created through API");
    create(&bench, &provider(&bench), arguments).await.unwrap();
    let sent: Json = serde_json::from_slice(&seen.lock().unwrap()[0]).unwrap();
    assert_eq!(sent, serde_json::from_str::<Json>(SEED_REQUEST).unwrap());
    assert!(bench.requests().contains(&"POST /v6/snapshot.json".to_owned()));
}

#[test]
fn seed_002_ten_an_hour_and_no_more() {
    let bench = bench(&[]);
    for _ in 0..10 {
        assert_eq!(post(&bench, "/v6/snapshot", SEED_REQUEST).status, 201);
    }
    let response = post(&bench, "/v6/snapshot", SEED_REQUEST);
    assert_eq!(response.status, 429);
    assert!(json_of(&response)["errorMessage"].is_string());
    assert_ne!(response.header_value("X-Organization-Rate-Limit-Remaining"), Some("0"));
}

#[test]
fn both_date_forms_and_numbers_as_texts_are_taken() {
    let bench = bench(&[]);
    let body = r#"{"testId":"19955","displayName":"x","from":"2018-10-06 00:00:00","to":"2018-10-06 02:00:00","isPublic":"0"}"#;
    assert_eq!(post(&bench, "/v6/snapshot", body).status, 201);
    for (from, to) in [
        (r#""2018-10-06T00:00:00""#, r#""2018-10-06T03:00:00""#),
        (r#""2018-10-19T03:00:00""#, r#""2018-10-19T04:00:00""#),
        (r#""2018-10-06""#, r#""2018-10-07""#),
        ("null", "null"),
    ] {
        let body = format!(r#"{{"testId":1,"displayName":"x","from":{from},"to":{to}}}"#);
        assert_eq!(post(&bench, "/v6/snapshot", &body).status, 400, "{from} {to}");
    }
}

#[tokio::test]
async fn seed_002_creating_takes_a_permission() {
    let bench = bench(&[("may_create", 0)]);
    assert_eq!(post(&bench, "/v6/snapshot", SEED_REQUEST).status, 403);
    let error = create(&bench, &provider(&bench), public("outage")).await.unwrap_err();
    assert_eq!((error.kind, error.status), (ErrorKind::Refused, Some(403)));
    assert!(error.help.unwrap().contains("Create snapshot shares"));
}

#[test]
fn seed_002_it_is_private_unless_asked_for() {
    let bench = bench(&[]);
    let body = SEED_REQUEST.replace(", \"isPublic\": 1", "");
    assert_ne!(body, SEED_REQUEST);
    assert_eq!(post(&bench, "/v6/snapshot", &body).status, 201);
    let list = bench.request(Method::Get, "/v6/tests");
    let list = list.header("Authorization", format!("Bearer {TOKEN}"));
    let list = json_of(&bench.raw(&list).0);
    assert_eq!(list["test"].as_array().unwrap().last().unwrap()["savedEvent"], 1);
}

#[test]
fn refusals_have_the_documented_statuses() {
    let bench = bench(&[("refusal_limit", 2)]);
    let get = |path: &str, token: &str| {
        let request = bench.request(Method::Get, path);
        let request = request.header("Authorization", format!("Bearer {token}"));
        bench.raw(&request).0.status
    };
    assert_eq!(get("/v6/tests.json", TOKEN), 200);
    assert_eq!(get("/v6/tests.json?aid=11", TOKEN), 200);
    assert_eq!(get("/v6/tests.json?aid=x", TOKEN), 400);
    assert_eq!(get("/v6/tests.json?format=xml", TOKEN), 406);
    assert_eq!(get("/v6/snapshot", TOKEN), 405);
    assert_eq!(get("/v6/nothing", TOKEN), 404);
    assert_eq!(get("/v5/tests", TOKEN), 301);
    assert_eq!(get("/v6/status.json", "none"), 200);
    assert_eq!(get("/v6/tests", "wrong"), 401);
    assert_eq!(get("/v6/tests", "wrong"), 401);
    assert_eq!(get("/v6/tests", TOKEN), 429);
}

#[test]
fn a_saved_event_is_listed_and_a_share_link_is_not() {
    let bench = bench(&[("tests", 0)]);
    post(&bench, "/v6/snapshot", SEED_REQUEST);
    post(&bench, "/v6/snapshot", &SEED_REQUEST.replace("\"isPublic\": 1", "\"isPublic\": 0"));
    let request =
        bench.request(Method::Get, "/v6/tests").header("Authorization", format!("Bearer {TOKEN}"));
    let list = json_of(&bench.raw(&request).0);
    assert_eq!(list["test"].as_array().unwrap().len(), 1);
    assert_eq!(list["test"][0]["testId"], 58857);
    assert_eq!(list["test"][0]["savedEvent"], 1);
}
