//! Calls: login, one more login after a refusal, errors.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::sdk::auth::{Secret, Token, TokenCache};
use crate::sdk::http::{Call, Client, Method, Request, Response, Safety, percent_encode};
use crate::sdk::{ConfigureContext, ErrorKind, ProviderError};
use crate::world::Timestamp;

use super::wire::{CreateBody, DataCenter, Entry, Group, Link, Login, Server, Status};

const LOGIN: &str = "Login";
const CREATE: &str = "Create Snapshot";
const DELETE: &str = "Delete Snapshot";
const STATUS: &str = "Get Status";
const SERVER: &str = "Get Server";
const GROUP: &str = "Get Group";
const DATA_CENTER: &str = "Get Data Center";

/// The vendor says that tokens live up to 14 days; its own client asks for a new one after 10.
const TOKEN_LIFE: Duration = Duration::from_hours(240);

/// How we prove who we are.
#[derive(Clone, Debug)]
pub(super) enum Proof {
    /// By logging in.
    Password {
        /// The user.
        username: String,
        /// The user's password.
        password: Secret,
    },
    /// By a token that somebody got from the login.
    Token(Secret),
}

/// One account. Cheap to clone.
#[derive(Clone)]
pub(super) struct Cloud(Arc<Inner>);

struct Inner {
    client: Client,
    base_url: String,
    alias: Option<String>,
    proof: Proof,
    tokens: TokenCache<Session>,
}

/// What the login tells besides the token.
#[derive(Clone, Debug)]
struct Session {
    alias: String,
}

/// A server with the vendor's clock at the time of the answer.
pub(super) struct Look {
    /// The server; `None` when there is none.
    pub(super) server: Option<Server>,
    /// The vendor's time, where it told it.
    pub(super) time: Option<Timestamp>,
}

type Build<'a> = dyn Fn() -> Result<Request, ProviderError> + Send + Sync + 'a;

impl Cloud {
    /// An account; logs in at the first call.
    pub(super) fn new(
        base_url: String,
        alias: Option<String>,
        proof: Proof,
        cx: &ConfigureContext,
    ) -> Self {
        let secret = match &proof {
            Proof::Password { password, .. } => password.clone(),
            Proof::Token(token) => token.clone(),
        };
        let client = Client::new(Arc::clone(&cx.transport), cx.world.clone()).hiding([secret]);
        Self(Arc::new(Inner { client, base_url, alias, proof, tokens: TokenCache::default() }))
    }

    /// The account an object belongs to, in lower case: the one asked for, else the provider's,
    /// else the login's.
    pub(super) async fn alias(&self, asked: Option<&str>) -> Result<String, ProviderError> {
        match asked.or(self.0.alias.as_deref()) {
            Some(alias) => Ok(alias.to_lowercase()),
            None => Ok(self.token().await?.details.alias.to_lowercase()),
        }
    }

    /// Looks at a server.
    pub(super) async fn server(&self, alias: &str, id: &str) -> Result<Look, ProviderError> {
        let path = format!("/v2/servers/{}/{}", percent_encode(alias), percent_encode(id));
        let response = self.get(SERVER, &path).await?;
        let time = server_time(&response);
        match response.status {
            404 if is_vendors(&response) => Ok(Look { server: None, time }),
            _ if response.is_success() => Ok(Look { server: Some(response.parse(SERVER)?), time }),
            _ => Err(self.refusal(SERVER, &response)),
        }
    }

    /// A group with its whole tree and, in the same answer, the servers as "Get Server" shows them.
    /// The parameter is in no document, but three of the vendor's clients use it. `None` when there
    /// is no such group.
    pub(super) async fn group(
        &self,
        alias: &str,
        id: &str,
    ) -> Result<Option<Group>, ProviderError> {
        let (alias, id) = (percent_encode(alias), percent_encode(id));
        let path = format!("/v2/groups/{alias}/{id}?serverDetail=detailed");
        let response = self.get(GROUP, &path).await?;
        match response.status {
            404 if is_vendors(&response) => Ok(None),
            _ if response.is_success() => response.parse(GROUP).map(Some),
            _ => Err(self.refusal(GROUP, &response)),
        }
    }

