//! Sending creates, and finding out what became of those whose answer was lost.

use std::time::Duration;

use crate::sdk::{Context, Created, DynResource, ErrorKind, ProviderError, Recovery};
use crate::state::IntentId;
use crate::value::Value;

use super::super::recover::claimed;
use super::Run;

/// How often a create is sent, as long as each time it surely made nothing.
const MOST_SENDINGS: u32 = 4;

/// What the vendor says of a create whose answer was lost.
enum Looked {
    /// It is settled, or stays open.
    Settled(Result<Created<Value>, ProviderError>),
    /// It made nothing.
    Absent(ProviderError),
}

impl Run<'_> {
    /// Sends a create. Where its answer is lost, the vendor is asked what became of it; where it made
    /// nothing, it is sent again.
    pub(super) async fn send(
        &self,
        client: &dyn DynResource,
        cx: &Context,
        planned: &Value,
        search: &serde_json::Value,
        intent: IntentId,
    ) -> Result<Created<Value>, ProviderError> {
        let world = &self.engine.world;
        let (mut sent, mut wait) = (0, Duration::from_secs(1));
        loop {
            sent += 1;
            let error = match client.create(cx, planned, search).await {
                Err(error) if error.kind == ErrorKind::OutcomeUnknown => error,
                other => return other,
            };
            let error = match self.look_again(client, cx, planned, intent, error).await {
                Looked::Settled(result) => return result,
                Looked::Absent(error) => error,
            };
            // A handle belongs to one sending: with another one, nobody could tell whose it is.
            let open = self.session.open_intent(intent);
            let has_handle = open.is_none_or(|open| open.accepted.is_some());
            if has_handle || sent == MOST_SENDINGS || world.cancel.is_requested() {
                return Err(error);
            }
            world.clock.sleep(wait).await;
            wait *= 2;
        }
    }

    async fn look_again(
        &self,
        client: &dyn DynResource,
        cx: &Context,
        planned: &Value,
        intent: IntentId,
        error: ProviderError,
    ) -> Looked {
        let Some(open) = self.session.open_intent(intent) else {
            return Looked::Settled(Err(error));
        };
        let cx = cx.clone().claiming(claimed(&self.session, intent));
        let recovery = client.recover(&cx, planned, &open.search, open.accepted.as_ref()).await;
        let (message, help) = match recovery {
            Ok(Recovery::Found(object)) => return Looked::Settled(Ok(Created::Ready(object))),
            Ok(Recovery::Tainted(object, error)) => {
                return Looked::Settled(Ok(Created::Tainted(object, error)));
            }
            Ok(Recovery::Absent) => {
                return Looked::Absent(ProviderError {
                    kind: ErrorKind::Unavailable,
                    message: format!("{} The vendor was asked: nothing was made.", error.message),
                    help: Some("run the same command again".to_owned()),
                    ..error
                });
            }
            Ok(Recovery::Uncertain(reason)) => (
                format!("{} {reason}", error.message),
                "run `snapform recover` to see what is known and to settle it",
            ),
            Err(second) => (
                format!(
                    "{} Looking for what it made failed as well: {}",
                    error.message, second.message
                ),
                "run the same command again: it looks first, and does not repeat the request",
            ),
        };
        Looked::Settled(Err(ProviderError { message, help: Some(help.to_owned()), ..error }))
    }
}
