//! From the tree of a traversal, such as `a.b[0].c`, to ours.

use std::sync::Arc;

use hcl::edit::Ident;
use hcl::edit::expr as tree;

use crate::addr::Reference;
use crate::text::Span;
use crate::value::Value;

use super::expression::{ReferenceNode, Splat};
use super::lower::Lowering;
use super::{Expression, Kind, reference};

/// Steps of traversals inside each other, such as `.name` and `[0]`, at most so many.
const STEPS: usize = 256;

type Operators<'t> = &'t [hcl::edit::Decorated<tree::TraversalOperator>];

impl Lowering<'_, '_> {
    pub(super) fn traversal(
        &mut self,
        node: &tree::Expression,
        name: &Ident,
        operators: Operators<'_>,
    ) -> Option<Expression> {
        let root = self.range(node);
        self.check_name(name, &root);
        let root_name: Arc<str> = Arc::from(name.as_str());
        if self.bound.contains(&root_name) {
            let span = self.span(root);
            return self.steps(Expression { kind: Kind::Variable(root_name), span }, operators);
        }
        let mut words = vec![(root_name, self.span(root))];
        for operator in operators {
            let tree::TraversalOperator::GetAttr(name) = operator.value() else { break };
            let range = self.range(name);
            words.push((Arc::from(name.as_str()), self.span(range)));
        }
        let names: Vec<_> = words.iter().map(|(word, _)| Arc::clone(word)).collect();
        let (taken, mut target) = reference::resolve(&names);
        words.truncate(taken);
        let rest = operators.get(taken.saturating_sub(1)..).unwrap_or_default();
        if let Ok(Reference::Module { output, keyed, .. }) = &mut target {
            (*output, *keyed) = output_of(rest);
        }
        let span = match (words.first(), words.last()) {
            (Some(first), Some(last)) => first.1.to(last.1),
            _ => return None,
        };
        let kind = Kind::Reference(Arc::new(ReferenceNode { words, target }));
        self.steps(Expression { kind, span }, rest)
    }

    /// Applies the steps of a traversal to `source`.
    pub(super) fn steps(
        &mut self,
        source: Expression,
        operators: Operators<'_>,
    ) -> Option<Expression> {
        // Each step is a level of the tree, which even to drop takes stack for each.
        self.steps += operators.len();
        if self.steps > STEPS
            && let Some(last) = operators.last()
        {
            let detail = format!("More than {STEPS} steps are taken one after another here.");
            return self.too_deep(self.range(last.value()), detail);
        }
        self.each_step(source, operators)
    }

    fn each_step(&mut self, source: Expression, operators: Operators<'_>) -> Option<Expression> {
        let mut result = source;
        let mut rest = operators;
        while let Some((operator, after)) = rest.split_first() {
            rest = after;
            let range = self.range(operator.value());
            let end = self.span(range.clone());
            let kind = match operator.value() {
                tree::TraversalOperator::GetAttr(name) => {
                    self.check_name(name, &range);
                    Kind::Attribute(Arc::new((result.clone(), Arc::from(name.as_str()), end)))
                }
                tree::TraversalOperator::LegacyIndex(index) => {
                    let number = i64::try_from(*index.value()).ok()?;
                    let key = Expression::literal(Value::from(number), end);
                    Kind::Index(Arc::new((result.clone(), key)))
                }
                tree::TraversalOperator::Index(key) => {
                    let key = self.expression(key)?;
                    Kind::Index(Arc::new((result.clone(), key)))
                }
                tree::TraversalOperator::FullSplat(_) => {
                    let each = self.each_step(splat_item(end), rest)?;
                    rest = &[];
                    Kind::Splat(Arc::new(Splat { source: result.clone(), each }))
                }
                tree::TraversalOperator::AttrSplat(_) => {
                    let count = rest.iter().take_while(|next| is_plain(next.value())).count();
                    let (mine, after) = rest.split_at(count);
                    if let Some(tree::TraversalOperator::AttrSplat(_)) =
                        after.first().map(hcl::edit::Decorated::value)
                    {
                        self.refuse(range, "`.*` cannot follow `.*`; use `[*]` for the inner one.");
                        return None;
                    }
                    rest = after;
                    let each = self.each_step(splat_item(end), mine)?;
                    Kind::Splat(Arc::new(Splat { source: result.clone(), each }))
                }
            };
            let span = match &kind {
                Kind::Splat(splat) => result.span.to(splat.each.span),
                Kind::Index(_) => self.with_bracket(result.span.to(end)),
                _ => result.span.to(end),
            };
            result = Expression { kind, span };
        }
        Some(result)
    }

    /// Spans of indices end before the bracket.
    fn with_bracket(&self, span: Span) -> Span {
        let after = self.source.get(span.end as usize..).unwrap_or_default();
        let trimmed = after.trim_start();
        if trimmed.starts_with(']') {
            let end = span.end as usize + after.len() - trimmed.len() + 1;
            Span::new(span.file, span.start as usize, end)
        } else {
            span
        }
    }
}

/// The output that the steps behind `module.NAME` lead to, and whether a key comes before it.
fn output_of(steps: Operators<'_>) -> (Option<Arc<str>>, bool) {
    let mut steps = steps.iter().map(hcl::edit::Decorated::value).peekable();
    let keyed = steps.next_if(|step| !matches!(step, tree::TraversalOperator::GetAttr(_)));
    match steps.next() {
        Some(tree::TraversalOperator::GetAttr(name)) => {
            (Some(Arc::from(name.as_str())), keyed.is_some())
        }
        _ => (None, keyed.is_some()),
    }
}

fn splat_item(span: Span) -> Expression {
    Expression { kind: Kind::SplatItem, span }
}

fn is_plain(operator: &tree::TraversalOperator) -> bool {
    matches!(
        operator,
        tree::TraversalOperator::GetAttr(_) | tree::TraversalOperator::LegacyIndex(_)
    )
}
