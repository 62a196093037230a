//! The real network, against servers of this test: who is believed, where requests go, and answers
//! that are hostile.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use flate2::Compression;
use flate2::write::GzEncoder;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use snapform::sdk::auth::Secret;
use snapform::sdk::http::{
    Interruption, Method, Network, Request, Response, Transport as _, TransportError, Trust,
};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::support::Sandbox;
use tokio_rustls::TlsAcceptor;

fn pem(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/tls").join(name);
    fs::read_to_string(path).unwrap()
}

/// Trust in the servers of these tests only.
fn trust() -> Trust {
    Trust { authorities: Some(pem("authority.pem")), ..Trust::default() }
}

/// The server's side of TLS, which wants to see a certificate where that is asked for.
fn acceptor(wants_certificate: bool) -> TlsAcceptor {
    let chain = vec![CertificateDer::from_pem_slice(pem("server.pem").as_bytes()).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(pem("server-key.pem").as_bytes()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider));
    let builder = builder.with_safe_default_protocol_versions().unwrap();
    let builder = if wants_certificate {
        let mut roots = RootCertStore::empty();
        let authority = pem("authority.pem");
        roots.add(CertificateDer::from_pem_slice(authority.as_bytes()).unwrap()).unwrap();
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
        builder.with_client_cert_verifier(verifier.build().unwrap())
    } else {
        builder.with_no_client_auth()
    };
    TlsAcceptor::from(Arc::new(builder.with_single_cert(chain, key).unwrap()))
}

/// Reads a request and answers it with `head`, then with `body` again and again.
async fn answer(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    head: &str,
    (body, times): (&[u8], usize),
) {
    let mut request = Vec::new();
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        let mut part = [0; 4096];
        match stream.read(&mut part).await {
            Ok(0) | Err(_) => return,
            Ok(count) => request.extend_from_slice(&part[..count]),
        }
    }
    let _ = stream.write_all(format!("HTTP/1.1 {head}\r\n\r\n").as_bytes()).await;
    for _ in 0..times {
        if stream.write_all(body).await.is_err() {
            return;
        }
    }
    let _ = stream.shutdown().await;
}

/// A server on loopback, and how often it was called.
struct Server {
    port: u16,
    calls: Arc<AtomicUsize>,
    _tasks: JoinSet<()>,
}

impl Server {
    async fn new(acceptor: Option<TlsAcceptor>, head: &str, body: (&'static [u8], usize)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (calls, head) = (Arc::new(AtomicUsize::new(0)), head.to_owned());
        let counted = Arc::clone(&calls);
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut answers = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, head) = (acceptor.clone(), head.clone());
                counted.fetch_add(1, Ordering::SeqCst);
                answers.spawn(async move {
                    match acceptor {
                        None => answer(stream, &head, body).await,
                        Some(acceptor) => {
                            if let Ok(stream) = acceptor.accept(stream).await {
                                answer(stream, &head, body).await;
                            }
                        }
                    }
                });
            }
        });
        Self { port, calls, _tasks: tasks }
    }

    async fn encrypted(wants_certificate: bool) -> Self {
        Self::new(Some(acceptor(wants_certificate)), "200 OK\r\nContent-Length: 2", (b"ok", 1))
            .await
    }

    async fn plain(head: &str, body: (&'static [u8], usize)) -> Self {
        Self::new(None, head, body).await
    }
}

async fn get(network: &Network, url: &str) -> Result<Response, TransportError> {
    network.send(Request::new(Method::Get, url).unwrap()).await
}

#[tokio::test]
async fn only_servers_are_believed_that_somebody_vouches_for() {
    let server = Server::encrypted(false).await;
    let url = format!("https://localhost:{}/", server.port);
    let refused = get(&Network::default(), &url).await.unwrap_err();
    assert_eq!(refused.interruption, Interruption::NotSent, "{refused}");
    assert!(refused.message.contains("localhost"), "{refused}");
    for trust in [trust(), Trust { anybody: true, ..Trust::default() }] {
        let network = Network::believing(trust).unwrap();
        assert_eq!(get(&network, &url).await.unwrap().body, b"ok");
    }
}

