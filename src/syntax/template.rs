//! Strings and heredocs, read from the source.
//!
//! First a flat list of pieces (one literal between sequences in quotes, one a line in heredocs),
//! then `~` trims, then `<<-` moves to the left, then directives become a tree.

use std::ops::Range;
use std::sync::Arc;

use unicode_segmentation::UnicodeSegmentation;

use crate::value::Value;

use super::expression::Directive;
use super::lexer::{HeredocOpening, Lexer, TokenKind, sequence_at};
use super::lower::{DEPTH, Lowering};
use super::prepare::Place;
use super::{Expression, Kind, TemplatePart, quoted};

/// Sequences in one text, at most so many: each takes memory.
const MOST_SEQUENCES: usize = 1_000_000;

/// Literal text or one sequence.
struct Piece {
    range: Range<usize>,
    content: Content,
    trim_before: bool,
    trim_after: bool,
}

enum Content {
    Literal(String),
    Interpolation(Expression),
    If(Expression),
    Else,
    EndIf,
    For { key: Option<Arc<str>>, value: Arc<str>, collection: Expression },
    EndFor,
}

/// Where literals end and what escapes they know.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Quoted,
    Heredoc,
    Bare,
}

/// Reads the string or heredoc that covers `range` of the source.
pub(super) fn read_string(
    lowering: &mut Lowering<'_, '_>,
    range: Range<usize>,
) -> Option<Expression> {
    let source = lowering.source.get(range.clone()).unwrap_or_default();
    let span = lowering.span(range.clone());
    if source.starts_with('"') {
        let inner = range.start + 1..range.end.saturating_sub(1);
        let text = lowering.source.get(inner.clone()).unwrap_or_default();
        if !text.bytes().any(|byte| matches!(byte, b'\\' | b'$' | b'%')) {
            return Some(Expression::literal(Value::string(text), span));
        }
        return read(lowering, inner, Style::Quoted, false, range);
    }
    let Some(opening) = HeredocOpening::read(source) else {
        lowering.refuse(range, "This text cannot be read.");
        return None;
    };
    let body_start = range.start + opening.length;
    let last_line = source.rfind('\n').map_or(range.end, |end| range.start + end + 1);
    read(lowering, body_start..last_line.max(body_start), Style::Heredoc, opening.flush, range)
}

/// Reads a whole text as a template.
pub(super) fn read_bare(lowering: &mut Lowering<'_, '_>) -> Option<Expression> {
    let range = 0..lowering.source.len();
    read(lowering, range.clone(), Style::Bare, false, range)
}

fn read(
    lowering: &mut Lowering<'_, '_>,
    range: Range<usize>,
    style: Style,
    flush: bool,
    whole: Range<usize>,
) -> Option<Expression> {
    let (bound, directives) = (lowering.bound.len(), lowering.directives.len());
    let depth = lowering.depth;
    let pieces = pieces(lowering, range, style);
    lowering.depth = depth;
    lowering.bound.truncate(bound);
    lowering.directives.truncate(directives);
    let mut pieces = pieces?;
    trim(&mut pieces);
    if flush {
        move_left(&mut pieces);
    }
    let span = lowering.span(whole);
    if let [Piece { content: Content::Interpolation(_), .. }] = pieces.as_slice()
        && let Some(Piece { content: Content::Interpolation(inner), .. }) = pieces.pop()
    {
        return Some(Expression { kind: Kind::Parenthesis(Arc::new(inner)), span });
    }
    if pieces.iter().all(|piece| matches!(piece.content, Content::Literal(_))) {
        let text: String = pieces.iter().filter_map(Piece::literal).collect();
        return Some(Expression::literal(Value::string(text), span));
    }
    let mut rest = pieces.into_iter().peekable();
    let (parts, _) = tree(lowering, &mut rest, None)?;
    Some(Expression { kind: Kind::Template(parts), span })
}

impl Piece {
    fn literal(&self) -> Option<&str> {
        match &self.content {
            Content::Literal(text) => Some(text),
            _ => None,
        }
    }
}

