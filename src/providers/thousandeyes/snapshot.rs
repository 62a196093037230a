//! The resource type `thousandeyes_snapshot`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::schema::{Problem, Schema};
use crate::sdk::http::Poll;
use crate::sdk::{
    Context, Created, Deletion, ErrorKind, Intended, Obstacle, ProviderError, Reading, Recovery,
    Resource, Unique, the_one,
};
use crate::value::Value;
use crate::world::Timestamp;

use super::arguments::{
    Arguments, ONE_OF_A_TITLE, computed_attributes, other_attributes, settable_attributes, test_id,
};
use super::client::{Api, New};
use super::deletion;
use super::foresight;
use super::quota::Quota;
use super::range;
use super::wire::{Made, Test};

/// How long the vendor keeps what this API makes.
pub(super) const LIFE: Duration = Duration::from_hours(30 * 24);
/// How long to wait for the quota, where waiting is wanted.
const PATIENCE: Duration = Duration::from_hours(24);
/// The longest time from sending a create to its object: what is younger may be somebody else's.
const UNDER_WAY: Duration = Duration::from_hours(1);
/// How long a new saved event may take to show in the list of tests.
pub(super) const LAG: Duration = Duration::from_mins(1);
/// How far the clocks may differ: after asking the vendor's clock, and without.
const SKEW_MEASURED: Duration = Duration::from_secs(5);
const SKEW_GUESSED: Duration = Duration::from_mins(2);

/// A snapshot of a test's results.
pub(super) struct Snapshot {
    api: Arc<Api>,
    quota: Quota,
}

/// A snapshot as state holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Object {
    pub(super) id: String,
    pub(super) display_name: Option<String>,
    pub(super) to: Option<String>,
    pub(super) public: Option<bool>,
    pub(super) account_group_id: Option<u64>,
    pub(super) link_id: Option<String>,
    pub(super) view_url: Option<String>,
    pub(super) snapshot_test_id: Option<String>,
    pub(super) source_test_id: Option<String>,
    pub(super) user_id: Option<String>,
    pub(super) share_date: Option<Timestamp>,
    pub(super) expires_at: Option<Timestamp>,
    pub(super) start_round_id: Option<u64>,
    pub(super) end_round_id: Option<u64>,
    pub(super) round_id: Option<u64>,
    pub(super) extra_params: Option<String>,
}

/// What a search needs after a create whose answer was lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Intent {
    /// No snapshot of ours can be older, by the vendor's clock.
    earliest: Timestamp,
    /// The title with its mark, where that is wanted.
    #[serde(default)]
    marked_title: Option<String>,
}

impl Intent {
    /// The title that the vendor gets.
    fn title<'i>(&'i self, arguments: &'i Arguments) -> &'i str {
        self.marked_title.as_deref().unwrap_or(&arguments.display_name)
    }
}

impl Arguments {
    fn is_public(&self) -> bool {
        self.public.unwrap_or_default()
    }

    /// The time range; the rules have been checked while planning.
    fn range(&self) -> Result<(Timestamp, Timestamp), ProviderError> {
        let from = range::instant(&self.from);
        let to = self.to.as_deref().and_then(range::instant);
        let to = to.or_else(|| Some(range::after(from?, self.duration_hours?)));
        from.zip(to).ok_or_else(|| {
            let message = "The time range is not complete: `from`, and `to` or `duration_hours`.";
            ProviderError::new(ErrorKind::Refused, "create", message).attribute("from")
        })
    }
}

impl Object {
    pub(super) fn is_public(&self) -> bool {
        self.public.unwrap_or_default()
    }

    pub(super) fn has_ended(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }

    fn of(arguments: &Arguments, made: &Made, to: Timestamp) -> Self {
        Self {
            link_id: Some(made.link_id.clone()),
            view_url: made.view_url(),
            source_test_id: Some(made.source_test_id.clone()),
            user_id: Some(made.uid.clone()),
            start_round_id: made.start_round_id,
            end_round_id: made.end_round_id,
            round_id: made.round_id,
            extra_params: made.extra_params.clone(),
            ..Self::known(arguments, &made.test_id, Some(made.share_date), to)
        }
    }

