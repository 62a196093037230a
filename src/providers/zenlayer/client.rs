//! Sends operations and turns refusals into errors, by the vendor's code and never by HTTP status.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::sdk::auth::Secret;
use crate::sdk::http::{Call, Client, Method, Request, Response, Safety, Verdict, judge_by_status};
use crate::sdk::{ErrorKind, Gathering, Listed, PAGE_SIZE, Pages, ProviderError};
use crate::world::Timestamp;

use super::signing::{METHOD, Signed};
use super::wire::{
    CreateSnapshot, CreatedSnapshot, DeleteSnapshots, DescribeDisks, DescribeSnapshots,
    DescribedDisk, DescribedSnapshot, Done, Envelope, ModifySnapshots, Page, Paged, Refusal,
    Undeleted,
};

/// Most ids in one request, so that what it finds fits one page.
pub(super) const BULK: usize = 100;

/// Disk neither in use nor available.
pub(super) const DISK_STATUS: &str = "UNSUPPORTED_OPERATION_DISK_STATUS";
/// Snapshot in a status that allows no delete, such as `CREATING`.
pub(super) const SNAPSHOT_STATUS: &str = "OPERATION_DENIED_DISK_SNAPSHOT_STATUS";

/// How the codes begin that say that nothing was done. With any other code a 5xx stays unclear.
const REFUSALS: [&str; 6] = [
    "AUTHFAILURE_",
    "INVALID_",
    "MISSING_",
    "OPERATION_DENIED_",
    "OPERATION_FAILED_RESOURCE_",
    "UNSUPPORTED_",
];

const PATH: &str = "/api/v2/zec";

/// How requests prove who sends them.
pub(super) enum Credentials {
    /// Sign with an access key.
    Key { id: String, password: Secret },
    /// Send a personal access token.
    Token(Secret),
}

impl Credentials {
    pub(super) fn key(id: String, password: Secret) -> Self {
        Self::Key { id, password }
    }

    pub(super) fn token(token: Secret) -> Self {
        Self::Token(token)
    }

    /// What must never be shown.
    pub(super) fn secret(&self) -> Secret {
        match self {
            Self::Key { password: secret, .. } | Self::Token(secret) => secret.clone(),
        }
    }
}

/// The vendor's operations for one provider configuration.
pub(super) struct Api {
    client: Client,
    endpoint: String,
    version: String,
    credentials: Credentials,
    watched: Gathering<DescribedSnapshot>,
}

impl Api {
    pub(super) fn new(
        client: Client,
        endpoint: String,
        version: String,
        credentials: Credentials,
    ) -> Self {
        let watched = Gathering::new(client.world().clone(), BULK);
        Self { client, endpoint, version, credentials, watched }
    }

    /// Orders a snapshot and gives its id. Sent once only: the vendor has no idempotency token.
    pub(super) async fn create_snapshot(
        &self,
        order: &CreateSnapshot<'_>,
    ) -> Result<String, ProviderError> {
        const OPERATION: &str = "CreateSnapshot";
        let response = self.send(OPERATION, Safety::Once, order).await?;
        match response.parse::<Envelope<CreatedSnapshot>>(OPERATION) {
            Ok(envelope) => Ok(envelope.response.snapshot_id),
            Err(error) => Err(ProviderError { kind: ErrorKind::OutcomeUnknown, ..error }
                .help("the request was accepted, but the answer holds no snapshot id")),
        }
    }

    /// The snapshots with these ids; those that are not there are left out.
    pub(super) async fn snapshots_by_id(
        &self,
        ids: Vec<&str>,
    ) -> Result<Vec<DescribedSnapshot>, ProviderError> {
        self.snapshots(&DescribeSnapshots { snapshot_ids: ids, ..Default::default() }).await
    }

    /// A snapshot, where there is one; asked for together with those that other steps look at.
    pub(super) async fn snapshot(
        &self,
        id: &str,
    ) -> Result<Option<DescribedSnapshot>, ProviderError> {
        let ask = async |ids: Vec<String>| {
            let found = self.snapshots_by_id(ids.iter().map(String::as_str).collect()).await?;
            let by_id = found.into_iter().map(|one| (one.snapshot_id.clone(), one));
            Ok(by_id.collect())
        };
        self.watched.ask(id, ask).await
    }

