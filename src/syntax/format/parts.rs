//! The lexer's tokens and the comments between them, cut into what has blanks of its own.

use std::borrow::Cow;

use super::super::lexer::{HeredocOpening, Lexer, Token, TokenKind, sequence_at};

/// What a part is, as far as the layout cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PartKind {
    Name,
    /// The name `in`.
    In,
    Number,
    OpenParenthesis,
    CloseParenthesis,
    OpenBracket,
    CloseBracket,
    OpenBrace,
    CloseBrace,
    Comma,
    Ellipsis,
    Dot,
    /// `::`.
    Namespace,
    Not,
    Minus,
    Equal,
    /// `?` and `:`.
    Separator,
    /// Any operator between two operands but the minus.
    Operator,
    /// `=>` and whatever else.
    Other,
    OpenQuote,
    CloseQuote,
    /// Text in quotes.
    Literal,
    /// `<<WORD` with its line end.
    OpenHeredoc,
    /// Text of a heredoc, at most one line with its line end.
    HeredocLine,
    /// The closing word with the blanks before it.
    CloseHeredoc,
    /// `${` or `${~`.
    OpenInterpolation,
    /// `%{` or `%{~`.
    OpenDirective,
    /// `}` or `~}`.
    CloseSequence,
    /// A comment; one to the end of the line holds the line end too.
    Comment,
    Newline,
}

impl PartKind {
    /// 1 for what opens a bracket or sequence, -1 for what closes one.
    pub(super) fn nesting(self) -> i32 {
        match self {
            Self::OpenParenthesis
            | Self::OpenBracket
            | Self::OpenBrace
            | Self::OpenInterpolation
            | Self::OpenDirective => 1,
            Self::CloseParenthesis
            | Self::CloseBracket
            | Self::CloseBrace
            | Self::CloseSequence => -1,
            _ => 0,
        }
    }
}

/// A token of the layout.
#[derive(Clone, Debug)]
pub(super) struct Part<'s> {
    pub(super) kind: PartKind,
    pub(super) text: Cow<'s, str>,
    /// Blanks before it.
    pub(super) blanks: u32,
}

impl<'s> Part<'s> {
    pub(super) fn new(kind: PartKind, text: impl Into<Cow<'s, str>>) -> Self {
        Self { kind, text: text.into(), blanks: 0 }
    }

    /// Whether a new line starts behind it.
    pub(super) fn ends_line(&self) -> bool {
        match self.kind {
            PartKind::Newline => true,
            PartKind::Comment => self.text.ends_with('\n'),
            _ => false,
        }
    }
}

/// Takes parts one after another.
pub(super) trait Parts<'s> {
    fn push(&mut self, part: Part<'s>);
}

impl<'s> Parts<'s> for Vec<Part<'s>> {
    fn push(&mut self, part: Part<'s>) {
        self.push(part);
    }
}

/// Gives the parts of a text in order.
pub(super) struct Reader<'s> {
    source: &'s str,
    pub(super) lexer: Lexer<'s>,
    /// Everything before this place was given out.
    given: usize,
}

impl<'s> Reader<'s> {
    pub(super) fn new(source: &'s str, start: usize, end: usize) -> Self {
        Self { source, lexer: Lexer::new(source, start, end), given: start }
    }

