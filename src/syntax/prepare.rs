//! One expression's text, made ready for `hcl::edit`: same length, so that spans stay true.
//!
//! Lists, objects, parentheses and calls are cut into their items, each prepared by itself; in the
//! text around them a plain string stands in their place. `hcl::edit` compares every key of an object
//! with all others and goes 64 brackets deep; so it sees none of them. Comments and newlines that do
//! not matter become blanks; strings that hold anything but plain text, and heredocs, become plain
//! strings that are read again from the source by span. What `hcl::edit` would accept though the
//! language does not is refused here.

use super::brackets::Cut;
use super::lexer::{Lexer, Problem, Token, TokenKind};

/// Bytes of the longest expression that `hcl::edit` is given: its tree takes more than a hundred
/// times as many.
pub(super) const LONGEST: usize = 3 * 1024 * 1024;

/// What goes on with the item before it, wherever it stands.
const CONTINUING: [&str; 14] =
    [".", "?", "+", "*", "/", "%", "&&", "||", "==", "!=", "<", "<=", ">", ">="];

/// An expression's text and where it stands.
pub(super) struct Prepared {
    /// What `hcl::edit` is given, where that is not the source itself.
    text: Option<String>,
    pub(super) start: usize,
    pub(super) end: usize,
    /// What was cut out, in order.
    pub(super) cuts: Vec<Cut>,
    pub(super) tokens: usize,
    last: Option<TokenKind>,
}

impl Prepared {
    /// The text to read, which is part of `source` where nothing had to be changed.
    pub(super) fn text<'t>(&'t self, source: &'t str) -> &'t str {
        match &self.text {
            Some(text) => text.trim_end(),
            None => source.get(self.start..self.end).unwrap_or_default(),
        }
    }

    /// The kind of its only token, if it has but one.
    pub(super) fn single(&self) -> Option<TokenKind> {
        self.last.filter(|_| self.tokens == 1)
    }
}

/// Where an expression stands, which says what ends it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// On a line of its own.
    Line,
    /// In a sequence of a template.
    Sequence,
    Element,
    Argument,
    Key,
    Value,
    Group,
}

/// One token as it goes into the text.
#[derive(Clone, Copy)]
enum Part {
    /// As it stands in the source.
    Source(Token),
    /// A plain string in its place.
    Placeholder(Token),
    /// A number in its place.
    Zeros(Token),
}

pub(super) struct Frame {
    pub(super) open: Token,
    pub(super) close: &'static str,
    /// Whether line ends mean something here.
    pub(super) newlines: bool,
}

/// Collects the tokens of one expression.
pub(super) struct Preparation<'l, 's> {
    pub(super) lexer: &'l mut Lexer<'s>,
    pub(super) source: &'s str,
    pub(super) place: Place,
    /// How many lists, objects and parentheses surround it.
    pub(super) depth: usize,
    pub(super) frames: Vec<Frame>,
    pub(super) cuts: Vec<Cut>,
    /// How many `?` wait for their `:`.
    pub(super) questions: usize,
    pub(super) tokens: usize,
    /// Whether the last name stands behind a dot or `::`.
    pub(super) qualified: bool,
    /// Whether the last token is the `*` of `.*`.
    pub(super) splat: bool,
    text: String,
    /// The first token. Most expressions are nothing but one, and need no text of their own.
    first: Option<Part>,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) previous: Option<Token>,
    pub(super) after_newline: bool,
    pub(super) strings: usize,
    pub(super) problems: Vec<Problem>,
}

impl<'l, 's> Preparation<'l, 's> {
    pub(super) fn new(lexer: &'l mut Lexer<'s>, source: &'s str, place: Place) -> Self {
        let start = lexer.position();
        Self {
            lexer,
            source,
            place,
            depth: 0,
            frames: Vec::new(),
            cuts: Vec::new(),
            questions: 0,
            tokens: 0,
            qualified: false,
            splat: false,
            text: String::new(),
            first: None,
            start,
            end: start,
            previous: None,
            after_newline: false,
            strings: 0,
            problems: Vec::new(),
        }
    }

