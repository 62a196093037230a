//! A plan for people to review.

use crate::addr::ResourceMode;
use crate::plan::{
    Action, Change, Drift, Import, OutputChange, Plan, PlanMode, Reason, ReplaceOrder,
};
use crate::value::Value;

use super::values::{Sign, Writer, key_width, padded, same};
use super::{Look, Paint, Style};

/// The whole plan: what changed outside, what will be done, outputs, and the sum.
pub fn render_plan(plan: &Plan, look: Look) -> String {
    let paint = look.paint;
    let mut writer = Writer { paint, text: String::new() };
    if !plan.drift.is_empty() {
        writer.text.push_str(&paint.strong("Changed outside of snapform since the last apply:\n"));
        for drift in &plan.drift {
            render_drift(&mut writer, drift);
        }
        if plan.mode == PlanMode::RefreshOnly {
            writer
                .text
                .push_str("\nOnly the state changes: applying this records what is shown.\n");
        } else {
            writer.text.push('\n');
        }
    }
    if !plan.moves.is_empty() {
        writer.text.push_str(&paint.strong("Known under another address from now on:\n"));
        for moved in &plan.moves {
            writer.text.push_str(&format!("  # {} has moved to {}\n", moved.from, moved.to));
        }
        if plan.changes_objects() {
            writer.text.push('\n');
        }
    }
    if !plan.imports.is_empty() {
        writer.text.push_str(&paint.strong("Taken into the state from now on:\n"));
        for import in &plan.imports {
            let Import { address, id, .. } = import;
            writer.text.push_str(&format!("  # {address} will be imported from \"{id}\"\n"));
        }
        writer.text.push('\n');
        if !plan.changes_objects() {
            writer.text.push_str(&summary_line(plan, paint));
            writer.text.push('\n');
        }
    }
    if plan.is_empty() {
        writer.text.push_str(&nothing_to_do(plan, paint));
        return writer.text;
    }
    if plan.changes_objects() {
        legend(&mut writer, plan);
        writer.text.push_str("snapform will perform the following actions:\n");
        for change in plan.changes.iter().filter(|change| change.action != Action::NoOp) {
            writer.text.push('\n');
            render_change(&mut writer, change);
        }
        writer.text.push('\n');
        writer.text.push_str(&summary_line(plan, paint));
        writer.text.push('\n');
    }
    render_outputs(&mut writer, plan);
    writer.text
}

