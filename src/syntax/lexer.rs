//! Cuts text into tokens; whole strings and heredocs are one token each.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A word.
    Name,
    /// Digits with fraction and exponent.
    Number,
    /// `"…"`.
    Quoted,
    /// `<<WORD` to the closing word.
    Heredoc,
    /// An operator, bracket or separator.
    Symbol,
    /// The end of a line that is not inside another token.
    Newline,
    /// The end of the text.
    End,
    /// A character that has no business here.
    Invalid,
}

/// A token and the bytes it covers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    /// The character of a symbol of one character; otherwise 0.
    pub(super) symbol: u8,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Something the lexer could not make sense of.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) detail: String,
    /// The text may be right but is nested deeper than we go.
    pub(super) limit: bool,
}

/// Sequences inside strings inside sequences, at most so deep.
const DEPTH: usize = 24;

/// Reads tokens one after another.
pub(super) struct Lexer<'s> {
    text: &'s str,
    position: usize,
    limit: usize,
    depth: usize,
    /// Where the last look ahead started, what it saw, and where that ended.
    seen: Option<(usize, Token, usize)>,
    pub(super) problems: Vec<Problem>,
}

impl<'s> Lexer<'s> {
    /// Reads `text` from `start` to before `end`.
    pub(super) fn new(text: &'s str, start: usize, end: usize) -> Self {
        Self { text, position: start, limit: end, depth: 0, seen: None, problems: Vec::new() }
    }

