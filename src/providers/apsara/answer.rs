//! The shapes in which this vendor answers, told apart by content and not by HTTP status.

use serde_json::{Map, Value as Json};

use crate::sdk::http::{Response, Verdict, judge_by_status};
use crate::sdk::{ErrorKind, ProviderError};

use super::lenient::text_of;

/// Another snapshot of the disk is being made.
pub(super) const CREATING: &str = "IncorrectDiskStatus.CreatingSnapshot";
/// The first call with the same token is still running.
pub(super) const PROCESSING: &str = "IdempotentProcessing";
/// Something was made from the snapshot.
pub(super) const IN_USE: [&str; 2] = ["SnapshotCreatedImage", "SnapshotCreatedDisk"];

/// A good answer: the object that holds the operation's results.
pub(super) type Answer = Map<String, Json>;

/// A bad answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) origin: Origin,
    pub(super) code: String,
    pub(super) message: String,
    pub(super) request_id: Option<String>,
}

/// Who refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Origin {
    /// The API Gateway itself, in its headers.
    Gateway,
    /// The portal, with a `resultCode`.
    Portal,
    /// The ECS behind, with a `Code`.
    Service,
    /// Somebody without a documented shape.
    #[default]
    Unknown,
}

pub(super) fn read(response: &Response) -> Result<Answer, Refusal> {
    let mut body = match serde_json::from_slice::<Json>(&response.body) {
        Ok(Json::Object(body)) => body,
        _ => Map::new(),
    };
    // The seed wraps its failure sample in `errorSample`; whether servers do is not known.
    if let Some(Json::Object(inner)) = body.remove("errorSample") {
        body = inner;
    }
    let request_id = ["RequestId", "RequestID", "requestId", "asapiRequestId"]
        .iter()
        .find_map(|name| body.get(*name).and_then(text_of))
        .or_else(|| response.header_value("x-ca-request-id").map(str::to_owned));
    let refusal = |origin, code: String, message: String| Refusal {
        origin,
        code,
        message,
        request_id: request_id.clone(),
    };
    if let Some(said) = response.header_value("x-ca-error-message").filter(|said| !said.is_empty())
    {
        // What follows the comma may be pages of the server's string to sign.
        let said = said.split(',').next().unwrap_or_default();
        return Err(refusal(Origin::Gateway, said.to_owned(), String::new()));
    }
    let text = |name: &str| body.get(name).and_then(text_of).unwrap_or_default();
    let result_code = text("resultCode");
    if !matches!(result_code.as_str(), "" | "0") {
        return Err(refusal(Origin::Portal, result_code, text("resultMsg")));
    }
    let code = text("Code");
    if !code.is_empty() && (!response.is_success() || !matches!(code.as_str(), "0" | "200" | "OK"))
    {
        return Err(refusal(Origin::Service, code, text("Message")));
    }
    if body.get("asapiSuccess") == Some(&Json::Bool(false)) {
        let code = text("asapiErrorCode");
        return Err(refusal(Origin::Service, code, text("asapiErrorMessage")));
    }
    if !response.is_success() {
        return Err(refusal(Origin::Unknown, String::new(), response.excerpt()));
    }
    if let Some(Json::Object(result)) = body.remove("result") {
        body.extend(result);
    }
    Ok(body)
}

/// What an answer means for asking again.
pub(super) fn judge(response: &Response) -> Verdict {
    let Err(refusal) = read(response) else { return Verdict::Definite };
    match (refusal.origin, refusal.code.as_str()) {
        (Origin::Gateway, code) if code.starts_with("Throttled by") => Verdict::NotExecuted(None),
        // Both are refused before anything is done, and the next attempt signs anew.
        (_, "Nonce Used" | "SignatureNonceUsed") => Verdict::NotExecuted(None),
        (
            Origin::Gateway,
            "Internal Error"
            | "Failed To Invoke Backend Service"
            | "Service Unavailable"
            | "Async Service",
        ) => Verdict::Unclear,
        (Origin::Gateway, _) => Verdict::Definite,
        // The seed's -1 is "system error", which says nothing about what was done.
        (Origin::Portal, "-1") => Verdict::Unclear,
        (Origin::Portal, _) => Verdict::Definite,
        (Origin::Service, code) if is_throttling(code) => {
            Verdict::NotExecuted(retry_after(response))
        }
        (Origin::Service, "ServiceUnavailable" | "InternalError") => Verdict::Unclear,
        (Origin::Service, _) if response.status < 500 => Verdict::Definite,
        _ => judge_by_status(response),
    }
}

