//! What the user's document says besides its samples.

use super::*;

fn post(bench: &Bench, path: &str, body: &Json) -> Response {
    let request = bench.request(Method::Post, path);
    let request = request.header("Authorization", format!("Bearer {TOKEN}"));
    bench.raw(&request.json(body)).0
}

fn wanted() -> Json {
    json!({
        "testId": 19955, "displayName": "x", "from": "2018-10-06 00:00:00",
        "to": "2018-10-06 01:00:00", "isPublic": 0,
    })
}

#[test]
fn seed_002_every_field_but_one_is_required() {
    let bench = bench(&[]);
    for (field, status) in
        [("displayName", 400), ("from", 400), ("to", 400), ("testId", 400), ("isPublic", 201)]
    {
        let mut body = wanted();
        body.as_object_mut().unwrap().remove(field);
        assert_eq!(post(&bench, "/v6/snapshot", &body).status, status, "{field}");
    }
}

#[test]
fn seed_002_dates_may_be_written_as_the_table_says_or_as_the_sample_does() {
    let bench = bench(&[]);
    // yyyy-MM-dd hh:mm:ss
    assert_eq!(post(&bench, "/v6/snapshot", &wanted()).status, 201);
    let mut body = wanted();
    body["from"] = json!("2018-10-06T00:00:00");
    body["to"] = json!("2018-10-06T01:00:00");
    assert_eq!(post(&bench, "/v6/snapshot", &body).status, 201);
}

#[tokio::test]
async fn seed_002_it_ends_after_30_days() {
    let bench = bench(&[]);
    let snapshot = provider(&bench);
    let object = create(&bench, &snapshot, private("outage")).await.unwrap();
    let life = object.expires_at.unwrap().since(object.share_date.unwrap());
    assert_eq!(life.as_secs(), 30 * 24 * 3600);
    // "expire after 30 days"
    bench.pass(30 * 24 * 3600).await;
    assert_eq!(snapshot.read(&bench.context(), object).await.unwrap(), Reading::Expired);
}

#[tokio::test]
async fn seed_002_the_account_group_goes_with_the_request() {
    let bench = bench(&[]);
    let refused = post(&bench, "/v6/snapshot?aid=none", &wanted());
    assert_eq!(refused.status, 400, "a group that is not the user's");
    let seen = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&seen);
    bench.lose(move |request| {
        if request.method == Method::Post {
            sink.lock().unwrap().push(request.query_value("aid"));
        }
        false
    });
    let of_group = |group: Option<u64>| -> Arguments {
        serde_json::from_value(json!({
            "test_id": "19955", "display_name": "outage", "from": "2018-10-06T00:00:00",
            "duration_hours": 1, "account_group_id": group,
        }))
        .unwrap()
    };
    create(&bench, &provider(&bench), of_group(Some(11))).await.unwrap();
    create(&bench, &provider(&bench), of_group(None)).await.unwrap();
    let seen = seen.lock().unwrap().clone();
    assert_eq!(seen, [Some("11".to_owned()), None]);
}

#[test]
fn seed_002_answers_come_in_the_wanted_format() {
    let bench = bench(&[]);
    // format=json|xml: this provider speaks JSON, and the emulator nothing else.
    assert_eq!(post(&bench, "/v6/snapshot?format=json", &wanted()).status, 201);
    assert_eq!(post(&bench, "/v6/snapshot?format=xml", &wanted()).status, 406);
}

#[test]
fn seed_002_tests_of_an_endpoint_agent_cannot_be_frozen() {
    let bench = bench(&[]);
    // Endpoint Agent tests are not among the tests that this endpoint knows.
    bench
        .host
        .edit("thousandeyes", |store| store.put("tests", "7", &json!({ "missing": true })))
        .unwrap();
    let mut body = wanted();
    body["testId"] = json!(7);
    assert_eq!(post(&bench, "/v6/snapshot", &body).status, 400);
    let described = Snapshot::schema().description;
    assert!(described.contains("Cloud or Enterprise Agent test"), "{described}");
}

#[test]
fn seed_002_the_address_is_the_documents() {
    let address = PROVIDER.schema().attribute("base_url").unwrap().default.clone();
    assert_eq!(address, Some(Value::string("https://api.thousandeyes.com")));
}

#[test]
fn a_replacement_comes_beside_what_stays() {
    let spec = ResourceSpec::of::<Snapshot>();
    assert_eq!(spec.replacement, crate::sdk::Replacement::CreateFirst);
    assert!(!spec.updates && spec.cannot_delete.is_some());
}
