//! Who may ask: signatures and tokens.

use crate::providers::zenlayer::signing::{METHOD, SIGNED_HEADERS, Signed};
use crate::sdk::http::Request;
use crate::world::Timestamp;

use super::Refusal;

pub(super) const KEY_ID: &str = "AKemulator";
pub(super) const KEY_PASSWORD: &str = "zenlayer-emulator-password";
pub(super) const TOKEN: &str = "zenlayer-emulator-token";

/// The page *Signature Algorithm v2*: a timestamp more than 5 minutes off is refused.
const WINDOW_SECONDS: i64 = 300;

pub(super) fn check(request: &Request, now: Timestamp) -> Result<(), Refusal> {
    let header = |name: &str| request.header_value(name).unwrap_or_default();
    let authorization = header("authorization");
    if let Some(token) = authorization.strip_prefix("Bearer ") {
        return if token == TOKEN {
            Ok(())
        } else {
            Err(malformed("the access token is not known"))
        };
    }
    let (id, signature) = parts(authorization).ok_or_else(|| {
        malformed("Authorization is missing or does not have the documented form")
    })?;
    if id != KEY_ID {
        return Err(malformed("the access key id is not known"));
    }
    if header("x-zc-signature-method") != METHOD {
        return Err(malformed("X-ZC-Signature-Method must be ZC2-HMAC-SHA256"));
    }
    let timestamp = header("x-zc-timestamp");
    let seconds: i64 =
        timestamp.parse().map_err(|_| malformed("X-ZC-Timestamp must be Unix seconds"))?;
    if seconds.abs_diff(now.epoch_seconds()) > WINDOW_SECONDS.unsigned_abs() {
        return Err(Refusal::new(
            401,
            "AUTHFAILURE_SIGNATURE_EXPIRED",
            "X-ZC-Timestamp is more than 5 minutes off",
        ));
    }
    let signed = Signed {
        content_type: header("content-type"),
        host: &request.host(),
        timestamp,
        body: &request.body,
    };
    if signed.signature(KEY_PASSWORD) == signature {
        Ok(())
    } else {
        Err(Refusal::new(401, "AUTHFAILURE_SIGNATURE_FAILURE", "the signature does not match"))
    }
}

/// Credential and signature of `ZC2-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`.
fn parts(authorization: &str) -> Option<(&str, &str)> {
    let rest = authorization.strip_prefix(METHOD)?.strip_prefix(' ')?;
    let part = |name: &str| {
        rest.split(',').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='))
    };
    (part("SignedHeaders")? == SIGNED_HEADERS).then_some((part("Credential")?, part("Signature")?))
}

fn malformed(message: &str) -> Refusal {
    Refusal::new(401, "AUTHFAILURE_INVALID_AUTHORIZATION", message)
}
