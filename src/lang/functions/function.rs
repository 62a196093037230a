//! What a function is.

use crate::diag::Diagnostics;
use crate::syntax::Call;
use crate::text::Span;
use crate::value::{Type, Value};

use super::super::evaluator::{Evaluated, Inner};
use super::super::limits::{self, Budget, TooLarge};
use super::super::{Environment, Scope};

/// A function of the language.
#[derive(Debug)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// What it is good for, one sentence.
    pub description: &'static str,
    /// Parameters that must be given.
    pub parameters: &'static [Parameter],
    /// What any further arguments are.
    pub variadic: Option<Parameter>,
    /// Whether the result may be null.
    pub nullable: bool,
    pub(in crate::lang) result: fn(&[Value]) -> Result<Type, FunctionError>,
    pub(in crate::lang) call: Calling,
}

/// How a function comes to its result.
#[derive(Clone, Copy, Debug)]
pub(in crate::lang) enum Calling {
    /// From the values of its arguments.
    Values(fn(&Setting<'_>, &[Value]) -> Result<Value, FunctionError>),
    /// From the arguments as they are written: it decides itself which are evaluated.
    Expressions(fn(&Inner<'_>, &Function, &Call, Span) -> Evaluated),
}

/// A parameter of a function.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What arguments are converted to.
    pub expects: Expects,
    /// Takes null.
    pub null: bool,
    /// Takes unknown values; otherwise one makes the result unknown.
    pub unknown: bool,
    /// Takes marked values; otherwise marks are taken off and put on the result.
    pub marked: bool,
}

/// The type of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expects {
    /// Anything.
    Any,
    /// A bool.
    Bool,
    /// A number.
    Number,
    /// A string.
    String,
    /// A list of anything.
    List,
    /// A list of bools.
    Bools,
    /// A list of strings.
    Strings,
    /// A set of anything.
    Set,
    /// A map of lists of strings.
    StringLists,
}

impl Expects {
    /// The type as a value.
    pub fn ty(self) -> Type {
        match self {
            Self::Any => Type::Any,
            Self::Bool => Type::Bool,
            Self::Number => Type::Number,
            Self::String => Type::String,
            Self::List => Type::list(Type::Any),
            Self::Bools => Type::list(Type::Bool),
            Self::Strings => Type::list(Type::String),
            Self::Set => Type::set(Type::Any),
            Self::StringLists => Type::map(Type::list(Type::String)),
        }
    }
}

impl Parameter {
    /// A parameter that takes neither null nor unknown nor marked values.
    pub(super) const fn new(name: &'static str, expects: Expects) -> Self {
        Self { name, expects, null: false, unknown: false, marked: false }
    }

    pub(super) const fn or_null(self) -> Self {
        Self { null: true, ..self }
    }

    pub(super) const fn or_unknown(self) -> Self {
        Self { unknown: true, ..self }
    }

    pub(super) const fn with_marks(self) -> Self {
        Self { marked: true, ..self }
    }
}

/// Why a function has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionError {
    /// The argument to blame, by position.
    pub argument: Option<usize>,
    /// A phrase that fits after a colon.
    pub reason: String,
    /// Problems inside, such as those of a template, in place of the phrase.
    pub inner: Option<Diagnostics>,
}

impl FunctionError {
    pub(super) fn new(reason: impl Into<String>) -> Self {
        Self { argument: None, reason: reason.into(), inner: None }
    }

    pub(super) fn argument(index: usize, reason: impl Into<String>) -> Self {
        Self { argument: Some(index), reason: reason.into(), inner: None }
    }

    /// Blames an argument for a result that is too large to be made.
    pub(super) fn too_large(index: usize) -> Self {
        Self::argument(index, format!("the result is {}", limits::reason()))
    }

    pub(super) fn inner(problems: Diagnostics) -> Self {
        Self { argument: None, reason: String::new(), inner: Some(problems) }
    }
}

impl From<TooLarge> for FunctionError {
    fn from(_: TooLarge) -> Self {
        Self::new(format!("the result is {}", limits::reason()))
    }
}

/// What a function may look at besides its arguments.
pub(in crate::lang) struct Setting<'a> {
    pub(in crate::lang) scope: &'a dyn Scope,
    pub(in crate::lang) environment: Environment<'a>,
    /// Inside a template, which must not fill templates itself.
    pub(in crate::lang) in_template: bool,
    /// What the expression may cost.
    pub(in crate::lang) budget: &'a Budget,
}

pub(super) type Outcome = Result<Value, FunctionError>;