    /// The ids of the groups at the top of a data centre; `None` when there is no such place. The
    /// vendor leaves out links that the user may not follow, so there may be none.
    pub(super) async fn top_groups(
        &self,
        alias: &str,
        data_center: &str,
    ) -> Result<Option<Vec<String>>, ProviderError> {
        let (alias, place) = (percent_encode(alias), percent_encode(data_center));
        let path = format!("/v2/datacenters/{alias}/{place}?groupLinks=true");
        let response = self.get(DATA_CENTER, &path).await?;
        match response.status {
            404 if is_vendors(&response) => Ok(None),
            _ if response.is_success() => {
                let found: DataCenter = response.parse(DATA_CENTER)?;
                let links = found.links.iter().filter(|link| link.rel == "group");
                Ok(Some(links.filter_map(id_of).collect()))
            }
            _ => Err(self.refusal(DATA_CENTER, &response)),
        }
    }

    /// Queues a create for one server and gives the id of its job. One server only: a request for
    /// several shares one job, whose failure could not be pinned to one of them.
    pub(super) async fn create(
        &self,
        alias: &str,
        server_id: &str,
        days: u64,
    ) -> Result<String, ProviderError> {
        let body = CreateBody { snapshot_expiration_days: days, server_ids: [server_id] };
        let url = format!(
            "{}/v2/operations/{}/servers/createSnapshot",
            self.0.base_url,
            percent_encode(alias)
        );
        let build = || Ok(Request::new(Method::Post, &url)?.json(&body));
        let response = self.send(CREATE, Safety::Once, &build).await?;
        // The entries may come with a 400 where nothing could be queued.
        let entries = response.parse::<Vec<Entry>>(CREATE);
        match entries {
            Ok(entries) => queued(&response, entries, server_id),
            Err(error) if response.is_success() => {
                Err(ProviderError { kind: ErrorKind::OutcomeUnknown, ..error })
            }
            Err(_) => Err(self.refusal(CREATE, &response)),
        }
    }

    /// Where a job is; `None` when the vendor no longer knows it.
    pub(super) async fn status(
        &self,
        alias: &str,
        status_id: &str,
    ) -> Result<Option<String>, ProviderError> {
        let path = format!(
            "/v2/operations/{}/status/{}",
            percent_encode(alias),
            percent_encode(status_id)
        );
        let response = self.get(STATUS, &path).await?;
        match response.status {
            404 if is_vendors(&response) => Ok(None),
            _ if response.is_success() => Ok(Some(response.parse::<Status>(STATUS)?.status)),
            _ => Err(self.refusal(STATUS, &response)),
        }
    }

    /// Queues a deletion by the snapshot's own link and gives the id of the job; `None` when there
    /// is nothing to delete.
    pub(super) async fn delete(&self, href: &str) -> Result<Option<String>, ProviderError> {
        let url = self.url_of(DELETE, href)?;
        let build = || Request::new(Method::Delete, &url);
        // Ids are never used again, so a second deletion cannot hit another snapshot.
        let response = self.send(DELETE, Safety::Repeatable, &build).await?;
        match response.status {
            404 if is_vendors(&response) => Ok(None),
            _ if response.is_success() => {
                let link: Link = response.parse(DELETE)?;
                id_of(&link).map(Some).ok_or_else(|| no_job(DELETE))
            }
            _ => Err(self.refusal(DELETE, &response)),
        }
    }

