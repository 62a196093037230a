//! Terraform's protocol for states over HTTP.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::sdk::auth::{Secret, md5};
use crate::sdk::http::{Call, Client, Method, Request, Response, RetryPolicy, Safety, Transport};
use crate::world::World;

use super::super::lock_info::LockInfo;
use super::super::{BackendError, LockHolder};

/// A method and where it is sent to.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) method: Method,
    pub(super) address: String,
}

/// What a server is asked for, and how.
pub(super) struct Protocol {
    pub(super) address: String,
    pub(super) update: Method,
    pub(super) lock: Option<Target>,
    pub(super) unlock: Option<Target>,
    pub(super) account: Option<(String, Secret)>,
    pub(super) retry: RetryPolicy,
}

/// A server that keeps one state.
pub(super) struct Server {
    protocol: Protocol,
    client: Client,
    place: String,
}

/// What is there.
#[derive(Debug)]
pub(super) struct Found {
    /// The document; `None` where there is none.
    pub(super) text: Option<String>,
    /// What tells this version from others.
    pub(super) tag: Option<String>,
}

/// What must hold for a write to be carried out.
#[derive(Clone, Copy, Debug)]
pub(super) enum Condition<'a> {
    /// Nothing.
    Always,
    /// There is no document.
    Absent,
    /// It is this version.
    Tag(&'a str),
}

/// What became of a write that was answered.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Sent {
    /// It was carried out; with the new tag, where the server says it.
    Done(Option<String>),
    /// The condition does not hold.
    Refused,
    /// The lock is somebody else's.
    Locked,
}

/// What became of the wish for a lock.
#[derive(Debug)]
pub(super) enum Locking {
    Granted,
    /// Somebody has it.
    Held(LockInfo),
}

impl Server {
    pub(super) fn new(protocol: Protocol, transport: Arc<dyn Transport>) -> Self {
        let secrets = protocol.account.iter().map(|(_, password)| password.clone());
        let client = Client::new(transport, World::real()).taking_all();
        let client = client.hiding(secrets).policy(protocol.retry);
        let place = place(&protocol.address);
        Self { protocol, client, place }
    }

    pub(super) fn place(&self) -> String {
        self.place.clone()
    }

    /// Whether the server keeps locks.
    pub(super) fn keeps_locks(&self) -> bool {
        self.protocol.lock.is_some()
    }

    pub(super) fn failed(&self, reason: impl Into<String>) -> BackendError {
        BackendError::Failed { place: self.place.clone(), reason: reason.into() }
    }

    pub(super) async fn get(&self) -> Result<Found, BackendError> {
        let target = Target { method: Method::Get, address: self.protocol.address.clone() };
        let answer = self.send("read the state", &target, None, &[]).await?;
        let text = match answer.status {
            200 if answer.body.is_empty() => None,
            200 => Some(
                String::from_utf8(answer.body.clone())
                    .map_err(|_| self.failed("the answer is not text"))?,
            ),
            204 | 404 => None,
            _ => return Err(self.unexpected(&answer)),
        };
        Ok(Found { text, tag: tag_of(&answer) })
    }

    /// Writes the document, in the name of a lock.
    pub(super) async fn put(
        &self,
        text: &str,
        lock: Option<&str>,
        condition: Condition<'_>,
    ) -> Result<Sent, BackendError> {
        let Protocol { address, update, .. } = &self.protocol;
        let target = Target { method: *update, address: with_lock(address, lock) };
        let headers: &[(&str, &str)] = match &condition {
            Condition::Always => &[],
            Condition::Absent => &[("If-None-Match", "*")],
            Condition::Tag(tag) => &[("If-Match", tag)],
        };
        let answer = self.send("write the state", &target, Some(text), headers).await?;
        match answer.status {
            200 | 201 | 204 => Ok(Sent::Done(tag_of(&answer))),
            412 => Ok(Sent::Refused),
            409 | 423 => Ok(Sent::Locked),
            _ => Err(self.unexpected(&answer)),
        }
    }

    /// Takes the document away.
    pub(super) async fn delete(&self, lock: Option<&str>) -> Result<(), BackendError> {
        let address = with_lock(&self.protocol.address, lock);
        let target = Target { method: Method::Delete, address };
        let answer = self.send("delete the state", &target, None, &[]).await?;
        match answer.status {
            200 | 202 | 204 | 404 => Ok(()),
            _ => Err(self.unexpected(&answer)),
        }
    }

