//! From `hcl::edit`'s tree of one expression to ours.

use std::ops::Range;
use std::sync::Arc;

use hcl::edit::expr as tree;

use crate::diag::{Diagnostic, Diagnostics, code};
use crate::text::{FileId, Names, Span};
use crate::value::{Data, Number, Value};

use super::brackets::Cut;
use super::expression::{BinaryOperator, Call, Conditional, For};
use super::json::Origin;
use super::lexer::{Lexer, Problem, TokenKind};
use super::prepare::{Place, Preparation, Prepared};
use super::refusal::{possible, shortened};
use super::{Expression, Kind, UnaryOperator, template};

/// Levels of one expression with all that is nested in its strings, at most so many: evaluating
/// takes stack for each. `hcl::edit` alone lets 64 brackets and 128 operators pass.
pub(super) const DEPTH: usize = 320;

/// Reads expressions of one text, knowing which names are bound around them.
pub(super) struct Lowering<'s, 'd> {
    pub(super) file: FileId,
    pub(super) source: &'s str,
    pub(super) diagnostics: &'d mut Diagnostics,
    /// What was named lately.
    pub(super) names: Names,
    /// Names that surrounding `for`s bind, innermost last.
    pub(super) bound: Vec<Arc<str>>,
    /// How many names were bound before each open `%{ for }`.
    pub(super) directives: Vec<usize>,
    pub(super) depth: usize,
    /// The most steps on one way through what was lowered last and what stands beside it.
    pub(super) steps: usize,
    /// Where the text that is being lowered starts in the source.
    base: usize,
    /// What was cut out of that text and is still to be read, the next one last.
    cuts: Vec<Cut>,
    /// Where the source stands in its file, if it is but a part of it.
    pub(super) origin: Option<&'s Origin>,
}

impl<'s, 'd> Lowering<'s, 'd> {
    pub(super) fn new(file: FileId, source: &'s str, diagnostics: &'d mut Diagnostics) -> Self {
        Self {
            file,
            source,
            diagnostics,
            names: Names::default(),
            bound: Vec::new(),
            directives: Vec::new(),
            depth: 0,
            steps: 0,
            base: 0,
            cuts: Vec::new(),
            origin: None,
        }
    }

    /// Takes one expression from `lexer`; reports what is wrong with it.
    pub(super) fn take(&mut self, lexer: &mut Lexer<'s>, place: Place) -> Option<Expression> {
        match Preparation::new(lexer, self.source, place).run() {
            Ok(prepared) => self.read(prepared),
            Err(problems) => {
                self.report(problems);
                None
            }
        }
    }

    pub(super) fn report(&mut self, problems: Vec<Problem>) {
        for problem in problems {
            let code = if problem.limit { code::SYNTAX_LIMIT } else { code::SYNTAX };
            let span = self.span(problem.start..problem.end);
            self.diagnostics.push(Diagnostic::error(code, shortened(problem.detail)).at(span));
        }
    }

    pub(super) fn refuse(&mut self, range: Range<usize>, detail: impl Into<String>) {
        let span = self.span(range);
        self.diagnostics.push(Diagnostic::error(code::SYNTAX, shortened(detail.into())).at(span));
    }

    pub(super) fn span(&self, range: Range<usize>) -> Span {
        match self.origin {
            None => Span::new(self.file, range.start, range.end),
            Some(origin) => {
                Span::new(self.file, origin.place(range.start), origin.place(range.end))
            }
        }
    }

    /// Reads prepared text.
    pub(super) fn read(&mut self, mut prepared: Prepared) -> Option<Expression> {
        if prepared.is_one_cut()
            && let Some(cut) = prepared.cuts.pop()
        {
            return self.deeper(prepared.start..prepared.end, |lowering| lowering.cut(cut));
        }
        // Texts and numbers are read from the source in any case, and are most of what there is.
        let range = prepared.start..prepared.end;
        match prepared.single() {
            Some(TokenKind::Quoted | TokenKind::Heredoc) => {
                return template::read_string(self, range);
            }
            Some(TokenKind::Number) => {
                let kind = self.number(&range)?;
                return Some(Expression { kind, span: self.span(range) });
            }
            _ => {}
        }
        if let Some(words) = self.path(range.clone()) {
            return self.deeper(range.clone(), |lowering| lowering.plain_path(words, range));
        }
        match prepared.text(self.source).parse::<tree::Expression>() {
            Ok(parsed) => {
                let base = std::mem::replace(&mut self.base, prepared.start);
                prepared.cuts.reverse();
                let cuts = std::mem::replace(&mut self.cuts, prepared.cuts);
                let lowered = self.expression(&parsed);
                self.base = base;
                self.cuts = cuts;
                lowered
            }
            Err(error) => {
                self.refused_by_parser(&prepared, &error);
                None
            }
        }
    }