fn pieces(
    lowering: &mut Lowering<'_, '_>,
    range: Range<usize>,
    style: Style,
) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut position = range.start;
    let mut valid = true;
    let base = lowering.depth;
    let mut sequences = 0;
    while position < range.end {
        let rest = lowering.source.get(position..range.end).unwrap_or_default();
        let length = literal_length(rest, style);
        if length > 0 {
            let literal = rest.get(..length).unwrap_or_default();
            pieces.push(read_literal(lowering, position, literal, style, &mut valid));
            position += length;
            continue;
        }
        sequences += 1;
        if sequences > MOST_SEQUENCES {
            let detail = format!("A text may hold at most {MOST_SEQUENCES} sequences.");
            lowering.too_deep(position..position + 2, detail);
            return None;
        }
        let (piece, end) = sequence(lowering, position, range.end);
        let end = end.max(position + 2);
        match piece {
            Some(piece) => {
                follow(lowering, &piece, base)?;
                pieces.push(piece);
            }
            None => valid = false,
        }
        position = end;
    }
    valid.then_some(pieces)
}

/// Goes into what a directive opens, unless that is too deep, and out again where it is closed.
fn follow(lowering: &mut Lowering<'_, '_>, piece: &Piece, base: usize) -> Option<()> {
    match piece.content {
        Content::If(_) | Content::For { .. } if lowering.depth + 1 >= DEPTH => {
            let detail = format!(
                "This directive is nested more than {DEPTH} levels deep, all that is around its \
                 text included."
            );
            lowering.too_deep(piece.range.clone(), detail);
            return None;
        }
        Content::If(_) | Content::For { .. } => lowering.depth += 1,
        Content::EndIf | Content::EndFor => {
            lowering.depth = lowering.depth.saturating_sub(1).max(base);
        }
        Content::Literal(_) | Content::Interpolation(_) | Content::Else => {}
    }
    Some(())
}

/// Bytes before the next sequence, or up to and including the end of the line outside of quotes.
fn literal_length(text: &str, style: Style) -> usize {
    let bytes = text.as_bytes();
    let mut position = 0;
    while let Some(byte) = bytes.get(position) {
        match byte {
            b'\\' if style == Style::Quoted => position += 2,
            b'\n' if style != Style::Quoted => return position + 1,
            b'$' | b'%' => {
                let (run, opens) = sequence_at(text.get(position..).unwrap_or_default());
                if opens {
                    return position;
                }
                position += run.max(1);
            }
            _ => position += 1,
        }
    }
    text.len()
}

fn read_literal(
    lowering: &mut Lowering<'_, '_>,
    start: usize,
    source: &str,
    style: Style,
    valid: &mut bool,
) -> Piece {
    let mut problems = Vec::new();
    let text = quoted::unescape(source, style == Style::Quoted, &mut problems);
    for problem in problems {
        *valid = false;
        lowering.refuse(start + problem.start..start + problem.end, problem.detail);
    }
    Piece {
        range: start..start + source.len(),
        content: Content::Literal(text),
        trim_before: false,
        trim_after: false,
    }
}

/// Reads the sequence at `start`; gives it, where it can be read, and where it ends.
fn sequence(lowering: &mut Lowering<'_, '_>, start: usize, limit: usize) -> (Option<Piece>, usize) {
    let directive = lowering.source.as_bytes().get(start) == Some(&b'%');
    let trim_before = lowering.source.as_bytes().get(start + 2) == Some(&b'~');
    let mut lexer = Lexer::new(lowering.source, start + 2 + usize::from(trim_before), limit);
    let content = if directive {
        read_directive(lowering, &mut lexer)
    } else {
        lowering.take(&mut lexer, Place::Sequence).map(Content::Interpolation)
    };
    let mut token = next_in_sequence(&mut lexer);
    let trim_after = lexer.text(token) == "~" && token.kind == TokenKind::Symbol;
    let mut adjacent = true;
    if trim_after {
        let sign = token;
        token = lexer.next();
        adjacent = sign.end == token.start;
    }
    let closed = adjacent && lexer.text(token) == "}" && token.kind == TokenKind::Symbol;
    if content.is_some() && !closed {
        lowering.refuse(token.start..token.end, "`}` must close the sequence here.");
    }
    let end = if closed { token.end } else { end_of_sequence(lowering.source, start, limit) };
    let piece = content.filter(|_| closed).map(|content| Piece {
        range: start..end,
        content,
        trim_before,
        trim_after,
    });
    (piece, end)
}

