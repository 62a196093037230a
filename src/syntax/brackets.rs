//! Cutting lists, objects and parentheses into items, each prepared by itself.

use std::ops::Range;

use super::lexer::{Problem, Token, TokenKind};
use super::prepare::{LONGEST, Place, Preparation, Prepared};
use super::reference::KEYWORDS;

/// Something in brackets that is read item by item.
pub(super) struct Cut {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) content: Content,
}

pub(super) enum Content {
    Tuple(Vec<Prepared>),
    Object(Vec<(Key, Prepared)>),
    Group(Box<Prepared>),
    Call(Call),
}

/// A call of a function whose name has no namespace.
pub(super) struct Call {
    pub(super) name: Range<usize>,
    pub(super) arguments: Vec<Prepared>,
    /// The last argument is a list of arguments (`...`).
    pub(super) expand: bool,
}

/// A key of an object.
pub(super) enum Key {
    /// A bare word, which stands for itself.
    Word(Range<usize>),
    Expression(Prepared),
}

/// Brackets in brackets, at most so deep.
const DEPTH: usize = 320;

impl Preparation<'_, '_> {
    /// Whether a bracket opens a list, an object, parentheses or the arguments of a function, and
    /// not what belongs to the word before it or a `for`.
    pub(super) fn is_cut(&mut self, token: Token) -> bool {
        if !matches!(token.symbol, b'(' | b'[' | b'{') {
            return false;
        }
        let follows_operand = self.previous.is_some_and(|previous| match previous.kind {
            TokenKind::Symbol => matches!(previous.symbol, b')' | b']' | b'}') || self.splat,
            // Elsewhere than in a `for`, and behind a dot, these are names like others.
            TokenKind::Name => {
                self.frames.is_empty()
                    || self.qualified
                    || !matches!(self.lexer.text(previous), "in" | "if")
            }
            _ => true,
        });
        if token.symbol == b'(' {
            return !follows_operand || self.called(token).is_some();
        }
        let next = self.lexer.peek_past_newlines();
        let next_text = self.lexer.text(next);
        match token.symbol {
            b'[' => !follows_operand && next_text != "]" && next_text != "for",
            _ => next_text != "}" && next_text != "for",
        }
    }

    /// The name of the function whose arguments a parenthesis opens, where nothing but the name
    /// stands before it.
    fn called(&self, open: Token) -> Option<Token> {
        let is_function = |name: &Token| {
            name.kind == TokenKind::Name
                && name.end == open.start
                && !self.qualified
                && !KEYWORDS.contains(&self.lexer.text(*name))
        };
        self.previous.filter(is_function)
    }

    /// Takes what stands between brackets item by item. False where going on makes no sense.
    pub(super) fn cut(&mut self, open: Token) -> bool {
        if self.depth >= DEPTH {
            let detail =
                format!("Brackets are nested more than {DEPTH} levels deep, which is too deep.");
            self.problems.push(Problem { start: open.start, end: open.end, detail, limit: true });
            return false;
        }
        let called = self.called(open);
        let content = match (open.symbol, called) {
            (b'[', _) => self.tuple(open).map(Content::Tuple),
            (b'{', _) => self.object(open).map(Content::Object),
            (_, Some(name)) => self.call(open, name).map(Content::Call),
            _ => self.group(open).map(|inner| Content::Group(Box::new(inner))),
        };
        let Some(content) = content else { return false };
        let mut start = open.start;
        if let (b'(', Some(name)) = (open.symbol, called) {
            self.take_back(name);
            start = name.start;
        }
        let end = self.lexer.position();
        let symbol = self.source.as_bytes().get(end - 1).copied().unwrap_or_default();
        self.placeholder(Token { kind: TokenKind::Quoted, symbol: 0, start, end });
        self.cuts.push(Cut { start, end, content });
        self.previous = Some(Token { kind: TokenKind::Symbol, symbol, start: end - 1, end });
        true
    }

    /// Takes the arguments of a function.
    fn call(&mut self, open: Token, name: Token) -> Option<Call> {
        let mut call = Call { name: name.start..name.end, arguments: Vec::new(), expand: false };
        loop {
            self.skip_newlines();
            if self.closes(open, ")")? {
                return Some(call);
            }
            call.arguments.push(self.part(Place::Argument, false)?);
            self.skip_newlines();
            if self.closes(open, ")")? {
                return Some(call);
            }
            let sign = self.lexer.next();
            if sign.symbol != b',' {
                self.skip_newlines();
                let after = self.lexer.peek();
                if !self.closes(open, ")")? {
                    let detail = "Nothing may follow `...`, which ends the arguments.";
                    self.refuse(after, detail.to_owned());
                    return None;
                }
                call.expand = true;
                return Some(call);
            }
        }
    }

