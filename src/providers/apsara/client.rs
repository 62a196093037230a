//! Forms, signs and sends operations in one of three dialects.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use crate::sdk::auth::{Secret, sha256_hex};
use crate::sdk::http::{
    Call, Client, Method, Request, Response, Safety, form_encode, percent_encode,
};
use crate::sdk::{ErrorKind, Gathering, PAGE_SIZE, Pages, ProviderError};
use crate::world::Timestamp;

use super::answer::{self, Answer};
use super::lenient::text_of;
use super::signing::{Acs3Signed, GatewaySigned, Parameters, canonical_query, rpc_signature};
use super::wire::{DescribedDisk, DescribedSnapshot, DiskPage, Page, SnapshotPage};

/// Most ids in one request.
pub(super) const BULK: usize = 100;

const API_VERSION: &str = "2014-05-26";
const TIME_PATTERN: &str = "%Y-%m-%dT%H:%M:%SZ";

/// How requests are formed and signed.
pub(super) enum Dialect {
    /// The portal's paths behind the API Gateway.
    Gateway(AppKey),
    /// Native, with a signature in a header.
    Acs3(AccessKey),
    /// Native, with a signature among the parameters.
    Rpc(AccessKey),
}

/// Credentials at the API Gateway.
pub(super) struct AppKey {
    pub(super) key: String,
    pub(super) secret: Secret,
    pub(super) user_email: Option<String>,
    pub(super) stage: Option<String>,
    pub(super) version: Option<String>,
}

/// Credentials at native endpoints.
pub(super) struct AccessKey {
    pub(super) id: String,
    pub(super) secret: Secret,
    pub(super) security_token: Option<Secret>,
    pub(super) scope: Scope,
}

/// Where in an organisation a native request belongs.
pub(super) struct Scope {
    pub(super) organization: Option<String>,
    pub(super) resource_group: Option<String>,
    pub(super) caller: Option<String>,
}

impl Dialect {
    /// What must never be shown.
    pub(super) fn secrets(&self) -> Vec<Secret> {
        match self {
            Self::Gateway(key) => vec![key.secret.clone()],
            Self::Acs3(key) | Self::Rpc(key) => {
                let token = key.security_token.clone();
                std::iter::once(key.secret.clone()).chain(token).collect()
            }
        }
    }
}

/// The vendor's operations for one provider configuration.
pub(super) struct Api {
    client: Client,
    endpoint: String,
    region: String,
    dialect: Dialect,
    /// Key of the tag that marks new snapshots.
    pub(super) marker_key: Option<String>,
    watched: Gathering<DescribedSnapshot>,
}

/// Whatever answered, its answer holds no list: nothing that is recorded may count as gone.
fn no_list(operation: &str) -> ProviderError {
    ProviderError::new(ErrorKind::Answer, operation, "The answer holds no list.")
        .help("see whether a proxy or another service answers at this endpoint")
}

impl Api {
    pub(super) fn new(
        client: Client,
        endpoint: String,
        region: String,
        dialect: Dialect,
        marker_key: Option<String>,
    ) -> Self {
        let watched = Gathering::new(client.world().clone(), BULK);
        Self { client, endpoint, region, dialect, marker_key, watched }
    }

    /// Tells whether requests go to the native endpoint, which can do more than the portal.
    pub(super) fn is_native(&self) -> bool {
        !matches!(self.dialect, Dialect::Gateway(_))
    }

    /// Orders a snapshot; gives its id, unless the answer holds none as on the seed's page.
    ///
    /// Sent once although it carries a client token: whether the portal honours tokens is nowhere
    /// shown, and a search by marker is exact.
    pub(super) async fn create_snapshot(
        &self,
        order: &Parameters,
    ) -> Result<Option<String>, ProviderError> {
        let answer = self.call("CreateSnapshot", Safety::Once, order).await?;
        Ok(answer.get("SnapshotId").and_then(text_of).filter(|id| !id.is_empty()))
    }

    /// The snapshots with these ids, at most 100; those that are not there are left out.
    pub(super) async fn snapshots_by_id(
        &self,
        ids: &[&str],
    ) -> Result<Vec<DescribedSnapshot>, ProviderError> {
        let mut found = self.snapshots(parameters([("SnapshotIds", id_list(ids))])).await?;
        // Some releases may ignore a filter.
        found.retain(|snapshot| ids.contains(&&*snapshot.snapshot_id));
        Ok(found)
    }

