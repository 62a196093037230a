//! Who may ask: the three signatures, times and nonces.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::providers::apsara::signing::{
    ACS3, Acs3Signed, GatewaySigned, Parameters, rpc_signature, rpc_string_to_sign,
};
use crate::sdk::auth::{md5, sha256_hex};
use crate::sdk::emulator::Stage;
use crate::sdk::http::Request;
use crate::world::Timestamp;

use super::parameters::{self, Checked};
use super::{Refusal, Route};

pub(super) const APP_KEY: &str = "166600000000001";
pub(super) const APP_SECRET: &str = "apsara-emulator-app-secret";
pub(super) const ACCESS_KEY_ID: &str = "LTAIemulator";
pub(super) const ACCESS_KEY_SECRET: &str = "apsara-emulator-access-secret";

const PORTAL: &str = "/apsara/route/Ecs/";
/// All schemes allow clocks 15 minutes apart.
const WINDOW_SECONDS: u64 = 15 * 60;

/// The operation asked for, once it is certain who asks.
pub(super) fn check(request: &Request, stage: &mut Stage<'_>) -> Result<Checked, Refusal> {
    let query: Parameters = request.url.query_pairs().into_owned().collect();
    if let Some(action) = request.path().strip_prefix(PORTAL) {
        gateway(request, &query, stage)?;
        let parameters = merged(parameters::of_body(request), query);
        return Ok(Checked { route: Route::Portal, action: action.to_owned(), parameters });
    }
    if request.path() != "/" {
        return Err(Refusal::gateway(400, "I400PT", "Invalid Url"));
    }
    let authorization = request.header_value("authorization").unwrap_or_default();
    if let Some(authorization) = authorization.strip_prefix(ACS3) {
        acs3(request, &query, authorization.trim(), stage)?;
        let action = request.header_value("x-acs-action").unwrap_or_default().to_owned();
        let parameters = merged(parameters::of_body(request), query);
        return Ok(Checked { route: Route::Native, action, parameters });
    }
    let mut parameters = merged(parameters::of_body(request), query);
    rpc(request, &parameters, stage)?;
    let action = parameters.remove("Action").unwrap_or_default();
    for name in ["Version", "Format", "AccessKeyId", "Timestamp", "SecurityToken"] {
        parameters.remove(name);
    }
    parameters.retain(|name, _| !name.starts_with("Signature"));
    Ok(Checked { route: Route::Native, action, parameters })
}

/// On a clash the query wins at the server.
fn merged(mut form: Parameters, query: Parameters) -> Parameters {
    form.extend(query);
    form
}

fn gateway(request: &Request, query: &Parameters, stage: &mut Stage<'_>) -> Result<(), Refusal> {
    let header = |name: &str| request.header_value(name).unwrap_or_default();
    let signature = header("x-ca-signature");
    if signature.is_empty() {
        return Err(Refusal::gateway(404, "I404ES", "Empty Signature"));
    }
    if header("x-ca-key") != APP_KEY {
        return Err(Refusal::gateway(400, "I400AK", "Invalid AppKey"));
    }
    let milliseconds = header("x-ca-timestamp").parse::<i64>();
    let milliseconds =
        milliseconds.map_err(|_| Refusal::gateway(400, "I400TM", "Invalid Timestamp"))?;
    if milliseconds.abs_diff(stage.now.epoch_milliseconds()) > WINDOW_SECONDS * 1000 {
        return Err(Refusal::gateway(400, "I400TE", "Timestamp Expired"));
    }
    let content_md5 = header("content-md5");
    if !content_md5.is_empty() && content_md5 != STANDARD.encode(md5(&request.body)) {
        return Err(Refusal::gateway(400, "I400MD", "Invalid Content-MD5"));
    }
    if !matches!(header("x-ca-signature-method"), "" | "HmacSHA256") {
        return Err(Refusal::gateway(400, "I400SM", "Invalid Signature Method"));
    }
    let form = parameters::of_form(request);
    let signed_names = header("x-ca-signature-headers");
    let parameters = merged(form, query.clone());
    let signed = GatewaySigned {
        method: request.method.as_str(),
        accept: header("accept"),
        content_md5,
        content_type: header("content-type"),
        date: header("date"),
        headers: signed_names
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .map(|name| (name, header(name)))
            .collect(),
        path: request.path(),
        parameters: &parameters,
    };
    if signed.signature(APP_SECRET) != signature {
        let text = signed.string_to_sign().replace('\n', "#");
        let message = format!("Invalid Signature, Server StringToSign:`{text}`");
        return Err(Refusal::gateway(400, "I400SG", header_text(&message)));
    }
    use_nonce(header("x-ca-nonce"), stage, || Refusal::gateway(400, "I400NU", "Nonce Used"))
}