    /// One part of what is cut; `None` where going on makes no sense.
    fn part(&mut self, place: Place, after_newline: bool) -> Option<Prepared> {
        let mut part = Preparation::new(&mut *self.lexer, self.source, place);
        part.depth = self.depth + 1;
        part.after_newline = after_newline;
        let (prepared, problems, sound) = part.collect();
        self.problems.extend(problems);
        sound.then_some(prepared)
    }

    fn skip_newlines(&mut self) -> bool {
        let mut skipped = false;
        while self.lexer.peek().kind == TokenKind::Newline {
            self.lexer.next();
            skipped = true;
        }
        skipped
    }

    /// Takes `close` if it is next; `None` where the bracket is never closed or by another one.
    fn closes(&mut self, open: Token, close: &str) -> Option<bool> {
        let token = self.lexer.peek();
        if !matches!(token.symbol, b')' | b']' | b'}') && token.kind != TokenKind::End {
            return Some(false);
        }
        match self.lexer.text(token) {
            text if token.kind == TokenKind::Symbol && text == close => {
                self.lexer.next();
                Some(true)
            }
            other @ (")" | "]" | "}") if token.kind == TokenKind::Symbol => {
                let bracket = self.lexer.text(open).to_owned();
                self.refuse(
                    token,
                    format!("`{other}` does not close `{bracket}`; `{close}` is missing."),
                );
                None
            }
            _ if token.kind == TokenKind::End => {
                let bracket = self.lexer.text(open).to_owned();
                self.refuse(open, format!("This `{bracket}` is never closed."));
                None
            }
            _ => Some(false),
        }
    }

    /// An expression that is too long is refused as a whole: nothing of it need be kept.
    fn forget_what_is_too_long<T>(&self, open: Token, items: &mut Vec<T>) {
        if self.lexer.position() - open.start > LONGEST {
            items.clear();
        }
    }

    fn tuple(&mut self, open: Token) -> Option<Vec<Prepared>> {
        let mut items = Vec::new();
        loop {
            self.skip_newlines();
            if self.closes(open, "]")? {
                return Some(items);
            }
            items.push(self.part(Place::Element, false)?);
            self.forget_what_is_too_long(open, &mut items);
            self.skip_newlines();
            if self.closes(open, "]")? {
                return Some(items);
            }
            self.lexer.next();
        }
    }

    fn object(&mut self, open: Token) -> Option<Vec<(Key, Prepared)>> {
        let mut items = Vec::new();
        let mut after_newline = false;
        loop {
            after_newline |= self.skip_newlines();
            if self.closes(open, "}")? {
                return Some(items);
            }
            let key = self.part(Place::Key, after_newline)?;
            let sign = self.lexer.peek();
            if !matches!(self.lexer.text(sign), "=" | ":") {
                if self.problems.is_empty() {
                    let detail =
                        "An item of an object is a key, `=` and a value; the `=` is missing.";
                    self.refuse(sign, detail.to_owned());
                }
                return None;
            }
            self.lexer.next();
            let value = self.part(Place::Value, false)?;
            let text = key.text(self.source);
            let is_word =
                key.tokens == 1 && text.starts_with(|c: char| c.is_alphabetic() || c == '_');
            let key = if is_word { Key::Word(key.start..key.end) } else { Key::Expression(key) };
            items.push((key, value));
            self.forget_what_is_too_long(open, &mut items);
            after_newline = self.lexer.peek().kind == TokenKind::Newline;
            if !after_newline {
                if self.closes(open, "}")? {
                    return Some(items);
                }
                self.lexer.next();
            }
        }
    }

    fn group(&mut self, open: Token) -> Option<Prepared> {
        let inner = self.part(Place::Group, false)?;
        self.skip_newlines();
        if self.closes(open, ")")? {
            return Some(inner);
        }
        let comma = self.lexer.peek();
        self.refuse(comma, "Parentheses hold one value here; this starts another one.".to_owned());
        None
    }
}
