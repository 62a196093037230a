//! Files and block bodies, cut into items so that one broken item spoils no other.

use std::collections::BTreeMap;
use std::sync::Arc;

use hcl::edit::Ident;

use crate::diag::{Diagnostic, Diagnostics, code};
use crate::text::{FileId, Span};

use super::lexer::{Lexer, Problem, Token, TokenKind};
use super::lower::Lowering;
use super::prepare::Place;
use super::{Attribute, Block, Body, Expression, Label, quoted, template};

/// After so many errors the rest of a file is not read: it is no configuration.
const MOST_ERRORS: usize = 200;

/// Arguments and blocks of one file, at most so many: more take more memory than a run may need.
const MOST_ITEMS: usize = 1_000_000;

/// Blocks inside blocks, at most so deep.
const DEPTH: usize = 64;

/// Reads a file. Every syntax error lands in `diagnostics`; the items that can be read come back.
pub fn parse(file: FileId, source: &str, diagnostics: &mut Diagnostics) -> Body {
    read(file, source, diagnostics, true)
}

/// Reads a file for its syntax errors only, which takes no more memory than its largest item.
pub fn check(file: FileId, source: &str, diagnostics: &mut Diagnostics) {
    read(file, source, diagnostics, false);
}

fn read(file: FileId, source: &str, diagnostics: &mut Diagnostics, keeps: bool) -> Body {
    let start = if source.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut parser = Parser {
        lexer: Lexer::new(source, start, source.len()),
        known: diagnostics.len(),
        items: 0,
        keeps,
        lowering: Lowering::new(file, source, diagnostics),
        depth: 0,
    };
    let mut body = parser.body(None);
    body.span = Span::new(file, 0, source.len());
    if parser.items > MOST_ITEMS {
        // Whoever went on with them would need yet more memory.
        body.attributes = Vec::new();
        body.blocks = Vec::new();
    }
    let problems = std::mem::take(&mut parser.lexer.problems);
    parser.lowering.report(problems);
    body
}

/// Reads a text that is one expression. Line ends do not end it.
pub fn parse_expression(
    file: FileId,
    source: &str,
    diagnostics: &mut Diagnostics,
) -> Option<Expression> {
    read_expression(&mut Lowering::new(file, source, diagnostics))
}

/// Reads the whole text of a lowering as one expression.
pub(super) fn read_expression(lowering: &mut Lowering<'_, '_>) -> Option<Expression> {
    let mut lexer = Lexer::new(lowering.source, 0, lowering.source.len());
    let expression = lowering.take(&mut lexer, Place::Sequence)?;
    let rest = lexer.next();
    if rest.kind == TokenKind::End {
        return Some(expression);
    }
    let text = lexer.text(rest);
    lowering.refuse(rest.start..rest.end, format!("The expression ends before this `{text}`."));
    None
}

/// Reads a whole text as a template, as `templatefile` does.
pub fn parse_template(
    file: FileId,
    source: &str,
    diagnostics: &mut Diagnostics,
) -> Option<Expression> {
    template::read_bare(&mut Lowering::new(file, source, diagnostics))
}

struct Parser<'s, 'd> {
    lexer: Lexer<'s>,
    lowering: Lowering<'s, 'd>,
    depth: usize,
    /// Problems that were there before.
    known: usize,
    /// Arguments and blocks so far.
    items: usize,
    /// Whether what is read is kept.
    keeps: bool,
}

/// What a body holds so far.
#[derive(Default)]
struct Items {
    attributes: Vec<Attribute>,
    blocks: Vec<Block>,
    names: BTreeMap<Arc<str>, Span>,
}

