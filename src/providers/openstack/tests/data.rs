//! Data types: one volume or snapshot, several, none; through block storage and without it.

use serde::de::DeserializeOwned;

use crate::schema::Problem;
use crate::sdk::DataSource;
use crate::value::Type;

use super::super::client::Cloud;
use super::super::snapshot_data::{self, SnapshotData, Snapshots};
use super::super::volume_data::{self, Volume, Volumes};
use super::*;

const DATA: &str = "11111111-0b22-462e-aeec-2521601c6ed0";
const TWIN: &str = "22222222-0b22-462e-aeec-2521601c6ed0";
const LOUD: &str = "33333333-0b22-462e-aeec-2521601c6ed0";

fn cloud(bench: &Bench) -> Cloud {
    let cloud = settings::cloud(&bench.settings(&[]), &bench.configure_context());
    cloud.map_err(|problems| format!("{problems:?}")).unwrap()
}

fn wanted<T: DeserializeOwned>(json: Json) -> T {
    serde_json::from_value(json).unwrap()
}

/// Two volumes called `data`, and one called `DATA`, which databases take for the same.
fn with_volumes(knobs: &[(&str, u64)]) -> Bench {
    let bench = bench(&[knobs, &[("volumes", 0)]].concat());
    let made = |second: u64| format!("2026-02-01T00:00:0{second}Z");
    let attached = json!([{ "server_id": "s-1", "device": "/dev/vdb" }]);
    let records = [
        (
            DATA,
            json!({
                "name": "data", "description": "Orders", "status": "in-use", "size": 40,
                "bootable": true, "metadata": { "role": "db", "tier": "1" },
                "attachments": attached, "snapshot_id": TWIN, "source_volid": LOUD,
                "created_at": made(2),
            }),
        ),
        (TWIN, json!({ "name": "data", "created_at": made(1), "metadata": { "role": "files" } })),
        (LOUD, json!({ "name": "DATA", "created_at": made(1) })),
    ];
    let edit = |store: &mut crate::sdk::emulator::Store| {
        for (id, record) in records {
            store.put("volumes", id, &record);
        }
    };
    bench.host.edit("openstack", edit).unwrap();
    bench
}

async fn volume(bench: &Bench, json: Json) -> Result<volume_data::FoundOne, ProviderError> {
    Volume(cloud(bench)).read(&bench.context(), wanted(json)).await
}

async fn volumes(bench: &Bench, json: Json) -> Vec<String> {
    Volumes(cloud(bench)).read(&bench.context(), wanted(json)).await.unwrap().ids
}

async fn snapshots(bench: &Bench, json: Json) -> snapshot_data::FoundMany {
    Snapshots(cloud(bench)).read(&bench.context(), wanted(json)).await.unwrap()
}

#[tokio::test]
async fn a_volume_is_found_by_id_and_by_name() {
    for (has_block_storage, by_name) in [(1, false), (1, true), (0, false), (0, true)] {
        let bench = with_volumes(&[("block_storage", has_block_storage)]);
        let arguments = if by_name {
            json!({ "name": "data", "status": "in-use", "metadata": { "role": "db" } })
        } else {
            json!({ "id": DATA })
        };
        let found = serde_json::to_value(volume(&bench, arguments).await.unwrap()).unwrap();
        let told = |value: Json| if has_block_storage == 1 { value } else { Json::Null };
        let attachment = json!({
            "server_id": "s-1", "device": "/dev/vdb", "attachment_id": told(json!("s-1")),
            "host_name": null,
        });
        let expected = json!({
            "region": "RegionOne", "id": DATA, "name": "data", "description": "Orders",
            "status": "in-use", "size": 40, "availability_zone": "nova",
            "volume_type": "standard", "bootable": told(json!("true")),
            "metadata": { "role": "db", "tier": "1" }, "attachments": [attachment],
            "snapshot_id": TWIN, "source_volid": told(json!(LOUD)),
            "created_at": "2026-02-01T00:00:02Z",
        });
        assert_eq!(found, expected);
    }
}

#[tokio::test]
async fn a_volume_without_attachments_has_none_through_either_service() {
    for has_block_storage in [0, 1] {
        let bench = with_volumes(&[("block_storage", has_block_storage)]);
        let found = volume(&bench, json!({ "id": TWIN })).await.unwrap();
        assert_eq!(found.volume.attachments, []);
    }
}

#[tokio::test]
async fn names_that_only_databases_take_for_equal_are_told_apart() {
    let bench = with_volumes(&[]);
    let found = volume(&bench, json!({ "name": "DATA" })).await.unwrap();
    assert_eq!(found.volume.id, LOUD);
    assert_eq!(volumes(&bench, json!({ "name": "data" })).await, [TWIN, DATA]);
}