    fn refused_by_parser(&mut self, prepared: &Prepared, error: &hcl::edit::parser::Error) {
        let message = error.message();
        let text = prepared.text(self.source);
        // The parser's place never lies behind its text, so it is asked about a longer one.
        let longer = format!("{text}\u{1}").parse::<tree::Expression>();
        let offset = longer.err().map_or(0, |error| error.location().offset()).min(text.len());
        let blanks = text
            .get(offset..)
            .map_or(0, |rest| rest.len() - rest.trim_start_matches([' ', '\t']).len());
        let start = prepared.start + offset + blanks;
        let mut lexer = Lexer::new(self.source, start, prepared.end);
        let token = lexer.next();
        let span = self.span(token.start..token.end);
        let diagnostic = if message.contains("nested levels") {
            Diagnostic::error(
                code::SYNTAX_LIMIT,
                "This expression is nested more than 64 levels deep, which is as deep as \
                 expressions may go.",
            )
            .help("give inner parts names of their own in a `locals` block")
        } else if message.contains("chained binary operators") {
            Diagnostic::error(
                code::SYNTAX_LIMIT,
                "More than 128 operators are chained in one expression, which is as long as a \
                 chain may be.",
            )
            .help("give parts of it names of their own in a `locals` block, or use `sum` or `join`")
        } else {
            let expected = possible(message);
            let detail = match lexer.text(token) {
                "" | "\n" | "\r\n" => format!("The expression ends too early.{expected}"),
                word => format!("The expression cannot go on with `{word}` here.{expected}"),
            };
            Diagnostic::error(code::SYNTAX, detail)
        };
        self.diagnostics.push(diagnostic.at(span));
    }

    pub(super) fn range(&self, node: &impl hcl::edit::Span) -> Range<usize> {
        let range = node.span().unwrap_or_default();
        self.base + range.start..self.base + range.end
    }

    pub(super) fn text(&self, range: &Range<usize>) -> &'s str {
        self.source.get(range.clone()).unwrap_or_default()
    }

    pub(super) fn expression(&mut self, node: &tree::Expression) -> Option<Expression> {
        self.deeper(self.range(node), |lowering| lowering.node(node))
    }

    /// Goes one level deeper, unless that is too deep.
    fn deeper(
        &mut self,
        range: Range<usize>,
        work: impl FnOnce(&mut Self) -> Option<Expression>,
    ) -> Option<Expression> {
        if self.depth >= DEPTH {
            let detail = format!(
                "This expression is nested more than {DEPTH} levels deep, its strings included."
            );
            return self.too_deep(range, detail);
        }
        let beside = std::mem::take(&mut self.steps);
        self.depth += 1;
        let lowered = work(self);
        self.depth -= 1;
        self.steps = beside.max(self.steps);
        lowered
    }

    pub(super) fn too_deep(&mut self, range: Range<usize>, detail: String) -> Option<Expression> {
        let span = self.span(range);
        self.diagnostics.push(Diagnostic::error(code::SYNTAX_LIMIT, detail).at(span));
        None
    }

    fn node(&mut self, node: &tree::Expression) -> Option<Expression> {
        let range = self.range(node);
        let span = self.span(range.clone());
        let kind = match node {
            tree::Expression::Null(_) => Kind::Literal(Value::NULL),
            tree::Expression::Bool(truth) => Kind::Literal(Value::bool(*truth.value())),
            tree::Expression::Number(_) => self.number(&range)?,
            tree::Expression::String(_) => {
                return match self.take_cut(range.start) {
                    Some(cut) => self.cut(cut),
                    None => template::read_string(self, range),
                };
            }
            tree::Expression::StringTemplate(_) | tree::Expression::HeredocTemplate(_) => {
                self.refuse(range, "This text cannot be read.");
                return None;
            }
            // Those that are not empty are cut out before.
            tree::Expression::Array(_) => Kind::Tuple(Arc::new([])),
            tree::Expression::Object(_) => Kind::Object(Arc::new([])),
            tree::Expression::Parenthesis(inner) => {
                Kind::Parenthesis(Arc::new(self.expression(inner.inner())?))
            }
            tree::Expression::Variable(name) => return self.traversal(node, name, &[]),
            tree::Expression::Traversal(traversal) => match &traversal.expr {
                root @ tree::Expression::Variable(name) => {
                    return self.traversal(root, name, &traversal.operators);
                }
                source => {
                    let source = self.expression(source)?;
                    return self.steps(source, &traversal.operators);
                }
            },
            tree::Expression::Conditional(parts) => {
                let condition = self.expression(&parts.cond_expr);
                let then = self.expression(&parts.true_expr);
                let otherwise = self.expression(&parts.false_expr);
                Kind::Conditional(Arc::new(Conditional {
                    condition: condition?,
                    then: then?,
                    otherwise: otherwise?,
                }))
            }
            tree::Expression::FuncCall(call) => self.call(call)?,
            tree::Expression::UnaryOp(operation) => {
                let operator = match operation.operator.value() {
                    tree::UnaryOperator::Neg => UnaryOperator::Negate,
                    tree::UnaryOperator::Not => UnaryOperator::Not,
                };
                Kind::Unary(operator, Arc::new(self.expression(&operation.expr)?))
            }
            tree::Expression::BinaryOp(operation) => {
                let left = self.expression(&operation.lhs_expr);
                let right = self.expression(&operation.rhs_expr);
                Kind::Binary(binary(*operation.operator.value()), Arc::new((left?, right?)))
            }
            tree::Expression::ForExpr(expression) => self.for_expression(expression)?,
        };
        Some(Expression { kind, span })
    }

    fn number(&mut self, range: &Range<usize>) -> Option<Kind> {
        let text = self.text(range);
        let digits = text.trim_start_matches(['-', ' ', '\t']);
        let number = digits.split_whitespace().next_back().unwrap_or(digits).parse::<Number>();
        match number {
            Ok(number) if text.starts_with('-') => {
                Some(Kind::Literal(Value::number(number.negate())))
            }
            Ok(number) => Some(Kind::Literal(Value::number(number))),
            Err(_) => {
                self.refuse(range.clone(), format!("`{text}` is not a number that can be held."));
                None
            }
        }
    }

    /// What was cut out at this place, if anything was.
    fn take_cut(&mut self, start: usize) -> Option<Cut> {
        let place = self.cuts.iter().rposition(|cut| cut.start == start)?;
        Some(self.cuts.remove(place))
    }

    /// A bare word as the text it stands for.
    pub(super) fn word(&mut self, range: &Range<usize>) -> Value {
        let text = self.text(range);
        if text.is_ascii() {
            Data::String(self.names.get(text)).into()
        } else {
            Value::string(text)
        }
    }

    pub(super) fn check_name(&mut self, name: &str, range: &Range<usize>) {
        if name.contains(['\u{200c}', '\u{200d}']) {
            self.refuse(range.clone(), "A name may not hold invisible joining characters.");
        }
    }

    fn call(&mut self, call: &tree::FuncCall) -> Option<Kind> {
        let last = self.range(&call.name.name);
        let first = call.name.namespace.first().map_or(last.clone(), |name| self.range(name));
        let mut name = String::new();
        for part in &call.name.namespace {
            name.push_str(part.as_str());
            name.push_str("::");
        }
        name.push_str(call.name.name.as_str());
        let arguments: Vec<_> = call.args.iter().map(|part| self.expression(part)).collect();
        Some(Kind::Call(Arc::new(Call {
            name: self.names.get(&name),
            name_span: self.span(first.start..last.end),
            arguments: all(arguments)?,
            expand: call.args.expand_final(),
        })))
    }

    fn for_expression(&mut self, node: &tree::ForExpr) -> Option<Kind> {
        let collection = self.expression(&node.intro.collection_expr);
        let key_name: Option<Arc<str>> =
            node.intro.key_var.as_ref().map(|name| Arc::from(name.as_str()));
        let value_name: Arc<str> = Arc::from(node.intro.value_var.as_str());
        let outer = self.bound.len();
        self.bound.extend(key_name.clone());
        self.bound.push(Arc::clone(&value_name));
        let key = node.key_expr.as_ref().map(|key| self.expression(key));
        let value = self.expression(&node.value_expr);
        let condition = node.cond.as_ref().map(|cond| self.expression(&cond.expr));
        self.bound.truncate(outer);
        if node.grouping && node.key_expr.is_none() {
            return None;
        }
        Some(Kind::For(Arc::new(For {
            key_name,
            value_name,
            collection: collection?,
            key: transpose(key)?,
            value: value?,
            condition: transpose(condition)?,
            grouping: node.grouping,
        })))
    }
}

