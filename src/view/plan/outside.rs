//! What a plan says apart from changes: what happened outside, what moves, what is taken in.

use crate::plan::{Action, Change, Drift, Import, Plan, PlanMode, Reason};
use crate::state::Dependencies;

use super::super::Paint;
use super::block::Block;

pub(super) fn render(plan: &Plan, paint: Paint, text: &mut String) {
    if !plan.drift.is_empty() {
        text.push_str(&paint.strong("Changed outside of snapform since the last apply:\n"));
        let mut was_line = false;
        for drift in &plan.drift {
            // What is gone takes one line; many of these are a list.
            let is_line = drift.seen.is_none();
            if !(is_line && was_line) {
                text.push('\n');
            }
            render_drift(drift, paint, text);
            was_line = is_line;
        }
        if plan.mode == PlanMode::RefreshOnly {
            text.push_str("\nOnly the state changes: applying this records what is shown.\n");
        } else {
            text.push('\n');
        }
    }
    if !plan.moves.is_empty() {
        text.push_str(&paint.strong("Known under another address from now on:\n"));
        for moved in &plan.moves {
            text.push_str(&format!("  # {} has moved to {}\n", moved.from, moved.to));
        }
        text.push('\n');
    }
    if !plan.imports.is_empty() {
        text.push_str(&paint.strong("Taken into the state from now on:\n"));
        for Import { address, id, .. } in &plan.imports {
            text.push_str(&format!("  # {address} will be imported from \"{id}\"\n"));
        }
        text.push('\n');
    }
}

/// What became of an object outside, in words.
pub(super) fn what_happened(drift: &Drift) -> &'static str {
    match (&drift.seen, drift.expired) {
        (None, true) => "has expired",
        (None, false) => "was deleted",
        _ => "was changed",
    }
}

fn render_drift(drift: &Drift, paint: Paint, text: &mut String) {
    text.push_str(&format!("  # {} {}\n", drift.address, what_happened(drift)));
    if let Some(seen) = &drift.seen {
        let change = Change {
            address: drift.address.clone(),
            deposed: None,
            provider: drift.provider.clone(),
            action: Action::Update,
            reason: Reason::Changed,
            prior: Some(drift.recorded.clone()),
            planned: Some(seen.clone()),
            replace_paths: Vec::new(),
            dependencies: Dependencies::default(),
            needs: Vec::new(),
            create_before_destroy: false,
            record_only: false,
            stays: false,
            declared_at: None,
            causes: Vec::new(),
        };
        Block::of(&change).write_parts(paint, text);
    }
}
