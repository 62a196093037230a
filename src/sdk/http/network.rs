//! The real network.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::sdk::auth::Secret;
use crate::world::BoxFuture;
use crate::world::faults::{CrashPoint, pass};

use super::proxies::{Proxies, is_local};
use super::{Interruption, Method, Request, Response, Transport, TransportError, Url};

/// Largest body that is read; a vendor's answer is far smaller.
const BODY_LIMIT: usize = 64 * 1024 * 1024;

/// How long a connection may take to be made.
const CONNECT_PATIENCE: Duration = Duration::from_secs(20);

/// How long a request and its whole answer may take.
const PATIENCE: Duration = Duration::from_mins(2);

/// Sends requests over the network. Clients are made at the first request, because making one reads
/// the system's certificates.
#[derive(Debug, Default)]
pub struct Network {
    trust: Trust,
    proxies: Proxies,
    /// Goes through the proxies that are named, which are none for most people.
    client: OnceLock<reqwest::Client>,
    /// Goes through none.
    direct: OnceLock<reqwest::Client>,
}

/// Which servers are believed, and who we say that we are, where that is not as usual.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    /// Whether every certificate is believed.
    pub anybody: bool,
    /// The only authorities that are believed, as PEM; the system's unless set.
    pub authorities: Option<String>,
    /// Our own certificate and its key, as PEM.
    pub identity: Option<(String, Secret)>,
}

impl Trust {
    /// Puts it into a client. The error completes "the HTTP client cannot be set up: …".
    fn apply(
        &self,
        mut builder: reqwest::ClientBuilder,
    ) -> Result<reqwest::ClientBuilder, reqwest::Error> {
        if self.anybody {
            builder = builder.tls_danger_accept_invalid_certs(true);
        }
        if let Some(pem) = &self.authorities {
            let authorities = reqwest::Certificate::from_pem_bundle(pem.as_bytes())?;
            builder = builder.tls_certs_only(authorities);
        }
        if let Some((certificate, key)) = &self.identity {
            let pem = format!("{}\n{certificate}", key.expose());
            builder = builder.identity(reqwest::Identity::from_pem(pem.as_bytes())?);
        }
        Ok(builder)
    }
}

impl Network {
    /// A network that believes other servers than usual.
    ///
    /// # Errors
    ///
    /// A certificate or a key cannot be read; the text says why.
    pub fn believing(trust: Trust) -> Result<Self, String> {
        drop(trust.apply(reqwest::Client::builder()).map_err(|error| reason(&error))?);
        Ok(Self { trust, ..Self::default() })
    }

    /// The client for an address, and the proxy that it goes through.
    fn client(&self, url: &Url) -> Result<(reqwest::Client, Option<String>), TransportError> {
        let proxy = self
            .proxies
            .before(url)
            .map_err(|message| TransportError { interruption: Interruption::NotSent, message })?;
        let held = if proxy.is_some() { &self.client } else { &self.direct };
        if let Some(client) = held.get() {
            return Ok((client.clone(), proxy));
        }
        let failed = |error: reqwest::Error| TransportError {
            interruption: Interruption::NotSent,
            message: format!("the HTTP client cannot be set up: {}", reason(&error)),
        };
        let client = reqwest::Client::builder()
            .user_agent(concat!("snapform/", env!("CARGO_PKG_VERSION")))
            // A redirect could carry credentials to another host, or repeat a create.
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(CONNECT_PATIENCE)
            .timeout(PATIENCE);
        let client = if proxy.is_some() { client } else { client.no_proxy() };
        let client = self.trust.apply(client).and_then(reqwest::ClientBuilder::build);
        let client = client.map_err(failed)?;
        Ok((held.get_or_init(|| client).clone(), proxy))
    }
}

impl Transport for Network {
    fn encrypts(&self) -> bool {
        true
    }

