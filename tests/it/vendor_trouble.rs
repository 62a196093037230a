//! Vendors that refuse, break off or talk nonsense.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value as Json;

use crate::support::http::{Nobody, forward, host, listen};
use crate::support::served::{DATA, Served};
use crate::support::{Sandbox, hours_ago, tells};

const SECRET: &str = "hunter2-is-no-password";

/// One snapshot of a vendor.
fn resource(vendor: &str) -> String {
    let (kind, arguments) = match vendor {
        "ctl" => ("ctl_server_snapshot", "server_id = \"WA1ALIASWB01\"\n  expiration_days = 7"),
        "zenlayer" => ("zenlayer_disk_snapshot", "disk_id = \"17\"\n  name = \"disk\""),
        "thousandeyes" => (
            "thousandeyes_snapshot",
            "test_id = 19955\n  display_name = \"test\"\n  from = var.from\n  duration_hours = 1",
        ),
        "apsara" => {
            ("apsara_ecs_snapshot", "disk_id = \"d-bp1s5fnvk4gn2tws0001\"\n  name = \"ecs\"")
        }
        _ => (
            "openstack_compute_snapshot",
            "volume_id = \"521752a6-acf6-4b2d-bc7a-119f9148cd8c\"\n  name = \"volume\"",
        ),
    };
    format!("resource \"{kind}\" \"one\" {{\n  {arguments}\n}}\n")
}

const VENDORS: [&str; 5] = ["apsara", "ctl", "openstack", "thousandeyes", "zenlayer"];
const SECRETS: [&str; 5] =
    ["app_secret", "password", "access_key_password", "bearer_token", "auth_token"];

/// A configuration for one vendor at `address`, with `secret` in place of the right one.
fn config(served: &Json, vendor: &str, address: Option<&str>, secret: Option<&str>) -> String {
    let mut text = "variable \"secret\" {\n  type      = string\n  sensitive = true\n  default   = null\n}\n\nvariable \"from\" {\n  default = null\n}\n\n".to_owned();
    text.push_str(&format!("provider \"{vendor}\" {{\n"));
    for (name, value) in served[vendor]["settings"].as_object().unwrap() {
        let value = value.as_str().unwrap();
        let value = match (address, secret) {
            (_, Some(_)) if SECRETS.contains(&&**name) => "var.secret".to_owned(),
            (Some(address), _) if value.starts_with("http://") => {
                let rest = host(value).split_once('/').map_or("", |(_, path)| path);
                let slash = if rest.is_empty() { "" } else { "/" };
                format!("\"http://{address}{slash}{rest}\"")
            }
            _ => format!("\"{value}\""),
        };
        text.push_str(&format!("  {name} = {value}\n"));
    }
    text.push_str("}\n\n");
    text.push_str(&resource(vendor));
    text
}

fn apply(sandbox: &Sandbox, vendor: &str) -> crate::support::Output {
    sandbox.note(vendor);
    sandbox.env("TF_VAR_secret", SECRET);
    sandbox.env("TF_VAR_from", &hours_ago(5));
    let output = sandbox.quietly("apply -auto-approve");
    let shown: Vec<_> = output.stderr.lines().map(str::trim_end).collect();
    sandbox.note(&format!("exit {:?}\n{}\n", output.code, shown.join("\n")));
    output
}

#[test]
fn wrong_credentials_are_told_with_everything_but_the_secret() {
    let sandbox = Sandbox::empty();
    let served = Served::of(&sandbox);
    for vendor in VENDORS {
        sandbox.config(&config(&served.vendors, vendor, None, Some(SECRET)));
        let output = apply(&sandbox, vendor).failed().says("E0602").says("HTTP status 4");
        assert!(!output.text().contains("hunter2"), "{}", output.text());
        for (path, bytes) in sandbox.files() {
            let has_secret = bytes.windows(7).any(|window| window == b"hunter2");
            assert!(!has_secret, "{} holds the secret", path.display());
        }
    }
    assert!(sandbox.ledger_of(DATA).is_empty());
    tells!(sandbox);
}

#[test]
fn missing_credentials_stop_an_apply_before_anything_is_sent() {
    for vendor in VENDORS {
        let sandbox = Sandbox::with(&format!(
            "variable \"from\" {{\n  default = \"{}\"\n}}\n\n{}",
            hours_ago(5),
            resource(vendor)
        ));
        let output = sandbox.quietly("apply -auto-approve").failed().says("E0608");
        assert!(!output.text().contains("HTTP status"), "{vendor}: {}", output.text());
    }
}

