//! Snapshots that are taken in, and creates that a person lets be sent again.

use super::*;

async fn taken_in(bench: &Bench, id: &str) -> Result<Reading<Value>, ProviderError> {
    let configured = PROVIDER.configure(&bench.settings(&[]), &bench.configure_context()).unwrap();
    configured.resources[Snapshot::TYPE].import(&bench.context(), id).await
}

#[tokio::test]
async fn a_private_snapshot_is_taken_in_as_the_list_shows_it() {
    let bench = bench(&[]);
    let snapshot = provider(&bench);
    let made = create(&bench, &snapshot, private("outage")).await.unwrap();
    create(&bench, &snapshot, public("shared")).await.unwrap();
    let Reading::Present(object) = taken_in(&bench, &made.id).await.unwrap() else { panic!() };
    let text = |name: &str| object.attribute(name).and_then(Value::as_str);
    assert_eq!((text("id"), text("display_name")), (Some("58856"), Some("outage")));
    assert_eq!(text("share_date"), Some("2018-10-19T03:02:01Z"));
    assert_eq!(text("expires_at"), Some("2018-11-18T03:02:01Z"));
    assert_eq!(object.attribute("public"), Some(&Value::FALSE));
    for untold in ["test_id", "from", "to", "link_id", "view_url", "source_test_id"] {
        assert!(object.attribute(untold).unwrap().is_null(), "{untold}");
    }
    for (id, words) in [
        ("58857", "no saved event `58857`"),
        ("19955", "no saved event"),
        ("wdiac", "snapshot_test_id"),
    ] {
        let error = taken_in(&bench, id).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Unsupported, "{id}");
        assert!(error.message.contains(words) && error.message.contains("public"), "{error}");
    }
}

#[test]
fn what_the_list_does_not_tell_comes_from_the_configuration() {
    let schema = Snapshot::schema();
    let untold = schema.attributes.iter().filter(|attribute| attribute.untold);
    assert_eq!(
        untold.map(|attribute| attribute.name).collect::<Vec<_>>(),
        ["test_id", "from", "to"]
    );
}

#[tokio::test]
async fn a_lost_public_create_is_sent_again_only_where_that_is_wanted() {
    let bench = bench(&[]);
    let snapshot = provider(&bench);
    for (word, expected) in [(None, false), (Some("fail"), false), (Some("retry"), true)] {
        let json = json!({
            "test_id": "19955", "display_name": "shared", "from": "2018-10-06T00:00:00",
            "duration_hours": 1, "public": true, "on_unknown_outcome": word,
        });
        let arguments = || serde_json::from_value(json.clone()).unwrap();
        let intent = lose_a_create(&bench, &snapshot, arguments()).await;
        bench.requests();
        let cx = bench.context();
        let recovery = snapshot.recover(&cx, arguments(), intent, None).await.unwrap();
        assert_eq!(recovery == Recovery::Absent, expected, "{recovery:?}");
        assert_eq!(matches!(recovery, Recovery::Uncertain(_)), !expected);
        assert!(bench.requests().is_empty());
    }
    // A private one is searched whatever the word says.
    let json = json!({
        "test_id": "19955", "display_name": "outage", "from": "2018-10-06T00:00:00",
        "duration_hours": 1, "on_unknown_outcome": "retry",
    });
    let arguments = || serde_json::from_value(json.clone()).unwrap();
    let intent = lose_a_create(&bench, &snapshot, arguments()).await;
    let recovery = snapshot.recover(&bench.context(), arguments(), intent, None).await.unwrap();
    assert!(matches!(recovery, Recovery::Found(_)), "{recovery:?}");
    let schema = Snapshot::schema();
    let rule = |word: &str| {
        schema.check_rules(&Value::object([("on_unknown_outcome", Value::string(word))]))
    };
    let rules =
        |word: &str| rule(word).iter().filter(|problem| problem.kind == ProblemKind::Rule).count();
    assert_eq!((rules("retry"), rules("fail"), rules("again")), (0, 0, 1));
}

#[tokio::test]
async fn a_marked_title_tells_a_lost_create_from_one_of_the_same_title() {
    let bench = bench(&[]);
    let snapshot = provider(&bench);
    let arguments = |public: bool| -> Arguments {
        serde_json::from_value(json!({
            "test_id": "19955", "display_name": "outage", "from": "2018-10-06T00:00:00",
            "duration_hours": 1, "public": public, "mark_title": true,
        }))
        .unwrap()
    };
    let intent = lose_a_create(&bench, &snapshot, arguments(false)).await;
    create(&bench, &snapshot, private("outage")).await.unwrap();
    create(&bench, &snapshot, arguments(false)).await.unwrap();
    let recovery = snapshot.recover(&bench.context(), arguments(false), intent, None).await;
    let Ok(Recovery::Found(object)) = recovery else { panic!("{recovery:?}") };
    assert_eq!(object.id, "58856");
    assert_eq!(object.display_name.as_deref(), Some("outage"), "state keeps the title as it is");
    // Nobody can look for a public one, but a person knows what to look for.
    let intent = lose_a_create(&bench, &snapshot, arguments(true)).await;
    let recovery = snapshot.recover(&bench.context(), arguments(true), intent, None).await;
    let Ok(Recovery::Uncertain(reason)) = recovery else { panic!("{recovery:?}") };
    assert!(reason.contains("`outage ["), "{reason}");
}