    fn trusting(&self, trust: Trust) -> Result<Arc<dyn Transport>, String> {
        Ok(Arc::new(Self::believing(trust)?))
    }

    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(async move {
            may_leave(&request)?;
            let (client, proxy) = self.client(&request.url)?;
            let failed = |error: reqwest::Error| failure(&error, proxy.as_deref());
            let mut builder = client.request(method(request.method), request.url);
            for (name, value) in &request.headers {
                builder = builder.header(name, value);
            }
            pass(CrashPoint::Send);
            let answer = builder.body(request.body).send().await.map_err(failed)?;
            let response = read(answer, failed).await;
            pass(CrashPoint::Receive);
            response
        })
    }
}

/// Credentials go over a network only encrypted, whatever address a setting or a vendor gave; the
/// names of emulated vendors lead nowhere from here.
fn may_leave(request: &Request) -> Result<(), TransportError> {
    let host = request.url.host_str().unwrap_or_default();
    if request.url.scheme() == "https" || is_local(host) {
        return Ok(());
    }
    let message =
        format!("`{host}` is not on this machine and would be reached without encryption");
    Err(TransportError { interruption: Interruption::NotSent, message })
}

async fn read(
    mut answer: reqwest::Response,
    failed: impl Fn(reqwest::Error) -> TransportError,
) -> Result<Response, TransportError> {
    let mut response = Response::new(answer.status().as_u16());
    for (name, value) in answer.headers() {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        response.headers.push((name.as_str().to_owned(), value));
    }
    // A body that grows in place would be copied again and again, and take twice its size.
    let mut parts = Vec::new();
    let mut length = 0;
    while let Some(part) = answer.chunk().await.map_err(&failed)? {
        length += part.len();
        if length > BODY_LIMIT {
            return Err(TransportError {
                interruption: Interruption::Interrupted,
                message: format!("the answer is longer than {BODY_LIMIT} bytes"),
            });
        }
        parts.push(part);
    }
    response.body = parts.concat();
    Ok(response)
}

fn method(method: Method) -> reqwest::Method {
    match method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
        Method::Patch => reqwest::Method::PATCH,
        Method::Delete => reqwest::Method::DELETE,
        Method::Head => reqwest::Method::HEAD,
        Method::Options => reqwest::Method::OPTIONS,
        // Every name of a method that we have is a token.
        Method::Lock | Method::Unlock => {
            reqwest::Method::from_bytes(method.as_str().as_bytes()).unwrap_or_default()
        }
    }
}

fn failure(error: &reqwest::Error, proxy: Option<&str>) -> TransportError {
    let not_sent = error.is_connect() || error.is_builder();
    let reason = reason(error);
    TransportError {
        interruption: if not_sent { Interruption::NotSent } else { Interruption::Interrupted },
        message: match proxy {
            Some(proxy) => format!("{reason} (through the proxy {proxy})"),
            None => reason,
        },
    }
}

/// The innermost cause, which says most, and host and port; the rest of the address may hold
/// credentials.
fn reason(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    let host = error.url().and_then(|url| {
        let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
        Some(format!("{}{port}", url.host_str()?))
    });
    let host =
        |word: &str| host.as_ref().map_or_else(String::new, |host| format!(" {word} {host}"));
    let what = if error.is_timeout() {
        format!("no answer in time{}", host("from"))
    } else if error.is_connect() {
        format!("no connection{}", host("to"))
    } else {
        format!("the connection{} broke", host("to"))
    };
    if std::ptr::eq(cause, std::ptr::from_ref(error)) { what } else { format!("{what}: {cause}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_encrypted_or_local_leaves() {
        let leaves = |url| may_leave(&Request::new(Method::Get, url).unwrap()).is_ok();
        for url in ["https://api.ctl.io/", "http://127.0.0.1:1/", "http://[::1]/"] {
            assert!(leaves(url), "{url}");
        }
        for url in ["http://ctl.emulator/", "http://api.ctl.io/", "http://127.0.0.1.example.com/"] {
            assert!(!leaves(url), "{url}");
        }
    }
}