    /// A snapshot, where there is one; asked for together with those that other steps look at.
    pub(super) async fn snapshot(
        &self,
        id: &str,
    ) -> Result<Option<DescribedSnapshot>, ProviderError> {
        let ask = async |ids: Vec<String>| {
            let ids: Vec<_> = ids.iter().map(String::as_str).collect();
            let found = self.snapshots_by_id(&ids).await?;
            let by_id = found.into_iter().map(|one| (one.snapshot_id.clone(), one));
            Ok(by_id.collect())
        };
        self.watched.ask(id, ask).await
    }

    /// The snapshots of a disk.
    pub(super) async fn snapshots_of(
        &self,
        disk_id: &str,
    ) -> Result<Vec<DescribedSnapshot>, ProviderError> {
        let filter = parameters([("DiskId", disk_id.to_owned())]);
        let mut found = self.snapshots(filter).await?;
        found.retain(|snapshot| {
            snapshot.source_disk_id.as_deref().is_none_or(|source| source == disk_id)
        });
        Ok(found)
    }

    /// The snapshots that fit a filter, as far as the release heeds it.
    pub(super) async fn snapshots(
        &self,
        filter: Parameters,
    ) -> Result<Vec<DescribedSnapshot>, ProviderError> {
        self.list::<SnapshotPage>("DescribeSnapshots", filter).await
    }

    /// The disks that fit a filter, as far as the release heeds it.
    pub(super) async fn disks(
        &self,
        filter: Parameters,
    ) -> Result<Vec<DescribedDisk>, ProviderError> {
        let disks = self.list::<DiskPage>("DescribeDisks", filter).await;
        disks.map_err(|error| match (&self.dialect, error.code.as_deref()) {
            (
                Dialect::Gateway(_),
                Some("API Not Found" | "Invalid Url" | "InvalidAction.NotFound"),
            ) => ProviderError { kind: ErrorKind::Unsupported, ..error }.help(
                "not every portal publishes this operation: write the disks' ids into the \
                 configuration, or set `auth_mode` to `acs3` or `rpc` with the native endpoint",
            ),
            _ => error,
        })
    }

    /// Pages through a list.
    async fn list<P: Page>(
        &self,
        operation: &'static str,
        mut filter: Parameters,
    ) -> Result<Vec<P::Record>, ProviderError> {
        filter.insert("PageSize".to_owned(), PAGE_SIZE.to_string());
        let mut pages = Pages::new(operation);
        while let Some(number) = pages.next() {
            filter.insert("PageNumber".to_owned(), number.to_string());
            let answer = self.call(operation, Safety::Repeatable, &filter).await?;
            let page = typed::<P>(operation, answer)?.parts();
            let (total, records) = page.ok_or_else(|| no_list(operation))?;
            pages.take(total, records)?;
        }
        Ok(pages.into_records())
    }

    /// Changes name or description.
    pub(super) async fn modify_snapshot(&self, change: &Parameters) -> Result<(), ProviderError> {
        self.call("ModifySnapshotAttribute", Safety::Repeatable, change).await.map(|_| ())
    }

    /// Sets tags of a snapshot.
    pub(super) async fn tag(
        &self,
        id: &str,
        tags: &BTreeMap<&str, &str>,
    ) -> Result<(), ProviderError> {
        let mut body = resource(id);
        put_tags(&mut body, tags.iter().map(|(key, value)| (*key, *value)));
        self.call("TagResources", Safety::Repeatable, &body).await.map(|_| ())
    }

    /// Takes tags off a snapshot.
    pub(super) async fn untag(&self, id: &str, keys: &[&str]) -> Result<(), ProviderError> {
        let mut body = resource(id);
        for (index, key) in keys.iter().enumerate() {
            body.insert(format!("TagKey.{}", index + 1), (*key).to_owned());
        }
        self.call("UntagResources", Safety::Repeatable, &body).await.map(|_| ())
    }

    /// Starts a delete.
    pub(super) async fn delete_snapshot(&self, id: &str, force: bool) -> Result<(), ProviderError> {
        let body = parameters([("SnapshotId", id.to_owned()), ("Force", force.to_string())]);
        self.call("DeleteSnapshot", Safety::Repeatable, &body).await.map(|_| ())
    }

