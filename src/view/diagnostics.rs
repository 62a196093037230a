//! Diagnostics as text: the only home of the rendering library.

use std::collections::BTreeMap;
use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use crate::diag::{Diagnostic, Diagnostics, Label, Severity};
use crate::text::{FileId, SourceMap, Span, spelled_out};

use super::Look;

/// Diagnostics that are shown of one phase. Nobody reads more, and each takes its time.
pub(super) const MOST_SHOWN: usize = 10_000;

/// Bytes of source text that are shown for one diagnostic. Longer ones are no text for people.
const MOST_SOURCE: usize = 64 * 1024;

/// Bytes of source lines that are gone through for all diagnostics of one phase: each of many in one
/// long line takes the time of that line.
const MOST_SCANNED: usize = 64 * 1024 * 1024;

/// All diagnostics, sorted, with a blank line between them. What is the same of several objects is
/// told once.
pub fn render_diagnostics(diagnostics: &Diagnostics, sources: &SourceMap, look: Look) -> String {
    let mut sorted = diagnostics.clone();
    sorted.sort();
    let sorted: Vec<_> = sorted.iter().collect();
    let mut rendered = Vec::new();
    let (mut scanned, mut told) = (0, 0);
    for alike in sorted.chunk_by(|left, right| is_alike(left, right)) {
        let [first, others @ ..] = alike else { continue };
        if scanned > MOST_SCANNED || rendered.len() == MOST_SHOWN {
            break;
        }
        scanned += first.labels.iter().map(|label| line_length(label, sources)).sum::<usize>();
        told += alike.len();
        rendered.push(match (&first.address, others.len()) {
            (Some(address), more @ 1..) => {
                let address = Some(format!("{address} and {more} more"));
                render_diagnostic(&Diagnostic { address, ..(*first).clone() }, sources, look)
            }
            _ => render_diagnostic(first, sources, look),
        });
    }
    if sorted.len() > told {
        rendered.push(format!("There are {} more problems.", sorted.len() - told));
    }
    rendered.join("\n\n")
}

/// Whether two diagnostics say the same of different objects.
fn is_alike(left: &Diagnostic, right: &Diagnostic) -> bool {
    left.address.is_some()
        && right.address.is_some()
        && (left.code, &left.labels, &left.detail) == (right.code, &right.labels, &right.detail)
        && (&left.facts, &left.helps, &left.involved)
            == (&right.facts, &right.helps, &right.involved)
}

