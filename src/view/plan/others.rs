//! What is shown of the changes of a group that are not its first.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::addr::InstanceAddr;
use crate::plan::Action;

use super::super::Look;
use super::super::values::{Line, Lines, name};
use super::block::Block;
use super::headline;
use super::labels::{Apart, wrapped};
use super::pattern::Pattern;

/// Columns before the text of what belongs to a block.
const INDENT: usize = 4;
/// Columns before a row.
const ROW: usize = 6;

/// The lines of a member that are compared with those of the others: an attribute, or the reason.
struct Cell<'p> {
    name: Option<&'p str>,
    lines: Cow<'p, Lines>,
    /// Bytes of the first line that stand before the value.
    head: usize,
    /// The value in one line, where it takes more than that in a block.
    word: Option<&'p str>,
    /// Whether it matters to the reader that it differs from the first one's.
    counts: bool,
}

struct Member<'p> {
    address: &'p InstanceAddr,
    /// The words that tell it apart from the others.
    words: Vec<String>,
    cells: Vec<Cell<'p>>,
}

/// The others of a group.
pub(super) struct Others<'p> {
    apart: Apart,
    action: Action,
    /// What stands in place of the first one's lines, unless a row says otherwise.
    stated: Vec<Lines>,
    /// What occurs in that in place of words of the addresses.
    placeholders: Vec<String>,
    /// Those of which that tells everything.
    plain: Vec<&'p InstanceAddr>,
    rows: Vec<Row<'p>>,
}

/// Members that differ in the same way.
struct Row<'p> {
    addresses: Vec<&'p InstanceAddr>,
    cells: Vec<Cell<'p>>,
}

impl Row<'_> {
    fn names(&self) -> Vec<Option<&str>> {
        self.cells.iter().map(|cell| cell.name).collect()
    }
}

impl<'p> Others<'p> {
    /// What differs between `others` and `first`.
    pub(super) fn of(first: &'p Block<'p>, others: &[&'p Block<'p>]) -> Self {
        let all = [first].into_iter().chain(others.iter().copied());
        let addresses: Vec<_> = all.map(|block| &block.change.address).collect();
        let apart = Apart::of(&addresses);
        let action = headline::shown(first.change);
        let first = member(first, &apart);
        let members: Vec<_> = others.iter().map(|block| member(block, &apart)).collect();
        let patterns: Vec<_> =
            (0..first.cells.len()).map(|column| pattern(&first, &members, column)).collect();
        let placeholders = apart.placeholders(first.address);
        let told = patterns.iter().zip(&first.cells).filter_map(|(pattern, cell)| {
            let pattern = pattern.as_ref()?;
            let is_news = pattern.words().next().is_some() || !pattern.fits(&cell.lines, &[]);
            (is_news && cell.counts).then_some(pattern)
        });
        let told: Vec<_> = told.collect();
        let used: BTreeSet<_> = told.iter().flat_map(|pattern| pattern.words()).collect();
        let mut others = Self {
            apart,
            action,
            stated: told.iter().map(|pattern| pattern.lines(&placeholders)).collect(),
            placeholders: used
                .into_iter()
                .filter_map(|word| placeholders.get(word).cloned())
                .collect(),
            plain: Vec::new(),
            rows: Vec::new(),
        };
        others.sort_in(members, &patterns);
        others
    }

