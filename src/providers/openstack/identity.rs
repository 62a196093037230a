//! Keystone v3: from credentials to a token and the catalogue of endpoints.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::sdk::auth::{Secret, Token};
use crate::sdk::http::{Call, Client, Method, Request, Response, Safety};
use crate::sdk::{ErrorKind, ProviderError};
use crate::world::Timestamp;

use super::fault::Fault;

const SIGN_IN: &str = "POST /v3/auth/tokens";

/// A domain by id or by name.
#[derive(Clone, Debug)]
pub(super) enum Domain {
    /// By id.
    Id(String),
    /// By name.
    Name(String),
}

/// Something by id, or by name within a domain.
#[derive(Clone, Debug)]
pub(super) enum Named {
    /// By id.
    Id(String),
    /// By name; with its domain, where names are unique only there.
    Name(String, Option<Domain>),
}

impl Named {
    fn json(&self) -> Json {
        match self {
            Self::Id(id) => json!({ "id": id }),
            Self::Name(name, None) => json!({ "name": name }),
            Self::Name(name, Some(Domain::Id(id))) => {
                json!({ "name": name, "domain": { "id": id } })
            }
            Self::Name(name, Some(Domain::Name(domain))) => {
                json!({ "name": name, "domain": { "name": domain } })
            }
        }
    }
}

/// How we prove who we are.
#[derive(Clone, Debug)]
pub(super) enum Proof {
    /// User and password, for one project.
    Password {
        /// The user.
        user: Named,
        /// The user's password.
        password: Secret,
        /// The project the token is for.
        project: Named,
    },
    /// An application credential, which carries its project.
    ApplicationCredential {
        /// The credential.
        credential: Named,
        /// Its user, where the credential is given by name.
        user: Option<Named>,
        /// Its secret.
        secret: Secret,
    },
}

/// Where and how to sign in.
#[derive(Clone, Debug)]
pub(super) struct Identity {
    tokens_url: String,
    proof: Proof,
}

/// What a token brings along.
#[derive(Clone, Debug)]
pub(super) struct Session {
    /// The project the token is for.
    pub(super) project_id: String,
    catalog: Arc<Vec<Service>>,
}

#[derive(Debug, Deserialize)]
struct Answer {
    token: TokenBody,
}

#[derive(Debug, Deserialize)]
struct TokenBody {
    expires_at: Timestamp,
    project: Option<Project>,
    #[serde(default)]
    catalog: Vec<Service>,
}

#[derive(Debug, Deserialize)]
struct Project {
    id: String,
}

#[derive(Debug, Deserialize)]
struct Service {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    endpoints: Vec<Endpoint>,
}

#[derive(Clone, Debug, Deserialize)]
struct Endpoint {
    interface: String,
    region_id: Option<String>,
    url: String,
}

impl Identity {
    /// Sign-in at `auth_url`, which may lack its `/v3`.
    pub(super) fn new(auth_url: &str, proof: Proof) -> Self {
        let base = auth_url.trim_end_matches('/');
        let version = if base.ends_with("/v3") { "" } else { "/v3" };
        Self { tokens_url: format!("{base}{version}/auth/tokens"), proof }
    }

    /// The credentials, to be kept out of messages.
    pub(super) fn secret(&self) -> Secret {
        match &self.proof {
            Proof::Password { password, .. } => password.clone(),
            Proof::ApplicationCredential { secret, .. } => secret.clone(),
        }
    }

    /// Signs in.
    pub(super) async fn sign_in(&self, client: &Client) -> Result<Token<Session>, ProviderError> {
        let body = self.body();
        let build = |_| Ok(Request::new(Method::Post, &self.tokens_url)?.json(&body));
        // Two tokens where one was meant do no harm.
        let response = client.call(Call::new(SIGN_IN, Safety::Repeatable, &build)).await?;
        if !response.is_success() {
            return Err(self.refusal(client, &response));
        }
        let secret = response.header_value("X-Subject-Token").ok_or_else(|| {
            ProviderError::new(
                ErrorKind::Answer,
                SIGN_IN,
                "The answer of Keystone has no header `X-Subject-Token`.",
            )
        })?;
        let secret = Secret::from(secret);
        client.hide_also(&secret);
        let answer: Answer = response.parse(SIGN_IN)?;
        let project = answer.token.project.ok_or_else(|| {
            ProviderError::new(
                ErrorKind::Credentials,
                SIGN_IN,
                "The token is for no project, and snapshots live in a project.",
            )
            .help("set `project_name` or `project_id`")
        })?;
        Ok(Token {
            secret,
            expires_at: Some(answer.token.expires_at),
            details: Session { project_id: project.id, catalog: Arc::new(answer.token.catalog) },
        })
    }

