//! What is logged of requests and answers: all that helps to see what went wrong, and no secret.
//!
//! A value is shown only where its name says that it is harmless: identifiers, states, numbers. All
//! others are hidden, whatever their names, because an argument of a resource may be a secret. What
//! the client knows to be secret is taken out of all texts in any case.

use serde_json::Value as Json;
use tracing::Level;

use super::{Client, Request, Response, TransportError};

/// Stands where something is not shown.
const HIDDEN: &str = "(hidden)";

/// Longest body that is logged, in bytes.
const LONGEST: usize = 32 * 1024;

/// Headers whose values are shown.
const HEADERS: [&str; 16] = [
    "accept",
    "allow",
    "content-encoding",
    "content-length",
    "content-type",
    "date",
    "openstack-api-version",
    "retry-after",
    "server",
    "transfer-encoding",
    "user-agent",
    "x-acs-request-id",
    "x-compute-request-id",
    "x-openstack-request-id",
    "x-ratelimit-remaining",
    "x-tc-action",
];

/// Parts of names behind which secrets are, whatever else the name says.
const SECRET: [&str; 13] = [
    "accesskey",
    "apikey",
    "auth",
    "cookie",
    "credential",
    "nonce",
    "pass",
    "privatekey",
    "secret",
    "session",
    "signature",
    "token",
    "userdata",
];

/// Ends of names whose texts are shown.
const HARMLESS: [&str; 24] = [
    "action", "at", "code", "count", "date", "format", "href", "id", "ids", "kind", "limit",
    "marker", "method", "number", "page", "region", "size", "state", "status", "time", "total",
    "type", "version", "zone",
];

/// Logs a request that is about to leave.
pub(super) fn sent(client: &Client, operation: &str, attempt: u32, request: &Request) {
    if !tracing::enabled!(Level::DEBUG) {
        return;
    }
    tracing::debug!(
        operation,
        attempt,
        method = request.method.as_str(),
        host = client.hide(&request.host()),
        path = client.hide(request.path()),
        query = pairs(client, &mut request.url.query_pairs()),
        "request"
    );
    if tracing::enabled!(Level::TRACE) {
        tracing::trace!(
            operation,
            attempt,
            headers = headers(client, &request.headers),
            body = body(client, request.header_value("content-type"), &request.body),
            "request in full"
        );
    }
}

/// Logs what came back.
pub(super) fn answered(client: &Client, operation: &str, attempt: u32, response: &Response) {
    if !tracing::enabled!(Level::DEBUG) {
        return;
    }
    let bytes = response.body.len() as u64;
    tracing::debug!(operation, attempt, status = u64::from(response.status), bytes, "answer");
    if tracing::enabled!(Level::TRACE) {
        tracing::trace!(
            operation,
            attempt,
            headers = headers(client, &response.headers),
            body = body(client, response.header_value("content-type"), &response.body),
            "answer in full"
        );
    }
}

/// Logs that nothing came back.
pub(super) fn unanswered(client: &Client, operation: &str, attempt: u32, error: &TransportError) {
    let reason = client.hide(&error.message);
    tracing::warn!(operation, attempt, reason, "no answer");
}

/// Logs that a request is sent again.
pub(super) fn again(operation: &str, attempt: u32, wait: std::time::Duration) {
    let seconds = wait.as_secs();
    tracing::info!(operation, attempt, seconds, "asking again after a pause");
}

fn headers(client: &Client, headers: &[(String, String)]) -> String {
    let shown = headers.iter().map(|(name, value)| {
        let harmless = HEADERS.contains(&name.to_lowercase().as_str());
        let value = if harmless { client.hide(value) } else { HIDDEN.to_owned() };
        format!("{name}: {value}")
    });
    shown.collect::<Vec<_>>().join("; ")
}

fn pairs<N: AsRef<str>, V: AsRef<str>>(
    client: &Client,
    pairs: &mut dyn Iterator<Item = (N, V)>,
) -> String {
    let shown = pairs.map(|(name, value)| {
        let (name, value) = (name.as_ref(), value.as_ref());
        let value = if is_harmless(name) { client.hide(value) } else { HIDDEN.to_owned() };
        format!("{name}={value}")
    });
    shown.collect::<Vec<_>>().join("&")
}