#[tokio::test]
async fn no_volume_or_several_are_errors_that_name_the_candidates() {
    let bench = with_volumes(&[]);
    let cases = [
        (json!({ "name": "data" }), ErrorKind::NotOne, "name", vec!["2 volumes fit", DATA, TWIN]),
        (
            json!({ "name": "data", "status": "error" }),
            ErrorKind::NotOne,
            "name",
            vec!["fits the other arguments", DATA, TWIN, "(in-use)"],
        ),
        (
            json!({ "name": "Data" }),
            ErrorKind::NotOne,
            "name",
            vec!["No volume of this name", DATA, LOUD, "called `DATA`"],
        ),
        (
            json!({ "name": "data", "bootable": "false", "metadata": { "role": "db" } }),
            ErrorKind::NotOne,
            "name",
            vec![DATA],
        ),
        (json!({ "id": "no-such-volume" }), ErrorKind::NotOne, "id", vec!["`no-such-volume`"]),
    ];
    for (arguments, kind, attribute, words) in cases {
        let error = volume(&bench, arguments.clone()).await.unwrap_err();
        assert_eq!((error.kind, error.attribute.as_deref()), (kind, Some(attribute)), "{error}");
        assert!(error.help.is_some());
        for word in words {
            assert!(error.message.contains(word), "{arguments}: {error} lacks {word}");
        }
    }
}

#[tokio::test]
async fn a_message_names_ten_candidates_at_the_most() {
    let bench = bench(&[("volumes", 25)]);
    let error = volume(&bench, json!({ "name": "nothing" })).await.unwrap_err();
    assert!(error.message.contains("`volume-10`") && error.message.contains("and 15 more"));
    assert!(!error.message.contains("`volume-11`"), "{error}");
}

#[tokio::test]
async fn what_compute_does_not_tell_cannot_be_asked_of_it() {
    let bench = with_volumes(&[("block_storage", 0)]);
    let error = volume(&bench, json!({ "name": "data", "bootable": "true" })).await.unwrap_err();
    let at = error.attribute.as_deref();
    assert_eq!((error.kind, at), (ErrorKind::Unsupported, Some("bootable")), "{error}");
}

#[tokio::test]
async fn volumes_come_in_order_whatever_the_page() {
    for (knobs, requests) in [
        ([("page_maximum", 1000), ("block_storage", 1)], 1),
        ([("page_maximum", 2), ("block_storage", 1)], 3),
    ] {
        let bench = bench(&[&knobs[..], &[("volumes", 5)]].concat());
        let expected: Vec<_> =
            (1..=5).map(|number| format!("7620fb1a-0b22-462e-aeec-{number:012x}")).collect();
        assert_eq!(volumes(&bench, json!({})).await, expected);
        let lists = bench.requests().into_iter().filter(|line| line.ends_with("volumes/detail"));
        assert_eq!(lists.count(), requests);
    }
}

#[tokio::test]
async fn volumes_are_filtered_and_none_is_no_error() {
    for has_block_storage in [0, 1] {
        let bench = with_volumes(&[("block_storage", has_block_storage)]);
        let cases = [
            (json!({}), vec![TWIN, LOUD, DATA]),
            (json!({ "name": "data" }), vec![TWIN, DATA]),
            (json!({ "status": "in-use" }), vec![DATA]),
            (json!({ "metadata": { "role": "files" } }), vec![TWIN]),
            (json!({ "metadata": { "role": "files", "tier": "1" } }), vec![]),
            (json!({ "name": "nothing" }), vec![]),
        ];
        for (arguments, expected) in cases {
            assert_eq!(volumes(&bench, arguments.clone()).await, expected, "{arguments}");
        }
    }
    let bench = with_volumes(&[]);
    assert_eq!(volumes(&bench, json!({ "bootable": "true" })).await, [DATA]);
}