    pub(super) fn text(&self, token: Token) -> &'s str {
        self.text.get(token.start..token.end).unwrap_or_default()
    }

    pub(super) fn position(&self) -> usize {
        self.position
    }

    pub(super) fn end(&self) -> usize {
        self.limit
    }

    pub(super) fn move_to(&mut self, position: usize) {
        self.position = position;
    }

    fn rest(&self) -> &'s str {
        self.text.get(self.position..self.limit).unwrap_or_default()
    }

    fn bytes(&self) -> &'s [u8] {
        self.text.as_bytes().get(self.position..self.limit).unwrap_or_default()
    }

    fn byte(&self, ahead: usize) -> Option<u8> {
        let place = self.position + ahead;
        if place < self.limit { self.text.as_bytes().get(place).copied() } else { None }
    }

    fn at(&self, place: usize) -> u8 {
        self.text.as_bytes().get(place).copied().unwrap_or_default()
    }

    fn problem(&mut self, start: usize, end: usize, detail: impl Into<String>) {
        self.problems.push(Problem { start, end, detail: detail.into(), limit: false });
    }

    /// The next token without taking it.
    pub(super) fn peek(&mut self) -> Token {
        if let Some((at, token, _)) = self.seen
            && at == self.position
        {
            return token;
        }
        let (position, problems) = (self.position, self.problems.len());
        let token = self.next();
        if self.problems.len() == problems {
            self.seen = Some((position, token, self.position));
        } else {
            // What has problems is read again when it is taken, so that they are told then.
            self.problems.truncate(problems);
        }
        self.position = position;
        token
    }

    /// The next token that is no line end, without taking anything.
    pub(super) fn peek_past_newlines(&mut self) -> Token {
        let (position, problems) = (self.position, self.problems.len());
        let mut token = self.next();
        while token.kind == TokenKind::Newline {
            token = self.next();
        }
        self.position = position;
        self.problems.truncate(problems);
        token
    }

    /// Takes the next token.
    pub(super) fn next(&mut self) -> Token {
        if let Some((at, token, end)) = self.seen
            && at == self.position
        {
            self.position = end;
            return token;
        }
        if let Some(token) = self.plain() {
            self.position = token.end;
            return token;
        }
        self.skip_blanks_and_comments();
        let start = self.position;
        let kind = self.scan();
        let is_single = kind == TokenKind::Symbol && self.position == start + 1;
        let symbol = if is_single { self.at(start) } else { 0 };
        Token { kind, symbol, start, end: self.position }
    }

    /// The next token, where its first character tells which one it is: that is so for most, and goes
    /// through the text but once.
    fn plain(&self) -> Option<Token> {
        let rest = self.bytes();
        let blanks = rest.iter().position(|byte| !is_of(*byte, BLANK))?;
        let rest = rest.get(blanks..)?;
        let (first, start) = (*rest.first()?, self.position + blanks);
        let (kind, symbol, length) = match CLASSES[usize::from(first)] {
            NEWLINE => (TokenKind::Newline, 0, 1),
            class if class & SINGLE != 0 => (TokenKind::Symbol, first, 1),
            class if class & NAME_START != 0 => {
                let other = rest.iter().position(|byte| !is_of(*byte, NAME_PART));
                let length = other.unwrap_or(rest.len());
                if rest.get(length).is_some_and(|byte| !byte.is_ascii()) {
                    return None;
                }
                (TokenKind::Name, 0, length)
            }
            _ => return None,
        };
        Some(Token { kind, symbol, start, end: start + length })
    }

    fn scan(&mut self) -> TokenKind {
        let Some(first) = self.byte(0) else { return TokenKind::End };
        match first {
            b'\n' => self.take(1, TokenKind::Newline),
            b'\r' if self.byte(1) == Some(b'\n') => self.take(2, TokenKind::Newline),
            b'"' => self.quoted(),
            b'0'..=b'9' => self.number(),
            b'<' if self.byte(1) == Some(b'<') => self.heredoc(),
            b'_' | b'a'..=b'z' | b'A'..=b'Z' | 0x80.. => self.name(),
            _ => match symbol_length(first, self.byte(1), self.byte(2)) {
                0 => self.take(1, TokenKind::Invalid),
                length => self.take(length, TokenKind::Symbol),
            },
        }
    }

    fn name(&mut self) -> TokenKind {
        let rest = self.rest();
        let plain = rest.bytes().take_while(|byte| is_of(*byte, NAME_PART)).count();
        let tail = rest.get(plain..).unwrap_or_default();
        if plain == 0 && !tail.starts_with(is_name_start) {
            let length = tail.chars().next().map_or(0, char::len_utf8);
            return self.take(length, TokenKind::Invalid);
        }
        let length = tail.find(|c| !is_name_part(c)).unwrap_or(tail.len());
        self.take(plain + length, TokenKind::Name)
    }

    fn take(&mut self, length: usize, kind: TokenKind) -> TokenKind {
        self.position += length;
        kind
    }

    /// Moves on to the next byte that `stops`.
    fn skip_until(&mut self, stops: impl Fn(u8) -> bool) {
        let bytes = self.bytes();
        self.position += bytes.iter().position(|byte| stops(*byte)).unwrap_or(bytes.len());
    }

    fn skip_blanks_and_comments(&mut self) {
        loop {
            while let Some(b' ' | b'\t') = self.byte(0) {
                self.position += 1;
            }
            let first = self.byte(0);
            if !matches!(first, Some(b'#' | b'/')) {
                return;
            }
            match (first, self.byte(1)) {
                (Some(b'#'), _) | (Some(b'/'), Some(b'/')) => {
                    let start = self.position;
                    self.skip_until(|byte| byte == b'\n');
                    let ended = self.position < self.limit;
                    let before = self.position.saturating_sub(1);
                    if ended && before > start && self.text.as_bytes().get(before) == Some(&b'\r') {
                        self.position = before;
                    }
                }
                (Some(b'/'), Some(b'*')) => self.skip_block_comment(),
                _ => return,
            }
        }
    }

    fn skip_block_comment(&mut self) {
        if let Some(end) = self.rest().get(2..).and_then(|inner| inner.find("*/")) {
            self.position += end + 4;
        } else {
            let start = self.position;
            let detail = "A comment opened with `/*` is never closed with `*/`.";
            self.problem(start, start + 2, detail);
            self.position = self.limit;
        }
    }

    fn number(&mut self) -> TokenKind {
        let bytes = self.rest().as_bytes();
        let digits = |from: usize| {
            bytes.get(from..).unwrap_or_default().iter().take_while(|b| b.is_ascii_digit()).count()
        };
        let mut length = digits(0);
        if bytes.get(length) == Some(&b'.') && digits(length + 1) > 0 {
            length += 1 + digits(length + 1);
        }
        if matches!(bytes.get(length), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(length + 1), Some(b'+' | b'-')));
            if digits(length + 1 + sign) > 0 {
                length += 1 + sign + digits(length + 1 + sign);
            }
        }
        self.take(length, TokenKind::Number)
    }

    fn quoted(&mut self) -> TokenKind {
        let start = self.position;
        self.position += 1;
        loop {
            self.skip_until(|byte| matches!(byte, b'"' | b'\n' | b'\r' | b'\\' | b'$' | b'%'));
            match self.byte(0) {
                Some(b'"') => return self.take(1, TokenKind::Quoted),
                None | Some(b'\n' | b'\r') => {
                    let end = self.position;
                    self.problem(
                        start,
                        end,
                        "A quoted string must end on the line where it starts: its closing quote \
                         is missing. Text of several lines is written as a heredoc or with `\\n`.",
                    );
                    return TokenKind::Invalid;
                }
                Some(b'\\') => {
                    self.position += 1;
                    if !matches!(self.byte(0), Some(b'\n' | b'\r')) {
                        self.skip_character();
                    }
                }
                Some(b'$' | b'%') => {
                    if !self.marker() {
                        return TokenKind::Invalid;
                    }
                }
                Some(_) => self.skip_character(),
            }
        }
    }

    fn skip_character(&mut self) {
        self.position += self.rest().chars().next().map_or(0, char::len_utf8);
    }

    /// At `$` or `%`: takes the run of it, and the sequence it opens, if it does.
    fn marker(&mut self) -> bool {
        let (run, opens) = sequence_at(self.rest());
        self.position += run;
        if !opens {
            return true;
        }
        self.position += 1;
        self.sequence()
    }

    /// Takes everything up to the brace that closes a sequence. False where it never comes.
    fn sequence(&mut self) -> bool {
        let start = self.position.saturating_sub(2);
        if self.depth >= DEPTH {
            self.problems.push(Problem {
                start,
                end: start + 2,
                detail: format!("Strings and sequences may be nested at most {DEPTH} deep."),
                limit: true,
            });
            self.position = self.limit;
            return false;
        }
        self.depth += 1;
        let closed = self.sequence_body(start);
        self.depth -= 1;
        closed
    }

    fn sequence_body(&mut self, start: usize) -> bool {
        let mut open = 0_usize;
        loop {
            let token = self.next();
            match token.symbol {
                b'{' => open += 1,
                b'}' if open == 0 => return true,
                b'}' => open -= 1,
                _ if token.kind == TokenKind::End => {
                    self.problem(start, start + 2, "This sequence is never closed with `}`.");
                    return false;
                }
                _ => {}
            }
        }
    }

    fn heredoc(&mut self) -> TokenKind {
        let start = self.position;
        let Some(opening) = HeredocOpening::read(self.rest()) else {
            return self.take(1, TokenKind::Symbol);
        };
        self.position += opening.length;
        loop {
            let line = self.rest().split('\n').next().unwrap_or_default();
            let ends_in_newline = self.rest().len() > line.len();
            if ends_in_newline && line.trim() == opening.word {
                let carriage = usize::from(line.ends_with('\r'));
                return self.take(line.len() - carriage, TokenKind::Heredoc);
            }
            if self.rest().is_empty() {
                self.problem(
                    start,
                    start + opening.length - 1,
                    format!(
                        "The text started here must be closed by `{}` alone on a line of its own.",
                        opening.word
                    ),
                );
                return TokenKind::Invalid;
            }
            if !self.heredoc_line() {
                return TokenKind::Invalid;
            }
        }
    }

    /// Takes the rest of a line of a heredoc with all sequences that start in it.
    fn heredoc_line(&mut self) -> bool {
        loop {
            self.skip_until(|byte| matches!(byte, b'\r' | b'\n' | b'$' | b'%'));
            match self.byte(0) {
                None => return true,
                Some(b'\n') => {
                    self.position += 1;
                    return true;
                }
                Some(b'\r') if self.byte(1) != Some(b'\n') => {
                    let detail = "A carriage return in a text must be followed by a line feed.";
                    self.problem(self.position, self.position + 1, detail);
                    return false;
                }
                Some(b'$' | b'%') => {
                    if !self.marker() {
                        return false;
                    }
                }
                Some(_) => self.skip_character(),
            }
        }
    }
}

