//! API v7: what differs from v6 on the wire, and what must not.

use super::*;

const V7: [(&str, &str); 1] = [("api_version", "v7")];

fn v7(bench: &Bench) -> Snapshot {
    provider_with(bench, &V7)
}

fn send(bench: &Bench, method: Method, path: &str, token: &str, body: &Json) -> (Response, Json) {
    let request = bench.request(method, path).header("Authorization", format!("Bearer {token}"));
    let request = if method == Method::Post { request.json(body) } else { request };
    let (response, _) = bench.raw(&request);
    let json = serde_json::from_slice(&response.body).unwrap();
    (response, json)
}

fn body(public: Json) -> Json {
    json!({
        "displayName": "outage", "startDate": "2018-10-06T00:00:00Z",
        "endDate": "2018-10-06T02:00:00+00:00", "isPublic": public,
    })
}

#[tokio::test]
async fn the_request_has_the_successors_shape() {
    let bench = bench(&[]);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&seen);
    bench.lose(move |request| {
        let header = |name: &str| request.header_value(name).unwrap_or_default().to_owned();
        let sent = (request.body.clone(), header("Accept"), header("Authorization"));
        sink.lock().unwrap().push((sent, request.query_value("aid")));
        false
    });
    let json = json!({
        "test_id": "31337", "display_name": "outage", "from": "2018-10-06 00:00:00",
        "duration_hours": 2, "public": false, "account_group_id": 4711,
    });
    let arguments = serde_json::from_value(json).unwrap();
    create(&bench, &v7(&bench), arguments).await.unwrap();
    assert_eq!(bench.requests(), ["POST /v7/tests/31337/snapshot"]);
    let ((sent, accept, authorization), group) = seen.lock().unwrap()[0].clone();
    let sent: Json = serde_json::from_slice(&sent).unwrap();
    let dates = json!({
        "displayName": "outage", "startDate": "2018-10-06T00:00:00Z",
        "endDate": "2018-10-06T02:00:00Z", "isPublic": false,
    });
    assert_eq!(sent, dates);
    assert_eq!((&*accept, &*authorization), ("application/hal+json", &*format!("Bearer {TOKEN}")));
    assert_eq!(group.as_deref(), Some("4711"));
}

#[test]
fn answers_are_flat_and_ids_are_texts() {
    let bench = bench(&[]);
    let path = "/v7/tests/19955/snapshot?aid=11";
    let (response, made) = send(&bench, Method::Post, path, TOKEN, &body(json!(false)));
    assert_eq!(response.status, 201);
    assert!(response.header_value("X-Organization-Rate-Limit-Remaining").is_some());
    assert_eq!((&made["id"], &made["testId"]), (&json!("wdiac"), &json!("58856")));
    assert_eq!((&made["sourceTestId"], &made["uid"]), (&json!("19955"), &json!("5784")));
    assert_eq!(made["shareDate"], "2018-10-19T03:02:01Z");
    assert_eq!(made["test"]["savedEvent"], true);
    assert_eq!(
        made["_links"]["appLink"]["href"],
        "https://wdiac.share.thousandeyes.com/view/tests/"
    );
    let (_, list) = send(&bench, Method::Get, "/v7/tests", TOKEN, &Json::Null);
    let last = list["tests"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["testId"], &last["savedEvent"]), (&json!("58856"), &json!(true)));
    assert_eq!(last["createdDate"], "2018-10-19T03:02:01Z");
}

#[test]
fn refusals_have_the_successors_shapes() {
    let bench = bench(&[("may_share", 0), ("create_quota", 0)]);
    let create = "/v7/tests/19955/snapshot";
    let (response, said) = send(&bench, Method::Post, create, "wrong", &body(json!(false)));
    assert_eq!((response.status, &said["error"]), (401, &json!("invalid_token")));
    assert!(said["error_description"].is_string());
    for (path, sent, status) in [
        (create, json!({}), 400),
        (create, body(json!(true)), 403),
        (create, body(json!(false)), 429),
        ("/v7/snapshot", body(json!(false)), 404),
    ] {
        let (response, said) = send(&bench, Method::Post, path, TOKEN, &sent);
        assert_eq!(response.status, status, "{path}");
        assert_eq!(response.header_value("Content-Type"), Some("application/problem+json"));
        assert_eq!(said["status"], status);
        assert!(said["detail"].is_string());
        assert_eq!(said["errors"][0]["message"].is_string(), status == 400);
    }
    let basic = bench.request(Method::Get, "/v7/tests").header("Authorization", "Basic eDp5");
    assert_eq!(bench.raw(&basic).0.status, 401);
}

