//! `apsara_ecs_snapshot`: a snapshot of one disk, kept for ever or for some days.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::schema::{Problem, Schema};
use crate::sdk::http::Poll;
use crate::sdk::{
    Context, Created, Deletion, EXPIRES_AT, ErrorKind, Intended, Obstacle, ProviderError, Reading,
    Recovery, Resource, one_each, the_one,
};
use crate::value::{Key, Number, Type, Value};
use crate::world::Timestamp;

use super::answer::{CREATING, PROCESSING};
use super::arguments::{self, Arguments};
use super::client::{Api, BULK, parameters, put_tags};
use super::foresight;
use super::object::{Accepted, Object, Recorded};
use super::recovery::{self, Intent};
use super::signing::Parameters;

const RETENTION: &str = "retention_days";
/// For so long after a create a read may still show the time before it.
pub(super) const GRACE: Duration = Duration::from_secs(30);
/// How long a disk or server in an unfit status is given to become fit.
const UNFIT_PATIENCE: Duration = Duration::from_mins(3);
const CREATE_PATIENCE: Duration = Duration::from_mins(30);
const DELETE_PATIENCE: Duration = Duration::from_mins(10);

pub(super) struct EcsSnapshot {
    pub(super) api: Arc<Api>,
}

impl Resource for EcsSnapshot {
    const TYPE: &'static str = "apsara_ecs_snapshot";
    const EXCLUSIVE_BY: Option<&'static str> = Some("disk_id");
    const UPDATES: bool = true;
    const AT_TIMES_IN_PLACE: &'static [&'static str] = &[RETENTION];
    const FORESEES: bool = true;
    type Arguments = Arguments;
    type Object = Object;
    type Intent = Intent;

    fn schema() -> Schema {
        Schema::new(
            "A snapshot of one Apsara Stack ECS disk, kept for ever or for some days.",
            arguments::attributes(),
        )
        .timeouts(&["create", "delete"])
    }

    fn validate(arguments: &Value, _now: Timestamp) -> Vec<Problem> {
        arguments::validate(arguments)
    }

    /// More days, natively: the page `ModifySnapshotAttribute` of public ECS. The portal's page has no days.
    fn changes_in_place(&self, argument: &str, prior: &Value, planned: &Value) -> bool {
        let days = |value: &Value| value.as_number().and_then(Number::as_u64);
        let grows = days(prior).zip(days(planned)).is_some_and(|(prior, planned)| planned > prior);
        argument == RETENTION && grows && self.api.is_native()
    }

    fn plan(prior: Option<&Value>, planned: Value) -> Value {
        let days = |value: &Value| value.attribute(RETENTION).map(Value::reveal);
        if prior.is_none_or(|prior| days(prior) == days(&planned)) {
            return planned;
        }
        let entries = planned.entries().unwrap_or_default().iter().map(|(name, value)| {
            let moves = &**name == EXPIRES_AT;
            (Key::clone(name), if moves { Value::unknown(Type::String) } else { value.clone() })
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
        recovery::prepare(self, cx, arguments).await
    }

    async fn create(
        &self,
        cx: &Context,
        arguments: Arguments,
        intent: &Intent,
    ) -> Result<Created<Object>, ProviderError> {
        let snapshot_id = self.order(cx, &arguments, intent).await?;
        cx.accepted(&Accepted { snapshot_id: Some(snapshot_id.clone()) })
            .await
            .map_err(still_open)?;
        let recorded = Recorded::new(&arguments, &intent.client_token);
        self.settle(cx, &snapshot_id, &recorded).await.map_err(still_open)
    }

    fn imported(id: &str) -> Result<Object, String> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if id.is_empty() || !id.bytes().all(allowed) {
            return Err(format!(
                "`{id}` is no id of a snapshot. Apsara's ids begin with `s-`, as \
                 `DescribeSnapshots` lists them."
            ));
        }
        Ok(Object::imported(id))
    }

    fn advise_import(object: &Value) -> Vec<Problem> {
        let made_by = object.attribute("snapshot_type").and_then(Value::as_str);
        let by_policy = made_by.filter(|made_by| matches!(*made_by, "auto" | "timer"));
        by_policy
            .map(|made_by| {
                Problem::advice(
                    "id",
                    format!(
                        "A policy made this snapshot (`{made_by}`) and may delete it at any time."
                    ),
                )
                .help("leave it to the policy, and declare a snapshot of your own")
            })
            .into_iter()
            .collect()
    }

    async fn read(&self, cx: &Context, prior: Object) -> Result<Reading<Object>, ProviderError> {
        let readings = self.read_bulk(cx, std::slice::from_ref(&prior)).await?;
        the_one(readings)
    }

    async fn read_many(
        &self,
        cx: &Context,
        priors: Vec<Object>,
    ) -> Vec<Result<Reading<Object>, ProviderError>> {
        let mut readings = Vec::with_capacity(priors.len());
        for bulk in priors.chunks(BULK) {
            readings.extend(one_each(bulk.len(), self.read_bulk(cx, bulk).await));
        }
        readings
    }

    async fn update(
        &self,
        _cx: &Context,
        prior: Object,
        arguments: Arguments,
    ) -> Result<Object, ProviderError> {
        let mut change = parameters([("SnapshotId", prior.id.clone())]);
        if let Some(name) =
            arguments.name.as_ref().filter(|name| Some(*name) != prior.name.as_ref())
        {
            change.insert("SnapshotName".to_owned(), name.clone());
        }
        let description = arguments.description.clone().unwrap_or_default();
        if description != prior.description.clone().unwrap_or_default() {
            change.insert("Description".to_owned(), description);
        }
        if arguments.retention_days != prior.retention_days {
            let days = arguments.retention_days.map(|days| days.to_string());
            change.extend(days.map(|days| ("RetentionDays".to_owned(), days)));
        }
        if change.len() > 1 {
            self.api.modify_snapshot(&change).await?;
        }
        self.update_tags(&prior, &arguments).await?;
        let token = prior.client_token.clone().unwrap_or_default();
        let recorded = Recorded::new(&arguments, &token).marked_by(self.api.marker_key.as_deref());
        let found = self.api.snapshot(&prior.id).await?;
        found.map(|snapshot| Object::of(snapshot, &recorded)).ok_or_else(|| {
            ProviderError::new(
                ErrorKind::NotFound,
                "DescribeSnapshots",
                format!("Snapshot `{}` is gone after the change.", prior.id),
            )
        })
    }

    async fn delete(&self, cx: &Context, prior: Object) -> Result<Deletion, ProviderError> {
        const OPERATION: &str = "DeleteSnapshot";
        let poll = Poll::seconds(1, 15, cx.timeout("delete", DELETE_PATIENCE));
        let force = prior.force_delete.unwrap_or(false);
        poll.until(&cx.world, OPERATION, || async {
            match self.api.delete_snapshot(&prior.id, force).await {
                Ok(()) => Ok(Some(())),
                // The operation's page says that a missing id is ignored, its table has this code.
                Err(error) if error.kind == ErrorKind::NotFound => Ok(Some(())),
                Err(error) if passes_before_delete(&error) => {
                    cx.progress("waiting to delete");
                    Ok(None)
                }
                Err(error) => Err(error),
            }
        })
        .await?;
        poll.until(&cx.world, OPERATION, || async {
            if self.api.snapshot(&prior.id).await?.is_none() {
                return Ok(Some(()));
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

impl EcsSnapshot {
    pub(super) fn new(api: Arc<Api>) -> Self {
        Self { api }
    }

    /// Sends the create, again while the disk is busy with something that passes, and finds out
    /// the id.
    async fn order(
        &self,
        cx: &Context,
        arguments: &Arguments,
        intent: &Intent,
    ) -> Result<String, ProviderError> {
        let order = order(arguments, intent);
        let started = cx.world.clock.now();
        let poll = Poll::seconds(1, 20, cx.timeout("create", CREATE_PATIENCE));
        poll.until(&cx.world, "CreateSnapshot", || async {
            match self.api.create_snapshot(&order).await {
                Ok(Some(id)) => Ok(Some(id)),
                Ok(None) => {
                    cx.accepted(&Accepted { snapshot_id: None }).await.map_err(still_open)?;
                    let id = self.id_without_answer(cx, arguments, intent, &order).await;
                    id.map(Some).map_err(still_open)
                }
                Err(error) => {
                    let waited = cx.world.clock.now().since(started);
                    if passes_before_create(&error, waited) {
                        cx.progress("waiting for the disk");
                        Ok(None)
                    } else {
                        Err(error)
                    }
                }
            }
        })
        .await
    }

    /// The create was accepted and its answer holds no id, as on the seed's page: searches, then
    /// repeats the very same request once, because that changes nothing where tokens count.
    async fn id_without_answer(
        &self,
        cx: &Context,
        arguments: &Arguments,
        intent: &Intent,
        order: &Parameters,
    ) -> Result<String, ProviderError> {
        cx.progress("looking for the id of the new snapshot");
        if let Some(id) = recovery::id_of_accepted(self, cx, arguments, intent).await? {
            return Ok(id);
        }
        if let Ok(Some(id)) = self.api.create_snapshot(order).await {
            return Ok(id);
        }
        recovery::id_of_accepted(self, cx, arguments, intent).await?.ok_or_else(|| {
            ProviderError::new(
                ErrorKind::OutcomeUnknown,
                "CreateSnapshot",
                format!(
                    "Apsara accepted a snapshot of disk `{}`, gave no id and does not list it.",
                    arguments.disk_id
                ),
            )
            .help("look for it in the console; the next run looks for it too")
        })
    }

    /// Waits until the snapshot `id` is ready or has failed.
    pub(super) async fn settle(
        &self,
        cx: &Context,
        id: &str,
        recorded: &Recorded<'_>,
    ) -> Result<Created<Object>, ProviderError> {
        let started = cx.world.clock.now();
        let poll = Poll::seconds(1, 20, cx.timeout("create", CREATE_PATIENCE));
        let snapshot = poll
            .until(&cx.world, "CreateSnapshot", || async {
                match self.api.snapshot(id).await? {
                    Some(snapshot) if snapshot.status != "progressing" => Ok(Some(snapshot)),
                    Some(snapshot) => {
                        let percent = snapshot.progress.unwrap_or_default().replace('%', " %");
                        cx.progress(format!("creating, {percent}").trim_end_matches(", "));
                        Ok(None)
                    }
                    None if cx.world.clock.now().since(started) > GRACE => Err(vanished(id)),
                    None => Ok(None),
                }
            })
            .await?;
        let failed = snapshot.status == "failed";
        let recorded = recorded.marked_by(self.api.marker_key.as_deref());
        let object = Object::of(snapshot, &recorded);
        if failed {
            let message = format!("Apsara could not make snapshot `{id}`: its status is `failed`.");
            let error = ProviderError::new(ErrorKind::Failed, "CreateSnapshot", message);
            return Ok(Created::Tainted(object, error));
        }
        Ok(Created::Ready(object))
    }

    async fn update_tags(
        &self,
        prior: &Object,
        arguments: &Arguments,
    ) -> Result<(), ProviderError> {
        let (had, wanted) = (prior.tags.as_ref(), arguments.tags.as_ref());
        let old = |key: &str| had.and_then(|tags| tags.get(key));
        let removed: Vec<_> = had
            .into_iter()
            .flat_map(BTreeMap::keys)
            .filter(|key| wanted.is_none_or(|tags| !tags.contains_key(*key)))
            .map(String::as_str)
            .collect();
        let changed: BTreeMap<_, _> = wanted
            .into_iter()
            .flatten()
            .filter(|(key, value)| old(key) != Some(*value))
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .collect();
        if !removed.is_empty() {
            self.api.untag(&prior.id, &removed).await?;
        }
        if !changed.is_empty() {
            self.api.tag(&prior.id, &changed).await?;
        }
        Ok(())
    }

    async fn read_bulk(
        &self,
        cx: &Context,
        priors: &[Object],
    ) -> Result<Vec<Reading<Object>>, ProviderError> {
        let ids: Vec<_> = priors.iter().map(|prior| &*prior.id).collect();
        let snapshots = self.api.snapshots_by_id(&ids).await?;
        let found: BTreeMap<_, _> =
            snapshots.into_iter().map(|found| (found.snapshot_id.clone(), found)).collect();
        let now = cx.world.clock.now();
        let reading = |prior: &Object| match found.get(&prior.id) {
            Some(snapshot) => {
                let recorded = prior.recorded().marked_by(self.api.marker_key.as_deref());
                let object = Object::of(snapshot.clone(), &recorded);
                if snapshot.status == "failed" {
                    Reading::Failed(object, "its status is `failed`".to_owned())
                } else {
                    Reading::Present(object)
                }
            }
            None if prior.expires_at.is_some_and(|end| end <= now) => Reading::Expired,
            None => Reading::Gone,
        };
        Ok(priors.iter().map(reading).collect())
    }
}

/// The parameters of a create, the same for every repetition of it.
fn order(arguments: &Arguments, intent: &Intent) -> Parameters {
    let mut order = parameters([
        ("DiskId", arguments.disk_id.clone()),
        ("ClientToken", intent.client_token.clone()),
    ]);
    let optional = [
        ("SnapshotName", arguments.name.clone()),
        ("Description", arguments.description.clone().filter(|text| !text.is_empty())),
        ("Category", arguments.category.clone()),
        ("RetentionDays", arguments.retention_days.map(|days| days.to_string())),
    ];
    for (name, value) in optional {
        order.extend(value.map(|value| (name.to_owned(), value)));
    }
    let marker = intent.marker.iter().map(|marker| (marker.key.as_str(), marker.value.as_str()));
    let tags = arguments.tags.iter().flatten();
    put_tags(&mut order, tags.map(|(key, value)| (key.as_str(), value.as_str())).chain(marker));
    order
}

fn passes_before_create(error: &ProviderError, waited: Duration) -> bool {
    match error.code.as_deref() {
        Some(CREATING | PROCESSING) => true,
        Some(
            "IncorrectDiskStatus"
            | "IncorrectDiskStatus.Invalid"
            | "IncorrectDiskStatus.Transferring"
            | "IncorrectInstanceStatus",
        ) => waited < UNFIT_PATIENCE,
        _ => false,
    }
}

fn passes_before_delete(error: &ProviderError) -> bool {
    matches!(
        error.code.as_deref(),
        Some(CREATING | "Operation.Conflict" | "InvalidOperation.RelatedSnapshotNotFinished")
    )
}

/// The vendor has the order: whatever goes wrong from here on, the snapshot is there or will be.
fn still_open(error: ProviderError) -> ProviderError {
    ProviderError { kind: ErrorKind::OutcomeUnknown, ..error }
}

fn vanished(id: &str) -> ProviderError {
    ProviderError::new(
        ErrorKind::OutcomeUnknown,
        "CreateSnapshot",
        format!("Apsara gave the id `{id}` to the new snapshot and does not list it."),
    )
    .help("look for it in the console; the next run looks for it too")
}
