//! The resource type `ctl_server_snapshot`.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::schema::{Attribute, Problem, Rule, Schema};
use crate::sdk::http::Poll;
use crate::sdk::{
    Context, Created, Deletion, ErrorKind, Intended, Obstacle, ProviderError, Reading, Recovery,
    Replacement, Resource, Unique, one_each,
};
use crate::value::{Type, Value};
use crate::world::Timestamp;

use super::arguments::{
    self, Arguments, alias, computed_attributes, ignoring_case, life, server_id,
};
use super::bulk::{self, Wanted};
use super::client::{Cloud, Look};
use super::foresight;
use super::import;
use super::own::Own;
use super::waiting::{self, Ended, Place, newcomer};
use super::wire::{Server, ServerSnapshot, unknown};

/// Patience unless a `timeouts` block says otherwise.
const PATIENCE: Duration = Duration::from_mins(30);
/// How long a request whose answer was lost may wait behind other jobs before it shows.
const SEARCH: Duration = Duration::from_mins(10);
/// The longest time from sending a create to its job: what is younger may be somebody else's.
const UNDER_WAY: Duration = Duration::from_hours(1);
/// How much the clock that names snapshots may differ from the one that answers.
const SKEW: Duration = Duration::from_secs(10);
/// The snapshot of a server.
pub(super) struct Snapshot {
    cloud: Cloud,
    own: Own,
}

/// A snapshot as state holds it. `replace_existing` is ours alone and is never read back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Object {
    pub(super) server_id: String,
    /// The vendor never tells it.
    pub(super) expiration_days: Option<u64>,
    pub(super) account_alias: Option<String>,
    pub(super) id: String,
    pub(super) snapshot_id: String,
    pub(super) name: Option<String>,
    pub(super) created_at: Option<Timestamp>,
    pub(super) expires_at: Option<Timestamp>,
    pub(super) restore_href: Option<String>,
    pub(super) delete_href: Option<String>,
    pub(super) last_status_id: Option<String>,
}

/// What a search needs after a create whose answer was lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Intent {
    alias: String,
    /// Ids in the server's slot before.
    known: BTreeSet<String>,
    /// The vendor's clock before the create.
    noted_at: Timestamp,
}

/// What the vendor told about a request it took.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Handle {
    status_id: String,
}

impl Object {
    fn has_ended(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}

impl Snapshot {
    /// Snapshots of an account's servers.
    pub(super) fn new(cloud: Cloud) -> Self {
        Self { cloud, own: Own::default() }
    }

    /// Waits for the job of a create and gives what it made.
    async fn finish(
        &self,
        cx: &Context,
        arguments: &Arguments,
        intent: &Intent,
        handle: &Handle,
    ) -> Result<Created<Object>, ProviderError> {
        let place = place(arguments, intent);
        let known = &intent.known;
        let shows = || async move {
            let look = self.cloud.server(place.alias, place.server_id).await?;
            Ok(look.server.is_some_and(|server| newcomer(&server, known).is_some()))
        };
        let status_id = Some(&*handle.status_id);
        let patience = cx.timeout("create", PATIENCE);
        let job = waiting::job(&self.cloud, cx, place.alias, &handle.status_id, patience, shows);
        let error = match job.await {
            Ok(Ended::Failed) => failed(handle),
            // A job that is no longer known has ended: the server shows what it did.
            Ok(Ended::Succeeded | Ended::Forgotten) => {
                let made = waiting::arrival(&self.cloud, cx, place, known).await?;
                return Ok(Created::Ready(object(arguments, intent, &made, status_id)));
            }
            Err(error) if error.kind == ErrorKind::TimedOut => error,
            Err(error) => return Err(error),
        };
        let look = self.cloud.server(place.alias, place.server_id).await?;
        match look.server.as_ref().and_then(|server| newcomer(server, known)) {
            Some(made) => Ok(Created::Tainted(object(arguments, intent, made, status_id), error)),
            None => Err(error),
        }
    }

