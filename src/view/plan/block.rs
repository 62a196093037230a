//! One change as a block, as it would stand in a configuration.

use std::sync::Arc;

use crate::addr::ResourceMode;
use crate::plan::{Action, Change};
use crate::value::{Key, Value};

use super::super::Paint;
use super::super::values::{Lines, Sign, key_width, padded, same, short};
use super::headline;

/// An attribute with the lines that show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) name: Arc<str>,
    pub(super) lines: Lines,
    /// Bytes of the first line that stand before the value.
    pub(super) head: usize,
    /// A value that takes several lines, in one, where it is short.
    pub(super) word: Option<String>,
    /// Whether a reader who knows another instance must be told of this one's value as well: not
    /// where it stays as it is, and not what was before something that is known after apply.
    pub(super) counts: bool,
}

/// Columns of a value with parts that is still easy to read in one line.
const SHORT: usize = 60;

/// A change, taken apart for showing.
pub(super) struct Block<'p> {
    pub(super) change: &'p Change,
    pub(super) reason: Option<String>,
    pub(super) parts: Vec<Part>,
    /// Attributes that stay and are not shown.
    pub(super) hidden: usize,
}

impl<'p> Block<'p> {
    pub(super) fn of(change: &'p Change) -> Self {
        let (parts, hidden) = parts(change);
        Self { change, reason: headline::reason(&change.reason), parts, hidden }
    }

    pub(super) fn write(&self, paint: Paint, to: &mut String) {
        let change = self.change;
        let words = format!("  # {} {}", headline::name(change), headline::headline(change));
        to.push_str(&paint.strong(&words));
        to.push('\n');
        if let Some(reason) = &self.reason {
            to.push_str(&format!("  # ({reason})\n"));
        }
        for cause in &change.causes {
            to.push_str(&format!("  # {}\n", headline::cause(cause)));
        }
        let local = &change.address.resource.local;
        let kind = match local.mode {
            ResourceMode::Managed => "resource",
            ResourceMode::Data => "data",
        };
        let symbol = headline::symbol(paint, headline::shown(change));
        to.push_str(&format!("{symbol} {kind} \"{}\" \"{}\" {{\n", local.type_name, local.name));
        self.write_parts(paint, to);
        to.push_str("    }\n");
    }

    pub(super) fn write_parts(&self, paint: Paint, to: &mut String) {
        for part in &self.parts {
            part.lines.write(paint, to);
        }
        let mut rest = Lines::default();
        rest.hidden(1, self.hidden, "attribute");
        rest.write(paint, to);
    }
}

/// What becomes of one attribute.
struct Pair<'v> {
    name: &'v Arc<str>,
    before: Option<&'v Value>,
    after: Option<&'v Value>,
}

/// The attributes of an object: all for one that comes or goes, what differs otherwise; and how many
/// are left out.
fn parts(change: &Change) -> (Vec<Part>, usize) {
    let all = pairs(change);
    let is_kept = |pair: &Pair<'_>| match (change.action, pair.before, pair.after) {
        (Action::Create | Action::Delete | Action::Forget, ..) => false,
        (_, Some(before), Some(after)) => same(before, after),
        _ => false,
    };
    let (kept, other): (Vec<Pair<'_>>, Vec<_>) = all.into_iter().partition(is_kept);
    let (named, hidden): (Vec<_>, Vec<_>) =
        kept.into_iter().partition(|pair| tells_which(pair.name));
    let mut shown: Vec<_> = named.into_iter().map(|pair| (pair, true)).collect();
    shown.extend(other.into_iter().map(|pair| (pair, false)));
    shown.sort_by_key(|(pair, _)| pair.name);
    let width = key_width(shown.iter().map(|(pair, _)| pair.name));
    let parts = shown.into_iter().map(|(pair, kept)| part(change, &pair, kept, width)).collect();
    (parts, hidden.len())
}

/// The attributes that differ, by name.
pub(super) fn changed_names(change: &Change) -> impl Iterator<Item = String> {
    let differs = |pair: &Pair<'_>| match (pair.before, pair.after) {
        (Some(before), Some(after)) => !same(before, after),
        _ => true,
    };
    pairs(change).into_iter().filter(differs).map(|pair| pair.name.to_string())
}

/// Attributes by which people know an object: they are shown also where they stay.
fn tells_which(name: &str) -> bool {
    matches!(name, "id" | "name" | "display_name")
}

/// All attributes that are something, by name.
fn pairs(change: &Change) -> Vec<Pair<'_>> {
    let goes = matches!(change.action, Action::Delete | Action::Forget);
    let prior = change.prior.as_ref().filter(|_| change.action != Action::Create);
    let planned = change.planned.as_ref().filter(|_| !goes);
    let (prior, planned) = (entries(prior), entries(planned));
    let mut found = Vec::with_capacity(prior.len().max(planned.len()));
    let (mut prior, mut planned) = (prior.iter().peekable(), planned.iter().peekable());
    // Both are sorted by name.
    while let Some(name) =
        [prior.peek(), planned.peek()].into_iter().flatten().map(|(name, _)| name).min()
    {
        let before = prior.next_if(|entry| entry.0 == *name).map(|entry| &entry.1);
        let after = planned.next_if(|entry| entry.0 == *name).map(|entry| &entry.1);
        let something = |value: &&Value| !is_nothing(value);
        let pair = Pair { name, before: before.filter(something), after: after.filter(something) };
        if pair.before.is_some() || pair.after.is_some() {
            found.push(pair);
        }
    }
    found
}

fn entries(object: Option<&Value>) -> &[(Key, Value)] {
    object.and_then(Value::entries).unwrap_or_default()
}

/// Null, or a block in which nothing is set.
fn is_nothing(value: &Value) -> bool {
    value.is_null()
        || value.entries().is_some_and(|entries| {
            !entries.is_empty() && entries.iter().all(|(_, value)| value.is_null())
        })
}

fn part(change: &Change, pair: &Pair<'_>, kept: bool, width: usize) -> Part {
    let head = padded(pair.name, width);
    let mut lines = Lines::default();
    match (pair.before, pair.after) {
        (_, Some(after)) if kept => lines.value(1, Sign::Kept, &head, after, ""),
        (Some(before), Some(after)) => lines.change(1, &head, before, after, ""),
        (Some(before), None) => match change.action {
            Action::Delete if change.stays => lines.value(1, Sign::Kept, &head, before, ""),
            Action::Forget => lines.value(1, Sign::Kept, &head, before, ""),
            Action::Delete => lines.value(1, Sign::Removed, &head, before, ""),
            _ => lines.change(1, &head, before, &Value::NULL, ""),
        },
        (None, Some(after)) => lines.value(1, Sign::Added, &head, after, ""),
        (None, None) => {}
    }
    let forces =
        change.replace_paths.iter().any(|path| path.root_attribute() == Some(&**pair.name));
    if let Some(first) = lines.0.first_mut() {
        first.forces = forces && !kept;
    }
    let only = match (pair.before, pair.after) {
        (Some(value), None) | (None, Some(value)) if lines.0.len() > 1 => Some(value),
        _ => None,
    };
    let word = only.map(short).filter(|word| word.chars().count() <= SHORT && !word.contains('\\'));
    let goes = change.action.destroys() && tells_which(pair.name);
    let is_open = pair.before.is_some() && pair.after.is_some_and(|after| !after.is_known());
    let counts = goes || !(kept || is_open);
    Part { name: Arc::clone(pair.name), lines, head: head.len(), word, counts }
}
