//! Destroying, with and without the attempt that a person may allow.

use super::*;

fn trying(bench: &Bench, version: &'static str) -> Snapshot {
    provider_with(bench, &[("api_version", version), ("delete_private_via_test_endpoint", "true")])
}

#[tokio::test]
async fn a_private_snapshot_goes_where_the_vendor_lets_it() {
    for (version, request) in [
        ("v6", "POST /v6/tests/http-server/58856/delete.json"),
        ("v7", "DELETE /v7/tests/http-server/58856"),
    ] {
        let bench = bench(&[("saved_events_deletable", 1)]);
        let snapshot = trying(&bench, version);
        let object = create(&bench, &snapshot, private("outage")).await.unwrap();
        bench.requests();
        let cx = bench.context();
        assert_eq!(snapshot.delete(&cx, object.clone()).await.unwrap(), Deletion::Deleted);
        assert_eq!(bench.requests()[1], request);
        bench.pass(120).await;
        assert_eq!(snapshot.read(&cx, object).await.unwrap(), Reading::Gone);
    }
}

#[tokio::test]
async fn what_stays_is_said_with_the_vendors_reason() {
    for version in ["v6", "v7"] {
        let bench = bench(&[]);
        let snapshot = trying(&bench, version);
        let object = create(&bench, &snapshot, private("outage")).await.unwrap();
        let cx = bench.context();
        let Deletion::Impossible(said) = snapshot.delete(&cx, object.clone()).await.unwrap() else {
            panic!("{version}")
        };
        assert!(said.contains("stays in its account group"), "{said}");
        assert!(said.contains("A saved event cannot be deleted."), "{said}");
        assert_eq!(
            snapshot.read(&cx, object).await.map(|read| matches!(read, Reading::Present(_))),
            Ok(true)
        );
    }
}

#[tokio::test]
async fn nothing_is_tried_unless_that_is_wanted_nor_for_what_is_public() {
    let bench = bench(&[("saved_events_deletable", 1)]);
    let (plain, trying) = (provider(&bench), trying(&bench, "v6"));
    let kept = create(&bench, &plain, private("outage")).await.unwrap();
    let shared = create(&bench, &plain, public("shared")).await.unwrap();
    bench.requests();
    let cx = bench.context();
    for (snapshot, object) in [(&plain, kept), (&trying, shared)] {
        let deletion = snapshot.delete(&cx, object).await.unwrap();
        assert!(matches!(deletion, Deletion::Impossible(_)), "{deletion:?}");
    }
    assert!(bench.requests().is_empty());
}

#[tokio::test]
async fn a_deletion_that_is_accepted_and_not_done_is_no_deletion() {
    let bench = bench(&[("saved_events_deletable", 1)]);
    let snapshot = trying(&bench, "v6");
    let object = create(&bench, &snapshot, private("outage")).await.unwrap();
    // An ordinary entry of the same number that keeps standing in the list.
    let record = json!({ "savedEvent": 1, "testName": "outage" });
    bench.host.edit("thousandeyes", |store| store.put("tests", "58856", &record)).unwrap();
    let deletion = snapshot.delete(&bench.context(), object).await.unwrap();
    let Deletion::Impossible(said) = deletion else { panic!("{deletion:?}") };
    assert!(said.ends_with("accepted the deletion of its test, and lists it still."), "{said}");
}
