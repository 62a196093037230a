//! Sends a request, again where the table allows it.

use std::sync::{Arc, PoisonError, RwLock};

use crate::sdk::auth::Secret;
use crate::sdk::{ErrorKind, ProviderError};
use crate::world::{Timestamp, World};

use super::log;
use super::message::percent_encode;
use super::{
    Attempt, Interruption, Request, Response, RetryPolicy, Safety, Transport, TransportError,
    Verdict, judge_by_status,
};

/// One operation: how to build its request and how far it may be repeated.
pub struct Call<'a> {
    /// The vendor's name of the operation, for messages.
    pub operation: &'a str,
    /// Whether the request may be repeated.
    pub safety: Safety,
    /// Builds and signs the request anew for each attempt, at the given time.
    pub build: &'a (dyn Fn(Timestamp) -> Result<Request, ProviderError> + Send + Sync),
    /// Judges an answer.
    pub judge: fn(&Response) -> Verdict,
}

impl<'a> Call<'a> {
    /// An operation whose answers are judged by status alone.
    pub fn new(
        operation: &'a str,
        safety: Safety,
        build: &'a (dyn Fn(Timestamp) -> Result<Request, ProviderError> + Send + Sync),
    ) -> Self {
        Self { operation, safety, build, judge: judge_by_status }
    }

    /// The same operation with the vendor's own way to judge answers.
    #[must_use]
    pub fn judged_by(mut self, judge: fn(&Response) -> Verdict) -> Self {
        self.judge = judge;
        self
    }
}

/// A client for one provider configuration. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    transport: Arc<dyn Transport>,
    world: World,
    policy: RetryPolicy,
    secrets: Arc<RwLock<Vec<Secret>>>,
    /// Whether an answer may be as large as the transport lets through.
    takes_all: bool,
}

impl Client {
    /// A client over `transport`.
    pub fn new(transport: Arc<dyn Transport>, world: World) -> Self {
        let policy = RetryPolicy::default();
        Self { transport, world, policy, secrets: Arc::default(), takes_all: false }
    }

    /// Makes sure that none of `secrets` appears in an error, even where a vendor echoes it.
    #[must_use]
    pub fn hiding(mut self, secrets: impl IntoIterator<Item = Secret>) -> Self {
        let secrets = secrets.into_iter().filter(|secret| !secret.is_empty()).collect();
        self.secrets = Arc::new(RwLock::new(secrets));
        self
    }

    /// Hides one more secret from now on, such as a token that a sign-in gave.
    pub fn hide_also(&self, secret: &Secret) {
        let mut secrets = self.secrets.write().unwrap_or_else(PoisonError::into_inner);
        if !secret.is_empty() && secrets.iter().all(|held| held.expose() != secret.expose()) {
            secrets.push(secret.clone());
        }
    }

