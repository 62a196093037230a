//! Whether a plan still fits a state that other runs may have changed since.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::addr::{DeclaredResource, InstanceAddr};
use crate::state::State;

use super::{Action, Plan};

/// Why a plan no longer fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// The state is another one.
    Lineage,
    /// There was a state, and there is none.
    Gone,
    /// This object, which the plan touches or rests on, is not as it was.
    Object(InstanceAddr),
    /// This output, which the plan sets, is not as it was.
    Output(Arc<str>),
    /// Somebody made an object from one that the plan would destroy.
    NewUser {
        /// What was made.
        user: InstanceAddr,
        /// What it was made from.
        of: DeclaredResource,
    },
}

/// What keeps `plan`, made from the state `before`, from being carried out on the state `now`. What
/// the plan neither touches nor rests on may have changed.
pub fn conflict(plan: &Plan, before: Option<&State>, now: Option<&State>) -> Option<Conflict> {
    let (before, now) = match (before, now) {
        (None, None) => return None,
        (Some(_), None) => return Some(Conflict::Gone),
        (None, Some(now)) => (None, now),
        (Some(before), Some(now)) if before.lineage != now.lineage => {
            return Some(Conflict::Lineage);
        }
        (Some(before), Some(now)) => (Some(before), now),
    };
    if before.is_some_and(|before| before.serial == now.serial && before == now) {
        return None;
    }
    let as_before = |address: &InstanceAddr| {
        before.and_then(|before| before.instance(address)) == now.instance(address)
    };
    let touched = touched(plan);
    if let Some(changed) = touched.into_iter().find(|address| !as_before(address)) {
        return Some(Conflict::Object(changed.clone()));
    }
    let output = plan.outputs.iter().find(|(name, output)| {
        let then = before.and_then(|before| before.outputs.get(*name));
        output.is_change() && then != now.outputs.get(*name)
    });
    if let Some((name, _)) = output {
        return Some(Conflict::Output(Arc::clone(name)));
    }
    changed_bases(plan, before, now).or_else(|| new_user(plan, before, now))
}

/// The instances whose records the plan changes, at their old and their new addresses.
fn touched(plan: &Plan) -> BTreeSet<&InstanceAddr> {
    let changes = plan.changes.iter().filter(|change| change.action != Action::NoOp);
    changes
        .map(|change| &change.address)
        .chain(plan.drift.iter().map(|drift| &drift.address))
        .chain(plan.imports.iter().map(|import| &import.address))
        .chain(plan.moves.iter().flat_map(|step| [&step.from, &step.to]))
        .collect()
}

/// An object that is not as it was and that something the plan makes rests on.
fn changed_bases(plan: &Plan, before: Option<&State>, now: &State) -> Option<Conflict> {
    let makes = plan
        .changes
        .iter()
        .filter(|change| change.action != Action::NoOp && change.planned.is_some());
    let bases: BTreeSet<&DeclaredResource> =
        makes.flat_map(|change| change.dependencies.iter()).map(|resource| &**resource).collect();
    if bases.is_empty() {
        return None;
    }
    let recorded = |state: &State| -> BTreeMap<_, _> {
        state
            .instances()
            .filter(|(address, _, _)| bases.contains(&address.resource.declared()))
            .map(|(address, _, instance)| (address, instance.clone()))
            .collect()
    };
    let (then, now) = (before.map(recorded).unwrap_or_default(), recorded(now));
    let all = then.keys().chain(now.keys());
    let mut changed = all.filter(|address| then.get(*address) != now.get(*address));
    changed.next().map(|address| Conflict::Object(address.clone()))
}

