//! A plan for people to review.

mod block;
mod concise;
mod group;
mod headline;
mod labels;
mod others;
mod outside;
mod pattern;
mod summary;
#[cfg(test)]
mod tests;

use crate::plan::{Action, Change, OutputChange, Plan, PlanMode, ReplaceOrder};
use crate::value::Value;

use super::values::{Lines, Sign, key_width, padded};
use super::{Look, Paint, Style};

pub use summary::summary_line;

/// How much of a plan is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PlanDetail {
    /// Every change as a block of its own.
    Full,
    /// Changes that are alike together: the first one in full, of the others what differs. Nothing
    /// that differs is left out.
    #[default]
    Grouped,
    /// One line for each change, and the sum.
    Concise,
}

/// The whole plan: what changed outside, what will be done, outputs, and the sum.
pub fn render_plan(plan: &Plan, detail: PlanDetail, look: Look) -> String {
    let paint = look.paint;
    let mut text = String::new();
    if detail == PlanDetail::Concise {
        concise::render(plan, look, &mut text);
        return text;
    }
    outside::render(plan, paint, &mut text);
    if plan.is_empty() {
        text.push_str(&nothing_to_do(plan, paint));
        return text;
    }
    if plan.changes_objects() {
        legend(plan, paint, &mut text);
        text.push_str("snapform will perform the following actions:\n");
        let changes = shown_changes(plan);
        match detail {
            PlanDetail::Grouped => group::render(&changes, look, &mut text),
            _ => changes.iter().for_each(|change| {
                text.push('\n');
                block::Block::of(change).write(paint, &mut text);
            }),
        }
        text.push('\n');
    }
    if summary::has_table(plan) {
        // A long plan ends with what fits on one screen.
        if render_outputs(plan, paint, &mut text) {
            text.push('\n');
        }
        summary::render(plan, look, &mut text);
        return text;
    }
    if summary::has_counts(plan) {
        summary::render(plan, look, &mut text);
        if has_output_changes(plan) {
            text.push('\n');
        }
    }
    render_outputs(plan, paint, &mut text);
    if has_output_changes(plan) && !plan.changes_objects() {
        text.push_str("\nOnly outputs change: applying this records their new values.\n");
    }
    text
}

/// The changes that do something.
fn shown_changes(plan: &Plan) -> Vec<&Change> {
    plan.changes.iter().filter(|change| change.action != Action::NoOp).collect()
}

fn nothing_to_do(plan: &Plan, paint: Paint) -> String {
    let words = match plan.mode {
        PlanMode::Destroy => "Nothing to destroy. State holds no objects.",
        _ => "No changes. What is there matches the configuration.",
    };
    format!("{}\n", paint.paint(Style::Added, words))
}

fn legend(plan: &Plan, paint: Paint, text: &mut String) {
    const SIGNS: [(Action, &str); 7] = [
        (Action::Create, "create"),
        (Action::Update, "update in place"),
        (Action::Delete, "destroy"),
        (Action::Replace(ReplaceOrder::DeleteFirst), "destroy, then create a replacement"),
        (Action::Replace(ReplaceOrder::CreateFirst), "create a replacement, then destroy"),
        (Action::Forget, "forget: the object stays, state no longer names it"),
        (Action::Read, "read (data)"),
    ];
    text.push_str("Actions are marked like this:\n");
    for (action, words) in SIGNS {
        if plan.changes.iter().any(|change| headline::shown(change) == action) {
            text.push_str(&format!("{} {words}\n", headline::symbol(paint, action)));
        }
    }
    text.push('\n');
}

fn has_output_changes(plan: &Plan) -> bool {
    plan.outputs.values().any(OutputChange::is_change)
}

/// Tells whether there were any.
fn render_outputs(plan: &Plan, paint: Paint, text: &mut String) -> bool {
    let changed: Vec<_> = plan.outputs.iter().filter(|(_, output)| output.is_change()).collect();
    if changed.is_empty() {
        return false;
    }
    text.push_str("Changes to outputs:\n");
    let width = key_width(changed.iter().map(|(name, _)| *name));
    let mut lines = Lines::default();
    for (name, output) in changed {
        render_output(&mut lines, &padded(name, width), output);
    }
    lines.write(paint, text);
    true
}

fn render_output(lines: &mut Lines, head: &str, output: &OutputChange) {
    let hide = |value: &Value, sensitive| {
        if sensitive { value.clone().sensitive() } else { value.clone() }
    };
    let prior = output.prior.as_ref().map(|value| hide(value, output.was_sensitive));
    let planned = output.planned.as_ref().filter(|value| !value.is_null());
    match (prior, planned.map(|value| hide(value, output.sensitive))) {
        (None, None) => {}
        (None, Some(planned)) => lines.value(0, Sign::Added, head, &planned, ""),
        (Some(prior), None) => lines.value(0, Sign::Removed, head, &prior, ""),
        (Some(prior), Some(planned)) => lines.change(0, head, &prior, &planned, ""),
    }
}
