//! The emulator's answers to raw requests, and both sides against the user's document.

use super::super::wire::Entry;
use super::*;

const SEED_REQUEST: &str = r#"    {
      "snapshotExpirationDays":"7",
      "serverIds":[
          "WA1ALIASWB01",
          "WA1ALIASWB02"
        ]
    }
"#;

const SEED_ANSWER: &str = r#"    [
      {
        "server":"wa1aliaswb01",
        "isQueued":true,
        "links":[
          {
            "rel":"status",
            "href":"/v2/operations/alias/status/wa1-12345",
            "id":"wa1-12345"
          }
        ]
      },
      {
        "server":"wa1aliaswb02",
        "isQueued":false,
        "errorMessage":"The operation cannot be queued because the server cannot be found or it is not in a valid state."
      }
    ]
"#;

pub(super) fn log_in(bench: &Bench) -> String {
    let body = json!({ "username": USERNAME, "password": PASSWORD });
    let request = bench.request(Method::Post, "/v2/authentication/login").json(&body);
    let body: Json = serde_json::from_slice(&bench.raw(&request).0.body).unwrap();
    assert_eq!(body["accountAlias"], ALIAS);
    body["bearerToken"].as_str().unwrap().to_owned()
}

fn send(bench: &Bench, method: Method, path: &str, body: &str) -> (u16, Json) {
    let token = log_in(bench);
    let request = bench
        .request(method, path)
        .header("Authorization", format!("Bearer {token}"))
        .header("Content-Type", "application/json")
        .body(body);
    let (response, _) = bench.raw(&request);
    (response.status, serde_json::from_slice(&response.body).unwrap_or(Json::Null))
}

pub(super) const CREATE: &str = "/v2/operations/ALIAS/servers/createSnapshot";

#[test]
fn seed_000_request_is_answered_with_the_documents_own_answer() {
    let bench = bench(&[]);
    put_server(&bench, "wa1aliaswb02", json!({ "missing": true }));
    let (status, body) = send(&bench, Method::Post, CREATE, SEED_REQUEST);
    assert_eq!(status, 200);
    assert_eq!(body, serde_json::from_str::<Json>(SEED_ANSWER).unwrap());
}

#[test]
fn seed_000_sample_answer_is_understood() {
    let response = Response { body: SEED_ANSWER.as_bytes().to_vec(), ..Response::new(200) };
    let entries: Vec<Entry> = response.parse("test").unwrap();
    assert!(entries[0].is_queued);
    assert_eq!(entries[0].links[0].id.as_deref(), Some("wa1-12345"));
    assert!(!entries[1].is_queued);
    assert_eq!(entries[1].error_message.as_deref(), Some(NOT_QUEUED));
}

#[tokio::test]
async fn seed_000_the_provider_sends_what_the_document_describes() {
    let bench = bench(&[]);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&seen);
    bench.lose(move |request| {
        if request.path().ends_with("createSnapshot") {
            sink.lock().unwrap().push(request.body.clone());
        }
        false
    });
    create(&bench, &provider(&bench)).await;
    let sent: Json = serde_json::from_slice(&seen.lock().unwrap()[0]).unwrap();
    assert_eq!(sent, json!({ "snapshotExpirationDays": 7, "serverIds": [SERVER] }));
    let post = "POST /v2/operations/alias/servers/createSnapshot".to_owned();
    assert!(bench.requests().contains(&post));
}

#[test]
fn the_vendors_own_client_sends_forms() {
    let bench = bench(&[]);
    let form = format!("username={}&password={PASSWORD}", USERNAME.replace('@', "%40"));
    let request = bench.request(Method::Post, "/v2/authentication/login").body(form);
    assert_eq!(bench.raw(&request).0.status, 200);
    let form = "serverIds=WA1ALIASWB01&snapshotExpirationDays=3";
    let (status, body) = send(&bench, Method::Post, CREATE, form);
    assert_eq!((status, &body[0]["isQueued"]), (200, &Json::Bool(true)));
}

