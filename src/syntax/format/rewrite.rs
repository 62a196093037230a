//! Goes through the items of a text. Besides blanks it changes, as Terraform does:
//!
//! * an argument's value that is nothing but `"${ … }"` loses what is around it,
//! * the `type` of a variable written as in the language's first versions gets today's form,
//! * labels are written in quotes; comments between them are lost,
//! * a byte-order mark is lost.
//!
//! Where Terraform's own rewriting would break the text, ours does less; its tests list the cases.

use std::borrow::Cow;
use std::ops::Range;

use super::super::lexer::{Token, TokenKind};
use super::super::quoted;
use super::layout::Layout;
use super::parts::{Part, PartKind, Parts as _, Reader};

/// Reads a text and lays it out anew.
pub(super) struct Rewriter<'s> {
    reader: Reader<'s>,
    layout: Layout<'s>,
    /// The kinds of the blocks around the place at hand.
    blocks: Vec<&'s str>,
}

impl<'s> Rewriter<'s> {
    pub(super) fn new(source: &'s str) -> Self {
        let source = source.strip_prefix('\u{feff}').unwrap_or(source);
        Self {
            reader: Reader::new(source, 0, source.len()),
            layout: Layout::new(source.len()),
            blocks: Vec::new(),
        }
    }

    pub(super) fn run(mut self) -> String {
        loop {
            let token = self.reader.lexer.peek();
            match token.kind {
                TokenKind::End => break,
                TokenKind::Name => self.item(),
                _ => {
                    if token.symbol == b'}' {
                        self.blocks.pop();
                    }
                    self.take();
                }
            }
        }
        self.reader.comments(&mut self.layout);
        self.layout.finish(self.reader.left())
    }

    fn take(&mut self) -> Token {
        self.reader.take(&mut self.layout)
    }

    fn text(&self, token: Token) -> &'s str {
        self.reader.lexer.text(token)
    }

    /// An argument, or a block up to and including its opening brace.
    fn item(&mut self) {
        self.reader.comments(&mut self.layout);
        let token = self.take();
        let name = self.text(token);
        let next = self.reader.lexer.peek();
        if next.symbol == b'=' {
            self.take();
            self.value(name);
            return;
        }
        loop {
            let token = self.reader.lexer.peek();
            match token.kind {
                TokenKind::Name | TokenKind::Quoted => self.label(),
                _ => {
                    if token.symbol == b'{' {
                        self.blocks.push(name);
                        self.take();
                    }
                    return;
                }
            }
        }
    }

    /// A label in quotes, without the comments before it.
    fn label(&mut self) {
        let token = self.reader.skip();
        let text = self.text(token);
        let label = if token.kind == TokenKind::Name {
            text.into()
        } else {
            let inner = text.get(1..text.len().saturating_sub(1)).unwrap_or_default();
            let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
            if inner.bytes().all(is_word) {
                return self.write_label(inner.into());
            }
            let plain = quoted::unescape(inner, true, &mut Vec::new());
            let written = quoted::escape(&plain);
            if written == inner { inner.into() } else { written.into() }
        };
        self.write_label(label);
    }

    fn write_label(&mut self, label: Cow<'s, str>) {
        self.layout.push(Part::new(PartKind::OpenQuote, "\""));
        self.layout.push(Part { kind: PartKind::Literal, text: label, blanks: 0 });
        self.layout.push(Part::new(PartKind::CloseQuote, "\""));
    }

    /// The value of the argument `name`.
    fn value(&mut self, name: &str) {
        if self.reader.comments(&mut self.layout) {
            return;
        }
        let mut open = 0_usize;
        let first = self.reader.lexer.peek();
        if matches!(first.kind, TokenKind::Name | TokenKind::Quoted) {
            let mut parts = Vec::new();
            self.reader.take(&mut parts);
            let next = self.reader.lexer.peek();
            let ends_line = matches!(next.kind, TokenKind::Newline | TokenKind::End);
            if ends_line || next.symbol == b'}' {
                let is_type = name == "type" && self.blocks == ["variable"];
                parts = if is_type { type_constraint(parts) } else { unwrapped(parts, ends_line) };
            }
            for part in parts {
                self.layout.push(part);
            }
        }
        loop {
            let token = self.reader.lexer.peek();
            match token.kind {
                TokenKind::End => return,
                TokenKind::Newline if open == 0 => return,
                TokenKind::Symbol => match token.symbol {
                    b'(' | b'[' | b'{' => open += 1,
                    b'}' if open == 0 => return,
                    b')' | b']' | b'}' => open = open.saturating_sub(1),
                    _ => {}
                },
                _ => {}
            }
            self.take();
        }
    }
}

