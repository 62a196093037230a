//! Which arguments and settings of a block make a change.

use crate::config::{Repetition, ResourceDecl, expressions_of, mentions};
use crate::plan::{Action, Cause, Proposal, Reason};
use crate::syntax::Expression;
use crate::value::Path;

/// Mentions of one expression that are listed. Nobody reads more.
const MOST_MENTIONS: usize = 8;

/// What makes an update or a replacement: the arguments that differ, or what triggers it.
pub(super) fn of_change(
    resource: &ResourceDecl,
    action: Action,
    reason: &Reason,
    proposal: &Proposal,
) -> Vec<Cause> {
    let changed = match proposal.replace.as_slice() {
        [] => &proposal.changed,
        replace => replace,
    };
    match (action, reason) {
        (Action::Update, _) | (Action::Replace(_), Reason::CannotUpdate(_)) => {
            let names = changed.iter().filter_map(Path::root_attribute);
            names.map(|name| of_argument(resource, name)).collect()
        }
        (Action::Replace(_), Reason::Triggered) => {
            let triggers = resource.lifecycle.replace_triggered_by.iter();
            triggers.map(|trigger| of_expression("replace_triggered_by", trigger)).collect()
        }
        _ => Vec::new(),
    }
}

/// What makes a deletion: the setting that no longer yields the instance.
pub(super) fn of_deletion(resource: &ResourceDecl, reason: &Reason) -> Vec<Cause> {
    match (reason, &resource.repetition) {
        (Reason::CountTooLow(_), Repetition::Count(count)) => vec![of_expression("count", count)],
        (Reason::KeyNotInForEach(_), Repetition::ForEach(each)) => {
            vec![of_expression("for_each", each)]
        }
        _ => Vec::new(),
    }
}

fn of_argument(resource: &ResourceDecl, name: &str) -> Cause {
    if let Some(argument) = resource.body.attribute(name) {
        return of_expression(name, &argument.value);
    }
    let block = resource.body.blocks_of(name).next();
    let inside = block.map(|block| expressions_of(&block.body)).unwrap_or_default();
    let mut mentioned: Vec<_> = inside.into_iter().flat_map(named).collect();
    mentioned.truncate(MOST_MENTIONS);
    Cause {
        argument: name.to_owned(),
        // What is no longer written has its place at the block that does not have it.
        span: Some(block.map_or(resource.header, |block| block.header)),
        place: None,
        mentions: mentioned,
    }
}

fn of_expression(name: &str, expression: &Expression) -> Cause {
    let mut mentioned = named(expression);
    mentioned.truncate(MOST_MENTIONS);
    Cause {
        argument: name.to_owned(),
        span: Some(expression.span()),
        place: None,
        mentions: mentioned,
    }
}

/// What an expression mentions, each once, with the way to the part that is meant.
fn named(expression: &Expression) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for mention in mentions(expression) {
        let steps: String = mention.rest.iter().map(ToString::to_string).collect();
        let name = format!("{}{steps}", mention.subject);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}