/// Finds where a sequence that could not be read ends.
fn end_of_sequence(source: &str, start: usize, limit: usize) -> usize {
    let mut lexer = Lexer::new(source, start + 2, limit);
    let mut open = 0_usize;
    loop {
        let token = lexer.next();
        match lexer.text(token) {
            _ if token.kind == TokenKind::End => return limit,
            "{" => open += 1,
            "}" if open == 0 => return token.end,
            "}" => open -= 1,
            _ => {}
        }
    }
}

fn read_directive(lowering: &mut Lowering<'_, '_>, lexer: &mut Lexer<'_>) -> Option<Content> {
    let word = next_in_sequence(lexer);
    let source = lowering.source;
    let mut inner = Lexer::new(source, word.end, lexer.end());
    let content = match lexer.text(word) {
        "if" => lowering.take(&mut inner, Place::Sequence).map(Content::If),
        "else" => Some(Content::Else),
        "endif" => Some(Content::EndIf),
        "endfor" => {
            if let Some(outer) = lowering.directives.pop() {
                lowering.bound.truncate(outer);
            }
            Some(Content::EndFor)
        }
        "for" => read_for(lowering, &mut inner),
        other => {
            let detail = format!(
                "`{other}` is no directive; those are `if`, `else`, `endif`, `for` and `endfor`."
            );
            lowering.refuse(word.start..word.end, detail);
            None
        }
    };
    lexer.move_to(inner.position());
    content
}

fn read_for(lowering: &mut Lowering<'_, '_>, lexer: &mut Lexer<'_>) -> Option<Content> {
    let mut names: Vec<Arc<str>> = Vec::new();
    loop {
        let name = next_in_sequence(lexer);
        if name.kind != TokenKind::Name || names.len() == 2 {
            lowering.refuse(name.start..name.end, "`for` needs one or two names and then `in`.");
            return None;
        }
        names.push(Arc::from(lexer.text(name)));
        let next = next_in_sequence(lexer);
        match lexer.text(next) {
            "," => {}
            "in" => break,
            _ => {
                lowering.refuse(next.start..next.end, "`in` is missing after the names of `for`.");
                return None;
            }
        }
    }
    let mut source_lexer = Lexer::new(lowering.source, lexer.position(), lexer.end());
    let collection = lowering.take(&mut source_lexer, Place::Sequence);
    lexer.move_to(source_lexer.position());
    let value = names.pop()?;
    let key = names.pop();
    lowering.directives.push(lowering.bound.len());
    lowering.bound.extend(key.clone());
    lowering.bound.push(Arc::clone(&value));
    Some(Content::For { key, value, collection: collection? })
}

fn next_in_sequence(lexer: &mut Lexer<'_>) -> super::lexer::Token {
    let mut token = lexer.next();
    while token.kind == TokenKind::Newline {
        token = lexer.next();
    }
    token
}

/// `~` takes the white space of the literal beside it.
fn trim(pieces: &mut [Piece]) {
    for index in 0..pieces.len() {
        let (before, after) =
            pieces.get(index).map_or((false, false), |piece| (piece.trim_before, piece.trim_after));
        if before
            && let Some(piece) = index.checked_sub(1).and_then(|at| pieces.get_mut(at))
            && let Content::Literal(text) = &mut piece.content
        {
            text.truncate(text.trim_end().len());
        }
        if after
            && let Some(piece) = pieces.get_mut(index + 1)
            && let Content::Literal(text) = &mut piece.content
        {
            *text = text.trim_start().to_owned();
        }
    }
}

