//! Calls of nova and cinder: token, endpoint, another sign-in after a refusal.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::sdk::auth::{Token, TokenCache};
use crate::sdk::http::{Call, Client, Method, Request, Response, Safety, percent_encode};
use crate::sdk::{ErrorKind, ProviderError, reachable_endpoint};
use crate::world::World;

use super::fault::{is_gone, is_invalid_input, is_token_refused, judge, refusal};
use super::identity::{Identity, Session};
use super::wire::{Changes, CreateBody, NewSnapshot, One, OneVolume, WireSnapshot, WireVolume};

/// A service with snapshots and volumes. Both show the same ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Api {
    /// Nova, which passes everything on.
    Compute,
    /// Cinder v3.
    BlockStorage,
}

impl Api {
    /// Its types in the catalogue; `volume` and `volumev2` are other APIs.
    fn kinds(self) -> &'static [&'static str] {
        match self {
            Self::Compute => &["compute"],
            Self::BlockStorage => &["block-storage", "volumev3"],
        }
    }

    /// What people call it.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Compute => "compute service",
            Self::BlockStorage => "block storage service",
        }
    }

    /// Its collection of snapshots.
    pub(super) fn snapshots(self) -> &'static str {
        match self {
            Self::Compute => "os-snapshots",
            Self::BlockStorage => "snapshots",
        }
    }

    /// Its collection of volumes.
    fn volumes(self) -> &'static str {
        match self {
            Self::Compute => "os-volumes",
            Self::BlockStorage => "volumes",
        }
    }

    /// The list of volumes with all their attributes.
    pub(super) fn all_volumes(self) -> &'static str {
        match self {
            Self::Compute => "os-volumes/detail",
            Self::BlockStorage => "volumes/detail",
        }
    }
}

/// One cloud as one user in one project. Cheap to clone.
#[derive(Clone)]
pub(super) struct Cloud(Arc<Inner>);

struct Inner {
    client: Client,
    identity: Identity,
    tokens: TokenCache<Session>,
    region: Option<String>,
    interface: String,
    overrides: BTreeMap<String, String>,
}

/// Where a snapshot's calls go.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Region(pub(super) Option<String>);

/// What a request to delete was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// The cloud is at it.
    Accepted,
    /// There is no such snapshot any more.
    Gone,
    /// The snapshot's status does not allow it.
    WrongStatus,
}

/// Keystone counts whole seconds: what revoked a token takes those along that are made in the same second,
/// so a fresh one may be refused as well.
const KEYSTONE_TICK: Duration = Duration::from_secs(1);

pub(super) type Build<'a> = dyn Fn(&str) -> Result<Request, ProviderError> + Send + Sync + 'a;

impl Cloud {
    /// A cloud; signs in at the first call.
    pub(super) fn new(
        identity: Identity,
        region: Option<String>,
        interface: String,
        overrides: BTreeMap<String, String>,
        client: Client,
    ) -> Self {
        let client = client.hiding([identity.secret()]);
        let tokens = TokenCache::default();
        Self(Arc::new(Inner { client, identity, tokens, region, interface, overrides }))
    }

    /// Time and identifiers.
    pub(super) fn world(&self) -> &World {
        self.0.client.world()
    }

    /// The region an object lives in: the one asked for, else the provider's, else the one the
    /// catalogue lists first.
    pub(super) async fn region(
        &self,
        api: Api,
        asked: Option<&str>,
    ) -> Result<Region, ProviderError> {
        let token = self.token().await?;
        let (_, region) = self.base(&token, api, asked, &format!("GET {}", api.snapshots()))?;
        Ok(Region(region))
    }

    /// The service to look things up at: block storage where the cloud has it, else compute, which
    /// tells less.
    pub(super) async fn best_api(&self) -> Result<Api, ProviderError> {
        let token = self.token().await?;
        let kinds = Api::BlockStorage.kinds();
        let is_set = kinds.iter().any(|kind| self.0.overrides.contains_key(*kind));
        let has = is_set || token.details.lists(kinds);
        Ok(if has { Api::BlockStorage } else { Api::Compute })
    }