#[tokio::test]
async fn the_vendors_refusals_are_understood() {
    let bench = bench(&[("may_share", 0)]);
    let snapshot = v7(&bench);
    let error = create(&bench, &snapshot, public("outage")).await.unwrap_err();
    assert_eq!((error.kind, error.status), (ErrorKind::Refused, Some(403)));
    assert!(error.message.contains("switched off"), "{error}");
    let json = json!({
        "test_id": "58856", "display_name": "again", "from": "2018-10-06T00:00:00",
        "duration_hours": 1,
    });
    create(&bench, &snapshot, private("outage")).await.unwrap();
    let again = serde_json::from_value(json).unwrap();
    let error = create(&bench, &snapshot, again).await.unwrap_err();
    assert_eq!((error.kind, error.status), (ErrorKind::Refused, Some(400)));
    assert!(
        error.message.contains("snapshot: There is no such test, or it cannot be shared"),
        "{error}"
    );
    let used_up = self::bench(&[("create_quota", 0)]);
    let error = create(&used_up, &v7(&used_up), private("outage")).await.unwrap_err();
    assert_eq!((error.kind, error.status), (ErrorKind::Quota, Some(429)));
    let wrong = provider_with(&bench, &[V7[0], ("bearer_token", "wrong-token")]);
    bench.requests();
    for _ in 0..2 {
        let error = create(&bench, &wrong, private("outage")).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Credentials);
        assert!(!error.to_string().contains("wrong-token"));
    }
    assert_eq!(bench.requests().len(), 1);
}

#[tokio::test]
async fn reading_recovery_and_expiry_are_as_before() {
    let bench = bench(&[]);
    let snapshot = v7(&bench);
    let cx = bench.context();
    let intent = lose_a_create(&bench, &snapshot, private("outage")).await;
    let recovery = snapshot.recover(&cx, private("outage"), intent, None).await.unwrap();
    let Recovery::Found(object) = recovery else { panic!("{recovery:?}") };
    assert_eq!(object.snapshot_test_id.as_deref(), Some("58856"));
    bench.requests();
    let other = create(&bench, &snapshot, private("other")).await.unwrap();
    let shared = create(&bench, &snapshot, public("shared")).await.unwrap();
    let priors = vec![object.clone(), other.clone(), shared.clone()];
    let readings = snapshot.read_many(&cx, priors.clone()).await;
    assert_eq!(readings[0], Ok(Reading::Present(object)));
    assert_eq!(readings[1], Ok(Reading::Present(other)));
    assert!(matches!(&readings[2], Ok(Reading::NotVerifiable(kept, _)) if *kept == shared));
    let lists = bench.requests().into_iter().filter(|line| line.starts_with("GET"));
    assert_eq!(lists.collect::<Vec<_>>(), ["GET /v7/tests"]);
    bench.host.edit("thousandeyes", |store| store.remove("snapshots", "58856")).unwrap();
    bench.pass(120).await;
    assert_eq!(snapshot.read_many(&cx, priors.clone()).await[0], Ok(Reading::Gone));
    bench.pass(30 * 24 * 3600).await;
    let readings = snapshot.read_many(&cx, priors).await;
    assert!(readings.iter().all(|reading| *reading == Ok(Reading::Expired)), "{readings:?}");
    let intent = snapshot.prepare(&cx, &private("outage")).await.unwrap();
    let recovery = snapshot.recover(&cx, private("outage"), intent, None).await.unwrap();
    assert_eq!(recovery, Recovery::Absent);
}

#[tokio::test]
async fn what_is_public_means_is_a_setting_that_the_answer_proves() {
    for (saves, meaning, fits) in [
        (0, "share_link", true),
        (1, "saved_event", true),
        (1, "share_link", false),
        (0, "saved_event", false),
    ] {
        let bench = bench(&[("v7_public_saves", saves)]);
        let snapshot = provider_with(&bench, &[V7[0], ("v7_public_means", meaning)]);
        for (arguments, wanted) in [(private("outage"), false), (public("shared"), true)] {
            let again = arguments.clone();
            let handle = Arc::new(Mutex::new(None));
            let sink = Arc::clone(&handle);
            let cx = bench.context().on_accepted(move |json| {
                *sink.lock().unwrap() = Some(json);
                std::future::ready(Ok(()))
            });
            let intent = snapshot.prepare(&cx, &arguments).await.unwrap();
            let created = snapshot.create(&cx, arguments, &intent).await.unwrap();
            let handle = handle.lock().unwrap().take();
            let recovered = snapshot.recover(&cx, again, intent, handle).await.unwrap();
            match (created, recovered) {
                (Created::Ready(object), Recovery::Found(same)) => {
                    assert!(fits, "{saves} {meaning}");
                    assert_eq!((object.public, &object), (Some(wanted), &same));
                }
                (Created::Tainted(object, error), Recovery::Tainted(same, _)) => {
                    assert!(!fits, "{saves} {meaning}");
                    // What it really is decides what is said of it, such as that anyone can look.
                    assert_eq!((object.public, &object), (Some(!wanted), &same));
                    assert_eq!(error.attribute.as_deref(), Some("public"));
                    assert!(error.help.unwrap().contains("v7_public_means"));
                }
                other => panic!("{other:?}"),
            }
        }
    }
    let wrong = bench(&[]).settings(&[("v7_public_means", "both")]);
    let problems = settings::organization(&wrong, &bench(&[]).configure_context()).err().unwrap();
    assert_eq!(problems[0].path.root_attribute(), Some("v7_public_means"));
}
