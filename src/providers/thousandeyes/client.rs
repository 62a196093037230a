//! Calls: sign-in by header, the vendor's rate limit, errors.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value as Json;

use crate::sdk::auth::Secret;
use crate::sdk::http::{
    Call, Client, Method, Request, Response, Safety, Verdict, judge_by_status, percent_encode,
};
use crate::sdk::{ConfigureContext, ErrorKind, ProviderError};
use crate::world::Timestamp;

use super::wire::{CreateV6, CreateV7, CreatedV6, DATE_PATTERN, Made, Status, Test, Tests};

const CREATE: &str = "Create a new snapshot";
const LIST: &str = "Test list";
const TEST: &str = "Test details";
const DELETE: &str = "Deleting a test";
const STATUS: &str = "Status";
const REMAINING: &str = "X-Organization-Rate-Limit-Remaining";
const RESET: &str = "X-Organization-Rate-Limit-Reset";
/// The rate limit's window, where the vendor does not tell how much of it is left.
const RATE_WINDOW: Duration = Duration::from_mins(1);

/// How long a list of tests serves whoever asks: about as long as the many reads of a run take.
const LIST_LIFE: Duration = Duration::from_secs(30);

/// Which API is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    /// As the user's document has it.
    V6,
    /// Its successor.
    V7,
}

/// How we prove who we are.
#[derive(Clone, Debug)]
pub(super) enum Proof {
    /// E-mail address and token.
    Basic {
        /// The user.
        email: String,
        /// The user's token.
        token: Secret,
    },
    /// A token alone.
    Bearer(Secret),
}

/// What is to be made.
pub(super) struct New<'a> {
    /// The test whose results are frozen.
    pub(super) test_id: &'a str,
    /// The title.
    pub(super) display_name: &'a str,
    /// Begin of the time range.
    pub(super) from: Timestamp,
    /// End of the time range.
    pub(super) to: Timestamp,
    /// Whether anyone with the link may look.
    pub(super) public: bool,
}

/// One organization.
pub(super) struct Api {
    client: Client,
    base_url: String,
    version: Version,
    proof: Proof,
    account_group_id: Option<u64>,
    /// Set by the first 401: from then on nothing is sent, because the vendor blocks addresses
    /// that send refused credentials.
    refused: AtomicBool,
    /// What `isPublic: true` makes in v7: the vendor's page says a saved event, its name the reverse.
    public_means_saved: bool,
    /// Whether a person wants that the tests of private snapshots are deleted.
    deletes_tests: bool,
    lists: Mutex<Lists>,
}

/// The last list of tests of each account group.
#[derive(Default)]
struct Lists {
    /// When each was asked for, and what it holds.
    held: BTreeMap<Option<u64>, (Timestamp, Arc<[Test]>)>,
    /// Counts the creates. A list that was asked for before one ended may lack what that made.
    creates: u64,
}

type Build<'a> = dyn Fn() -> Result<Request, ProviderError> + Send + Sync + 'a;

impl Api {
    /// An organization.
    pub(super) fn new(
        base_url: String,
        version: Version,
        proof: Proof,
        account_group_id: Option<u64>,
        cx: &ConfigureContext,
    ) -> Self {
        let (Proof::Basic { token: secret, .. } | Proof::Bearer(secret)) = &proof;
        let client =
            Client::new(Arc::clone(&cx.transport), cx.world.clone()).hiding([secret.clone()]);
        if let Proof::Basic { email, token } = &proof {
            client.hide_also(&Secret::from(basic(email, token)));
        }
        let refused = AtomicBool::new(false);
        let (public_means_saved, lists) = (false, Mutex::<Lists>::default());
        Self {
            client,
            base_url,
            version,
            proof,
            account_group_id,
            refused,
            public_means_saved,
            deletes_tests: false,
            lists,
        }
    }

    /// The same where `isPublic: true` makes a saved event in v7, as the vendor's page has it.
    #[must_use]
    pub(super) fn public_meaning_saved(mut self, so: bool) -> Self {
        self.public_means_saved = so;
        self
    }