    /// Whether a request without an answer made a snapshot; looks for a while, because it may
    /// still be queued.
    async fn search(
        &self,
        cx: &Context,
        arguments: &Arguments,
        intent: &Intent,
    ) -> Result<Recovery<Object>, ProviderError> {
        let place = place(arguments, intent);
        let earliest = intent.noted_at.saturating_sub(SKEW);
        let under_way = cx.timeout("delete", PATIENCE) + cx.timeout("create", PATIENCE) + UNDER_WAY;
        let latest = intent.noted_at.saturating_add(under_way);
        let poll = Poll::seconds(5, 15, SEARCH);
        let found = poll
            .until(&cx.world, "recover", || async {
                let look = self.cloud.server(place.alias, place.server_id).await?;
                let Some(server) = look.server else { return Ok(Some(Recovery::Absent)) };
                if server.snapshots().is_none() {
                    return Ok(Some(Recovery::Uncertain(unknown(&arguments.server_id, &server))));
                }
                let made = newcomer(&server, &intent.known)
                    .filter(|made| made.began_at().is_none_or(|time| time >= earliest));
                let found = made.map(|made| object(arguments, intent, made, None));
                Ok(found
                    .filter(|found| !cx.is_claimed(&found.id))
                    .map(|found| adopt(found, latest)))
            })
            .await;
        match found {
            Err(error) if error.kind == ErrorKind::TimedOut => Ok(Recovery::Absent),
            other => other,
        }
    }

    /// Frees the slot of a foreign snapshot, where the configuration allows it.
    async fn make_room(
        &self,
        cx: &Context,
        arguments: &Arguments,
        intent: &Intent,
    ) -> Result<(), ProviderError> {
        let place = place(arguments, intent);
        let Look { server, .. } = self.cloud.server(place.alias, place.server_id).await?;
        let held = server.as_ref().and_then(|server| server.snapshots()?.first());
        let Some((held, id)) = held.and_then(|held| Some((held, held.id()?))) else {
            return Ok(());
        };
        self.own.spare(place.alias, place.server_id, id)?;
        let href = held.delete_href().unwrap_or_default();
        cx.progress("removing the snapshot that holds the server's slot");
        let patience = cx.timeout("delete", PATIENCE);
        waiting::deletion(&self.cloud, cx, place, id, href, patience).await
    }

    fn reading(
        prior: Object,
        alias: &str,
        look: Option<&Server>,
        now: Timestamp,
    ) -> Reading<Object> {
        let gone = if prior.has_ended(now) { Reading::Expired } else { Reading::Gone };
        let Some(server) = look else { return gone };
        if server.snapshots().is_none() {
            let reason = unknown(&prior.server_id, server);
            return Reading::NotVerifiable(prior, reason);
        }
        if prior.snapshot_id.is_empty() {
            // Named by its server alone: the only one that there is.
            let only = server.snapshots().and_then(|held| held.first());
            let Some((held, id)) = only.and_then(|held| Some((held, held.id()?))) else {
                return gone;
            };
            let snapshot_id = id.to_owned();
            return Reading::Present(refreshed(Object { snapshot_id, ..prior }, alias, held));
        }
        match server.snapshot(&prior.snapshot_id) {
            Some(held) => Reading::Present(refreshed(prior, alias, held)),
            None => gone,
        }
    }
}

/// What a search found, unless it is too young to be what the lost create made.
fn adopt(found: Object, latest: Timestamp) -> Recovery<Object> {
    if found.created_at.is_none_or(|time| time <= latest) {
        return Recovery::Found(found);
    }
    Recovery::Uncertain(format!(
        "The server holds snapshot `{}`, but that was made so long after the lost create that it \
         may be somebody else's.",
        found.id
    ))
}

fn place<'a>(arguments: &'a Arguments, intent: &'a Intent) -> Place<'a> {
    Place { alias: &intent.alias, server_id: &arguments.server_id }
}

fn failed(handle: &Handle) -> ProviderError {
    let message = format!("The job `{}` failed; the vendor gives no reason.", handle.status_id);
    ProviderError::new(ErrorKind::Failed, "Create Snapshot", message).help(
        "look at the server in the control portal: it may be busy, or hold a snapshot already",
    )
}

/// The snapshots that a server holds, where it may be copied.
fn check(
    arguments: &Arguments,
    server: Option<&Server>,
) -> Result<BTreeSet<String>, ProviderError> {
    foresight::slot(arguments, server, &BTreeSet::new()).map_err(|unfit| {
        ProviderError::new(ErrorKind::Refused, "Create Snapshot", unfit.message)
            .attribute("server_id")
            .help(unfit.help)
    })
}

fn object(
    arguments: &Arguments,
    intent: &Intent,
    made: &ServerSnapshot,
    status_id: Option<&str>,
) -> Object {
    let object = Object {
        server_id: arguments.server_id.clone(),
        expiration_days: Some(arguments.expiration_days),
        account_alias: Some(
            arguments.account_alias.clone().unwrap_or_else(|| intent.alias.clone()),
        ),
        id: String::new(),
        snapshot_id: made.id().unwrap_or_default().to_owned(),
        name: None,
        created_at: None,
        expires_at: None,
        restore_href: None,
        delete_href: None,
        last_status_id: status_id.map(str::to_owned),
    };
    refreshed(object, &intent.alias, made)
}

/// What a look tells anew. When a snapshot ends is never told, so it is computed.
fn refreshed(object: Object, alias: &str, held: &ServerSnapshot) -> Object {
    let created_at = held.began_at().or(object.created_at);
    let life = object.expiration_days.map(life);
    let server = object.server_id.to_lowercase();
    Object {
        id: format!("{alias}/{server}/{}", object.snapshot_id),
        account_alias: object.account_alias.or_else(|| Some(alias.to_owned())),
        name: Some(held.name.clone()),
        created_at,
        expires_at: created_at.zip(life).map(|(begin, life)| begin.saturating_add(life)),
        restore_href: held.href("restore").map(str::to_owned),
        delete_href: held.delete_href().map(str::to_owned),
        ..object
    }
}

/// After the vendor queued the request an error does not mean that nothing was made.
fn outcome_unknown(error: ProviderError, handle: &Handle) -> ProviderError {
    if error.kind == ErrorKind::Failed {
        // The job failed and the server shows nothing: there is no object.
        return ProviderError { kind: ErrorKind::Refused, ..error };
    }
    let message = format!(
        "The snapshot is queued as job `{}`, but its end was not seen: {}",
        handle.status_id, error.message
    );
    ProviderError { kind: ErrorKind::OutcomeUnknown, message, ..error }
}

impl Resource for Snapshot {
    const TYPE: &'static str = "ctl_server_snapshot";
    const REPLACEMENT: Replacement = Replacement::DeleteFirstOnly(arguments::ONE_SLOT);
    const EXCLUSIVE_BY: Option<&'static str> = Some("server_id");
    const UNIQUE: Option<Unique> = Some(arguments::ONE_OF_A_SERVER);
    const FORESEES: bool = true;
    type Arguments = Arguments;
    type Object = Object;
    type Intent = Intent;