    /// A private snapshot of which only the number of its test is known.
    fn named(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            display_name: None,
            to: None,
            public: Some(false),
            account_group_id: None,
            link_id: None,
            view_url: None,
            snapshot_test_id: Some(id.to_owned()),
            source_test_id: None,
            user_id: None,
            share_date: None,
            expires_at: None,
            start_round_id: None,
            end_round_id: None,
            round_id: None,
            extra_params: None,
        }
    }

    fn is_named_only(&self) -> bool {
        self.display_name.is_none()
    }

    /// What is known of a snapshot whose answer was lost.
    fn known(
        arguments: &Arguments,
        test_id: &str,
        share_date: Option<Timestamp>,
        to: Timestamp,
    ) -> Self {
        Self {
            display_name: Some(arguments.display_name.clone()),
            to: Some(arguments.to.clone().unwrap_or_else(|| to.to_string())),
            public: Some(arguments.is_public()),
            account_group_id: arguments.account_group_id,
            source_test_id: Some(arguments.test_id.clone()),
            share_date,
            expires_at: share_date.map(|begin| begin.saturating_add(LIFE)),
            ..Self::named(test_id)
        }
    }
}

impl Snapshot {
    /// Snapshots of an organization.
    pub(super) fn new(api: Arc<Api>, quota: Quota) -> Self {
        Self { api, quota }
    }

    /// Sends a create, when the quota allows it.
    async fn send(
        &self,
        cx: &Context,
        arguments: &Arguments,
        intent: &Intent,
    ) -> Result<Made, ProviderError> {
        let (from, to) = arguments.range()?;
        let new = New {
            test_id: &arguments.test_id,
            display_name: intent.title(arguments),
            from,
            to,
            public: arguments.is_public(),
        };
        let patience = cx.timeout("create", PATIENCE);
        let begin = cx.world.clock.now();
        loop {
            let place = self.quota.take(cx, patience).await?;
            let error = match self.api.create(arguments.account_group_id, &new).await {
                Ok(made) => {
                    self.quota.note(&made.test_id, made.share_date);
                    self.quota.give_back(&place);
                    return Ok(made);
                }
                Err(error) => error,
            };
            if error.kind != ErrorKind::OutcomeUnknown {
                self.quota.give_back(&place);
            }
            if error.kind != ErrorKind::Quota {
                return Err(error);
            }
            // Others of the organization use the quota too; a refused create made nothing.
            self.quota.wait_after_refusal(cx, begin, patience, error).await?;
        }
    }

    /// Saved events that a lost create may have made.
    async fn candidates(
        &self,
        cx: &Context,
        arguments: &Arguments,
        intent: &Intent,
    ) -> Result<Vec<Test>, ProviderError> {
        let mut tests = self.api.tests(arguments.account_group_id).await?;
        let email = self.api.email().map(str::to_lowercase);
        tests.retain(|test| {
            let ours = match (&email, &test.created_by) {
                (Some(email), Some(by)) => by.to_lowercase().contains(email),
                _ => true,
            };
            ours && test.saved_event
                && !cx.is_claimed(&test.id)
                && test.name.as_deref() == Some(intent.title(arguments))
                && test.created_date.is_none_or(|time| time >= intent.earliest)
        });
        Ok(tests)
    }

    fn reading(prior: Object, tests: &[Test], now: Timestamp) -> Reading<Object> {
        let Some(test_id) = prior.snapshot_test_id.as_ref().filter(|_| !prior.is_public()) else {
            return unseen(prior, now);
        };
        if tests.iter().any(|test| test.saved_event && test.id == *test_id) {
            // The list is believed even beyond the 30 days, for the vendor's documents disagree.
            return Reading::Present(prior);
        }
        let is_new = prior.share_date.is_some_and(|begin| now.since(begin) < LAG);
        if prior.has_ended(now) {
            Reading::Expired
        } else if is_new {
            let reason = "It was made within the last minute and may not be listed yet.".to_owned();
            Reading::NotVerifiable(prior, reason)
        } else {
            Reading::Gone
        }
    }
}

/// How a person names a snapshot that is to be taken in, and why not every one can be.
const HOW_TO_NAME: &str = "A private snapshot is named by the number of the test that carries its \
    results: `snapshot_test_id`. Nobody can look at a public one, so none can be imported.";

