//! All texts of a run, so that a place is three numbers.

use std::sync::{Arc, OnceLock};

use unicode_segmentation::UnicodeSegmentation as _;

/// Names one text of a [`SourceMap`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u32);

/// A range of bytes in one text; `end` is the first byte after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The text.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// First byte after the range.
    pub end: u32,
}

impl Span {
    /// Whether the two have a place in common, or only a dot or a bracket between them.
    pub fn touches(self, other: Self) -> bool {
        self.file == other.file
            && self.start <= other.end.saturating_add(1)
            && other.start <= self.end.saturating_add(1)
    }

    /// The range from `start` to before `end`.
    pub fn new(file: FileId, start: usize, end: usize) -> Self {
        let clamp = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { file, start: clamp(start), end: clamp(end.max(start)) }
    }

    /// The smallest range that holds both; `self` where they lie in different texts.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        if self.file != other.file {
            return self;
        }
        Self { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The range as indices into the text.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A place as people count: both from 1, columns in what they take for one character.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineColumn {
    /// Line, from 1.
    pub line: usize,
    /// Column in grapheme clusters, from 1.
    pub column: usize,
}

/// One text and the name under which people know it.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// The path relative to where the command runs, or a name in angle brackets.
    pub name: Arc<str>,
    /// The whole text.
    pub text: Arc<str>,
    /// Found out when the first place is asked for: most texts hold nothing to talk about.
    line_starts: OnceLock<Vec<u32>>,
}

impl SourceFile {
    fn line_starts(&self) -> &[u32] {
        self.line_starts.get_or_init(|| {
            let ends = self.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
            let starts = std::iter::once(0).chain(ends.map(|(index, _)| index + 1));
            starts.map(|offset| u32::try_from(offset).unwrap_or(u32::MAX)).collect()
        })
    }

    /// The text of line `line` (from 1) without its line break; empty past the end.
    pub fn line(&self, line: usize) -> &str {
        let start = line.checked_sub(1).and_then(|index| self.line_starts().get(index));
        let Some(&start) = start else { return "" };
        let rest = self.text.get(start as usize..).unwrap_or_default();
        rest.split('\n').next().unwrap_or_default().trim_end_matches('\r')
    }
}

/// Holds every text a diagnostic may point into.
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    files: Vec<SourceFile>,
}

impl SourceMap {
    /// Takes a text in and names it.
    pub fn add(&mut self, name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        let (name, text) = (name.into(), text.into());
        self.files.push(SourceFile { name, text, line_starts: OnceLock::new() });
        id
    }

    /// The text that `id` names; ids come from [`Self::add`] of this map only.
    pub fn file(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(id.0 as usize)
    }

    /// Every text with its name, in the order they came in.
    pub fn files(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        (0..).map(FileId).zip(&self.files)
    }

    /// The text a span covers; empty where it does not fit the file.
    pub fn slice(&self, span: Span) -> &str {
        self.file(span.file).and_then(|file| file.text.get(span.range())).unwrap_or_default()
    }

    /// Where a span starts, as people count.
    pub fn start(&self, span: Span) -> LineColumn {
        self.locate(span.file, span.start)
    }

    /// Where a span ends (the place just after it), as people count.
    pub fn end(&self, span: Span) -> LineColumn {
        self.locate(span.file, span.end)
    }

    fn locate(&self, id: FileId, offset: u32) -> LineColumn {
        let Some(file) = self.file(id) else { return LineColumn { line: 1, column: 1 } };
        let starts = file.line_starts();
        let index = starts.partition_point(|start| *start <= offset).saturating_sub(1);
        let start = starts.get(index).copied().unwrap_or_default();
        let before = file.text.get(start as usize..offset as usize).unwrap_or_default();
        let columns = if before.is_ascii() { before.len() } else { before.graphemes(true).count() };
        LineColumn { line: index + 1, column: columns + 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locates_by_characters() {
        let mut map = SourceMap::default();
        let id = map.add("a.snap.hcl", "é = 1\nb = \"x\"\r\n");
        let span = Span::new(id, 7, 8);
        assert_eq!(map.slice(span), "b");
        assert_eq!(map.start(span), LineColumn { line: 2, column: 1 });
        assert_eq!(map.start(Span::new(id, 3, 4)), LineColumn { line: 1, column: 3 });
        let family = map.add("b.snap.hcl", "👨\u{200d}👩\u{200d}👧 x");
        assert_eq!(map.start(Span::new(family, 19, 20)), LineColumn { line: 1, column: 3 });
        assert_eq!(map.file(id).unwrap().line(2), "b = \"x\"");
    }
}