    /// The snapshots of a disk that were ordered, not made by a policy.
    pub(super) async fn manual_snapshots_of(
        &self,
        disk_id: &str,
    ) -> Result<Vec<DescribedSnapshot>, ProviderError> {
        self.snapshots(&DescribeSnapshots {
            disk_ids: vec![disk_id],
            snapshot_type: Some("Manual"),
            ..Default::default()
        })
        .await
    }

    /// The snapshots that fit a filter.
    pub(super) async fn snapshots(
        &self,
        filter: &DescribeSnapshots<'_>,
    ) -> Result<Vec<DescribedSnapshot>, ProviderError> {
        self.list("DescribeSnapshots", filter).await
    }

    /// The disks that fit a filter.
    pub(super) async fn disks(
        &self,
        filter: &DescribeDisks<'_>,
    ) -> Result<Vec<DescribedDisk>, ProviderError> {
        self.list("DescribeDisks", filter).await
    }

    /// Pages through a list.
    async fn list<T: Listed + DeserializeOwned + Send>(
        &self,
        operation: &'static str,
        filter: &(impl Serialize + Sync),
    ) -> Result<Vec<T>, ProviderError> {
        let mut pages = Pages::new(operation);
        while let Some(page_num) = pages.next() {
            let body = Paged { filter, page_num, page_size: PAGE_SIZE };
            let page: Page<T> = self.call(operation, Safety::Repeatable, &body).await?;
            pages.take(Some(page.total_count), page.data_set)?;
        }
        Ok(pages.into_records())
    }

    /// Changes name and retention in place.
    pub(super) async fn modify_snapshot(
        &self,
        change: &ModifySnapshots<'_>,
    ) -> Result<(), ProviderError> {
        let _: Done = self.call("ModifySnapshotsAttribute", Safety::Repeatable, change).await?;
        Ok(())
    }

    /// Starts a delete.
    pub(super) async fn delete_snapshot(&self, id: &str) -> Result<(), ProviderError> {
        const OPERATION: &str = "DeleteSnapshots";
        let body = DeleteSnapshots { snapshot_ids: [id] };
        let answer: Undeleted = self.call(OPERATION, Safety::Repeatable, &body).await?;
        // The page *DeleteSnapshots*: the ids in a 200 are those that were not deleted.
        if answer.snapshot_ids.unwrap_or_default().iter().any(|undeleted| undeleted == id) {
            return Err(ProviderError::new(
                ErrorKind::Refused,
                OPERATION,
                format!("Zenlayer took the request and did not delete snapshot `{id}`."),
            )
            .status(200)
            .help("look at the snapshot in the console: it may be in use"));
        }
        Ok(())
    }

    /// A disk, where there is one.
    pub(super) async fn disk(&self, id: &str) -> Result<Option<DescribedDisk>, ProviderError> {
        let filter = DescribeDisks { disk_ids: vec![id], ..Default::default() };
        Ok(self.disks(&filter).await?.into_iter().find(|disk| disk.disk_id == id))
    }

    async fn call<T: DeserializeOwned>(
        &self,
        operation: &str,
        safety: Safety,
        body: &(impl Serialize + Sync),
    ) -> Result<T, ProviderError> {
        let response = self.send(operation, safety, body).await?;
        response.parse::<Envelope<T>>(operation).map(|envelope| envelope.response)
    }

    /// Sends an operation; what comes back is a success.
    async fn send(
        &self,
        operation: &str,
        safety: Safety,
        body: &(impl Serialize + Sync),
    ) -> Result<Response, ProviderError> {
        let body = serde_json::to_vec(body).map_err(|error| {
            ProviderError::new(ErrorKind::Refused, operation, error.to_string())
        })?;
        let build = |now: Timestamp| self.request(operation, &body, now);
        let call = Call::new(operation, safety, &build).judged_by(judge);
        let response = self.client.call(call).await?;
        match refusal(&response) {
            None => Ok(response),
            Some(refusal) => Err(self.refused(operation, &response, refusal)),
        }
    }