/// A saved event that a person named for an import, with what the list of tests tells of it.
fn taken_in(named: &Object, tests: &[Test]) -> Result<Reading<Object>, ProviderError> {
    let test = tests.iter().find(|test| test.saved_event && test.id == named.id);
    let Some(test) = test else {
        let message = format!("There is no saved event `{}`. {HOW_TO_NAME}", named.id);
        return Err(ProviderError::new(ErrorKind::Unsupported, "import", message));
    };
    Ok(Reading::Present(Object {
        display_name: test.name.clone(),
        share_date: test.created_date,
        expires_at: test.created_date.map(|begin| begin.saturating_add(LIFE)),
        ..named.clone()
    }))
}

/// A public snapshot: the vendor has no way to look at it, and its page is for people.
fn unseen(prior: Object, now: Timestamp) -> Reading<Object> {
    if prior.has_ended(now) {
        return Reading::Expired;
    }
    let reason = "The vendor offers no way to look at a public snapshot.".to_owned();
    Reading::NotVerifiable(prior, reason)
}

/// The error where the vendor made the other kind of what was asked for. What `isPublic` means in v7
/// is not sure, but its answer tells what was made.
fn turned(arguments: &Arguments, object: &Object) -> Option<ProviderError> {
    let message = match (arguments.is_public(), object.is_public()) {
        (false, true) => {
            "A saved event was asked for, and the vendor made a share link: anyone who has it can \
             look."
        }
        (true, false) => {
            "A share link was asked for, and the vendor made a saved event, which is private."
        }
        _ => return None,
    };
    let error = ProviderError::new(ErrorKind::Failed, "create", message).attribute("public");
    Some(error.help("give `v7_public_means` in the provider block its other value"))
}