fn nothing_to_do(plan: &Plan, paint: Paint) -> String {
    let words = match plan.mode {
        PlanMode::Destroy => "Nothing to destroy. State holds no objects.",
        _ => "No changes. What is there matches the configuration.",
    };
    format!("{}\n", paint.paint(Style::Added, words))
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

fn legend(writer: &mut Writer, plan: &Plan) {
    const SIGNS: [(Action, &str); 7] = [
        (Action::Create, "create"),
        (Action::Update, "update in place"),
        (Action::Delete, "destroy"),
        (Action::Replace(ReplaceOrder::DeleteFirst), "destroy, then create a replacement"),
        (Action::Replace(ReplaceOrder::CreateFirst), "create a replacement, then destroy"),
        (Action::Forget, "forget: the object stays, state no longer names it"),
        (Action::Read, "read (data)"),
    ];
    writer.text.push_str("Actions are marked like this:\n");
    for (action, words) in SIGNS {
        if plan.changes.iter().any(|change| shown(change) == action) {
            let symbol = format!("{:>3}", action.symbol());
            let symbol = symbol_painted(writer.paint, action, &symbol);
            writer.text.push_str(&format!("{symbol} {words}\n"));
        }
    }
    writer.text.push('\n');
}

fn symbol_painted(paint: Paint, action: Action, symbol: &str) -> String {
    match action {
        Action::Create => paint.paint(Style::Added, symbol),
        Action::Update => paint.paint(Style::Changed, symbol),
        Action::Delete => paint.paint(Style::Removed, symbol),
        Action::Replace(_) => paint.paint(Style::Changed, symbol),
        Action::Forget | Action::Read | Action::NoOp => symbol.to_owned(),
    }
}

fn render_change(writer: &mut Writer, change: &Change) {
    let paint = writer.paint;
    let name = match &change.deposed {
        Some(key) => format!("{} (deposed object {key})", change.address),
        None => change.address.to_string(),
    };
    let headline = paint.strong(&format!("  # {name} {}", headline(change)));
    writer.text.push_str(&headline);
    writer.text.push('\n');
    if let Some(reason) = reason(&change.reason) {
        writer.text.push_str(&format!("  # ({reason})\n"));
    }
    let action = shown(change);
    let symbol = symbol_painted(paint, action, &format!("{:>3}", action.symbol()));
    let resource = &change.address.resource;
    let kind = match resource.local.mode {
        ResourceMode::Managed => "resource",
        ResourceMode::Data => "data",
    };
    writer.text.push_str(&format!(
        "{symbol} {kind} \"{}\" \"{}\" {{\n",
        resource.local.type_name, resource.local.name
    ));
    attributes(writer, change);
    writer.text.push_str("    }\n");
}

/// The action as people see it: an object that stays is only forgotten.
fn shown(change: &Change) -> Action {
    if change.action == Action::Delete && change.stays { Action::Forget } else { change.action }
}

fn headline(change: &Change) -> &'static str {
    match (change.action, &change.reason) {
        (Action::NoOp, _) => "stays as it is",
        (Action::Create, _) => "will be created",
        (Action::Update, _) if change.record_only => "will be updated in state only",
        (Action::Update, _) => "will be updated in place",
        (Action::Replace(_), Reason::Tainted) => "is tainted and must be replaced",
        (Action::Replace(_), Reason::Failed(_)) => "has failed and must be replaced",
        (Action::Replace(_), Reason::Requested) => "will be replaced, as requested",
        (Action::Replace(_), Reason::Triggered) => {
            "will be replaced, because of what `replace_triggered_by` names"
        }
        (Action::Replace(_), _) => "must be replaced",
        (Action::Delete, _) if change.stays => "will be forgotten: its vendor cannot delete it",
        (Action::Delete, _) => "will be destroyed",
        (Action::Forget, _) => "will be forgotten; the object stays",
        (Action::Read, _) => "will be read during apply",
    }
}

fn reason(reason: &Reason) -> Option<String> {
    match reason {
        Reason::Gone => Some("it was deleted outside of snapform".to_owned()),
        Reason::Expired => Some("the one in state has expired".to_owned()),
        Reason::Failed(reason) => Some(reason.trim_end_matches('.').to_owned()),
        Reason::NotDeclared => Some("it is no longer declared".to_owned()),
        Reason::NoModule(module) => Some(format!("there is no `{module}` any more")),
        Reason::ArgumentsUnknown => Some("its arguments are known after apply".to_owned()),
        Reason::DependencyPending => Some("what it depends on is changed before".to_owned()),
        Reason::CountTooLow(index) => Some(format!("index {index} is beyond `count`")),
        Reason::KeyNotInForEach(key) => Some(format!("key \"{key}\" is not in `for_each`")),
        Reason::KeyKindChanged => {
            Some("the resource has another kind of instance key now".to_owned())
        }
        Reason::Deposed => Some("it was replaced and could not be deleted then".to_owned()),
        Reason::Removed => Some("a `removed` block says so".to_owned()),
        _ => None,
    }
}

