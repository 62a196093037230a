//! The compact form of an expression.

use std::sync::Arc;

use crate::addr::Reference;
use crate::text::Span;
use crate::value::{Key, Value};

/// An expression as the evaluator reads it. Cloning one is cheap at any size.
#[derive(Clone, Debug)]
pub struct Expression {
    pub(super) kind: Kind,
    pub(super) span: Span,
}

/// What an expression is.
#[derive(Clone, Debug)]
pub enum Kind {
    /// A value that stands in the text.
    Literal(Value),
    /// The value a surrounding `for` has bound to this name.
    Variable(Arc<str>),
    /// A reference, or words that try to be one.
    Reference(Arc<ReferenceNode>),
    /// `object.name`.
    Attribute(Arc<(Expression, Key, Span)>),
    /// `collection[key]`, and the old form `collection.0`.
    Index(Arc<(Expression, Expression)>),
    /// `list[*].…` or `list.*.…`.
    Splat(Arc<Splat>),
    /// The element at hand inside the steps of a splat.
    SplatItem,
    /// `( … )`.
    Parenthesis(Arc<Expression>),
    /// A text with sequences in it.
    Template(Arc<[TemplatePart]>),
    /// `[ … ]`.
    Tuple(Arc<[Expression]>),
    /// `{ … }`.
    Object(Arc<[ObjectItem]>),
    /// A function call.
    Call(Arc<Call>),
    /// `!x`, `-x`.
    Unary(UnaryOperator, Arc<Expression>),
    /// `x + y` and so on.
    Binary(BinaryOperator, Arc<(Expression, Expression)>),
    /// `x ? y : z`.
    Conditional(Arc<Conditional>),
    /// `[for …]`, `{for …}`.
    For(Arc<For>),
}

/// The words at the start of a traversal and what they stand for.
#[derive(Clone, Debug)]
pub struct ReferenceNode {
    /// The words, each with its place: `var`, `name`.
    pub words: Box<[(Arc<str>, Span)]>,
    /// What they refer to, or why they refer to nothing.
    pub target: Result<Reference, String>,
}

/// A splat and what is taken of every element.
#[derive(Clone, Debug)]
pub struct Splat {
    /// What is taken apart.
    pub source: Expression,
    /// What is done to each element, on top of [`Kind::SplatItem`].
    pub each: Expression,
}

/// A part of a template.
#[derive(Clone, Debug)]
pub enum TemplatePart {
    /// Text as it is.
    Literal(Arc<str>),
    /// `${ … }`.
    Interpolation(Expression),
    /// `%{ … }`.
    Directive(Arc<Directive>),
}

/// A directive with the text it governs.
#[derive(Clone, Debug)]
pub enum Directive {
    /// `%{ if … }`.
    If {
        /// What decides.
        condition: Expression,
        /// Where it holds.
        then: Arc<[TemplatePart]>,
        /// Where it does not.
        otherwise: Arc<[TemplatePart]>,
    },
    /// `%{ for … }`.
    For {
        /// Name for the key.
        key: Option<Arc<str>>,
        /// Name for the value.
        value: Arc<str>,
        /// What is gone through.
        collection: Expression,
        /// The text for each element.
        body: Arc<[TemplatePart]>,
    },
}

/// One item of an object.
#[derive(Clone, Debug)]
pub struct ObjectItem {
    /// The key; a bare word is a literal text already.
    pub key: Expression,
    /// The value.
    pub value: Expression,
}

/// A function call.
#[derive(Clone, Debug)]
pub struct Call {
    /// The function, with its namespaces.
    pub name: Arc<str>,
    /// Where the name stands.
    pub name_span: Span,
    /// The arguments.
    pub arguments: Box<[Expression]>,
    /// The last argument is a list of arguments (`...`).
    pub expand: bool,
}

/// A conditional.
#[derive(Clone, Debug)]
pub struct Conditional {
    /// What decides.
    pub condition: Expression,
    /// Where it holds.
    pub then: Expression,
    /// Where it does not.
    pub otherwise: Expression,
}

/// A `for` expression.
#[derive(Clone, Debug)]
pub struct For {
    /// Name for the key or position.
    pub key_name: Option<Arc<str>>,
    /// Name for the value.
    pub value_name: Arc<str>,
    /// What is gone through.
    pub collection: Expression,
    /// The key of each result; present in `{for …}` only.
    pub key: Option<Expression>,
    /// The value of each result.
    pub value: Expression,
    /// Which elements count.
    pub condition: Option<Expression>,
    /// Values of equal keys are gathered (`...`).
    pub grouping: bool,
}

/// An operator before its operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOperator {
    /// `!`.
    Not,
    /// `-`.
    Negate,
}

/// An operator between its operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOperator {
    /// `==`.
    Equal,
    /// `!=`.
    NotEqual,
    /// `<`.
    Less,
    /// `<=`.
    LessOrEqual,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterOrEqual,
    /// `+`.
    Add,
    /// `-`.
    Subtract,
    /// `*`.
    Multiply,
    /// `/`.
    Divide,
    /// `%`.
    Remainder,
    /// `&&`.
    And,
    /// `||`.
    Or,
}

impl BinaryOperator {
    /// The operator as it is written.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
            Self::And => "&&",
            Self::Or => "||",
        }
    }
}

impl Expression {
    /// An expression made of its parts, for callers that build some themselves.
    pub fn new(kind: Kind, span: Span) -> Self {
        Self { kind, span }
    }

    /// A value as an expression.
    pub fn literal(value: Value, span: Span) -> Self {
        Self { kind: Kind::Literal(value), span }
    }

    /// Where it stands.
    pub fn span(&self) -> Span {
        self.span
    }

    /// What it is.
    pub fn kind(&self) -> &Kind {
        &self.kind
    }
}