impl<'s> Parser<'s, '_> {
    fn span(&self, token: Token) -> Span {
        self.lowering.span(token.start..token.end)
    }

    fn refuse(&mut self, token: Token, detail: impl Into<String>) {
        self.lowering.refuse(token.start..token.end, detail);
    }

    fn text(&self, token: Token) -> &'s str {
        self.lexer.text(token)
    }

    /// Reads items up to the end of the text, or up to the brace that closes `open` and over it.
    fn body(&mut self, open: Option<Token>) -> Body {
        let start = self.lexer.position();
        let mut items = Items::default();
        let end = loop {
            let token = self.lexer.next();
            if self.gives_up(token) {
                break token.start;
            }
            match token.kind {
                TokenKind::Newline => {}
                TokenKind::End => {
                    if let Some(open) = open {
                        self.refuse(open, "This block is never closed with `}`.");
                    }
                    break token.start;
                }
                TokenKind::Symbol if open.is_some() && token.symbol == b'}' => break token.start,
                TokenKind::Name => {
                    self.item(token, &mut items);
                }
                _ => {
                    self.refuse_item(token);
                    self.recover(token);
                }
            }
        };
        Body {
            attributes: items.attributes,
            blocks: items.blocks,
            span: self.lowering.span(start..end),
            is_json: false,
        }
    }

    /// True where there are so many errors that reading on makes no sense.
    fn gives_up(&mut self, token: Token) -> bool {
        if self.items > MOST_ITEMS {
            if token.kind != TokenKind::End {
                let detail = format!(
                    "A file may hold at most {MOST_ITEMS} arguments and blocks; the rest of this \
                     one was not read."
                );
                let (start, end) = (token.start, token.end);
                self.lowering.report(vec![Problem { start, end, detail, limit: true }]);
            }
            self.lexer.move_to(self.lexer.end());
            return true;
        }
        let problems = self.lowering.diagnostics.len().saturating_sub(self.known);
        if problems < MOST_ERRORS {
            return false;
        }
        if problems == MOST_ERRORS && token.kind != TokenKind::End {
            self.refuse(token, "There are more errors; the rest of this file was not read.");
        }
        self.lexer.move_to(self.lexer.end());
        self.lexer.problems.clear();
        true
    }

    fn refuse_item(&mut self, token: Token) {
        let text = self.text(token);
        let detail = match token.kind {
            TokenKind::Quoted => {
                "An argument or block must start with a name that is not in quotes.".to_owned()
            }
            TokenKind::Invalid if text.starts_with(['"', '<']) => return,
            _ if text == "}" => "There is no open block that this `}` could close.".to_owned(),
            _ => format!(
                "An argument (`name = value`) or a block (`name {{`) must start here, not `{}`.",
                text.escape_debug()
            ),
        };
        self.refuse(token, detail);
    }

    /// Skips to the end of the line that ends the item, with brackets balanced.
    fn recover(&mut self, from: Token) {
        let mut open = usize::from(matches!(from.symbol, b'{' | b'[' | b'('));
        loop {
            let token = self.lexer.peek();
            match token.kind {
                TokenKind::End => return,
                TokenKind::Newline if open == 0 => return,
                TokenKind::Symbol => match token.symbol {
                    b'{' | b'[' | b'(' => open += 1,
                    b'}' if open == 0 => return,
                    b'}' | b']' | b')' => open = open.saturating_sub(1),
                    _ => {}
                },
                _ => {}
            }
            let known = self.lexer.problems.len();
            self.lexer.next();
            self.lexer.problems.truncate(known);
        }
    }

    /// Reads an attribute or block. False where it could not be read to its end.
    fn item(&mut self, name: Token, items: &mut Items) -> bool {
        self.items += 1;
        self.check_name(name);
        let next = self.lexer.peek();
        if next.symbol == b'=' {
            self.lexer.next();
            return self.attribute(name, items, true);
        }
        match self.block(name) {
            Some(block) => {
                items.blocks.extend(self.keeps.then_some(block));
                self.end_of_item("block")
            }
            None => false,
        }
    }

    fn check_name(&mut self, token: Token) {
        let text = self.text(token);
        if Ident::try_new(text).is_err() || text.contains(['\u{200c}', '\u{200d}']) {
            self.refuse(
                token,
                format!(
                    "`{}` is not a name: names hold letters, digits, `_` and `-`.",
                    text.escape_debug()
                ),
            );
        }
    }

    fn attribute(&mut self, name: Token, items: &mut Items, whole_line: bool) -> bool {
        let key = self.lowering.names.get(self.text(name));
        let name_span = self.span(name);
        let duplicate = items.names.get(&key).copied();
        if let Some(first) = duplicate {
            self.lowering.diagnostics.push(
                Diagnostic::error(
                    code::DUPLICATE,
                    format!("The argument `{key}` was set already."),
                )
                .at(name_span)
                .label(first, "first set here")
                .help("remove one of the two"),
            );
        }
        let before = self.lowering.diagnostics.len();
        let start = self.lexer.position();
        let Some(value) = self.lowering.take(&mut self.lexer, Place::Line) else {
            let mut told = self.lowering.diagnostics.iter().skip(before);
            debug_assert!(told.len() > 0);
            if told.any(|problem| problem.code == code::SYNTAX_LIMIT) {
                // The brackets of what is too deep are in order, as far as was looked.
                self.lexer.move_to(start);
            }
            self.recover(name);
            return false;
        };
        let span = name_span.to(value.span());
        if duplicate.is_none() {
            items.names.insert(Arc::clone(&key), name_span);
            let attribute = Attribute { name: key, name_span, value, span };
            items.attributes.extend(self.keeps.then_some(attribute));
        }
        !whole_line || self.end_of_item("argument")
    }

    /// After an item its line must end.
    fn end_of_item(&mut self, what: &str) -> bool {
        let next = self.lexer.peek();
        match next.kind {
            TokenKind::Newline | TokenKind::End => true,
            _ => {
                let text = self.text(next).escape_debug();
                let detail = format!("A new line must start after this {what}, before `{text}`.");
                self.refuse(next, detail);
                self.recover(next);
                false
            }
        }
    }

    fn block(&mut self, kind: Token) -> Option<Block> {
        let mut labels = Vec::new();
        let mut header = self.span(kind);
        let open = loop {
            let token = self.lexer.peek();
            match token.kind {
                TokenKind::Name => {
                    self.lexer.next();
                    self.check_name(token);
                    let text = self.lowering.names.get(self.text(token));
                    labels.push(Label { text, span: self.span(token) });
                }
                TokenKind::Quoted => {
                    self.lexer.next();
                    let text = self.label(token);
                    labels.push(Label { text, span: self.span(token) });
                }
                TokenKind::Symbol if token.symbol == b'{' => break self.lexer.next(),
                _ => {
                    self.refuse_header(kind, token, labels.is_empty());
                    self.recover(kind);
                    return None;
                }
            }
            header = header.to(self.span(token));
        };
        let body = self.block_body(open, kind)?;
        let span = self.span(kind).to(self.lowering.span(open.start..self.lexer.position()));
        Some(Block {
            kind: self.lowering.names.get(self.text(kind)),
            kind_span: self.span(kind),
            labels,
            body,
            header,
            span,
        })
    }

    fn refuse_header(&mut self, kind: Token, found: Token, bare: bool) {
        let name = self.text(kind);
        let detail = match found.kind {
            TokenKind::Newline | TokenKind::End if bare => format!(
                "`{name}` alone means nothing: an argument goes on with `=`, a block with `{{` on \
                 the same line."
            ),
            TokenKind::Invalid if self.text(found).starts_with('"') => {
                "The label's closing quote is missing.".to_owned()
            }
            TokenKind::Symbol if bare && found.symbol == b'.' => format!(
                "The name of an argument holds no dots: `{name}` must be followed by `=` or `{{`."
            ),
            TokenKind::Symbol if bare && found.symbol == b':' => {
                format!("An argument is written `{name} = …`, not with `:`.")
            }
            TokenKind::Newline | TokenKind::End => {
                format!("The block `{name}` must be opened with `{{` on the same line.")
            }
            _ => format!(
                "After `{name}` there must be `=`, or labels and `{{`, not `{}`.",
                self.text(found).escape_debug()
            ),
        };
        self.refuse(found, detail);
    }

    /// Reads what stands between the braces and the closing one.
    fn block_body(&mut self, open: Token, kind: Token) -> Option<Body> {
        if self.depth >= DEPTH {
            let span = self.span(kind);
            self.lowering.diagnostics.push(
                Diagnostic::error(
                    code::SYNTAX_LIMIT,
                    format!("Blocks are nested more than {DEPTH} levels deep here."),
                )
                .at(span),
            );
            self.recover(open);
            return None;
        }
        if self.lexer.peek().kind != TokenKind::Newline {
            return self.one_line_body();
        }
        self.depth += 1;
        let body = self.body(Some(open));
        self.depth -= 1;
        Some(body)
    }

    /// `{ name = value }` or `{}`.
    fn one_line_body(&mut self) -> Option<Body> {
        let start = self.lexer.position();
        let mut items = Items::default();
        let first = self.lexer.peek();
        if first.kind == TokenKind::Name {
            self.items += 1;
            self.lexer.next();
            self.check_name(first);
            let next = self.lexer.peek();
            if next.symbol != b'=' {
                self.refuse(
                    next,
                    "A block on one line can hold one argument only; write anything else on lines \
                     of its own.",
                );
                self.recover_in_block();
                return None;
            }
            self.lexer.next();
            if !self.attribute(first, &mut items, false) {
                self.recover_in_block();
                return None;
            }
        }
        let close = self.lexer.peek();
        if close.symbol != b'}' {
            self.refuse(
                close,
                "`}` must close the block here: a block on one line holds one argument only.",
            );
            self.recover_in_block();
            return None;
        }
        self.lexer.next();
        let span = self.lowering.span(start..close.start);
        Some(Body { attributes: items.attributes, blocks: Vec::new(), span, is_json: false })
    }

    /// Skips to the brace that closes the block at hand, over it, and to the end of its line.
    fn recover_in_block(&mut self) {
        loop {
            let token = self.lexer.peek();
            self.recover(token);
            let token = self.lexer.next();
            match token.kind {
                TokenKind::End => return,
                _ if token.symbol == b'}' => {
                    self.recover(token);
                    return;
                }
                _ => {}
            }
        }
    }

    /// The text of a quoted label.
    fn label(&mut self, token: Token) -> Arc<str> {
        let text = self.text(token);
        let inner = text.get(1..text.len().saturating_sub(1)).unwrap_or_default();
        if has_sequence(inner) {
            self.refuse(token, "A label is plain text; it cannot hold sequences.");
        }
        let mut problems = Vec::new();
        let label = quoted::unescape(inner, true, &mut problems);
        for problem in problems {
            let start = token.start + 1;
            self.lowering.refuse(start + problem.start..start + problem.end, problem.detail);
        }
        self.lowering.names.get(&label)
    }
}

fn has_sequence(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut position = 0;
    while let Some(byte) = bytes.get(position) {
        position += match byte {
            b'\\' => 2,
            b'$' | b'%' => {
                match super::lexer::sequence_at(text.get(position..).unwrap_or_default()) {
                    (_, true) => return true,
                    (run, false) => run.max(1),
                }
            }
            _ => 1,
        };
    }
    false
}
