//! What stands against creates, asked while planning: tests that are missing or of the wrong kind, and
//! the creation quota.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::sdk::{Intended, Obstacle, ProviderError};
use crate::world::Timestamp;

use super::arguments::Arguments;
use super::client::Api;
use super::quota::Quota;
use super::wire::Test;

/// Tests that the list does not show and that are looked at one by one: where many are missing, the
/// first of them say enough, and more would cost too much of the organization's rate limit.
const FEW: usize = 10;

/// The tests of each account group, which the run's reads share.
type Lists = BTreeMap<Option<u64>, Arc<[Test]>>;

/// Looks at the tests of all creates, with one list for each account group.
pub(super) async fn foresee<O>(
    api: &Api,
    quota: &Quota,
    intended: &Intended<Arguments, O>,
    now: Timestamp,
) -> Result<Vec<Obstacle>, ProviderError> {
    let groups: BTreeSet<_> =
        intended.known().map(|(_, arguments)| arguments.account_group_id).collect();
    let mut lists = Lists::new();
    for group in groups {
        lists.insert(group, api.shared_tests(group).await?);
    }
    let mut obstacles = Vec::new();
    let mut unlisted = Vec::new();
    let by_id: BTreeMap<_, BTreeMap<_, _>> = lists
        .iter()
        .map(|(group, tests)| (group, tests.iter().map(|test| (&*test.id, test)).collect()))
        .collect();
    for (index, arguments) in intended.known() {
        let listed = by_id.get(&arguments.account_group_id);
        match listed.and_then(|tests| tests.get(&*arguments.test_id)) {
            Some(test) => obstacles.extend(unfit(index, test)),
            None => unlisted.push((index, arguments)),
        }
    }
    if api.shows_tests() {
        for (index, arguments) in unlisted.into_iter().take(FEW) {
            let (group, id) = (arguments.account_group_id, &arguments.test_id);
            match api.test(group, id).await? {
                Some(test) => obstacles.extend(unfit(index, &test)),
                None => obstacles.push(missing(index, id)),
            }
        }
    }
    obstacles.extend(beyond_quota(quota, intended.creates.len(), &lists, now));
    Ok(obstacles)
}

fn unfit(index: usize, test: &Test) -> Option<Obstacle> {
    test.saved_event.then(|| {
        let message = format!("`{}` is itself a saved event, not a test.", test.id);
        Obstacle::sure(index, "test_id", message, "name the test whose results are to be kept")
    })
}

fn missing(index: usize, id: &str) -> Obstacle {
    let message = format!("There is no test `{id}` that this account group can see.");
    Obstacle::sure(index, "test_id", message, "check `test_id` and `account_group_id`")
}

/// What the quota means for so many creates. The list shows what others made, too, but public
/// snapshots are in no list: it is the least that is used up.
fn beyond_quota(quota: &Quota, creates: usize, lists: &Lists, now: Timestamp) -> Option<Obstacle> {
    let events = lists.values().flat_map(|tests| tests.iter()).filter(|test| test.saved_event);
    let made: BTreeMap<_, _> =
        events.filter_map(|test| Some((&*test.id, test.created_date?))).collect();
    let forecast = quota.forecast(creates, made.into_values(), now)?;
    let (limit, minutes) = (forecast.limit, forecast.window.as_secs().div_ceil(60));
    let message = format!(
        "The organization may create {limit} snapshots within {minutes} minutes. {} used up, and \
         this plan makes {creates}: the last one can be made at {}.",
        match forecast.used {
            0 => "Nothing is known to be".to_owned(),
            1 => "1 is".to_owned(),
            used => format!("{used} are"),
        },
        forecast.last_at.whole_seconds(),
    );
    let help = if quota.waits() {
        "an apply waits for its turn as long as `timeouts` allows"
    } else {
        "an apply makes what it may and stops; apply again later, or set `wait_for_quota = true` in \
         the provider block"
    };
    Some(Obstacle::Quota { message, help: help.to_owned() })
}