#[test]
fn a_secret_is_in_no_plan_no_state_and_no_journal() {
    let sandbox = Sandbox::empty();
    let served = Served::of(&sandbox);
    let mut config = served.providers();
    for (name, secret) in [
        ("CTL_PASSWORD", served.setting("ctl", "password")),
        ("ZENLAYERCLOUD_ACCESS_KEY_PASSWORD", served.setting("zenlayer", "access_key_password")),
        ("THOUSANDEYES_BEARER_TOKEN", served.setting("thousandeyes", "bearer_token")),
        ("OS_PASSWORD", served.setting("openstack", "password")),
    ] {
        sandbox.env(name, secret);
        let lines = config.lines().filter(|line| !line.ends_with(&format!("= \"{secret}\"")));
        config = lines.collect::<Vec<_>>().join("\n");
    }
    let resources: String = ["ctl", "zenlayer", "openstack"].map(resource).concat();
    sandbox.config(&format!("{config}\n\n{resources}"));
    sandbox.quietly("plan -out=saved.plan").succeeded();
    let applied = sandbox.quietly("apply saved.plan").succeeded().says("3 added");
    let mut seen = vec![("output".to_owned(), applied.text().into_bytes())];
    for (path, bytes) in sandbox.files() {
        let name = path.display().to_string();
        // The emulated vendors know their own credentials.
        if !name.contains(DATA) {
            seen.push((name, bytes));
        }
    }
    for (name, bytes) in seen {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("rehearsal-password"), "{name}");
        assert!(!text.contains("zenlayer-emulator-password"), "{name}");
        assert!(!text.to_lowercase().contains("bearer "), "{name}");
    }
}

/// Applies against each of several addresses at the same time, because each attempt waits in real
/// time before it asks again, and gives what was said.
fn apply_at(cases: &[(&str, &str, String)], code: &str) -> String {
    let told = std::thread::scope(|scope| {
        let runs: Vec<_> = cases
            .iter()
            .map(|(vendor, what, address)| {
                scope.spawn(move || {
                    let sandbox = Sandbox::empty();
                    let served = Served::of(&sandbox);
                    sandbox.config(&config(&served.vendors, vendor, Some(address), None));
                    apply(&sandbox, &format!("{vendor}: {what}")).failed().says(code);
                    // Nothing was sent that could have made anything.
                    assert!(!sandbox.has("state/default/journal.jsonl"), "{vendor}: {what}");
                    sandbox.story()
                })
            })
            .collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect::<Vec<_>>()
    });
    told.concat()
}

#[test]
fn an_endpoint_where_nobody_listens_is_told() {
    let nobody = Nobody::new();
    let cases = VENDORS.map(|vendor| (vendor, "nobody listens", nobody.address.clone()));
    insta::assert_snapshot!(apply_at(&cases, "E0603"));
}

const HTML: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 21\r\nConnection: close\r\n\r\n<html>Welcome!</html>";
const MISSING: &str =
    "HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\nConnection: close\r\n\r\nnot found";
const HALF: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 999\r\nConnection: close\r\n\r\n{\"half\": ";

#[test]
fn an_endpoint_that_talks_nonsense_is_told() {
    let says = |text: &'static str| listen(move |_| Some(text.to_owned()));
    let both = |what: &'static str, address: &dyn Fn() -> String| {
        ["zenlayer", "openstack"].map(|vendor| (vendor, what, address()))
    };
    let told = [
        apply_at(&both("a page of somebody else", &|| says(HTML)), "E0604"),
        apply_at(&both("another page", &|| says(MISSING)), "E0601"),
    ];
    let broken = [
        both("no HTTP", &|| says("220 mail.example.test ESMTP\r\n")),
        both("an answer cut short", &|| says(HALF)),
        both("nothing but hanging up", &|| listen(|_| None)),
    ];
    let told = told.concat() + &apply_at(&broken.concat(), "E0603");
    insta::assert_snapshot!(told);
}

/// Whether a request asks for a new snapshot.
fn creates(request: &str) -> bool {
    let line = request.lines().next().unwrap_or_default();
    let posts_to = |path: &str| line.starts_with("POST ") && line.contains(path);
    posts_to("/servers/createSnapshot")
        || posts_to("/v6/snapshot")
        || posts_to("/Ecs/CreateSnapshot")
        || posts_to("/os-snapshots")
        || request.to_lowercase().contains("x-zc-action: createsnapshot\r\n")
}

/// A proxy before `vendor` that loses the answer to the first create.
fn losing(served: &Served, vendor: &str) -> (String, Arc<AtomicUsize>) {
    let target = served.host(vendor).to_owned();
    let creates_seen = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&creates_seen);
    let address = listen(move |request| {
        let answer = forward(&target, request);
        let is_lost = creates(request) && count.fetch_add(1, Ordering::SeqCst) == 0;
        (!is_lost).then_some(answer)
    });
    (address, creates_seen)
}