/// All of them, or `None` where one could not be read.
pub(super) fn all<T>(parts: Vec<Option<T>>) -> Option<Box<[T]>> {
    // Collecting what is optional in place would keep the room of the larger parts.
    let mut whole = Vec::with_capacity(parts.len());
    for part in parts {
        whole.push(part?);
    }
    Some(whole.into())
}

/// Outer `None`: a part could not be read.
#[expect(clippy::option_option, reason = "a part that is not there is not one that is broken")]
fn transpose(part: Option<Option<Expression>>) -> Option<Option<Expression>> {
    match part {
        Some(read) => read.map(Some),
        None => Some(None),
    }
}

fn binary(operator: tree::BinaryOperator) -> BinaryOperator {
    match operator {
        tree::BinaryOperator::Eq => BinaryOperator::Equal,
        tree::BinaryOperator::NotEq => BinaryOperator::NotEqual,
        tree::BinaryOperator::Less => BinaryOperator::Less,
        tree::BinaryOperator::LessEq => BinaryOperator::LessOrEqual,
        tree::BinaryOperator::Greater => BinaryOperator::Greater,
        tree::BinaryOperator::GreaterEq => BinaryOperator::GreaterOrEqual,
        tree::BinaryOperator::Plus => BinaryOperator::Add,
        tree::BinaryOperator::Minus => BinaryOperator::Subtract,
        tree::BinaryOperator::Mul => BinaryOperator::Multiply,
        tree::BinaryOperator::Div => BinaryOperator::Divide,
        tree::BinaryOperator::Mod => BinaryOperator::Remainder,
        tree::BinaryOperator::And => BinaryOperator::And,
        tree::BinaryOperator::Or => BinaryOperator::Or,
    }
}
