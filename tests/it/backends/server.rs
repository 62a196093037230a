//! A server that keeps one state: in memory as a transport, and on loopback for Terraform.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;

use serde_json::{Value as Json, json};
use snapform::sdk::http::{Interruption, Method, Request, Response, Transport, TransportError};
use snapform::world::BoxFuture;

/// What a server does.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Habits {
    /// Gives tags and compares them.
    pub(crate) compares: bool,
    /// Gives tags and never looks at them again.
    pub(crate) pretends: bool,
    /// As GitLab does: checks the name of the lock, keeps a version of each serial once, answers
    /// whoever finds a lock with parts of the question.
    pub(crate) is_gitlab: bool,
}

#[derive(Default)]
struct Kept {
    document: Option<String>,
    lock: Option<Json>,
    serials: BTreeSet<u64>,
    version: u64,
    writes: usize,
    /// How many of the next answers are lost on their way.
    lost: usize,
}

/// One state and its lock.
#[derive(Clone, Default)]
pub(crate) struct Server {
    habits: Habits,
    kept: Arc<Mutex<Kept>>,
}

impl Server {
    pub(crate) fn new(habits: Habits) -> Self {
        Self { habits, kept: Arc::default() }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap()
    }

    pub(crate) fn document(&self) -> Option<String> {
        self.kept().document.clone()
    }

    pub(crate) fn lock(&self) -> Option<Json> {
        self.kept().lock.clone()
    }

    pub(crate) fn writes(&self) -> usize {
        self.kept().writes
    }

    /// Carries the next requests out, and answers none of them.
    pub(crate) fn lose_answers(&self, count: usize) {
        self.kept().lost = count;
    }

    pub(crate) fn set_lock(&self, lock: Json) {
        self.kept().lock = Some(lock);
    }

    /// Takes the lock away, as a person may.
    pub(crate) fn force_unlock(&self) {
        self.kept().lock = None;
    }

    fn answer(&self, request: &Request) -> Response {
        let mut kept = self.kept();
        match (request.path(), request.method) {
            ("/state", Method::Get) => self.get(&kept),
            ("/state", Method::Post) => self.post(&mut kept, request),
            ("/lock", Method::Lock | Method::Post) => self.take(&mut kept, request),
            ("/lock", Method::Unlock | Method::Delete) => self.free(&mut kept, request),
            _ => Response::new(405),
        }
    }

    fn tag(&self, kept: &Kept) -> Option<String> {
        (self.habits.compares || self.habits.pretends).then(|| format!("\"{}\"", kept.version))
    }

    fn get(&self, kept: &Kept) -> Response {
        let Some(document) = &kept.document else {
            return Response::new(if self.habits.is_gitlab { 204 } else { 404 });
        };
        let response = Response { body: document.clone().into_bytes(), ..Response::new(200) };
        match self.tag(kept) {
            Some(tag) => response.header("ETag", tag),
            None => response,
        }
    }

    fn post(&self, kept: &mut Kept, request: &Request) -> Response {
        let text = String::from_utf8(request.body.clone()).unwrap();
        let json: Json = serde_json::from_str(&text).unwrap();
        if self.habits.is_gitlab {
            let name = kept.lock.as_ref().map(|lock| lock["ID"].as_str().unwrap().to_owned());
            if name != request.query_value("ID") {
                return Response::new(409);
            }
            if !kept.serials.insert(json["serial"].as_u64().unwrap()) {
                return Response::json(500, &json!({ "message": "duplicate key" }));
            }
        }
        if self.habits.compares {
            let tag = kept.document.is_some().then(|| self.tag(kept)).flatten();
            let differs = request
                .header_value("If-Match")
                .is_some_and(|wanted| tag.as_deref() != Some(wanted));
            if differs || (request.header_value("If-None-Match").is_some() && tag.is_some()) {
                return Response::new(412);
            }
        }
        kept.document = Some(text);
        kept.version += 1;
        kept.writes += 1;
        Response::new(200)
    }

    fn take(&self, kept: &mut Kept, request: &Request) -> Response {
        let asked: Json = request.json_body().unwrap();
        let Some(lock) = &kept.lock else {
            kept.lock = Some(asked);
            return Response::new(200);
        };
        if !self.habits.is_gitlab {
            return Response::json(423, lock);
        }
        let mut mixed = asked;
        for (name, value) in [
            ("ID", lock["ID"].clone()),
            ("Who", json!("gitlab-user")),
            ("Created", json!("2026-01-31T12:00:00.123Z")),
        ] {
            mixed[name] = value;
        }
        Response::json(409, &mixed)
    }

    fn free(&self, kept: &mut Kept, request: &Request) -> Response {
        let asked: Json = request.json_body().unwrap_or_default();
        let is_other = kept.lock.as_ref().is_some_and(|lock| lock["ID"] != asked["ID"]);
        if self.habits.is_gitlab && is_other {
            return Response::new(409);
        }
        kept.lock = None;
        Response::new(200)
    }

    /// Serves it on loopback for as long as the process lives, and gives the base address.
    pub(crate) fn serve(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let server = self.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let server = server.clone();
                thread::spawn(move || server.converse(stream));
            }
        });
        address
    }

    fn converse(&self, stream: TcpStream) -> Option<()> {
        let mut reader = BufReader::new(stream.try_clone().ok()?);
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let mut words = line.split_whitespace();
        let (method, target) = (words.next()?, words.next()?);
        let mut request =
            Request::new(Method::from_name(method)?, &format!("http://h{target}")).ok()?;
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            let Some((name, value)) = line.trim().split_once(": ") else { break };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.parse().ok()?;
            }
            request = request.header(name, value);
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let response = self.answer(&request.body(body));
        let mut head = format!("HTTP/1.1 {} x\r\nConnection: close\r\n", response.status);
        for (name, value) in &response.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if response.status != 204 {
            head.push_str(&format!("Content-Length: {}\r\n", response.body.len()));
        }
        let mut stream = stream;
        stream.write_all(format!("{head}\r\n").as_bytes()).ok()?;
        stream.write_all(&response.body).ok()
    }
}

impl Transport for Server {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(async move {
            // Whoever waits for an answer lets others go on.
            tokio::task::yield_now().await;
            let response = self.answer(&request);
            tokio::task::yield_now().await;
            let mut kept = self.kept();
            if kept.lost > 0 {
                kept.lost -= 1;
                let message = "the connection broke".to_owned();
                return Err(TransportError { interruption: Interruption::Interrupted, message });
            }
            Ok(response)
        })
    }
}
