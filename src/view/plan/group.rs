//! Changes that are alike, shown together.
//!
//! The first one is shown in full. Of the others only what is equal is left out, or what differs in
//! nothing but the key of the instance: that is shown as a pattern. Everything else is a row.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::addr::{LocalResource, ModulePath};
use crate::plan::Change;
use crate::value::Path;

use super::super::Look;
use super::super::values::{Lines, Sign};
use super::block::Block;
use super::headline;
use super::others::Others;

/// So many changes that are alike are each shown in full.
const MOST_IN_FULL: usize = 4;

/// More changes than these are too many to read them one by one.
pub(super) const MANY: usize = 20;

pub(super) fn render(changes: &[&Change], look: Look, text: &mut String) {
    let blocks: Vec<_> = changes.iter().map(|change| Block::of(change)).collect();
    for group in groups(&blocks) {
        let members: Vec<_> = group.iter().filter_map(|index| blocks.get(*index)).collect();
        let Some((first, others)) = members.split_first() else { continue };
        text.push('\n');
        first.write(look.paint, text);
        if !others.is_empty() {
            Others::of(first, others).write(look, text);
        }
    }
}

/// What blocks have in common that may be shown together.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Likeness<'b> {
    module: ModulePath,
    /// The resource; without a name for resources of one type.
    local: LocalResource,
    action: &'static str,
    headline: &'static str,
    has_reason: bool,
    hidden: usize,
    replace_paths: &'b [Path],
    parts: Vec<(&'b str, Sign)>,
}

fn likeness<'b>(block: &'b Block<'_>, by_type: bool) -> Likeness<'b> {
    let change = block.change;
    let resource = &change.address.resource;
    let mut local = resource.local.clone();
    if by_type {
        local.name = Arc::from("");
    }
    let sign = |lines: &Lines| lines.0.first().map_or(Sign::Kept, |line| line.sign);
    Likeness {
        module: resource.module.path(),
        local,
        action: headline::shown(change).symbol(),
        headline: headline::headline(change),
        has_reason: block.reason.is_some(),
        hidden: block.hidden,
        replace_paths: &change.replace_paths,
        parts: block.parts.iter().map(|part| (&*part.name, sign(&part.lines))).collect(),
    }
}

/// The positions of all blocks, those together that are shown together, in the order of the first.
fn groups(blocks: &[Block<'_>]) -> Vec<Vec<usize>> {
    let all: Vec<usize> = (0..blocks.len()).collect();
    let (mut groups, rest) = grouped(blocks, &all, false);
    let rest = if blocks.len() > MANY {
        let (of_types, rest) = grouped(blocks, &rest, true);
        groups.extend(of_types);
        rest
    } else {
        rest
    };
    groups.extend(rest.into_iter().map(|index| vec![index]));
    groups.sort_unstable_by_key(|group| group.first().copied());
    groups
}

/// Groups that are worth it, and what belongs to none.
fn grouped(
    blocks: &[Block<'_>],
    indices: &[usize],
    by_type: bool,
) -> (Vec<Vec<usize>>, Vec<usize>) {
    let mut rest = Vec::new();
    let mut alike: BTreeMap<Likeness<'_>, Vec<usize>> = BTreeMap::new();
    for index in indices {
        let Some(block) = blocks.get(*index) else { continue };
        if block.change.deposed.is_some() {
            rest.push(*index);
        } else {
            alike.entry(likeness(block, by_type)).or_default().push(*index);
        }
    }
    let mut groups = Vec::new();
    for group in alike.into_values() {
        if group.len() > MOST_IN_FULL { groups.push(group) } else { rest.extend(group) }
    }
    rest.sort_unstable();
    (groups, rest)
}