    /// A link leads to the same host: it is a path, and anything else would carry the token away.
    fn url_of(&self, operation: &str, href: &str) -> Result<String, ProviderError> {
        if href.starts_with("/v2/") {
            return Ok(format!("{}{href}", self.0.base_url));
        }
        let message = format!("The link `{href}` is no path of this API.");
        Err(ProviderError::new(ErrorKind::Answer, operation, message))
    }

    async fn get(&self, operation: &str, path: &str) -> Result<Response, ProviderError> {
        let url = format!("{}{path}", self.0.base_url);
        let build = || Request::new(Method::Get, &url);
        self.send(operation, Safety::Repeatable, &build).await
    }

    /// The error for an answer that is no success; a vendor that echoes a secret does not spread it.
    fn refusal(&self, operation: &str, response: &Response) -> ProviderError {
        let error = refusal(operation, response);
        ProviderError { message: self.0.client.hide(&error.message), ..error }
    }

    async fn token(&self) -> Result<Token<Session>, ProviderError> {
        let inner = &*self.0;
        match &inner.proof {
            Proof::Token(secret) => Ok(Token {
                secret: secret.clone(),
                expires_at: None,
                details: Session { alias: inner.alias.clone().unwrap_or_default() },
            }),
            Proof::Password { username, password } => {
                let login = self.log_in(username, password);
                inner.tokens.get(inner.client.world(), login).await
            }
        }
    }

    async fn log_in(
        &self,
        username: &str,
        password: &Secret,
    ) -> Result<Token<Session>, ProviderError> {
        let inner = &*self.0;
        let url = format!("{}/v2/authentication/login", inner.base_url);
        let body = json!({ "username": username, "password": password.expose() });
        let build = |_| {
            Ok(Request::new(Method::Post, &url)?.json(&body).header("Accept", "application/json"))
        };
        let response = inner.client.call(Call::new(LOGIN, Safety::Repeatable, &build)).await?;
        if matches!(response.status, 400 | 401) {
            // The vendor answers 400 to wrong credentials.
            let said = inner.client.hide(&said(&response));
            let message =
                format!("The user name or the password is wrong. The vendor said: {said}.");
            return Err(
                ProviderError::new(ErrorKind::Credentials, LOGIN, message).answered(&response)
            );
        }
        if !response.is_success() {
            return Err(self.refusal(LOGIN, &response));
        }
        let login: Login = response.parse(LOGIN)?;
        let secret = Secret::from(login.bearer_token);
        inner.client.hide_also(&secret);
        Ok(Token {
            secret,
            expires_at: Some(inner.client.world().clock.now().saturating_add(TOKEN_LIFE)),
            details: Session { alias: login.account_alias },
        })
    }

    /// Sends a request with the token, and once more after another login if it was refused.
    async fn send(
        &self,
        operation: &str,
        safety: Safety,
        build: &Build<'_>,
    ) -> Result<Response, ProviderError> {
        let token = self.token().await?;
        let response = self.send_with(&token, operation, safety, build).await?;
        if response.status != 401 || matches!(self.0.proof, Proof::Token(_)) {
            return Ok(response);
        }
        self.0.tokens.forget(&token).await;
        let token = self.token().await?;
        self.send_with(&token, operation, safety, build).await
    }

    async fn send_with(
        &self,
        token: &Token<Session>,
        operation: &str,
        safety: Safety,
        build: &Build<'_>,
    ) -> Result<Response, ProviderError> {
        let signed = |_| {
            let request = build()?.header("Accept", "application/json");
            Ok(request.header("Authorization", format!("Bearer {}", token.secret.expose())))
        };
        self.0.client.call(Call::new(operation, safety, &signed)).await
    }
}