#[tokio::test]
async fn our_own_certificate_is_shown_to_a_server_that_wants_one() {
    let server = Server::encrypted(true).await;
    let url = format!("https://localhost:{}/", server.port);
    let unknown = Network::believing(trust()).unwrap();
    assert!(get(&unknown, &url).await.is_err());
    let identity = Some((pem("client.pem"), Secret::from(pem("client-key.pem"))));
    let known = Network::believing(Trust { identity, ..trust() }).unwrap();
    assert_eq!(get(&known, &url).await.unwrap().status, 200);
}

/// A provider's own settings lead as far as its answer; without them nobody is believed.
#[tokio::test(flavor = "multi_thread")]
async fn a_provider_believes_the_authorities_of_its_settings() {
    let server = Server::encrypted(false).await;
    let url = format!("https://localhost:{}", server.port);
    let authority = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/tls/authority.pem");
    let openstack = "auth_url = \"URL\"\n  user_id = \"u\"\n  password = \"4711\"\n  project_id = \"q\"\n  max_retries = 0";
    let apsara = "endpoint = \"URL\"\n  region = \"r\"\n  app_key = \"k\"\n  app_secret = \"4711\"";
    let volumes = "data \"openstack_blockstorage_volumes_v3\" \"a\" {}";
    let disks = "data \"apsara_ecs_disks\" \"a\" {}";
    for (vendor, settings, data, name) in
        [("openstack", openstack, volumes, "cacert_file"), ("apsara", apsara, disks, "ca_file")]
    {
        let settings = settings.replace("URL", &url);
        let plan = |more: &str| {
            let config =
                format!("provider \"{vendor}\" {{\n  {settings}\n  {more}\n}}\n\n{data}\n");
            tokio::task::block_in_place(|| Sandbox::with(&config).quietly("plan").failed())
        };
        plan("").says("localhost").never_says("E0604");
        plan(&format!("{name} = \"{}\"", authority.display())).says("E0604");
        plan("insecure = true").says("E0604");
        plan(&format!("{name} = \"/there/is/none.pem\"")).says("E0501").says("none.pem");
    }
}

#[tokio::test]
async fn nobody_is_followed_elsewhere() {
    let elsewhere = Server::plain("200 OK\r\nContent-Length: 0", (b"", 0)).await;
    let head = format!(
        "307 Temporary Redirect\r\nLocation: http://127.0.0.1:{}/\r\nContent-Length: 0",
        elsewhere.port
    );
    let server = Server::plain(&head, (b"", 0)).await;
    let request = Request::new(Method::Post, &format!("http://127.0.0.1:{}/", server.port));
    let request = request.unwrap().header("Authorization", "secret");
    let answer = Network::default().send(request).await.unwrap();
    assert_eq!(answer.status, 307);
    assert_eq!(elsewhere.calls.load(Ordering::SeqCst), 0);
}

/// Up to a tebibyte in parts of a mebibyte: it stops being read long before.
#[tokio::test]
async fn an_answer_without_end_is_an_error_and_takes_no_memory() {
    static PART: [u8; 1 << 20] = [b' '; 1 << 20];
    let server = Server::plain("200 OK", (&PART, 1 << 20)).await;
    let url = format!("http://127.0.0.1:{}/", server.port);
    let error = get(&Network::default(), &url).await.unwrap_err();
    assert_eq!(error.interruption, Interruption::Interrupted);
    assert!(error.message.contains("longer than"), "{error}");
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_no_answer() {
    let server = Server::plain("200 OK\r\nContent-Length: 100", (b"ten bytes!", 1)).await;
    let url = format!("http://127.0.0.1:{}/", server.port);
    let error = get(&Network::default(), &url).await.unwrap_err();
    assert_eq!(error.interruption, Interruption::Interrupted);
}

/// Compressed pieces, each so many times.
fn compressed(piece: &[u8], times: usize) -> &'static [u8] {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    for _ in 0..times {
        encoder.write_all(piece).unwrap();
    }
    encoder.finish().unwrap().leak()
}

