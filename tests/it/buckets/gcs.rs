//! `gcs` against a stand-in that follows Google's pages of the XML interface: objects have
//! generations, and `x-goog-if-generation-match` names the one that a write must find, 0 for none
//! (<https://cloud.google.com/storage/docs/xml-api/reference-headers>).

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use snapform::state::backend::Gcs;

use super::{goes_as_promised, lines, settings, store};

/// Objects by name, with the generation of the last write and their bytes.
#[derive(Default)]
struct Objects {
    generation: u64,
    kept: BTreeMap<String, (u64, Vec<u8>)>,
}

/// A request, as far as it matters here.
struct Request {
    method: String,
    path: String,
    query: String,
    expected: Option<u64>,
    body: Vec<u8>,
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let (mut length, mut expected) = (0, None);
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(':') else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().ok()?,
            "x-goog-if-generation-match" => expected = value.trim().parse().ok(),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Request { method, path: plain(path), query: query.to_owned(), expected, body })
}

/// A text without the escapes of an address.
fn plain(text: &str) -> String {
    let mut parts = text.split('%');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (code, rest) = part.split_at(2);
        plain.push(char::from(u8::from_str_radix(code, 16).unwrap()));
        plain.push_str(rest);
    }
    plain
}

impl Objects {
    /// The status, the generation of the object, and the body.
    fn answer(&mut self, request: Request) -> (u16, u64, Vec<u8>) {
        let Some(name) = request.path.strip_prefix("/states/").filter(|name| !name.is_empty())
        else {
            return (200, 0, self.list(&request.query).into_bytes());
        };
        let found = self.kept.get(name).cloned();
        let present = found.as_ref().map_or(0, |(generation, _)| *generation);
        match request.method.as_str() {
            "PUT" if request.expected.is_some_and(|expected| expected != present) => {
                (412, 0, Vec::new())
            }
            "PUT" => {
                self.generation += 1;
                self.kept.insert(name.to_owned(), (self.generation, request.body));
                (200, self.generation, Vec::new())
            }
            "DELETE" => {
                let status = if self.kept.remove(name).is_some() { 204 } else { 404 };
                (status, 0, Vec::new())
            }
            _ => found.map_or((404, 0, Vec::new()), |(generation, body)| (200, generation, body)),
        }
    }

    fn list(&self, query: &str) -> String {
        let value = |name| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.find(|(key, _)| *key == name).map(|(_, value)| plain(value))
        };
        let prefix = value("prefix").unwrap_or_default();
        let is_flat = value("delimiter").is_some();
        let mut text = "<ListBucketResult>".to_owned();
        for (name, (generation, body)) in &self.kept {
            let Some(rest) = name.strip_prefix(&prefix) else { continue };
            if !is_flat || !rest.contains('/') {
                text.push_str(&format!(
                    "<Contents><Key>{name}</Key><Size>{}</Size><ETag>\"{generation}\"</ETag>\
                     <LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>",
                    body.len()
                ));
            }
        }
        text + "</ListBucketResult>"
    }
}

fn serve(mut stream: TcpStream, objects: &Mutex<Objects>) {
    let Some(request) = read(&stream) else { return };
    let is_head = request.method == "HEAD";
    let (status, generation, body) = objects.lock().unwrap().answer(request);
    let head = format!(
        "HTTP/1.1 {status} X\r\nContent-Length: {}\r\nETag: \"{generation}\"\r\n\
         x-goog-generation: {generation}\r\nLast-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\n\
         Connection: close\r\n\r\n",
        body.len()
    );
    // Whoever has gone away does not want to know.
    let _ = stream.write_all(head.as_bytes());
    if !is_head {
        let _ = stream.write_all(&body);
    }
}

/// A stand-in that serves as long as this process lives, and the settings of a block for it.
fn stand_in() -> (Arc<Mutex<Objects>>, snapform::value::Value) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let objects = Arc::new(Mutex::new(Objects::default()));
    let shared = Arc::clone(&objects);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let objects = Arc::clone(&shared);
            thread::spawn(move || serve(stream, &objects));
        }
    });
    let block = settings(&[
        ("bucket", "states"),
        ("prefix", "team"),
        ("access_token", "token"),
        ("storage_custom_endpoint", &endpoint),
        ("lease", "3s"),
    ]);
    (objects, block)
}

/// The lines of a `backend` block that mean a state in a stand-in.
pub(crate) fn site() -> String {
    lines(&stand_in().1)
}

#[tokio::test]
async fn gcs_keeps_what_it_promises_at_a_stand_in() {
    let (objects, block) = stand_in();
    goes_as_promised(&*store(&Gcs, &block)).await;
    let names: Vec<_> = objects.lock().unwrap().kept.keys().cloned().collect();
    assert!(names.contains(&"team/default.tfstate".to_owned()), "{names:?}");
}
