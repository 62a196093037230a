//! What the user's document says besides its samples, and what stands in an intent.

use super::*;

#[test]
fn seed_000_both_properties_are_required() {
    let bench = bench(&[]);
    let token = document::log_in(&bench);
    let whole = json!({ "snapshotExpirationDays": 7, "serverIds": [SERVER] });
    for property in ["snapshotExpirationDays", "serverIds"] {
        let mut body = whole.clone();
        body.as_object_mut().unwrap().remove(property);
        let request = bench.request(Method::Post, document::CREATE);
        let request = request.header("Authorization", format!("Bearer {token}"));
        assert_eq!(bench.raw(&request.json(&body)).0.status, 400, "{property}");
    }
}

#[tokio::test]
async fn what_was_there_before_and_when_is_noted_before_a_create() {
    let bench = bench(&[]);
    create(&bench, &provider(&bench)).await;
    let snapshot = provider(&bench);
    let intent = snapshot.prepare(&bench.context(), &replacing()).await.unwrap();
    let noted = serde_json::to_value(intent).unwrap();
    assert_eq!((&noted["alias"], &noted["known"]), (&json!("alias"), &json!(["1"])));
    assert!(noted["noted_at"].is_string(), "{noted}");
}

#[test]
fn the_end_of_what_is_taken_in_is_told_to_be_assumed() {
    let advice = Snapshot::advise_import(&Value::NULL);
    assert_eq!(advice[0].kind, ProblemKind::Advice);
    assert!(advice[0].message.contains("`expires_at` is assumed"), "{}", advice[0].message);
}

#[test]
fn seed_000_the_address_is_the_documents() {
    let address = PROVIDER.schema().attribute("base_url").unwrap().default.clone();
    assert_eq!(address, Some(Value::string("https://api.ctl.io")));
}

#[tokio::test]
async fn seed_000_the_result_is_asked_for_as_the_document_says() {
    let bench = bench(&[]);
    create(&bench, &provider(&bench)).await;
    // "in conjunction with the Get Status operation": by the id of the link whose `rel` is `status`.
    let status = "GET /v2/operations/alias/status/wa1-12345".to_owned();
    assert!(bench.requests().contains(&status));
}