#[tokio::test]
async fn a_compressed_answer_is_read() {
    let body = compressed(b"{\"disks\": []}", 1);
    let head = format!("200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}", body.len());
    let server = Server::plain(&head, (body, 1)).await;
    let url = format!("http://127.0.0.1:{}/", server.port);
    assert_eq!(get(&Network::default(), &url).await.unwrap().body, b"{\"disks\": []}");
}

/// A hundred kilobytes that would be a hundred megabytes: what counts is what comes out.
#[tokio::test]
async fn a_small_answer_that_swells_without_end_is_an_error() {
    let body = compressed(&vec![b' '; 1 << 20], 100);
    assert!(body.len() < 1 << 20, "{}", body.len());
    let head = format!("200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}", body.len());
    let server = Server::plain(&head, (body, 1)).await;
    let url = format!("http://127.0.0.1:{}/", server.port);
    let error = get(&Network::default(), &url).await.unwrap_err();
    assert!(error.message.contains("longer than"), "{error}");
}

/// A server that keeps its connections, answers with nothing and notes what it was sent.
struct Polite {
    port: u16,
    connections: Arc<AtomicUsize>,
    requests: Arc<Mutex<Vec<String>>>,
    _task: JoinSet<()>,
}

impl Polite {
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::new(AtomicUsize::new(0));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (counted, noted) = (Arc::clone(&connections), Arc::clone(&requests));
        let mut task = JoinSet::new();
        task.spawn(async move {
            let mut conversations = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                conversations.spawn(converse(stream, Arc::clone(&noted)));
            }
        });
        Self { port, connections, requests, _task: task }
    }
}

async fn converse(mut stream: tokio::net::TcpStream, noted: Arc<Mutex<Vec<String>>>) {
    let mut request = Vec::new();
    let mut part = [0; 4096];
    loop {
        match stream.read(&mut part).await {
            Ok(0) | Err(_) => return,
            Ok(count) => request.extend_from_slice(&part[..count]),
        }
        if request.windows(4).any(|end| end == b"\r\n\r\n") {
            let text = String::from_utf8(std::mem::take(&mut request)).unwrap();
            noted.lock().unwrap().push(text.to_lowercase());
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await;
        }
    }
}

#[tokio::test]
async fn one_connection_serves_many_calls() {
    let server = Polite::new().await;
    let network = Network::default();
    for call in 0..100 {
        let url = format!("http://127.0.0.1:{}/{call}", server.port);
        assert_eq!(get(&network, &url).await.unwrap().body, b"ok");
    }
    assert_eq!(server.connections.load(Ordering::SeqCst), 1);
    assert_eq!(server.requests.lock().unwrap().len(), 100);
}

#[tokio::test]
async fn requests_say_who_sends_them_and_nothing_of_this_machine() {
    let server = Polite::new().await;
    let url = format!("http://127.0.0.1:{}/v2", server.port);
    get(&Network::default(), &url).await.unwrap();
    let request = server.requests.lock().unwrap().concat();
    let mut lines: Vec<_> = request.trim_end().lines().collect();
    lines.sort_unstable();
    let agent = concat!("user-agent: snapform/", env!("CARGO_PKG_VERSION"));
    let host = format!("host: 127.0.0.1:{}", server.port);
    let expected = ["accept-encoding: gzip", "accept: */*", "get /v2 http/1.1", &host, agent];
    assert_eq!(lines, expected);
}

/// The clock stands still once the request is there, and jumps to the end of our patience.
#[tokio::test]
async fn a_server_that_never_answers_is_left() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let mut task = JoinSet::new();
    task.spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut part = [0; 4096];
        assert!(stream.read(&mut part).await.unwrap() > 0);
        tokio::time::pause();
        std::future::pending::<()>().await;
    });
    let network = Network::default();
    let started = tokio::time::Instant::now();
    let error = get(&network, &url).await.unwrap_err();
    assert_eq!(error.interruption, Interruption::Interrupted);
    assert!(error.message.contains("no answer in time"), "{error}");
    let waited = started.elapsed().as_secs();
    assert!((115..130).contains(&waited), "{waited}");
}