/// A type constraint of the language's first versions in today's form.
fn type_constraint(parts: Vec<Part<'_>>) -> Vec<Part<'_>> {
    use PartKind::{CloseParenthesis, CloseQuote, Literal, Name, OpenParenthesis, OpenQuote};
    let of = |collection: &Part<'_>, element: &'static str| {
        vec![
            Part::new(Name, collection.text.clone().into_owned()),
            Part::new(OpenParenthesis, "("),
            Part::new(Name, element),
            Part::new(CloseParenthesis, ")"),
        ]
    };
    match parts.as_slice() {
        [word] if matches!(&*word.text, "list" | "map" | "set") => of(word, "any"),
        [open, word, close]
            if open.kind == OpenQuote && word.kind == Literal && close.kind == CloseQuote =>
        {
            match &*word.text {
                "string" => vec![Part::new(Name, "string")],
                "list" | "map" => of(word, "string"),
                _ => parts,
            }
        }
        _ => parts,
    }
}

/// `"${ value }"` without what is around the value; anything else as it is. `ends_line`: the value's
/// line ends behind it, as it does not in a block on one line.
fn unwrapped(mut parts: Vec<Part<'_>>, ends_line: bool) -> Vec<Part<'_>> {
    // Terraform takes off one layer at a time. That a second run changes nothing is worth more.
    while let Some(range) = wrapped_value(&parts, ends_line) {
        let value = parts.get(range.clone()).unwrap_or_default();
        let wrap = needs_parentheses(value, ends_line);
        parts.truncate(range.end);
        parts.drain(..range.start);
        if wrap {
            parts.insert(0, Part::new(PartKind::OpenParenthesis, "("));
            parts.push(Part::new(PartKind::CloseParenthesis, ")"));
        }
    }
    parts
}

/// Where in `"${ value }"` the value is, without the line ends around it; nothing where it must
/// stay wrapped.
fn wrapped_value(parts: &[Part<'_>], ends_line: bool) -> Option<Range<usize>> {
    let [quote, open, inside @ .., close, _] = parts else { return None };
    if quote.kind != PartKind::OpenQuote
        || open.kind != PartKind::OpenInterpolation
        || close.kind != PartKind::CloseSequence
        || holds_more(inside)
        || is_plain_text(inside)
    {
        return None;
    }
    let is_newline = |part: &Part<'_>| part.kind == PartKind::Newline;
    let first = inside.iter().position(|part| !is_newline(part))?;
    let last = inside.iter().rposition(|part| !is_newline(part))?;
    // The closing word of a heredoc must have its line for itself.
    let holds_heredoc = || inside.iter().any(|part| part.kind == PartKind::CloseHeredoc);
    (ends_line || !holds_heredoc()).then_some(2 + first..2 + last + 1)
}

/// Whether it is a string without sequences, which Terraform leaves where it is the last of several
/// layers.
fn is_plain_text(parts: &[Part<'_>]) -> bool {
    let mut inner = parts.iter().skip(1);
    parts.first().is_some_and(|first| first.kind == PartKind::OpenQuote)
        && inner
            .by_ref()
            .find(|part| part.kind != PartKind::Literal)
            .is_some_and(|part| part.kind == PartKind::CloseQuote)
        && inner.next().is_none()
}

/// Whether between `"${` and `}"` there is more than one value: text, or another sequence.
fn holds_more(inside: &[Part<'_>]) -> bool {
    let mut quotes = 0_usize;
    for part in inside {
        match part.kind {
            PartKind::OpenQuote => quotes += 1,
            PartKind::CloseQuote => quotes = quotes.saturating_sub(1),
            PartKind::OpenInterpolation | PartKind::CloseSequence | PartKind::Literal
                if quotes == 0 =>
            {
                return true;
            }
            _ => {}
        }
    }
    false
}

/// Whether a value needs parentheses where no sequence is around it: outside of brackets a line end
/// would end it. Terraform gives them to any other value with a line end, too.
fn needs_parentheses(value: &[Part<'_>], ends_line: bool) -> bool {
    let is = |part: Option<&Part<'_>>, kind| part.is_some_and(|part| part.kind == kind);
    let between = is(value.first(), PartKind::OpenParenthesis)
        && is(value.last(), PartKind::CloseParenthesis);
    if !between && value.iter().any(|part| part.kind == PartKind::Newline) {
        return true;
    }
    let last = value.len().saturating_sub(1);
    let mut open = 0;
    value.iter().enumerate().any(|(index, part)| {
        open += part.kind.nesting();
        open == 0 && part.ends_line() && !(index == last && ends_line)
    })
}
