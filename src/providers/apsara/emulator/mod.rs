//! The vendor's API in memory, in all three dialects.
//!
//! In: a request as any client sends it, at `/apsara/route/Ecs/<Action>` for the portal or at `/`
//! natively. Out: the documented answer, with signatures, nonces, client tokens, statuses, delays,
//! quota and expiry checked by the vendor's rules. Status is told from time at each request:
//! records hold the instants at which they become ready or go away.
//!
//! Any well-formed disk id exists. A record in the collection `disks` overrides that, with the
//! fields of [`disks::DiskRecord`]. Lists of disks begin with as many as the knob `disks` says, and
//! show others once they are used.

mod access;
mod disks;
mod parameters;
mod record;
mod snapshots;
mod tags;
#[cfg(test)]
mod tests;

use serde::Serialize;
use serde_json::json;

use crate::sdk::emulator::{Emulator, Knob, Stage};
use crate::sdk::http::{Request, Response};
use crate::world::Timestamp;

use parameters::Checked;

/// Apsara Stack ECS in memory.
pub(super) struct ApsaraEmulator;

impl Emulator for ApsaraEmulator {
    fn vendor(&self) -> &'static str {
        "apsara"
    }

    fn answer(&self, request: &Request, stage: &mut Stage<'_>) -> Response {
        let request_id = stage.ids.uuid().to_uppercase();
        let answered = access::check(request, stage).and_then(|call| {
            operate(&call, stage).map(|answer| success(&call, answer, &request_id, stage))
        });
        answered.unwrap_or_else(|refusal| refusal.response(&request_id))
    }

    /// Credentials for every dialect, so that the configuration's own `auth_mode` is rehearsed.
    fn settings(&self, base_url: &str) -> Vec<(&'static str, Option<String>)> {
        vec![
            ("endpoint", Some(base_url.to_owned())),
            ("region", Some("emulator-1".to_owned())),
            ("app_key", Some(access::APP_KEY.to_owned())),
            ("app_secret", Some(access::APP_SECRET.to_owned())),
            ("access_key_id", Some(access::ACCESS_KEY_ID.to_owned())),
            ("access_key_secret", Some(access::ACCESS_KEY_SECRET.to_owned())),
            ("security_token", None),
            ("profile", None),
            ("shared_credentials_file", None),
        ]
    }

    fn knobs(&self) -> Vec<Knob> {
        let knob = |name, default, description| Knob { name, default, description };
        vec![
            knob("creation_seconds", 60, "seconds from a create to `accomplished`"),
            knob("deletion_seconds", 5, "seconds for which a deleted snapshot is still listed"),
            knob("visibility_seconds", 0, "seconds until reads show a new snapshot"),
            knob("snapshots_per_disk", 256, "snapshots of one disk that may exist at a time"),
            knob("creation_fails", 0, "1 makes new snapshots end as `failed`"),
            knob("answer_without_id", 0, "1 makes the portal's create answer `RequestID` only"),
            knob("tags_ignored", 0, "1 makes creates drop their tags"),
            knob(
                "disks",
                3,
                "disks that are listed from the start, called `disk-1` and so on, with a tag \
                 `backup`, `daily` and `weekly` by turns; any other exists once it is named",
            ),
        ]
    }

    fn throttled(&self, request: &Request, _now: Timestamp) -> Response {
        let refusal = if request.path().starts_with("/apsara/") {
            Refusal::gateway(403, "T403TU", "Throttled by User Flow Control")
        } else {
            Refusal::service(400, "Throttling.User", "Request was denied due to user flow control.")
        };
        refusal.response("throttled")
    }
}

/// By which way a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Route {
    Portal,
    Native,
}

/// The results of an operation.
type Answer = serde_json::Map<String, serde_json::Value>;

/// A refusal in the shape of whoever refuses.
enum Refusal {
    /// The ECS: body with a code.
    Service { status: u16, code: &'static str, message: String },
    /// The API Gateway: no body, headers.
    Gateway { status: u16, code: &'static str, message: String },
}

impl Refusal {
    fn service(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self::Service { status, code, message: message.into() }
    }

    fn gateway(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self::Gateway { status, code, message: message.into() }
    }

    fn response(self, request_id: &str) -> Response {
        match self {
            Self::Service { status, code, message } => Response::json(
                status,
                &json!({
                    "RequestId": request_id,
                    "HostId": "ecs.emulator",
                    "Code": code,
                    "Message": message,
                    "Recommend": "",
                }),
            ),
            Self::Gateway { status, code, message } => Response::new(status)
                .header("X-Ca-Request-Id", request_id)
                .header("X-Ca-Error-Code", code)
                .header("X-Ca-Error-Message", message),
        }
    }
}

fn success(call: &Checked, mut answer: Answer, request_id: &str, stage: &Stage<'_>) -> Response {
    let without_id = call.route == Route::Portal
        && call.action == "CreateSnapshot"
        && stage.knob("answer_without_id") > 0;
    if without_id {
        // The seed's sample answer, with its spelling.
        return Response::json(200, &json!({ "RequestID": request_id }));
    }
    answer.insert("RequestId".to_owned(), json!(request_id));
    Response::json(200, &answer)
}

fn operate(call: &Checked, stage: &mut Stage<'_>) -> Result<Answer, Refusal> {
    call.check_region()?;
    match call.action.as_str() {
        "CreateSnapshot" => snapshots::create(call, stage),
        "DescribeSnapshots" => snapshots::describe(call, stage),
        "ModifySnapshotAttribute" => snapshots::modify(call, stage),
        "DeleteSnapshot" => snapshots::delete(call, stage),
        "TagResources" => tags::tag(call, stage),
        "UntagResources" => tags::untag(call, stage),
        "DescribeDisks" => disks::describe(call, stage),
        other => Err(Refusal::service(
            404,
            "InvalidAction.NotFound",
            format!("there is no operation {other}"),
        )),
    }
}

fn object(body: &impl Serialize) -> Answer {
    match serde_json::to_value(body) {
        Ok(serde_json::Value::Object(object)) => object,
        _ => Answer::new(),
    }
}
