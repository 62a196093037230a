//! Bodies, attributes and blocks.

use std::sync::Arc;

use crate::text::Span;

use super::Expression;

/// What stands in a file or between the braces of a block, in source order.
#[derive(Clone, Debug)]
pub struct Body {
    /// The `name = value` lines.
    pub attributes: Vec<Attribute>,
    /// The nested blocks.
    pub blocks: Vec<Block>,
    /// All of it, without the braces.
    pub span: Span,
    /// Whether it was written as JSON, where only a schema tells some blocks from arguments.
    pub is_json: bool,
}

impl Body {
    /// The attribute called `name`.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| &*attribute.name == name)
    }

    /// The blocks of one kind.
    pub fn blocks_of<'b>(&'b self, kind: &'b str) -> impl Iterator<Item = &'b Block> {
        self.blocks.iter().filter(move |block| &*block.kind == kind)
    }
}

/// One `name = value`.
#[derive(Clone, Debug)]
pub struct Attribute {
    /// The name.
    pub name: Arc<str>,
    /// Where the name stands.
    pub name_span: Span,
    /// The value.
    pub value: Expression,
    /// Name, sign and value.
    pub span: Span,
}

/// One block with its labels.
#[derive(Clone, Debug)]
pub struct Block {
    /// The first word, such as `resource`.
    pub kind: Arc<str>,
    /// Where that word stands.
    pub kind_span: Span,
    /// The labels after it.
    pub labels: Vec<Label>,
    /// What stands between the braces.
    pub body: Body,
    /// From the first word to the last label.
    pub header: Span,
    /// All of it.
    pub span: Span,
}

/// One label of a block.
#[derive(Clone, Debug)]
pub struct Label {
    /// Its text, without quotes.
    pub text: Arc<str>,
    /// Where it stands, quotes included.
    pub span: Span,
}