impl Function {
    /// The parameter for the argument at `index`.
    pub fn parameter(&self, index: usize) -> Option<&Parameter> {
        self.parameters.get(index).or(self.variadic.as_ref())
    }

    /// How it is called: `replace(text, part, with)`.
    pub fn signature(&self) -> String {
        let mut names: Vec<String> =
            self.parameters.iter().map(|parameter| parameter.name.to_owned()).collect();
        names.extend(self.variadic.map(|parameter| format!("{}...", parameter.name)));
        format!("{}({})", self.name, names.join(", "))
    }

    pub(super) const fn new(
        name: &'static str,
        parameters: &'static [Parameter],
        description: &'static str,
        result: fn(&[Value]) -> Result<Type, FunctionError>,
        call: fn(&Setting<'_>, &[Value]) -> Result<Value, FunctionError>,
    ) -> Self {
        let call = Calling::Values(call);
        Self { name, description, parameters, variadic: None, nullable: false, result, call }
    }

    pub(super) const fn lazy(
        name: &'static str,
        parameters: &'static [Parameter],
        description: &'static str,
        result: fn(&[Value]) -> Result<Type, FunctionError>,
        call: fn(&Inner<'_>, &Self, &Call, Span) -> Evaluated,
    ) -> Self {
        let call = Calling::Expressions(call);
        Self { name, description, parameters, variadic: None, nullable: false, result, call }
    }

    /// What its result is, of arguments about which only their types are known. Where one has no
    /// type yet, the call waits for it, unless the function is ready for that.
    pub fn result_type(&self) -> Type {
        let parameters = || self.parameters.iter().chain(&self.variadic);
        if parameters().any(|parameter| parameter.expects == Expects::Any && !parameter.unknown) {
            return Type::Any;
        }
        let unknown: Vec<_> =
            parameters().map(|parameter| Value::unknown(parameter.expects.ty())).collect();
        (self.result)(&unknown).unwrap_or(Type::Any)
    }

    pub(super) const fn variadic(self, parameter: Parameter) -> Self {
        Self { variadic: Some(parameter), ..self }
    }

    pub(super) const fn nullable(self) -> Self {
        Self { nullable: true, ..self }
    }
}

/// Results that are always of one type.
pub(super) mod gives {
    use super::{FunctionError, Type, Value};

    pub(in super::super) fn list(_: &[Value]) -> Result<Type, FunctionError> {
        Ok(Type::list(Type::Any))
    }

    pub(in super::super) fn set(_: &[Value]) -> Result<Type, FunctionError> {
        Ok(Type::set(Type::Any))
    }

    pub(in super::super) fn map(_: &[Value]) -> Result<Type, FunctionError> {
        Ok(Type::map(Type::Any))
    }

    pub(in super::super) fn string(_: &[Value]) -> Result<Type, FunctionError> {
        Ok(Type::String)
    }

    pub(in super::super) fn number(_: &[Value]) -> Result<Type, FunctionError> {
        Ok(Type::Number)
    }

    pub(in super::super) fn bool(_: &[Value]) -> Result<Type, FunctionError> {
        Ok(Type::Bool)
    }

    pub(in super::super) fn strings(_: &[Value]) -> Result<Type, FunctionError> {
        Ok(Type::list(Type::String))
    }

    pub(in super::super) fn numbers(_: &[Value]) -> Result<Type, FunctionError> {
        Ok(Type::list(Type::Number))
    }

    pub(in super::super) fn anything(_: &[Value]) -> Result<Type, FunctionError> {
        Ok(Type::Any)
    }

    /// The type of the first argument.
    pub(in super::super) fn same(arguments: &[Value]) -> Result<Type, FunctionError> {
        Ok(arguments.first().map_or(Type::Any, Value::ty))
    }
}

/// The text of an argument that is one.
pub(super) fn text(arguments: &[Value], index: usize) -> &str {
    arguments.get(index).and_then(Value::as_str).unwrap_or_default()
}

/// The integer of an argument that is one.
pub(super) fn integer(arguments: &[Value], index: usize) -> Result<i64, FunctionError> {
    arguments
        .get(index)
        .and_then(Value::as_number)
        .and_then(crate::value::Number::as_i64)
        .ok_or_else(|| FunctionError::argument(index, "a whole number is needed"))
}

/// The elements of an argument that has some.
pub(super) fn items(arguments: &[Value], index: usize) -> &[Value] {
    arguments.get(index).and_then(Value::elements).unwrap_or_default()
}
