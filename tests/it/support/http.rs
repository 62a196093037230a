//! A client that is not ours: requests written to a socket by hand, and the vendors' signatures as
//! their pages describe them, apart from the code under test.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;
use snapform::sdk::auth::{hex, hmac_sha256, sha256_hex};
use tokio::net::TcpSocket;

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Json {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> &str {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let mut found = lines.filter(|(header, _)| header.eq_ignore_ascii_case(name));
        found.next().map_or_else(|| panic!("no {name}: {}", self.head), |(_, value)| value)
    }
}

/// `127.0.0.1:PORT` of `http://127.0.0.1:PORT`.
pub(crate) fn host(url: &str) -> &str {
    url.strip_prefix("http://").unwrap()
}

/// Sends a request and reads the answer.
pub(crate) fn send(host: &str, line: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut stream = TcpStream::connect(host).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut text = format!("{line} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
    stream.write_all(text.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, head: head.to_owned(), body: body.to_owned() }
}

/// `Authorization` of Zenlayer's `ZC2-HMAC-SHA256`.
pub(crate) fn zenlayer_authorization(
    host: &str,
    timestamp: &str,
    body: &str,
    key: (&str, &str),
) -> String {
    let canonical = format!(
        "POST\n/\n\ncontent-type:application/json\nhost:{host}\n\ncontent-type;host\n{}",
        sha256_hex(body.as_bytes())
    );
    let to_sign = format!("ZC2-HMAC-SHA256\n{timestamp}\n{}", sha256_hex(canonical.as_bytes()));
    let signature = hex(&hmac_sha256(key.1.as_bytes(), to_sign.as_bytes()));
    format!(
        "ZC2-HMAC-SHA256 Credential={}, SignedHeaders=content-type;host, Signature={signature}",
        key.0
    )
}

/// `X-Ca-Signature` of Apsara's API Gateway for a form.
pub(crate) fn gateway_signature(
    path: &str,
    form: &[(&str, &str)],
    signed_headers: &[(&str, &str)],
    secret: &str,
) -> String {
    let mut text =
        "POST\napplication/json\n\napplication/x-www-form-urlencoded; charset=utf-8\n\n".to_owned();
    for (name, value) in signed_headers {
        text.push_str(&format!("{name}:{value}\n"));
    }
    let mut sorted = form.to_vec();
    sorted.sort_unstable();
    let pairs: Vec<_> = sorted.iter().map(|(name, value)| format!("{name}={value}")).collect();
    text.push_str(&format!("{path}?{}", pairs.join("&")));
    STANDARD.encode(hmac_sha256(secret.as_bytes(), text.as_bytes()))
}

/// `Authorization` of HTTP's basic scheme.
pub(crate) fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

/// A form body.
pub(crate) fn form(pairs: &[(&str, &str)]) -> String {
    let encode = snapform::sdk::http::percent_encode;
    let pairs = pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// Answers every request on a loopback port by `answer`, which sees the whole request; `None` hangs
/// up. Gives the address. It lives as long as the test run.
pub(crate) fn listen(answer: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let answer = Arc::new(answer);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let answer = Arc::clone(&answer);
            thread::spawn(move || {
                let Some(request) = request(&mut stream) else { return };
                if let Some(text) = answer(&request) {
                    // A client that went away needs no answer.
                    let _ = stream.write_all(text.as_bytes());
                }
            });
        }
    });
    address
}

/// A port on which nobody listens, and nobody else can while this lives: it is taken, by a socket that
/// accepts no connections.
pub(crate) struct Nobody {
    pub(crate) address: String,
    _socket: TcpSocket,
}

impl Nobody {
    pub(crate) fn new() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        Self { address: socket.local_addr().unwrap().to_string(), _socket: socket }
    }
}

/// Passes a request on to `host` as it is, and gives the whole answer.
pub(crate) fn forward(host: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(host).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    let mut buffer = [0_u8; 4096];
    // The other side keeps the connection open, so the answer's own length tells its end.
    while !is_whole(&answer) {
        let length = stream.read(&mut buffer).unwrap();
        if length == 0 {
            break;
        }
        answer.extend_from_slice(&buffer[..length]);
    }
    let text = String::from_utf8(answer).unwrap();
    text.replacen("\r\n", "\r\nconnection: close\r\n", 1)
}

fn request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut buffer = [0_u8; 4096];
    while !is_whole(&bytes) {
        let length = stream.read(&mut buffer).ok()?;
        if length == 0 {
            return None;
        }
        bytes.extend_from_slice(&buffer[..length]);
    }
    String::from_utf8(bytes).ok()
}

/// Whether a head and as much body as it announces are there.
fn is_whole(message: &[u8]) -> bool {
    let text = String::from_utf8_lossy(message);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let head = head.to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    body.len() >= length.and_then(|length| length.trim().parse().ok()).unwrap_or(0)
}
