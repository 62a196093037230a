//! `zenlayer_disk_snapshot`: a snapshot of one disk, kept for ever or until an instant.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::schema::{Problem, Schema};
use crate::sdk::http::Poll;
use crate::sdk::{
    Context, Created, Deletion, ErrorKind, Intended, Obstacle, ProviderError, Reading, Recovery,
    Resource, one_each, the_one,
};
use crate::value::{Key, Value};
use crate::world::Timestamp;

use super::arguments::{self, Arguments, LEAST_RETENTION, retention_of, retention_problem};
use super::client::{Api, BULK, DISK_STATUS, SNAPSHOT_STATUS};
use super::foresight::{self, FIT, PASSING};
use super::recovery::{self, Intent};
use super::wire::{CreateSnapshot, DescribedSnapshot, ModifySnapshots, write_time};

/// An apply comes later than its plan; below this much more a warning says so.
const PLAN_MARGIN: Duration = Duration::from_mins(15);
/// For so long after a create or delete a read may still show the time before it.
pub(super) const GRACE: Duration = Duration::from_secs(30);
pub(super) const CREATE_PATIENCE: Duration = Duration::from_mins(20);
const DELETE_PATIENCE: Duration = Duration::from_mins(10);

pub(super) struct DiskSnapshot {
    pub(super) api: Arc<Api>,
}

/// All but the id may be absent, as it is right after an import.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq, Eq)]
pub(super) struct Object {
    pub(super) id: String,
    disk_id: Option<String>,
    pub(super) name: Option<String>,
    retention_time: Option<Timestamp>,
    expires_at: Option<Timestamp>,
    resource_group_id: Option<String>,
    pub(super) status: Option<String>,
    zone_id: Option<String>,
    snapshot_type: Option<String>,
    create_time: Option<String>,
    disk_ability: Option<bool>,
}

impl Object {
    /// Every object that was read or made before has a disk.
    fn is_import(&self) -> bool {
        self.disk_id.is_none()
    }
}

/// The handle of an accepted create.
#[derive(Serialize, Deserialize)]
pub(super) struct Accepted {
    pub(super) snapshot_id: String,
}

impl From<DescribedSnapshot> for Object {
    fn from(snapshot: DescribedSnapshot) -> Self {
        let end = snapshot
            .retention_time
            .as_deref()
            .and_then(|text| Timestamp::parse_lenient(text).ok().map(Timestamp::whole_seconds));
        let group = snapshot.resource_group.and_then(|group| group.resource_group_id);
        Self {
            id: snapshot.snapshot_id,
            disk_id: snapshot.disk_id,
            name: snapshot.snapshot_name,
            retention_time: end,
            expires_at: end,
            resource_group_id: group.or(snapshot.resource_group_id),
            status: Some(snapshot.status),
            zone_id: snapshot.zone_id,
            snapshot_type: snapshot.snapshot_type,
            create_time: snapshot.create_time,
            disk_ability: snapshot.disk_ability,
        }
    }
}

impl Resource for DiskSnapshot {
    const TYPE: &'static str = "zenlayer_disk_snapshot";
    const EXCLUSIVE_BY: Option<&'static str> = Some("disk_id");
    const UPDATES: bool = true;
    const FORESEES: bool = true;
    type Arguments = Arguments;
    type Object = Object;
    type Intent = Intent;

    fn schema() -> Schema {
        Schema::new(
            "A snapshot of one Zenlayer disk, kept for ever or until an instant.",
            arguments::attributes(),
        )
        .timeouts(&["create", "delete"])
    }

    fn validate(arguments: &Value, now: Timestamp) -> Vec<Problem> {
        let mut problems = Vec::new();
        let text = |name: &str| arguments.attribute(name).map(Value::reveal);
        if let Some(disk) = text("disk_id")
            && let Some(disk) = disk.as_str()
            && !disk.is_empty()
            && !disk.bytes().all(|byte| byte.is_ascii_digit())
        {
            problems.push(
                Problem::advice("disk_id", format!("`{disk}` does not look like a disk's id."))
                    .help(
                        "ids of Zenlayer disks are 18 or 19 digits, as `DescribeDisks` lists them",
                    ),
            );
        }
        // No more than a warning here: a retention time that stays may well be near or past.
        if let Some(end) = retention_of(arguments)
            && end < now.saturating_add(LEAST_RETENTION + PLAN_MARGIN)
        {
            problems.push(
                Problem::advice(
                    "retention_time",
                    "The retention time is over or will be in about a day.",
                )
                .help("Zenlayer takes a new one only when it is at least 24 hours ahead"),
            );
        }
        problems
    }

