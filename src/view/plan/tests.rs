//! Plans as people see them.

use super::*;
use crate::addr::{InstanceAddr, ProviderConfigAddr};
use crate::plan::{Move, Reason};
use crate::state::Dependencies;
use crate::value::{Path, Type};

const LOOK: Look = Look { paint: Paint::PLAIN, width: 80 };

fn change(address: &str, action: Action, prior: Option<Value>, planned: Option<Value>) -> Change {
    let address: InstanceAddr = address.parse().unwrap();
    Change {
        address,
        deposed: None,
        provider: ProviderConfigAddr::default_of("terraform"),
        action,
        reason: Reason::Changed,
        prior,
        planned,
        replace_paths: Vec::new(),
        dependencies: Dependencies::default(),
        needs: Vec::new(),
        create_before_destroy: false,
        record_only: false,
        stays: false,
        declared_at: None,
        causes: Vec::new(),
    }
}

fn object(id: Option<&str>, input: Value) -> Value {
    let id = id.map_or_else(|| Value::unknown(Type::String), Value::from);
    Value::object([("id", id), ("input", input)])
}

fn create(address: &str, input: impl Into<Value>) -> Change {
    change(address, Action::Create, None, Some(object(None, input.into())))
}

fn update(address: &str, old: impl Into<Value>, new: impl Into<Value>) -> Change {
    let (old, new) = (object(Some(address), old.into()), object(Some(address), new.into()));
    change(address, Action::Update, Some(old), Some(new))
}

fn delete(address: &str, index: u64) -> Change {
    let prior = object(Some(&format!("id-{}", index * 7919 % 1009)), Value::from("x"));
    Change {
        reason: Reason::CountTooLow(index),
        ..change(address, Action::Delete, Some(prior), None)
    }
}

fn replace(address: &str, old: &str, new: &str) -> Change {
    Change {
        action: Action::Replace(ReplaceOrder::DeleteFirst),
        replace_paths: vec![Path::attribute("input")],
        ..update(address, old, new)
    }
}

fn plan(mut changes: Vec<Change>) -> Plan {
    changes.sort_by(|left, right| left.address.cmp(&right.address));
    Plan { changes, ..Plan::default() }
}

fn grouped(plan: &Plan) -> String {
    render_plan(plan, PlanDetail::Grouped, LOOK)
}

/// What a reviewer meets: instances by number and by key, in modules, and blocks beside each other.
fn a_thousand() -> Plan {
    let mut changes = Vec::new();
    for index in 0..500 {
        let revision = u32::from(index % 100 == 50);
        changes.push(create(&format!("data_a.r[{index}]"), &*format!("v{revision}-{index}")));
    }
    for index in 0..200 {
        let (old, new) = (Value::from(1), Value::from(2));
        changes.push(update(&format!("data_a.each[\"k{index:03}\"]"), old, new));
    }
    for index in 0..30 {
        changes.push(replace(&format!("data_b.twice[{index}]"), "old", "new"));
    }
    for index in 10..20 {
        changes.push(delete(&format!("data_b.gone[{index}]"), index));
    }
    for module in ["eu", "us", "ap"] {
        for index in 0..80 {
            let address = format!("module.m[\"{module}\"].data_a.many[{index}]");
            changes.push(create(&address, &*format!("{module}/{index}")));
        }
    }
    for number in 0..20 {
        changes.push(create(&format!("data_c.block{number:02}"), &*format!("text {number}")));
    }
    plan(changes)
}

#[test]
fn a_thousand_changes_fit_on_a_few_screens_and_end_with_one() {
    let plan = a_thousand();
    assert_eq!(plan.changes.len(), 1000);
    insta::assert_snapshot!(grouped(&plan));
}

