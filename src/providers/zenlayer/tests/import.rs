//! What can be taken over from the vendor.

use super::*;

#[tokio::test]
async fn an_import_begins_with_the_id_alone() {
    let bench = bench();
    let created = bench.create(&bench.planned(&arguments("db-1"))).await;
    let imported = bench.imported(&text(&created, "id"));
    let Reading::Present(read) = bench.read(&imported).await else { panic!() };
    assert_eq!(text(&read, "name"), "db-1");
    assert_eq!(text(&read, "disk_id"), DISK);
}

#[tokio::test]
async fn a_snapshot_of_a_policy_is_refused_and_one_that_is_managed_stays() {
    let bench = bench();
    let created = bench.create(&bench.planned(&arguments("db-1"))).await;
    let id = text(&created, "id");
    bench.edit("snapshots", &id, "automatic", json!(true));
    let error = bench.resource.import(&bench.context(), &id).await.unwrap_err();
    assert_eq!((error.kind, &*error.operation), (ErrorKind::Unsupported, "import"));
    assert!(error.message.contains("policy") && error.help.is_some(), "{error}");
    assert!(matches!(bench.read(&created).await, Reading::Present(_)));
}

#[tokio::test]
async fn what_cannot_be_an_id_is_refused_before_anybody_is_asked() {
    let bench = bench();
    for id in ["", "db 1", "zenlayer/1", "1\n", "é"] {
        let error = bench.resource.import(&bench.context(), id).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Unsupported, "{id}");
        assert!(error.message.contains("is no id of a snapshot"), "{error}");
    }
    assert!(bench.sent().is_empty());
    let missing = bench.resource.import(&bench.context(), "1900000000000009999").await.unwrap();
    assert_eq!(missing, Reading::Gone);
}
