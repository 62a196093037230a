//! Lists, objects and parentheses, read item by item.

use std::sync::Arc;

use hcl::edit::expr as tree;

use super::brackets::{Content, Cut, Key};
use super::expression::{Call, ReferenceNode};
use super::lower::{Lowering, all};
use super::prepare::Prepared;
use super::{Expression, Kind, ObjectItem};

impl Prepared {
    /// Whether it is nothing but one thing in brackets.
    pub(super) fn is_one_cut(&self) -> bool {
        matches!(self.cuts.as_slice(), [cut] if cut.start == self.start && cut.end == self.end)
    }
}

impl Lowering<'_, '_> {
    /// Reads what was cut out.
    pub(super) fn cut(&mut self, cut: Cut) -> Option<Expression> {
        let kind = match cut.content {
            Content::Tuple(items) => {
                let items = items.into_iter().map(|item| self.read(item)).collect();
                Kind::Tuple(all(items)?.into())
            }
            Content::Object(items) => {
                let items = items.into_iter().map(|(key, value)| self.item(key, value)).collect();
                Kind::Object(all(items)?.into())
            }
            Content::Group(inner) => Kind::Parenthesis(Arc::new(self.read(*inner)?)),
            Content::Call(call) => {
                let text = self.text(&call.name);
                self.check_name(text, &call.name);
                let arguments = call.arguments.into_iter().map(|part| self.read(part)).collect();
                Kind::Call(Arc::new(Call {
                    name: self.names.get(text),
                    name_span: self.span(call.name),
                    arguments: all(arguments)?,
                    expand: call.expand,
                }))
            }
        };
        Some(Expression { kind, span: self.span(cut.start..cut.end) })
    }

    fn item(&mut self, key: Key, value: Prepared) -> Option<ObjectItem> {
        let key = match key {
            Key::Word(range) => {
                let word = self.word(&range);
                self.check_name(self.text(&range), &range);
                Some(Expression::literal(word, self.span(range)))
            }
            Key::Expression(prepared) => self.key(prepared),
        };
        let value = self.read(value);
        Some(ObjectItem { key: key?, value: value? })
    }

    fn key(&mut self, prepared: Prepared) -> Option<Expression> {
        let range = prepared.start..prepared.end;
        let node = prepared.text(self.source).parse::<tree::Expression>();
        let is_path = matches!(
            &node,
            Ok(tree::Expression::Traversal(traversal))
                if matches!(traversal.expr, tree::Expression::Variable(_))
        );
        if !is_path {
            return self.read(prepared);
        }
        let span = self.span(range.clone());
        let text = self.text(&range);
        let words = Box::new([(Arc::from(text), span)]);
        let target = Err(format!(
            "As a key, `{text}` could be a text or a reference. Write `({text})` for the value it \
             refers to, or `\"{text}\"` for the text."
        ));
        Some(Expression { kind: Kind::Reference(Arc::new(ReferenceNode { words, target })), span })
    }
}
