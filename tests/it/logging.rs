//! The log tells every request and answer, and never a secret.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;

use crate::served::five;
use crate::support::Sandbox;
use crate::support::served::Served;

const CANARY: &str = "canary in a sensitive variable";

/// Everything that a vendor's settings hold and nobody may read.
fn secrets(served: &Served) -> Vec<String> {
    let mut found = vec![CANARY.to_owned()];
    for (_, entry) in served.vendors.as_object().unwrap() {
        for kind in ["settings", "other_credentials"] {
            for (name, value) in entry[kind].as_object().into_iter().flatten() {
                let harmless = ["url", "endpoint", "region", "domain", "project", "user", "email"];
                if !harmless.iter().any(|word| name.contains(word)) {
                    found.extend(value.as_str().map(str::to_owned));
                }
            }
        }
    }
    assert!(found.len() >= 8, "{found:?}");
    found
}

/// The forms in which a secret may be found.
fn forms(secret: &str) -> Vec<String> {
    let encoded = STANDARD.encode(secret);
    let escaped = secret.bytes().fold(String::new(), |text, byte| format!("{text}%{byte:02X}"));
    let inside = encoded.trim_end_matches('=').to_owned();
    vec![secret.to_owned(), inside, escaped, snapform::sdk::http::percent_encode(secret)]
}

#[test]
fn no_vendor_s_credentials_are_in_a_log_of_everything() {
    let sandbox = Sandbox::empty();
    let served = Served::of(&sandbox);
    let config = format!("{}{}", served.providers(), five())
        .replace("name      = \"volume\"", "name      = \"volume\"\n  description = var.note");
    let variable = "variable \"note\" {\n  sensitive = true\n}\n";
    sandbox.config(&format!("{config}{variable}"));
    sandbox.env("TF_VAR_note", CANARY);
    sandbox.env("SNAPFORM_LOG", "json");
    sandbox.env("TF_LOG_PATH", "log.jsonl");
    sandbox.quietly("apply -auto-approve").succeeded().says("5 added");
    sandbox.quietly("plan").succeeded();
    sandbox.quietly("destroy -auto-approve").succeeded();
    let log = sandbox.read("log.jsonl");
    for secret in secrets(&served) {
        for form in forms(&secret) {
            assert!(!log.contains(&form), "`{secret}` is in the log as `{form}`");
        }
    }
    for word in ["Bearer ", "Basic ", "HMAC-SHA256 Credential"] {
        assert!(!log.contains(word), "{word}");
    }
    let lines: Vec<Json> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for vendor in ["apsara", "ctl", "openstack", "thousandeyes", "zenlayer"] {
        let host = served.host(vendor);
        let asked = lines.iter().filter(|line| line["host"] == host && line["method"].is_string());
        assert!(asked.count() >= 2, "{vendor}: {log}");
    }
    let said = |message: &str| lines.iter().filter(|line| line["@message"] == message).count();
    assert_eq!(said("request"), said("request in full"));
    assert_eq!(said("request"), said("answer"));
    assert!(lines.iter().all(|line| line["@module"].as_str().unwrap().starts_with("snapform")));
    // Identifiers and states are what one reads a log for.
    assert!(log.contains("521752a6-acf6-4b2d-bc7a-119f9148cd8c"));
    assert!(log.contains("\\\"status\\\":"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(sandbox.path("log.jsonl")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

const ONE: &str = r#"
resource "zenlayer_disk_snapshot" "one" {
  disk_id = "17"
  name    = "one"
}
"#;

#[test]
fn levels_say_how_much_and_the_log_is_beside_the_results() {
    let sandbox = Sandbox::with(ONE);
    let silent = sandbox.quietly("apply -emulate -auto-approve").succeeded();
    assert!(silent.stderr.is_empty(), "{}", silent.stderr);
    let all = sandbox.quietly("plan -emulate -log=text").succeeded();
    assert!(all.stderr.contains("[TRACE] snapform.sdk.http.log: answer in full"), "{}", all.stderr);
    assert!(!all.stdout.contains("snapform.sdk"));
    sandbox.env("TF_LOG", "DEBUG");
    let debug = sandbox.quietly("plan -emulate").succeeded();
    assert!(debug.stderr.contains("[DEBUG] snapform.sdk.http.log: request attempt=1"));
    assert!(!debug.stderr.contains("in full"), "{}", debug.stderr);
    let json = sandbox.quietly("plan -emulate -log=json").succeeded();
    let first: Json = serde_json::from_str(json.stderr.lines().next().unwrap()).unwrap();
    assert_eq!(first["@level"], "info");
    sandbox.env("TF_LOG", "warn");
    assert!(sandbox.quietly("plan -emulate").succeeded().stderr.is_empty());
    sandbox.env("SNAPFORM_LOG", "off");
    assert!(sandbox.quietly("plan -emulate -log=json").succeeded().stderr.is_empty());
    sandbox.env("SNAPFORM_LOG", "everything");
    sandbox.quietly("plan -emulate").succeeded().says("W1012").says("[TRACE]");
    sandbox.env("TF_LOG_PATH", "nowhere/log");
    sandbox.quietly("plan -emulate").failed().says("`nowhere/log` cannot be written");
}

#[test]
fn what_is_sent_again_and_what_is_not_answered_is_told() {
    let sandbox = Sandbox::with(
        "provider \"zenlayer\" {\n  endpoint = \"http://127.0.0.1:9\"\n  access_key_id = \"k\"\n  access_key_password = \"hush-hush\"\n}\n\nimport {\n  to = zenlayer_disk_snapshot.one\n  id = \"1\"\n}\n",
    );
    sandbox.write("one.snap.hcl", ONE);
    sandbox.env("TF_LOG", "info");
    let output = sandbox.quietly("plan").failed();
    output.says("[WARN] snapform.sdk.http.log: no answer").says("asking again after a pause");
}
