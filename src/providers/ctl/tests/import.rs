//! Snapshots that are taken in.

use super::*;

async fn taken_in(bench: &Bench, id: &str) -> Result<Reading<Value>, crate::sdk::ProviderError> {
    let configured = PROVIDER.configure(&bench.settings(&[]), &bench.configure_context()).unwrap();
    configured.resources[Snapshot::TYPE].import(&bench.context(), id).await
}

#[tokio::test]
async fn a_snapshot_has_three_names_and_each_may_tell_its_days() {
    let bench = bench(&[]);
    create(&bench, &provider(&bench)).await;
    for (name, end) in [
        ("WA1ALIASWB01", None),
        ("WA1ALIASWB01/1", None),
        ("ALIAS/wa1aliaswb01/1", None),
        ("WA1ALIASWB01/1/7", Some("2026-03-11T05:06:09Z")),
        ("alias/WA1ALIASWB01/1/7", Some("2026-03-11T05:06:09Z")),
    ] {
        let Reading::Present(object) = taken_in(&bench, name).await.unwrap() else {
            panic!("{name}")
        };
        let text = |attribute: &str| object.attribute(attribute).and_then(Value::as_str);
        assert_eq!(text("id"), Some("alias/wa1aliaswb01/1"), "{name}");
        assert_eq!(text("snapshot_id"), Some("1"), "{name}");
        assert_eq!(text("created_at"), Some("2026-03-04T05:06:09Z"), "{name}");
        assert_eq!(text("expires_at"), end, "{name}");
    }
    for name in ["WA1ALIASWB01/2", "WA1ALIASWB02", "other/WA1ALIASWB09/1"] {
        assert_eq!(taken_in(&bench, name).await, Ok(Reading::Gone), "{name}");
    }
}

#[tokio::test]
async fn names_that_are_none_are_told_before_anything_is_sent() {
    let bench = bench(&[]);
    for name in [
        "",
        "7",
        "a/b",
        "a/b/c",
        "WA1ALIASWB01/1/11",
        "WA1ALIASWB01/1/0",
        "a b/1",
        "a/b/1/7/8",
        "/WA1ALIASWB01/1",
    ] {
        let error = taken_in(&bench, name).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Unsupported, "{name}");
        assert!(error.message.contains("ALIAS/SERVER/SNAPSHOT"), "{error}");
    }
    assert!(bench.requests().is_empty());
}

#[tokio::test]
async fn the_days_come_from_the_configuration_and_with_them_the_end() {
    let bench = bench(&[]);
    create(&bench, &provider(&bench)).await;
    let Ok(Reading::Present(prior)) = taken_in(&bench, SERVER).await else { panic!() };
    let config = [
        ("server_id", Value::string(SERVER)),
        ("expiration_days", Value::from(7)),
        ("replace_existing", Value::FALSE),
    ];
    let proposal = |days: i64| {
        let planned = prior.entries().unwrap().iter().map(|(name, value)| {
            let given = config.iter().find(|(given, _)| **given == **name);
            let value = given.map_or(value, |(_, value)| value).clone();
            (name.clone(), if &**name == "expiration_days" { Value::from(days) } else { value })
        });
        Snapshot::plan(Some(&prior), Value::object(planned.collect::<Vec<_>>()))
    };
    for (days, end) in [(7, "2026-03-11T05:06:09Z"), (10, "2026-03-14T05:06:09Z")] {
        assert_eq!(proposal(days).attribute("expires_at"), Some(&Value::string(end)));
    }
    // An end that is known already stays.
    let known = proposal(7);
    assert_eq!(Snapshot::plan(Some(&known), known.clone()), known);
    assert!(Snapshot::schema().attribute("expiration_days").unwrap().untold);
}
