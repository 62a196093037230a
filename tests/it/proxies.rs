//! Proxies that the environment names, and what they are told.

use std::sync::{Arc, Mutex};

use crate::support::http::listen;
use crate::support::{Output, Sandbox};

/// Credentials of a proxy, and how they stand in its variable and in its header.
const USER: &str = "walter:s%C3%A4sam";
const SECRETS: [&str; 3] = ["s%C3%A4sam", "säsam", "d2FsdGVyOnPDpHNhbQ=="];

/// A proxy or a vendor that refuses whatever it is asked, and what that was.
fn refusing(status: &'static str) -> (String, Arc<Mutex<Vec<String>>>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&asked);
    let address = listen(move |request| {
        noted.lock().unwrap().push(request.to_owned());
        Some(format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"))
    });
    (address, asked)
}

/// Looks something up at `endpoint` with variables, and logs all of it.
fn look_up(endpoint: &str, variables: &[(&str, &str)]) -> Output {
    let sandbox = Sandbox::with(&format!(
        "provider \"openstack\" {{\n  auth_url    = \"{endpoint}\"\n  user_id     = \"u\"\n  password    = \"4711\"\n  \
         project_id  = \"q\"\n  max_retries = 0\n}}\n\ndata \"openstack_blockstorage_volumes_v3\" \"a\" {{}}\n"
    ));
    sandbox.env("TF_LOG", "trace");
    for (name, value) in variables {
        sandbox.env(name, value);
    }
    let output = sandbox.quietly("plan").failed();
    for secret in SECRETS {
        assert!(!output.text().contains(secret), "{}", output.text());
    }
    output
}

#[test]
fn what_is_not_encrypted_goes_through_a_proxy_of_this_machine() {
    let (vendor, direct) = refusing("403 Forbidden");
    let (proxy, asked) = refusing("502 Bad Gateway");
    let (address, endpoint) = (format!("http://{USER}@{proxy}"), format!("http://{vendor}"));
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        look_up(&endpoint, &[(name, &address)]);
        let requests = std::mem::take(&mut *asked.lock().unwrap()).concat();
        assert!(requests.contains(&format!(" {endpoint}/")), "{name}: {requests}");
        let told = requests.to_lowercase();
        let header = "proxy-authorization: basic d2fsdgvyonpdphnhbq==";
        assert!(told.contains(header), "{name}: {requests}");
    }
    assert!(direct.lock().unwrap().is_empty());
}

#[test]
fn no_proxy_stands_before_what_is_excepted() {
    let (vendor, direct) = refusing("403 Forbidden");
    let (proxy, asked) = refusing("502 Bad Gateway");
    let port = vendor.split_once(':').unwrap().1;
    for (name, value, host) in [
        ("NO_PROXY", "127.0.0.1", "127.0.0.1"),
        ("no_proxy", "example.test, 127.0.0.0/8", "127.0.0.1"),
        ("NO_PROXY", "localhost", "localhost"),
        ("no_proxy", "*", "localhost"),
    ] {
        let endpoint = format!("http://{host}:{port}");
        look_up(&endpoint, &[("HTTP_PROXY", &proxy), (name, value)]).says("HTTP status 403");
    }
    assert!(asked.lock().unwrap().is_empty());
    assert!(direct.lock().unwrap().len() >= 4);
}

/// It would see the password, and its own loopback is not ours.
#[test]
fn a_proxy_elsewhere_is_not_shown_what_is_not_encrypted() {
    let (vendor, direct) = refusing("403 Forbidden");
    let proxy = format!("http://{USER}@192.0.2.1:3128");
    look_up(&format!("http://{vendor}"), &[("HTTP_PROXY", &proxy)]).says("HTTP status 403");
    assert!(!direct.lock().unwrap().is_empty());
}

#[test]
fn what_is_encrypted_goes_through_a_tunnel_and_its_failure_names_the_proxy() {
    let (proxy, asked) = refusing("407 Proxy Authentication Required");
    let address = format!("http://{USER}@{proxy}");
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"] {
        let output = look_up("https://cloud.example.test:5000/v3", &[(name, &address)]);
        output.says("E0603").says(&format!("through the proxy {proxy}"));
        let requests = std::mem::take(&mut *asked.lock().unwrap()).concat();
        assert!(requests.starts_with("CONNECT cloud.example.test:5000 HTTP/1.1\r\n"), "{requests}");
        // Nothing of what is meant for the vendor, and who we are only by name.
        assert!(!requests.contains("4711") && !requests.contains("POST"), "{requests}");
    }
    let socks = format!("socks5://{USER}@{proxy}");
    look_up("https://cloud.example.test:5000/v3", &[("ALL_PROXY", &socks)]).says("SOCKS");
}
