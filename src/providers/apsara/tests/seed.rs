//! What the user's document says besides its samples, and what is taken in.

use super::*;

#[tokio::test]
async fn seed_003_each_create_has_a_token_of_its_own() {
    let bench = bench();
    let mut tokens = Vec::new();
    for _ in 0..2 {
        let made = bench.create(&bench.planned(&arguments("db-1"))).await;
        let token = text(&made, "client_token");
        // ClientToken "only supports ASCII characters and cannot exceed 64 characters".
        assert!(token.is_ascii() && (1..=64).contains(&token.len()), "{token}");
        tokens.push(token);
    }
    assert_ne!(tokens[0], tokens[1]);
}

#[test]
fn seed_003_only_the_disk_must_be_told() {
    use crate::schema::Constraint;
    let schema = PROVIDER.resources().remove(0).schema;
    for (name, sent, required) in [
        ("disk_id", "DiskId", true),
        ("name", "SnapshotName", false),
        ("description", "Description", false),
        ("category", "Category", false),
        ("retention_days", "RetentionDays", false),
        ("tags", "Tag.N.Key", false),
    ] {
        let constraint = schema.attribute(name).unwrap().constraint;
        assert_eq!(constraint == Constraint::Required, required, "{sent}");
    }
}

#[tokio::test]
async fn seed_003_days_of_retention_end_it_and_none_keep_it() {
    let bench = bench();
    let mut kept_for_a_day = arguments("db-1");
    kept_for_a_day.push(("retention_days", Value::from(1)));
    let ending = bench.create(&bench.planned(&kept_for_a_day)).await;
    // RetentionDays, "default value: empty, indicating that the snapshot will not be automatically
    // released".
    let kept = bench.create(&bench.planned(&arguments("db-2"))).await;
    bench.wait(Duration::from_hours(24 * 3650)).await;
    assert_eq!(bench.read(&ending).await, Reading::Expired);
    assert_eq!(bench.read(&kept).await, Reading::Present(kept.clone()));
}

#[tokio::test]
async fn who_takes_in_a_snapshot_of_a_policy_is_warned() {
    let bench = bench();
    let spec = PROVIDER.resources().remove(0);
    let created = bench.create(&bench.planned(&arguments("db-1"))).await;
    assert_eq!((spec.advise_import)(&created), []);
    bench.edit("snapshots", &text(&created, "id"), "automatic", json!(true));
    let imported = bench.resource.import(&bench.context(), &text(&created, "id")).await.unwrap();
    let Reading::Present(imported) = imported else { panic!("{imported:?}") };
    let advice = (spec.advise_import)(&imported);
    assert_eq!(advice[0].kind, ProblemKind::Advice);
    assert!(advice[0].message.contains("`auto`"), "{}", advice[0].message);
}

#[tokio::test]
async fn a_change_that_the_vendor_refuses_is_an_error_and_replaces_nothing() {
    let bench = bench();
    let created = bench.create(&bench.planned(&arguments("db-1"))).await;
    bench.sent();
    bench.babble(r#"{"resultCode":403,"resultMsg":"no such operation","result":null}"#);
    let planned = bench.planned(&arguments("db-2"));
    let refused = bench.resource.update(&bench.context(), &created, &planned).await.unwrap_err();
    assert!(refused.message.contains("no such operation"), "{refused}");
    assert_eq!(bench.sent(), ["ModifySnapshotAttribute"]);
}
