//! Whether a text that is typed line by line is meant to go on.

use super::lexer::{Lexer, TokenKind};

/// Tells whether an expression goes on in the next line: a bracket is open, or a heredoc.
pub fn is_unfinished(text: &str) -> bool {
    let mut lexer = Lexer::new(text, 0, text.len());
    let mut open = 0_usize;
    loop {
        let token = lexer.next();
        match (token.kind, lexer.text(token)) {
            (TokenKind::End, _) => return open > 0,
            (TokenKind::Invalid, heredoc)
                if heredoc.starts_with("<<") && token.end == text.len() =>
            {
                return true;
            }
            (TokenKind::Symbol, "(" | "[" | "{") => open += 1,
            (TokenKind::Symbol, ")" | "]" | "}") => open = open.saturating_sub(1),
            _ => {}
        }
    }
}