    /// The same where the tests of private snapshots are to be deleted.
    #[must_use]
    pub(super) fn deleting_tests(mut self, so: bool) -> Self {
        self.deletes_tests = so;
        self
    }

    /// Whether the tests of private snapshots are to be deleted.
    pub(super) fn deletes_tests(&self) -> bool {
        self.deletes_tests
    }

    /// The e-mail address we sign in with, where it is known.
    pub(super) fn email(&self) -> Option<&str> {
        match &self.proof {
            Proof::Basic { email, .. } => Some(email),
            Proof::Bearer(_) => None,
        }
    }

    /// Makes a snapshot.
    pub(super) async fn create(
        &self,
        account_group_id: Option<u64>,
        new: &New<'_>,
    ) -> Result<Made, ProviderError> {
        let build = || self.create_request(account_group_id, new);
        let response = self.send(CREATE, Safety::Once, &build).await;
        self.forget_lists();
        let response = response?;
        if !response.is_success() {
            return Err(self.refusal(CREATE, &response));
        }
        let made = match self.version {
            Version::V6 => response.parse::<CreatedV6>(CREATE).map(|created| created.link),
            Version::V7 => response.parse::<Made>(CREATE),
        };
        // The snapshot exists by now, so an answer that cannot be read must not look like a refusal.
        made.map_err(|error| ProviderError { kind: ErrorKind::OutcomeUnknown, ..error })
    }

    fn create_request(
        &self,
        account_group_id: Option<u64>,
        new: &New<'_>,
    ) -> Result<Request, ProviderError> {
        let date = |time: Timestamp| time.format(DATE_PATTERN);
        let base = &self.base_url;
        let request = match self.version {
            Version::V6 => {
                let body = CreateV6 {
                    test_id: new.test_id.parse().unwrap_or_default(),
                    display_name: new.display_name,
                    from: date(new.from),
                    to: date(new.to),
                    is_public: u8::from(new.public),
                };
                Request::new(Method::Post, &format!("{base}/v6/snapshot.json"))?.json(&body)
            }
            Version::V7 => {
                let body = CreateV7 {
                    display_name: new.display_name,
                    start_date: format!("{}Z", date(new.from)),
                    end_date: format!("{}Z", date(new.to)),
                    is_public: new.public != self.public_means_saved,
                };
                let id = percent_encode(new.test_id);
                Request::new(Method::Post, &format!("{base}/v7/tests/{id}/snapshot"))?.json(&body)
            }
        };
        Ok(self.in_group(account_group_id, request))
    }

    /// The tests of an account group as they were a moment ago: the reads of a run share one list,
    /// which spares the organization's rate limit.
    pub(super) async fn shared_tests(
        &self,
        account_group_id: Option<u64>,
    ) -> Result<Arc<[Test]>, ProviderError> {
        let group = account_group_id.or(self.account_group_id);
        let now = self.client.world().clock.now();
        let creates = {
            let lists = self.lists();
            match lists.held.get(&group) {
                Some((asked_at, tests)) if now.since(*asked_at) < LIST_LIFE => {
                    return Ok(Arc::clone(tests));
                }
                _ => lists.creates,
            }
        };
        let tests: Arc<[Test]> = self.tests(group).await?.into();
        let mut lists = self.lists();
        if lists.creates == creates {
            lists.held.insert(group, (now, Arc::clone(&tests)));
        }
        Ok(tests)
    }

    fn lists(&self) -> MutexGuard<'_, Lists> {
        self.lists.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn forget_lists(&self) {
        let mut lists = self.lists();
        lists.creates += 1;
        lists.held.clear();
    }

