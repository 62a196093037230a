//! References in quotation marks, as Terraform wrote them until version 0.11.

use std::sync::Arc;

use crate::diag::Diagnostics;
use crate::text::Span;

use super::expression::ReferenceNode;
use super::{Expression, Kind, parse_expression};

impl Expression {
    /// The traversal that a text in quotation marks spells. All of it stands where the text stands.
    pub fn unquoted(&self) -> Option<Self> {
        let text = self.as_literal_string()?;
        let mut problems = Diagnostics::default();
        let read = parse_expression(self.span.file, &text, &mut problems)?;
        if problems.has_errors() { None } else { placed(&read, self.span) }
    }
}

/// A traversal as if it stood at `span`.
fn placed(expression: &Expression, span: Span) -> Option<Expression> {
    let kind = match &expression.kind {
        Kind::Literal(_) => expression.kind.clone(),
        Kind::Reference(node) => Kind::Reference(Arc::new(ReferenceNode {
            words: node.words.iter().map(|(word, _)| (Arc::clone(word), span)).collect(),
            target: node.target.clone(),
        })),
        Kind::Attribute(part) => {
            Kind::Attribute(Arc::new((placed(&part.0, span)?, Arc::clone(&part.1), span)))
        }
        Kind::Index(part) => {
            Kind::Index(Arc::new((placed(&part.0, span)?, placed(&part.1, span)?)))
        }
        _ => return None,
    };
    Some(Expression { kind, span })
}