/// The job of the entry for our server.
fn queued(
    response: &Response,
    entries: Vec<Entry>,
    server_id: &str,
) -> Result<String, ProviderError> {
    let entry = entries.into_iter().find(|entry| entry.server.eq_ignore_ascii_case(server_id));
    let Some(entry) = entry else {
        let message = format!("The answer has no entry for server `{server_id}`.");
        return Err(ProviderError::new(ErrorKind::OutcomeUnknown, CREATE, message));
    };
    if entry.is_queued {
        let link = entry.links.iter().find(|link| link.rel == "status");
        return link.and_then(id_of).ok_or_else(|| no_job(CREATE));
    }
    let said = entry.error_message.unwrap_or_else(|| "no reason".to_owned());
    let message = format!(
        "The vendor did not queue the operation for server `{server_id}`. It said: {}.",
        said.trim_end_matches('.')
    );
    Err(ProviderError::new(ErrorKind::Refused, CREATE, message)
        .answered(response)
        .attribute("server_id"))
}

/// The id of what a link leads to.
fn id_of(link: &Link) -> Option<String> {
    let last = || link.href.rsplit('/').next().map(str::to_owned);
    link.id.clone().or_else(last).filter(|id| !id.is_empty())
}

fn no_job(operation: &str) -> ProviderError {
    let message = "The operation was queued, but the answer has no link to its status.";
    ProviderError::new(ErrorKind::OutcomeUnknown, operation, message)
}

/// Whether a 404 is the vendor's, which is empty or JSON. A page for people comes from a wrong
/// address or a proxy, and taking it for "gone" would drop living snapshots.
fn is_vendors(response: &Response) -> bool {
    response.body.trim_ascii().is_empty()
        || serde_json::from_slice::<serde_json::Map<String, Json>>(&response.body).is_ok()
}

/// The vendor's words: the fields named in `modelState` say more than `message`.
fn said(response: &Response) -> String {
    let body: Json = serde_json::from_slice(&response.body).unwrap_or(Json::Null);
    let fields = body.get("modelState").and_then(Json::as_object);
    let reasons = fields.into_iter().flatten().flat_map(|(field, reasons)| {
        let reasons = reasons.as_array().into_iter().flatten().filter_map(Json::as_str);
        reasons.map(move |reason| format!("{field}: {reason}"))
    });
    let reasons = reasons.collect::<Vec<_>>().join("; ");
    if !reasons.is_empty() {
        return reasons;
    }
    let text = ["message", "error"].iter().find_map(|name| body.get(*name).and_then(Json::as_str));
    let text = text.map_or_else(|| response.excerpt(), str::to_owned);
    if text.is_empty() { "nothing".to_owned() } else { text.trim_end_matches('.').to_owned() }
}

/// The error for an answer that is no success.
fn refusal(operation: &str, response: &Response) -> ProviderError {
    let said = format!("The vendor said: {}.", said(response));
    let new = |kind, message: String| ProviderError::new(kind, operation, message);
    let error = match response.status {
        401 => new(ErrorKind::Credentials, "The token was refused.".to_owned())
            .help("set `username` and `password`, or a token that is not older than 14 days"),
        403 => new(ErrorKind::Refused, said)
            .help("the user's role in this account does not allow it; ask an administrator"),
        404 => new(ErrorKind::Refused, said).help("look whether `base_url` is the right address"),
        429 => new(ErrorKind::Throttled, said),
        500.. => new(ErrorKind::Unavailable, said),
        _ => new(ErrorKind::Refused, said),
    };
    error.answered(response)
}

/// The header `Date`, as HTTP writes it.
fn server_time(response: &Response) -> Option<Timestamp> {
    let text = response.header_value("Date")?;
    Timestamp::parse_utc("%a, %d %b %Y %H:%M:%S GMT", text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_for_people_does_not_say_that_something_is_gone() {
        let answer = |body: &str| Response { body: body.into(), ..Response::new(404) };
        assert!(is_vendors(&answer("")) && is_vendors(&answer(r#"{"message":"gone"}"#)));
        assert!(!is_vendors(&answer("<html>Not Found</html>")));
        let error = refusal(SERVER, &answer("<html>Not Found</html>"));
        assert_eq!(error.kind, ErrorKind::Refused);
    }
}
