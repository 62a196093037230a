//! What an error answer of Keystone, nova or cinder means.

use serde_json::Value as Json;

use crate::sdk::http::{Response, Verdict, judge_by_status};
use crate::sdk::{ErrorKind, ProviderError};

use super::client::Api;

/// Nova's name for "block storage knows no such volume".
const VOLUME_NOT_FOUND: &str = "nova.exception.VolumeNotFound";
/// Nova's name for every 400 of block storage.
const INVALID_INPUT: &str = "nova.exception.InvalidInput";
/// Block storage refused the token that nova had accepted.
const TOKEN_REFUSED: &str = "cinderclient.exceptions.Unauthorized";

/// The parts of an error body, whichever of the five shapes it has.
pub(super) struct Fault {
    /// The one key around the fault, such as `itemNotFound`.
    pub(super) kind: Option<String>,
    /// The vendor's words.
    pub(super) message: String,
}

impl Fault {
    /// Reads an error body.
    pub(super) fn of(response: &Response) -> Self {
        let body: Json = serde_json::from_slice(&response.body).unwrap_or(Json::Null);
        let text = |json: &Json| json.get("message").and_then(Json::as_str).map(str::to_owned);
        if let Some(message) = text(&body) {
            return Self { kind: None, message };
        }
        let wrapped = body
            .as_object()
            .filter(|body| body.len() == 1)
            .and_then(|body| body.iter().next())
            .and_then(|(kind, inner)| {
                // Keystone wraps every fault in `error`, and names it in the title.
                let title = inner.get("title").and_then(Json::as_str);
                let kind = title.filter(|_| kind == "error").unwrap_or(kind);
                Some((kind.to_owned(), text(inner)?))
            });
        match wrapped {
            Some((kind, message)) => Self { kind: Some(kind), message },
            None => Self { kind: None, message: response.excerpt() },
        }
    }

    /// The class that nova names at the end of a 500.
    pub(super) fn class(&self) -> Option<&str> {
        let (_, class) = self.message.rsplit_once("<class '")?;
        class.split_once('\'').map(|(class, _)| class)
    }

    /// Adds status, code and request id to an error.
    pub(super) fn complete(&self, error: ProviderError, response: &Response) -> ProviderError {
        let error = error.answered(response);
        match self.class().or(self.kind.as_deref()) {
            Some(code) => error.code(code),
            None => error,
        }
    }
}

/// Judges an answer: some of nova's 500 tell that nothing was done, and why.
pub(super) fn judge(response: &Response) -> Verdict {
    if response.status == 500
        && let Some(VOLUME_NOT_FOUND | INVALID_INPUT | TOKEN_REFUSED) = Fault::of(response).class()
    {
        return Verdict::Definite;
    }
    judge_by_status(response)
}

/// Whether the token was not accepted: here, or by block storage behind nova.
pub(super) fn is_token_refused(response: &Response) -> bool {
    response.status == 401
        || response.status == 500 && Fault::of(response).class() == Some(TOKEN_REFUSED)
}

/// Whether block storage answered 400 behind nova: the request does not fit the object's status.
pub(super) fn is_invalid_input(response: &Response) -> bool {
    response.status == 400
        || response.status == 500 && Fault::of(response).class() == Some(INVALID_INPUT)
}

/// Whether the answer really says that the object `id` is gone: other 404 mean a wrong address or
/// microversion, and taking those for "gone" would drop living snapshots.
pub(super) fn is_gone(response: &Response, id: &str) -> bool {
    let fault = Fault::of(response);
    response.status == 404
        && fault.kind.as_deref() == Some("itemNotFound")
        && fault.message.contains(id)
}

/// The error for an answer that is no success.
pub(super) fn refusal(api: Api, operation: &str, response: &Response) -> ProviderError {
    let fault = Fault::of(response);
    let new = |kind, message: String| ProviderError::new(kind, operation, message);
    let said = format!("The cloud said: {}.", fault.message.trim_end_matches(['.', '\n']));
    let error = match (response.status, fault.class()) {
        (500, Some(VOLUME_NOT_FOUND)) => no_volume(operation),
        (404, _) if is_missing_volume(&fault) => no_volume(operation),
        (500, Some(INVALID_INPUT)) => new(
            ErrorKind::Refused,
            "Block storage refused the request; through this API it does not say why.".to_owned(),
        )
        .help(STATUS_HELP),
        (400, _) if fault.message.starts_with("Invalid volume") => {
            new(ErrorKind::Refused, said).attribute("volume_id").help(STATUS_HELP)
        }
        (401, _) | (500, Some(TOKEN_REFUSED)) => {
            new(ErrorKind::Credentials, "The token was refused, and a fresh one too.".to_owned())
        }
        (403, _) if fault.message.contains("Quota exceeded") => quota(
            operation,
            "The project's quota of snapshots or of gigabytes is used up; the cloud names \
             snapshots in either case.",
        ),
        // 413 is no matter of length here, and its `Retry-After: 0` no invitation.
        (413, _) if fault.kind.as_deref() == Some("overLimit") => {
            quota(operation, &format!("A quota of the project is used up. {said}"))
        }
        (403, _) => new(ErrorKind::Refused, said)
            .help("the user's role in this project does not allow it; ask an administrator"),
        (404, _) => new(ErrorKind::Refused, format!("{said} {}", nowhere(api))),
        (429, _) => new(ErrorKind::Throttled, said),
        (500.., _) => new(ErrorKind::Unavailable, said),
        _ => new(ErrorKind::Refused, said),
    };
    fault.complete(error, response)
}

/// What to look at when a volume's status may be in the way.
const STATUS_HELP: &str = "look at the volume's status: one that is `in-use` needs `force = true`, \
     and one in `error`, `creating`, `maintenance` or `deleting` allows no snapshot";

fn is_missing_volume(fault: &Fault) -> bool {
    fault.kind.as_deref() == Some("itemNotFound") && fault.message.starts_with("Volume ")
}

fn no_volume(operation: &str) -> ProviderError {
    let message = "There is no such volume in this project.";
    ProviderError::new(ErrorKind::Refused, operation, message)
        .attribute("volume_id")
        .help("look whether the id and the project are the right ones")
}

/// What a 404 means that names no object.
fn nowhere(api: Api) -> &'static str {
    match api {
        Api::Compute => {
            "The address of the compute service is wrong, or the service no longer has \
             `os-snapshots`."
        }
        Api::BlockStorage => "The address of the block storage service is wrong.",
    }
}

fn quota(operation: &str, message: &str) -> ProviderError {
    ProviderError::new(ErrorKind::Quota, operation, message)
        .help("delete snapshots that nobody needs, also failed ones, or ask an administrator for a larger quota")
}
