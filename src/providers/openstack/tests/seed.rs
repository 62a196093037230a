//! What the user's document says besides its samples.

use super::super::client::Api;
use super::super::fault::refusal;
use super::document::token;
use super::*;

#[test]
fn seed_004_every_documented_status_is_understood() {
    let body = json!({ "fault": { "code": 0, "message": "No." } });
    for (status, kind) in [
        (400, ErrorKind::Refused),
        (401, ErrorKind::Credentials),
        (403, ErrorKind::Refused),
        (404, ErrorKind::Refused),
        (405, ErrorKind::Refused),
        (503, ErrorKind::Unavailable),
    ] {
        let error = refusal(Api::Compute, "create", &Response::json(status, &body));
        assert_eq!((error.kind, error.status), (kind, Some(status)));
    }
    // 200 is what a create is answered with.
    let bench = bench(&[]);
    assert_eq!(post(&bench, &json!({ "snapshot": { "volume_id": VOLUME } })), 200);
}

fn post(bench: &Bench, body: &Json) -> u16 {
    let path = format!("/v2.1/{PROJECT_ID}/os-snapshots");
    let request = bench.request(Method::Post, &path).header("X-Auth-Token", token(bench));
    bench.raw(&request.json(body)).0.status
}

#[test]
fn seed_004_only_the_volume_must_be_told() {
    let bench = bench(&[]);
    let whole = json!({
        "display_name": "snap-001", "display_description": "Daily backup",
        "volume_id": VOLUME, "force": false,
    });
    for (parameter, expected) in
        [("display_name", 200), ("display_description", 200), ("force", 200), ("volume_id", 400)]
    {
        let mut given = whole.clone();
        given.as_object_mut().unwrap().remove(parameter);
        assert_eq!(post(&bench, &json!({ "snapshot": given })), expected, "{parameter}");
    }
    assert_eq!(post(&bench, &json!({})), 400, "without `snapshot`");
}

#[tokio::test]
async fn seed_004_the_project_stands_in_the_path() {
    let bench = bench(&[]);
    create(&bench, &provider(&bench), "snap-001").await;
    // POST /v2.1/{tenant_id}/os-snapshots
    assert!(bench.requests().contains(&format!("POST /v2.1/{PROJECT_ID}/os-snapshots")));
}

#[test]
fn the_older_word_for_a_project_counts_as_well() {
    let bench = bench(&[]);
    let kept = |names: &[&str]| {
        let settings = bench.settings(&[("tenant_name", "rehearsal")]);
        let entries = settings.entries().unwrap().iter();
        let entries = entries.filter(|(name, _)| !names.contains(&&**name)).cloned();
        Value::object(entries.collect::<Vec<_>>())
    };
    let context = bench.configure_context();
    assert!(settings::cloud(&kept(&["project_name"]), &context).is_ok());
    let problems = settings::cloud(&kept(&[]), &context).err().unwrap();
    let named: Vec<_> =
        problems.iter().filter_map(|problem| problem.path.root_attribute()).collect();
    assert_eq!(named, ["tenant_name"]);
}