impl Resource for Snapshot {
    const TYPE: &'static str = "thousandeyes_snapshot";
    const CANNOT_DELETE: Option<&'static str> = Some(
        "ThousandEyes offers no way to delete a snapshot: each one stays until it expires, 30 days \
         after it was made, and a public one stays readable by anyone who has its link.",
    );
    /// A search for a lost create knows it by its title, so it must not meet another one of ours
    /// that is still under way.
    const EXCLUSIVE_BY: Option<&'static str> = Some("display_name");
    const UNIQUE: Option<Unique> = Some(ONE_OF_A_TITLE);
    /// A public one is in no list.
    const FINDS_LOST: bool = false;
    const FORESEES: bool = true;
    type Arguments = Arguments;
    type Object = Object;
    type Intent = Intent;

    fn schema() -> Schema {
        let mut attributes = settable_attributes();
        attributes.extend(other_attributes());
        attributes.extend(computed_attributes());
        Schema::new(
            "A frozen time range of the results of a Cloud or Enterprise Agent test. It ends by \
             itself after 30 days; the vendor has no way to delete it.",
            attributes,
        )
        .timeouts(&["create"])
    }

    fn validate(arguments: &Value, now: Timestamp) -> Vec<Problem> {
        range::validate(arguments, now)
    }

    async fn foresee(
        &self,
        cx: &Context,
        intended: &Intended<Arguments, Object>,
    ) -> Result<Vec<Obstacle>, ProviderError> {
        foresight::foresee(&self.api, &self.quota, intended, cx.world.clock.now()).await
    }

    async fn prepare(&self, cx: &Context, arguments: &Arguments) -> Result<Intent, ProviderError> {
        // Only a private snapshot can be searched, and only that takes the vendor's clock.
        let measured = if arguments.is_public() { None } else { self.api.time().await };
        let earliest = match measured {
            Some(time) => time.saturating_sub(SKEW_MEASURED),
            None => cx.world.clock.now().saturating_sub(SKEW_GUESSED),
        };
        let marked = || {
            let uuid = cx.world.ids.uuid();
            format!("{} [{}]", arguments.display_name, uuid.rsplit('-').next().unwrap_or_default())
        };
        Ok(Intent { earliest, marked_title: (arguments.mark_title == Some(true)).then(marked) })
    }

    async fn create(
        &self,
        cx: &Context,
        arguments: Arguments,
        intent: &Intent,
    ) -> Result<Created<Object>, ProviderError> {
        let (_, to) = arguments.range()?;
        let made = self.send(cx, &arguments, intent).await?;
        let mut object = Object::of(&arguments, &made, to);
        if let Some(saved) = made.saved_event() {
            object.public = Some(!saved);
        }
        // The whole object, because nothing ever tells it again. A note that cannot be written is
        // no reason to lose it: it is in hand, and complete.
        if let Err(error) = cx.accepted(&object).await {
            cx.progress(&error.message);
        }
        Ok(match turned(&arguments, &object) {
            Some(error) => Created::Tainted(object, error),
            None => Created::Ready(object),
        })
    }

    async fn read(&self, cx: &Context, prior: Object) -> Result<Reading<Object>, ProviderError> {
        the_one(self.read_many(cx, vec![prior]).await)?
    }

    fn imported(id: &str) -> Result<Object, String> {
        if test_id(id).is_ok() { Ok(Object::named(id)) } else { Err(HOW_TO_NAME.to_owned()) }
    }

    async fn read_many(
        &self,
        cx: &Context,
        priors: Vec<Object>,
    ) -> Vec<Result<Reading<Object>, ProviderError>> {
        // One list for all objects of an account group spares the organization's rate limit.
        let private = priors.iter().filter(|prior| !prior.is_public());
        let groups: BTreeSet<_> = private.map(|prior| prior.account_group_id).collect();
        let mut lists = BTreeMap::new();
        for group in groups {
            lists.insert(group, self.api.shared_tests(group).await);
        }
        for (prior, date) in priors.iter().filter_map(|prior| Some((prior, prior.share_date?))) {
            self.quota.note(&prior.id, date);
        }
        let now = cx.world.clock.now();
        let read = |prior: Object| match lists.get(&prior.account_group_id) {
            Some(Err(error)) if !prior.is_public() => Err(error.clone()),
            Some(Ok(tests)) if prior.is_named_only() => taken_in(&prior, tests),
            Some(Ok(tests)) => Ok(Self::reading(prior, tests, now)),
            _ => Ok(unseen(prior, now)),
        };
        priors.into_iter().map(read).collect()
    }

    async fn delete(&self, cx: &Context, prior: Object) -> Result<Deletion, ProviderError> {
        deletion::delete(&self.api, cx, &prior).await
    }

    async fn recover(
        &self,
        cx: &Context,
        arguments: Arguments,
        intent: Intent,
        accepted: Option<serde_json::Value>,
    ) -> Result<Recovery<Object>, ProviderError> {
        let handle = accepted.and_then(|json| serde_json::from_value::<Object>(json).ok());
        if let Some(object) = handle {
            return Ok(match turned(&arguments, &object) {
                Some(error) => Recovery::Tainted(object, error),
                None => Recovery::Found(object),
            });
        }
        if arguments.is_public() {
            if arguments.on_unknown_outcome.as_deref() == Some("retry") {
                return Ok(Recovery::Absent);
            }
            return Ok(Recovery::Uncertain(format!(
                "The vendor offers no way to look for the public snapshot `{}`. Look in the \
                 ThousandEyes user interface whether it is there.",
                intent.title(&arguments)
            )));
        }
        let (_, to) = arguments.range()?;
        let found = Poll::seconds(5, 20, LAG)
            .until(&cx.world, "recover", || async {
                let found = self.candidates(cx, &arguments, &intent).await?;
                Ok((!found.is_empty()).then_some(found))
            })
            .await;
        let under_way = cx.timeout("create", PATIENCE) + UNDER_WAY;
        let latest = intent.earliest.saturating_add(under_way);
        match found.as_deref() {
            Ok([test]) if test.created_date.is_some_and(|time| time > latest) => {
                Ok(Recovery::Uncertain(format!(
                    "Saved event `{}` has the title, but was made so long after the lost create \
                     that it may be somebody else's.",
                    test.id
                )))
            }
            Ok([test]) => {
                let object = Object::known(&arguments, &test.id, test.created_date, to);
                Ok(Recovery::Found(object))
            }
            Ok(several) => {
                let ids = several.iter().map(|test| &*test.id).collect::<Vec<_>>().join("`, `");
                Ok(Recovery::Uncertain(format!(
                    "Several saved events named `{}` have appeared since: tests `{ids}`.",
                    intent.title(&arguments)
                )))
            }
            Err(error) if error.kind == ErrorKind::TimedOut => Ok(Recovery::Absent),
            Err(error) => Err(error.clone()),
        }
    }
}