    async fn call(
        &self,
        operation: &str,
        safety: Safety,
        parameters: &Parameters,
    ) -> Result<Answer, ProviderError> {
        let build = |now: Timestamp| self.request(operation, parameters, now);
        let call = Call::new(operation, safety, &build).judged_by(answer::judge);
        let response = self.client.call(call).await?;
        answer::read(&response).map_err(|refusal| self.refused(operation, &response, refusal))
    }

    fn refused(
        &self,
        operation: &str,
        response: &Response,
        refusal: answer::Refusal,
    ) -> ProviderError {
        let mut error = answer::error(operation, response, refusal);
        error.message = self.client.hide(&error.message);
        error
    }

    fn request(
        &self,
        operation: &str,
        parameters: &Parameters,
        now: Timestamp,
    ) -> Result<Request, ProviderError> {
        match &self.dialect {
            Dialect::Gateway(key) => self.gateway_request(key, operation, parameters, now),
            Dialect::Acs3(key) => self.acs3_request(key, operation, parameters, now),
            Dialect::Rpc(key) => self.rpc_request(key, operation, parameters, now),
        }
    }

    fn gateway_request(
        &self,
        key: &AppKey,
        operation: &str,
        parameters: &Parameters,
        now: Timestamp,
    ) -> Result<Request, ProviderError> {
        const ACCEPT: &str = "application/json";
        const CONTENT_TYPE: &str = "application/x-www-form-urlencoded; charset=UTF-8";
        let mut form = parameters.clone();
        form.insert("regionId".to_owned(), self.region.clone());
        // Sibling pages ask for either spelling; the seed's page lists only the one above.
        if operation != "CreateSnapshot" {
            form.insert("RegionId".to_owned(), self.region.clone());
        }
        form.extend(key.version.iter().map(|version| ("version".to_owned(), version.clone())));
        let timestamp = now.epoch_milliseconds().to_string();
        let nonce = self.client.world().ids.uuid();
        let mut headers = BTreeMap::from([
            ("X-Ca-Key", key.key.as_str()),
            ("X-Ca-Nonce", &nonce),
            ("X-Ca-Signature-Method", "HmacSHA256"),
            ("X-Ca-Timestamp", &timestamp),
        ]);
        headers.extend(key.stage.as_deref().map(|stage| ("X-Ca-Stage", stage)));
        let url = format!("{}/apsara/route/Ecs/{operation}", self.endpoint);
        let mut request = Request::new(Method::Post, &url)?
            .header("Accept", ACCEPT)
            .header("Content-Type", CONTENT_TYPE)
            .body(form_encode(form.iter().map(|(name, value)| (name.as_str(), value.as_str()))));
        let names = headers.keys().copied().collect::<Vec<_>>().join(",");
        let signed = GatewaySigned {
            method: "POST",
            accept: ACCEPT,
            content_md5: "",
            content_type: CONTENT_TYPE,
            date: "",
            headers: headers.clone(),
            path: request.path(),
            parameters: &form,
        };
        let signature = signed.signature(key.secret.expose());
        for (name, value) in headers {
            request = request.header(name, value);
        }
        request =
            request.header("X-Ca-Signature-Headers", names).header("X-Ca-Signature", signature);
        Ok(match &key.user_email {
            Some(email) => request.header("UserEmail", email),
            None => request,
        })
    }

    fn acs3_request(
        &self,
        key: &AccessKey,
        operation: &str,
        parameters: &Parameters,
        now: Timestamp,
    ) -> Result<Request, ProviderError> {
        let query = self.native_parameters(key, parameters);
        let mut request = self.native_request(&canonical_query(&query))?;
        let mut headers = self.scope_headers(key);
        headers.extend(
            [
                ("host", request.host()),
                ("x-acs-action", operation.to_owned()),
                ("x-acs-version", API_VERSION.to_owned()),
                ("x-acs-date", now.format(TIME_PATTERN)),
                ("x-acs-signature-nonce", self.client.world().ids.uuid()),
                ("x-acs-content-sha256", sha256_hex(b"")),
            ]
            .map(|(name, value)| (name.to_owned(), value)),
        );
        if let Some(token) = &key.security_token {
            headers.insert("x-acs-security-token".to_owned(), token.expose().to_owned());
        }
        let signed =
            Acs3Signed { method: "POST", path: request.path(), query: &query, headers, body: b"" };
        let authorization = signed.authorization(&key.id, key.secret.expose());
        for (name, value) in signed.headers.into_iter().filter(|(name, _)| name != "host") {
            request = request.header(&name, value);
        }
        Ok(request.header("Authorization", authorization))
    }