/// An object that was made since from one that the plan destroys.
fn new_user(plan: &Plan, before: Option<&State>, now: &State) -> Option<Conflict> {
    let destroyed: BTreeSet<DeclaredResource> = plan
        .changes
        .iter()
        .filter(|change| change.action.destroys())
        .map(|change| change.address.resource.declared())
        .collect();
    if destroyed.is_empty() {
        return None;
    }
    now.instances().find_map(|(user, _, instance)| {
        if before.and_then(|before| before.instance(&user)) == Some(instance) {
            return None;
        }
        let objects = instance.current.iter().chain(instance.deposed.values());
        let mut needs = objects.flat_map(|object| object.dependencies.iter());
        let of = needs.find(|need| destroyed.contains(&***need))?;
        Some(Conflict::NewUser { of: DeclaredResource::clone(of), user })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::addr::{InstanceKey, ProviderConfigAddr, ResourceAddr};
    use crate::plan::{Change, Reason};
    use crate::state::{Dependencies, Lineage, ObjectRecord, ObjectStatus, Serial};
    use crate::value::Value;

    fn address(name: &str) -> InstanceAddr {
        ResourceAddr::managed("t_a", name).instance(InstanceKey::None)
    }

    fn state(serial: u64, objects: &[(&str, &str, &[&str])]) -> State {
        let mut state = State::empty(Lineage("l".to_owned()));
        state.serial = Serial(serial);
        for (name, id, needs) in objects {
            let needs = needs.iter().map(|name| Arc::new(address(name).resource.declared()));
            let record = ObjectRecord {
                status: ObjectStatus::Ready,
                schema_version: 0,
                attributes: Value::object([("id", Value::from(*id))]).into(),
                sensitive: Vec::new(),
                dependencies: needs.collect::<Vec<_>>().into(),
                create_before_destroy: false,
            };
            let provider = ProviderConfigAddr::default_of("t");
            state.set_object(&address(name), &provider, None, record);
        }
        state
    }

    fn plan(changes: &[(&str, Action, &[&str])]) -> Plan {
        let change = |(name, action, needs): &(&str, Action, &[&str])| Change {
            address: address(name),
            deposed: None,
            provider: ProviderConfigAddr::default_of("t"),
            action: *action,
            reason: Reason::New,
            prior: None,
            planned: (*action != Action::Delete).then_some(Value::TRUE),
            replace_paths: Vec::new(),
            dependencies: needs
                .iter()
                .map(|name| Arc::new(address(name).resource.declared()))
                .collect::<Dependencies>(),
            needs: Vec::new(),
            create_before_destroy: false,
            record_only: false,
            stays: false,
            declared_at: None,
            causes: Vec::new(),
        };
        Plan { changes: changes.iter().map(change).collect(), ..Plan::default() }
    }

    #[test]
    fn what_a_plan_neither_touches_nor_rests_on_may_change() {
        let before = state(1, &[("a", "1", &[]), ("b", "1", &[])]);
        let update = plan(&[("a", Action::Update, &[])]);
        let later = state(2, &[("a", "1", &[]), ("b", "2", &[]), ("c", "1", &[])]);
        assert_eq!(conflict(&update, Some(&before), Some(&later)), None);
        let later = state(2, &[("a", "2", &[]), ("b", "1", &[])]);
        let changed = Some(Conflict::Object(address("a")));
        assert_eq!(conflict(&update, Some(&before), Some(&later)), changed);
        let resting = plan(&[("c", Action::Create, &["a"])]);
        assert_eq!(conflict(&resting, Some(&before), Some(&later)), changed);
    }

    #[test]
    fn what_was_created_is_not_created_again() {
        let create = plan(&[("a", Action::Create, &[])]);
        let later = state(1, &[("a", "1", &[])]);
        assert_eq!(conflict(&create, None, None), None);
        let changed = Some(Conflict::Object(address("a")));
        assert_eq!(conflict(&create, None, Some(&later)), changed);
        assert_eq!(conflict(&create, Some(&later), None), Some(Conflict::Gone));
    }

    #[test]
    fn nothing_is_destroyed_from_which_something_new_was_made() {
        let before = state(1, &[("a", "1", &[])]);
        let later = state(2, &[("a", "1", &[]), ("b", "1", &["a"])]);
        let delete = plan(&[("a", Action::Delete, &[])]);
        let user = Conflict::NewUser { user: address("b"), of: address("a").resource.declared() };
        assert_eq!(conflict(&delete, Some(&before), Some(&later)), Some(user));
    }
}
