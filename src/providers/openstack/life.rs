//! The life of a snapshot, the same through either service: made, looked at, deleted.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::sdk::http::Poll;
use crate::sdk::{Context, Created, Deletion, ErrorKind, ProviderError, Reading, Recovery};

use super::client::{Api, Asked, Cloud, Region};
use super::listing::Reach;
use super::wire::{NewSnapshot, WireSnapshot};

/// Patience unless a `timeouts` block says otherwise.
const PATIENCE: Duration = Duration::from_mins(10);
/// How long a request that is still under way may take to show up in a list.
pub(super) const SECOND_LOOK: Duration = Duration::from_secs(10);

/// A snapshot as state holds it.
pub(super) trait Recorded: Send + Sized {
    /// From what the cloud tells.
    fn of(wire: WireSnapshot, region: &Region) -> Self;
    /// Its region, as it is recorded.
    fn region(&self) -> Option<&str>;
    /// Its id.
    fn id(&self) -> &str;
    /// Its size in GiB.
    fn size(&self) -> u64;
}

/// What the cloud told about a request it took.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Handle {
    /// The snapshot.
    pub(super) id: String,
    /// Where it is.
    pub(super) region: Region,
}

/// Snapshots through one service.
pub(super) struct Life {
    /// The cloud.
    pub(super) cloud: Cloud,
    api: Api,
}

impl Life {
    /// Snapshots of `cloud` through `api`.
    pub(super) fn new(cloud: Cloud, api: Api) -> Self {
        Self { cloud, api }
    }

    /// The region an object lives in.
    pub(super) async fn region(&self, asked: Option<&str>) -> Result<Region, ProviderError> {
        self.cloud.region(self.api, asked).await
    }

    /// Makes a snapshot, notes its id at once and waits until it is done.
    pub(super) async fn create<O: Recorded>(
        &self,
        cx: &Context,
        region: &Region,
        new: NewSnapshot<'_>,
    ) -> Result<Created<O>, ProviderError> {
        let wire = self.cloud.create(self.api, region, new).await?;
        let handle = Handle { id: wire.id, region: region.clone() };
        let unknown = |error| outcome_unknown(error, &handle.id);
        cx.accepted(&handle).await.map_err(unknown)?;
        self.finish(cx, &handle).await.map_err(unknown)
    }

    /// Waits until a snapshot is done, for better or worse.
    async fn finish<O: Recorded>(
        &self,
        cx: &Context,
        handle: &Handle,
    ) -> Result<Created<O>, ProviderError> {
        let Handle { id, region } = handle;
        let poll = poll(cx.timeout("create", PATIENCE));
        let finished = poll
            .until(&cx.world, "create", || async {
                let Some(wire) = self.cloud.show(self.api, region, id).await? else {
                    return Err(ProviderError::new(
                        ErrorKind::NotFound,
                        "create",
                        format!("Snapshot `{id}` disappeared while it was being made."),
                    ));
                };
                cx.progress(&wire.status);
                Ok(matches!(&*wire.status, "available" | "error" | "error_deleting")
                    .then_some(wire))
            })
            .await;
        match finished {
            Ok(wire) if wire.status == "available" => Ok(Created::Ready(O::of(wire, region))),
            Ok(wire) => {
                let error = self.failure(region, &wire).await;
                Ok(Created::Tainted(O::of(wire, region), error))
            }
            Err(error) if error.kind == ErrorKind::TimedOut => {
                match self.cloud.show(self.api, region, id).await? {
                    Some(wire) => Ok(Created::Tainted(O::of(wire, region), error)),
                    None => Err(error),
                }
            }
            Err(error) => Err(error),
        }
    }

    /// Why a snapshot came to nothing, as far as block storage tells.
    async fn failure(&self, region: &Region, wire: &WireSnapshot) -> ProviderError {
        let what = format!("Snapshot `{}` went into status `{}`", wire.id, wire.status);
        let counts = "the failed snapshot counts against the quota until it is deleted";
        let new = |message| ProviderError::new(ErrorKind::Failed, "create", message);
        match self.cloud.reason(region, &wire.id).await {
            Some(reason) => new(format!("{what}. Block storage says: {reason}")).help(counts),
            None => new(format!("{what}.")).help(format!(
                "the reason is in the messages of block storage: \
                 `openstack --os-volume-api-version 3.3 volume message list`; {counts}"
            )),
        }
    }

    /// What became of a snapshot whose id is known.
    pub(super) async fn recover<O: Recorded>(
        &self,
        cx: &Context,
        handle: &Handle,
    ) -> Result<Recovery<O>, ProviderError> {
        match self.finish(cx, handle).await {
            Ok(Created::Ready(object)) => Ok(Recovery::Found(object)),
            Ok(Created::Tainted(object, error)) => Ok(Recovery::Tainted(object, error)),
            Err(error) if error.kind == ErrorKind::NotFound => Ok(Recovery::Absent),
            Err(error) => Err(error),
        }
    }

    /// Looks at one snapshot.
    pub(super) async fn read<O: Recorded>(&self, prior: &O) -> Result<Reading<O>, ProviderError> {
        let region = self.region(prior.region()).await?;
        Ok(reading(self.cloud.show(self.api, &region, prior.id()).await?, &region))
    }

