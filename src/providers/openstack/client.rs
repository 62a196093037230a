//! Calls of the compute service: token, endpoint, one more sign-in after a refusal.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::sdk::auth::{Token, TokenCache};
use crate::sdk::http::{Call, Client, Method, Request, Response, Safety};
use crate::sdk::{ConfigureContext, ErrorKind, ProviderError, reachable_endpoint};
use crate::world::Timestamp;

use super::fault::{is_gone, is_invalid_input, is_token_refused, judge, refusal};
use super::identity::{Identity, Session};
use super::wire::{CreateBody, NewSnapshot, One, Page, WireSnapshot};

/// Service type of nova in the catalogue.
const COMPUTE: &str = "compute";
/// Page size; the server's own maximum may be smaller and cuts without a word.
const PAGE: usize = 1000;
/// Page size where the newest few are wanted.
const SHORT_PAGE: usize = 100;

const CREATE: &str = "POST os-snapshots";
const LIST: &str = "GET os-snapshots";
const SHOW: &str = "GET os-snapshots/{id}";
const DELETE: &str = "DELETE os-snapshots/{id}";

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

/// Snapshots from a list, with the server's clock at its first page.
pub(super) struct Listing {
    /// What was listed.
    pub(super) snapshots: Vec<WireSnapshot>,
    /// The server's time, where it told it.
    pub(super) server_time: Option<Timestamp>,
}

/// How much of the list is wanted. The list is newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// All of it.
    All,
    /// Down to the first page that ends so long before the server's present time.
    Recent(Duration),
    /// Down to the first page that ends before this instant.
    Since(Timestamp),
}

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

type Build<'a> = dyn Fn(&str) -> Result<Request, ProviderError> + Send + Sync + 'a;

impl Cloud {
    /// A cloud; signs in at the first call.
    pub(super) fn new(
        identity: Identity,
        region: Option<String>,
        interface: String,
        overrides: BTreeMap<String, String>,
        cx: &ConfigureContext,
    ) -> Self {
        let client =
            Client::new(Arc::clone(&cx.transport), cx.world.clone()).hiding([identity.secret()]);
        let tokens = TokenCache::default();
        Self(Arc::new(Inner { client, identity, tokens, region, interface, overrides }))
    }

    /// The region an object lives in: the one asked for, else the provider's, else the one the
    /// catalogue lists first.
    pub(super) async fn region(&self, asked: Option<&str>) -> Result<Region, ProviderError> {
        let token = self.token().await?;
        let (_, region) = self.base(&token, asked, LIST)?;
        Ok(Region(region))
    }

    /// Makes a snapshot. The answer tells that the work has begun, not that it is done.
    pub(super) async fn create(
        &self,
        region: &Region,
        new: NewSnapshot<'_>,
    ) -> Result<WireSnapshot, ProviderError> {
        let body = CreateBody { snapshot: new };
        let build = |base: &str| {
            Ok(Request::new(Method::Post, &format!("{base}/os-snapshots"))?.json(&body))
        };
        let response = self.send(CREATE, Safety::Once, region, &build).await?;
        if !response.is_success() {
            return Err(refusal(CREATE, &response));
        }
        // The snapshot exists by now, so an answer that cannot be read must not look like a refusal.
        let parsed = response.parse::<One>(CREATE);
        parsed
            .map(|one| one.snapshot)
            .map_err(|error| ProviderError { kind: ErrorKind::OutcomeUnknown, ..error })
    }

    /// Looks at one snapshot; `None` when it is gone.
    pub(super) async fn show(
        &self,
        region: &Region,
        id: &str,
    ) -> Result<Option<WireSnapshot>, ProviderError> {
        let build = |base: &str| Request::new(Method::Get, &format!("{base}/os-snapshots/{id}"));
        let response = self.send(SHOW, Safety::Repeatable, region, &build).await?;
        if response.is_success() {
            return response.parse::<One>(SHOW).map(|one| Some(one.snapshot));
        }
        if is_gone(&response, id) { Ok(None) } else { Err(refusal(SHOW, &response)) }
    }

    /// Asks for a deletion.
    pub(super) async fn delete(&self, region: &Region, id: &str) -> Result<Asked, ProviderError> {
        let build = |base: &str| Request::new(Method::Delete, &format!("{base}/os-snapshots/{id}"));
        let response = self.send(DELETE, Safety::Repeatable, region, &build).await?;
        if response.is_success() {
            Ok(Asked::Accepted)
        } else if is_gone(&response, id) {
            Ok(Asked::Gone)
        } else if is_invalid_input(&response) {
            Ok(Asked::WrongStatus)
        } else {
            Err(refusal(DELETE, &response))
        }
    }

