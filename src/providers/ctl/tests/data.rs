//! What is looked up: servers, their snapshots, groups.

use crate::schema::Attribute;
use crate::value::{from_value, to_value};

use super::super::data;
use super::*;
use crate::sdk::{DataSource, ProviderError};

const GROUP: &str = "2a5c0b9662cf4fc8bf6180f139facdc0";

/// What the engine would hand over: the arguments, defaults, and nulls.
fn whole<D: DataSource>(given: &Json) -> Value {
    let entries = D::schema().attributes.into_iter().map(|attribute: Attribute| {
        let given = given.get(attribute.name).map(|json| to_value(json, &attribute.ty).unwrap());
        let value = given.or(attribute.default).unwrap_or_else(|| Value::null(attribute.ty));
        (attribute.name, value)
    });
    Value::object(entries.collect::<Vec<_>>())
}

async fn look<D: DataSource>(bench: &Bench, given: Json) -> Result<Json, ProviderError> {
    let configured = PROVIDER.configure(&bench.settings(&[]), &bench.configure_context()).unwrap();
    let source = &configured.data[D::TYPE];
    let found = source.read(&bench.context(), &whole::<D>(&given)).await?;
    assert!(found.is_wholly_known());
    assert_eq!(found.ty(), D::schema().object_type());
    Ok(from_value(&found).unwrap())
}

fn put_group(bench: &Bench, id: &str, record: Json) {
    bench.host.edit("ctl", |store| store.put("groups", id, &record)).unwrap();
}

/// A group with two servers, and one below it with a third.
fn two_groups(knobs: &[(&str, u64)]) -> Bench {
    let bench = bench(knobs);
    let below = "0123456789abcdef0123456789abcdef";
    put_group(&bench, GROUP, json!({ "alias": "alias", "location": "wa1", "name": "Web" }));
    let group = json!({ "alias": "alias", "location": "wa1", "name": "Cache", "parent": GROUP });
    put_group(&bench, below, group);
    put_server(&bench, "wa1aliaswb02", json!({ "group": GROUP }));
    put_server(&bench, "wa1aliaswb01", json!({ "group": GROUP }));
    put_server(&bench, "wa1aliasca01", json!({ "group": below, "status": "archived" }));
    bench
}

#[tokio::test]
async fn a_server_is_looked_up_by_its_id() {
    let bench = bench(&[]);
    create(&bench, &provider(&bench)).await;
    let found = look::<data::Server>(&bench, json!({ "server_id": SERVER })).await.unwrap();
    assert_eq!(found["id"], "wa1aliaswb01");
    assert_eq!(found["name"], SERVER);
    assert_eq!(found["account_alias"], "alias");
    assert_eq!((&found["status"], &found["type"]), (&json!("active"), &json!("standard")));
    assert_eq!(
        (&found["storage_gigabytes"], &found["memory_megabytes"]),
        (&json!(60), &json!(2048))
    );
    assert_eq!((&found["data_center"], &found["power_state"]), (&json!("WA1"), &json!("started")));
    assert_eq!(found["can_be_copied"], true);
    assert_eq!(found["modified_at"], "2026-03-04T05:06:24Z", "the end of the job");
    let href = "/v2/servers/alias/wa1aliaswb01/snapshots/1";
    assert_eq!(
        found["snapshots"],
        json!([{
            "id": "alias/wa1aliaswb01/1", "server_id": "wa1aliaswb01", "snapshot_id": "1",
            "name": "2026-03-04.05:06:09", "created_at": "2026-03-04T05:06:09Z",
            "delete_href": href, "restore_href": format!("{href}/restore"),
        }])
    );
    // The group that a server names is one that can be looked at.
    let group = json!({ "group_id": found["group_id"] });
    let members = look::<data::GroupSnapshots>(&bench, group).await.unwrap();
    assert!(members["server_ids"].as_array().unwrap().contains(&json!("wa1aliaswb01")));
}