    fn rpc_request(
        &self,
        key: &AccessKey,
        operation: &str,
        parameters: &Parameters,
        now: Timestamp,
    ) -> Result<Request, ProviderError> {
        let mut query = self.native_parameters(key, parameters);
        query.extend(self::parameters([
            ("Action", operation.to_owned()),
            ("Version", API_VERSION.to_owned()),
            ("Format", "JSON".to_owned()),
            ("AccessKeyId", key.id.clone()),
            ("SignatureMethod", "HMAC-SHA1".to_owned()),
            ("SignatureVersion", "1.0".to_owned()),
            ("SignatureNonce", self.client.world().ids.uuid()),
            ("Timestamp", now.format(TIME_PATTERN)),
        ]));
        if let Some(token) = &key.security_token {
            query.insert("SecurityToken".to_owned(), token.expose().to_owned());
        }
        let signature = rpc_signature("POST", &query, key.secret.expose());
        let query = format!("{}&Signature={}", canonical_query(&query), percent_encode(&signature));
        let mut request = self.native_request(&query)?;
        for (name, value) in self.scope_headers(key) {
            request = request.header(&name, value);
        }
        Ok(request)
    }

    /// The query goes out exactly as it is signed, with `%20` for a blank.
    fn native_request(&self, query: &str) -> Result<Request, ProviderError> {
        let request = Request::new(Method::Post, &format!("{}/?{query}", self.endpoint))?;
        Ok(request.header("Accept", "application/json"))
    }

    fn native_parameters(&self, key: &AccessKey, parameters: &Parameters) -> Parameters {
        let mut query = parameters.clone();
        query.insert("RegionId".to_owned(), self.region.clone());
        let scope = &key.scope;
        for (name, value) in [
            ("Department", &scope.organization),
            ("OrganizationId", &scope.organization),
            ("ResourceGroup", &scope.resource_group),
        ] {
            query.extend(value.iter().map(|value| (name.to_owned(), value.clone())));
        }
        query
    }

    fn scope_headers(&self, key: &AccessKey) -> BTreeMap<String, String> {
        let scope = &key.scope;
        let fixed = |text: &str| Some(text.to_owned());
        let headers = [
            ("x-acs-regionid", Some(self.region.clone())),
            ("x-acs-organizationid", scope.organization.clone()),
            ("x-acs-resourcegroupid", scope.resource_group.clone()),
            ("x-acs-caller-sdk-source", scope.caller.clone()),
            ("x-acs-request-version", fixed("v1")),
            ("x-acs-asapi-product", fixed("Ecs")),
            ("x-ascm-product-name", fixed("Ecs")),
        ];
        headers.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }
}

/// Parameters by name.
pub(super) fn parameters<const N: usize>(pairs: [(&str, String); N]) -> Parameters {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Ids as a filter takes them: a JSON array as text.
pub(super) fn id_list(ids: &[&str]) -> String {
    Json::from(ids.to_vec()).to_string()
}

/// Adds `Tag.N.Key` and `Tag.N.Value`, N from 1.
pub(super) fn put_tags<'a>(
    parameters: &mut Parameters,
    tags: impl IntoIterator<Item = (&'a str, &'a str)>,
) {
    for (index, (key, value)) in tags.into_iter().enumerate() {
        let number = index + 1;
        parameters.insert(format!("Tag.{number}.Key"), key.to_owned());
        parameters.insert(format!("Tag.{number}.Value"), value.to_owned());
    }
}

fn resource(id: &str) -> Parameters {
    parameters([("ResourceType", "snapshot".to_owned()), ("ResourceId.1", id.to_owned())])
}

fn typed<T: DeserializeOwned>(operation: &str, answer: Answer) -> Result<T, ProviderError> {
    serde_json::from_value(Json::Object(answer)).map_err(|error| {
        ProviderError::new(
            ErrorKind::Answer,
            operation,
            format!("The answer does not have the documented shape: {error}."),
        )
    })
}