    fn request(
        &self,
        operation: &str,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Request, ProviderError> {
        const CONTENT_TYPE: &str = "application/json";
        let request = Request::new(Method::Post, &format!("{}{PATH}", self.endpoint))?
            .header("Content-Type", CONTENT_TYPE)
            .header("X-ZC-Action", operation)
            .header("X-ZC-Version", &self.version)
            .body(body);
        Ok(match &self.credentials {
            Credentials::Token(token) => {
                request.header("Authorization", format!("Bearer {}", token.expose()))
            }
            Credentials::Key { id, password } => {
                let host = request.host();
                let timestamp = now.epoch_seconds().to_string();
                let signed =
                    Signed { content_type: CONTENT_TYPE, host: &host, timestamp: &timestamp, body };
                let authorization = signed.authorization(id, password.expose());
                request
                    .header("X-ZC-Timestamp", timestamp)
                    .header("X-ZC-Signature-Method", METHOD)
                    .header("Authorization", authorization)
            }
        })
    }

    fn refused(&self, operation: &str, response: &Response, refusal: Refusal) -> ProviderError {
        let Refusal { request_id, code, message } = refusal;
        let code = code.unwrap_or_default();
        let said = message.unwrap_or_else(|| response.excerpt());
        let said = self.client.hide(said.trim().trim_end_matches('.'));
        let (kind, sentence) = meaning(&code, response);
        let message = if said.is_empty() {
            sentence.to_owned()
        } else {
            format!("{sentence} The vendor says: {said}.")
        };
        let mut error = ProviderError::new(kind, operation, message).answered(response);
        error.code = Some(code).filter(|code| !code.is_empty());
        error.request_id = request_id.or(error.request_id);
        advise(error)
    }
}

/// A success holds `response`; everything else is flat, with a code. Two answers of the edge in front
/// of the API are no JSON at all.
fn refusal(response: &Response) -> Option<Refusal> {
    let flat = serde_json::from_slice::<Refusal>(&response.body).unwrap_or_default();
    (!response.is_success() || flat.code.is_some()).then_some(flat)
}

fn judge(response: &Response) -> Verdict {
    let code = refusal(response).and_then(|refusal| refusal.code).unwrap_or_default();
    match code.as_str() {
        "" => judge_by_status(response),
        "REQUEST_LIMIT_EXCEEDED" => match judge_by_status(response) {
            Verdict::NotExecuted(wait) => Verdict::NotExecuted(wait),
            _ => Verdict::NotExecuted(None),
        },
        "INTERNAL_SERVER_ERROR" | "SERVICE_TEMPORARY_UNAVAILABLE" | "REQUEST_TIMED_OUT" => {
            Verdict::Unclear
        }
        code if REFUSALS.iter().any(|family| code.starts_with(family)) => Verdict::Definite,
        _ => judge_by_status(response),
    }
}

/// What a code means and a sentence for people.
fn meaning(code: &str, response: &Response) -> (ErrorKind, &'static str) {
    use ErrorKind::{Credentials, NotFound, Quota, Refused, Throttled, Unavailable};
    match code {
        "INVALID_DISK_NOT_FOUND" => (Refused, "There is no such disk."),
        "INVALID_SNAPSHOT_QUOTA_EXCEED" => (Quota, "No more snapshots are allowed."),
        "INVALID_SNAPSHOT_RETENTION_TIME" => {
            (Refused, "The retention time is less than 24 hours ahead.")
        }
        DISK_STATUS => (Refused, "The disk is in a status that allows no snapshot."),
        "INVALID_DISK_SNAPSHOT_NOT_FOUND" => (NotFound, "There is no such snapshot."),
        SNAPSHOT_STATUS => (Refused, "The snapshot is in a status that does not allow this."),
        "REQUEST_LIMIT_EXCEEDED" => (Throttled, "Too many requests."),
        "AUTHFAILURE_INVALID_AUTHORIZATION" => (Credentials, "The access key is not accepted."),
        "AUTHFAILURE_SIGNATURE_FAILURE" => {
            (Credentials, "The signature is wrong, so the password of the access key is.")
        }
        "AUTHFAILURE_SIGNATURE_EXPIRED" => {
            (Credentials, "The vendor's clock and ours are more than 5 minutes apart.")
        }
        code if code.starts_with("AUTHFAILURE_") => {
            (Credentials, "These credentials have no right to do this.")
        }
        "INTERNAL_SERVER_ERROR" | "SERVICE_TEMPORARY_UNAVAILABLE" | "REQUEST_TIMED_OUT" => {
            (Unavailable, "The vendor's service does not work at the moment.")
        }
        "" if response.header_value("cf-mitigated").is_some() => {
            (Refused, "The vendor's edge wants a person to prove to be one.")
        }
        "" if response.status == 429 => (Throttled, "Too many requests."),
        "" if response.status >= 500 => (Unavailable, "The vendor's service does not work."),
        _ => (Refused, "Zenlayer refused the request."),
    }
}

/// Adds the argument to blame and what to do.
fn advise(error: ProviderError) -> ProviderError {
    let code = error.code.clone().unwrap_or_default();
    match code.as_str() {
        "INVALID_DISK_NOT_FOUND" => error
            .attribute("disk_id")
            .help("check `disk_id`, and that the credentials belong to the disk's owner"),
        "INVALID_SNAPSHOT_QUOTA_EXCEED" => {
            error.help("delete snapshots that are no longer needed, or ask for a higher limit")
        }
        "INVALID_SNAPSHOT_RETENTION_TIME" => error
            .attribute("retention_time")
            .help("choose a time more than 24 hours from now, or leave it out to keep for ever"),
        DISK_STATUS => error
            .attribute("disk_id")
            .help("try again when the disk is in status `IN_USE` or `AVAILABLE`"),
        "INVALID_PARAMETER_EXCEED_LENGTH" => error.attribute("name").help("shorten the name"),
        "AUTHFAILURE_SIGNATURE_EXPIRED" => error.help("set this machine's clock"),
        code if code.starts_with("AUTHFAILURE_") => {
            error.help("check the credentials in the provider block or in the environment")
        }
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, code: &str) -> Response {
        let body = serde_json::json!({"requestId": "T1", "code": code, "message": "m"});
        Response::json(status, &body)
    }

    #[test]
    fn seed_001_every_error_code_is_known() {
        let cases = [
            (404, "INVALID_DISK_NOT_FOUND", ErrorKind::Refused, Some("disk_id")),
            (400, "INVALID_SNAPSHOT_QUOTA_EXCEED", ErrorKind::Quota, None),
            (400, "INVALID_SNAPSHOT_RETENTION_TIME", ErrorKind::Refused, Some("retention_time")),
            (400, "UNSUPPORTED_OPERATION_DISK_STATUS", ErrorKind::Refused, Some("disk_id")),
        ];
        for (status, code, kind, attribute) in cases {
            let response = answer(status, code);
            assert_eq!(judge(&response), Verdict::Definite, "{code}");
            let (found, _) = meaning(code, &response);
            assert_eq!(found, kind, "{code}");
            let error = advise(ProviderError::new(found, "CreateSnapshot", "m").code(code));
            assert_eq!(error.attribute.as_deref(), attribute, "{code}");
            assert!(error.help.is_some(), "{code}");
        }
    }

    #[test]
    fn seed_001_the_sample_answer_is_read() {
        let body = r#"{
          "requestId": "T05992D0C-7E8B-4047-B0C0-780F2CD549D3",
          "response": {
            "requestId": "T05992D0C-7E8B-4047-B0C0-780F2CD549D3",
            "snapshotId": "snapshotId1"
          }
        }"#;
        let response = Response { body: body.into(), ..Response::new(200) };
        assert!(refusal(&response).is_none());
        assert!(refusal(&Response { status: 201, ..response.clone() }).is_none());
        let envelope: Envelope<CreatedSnapshot> = response.parse("CreateSnapshot").unwrap();
        assert_eq!(envelope.response.snapshot_id, "snapshotId1");
    }