#[test]
fn a_create_that_nobody_can_look_up_waits_for_a_person() {
    let sandbox = Sandbox::empty();
    let served = Served::of(&sandbox);
    let (address, creates_seen) = losing(&served, "thousandeyes");
    let config = config(&served.vendors, "thousandeyes", Some(&address), None);
    sandbox.config(&config.replace("duration_hours = 1", "duration_hours = 1\n  public = true"));
    sandbox.env("TF_VAR_from", &hours_ago(5));
    sandbox.run("apply -auto-approve").exits(4).says("E0606");
    sandbox.note("nothing is sent again");
    sandbox.run("plan -detailed-exitcode").exits(2);
    sandbox.run("apply -auto-approve").exits(4).says("E0707");
    sandbox.run("recover").exits(4);
    assert_eq!(creates_seen.load(Ordering::SeqCst), 1);
    sandbox.note("a person looked, and nothing was made");
    sandbox.run("recover -absent=thousandeyes_snapshot.one").succeeded();
    sandbox.run("apply -auto-approve").succeeded();
    assert_eq!(creates_seen.load(Ordering::SeqCst), 2);
    sandbox.run("plan -detailed-exitcode").exits(0);
    tells!(sandbox);
}

#[test]
fn a_person_may_say_what_a_create_made_that_nobody_can_look_up() {
    let sandbox = Sandbox::empty();
    let served = Served::of(&sandbox);
    let (address, creates_seen) = losing(&served, "thousandeyes");
    let config = config(&served.vendors, "thousandeyes", Some(&address), None);
    sandbox.config(&config.replace("duration_hours = 1", "duration_hours = 1\n  public = true"));
    sandbox.env("TF_VAR_from", &hours_ago(5));
    sandbox.quietly("apply -auto-approve").exits(4).says("E0606");
    let ledger = sandbox.ledger_of(DATA);
    let id = ledger[0]["id"].as_str().unwrap();
    sandbox.run("recover -adopt=thousandeyes_snapshot.one").failed();
    sandbox.run("recover -adopt=thousandeyes_snapshot.two=1").failed();
    sandbox.run(&format!("recover -adopt=thousandeyes_snapshot.one={id}")).succeeded();
    sandbox.run("plan -detailed-exitcode").exits(0);
    assert_eq!(creates_seen.load(Ordering::SeqCst), 1);
    tells!(sandbox);
}

#[test]
fn a_create_whose_answer_is_lost_is_found_and_not_sent_again() {
    for vendor in VENDORS {
        let sandbox = Sandbox::empty();
        let served = Served::of(&sandbox);
        let (address, creates_seen) = losing(&served, vendor);
        let mut config = config(&served.vendors, vendor, Some(&address), None);
        if vendor == "openstack" {
            // The catalogue names the emulator itself.
            let project = served.setting("openstack", "project_id");
            let compute = format!("http://{address}/v2.1/{project}");
            let line =
                format!("  endpoint_overrides = {{ compute = \"{compute}\" }}\n}}\n\nresource");
            config = config.replacen("}\n\nresource", &line, 1);
        }
        sandbox.config(&config);
        let output = apply(&sandbox, vendor);
        assert_eq!(creates_seen.load(Ordering::SeqCst), 1, "{vendor}: {}", output.text());
        output.succeeded().says("1 added");
        let ledger = sandbox.ledger_of(DATA);
        assert_eq!(ledger.len(), 1, "{vendor}: {ledger:?}");
        sandbox.quietly("plan -detailed-exitcode").exits(0);
    }
}

#[test]
fn what_was_made_under_a_mark_is_whole_and_a_second_plan_is_empty() {
    for (resource, called) in [
        (
            "resource \"zenlayer_disk_snapshot\" \"a\" {\n  disk_id   = \"1700000000000000042\"\n  name      = \"nightly\"\n  mark_name = true\n}\n".to_owned(),
            "name",
        ),
        (
            format!(
                "resource \"thousandeyes_snapshot\" \"a\" {{\n  test_id        = 19955\n  display_name   = \"nightly\"\n  from           = \"{}\"\n  duration_hours = 1\n  mark_title     = true\n}}\n",
                hours_ago(5)
            ),
            "display_name",
        ),
    ] {
        let sandbox = Sandbox::with(&resource);
        sandbox.apply();
        let state = sandbox.state();
        let attributes = &state["resources"][0]["instances"][0]["attributes"];
        assert_eq!(attributes[called], "nightly");
        let created = sandbox.ledger().remove(0);
        assert_ne!(created["name"], "nightly", "{created}");
        sandbox.quietly("plan -emulate -detailed-exitcode").exits(0);
    }
}