/// Cuts the smallest indent from every line.
fn move_left(pieces: &mut [Piece]) {
    let mut smallest = usize::MAX;
    let mut starts = Vec::new();
    let mut line_start = true;
    for (index, piece) in pieces.iter().enumerate() {
        let literal = piece.literal();
        if line_start {
            let blank = literal.is_some_and(|text| text.trim().is_empty() && text.ends_with('\n'));
            if !blank {
                let indent = literal.map_or("", |text| {
                    text.get(..text.len() - text.trim_start().len()).unwrap_or_default()
                });
                smallest = smallest.min(indent.graphemes(true).count());
                starts.push(index);
            }
        }
        line_start = literal.is_some_and(|text| text.ends_with('\n'));
    }
    for index in starts {
        if let Some(Content::Literal(text)) = pieces.get_mut(index).map(|piece| &mut piece.content)
        {
            *text = text.graphemes(true).skip(smallest).collect();
        }
    }
}

type Rest = std::iter::Peekable<std::vec::IntoIter<Piece>>;

/// What ended a list of parts.
enum Closing {
    Text,
    Else,
    EndIf,
    EndFor,
}

/// Takes pieces up to the end of what `opened` opened.
fn tree(
    lowering: &mut Lowering<'_, '_>,
    rest: &mut Rest,
    opened: Option<(&str, Range<usize>)>,
) -> Option<(Arc<[TemplatePart]>, Closing)> {
    let mut parts = Vec::new();
    loop {
        let Some(piece) = rest.next() else {
            if let Some((closing, range)) = opened {
                lowering.refuse(range, format!("This directive is never closed with `{closing}`."));
                return None;
            }
            return Some((parts.into(), Closing::Text));
        };
        let closing = match piece.content {
            Content::Literal(text) => {
                if !text.is_empty() {
                    parts.push(TemplatePart::Literal(composed(&text)));
                }
                continue;
            }
            Content::Interpolation(inner) => {
                parts.push(TemplatePart::Interpolation(inner));
                continue;
            }
            Content::If(condition) => {
                parts.push(read_if(lowering, rest, condition, piece.range)?);
                continue;
            }
            Content::For { key, value, collection } => {
                let (body, closing) = tree(lowering, rest, Some(("endfor", piece.range.clone())))?;
                if !matches!(closing, Closing::EndFor) {
                    lowering.refuse(piece.range, "This `for` must be closed with `endfor`.");
                    return None;
                }
                let directive = Directive::For { key, value, collection, body };
                parts.push(TemplatePart::Directive(Arc::new(directive)));
                continue;
            }
            Content::Else => Closing::Else,
            Content::EndIf => Closing::EndIf,
            Content::EndFor => Closing::EndFor,
        };
        if opened.is_none() {
            lowering.refuse(piece.range, "There is no directive that this could close.");
            return None;
        }
        return Some((parts.into(), closing));
    }
}

fn read_if(
    lowering: &mut Lowering<'_, '_>,
    rest: &mut Rest,
    condition: Expression,
    range: Range<usize>,
) -> Option<TemplatePart> {
    let (then, mut closing) = tree(lowering, rest, Some(("endif", range.clone())))?;
    let mut otherwise: Arc<[TemplatePart]> = Arc::new([]);
    if matches!(closing, Closing::Else) {
        (otherwise, closing) = tree(lowering, rest, Some(("endif", range.clone())))?;
    }
    if !matches!(closing, Closing::EndIf) {
        lowering.refuse(range, "This `if` must be closed with `endif`.");
        return None;
    }
    Some(TemplatePart::Directive(Arc::new(Directive::If { condition, then, otherwise })))
}

fn composed(text: &str) -> Arc<str> {
    match Value::string(text).data() {
        crate::value::Data::String(text) => Arc::clone(text),
        _ => Arc::from(text),
    }
}