#[test]
fn seed_000_days_beyond_the_document_are_refused() {
    let bench = bench(&[]);
    for days in ["0", "11", "\"x\"", "null"] {
        let body = format!(r#"{{"snapshotExpirationDays":{days},"serverIds":["{SERVER}"]}}"#);
        let (status, body) = send(&bench, Method::Post, CREATE, &body);
        assert_eq!(status, 400, "{days}");
        assert!(body["modelState"].is_object(), "{days}");
    }
}

#[tokio::test]
async fn several_servers_share_one_job_and_are_worked_off_in_turn() {
    let bench = bench(&[]);
    let (_, body) = send(&bench, Method::Post, CREATE, SEED_REQUEST);
    assert_eq!(body[0]["links"][0]["id"], body[1]["links"][0]["id"]);
    let status = "/v2/operations/alias/status/WA1-12345";
    let mut seen = Vec::new();
    for _ in 0..4 {
        let (_, body) = send(&bench, Method::Get, status, "");
        seen.push(body["status"].as_str().unwrap().to_owned());
        bench.pass(12).await;
    }
    assert_eq!(seen, ["notStarted", "executing", "executing", "succeeded"]);
    let name = |body: Json| body["details"]["snapshots"][0]["name"].as_str().unwrap().to_owned();
    let (_, first) = send(&bench, Method::Get, "/v2/servers/alias/WA1ALIASWB01", "");
    let (_, second) = send(&bench, Method::Get, "/v2/servers/alias/WA1ALIASWB02", "");
    assert_eq!(name(first), "2026-03-04.05:06:09");
    assert_eq!(name(second), "2026-03-04.05:06:24");
}

#[tokio::test]
async fn a_create_queued_behind_a_deletion_succeeds_and_a_second_one_does_not() {
    let bench = bench(&[]);
    let create = format!(r#"{{"snapshotExpirationDays":7,"serverIds":["{SERVER}"]}}"#);
    let queued = |body: &Json| body[0]["isQueued"].as_bool().unwrap();
    assert!(queued(&send(&bench, Method::Post, CREATE, &create).1));
    assert!(!queued(&send(&bench, Method::Post, CREATE, &create).1));
    bench.pass(60).await;
    let path = format!("/v2/servers/alias/{SERVER}/snapshots/1");
    let (status, link) = send(&bench, Method::Delete, &path, "");
    assert_eq!((status, link["rel"].as_str()), (200, Some("status")));
    assert!(queued(&send(&bench, Method::Post, CREATE, &create).1));
    assert!(!queued(&send(&bench, Method::Post, CREATE, &create).1));
    bench.pass(60).await;
    let restore = format!("/v2/servers/alias/{SERVER}/snapshots/2/restore");
    assert_eq!(send(&bench, Method::Post, &restore, "{}").0, 200);
    assert_eq!(send(&bench, Method::Delete, &path, "").0, 404);
}

#[test]
fn nothing_is_told_without_a_token() {
    let bench = bench(&[]);
    let request = bench.request(Method::Get, "/v2/servers/alias/wa1aliaswb01");
    assert_eq!(bench.raw(&request).0.status, 401);
    put_server(&bench, "wa1aliaswb01", json!({ "missing": true }));
    let token = log_in(&bench);
    let request = request.header("Authorization", format!("Bearer {token}"));
    let (response, _) = bench.raw(&request);
    assert_eq!((response.status, response.body.len()), (404, 0));
}

#[test]
fn groups_are_found_as_the_vendors_own_client_looks_for_them() {
    let bench = bench(&[("servers", 1)]);
    let get = |path: &str| send(&bench, Method::Get, path, "");
    let (status, center) = get("/v2/datacenters/ALIAS/WA1?GroupLinks=true");
    assert_eq!(status, 200);
    let link = &center["links"][1];
    assert_eq!((&link["rel"], &link["name"]), (&json!("group"), &json!("WA1 Hardware")));
    let (_, plain) = get(link["href"].as_str().unwrap());
    assert_eq!(plain["id"], link["id"]);
    let below = &plain["groups"][0];
    assert_eq!((&below["name"], &below["serversCount"]), (&json!("Default Group"), &json!(1)));
    assert!(below.get("servers").is_none());
    let server = &below["links"][1];
    assert_eq!((&server["rel"], &server["id"]), (&json!("server"), &json!("wa1aliasapp01")));
    let (_, alone) = get(server["href"].as_str().unwrap());
    let (_, detailed) = get(&format!("{}?serverDetail=detailed", link["href"].as_str().unwrap()));
    assert_eq!(detailed["groups"][0]["servers"], json!([alone]));
    assert_eq!(alone["groupId"], below["id"]);
    for path in ["/v2/datacenters/ALIAS/nowhere", "/v2/groups/ALIAS/web"] {
        assert_eq!(get(path).0, 404, "{path}");
    }
}

#[test]
fn data_centers_are_listed_once_each() {
    let bench = bench(&[]);
    let list = |bench: &Bench| send(bench, Method::Get, "/v2/datacenters/ALIAS", "").1;
    let center = |id: &str| {
        let links = json!([{ "rel": "self", "href": format!("/v2/datacenters/alias/{id}") }]);
        json!({ "id": id, "name": id.to_uppercase(), "links": links })
    };
    assert_eq!(list(&bench), json!([center("wa1")]));
    // A group is known from here on, and its data center with it.
    send(&bench, Method::Get, "/v2/datacenters/ALIAS/ca1?groupLinks=true", "");
    assert_eq!(list(&bench), json!([center("ca1"), center("wa1")]));
}
