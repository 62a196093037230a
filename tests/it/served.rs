//! The emulators on loopback: for any client, and for our own over a real network.

use serde_json::{Value as Json, json};
use snapform::world::World;

use crate::support::http::{basic, form, gateway_signature, send, zenlayer_authorization};
use crate::support::served::{DATA, Served};
use crate::support::{Sandbox, hours_ago};

/// The text of a seed from `begin` to the end of the JSON that starts there.
fn json_of(seed: &str, begin: &str) -> String {
    let after = seed.split_once(begin).unwrap_or_else(|| panic!("{begin}")).1;
    let text = after.get(after.find('{').unwrap()..).unwrap();
    let mut depth = 0_usize;
    for (index, character) in text.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 1 => return text[..=index].to_owned(),
            '}' => depth -= 1,
            _ => {}
        }
    }
    panic!("JSON without an end after `{begin}`")
}

fn entry_of(sandbox: &Sandbox, vendor: &str) -> Json {
    let mut ledger = sandbox.ledger_of(DATA);
    ledger.retain(|entry| entry["vendor"] == vendor && entry["operation"] == "create");
    ledger.remove(0)
}

#[test]
fn seed_000_is_answered_by_ctl() {
    let sandbox = Sandbox::empty();
    let served = Served::of(&sandbox);
    let login = json!({
        "username": served.setting("ctl", "username"),
        "password": served.setting("ctl", "password"),
    });
    let content = ("Content-Type", "application/json");
    let address = served.host("ctl");
    let line = "POST /v2/authentication/login";
    let session = send(address, line, &[content], &login.to_string()).json();
    let bearer = format!("Bearer {}", session["bearerToken"].as_str().unwrap());
    let seed = include_str!("../data/seeds/000_b0e63a36753d24b3.txt");
    let body = json_of(seed, "#### JSON");
    let line = "POST /v2/operations/ALIAS/servers/createSnapshot";
    let answer = send(address, line, &[content, ("Authorization", &bearer)], &body);
    assert!(matches!(answer.status, 200..=202), "{answer:?}");
    let answer = answer.json();
    assert_eq!(answer[0]["server"], "wa1aliaswb01");
    assert_eq!(answer[0]["isQueued"], true);
    assert_eq!(answer[0]["links"][0]["rel"], "status");
    let line = "POST /v2/operations/ALIAS/servers/createSnapshot";
    assert_eq!(send(address, line, &[content], &body).status, 401);
}

#[test]
fn seed_001_is_answered_by_zenlayer() {
    let sandbox = Sandbox::empty();
    let served = Served::of(&sandbox);
    let seed = include_str!("../data/seeds/001_d096f97a378775ce.txt");
    let address = served.host("zenlayer");
    let key = (
        served.setting("zenlayer", "access_key_id"),
        served.setting("zenlayer", "access_key_password"),
    );
    let ask = |body: &str, password: &str| {
        let timestamp = World::real().clock.now().epoch_seconds().to_string();
        let authorization = zenlayer_authorization(address, &timestamp, body, (key.0, password));
        let headers = [
            ("Content-Type", "application/json"),
            ("X-ZC-Action", "CreateSnapshot"),
            ("X-ZC-Version", "2025-09-01"),
            ("X-ZC-Timestamp", &*timestamp),
            ("X-ZC-Signature-Method", "ZC2-HMAC-SHA256"),
            ("Authorization", &*authorization),
        ];
        send(address, "POST /api/v2/zec", &headers, body)
    };
    let body = json_of(seed, "Request：");
    let late = ask(&body, key.1);
    assert_eq!(late.json()["code"], "INVALID_SNAPSHOT_RETENTION_TIME", "{late:?}");
    let body = body.replace("2025-07-16", "2099-07-16");
    let answer = ask(&body, key.1);
    assert_eq!(answer.status, 200, "{answer:?}");
    let answer = answer.json();
    assert_eq!(answer["requestId"], answer["response"]["requestId"]);
    let entry = entry_of(&sandbox, "zenlayer");
    assert_eq!(entry["id"], answer["response"]["snapshotId"]);
    assert_eq!((&entry["source"], &entry["name"]), (&json!("diskId1"), &json!("xxx")));
    let forged = ask(&body, "another password");
    assert!(forged.status == 401 || forged.json()["code"] != Json::Null, "{forged:?}");
    assert_eq!(sandbox.ledger_of(DATA).len(), 1);
}