    /// Makes a snapshot. The answer tells that the work has begun, not that it is done.
    pub(super) async fn create(
        &self,
        api: Api,
        region: &Region,
        new: NewSnapshot<'_>,
    ) -> Result<WireSnapshot, ProviderError> {
        let operation = format!("POST {}", api.snapshots());
        let body = CreateBody { snapshot: new };
        let build = |base: &str| {
            let address = format!("{base}/{}", api.snapshots());
            Ok(Request::new(Method::Post, &address)?.json(&body))
        };
        let response = self.send(api, &operation, Safety::Once, region, &build).await?;
        if !response.is_success() {
            return Err(self.refusal(api, &operation, &response));
        }
        // The snapshot exists by now, so an answer that cannot be read must not look like a refusal.
        let parsed = response.parse::<One>(&operation);
        parsed
            .map(|one| one.snapshot)
            .map_err(|error| ProviderError { kind: ErrorKind::OutcomeUnknown, ..error })
    }

    /// Looks at one snapshot; `None` when it is gone.
    pub(super) async fn show(
        &self,
        api: Api,
        region: &Region,
        id: &str,
    ) -> Result<Option<WireSnapshot>, ProviderError> {
        let one = self.look::<One>(api, api.snapshots(), region, id).await?;
        Ok(one.map(|one| one.snapshot))
    }

    /// Looks at one volume; `None` when there is no such volume in this project.
    pub(super) async fn volume(
        &self,
        api: Api,
        region: &Region,
        id: &str,
    ) -> Result<Option<WireVolume>, ProviderError> {
        let one = self.look::<OneVolume>(api, api.volumes(), region, id).await?;
        Ok(one.map(|one| one.volume))
    }

    async fn look<T: DeserializeOwned>(
        &self,
        api: Api,
        collection: &str,
        region: &Region,
        id: &str,
    ) -> Result<Option<T>, ProviderError> {
        let operation = format!("GET {collection}/{{id}}");
        let build =
            |base: &str| Request::new(Method::Get, &format!("{base}/{collection}/{}", segment(id)));
        let response = self.send(api, &operation, Safety::Repeatable, region, &build).await?;
        if response.is_success() {
            return response.parse(&operation).map(Some);
        }
        if is_gone(&response, id) {
            Ok(None)
        } else {
            Err(self.refusal(api, &operation, &response))
        }
    }

    /// Changes name and description, as far as `changes` names them.
    pub(super) async fn change(
        &self,
        region: &Region,
        id: &str,
        changes: &Changes<'_>,
    ) -> Result<(), ProviderError> {
        let body = json!({ "snapshot": changes });
        self.put(region, "snapshots/{id}", &format!("snapshots/{}", segment(id)), &body).await
    }

    /// Replaces all metadata.
    pub(super) async fn replace_metadata(
        &self,
        region: &Region,
        id: &str,
        metadata: &BTreeMap<String, String>,
    ) -> Result<(), ProviderError> {
        let body = json!({ "metadata": metadata });
        let path = format!("snapshots/{}/metadata", segment(id));
        self.put(region, "snapshots/{id}/metadata", &path, &body).await
    }

    async fn put(
        &self,
        region: &Region,
        title: &str,
        path: &str,
        body: &Json,
    ) -> Result<(), ProviderError> {
        let api = Api::BlockStorage;
        let operation = format!("PUT {title}");
        let build =
            |base: &str| Ok(Request::new(Method::Put, &format!("{base}/{path}"))?.json(body));
        let response = self.send(api, &operation, Safety::Repeatable, region, &build).await?;
        if response.is_success() { Ok(()) } else { Err(self.refusal(api, &operation, &response)) }
    }

    /// Asks for a deletion.
    pub(super) async fn delete(
        &self,
        api: Api,
        region: &Region,
        id: &str,
    ) -> Result<Asked, ProviderError> {
        let operation = format!("DELETE {}/{{id}}", api.snapshots());
        let build = |base: &str| {
            let address = format!("{base}/{}/{}", api.snapshots(), segment(id));
            Request::new(Method::Delete, &address)
        };
        let response = self.send(api, &operation, Safety::Repeatable, region, &build).await?;
        if response.is_success() {
            Ok(Asked::Accepted)
        } else if is_gone(&response, id) {
            Ok(Asked::Gone)
        } else if is_invalid_input(&response) {
            Ok(Asked::WrongStatus)
        } else {
            Err(self.refusal(api, &operation, &response))
        }
    }