    /// Takes tokens until the line or the surrounding bracket ends. What ends it is not taken.
    pub(super) fn run(self) -> Result<Prepared, Vec<Problem>> {
        let (prepared, problems, _) = self.collect();
        if problems.is_empty() { Ok(prepared) } else { Err(problems) }
    }

    /// The same; the last part of the result says whether going on behind it makes sense.
    pub(super) fn collect(mut self) -> (Prepared, Vec<Problem>, bool) {
        let known = self.lexer.problems.len();
        let mut sound = true;
        let token = loop {
            let token = self.lexer.peek();
            if self.ends(token) {
                break token;
            }
            let token = self.lexer.next();
            if !self.accept(token) {
                sound = false;
                break token;
            }
        };
        self.problems.extend(self.lexer.problems.drain(known..));
        if self.problems.is_empty() {
            if let Some(frame) = self.frames.last() {
                let open = self.lexer.text(frame.open).to_owned();
                self.refuse(frame.open, format!("This `{open}` is never closed."));
            } else if self.previous.is_none() {
                // Where the text ends in a bracket, that is told of the bracket.
                if token.kind != TokenKind::End || self.depth == 0 {
                    self.refuse(token, "A value is missing here.".to_owned());
                }
            } else if let Some(operator) = self.dangling() {
                let text = self.lexer.text(operator);
                let detail =
                    format!("The expression ends too early: a value must follow `{text}`.");
                self.refuse(operator, detail);
            }
        }
        if self.end - self.start > LONGEST {
            let detail =
                format!("An expression may be at most {} MiB long.", LONGEST / 1024 / 1024);
            let text = self.source.get(self.start..).unwrap_or_default();
            let first = text.chars().next().map_or(0, char::len_utf8);
            let (start, end) = (self.start, self.start + first);
            self.problems.push(Problem { start, end, detail, limit: true });
        }
        let cuts = self.cuts;
        (
            Prepared {
                text: self.first.is_none().then_some(self.text),
                start: self.start,
                end: self.end,
                cuts,
                tokens: self.tokens,
                last: self.previous.map(|token| token.kind),
            },
            self.problems,
            sound,
        )
    }

    /// The operator at the end of a part, behind which a value is missing.
    fn dangling(&self) -> Option<Token> {
        const OPERATORS: [&str; 16] =
            ["+", "-", "*", "/", "%", "&&", "||", "==", "!=", "<", ">", "<=", ">=", "!", "?", ":"];
        let is_operator = |token: &Token| {
            token.kind == TokenKind::Symbol && OPERATORS.contains(&self.lexer.text(*token))
        };
        let is_part = !matches!(self.place, Place::Line | Place::Sequence);
        self.previous.filter(is_operator).filter(|_| is_part && !self.splat)
    }

    /// Whether line ends mean something where no bracket is open.
    fn newlines(&self) -> bool {
        matches!(self.place, Place::Line | Place::Key | Place::Value)
    }

    fn ends(&self, token: Token) -> bool {
        if token.kind == TokenKind::End {
            return true;
        }
        if !self.frames.is_empty() {
            return false;
        }
        if token.kind == TokenKind::Newline {
            return self.newlines();
        }
        if token.kind != TokenKind::Symbol {
            return false;
        }
        match (self.place, token.symbol) {
            (Place::Line | Place::Sequence, symbol) => matches!(symbol, b'}' | b'~'),
            (_, b',' | b')' | b']' | b'}') => true,
            (Place::Key, symbol) => symbol == b'=' || symbol == b':' && self.questions == 0,
            (Place::Argument, 0) => self.lexer.text(token) == "...",
            _ => false,
        }
    }

