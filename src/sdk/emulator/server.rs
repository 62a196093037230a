//! Serves emulators on loopback for any client.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::sdk::http::{Method, Request, Response, Url};

use super::Host;

/// A vendor and the address where it answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Served {
    /// The provider's name.
    pub vendor: &'static str,
    /// Where it listens.
    pub address: SocketAddr,
}

/// Largest request body that is read.
const BODY_LIMIT: usize = 16 * 1024 * 1024;

/// Serves every vendor of `host`, each on a port of its own, until the task is dropped: the vendors'
/// own clients take a host and a port and sign the path, so there is no room for a prefix.
///
/// `first` is where the first vendor listens; port 0 lets the system choose, otherwise the others
/// follow on the ports after it. `ready` is called once all of them listen.
pub async fn serve(
    host: Arc<Host>,
    first: SocketAddr,
    ready: impl FnOnce(&[Served]),
) -> std::io::Result<()> {
    let mut listeners = Vec::new();
    for (offset, vendor) in (0_u16..).zip(host.vendors()) {
        let mut address = first;
        if first.port() != 0 {
            address.set_port(first.port().checked_add(offset).ok_or_else(|| {
                std::io::Error::new(std::io::ErrorKind::InvalidInput, "the ports go past 65535")
            })?);
        }
        let listener = TcpListener::bind(address).await?;
        listeners.push((Served { vendor, address: listener.local_addr()? }, listener));
    }
    ready(&listeners.iter().map(|(served, _)| served.clone()).collect::<Vec<_>>());
    let mut tasks = JoinSet::new();
    for (served, listener) in listeners {
        tasks.spawn(accept(Arc::clone(&host), served.vendor, listener));
    }
    while let Some(ended) = tasks.join_next().await {
        ended.map_err(std::io::Error::other)??;
    }
    Ok(())
}

async fn accept(
    host: Arc<Host>,
    vendor: &'static str,
    listener: TcpListener,
) -> std::io::Result<()> {
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await?;
        while connections.try_join_next().is_some() {}
        let host = Arc::clone(&host);
        connections.spawn(async move {
            let service = service_fn(move |request| {
                let host = Arc::clone(&host);
                async move { Ok::<_, Infallible>(answer(&host, vendor, request).await) }
            });
            // A client that breaks off its connection is no concern of the others.
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn answer(
    host: &Host,
    vendor: &'static str,
    request: hyper::Request<Incoming>,
) -> hyper::Response<Full<Bytes>> {
    match read(request).await {
        Ok(request) => {
            host.world().clock.sleep(host.latency(vendor)).await;
            outgoing(host.answer(vendor, &request).0)
        }
        Err(response) => outgoing(response),
    }
}

async fn read(request: hyper::Request<Incoming>) -> Result<Request, Response> {
    let refused = |status| move || Response::new(status);
    let (parts, body) = request.into_parts();
    let method = Method::from_name(parts.method.as_str()).ok_or_else(refused(405))?;
    let host = parts.headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    let url = Url::parse(&format!("http://{host}{target}")).map_err(|_| Response::new(400))?;
    let headers = parts.headers.iter().map(|(name, value)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    });
    let headers = headers.collect();
    let body = Limited::new(body, BODY_LIMIT).collect().await.map_err(|_| Response::new(413))?;
    Ok(Request { method, url, headers, body: body.to_bytes().to_vec() })
}

fn outgoing(response: Response) -> hyper::Response<Full<Bytes>> {
    let mut builder = hyper::Response::builder().status(response.status);
    for (name, value) in &response.headers {
        builder = builder.header(name, value);
    }
    let built = builder.body(Full::new(Bytes::from(response.body)));
    built.unwrap_or_else(|_| hyper::Response::new(Full::new(Bytes::new())))
}