#[tokio::test]
async fn a_server_that_cannot_be_copied_says_so_and_untold_snapshots_are_null() {
    let bench = bench(&[]);
    put_server(&bench, "wa1aliaswb01", json!({ "status": "archived" }));
    let found = look::<data::Server>(&bench, json!({ "server_id": SERVER })).await.unwrap();
    assert_eq!((&found["can_be_copied"], &found["snapshots"]), (&json!(false), &Json::Null));
    for record in [
        json!({ "type": "hyperscale" }),
        json!({ "isTemplate": true }),
        json!({ "storageGB": 1025 }),
    ] {
        put_server(&bench, "wa1aliaswb01", record.clone());
        let found = look::<data::Server>(&bench, json!({ "server_id": SERVER })).await.unwrap();
        assert_eq!(
            (&found["can_be_copied"], &found["snapshots"]),
            (&json!(false), &json!([])),
            "{record}"
        );
    }
}

#[tokio::test]
async fn the_snapshot_of_a_server_tells_when_it_may_end() {
    let bench = bench(&[]);
    create(&bench, &provider(&bench)).await;
    let given = json!({ "server_id": SERVER, "account_alias": "Alias" });
    let found = look::<data::Snapshot>(&bench, given).await.unwrap();
    assert_eq!(found["id"], "alias/wa1aliaswb01/1");
    assert_eq!(found["account_alias"], "Alias");
    assert_eq!((&found["expires_at"], &found["expiration_days"]), (&Json::Null, &Json::Null));
    assert_eq!(found["latest_expiry"], "2026-03-14T05:06:09Z");
    let given = json!({ "server_id": SERVER, "expiration_days": 7 });
    let found = look::<data::Snapshot>(&bench, given).await.unwrap();
    assert_eq!(found["expires_at"], "2026-03-11T05:06:09Z");
}

#[tokio::test]
async fn what_is_not_there_is_an_error_that_names_it() {
    let bench = bench(&[]);
    let server = || json!({ "server_id": SERVER });
    let empty = look::<data::Snapshot>(&bench, server()).await.unwrap_err();
    assert!(empty.message.contains("`WA1ALIASWB01` holds no snapshot"), "{empty}");
    put_server(&bench, "wa1aliaswb01", json!({ "status": "archived" }));
    let untold = look::<data::Snapshot>(&bench, server()).await.unwrap_err();
    assert!(untold.message.contains("`archived`"), "{untold}");
    put_server(&bench, "wa1aliaswb01", json!({ "missing": true }));
    let missing = [
        look::<data::Snapshot>(&bench, server()).await.unwrap_err(),
        look::<data::Server>(&bench, server()).await.unwrap_err(),
    ];
    for error in missing.iter().chain([&empty, &untold]) {
        assert_eq!(error.kind, ErrorKind::NotOne);
        assert_eq!(error.attribute.as_deref(), Some("server_id"), "{error}");
        assert!(error.help.is_some(), "{error}");
    }
    for (given, argument) in [
        (json!({ "group_id": "web" }), "group_id"),
        (json!({ "data_center": "W1" }), "data_center"),
    ] {
        let error = look::<data::GroupSnapshots>(&bench, given).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::NotOne);
        assert_eq!(error.attribute.as_deref(), Some(argument));
    }
}

#[tokio::test]
async fn a_group_is_walked_with_one_request_and_in_order() {
    let bench = two_groups(&[]);
    create(&bench, &provider(&bench)).await;
    bench.requests();
    let found = look::<data::GroupSnapshots>(&bench, json!({ "group_id": GROUP })).await.unwrap();
    let login = "POST /v2/authentication/login".to_owned();
    assert_eq!(bench.requests(), [login, format!("GET /v2/groups/alias/{GROUP}")]);
    assert_eq!(found["server_ids"], json!(["wa1aliasca01", "wa1aliaswb01", "wa1aliaswb02"]));
    let [archived, holding, empty] = &*found["servers"].as_array().unwrap().clone() else {
        panic!()
    };
    assert_eq!(
        (&archived["group_name"], &archived["can_be_copied"]),
        (&json!("Cache"), &json!(false))
    );
    assert_eq!((&holding["snapshot_id"], &holding["can_be_copied"]), (&json!("1"), &json!(true)));
    assert_eq!((&empty["snapshot_id"], &empty["group_id"]), (&Json::Null, &json!(GROUP)));
    assert_eq!(found["snapshots"].as_array().unwrap().len(), 1);
    assert_eq!(found["snapshots"][0]["id"], "alias/wa1aliaswb01/1");
    assert_eq!(found["id"], format!("alias/{GROUP}"));
}

