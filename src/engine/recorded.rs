//! Which recorded objects were made from which.
//!
//! State names the resources an object needs, not their instances. An object can only have been made
//! from instances that its own module instance can see: where both are in the same module, or in
//! modules of the same one, they are in the same instance of it.

use std::collections::{BTreeMap, BTreeSet};

use crate::addr::{DeclaredResource, InstanceAddr, ModuleInstance, Target};
use crate::state::State;

/// The instances that targets name, and all that was made from them.
pub(super) fn users(targets: &[Target], state: &State) -> BTreeSet<InstanceAddr> {
    let own = |address: &InstanceAddr, _: &Needs| BTreeSet::from([address.resource.declared()]);
    reached(targets, state, own, |_, needs| needs.clone())
}

/// The instances that targets name, and all that they were made from.
pub(super) fn needs(targets: &[Target], state: &State) -> BTreeSet<InstanceAddr> {
    let own = |address: &InstanceAddr, _: &Needs| BTreeSet::from([address.resource.declared()]);
    reached(targets, state, |_, needs| needs.clone(), own)
}

/// The resources that an object needs.
type Needs = BTreeSet<DeclaredResource>;

/// The instances that targets name, and all that follow from them: `follows` gives the resources by
/// which an instance follows from others, `leads_to` those by which others follow from it.
fn reached(
    targets: &[Target],
    state: &State,
    leads_to: impl Fn(&InstanceAddr, &Needs) -> Needs,
    follows: impl Fn(&InstanceAddr, &Needs) -> Needs,
) -> BTreeSet<InstanceAddr> {
    let all = state.instances().map(|(address, _, instance)| {
        let objects = instance.current.iter().chain(instance.deposed.values());
        let needs = objects.flat_map(|object| object.dependencies.iter());
        (address, needs.map(|need| DeclaredResource::clone(need)).collect::<Needs>())
    });
    let (mut newest, mut rest): (Vec<_>, Vec<_>) =
        all.partition(|(address, _)| targets.iter().any(|target| target.selects(address)));
    let mut found = BTreeSet::new();
    while !newest.is_empty() {
        let mut links: BTreeMap<DeclaredResource, BTreeSet<ModuleInstance>> = BTreeMap::new();
        for (address, needs) in &newest {
            for link in leads_to(address, needs) {
                links.entry(link).or_default().insert(address.resource.module.clone());
            }
        }
        found.extend(newest.into_iter().map(|(address, _)| address));
        (newest, rest) = rest.into_iter().partition(|(address, needs)| {
            follows(address, needs).iter().any(|link| {
                let modules = links.get(link).into_iter().flatten();
                modules.into_iter().any(|module| agree(module, &address.resource.module))
            })
        });
    }
    found
}

/// Whether two module instances are in the same instance of every module that they share.
fn agree(one: &ModuleInstance, other: &ModuleInstance) -> bool {
    let shared = one.0.iter().zip(&*other.0).take_while(|(one, other)| one.name == other.name);
    shared.into_iter().all(|(one, other)| one.key == other.key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    use crate::addr::ProviderConfigAddr;
    use crate::state::{Lineage, ObjectRecord, ObjectStatus};
    use crate::value::Value;

    fn state(objects: &[(&str, &[&str])]) -> State {
        let mut state = State::empty(Lineage("l".to_owned()));
        for (address, needs) in objects {
            let needs: Vec<_> = needs.iter().map(|need| Arc::new(need.parse().unwrap())).collect();
            let record = ObjectRecord {
                status: ObjectStatus::Ready,
                schema_version: 0,
                attributes: Value::object([("id", Value::from("1"))]).into(),
                sensitive: Vec::new(),
                dependencies: needs.into(),
                create_before_destroy: false,
            };
            let provider = ProviderConfigAddr::default_of("t");
            state.set_object(&address.parse().unwrap(), &provider, None, record);
        }
        state
    }

    #[test]
    fn an_instance_of_a_module_is_not_made_from_another_one() {
        let state = state(&[
            ("t_a.net", &[]),
            ("module.app[\"x\"].t_a.a", &["t_a.net"]),
            ("module.app[\"x\"].t_a.b", &["module.app.t_a.a"]),
            ("module.app[\"y\"].t_a.a", &["t_a.net"]),
            ("module.app[\"y\"].t_a.b", &["module.app.t_a.a"]),
            ("t_a.last", &["module.app.t_a.b"]),
        ]);
        let names = |found: BTreeSet<InstanceAddr>| -> Vec<_> {
            found.iter().map(ToString::to_string).collect()
        };
        let only_x = ["module.app[\"x\"]".parse().unwrap()];
        assert_eq!(
            names(users(&only_x, &state)),
            ["t_a.last", "module.app[\"x\"].t_a.a", "module.app[\"x\"].t_a.b"]
        );
        assert_eq!(
            names(needs(&only_x, &state)),
            ["t_a.net", "module.app[\"x\"].t_a.a", "module.app[\"x\"].t_a.b"]
        );
    }
}