    /// Another patience.
    #[must_use]
    pub fn policy(mut self, policy: RetryPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// Takes answers of any size: for a server that keeps what is ours, such as a large state.
    #[must_use]
    pub fn taking_all(mut self) -> Self {
        self.takes_all = true;
        self
    }

    /// Time and identifiers.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Sends the request of `call`, again where the table allows it, and gives the answer,
    /// whatever its status. Errors: no answer at all, or an outcome that nobody knows.
    pub async fn call(&self, call: Call<'_>) -> Result<Response, ProviderError> {
        let mut attempt = 1;
        loop {
            let request = (call.build)(self.world.clock.now())?;
            log::sent(self, call.operation, attempt, &request);
            let result =
                self.transport.send(request).await.and_then(|answer| self.bearable(answer));
            match &result {
                Ok(response) => log::answered(self, call.operation, attempt, response),
                Err(error) => log::unanswered(self, call.operation, attempt, error),
            }
            let verdict = result.as_ref().map(call.judge);
            let decision = self.policy.decide(attempt, call.safety, verdict);
            match (decision, result) {
                (Attempt::Again(wait), _) if !self.world.cancel.is_requested() => {
                    log::again(call.operation, attempt, wait);
                    self.world.clock.sleep(wait).await;
                    attempt += 1;
                }
                (Attempt::OutcomeUnknown, result) => {
                    return Err(self.outcome_unknown(call.operation, result));
                }
                (_, Ok(response)) => return Ok(response),
                (_, Err(error)) => {
                    return Err(ProviderError::new(
                        ErrorKind::Unavailable,
                        call.operation,
                        format!(
                            "No answer after {attempt} attempts: {}.",
                            self.hide(&error.message)
                        ),
                    ));
                }
            }
        }
    }

    fn outcome_unknown(
        &self,
        operation: &str,
        result: Result<Response, TransportError>,
    ) -> ProviderError {
        let what = match &result {
            Ok(response) => self.hide(&response.excerpt()),
            Err(error) => self.hide(&error.message),
        };
        let message =
            format!("The request left, and whether it was carried out is not known: {what}.");
        let error = ProviderError::new(ErrorKind::OutcomeUnknown, operation, message);
        match result {
            Ok(response) => error.answered(&response),
            Err(_) => error,
        }
    }

    /// Refuses what would fill the memory once it is read.
    fn bearable(&self, response: Response) -> Result<Response, TransportError> {
        if self.takes_all || response.fits_memory() {
            return Ok(response);
        }
        let length = response.body.len();
        Err(TransportError {
            interruption: Interruption::Interrupted,
            message: format!("the answer of {length} bytes is larger than any list of a vendor"),
        })
    }

    /// Takes every known secret out of a text, also as it stands in an address.
    pub fn hide(&self, text: &str) -> String {
        let secrets = self.secrets.read().unwrap_or_else(PoisonError::into_inner);
        // A short secret may be part of the words that stand in for another one.
        let hidden = secrets.iter().fold(text.to_owned(), |text, secret| {
            let text = text.replace(secret.expose(), "\0");
            text.replace(&percent_encode(secret.expose()), "\0")
        });
        hidden.replace('\0', "(sensitive value)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sdk::http::Method;
    use crate::world::BoxFuture;

    struct Large;

    impl Transport for Large {
        fn send(&self, _: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
            let body = vec![b' '; 40 << 20];
            Box::pin(async { Ok(Response { body, ..Response::new(200) }) })
        }
    }

    /// A vendor's lists are never so large, a state may be.
    #[tokio::test]
    async fn only_what_is_ours_may_be_of_any_size() {
        let world = World::fixed(Timestamp::EPOCH);
        let policy = RetryPolicy { attempts: 1, ..RetryPolicy::default() };
        let client = Client::new(Arc::new(Large), world).policy(policy);
        let build = |_| Request::new(Method::Get, "https://vendor.example/");
        let call = |client: Client, safety| async move {
            client.call(Call::new("read", safety, &build)).await.map_err(|error| error.kind)
        };
        let refused = call(client.clone(), Safety::Repeatable).await;
        assert_eq!(refused, Err(ErrorKind::Unavailable));
        let sent_once = call(client.clone(), Safety::Once).await;
        assert_eq!(sent_once, Err(ErrorKind::OutcomeUnknown));
        assert_eq!(call(client.taking_all(), Safety::Once).await.unwrap().body.len(), 40 << 20);
    }

    #[test]
    fn a_token_that_came_later_is_hidden_everywhere() {
        let world = World::fixed(Timestamp::EPOCH);
        let client = Client::new(Arc::new(crate::sdk::http::Network::default()), world)
            .hiding([Secret::from("password"), Secret::from("")]);
        let twin = client.clone();
        client.hide_also(&Secret::from("token"));
        let text = twin.hide("X-Auth-Token: token; password");
        assert_eq!(text, "X-Auth-Token: (sensitive value); (sensitive value)");
        client.hide_also(&Secret::from("v"));
        assert_eq!(twin.hide("token v"), "(sensitive value) (sensitive value)");
    }
}
