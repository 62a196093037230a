//! Blocks that only a schema knows.

use std::borrow::Cow;
use std::sync::Arc;

use super::super::{Attribute, Block, Body, Expression, Kind, Label};

impl Body {
    /// The body with the blocks that its schema knows: in JSON they cannot be told from arguments
    /// when the file is read. `labels` gives the number of labels of a kind of block, and nothing
    /// for an argument. What cannot be a block stays an argument, and bodies in HCL stay as they are.
    pub fn with_blocks(&self, labels: impl Fn(&str) -> Option<usize>) -> Cow<'_, Self> {
        if !self.is_json {
            return Cow::Borrowed(self);
        }
        let mut body = Self { attributes: Vec::new(), blocks: self.blocks.clone(), ..*self };
        for attribute in &self.attributes {
            let mut blocks = Vec::new();
            let made = labels(&attribute.name).and_then(|count| {
                take(attribute, &attribute.value, count, &mut Vec::new(), &mut blocks)
            });
            match made {
                Some(()) => body.blocks.extend(blocks),
                None => body.attributes.push(attribute.clone()),
            }
        }
        Cow::Owned(body)
    }
}

/// The blocks that a value stands for; nothing where it stands for none.
fn take(
    argument: &Attribute,
    value: &Expression,
    missing: usize,
    labels: &mut Vec<Label>,
    blocks: &mut Vec<Block>,
) -> Option<()> {
    if value.as_literal().is_some_and(crate::value::Value::is_null) {
        return Some(());
    }
    if let Kind::Tuple(items) = value.kind() {
        return items.iter().try_for_each(|item| take(argument, item, missing, labels, blocks));
    }
    let items = value.object_items()?;
    if let Some(missing) = missing.checked_sub(1) {
        return items.iter().try_for_each(|item| {
            labels.push(Label { text: item.key.as_literal_string()?, span: item.key.span() });
            let taken = take(argument, &item.value, missing, labels, blocks);
            labels.pop();
            taken
        });
    }
    let mut attributes = Vec::new();
    for item in items {
        let name = item.key.as_literal_string()?;
        if &*name != super::COMMENT {
            let (name_span, value) = (item.key.span(), item.value.clone());
            attributes.push(Attribute { name, name_span, span: name_span.to(value.span()), value });
        }
    }
    blocks.push(Block {
        kind: Arc::clone(&argument.name),
        kind_span: argument.name_span,
        labels: labels.clone(),
        body: Body { attributes, blocks: Vec::new(), span: value.span(), is_json: true },
        header: labels.last().map_or(argument.name_span, |label| label.span),
        span: value.span(),
    });
    Some(())
}