/// The lines of an object: everything for one that comes or goes, differences otherwise.
fn attributes(writer: &mut Writer, change: &Change) {
    let empty = Value::object::<&str>([]);
    let (prior, planned) =
        (change.prior.as_ref().unwrap_or(&empty), change.planned.as_ref().unwrap_or(&empty));
    let mut names: Vec<_> = prior
        .entries()
        .unwrap_or_default()
        .iter()
        .chain(planned.entries().unwrap_or_default())
        .map(|(name, _)| name)
        .collect();
    names.sort();
    names.dedup();
    let is_shown = |name: &&&std::sync::Arc<str>| {
        let visible = |value: Option<&Value>| value.is_some_and(|value| !is_nothing(value));
        visible(prior.attribute(name)) || visible(planned.attribute(name))
    };
    let width = key_width(names.iter().filter(is_shown).copied());
    let mut hidden = 0;
    for name in names {
        let head = padded(name, width);
        let nothing = Value::NULL;
        let before = prior.attribute(name).filter(|value| !is_nothing(value));
        let after = planned.attribute(name).filter(|value| !is_nothing(value));
        let forced = change.replace_paths.iter().any(|path| path.root_attribute() == Some(name));
        let tail = if forced {
            writer.paint.paint(Style::Removed, " # forces replacement")
        } else {
            String::new()
        };
        match (change.action, before, after) {
            (_, None, None) => {}
            (Action::Create, _, Some(after)) => writer.value(1, Sign::Added, &head, after, &tail),
            (Action::Create, _, None) => {}
            (Action::Delete | Action::Forget, Some(before), _) => {
                let sign = if shown(change) == Action::Delete { Sign::Removed } else { Sign::Kept };
                writer.value(1, sign, &head, before, "");
            }
            (Action::Delete | Action::Forget, None, _) => {}
            (_, Some(before), Some(after)) if same(before, after) => {
                if matches!(&**name, "id" | "name" | "display_name") {
                    writer.value(1, Sign::Kept, &head, after, "");
                } else {
                    hidden += 1;
                }
            }
            (_, Some(before), Some(after)) => writer.change(1, &head, before, after, &tail),
            (_, Some(before), None) => writer.change(1, &head, before, &nothing, &tail),
            (_, None, Some(after)) => writer.value(1, Sign::Added, &head, after, &tail),
        }
    }
    writer.hidden(1, hidden, "attribute");
}

/// Null, or a block in which nothing is set.
fn is_nothing(value: &Value) -> bool {
    value.is_null()
        || value.entries().is_some_and(|entries| {
            !entries.is_empty() && entries.iter().all(|(_, value)| value.is_null())
        })
}

fn render_drift(writer: &mut Writer, drift: &Drift) {
    let words = match (&drift.seen, drift.expired) {
        (None, true) => "has expired",
        (None, false) => "was deleted",
        _ => "was changed",
    };
    writer.text.push_str(&format!("\n  # {} {words}\n", drift.address));
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
            dependencies: crate::state::Dependencies::default(),
            needs: Vec::new(),
            create_before_destroy: false,
            record_only: false,
            stays: false,
            declared_at: None,
        };
        attributes(writer, &change);
    }
}

fn render_outputs(writer: &mut Writer, plan: &Plan) {
    let changed: Vec<_> = plan.outputs.iter().filter(|(_, output)| output.is_change()).collect();
    if changed.is_empty() {
        return;
    }
    if !writer.text.is_empty() {
        writer.text.push('\n');
    }
    writer.text.push_str("Changes to outputs:\n");
    let width = key_width(changed.iter().map(|(name, _)| *name));
    for (name, output) in changed {
        render_output(writer, &padded(name, width), output);
    }
    if !plan.changes_objects() {
        writer.text.push_str("\nOnly outputs change: applying this records their new values.\n");
    }
}

fn render_output(writer: &mut Writer, head: &str, output: &OutputChange) {
    let hide = |value: &Value, sensitive| {
        if sensitive { value.clone().sensitive() } else { value.clone() }
    };
    let prior = output.prior.as_ref().map(|value| hide(value, output.was_sensitive));
    let planned = output.planned.as_ref().filter(|value| !value.is_null());
    match (prior, planned.map(|value| hide(value, output.sensitive))) {
        (None, None) => {}
        (None, Some(planned)) => writer.value(0, Sign::Added, head, &planned, ""),
        (Some(prior), None) => writer.value(0, Sign::Removed, head, &prior, ""),
        (Some(prior), Some(planned)) => writer.change(0, head, &prior, &planned, ""),
    }
}
