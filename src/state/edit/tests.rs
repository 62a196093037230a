//! Moves, marks and what follows from them.

use super::*;
use crate::state::{Lineage, ObjectRecord};
use crate::value::Value;

fn state(objects: &[(&str, &[&str])]) -> State {
    let mut state = State::empty(Lineage("l".to_owned()));
    for (address, dependencies) in objects {
        let address: InstanceAddr = address.parse().unwrap();
        let dependencies = dependencies.iter().map(|text| Arc::new(text.parse().unwrap()));
        let object = ObjectRecord {
            status: ObjectStatus::Ready,
            schema_version: 0,
            attributes: Value::object([("id", Value::from("x"))]).into(),
            sensitive: Vec::new(),
            dependencies: dependencies.collect(),
            create_before_destroy: false,
        };
        let inner = "module.m.provider[\"snapform.dev/snapform/t\"]".parse().unwrap();
        let provider = if address.resource.module.is_root() {
            ProviderConfigAddr::default_of("t")
        } else {
            inner
        };
        state.set_object(&address, &provider, None, object);
    }
    state
}

fn after(state: &State, from: &str, to: &str) -> Result<Vec<String>, String> {
    let (from, to) = (from.parse().unwrap(), to.parse().unwrap());
    let steps = state.moves(&from, &to, None).map_err(|error| error.to_string())?;
    let mut state = state.clone();
    state.carry_out(&from, &to, &steps);
    Ok(state.instances().map(|(address, ..)| address.to_string()).collect())
}

#[test]
fn moves_of_every_kind() {
    let held = state(&[("t_a.x", &[]), ("t_a.l[0]", &[]), ("t_a.l[1]", &[])]);
    let moved = |from, to| after(&held, from, to).unwrap().join(" ");
    assert_eq!(moved("t_a.x", "t_a.y"), "t_a.l[0] t_a.l[1] t_a.y");
    assert_eq!(moved("t_a.x", "t_a.y[\"k\"]"), "t_a.l[0] t_a.l[1] t_a.y[\"k\"]");
    assert_eq!(moved("t_a.l[1]", "t_a.y"), "t_a.l[0] t_a.x t_a.y");
    assert_eq!(moved("t_a.l", "t_a.k"), "t_a.k[0] t_a.k[1] t_a.x");
    assert_eq!(moved("t_a.x", "module.n[2].t_a.x"), "t_a.l[0] t_a.l[1] module.n[2].t_a.x");
    let held = state(&[("module.m[\"a\"].t_a.x", &[]), ("module.m[\"b\"].t_a.x", &[])]);
    let moved = |from, to| after(&held, from, to).unwrap().join(" ");
    assert_eq!(moved("module.m[\"a\"]", "module.n"), "module.m[\"b\"].t_a.x module.n.t_a.x");
    assert_eq!(moved("module.m", "module.n"), "module.n[\"a\"].t_a.x module.n[\"b\"].t_a.x");
}

#[test]
fn moves_that_would_lose_or_mix_something_are_refused() {
    let held = state(&[
        ("t_a.x", &[]),
        ("t_a.l[0]", &[]),
        ("t_a.l[1]", &[]),
        ("module.m.t_a.x", &[]),
        ("module.n.t_a.x", &[]),
    ]);
    let refused = |from, to| after(&held, from, to).unwrap_err();
    assert_eq!(
        refused("t_a.x", "t_a.l[0]"),
        "Nothing can go to `t_a.l[0]`, because state holds `t_a.l[0]`."
    );
    assert_eq!(
        refused("t_a.l", "t_a.x"),
        "Nothing can go to `t_a.x`, because state holds `t_a.x`."
    );
    assert_eq!(
        refused("module.m", "module.n"),
        "Nothing can go to `module.n`, because state holds `module.n.t_a.x`."
    );
    assert_eq!(refused("t_a.z", "t_a.y"), "State holds nothing at `t_a.z`.");
    assert_eq!(
        refused("t_a.x", "t_b.x"),
        "An object keeps its type: `t_a.x` cannot become `t_b.x`."
    );
    assert!(refused("t_a.l", "t_a.y[0]").contains("several instances"));
    assert!(refused("module.m", "t_a.y").contains("is a module"));
    assert!(refused("t_a.x", "module.q").contains("is a module"));
    assert!(refused("module.m.t_a.x", "t_a.l[7]").contains("belongs to"));
}

#[test]
fn whoever_depends_on_what_moves_depends_on_it_under_its_new_name() {
    let held = state(&[
        ("t_a.l[0]", &[]),
        ("t_a.l[1]", &[]),
        ("t_a.user", &["t_a.l", "t_a.other"]),
        ("module.m.t_a.in", &["module.m.t_a.also", "t_a.l"]),
        ("module.m.t_a.also", &[]),
    ]);
    let dependencies = |state: &State, of: &str| {
        let object = state.object(&of.parse().unwrap()).unwrap();
        object.dependencies.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let moved = |from: &str, to: &str| {
        let (from, to) = (from.parse().unwrap(), to.parse().unwrap());
        let steps = held.moves(&from, &to, None).unwrap();
        let mut state = held.clone();
        state.carry_out(&from, &to, &steps);
        state
    };
    let whole = moved("t_a.l", "t_a.k");
    assert_eq!(dependencies(&whole, "t_a.user"), ["t_a.k", "t_a.other"]);
    let part = moved("t_a.l[1]", "t_a.k");
    assert_eq!(dependencies(&part, "t_a.user"), ["t_a.k", "t_a.l", "t_a.other"]);
    let module = moved("module.m", "module.n");
    assert_eq!(dependencies(&module, "module.n.t_a.in"), ["t_a.l", "module.n.t_a.also"]);
    let (_, resource, _) = module.instances().last().unwrap();
    assert_eq!(resource.provider.to_string(), "module.n.provider[\"snapform.dev/snapform/t\"]");
}

#[test]
fn marks() {
    let mut held = state(&[("t_a.x", &[])]);
    let x: InstanceAddr = "t_a.x".parse().unwrap();
    held.mark(&x, ObjectStatus::Tainted).unwrap();
    held.mark(&x, ObjectStatus::Tainted).unwrap();
    held.mark(&x, ObjectStatus::Ready).unwrap();
    let refused = |held: &mut State, address: &str, status| {
        held.mark(&address.parse().unwrap(), status).unwrap_err().to_string()
    };
    assert_eq!(refused(&mut held, "t_a.x", ObjectStatus::Ready), "`t_a.x` is not tainted.");
    assert!(refused(&mut held, "t_a.y", ObjectStatus::Tainted).contains("nothing at"));
    assert!(refused(&mut held, "data.t_a.x", ObjectStatus::Tainted).contains("only read"));
    held.depose(&x, &crate::state::DeposedKey("00000001".to_owned()));
    assert!(refused(&mut held, "t_a.x", ObjectStatus::Tainted).contains("await deletion"));
}