    fn validate_change(prior: Option<&Value>, planned: &Value, now: Timestamp) -> Vec<Problem> {
        let Some(end) = retention_of(planned) else { return Vec::new() };
        if prior.and_then(retention_of) == Some(end) {
            return Vec::new();
        }
        retention_problem(end, now).into_iter().collect()
    }

    fn plan(_prior: Option<&Value>, planned: Value) -> Value {
        // The end is known as soon as the argument is; after a change the recorded one is stale.
        let end = planned.attribute("retention_time").cloned().unwrap_or(Value::NULL);
        let entries = planned.entries().unwrap_or_default().iter().map(|(name, value)| {
            let value = if &**name == "expires_at" { &end } else { value };
            (Key::clone(name), value.clone())
        });
        Value::object(entries.collect::<Vec<_>>())
    }

    async fn foresee(
        &self,
        _cx: &Context,
        intended: &Intended<Arguments, Object>,
    ) -> Result<Vec<Obstacle>, ProviderError> {
        foresight::foresee(&self.api, intended).await
    }

    async fn prepare(&self, cx: &Context, arguments: &Arguments) -> Result<Intent, ProviderError> {
        check_retention("CreateSnapshot", cx, arguments)?;
        recovery::prepare(self, cx, arguments).await
    }

    async fn create(
        &self,
        cx: &Context,
        arguments: Arguments,
        intent: &Intent,
    ) -> Result<Created<Object>, ProviderError> {
        let snapshot_id = self.order(cx, &arguments, intent.name(&arguments)).await?;
        cx.accepted(&Accepted { snapshot_id: snapshot_id.clone() }).await.map_err(still_open)?;
        let created = self.settle(cx, &snapshot_id).await.map_err(still_open)?;
        recovery::unmark(self, &arguments, created).await.map_err(still_open)
    }

