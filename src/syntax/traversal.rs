//! From the tree of a traversal, such as `a.b[0].c`, to ours.

use std::ops::Range;
use std::sync::Arc;

use hcl::edit::Ident;
use hcl::edit::expr as tree;

use crate::addr::Reference;
use crate::text::Span;
use crate::value::Value;

use super::expression::{ReferenceNode, Splat};
use super::lower::Lowering;
use super::reference::{self, KEYWORDS};
use super::{Expression, Kind};

/// Steps of traversals inside each other, such as `.name` and `[0]`, at most so many.
const STEPS: usize = 256;

type Operators<'t> = &'t [hcl::edit::Decorated<tree::TraversalOperator>];

/// The words of a path with their places.
type Words = Vec<(Arc<str>, Span)>;

impl Lowering<'_, '_> {
    /// The words of the source at `range`, where it is nothing but names with dots between them. That
    /// is what most expressions are, and there is nothing about them to find out.
    pub(super) fn path(&mut self, range: Range<usize>) -> Option<Words> {
        let mut words = Words::new();
        let mut start = range.start;
        for word in self.text(&range).as_bytes().split(|byte| *byte == b'.') {
            let (first, rest) = word.split_first()?;
            let is_name = (first.is_ascii_alphabetic() || *first == b'_')
                && rest.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(byte));
            let place = start..start + word.len();
            let text = self.text(&place);
            if !is_name || words.is_empty() && KEYWORDS.contains(&text) {
                return None;
            }
            start += word.len() + 1;
            words.push((self.names.get(text), self.span(place)));
        }
        Some(words)
    }

    /// Reads what [`Self::path`] found.
    pub(super) fn plain_path(&mut self, words: Words, range: Range<usize>) -> Option<Expression> {
        let first = |rest: &Words| (rest.first().map(|(word, _)| Arc::clone(word)), false);
        let (mut result, rest) = self.root(words, first)?;
        let last = range.end - rest.last().map_or(0, |(word, _)| word.len());
        self.count_steps(rest.len(), last..range.end)?;
        for (word, span) in rest {
            let whole = result.span.to(span);
            let access = Arc::new((result, word, span));
            result = Expression { kind: Kind::Attribute(access), span: whole };
        }
        Some(result)
    }

    pub(super) fn traversal(
        &mut self,
        node: &tree::Expression,
        name: &Ident,
        operators: Operators<'_>,
    ) -> Option<Expression> {
        let root = self.range(node);
        self.check_name(name, &root);
        let mut words = vec![(self.names.get(name), self.span(root))];
        for operator in operators {
            let tree::TraversalOperator::GetAttr(name) = operator.value() else { break };
            let range = self.range(name);
            words.push((self.names.get(name), self.span(range)));
        }
        let all = words.len();
        let steps = |rest: &Words| operators.get(all - rest.len() - 1..).unwrap_or_default();
        let (result, rest) = self.root(words, |rest| output_of(steps(rest)))?;
        self.steps(result, steps(&rest))
    }

    /// What the first of these words stand for, and the words behind them. `output` tells what is
    /// taken of a module.
    fn root(
        &mut self,
        mut words: Words,
        output: impl FnOnce(&Words) -> (Option<Arc<str>>, bool),
    ) -> Option<(Expression, Words)> {
        let (root, span) = words.first()?;
        if self.bound.contains(root) {
            let variable = Expression { kind: Kind::Variable(Arc::clone(root)), span: *span };
            return Some((variable, words.split_off(1)));
        }
        let names: Vec<_> = words.iter().map(|(word, _)| word).collect();
        let (taken, mut target) = reference::resolve(&names);
        let rest = words.split_off(taken);
        if let Ok(Reference::Module { output: wanted, keyed, .. }) = &mut target {
            (*wanted, *keyed) = output(&rest);
        }
        let span = words.first()?.1.to(words.last()?.1);
        let node = ReferenceNode { words: words.into(), target };
        Some((Expression { kind: Kind::Reference(Arc::new(node)), span }, rest))
    }

    /// Applies the steps of a traversal to `source`.
    pub(super) fn steps(
        &mut self,
        source: Expression,
        operators: Operators<'_>,
    ) -> Option<Expression> {
        if let Some(last) = operators.last() {
            let last = self.range(last.value());
            self.count_steps(operators.len(), last)?;
        }
        self.each_step(source, operators)
    }

    /// Each step is a level of the tree, which even to drop takes stack for each.
    fn count_steps(&mut self, steps: usize, last: Range<usize>) -> Option<()> {
        self.steps += steps;
        if steps > 0 && self.steps > STEPS {
            let detail = format!("More than {STEPS} steps are taken one after another here.");
            self.too_deep(last, detail)?;
        }
        Some(())
    }

    fn each_step(&mut self, source: Expression, operators: Operators<'_>) -> Option<Expression> {
        let mut result = source;
        let mut rest = operators;
        while let Some((operator, after)) = rest.split_first() {
            rest = after;
            let range = self.range(operator.value());
            let (before, end) = (result.span, self.span(range.clone()));
            let kind = match operator.value() {
                tree::TraversalOperator::GetAttr(name) => {
                    self.check_name(name, &range);
                    Kind::Attribute(Arc::new((result, self.names.get(name), end)))
                }
                tree::TraversalOperator::LegacyIndex(index) => {
                    let number = i64::try_from(*index.value()).ok()?;
                    let key = Expression::literal(Value::from(number), end);
                    Kind::Index(Arc::new((result, key)))
                }
                tree::TraversalOperator::Index(key) => {
                    let key = self.expression(key)?;
                    Kind::Index(Arc::new((result, key)))
                }
                tree::TraversalOperator::FullSplat(_) => {
                    let each = self.each_step(splat_item(end), rest)?;
                    rest = &[];
                    Kind::Splat(Arc::new(Splat { source: result, each }))
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
                    Kind::Splat(Arc::new(Splat { source: result, each }))
                }
            };
            let span = match &kind {
                Kind::Splat(splat) => before.to(splat.each.span),
                Kind::Index(_) => self.with_bracket(before.to(end)),
                _ => before.to(end),
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