#[tokio::test]
async fn filters_choose_among_the_servers_of_a_group() {
    let bench = two_groups(&[]);
    create(&bench, &provider(&bench)).await;
    for (filter, expected) in [
        (json!({ "server_name_prefix": "wa1aliasWB" }), &["wa1aliaswb01", "wa1aliaswb02"][..]),
        (json!({ "server_name_prefix": "wb" }), &[]),
        (json!({ "include_subgroups": false }), &["wa1aliaswb01", "wa1aliaswb02"]),
        (json!({ "server_status": "archived" }), &["wa1aliasca01"]),
        (json!({ "with_snapshot": true }), &["wa1aliaswb01"]),
        // Nobody knows what the archived server holds.
        (json!({ "with_snapshot": false }), &["wa1aliaswb02"]),
    ] {
        let mut given = filter.clone();
        given["group_id"] = json!(GROUP);
        let found = look::<data::GroupSnapshots>(&bench, given).await.unwrap();
        assert_eq!(found["server_ids"], json!(expected), "{filter}");
        let listed = found["servers"].as_array().unwrap().iter().map(|server| &server["id"]);
        assert_eq!(listed.collect::<Vec<_>>(), expected, "{filter}");
    }
}

#[tokio::test]
async fn a_data_center_begins_where_its_groups_do() {
    let bench = two_groups(&[("servers", 2)]);
    bench.requests();
    let found =
        look::<data::GroupSnapshots>(&bench, json!({ "data_center": "WA1" })).await.unwrap();
    // The groups without a parent are not below the one at the top.
    assert_eq!(found["server_ids"], json!(["wa1aliasapp01", "wa1aliasapp02"]));
    let lines = bench.requests();
    assert_eq!(lines[1], "GET /v2/datacenters/alias/WA1");
    assert_eq!(lines.len(), 3, "{lines:?}");
    let shut = self::bench(&[("tree_access", 0)]);
    let error =
        look::<data::GroupSnapshots>(&shut, json!({ "data_center": "WA1" })).await.unwrap_err();
    assert!(error.message.contains("shows no groups"), "{error}");
    let error =
        look::<data::GroupSnapshots>(&shut, json!({ "group_id": GROUP })).await.unwrap_err();
    assert_eq!((error.kind, error.status), (ErrorKind::Refused, Some(403)));
}

#[test]
fn a_group_is_named_in_one_way() {
    let unknown = || Value::unknown(Type::String);
    let count = |entries: &[(&'static str, Value)]| {
        data::GroupSnapshots::validate(&Value::object(entries.iter().cloned())).len()
    };
    let (group, place) =
        (("group_id", Value::string(GROUP)), ("data_center", Value::string("WA1")));
    assert_eq!(count(&[]), 1);
    assert_eq!(count(&[group.clone(), place.clone()]), 1);
    assert_eq!(count(&[group]), 0);
    assert_eq!(count(&[("group_id", unknown())]), 0);
    let schema = data::GroupSnapshots::schema();
    for (name, text, expected) in [
        ("group_id", "a/b", 1),
        ("group_id", "", 1),
        ("data_center", "W A", 1),
        ("data_center", "WA1", 0),
    ] {
        let problems = schema.check_rules(&Value::object([(name, Value::string(text))]));
        assert_eq!(problems.len(), expected, "{name} {text}");
    }
}