    pub(super) async fn lock(&self, info: &LockInfo) -> Result<Locking, BackendError> {
        let Some(target) = &self.protocol.lock else { return Ok(Locking::Granted) };
        let body = self.json(info)?;
        let answer = self.send("lock the state", target, Some(&body), &[]).await?;
        match answer.status {
            200 | 201 | 204 => Ok(Locking::Granted),
            409 | 423 => {
                let found: LockInfo = serde_json::from_slice(&answer.body).unwrap_or_default();
                // An answer to a request that was sent twice tells of the first one.
                if found.id == info.id { Ok(Locking::Granted) } else { Ok(Locking::Held(found)) }
            }
            _ => Err(self.unexpected(&answer)),
        }
    }

    /// Gives a lock back. One that is somebody else's by now stays.
    pub(super) async fn unlock(&self, info: &LockInfo) -> Result<(), BackendError> {
        let Some(target) = &self.protocol.unlock else { return Ok(()) };
        let body = self.json(info)?;
        let answer = self.send("unlock the state", target, Some(&body), &[]).await?;
        match answer.status {
            200 | 201 | 204 | 404 | 409 | 423 => Ok(()),
            _ => Err(self.unexpected(&answer)),
        }
    }

    fn json(&self, info: &LockInfo) -> Result<String, BackendError> {
        serde_json::to_string(info).map_err(|error| self.failed(error.to_string()))
    }

    async fn send(
        &self,
        operation: &str,
        target: &Target,
        body: Option<&str>,
        headers: &[(&str, &str)],
    ) -> Result<Response, BackendError> {
        let build = |_| {
            let mut request = Request::new(target.method, &target.address)?;
            if let Some((name, password)) = &self.protocol.account {
                let pair = STANDARD.encode(format!("{name}:{}", password.expose()));
                request = request.header("Authorization", format!("Basic {pair}"));
            }
            for (name, value) in headers {
                request = request.header(name, *value);
            }
            Ok(match body {
                None => request,
                Some(body) => request
                    .header("Content-Type", "application/json")
                    .header("Content-MD5", STANDARD.encode(md5(body.as_bytes())))
                    .body(body),
            })
        };
        // Whatever is sent twice does the same as once, or is told from it by the reader.
        let call = Call::new(operation, Safety::Repeatable, &build);
        self.client.call(call).await.map_err(|error| self.failed(error.to_string()))
    }

    fn unexpected(&self, answer: &Response) -> BackendError {
        let said = self.client.hide(&answer.excerpt());
        let reason = match answer.status {
            401 => "it asks for a user name and a password".to_owned(),
            403 => "the user may not do this".to_owned(),
            status if said.is_empty() => format!("it answers with HTTP {status}"),
            status => format!("it answers with HTTP {status}: {said}"),
        };
        self.failed(reason)
    }
}

/// A tag that may be compared. Weak ones may not: they also stay when a document changes a little.
fn tag_of(answer: &Response) -> Option<String> {
    answer.header_value("etag").filter(|tag| tag.starts_with('"')).map(str::to_owned)
}

/// The address without what may be secret in it.
fn place(address: &str) -> String {
    let Ok(mut url) = crate::sdk::http::Url::parse(address) else { return "http".to_owned() };
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.to_string()
}

/// The address with the name of the lock, as GitLab and others ask for.
fn with_lock(address: &str, lock: Option<&str>) -> String {
    let (Some(lock), Ok(mut url)) = (lock, crate::sdk::http::Url::parse(address)) else {
        return address.to_owned();
    };
    let others: Vec<_> = url.query_pairs().into_owned().filter(|(name, _)| name != "ID").collect();
    url.query_pairs_mut().clear().extend_pairs(others).append_pair("ID", lock);
    url.to_string()
}

/// Whoever holds the lock, as an error.
pub(super) fn locked(holder: Option<LockHolder>) -> BackendError {
    BackendError::Locked(holder.map(Box::new))
}

/// How often to ask, from Terraform's settings.
pub(super) fn retry_policy(retries: u64, first: u64, longest: u64) -> RetryPolicy {
    RetryPolicy {
        attempts: u32::try_from(retries).unwrap_or(u32::MAX).saturating_add(1),
        first_wait: Duration::from_secs(first),
        longest_wait: Duration::from_secs(longest.max(first)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_the_lock_goes_with_the_request_and_no_secret_into_messages() {
        let address = "https://ann:secret@host/state?token=t&ID=old";
        assert_eq!(place(address), "https://host/state");
        assert_eq!(with_lock(address, Some("a b")), "https://ann:secret@host/state?token=t&ID=a+b");
        assert_eq!(with_lock(address, None), address);
    }

    #[test]
    fn weak_tags_are_none() {
        let answer = |tag| Response::new(200).header("ETag", tag);
        assert_eq!(tag_of(&answer("W/\"1\"")), None);
        assert_eq!(tag_of(&answer("\"1\"")), Some("\"1\"".to_owned()));
    }
}