    /// Members of which the patterns tell everything are plain, the others make rows.
    fn sort_in(&mut self, members: Vec<Member<'p>>, patterns: &[Option<Pattern>]) {
        let mut rows: BTreeMap<Vec<(usize, String)>, usize> = BTreeMap::new();
        for member in members {
            let Member { address, words, cells } = member;
            let fits = |column: usize, cell: &Cell<'_>| {
                let pattern = patterns.get(column).and_then(Option::as_ref);
                !cell.counts || pattern.is_some_and(|pattern| pattern.fits(&cell.lines, &words))
            };
            let own = cells.into_iter().enumerate().filter(|(column, cell)| !fits(*column, cell));
            let own: Vec<_> = own.collect();
            if own.is_empty() {
                self.plain.push(address);
                continue;
            }
            let identity = own.iter().map(|(column, cell)| (*column, cell.lines.plain())).collect();
            let next = self.rows.len();
            let row = *rows.entry(identity).or_insert(next);
            if row == next {
                let cells = own.into_iter().map(|(_, cell)| cell).collect();
                self.rows.push(Row { addresses: Vec::new(), cells });
            }
            if let Some(row) = self.rows.get_mut(row) {
                row.addresses.push(address);
            }
        }
    }

    pub(super) fn write(&self, look: Look, text: &mut String) {
        if !self.plain.is_empty() {
            self.write_plain(look, text);
        }
        if self.rows.is_empty() {
            return;
        }
        let count: usize = self.rows.iter().map(|row| row.addresses.len()).sum();
        let symbol = headline::symbol(look.paint, self.action);
        let like = if self.plain.is_empty() { "it" } else { "these" };
        let own = if self.plain.is_empty() { self.own_words() } else { String::new() };
        text.push_str(&format!("{symbol} {count} more like {like}{own}, but for:\n"));
        if self.plain.is_empty() {
            self.write_stated(look, text);
        }
        let widths = self.widths(look);
        for row in &self.rows {
            self.write_row(row, widths.as_deref(), look, text);
        }
    }

    fn write_plain(&self, look: Look, text: &mut String) {
        let symbol = headline::symbol(look.paint, self.action);
        let how = match self.stated.len() {
            0 => String::new(),
            _ if self.placeholders.is_empty() => ", but for what stands below".to_owned(),
            _ => self.own_words(),
        };
        let head = format!("{} more like it{how}: ", self.plain.len());
        let labels = self.apart.labels(&self.plain);
        let used = INDENT + head.chars().count();
        let labels = wrapped(&labels, used, ROW, look.width);
        let head = if labels.starts_with('\n') { head.trim_end() } else { &head };
        text.push_str(&format!("{symbol} {head}{labels}\n"));
        self.write_stated(look, text);
    }

    /// What the placeholders stand for.
    fn own_words(&self) -> String {
        match self.placeholders.len() {
            0 => String::new(),
            _ => format!(", each with its own {}", self.placeholders.join(" and ")),
        }
    }

    fn write_stated(&self, look: Look, text: &mut String) {
        for lines in &self.stated {
            lines.write(look.paint, text);
        }
    }

    /// Widths of the label and of each cell, where every row has the same cells and fits in a line.
    fn widths(&self, look: Look) -> Option<Vec<usize>> {
        let first = self.rows.first()?.names();
        let mut widths = vec![0; first.len() + 1];
        for row in &self.rows {
            if row.names() != first {
                return None;
            }
            let texts = [self.apart.labels(&row.addresses).join(", ")].into_iter().map(Some);
            for (width, text) in
                widths.iter_mut().zip(texts.chain(row.cells.iter().map(Cell::word)))
            {
                *width = text?.chars().count().max(*width);
            }
        }
        let total = ROW + widths.iter().sum::<usize>() + 2 * first.len();
        (total <= look.width).then_some(widths)
    }

    fn write_row(&self, row: &Row<'_>, widths: Option<&[usize]>, look: Look, text: &mut String) {
        text.extend(std::iter::repeat_n(' ', ROW));
        let labels = self.apart.labels(&row.addresses);
        let words: Option<Vec<String>> = row.cells.iter().map(Cell::word).collect();
        if let (Some(widths), Some(words)) = (widths, &words) {
            let cells = [labels.join(", ")].into_iter().chain(words.iter().cloned());
            let padded = cells.zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
            text.push_str(padded.collect::<Vec<_>>().join("  ").trim_end());
            text.push('\n');
            return;
        }
        let labels = wrapped(&labels, ROW, ROW, look.width);
        text.push_str(&labels);
        let words = words.map(|words| words.join("  "));
        let fits =
            |words: &String| ROW + labels.chars().count() + 2 + words.chars().count() <= look.width;
        if let Some(words) = words.filter(fits) {
            text.push_str(&format!("  {words}\n"));
            return;
        }
        text.push('\n');
        for cell in &row.cells {
            cell.deeper().write(look.paint, text);
        }
    }
}

impl Cell<'_> {
    /// `name = value`, where that takes one line.
    fn word(&self) -> Option<String> {
        if let (Some(key), Some(word)) = (self.name, self.word) {
            return Some(format!("{} = {word}", name(key)));
        }
        let [line] = &*self.lines.0 else { return None };
        match self.name {
            Some(key) => Some(format!("{} = {}", name(key), line.text.get(self.head..)?)),
            None => Some(line.text.clone()),
        }
    }

    /// The lines, one level deeper than in a block.
    fn deeper(&self) -> Lines {
        let deeper = |line: &Line| Line { depth: line.depth + 1, ..line.clone() };
        Lines(self.lines.0.iter().map(deeper).collect())
    }
}

fn member<'p>(block: &'p Block<'p>, apart: &Apart) -> Member<'p> {
    let address = &block.change.address;
    let reason = block.reason.as_ref().map(|reason| {
        let mut lines = Lines::default();
        lines.remark(1, reason);
        Cell { name: None, lines: Cow::Owned(lines), head: 0, word: None, counts: true }
    });
    let parts = block.parts.iter().map(|part| Cell {
        name: Some(&*part.name),
        lines: Cow::Borrowed(&part.lines),
        head: part.head,
        word: part.word.as_deref(),
        counts: part.counts,
    });
    Member {
        address,
        words: apart.words(address),
        cells: reason.into_iter().chain(parts).collect(),
    }
}

/// What most of the others have in a column: the same as the first, or the same but for their own
/// word. `None` where hardly two are alike.
fn pattern(first: &Member<'_>, others: &[Member<'_>], column: usize) -> Option<Pattern> {
    let of = |member: &Member<'_>| {
        let cell = member.cells.get(column)?;
        Some(Pattern::of(&cell.lines, &member.words))
    };
    let bare = Pattern::of(&first.cells.get(column)?.lines, &[]);
    let places = [0, others.len() / 2, others.len().saturating_sub(1)];
    let samples = places.iter().filter_map(|place| others.get(*place));
    let candidates = [Some(bare), of(first)].into_iter().chain(samples.map(of));
    let mut best: Option<(usize, Pattern)> = None;
    for candidate in candidates.flatten() {
        let fits = |member: &&Member<'_>| {
            let cell = member.cells.get(column);
            cell.is_some_and(|cell| candidate.fits(&cell.lines, &member.words))
        };
        let count = others.iter().filter(fits).count();
        if best.as_ref().is_none_or(|(most, _)| count > *most) {
            best = Some((count, candidate));
        }
    }
    best.filter(|(count, _)| *count > 1 && *count * 2 >= others.len()).map(|(_, pattern)| pattern)
}