#[test]
fn what_differs_is_shown_however_many_are_alike() {
    let plan = a_thousand();
    let text = grouped(&plan);
    for odd in [50, 150, 250, 350, 450] {
        assert!(text.contains(&format!("input = \"v1-{odd}\"")), "{odd}");
    }
    for index in 10..20 {
        assert!(text.contains(&format!("id-{}\"", index * 7919 % 1009)), "{index}");
    }
    for key in 0..200 {
        assert!(text.contains(&format!("[\"k{key:03}\"]")), "{key}");
    }
    for number in 0..20 {
        assert!(text.contains(&format!("\"text {number}\"")), "{number}");
    }
    let full = render_plan(&plan, PlanDetail::Full, LOOK);
    assert_eq!(full.matches("  # ").count() - full.matches("  # (").count(), 1000);
}

#[test]
fn a_word_within_a_longer_word_is_no_key() {
    let plan = plan(
        (0..6)
            .map(|index| {
                // The key `1` stands in `11` and in `x1` without being meant.
                create(&format!("a_b.c[{index}]"), &*format!("11 x1 {index} {index}"))
            })
            .collect(),
    );
    let text = grouped(&plan);
    assert!(text.contains("input = \"11 x1 <index> <index>\""), "{text}");
    assert!(text.contains("5 more like it, each with its own <index>: [1] to [5]"), "{text}");
}

#[test]
fn few_instances_are_shown_one_by_one_and_so_are_changes_of_another_kind() {
    let alike = (0..4).map(|index| create(&format!("a_b.c[{index}]"), 1)).collect();
    assert!(!grouped(&plan(alike)).contains("more like"));
    let mut mixed: Vec<_> = (0..4).map(|index| create(&format!("a_b.c[{index}]"), 1)).collect();
    mixed.extend((4..8).map(|index| update(&format!("a_b.c[{index}]"), 1, 2)));
    let text = grouped(&plan(mixed));
    assert!(!text.contains("more like"), "{text}");
    assert_eq!(text.matches("resource \"a_b\" \"c\" {").count(), 8);
}

#[test]
fn each_change_takes_one_line_where_that_is_asked_for() {
    let mut plan = plan(vec![
        create("a_b.made", 1),
        update("a_b.changed", 1, 2),
        replace("a_b.replaced", "a", "b"),
        delete("a_b.gone[3]", 3),
        Change { action: Action::NoOp, ..create("a_b.same", 1) },
    ]);
    plan.outputs.insert(
        "secret".into(),
        OutputChange {
            prior: None,
            planned: Some("hunter2".into()),
            sensitive: true,
            was_sensitive: true,
        },
    );
    plan.outputs.insert(
        "shown".into(),
        OutputChange {
            prior: Some(1.into()),
            planned: Some(2.into()),
            sensitive: false,
            was_sensitive: false,
        },
    );
    insta::assert_snapshot!(render_plan(&plan, PlanDetail::Concise, LOOK));
}

#[test]
fn a_plan_that_only_moves_has_counts_too() {
    let moves = vec![Move { from: "a_b.old".parse().unwrap(), to: "a_b.new".parse().unwrap() }];
    let plan = Plan { moves, ..Plan::default() };
    for detail in [PlanDetail::Full, PlanDetail::Grouped, PlanDetail::Concise] {
        let text = render_plan(&plan, detail, LOOK);
        assert!(text.contains("a_b.old has moved to a_b.new\n"), "{text}");
        assert!(text.ends_with("\nPlan: 0 to add, 0 to change, 0 to destroy.\n"), "{text}");
    }
}

#[test]
fn colours_carry_no_meaning_alone() {
    let plan = a_thousand();
    let look = Look { paint: Paint { colours: true }, width: 80 };
    let colours = render_plan(&plan, PlanDetail::Grouped, look);
    let mut plain = String::new();
    let mut rest = &*colours;
    while let Some((before, behind)) = rest.split_once('\u{1b}') {
        plain.push_str(before);
        rest = behind.split_once('m').unwrap().1;
    }
    plain.push_str(rest);
    assert_eq!(plain, grouped(&plan));
    assert_ne!(plain, colours);
}

#[test]
fn lines_stay_within_the_width_where_they_are_lists() {
    let text = grouped(&a_thousand());
    let wide: Vec<_> = text.lines().filter(|line| line.chars().count() > 80).collect();
    assert_eq!(wide, Vec::<&str>::new());
}