#[tokio::test]
async fn snapshots_are_found_the_newest_one_too() {
    for has_block_storage in [0, 1] {
        let bench = bench(&[("block_storage", has_block_storage), ("page_maximum", 2)]);
        let snapshot = provider(&bench);
        let mut made = Vec::new();
        for name in ["a", "b", "a"] {
            made.push(create(&bench, &snapshot, name).await.id);
        }
        let all = snapshots(&bench, json!({})).await;
        assert_eq!(all.ids, made);
        assert_eq!(all.snapshots[1].name.as_deref(), Some("b"));
        let named = snapshots(&bench, json!({ "name": "a", "status": "available" })).await;
        assert_eq!(named.ids, [&*made[0], &*made[2]]);
        let newest = json!({ "name": "a", "most_recent": true });
        assert_eq!(snapshots(&bench, newest.clone()).await.ids, [&*made[2]]);
        let none = json!({ "volume_id": TWIN, "most_recent": true });
        assert_eq!(snapshots(&bench, none.clone()).await.ids, [""; 0]);

        let one = async |arguments: Json| {
            SnapshotData(cloud(&bench)).read(&bench.context(), wanted(arguments)).await
        };
        assert_eq!(one(newest).await.unwrap().snapshot.id, made[2]);
        let by_id = one(json!({ "id": made[1] })).await.unwrap().snapshot;
        assert_eq!((&*by_id.volume_id, by_id.size), (VOLUME, Some(10)));
        assert_eq!(by_id.description.as_deref(), Some("Daily backup"));
        assert_eq!(one(json!({ "name": "b" })).await.unwrap().snapshot, by_id);
        let several = one(json!({ "name": "a" })).await.unwrap_err();
        assert!(several.message.contains(&made[0]) && several.message.contains(&made[2]));
        assert!(several.help.unwrap().contains("most_recent"));
        let nothing = one(none).await.unwrap_err();
        assert_eq!(nothing.attribute.as_deref(), Some("volume_id"));
        assert!(nothing.message.contains(&made[0]), "{nothing}");
        let gone = one(json!({ "id": DATA })).await.unwrap_err();
        assert_eq!((gone.kind, gone.attribute.as_deref()), (ErrorKind::NotOne, Some("id")));
    }
}

/// The arguments of a data block as the engine hands them over: what nobody set is null.
fn arguments_of<D: DataSource>(given: &[(&'static str, Value)]) -> Value {
    let schema = D::schema();
    let all = schema.attributes.iter().map(|attribute| {
        let set = given.iter().find(|(name, _)| *name == attribute.name);
        let default = attribute.default.clone().unwrap_or_else(|| attribute.absent());
        (attribute.name, set.map_or(default, |(_, value)| value.clone()))
    });
    Value::object(all.collect::<Vec<_>>())
}

#[test]
fn contradictions_are_told_without_a_network() {
    let problems = |found: Vec<Problem>| {
        let found = found.iter().map(|problem| {
            let attribute = problem.path.root_attribute().unwrap_or_default();
            assert!(problem.help.is_some());
            format!("{attribute} {:?}", problem.kind)
        });
        found.collect::<Vec<_>>()
    };
    let text = |name, text: &str| (name, Value::string(text));
    let unknown = ("id", Value::unknown(Type::String));
    let volume = |given: &[_]| problems(Volume::validate(&arguments_of::<Volume>(given)));
    assert_eq!(volume(&[text("name", "a"), text("status", "in-use")]), [""; 0]);
    assert_eq!(volume(&[text("id", DATA)]), [""; 0]);
    assert_eq!(volume(&[unknown]), [""; 0]);
    assert_eq!(volume(&[text("status", "in-use")]), ["name Missing"]);
    let both = [text("id", DATA), text("name", "a"), text("bootable", "true")];
    assert_eq!(volume(&both), ["name Combination", "bootable Combination"]);
    let snapshot =
        |given: &[_]| problems(SnapshotData::validate(&arguments_of::<SnapshotData>(given)));
    assert_eq!(snapshot(&[]), [""; 0]);
    let newest = ("most_recent", Value::TRUE);
    assert_eq!(snapshot(&[text("id", DATA), newest]), ["most_recent Combination"]);
}

#[tokio::test]
async fn the_engine_gets_whole_objects_of_the_declared_types() {
    let bench = with_volumes(&[]);
    create(&bench, &provider(&bench), "a").await;
    let configured =
        PROVIDER.configure(&bench.settings(&[]), &bench.configure_context()).ok().unwrap();
    let name = [("name", Value::string("DATA"))];
    let cases = [
        (Volume::TYPE, arguments_of::<Volume>(&name)),
        (Volumes::TYPE, arguments_of::<Volumes>(&[])),
        (SnapshotData::TYPE, arguments_of::<SnapshotData>(&[("name", Value::string("a"))])),
        (Snapshots::TYPE, arguments_of::<Snapshots>(&name)),
    ];
    let specs = PROVIDER.data_sources();
    for (type_name, arguments) in cases {
        let spec = specs.iter().find(|spec| spec.type_name == type_name).unwrap();
        let object = configured.data[type_name].read(&bench.context(), &arguments).await.unwrap();
        assert!(object.is_wholly_known());
        assert_eq!(object.ty(), spec.schema.object_type(), "{type_name}");
        assert_eq!(object.attribute("region"), Some(&Value::string("RegionOne")));
    }
}