    fn imported(id: &str) -> Result<Object, String> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if id.is_empty() || !id.bytes().all(allowed) {
            return Err(format!(
                "`{id}` is no id of a snapshot. Zenlayer's ids are digits, as `DescribeSnapshots` \
                 lists them."
            ));
        }
        Ok(Object { id: id.to_owned(), ..Object::default() })
    }

    async fn read(&self, cx: &Context, prior: Object) -> Result<Reading<Object>, ProviderError> {
        let readings = self.read_bulk(cx, std::slice::from_ref(&prior)).await?;
        the_one(readings)?
    }

    async fn read_many(
        &self,
        cx: &Context,
        priors: Vec<Object>,
    ) -> Vec<Result<Reading<Object>, ProviderError>> {
        let mut readings = Vec::with_capacity(priors.len());
        for bulk in priors.chunks(BULK) {
            let read = one_each(bulk.len(), self.read_bulk(cx, bulk).await);
            readings.extend(read.into_iter().map(|reading| reading?));
        }
        readings
    }

    async fn update(
        &self,
        cx: &Context,
        prior: Object,
        arguments: Arguments,
    ) -> Result<Object, ProviderError> {
        let renamed = prior.name.as_deref() != Some(&*arguments.name);
        let retained = prior.retention_time != arguments.retention_time;
        if retained {
            check_retention("ModifySnapshotsAttribute", cx, &arguments)?;
        }
        if renamed || retained {
            let end = arguments.retention_time.filter(|_| retained);
            let change = ModifySnapshots {
                snapshot_ids: [&prior.id],
                snapshot_name: renamed.then_some(&*arguments.name),
                retention_time: end.map(write_time),
                // Leaving the time out keeps it, and both together are not documented.
                is_permanent: (retained && end.is_none()).then_some(true),
            };
            self.api.modify_snapshot(&change).await?;
        }
        self.api.snapshot(&prior.id).await?.map(Object::from).ok_or_else(|| {
            ProviderError::new(
                ErrorKind::NotFound,
                "DescribeSnapshots",
                format!("Snapshot `{}` is gone after the change.", prior.id),
            )
        })
    }

    async fn delete(&self, cx: &Context, prior: Object) -> Result<Deletion, ProviderError> {
        let patience = cx.timeout("delete", DELETE_PATIENCE);
        let poll = Poll::seconds(1, 15, patience);
        let begun =
            poll.until(&cx.world, "DeleteSnapshots", || self.begin_delete(cx, &prior.id)).await?;
        if begun == Begun::Gone {
            return Ok(Deletion::Deleted);
        }
        let started = cx.world.clock.now();
        poll.until(&cx.world, "DeleteSnapshots", || async {
            let Some(snapshot) = self.api.snapshot(&prior.id).await? else { return Ok(Some(())) };
            let waited = cx.world.clock.now().since(started);
            if snapshot.status != "DELETING" && waited > GRACE {
                return Err(ProviderError::new(
                    ErrorKind::Failed,
                    "DeleteSnapshots",
                    format!(
                        "The delete of snapshot `{}` came to nothing; its status is `{}`.",
                        prior.id, snapshot.status
                    ),
                )
                .help("look at the snapshot in the console, then apply again"));
            }
            cx.progress("deleting");
            Ok(None)
        })
        .await?;
        Ok(Deletion::Deleted)
    }

    async fn recover(
        &self,
        cx: &Context,
        arguments: Arguments,
        intent: Intent,
        accepted: Option<serde_json::Value>,
    ) -> Result<Recovery<Object>, ProviderError> {
        recovery::recover(self, cx, &arguments, &intent, accepted).await
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Begun {
    Deleting,
    Gone,
}

impl DiskSnapshot {
    pub(super) fn new(api: Arc<Api>) -> Self {
        Self { api }
    }

    /// Sends the create, again while the disk is busy with something that passes.
    async fn order(
        &self,
        cx: &Context,
        arguments: &Arguments,
        name: &str,
    ) -> Result<String, ProviderError> {
        let order = CreateSnapshot {
            disk_id: &arguments.disk_id,
            snapshot_name: name,
            retention_time: arguments.retention_time.map(write_time),
        };
        let poll = Poll::seconds(1, 20, cx.timeout("create", CREATE_PATIENCE));
        let surprises = AtomicU32::new(0);
        poll.until(&cx.world, "CreateSnapshot", || async {
            match self.api.create_snapshot(&order).await {
                Ok(id) => Ok(Some(id)),
                Err(error) if error.code.as_deref() == Some(DISK_STATUS) => self
                    .wait_for_disk(cx, &arguments.disk_id, &surprises, error)
                    .await
                    .map(|()| None),
                Err(error) => Err(error),
            }
        })
        .await
    }

    /// Gives an error where waiting for the disk is of no use.
    async fn wait_for_disk(
        &self,
        cx: &Context,
        disk_id: &str,
        surprises: &AtomicU32,
        mut refused: ProviderError,
    ) -> Result<(), ProviderError> {
        let Ok(Some(disk)) = self.api.disk(disk_id).await else { return Err(refused) };
        let status = disk.disk_status.unwrap_or_default();
        if disk.snapshot_ability == Some(false) {
            refused.message =
                format!("Disk `{disk_id}` cannot be snapshotted: its `snapshotAbility` is false.");
            refused.help = Some("choose a disk that supports snapshots".to_owned());
            return Err(refused);
        }
        match status.as_str() {
            passing if PASSING.contains(&passing) => {
                cx.progress(&format!("waiting for the disk, now {status}"));
                Ok(())
            }
            // It may have become fit between the two calls, but not time and again.
            fit if FIT.contains(&fit) && surprises.fetch_add(1, Ordering::Relaxed) < 3 => Ok(()),
            _ => {
                refused.message =
                    format!("Disk `{disk_id}` is in status `{status}`, which allows no snapshot.");
                Err(refused)
            }
        }
    }

    /// Waits until the snapshot `id` is ready or has failed.
    pub(super) async fn settle(
        &self,
        cx: &Context,
        id: &str,
    ) -> Result<Created<Object>, ProviderError> {
        let started = cx.world.clock.now();
        let poll = Poll::seconds(1, 15, cx.timeout("create", CREATE_PATIENCE));
        let snapshot = poll
            .until(&cx.world, "CreateSnapshot", || async {
                match self.api.snapshot(id).await? {
                    Some(snapshot) if snapshot.status != "CREATING" => Ok(Some(snapshot)),
                    None if cx.world.clock.now().since(started) > GRACE => Err(vanished(id)),
                    _ => {
                        cx.progress("creating");
                        Ok(None)
                    }
                }
            })
            .await?;
        let status = snapshot.status.clone();
        let object = Object::from(snapshot);
        if matches!(status.as_str(), "FAILED" | "DELETING") {
            let message = format!("Snapshot `{id}` is of no use: its status is `{status}`.");
            let error = ProviderError::new(ErrorKind::Failed, "CreateSnapshot", message);
            return Ok(Created::Tainted(object, error));
        }
        Ok(Created::Ready(object))
    }

    async fn begin_delete(&self, cx: &Context, id: &str) -> Result<Option<Begun>, ProviderError> {
        match self.api.delete_snapshot(id).await {
            Ok(()) => Ok(Some(Begun::Deleting)),
            Err(error) if error.kind == ErrorKind::NotFound => Ok(Some(Begun::Gone)),
            Err(error) if error.code.as_deref() == Some(SNAPSHOT_STATUS) => {
                match self.api.snapshot(id).await?.map(|snapshot| snapshot.status).as_deref() {
                    None => Ok(Some(Begun::Gone)),
                    Some("DELETING") => Ok(Some(Begun::Deleting)),
                    Some("FAILED") => Err(error),
                    Some(status) => {
                        cx.progress(&format!("waiting to delete, now {status}"));
                        Ok(None)
                    }
                }
            }
            Err(error) => Err(error),
        }
    }

    async fn read_bulk(
        &self,
        cx: &Context,
        priors: &[Object],
    ) -> Result<Vec<Result<Reading<Object>, ProviderError>>, ProviderError> {
        let ids = priors.iter().map(|prior| &*prior.id).collect();
        let snapshots = self.api.snapshots_by_id(ids).await?;
        let found: BTreeMap<_, _> =
            snapshots.into_iter().map(|found| (found.snapshot_id.clone(), found)).collect();
        let now = cx.world.clock.now();
        let reading = |prior: &Object| {
            Ok(match found.get(&prior.id) {
                Some(snapshot) if snapshot.status == "DELETING" => Reading::Gone,
                Some(snapshot) if prior.is_import() && snapshot.is_automatic() => {
                    return Err(made_by_policy(&prior.id));
                }
                Some(snapshot) if snapshot.status == "FAILED" => {
                    Reading::Failed(snapshot.clone().into(), "its status is `FAILED`".to_owned())
                }
                Some(snapshot) => Reading::Present(snapshot.clone().into()),
                None if prior.retention_time.is_some_and(|end| end <= now) => Reading::Expired,
                None => Reading::Gone,
            })
        };
        Ok(priors.iter().map(reading).collect())
    }
}

/// The vendor has the order: whatever goes wrong from here on, the snapshot is there or will be.
fn still_open(error: ProviderError) -> ProviderError {
    ProviderError { kind: ErrorKind::OutcomeUnknown, ..error }
}

pub(super) fn vanished(id: &str) -> ProviderError {
    ProviderError::new(
        ErrorKind::OutcomeUnknown,
        "CreateSnapshot",
        format!("Zenlayer gave the id `{id}` to the new snapshot and does not list it."),
    )
    .help("look for it in the console; the next run looks for it too")
}

/// A policy also deletes what it made, and makes the next one: nothing to keep as declared.
fn made_by_policy(id: &str) -> ProviderError {
    ProviderError::new(
        ErrorKind::Unsupported,
        "import",
        format!("Snapshot `{id}` was made by a policy for snapshots, which also deletes it."),
    )
    .help("import snapshots that somebody ordered; read others with `zenlayer_disk_snapshots`")
}

fn check_retention(
    operation: &str,
    cx: &Context,
    arguments: &Arguments,
) -> Result<(), ProviderError> {
    let end = arguments.retention_time;
    let problem = end.and_then(|end| retention_problem(end, cx.world.clock.now()));
    problem.map_or(Ok(()), |problem| {
        let mut error = ProviderError::new(ErrorKind::Refused, operation, problem.message)
            .attribute("retention_time");
        error.help = problem.help;
        Err(error)
    })
}