/// What a byte can be. Each token asks for that of several.
const BLANK: u8 = 1;
const NEWLINE: u8 = 2;
/// A symbol that is never the beginning of a longer one.
const SINGLE: u8 = 4;
const NAME_START: u8 = 8;
const NAME_PART: u8 = 16;

const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        classes[byte as usize] = match byte {
            b' ' | b'\t' => BLANK,
            b'\n' => NEWLINE,
            b'{' | b'}' | b'[' | b']' | b'(' | b')' | b',' | b'+' | b'*' | b'%' | b'~' => SINGLE,
            b'-' => SINGLE | NAME_PART,
            b'0'..=b'9' => NAME_PART,
            b'_' | b'a'..=b'z' | b'A'..=b'Z' => NAME_START | NAME_PART,
            _ => 0,
        };
        byte += 1;
    }
    classes
};

fn is_of(byte: u8, class: u8) -> bool {
    CLASSES[usize::from(byte)] & class != 0
}

/// How many of these bytes are one symbol; 0 where the first starts none.
fn symbol_length(first: u8, second: Option<u8>, third: Option<u8>) -> usize {
    match (first, second) {
        (b'.', Some(b'.')) if third == Some(b'.') => 3,
        (b'=' | b'!' | b'<' | b'>', Some(b'='))
        | (b'=', Some(b'>'))
        | (b'&', Some(b'&'))
        | (b'|', Some(b'|'))
        | (b':', Some(b':'))
        | (b'?', Some(b'?')) => 2,
        (b'&' | b'|', _) => 0,
        (
            b'{' | b'}' | b'[' | b']' | b'(' | b')' | b'=' | b',' | b'.' | b':' | b'?' | b'!'
            | b'+' | b'-' | b'*' | b'/' | b'%' | b'<' | b'>' | b'~',
            _,
        ) => 1,
        _ => 0,
    }
}

