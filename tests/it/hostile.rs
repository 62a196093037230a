//! Vendors whose answers are made to do harm: they end in an error that can be read, or in data that
//! can be looked at, and never in the terminal or in all of the memory.

use serde_json::{Value as Json, json};

use crate::support::http::listen;
use crate::support::{Output, Sandbox};

/// What clears the screen, takes the place of a line, rings, changes the title and turns the writing.
const STEERING: &str = "\u{1b}[2J\u{1b}]0;owned\u{7}\r\u{9b}1A\u{8}\u{202e}\u{2066}";

/// A configuration that lists the disks of a vendor at `address`, and copies each.
fn config(address: &str, more: &str) -> String {
    format!(
        "provider \"zenlayer\" {{\n  endpoint = \"http://{address}\"\n  token    = \"hunter2\"\n}}\n\n\
         data \"zenlayer_disks\" \"all\" {{}}\n\n{more}"
    )
}

fn answer(status: &str, body: &Json) -> String {
    let body = body.to_string();
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    )
}

/// Expects that nothing in what was printed steers a terminal.
fn is_calm(output: &Output) {
    let text = output.text();
    let steers = |character: char| {
        character.is_control() && character != '\n' && character != '\t'
            || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let found = text.chars().find(|character| steers(*character));
    assert_eq!(found, None, "`snapform {}`:\n{text:?}", output.words);
}

/// Whether a text is JSON, or has JSON in each of its lines.
fn is_json(text: &str) -> bool {
    let is_one = |text: &str| serde_json::from_str::<Json>(text).is_ok();
    is_one(text) || text.lines().all(is_one)
}

/// A vendor whose disks and snapshots have such names and ids.
fn hostile_names() -> String {
    let id = format!("disk{STEERING}");
    let disk = json!({ "diskId": id, "diskName": format!("n{STEERING}\n+ resource") });
    let snapshot = json!({
        "snapshotId": format!("snap{STEERING}"), "snapshotName": "copy", "status": "AVAILABLE",
        "diskId": id, "createTime": "2026-11-20T00:00:00Z", "zoneId": format!("z{STEERING}"),
        "snapshotType": "Manual",
    });
    listen(move |request| {
        let request = request.to_lowercase();
        let action = request.lines().find_map(|line| line.strip_prefix("x-zc-action: "));
        let response = match action.unwrap_or_default() {
            "describedisks" => json!({ "requestId": "r", "totalCount": 1, "dataSet": [disk] }),
            "createsnapshot" => json!({ "requestId": "r", "snapshotId": snapshot["snapshotId"] }),
            "describesnapshots" => {
                json!({ "requestId": "r", "totalCount": 1, "dataSet": [snapshot] })
            }
            _ => json!({ "requestId": "r" }),
        };
        Some(answer("200 OK", &json!({ "requestId": "r", "response": response })))
    })
}

#[test]
fn names_and_ids_of_a_vendor_steer_no_terminal_and_stay_what_they_are() {
    let more = "resource \"zenlayer_disk_snapshot\" \"each\" {\n  for_each = toset(data.zenlayer_disks.all.ids)\n  \
                disk_id  = each.value\n  name     = \"copy\"\n}\n\n\
                output \"disks\" {\n  value = data.zenlayer_disks.all.disks[*].name\n}\n\n\
                output \"ids\" {\n  value = { for id in data.zenlayer_disks.all.ids : id => 1 }\n}\n";
    let sandbox = Sandbox::with(&config(&hostile_names(), more));
    let lines = [
        "plan",
        "apply -auto-approve",
        "show",
        "output",
        "output disks",
        "state list",
        "state list -id=none",
        "graph",
        "plan -destroy",
    ];
    for line in lines {
        let output = sandbox.quietly(line);
        is_calm(&output);
        assert_eq!(output.code, Some(0), "`snapform {line}`: {}", output.text());
    }
    sandbox.types("data.zenlayer_disks.all.ids\n");
    is_calm(&sandbox.quietly("console"));
    let address = sandbox.quietly("state list").stdout;
    let address = address.lines().find(|line| line.starts_with("zenlayer")).unwrap().to_owned();
    let one = ["state".to_owned(), "show".to_owned(), address];
    is_calm(&sandbox.call_with(&one, Vec::new(), ""));

    // Programs get all of it, in JSON that can be read.
    let given = sandbox.quietly("output -json").succeeded().stdout;
    let given: Json = serde_json::from_str(&given).unwrap();
    assert_eq!(given["disks"]["value"][0], format!("n{STEERING}\n+ resource"));
    for line in ["show -json", "plan -json", "state list -json"] {
        let output = sandbox.quietly(line).succeeded();
        assert!(is_json(&output.stdout), "{line}: {}", output.stdout);
        assert!(!output.stdout.contains('\u{1b}'), "{line}");
    }
}

#[test]
fn what_a_vendor_says_in_a_refusal_steers_no_terminal() {
    let refusal = json!({ "requestId": format!("r{STEERING}"), "code": format!("C{STEERING}"),
        "message": format!("no{STEERING}\nerror: all is lost") });
    let refusal = answer("400 Bad Request", &refusal);
    let address = listen(move |_| Some(refusal.clone()));
    let sandbox = Sandbox::with(&config(&address, ""));
    let output = sandbox.quietly("plan").failed().says("E0601").says("\\u001b[2J");
    is_calm(&output);
    let output = sandbox.quietly("plan -json").failed();
    assert!(is_json(&output.stdout), "{}", output.stdout);
    assert!(!output.text().contains('\u{1b}'));
    sandbox.env("TF_LOG", "trace");
    is_calm(&sandbox.quietly("plan").failed());
}

#[test]
fn what_is_no_list_is_an_error_that_says_where() {
    let deep = format!("{{\"response\": {}", "[".repeat(1_000_000));
    let bodies = [
        deep,
        format!("{{\"response\": {}", "{\"a\":".repeat(100_000)),
        json!({ "response": { "totalCount": 1, "dataSet": "none" } }).to_string(),
        json!({ "response": { "totalCount": 1, "dataSet": [[[]]] } }).to_string(),
        json!({ "response": { "totalCount": 1, "dataSet": [{ "diskId": { "a": 1 } }] } })
            .to_string(),
        json!({ "response": { "totalCount": 1e300, "dataSet": [] } }).to_string(),
        format!("\"{STEERING}"),
    ];
    for body in bodies {
        let shown = body.chars().take(80).collect::<String>();
        let head =
            format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close", body.len());
        let text = format!("{head}\r\n\r\n{body}");
        let address = listen(move |_| Some(text.clone()));
        let output = Sandbox::with(&config(&address, "")).quietly("plan").failed();
        is_calm(&output);
        assert!(output.text().contains("E060"), "{shown}: {}", output.text());
        assert!(output.text().len() < 4000, "{shown}: {}", output.text().len());
    }
}

/// The most memory that a process has had so far, in MiB.
#[cfg(target_os = "linux")]
fn most_memory(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()? / 1024)
}