    /// Lists snapshots.
    pub(super) async fn list(
        &self,
        region: &Region,
        reach: Reach,
    ) -> Result<Listing, ProviderError> {
        let limit = if reach == Reach::All { PAGE } else { SHORT_PAGE };
        let mut listing = Listing { snapshots: Vec::new(), server_time: None };
        loop {
            let offset = listing.snapshots.len();
            let build = |base: &str| {
                let request = Request::new(Method::Get, &format!("{base}/os-snapshots"))?;
                Ok(request.query("limit", &limit.to_string()).query("offset", &offset.to_string()))
            };
            let response = self.send(LIST, Safety::Repeatable, region, &build).await?;
            if !response.is_success() {
                return Err(refusal(LIST, &response));
            }
            if listing.server_time.is_none() {
                listing.server_time = server_time(&response);
            }
            let page: Page = response.parse(LIST)?;
            // A page shorter than asked for says nothing: the server's maximum may be smaller.
            let Some(last) = page.snapshots.last() else { return Ok(listing) };
            let since = match reach {
                Reach::All => None,
                Reach::Recent(span) => listing.server_time.map(|now| now.saturating_sub(span)),
                Reach::Since(since) => Some(since),
            };
            let enough = since.is_some_and(|since| last.created_at.is_some_and(|end| end < since));
            listing.snapshots.extend(page.snapshots);
            if enough {
                return Ok(listing);
            }
        }
    }

    async fn token(&self) -> Result<Token<Session>, ProviderError> {
        let inner = &*self.0;
        let sign_in = inner.identity.sign_in(&inner.client);
        inner.tokens.get(inner.client.world(), sign_in).await
    }

    /// Sends a request with the token, and once more with a fresh one if it was refused.
    async fn send(
        &self,
        operation: &str,
        safety: Safety,
        region: &Region,
        build: &Build<'_>,
    ) -> Result<Response, ProviderError> {
        let token = self.token().await?;
        let response = self.send_with(&token, operation, safety, region, build).await?;
        if !is_token_refused(&response) {
            return Ok(response);
        }
        self.0.tokens.forget(&token).await;
        let token = self.token().await?;
        self.send_with(&token, operation, safety, region, build).await
    }

    async fn send_with(
        &self,
        token: &Token<Session>,
        operation: &str,
        safety: Safety,
        region: &Region,
        build: &Build<'_>,
    ) -> Result<Response, ProviderError> {
        let (base, _) = self.base(token, region.0.as_deref(), operation)?;
        let signed = |_| {
            let request = build(&base)?.header("Accept", "application/json");
            Ok(request.header("X-Auth-Token", token.secret.expose()))
        };
        self.0.client.call(Call::new(operation, safety, &signed).judged_by(judge)).await
    }

    /// The address of the compute service with the project at its end, and the region's name.
    fn base(
        &self,
        token: &Token<Session>,
        asked: Option<&str>,
        operation: &str,
    ) -> Result<(String, Option<String>), ProviderError> {
        let inner = &*self.0;
        let session = &token.details;
        let region = asked.or(inner.region.as_deref());
        let (url, region) = match inner.overrides.get(COMPUTE) {
            Some(url) => (url.clone(), region.map(str::to_owned)),
            None => session
                .endpoint(&[COMPUTE], &inner.interface, region)
                .ok_or_else(|| self.no_endpoint(session, region, operation))?,
        };
        if let Err(reason) = reachable_endpoint(&url) {
            let message =
                format!("The catalogue's address of the compute service {reason}: `{url}`.");
            return Err(ProviderError::new(ErrorKind::Refused, operation, message)
                .help("set `endpoint_overrides = { compute = \"https://…\" }`"));
        }
        let base = url.trim_end_matches('/');
        let project = &session.project_id;
        // Catalogues list the address with the project or without it; nova takes the full form.
        let has_project = base.rsplit('/').next() == Some(project);
        let base = if has_project { base.to_owned() } else { format!("{base}/{project}") };
        Ok((base, region))
    }

    fn no_endpoint(
        &self,
        session: &Session,
        region: Option<&str>,
        operation: &str,
    ) -> ProviderError {
        let interface = &self.0.interface;
        let place = region.map_or_else(String::new, |region| format!(" in region `{region}`"));
        let message =
            format!("The catalogue lists no {interface} address of the compute service{place}.");
        let error = ProviderError::new(ErrorKind::Refused, operation, message);
        match &*session.regions(&[COMPUTE]) {
            [] => error.help("set `endpoint_overrides = { compute = \"https://…\" }`"),
            regions => {
                let regions = regions.join("`, `");
                error
                    .attribute("region")
                    .help(format!("the catalogue has the service in: `{regions}`"))
            }
        }
    }
}

/// The header `Date`, as HTTP writes it.
fn server_time(response: &Response) -> Option<Timestamp> {
    let text = response.header_value("Date")?;
    Timestamp::parse_utc("%a, %d %b %Y %H:%M:%S GMT", text).ok()
}
