//! Lines: indents, blanks between tokens, and what is aligned from line to line.

use unicode_segmentation::UnicodeSegmentation as _;

use super::parts::{Part, PartKind, Parts};
use super::spacing::is_spaced;

/// Blanks for each level.
const INDENT: usize = 2;

/// As many blanks as stand before nearly all parts.
const BLANKS: &str = "                                                                ";

/// One line: three cells, of which the last two may be empty. A value of several lines belongs to
/// none of the second kind, a heredoc is part of the line where it starts.
struct Line {
    start: usize,
    /// Where the cell that begins with `=` starts.
    assignment: usize,
    /// Where the cell of the comment at the end starts.
    comment: usize,
    end: usize,
}

/// Gathers parts to lines, and writes them.
pub(super) struct Layout<'s> {
    text: String,
    /// The parts of the lines that may still be aligned with what follows.
    parts: Vec<Part<'s>>,
    lines: Vec<Line>,
    /// Where the line at hand starts.
    line_start: usize,
    /// Brackets that each open level opened.
    levels: Vec<i32>,
}

impl<'s> Parts<'s> for Layout<'s> {
    fn push(&mut self, part: Part<'s>) {
        let ends_line = part.ends_line();
        self.parts.push(part);
        if ends_line {
            self.end_line();
        }
    }
}

impl Layout<'_> {
    /// A layout for about `length` bytes of text.
    pub(super) fn new(length: usize) -> Self {
        Self {
            text: String::with_capacity(length + length / 8),
            parts: Vec::new(),
            lines: Vec::new(),
            line_start: 0,
            levels: Vec::new(),
        }
    }

    /// The whole text; `blanks` stand at its very end.
    pub(super) fn finish(mut self, blanks: usize) -> String {
        if self.line_start < self.parts.len() {
            self.end_line();
        }
        self.flush();
        self.text.extend(std::iter::repeat_n(' ', blanks));
        self.text
    }

    fn end_line(&mut self) {
        let start = self.line_start;
        let end = self.parts.len();
        self.line_start = end;
        let parts = self.parts.get_mut(start..).unwrap_or_default();
        let (assignment, comment) = cells(parts);
        indent(parts, assignment, comment, &mut self.levels);
        for cell in [0..assignment, assignment..comment] {
            space(parts.get_mut(cell).unwrap_or_default());
        }
        let aligns = assignment < parts.len();
        self.lines.push(Line {
            start,
            assignment: start + assignment,
            comment: start + comment,
            end,
        });
        if !aligns {
            self.flush();
        }
    }

    /// Aligns and writes the lines gathered so far.
    fn flush(&mut self) {
        self.align(|line| (line.start, line.assignment, line.comment));
        self.align(|line| (line.start, line.comment, line.end));
        for part in self.parts.drain(..) {
            match BLANKS.get(..part.blanks as usize) {
                Some(blanks) => self.text.push_str(blanks),
                None => self.text.extend(std::iter::repeat_n(' ', part.blanks as usize)),
            }
            self.text.push_str(&part.text);
        }
        self.lines.clear();
        self.line_start = 0;
    }

    /// Aligns the cells that `cell` finds (where the line starts, where the cell does and ends)
    /// over each run of lines that have one.
    fn align(&mut self, cell: impl Fn(&Line) -> (usize, usize, usize)) {
        let parts = &mut self.parts;
        let has_cell = |line: &Line| {
            let (_, from, to) = cell(line);
            from < to
        };
        for run in self.lines.chunk_by(|left, right| has_cell(left) && has_cell(right)) {
            if !run.first().is_some_and(&has_cell) {
                continue;
            }
            let widths: Vec<_> = run
                .iter()
                .map(|line| {
                    let (start, from, _) = cell(line);
                    parts.get(start..from).unwrap_or_default().iter().map(width).sum::<usize>()
                })
                .collect();
            let widest = widths.iter().copied().max().unwrap_or_default();
            for (line, width) in run.iter().zip(widths) {
                if let Some(part) = parts.get_mut(cell(line).1) {
                    part.blanks = blanks(widest - width + 1);
                }
            }
        }
    }
}

fn blanks(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Columns that a part takes with the blanks before it.
fn width(part: &Part<'_>) -> usize {
    let simple = part.text.bytes().all(|byte| byte.is_ascii() && byte != b'\r');
    let own = if simple { part.text.len() } else { part.text.graphemes(true).count() };
    part.blanks as usize + own
}

/// Where the second and the third cell of a line start.
fn cells(parts: &[Part<'_>]) -> (usize, usize) {
    let comment = match parts {
        [_, .., last] if last.kind == PartKind::Comment => parts.len() - 1,
        _ => parts.len(),
    };
    let before = parts.get(1..comment).unwrap_or_default();
    let equal = before.iter().position(|part| part.kind == PartKind::Equal);
    let balanced = |equal: &usize| nesting(before.get(*equal..).unwrap_or_default()) == 0;
    equal.filter(balanced).map_or((comment, comment), |equal| (equal + 1, comment))
}

/// Brackets opened and not closed; less than none where more are closed.
fn nesting(parts: &[Part<'_>]) -> i32 {
    parts.iter().map(|part| part.kind.nesting()).sum()
}

/// Moves a line to its level.
fn indent(parts: &mut [Part<'_>], assignment: usize, comment: usize, levels: &mut Vec<i32>) {
    let lead = parts.get(..assignment).unwrap_or_default();
    if lead.first().is_none_or(|first| first.kind == PartKind::Newline) {
        return;
    }
    // What a heredoc holds says nothing about the lines after it.
    let heredoc = lead.iter().position(|part| part.kind == PartKind::OpenHeredoc);
    let mut change = nesting(lead.get(..heredoc.unwrap_or(lead.len())).unwrap_or_default());
    change += nesting(parts.get(assignment..comment).unwrap_or_default());
    while change < 0 {
        let Some(level) = levels.pop() else { break };
        change += level;
        if change > 0 {
            levels.push(change);
            change = 0;
        }
    }
    if let Some(first) = parts.first_mut() {
        first.blanks = blanks(INDENT * levels.len());
    }
    if change > 0 {
        levels.push(change);
    }
}

/// Sets the blanks between the parts of a cell.
fn space(cell: &mut [Part<'_>]) {
    let mut before = None;
    let mut subject: Option<PartKind> = None;
    for part in cell {
        if let Some(subject) = subject {
            part.blanks = u32::from(is_spaced(before, subject, part.kind));
        }
        before = subject;
        subject = Some(part.kind);
    }
}