/// Header values are ASCII.
fn header_text(text: &str) -> String {
    text.chars().map(|character| if character.is_ascii() { character } else { '?' }).collect()
}

fn acs3(
    request: &Request,
    query: &Parameters,
    authorization: &str,
    stage: &mut Stage<'_>,
) -> Result<(), Refusal> {
    let part = |name: &str| {
        authorization.split(',').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='))
    };
    let (Some(id), Some(names), Some(signature)) =
        (part("Credential"), part("SignedHeaders"), part("Signature"))
    else {
        return Err(incomplete("Authorization does not have the documented form"));
    };
    check_key(id)?;
    let names: Vec<_> = names.split(';').collect();
    let unsigned = request
        .headers
        .iter()
        .map(|(name, _)| name.to_lowercase())
        .find(|name| name.starts_with("x-acs-") && !names.contains(&name.as_str()));
    if let Some(name) = unsigned.or((!names.contains(&"host")).then(|| "host".to_owned())) {
        return Err(incomplete(&format!("the header {name} is not signed")));
    }
    let header = |name: &str| request.header_value(name).unwrap_or_default();
    if header("x-acs-content-sha256") != sha256_hex(&request.body) {
        return Err(incomplete("x-acs-content-sha256 is not the hash of the body"));
    }
    check_time(header("x-acs-date"), stage.now)?;
    let value = |name: &str| {
        if name == "host" { request.host() } else { header(name).to_owned() }
    };
    let headers: BTreeMap<_, _> =
        names.iter().map(|name| ((*name).to_owned(), value(name))).collect();
    let signed = Acs3Signed {
        method: request.method.as_str(),
        path: request.path(),
        query,
        headers,
        body: &request.body,
    };
    if signed.signature(ACCESS_KEY_SECRET) != signature {
        return Err(mismatch(&signed.string_to_sign()));
    }
    use_nonce(header("x-acs-signature-nonce"), stage, nonce_used)
}

fn rpc(request: &Request, parameters: &Parameters, stage: &mut Stage<'_>) -> Result<(), Refusal> {
    let mut signed = parameters.clone();
    let Some(signature) = signed.remove("Signature") else {
        return Err(Refusal::service(400, "MissingParameter", "Signature is missing"));
    };
    let text = |name: &str| signed.get(name).map_or("", String::as_str);
    check_key(text("AccessKeyId"))?;
    if text("SignatureMethod") != "HMAC-SHA1" || text("SignatureVersion") != "1.0" {
        return Err(incomplete("SignatureMethod must be HMAC-SHA1 and SignatureVersion 1.0"));
    }
    check_time(text("Timestamp"), stage.now)?;
    let method = request.method.as_str();
    if rpc_signature(method, &signed, ACCESS_KEY_SECRET) != signature {
        return Err(mismatch(&rpc_string_to_sign(method, &signed)));
    }
    use_nonce(text("SignatureNonce"), stage, nonce_used)
}

fn check_key(id: &str) -> Result<(), Refusal> {
    if id == ACCESS_KEY_ID {
        return Ok(());
    }
    Err(Refusal::service(404, "InvalidAccessKeyId.NotFound", "the access key is not known"))
}

fn check_time(text: &str, now: Timestamp) -> Result<(), Refusal> {
    let malformed = |_| Refusal::service(400, "InvalidTimeStamp.Format", "the time is malformed");
    let time: Timestamp = text.parse().map_err(malformed)?;
    if time.epoch_seconds().abs_diff(now.epoch_seconds()) > WINDOW_SECONDS {
        return Err(Refusal::service(
            400,
            "InvalidTimeStamp.Expired",
            "the time is more than 15 minutes off",
        ));
    }
    Ok(())
}

/// Nonces are kept by quarter of an hour; none lives longer than its signature's window.
fn use_nonce(
    nonce: &str,
    stage: &mut Stage<'_>,
    used: impl FnOnce() -> Refusal,
) -> Result<(), Refusal> {
    let window = WINDOW_SECONDS.cast_signed();
    let quarter = stage.now.epoch_seconds() / window;
    let known = (quarter - 2..=quarter)
        .any(|quarter| stage.store.get::<bool>(&format!("nonces-{quarter}"), nonce).is_some());
    if known || nonce.is_empty() {
        return Err(used());
    }
    stage.store.put(&format!("nonces-{quarter}"), nonce, &true);
    Ok(())
}

fn nonce_used() -> Refusal {
    Refusal::service(400, "SignatureNonceUsed", "the nonce is missing or was used before")
}

fn incomplete(message: &str) -> Refusal {
    Refusal::service(400, "IncompleteSignature", message)
}

fn mismatch(string_to_sign: &str) -> Refusal {
    Refusal::service(
        400,
        "SignatureDoesNotMatch",
        format!("the signature does not match; server string to sign is:{string_to_sign}"),
    )
}