    /// False where going on makes no sense.
    fn accept(&mut self, token: Token) -> bool {
        if token.kind == TokenKind::Newline {
            if self.frames.last().map_or(self.newlines(), |frame| frame.newlines) {
                self.newline(token);
            }
            return true;
        }
        self.check_place(token);
        self.tokens += 1;
        self.check_neighbour(token);
        match token.kind {
            TokenKind::Symbol if self.is_cut(token) => {
                self.after_newline = false;
                return self.cut(token);
            }
            TokenKind::Symbol => {
                if !self.bracket(token) {
                    return false;
                }
                let follows_dot = self.previous.is_some_and(|previous| previous.symbol == b'.');
                self.splat = token.symbol == b'*' && follows_dot;
                match token.symbol {
                    b'?' => self.questions += 1,
                    b':' => self.questions = self.questions.saturating_sub(1),
                    _ => {}
                }
                self.append(Part::Source(token));
            }
            TokenKind::Quoted => self.quoted(token),
            TokenKind::Heredoc => self.placeholder(token),
            TokenKind::Number => self.number(token),
            TokenKind::Invalid => {
                self.invalid(token);
                return self.lexer.position() > token.start;
            }
            _ => {
                self.qualified = self.previous.is_some_and(|previous| {
                    previous.symbol == b'.' || self.lexer.text(previous) == "::"
                });
                self.append(Part::Source(token));
            }
        }
        self.previous = Some(token);
        self.after_newline = false;
        true
    }

    pub(super) fn refuse(&mut self, token: Token, detail: String) {
        self.problems.push(Problem { start: token.start, end: token.end, detail, limit: false });
    }

    fn invalid(&mut self, token: Token) {
        let text = self.lexer.text(token);
        let detail = match text {
            _ if text.starts_with(['"', '<']) => return,
            "'" => "Strings are written in double quotes, not in single ones.".to_owned(),
            _ => format!("The character `{}` has no meaning here.", text.escape_debug()),
        };
        self.refuse(token, detail);
    }

    fn newline(&mut self, token: Token) {
        if self.previous.is_some_and(|previous| previous.symbol == b'.') {
            self.refuse(token, "A name must follow the dot on the same line.".to_owned());
        }
        self.write_first();
        self.pad(token.end - 1);
        self.text.push('\n');
        self.end = token.end;
        self.after_newline = true;
    }

    /// Refuses what `hcl::edit` would let pass.
    fn check_place(&mut self, token: Token) {
        let text = self.lexer.text(token);
        if self.after_newline && token.kind == TokenKind::Symbol && CONTINUING.contains(&text) {
            self.refuse(
                token,
                format!(
                    "An item cannot start with `{text}`: to go on on the next line, put the \
                         expression in parentheses."
                ),
            );
        }
        let Some(previous) = self.previous else { return };
        let ends_operand = || match previous.kind {
            TokenKind::Symbol => matches!(previous.symbol, b')' | b']' | b'}'),
            TokenKind::Name => !matches!(self.lexer.text(previous), "for" | "in" | "if"),
            _ => true,
        };
        if token.kind == TokenKind::Name
            && !self.after_newline
            && !matches!(text, "in" | "if")
            && ends_operand()
        {
            let detail = format!(
                "`{text}` cannot stand here: something must separate it from what comes before."
            );
            self.refuse(token, detail);
        }
        if token.kind == TokenKind::Number && previous.symbol == b'.' && text.contains('.') {
            self.refuse(
                token,
                "Positions after a dot cannot be chained; write them in brackets, as `[0][1]`."
                    .to_owned(),
            );
        }
    }

    /// What follows a bracket or a number must fit it.
    fn check_neighbour(&mut self, token: Token) {
        let Some(previous) = self.previous else { return };
        if previous.kind != TokenKind::Number && !matches!(previous.symbol, b'[' | b'{' | b'*') {
            return;
        }
        let pair = (self.lexer.text(previous), self.lexer.text(token));
        // Blanks around the point do not count: without them it would be another number.
        if previous.kind == TokenKind::Number
            && pair.1 == "."
            && self.lexer.peek().kind == TokenKind::Number
        {
            self.refuse(token, "A number may hold only one decimal point.".to_owned());
        }
        if matches!(pair, ("[", "*") | ("*", "]")) {
            let between = self.source.get(previous.end..token.start);
            if between.is_some_and(|between| between.contains('\n')) {
                self.refuse(token, "`[*]` must stand on one line.".to_owned());
            }
        }
        if matches!(pair, ("[" | "{", "for"))
            && self.lexer.peek_past_newlines().kind != TokenKind::Name
        {
            let detail = "`for` must be followed by a name here; as a key it is written `\"for\"`.";
            self.refuse(token, detail.to_owned());
        }
    }