fn is_throttling(code: &str) -> bool {
    code == "Throttling" || code.starts_with("Throttling.") || code == "Rejected.Throttling"
}

/// The vendor gives the time to wait in milliseconds.
fn retry_after(response: &Response) -> Option<std::time::Duration> {
    let milliseconds = response.header_value("x-acs-retry-after")?.trim().parse().ok()?;
    Some(std::time::Duration::from_millis(milliseconds))
}

/// The error of a refusal.
pub(super) fn error(operation: &str, response: &Response, refusal: Refusal) -> ProviderError {
    let Refusal { origin, code, message, request_id } = refusal;
    let (kind, sentence) = meaning(origin, &code, response.status);
    let said = message.trim().trim_end_matches('.');
    // A signature that does not match is answered with the whole string that was signed.
    let message = if said.is_empty() || code == "SignatureDoesNotMatch" {
        sentence.to_owned()
    } else {
        format!("{sentence} The vendor says: {said}.")
    };
    let mut error = ProviderError::new(kind, operation, message).answered(response);
    error.code = Some(code).filter(|code| !code.is_empty());
    error.request_id = request_id.or(error.request_id);
    advise(error)
}

fn meaning(origin: Origin, code: &str, status: u16) -> (ErrorKind, &'static str) {
    match origin {
        Origin::Gateway => gateway_meaning(code),
        Origin::Portal if code == "-1" => (
            ErrorKind::Unavailable,
            "The portal failed and does not say whether anything was done.",
        ),
        Origin::Portal => (ErrorKind::Refused, "The portal refused the request."),
        Origin::Service => service_meaning(code, status),
        Origin::Unknown if status == 429 => (ErrorKind::Throttled, "Too many requests."),
        Origin::Unknown if status >= 500 => {
            (ErrorKind::Unavailable, "The vendor's service does not work at the moment.")
        }
        Origin::Unknown => (ErrorKind::Refused, "The request was refused without a known reason."),
    }
}

/// The page *Error codes* of the API Gateway: its texts are its codes.
fn gateway_meaning(text: &str) -> (ErrorKind, &'static str) {
    use ErrorKind::{Credentials, Quota, Refused, Throttled, Unavailable};
    match text {
        text if text.starts_with("Throttled by") => {
            (Throttled, "The gateway's flow control refused.")
        }
        "Quota Exhausted" | "Quota Expired" | "User Arrears" => {
            (Quota, "The quota or balance at the gateway is used up.")
        }
        "Invalid AppKey" | "Unauthorized" => (Credentials, "The AppKey is not accepted."),
        "Invalid Signature" | "Empty Signature" => {
            (Credentials, "The signature is wrong, so the AppSecret probably is.")
        }
        "Timestamp Expired" | "Invalid Timestamp" => {
            (Credentials, "The gateway's clock and ours are more than 15 minutes apart.")
        }
        "Internal Error"
        | "Failed To Invoke Backend Service"
        | "Service Unavailable"
        | "Async Service" => (Unavailable, "The gateway could not reach the service behind it."),
        _ => (Refused, "The API Gateway refused the request."),
    }
}

