//! One expression's text, made ready for `hcl::edit`: same length, so that spans stay true.
//!
//! Comments and newlines that do not matter become blanks; strings that hold anything but plain
//! text, and heredocs, become plain strings that are read again from the source by span. What
//! `hcl::edit` would accept though the language does not is refused here.

use super::lexer::{Lexer, Problem, Token, TokenKind};

/// Bytes of the longest expression that `hcl::edit` is given: its tree takes more than a hundred
/// times as many.
const LONGEST: usize = 4 * 1024 * 1024;

/// An expression's text and where it stands.
pub(super) struct Prepared {
    pub(super) text: String,
    pub(super) start: usize,
    pub(super) end: usize,
}

struct Frame {
    open: Token,
    close: &'static str,
    /// Whether line ends mean something here.
    newlines: bool,
}

/// Collects the tokens of one expression.
pub(super) struct Preparation<'l, 's> {
    lexer: &'l mut Lexer<'s>,
    source: &'s str,
    /// Whether a line end ends the expression.
    newlines: bool,
    frames: Vec<Frame>,
    text: String,
    start: usize,
    end: usize,
    previous: Option<Token>,
    after_newline: bool,
    strings: usize,
    problems: Vec<Problem>,
}

impl<'l, 's> Preparation<'l, 's> {
    pub(super) fn new(lexer: &'l mut Lexer<'s>, source: &'s str, newlines: bool) -> Self {
        let start = lexer.position();
        Self {
            lexer,
            source,
            newlines,
            frames: Vec::new(),
            text: String::new(),
            start,
            end: start,
            previous: None,
            after_newline: false,
            strings: 0,
            problems: Vec::new(),
        }
    }

    /// Takes tokens until the line or the surrounding bracket ends. What ends it is not taken.
    pub(super) fn run(mut self) -> Result<Prepared, Vec<Problem>> {
        let known = self.lexer.problems.len();
        let token = loop {
            let token = self.lexer.peek();
            if self.ends(token) {
                break token;
            }
            let token = self.lexer.next();
            if !self.accept(token) {
                break token;
            }
        };
        self.problems.extend(self.lexer.problems.drain(known..));
        if self.problems.is_empty() {
            if let Some(frame) = self.frames.last() {
                let open = self.lexer.text(frame.open).to_owned();
                self.refuse(frame.open, format!("This `{open}` is never closed."));
            } else if self.previous.is_none() {
                self.refuse(token, "A value is missing here.".to_owned());
            }
        }
        if self.text.len() > LONGEST {
            let detail =
                format!("An expression may be at most {} MiB long.", LONGEST / 1024 / 1024);
            let first = self.text.chars().next().map_or(0, char::len_utf8);
            let (start, end) = (self.start, self.start + first);
            self.problems.push(Problem { start, end, detail, limit: true });
        }
        if self.problems.is_empty() {
            Ok(Prepared { text: self.text, start: self.start, end: self.end })
        } else {
            Err(self.problems)
        }
    }

    fn ends(&self, token: Token) -> bool {
        match token.kind {
            TokenKind::End => true,
            TokenKind::Newline => self.frames.is_empty() && self.newlines,
            TokenKind::Symbol => {
                self.frames.is_empty() && matches!(self.lexer.text(token), "}" | "~")
            }
            _ => false,
        }
    }

    /// False where going on makes no sense.
    fn accept(&mut self, token: Token) -> bool {
        if token.kind == TokenKind::Newline {
            if self.frames.last().map_or(self.newlines, |frame| frame.newlines) {
                self.newline(token);
            }
            return true;
        }
        self.check_place(token);
        self.check_neighbour(token);
        match token.kind {
            TokenKind::Symbol => {
                if !self.bracket(token) {
                    return false;
                }
                self.append(token, self.lexer.text(token));
            }
            TokenKind::Quoted => self.quoted(token),
            TokenKind::Heredoc => self.placeholder(token),
            TokenKind::Number => self.number(token),
            TokenKind::Invalid => {
                self.invalid(token);
                return self.lexer.position() > token.start;
            }
            _ => self.append(token, self.lexer.text(token)),
        }
        self.previous = Some(token);
        self.after_newline = false;
        true
    }