/// The titles of warnings, each with how often it came.
pub fn render_titles(diagnostics: &Diagnostics) -> String {
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for found in diagnostics {
        *counts.entry((found.code.name(), found.summary())).or_default() += 1;
    }
    let lines = counts.into_iter().map(|((code, title), count)| match count {
        1 => format!("warning[{code}]: {title}"),
        _ => format!("warning[{code}]: {title} ({count} times)"),
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// One diagnostic: code and summary, the source with carets, the explanation, details, advice.
pub fn render_diagnostic(diagnostic: &Diagnostic, sources: &SourceMap, look: Look) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(diagnostic.summary()).id(diagnostic.code.name());
    let mut group = Group::with_title(title);
    for (file, labels) in by_file(&diagnostic.labels) {
        let Some(source) = sources.file(file) else { continue };
        let ranges: Vec<_> =
            labels.iter().map(|(_, label)| visible(&source.text, label.span.range())).collect();
        let shown = lines_around(&source.text, &ranges);
        if shown.len() > MOST_SOURCE {
            let Some((_, label)) = labels.first() else { continue };
            let place = sources.start(label.span);
            let origin = Origin::path(&*source.name).line(place.line);
            group = group.element(origin.char_column(place.column));
            continue;
        }
        let annotations = labels.iter().zip(ranges).map(|((is_main, label), range)| {
            let kind = if *is_main { AnnotationKind::Primary } else { AnnotationKind::Context };
            let annotation = kind.span(range.start - shown.start..range.end - shown.start);
            if label.text.is_empty() { annotation } else { annotation.label(label.text.as_str()) }
        });
        let first = Span::new(file, shown.start, shown.start);
        let snippet = Snippet::source(source.text.get(shown.clone()).unwrap_or_default())
            .line_start(sources.start(first).line)
            .path(&*source.name);
        group = group.element(snippet.annotations(annotations));
    }
    let width = look.width.saturating_sub(12).max(40);
    let wrap = |text: &str| wrap(&spelled_out(text), width);
    let mut detail = wrap(&diagnostic.detail);
    if let Some(address) = &diagnostic.address
        && !diagnostic.detail.contains(address.as_str())
    {
        detail = format!("{address}: {detail}");
        detail = wrap(&detail.replace('\n', " "));
    }
    group = group.element(Level::NOTE.no_name().message(detail));
    for value in diagnostic.involved.iter().flat_map(|involved| &involved.values) {
        let said = format!("`{}` {}", value.traversal, value.statement);
        group = group.element(Level::NOTE.no_name().message(spelled_out(&said)));
    }
    if !diagnostic.facts.is_empty() {
        let facts = diagnostic.facts.iter().map(|fact| format!("{} {}", fact.name, fact.value));
        let facts = facts.collect::<Vec<_>>().join(", ");
        group = group.element(Level::NOTE.message(spelled_out(&facts)));
    }
    for help in &diagnostic.helps {
        group = group.element(Level::HELP.message(wrap(&help.text)));
    }
    let renderer = if look.paint.colours { Renderer::styled() } else { Renderer::plain() };
    let text = renderer.decor_style(DecorStyle::Ascii).term_width(look.width).render(&[group]);
    if diagnostic.labels.is_empty() { without_bars(&text) } else { text }
}

fn line_length(label: &Label, sources: &SourceMap) -> usize {
    sources
        .file(label.span.file)
        .map_or(0, |source| lines_around(&source.text, &[label.span.range()]).len())
}

/// The whole lines in which the ranges are, and what is between them.
fn lines_around(text: &str, ranges: &[Range<usize>]) -> Range<usize> {
    let first = ranges.iter().map(|range| range.start).min().unwrap_or_default();
    let last = ranges.iter().map(|range| range.end).max().unwrap_or_default();
    let start = text.get(..first).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
    let end = text.get(last..).and_then(|rest| rest.find('\n'));
    start..end.map_or(text.len(), |length| last + length)
}

/// Without source lines the bars that would frame them stand for nothing.
fn without_bars(text: &str) -> String {
    let is_bar = |line: &&str| {
        let visible =
            line.split('\u{1b}').map(|part| part.split_once('m').map_or(part, |(_, rest)| rest));
        line.contains('|') && visible.collect::<String>().trim() == "|"
    };
    text.lines().filter(|line| !is_bar(line)).collect::<Vec<_>>().join("\n")
}

/// Labels by text, each with whether it is the main one; the main one's text first.
fn by_file(labels: &[Label]) -> Vec<(FileId, Vec<(bool, &Label)>)> {
    let mut files: Vec<(FileId, Vec<(bool, &Label)>)> = Vec::new();
    for (index, label) in labels.iter().enumerate() {
        let entry = (index == 0, label);
        match files.iter_mut().find(|(file, _)| *file == label.span.file) {
            Some((_, held)) => held.push(entry),
            None => files.push((label.span.file, vec![entry])),
        }
    }
    files
}

/// A range that can be underlined: within the text and on one line.
fn visible(text: &str, range: Range<usize>) -> Range<usize> {
    let start = range.start.min(text.len());
    // One sign at a time is found much sooner than the first of two.
    let rest = text.get(start..).and_then(|rest| rest.split('\n').next()).unwrap_or_default();
    let line_end = start + rest.find('\r').unwrap_or(rest.len());
    let end = range.end.clamp(start, line_end);
    if text.is_char_boundary(start) && text.is_char_boundary(end) { start..end } else { 0..0 }
}

/// Breaks long lines at blanks; lines that are there stay.
fn wrap(text: &str, width: usize) -> String {
    let mut lines = Vec::new();
    for line in text.lines() {
        let mut current = String::new();
        for word in line.split(' ') {
            if !current.is_empty() && current.chars().count() + 1 + word.chars().count() > width {
                lines.push(std::mem::take(&mut current));
            }
            if !current.is_empty() {
                current.push(' ');
            }
            current.push_str(word);
        }
        lines.push(current);
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::code;
    use crate::text::Span;
    use crate::view::Paint;

    #[test]
    fn a_diagnostic_without_a_place_shows_no_empty_frame() {
        let diagnostic = Diagnostic::warning(code::TARGETED, "Only a part.").help("plan again");
        for colours in [false, true] {
            let look = Look { paint: Paint { colours }, width: 80 };
            let text = render_diagnostic(&diagnostic, &SourceMap::default(), look);
            assert_eq!(text.lines().count(), 3, "{text}");
        }
    }

    #[test]
    fn what_is_the_same_of_several_objects_is_told_once() {
        let found = |detail: &str, address: &str| {
            Diagnostic::warning(code::ARGUMENT_ADVICE, detail).address(address)
        };
        let mut problems = Diagnostics::default();
        problems.extend([found("Old.", "a[1]"), found("Old.", "a[0]"), found("New.", "a[2]")]);
        problems.extend([found("Old.", "a[3]"), found("Old.", "a[3]")]);
        let look = Look { paint: Paint::PLAIN, width: 80 };
        let text = render_diagnostics(&problems, &SourceMap::default(), look);
        let details = text.lines().filter(|line| line.contains("a["));
        let details: Vec<_> = details.map(str::trim_start).collect();
        assert_eq!(details, ["= a[0] and 1 more: Old.", "= a[2]: New.", "= a[3]: Old."]);
    }

    #[test]
    fn a_diagnostic_shows_code_place_cause_and_cure() {
        let mut sources = SourceMap::default();
        let text = "resource \"zenlayer_disk_snapshot\" \"a\" {\n  disc_id = \"1\"\n}\n";
        let file = sources.add("main.snap.hcl", text);
        let diagnostic = Diagnostic::error(
            code::UNKNOWN_ARGUMENT,
            "`zenlayer_disk_snapshot` has no argument `disc_id`.",
        )
        .at(Span::new(file, 42, 49))
        .address("zenlayer_disk_snapshot.a")
        .did_you_mean("disc_id", ["disk_id", "name"]);
        let look = Look { paint: Paint::PLAIN, width: 80 };
        insta::assert_snapshot!(render_diagnostic(&diagnostic, &sources, look));
    }
}