    fn slice(&self, start: usize, end: usize) -> &'s str {
        self.source.get(start..end).unwrap_or_default()
    }

    /// Takes the next token with the comments before it.
    pub(super) fn take(&mut self, parts: &mut impl Parts<'s>) -> Token {
        let token = self.lexer.peek();
        let between = self.source.as_bytes().get(self.given..token.start).unwrap_or_default();
        if between.iter().copied().any(begins_comment) && self.comments(parts) {
            return token;
        }
        self.lexer.next();
        self.split(token, parts);
        self.given = token.end;
        token
    }

    /// Takes the comments before the next token. True where a line end that comes next belongs to
    /// the last of them, and was taken with it.
    pub(super) fn comments(&mut self, parts: &mut impl Parts<'s>) -> bool {
        let token = self.lexer.peek();
        let mut position = self.given;
        while position < token.start {
            let rest = self.slice(position, token.start);
            let Some(blanks) = rest.bytes().position(begins_comment) else { break };
            let rest = rest.get(blanks..).unwrap_or_default();
            let start = position + blanks;
            let block_length =
                rest.strip_prefix("/*").map(|inner| inner.find("*/").map_or(rest.len(), |n| n + 4));
            if let Some(length) = block_length {
                position = start + length;
            } else if token.kind == TokenKind::Newline && !rest.contains('\n') {
                self.lexer.next();
                self.given = token.end;
                parts.push(Part::new(PartKind::Comment, self.slice(start, token.end)));
                return true;
            } else {
                position = start + rest.find('\n').map_or(rest.len(), |length| length + 1);
            }
            parts.push(Part::new(PartKind::Comment, self.slice(start, position)));
        }
        self.given = position;
        false
    }

    /// Drops the next token and the comments before it.
    pub(super) fn skip(&mut self) -> Token {
        let token = self.lexer.next();
        self.given = token.end;
        token
    }

    /// What is left behind the last part: blanks.
    pub(super) fn left(&self) -> usize {
        self.source.len().saturating_sub(self.given)
    }

    fn split(&mut self, token: Token, parts: &mut impl Parts<'s>) {
        match token.kind {
            TokenKind::Quoted => self.quoted(token, parts),
            TokenKind::Heredoc => self.heredoc(token, parts),
            TokenKind::End => {}
            kind => {
                let text = self.lexer.text(token);
                parts.push(Part::new(part_kind(kind, token.symbol, text), text));
            }
        }
    }

    fn quoted(&self, token: Token, parts: &mut impl Parts<'s>) {
        parts.push(Part::new(PartKind::OpenQuote, "\""));
        let mut position = token.start + 1;
        let end = token.end - 1;
        while position < end {
            let length = literal_length(self.slice(position, end));
            if length > 0 {
                let text = self.slice(position, position + length);
                parts.push(Part::new(PartKind::Literal, text));
                position += length;
            } else {
                position = self.sequence(position, end, parts);
            }
        }
        parts.push(Part::new(PartKind::CloseQuote, "\""));
    }

    fn heredoc(&self, token: Token, parts: &mut impl Parts<'s>) {
        let text = self.lexer.text(token);
        let opening = HeredocOpening::read(text).map_or(0, |opening| opening.length);
        let body_end = token.start + text.rfind('\n').map_or(text.len(), |end| end + 1);
        let mut position = token.start + opening;
        parts.push(Part::new(PartKind::OpenHeredoc, self.slice(token.start, position)));
        while position < body_end {
            let line = self.slice(position, body_end);
            let line = line.split_inclusive('\n').next().unwrap_or_default();
            let length = heredoc_length(line);
            if length > 0 {
                let text = self.slice(position, position + length);
                parts.push(Part::new(PartKind::HeredocLine, text));
                position += length;
            } else {
                position = self.sequence(position, body_end, parts);
            }
        }
        parts.push(Part::new(PartKind::CloseHeredoc, self.slice(position, token.end)));
    }

    /// Gives the sequence that starts at `start`; tells where it ends.
    fn sequence(&self, start: usize, limit: usize, parts: &mut impl Parts<'s>) -> usize {
        let bytes = self.source.as_bytes();
        let opening = 2 + usize::from(bytes.get(start + 2) == Some(&b'~'));
        let kind = match bytes.get(start) {
            Some(b'%') => PartKind::OpenDirective,
            _ => PartKind::OpenInterpolation,
        };
        parts.push(Part::new(kind, self.slice(start, start + opening)));
        let mut inner = Self::new(self.source, start + opening, limit);
        let mut open = 0_usize;
        loop {
            let token = inner.lexer.peek();
            match token.symbol {
                _ if token.kind == TokenKind::End => return limit,
                b'~' | b'}' if open == 0 => {
                    inner.comments(parts);
                    let close = self.slice(token.start, limit).find('}');
                    let end = token.start + close.map_or(1, |length| length + 1);
                    let text = self.slice(token.start, end);
                    parts.push(Part::new(PartKind::CloseSequence, text));
                    return end;
                }
                b'{' => open += 1,
                b'}' => open -= 1,
                _ => {}
            }
            inner.take_nested(parts);
        }
    }

    /// [`Self::take`] behind a call that is resolved at run time, for sequences hold strings.
    fn take_nested(&mut self, parts: &mut impl Parts<'s>) {
        self.take(parts);
    }
}

/// Whether a byte begins a comment, between tokens.
fn begins_comment(byte: u8) -> bool {
    matches!(byte, b'#' | b'/')
}

/// Bytes before the next sequence in quotes.
fn literal_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut position = 0;
    while let Some(byte) = bytes.get(position) {
        match byte {
            b'\\' => position += 2,
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

/// Bytes before the next sequence in a line of a heredoc, where backslashes mean nothing.
fn heredoc_length(text: &str) -> usize {
    let mut position = 0;
    while let Some(rest) = text.get(position..) {
        let Some(mark) = rest.find(['$', '%']) else { break };
        let (run, opens) = sequence_at(rest.get(mark..).unwrap_or_default());
        position += mark;
        if opens {
            return position;
        }
        position += run.max(1);
    }
    text.len()
}

fn part_kind(kind: TokenKind, symbol: u8, text: &str) -> PartKind {
    match (kind, symbol) {
        (TokenKind::Name, _) if text == "in" => PartKind::In,
        (TokenKind::Name, _) => PartKind::Name,
        (TokenKind::Number, _) => PartKind::Number,
        (TokenKind::Newline, _) => PartKind::Newline,
        (_, b'(') => PartKind::OpenParenthesis,
        (_, b')') => PartKind::CloseParenthesis,
        (_, b'[') => PartKind::OpenBracket,
        (_, b']') => PartKind::CloseBracket,
        (_, b'{') => PartKind::OpenBrace,
        (_, b'}') => PartKind::CloseBrace,
        (_, b',') => PartKind::Comma,
        (_, b'.') => PartKind::Dot,
        (_, b'!') => PartKind::Not,
        (_, b'-') => PartKind::Minus,
        (_, b'=') => PartKind::Equal,
        (_, b'?' | b':') => PartKind::Separator,
        (_, b'+' | b'*' | b'/' | b'%' | b'<' | b'>') => PartKind::Operator,
        _ => match text {
            "..." => PartKind::Ellipsis,
            "::" => PartKind::Namespace,
            "==" | "!=" | "<=" | ">=" | "&&" | "||" => PartKind::Operator,
            _ => PartKind::Other,
        },
    }
}