    /// All tests of an account group, among them the private snapshots.
    pub(super) async fn tests(
        &self,
        account_group_id: Option<u64>,
    ) -> Result<Vec<Test>, ProviderError> {
        let path = match self.version {
            Version::V6 => "/v6/tests.json",
            Version::V7 => "/v7/tests",
        };
        let url = format!("{}{path}", self.base_url);
        let build = || Ok(self.in_group(account_group_id, Request::new(Method::Get, &url)?));
        let response = self.send(LIST, Safety::Repeatable, &build).await?;
        if response.is_success() {
            response.parse::<Tests>(LIST).map(|list| list.tests)
        } else {
            Err(self.refusal(LIST, &response))
        }
    }

    /// Tells whether [`Self::test`] shows tests.
    pub(super) fn shows_tests(&self) -> bool {
        self.version == Version::V6
    }

    /// One test, which v6 shows even where its list does not; `None` when there is none.
    pub(super) async fn test(
        &self,
        account_group_id: Option<u64>,
        id: &str,
    ) -> Result<Option<Test>, ProviderError> {
        if !self.shows_tests() {
            return Ok(None);
        }
        let url = format!("{}/v6/tests/{}.json", self.base_url, percent_encode(id));
        let build = || Ok(self.in_group(account_group_id, Request::new(Method::Get, &url)?));
        let response = self.send(TEST, Safety::Repeatable, &build).await?;
        match response.status {
            404 => Ok(None),
            _ if response.is_success() => Ok(response.parse::<Tests>(TEST)?.tests.pop()),
            _ => Err(self.refusal(TEST, &response)),
        }
    }

    /// Deletes a test; one that is gone already is fine.
    pub(super) async fn delete_test(
        &self,
        account_group_id: Option<u64>,
        kind: &str,
        id: &str,
    ) -> Result<(), ProviderError> {
        let (kind, id) = (percent_encode(kind), percent_encode(id));
        let base = &self.base_url;
        let (method, url) = match self.version {
            Version::V6 => (Method::Post, format!("{base}/v6/tests/{kind}/{id}/delete.json")),
            Version::V7 => (Method::Delete, format!("{base}/v7/tests/{kind}/{id}")),
        };
        let build = || Ok(self.in_group(account_group_id, Request::new(method, &url)?));
        let response = self.send(DELETE, Safety::Repeatable, &build).await;
        self.forget_lists();
        let response = response?;
        if response.is_success() || response.status == 404 {
            Ok(())
        } else {
            Err(self.refusal(DELETE, &response))
        }
    }

    /// The vendor's clock, which v6 tells without credentials.
    pub(super) async fn time(&self) -> Option<Timestamp> {
        if self.version != Version::V6 {
            return None;
        }
        let url = format!("{}/v6/status.json", self.base_url);
        let build = |_| Request::new(Method::Get, &url);
        let call = Call::new(STATUS, Safety::Repeatable, &build).judged_by(judge);
        let response = self.client.call(call).await.ok()?;
        let status: Status = response.parse(STATUS).ok()?;
        Some(Timestamp::from_epoch_seconds(status.timestamp / 1000))
    }

    fn in_group(&self, account_group_id: Option<u64>, request: Request) -> Request {
        match account_group_id.or(self.account_group_id) {
            Some(id) => request.query("aid", &id.to_string()),
            None => request,
        }
    }

    async fn send(
        &self,
        operation: &str,
        safety: Safety,
        build: &Build<'_>,
    ) -> Result<Response, ProviderError> {
        if self.refused.load(Ordering::SeqCst) {
            return Err(credentials(operation));
        }
        let accept = match self.version {
            Version::V6 => "application/json",
            Version::V7 => "application/hal+json",
        };
        let signed = |_| {
            let request = build()?.header("Accept", accept);
            Ok(request.header("Authorization", self.authorization()))
        };
        let response =
            self.client.call(Call::new(operation, safety, &signed).judged_by(judge)).await?;
        if response.status == 401 {
            self.refused.store(true, Ordering::SeqCst);
            return Err(credentials(operation).status(401));
        }
        Ok(response)
    }

    fn authorization(&self) -> String {
        match &self.proof {
            Proof::Basic { email, token } => format!("Basic {}", basic(email, token)),
            Proof::Bearer(token) => format!("Bearer {}", token.expose()),
        }
    }

