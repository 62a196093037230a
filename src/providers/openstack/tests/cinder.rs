//! The emulator's block storage, request by request, against what real servers answer.

use super::document::{message, token};
use super::*;

/// A bench with a token and the way to cinder.
struct Door {
    bench: Bench,
    token: String,
}

impl Door {
    fn new(knobs: &[(&str, u64)]) -> Self {
        let bench = bench(knobs);
        let token = token(&bench);
        Self { bench, token }
    }

    fn send(&self, method: Method, path: &str, body: Option<&Json>) -> Response {
        let path = format!("/volume/v3/{PROJECT_ID}/{path}");
        let request = self.bench.request(method, &path).header("X-Auth-Token", &*self.token);
        self.bench.raw(&body.map_or(request.clone(), |body| request.json(body))).0
    }

    fn json(&self, method: Method, path: &str, body: Option<&Json>) -> (u16, Json) {
        let response = self.send(method, path, body);
        (response.status, serde_json::from_slice(&response.body).unwrap_or_default())
    }

    fn get(&self, path: &str) -> Json {
        self.json(Method::Get, path, None).1
    }

    fn made(&self, snapshot: Json) -> String {
        let mut body = json!({ "volume_id": VOLUME });
        body.as_object_mut().unwrap().extend(snapshot.as_object().unwrap().clone());
        let body = json!({ "snapshot": body });
        let (status, body) = self.json(Method::Post, "snapshots", Some(&body));
        assert_eq!(status, 202, "{body}");
        body["snapshot"]["id"].as_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn a_snapshot_has_the_documented_keys() {
    let door = Door::new(&[]);
    let id = door.made(json!({ "name": " s1 ", "description": null, "metadata": { "k": "v" } }));
    let plain = &door.get("snapshots")["snapshots"][0];
    let whole = &door.get(&format!("snapshots/{id}"))["snapshot"];
    let expected = json!({
        "id": id, "created_at": "2026-11-20T13:30:04.000000", "updated_at": null, "name": "s1",
        "description": null, "volume_id": VOLUME, "status": "creating", "size": 10,
        "metadata": { "k": "v" },
    });
    assert_eq!(*plain, expected, "the plain list leaves the extended attributes out");
    assert_eq!(whole["os-extended-snapshot-attributes:progress"], "0%");
    assert_eq!(whole["os-extended-snapshot-attributes:project_id"], PROJECT_ID);
    assert_eq!(door.get("snapshots/detail")["snapshots"][0], *whole);
    door.bench.pass(10).await;
    assert_eq!(door.get(&format!("snapshots/{id}"))["snapshot"]["status"], "available");
}

#[test]
fn creates_are_checked_as_cinder_checks_them() {
    let door = Door::new(&[]);
    let missing = "00000000-0000-4000-8000-0000000000aa";
    let edit = |store: &mut crate::sdk::emulator::Store| {
        store.put("volumes", missing, &json!({ "missing": true }));
    };
    door.bench.host.edit("openstack", edit).unwrap();
    let cases = [
        (json!({}), 400, "'snapshot' is a required property"),
        (json!({ "snapshot": { "name": "x" } }), 400, "'volume_id' is a required property"),
        (json!({ "snapshot": { "volume_id": VOLUME, "foo": 1 } }), 400, "('foo' was unexpected)"),
        (json!({ "snapshot": { "volume_id": "12" } }), 400, "'12' is not valid"),
        (json!({ "snapshot": { "volume_id": missing } }), 404, missing),
        (
            json!({ "snapshot": { "volume_id": VOLUME, "name": "a".repeat(256) } }),
            400,
            "255 characters",
        ),
        (
            json!({ "snapshot": { "volume_id": VOLUME, "metadata": { "k": 1 } } }),
            400,
            "1 is not of type 'string'",
        ),
        (
            json!({ "snapshot": { "volume_id": VOLUME, "metadata": { "ä": "" } } }),
            400,
            "does not match",
        ),
        (json!({ "snapshot": { "volume_id": VOLUME, "metadata": "k" } }), 400, "'object'"),
    ];
    for (body, status, words) in cases {
        let response = door.send(Method::Post, "snapshots", Some(&body));
        assert_eq!(response.status, status, "{body}");
        assert!(message(&response).contains(words), "{body}: {}", message(&response));
    }
}

#[test]
fn what_is_no_json_is_refused_as_cinder_refuses_it() {
    let door = Door::new(&[]);
    let path = format!("/volume/v3/{PROJECT_ID}/snapshots");
    for (kind, body, status) in [
        ("application/json", &b""[..], 500),
        ("application/json", b"{", 400),
        ("application/json", b"\xff", 400),
        ("text/plain", b"{}", 415),
    ] {
        let request = door.bench.request(Method::Post, &path).header("Content-Type", kind);
        let request = request.header("X-Auth-Token", &*door.token).body(body);
        assert_eq!(door.bench.raw(&request).0.status, status, "{kind} {body:?}");
    }
}

#[test]
fn force_means_what_its_microversion_says() {
    let attached = "00000000-0000-4000-8000-0000000000bb";
    for (version, force, status) in [
        ("volume 3.0", None, 400),
        ("volume 3.0", Some(json!("n")), 400),
        ("volume 3.0", Some(json!("y")), 202),
        ("volume 3.65", Some(json!(true)), 202),
        ("volume 3.66", None, 202),
        ("volume 3.66", Some(json!(true)), 202),
        ("volume 3.66", Some(json!(false)), 400),
    ] {
        let door = Door::new(&[]);
        let edit = |store: &mut crate::sdk::emulator::Store| {
            store.put("volumes", attached, &json!({ "status": "in-use" }));
        };
        door.bench.host.edit("openstack", edit).unwrap();
        let mut snapshot = json!({ "volume_id": attached });
        if let Some(force) = &force {
            snapshot["force"] = force.clone();
        }
        let path = format!("/volume/v3/{PROJECT_ID}/snapshots");
        let request = door.bench.request(Method::Post, &path).header("X-Auth-Token", &*door.token);
        let request = request.header("OpenStack-API-Version", version);
        let response = door.bench.raw(&request.json(&json!({ "snapshot": snapshot }))).0;
        assert_eq!(response.status, status, "{version} {force:?}: {}", message(&response));
    }
}

#[test]
fn a_change_takes_name_and_description_only() {
    let door = Door::new(&[]);
    let id = door.made(json!({ "name": "a", "description": "b" }));
    let path = format!("snapshots/{id}");
    let change =
        |snapshot: Json| door.json(Method::Put, &path, Some(&json!({ "snapshot": snapshot })));
    for wrong in [json!({}), json!({ "status": "error" }), json!({ "name": "a".repeat(256) })] {
        assert_eq!(change(wrong).0, 400);
    }
    let (status, body) = change(json!({ "name": "c" }));
    assert_eq!((status, &body["snapshot"]["name"]), (200, &json!("c")));
    assert_eq!(body["snapshot"]["updated_at"], Json::Null, "the time of the change before");
    change(json!({ "display_description": null }));
    let held = &door.get(&path)["snapshot"];
    assert_eq!((&held["name"], &held["description"]), (&json!("c"), &Json::Null));
    assert_eq!(held["updated_at"], "2026-11-20T13:30:04.000000");
}

#[test]
fn metadata_merges_replaces_and_goes() {
    let door = Door::new(&[]);
    let id = door.made(json!({ "metadata": { "a": "1" } }));
    let path = format!("snapshots/{id}/metadata");
    let metadata = |json: Json| Some(json!({ "metadata": json }));
    let steps = [
        (Method::Post, "", metadata(json!({ "b c": "2" })), 200, json!({ "a": "1", "b c": "2" })),
        (Method::Get, "/b%20c", None, 200, json!({ "a": "1", "b c": "2" })),
        (
            Method::Put,
            "/a",
            Some(json!({ "meta": { "a": "3" } })),
            200,
            json!({ "a": "3", "b c": "2" }),
        ),
        (
            Method::Put,
            "/a",
            Some(json!({ "meta": { "b": "3" } })),
            400,
            json!({ "a": "3", "b c": "2" }),
        ),
        (Method::Delete, "/a", None, 200, json!({ "b c": "2" })),
        (Method::Delete, "/a", None, 404, json!({ "b c": "2" })),
        (Method::Get, "/a", None, 404, json!({ "b c": "2" })),
        (Method::Put, "", metadata(json!({ "d": "" })), 200, json!({ "d": "" })),
        (Method::Put, "", Some(json!({ "else": {} })), 400, json!({ "d": "" })),
        (Method::Put, "", metadata(json!({})), 200, json!({})),
    ];
    for (method, key, body, status, held) in steps {
        let response = door.send(method, &format!("{path}{key}"), body.as_ref());
        assert_eq!(response.status, status, "{} {key} {body:?}", method.as_str());
        assert_eq!(door.get(&path), json!({ "metadata": held }));
    }
}

#[tokio::test]
async fn lists_are_filtered_and_paged_as_cinder_does() {
    let door = Door::new(&[("page_maximum", 2), ("snapshot_quota", 0)]);
    let mut ids: Vec<_> =
        ["a", "B", "c", "b"].map(|name| door.made(json!({ "name": name }))).to_vec();
    // Newest first.
    ids.reverse();
    let listed = |path: &str| {
        let body = door.get(path);
        let entries = body["snapshots"].as_array().unwrap().iter();
        let ids: Vec<_> = entries.map(|entry| entry["id"].as_str().unwrap().to_owned()).collect();
        let next = body["snapshots_links"][0]["href"].as_str().map(str::to_owned);
        (ids, next)
    };
    let (first, next) = listed("snapshots?limit=5&volume_id=521752a6-acf6-4b2d-bc7a-119f9148cd8c");
    assert_eq!(first, ids[..2]);
    let next = next.unwrap();
    let rest = next.split_once("/snapshots").unwrap().1;
    let (second, next) = listed(&format!("snapshots{rest}"));
    assert_eq!(second, ids[2..]);
    let rest = next.unwrap().split_once("/snapshots").unwrap().1.to_owned();
    assert_eq!(listed(&format!("snapshots{rest}")), (Vec::new(), None));

    assert_eq!(listed("snapshots?limit=0").0, [""; 0]);
    assert_eq!(listed("snapshots?name=b").0, [&*ids[0], &*ids[2]], "names are blind to case");
    assert_eq!(listed("snapshots?status=error").0, [""; 0]);
    assert_eq!(listed("snapshots?unknown=x&limit=1&offset=1").0, [&*ids[1]]);
    for path in ["snapshots?limit=-1", "snapshots?offset=x"] {
        assert_eq!(door.send(Method::Get, path, None).status, 400, "{path}");
    }
    assert_eq!(door.send(Method::Get, "snapshots?marker=nobody", None).status, 404);
}

#[test]
fn microversions_are_read_as_cinder_reads_them() {
    let door = Door::new(&[]);
    let answered = |version: &str, path: &str| {
        let path = format!("/volume/v3/{PROJECT_ID}/{path}");
        let request = door.bench.request(Method::Get, &path).header("X-Auth-Token", &*door.token);
        door.bench.raw(&request.header("OpenStack-API-Version", version)).0
    };
    for (version, path, status) in [
        ("volume 3.0", "snapshots", 200),
        ("compute 2.36, volume 3.22", "snapshots", 200),
        ("compute 2.36", "snapshots", 400),
        ("volume 3.99", "snapshots", 406),
        ("volume x", "snapshots", 400),
        ("volume 3.3", "messages", 200),
        ("volume 3.2", "messages", 404),
    ] {
        assert_eq!(answered(version, path).status, status, "{version} {path}");
    }
    let header = answered("volume 3.22", "snapshots");
    assert_eq!(header.header_value("OpenStack-API-Version"), Some("volume 3.22"));
}

#[test]
fn microversions_add_keys_filters_and_orders() {
    let door = Door::new(&[]);
    let ids = ["b", "a"].map(|name| door.made(json!({ "name": name, "metadata": { "k": name } })));
    let listed = |minor: u32, query: &str| {
        let path = format!("/volume/v3/{PROJECT_ID}/{query}");
        let request = door.bench.request(Method::Get, &path).header("X-Auth-Token", &*door.token);
        let request = request.header("OpenStack-API-Version", format!("volume 3.{minor}"));
        let response = door.bench.raw(&request).0;
        (response.status, serde_json::from_slice::<Json>(&response.body).unwrap())
    };
    let added = ["group_snapshot_id", "user_id", "consumes_quota"];
    for (minor, count) in [(13, 0), (14, 1), (41, 2), (65, 3)] {
        let (_, whole) = listed(minor, &format!("snapshots/{}", ids[0]));
        let held = added.iter().filter(|key| whole["snapshot"].get(**key).is_some()).count();
        assert_eq!(held, count, "3.{minor}");
    }
    assert_eq!(listed(65, "snapshots").1["snapshots"][0].get("user_id"), None, "a plain list");

    let found = |minor: u32, query: &str| {
        let (status, body) = listed(minor, query);
        assert_eq!(status, 200, "{body}");
        let entries = body["snapshots"].as_array().unwrap().iter();
        entries.map(|entry| entry["name"].as_str().unwrap().to_owned()).collect::<String>()
    };
    assert_eq!(found(22, "snapshots?metadata=%7B%27k%27%3A+%27a%27%7D"), "a");
    assert_eq!(found(21, "snapshots?metadata=%7B%27k%27%3A+%27a%27%7D"), "ab", "no filter yet");
    assert_eq!(found(22, "snapshots?metadata=k"), "");
    assert_eq!(found(0, "snapshots?sort=created_at:asc"), "ba");
    assert_eq!(found(0, "snapshots?sort=display_name:asc"), "ab");
    assert_eq!(found(30, "snapshots?sort=name"), "ba");
    assert_eq!(found(30, "snapshots?sort=name:asc"), "ab");
    assert_eq!(found(30, "snapshots?unknown=x"), "ab");
    for (minor, key) in [(0, "name"), (30, "nonsense")] {
        assert_eq!(
            listed(minor, &format!("snapshots?sort={key}:asc")).0,
            400,
            "{key} in 3.{minor}"
        );
    }
    let count = |minor: u32| listed(minor, "snapshots?with_count=true&limit=1").1["count"].clone();
    assert_eq!((count(44), count(45)), (Json::Null, json!(2)), "of all, not of the page");
    let (status, body) = listed(31, "snapshots?unknown=x");
    let message = body["badRequest"]["message"].as_str().unwrap();
    assert_eq!((status, message), (400, "Invalid filters unknown are found in query options."));
}

#[test]
fn the_quota_is_told_with_and_without_its_usage() {
    let door = Door::new(&[("snapshot_quota", 3), ("gigabyte_quota", 0)]);
    door.made(json!({}));
    let path = format!("os-quota-sets/{PROJECT_ID}");
    let plain = &door.get(&format!("{path}?usage=False"))["quota_set"];
    assert_eq!((&plain["snapshots"], &plain["gigabytes"]), (&json!(3), &json!(-1)));
    let whole = &door.get(&format!("{path}?usage=True"))["quota_set"];
    assert_eq!(whole["snapshots"], json!({ "limit": 3, "in_use": 1, "reserved": 0 }));
    assert_eq!(whole["gigabytes"]["in_use"], 40, "three volumes and a snapshot, 10 GiB each");
    let absolute = &door.get("limits")["limits"]["absolute"];
    assert_eq!(
        (&absolute["totalGigabytesUsed"], &absolute["totalVolumesUsed"]),
        (&json!(40), &json!(3))
    );
    assert_eq!(
        door.send(Method::Get, &format!("os-quota-sets/{}", "0".repeat(32)), None).status,
        403
    );
}

#[test]
fn what_is_for_administrators_is_refused() {
    let door = Door::new(&[]);
    let path = format!("snapshots/{}/action", door.made(json!({})));
    for (body, status, words) in [
        (json!({ "os-force_delete": null }), 403, "snapshot_admin_actions:force_delete"),
        (json!({ "os-reset_status": { "status": "error" } }), 403, "reset_status"),
        (json!({ "os-else": {} }), 400, "os-else"),
    ] {
        let response = door.send(Method::Post, &path, Some(&body));
        assert_eq!(response.status, status, "{body}");
        assert!(message(&response).contains(words), "{body}: {}", message(&response));
    }
}

#[test]
fn both_services_tell_their_versions() {
    let door = Door::new(&[]);
    let asked = |path: &str, token: Option<&str>| {
        let request = door.bench.request(Method::Get, path);
        let request = match token {
            Some(token) => request.header("X-Auth-Token", token),
            None => request,
        };
        let response = door.bench.raw(&request).0;
        (response.status, serde_json::from_slice::<Json>(&response.body).unwrap())
    };
    // Cinder's root and nova's page are for anybody.
    let (status, root) = asked("/volume/", None);
    assert_eq!((status, &root["versions"][0]["version"]), (300, &json!("3.71")));
    assert_eq!(asked("/volume/v3/", None).0, 401);
    assert_eq!(asked("/volume/v3/", Some(&door.token)), (200, root));
    let (status, nova) = asked("/v2.1", None);
    assert_eq!((status, &nova["version"]["min_version"]), (200, &json!("2.1")));
    assert_eq!(nova["version"]["links"][0]["href"], "http://openstack.emulator/v2.1/");
}

#[test]
fn volumes_are_the_same_in_both_services() {
    let door = Door::new(&[("volumes", 2)]);
    let cinder = door.get("volumes/detail?name=VOLUME-1");
    let volume = &cinder["volumes"][0];
    let id = volume["id"].as_str().unwrap();
    assert_eq!(door.get(&format!("volumes/{id}"))["volume"], *volume);
    assert_eq!((&volume["bootable"], &volume["attachments"]), (&json!("true"), &json!([])));
    let brief = &door.get("volumes?name=volume-1")["volumes"][0];
    let expected = json!({ "id": id, "name": "volume-1", "links": volume["links"] });
    assert_eq!(*brief, expected, "a list without details");
    let nova = |path: &str| {
        let path = format!("/v2.1/{PROJECT_ID}/os-volumes{path}");
        let request = door.bench.request(Method::Get, &path).header("X-Auth-Token", &*door.token);
        let response = door.bench.raw(&request).0;
        (response.status, serde_json::from_slice::<Json>(&response.body).unwrap())
    };
    let (_, all) = nova("/detail?name=volume-1");
    assert_eq!(all["volumes"].as_array().unwrap().len(), 2, "nova takes no filters");
    let (_, one) = nova(&format!("/{id}"));
    assert_eq!(one["volume"]["displayName"], volume["name"]);
    assert_eq!(one["volume"]["createdAt"], volume["created_at"]);
    assert_eq!(one["volume"]["attachments"], json!([{}]), "nova's way to say none");
    assert_eq!(nova("/nobody").0, 404);
}