    /// The error for an answer that is no success; a vendor that echoes a secret does not spread it.
    pub(super) fn refusal(&self, api: Api, operation: &str, response: &Response) -> ProviderError {
        let error = refusal(api, operation, response);
        ProviderError { message: self.0.client.hide(&error.message), ..error }
    }

    async fn token(&self) -> Result<Token<Session>, ProviderError> {
        let inner = &*self.0;
        let sign_in = inner.identity.sign_in(&inner.client);
        inner.tokens.get(inner.client.world(), sign_in).await
    }

    /// Sends a request with the token, and again with a fresh one if it was refused.
    pub(super) async fn send(
        &self,
        api: Api,
        operation: &str,
        safety: Safety,
        region: &Region,
        build: &Build<'_>,
    ) -> Result<Response, ProviderError> {
        for pause in [Duration::ZERO, KEYSTONE_TICK] {
            let token = self.token().await?;
            let response = self.send_with(&token, api, operation, safety, region, build).await?;
            if !is_token_refused(&response) {
                return Ok(response);
            }
            self.0.tokens.forget(&token).await;
            self.0.client.world().clock.sleep(pause).await;
        }
        let token = self.token().await?;
        self.send_with(&token, api, operation, safety, region, build).await
    }

    async fn send_with(
        &self,
        token: &Token<Session>,
        api: Api,
        operation: &str,
        safety: Safety,
        region: &Region,
        build: &Build<'_>,
    ) -> Result<Response, ProviderError> {
        let (base, _) = self.base(token, api, region.0.as_deref(), operation)?;
        let signed = |_| {
            let request = build(&base)?.header("Accept", "application/json");
            Ok(request.header("X-Auth-Token", token.secret.expose()))
        };
        self.0.client.call(Call::new(operation, safety, &signed).judged_by(judge)).await
    }

    /// The address of a service with the project at its end, and the region's name.
    fn base(
        &self,
        token: &Token<Session>,
        api: Api,
        asked: Option<&str>,
        operation: &str,
    ) -> Result<(String, Option<String>), ProviderError> {
        let inner = &*self.0;
        let session = &token.details;
        let region = asked.or(inner.region.as_deref());
        let set = api.kinds().iter().find_map(|kind| inner.overrides.get(*kind));
        let (url, region) = match set {
            Some(url) => (url.clone(), region.map(str::to_owned)),
            None => session
                .endpoint(api.kinds(), &inner.interface, region)
                .ok_or_else(|| self.no_endpoint(session, api, region, operation))?,
        };
        if let Err(reason) = reachable_endpoint(&url) {
            let message =
                format!("The catalogue's address of the {} {reason}: `{url}`.", api.title());
            return Err(
                ProviderError::new(ErrorKind::Refused, operation, message).help(override_help(api))
            );
        }
        let base = url.trim_end_matches('/');
        let project = &session.project_id;
        // Catalogues list the address with the project or without it; both services take the full form, and
        // cinder before release Yoga no other.
        let has_project = base.rsplit('/').next() == Some(project);
        let base = if has_project { base.to_owned() } else { format!("{base}/{project}") };
        Ok((base, region))
    }

    fn no_endpoint(
        &self,
        session: &Session,
        api: Api,
        region: Option<&str>,
        operation: &str,
    ) -> ProviderError {
        let interface = &self.0.interface;
        let place = region.map_or_else(String::new, |region| format!(" in region `{region}`"));
        let title = api.title();
        let message = format!("The catalogue lists no {interface} address of the {title}{place}.");
        let error = ProviderError::new(ErrorKind::Refused, operation, message);
        match &*session.regions(api.kinds()) {
            [] => error.help(override_help(api)),
            regions => {
                let regions = regions.join("`, `");
                error
                    .attribute("region")
                    .help(format!("the catalogue has the service in: `{regions}`"))
            }
        }
    }
}

fn override_help(api: Api) -> String {
    let kind = api.kinds().first().copied().unwrap_or_default();
    format!("set `endpoint_overrides = {{ {kind} = \"https://…\" }}`")
}

/// An id as one part of a path, whatever a person wrote.
fn segment(id: &str) -> String {
    percent_encode(id)
}