    fn refusal(&self, operation: &str, response: &Response) -> ProviderError {
        let said = self.client.hide(&said(response));
        let new = |kind, message: String| ProviderError::new(kind, operation, message);
        let said = format!("The vendor said: {}.", said.trim_end_matches('.'));
        let error = match response.status {
            301 => new(ErrorKind::Refused, "The vendor no longer has this version of its API.".to_owned())
                .help("set `api_version = \"v7\"` and a `bearer_token` in the provider block"),
            403 => new(ErrorKind::Refused, said).help(
                "creating takes the permission `Create snapshot shares`, and public snapshots may be switched off",
            ),
            429 if remaining(response) == Some(0) => new(ErrorKind::Throttled, said),
            429 => new(
                ErrorKind::Quota,
                format!("The organization's quota of new snapshots is used up, or this address is blocked for a while after many refused credentials. {said}"),
            )
            .help("apply again later, or set `wait_for_quota = true` in the provider block"),
            500.. => new(ErrorKind::Unavailable, said),
            _ => new(ErrorKind::Refused, said),
        };
        error.answered(response)
    }
}

/// The text that goes into the header, from which anyone can read the token.
fn basic(email: &str, token: &Secret) -> String {
    BASE64_STANDARD.encode(format!("{email}:{}", token.expose()))
}

fn credentials(operation: &str) -> ProviderError {
    ProviderError::new(
        ErrorKind::Credentials,
        operation,
        "The vendor refused the credentials, or the account is locked. Nothing more is sent: many refusals block this address.",
    )
    .help("look at `email` and `auth_token`, or at `bearer_token`")
}

/// The vendor's words, in whichever of its shapes they come.
fn said(response: &Response) -> String {
    let body: Json = serde_json::from_slice(&response.body).unwrap_or(Json::Null);
    let fields = body.get("errors").and_then(Json::as_array).into_iter().flatten();
    let fields = fields.filter_map(|error| match error {
        Json::String(text) => Some(text.clone()),
        _ => {
            let message = error.get("message")?.as_str()?;
            let field = error.get("field").and_then(Json::as_str);
            Some(field.map_or_else(|| message.to_owned(), |field| format!("{field}: {message}")))
        }
    });
    let fields = fields.collect::<Vec<_>>().join("; ");
    if !fields.is_empty() {
        return fields;
    }
    let names = ["errorMessage", "detail", "error_description", "error", "title"];
    let text = names.iter().find_map(|name| body.get(*name).and_then(Json::as_str));
    let text = text.map_or_else(|| response.excerpt(), str::to_owned);
    if text.is_empty() { "nothing".to_owned() } else { text }
}

fn number(response: &Response, name: &str) -> Option<i64> {
    response.header_value(name)?.trim().parse().ok()
}

fn remaining(response: &Response) -> Option<i64> {
    number(response, REMAINING)
}

/// Judges an answer. A 429 with nothing remaining is the rate limit, which a short wait settles;
/// with something remaining it is the creation quota, for which asking again is of no use.
fn judge(response: &Response) -> Verdict {
    match (response.status, remaining(response)) {
        (429, Some(0)) => Verdict::NotExecuted(Some(until_reset(response))),
        (429, Some(_)) => Verdict::Definite,
        // Maintenance: nothing is carried out.
        (503, _) => Verdict::NotExecuted(None),
        _ => judge_by_status(response),
    }
}

/// A second more than the vendor's own clock says is left of the window.
fn until_reset(response: &Response) -> Duration {
    let date = response
        .header_value("Date")
        .and_then(|text| Timestamp::parse_utc("%a, %d %b %Y %H:%M:%S GMT", text).ok());
    let left = number(response, RESET)
        .zip(date)
        .and_then(|(reset, date)| u64::try_from(reset.saturating_sub(date.epoch_seconds())).ok());
    let left = left.map_or(RATE_WINDOW, Duration::from_secs).min(RATE_WINDOW);
    left + Duration::from_secs(1)
}
