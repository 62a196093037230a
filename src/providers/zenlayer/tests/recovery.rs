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

#[tokio::test]
async fn a_marked_name_tells_a_lost_create_from_namesakes_and_is_taken_away() {
    let bench = bench();
    for name in ["db-1".to_owned(), "n".repeat(63)] {
        let mut marked = arguments(&name);
        marked.push(("mark_name", true.into()));
        let marked = bench.planned(&marked);
        let made = bench.create(&marked).await;
        assert_eq!(text(&made, "name"), name);
        assert_eq!(bench.read(&made).await, Reading::Present(made));
        let intent = bench.prepare(&marked).await;
        let sent = intent["marked_name"].as_str().unwrap();
        assert!(sent != name && sent.len() <= 63, "{sent}");
        bench.lose("CreateSnapshot", Loss::Answer);
        bench.resource.create(&bench.context(), &marked, &intent).await.unwrap_err();
        let lost = bench.ledger(LedgerOperation::Create).pop().unwrap();
        assert_eq!(lost.name.as_deref(), Some(sent));
        // Two of the same name come in between: without the mark nobody could tell.
        bench.create(&bench.planned(&arguments(&name))).await;
        bench.create(&bench.planned(&arguments(&name))).await;
        let cx = bench.context();
        let recovery = bench.resource.recover(&cx, &marked, &intent, None).await.unwrap();
        let Recovery::Found(object) = recovery else { panic!("{recovery:?}") };
        assert_eq!((text(&object, "id"), text(&object, "name")), (lost.id, name));
    }
}
