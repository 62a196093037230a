//! Questions to an expression that need no evaluation.

use std::sync::Arc;

use crate::addr::Reference;
use crate::text::Span;
use crate::value::{Data, Value};

use super::{Directive, Expression, Kind, ObjectItem, TemplatePart};

/// One step of a static traversal; the first one is always a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TraversalStep {
    /// A word.
    Name {
        /// The word.
        name: Arc<str>,
        /// Where it stands.
        span: Span,
    },
    /// A literal key or position in brackets, or a position after a dot.
    Index {
        /// A known text or number.
        key: Value,
        /// Where it stands.
        span: Span,
    },
}

impl Expression {
    /// Every reference in it with the place of its words; names bound by `for` are none.
    pub fn references(&self) -> Vec<(Reference, Span)> {
        self.references_besides(&[])
    }

    /// Every reference in it that does not begin with one of the names in `bound`.
    pub fn references_besides(&self, bound: &[Arc<str>]) -> Vec<(Reference, Span)> {
        let mut found = Vec::new();
        let is_bound = |word: &Arc<str>| bound.iter().any(|name| name == word);
        self.visit(&mut |expression| {
            if let Kind::Reference(node) = &expression.kind
                && let Ok(target) = &node.target
                && !node.words.first().is_some_and(|(word, _)| is_bound(word))
            {
                found.push((target.clone(), expression.span));
            }
        });
        found
    }

    /// The bare word it is, such as `string` or `create_before_destroy`.
    pub fn as_keyword(&self) -> Option<&str> {
        match &self.kind {
            Kind::Variable(name) => Some(name),
            Kind::Reference(node) => match &*node.words {
                [(word, _)] => Some(word),
                _ => None,
            },
            _ => None,
        }
    }

    /// Its steps, where it is a traversal such as `a.b[0].c` or `a["k"]` without anything to
    /// evaluate.
    pub fn as_traversal(&self) -> Option<Vec<TraversalStep>> {
        match &self.kind {
            Kind::Variable(name) => {
                Some(vec![TraversalStep::Name { name: Arc::clone(name), span: self.span }])
            }
            Kind::Reference(node) => Some(
                node.words
                    .iter()
                    .map(|(name, span)| TraversalStep::Name { name: Arc::clone(name), span: *span })
                    .collect(),
            ),
            Kind::Attribute(access) => {
                let (object, name, span) = &**access;
                let mut steps = object.as_traversal()?;
                steps.push(TraversalStep::Name { name: Arc::clone(name), span: *span });
                Some(steps)
            }
            Kind::Index(access) => {
                let (collection, key) = &**access;
                let Kind::Literal(value) = &key.kind else { return None };
                if !matches!(value.data(), Data::String(_) | Data::Number(_)) {
                    return None;
                }
                let mut steps = collection.as_traversal()?;
                steps.push(TraversalStep::Index { key: value.clone(), span: key.span });
                Some(steps)
            }
            _ => None,
        }
    }

    /// The value it is, where it stands in the text as it is.
    pub fn as_literal(&self) -> Option<&Value> {
        match &self.kind {
            Kind::Literal(value) => Some(value),
            _ => None,
        }
    }

    /// The text it is, where it is a string without sequences.
    pub fn as_literal_string(&self) -> Option<Arc<str>> {
        match self.as_literal()?.data() {
            Data::String(text) => Some(Arc::clone(text)),
            _ => None,
        }
    }

    /// The items of `[ … ]`.
    pub fn list_items(&self) -> Option<&[Self]> {
        match &self.kind {
            Kind::Tuple(items) => Some(items),
            _ => None,
        }
    }

    /// The items of `{ … }`.
    pub fn object_items(&self) -> Option<&[ObjectItem]> {
        match &self.kind {
            Kind::Object(items) => Some(items),
            _ => None,
        }
    }

    /// Name and arguments of a function call.
    pub fn as_call(&self) -> Option<(&str, &[Self])> {
        match &self.kind {
            Kind::Call(call) => Some((&call.name, &call.arguments)),
            _ => None,
        }
    }

    /// Shows this expression and all its parts to `see`, outermost first, in source order.
    pub fn visit(&self, see: &mut dyn FnMut(&Self)) {
        see(self);
        self.parts(&mut |part| part.visit(see));
    }

    /// Shows its direct parts to `see`, in source order.
    pub fn parts<'e>(&'e self, see: &mut dyn FnMut(&'e Self)) {
        match &self.kind {
            Kind::Literal(_) | Kind::Variable(_) | Kind::Reference(_) | Kind::SplatItem => {}
            Kind::Attribute(access) => see(&access.0),
            Kind::Index(access) | Kind::Binary(_, access) => {
                see(&access.0);
                see(&access.1);
            }
            Kind::Splat(splat) => {
                see(&splat.source);
                see(&splat.each);
            }
            Kind::Parenthesis(inner) | Kind::Unary(_, inner) => see(inner),
            Kind::Template(parts) => template_parts(parts, see),
            Kind::Tuple(items) => items.iter().for_each(see),
            Kind::Object(items) => items.iter().for_each(|item| {
                see(&item.key);
                see(&item.value);
            }),
            Kind::Call(call) => call.arguments.iter().for_each(see),
            Kind::Conditional(parts) => {
                see(&parts.condition);
                see(&parts.then);
                see(&parts.otherwise);
            }
            Kind::For(parts) => {
                see(&parts.collection);
                parts.key.iter().for_each(&mut *see);
                see(&parts.value);
                parts.condition.iter().for_each(see);
            }
        }
    }
}

fn template_parts<'e>(parts: &'e [TemplatePart], see: &mut dyn FnMut(&'e Expression)) {
    for part in parts {
        match part {
            TemplatePart::Literal(_) => {}
            TemplatePart::Interpolation(inner) => see(inner),
            TemplatePart::Directive(directive) => match &**directive {
                Directive::If { condition, then, otherwise } => {
                    see(condition);
                    template_parts(then, see);
                    template_parts(otherwise, see);
                }
                Directive::For { collection, body, .. } => {
                    see(collection);
                    template_parts(body, see);
                }
            },
        }
    }
}
