//! Waiting for jobs, and then for the server to show what they did.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::sdk::http::Poll;
use crate::sdk::{Context, ErrorKind, ProviderError};

use super::client::Cloud;
use super::wire::{Server, ServerSnapshot};

/// How long the server's list may lag behind a job that succeeded; the vendor's own module waits
/// as long.
const LAG: Duration = Duration::from_mins(10);

/// How a job ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// As wanted.
    Succeeded,
    /// Without a reason; the vendor gives none.
    Failed,
    /// The vendor no longer knows the job.
    Forgotten,
}

/// Which server is meant.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) alias: &'a str,
    pub(super) server_id: &'a str,
}

fn poll(patience: Duration) -> Poll {
    Poll::seconds(1, 15, patience)
}

/// Waits for the end of a job. `done` looks whether its work shows, for the status `unknown`.
pub(super) async fn job<F>(
    cloud: &Cloud,
    cx: &Context,
    alias: &str,
    status_id: &str,
    patience: Duration,
    done: impl Fn() -> F + Sync,
) -> Result<Ended, ProviderError>
where
    F: Future<Output = Result<bool, ProviderError>> + Send,
{
    let last = Mutex::new(String::new());
    let poll = poll(patience);
    let ended = poll.until(&cx.world, "Get Status", || async {
        let Some(status) = cloud.status(alias, status_id).await? else {
            return Ok(Some(Ended::Forgotten));
        };
        cx.progress(&status);
        status.clone_into(&mut last.lock().unwrap_or_else(PoisonError::into_inner));
        Ok(match &*status {
            "succeeded" => Some(Ended::Succeeded),
            "failed" => Some(Ended::Failed),
            // Vendor clients disagree about this word, so the server decides.
            "unknown" => done().await?.then_some(Ended::Succeeded),
            _ => None,
        })
    });
    ended.await.map_err(|mut error| {
        if error.kind == ErrorKind::TimedOut {
            let status = last.lock().unwrap_or_else(PoisonError::into_inner);
            error.message = format!("{} The job `{status_id}` is still `{status}`.", error.message);
        }
        error
    })
}

/// The snapshot of a server that is not among `known`.
pub(super) fn newcomer<'s>(
    server: &'s Server,
    known: &BTreeSet<String>,
) -> Option<&'s ServerSnapshot> {
    let snapshots = server.snapshots().unwrap_or_default();
    snapshots.iter().find(|snapshot| snapshot.id().is_some_and(|id| !known.contains(id)))
}

/// Waits until the server shows a snapshot that is not among `known`.
pub(super) async fn arrival(
    cloud: &Cloud,
    cx: &Context,
    place: Place<'_>,
    known: &BTreeSet<String>,
) -> Result<ServerSnapshot, ProviderError> {
    poll(LAG)
        .until(&cx.world, "Get Server", || async {
            let look = cloud.server(place.alias, place.server_id).await?;
            Ok(look.server.as_ref().and_then(|server| newcomer(server, known)).cloned())
        })
        .await
        .map_err(|error| match error.kind {
            ErrorKind::TimedOut => ProviderError::new(
                ErrorKind::NotFound,
                "Get Server",
                format!(
                    "The job has ended, but server `{}` shows no new snapshot.",
                    place.server_id
                ),
            ),
            _ => error,
        })
}

/// Deletes a snapshot by its link and waits until the server no longer shows it.
pub(super) async fn deletion(
    cloud: &Cloud,
    cx: &Context,
    place: Place<'_>,
    snapshot_id: &str,
    href: &str,
    patience: Duration,
) -> Result<(), ProviderError> {
    let is_gone = || async move {
        let server = cloud.server(place.alias, place.server_id).await?.server;
        Ok::<_, ProviderError>(server.is_none_or(|server| {
            server.snapshots().is_some() && server.snapshot(snapshot_id).is_none()
        }))
    };
    let Some(status_id) = cloud.delete(href).await? else { return Ok(()) };
    let ended = job(cloud, cx, place.alias, &status_id, patience, is_gone).await?;
    if ended == Ended::Failed {
        if is_gone().await? {
            return Ok(());
        }
        let message = format!(
            "The job `{status_id}` failed, for which the vendor gives no reason, and snapshot \
             `{snapshot_id}` is still there."
        );
        return Err(ProviderError::new(ErrorKind::Failed, "Delete Snapshot", message)
            .help("look at the server in the control portal, then try again"));
    }
    poll(LAG).until(&cx.world, "Get Server", || async { Ok(is_gone().await?.then_some(())) }).await
}