    fn schema() -> Schema {
        let mut attributes = vec![
            Attribute::required(
                "server_id",
                Type::String,
                "The server to copy, such as `WA1ALIASWB01`. Upper or lower case makes no difference.",
            )
            .force_new()
            .rule(Rule::text("the id of a server, without blanks, `/`, `?` and `#`", server_id))
            .equivalent(ignoring_case),
            Attribute::required(
                "expiration_days",
                Type::Number,
                "How many days the vendor keeps the snapshot.",
            )
            .force_new()
            .untold()
            .rule(Rule::whole_number(1, 10)),
            Attribute::optional_computed(
                "account_alias",
                Type::String,
                "Account of the server; the provider's unless set.",
            )
            .force_new()
            .rule(Rule::text("the alias of an account", alias))
            .equivalent(ignoring_case),
            Attribute::optional(
                "replace_existing",
                Type::Bool,
                "Whether a create first deletes a snapshot that the server holds already. \
                 Otherwise the create is refused.",
            )
            .default(false)
            .record_only(),
        ];
        attributes.extend(computed_attributes());
        Schema::new("The snapshot of a server: disks and memory, for 1 to 10 days.", attributes)
            .timeouts(&["create", "delete"])
    }

    fn plan(prior: Option<&Value>, planned: Value) -> Value {
        import::with_end(prior, planned)
    }

    async fn foresee(
        &self,
        _cx: &Context,
        intended: &Intended<Arguments, Object>,
    ) -> Result<Vec<Obstacle>, ProviderError> {
        let leaving = intended.deletes.iter().map(|object| &*object.snapshot_id).collect();
        foresight::foresee(&self.cloud, intended, &leaving).await
    }

    async fn prepare(&self, cx: &Context, arguments: &Arguments) -> Result<Intent, ProviderError> {
        let alias = self.cloud.alias(arguments.account_alias.as_deref()).await?;
        let look = self.cloud.server(&alias, &arguments.server_id).await?;
        let held = look.server.as_ref().and_then(Server::snapshots).unwrap_or_default();
        for id in held.iter().filter_map(ServerSnapshot::id) {
            self.own.spare(&alias, &arguments.server_id, id)?;
        }
        let known = check(arguments, look.server.as_ref())?;
        let noted_at = look.time.unwrap_or_else(|| cx.world.clock.now());
        Ok(Intent { alias, known, noted_at })
    }

