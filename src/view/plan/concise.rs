//! A plan in as few lines as there are changes.

use std::collections::BTreeSet;

use crate::plan::{Action, Change, OutputChange, Plan};
use crate::value::Value;

use super::super::values::short;
use super::super::{Look, Paint};
use super::{headline, nothing_to_do, outside, shown_changes, summary};

pub(super) fn render(plan: &Plan, look: Look, text: &mut String) {
    let paint = look.paint;
    for drift in &plan.drift {
        text.push_str(&format!(
            "  # {} {} outside of snapform\n",
            drift.address,
            outside::what_happened(drift)
        ));
    }
    for moved in &plan.moves {
        text.push_str(&format!("  # {} has moved to {}\n", moved.from, moved.to));
    }
    for import in &plan.imports {
        text.push_str(&format!("  # {} will be imported from \"{}\"\n", import.address, import.id));
    }
    if plan.is_empty() {
        text.push_str(&nothing_to_do(plan, paint));
        return;
    }
    for change in shown_changes(plan) {
        render_change(change, paint, text);
    }
    for (name, output) in plan.outputs.iter().filter(|(_, output)| output.is_change()) {
        render_output(name, output, paint, text);
    }
    if summary::has_counts(plan) {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&summary::summary_line(plan, paint));
        text.push('\n');
    }
}

/// The address, the arguments that differ, and why.
fn render_change(change: &Change, paint: Paint, text: &mut String) {
    let symbol = headline::symbol(paint, headline::shown(change));
    text.push_str(&format!("{symbol} {}", headline::name(change)));
    let forcing: BTreeSet<_> =
        change.replace_paths.iter().filter_map(|path| path.root_attribute()).collect();
    if matches!(change.action, Action::Update | Action::Replace(_)) {
        let marked = |name: String| {
            if forcing.contains(&*name) { format!("{name} (forces replacement)") } else { name }
        };
        let names: Vec<_> = super::block::changed_names(change).map(marked).collect();
        if !names.is_empty() {
            text.push_str(&format!(": {}", names.join(", ")));
        }
    }
    match headline::reason(&change.reason) {
        Some(reason) => text.push_str(&format!(" ({reason})\n")),
        None => text.push('\n'),
    }
}

fn render_output(name: &str, output: &OutputChange, paint: Paint, text: &mut String) {
    let word = |value: &Value, sensitive: bool| {
        if sensitive { "(sensitive value)".to_owned() } else { short(value) }
    };
    let prior = output.prior.as_ref().map(|value| word(value, output.was_sensitive));
    let planned = output.planned.as_ref().filter(|value| !value.is_null());
    let (action, words) = match (prior, planned.map(|value| word(value, output.sensitive))) {
        (None, Some(planned)) => (Action::Create, planned),
        (Some(prior), None) => (Action::Delete, prior),
        (Some(prior), Some(planned)) => (Action::Update, format!("{prior} -> {planned}")),
        (None, None) => return,
    };
    text.push_str(&format!("{} output {name} = {words}\n", headline::symbol(paint, action)));
}