fn service_meaning(code: &str, status: u16) -> (ErrorKind, &'static str) {
    use ErrorKind::{Credentials, NotFound, Quota, Refused, Throttled, Unavailable};
    match code {
        "InvalidDiskId.NotFound" => (Refused, "There is no such disk."),
        "InvalidSnapshotId.NotFound" => (NotFound, "There is no such snapshot."),
        "InvalidSnapshotName.Malformed" => (Refused, "The snapshot's name is not allowed."),
        "InvalidDescription.Malformed" => (Refused, "The description is not allowed."),
        "Duplicate.TagKey"
        | "InvalidTagKey.Malformed"
        | "InvalidTagValue.Malformed"
        | "NumberExceed.Tags"
        | "NoPermission.Tag" => (Refused, "The tags are not allowed."),
        CREATING => (Refused, "A snapshot of this disk is being made."),
        PROCESSING => (Refused, "The same request is still being carried out."),
        "IdempotentParameterMismatch" => {
            (Refused, "The client token was used before with other parameters.")
        }
        "IncorrectDiskStatus.NeverAttached" | "IncorrectDiskStatus.NeverUsed" => {
            (Refused, "A disk that was never used cannot be snapshotted.")
        }
        "IncorrectInstanceStatus" => (Refused, "The server must be running or stopped."),
        "InstanceLockedForSecurity" => (Refused, "The server is locked for security reasons."),
        code if code.starts_with("IncorrectDiskStatus") => {
            (Refused, "The disk is in a status that allows no snapshot.")
        }
        "QuotaExceed.Snapshot" => (Quota, "The disk has as many snapshots as are allowed."),
        "DiskInArrears" | "InvalidAccountStatus.NotEnoughBalance" => {
            (Refused, "The account's balance does not suffice.")
        }
        code if IN_USE.contains(&code) => (Refused, "Something was made from the snapshot."),
        code if code.starts_with("InvalidAccessKeyId") => {
            (Credentials, "The access key is not known.")
        }
        "SignatureDoesNotMatch" | "IncompleteSignature" => {
            (Credentials, "The signature is wrong, so the secret of the access key probably is.")
        }
        "InvalidTimeStamp.Expired" => {
            (Credentials, "The vendor's clock and ours are more than 15 minutes apart.")
        }
        code if is_throttling(code) => (Throttled, "Too many requests."),
        "ServiceUnavailable" | "InternalError" => {
            (Unavailable, "The vendor's service does not work at the moment.")
        }
        _ if status >= 500 => (Unavailable, "The vendor's service does not work at the moment."),
        _ => (Refused, "Apsara refused the request."),
    }
}