/// A vendor that answers one request with a head and then `part`, until so many bytes were sent or
/// nobody listens any more, and with `end` behind.
#[cfg(target_os = "linux")]
fn pouring(part: &str, bytes: usize, end: &'static str) -> String {
    use std::io::{Read as _, Write as _};
    const HEAD: &str = "HTTP/1.1 201 Created\r\nX-Subject-Token: t\r\nConnection: close\r\n\r\n";
    let part = part.repeat((1 << 20) / part.len());
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut request = [0; 4096];
            let _ = stream.read(&mut request);
            let _ = write!(stream, "{HEAD}{{\"token\": {{\"catalog\": [");
            let mut sent = 0;
            while sent < bytes && stream.write_all(part.as_bytes()).is_ok() {
                sent += part.len();
            }
            let _ = stream.write_all(end.as_bytes());
        }
    });
    address
}

/// Whether the body has no end, or has one and would become objects of many times its size.
#[cfg(target_os = "linux")]
#[test]
fn no_answer_takes_more_than_a_quarter_of_a_gibibyte() {
    const LARGE: usize = 60 << 20;
    const SMALLER: usize = 30 << 20;
    for (part, bytes, end, told) in [
        (" ", usize::MAX, "", "longer than"),
        ("{\"type\":\"\",\"endpoints\":[]},", usize::MAX, "", "longer than"),
        ("{\"type\":\"\",\"endpoints\":[]},", LARGE, "{}]}}", "larger than any"),
        ("[],", LARGE, "[]]}}", "larger than any"),
        (" ", LARGE, "]}}", "larger than any"),
        ("[],", SMALLER, "[]]}}", "larger than any"),
        (" ", SMALLER, "]}}", "E0604"),
        ("\"\\u001b\",", SMALLER, "\"\"]}}", "larger than any"),
    ] {
        let address = pouring(part, bytes, end);
        let sandbox = Sandbox::with(&format!(
            "provider \"openstack\" {{\n  auth_url    = \"http://{address}\"\n  user_id     = \"u\"\n  \
             password    = \"4711\"\n  project_id  = \"q\"\n  max_retries = 0\n}}\n\n\
             data \"openstack_blockstorage_volumes_v3\" \"all\" {{}}\n"
        ));
        let mut running = sandbox.start("plan");
        let process = running.process();
        let mut most = 0;
        running.wait_until(|| {
            most = most.max(most_memory(process).unwrap_or(0));
            false
        });
        is_calm(&running.finish().failed().says(told));
        assert!((4..256).contains(&most), "{part:?}: {most} MiB");
    }
}