#[test]
fn seed_002_is_answered_by_thousandeyes() {
    let sandbox = Sandbox::empty();
    let served = Served::of(&sandbox);
    let seed = include_str!("../data/seeds/002_31a427d829505757.txt");
    let body = json_of(seed, "-d '");
    let authorization = basic(
        served.setting("thousandeyes", "email"),
        served.setting("thousandeyes", "auth_token"),
    );
    let headers = [
        ("Content-Type", "application/json"),
        ("Accept", "application/json"),
        ("Authorization", &*authorization),
    ];
    let address = served.host("thousandeyes");
    let answer = send(address, "POST /v6/snapshot.json", &headers, &body);
    assert_eq!(answer.status, 201, "{answer:?}");
    let link = answer.json()["link"].clone();
    let sample: Json = serde_json::from_str(&json_of(seed, "**Body**")).unwrap();
    for (name, value) in sample["link"].as_object().unwrap() {
        let same_kind = link[name].is_string() == value.is_string();
        assert!(same_kind && !link[name].is_null(), "{name}: {} for {value}", link[name]);
    }
    for name in ["displayName", "sourceTestId", "startRoundId", "endRoundId"] {
        assert_eq!(link[name], sample["link"][name], "{name}");
    }
    let entry = entry_of(&sandbox, "thousandeyes");
    assert_eq!(entry["source"], "19955");
    assert_eq!(entry["name"], "Snapshot created through API");
    let refused = send(address, "POST /v6/snapshot.json", &headers[..2], &body);
    assert_eq!(refused.status, 401);
}

/// Every sample value of the seed's table, masked as there.
const SAMPLE: &[(&str, &str)] = &[
    ("Description", "This is a description example."),
    ("Category", "Standard"),
    ("Tag.1.Key", "TestKey"),
    ("regionId", "cn-test-env01-d01"),
    ("Tag.1.Value", "TestValue"),
    ("RetentionDays", "30"),
    ("ClientToken", "123e4567-e89b-12d3-a456-42665544****"),
    ("SnapshotName", "test-Snapshot****"),
    ("version", "2016-01-01"),
    ("DiskId", "d-bp1s5fnvk4gn2tws0****"),
];

#[test]
fn seed_003_is_answered_by_apsara() {
    let seed = include_str!("../data/seeds/003_c357a896dde13169.txt");
    for (name, value) in SAMPLE {
        assert!(seed.contains(value) || *name == "regionId", "{name}");
    }
    let sandbox = Sandbox::empty();
    let served = Served::of(&sandbox);
    let path = "/apsara/route/Ecs/CreateSnapshot";
    let ask = |secret: &str, nonce: &str| {
        let timestamp = World::real().clock.now().epoch_milliseconds().to_string();
        let signed = [
            ("x-ca-key", served.setting("apsara", "app_key")),
            ("x-ca-nonce", nonce),
            ("x-ca-timestamp", &*timestamp),
        ];
        let signature = gateway_signature(path, SAMPLE, &signed, secret);
        let mut headers = signed.to_vec();
        headers.extend([
            ("Accept", "application/json"),
            ("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"),
            ("X-Ca-Signature-Headers", "x-ca-key,x-ca-nonce,x-ca-timestamp"),
            ("X-Ca-Signature", &*signature),
        ]);
        send(served.host("apsara"), &format!("POST {path}"), &headers, &form(SAMPLE))
    };
    let secret = served.setting("apsara", "app_secret");
    let answer = ask(secret, "1f0d9c52-1111-4b1c-9a55-000000000001");
    assert_eq!(answer.status, 200, "{answer:?}");
    let entry = entry_of(&sandbox, "apsara");
    assert_eq!(entry["source"], "d-bp1s5fnvk4gn2tws0****");
    assert_eq!(entry["name"], "test-Snapshot****");
    assert_eq!(entry["client_token"], "123e4567-e89b-12d3-a456-42665544****");
    assert!(!entry["id"].as_str().unwrap().is_empty() && entry["time"].is_string());
    let forged = ask("another secret", "1f0d9c52-1111-4b1c-9a55-000000000002");
    assert_eq!(forged.status, 400, "{forged:?}");
    let again = ask(secret, "1f0d9c52-1111-4b1c-9a55-000000000003");
    assert_eq!(again.status, 200, "the token makes it the same create: {again:?}");
    assert_eq!(sandbox.ledger_of(DATA).len(), 1);
}

#[test]
fn seed_004_is_answered_by_openstack() {
    let sandbox = Sandbox::empty();
    let served = Served::of(&sandbox);
    let user = json!({
        "name": served.setting("openstack", "user_name"),
        "password": served.setting("openstack", "password"),
        "domain": { "name": "Default" },
    });
    let project = json!({ "name": served.setting("openstack", "project_name"), "domain": { "name": "Default" } });
    let login = json!({ "auth": {
        "identity": { "methods": ["password"], "password": { "user": user } },
        "scope": { "project": project },
    }});
    let content = ("Content-Type", "application/json");
    let address = served.host("openstack");
    let session = send(address, "POST /v3/auth/tokens", &[content], &login.to_string());
    assert_eq!(session.status, 201, "{session:?}");
    let token = ("X-Auth-Token", session.header("x-subject-token"));
    let line = format!("POST /v2.1/{}/os-snapshots", served.setting("openstack", "project_id"));
    let seed = include_str!("../data/seeds/004_f6acdcbffab2b60d.txt");
    let body = json_of(seed, "**Example Create Snapshot: JSON request**");
    let answer = send(address, &line, &[content, token], &body);
    assert_eq!(answer.status, 200, "{answer:?}");
    let snapshot = answer.json()["snapshot"].clone();
    let sample = json_of(seed, "Response\n^^^^");
    let sample: Json = serde_json::from_str(&sample).unwrap();
    for name in sample["snapshot"].as_object().unwrap().keys() {
        assert!(!snapshot[name].is_null(), "{name}: {snapshot}");
    }
    assert_eq!(snapshot["displayName"], "snap-001");
    assert_eq!(entry_of(&sandbox, "openstack")["id"], snapshot["id"]);
    assert_eq!(send(address, &line, &[content], &body).status, 401);
}