/// Adds the argument to blame and what to do.
fn advise(error: ProviderError) -> ProviderError {
    let code = error.code.clone().unwrap_or_default();
    match code.as_str() {
        "InvalidDiskId.NotFound" => error
            .attribute("disk_id")
            .help("check `disk_id`, the region, and that the credentials may see the disk"),
        "InvalidSnapshotName.Malformed" => error.attribute("name"),
        "InvalidDescription.Malformed" => error.attribute("description"),
        "QuotaExceed.Snapshot" => error
            .attribute("disk_id")
            .help("delete snapshots of this disk that are no longer needed"),
        code if code.starts_with("IncorrectDiskStatus") => error.attribute("disk_id"),
        code if code.contains("Tag") => error.attribute("tags"),
        code if IN_USE.contains(&code) => error.attribute("force_delete").help(
            "delete the image or disk first, or set `force_delete = true` and apply before deleting",
        ),
        "InvalidTimeStamp.Expired" | "Timestamp Expired" | "Invalid Timestamp" => {
            error.help("set this machine's clock")
        }
        _ if error.kind == ErrorKind::Credentials => error.help(
            "check `auth_mode` and the credentials in the provider block or in the environment",
        ),
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answer(status: u16, body: &str) -> Response {
        Response { body: body.into(), ..Response::new(status) }
    }

    #[test]
    fn seed_003_the_successful_sample_is_a_success_without_an_id() {
        let body = read(&answer(200, r#"{ "RequestID":"1E3D5A1E0-67CA-43DA-24BC-EAF2D5A1E4DC" }"#));
        assert_eq!(body.unwrap().len(), 1);
    }

    #[test]
    fn seed_003_the_failed_sample_is_a_failure_whatever_the_status() {
        let sample = r#"{
            "errorSample":
            {
            "resultCode":-1,
            "resultMsg":"system error",
            "result":null
            }
        }"#;
        let bare = r#"{"resultCode":"-1","resultMsg":"system error","result":null}"#;
        for body in [sample, bare] {
            for status in [200, 400, 403, 500] {
                let response = answer(status, body);
                let refusal = read(&response).unwrap_err();
                assert_eq!((refusal.origin, &*refusal.code), (Origin::Portal, "-1"));
                assert_eq!(judge(&response), Verdict::Unclear);
                let error = error("CreateSnapshot", &response, refusal);
                assert!(error.message.contains("system error"), "{error}");
            }
        }
    }

    #[test]
    fn results_are_found_in_every_documented_shape() {
        for body in [
            r#"{"RequestId":"A","SnapshotId":"s-1"}"#,
            r#"{"resultCode":"0","resultMsg":"success","result":{"SnapshotId":"s-1"}}"#,
            r#"{"resultCode":0,"result":{"RequestId":"A","SnapshotId":"s-1"}}"#,
            r#"{"asapiSuccess":true,"asapiRequestId":"A","SnapshotId":"s-1"}"#,
        ] {
            assert_eq!(read(&answer(200, body)).unwrap()["SnapshotId"], "s-1", "{body}");
        }
    }

    #[test]
    fn who_refused_is_told_apart() {
        let service = answer(404, r#"{"RequestId":"A5","Code":"InvalidDiskId.NotFound"}"#);
        let refusal = read(&service).unwrap_err();
        assert_eq!(refusal.origin, Origin::Service);
        let found = error("CreateSnapshot", &service, refusal);
        assert_eq!(found.attribute.as_deref(), Some("disk_id"));
        assert_eq!(found.request_id.as_deref(), Some("A5"));

        let gateway = Response::new(400)
            .header("X-Ca-Error-Message", "Invalid Signature, Server StringToSign:`POST#secret`")
            .header("X-Ca-Request-Id", "A6");
        let refusal = read(&gateway).unwrap_err();
        assert_eq!((refusal.origin, &*refusal.code), (Origin::Gateway, "Invalid Signature"));
        let found = error("CreateSnapshot", &gateway, refusal);
        assert_eq!(found.kind, ErrorKind::Credentials);
        assert!(!found.to_string().contains("StringToSign"));

        let unified = answer(200, r#"{"asapiSuccess":false,"asapiErrorCode":"Throttling.User"}"#);
        assert_eq!(judge(&unified), Verdict::NotExecuted(None));
        assert_eq!(judge(&answer(502, "<html>")), Verdict::Unclear);
        assert_eq!(judge(&answer(403, "<html>")), Verdict::Definite);
    }

    #[test]
    fn the_code_decides_about_asking_again() {
        let coded = |status, code: &str| Response::json(status, &json!({ "Code": code }));
        assert_eq!(judge(&coded(403, "InternalError")), Verdict::Unclear);
        assert_eq!(judge(&coded(500, "Throttling")), Verdict::NotExecuted(None));
        assert_eq!(judge(&coded(400, "SignatureNonceUsed")), Verdict::NotExecuted(None));
        assert_eq!(judge(&coded(403, "QuotaExceed.Snapshot")), Verdict::Definite);
        assert_eq!(judge(&coded(400, "NobodyKnowsThis")), Verdict::Definite);
        let asked = coded(400, "Throttling.User").header("x-acs-retry-after", "2500");
        let wait = std::time::Duration::from_millis(2500);
        assert_eq!(judge(&asked), Verdict::NotExecuted(Some(wait)));
        for (text, verdict) in [
            ("Throttled by User Flow Control", Verdict::NotExecuted(None)),
            ("Nonce Used", Verdict::NotExecuted(None)),
            ("Failed To Invoke Backend Service", Verdict::Unclear),
            ("Invalid AppKey", Verdict::Definite),
        ] {
            assert_eq!(judge(&Response::new(400).header("x-ca-error-message", text)), verdict);
        }
    }
}