    /// Looks at many snapshots, with one list for each region that has several.
    pub(super) async fn read_many<O: Recorded>(
        &self,
        priors: Vec<O>,
    ) -> Vec<Result<Reading<O>, ProviderError>> {
        let mut counts = BTreeMap::<_, usize>::new();
        for prior in &priors {
            *counts.entry(prior.region().map(str::to_owned)).or_default() += 1;
        }
        let mut listed = BTreeMap::new();
        for (region, _) in counts.into_iter().filter(|(_, count)| *count > 1) {
            let list = self.by_id(region.as_deref()).await;
            listed.insert(region, list);
        }
        let mut readings = Vec::with_capacity(priors.len());
        for prior in priors {
            readings.push(match listed.get(&prior.region().map(str::to_owned)) {
                Some(Err(error)) => Err(error.clone()),
                Some(Ok((region, by_id))) if by_id.contains_key(prior.id()) => {
                    Ok(reading(by_id.get(prior.id()).cloned(), region))
                }
                // A list read in pages can miss what moved meanwhile: a look at the object decides.
                _ => self.read(&prior).await,
            });
        }
        readings
    }

    async fn by_id(
        &self,
        region: Option<&str>,
    ) -> Result<(Region, BTreeMap<String, WireSnapshot>), ProviderError> {
        let region = self.region(region).await?;
        let listing = self.cloud.snapshots(self.api, &region, Reach::All, &[]).await?;
        let by_id = listing.entries.into_iter().map(|wire| (wire.id.clone(), wire)).collect();
        Ok((region, by_id))
    }

    /// Deletes a snapshot and waits until it is gone.
    pub(super) async fn delete<O: Recorded>(
        &self,
        cx: &Context,
        prior: &O,
    ) -> Result<Deletion, ProviderError> {
        let (region, id) = (self.region(prior.region()).await?, prior.id());
        let poll = poll(cx.timeout("delete", PATIENCE));
        if !self.ask_to_delete(cx, &region, id, poll).await? {
            return Ok(Deletion::Deleted);
        }
        poll.until(&cx.world, "delete", || async {
            let Some(wire) = self.cloud.show(self.api, &region, id).await? else {
                return Ok(Some(Deletion::Deleted));
            };
            cx.progress(&wire.status);
            match &*wire.status {
                "error_deleting" => Err(stuck(id)),
                "available" => Err(ProviderError::new(
                    ErrorKind::Failed,
                    "delete",
                    format!(
                        "The storage would not let go of snapshot `{id}`: it is available again."
                    ),
                )
                .help("a volume made from it may still need it")),
                "deleted" => Ok(Some(Deletion::Deleted)),
                _ => Ok(None),
            }
        })
        .await
    }

    /// Asks for the deletion until the cloud takes it; `false` when there is nothing to wait for.
    async fn ask_to_delete(
        &self,
        cx: &Context,
        region: &Region,
        id: &str,
        poll: Poll,
    ) -> Result<bool, ProviderError> {
        let refused_before = AtomicBool::new(false);
        poll.until(&cx.world, "delete", || async {
            match self.cloud.delete(self.api, region, id).await? {
                Asked::Accepted => return Ok(Some(true)),
                Asked::Gone => return Ok(Some(false)),
                Asked::WrongStatus => {}
            }
            let Some(wire) = self.cloud.show(self.api, region, id).await? else {
                return Ok(Some(false));
            };
            match &*wire.status {
                "deleting" => Ok(Some(true)),
                "error_deleting" => Err(stuck(id)),
                // It may have become so between the two requests.
                "available" | "error" if !refused_before.swap(true, Ordering::Relaxed) => Ok(None),
                "available" | "error" => Err(ProviderError::new(
                    ErrorKind::Refused,
                    "delete",
                    format!(
                        "Block storage refuses to delete snapshot `{id}`, which is `{}`.",
                        wire.status
                    ),
                )
                .help("it may be part of a group, or something made from it still needs it")),
                busy => {
                    cx.progress(&format!("waiting, {busy}"));
                    Ok(None)
                }
            }
        })
        .await
    }
}

fn poll(patience: Duration) -> Poll {
    Poll::seconds(1, 5, patience)
}

/// A snapshot that is being deleted counts as gone.
fn reading<O: Recorded>(wire: Option<WireSnapshot>, region: &Region) -> Reading<O> {
    match wire {
        None => Reading::Gone,
        Some(wire) => match &*wire.status {
            "deleting" | "deleted" => Reading::Gone,
            "error" | "error_deleting" => {
                let reason = format!("its status is `{}`", wire.status);
                Reading::Failed(O::of(wire, region), reason)
            }
            _ => Reading::Present(O::of(wire, region)),
        },
    }
}

fn stuck(id: &str) -> ProviderError {
    ProviderError::new(
        ErrorKind::Failed,
        "delete",
        format!("Deleting snapshot `{id}` failed: it is `error_deleting`, and nobody but an administrator can do anything about it."),
    )
    .help("ask an administrator to reset the snapshot's status, then destroy again")
}

/// After the cloud took the request an error no longer means that nothing was made.
fn outcome_unknown(error: ProviderError, id: &str) -> ProviderError {
    if error.kind == ErrorKind::NotFound {
        return error;
    }
    let message =
        format!("Snapshot `{id}` is being made, but it cannot be watched: {}", error.message);
    ProviderError { kind: ErrorKind::OutcomeUnknown, message, ..error }
}
