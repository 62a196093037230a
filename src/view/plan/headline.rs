//! What a change is called.

use crate::plan::{Action, Cause, Change, Reason};

use super::super::{Paint, Style};

/// The action as people see it: an object that stays is only forgotten.
pub(super) fn shown(change: &Change) -> Action {
    if change.action == Action::Delete && change.stays { Action::Forget } else { change.action }
}

/// The sign of an action, as wide as the widest.
pub(super) fn symbol(paint: Paint, action: Action) -> String {
    let symbol = format!("{:>3}", action.symbol());
    match action {
        Action::Create => paint.paint(Style::Added, &symbol),
        Action::Update | Action::Replace(_) => paint.paint(Style::Changed, &symbol),
        Action::Delete => paint.paint(Style::Removed, &symbol),
        Action::Forget | Action::Read | Action::NoOp => symbol,
    }
}

/// The object, as an address.
pub(super) fn name(change: &Change) -> String {
    match &change.deposed {
        Some(key) => format!("{} (deposed object {key})", change.address),
        None => change.address.to_string(),
    }
}

/// What becomes of the object.
pub(super) fn headline(change: &Change) -> &'static str {
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

/// Why, where that does not go without saying.
pub(super) fn reason(reason: &Reason) -> Option<String> {
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

/// Where in the source a change comes from, in one line.
pub(super) fn cause(cause: &Cause) -> String {
    let place = cause.place.as_ref();
    let place = place.map(|place| format!(" at {}:{}", place.file, place.line)).unwrap_or_default();
    let from = match cause.mentions.as_slice() {
        [] => String::new(),
        mentions => format!(", from {}", mentions.join(", ")),
    };
    format!("{}{place}{from}", cause.argument)
}
