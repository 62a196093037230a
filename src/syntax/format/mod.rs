//! Configuration text in its usual layout.
//!
//! In: a text that `parse` accepts. Out: the same text with the blanks, the indents and the
//! alignment of `terraform fmt`, to the byte. It works on tokens, so that comments and line breaks
//! stay where they are; what it changes besides blanks is listed at the head of `rewrite`.
//!
//! `parts` cuts the lexer's tokens further, down to the pieces of strings; `rewrite` goes through
//! the items; `layout` gathers lines, and writes them once nothing that follows can change them.

#[cfg(test)]
mod conformance;
mod layout;
mod parts;
mod rewrite;
mod spacing;
#[cfg(test)]
mod tests;

/// Lays out a text that can be parsed. Of one that cannot, nothing useful comes out.
pub fn format(source: &str) -> String {
    rewrite::Rewriter::new(source).run()
}