/// A body as far as its form is known; else only its length.
fn body(client: &Client, content_type: Option<&str>, bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return String::new();
    }
    if bytes.len() > LONGEST {
        return format!("({} bytes)", bytes.len());
    }
    if let Ok(mut json) = serde_json::from_slice::<Json>(bytes) {
        redact(client, None, &mut json);
        return json.to_string();
    }
    if content_type.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) {
        let form = super::message::form_pairs(bytes);
        return pairs(client, &mut form.into_iter());
    }
    format!("({} bytes)", bytes.len())
}

/// Leaves the shape and what is harmless.
fn redact(client: &Client, name: Option<&str>, json: &mut Json) {
    match json {
        Json::Object(entries) => {
            for (name, value) in entries {
                if is_secret(name) {
                    *value = HIDDEN.into();
                } else {
                    redact(client, Some(name), value);
                }
            }
        }
        Json::Array(items) => items.iter_mut().for_each(|item| redact(client, name, item)),
        Json::String(text) => {
            let harmless = name.is_some_and(is_harmless);
            *text = if harmless { client.hide(text) } else { HIDDEN.to_owned() };
        }
        Json::Number(_) if name.is_none_or(|name| !is_harmless(name)) => *json = HIDDEN.into(),
        Json::Number(_) | Json::Bool(_) | Json::Null => {}
    }
}

/// A name without what separates its words, in small letters.
fn squeezed(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn is_secret(name: &str) -> bool {
    let name = squeezed(name);
    SECRET.iter().any(|part| name.contains(part))
}

/// Whether the last word of a name says that its value may be shown.
fn is_harmless(name: &str) -> bool {
    let last = name
        .char_indices()
        .rev()
        .find(|(_, letter)| !letter.is_alphanumeric())
        .map_or(name, |(at, letter)| name.get(at + letter.len_utf8()..).unwrap_or_default());
    let word = match last.char_indices().rev().find(|(_, letter)| letter.is_uppercase()) {
        Some((at, _))
            if last.get(at + 1..).is_some_and(|rest| rest.chars().any(char::is_lowercase)) =>
        {
            last.get(at..).unwrap_or_default()
        }
        _ => last,
    };
    !is_secret(name) && HARMLESS.contains(&word.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::sdk::auth::Secret;
    use crate::sdk::http::Network;
    use crate::world::{Timestamp, World};

    fn client() -> Client {
        let world = World::fixed(Timestamp::EPOCH);
        Client::new(Arc::new(Network::default()), world).hiding([Secret::from("top/secret")])
    }

    #[test]
    fn names_tell_what_may_be_shown() {
        for name in ["id", "volume_id", "diskId", "RequestId", "status", "created_at", "Zone"] {
            assert!(is_harmless(name), "{name}");
        }
        for name in [
            "name",
            "description",
            "AccessKeyId",
            "token_id",
            "bearerToken",
            "password",
            "format2",
            "void",
        ] {
            assert!(!is_harmless(name), "{name}");
        }
    }

    #[test]
    fn bodies_keep_their_shape_and_lose_what_may_be_secret() {
        let shown = |kind, bytes: &[u8]| body(&client(), kind, bytes);
        let json =
            br#"{"auth":{"x":[1]},"volume":{"id":"v-1","name":"n","size":3,"up":true,"pin":7},
            "snapshotIds":["a","top/secret"],"tags":["b"]}"#;
        assert_eq!(
            shown(None, json),
            r#"{"auth":"(hidden)","snapshotIds":["a","(sensitive value)"],"tags":["(hidden)"],"volume":{"id":"v-1","name":"(hidden)","pin":"(hidden)","size":3,"up":true}}"#
        );
        let form = b"Action=Make&DiskId=d-1&Signature=abc&SecurityToken=t&Name=top%2Fsecret";
        assert_eq!(
            shown(Some("application/x-www-form-urlencoded"), form),
            "Action=Make&DiskId=d-1&Signature=(hidden)&SecurityToken=(hidden)&Name=(hidden)"
        );
        assert_eq!(shown(None, b"top/secret"), "(10 bytes)");
        assert_eq!(shown(None, &vec![b'1'; LONGEST + 1]), format!("({} bytes)", LONGEST + 1));
    }

    #[test]
    fn only_harmless_headers_show_their_values() {
        let given = [("Authorization", "Bearer x"), ("Content-Type", "text/top/secret")];
        let given = given.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(
            headers(&client(), &given),
            "Authorization: (hidden); Content-Type: text/(sensitive value)"
        );
    }
}