pub(crate) fn five() -> String {
    format!(
        r#"
resource "ctl_server_snapshot" "web" {{
  server_id       = "WA1ALIASWB01"
  expiration_days = 7
}}

resource "zenlayer_disk_snapshot" "disk" {{
  disk_id = "1700000000000000042"
  name    = "disk"
}}

resource "thousandeyes_snapshot" "test" {{
  test_id        = 19955
  display_name   = "test"
  from           = "{}"
  duration_hours = 1
}}

resource "apsara_ecs_snapshot" "ecs" {{
  disk_id = "d-bp1s5fnvk4gn2tws0001"
  name    = "ecs"
}}

resource "openstack_compute_snapshot" "volume" {{
  volume_id = "521752a6-acf6-4b2d-bc7a-119f9148cd8c"
  name      = "volume"
}}
"#,
        hours_ago(5)
    )
}

#[test]
fn an_apply_over_the_network_ends_as_the_ledger_says() {
    let sandbox = Sandbox::empty();
    let served = Served::of(&sandbox);
    sandbox.config(&format!("{}{}", served.providers(), five()));
    sandbox.quietly("plan -detailed-exitcode").exits(2);
    let applied = sandbox.quietly("apply -auto-approve").succeeded().says("5 added");
    assert!(!applied.stdout.contains("Emulating"));
    let ledger = sandbox.ledger_of(DATA);
    assert_eq!(ledger.len(), 5);
    let state: Json = serde_json::from_str(&sandbox.read("state/default/state.json")).unwrap();
    for resource in state["resources"].as_array().unwrap() {
        let id = resource["instances"][0]["attributes"]["id"].as_str().unwrap();
        let found = ledger.iter().find(|entry| {
            let known = entry["id"].as_str().unwrap();
            id == known || id.ends_with(&format!("/{known}"))
        });
        let found = found.unwrap_or_else(|| panic!("{id} is not in the ledger: {ledger:?}"));
        for field in ["time", "vendor", "operation", "id", "source", "name", "client_token"] {
            assert!(found.get(field).is_some(), "{field}");
        }
    }
    assert!(!sandbox.has(".snapform/emulator"), "no emulator runs in this process");
    sandbox.quietly("plan -detailed-exitcode").exits(0);
    let destroyed = sandbox.quietly("destroy -auto-approve").succeeded();
    destroyed.says("4 destroyed, 1 forgotten").says("W0609");
    let deleted = sandbox.ledger_of(DATA);
    assert_eq!(deleted.iter().filter(|entry| entry["operation"] == "delete").count(), 4);
}

/// A step that has noted its create may wait for a call of another one. Nothing has left for it yet.
#[cfg(unix)]
#[test]
fn an_interrupted_apply_sends_nothing_more() {
    let sandbox = Sandbox::empty();
    let slow = format!("emulator knobs -data={DATA} apsara.latency_milliseconds=700");
    sandbox.quietly(&slow).succeeded();
    let served = Served::of(&sandbox);
    let twelve = "resource \"apsara_ecs_snapshot\" \"t\" {\n  count   = 12\n  disk_id = \
                  format(\"d-bp1s5fnvk4gn2tws%04d\", 10 + count.index)\n  name    = \"t-${count.index}\"\n}\n";
    sandbox.config(&format!("{}{twelve}", served.providers()));
    let mut running = sandbox.start("apply -auto-approve -parallelism=4");
    let journal = sandbox.path("state/default/journal.jsonl");
    // More creates are open than may be under way.
    let is_crowded = || {
        let bytes = std::fs::read(&journal).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let count = |entry: &str| text.matches(&format!("\"entry\":\"{entry}\"")).count();
        count("intent") >= count("outcome") + 6
    };
    assert!(running.wait_until(is_crowded));
    let made = sandbox.ledger_of(DATA).len();
    running.interrupt();
    running.finish().failed().says("were not started").says("Not begun; nothing was sent for it");
    let made_since = sandbox.ledger_of(DATA).len() - made;
    assert!(made_since <= 4, "{made_since} were made after {made}");
    assert!(sandbox.nothing_open("state/default"));
    sandbox.quietly("apply -auto-approve").succeeded();
    assert_eq!(sandbox.ledger_of(DATA).len(), 12);
}