    async fn create(
        &self,
        cx: &Context,
        arguments: Arguments,
        intent: &Intent,
    ) -> Result<Created<Object>, ProviderError> {
        if !intent.known.is_empty() {
            self.make_room(cx, &arguments, intent).await?;
        }
        let place = place(&arguments, intent);
        let days = arguments.expiration_days;
        let status_id = self.cloud.create(place.alias, place.server_id, days).await?;
        let handle = Handle { status_id };
        let unknown = |error| outcome_unknown(error, &handle);
        cx.accepted(&handle).await.map_err(unknown)?;
        let created = self.finish(cx, &arguments, intent, &handle).await.map_err(unknown)?;
        let (Created::Ready(object) | Created::Tainted(object, _)) = &created;
        self.own.note(&object.id);
        Ok(created)
    }

    async fn read(&self, cx: &Context, prior: Object) -> Result<Reading<Object>, ProviderError> {
        let alias = self.cloud.alias(prior.account_alias.as_deref()).await?;
        let look = self.cloud.server(&alias, &prior.server_id).await?;
        Ok(Self::reading(prior, &alias, look.server.as_ref(), cx.world.clock.now()))
    }

    fn imported(id: &str) -> Result<Object, String> {
        import::named(id)
    }

    fn advise_import(_object: &Value) -> Vec<Problem> {
        vec![import::assumption()]
    }

    async fn read_many(
        &self,
        cx: &Context,
        priors: Vec<Object>,
    ) -> Vec<Result<Reading<Object>, ProviderError>> {
        let own = match self.cloud.alias(None).await {
            Ok(alias) => alias,
            Err(error) => return one_each(priors.len(), Err(error)),
        };
        let place = |prior: &Object| {
            let alias = prior.account_alias.as_deref().unwrap_or(&own);
            (alias.to_lowercase(), prior.server_id.to_lowercase())
        };
        let now = cx.world.clock.now();
        let mut wanted = Wanted::new();
        for prior in &priors {
            let held = wanted.entry(place(prior)).or_default();
            // One whose time is over may well be missing, and needs no second look.
            if !prior.has_ended(now) && !prior.snapshot_id.is_empty() {
                held.insert(prior.snapshot_id.clone());
            }
        }
        let looks = bulk::looks(&self.cloud, &wanted).await;
        let read = |prior: Object| {
            let place = place(&prior);
            match looks.get(&place) {
                Some(Err(error)) => Err(error.clone()),
                Some(Ok(server)) => {
                    let reading = Self::reading(prior, &place.0, server.as_ref(), now);
                    if let Reading::Present(object) = &reading {
                        self.own.note(&object.id);
                    }
                    Ok(reading)
                }
                None => Err(bulk::unseen(&place.1)),
            }
        };
        priors.into_iter().map(read).collect()
    }

    async fn delete(&self, cx: &Context, prior: Object) -> Result<Deletion, ProviderError> {
        let alias = self.cloud.alias(prior.account_alias.as_deref()).await?;
        let look = self.cloud.server(&alias, &prior.server_id).await?;
        let Some(server) = look.server else { return Ok(Deletion::Deleted) };
        if server.snapshots().is_none() {
            let message = unknown(&prior.server_id, &server);
            return Err(ProviderError::new(ErrorKind::Refused, "Delete Snapshot", message)
                .help("restore the server, or remove the snapshot from state"));
        }
        let Some(held) = server.snapshot(&prior.snapshot_id) else {
            return Ok(Deletion::Deleted);
        };
        let href = held.delete_href().unwrap_or_default();
        let place = Place { alias: &alias, server_id: &prior.server_id };
        let patience = cx.timeout("delete", PATIENCE);
        waiting::deletion(&self.cloud, cx, place, &prior.snapshot_id, href, patience).await?;
        self.own.forget(&prior.id);
        Ok(Deletion::Deleted)
    }

    async fn recover(
        &self,
        cx: &Context,
        arguments: Arguments,
        intent: Intent,
        accepted: Option<serde_json::Value>,
    ) -> Result<Recovery<Object>, ProviderError> {
        let handle = accepted.and_then(|json| serde_json::from_value::<Handle>(json).ok());
        let Some(handle) = handle else { return self.search(cx, &arguments, &intent).await };
        match self.finish(cx, &arguments, &intent, &handle).await {
            Ok(Created::Ready(object)) => Ok(Recovery::Found(object)),
            Ok(Created::Tainted(object, error)) => Ok(Recovery::Tainted(object, error)),
            Err(ProviderError { kind: ErrorKind::Failed | ErrorKind::NotFound, .. }) => {
                Ok(Recovery::Absent)
            }
            Err(error) => Err(error),
        }
    }
}