/// The first line of a heredoc.
pub(super) struct HeredocOpening<'s> {
    /// Bytes up to and including the line end.
    pub(super) length: usize,
    /// `<<-`: the text is moved to the left.
    pub(super) flush: bool,
    /// The word that closes it.
    pub(super) word: &'s str,
}

impl<'s> HeredocOpening<'s> {
    pub(super) fn read(text: &'s str) -> Option<Self> {
        let rest = text.strip_prefix("<<")?;
        let (flush, rest) = rest.strip_prefix('-').map_or((false, rest), |rest| (true, rest));
        let (line, _) = rest.split_once('\n')?;
        let word = line.strip_suffix('\r').unwrap_or(line);
        let valid = word.starts_with(is_name_start) && word.chars().all(is_name_part);
        valid.then(|| Self { length: 2 + usize::from(flush) + line.len() + 1, flush, word })
    }
}

/// At `$` or `%`: length of the run of it, and whether the brace after it opens a sequence. Two of
/// them before a brace stand for one and a brace.
pub(super) fn sequence_at(text: &str) -> (usize, bool) {
    let Some(mark) = text.as_bytes().first().copied() else { return (0, false) };
    let run = text.bytes().take_while(|byte| *byte == mark).count();
    let brace = text.as_bytes().get(run) == Some(&b'{');
    (run, brace && run == 1)
}

pub(super) fn is_name_start(character: char) -> bool {
    character == '_'
        || character.is_ascii_alphabetic()
        || !character.is_ascii() && character.is_alphabetic()
}

/// Any other character beyond ASCII is taken along and judged when the name is read.
pub(super) fn is_name_part(character: char) -> bool {
    matches!(character, '_' | '-')
        || character.is_ascii_alphanumeric()
        || !character.is_ascii() && !character.is_whitespace() && !character.is_control()
}