    fn refuse(&mut self, token: Token, detail: String) {
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
        if self.previous.is_some_and(|previous| self.lexer.text(previous) == ".") {
            self.refuse(token, "A name must follow the dot on the same line.".to_owned());
        }
        self.pad(token.end - 1);
        self.text.push('\n');
        self.end = token.end;
        self.after_newline = true;
    }

    /// Refuses what `hcl::edit` would let pass.
    fn check_place(&mut self, token: Token) {
        let text = self.lexer.text(token);
        if self.after_newline
            && token.kind == TokenKind::Symbol
            && matches!(
                text,
                "." | "?"
                    | "+"
                    | "*"
                    | "/"
                    | "%"
                    | "&&"
                    | "||"
                    | "=="
                    | "!="
                    | "<"
                    | "<="
                    | ">"
                    | ">="
            )
        {
            self.refuse(
                token,
                format!(
                    "An item cannot start with `{text}`: to go on on the next line, put the \
                         expression in parentheses."
                ),
            );
        }
        let Some(previous) = self.previous else { return };
        let before = self.lexer.text(previous);
        let ends_operand = match previous.kind {
            TokenKind::Symbol => matches!(before, ")" | "]" | "}"),
            TokenKind::Name => !matches!(before, "for" | "in" | "if"),
            _ => true,
        };
        if token.kind == TokenKind::Name
            && ends_operand
            && !self.after_newline
            && !matches!(text, "in" | "if")
        {
            let detail = format!(
                "`{text}` cannot stand here: something must separate it from what comes before."
            );
            self.refuse(token, detail);
        }
        if token.kind == TokenKind::Number && text.contains('.') && self.lexer.text(previous) == "."
        {
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
        match self.lexer.text(token) {
            "(" => self.frames.push(Frame { open: token, close: ")", newlines: false }),
            "[" => self.frames.push(Frame { open: token, close: "]", newlines: false }),
            "{" => {
                let next = self.lexer.peek_past_newlines();
                let newlines = next.kind != TokenKind::Name || self.lexer.text(next) != "for";
                self.frames.push(Frame { open: token, close: "}", newlines });
            }
            close @ (")" | "]" | "}") => match self.frames.pop() {
                Some(frame) if frame.close == close => {}
                Some(frame) => {
                    let open = self.lexer.text(frame.open);
                    self.refuse(
                        token,
                        format!("`{close}` does not close `{open}`; `{}` is missing.", frame.close),
                    );
                    self.frames.clear();
                    return false;
                }
                None => {
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

    fn pad(&mut self, until: usize) {
        if self.previous.is_none() && self.text.is_empty() {
            self.start = until;
        }
        for _ in self.start + self.text.len()..until {
            self.text.push(' ');
        }
    }

    fn append(&mut self, token: Token, text: &str) {
        self.pad(token.start);
        self.text.push_str(text);
        self.end = token.end;
    }

    fn quoted(&mut self, token: Token) {
        let text = self.lexer.text(token);
        if text.contains(['\\', '$', '%']) {
            self.placeholder(token);
        } else {
            self.append(token, text);
        }
    }

    /// A plain string as long as the token and unlike any other, for `hcl::edit` refuses equal
    /// keys.
    fn placeholder(&mut self, token: Token) {
        self.pad(token.start);
        let inner = token.end - token.start - 2;
        let mut filler = String::with_capacity(inner);
        let mut number = self.strings;
        self.strings += 1;
        for position in 0..inner {
            if position == 0 {
                filler.push('\u{1}');
            } else {
                filler.push(char::from(b'A' + u8::try_from(number % 26).unwrap_or_default()));
                number /= 26;
            }
        }
        self.text.push('"');
        self.text.push_str(&filler);
        self.text.push('"');
        self.end = token.end;
    }

    /// Only the digits count, and they are read from the source: what `hcl::edit` gets must merely
    /// be a number it can hold.
    fn number(&mut self, token: Token) {
        let text = self.lexer.text(token);
        if text.len() > 300 || text.contains(['e', 'E']) {
            let zeros = "0".repeat(text.len());
            self.append(token, &zeros);
        } else {
            self.append(token, text);
        }
    }
}
