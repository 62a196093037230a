//! Objects whose time is over, and those whose time is over soon.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::addr::InstanceAddr;
use crate::config::{Config, OnExpiry, ResourceDecl};
use crate::diag::{Diagnostic, code};
use crate::plan::{Action, Change, PlanMode};
use crate::sdk::EXPIRES_AT;
use crate::text::{Span, listed};
use crate::value::Value;
use crate::world::Timestamp;

use super::super::refresh::Refreshed;
use super::{ObjectName, Planner};

/// How many objects a warning names before it only counts.
const NAMED: usize = 5;

/// The instances whose objects have expired. Their records stand where blocks want nothing in their
/// place, unless everything goes. `goals` tells which instances are known under another address from
/// now on.
pub(super) fn settle(
    config: &Config,
    mode: PlanMode,
    objects: &mut BTreeMap<ObjectName, Refreshed>,
    goals: &BTreeMap<&InstanceAddr, &InstanceAddr>,
) -> BTreeSet<InstanceAddr> {
    let expired = objects.iter_mut().filter(|(name, object)| name.1.is_none() && object.expired);
    let settled = expired.map(|(name, object)| {
        let address = goals.get(&name.0).copied().unwrap_or(&name.0);
        let declared = config.resource(&address.resource).filter(|_| mode != PlanMode::Destroy);
        if declared.is_some_and(|resource| policy(resource) == OnExpiry::Forget) {
            object.seen = Some(object.recorded.clone());
        }
        address.clone()
    });
    settled.collect()
}

fn policy(resource: &ResourceDecl) -> OnExpiry {
    resource.lifecycle.on_expiry.map(|(policy, _)| policy).unwrap_or_default()
}

/// When an object ends by itself, as far as that is known.
fn end_of(object: &Value) -> Option<Timestamp> {
    object.attribute(EXPIRES_AT)?.reveal().as_str()?.parse().ok()
}

impl Planner<'_> {
    /// Refuses to plan for an expired object where its block asks for that; whoever names it in
    /// `-replace` has seen it.
    pub(super) fn refuse_expired(
        &mut self,
        resource: &ResourceDecl,
        address: &InstanceAddr,
        object: Option<&Refreshed>,
    ) {
        let Some(object) = object.filter(|object| object.expired) else { return };
        let Some((OnExpiry::Error, place)) = resource.lifecycle.on_expiry else { return };
        if self.options.replace.contains(address) {
            return;
        }
        let since = end_of(&object.recorded).map(|end| format!(" at {end}")).unwrap_or_default();
        self.problems.push(
            Diagnostic::error(code::EXPIRED, format!("`{address}` has expired{since}."))
                .at(resource.header)
                .label(place, "refused here")
                .address(address)
                .help(format!(
                    "run the command with `-replace={address}` to make a new one, or write `on_expiry = \"recreate\"`"
                )),
        );
    }

    /// Says which expired objects have nothing in their place because their blocks want it so.
    pub(super) fn tell_expired(&mut self) {
        let kept = self.changes.iter().filter(|change| {
            change.action == Action::NoOp && self.expired.contains(&change.address)
        });
        let ends = kept.map(|change| (change.prior.as_ref().and_then(end_of), change)).collect();
        let say = |end: Option<Timestamp>, objects: &str, many: bool| {
            let have = if many { "have" } else { "has" };
            let since = end.map(|end| format!(" at {end}")).unwrap_or_default();
            format!("{objects} {have} expired{since}")
        };
        let Some((list, first)) = told(ends, say) else { return };
        let detail = format!("{list} Nothing is made anew, as `on_expiry = \"forget\"` says.");
        let help = "take the block out, or give it other arguments to make a new one";
        let found = Diagnostic::warning(code::EXPIRED_KEPT, detail);
        self.problems.push(found.at_if_missing(first).help(help));
    }

    /// Says which objects that stay end by themselves within the time that was asked for.
    pub(super) fn warn_of_ends(&mut self) {
        if self.options.warn_expiry == Duration::ZERO {
            return;
        }
        let now = self.inputs.surroundings.plan_time;
        let limit = now.saturating_add(self.options.warn_expiry);
        let stays = self.changes.iter().filter(|change| {
            matches!(change.action, Action::NoOp | Action::Update)
                && !self.expired.contains(&change.address)
        });
        let ends = stays.filter_map(|change| {
            let end = [&change.planned, &change.prior].into_iter().flatten().find_map(end_of)?;
            (end <= limit).then_some((end, change))
        });
        let say = |end: Timestamp, objects: &str, many: bool| match (end <= now, many) {
            (true, false) => format!("{objects} was to end at {end}"),
            (true, true) => format!("{objects} were to end at {end}"),
            (false, false) => {
                format!("{objects} ends by itself at {end}, in {}", in_words(end.since(now)))
            }
            (false, true) => {
                format!("{objects} end by themselves at {end}, in {}", in_words(end.since(now)))
            }
        };
        let Some((list, first)) = told(ends.collect(), say) else { return };
        self.problems.push(
            Diagnostic::warning(code::EXPIRES_SOON, list)
                .at_if_missing(first)
                .help("`-warn-expiry=DURATION` sets how far ahead is looked, `-warn-expiry=0s` turns this off"),
        );
    }
}

/// Sentences about objects, those of one instant together, the first of many; and where the first of
/// them is declared.
fn told<T: Copy + Ord>(
    mut ends: Vec<(T, &Change)>,
    say: impl Fn(T, &str, bool) -> String,
) -> Option<(String, Option<Span>)> {
    ends.sort_by_key(|(end, change)| (*end, &change.address, &change.deposed));
    let first = ends.first()?.1.declared_at;
    let groups: Vec<_> = ends.chunk_by(|left, right| left.0 == right.0).collect();
    let mut lines: Vec<_> = groups
        .iter()
        .take(NAMED)
        .map(|group| {
            let names = group.iter().map(|(_, change)| format!("`{}`", change.address));
            say(group[0].0, &listed(names, NAMED), group.len() > 1)
        })
        .collect();
    let others: usize = groups.iter().skip(NAMED).map(|group| group.len()).sum();
    if others > 0 {
        lines.push(format!("and {others} more"));
    }
    Some((format!("{}.", lines.join("; ")), first))
}

/// A duration as people say it, rounded down.
fn in_words(duration: Duration) -> String {
    const HOUR: u64 = 3_600;
    let seconds = duration.as_secs();
    match seconds {
        0..60 => format!("{seconds} s"),
        60..HOUR => format!("{} min", seconds / 60),
        _ if seconds < 2 * 24 * HOUR => format!("{} h", seconds / HOUR),
        _ => format!("{} days", seconds / (24 * HOUR)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_rounded_down() {
        let words = |seconds| in_words(Duration::from_secs(seconds));
        assert_eq!(
            [59, 60, 3_599, 3_600, 172_799, 172_800].map(words),
            ["59 s", "1 min", "59 min", "1 h", "47 h", "2 days"]
        );
    }
}