    fn body(&self) -> Json {
        match &self.proof {
            Proof::Password { user, password, project } => {
                let mut user = user.json();
                user["password"] = password.expose().into();
                json!({ "auth": {
                    "identity": { "methods": ["password"], "password": { "user": user } },
                    "scope": { "project": project.json() },
                } })
            }
            Proof::ApplicationCredential { credential, user, secret } => {
                let mut credential = credential.json();
                credential["secret"] = secret.expose().into();
                if let Some(user) = user {
                    credential["user"] = user.json();
                }
                json!({ "auth": { "identity": {
                    "methods": ["application_credential"],
                    "application_credential": credential,
                } } })
            }
        }
    }

    fn refusal(&self, client: &Client, response: &Response) -> ProviderError {
        let fault = Fault::of(response);
        let words = client.hide(&fault.message);
        let by_credential = matches!(self.proof, Proof::ApplicationCredential { .. });
        let error = match response.status {
            401 if by_credential => ProviderError::new(
                ErrorKind::Credentials,
                SIGN_IN,
                "Keystone refused the application credential: the secret is wrong or it has expired.",
            ),
            401 => ProviderError::new(
                ErrorKind::Credentials,
                SIGN_IN,
                "Keystone refused user, password or project; it does not say which of them.",
            ),
            // Keystone answers 404, not 401, to an application credential it does not know.
            404 if by_credential && words.contains("Application Credential") => ProviderError::new(
                ErrorKind::Credentials,
                SIGN_IN,
                "Keystone knows no such application credential.",
            ),
            300 | 404 | 405 => ProviderError::new(
                ErrorKind::Refused,
                SIGN_IN,
                "There is no Keystone v3 at `auth_url`.",
            )
            .attribute("auth_url"),
            429 => ProviderError::new(ErrorKind::Throttled, SIGN_IN, words),
            500.. => ProviderError::new(ErrorKind::Unavailable, SIGN_IN, words),
            _ => ProviderError::new(ErrorKind::Refused, SIGN_IN, words),
        };
        fault.complete(error, response)
    }
}

impl Session {
    /// The address of a service in a region, and the region's name. `kinds` are the service types
    /// that will do.
    pub(super) fn endpoint(
        &self,
        kinds: &[&str],
        interface: &str,
        region: Option<&str>,
    ) -> Option<(String, Option<String>)> {
        let services = self.catalog.iter().filter(|service| kinds.contains(&&*service.kind));
        services
            .flat_map(|service| &service.endpoints)
            .filter(|endpoint| endpoint.interface == interface)
            .find(|endpoint| region.is_none() || endpoint.region_id.as_deref() == region)
            .map(|endpoint| (endpoint.url.clone(), endpoint.region_id.clone()))
    }

    /// Whether the catalogue has a service of one of these types, wherever and however reachable.
    pub(super) fn lists(&self, kinds: &[&str]) -> bool {
        self.catalog.iter().any(|service| kinds.contains(&&*service.kind))
    }

    /// The regions that have such a service, for messages.
    pub(super) fn regions(&self, kinds: &[&str]) -> Vec<&str> {
        let services = self.catalog.iter().filter(|service| kinds.contains(&&*service.kind));
        let endpoints = services.flat_map(|service| &service.endpoints);
        let mut regions: Vec<_> =
            endpoints.filter_map(|endpoint| endpoint.region_id.as_deref()).collect();
        regions.sort_unstable();
        regions.dedup();
        regions
    }
}