    #[test]
    fn seed_001_the_sample_request_is_written() {
        let order = CreateSnapshot {
            disk_id: "diskId1",
            snapshot_name: "xxx",
            retention_time: Some("2025-07-16T01:26:39Z".to_owned()),
        };
        assert_eq!(
            serde_json::to_string(&order).unwrap(),
            r#"{"diskId":"diskId1","snapshotName":"xxx","retentionTime":"2025-07-16T01:26:39Z"}"#
        );
    }

    #[test]
    fn the_code_decides_whatever_the_status() {
        for status in [200, 400, 403, 429, 500, 503] {
            let throttled = answer(status, "REQUEST_LIMIT_EXCEEDED");
            assert_eq!(judge(&throttled), Verdict::NotExecuted(None), "{status}");
            assert_eq!(judge(&answer(status, "INTERNAL_SERVER_ERROR")), Verdict::Unclear);
            assert_eq!(judge(&answer(status, "INVALID_DISK_NOT_FOUND")), Verdict::Definite);
        }
        assert_eq!(judge(&answer(500, "UNKNOWN_ERROR")), Verdict::Unclear);
        assert_eq!(judge(&answer(400, "UNKNOWN_ERROR")), Verdict::Definite);
        let edge = Response::new(403).header("cf-mitigated", "challenge");
        assert_eq!(judge(&edge), Verdict::Definite);
        assert_eq!(judge(&Response::new(502)), Verdict::Unclear);
    }
}
