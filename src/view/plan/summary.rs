//! The end of a plan: how many changes of each kind, and on one screen where they are.

use std::collections::BTreeMap;

use crate::addr::{InstanceAddr, ModulePath, ResourceType};
use crate::plan::{Action, Change, Plan};

use super::super::{Look, Paint};
use super::group::MANY;
use super::labels::{Apart, wrapped};
use super::{headline, shown_changes};

/// Lines of one list that still leave room for the other on a screen.
const LINES: usize = 12;

/// Labels of instances that are named in one line of the list.
const LABELS: usize = 6;

/// Whether the counts say anything.
pub(super) fn has_counts(plan: &Plan) -> bool {
    plan.changes_objects() || !plan.imports.is_empty() || !plan.moves.is_empty()
}

/// Whether there are more changes than one can keep in mind.
pub(super) fn has_table(plan: &Plan) -> bool {
    shown_changes(plan).len() > MANY
}

/// `Plan: 1 to add, 0 to change, 0 to destroy.`
pub fn summary_line(plan: &Plan, paint: Paint) -> String {
    let summary = plan.summary();
    let forget =
        if summary.forget > 0 { format!(", {} to forget", summary.forget) } else { String::new() };
    let import =
        if summary.import > 0 { format!("{} to import, ", summary.import) } else { String::new() };
    format!(
        "{} {import}{} to add, {} to change, {} to destroy{forget}.",
        paint.strong("Plan:"),
        summary.add,
        summary.change,
        summary.destroy
    )
}

pub(super) fn render(plan: &Plan, look: Look, text: &mut String) {
    text.push_str(&summary_line(plan, look.paint));
    text.push('\n');
    if has_table(plan) {
        let changes = shown_changes(plan);
        dangers(&changes, look, text);
        table(&changes, text);
    }
}

/// What goes away, by resource: nobody must miss that.
fn dangers(changes: &[&Change], look: Look, text: &mut String) {
    let going: Vec<_> =
        changes.iter().filter(|change| headline::shown(change).destroys()).collect();
    if going.is_empty() {
        return;
    }
    text.push_str(&format!("\n{}\n", look.paint.strong("Destroyed or replaced:")));
    let alike = |left: &&&Change, right: &&&Change| {
        left.address.resource == right.address.resource
            && headline::shown(left) == headline::shown(right)
    };
    let runs: Vec<_> = going.chunk_by(alike).collect();
    for run in runs.iter().take(LINES) {
        let [first, ..] = run else { continue };
        let symbol = headline::symbol(look.paint, headline::shown(first));
        let addresses: Vec<_> = run.iter().map(|change| &change.address).collect();
        let deposed = run.iter().filter(|change| change.deposed.is_some()).count();
        let note = if deposed > 0 { " (deposed)" } else { "" };
        text.push_str(&format!("{symbol} {}{note}\n", named(&addresses, look.width)));
    }
    let rest: usize = runs.iter().skip(LINES).map(|run| run.len()).sum();
    if rest > 0 {
        text.push_str(&format!("    and {rest} more, shown above\n"));
    }
}

/// The instances of one resource in a line or two.
fn named(addresses: &[&InstanceAddr], width: usize) -> String {
    let [first, .., _] = addresses else {
        return addresses.first().map(ToString::to_string).unwrap_or_default();
    };
    let resource = first.resource.to_string();
    let mut labels = Apart::of(addresses).labels(addresses);
    let rest = labels.len().saturating_sub(LABELS);
    if rest > 1 {
        labels.truncate(LABELS);
        labels.push("...".to_owned());
    }
    let head = format!("{resource}: {} of them, ", addresses.len());
    let used = 4 + head.chars().count();
    format!("{head}{}", wrapped(&labels, used, 6, width))
}

/// A column of the table: its head, and which actions are counted in it.
type Column = (&'static str, fn(Action) -> bool);

/// The columns of the table; those without any change are left out.
const COLUMNS: [Column; 6] = [
    ("destroy", |action| action == Action::Delete),
    ("replace", |action| matches!(action, Action::Replace(_))),
    ("update", |action| action == Action::Update),
    ("create", |action| action == Action::Create),
    ("forget", |action| action == Action::Forget),
    ("read", |action| action == Action::Read),
];

/// How many changes of each kind there are, by module and type.
fn table(changes: &[&Change], text: &mut String) {
    let mut rows: BTreeMap<(ModulePath, ResourceType), [usize; COLUMNS.len()]> = BTreeMap::new();
    for change in changes {
        let resource = &change.address.resource;
        let key = (resource.module.path(), resource.local.type_name.clone());
        add(rows.entry(key).or_default(), headline::shown(change));
    }
    let name = |(module, type_name): &(ModulePath, ResourceType)| {
        if module.is_root() { type_name.to_string() } else { format!("{module}: {type_name}") }
    };
    let mut lines: Vec<_> = rows.iter().map(|(key, counts)| (name(key), *counts)).collect();
    if lines.len() > LINES {
        let rest = lines.split_off(LINES - 1);
        let mut sum = [0; COLUMNS.len()];
        for (_, counts) in &rest {
            sum.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        }
        lines.push((format!("{} other types and modules", rest.len()), sum));
    }
    let used: Vec<_> =
        (0..COLUMNS.len()).filter(|column| lines.iter().any(|line| line.1[*column] > 0)).collect();
    let width = lines.iter().map(|line| line.0.chars().count()).max().unwrap_or_default();
    let heads = used.iter().map(|column| format!("{:>9}", COLUMNS[*column].0));
    text.push_str(&format!("\n    {:<width$}{}\n", "", heads.collect::<String>()));
    for (name, counts) in &lines {
        let cells = used.iter().map(|column| match counts[*column] {
            0 => format!("{:>9}", "."),
            count => format!("{count:>9}"),
        });
        text.push_str(&format!("    {name:<width$}{}\n", cells.collect::<String>()));
    }
}

fn add(counts: &mut [usize; COLUMNS.len()], action: Action) {
    for (count, (_, is_meant)) in counts.iter_mut().zip(COLUMNS) {
        *count += usize::from(is_meant(action));
    }
}
