//! `dynamic` blocks: blocks that are made from a collection.

use std::sync::Arc;

use crate::addr::Reference;
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::syntax::{Attribute, Block, Body, Expression};
use crate::text::Span;

use super::fields::Fields;
use super::meta;

/// The kind of block that stands for others.
pub const DYNAMIC: &str = "dynamic";

/// A `dynamic` block: one block of `kind` for each element of a collection.
#[derive(Clone, Debug)]
pub struct DynamicBlock {
    /// What kind of block it makes.
    pub kind: Arc<str>,
    /// Where that is said.
    pub kind_span: Span,
    /// The collection.
    pub for_each: Expression,
    /// The name under which `content` and `labels` know the element.
    pub iterator: Arc<str>,
    /// The labels of each block.
    pub labels: Vec<Expression>,
    /// What each block holds.
    pub content: Body,
    /// Where `content` begins.
    pub content_header: Span,
}

impl DynamicBlock {
    /// Reads a block of the kind [`DYNAMIC`]. Errors: everything that is wrong with its form.
    pub fn of(block: &Block) -> Result<Self, Diagnostics> {
        let [label] = block.labels.as_slice() else {
            let detail = "A `dynamic` block has one label: the kind of block it makes.";
            return Err(Diagnostic::error(code::BLOCK_SHAPE, detail)
                .at(block.header)
                .help("write `dynamic \"KIND\" { … }`")
                .into());
        };
        let mut problems = Diagnostics::default();
        let mut fields = Fields::of(&block.body, &mut problems);
        let for_each = fields.required("for_each", block.header);
        let iterator = fields.take("iterator").map(iterator);
        let iterator = match iterator {
            Some(found) => fields.problems.absorb(found),
            None => Some(Arc::clone(&label.text)),
        };
        let labels = match fields.take("labels").map(|found| &found.value) {
            Some(found) => match found.list_items() {
                Some(items) => items.to_vec(),
                None => {
                    fields.problems.push(
                        Diagnostic::error(code::BLOCK_SHAPE, "`labels` is a list of texts.")
                            .at(found.span())
                            .help("write `labels = [LABEL]`"),
                    );
                    Vec::new()
                }
            },
            None => Vec::new(),
        };
        fields.finish(DYNAMIC, &["content"]);
        let content = content(block, &mut problems);
        match (for_each, iterator, content) {
            (Some(for_each), Some(iterator), Some(content)) if !problems.has_errors() => Ok(Self {
                kind: Arc::clone(&label.text),
                kind_span: label.span,
                for_each,
                iterator,
                labels,
                content: content.body.clone(),
                content_header: content.header,
            }),
            _ => Err(problems),
        }
    }
}

fn iterator(attribute: &Attribute) -> Result<Arc<str>, Diagnostic> {
    let name = attribute.value.as_keyword().filter(|name| meta::is_name(name));
    name.map(Arc::from).ok_or_else(|| {
        Diagnostic::error(code::BLOCK_SHAPE, "`iterator` is one name, without quotation marks.")
            .at(attribute.value.span())
            .help("write `iterator = NAME`")
    })
}

/// The one `content` block.
fn content<'b>(block: &'b Block, problems: &mut Diagnostics) -> Option<&'b Block> {
    let mut found = block.body.blocks_of("content");
    let first = found.next();
    if first.is_none() {
        let detail = format!("What the blocks hold is missing in this `{DYNAMIC}` block.");
        problems.push(
            Diagnostic::error(code::BLOCK_SHAPE, detail)
                .at(block.header)
                .help("write it in a `content { … }` block"),
        );
    }
    if let (Some(first), Some(second)) = (first, found.next()) {
        problems.push(
            Diagnostic::error(code::DUPLICATE, "A `dynamic` block has one `content` block.")
                .label(second.header, "a second one here")
                .label(first.header, "the first one here"),
        );
    }
    for labelled in first.iter().filter_map(|content| content.labels.first()) {
        let detail = "`content` has no labels.";
        problems.push(Diagnostic::error(code::BLOCK_SHAPE, detail).at(labelled.span));
    }
    first
}

/// Everything that a body with its blocks refers to. What iterators of `dynamic` blocks stand for
/// is not among it.
pub fn references(body: &Body) -> Vec<(Reference, Span)> {
    let mut found = Vec::new();
    collect(body, &mut Vec::new(), &mut found);
    found
}

fn collect(body: &Body, bound: &mut Vec<Arc<str>>, found: &mut Vec<(Reference, Span)>) {
    for attribute in &body.attributes {
        found.extend(attribute.value.references_besides(bound));
    }
    for block in &body.blocks {
        // A malformed one is refused elsewhere.
        let dynamic = (&*block.kind == DYNAMIC).then(|| DynamicBlock::of(block).ok()).flatten();
        let Some(dynamic) = dynamic else {
            collect(&block.body, bound, found);
            continue;
        };
        found.extend(dynamic.for_each.references_besides(bound));
        bound.push(Arc::clone(&dynamic.iterator));
        for label in &dynamic.labels {
            found.extend(label.references_besides(bound));
        }
        collect(&dynamic.content, bound, found);
        bound.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax;
    use crate::text::SourceMap;

    fn body(text: &str) -> Body {
        let mut sources = SourceMap::default();
        let file = sources.add("a.snap.hcl", text);
        let mut problems = Diagnostics::default();
        let body = syntax::parse(file, text, &mut problems);
        assert!(problems.is_empty(), "{problems:?}");
        body
    }

    #[test]
    fn iterators_are_no_references() {
        let body = body(
            r#"
size = var.size
dynamic "rule" {
  for_each = rule.a
  content {
    name = rule.value.name
    dynamic "port" {
      for_each = rule.value.ports
      iterator = number
      labels   = [number.key, local.suffix]
      content {
        from = number.value
        to   = port.x.last
      }
    }
  }
}
plain {
  rule = rule.b
}
"#,
        );
        let shown: Vec<_> = references(&body).iter().map(|(found, _)| found.to_string()).collect();
        assert_eq!(shown, ["var.size", "rule.a", "local.suffix", "port.x", "rule.b"]);
    }

    #[test]
    fn a_malformed_dynamic_block_says_what_is_missing() {
        for (text, code) in [
            ("dynamic {\n}", code::BLOCK_SHAPE),
            ("dynamic \"a\" \"b\" {\n}", code::BLOCK_SHAPE),
            ("dynamic \"a\" {\n  content {}\n}", code::MISSING_ARGUMENT),
            ("dynamic \"a\" {\n  for_each = []\n}", code::BLOCK_SHAPE),
            ("dynamic \"a\" {\n  for_each = []\n  content {}\n  content {}\n}", code::DUPLICATE),
            ("dynamic \"a\" {\n  for_each = []\n  content \"x\" {}\n}", code::BLOCK_SHAPE),
            (
                "dynamic \"a\" {\n  for_each = []\n  iterator = \"x\"\n  content {}\n}",
                code::BLOCK_SHAPE,
            ),
            (
                "dynamic \"a\" {\n  for_each = []\n  labels = \"x\"\n  content {}\n}",
                code::BLOCK_SHAPE,
            ),
            (
                "dynamic \"a\" {\n  for_each = []\n  size = 1\n  content {}\n}",
                code::UNKNOWN_ARGUMENT,
            ),
        ] {
            let problems = DynamicBlock::of(&body(text).blocks[0]).unwrap_err();
            let codes: Vec<_> = problems.iter().map(|problem| problem.code).collect();
            assert_eq!(codes, [code], "{text}");
        }
    }
}