    fn bracket(&mut self, token: Token) -> bool {
        match token.symbol {
            b'(' => self.frames.push(Frame { open: token, close: ")", newlines: false }),
            b'[' => self.frames.push(Frame { open: token, close: "]", newlines: false }),
            b'{' => {
                let next = self.lexer.peek_past_newlines();
                let newlines = next.kind != TokenKind::Name || self.lexer.text(next) != "for";
                self.frames.push(Frame { open: token, close: "}", newlines });
            }
            b')' | b']' | b'}' => match (self.frames.pop(), self.lexer.text(token)) {
                (Some(frame), close) if frame.close == close => {}
                (Some(frame), close) => {
                    let open = self.lexer.text(frame.open);
                    self.refuse(
                        token,
                        format!("`{close}` does not close `{open}`; `{}` is missing.", frame.close),
                    );
                    self.frames.clear();
                    return false;
                }
                (None, close) => {
                    self.refuse(
                        token,
                        format!("There is no open bracket that `{close}` could close."),
                    );
                    return false;
                }
            },
            _ => {}
        }
        true
    }

    fn append(&mut self, part: Part) {
        let token = match part {
            Part::Source(token) | Part::Placeholder(token) | Part::Zeros(token) => token,
        };
        self.end = token.end;
        if self.first.is_none() && self.text.is_empty() {
            self.start = token.start;
            self.first = Some(part);
        } else {
            self.write_first();
            self.write(part);
        }
    }

    fn write_first(&mut self) {
        if let Some(first) = self.first.take() {
            self.write(first);
        }
    }

    fn write(&mut self, part: Part) {
        match part {
            Part::Source(token) => {
                self.pad(token.start);
                self.text.push_str(self.lexer.text(token));
            }
            Part::Placeholder(token) => self.write_placeholder(token),
            Part::Zeros(token) => {
                self.pad(token.start);
                self.text.extend(std::iter::repeat_n('0', token.end - token.start));
            }
        }
    }

    fn pad(&mut self, until: usize) {
        let written = self.start + self.text.len();
        self.text.extend(std::iter::repeat_n(' ', until.saturating_sub(written)));
    }

    fn quoted(&mut self, token: Token) {
        let text = self.lexer.text(token);
        if text.bytes().any(|byte| matches!(byte, b'\\' | b'$' | b'%')) {
            self.placeholder(token);
        } else {
            self.append(Part::Source(token));
        }
    }

    /// Takes the name that was appended last out again.
    pub(super) fn take_back(&mut self, name: Token) {
        if self.first.take().is_none() {
            self.text.truncate(self.text.len() - (name.end - name.start));
        }
    }

    /// A plain string in the place of what is read from the source.
    pub(super) fn placeholder(&mut self, token: Token) {
        self.append(Part::Placeholder(token));
    }

    /// A string as long as the token and unlike any other, for `hcl::edit` refuses equal keys.
    fn write_placeholder(&mut self, token: Token) {
        self.pad(token.start);
        let mut number = self.strings;
        self.strings += 1;
        self.text.push('"');
        for position in 0..token.end - token.start - 2 {
            if position == 0 {
                self.text.push('\u{1}');
            } else {
                self.text.push(char::from(b'A' + u8::try_from(number % 26).unwrap_or_default()));
                number /= 26;
            }
        }
        self.text.push('"');
    }

    /// Only the digits count, and they are read from the source: what `hcl::edit` gets must merely
    /// be a number it can hold.
    fn number(&mut self, token: Token) {
        let text = self.lexer.text(token);
        if text.len() > 300 || text.contains(['e', 'E']) {
            self.append(Part::Zeros(token));
        } else {
            self.append(Part::Source(token));
        }
    }
}
