//! What a search for a lost create must leave alone.

use super::*;

#[tokio::test]
async fn a_snapshot_of_another_resource_is_never_adopted() {
    let bench = bench();
    let planned = bench.planned(&arguments("db-1"));
    let lost = bench.prepare(&planned).await;
    let other = bench.create(&planned).await;
    let knowing = bench.context().claiming([text(&other, "id")]);
    let recovery = bench.resource.recover(&knowing, &planned, &lost, None).await.unwrap();
    assert_eq!(recovery, Recovery::Absent);
}

#[tokio::test]
async fn what_was_made_long_after_a_lost_create_is_not_adopted() {
    let bench = bench();
    let planned = bench.planned(&arguments("db-1"));
    let lost = bench.prepare(&planned).await;
    bench.wait(Duration::from_hours(3)).await;
    bench.create(&planned).await;
    let fresh = bench.context();
    let recovery = bench.resource.recover(&fresh, &planned, &lost, None).await.unwrap();
    assert!(matches!(recovery, Recovery::Uncertain(_)), "{recovery:?}");
}
